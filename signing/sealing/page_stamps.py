"""Imprints of a seal that are part of a document's pages, drawn before it is signed: the same seal
at further places, and one across the edges of all pages (骑缝章).

They prove nothing by themselves; the signature covers them with the rest. The page's own content is
enclosed, and ends what it began (`signing.intake.content`), so that it cannot move them. Its names
are not parsed: a form is added to the map of forms as it was written.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from signing.face import SealAppearance
from signing.intake.report import PageBox
from signing.sealing.field import appearance_stream
from signing.sealing.objects import number_in, reference, references_in, references_of, stream
from signing.sealing.writer import SealWriter

EDGE_PAGES = 20
"""At most so many pages share one seal across their edges; slices of a longer document begin
anew."""
_NAME = "XinyinImprint"


@dataclass(frozen=True, slots=True)
class SealImprint:
    """One drawing of the seal on a page."""

    page: int
    """The first one being 0."""
    operators: str
    """Content before it is drawn, which places it: in points from the lower left corner of the
    page as it is shown."""


def imprint_at(
    page: int, box: PageBox, appearance: SealAppearance, centre: tuple[float, float]
) -> SealImprint:
    """Return the whole seal with its middle at a point of the page as it is shown."""
    half = appearance.diameter / 2
    x, y = centre[0] - half, centre[1] - half
    return SealImprint(page, f"{_shown(box)} cm 1 0 0 1 {x:.3f} {y:.3f} cm")


def edge_imprints(boxes: Sequence[PageBox], appearance: SealAppearance) -> tuple[SealImprint, ...]:
    """Return the slices of a seal that stands across the right edges of all pages."""
    return tuple(
        _slice(number, box, appearance, *_share(len(boxes), number))
        for number, box in enumerate(boxes)
    )


def edge_slice(
    boxes: Sequence[PageBox], page: int, diameter: float
) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a page's slice, from the lower left corner of the page
    as it is shown.
    """
    wide, high = _size(boxes[page])
    _, of = _share(len(boxes), page)
    return wide - diameter / of, (high - diameter) / 2, wide, (high + diameter) / 2


def height_of(box: PageBox) -> float:
    """Return the height of a page as it is shown."""
    return _size(box)[1]


def _share(pages: int, number: int) -> tuple[int, int]:
    """Return which slice of its seal a page has, and how many the seal is cut into."""
    groups = -(-pages // EDGE_PAGES)
    members = [n for n in range(pages) if n * groups // pages == number * groups // pages]
    return members.index(number), len(members)


def stamped(pdf: bytes, appearance: SealAppearance, imprints: Iterable[SealImprint]) -> bytes:
    """Return a file that was taken in with imprints on its pages. Raises `UnsuitablePageError`."""
    writer = SealWriter(pdf, bytes(16))
    upright = replace(appearance, turn=0)
    form = writer.add(appearance_stream(upright))
    before = writer.add(stream(b"q"))
    name = f"{_NAME}{hashlib.sha256(pdf).hexdigest()[:32]}"  # no content of it can call that
    maps: set[int] = set()
    for one in imprints:
        page = _draw(writer, one, name, before)
        _provide(writer, page, maps, f"/{name} {reference(form)}")
    return writer.to_bytes()


def _draw(writer: SealWriter, imprint: SealImprint, name: str, before: int) -> dict[str, bytes]:
    """Draw an imprint over its page, and return that."""
    page = writer.dictionary(writer.page(imprint.page))
    # The line ends first, and with it a comment that the page leaves open.
    drawing = f"\nQ q {imprint.operators} /{name} Do Q".encode("ascii")
    after = writer.add(stream(drawing))
    held = page.get("Contents", b"[]")
    content = writer.follow(held)
    parts = references_in(content) if content.startswith(b"[") else [number_in(held)]
    page["Contents"] = references_of([before, *parts, after])
    return page


def _provide(writer: SealWriter, page: dict[str, bytes], maps: set[int], addition: str) -> None:
    """Add a form to a page's map of forms, once where pages share it.

    Resources that were taken in are objects of their own, and so are their maps.
    """
    resources = writer.dictionary(number_in(page.get("Resources", b"")))
    if "XObject" not in resources:
        resources["XObject"] = writer.add_text("<< >>").encode()
    number = number_in(resources["XObject"])
    if number not in maps:
        maps.add(number)
        writer.lengthen(number, addition)


def _slice(
    page: int, box: PageBox, appearance: SealAppearance, number: int, of: int
) -> SealImprint:
    """Return one page's part of the seal: the first page has its left side."""
    wide, high = _size(box)
    width, diameter = appearance.diameter / of, appearance.diameter
    left, bottom = wide - width, (high - diameter) / 2
    clip = f"{left:.3f} {bottom:.3f} {width:.3f} {diameter:.3f} re W n"
    move = f"1 0 0 1 {left - number * width:.3f} {bottom:.3f} cm"
    return SealImprint(page, f"{_shown(box)} cm {clip} {move}")


def _size(box: PageBox) -> tuple[float, float]:
    wide, high = box.right - box.left, box.top - box.bottom
    return (high, wide) if box.turn in {90, 270} else (wide, high)


def _shown(box: PageBox) -> str:
    """Return the matrix from the page as it is shown, from its lower left corner, to its own."""
    match box.turn:
        case 90:
            return f"0 1 -1 0 {box.right:.3f} {box.bottom:.3f}"
        case 180:
            return f"-1 0 0 -1 {box.right:.3f} {box.top:.3f}"
        case 270:
            return f"0 -1 1 0 {box.left:.3f} {box.top:.3f}"
        case _:
            return f"1 0 0 1 {box.left:.3f} {box.bottom:.3f}"
