"""Soundness of a type's design: its words, and that its pages show every field of the face."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from typing import Final

from core.text import Text
from registry.types import messages
from registry.types.definition import COLOUR, Loc, Unsound, unsound_words
from registry.types.fields import FieldKind, FieldRule
from registry.types.validity import ValidityKind, ValidityRule
from signing.face import FaceDesign, PageDesign

MOST_PAGES: Final = 8
_MAX_STATEMENT: Final = 300


def unsound_design(design: FaceDesign) -> Iterator[Unsound]:
    """Yield the flaws of a design, whatever the fields are."""
    yield from _unsound_words(design)
    if not re.fullmatch(COLOUR, design.colour):
        yield Unsound(("colour",), messages.COLOUR_SHAPE)
    if len(design.pages) > MOST_PAGES:
        yield Unsound(("pages",), messages.too_many_pages(MOST_PAGES))
    for number, page in enumerate(design.pages):
        yield from _unsound_words(page, ("pages", number))


def _unsound_words(part: FaceDesign | PageDesign, loc: Loc = ()) -> Iterator[Unsound]:
    for one in dataclass_fields(part):
        words = getattr(part, one.name)
        if isinstance(words, Text):
            yield from unsound_words(words, (*loc, one.name))
    for key in ("statement", "statement_english"):
        said = getattr(part, key)
        if said is not None and not 1 <= len(said) <= _MAX_STATEMENT:
            yield Unsound((*loc, key), messages.statement_length(key, _MAX_STATEMENT))


def unsound_term(design: FaceDesign, validity: ValidityRule) -> Iterator[Unsound]:
    """Yield that a face leaves out a term that ends."""
    if design.without_term and validity.kind is not ValidityKind.LONG_TERM:
        yield Unsound(("without_term",), messages.TERM_BELONGS_ON_PAGE)


def unsound_pages(
    design: FaceDesign, fields: Mapping[str, FieldRule], unknown: Collection[str]
) -> Iterator[Unsound]:
    """Yield the flaws of a design's pages; nothing is said of `unknown` fields."""
    shown = {
        key for key, rule in fields.items() if rule.on_face and rule.kind is not FieldKind.PHOTO
    }
    for number, page in enumerate(design.pages):
        loc = ("pages", number, "fields")
        for key in page.fields:
            if key not in shown and key not in unknown:
                yield Unsound(loc, messages.page_shows_no_field(number + 1, key))
        if len(set(page.fields)) < len(page.fields):
            yield Unsound(loc, messages.page_shows_twice(number + 1))
    if design.pages and all(page.fields for page in design.pages):
        for key in sorted(shown.difference(*(page.fields for page in design.pages))):
            yield Unsound(("pages",), messages.no_page_shows(key))
