"""Licence types, as their defining bodies laid them down."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.ids import LicenceNumber, TypeCode
from core.text import Text
from registry.model import Reason
from registry.types.cleaning import clean_code
from registry.types.fields import FieldKind, FieldRule
from registry.types.numbering import NumberKind, NumberRule
from registry.types.rows import BadValueError
from registry.types.validity import ValidityRule
from signing.face import FaceDesign


class HolderLicences(StrEnum):
    """How many licences of a type one holder may have in force."""

    ONE = "one"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class HolderRule:
    """Which fields name the holder (持证主体)."""

    name: str
    code: str
    licences: HolderLicences = HolderLicences.ONE
    """How many of the type one holder may have in force."""
    told_apart_by: tuple[str, ...] = ()
    """With `many`: keys of the fields (or `number`) that make a licence one of its kind."""


@dataclass(frozen=True, slots=True)
class IndustryReason:
    """A reason as the type's own code list has it; lists differ from type to type."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class LicenceType:
    """One kind of licence, as its defining body laid it down."""

    code: TypeCode
    """The defining body's USCC and 3 digits (GB/T 36904)."""
    slug: str
    """Short name for commands: `food-operation`."""
    name: Text
    fields: Mapping[str, FieldRule]
    """By key, in the order of the official face."""
    number_label: Text
    number: NumberRule
    number_holds_holder_code: bool
    """The number contains the holder's code: it is masked in public, and not searched by."""
    validity: ValidityRule
    design: FaceDesign
    holder: HolderRule
    reasons: Mapping[Reason, IndustryReason]
    columns: Mapping[str, str]
    """What a column may be headed, label or key, to its key; in the order of the face."""
    source: str
    """The TOML text that it was read from."""

    @property
    def photo_field(self) -> FieldRule | None:
        """The field that holds the portrait, if the type has one."""
        return next((r for r in self.fields.values() if r.kind is FieldKind.PHOTO), None)

    def label_of(self, key: str) -> str:
        """Return the Chinese label of a column's key; the key itself if it is none of ours."""
        return next((label for label, known in self.columns.items() if known == key), key)

    def assign_number(self, data: Mapping[str, str], sequence: int) -> LicenceNumber:
        """Return the number for `data`; `sequence` is taken from `number_scope` (from 1 on).

        Raises `NumbersExhaustedError`. Only for types whose numbers are assigned.
        """
        assert self.number.kind is NumberKind.ASSIGNED
        return self.number.write(self.fields, data, sequence)

    def number_scope(self, data: Mapping[str, str]) -> str:
        """Return the counter that the sequence comes from; empty where none counts."""
        return self.number.write_scope(self.fields, data)

    def matches_number(self, text: str) -> bool:
        """Tell whether `text` looks like a number of this type."""
        return self.number.shape.fullmatch(_code(text)) is not None

    def has_slip(self, text: str) -> bool:
        """Tell whether `text` looks like a number of this type but for its check digit."""
        return self.number.has_slip(self.fields, _code(text))


def _code(text: str) -> str:
    try:
        return clean_code(text)
    except BadValueError:  # characters that no number has
        return ""
