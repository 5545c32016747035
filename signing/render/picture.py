"""Pages of ours as a picture, for screens. Only for PDFs that this process has drawn itself."""

from io import BytesIO

import pypdfium2
from PIL import Image

PIXELS_PER_POINT = 150 / 72
"""150 dpi: small print stays readable, and a page has some 1.5 MiB."""


_GAP = 24
_BETWEEN = "#8a8f98"


def png_of(pdf: bytes) -> bytes:
    """Return the pages, one below the other, as PNG."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=PIXELS_PER_POINT).to_pil() for page in document]
    finally:
        document.close()
    high = sum(page.height for page in pages) + _GAP * (len(pages) - 1)
    picture = Image.new("RGB", (max(page.width for page in pages), high), _BETWEEN)
    top = 0
    for page in pages:
        picture.paste(page, ((picture.width - page.width) // 2, top))
        top += page.height + _GAP
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
