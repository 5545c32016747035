"""Pictures of paper as PDFs, as scanners and image libraries make them."""

import io
import re

from PIL import Image

from tests.signing.material import blank


def pillow_scan() -> bytes:
    """One picture a page, by Pillow, with the free list as it should be."""
    data, changed = re.subn(rb"0000000000 65536 f", b"0000000000 65535 f", scan_with_odd_xref())
    assert changed == 1
    return data


def scan_with_odd_xref() -> bytes:
    """The head of the free list with generation 65536, as Ghostscript and Pillow write it."""
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (250, 250, 250)).save(out, format="PDF")
    return out.getvalue()


def mixed_page() -> bytes:
    """A text beside a picture is no scan."""
    return blank()
