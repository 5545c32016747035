"""Public view of a licence: public fields and its number, the holder masked."""

from registry.model import BODY, Licence, PublicField
from registry.types.fields import FieldRule
from registry.types.licence_type import LicenceType
from registry.types.masks import Mask, mask_code, mask_person


def public_fields(licence_type: LicenceType, licence: Licence) -> tuple[PublicField, ...]:
    """Return the view by the licence's own link: public fields, the holder masked."""
    person = any(holder.code_type != BODY for holder in licence.holders)
    return tuple(
        PublicField(rule.label, _masked(rule, licence.data.get(key, ""), person=person))
        for key, rule in licence_type.fields.items()
        if rule.public
    )


def public_number(licence_type: LicenceType, licence: Licence) -> str:
    """Return the number for public answers: masked if it holds a holder's code."""
    if not licence_type.number_holds_holder_code:
        return licence.number
    code = licence.holders[0].code
    before, found, after = licence.number.partition(code)
    if not found:
        return mask_code(licence.number)
    return "*" * len(before) + mask_code(code) + "*" * len(after)


def _masked(rule: FieldRule, value: str, *, person: bool) -> str:
    if value and (rule.mask is Mask.PERSON or (rule.mask is Mask.HOLDER and person)):
        return mask_person(value)
    if value and rule.mask is Mask.CODE:
        return mask_code(value)
    return rule.shown(value)
