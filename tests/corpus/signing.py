"""Signature fields as other makers add them, each with an update of its own."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.corpus.cms import signed_data, token
from tests.corpus.pdf import (
    PLAIN,
    Pdf,
    Section,
    edited,
    entries,
    is_reference,
    ref,
    referred,
    rewritten,
    stream,
)

_RANGE = b"/ByteRange [0 9999999999 9999999999 9999999999]"


@dataclass(frozen=True, slots=True)
class Mark:
    """A signature that is to be added; by default an invisible approval signature."""

    field: str = "Signature1"
    subfilter: bytes = b"/ETSI.CAdES.detached"
    cms: Callable[[bytes], bytes] = signed_data
    """Makes the CMS over the covered bytes."""
    reserved: int = 4096
    rect: tuple[int, int, int, int] = (0, 0, 0, 0)
    appearance: bytes | None = None
    """What a visible one shows."""
    kind: bytes = b"/Type /Sig "
    signature: bytes = b"/M (D:20260302080000Z) "
    """Further entries of the signature's dictionary."""
    certify: int | None = None
    """P of a certification (DocMDP)."""
    lock: bytes | None = None
    """The parameters of a FieldMDP reference."""
    widget: bytes = b""
    """Further entries of the field."""
    form: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    """Entries of the form set in the same update."""
    catalogue: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    into: int | None = None
    """Number of a field that exists."""
    section: Section = PLAIN
    more: Mapping[int, bytes] = dataclasses.field(default_factory=dict)
    """Other objects written in the same update."""
    before: bool = False
    """/Contents stands before /ByteRange."""
    page: int | None = None
    upper: bool = False
    """Upper-case hexadecimal digits."""
    handler: bytes = b"/Adobe.PPKLite"


VISIBLE = Mark(
    field="Signature2", rect=(180, 20, 280, 60), appearance=b"0.2 0.2 0.8 RG 2 2 96 36 re S"
)
STAMP = Mark(
    field="Timestamp1",
    subfilter=b"/ETSI.RFC3161",
    cms=token,
    kind=b"/Type /DocTimeStamp ",
    signature=b"",
)


def sign(pdf: Pdf, mark: Mark = Mark()) -> Pdf:
    """Add a signature in one update."""
    number = max(pdf.size, *(n + 1 for n in mark.more)) if mark.more else pdf.size
    field_number = mark.into or number + 1
    objects: dict[int, bytes] = dict(mark.more)
    objects[number] = _dictionary(mark)
    objects.update(_field(pdf, mark, number, field_number))
    objects.update(_form(pdf, mark, number, field_number, objects))
    return _filled(pdf.update(objects, mark.section), len(pdf.data), mark)


def _dictionary(mark: Mark) -> bytes:
    references = b""
    if mark.certify is not None:
        parameters = b"<< /Type /TransformParams /P %d /V /1.2 >>" % mark.certify
        references += (
            b"<< /Type /SigRef /TransformMethod /DocMDP /TransformParams %s >>" % parameters
        )
    if mark.lock is not None:
        references += (
            b"<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams "
            b"<< /Type /TransformParams /V /1.2 %s >> >>" % mark.lock
        )
    if references:
        references = b"/Reference [%s] " % references
    contents = b"/Contents <%s> " % (b"00" * mark.reserved)
    order = (contents, _RANGE + b" ") if mark.before else (_RANGE + b" ", contents)
    head = b"<< %s/Filter %s /SubFilter %s " % (mark.kind, mark.handler, mark.subfilter)
    return head + b"".join(order) + references + mark.signature + b">>"


def _field(pdf: Pdf, mark: Mark, number: int, field_number: int) -> dict[int, bytes]:
    page = pdf.page if mark.page is None else mark.page
    if mark.into is not None:
        body = edited(pdf.objects[mark.into], {"/V": ref(number)})
        if mark.widget:
            body = edited(body, entries(b"<< %s >>" % mark.widget))
        return {mark.into: body}
    shown = b""
    objects: dict[int, bytes] = {}
    if mark.appearance is not None:
        left, bottom, right, top = mark.rect
        box = b"/Type /XObject /Subtype /Form /BBox [0 0 %d %d]" % (right - left, top - bottom)
        objects[field_number + 1] = stream(mark.appearance, box + b" /Resources << >>")
        shown = b"/AP << /N %d 0 R >> " % (field_number + 1)
    objects[field_number] = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /Rect [%d %d %d %d] "
        b"/P %d 0 R /V %d 0 R %s%s>>"
        % (mark.field.encode(), *mark.rect, page, number, shown, mark.widget)
    )
    return objects


def _form(
    pdf: Pdf, mark: Mark, number: int, field_number: int, written: Mapping[int, bytes]
) -> dict[int, bytes]:
    root = pdf.of(pdf.root)
    held = root.get("/AcroForm", b"<< /Fields [] >>")
    form = entries(pdf.resolved(held))
    if mark.into is None:
        form["/Fields"] = form["/Fields"][:-1] + b" %d 0 R]" % field_number
    form.update({"/SigFlags": b"3", **mark.form})
    changes: dict[str, bytes | None] = {**mark.catalogue}
    objects: dict[int, bytes] = {}
    body = edited(b"<< >>", form)
    if is_reference(held):
        objects[referred(held)] = body
    else:
        changes["/AcroForm"] = body
    if mark.certify is not None:
        changes["/Perms"] = b"<< /DocMDP %d 0 R >>" % number
    if changes:
        objects[pdf.root] = edited(written.get(pdf.root, pdf.objects[pdf.root]), changes)
    if mark.into is None:
        page = pdf.page if mark.page is None else mark.page
        if page not in written:
            objects.update(pdf.with_annotation(field_number, page))
    return objects


def _filled(pdf: Pdf, since: int, mark: Mark) -> Pdf:
    """Write the byte range and the CMS into the places kept for them."""
    data = pdf.data
    start = data.index(b"/Contents <", since) + len(b"/Contents ")
    end = data.index(b">", start) + 1
    numbers = b"/ByteRange [0 %d %d %d]" % (start, end, len(data) - end)
    at = data.index(_RANGE, since)
    data = data[:at] + numbers.ljust(len(_RANGE)) + data[at + len(_RANGE) :]
    made = mark.cms(data[:start] + data[end:])
    if len(made) > mark.reserved:
        raise ValueError(f"{len(made)} bytes of CMS")
    digits = made.ljust(mark.reserved, b"\x00").hex()
    written = (digits.upper() if mark.upper else digits).encode()
    data = data[: start + 1] + written + data[end - 1 :]
    body = data[data.rindex(b" obj\n", 0, at) + 5 : data.index(b"\nendobj", end)]
    number = int(data[: data.rindex(b" 0 obj\n", 0, at)].split()[-1])
    return Pdf(data, {**pdf.objects, number: body}, pdf.trailer, pdf.start)


def filled_at_once(pdf: Pdf, mark: Mark) -> Pdf:
    """Sign a file of one revision in which an earlier signature's dictionary stands."""
    gap = gap_of(pdf.data)
    data = pdf.data[: gap.range_start] + _RANGE + pdf.data[gap.range_start + len(_RANGE) :]
    if len(data) != len(pdf.data):
        raise ValueError("the place of /ByteRange moved")
    return _filled(rewritten(pdf, data), 0, mark)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a signature's /ByteRange and /Contents stand in a file."""

    range_start: int
    range_end: int
    start: int
    """Of `<`."""
    end: int
    """After `>`."""


def gap_of(data: bytes, which: int = 0) -> Gap:
    """Return the places of one signature, by its position in the file."""
    at = -1
    for _ in range(which + 1):
        at = data.index(b"/ByteRange", at + 1)
    range_end = data.index(b"]", at) + 1
    numbers = [int(one) for one in data[at:range_end].split(b"[")[1].rstrip(b"]").split()]
    return Gap(at, range_end, numbers[1], numbers[2])


def cms_of(data: bytes, which: int = 0) -> bytes:
    """Return the CMS with what fills its place up."""
    gap = gap_of(data, which)
    return bytes.fromhex(data[gap.start + 1 : gap.end - 1].decode())


def with_cms(data: bytes, cms: bytes, which: int = 0) -> bytes:
    """Write another CMS into a signature's place."""
    gap = gap_of(data, which)
    room = (gap.end - gap.start - 2) // 2
    if len(cms) > room:
        raise ValueError(f"{len(cms)} bytes of CMS in {room}")
    return data[: gap.start + 1] + cms.ljust(room, b"\x00").hex().encode() + data[gap.end - 1 :]
