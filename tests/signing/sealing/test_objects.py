"""Dictionaries taken apart, as those who make our pages write them and no other way."""

import pytest

from signing.errors import UnsuitablePageError
from signing.pdf_syntax import text
from signing.sealing.objects import dictionary_of, entries, number_in, references_in


def test_values_stand_as_they_were() -> None:
    written = (
        b"<< /Type /Page\n/Kids[1 0 R 2 0 R]/Rect [ 0 0 595.28 842 ] /Parent 12 0 R"
        b"/T (a\\)b >> /X) /H <FEFF0041> /R << /Font << /F1 3 0 R >> >> /N -1.5 /E null>>"
    )
    assert entries(written) == {
        "Type": b"/Page",
        "Kids": b"[1 0 R 2 0 R]",
        "Rect": b"[ 0 0 595.28 842 ]",
        "Parent": b"12 0 R",
        "T": b"(a\\)b >> /X)",
        "H": b"<FEFF0041>",
        "R": b"<< /Font << /F1 3 0 R >> >>",
        "N": b"-1.5",
        "E": b"null",
    }
    assert entries(dictionary_of(entries(written))) == entries(written)


def test_what_one_changes_is_ones_own() -> None:
    entries(b"<< /A 1 >>")["A"] = b"2"
    assert entries(b"<< /A 1 >>") == {"A": b"1"}


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"[ 1 ]",
        b"<< /A 1",
        b"<< /A >>",
        b"<< 1 2 >>",
        b"<< /A 1 /A 2 >>",
        b"<< /A 1 >> << /B 2 >>",
        b"<< /A 1 % a comment\n >>",
        b"<< /A (one (within) another) >>",
        b"<< /A [ 1 >>",
        b"<< /A 1 2 >>",
        b"<< /A " + b"[" * 40 + b"]" * 40 + b" >>",
    ],
)
def test_what_nobody_of_ours_writes_is_refused(odd: bytes) -> None:
    with pytest.raises(UnsuitablePageError):
        entries(odd)


@pytest.mark.parametrize("odd", [b"", b"1 1 R", b"1 0 R 2 0 R", b"/Name", b"<< >>"])
def test_no_reference_is_none(odd: bytes) -> None:
    with pytest.raises(UnsuitablePageError):
        number_in(odd)


def test_arrays_of_references_hold_nothing_else() -> None:
    assert references_in(b"[1 0 R\n22 0 R ]") == [1, 22]
    assert references_in(b"[]") == []
    for odd in (b"[1 0 R << >>]", b"[1 1 R]", b"1 0 R", b"[1 0 R"):
        with pytest.raises(UnsuitablePageError):
            references_in(odd)


@pytest.mark.parametrize(
    "hostile", ["/ByteRange", "%%EOF", "a\n/Contents <", "endobj\r", "/T (Officer)"]
)
def test_no_text_looks_like_a_part_of_the_file(hostile: str) -> None:
    written = text(hostile)
    assert written.startswith("<FEFF")
    assert bytes.fromhex(written[5:-1]).decode("utf-16-be") == hostile
