"""Pages as two engines draw them: pdfium and poppler."""

import io
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

Box = tuple[float, float, float, float]


def by_pdfium(data: bytes) -> list[Image.Image]:
    """Render every page, one pixel to a point, annotations and fields included."""
    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    return [page.render(scale=1).to_pil().convert("RGB") for page in document]


def by_poppler(data: bytes, folder: Path) -> list[Image.Image]:
    """Render every page with pdftoppm."""
    program = shutil.which("pdftoppm")
    assert program is not None, "Debian's poppler-utils is needed"
    source = folder / "page.pdf"
    source.write_bytes(data)
    for old in folder.glob("page-*.ppm"):
        old.unlink()
    subprocess.run([program, "-r", "72", source, folder / "page"], check=True, capture_output=True)
    pages = sorted(folder.glob("page-*.ppm"))
    return [Image.open(io.BytesIO(page.read_bytes())).convert("RGB") for page in pages]


def differ(
    before: list[Image.Image], after: list[Image.Image], apart: Mapping[int, Iterable[Box]]
) -> bool:
    """Tell whether any page differs outside the boxes (by page, in points from below)."""
    if len(before) != len(after):
        return True
    return any(
        one.size != other.size or _shows_through(one, other, apart.get(number, ()))
        for number, (one, other) in enumerate(zip(before, after, strict=True))
    )


def _shows_through(one: Image.Image, other: Image.Image, boxes: Iterable[Box]) -> bool:
    difference = ImageChops.difference(one, other)
    pen = ImageDraw.Draw(difference)
    for left, below, right, above in boxes:
        top, bottom = one.height - above, one.height - below
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=(0, 0, 0))
    return difference.getbbox() is not None
