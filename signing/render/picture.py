"""A page of ours as a picture, for screens. Only for PDFs that this process has drawn itself."""

from io import BytesIO

import pypdfium2

PIXELS_PER_POINT = 150 / 72
"""150 dpi: small print stays readable, and a page has some 300 KiB."""


def png_of(pdf: bytes) -> bytes:
    """Return the first page as PNG."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=PIXELS_PER_POINT).to_pil()
    finally:
        document.close()
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
