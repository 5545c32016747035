"""Files without their words: what is the same in all of one plan, made once by ReportLab.

The objects that no gap is in are one run of bytes; the others follow it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import pairwise

from reportlab.pdfgen.canvas import Canvas

from signing.pdf_syntax import stream
from signing.render.design.backdrop import backdrop
from signing.render.file.document import (
    canvas_document,
    finish_page,
    form_number,
    new_canvas,
    place_form,
    set_in_catalogue,
)
from signing.render.file.objects import GAP, Literal, gap, refer
from signing.render.file.plan import (
    IMPRESSION,
    Added,
    Begun,
    FilePlan,
    Linked,
    Marked,
    Step,
    backdrop_name,
)
from signing.render.file.tagging import Element, Page, TagTree
from signing.render.type.embedding import embed

KEPT = 64
"""Plans whose skeletons a process keeps; each takes about 25 KB."""
_FORM = "/Type /XObject /Subtype /Form"
_XREF = re.compile(rb"xref\n0 (\d+)\n")
_ENTRY = 20
"""Bytes of an entry (ISO 32000-1 7.5.4)."""
_ID = re.compile(rb"/ID \n\[[^\]]*\]\n%[^\n]*\n\n")
_STARTXREF = b"startxref\n"
_STREAM = b"\nstream\n"
"""An object with it is as it was made: what looks like a gap there is data."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A file with gaps."""

    fixed: bytes
    """The header, and all objects that no gap is in."""
    entries: tuple[bytes, ...]
    """Of the cross-reference table, by number; those of `varying` are without an offset."""
    varying: tuple[tuple[int, tuple[bytes, ...], tuple[str, ...]], ...]
    """The other objects: their numbers, their bytes around their gaps, and the gaps' names."""
    trailer: tuple[bytes, bytes]
    """What stands ahead of the file's identifier, and behind it."""
    elements: tuple[int, ...]
    """Numbers of the structure elements' objects."""
    impression: int | None
    """Number of the impressions' form; None: there are none."""

    def filled(self, values: dict[str, bytes], identifier: str) -> bytes:
        """Return the file with what its gaps are filled with, and its identifier in digits."""
        parts, at = [self.fixed], len(self.fixed)
        entries = list(self.entries)
        for number, pieces, gaps in self.varying:
            entries[number] = b"%010d 00000 n \n" % at
            first, *others = pieces
            filling = (values[name] + piece for name, piece in zip(gaps, others, strict=True))
            data = b"".join((first, *filling))
            parts.append(data)
            at += len(data)
        head, tail = self.trailer
        table = b"xref\n0 %d\n" % len(entries)
        ids = f"/ID [<{identifier}><{identifier}>]\n".encode("ascii")
        end = b"%b%d\n%%%%EOF\n" % (_STARTXREF, at)
        return b"".join((*parts, table, *entries, head, ids, tail, end))


@lru_cache(maxsize=KEPT)
def skeleton_of(plan: FilePlan) -> Skeleton:
    """Return the skeleton of a plan, made when it is first asked for."""
    buffer = BytesIO()
    canvas = new_canvas(buffer, plan.fonts[0])
    work = _Work(canvas)
    for step in plan.steps:
        work.take(step)
    work.finish_page()
    for at, font in enumerate(plan.fonts):
        embed(canvas_document(canvas), at, font)
    canvas.save()
    numbers = tuple(element.number for element in work.elements)
    return _with_gaps(buffer.getvalue(), numbers, form_number(canvas, IMPRESSION))


class _Page(Page):
    """A page in the making."""

    def __init__(self, begun: Begun, key: int) -> None:
        self.begun = begun
        self.key = key
        """In the parent tree."""
        self.owners: list[str] = []
        """Of the marks in its content."""
        self.links: list[int] = []


class _Work:
    """Makes the objects of a file, step by step."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._document = canvas_document(canvas)
        self._tree = TagTree(self._document)
        set_in_catalogue(canvas, StructTreeRoot=self._tree)
        self.elements = [self._tree.top]
        self._pages: list[_Page] = []
        self._links = 0

    def take(self, step: Step) -> None:
        """Take one step."""
        if isinstance(step, Begun):
            self.finish_page()
            self._canvas.setPageSize((round(step.shape.width, 3), round(step.shape.height, 3)))
            self._pages.append(_Page(step, self._tree.key()))
            return
        page = self._pages[-1]
        if isinstance(step, Added):
            parent = self.elements[step.parent]
            self.elements.append(self._tree.element(step.tag, parent, page, step.attributes))
        elif isinstance(step, Marked):
            element = self.elements[step.element]
            element.kids.append(str(len(page.owners)))
            page.owners.append(f"{element.number} 0 R")
        elif isinstance(step, Linked):
            page.links.append(self._link(self.elements[step.element]))
        else:
            place_form(self._canvas, step.picture, lambda: _picture(step.picture, page.begun))

    def finish_page(self) -> None:
        """Finish the page that was begun last, if any was."""
        if not self._pages:
            return
        page = self._pages[-1]
        self._tree.set_key(page.key, f"[ {' '.join(page.owners)} ]")
        content = gap(content_gap(len(self._pages) - 1))
        page.number = finish_page(self._canvas, content, page.key, page.links)

    def _link(self, element: Element) -> int:
        """Lay a link over what an element stands for; return its annotation's number.

        It has no border and is printed (ISO 19005-3 6.3.2).
        """
        key = self._tree.key(f"{element.number} 0 R")
        annotation = Literal(
            "<< /Type /Annot /Subtype /Link /F 4 /Border [ 0 0 0 ]"
            f"{gap(link_gap(self._links))} /StructParent {key} >>"
        )
        self._links += 1
        number = refer(self._document, annotation)
        element.kids.append(f"<< /Type /OBJR /Obj {number} 0 R >>")
        return number


def _picture(name: str, page: Begun) -> bytes | str:
    if name == IMPRESSION:
        return stream(b"", f"{_FORM} /BBox [ 0 0 0 0 ]")
    if name != backdrop_name(page.shape):
        return gap(name)
    box = f"/BBox [ 0 0 {page.shape.width:.3f} {page.shape.height:.3f} ]"
    entries = f"{_FORM} /Filter /FlateDecode /Resources << >> {box}"
    return stream(backdrop(page.colour, page.shape), entries)


def content_gap(page: int) -> str:
    """Return the name of the gap for a page's content."""
    return f"content {page}"


def link_gap(link: int) -> str:
    """Return the name of the gap for where a link lies and leads to."""
    return f"link {link}"


def _with_gaps(file: bytes, elements: tuple[int, ...], impression: int | None) -> Skeleton:
    """Take a file of ReportLab's apart."""
    start = file.rindex(b"xref\n0 ")
    table = _XREF.match(file, start)
    identifier = _ID.search(file, start)
    assert table is not None, "another form of ReportLab's files"
    assert identifier is not None, "another form of ReportLab's trailers"
    behind = table.end() + int(table[1]) * _ENTRY
    rows = [file[row : row + _ENTRY] for row in range(table.end(), behind, _ENTRY)]
    offsets = [int(row[:10]) for row in rows[1:]]
    assert offsets == sorted(offsets), "ReportLab writes objects in the order of their numbers"
    parts, at, varying = [file[: offsets[0]]], offsets[0], []
    for number, (begin, end) in enumerate(pairwise([*offsets, start]), start=1):
        if _STREAM not in file[begin:end] and GAP.search(file, begin, end):
            first, *others = GAP.split(file[begin:end])
            names = tuple(name.decode("ascii") for name in others[::2])
            varying.append((number, (first, *others[1::2]), names))
            continue
        rows[number] = b"%010d 00000 n \n" % at
        parts.append(file[begin:end])
        at += end - begin
    trailer = file[behind : identifier.start()], file[identifier.end() : file.rindex(_STARTXREF)]
    return Skeleton(b"".join(parts), tuple(rows), tuple(varying), trailer, elements, impression)
