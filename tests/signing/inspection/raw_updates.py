"""Incremental updates written by hand, byte by byte: what other makers write, and what none would.

The paper that is signed first has one page (object 4) with a text, a picture, a note, two fields
and a prepared signature field; the signature goes into objects from 30 on.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from asn1crypto import cms

from tests.signing.material import NOW, How, pki, sign

XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Licence</rdf:li></rdf:Alt></dc:title>'
    "<xmp:ModifyDate>2026-01-01T00:00:00Z</xmp:ModifyDate>"
    "<xmpMM:InstanceID>uuid:1</xmpMM:InstanceID>"
    "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """The body of a stream object."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


FORM_XOBJECT = b"/Type /XObject /Subtype /Form /BBox [ 0 0 60 20 ]"
CATALOGUE = (
    b"<< /Type /Catalog /Pages 2 0 R /Metadata 15 0 R /AcroForm 8 0 R"
    b" /OCProperties << /OCGs [ 14 0 R ] /D << /ON [ 14 0 R ] >> >> >>"
)
PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 200 ] /Contents 5 0 R"
    b" /Resources << /Font << /F1 3 0 R >> /XObject << /X1 6 0 R >> >>"
    b" /Annots [ 7 0 R 9 0 R 10 0 R 11 0 R ] >>"
)
TEXT_FIELD = (
    b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Li Si) /F 4 /P 4 0 R"
    b" /Rect [ 20 150 120 170 ] /DA (/F1 10 Tf 0 g) /AP << /N 12 0 R >> >>"
)
BUTTON = (
    b"<< /Type /Annot /Subtype /Widget /FT /Btn /Ff 65536 /T (picture) /F 4 /P 4 0 R"
    b" /Rect [ 200 150 260 170 ] /AP << /N 13 0 R >> >>"
)
PREPARED = (
    b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Prepared) /F 4 /P 4 0 R"
    b" /Rect [ 20 10 80 30 ] >>"
)
PAPER: dict[int, bytes] = {
    1: CATALOGUE,
    2: b"<< /Type /Pages /Kids [ 4 0 R ] /Count 1 >>",
    3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    4: PAGE,
    5: stream(b"BT /F1 12 Tf 20 100 Td (licence) Tj ET q 60 0 0 20 150 80 cm /X1 Do Q"),
    6: stream(b"1 0 0 rg 0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [ 0 0 1 1 ]"),
    7: b"<< /Type /Annot /Subtype /Text /Rect [ 5 5 20 20 ] /Contents (a note) /P 4 0 R >>",
    8: b"<< /Fields [ 9 0 R 10 0 R 11 0 R ] /DR << /Font << /F1 3 0 R >> >> >>",
    9: TEXT_FIELD,
    10: BUTTON,
    11: PREPARED,
    12: stream(b"BT /F1 10 Tf 0 g 2 5 Td (Li Si) Tj ET", FORM_XOBJECT),
    13: stream(b"0 1 0 rg 0 0 60 20 re f", FORM_XOBJECT),
    14: b"<< /Type /OCG /Name (Layer) >>",
    15: stream(XMP.encode(), b"/Type /Metadata /Subtype /XML"),
    16: b"<< /Title (Licence) /Producer (Maker) /ModDate (D:20260101000000Z) >>",
}
ID = b"/ID [ <00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff> ]"


def written(objects: Mapping[int, bytes]) -> bytes:
    """A file of one revision."""
    out = b"%PDF-1.7\n"
    offsets: dict[int, int] = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(offsets))
    size = max(offsets) + 1
    assert len(offsets) == size - 1, "numbered without a gap"
    trailer = b"trailer\n<< /Root 1 0 R /Info 16 0 R /Size %d %s >>\n" % (size, ID)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % size + rows
    return out + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(out)


@cache
def signed_paper(how: How = How("B-B", docmdp=None)) -> bytes:  # noqa: B008 — frozen
    """The paper with one invisible signature in the field Seal."""
    return sign(written(PAPER), pki(), how)


@dataclass(frozen=True)
class Manner:
    """Peculiarities of an update; the defaults are what a plain writer does."""

    before: Mapping[int, bytes] = field(default_factory=dict)
    """Bytes to stand before an object; 0 is before the cross-references."""
    root: int = 1
    extra: bytes = b""
    """Further entries of the trailer."""
    free: tuple[bytes, ...] = ()
    """Whole subsections of the table for free entries."""
    row: bytes = b"%010d 00000 n \n"
    early: int = 0
    """By how much startxref points before the table."""
    after_trailer: bytes = b""
    tail: bytes = b""
    size: int | None = None
    without: bytes = b""
    """An entry of the trailer to leave out: /Size, /Prev or /Root."""
    header: bytes = b"%d 0 obj\n"


PLAIN = Manner()


def last_start(data: bytes) -> int:
    """What the last startxref says."""
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


def last_size(data: bytes) -> int:
    """What the last /Size says."""
    return int(re.findall(rb"/Size (\d+)", data)[-1])


def appended(data: bytes, objects: Mapping[int, bytes], how: Manner = PLAIN) -> bytes:
    """One update with a table."""
    out = data
    offsets: dict[int, int] = {}
    for number, body in objects.items():
        out += how.before.get(number, b"")
        offsets[number] = len(out)
        out += how.header % number + body + b"\nendobj\n"
    out += how.before.get(0, b"")
    start = len(out)
    rows = b"".join(b"%d 1\n" % number + how.row % offsets[number] for number in sorted(offsets))
    size = how.size or max(last_size(data), *(number + 1 for number in offsets), 0)
    entries = {
        b"/Root": b"/Root %d 0 R" % how.root,
        b"/Info": b"/Info 16 0 R",
        b"/Size": b"/Size %d" % size,
        b"/Prev": b"/Prev %d" % last_start(data),
    }
    entries.pop(how.without, None)
    if b"/ID" not in how.extra:
        entries[b"/ID"] = ID
    trailer = b"trailer\n<< %s %s >>\n" % (b" ".join(entries.values()), how.extra)
    out += b"xref\n" + b"".join(how.free) + rows + trailer + how.after_trailer
    return out + b"startxref\n%d\n%%%%EOF\n" % (start - how.early) + how.tail


def packed(numbered: Mapping[int, bytes], entries: bytes = b"") -> bytes:
    """The body of an object stream."""
    table, body = b"", b""
    for number, one in numbered.items():
        table += b"%d %d " % (number, len(body))
        body += one + b"\n"
    head = b"/Type /ObjStm /N %d /First %d %s" % (len(numbered), len(table), entries)
    return stream(table + body, head)


def appended_in_streams(
    data: bytes,
    objects: Mapping[int, bytes],
    inside: Mapping[int, bytes],
    *,
    holder: int = 58,
    number: int = 59,
    kind: int = 2,
) -> bytes:
    """One update with a cross-reference stream (`number`) and an object stream (`holder`)."""
    out = data
    rows: dict[int, tuple[int, int, int]] = {}
    for one, body in {**objects, **({holder: packed(inside)} if inside else {})}.items():
        rows[one] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (one, body)
    rows.update({one: (kind, holder, place) for place, one in enumerate(inside)})
    start = len(out)
    rows[number] = (1, start, 0)
    order = sorted(rows)
    index = b" ".join(b"%d 1" % one for one in order)
    cells = b"".join(
        a.to_bytes(1) + b.to_bytes(4) + c.to_bytes(2) for a, b, c in (rows[one] for one in order)
    )
    entries = b"/Type /XRef /W [ 1 4 2 ] /Index [ %s ] /Root 1 0 R /Info 16 0 R /Size 61" % index
    entries += b" /Prev %d %s" % (last_start(data), ID)
    out += b"%d 0 obj\n%s\nendobj\n" % (number, stream(cells, entries))
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def appended_hybrid(
    data: bytes, objects: Mapping[int, bytes], inside: Mapping[int, bytes]
) -> bytes:
    """One update with a table and, for readers that know it, a cross-reference stream (7.5.8.4)."""
    plain = appended_in_streams(data, objects, inside)
    stream_start = last_start(plain)
    out = plain[: plain.rindex(b"startxref")]
    start = len(out)
    shown = [*objects, 58, 59]
    rows = b"".join(
        b"%d 1\n%010d 00000 n \n" % (one, out.index(b"\n%d 0 obj" % one, len(data) - 1) + 1)
        for one in sorted(shown)
    )
    hidden = b"".join(b"%d 1\n0000000000 65535 f \n" % one for one in inside)
    trailer = b"trailer\n<< /Root 1 0 R /Info 16 0 R /Size 61 /Prev %d /XRefStm %d %s >>\n" % (
        last_start(data), stream_start, ID,
    )  # fmt: skip
    return out + b"xref\n" + hidden + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def body(data: bytes, number: int) -> bytes:
    """The newest version of an object."""
    found: bytes = re.findall(rb"\n%d 0 obj\n(.*?)\nendobj" % number, data, re.DOTALL)[-1]
    return found


ROOM = 12000
_RANGE = b"/ByteRange [ 0 0000000000 0000000000 0000000000 ]"


def signature(entries: bytes = b"/Type /Sig /SubFilter /ETSI.CAdES.detached") -> bytes:
    """The body of a signature dictionary with room for a CMS."""
    return b"<< /Filter /Adobe.PPKLite %s %s /Contents <%s> >>" % (entries, _RANGE, b"0" * ROOM)


def filled(data: bytes, *, stamp: bool = False) -> bytes:
    """Sign what `signature` left room for: the last one in the file, over all the rest."""
    start = data.rindex(b"<" + b"0" * ROOM)
    end = start + ROOM + 2
    numbers = b"/ByteRange [ 0 %010d %010d %010d ]" % (start, end, len(data) - end)
    data = data[::-1].replace(_RANGE[::-1], numbers[::-1], 1)[::-1]
    digest = hashlib.sha256(data[:start] + data[end:]).digest()
    return (
        data[:start]
        + b"<"
        + _cms(digest, stamp=stamp).hex().encode().ljust(ROOM, b"0")
        + b">"
        + data[end:]
    )


def _cms(digest: bytes, *, stamp: bool) -> bytes:
    if stamp:
        token: cms.ContentInfo = asyncio.run(
            pki().timestamper(NOW).async_timestamp(digest, "sha256")
        )
        return bytes(token.dump())
    signer = pki().signer(pki().officer)
    made = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True))
    return bytes(made.dump())
