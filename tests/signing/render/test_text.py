"""Line breaking and font subsets."""

from importlib.resources import as_file, files
from io import BytesIO

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from hypothesis import example, given
from hypothesis import strategies as st

from signing.render.type.embedding import UsedFonts, to_unicode_map
from signing.render.type.files import EM
from signing.render.type.subset import make_subset
from signing.render.type.typefaces import load_fonts
from signing.render.wrapping import _units, measure, wrap

FONT = load_fonts().regular


def _wrap(text: str, ems: float) -> list[str]:
    return wrap(measure(text, FONT.widths), ems * EM)


def test_no_line_begins_or_ends_with_the_wrong_punctuation() -> None:
    assert _wrap("热食类食品，（含生食）", 5) == ["热食类食", "品，（含生", "食）"]


def test_words_and_numbers_stay_together() -> None:
    assert _wrap("清风亭西路1288号", 6) == ["清风亭西路", "1288号"]


def test_what_is_wider_than_a_line_is_broken_anywhere() -> None:
    lines = _wrap("9" * 40, 5)
    assert "".join(lines) == "9" * 40
    assert len(lines) > 3


def test_own_lines_are_kept() -> None:
    assert _wrap("甲\n乙\n\n丙", 9) == ["甲", "乙", "", "丙"]


@given(st.text(alphabet="青禾（）“，。；12ab -", max_size=80), st.floats(1.5, 20))
def test_wrapping_loses_nothing_but_spaces_and_never_overflows(text: str, ems: float) -> None:
    lines = _wrap(text, ems)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(FONT.width(line) <= ems * EM for line in lines)


def _unit_by_unit(text: str, limit: float) -> list[str]:
    """Wrap one paragraph plainly: each unit goes on the line while it fits, else begins another."""
    line, lines = "", []
    for unit, width in _units(text, FONT.widths):
        if FONT.width(line) + width <= limit:
            line += unit
            continue
        if line:
            lines.append(line.rstrip())
        line = unit.lstrip() if width <= limit else ""
        for character in unit if width > limit else "":
            if line and FONT.width(line + character) > limit:
                lines.append(line)
                line = ""
            line += character
    return [*lines, line.rstrip()]


@given(st.text(alphabet="青禾（）“，。；12ab -", max_size=60), st.floats(0.4, 12))
@example("aaaa  青", 1.0)
def test_wrapping_is_that_of_units_one_by_one(text: str, ems: float) -> None:
    assert _wrap(text, ems) == _unit_by_unit(text, ems * EM)


def _drawn(font: TTFont, name: str) -> object:
    pen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(pen)
    return pen.value


@pytest.mark.parametrize("text", ["信印Xinyin㼆", "éÅ½㎡①"])
def test_a_subset_draws_the_same_outlines(text: str) -> None:
    outlines, numbers = FONT.main.outlines, FONT.main.glyphs
    wide = [outlines.cut(numbers[one], 1000 + cid) for cid, one in enumerate(text, start=1)]
    program = make_subset(outlines, [outlines.cut(0, 1000), *wide])
    tables = ("cmap", "post", "name", "OS/2")
    with TTFont(BytesIO(program), checkChecksums=2) as subset, _original() as original:
        assert not set(tables) & set(subset.keys())
        subset.setGlyphOrder([f"g{i}" for i in range(subset["maxp"].numGlyphs)])
        for cid, character in enumerate(text, start=1):
            source = original.getBestCmap()[ord(character)]
            assert _drawn(subset, f"g{cid}") == _drawn(original, source)
            assert subset["hmtx"][f"g{cid}"] == (1000 + cid, original["hmtx"][source][1])
        assert subset["hhea"].advanceWidthMax == 1000 + len(text)


def _original() -> TTFont:
    with as_file(files("signing") / "fonts" / "NotoSerifSC-Regular.ttf") as path:
        return TTFont(path, lazy=True)


def test_both_weights_have_the_same_characters() -> None:
    fonts = load_fonts()
    assert fonts.regular.main.widths.keys() == fonts.bold.main.widths.keys()
    assert len(fonts.regular.main.widths) > 30_000


def test_the_unicode_map_has_small_blocks_and_surrogates() -> None:
    """Adobe technical note 5411: 100 entries a block; ISO 32000-1 9.10.3: UTF-16BE."""
    points = [FONT.main.ready[chr(0x4E00 + i)].point for i in range(230)] + ["<D872DF76>"]
    text = to_unicode_map(points).decode()
    assert [line for line in text.splitlines() if "beginbfchar" in line] == [
        "100 beginbfchar",
        "100 beginbfchar",
        "31 beginbfchar",
    ]
    assert "<0001> <4E00>" in text
    assert "<00E7> <D872DF76>" in text


def test_a_character_beyond_the_bmp_is_mapped_by_surrogates() -> None:
    ((font, _),) = FONT.runs("𬭶")
    assert font.ready["𬭶"].point == f"<{'𬭶'.encode('utf-16-be').hex().upper()}>"


def test_a_character_that_a_font_lacks_is_never_embedded_as_a_blank() -> None:
    """Layout names it before; should it come so far, there is no file."""
    used = UsedFonts()
    used.codes(FONT.main, "证𰻞")
    with pytest.raises(KeyError, match="𰻞"):
        used.values()


def test_glyphs_that_are_kept_ready_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.render.type.files.KEPT", 20)
    font = load_fonts().bold.main
    for point in range(0x5000, 0x5050):
        assert font.ready[chr(point)].point == f"<{point:04X}>"
        assert len(font.ready) <= 20
