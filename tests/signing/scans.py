"""Pictures of paper as PDFs, as scanners and image libraries make them."""

import io
import re

from PIL import Image

from tests.signing.material import blank


def pillow_scan() -> bytes:
    """One picture a page, by Pillow."""
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (250, 250, 250)).save(out, format="PDF")
    return out.getvalue()


def scan_with_odd_xref() -> bytes:
    """The head of the free list with generation 65536, as Ghostscript and Pillow wrote it."""
    data, changed = re.subn(rb"0000000000 6553[56] f", b"0000000000 65536 f", pillow_scan())
    assert changed == 1
    return data


def mixed_page() -> bytes:
    """A text beside a picture is no scan."""
    return blank()
