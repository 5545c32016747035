"""View that the public has of the value of one field."""

from registry.types.fields import FieldRule
from registry.types.masks import Mask, mask_code, mask_person


def masked(rule: FieldRule, value: str, *, person: bool) -> str:
    """Return a public field's value under its mask; `person`: the holder is one.

    What is masked already stays as it is.
    """
    if value and (rule.mask is Mask.PERSON or (rule.mask is Mask.HOLDER and person)):
        return mask_person(value)
    if value and rule.mask is Mask.CODE:
        return mask_code(value)
    return rule.shown(value)


def masked_number(number: str, code: str) -> str:
    """Return a number that holds its holder's code, as the public sees it."""
    before, found, after = number.partition(code) if code else (number, "", "")
    if not found:
        return mask_code(number)
    return "*" * len(before) + mask_code(code) + "*" * len(after)
