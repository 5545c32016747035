"""Advice on a sound definition: what will hardly be meant, found before a grant finds it."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from core.errors import XinyinError
from core.text import Text
from registry.types.definition import Loc
from registry.types.drafting import messages
from registry.types.drafting.pattern_samples import sample_of
from registry.types.drafting.preview import preview_of
from registry.types.drafting.printing import unprintable
from registry.types.drafting.samples import longest_value, sample_value
from registry.types.faces import face_fields
from registry.types.fields import FieldKind, FieldRule
from registry.types.flaws import Flaw, flaws_at
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumberKind
from registry.types.row_problems import BadValueError, RowProblems
from registry.types.validity import ValidityKind
from registry.types.values import read_value
from signing.face import LicenceFace
from signing.render.errors import RenderingError
from signing.render.renderer import LicenceRenderer

_MOST_NUMBER: Final = 64
"""Characters of a number that the register holds."""
_WORDS: Final = frozenset({FieldKind.TEXT, FieldKind.PERSON})
_BELONG: Final[Mapping[str, frozenset[FieldKind]]] = {
    "min_length": _WORDS,
    "max_length": _WORDS,
    "pattern": _WORDS | {FieldKind.CODE},
    "hint": _WORDS | {FieldKind.CODE},
    "minimum": frozenset({FieldKind.NUMBER}),
    "maximum": frozenset({FieldKind.NUMBER}),
    "decimals": frozenset({FieldKind.NUMBER}),
    "unit": frozenset({FieldKind.NUMBER}),
    "month_only": frozenset({FieldKind.DATE}),
    "not_after_today": frozenset({FieldKind.DATE}),
    "birth_in": frozenset({FieldKind.DATE}),
    "sex_in": frozenset({FieldKind.CHOICE}),
    "hide_birthday": frozenset({FieldKind.CODE}),
    "person_label": frozenset({FieldKind.CODE}),
    "listed": frozenset({FieldKind.TEXT}),
    "example": frozenset(FieldKind) - {FieldKind.PHOTO},
}
"""Keys of a field, and the kinds on which they have an effect."""

Found = tuple[Loc, Text]


def advise(
    licence_type: LicenceType, today: date, renderer: LicenceRenderer | None = None
) -> tuple[Flaw, ...]:
    """Return advice in the order of the file; the pages are laid out with sample data.

    `renderer`: with the fonts that licences are drawn with, if not ours alone.

    Of a document type, whose pages others make, the number alone is looked at.
    """
    if licence_type.is_document:
        return flaws_at(licence_type.source, [*_number(licence_type), *_retention(licence_type)])
    found = [*_number(licence_type), *_view(licence_type), *_retention(licence_type)]
    for position, rule in enumerate(licence_type.ordered):
        found += [(("fields", position, *loc), text) for loc, text in _field(rule, today)]
    renderer = renderer or LicenceRenderer()
    found += unprintable(licence_type, renderer)
    if not found:
        found += _page(licence_type, today, renderer)
    return flaws_at(licence_type.source, found)


def _number(licence_type: LicenceType) -> Iterator[Found]:
    if licence_type.number.kind is not NumberKind.GIVEN:
        return
    sample = sample_of(licence_type.number_shape)
    if sample is None:
        yield ("number", "pattern"), messages.NO_SAMPLE_NUMBER
    elif len(sample) > _MOST_NUMBER:
        yield ("number", "pattern"), messages.number_too_long(_MOST_NUMBER)


def _view(licence_type: LicenceType) -> Iterator[Found]:
    if not any(rule.public for rule in licence_type.ordered):
        yield ("fields",), messages.NOTHING_PUBLIC
    if not licence_type.reasons:
        yield ("reasons",), messages.NO_REASONS


def _retention(licence_type: LicenceType) -> Iterator[Found]:
    """Judge how long contents are kept, beside how long they are valid."""
    years, term = licence_type.retention.years, licence_type.validity
    if years is None:
        return
    if licence_type.is_document or term.kind is ValidityKind.LONG_TERM:
        yield ("retention", "years"), messages.NEVER_ENDS
    elif term.years is not None and years < term.years:
        told = messages.kept_shorter(years=years, term=term.years)
        yield ("retention", "years"), told


def _field(rule: FieldRule, today: date) -> Iterator[Found]:
    for key in rule.model_fields_set & _BELONG.keys():
        if rule.kind not in _BELONG[key] and getattr(rule, key):
            yield (key,), messages.key_without_effect(key=key, kind=rule.kind)
    if rule.min_length > rule.max_length:
        yield ("min_length",), messages.NOTHING_FITS
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        yield ("minimum",), messages.NOTHING_FITS
    words = [choice.value for choice in rule.choices]
    for position, word in enumerate(words):
        if word in words[:position]:
            yield ("choices", position), messages.choice_twice(word)
    if rule.pattern is not None and rule.hint is None:
        yield ("pattern",), messages.PATTERN_WITHOUT_HINT
    if rule.public and not rule.on_face:
        yield ("public",), messages.PUBLIC_NOT_ON_FACE
    yield from _sample(rule, today)


def _sample(rule: FieldRule, today: date) -> Iterator[Found]:
    if rule.kind is FieldKind.PHOTO:
        return
    value = sample_value(rule, today)
    if value is None:
        yield ("pattern",), messages.NO_SAMPLE
        return
    try:
        read_value(rule, value, today)
    except BadValueError as error:
        key = "example" if rule.example else "pattern"
        yield (key,), messages.example_refused(error.text)


def _page(licence_type: LicenceType, today: date, renderer: LicenceRenderer) -> Iterator[Found]:
    """Lay the pages out with samples, then with the longest text of each field in turn."""
    try:
        preview = preview_of(licence_type, today)
        renderer.layout(preview.face)
    except RowProblems as error:
        yield _place_of(licence_type, error), messages.page_refused(error.text)
        return
    except RenderingError as error:
        page = _unfit_page(preview.face, renderer) if licence_type.design.pages else 0
        loc = ("design", "pages", page - 1) if page else _place_of(licence_type, error)
        yield loc, messages.page_refused(error.text, page)
        return
    for position, rule in enumerate(licence_type.ordered):
        longest = longest_value(rule)
        if longest is None or not rule.on_face:
            continue
        data = preview.licence.data | {rule.key: longest}
        fields = face_fields(licence_type, dataclasses.replace(preview.licence, data=data))
        try:
            renderer.layout(dataclasses.replace(preview.face, fields=fields))
        except RenderingError:
            yield (
                ("fields", position, "max_length"),
                messages.longest_does_not_fit(label=rule.label, characters=rule.max_length),
            )


def _unfit_page(face: LicenceFace, renderer: LicenceRenderer) -> int:
    """Return the number, from 1 on, of the first page that cannot be laid out; 0: each can."""
    for number, page in enumerate(face.pages(), start=1):
        try:
            renderer.layout(page)
        except RenderingError:
            return number
    return 0


def _place_of(licence_type: LicenceType, error: XinyinError) -> Loc:
    """Return the place of the field that an error names; the design where it names none."""
    label: Any = error.details.get("field")
    for position, rule in enumerate(licence_type.ordered):
        if label in (rule.label.zh, rule.face_label.zh if rule.face_label else None):
            return ("fields", position)
    return ("design",)
