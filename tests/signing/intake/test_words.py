"""Words found on pages: only where they are seen."""

import pytest

from signing.intake.intake import Intake
from signing.intake.word_places import MOST_FOUND, find_words
from tests.signing.intake.hostile import form, one_page

FONT = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
WORD = b"BT /F 12 Tf 20 50 Td (SEAL) Tj ET"


def places(content: bytes) -> int:
    return len(find_words(one_page(content, resources=FONT), "SEAL"))


@pytest.mark.parametrize(
    "content",
    [
        WORD,
        b"1 Tr " + WORD,
        b"0 g 0 0 200 200 re f 1 g " + WORD,
        b"BT /F 12 Tf 20 50 Td (S) Tj 9 0 Td ( E) Tj 14 0 Td (AL) Tj ET",
        b"0 0 100 100 re W n " + WORD,
        b".6 g " + WORD,
        b"BT /F 1 Tf 12 0 0 12 20 50 Tm (SEAL) Tj ET",
        b"q 3 Tr " + WORD + b" Q " + WORD.replace(b"20 50", b"20 90"),
    ],
)
def test_a_word_that_is_seen_is_found(content: bytes) -> None:
    assert places(content) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"3 Tr " + WORD,
        b"7 Tr " + WORD,
        b"1 g " + WORD,
        b".95 g " + WORD,
        b"0 g 0 0 200 200 re f " + WORD,
        WORD + b" 1 g 0 0 200 200 re f",
        b"0 0 5 5 re W n " + WORD,
        WORD.replace(b"12 Tf", b"1 Tf"),
        WORD.replace(b"12 Tf", b"0 Tf"),
        WORD.replace(b"20 50", b"20 500"),
        WORD.replace(b"20 50", b"-900 50"),
        b"BT /F 12 Tf 20 50 Td (SE) Tj 1 g (AL) Tj ET",
        b"BT /F 12 Tf 0 Tz 20 50 Td (SEAL) Tj ET",
        b"BT /F 1 Tf .1 0 0 .1 20 50 Tm (SEAL) Tj ET",
    ],
)
def test_a_word_that_nobody_sees_is_not_found(content: bytes) -> None:
    assert places(content) == 0


def test_a_word_without_opacity_is_not_found() -> None:
    state = b" /ExtGState << /G << /ca 0.05 /CA 0.05 >> >>"
    data = one_page(b"/G gs " + WORD, resources=FONT + state)
    assert find_words(data, "SEAL") == []


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_words_are_seen_on_turned_and_cut_pages_and_in_forms(turn: int) -> None:
    page = b"/Rotate %d /CropBox [10 20 200 150]" % turn
    inner = form(b"BT /F 12 Tf 0 1 Td (SEAL) Tj ET", b"/Resources << %s >>" % FONT)
    content = WORD + b" q 1 0 0 1 60 90 cm /X Do Q " + b"1 g " + WORD.replace(b"20 50", b"99 99")
    data = one_page(content, resources=FONT + b" /XObject << /X 5 0 R >>", page=page, more=[inner])
    assert [(int(one[0]), round(one[1])) for one in find_words(data, "S EAL")] == [(1, 21), (1, 61)]


def test_words_in_typefaces_that_the_file_does_not_hold_are_found() -> None:
    described = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /CIDSystemInfo << /Registry"
        b" (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor"
        b" /FontName /SimSun /Flags 4 /FontBBox [0 0 1000 1000] /Ascent 800 /Descent -200"
        b" /ItalicAngle 0 /CapHeight 700 /StemV 80 >> >>"
    )
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /UniGB-UCS2-H"
    data = one_page(
        b"BT /F 12 Tf 20 50 Td <76D67AE0> Tj ET",
        resources=b"/Font << /F 5 0 R >>",
        more=[font + b" /DescendantFonts [6 0 R] >>", described],
    )
    with Intake() as intake:
        (found,) = intake.find(data, "盖章")
        assert 15 < found.left < 25
        hidden = data.replace(b"BT /F 12 Tf", b"BT 3 Tr/F 9 Tf")
        assert intake.find(hidden, "盖章") == ()


def test_an_empty_word_and_many_words_end() -> None:
    assert find_words(one_page(WORD, resources=FONT), " ") == []
    many = b"BT /F 4 Tf 1 1 Td (%s) Tj ET" % (b"SEAL" * (MOST_FOUND + 9))
    assert places(many) <= MOST_FOUND
