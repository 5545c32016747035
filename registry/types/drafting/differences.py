"""Differences between two definitions of a type, in words, for those whom each concerns."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from core.text import Text
from registry.types.drafting import messages
from registry.types.fields import FieldRule
from registry.types.licence_type import IndustryReason, LicenceType
from signing.face import PageDesign


class Audience(StrEnum):
    """Those whom a difference concerns."""

    HOLDERS = "holders"
    """What the page shows, and for how long it is valid."""
    VERIFIERS = "verifiers"
    """What the public may see."""
    OFFICERS = "officers"
    """What must be entered, and who does what."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the newer definition changes."""

    audience: Audience
    text: Text


def differences(before: LicenceType, after: LicenceType) -> tuple[Difference, ...]:
    """Return all differences, by audience; none where both say the same."""
    found = [
        *_names(before, after),
        *_fields(before, after),
        *_numbers(before, after),
        *_terms(before, after),
        *_design(before, after),
        *_desk(before, after),
        *_retention(before, after),
        *_reasons(before, after),
    ]
    order = list(Audience)
    return tuple(sorted(found, key=lambda one: order.index(one.audience)))


def public_differences(before: LicenceType, after: LicenceType) -> tuple[Text, ...]:
    """Return the changes of the public view: those that take a second person."""
    return tuple(
        one.text for one in differences(before, after) if one.audience is Audience.VERIFIERS
    )


def _names(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    if before.code != after.code:
        yield Difference(Audience.OFFICERS, messages.ANOTHER_TYPE)
    if before.slug != after.slug:
        yield _changed(Audience.OFFICERS, messages.SHORT_NAME, before.slug, after.slug)
    if before.name != after.name:
        for audience in (Audience.HOLDERS, Audience.VERIFIERS):
            yield _changed(audience, messages.NAME, before.name.zh, after.name.zh)


def _fields(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    for key in [*before.fields, *(one for one in after.fields if one not in before.fields)]:
        old, new = before.fields.get(key), after.fields.get(key)
        if new is None:
            assert old is not None  # the key is of one of both
            yield from _gone(old)
        elif old is None:
            yield from _added(new)
        elif old != new:
            yield from _field(old, new)
    kept = [one for one in before.fields if one in after.fields]
    if kept != [one for one in after.fields if one in before.fields]:
        yield Difference(Audience.HOLDERS, messages.FIELDS_REORDERED)


def _gone(rule: FieldRule) -> Iterator[Difference]:
    label = rule.label
    if rule.on_face:
        yield Difference(Audience.HOLDERS, messages.field_leaves_page(label))
    if rule.public:
        yield Difference(Audience.VERIFIERS, messages.field_hidden(label))
    yield Difference(Audience.OFFICERS, messages.field_not_entered(label))


def _added(rule: FieldRule) -> Iterator[Difference]:
    label = rule.label
    if rule.on_face:
        yield Difference(Audience.HOLDERS, messages.field_on_page(label))
    if rule.public:
        yield Difference(Audience.VERIFIERS, _shown(rule))
    told = messages.field_must_be_entered if rule.required else messages.field_may_be_entered
    yield Difference(Audience.OFFICERS, told(label))


def _shown(rule: FieldRule) -> Text:
    if rule.mask is None:
        return messages.field_shown_whole(rule.label)
    return messages.field_shown_masked(label=rule.label, mask=MASK_WORDS[rule.mask])


def _field(old: FieldRule, new: FieldRule) -> Iterator[Difference]:
    label = new.label
    if old.on_face != new.on_face:
        told = messages.field_on_page if new.on_face else messages.field_leaves_page
        yield Difference(Audience.HOLDERS, told(label))
    if (old.public, old.mask if old.public else None) != (
        new.public,
        new.mask if new.public else None,
    ):
        told_public = _shown(new) if new.public else messages.field_hidden(label)
        yield Difference(Audience.VERIFIERS, told_public)
    if new.public and old.public and (old.label, old.unit) != (new.label, new.unit):
        yield _changed(Audience.VERIFIERS, messages.label_of(label), old.label.zh, new.label.zh)
    if new.public and old.public and old.hide_birthday != new.hide_birthday:
        hidden = messages.birthday_hidden if new.hide_birthday else messages.birthday_shown
        yield Difference(Audience.VERIFIERS, hidden(label))
    yield from _view_keys(old, new)
    if old.columns != new.columns:
        told_table = messages.table_of(label)
        yield _changed(Audience.HOLDERS, told_table, _said(old.columns), _said(new.columns))
    yield from _entered(old, new)
    for name, word in _PAGE_KEYS.items():
        if getattr(old, name) != getattr(new, name):
            yield _changed(
                Audience.HOLDERS, word(label), _said(getattr(old, name)), _said(getattr(new, name))
            )


def _view_keys(old: FieldRule, new: FieldRule) -> Iterator[Difference]:
    """Keys of a field that stays public, where they change what the public sees of its value."""
    if not (old.public and new.public):
        return
    for name in _VIEW_KEYS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            told = messages.key_of(label=new.label, key=name)
            yield _changed(Audience.VERIFIERS, told, _said(before), _said(after))


def _entered(old: FieldRule, new: FieldRule) -> Iterator[Difference]:
    label = new.label
    if old.required != new.required:
        told = messages.field_must_be_entered if new.required else messages.field_may_be_entered
        yield Difference(Audience.OFFICERS, told(label))
    yield from _choices(old, new)
    for name in type(new).model_fields:
        if name in _PAGE_KEYS or name in _TOLD_OTHERWISE:
            continue
        if getattr(old, name) != getattr(new, name):
            yield _changed(
                Audience.OFFICERS,
                messages.key_of(label=label, key=name),
                _said(getattr(old, name)),
                _said(getattr(new, name)),
            )


def _choices(old: FieldRule, new: FieldRule) -> Iterator[Difference]:
    before = {one.value: one for one in old.choices}
    after = {one.value: one for one in new.choices}
    for word in before.keys() - after.keys():
        told = messages.choice_gone(label=new.label, word=word)
        yield Difference(Audience.OFFICERS, told)
    for word in after.keys() - before.keys():
        yield Difference(Audience.OFFICERS, messages.choice_added(label=new.label, word=word))
    for word in before.keys() & after.keys():
        if before[word].code != after[word].code:
            told = messages.choice_code_changed(label=new.label, word=word)
            yield Difference(Audience.OFFICERS, told)
        if before[word].colour != after[word].colour:
            told = messages.choice_colour_changed(label=new.label, word=word)
            yield Difference(Audience.HOLDERS, told)


def _numbers(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    old, new = before.number, after.number
    if old.label != new.label:
        yield _changed(Audience.HOLDERS, messages.NUMBER_LABEL, old.label.zh, new.label.zh)
    same_rule = (old.kind, old.template, old.pattern) == (new.kind, new.template, new.pattern)
    if not same_rule:
        yield Difference(Audience.HOLDERS, messages.NUMBERS_CHANGE)
        yield _changed(Audience.OFFICERS, messages.NUMBER_RULE, _said(old.kind), _said(new.kind))
    if frozenset(old.new_for) != frozenset(new.new_for):
        yield _changed(
            Audience.HOLDERS,
            messages.NEW_NUMBER_FOR,
            "、".join(sorted(old.new_for)) or "—",
            "、".join(sorted(new.new_for)) or "—",
        )
    if old.scope != new.scope:
        yield Difference(Audience.OFFICERS, messages.COUNTERS_CHANGE)
    if before.number_holds_holder_code != after.number_holds_holder_code:
        masked = after.number_holds_holder_code
        told = messages.NUMBER_MASKED if masked else messages.NUMBER_SHOWN
        yield Difference(Audience.VERIFIERS, told)


def _terms(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    if before.validity != after.validity:
        yield _changed(Audience.HOLDERS, messages.TERM, _term(before), _term(after))
    if before.holder != after.holder:
        yield Difference(Audience.OFFICERS, messages.HOLDER_RULE_CHANGES)
    named = ((one.holder.name, one.holder.code) for one in (before, after))
    if len(set(named)) > 1:  # masks ask whether the holder is a person
        yield Difference(Audience.VERIFIERS, messages.HOLDER_RULE_CHANGES)


def _term(licence_type: LicenceType) -> Text:
    rule = licence_type.validity
    if rule.kind == "years":
        return messages.term_years(rule.years or 0)
    if rule.kind == "long_term":
        return messages.TERM_LONG
    return messages.term_given(rule.years) if rule.years else messages.TERM_GIVEN


def _design(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    for one in fields(after.design):
        old, new = getattr(before.design, one.name), getattr(after.design, one.name)
        if old != new and not (one.name == "title" and before.name != after.name):
            what = messages.design_of(one.name)
            yield _changed(Audience.HOLDERS, what, _said(old), _said(new))


def _desk(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    for name in type(after.desk).model_fields:
        old, new = getattr(before.desk, name), getattr(after.desk, name)
        if old != new:
            yield _changed(Audience.OFFICERS, messages.desk_of(name), _said(old), _said(new))


def _retention(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    old, new = before.retention.years, after.retention.years
    if old != new:
        yield _changed(Audience.HOLDERS, messages.RETENTION, _kept_for(old), _kept_for(new))


def _kept_for(years: int | None) -> Text:
    return messages.KEPT_FOR_EVER if years is None else messages.kept_for(years)


def _reasons(before: LicenceType, after: LicenceType) -> Iterator[Difference]:
    for reason in sorted(before.reasons.keys() | after.reasons.keys()):
        old, new = before.reasons.get(reason), after.reasons.get(reason)
        if old != new:
            yield _changed(Audience.OFFICERS, messages.reason_of(reason), _said(old), _said(new))


def _changed(audience: Audience, what: Text, old: str | Text, new: str | Text) -> Difference:
    told = messages.changed(what=what, old=_in_both(old), new=_in_both(new))
    return Difference(audience, told)


def _in_both(said: str | Text) -> Text:
    return said if isinstance(said, Text) else Text(said, said)


def _said(value: Any) -> str:
    """Write a value as the TOML has it, or nearly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Text):
        return f"{value.zh} / {value.en}"
    if isinstance(value, tuple) and value:
        return ", ".join(_said(one) for one in value)
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    return (
        _said_part(value) if isinstance(value, IndustryReason | PageDesign) else str(value or "—")
    )


def _said_part(value: IndustryReason | PageDesign) -> str:
    if isinstance(value, IndustryReason):
        return f"{value.code} {value.name.zh}" + " 文号" * value.document_number
    heading = value.heading.zh if value.heading else value.orientation or "—"
    return f"{heading} [{', '.join(value.fields) or '*'}]"


MASK_WORDS: Final = {
    "person": messages.MASK_PERSON,
    "holder": messages.MASK_HOLDER,
    "code": messages.MASK_CODE,
}
_PAGE_KEYS: Final[Mapping[str, Callable[[Text], Text]]] = {
    "label": messages.label_of,
    "face_label": messages.label_of,
    "person_label": messages.label_of,
    "wide": messages.width_of,
    "listed": messages.width_of,
    "hide_birthday": messages.birthday_of,
    "month_only": messages.month_of,
    "unit": messages.unit_of,
}
"""Keys that change the page."""
_VIEW_KEYS: Final = ("kind", "check", "month_only", "decimals", "listed", "columns")
"""Keys that change what the public sees of a value, beside label, unit, mask and birthday."""
_TOLD_OTHERWISE: Final = frozenset(
    {"key", "required", "public", "mask", "on_face", "choices", "example"}
)
