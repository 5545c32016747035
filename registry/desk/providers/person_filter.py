"""Conditions on people whom a provider recorded, as SCIM filters state them, in SQL.

Values are bound, never written into a statement. LIKE is not used: in one engine it knows no case,
and wildcards in a value must be characters like others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true

from core.errors import UsageError
from registry.db.tables import provisioned
from registry.desk.providers import messages
from registry.desk.providers.provisioning import ACTIVE


class PersonAttribute(StrEnum):
    """PersonAttribute that may be asked for."""

    ID = "id"
    USER_NAME = "username"
    EXTERNAL_ID = "externalid"
    ACTIVE = "active"


class Operator(StrEnum):
    """PersonComparison (RFC 7644 3.4.2.2); order means nothing for names."""

    EQ = "eq"
    NE = "ne"
    CO = "co"
    SW = "sw"
    EW = "ew"
    PR = "pr"


@dataclass(frozen=True, slots=True)
class PersonComparison:
    """An attribute compared with a value; with PR, the value counts for nothing."""

    attribute: PersonAttribute
    operator: Operator
    value: str | bool | None = None


def all_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that all of some hold."""
    return and_(true(), *parts)


def any_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that any of some holds."""
    return or_(false(), *parts)


def none_of(part: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that one does not hold; it is never unknown."""
    return not_(part)


def condition_of(asked: PersonComparison) -> ColumnElement[bool]:
    """Return a comparison in SQL. Raises `UsageError` for one that cannot be meant."""
    match asked.attribute:
        case PersonAttribute.ACTIVE:
            return _active(asked)
        case PersonAttribute.ID:
            return _text(asked, provisioned.c.identity_id)
        case PersonAttribute.EXTERNAL_ID:  # caseExact (RFC 7643 3.1)
            return _text(asked, provisioned.c.external_id)
        case PersonAttribute.USER_NAME:
            value = asked.value.casefold() if isinstance(asked.value, str) else asked.value
            folded = PersonComparison(asked.attribute, asked.operator, value)
            return _text(folded, provisioned.c.user_key)


def _active(asked: PersonComparison) -> ColumnElement[bool]:
    if asked.operator is Operator.PR:
        return true()
    if asked.operator not in {Operator.EQ, Operator.NE} or not isinstance(asked.value, bool):
        raise UsageError(messages.FILTER_UNUSABLE)
    return ACTIVE if asked.value is (asked.operator is Operator.EQ) else not_(ACTIVE)


def _text(asked: PersonComparison, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Compare text; an attribute without a value differs from every value (RFC 7644 3.4.2.2)."""
    there = column.is_not(None)
    if asked.operator is Operator.PR:
        return there
    value = asked.value
    if value is None and asked.operator in {Operator.EQ, Operator.NE}:
        return not_(there) if asked.operator is Operator.EQ else there
    if not isinstance(value, str) or not value or "\x00" in value:
        raise UsageError(messages.FILTER_UNUSABLE)
    match asked.operator:
        case Operator.EQ:
            return and_(there, column == value)
        case Operator.NE:
            return or_(not_(there), column != value)
        case Operator.CO:
            found = func.replace(column, value, "") != column
        case Operator.SW:
            found = func.substr(column, 1, len(value)) == value
        case Operator.EW:
            last = func.substr(column, func.length(column) - len(value) + 1)
            found = and_(func.length(column) >= len(value), last == value)
    return and_(there, found)
