"""Soundness of a type's pages: what each shows is there, and nothing is left out of all."""

from collections.abc import Iterator, Mapping
from typing import Final

from registry.types.definition import check_words
from registry.types.fields import FieldKind, FieldRule
from signing.face import FaceDesign

MOST_PAGES: Final = 8


def page_flaws(design: FaceDesign, fields: Mapping[str, FieldRule]) -> Iterator[str]:
    """Yield the flaws of a design's pages, in words."""
    shown = {
        key for key, rule in fields.items() if rule.on_face and rule.kind is not FieldKind.PHOTO
    }
    if len(design.pages) > MOST_PAGES:
        yield f"a design has {MOST_PAGES} pages at most"
    for number, page in enumerate(design.pages, start=1):
        for key in page.fields:
            if key not in shown:
                yield f"page {number} shows “{key}”, which is no field of the face"
        if len(set(page.fields)) < len(page.fields):
            yield f"page {number} shows a field twice"
        if page.heading is not None:
            check_words(page.heading, f"heading of page {number}: ")
    if design.pages and all(page.fields for page in design.pages):
        nowhere = shown.difference(*(page.fields for page in design.pages))
        if nowhere:
            yield f"no page shows “{min(nowhere)}”"
