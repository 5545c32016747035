"""Words that pages print of a definition itself, and those that no font can print."""

import dataclasses
from collections.abc import Iterator

from core.text import Text
from registry.types.definition import Loc
from registry.types.fields import FieldRule
from registry.types.licence_type import LicenceType
from signing.face import FaceDesign, PageDesign
from signing.render.errors import MissingGlyphError
from signing.render.renderer import LicenceRenderer


def unprintable(licence_type: LicenceType, renderer: LicenceRenderer) -> Iterator[tuple[Loc, Text]]:
    """Yield the words of a definition that hold a character that no font has."""
    for loc, text in _printed(licence_type):
        place = ".".join(map(str, loc))
        try:
            renderer.check(text, Text(place, place))
        except MissingGlyphError as error:
            yield loc, error.text


def _printed(licence_type: LicenceType) -> Iterator[tuple[Loc, str]]:
    design = licence_type.design
    both = design.bilingual
    yield from _design(design, ("design",), both=both)
    for at, page in enumerate(design.pages):
        yield from _design(page, ("design", "pages", at), both=both)
    yield from _languages(("number", "label"), licence_type.number.label, both=both)
    for at, rule in enumerate(licence_type.ordered):
        if rule.on_face:
            yield from _field(rule, ("fields", at), both=both)


def _design(part: FaceDesign | PageDesign, loc: Loc, *, both: bool) -> Iterator[tuple[Loc, str]]:
    for one in dataclasses.fields(part):
        said = getattr(part, one.name)
        if isinstance(said, Text):
            yield from _languages((*loc, one.name), said, both=both)
        elif said and (one.name == "statement" or (one.name == "statement_english" and both)):
            yield (*loc, one.name), said


def _field(rule: FieldRule, loc: Loc, *, both: bool) -> Iterator[tuple[Loc, str]]:
    for key in ("label", "face_label", "person_label"):
        words = getattr(rule, key)
        if words is not None:
            yield from _languages((*loc, key), words, both=both)
    if rule.unit is not None:
        yield (*loc, "unit", "zh"), rule.unit.zh
    for at, column in enumerate(rule.columns):
        yield from _languages((*loc, "columns", at), column, both=both)
    for at, choice in enumerate(rule.choices):
        yield (*loc, "choices", at, "value"), choice.value


def _languages(loc: Loc, words: Text, *, both: bool) -> Iterator[tuple[Loc, str]]:
    yield (*loc, "zh"), words.zh
    if both:
        yield (*loc, "en"), words.en
