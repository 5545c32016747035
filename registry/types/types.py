"""Licence types, as the rest of the house uses them: read from TOML, then frozen."""

from registry.types import schema as type_schema
from registry.types.licence_type import HolderRule, IndustryReason, LicenceType
from registry.types.rows import FieldProblem, RowProblems
from registry.types.schema import BadTypeError

__all__ = [
    "BadTypeError",
    "FieldProblem",
    "HolderRule",
    "IndustryReason",
    "LicenceType",
    "RowProblems",
    "parse_type",
]


def parse_type(toml_text: str) -> LicenceType:
    """Read a licence type from TOML. Raises `BadTypeError` naming each key and its remedy."""
    return type_schema.build(toml_text)
