"""Continuation pages: the fields and table rows that a page holds, and the rest on further ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.text import Text
from signing.face import FaceDesign, FaceField, LicenceFace
from signing.render.errors import FieldTooLongError

CONTINUED: Final = Text("续页", "Continued")
MOST_PAGES: Final = 20
"""Of one licence, whatever its tables hold."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A field, or one row of its table."""

    field: FaceField
    row: tuple[str, ...] | None


def continued(
    face: LicenceFace, fits: Callable[[LicenceFace], bool]
) -> tuple[LicenceFace, ...] | None:
    """Return the face in parts, each as full as it fits a page; None where a piece alone does not.

    Raises `FieldTooLongError` where there would be too many pages.
    """
    left = list(_pieces(face.fields))
    parts: list[LicenceFace] = []
    while left:
        if len(parts) == MOST_PAGES:
            longest = max(face.fields, key=lambda field: len(field.value))
            raise FieldTooLongError(longest.label, len(longest.value))
        own = _follower(face) if parts else face
        count = _most(own, left, fits)
        if count == 0:
            return None
        parts.append(_holding(own, left[:count]))
        left = left[count:]
    return tuple(parts)


def _pieces(fields: Sequence[FaceField]) -> Iterator[_Piece]:
    for field in fields:
        if not field.columns:
            yield _Piece(field, None)
        for row in field.rows:
            yield _Piece(field, row)


def _most(face: LicenceFace, pieces: list[_Piece], fits: Callable[[LicenceFace], bool]) -> int:
    """Return how many of the pieces fit: more never do where fewer do not."""
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_holding(face, pieces[:middle])):
            low = middle
        else:
            high = middle - 1
    return low


def _holding(face: LicenceFace, pieces: Sequence[_Piece]) -> LicenceFace:
    """Return the face with these alone; rows of one table stand together."""
    fields: list[FaceField] = []
    for piece in pieces:
        if piece.row is None:
            fields.append(piece.field)
        elif fields and fields[-1].key == piece.field.key:
            fields[-1] = replace(fields[-1], rows=(*fields[-1].rows, piece.row))
        else:
            fields.append(replace(piece.field, rows=(piece.row,)))
    return replace(face, fields=tuple(fields))


def _follower(face: LicenceFace) -> LicenceFace:
    """Return the face of a page that goes on: called so, without photo and statement."""
    design = face.design
    return replace(
        face, photo=None, design=replace(design, heading=_heading(design), statement=None)
    )


def _heading(design: FaceDesign) -> Text:
    if design.heading is None:
        return CONTINUED
    words = design.heading
    return Text(f"{words.zh}{CONTINUED.zh}", f"{words.en}, {CONTINUED.en.lower()}")
