"""Rare characters by a second font, scripts by configured ones, and what is refused by name."""

import hashlib
import re
from dataclasses import replace
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from core.errors import ConfigurationError
from signing.face import LicenceFace
from signing.render.errors import MissingGlyphError
from signing.render.renderer import LicenceRenderer
from signing.render.type.typefaces import RARE, RARE_SHA256, FontPin, load_fonts
from tests.signing import faces
from tests.signing.sealing.sealing_world import run

YI = "ꀀ"
GB_18030_2022 = ((0x3400, 0x4DB5), (0x4E00, 0x9FEF), (0x20000, 0x2A6D6), (0x2A700, 0x2B734),
                 (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0))  # fmt: skip
"""Its ideographs, at every level of implementation: the URO with its extension, A to F."""


def _named(name: str) -> LicenceFace:
    return faces.with_value(faces.construction(), "legal", name)


def _yi_font(folder: Path, units: int = 2048) -> FontPin:
    """A font with one letter, as wide as its em."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((units // 2, units * 3 // 4))
    pen.lineTo((units * 3 // 4, 0))
    pen.closePath()
    drawn = pen.glyph()
    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder([".notdef", "yi"])
    builder.setupCharacterMap({ord(YI): "yi", ord("ئ"): "yi"})
    builder.setupGlyf({".notdef": drawn, "yi": drawn})
    builder.setupHorizontalMetrics({".notdef": (units, 0), "yi": (units, 0)})
    builder.setupHorizontalHeader(ascent=units, descent=0)
    builder.setupOS2(sTypoAscender=units, sTypoDescender=0)
    builder.setupPost()
    path = folder / "yi.ttf"
    builder.save(path)
    return FontPin(path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_second_font_is_the_pinned_one() -> None:
    with as_file(files("signing") / "fonts" / RARE) as path:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == RARE_SHA256


def test_every_ideograph_of_gb_18030_2022_can_be_printed() -> None:
    face = load_fonts().regular
    for first, last in GB_18030_2022:
        face.check("".join(map(chr, range(first, last + 1))), faces.food().number_label)


def test_rare_characters_are_embedded_beside_the_others(tmp_path: Path) -> None:
    pdf = LicenceRenderer().render(_named("欧阳𠮷𫢸国𬴂")).pdf
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    assert "法定代表人：\n欧阳𠮷𫢸国𬴂".replace("\n", "") in re.sub(
        r"\s", "", run("pdftotext", path, "-")
    )
    rows = [row.split()[0] for row in run("pdffonts", path).splitlines()[2:]]
    assert [row.partition("+")[2] for row in rows] == [
        "NotoSerifSC-Bold", "NotoSerifSC-Regular", "HanaMinB",
    ]  # fmt: skip
    assert len(pdf) < len(LicenceRenderer().render(_named("欧阳国")).pdf) + 6000


def test_a_rare_character_is_as_wide_as_its_neighbours_and_leaves_ink() -> None:
    layout = LicenceRenderer().layout(_named("国𠮷国"))[0]
    (line,) = (text for text in layout.texts if text.text == "国𠮷国")
    assert line.box.x2 - line.box.x1 == pytest.approx(3 * line.size)
    page = pypdfium2.PdfDocument(LicenceRenderer().render(_named("国𠮷国")).pdf)[0]
    scale = 4
    shown = page.render(scale=scale).to_pil().convert("L")
    middle = (
        (line.x + line.size) * scale,
        shown.height - line.box.y2 * scale,
        (line.x + 2 * line.size) * scale,
        shown.height - line.box.y1 * scale,
    )
    dark = shown.crop(middle).tobytes()
    assert 0.08 < sum(grey < 100 for grey in dark) / len(dark) < 0.6


@pytest.mark.parametrize(("character", "point"), [("𰻞", "U+30EDE"), (YI, "U+A000")])
def test_what_no_font_has_is_named(character: str, point: str) -> None:
    with pytest.raises(MissingGlyphError) as caught:
        LicenceRenderer().layout(_named(f"阿{character}"))
    assert caught.value.details["code_point"] == point
    assert f"“{character}”（{point}）" in caught.value.text.zh
    assert "字体" in caught.value.text.zh


def test_a_configured_font_prints_its_script(tmp_path: Path) -> None:
    renderer = LicenceRenderer((_yi_font(tmp_path),))
    pdf = renderer.render(_named(f"阿{YI}")).pdf
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    assert f"阿{YI}" in run("pdftotext", path, "-")
    with pikepdf.open(BytesIO(pdf)) as file:
        fonts = file.pages[0].Resources.Font
        (own,) = (one for one in fonts.values() if str(one.BaseFont).endswith("Further1"))
        assert list(own.DescendantFonts[0].W[1]) == [1000]
        assert [int(x) for x in own.DescendantFonts[0].FontDescriptor.FontBBox] == [0, 0, 750, 750]
    other = LicenceRenderer()
    with pytest.raises(MissingGlyphError):
        other.layout(_named(f"阿{YI}"))


@pytest.mark.parametrize("text", ["ئ", "ئۇيغۇر", "བོད", "ᠮᠣᠩᠭᠣᠯ"])
def test_scripts_that_join_or_stack_are_refused_for_what_they_are(
    text: str, tmp_path: Path
) -> None:
    """Even with a font that has their letters: one by one they would be wrong."""
    with pytest.raises(MissingGlyphError) as caught:
        LicenceRenderer((_yi_font(tmp_path),)).layout(_named(text))
    assert "连写" in caught.value.text.zh
    assert str(caught.value.details["character"]) in text


def test_a_font_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    pin = _yi_font(tmp_path)
    no_font = tmp_path / "no.ttf"
    no_font.write_bytes(b"hello")
    for wrong in (
        replace(pin, sha256="0" * 64),
        replace(pin, path=tmp_path / "gone.ttf"),
        FontPin(no_font, hashlib.sha256(b"hello").hexdigest()),
    ):
        with pytest.raises(ConfigurationError) as caught:
            LicenceRenderer((wrong,))
        assert str(wrong.path) in caught.value.text.zh
