"""Public view of a licence: public fields and its number, the holder masked.

A licence keeps the definition it was granted under. What the public sees of it is no more than the
present one allows: a field or a mask that was a mistake is mended for all licences at once.
"""

from typing import Final

from core.text import Text
from registry.licences.reasons import own_words
from registry.model import BODY, Licence, PublicField, Reason
from registry.types.fields import FieldRule
from registry.types.licence_type import LicenceType
from registry.types.masks import Mask
from registry.types.public_view import masked, masked_number

_ERASED: Final = "***"
_STRICTER: Final = (None, Mask.HOLDER, Mask.PERSON, Mask.CODE)
"""Each hides what those before it hide."""


def public_fields(
    licence_type: LicenceType, licence: Licence, present: LicenceType | None = None
) -> tuple[PublicField, ...]:
    """Return the view by the licence's own link: public fields, the holder masked.

    `licence_type` is the definition that the licence was granted under, `present` the one of now
    where that is another.
    """
    person = any(holder.code_type != BODY for holder in licence.holders)
    return tuple(
        _public_field(rule, licence.data.get(key, ""), person=person)
        for key, own in licence_type.fields.items()
        if (rule := own if present is None else _both(own, present.fields.get(key))).public
    )


def _public_field(rule: FieldRule, value: str, *, person: bool) -> PublicField:
    """Return a field as the public sees it; what hides any of a table hides its rows."""
    seen = masked(rule, value, person=person)
    if not (rule.columns and value and seen == rule.shown(value)):
        return PublicField(rule.label, seen)
    return PublicField(rule.label, seen, rule.columns, rule.printed_table(value))


def public_number(
    licence_type: LicenceType, licence: Licence, present: LicenceType | None = None
) -> str:
    """Return the number for public answers: masked if it holds a holder's code."""
    if not any(one.number_holds_holder_code for one in (licence_type, present) if one is not None):
        return licence.number
    if licence.erased_at is not None:  # no more than a token of it is kept
        return _ERASED
    if licence.hidden:  # by the number's own record
        return licence.number
    return masked_number(licence.number, licence.holders[0].code)


def public_reason(licence_type: LicenceType, reason: Reason | None) -> Text | None:
    """Return a reason as the branch calls it.

    That facts are examined is no word on the holder, so that nobody is told; neither is on what
    document it rests.
    """
    if reason is None or reason is Reason.UNDER_REVIEW:
        return None
    return own_words(licence_type, reason)


def _both(own: FieldRule, present: FieldRule | None) -> FieldRule:
    """Return a field's rule as far as both definitions allow to show it."""
    if present is None:
        return own.model_copy(update={"public": False})
    stricter = max(own.mask, present.mask, key=_STRICTER.index)
    return own.model_copy(
        update={
            "public": own.public and present.public,
            "mask": stricter,
            "hide_birthday": own.hide_birthday or present.hide_birthday,
        }
    )
