"""Operators of a page, read back: every text stands as laid out, in its own type and tone."""

from dataclasses import replace
from functools import cache
from io import BytesIO

import pikepdf
import pytest

from signing.face import LicenceFace
from signing.render.page_content import BOLDER_UP_TO
from signing.render.page_parts import PageLayout
from signing.render.renderer import LicenceRenderer
from tests.signing import faces

Said = tuple[float, float, float, tuple[float, ...], int, str]
"""Place, size, tone, mode and font of what is shown by one operator."""
FACES = {
    "food": faces.food(),
    "disability": replace(faces.disability(), number="JY𠮷1"),
    "copies": faces.copies(),
    "preview": replace(faces.construction(), preview=True),
}


@cache
def _renderer() -> LicenceRenderer:
    return LicenceRenderer()


def shown(page: pikepdf.Page) -> list[Said]:
    """Return what a page shows, by the state that its operators leave."""
    fonts = {
        name: str(font.BaseFont).partition("+")[2] for name, font in page.Resources.Font.items()
    }
    said: list[Said] = []
    state: dict[str, list[pikepdf.Object]] = {}
    saved: list[dict[str, list[pikepdf.Object]]] = []
    for part in pikepdf.parse_content_stream(page):
        operator, operands = str(part.operator), list(part.operands)
        if operator == "q":
            saved.append(dict(state))
        elif operator == "Q":
            state = saved.pop()
        elif operator == "Tj":
            if state["rg"] != state["RG"]:
                continue  # the mark across the page
            _, _, _, _, x, y = map(float, state["Tm"])
            font, size = state["Tf"]
            tone = tuple(map(float, state["rg"]))
            said.append((x, y, float(size), tone, int(state["Tr"][0]), fonts[str(font)]))
        else:
            state[operator] = operands
    return said


def laid_out(layout: PageLayout) -> list[Said]:
    """Return what a layout asks for, in any order."""
    return [
        (
            round(one.x, 3),
            round(one.y, 3),
            float(f"{one.size:g}"),
            tuple(round(part, 3) for part in one.colour),
            2 if one.size < BOLDER_UP_TO else 0,
            font.fontName,
        )
        for one in layout.texts
        for font, _ in one.font.runs(one.text)
    ]


@pytest.mark.parametrize("name", FACES)
def test_every_text_is_shown_as_it_was_laid_out(name: str) -> None:
    face: LicenceFace = FACES[name]
    renderer = _renderer()
    with pikepdf.open(BytesIO(renderer.render(face).pdf)) as pdf:
        for page, layout in zip(pdf.pages, renderer.layout(face), strict=True):
            assert sorted(shown(page)) == sorted(laid_out(layout))
