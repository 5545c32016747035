"""PDFs written byte by byte, as no maker writes them."""

from collections.abc import Sequence

FORM = b"<< /Type /XObject /Subtype /Form /BBox [0 0 50 50] /Length %d %s>>\nstream\n%s\nendstream"
NEXT = 5
"""Number of the first object in `more`."""


def form(content: bytes = b"1 0 0 rg 0 0 50 50 re f", entries: bytes = b"") -> bytes:
    """Return a form XObject: a red square."""
    return FORM % (len(content), entries, content)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def one_page(
    content: bytes = b"0 0 1 rg 10 10 30 30 re f",
    *,
    resources: bytes = b"",
    page: bytes = b"",
    catalogue: bytes = b"",
    more: Sequence[bytes] = (),
) -> bytes:
    """Return a file of one page; its further objects are numbered from 5."""
    return written(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        b" /Resources << %s >> %s >>" % (resources, page),
        stream(content),
        *more,
    )


def written(*bodies: bytes) -> bytes:
    """Return a file of objects, numbered from 1; the first is the catalogue."""
    output = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    output += b"".join(b"%010d 00000 n \n" % one for one in offsets)
    output += b"trailer\n<< /Root 1 0 R /Size %d >>\n" % (len(bodies) + 1)
    return bytes(output + b"startxref\n%d\n%%%%EOF\n" % table)


def annotated(entries: bytes, *more: bytes, flags: int = 4) -> bytes:
    """Return a page with an annotation, object 5; further objects from 6."""
    whole = b"<< /Type /Annot /Rect [100 100 150 150] /F %d %s >>" % (flags, entries)
    return one_page(page=b"/Annots [5 0 R]", more=(whole, *more))
