"""Pages in black and white: what a copier or a fax leaves at 150 dpi."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from math import ceil, floor, sqrt
from pathlib import Path
from subprocess import run
from typing import Literal

import pytest
from PIL import Image, ImageDraw, ImageFont

from signing.face import Box, LicenceFace
from signing.render.geometry import A4_LONG, A4_SHORT
from signing.render.page_parts import PageLayout
from signing.render.renderer import LicenceRenderer
from signing.render.setting import PlacedText
from tests.signing import faces

RENDERER = LicenceRenderer()
DPI = 150
SCALE = DPI / 72
Copy = Literal["screened", "threshold"]
COPIES: tuple[Copy, ...] = ("screened", "threshold")
"""The two ways to one bit: a screen of dots, as pdftoppm -mono does, and black below the middle."""
CODES = "0123456789ABCDEFGHJKLMNPQRTUWXY."
"""What a licence identifier is written in (GB/T 36904 has neither I, O, S, V nor Z)."""


def copied(face: LicenceFace, how: Copy, folder: Path) -> Image.Image:
    """Return the page as a copier in black and white leaves it; 255 is paper."""
    page = folder / "page.pdf"
    page.write_bytes(RENDERER.render(face).pdf)
    kind = "-mono" if how == "screened" else "-gray"
    command: list[str | Path] = ["pdftoppm", kind, "-r", str(DPI), "-singlefile", page]
    shown = Image.open(BytesIO(run(command, check=True, capture_output=True).stdout)).convert("L")
    return shown.point(lambda grey: 255 if grey >= 128 else 0)


def cut(image: Image.Image, box: Box) -> Image.Image:
    """Cut a box, in points from below, out of a page."""
    height = page_height(image)
    return image.crop(
        (
            floor(box.x1 * SCALE),
            floor((height - box.y2) * SCALE),
            ceil(box.x2 * SCALE),
            ceil((height - box.y1) * SCALE),
        )
    )


def page_height(image: Image.Image) -> float:
    """Return the height in points; a page begins at the top of its picture."""
    return A4_SHORT if image.width > image.height else A4_LONG


def characters(placed: PlacedText, text: str) -> Iterator[tuple[str, Box]]:
    """Yield each character of `text`, a part of a line, with what it takes up."""
    before = placed.text.index(text)
    x = placed.x + placed.font.width_at(placed.text[:before], placed.size)
    for one in text:
        width = placed.font.width_at(one, placed.size)
        yield one, Box(x, placed.box.y1, x + width, placed.box.y2)
        x += width


def drawn(character: str, box: Box, line: PlacedText, page: Image.Image) -> bytes:
    """Draw what a character should look like in its box, in greys, from the font file."""
    fine, like = 8, cut(page, box)
    picture = Image.new("L", (like.width * fine, like.height * fine), 255)
    top = (page_height(page) - box.y2) * SCALE
    left = (box.x1 * SCALE - floor(box.x1 * SCALE)) * fine
    down = (top - floor(top) + (box.y2 - line.y) * SCALE) * fine
    font = _font(line.size * SCALE * fine)
    ImageDraw.Draw(picture).text((left, down), character, 0, font, anchor="ls")
    return picture.resize(like.size, Image.Resampling.BOX).tobytes()


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    with as_file(files("signing") / "fonts" / "NotoSerifSC-Regular.ttf") as path:
        return ImageFont.truetype(BytesIO(path.read_bytes()), size)


def likeness(one: bytes, other: bytes) -> float:
    """Return the correlation of two pictures of the same size."""
    first, second = (sum(picture) / len(picture) for picture in (one, other))
    pairs = [(a - first, b - second) for a, b in zip(one, other, strict=True)]
    across = sum(a * b for a, b in pairs)
    own = sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs)
    return across / sqrt(own) if own else 0.0


def read_again(page: Image.Image, line: PlacedText, text: str, alphabet: str) -> str:
    """Read a text by what each character looks most like, among those about as wide."""
    read = ""
    for one, box in characters(line, text):
        seen = cut(page, box)
        wide = line.font.widths[one]
        likely = [c for c in alphabet if 0.85 < line.font.widths[c] / wide < 1.15]
        pictures = {c: drawn(c, box, line, page) for c in likely}
        read += max(likely, key=lambda c: likeness(seen.tobytes(), pictures[c]))
    return read


def line_of(layout: PageLayout, text: str) -> PlacedText:
    return next(placed for placed in layout.texts if text in placed.text)


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("face", [faces.food(), faces.disability()], ids=["food", "disability"])
def test_the_identifier_is_read_from_a_copy(face: LicenceFace, how: Copy, tmp_path: Path) -> None:
    page, layout = copied(face, how, tmp_path), RENDERER.layout(face)[0]
    line = line_of(layout, face.identifier)
    assert read_again(page, line, face.identifier, CODES) == face.identifier


@pytest.mark.parametrize("how", COPIES)
def test_the_printed_address_is_read_from_a_copy(how: Copy, tmp_path: Path) -> None:
    face = faces.food()
    page, line = copied(face, how, tmp_path), line_of(RENDERER.layout(face)[0], "核验网址")
    host = "verify.linhe.example.gov.cn"
    read = read_again(page, line, host, "abcdefghijklmnopqrstuvwxyz.-")
    misread = sum(one != other for one, other in zip(read, host, strict=True))
    assert misread <= 2, read  # i, l and t are alike by themselves, and not to who reads words


@pytest.mark.parametrize("kind", ["food", "construction", "disability"])
def test_a_copier_finds_no_tint_to_screen_beneath_code_and_small_print(
    kind: str, tmp_path: Path
) -> None:
    face: LicenceFace = getattr(faces, kind)()
    page, layout = tmp_path / "page.pdf", RENDERER.layout(face)[0]
    page.write_bytes(RENDERER.render(face).pdf)
    command: list[str | Path] = ["pdftoppm", "-r", str(DPI), "-singlefile", page]
    shown = Image.open(BytesIO(run(command, check=True, capture_output=True).stdout))
    for box in (layout.qr, layout.small_print):
        inner = Box(box.x1 + 1, box.y1 + 1, box.x2 - 1, box.y2 - 1)
        data = cut(shown, inner).tobytes()
        colours = set(zip(*[iter(data)] * 3, strict=True))
        assert (255, 255, 255) in colours
        assert {colour for colour in colours if len(set(colour)) > 1} == set(), "tinted"


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("kind", ["food", "construction", "disability"])
def test_a_sample_stays_a_sample_in_a_copy(kind: str, how: Copy, tmp_path: Path) -> None:
    """Most of the mark's outline is black in a copy, wherever no words stand over it."""
    face: LicenceFace = replace(getattr(faces, kind)(), photo=None, fields=(), number="1")
    marked = copied(replace(face, sample=True), how, tmp_path)
    plain = copied(face, how, tmp_path)
    pairs = zip(marked.tobytes(), plain.tobytes(), strict=True)
    added = sum(a < b for a, b in pairs)
    outline = 2800 * 1.1 * SCALE**2  # two characters of 160 pt: 2,800 pt of outline, 1.1 pt wide
    assert added > 0.9 * outline


@pytest.mark.parametrize("how", COPIES)
def test_thin_strokes_do_not_drop_out(how: Copy, tmp_path: Path) -> None:
    """Of 二, 三 and 日 the horizontal strokes are the thinnest a page has."""
    for at, lead in enumerate("甲乙"):
        face = faces.with_value(faces.disability(), "name", "二三日一")
        face = replace(face, number="1" * (at + 3), number_label=face.fields[0].label)
        face = replace(face, design=replace(face.design, statement=lead * (at * 30 + 1)))
        page, line = copied(face, how, tmp_path), line_of(RENDERER.layout(face)[0], "二三日一")
        for character, box in characters(line, "二三日一"):
            seen = cut(page, box)
            strokes = _levels(seen)
            assert strokes == {"一": 1, "二": 2, "三": 3, "日": 3}[character], character


def _levels(image: Image.Image) -> int:
    """Count the runs of rows that are black in most of their middle third."""
    third = image.width // 3
    middle = image.crop((third, 0, 2 * third, image.height))
    rows = [
        middle.crop((0, y, middle.width, y + 1)).tobytes().count(0) > 0.7 * middle.width
        for y in range(middle.height)
    ]
    return sum(row and not before for before, row in zip([False, *rows], rows, strict=False))
