"""SCIM filters (RFC 7644 3.4.2.2) as conditions in SQL, within limits."""

from typing import Any, Final

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import CompareOperator, LogicalExpr, LogicalOperator, Not, Present
from scim2_models.path import Comparison as Compared
from sqlalchemy import ColumnElement

from core.errors import UsageError
from registry.desk.providers.person_filter import (
    Operator,
    PersonAttribute,
    PersonComparison,
    all_of,
    any_of,
    condition_of,
    none_of,
)

MAX_CHARACTERS: Final = 1000
"""Counted before it is parsed."""
MAX_DEPTH: Final = 20
"""Brackets within each other, counted before it is parsed."""
MAX_TERMS: Final = 20
_ATTRIBUTES: Final = {
    "id": PersonAttribute.ID,
    "user_name": PersonAttribute.USER_NAME,
    "external_id": PersonAttribute.EXTERNAL_ID,
    "active": PersonAttribute.ACTIVE,
}
_OPERATORS: Final = {
    CompareOperator.eq: Operator.EQ,
    CompareOperator.ne: Operator.NE,
    CompareOperator.co: Operator.CO,
    CompareOperator.sw: Operator.SW,
    CompareOperator.ew: Operator.EW,
}


def refuse_monster(text: str) -> None:
    """Raise `InvalidFilterException` for a filter that is not worth parsing."""
    depth = deepest = 0
    for one in text[: MAX_CHARACTERS + 1]:
        depth += (one in "([") - (one in ")]")
        deepest = max(deepest, depth)
    if len(text) > MAX_CHARACTERS or deepest > MAX_DEPTH:
        raise InvalidFilterException(detail="the filter is too long")


def condition_from(asked: ScimFilter[Any]) -> ColumnElement[bool]:
    """Return a filter in SQL. Raises `InvalidFilterException` for what is not supported."""
    translator = _Translator(asked)
    try:
        return translator.condition(asked.ast)
    except UsageError as error:
        raise InvalidFilterException(detail=error.text.en) from error


class _Translator:
    def __init__(self, asked: ScimFilter[Any]) -> None:
        self._asked = asked
        self._terms = 0

    def condition(self, node: object) -> ColumnElement[bool]:
        self._terms += 1
        if self._terms > 2 * MAX_TERMS:
            raise InvalidFilterException(detail=f"more than {MAX_TERMS} conditions")
        match node:
            case LogicalExpr(op=operator, terms=terms):
                if len(terms) > MAX_TERMS:
                    raise InvalidFilterException(detail=f"more than {MAX_TERMS} conditions")
                parts = [self.condition(one) for one in terms]
                return all_of(parts) if operator is LogicalOperator.and_ else any_of(parts)
            case Not(expr=inner):
                return none_of(self.condition(inner))
            case Present():
                return condition_of(PersonComparison(self._attribute(node), Operator.PR))
            case Compared(op=operator, value=value) if operator in _OPERATORS:
                asked = PersonComparison(self._attribute(node), _OPERATORS[operator], value)
                return condition_of(asked)
            case _:
                raise InvalidFilterException(detail="that comparison is not supported")

    def _attribute(self, node: Present | Compared) -> PersonAttribute:
        binding = self._asked.resolve_comparison(node.attr_path)
        name = None if binding is None or binding.sub_field_name else binding.field_name
        if name not in _ATTRIBUTES:
            raise InvalidFilterException(detail=f"no filter by {node.attr_path}")
        return _ATTRIBUTES[name]
