"""Pages as two engines show them, to tell a real attack from noise."""

import hashlib
import subprocess
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pypdfium2

_MOST_PAGES = 4


def _pdfium(data: bytes) -> tuple[bytes, ...]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return ()
    try:
        document.init_forms()
        return tuple(_drawn(document[index]) for index in range(min(len(document), _MOST_PAGES)))
    except pypdfium2.PdfiumError:
        return ()
    finally:
        document.close()


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    bitmap = page.render(scale=0.5, may_draw_forms=True, draw_annots=True)
    size = f"{bitmap.width}x{bitmap.height}".encode()
    return size + hashlib.sha256(bytes(bitmap.buffer)).digest()


def _poppler(data: bytes) -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory(prefix="xy-page-") as directory:
        path = Path(directory) / "in.pdf"
        path.write_bytes(data)
        command = [
            "pdftoppm",
            "-cropbox",
            "-r",
            "36",
            "-l",
            str(_MOST_PAGES),
            str(path),
            f"{directory}/page",
        ]
        subprocess.run(command, check=False, capture_output=True, timeout=30)
        return tuple(
            hashlib.sha256(page.read_bytes()).digest()
            for page in sorted(Path(directory).glob("page*.ppm"))
        )


ENGINES: dict[str, Callable[[bytes], tuple[bytes, ...]]] = {
    "pdfium": lru_cache(16)(_pdfium),
    "poppler": lru_cache(16)(_poppler),
}


def shown_by(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return the engines that show pages otherwise than before, and show any."""
    return tuple(
        name for name, pages in ENGINES.items() if pages(after) and pages(after) != pages(before)
    )
