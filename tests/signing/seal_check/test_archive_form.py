"""Archive revisions are recognised in our archiver's own form, and nothing else is."""

# mypy: disable-error-code="no-untyped-call"

import re
from collections.abc import Callable
from functools import cache, partial

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signing.levels import PadesLevel
from signing.seal_check.archive_form import explains
from signing.seal_check.check import check_seal
from signing.sealing.archive import Archiver, ArchiveWriter
from signing.sealing.cms import reserved_for, timestamp_of
from signing.sealing.signed_file import Room
from signing.sealing.updates import fill_timestamp
from tests.signing.inspection.updates import (
    Change,
    add_annotation,
    change_content,
    change_info,
)
from tests.signing.sealing.sealing_world import sealed, world


def archiver() -> Archiver:
    return Archiver(world().hierarchy.timestamps, world().hierarchy.validation)


@cache
def renewed(times: int, level: PadesLevel = PadesLevel.B_LTA) -> bytes:
    """Return a file that was renewed so many times."""
    return archiver().renew(renewed(times - 1, level)) if times else sealed(level).pdf


def ends(pdf: bytes) -> list[int]:
    """Return the end of each signature's range."""
    found = re.findall(rb"/ByteRange \[0 \d+ (\d+) (\d+)\]", pdf)
    return [int(start) + int(length) for start, length in found]


def complete(pdf: bytes) -> bool:
    found = check_seal(pdf, (world().root.public_bytes(Encoding.DER),))
    assert found.holds, "the seal itself is as it was"
    return found.complete


@pytest.mark.parametrize("times", [0, 1, 2, 4])
@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_what_our_archiver_writes_is_recognised(times: int, level: PadesLevel) -> None:
    pdf = renewed(times, level)
    assert len(ends(pdf)) == 1 + times + (level is PadesLevel.B_LTA)
    assert explains(pdf, ends(pdf))
    assert complete(pdf)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("level", [PadesLevel.B_B, PadesLevel.B_T])
def test_a_first_store_that_the_catalogue_names_is_recognised(
    times: int, level: PadesLevel
) -> None:
    pdf = renewed(times, level)
    assert explains(pdf, ends(pdf))
    assert complete(pdf)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/PageMode /UseNone", b"/PageMode /UseNon2"),
        (b"/Pages 6", b"/Pages 8"),
        (b"\\055metadata", b"\\056metadata"),
        (b"\\055metadata", b"\\955metadata"),
        (b"/Perms <<", b"/PermS <<"),
        (b"\n/DSS ", b"\n/DSs "),
        (b"/AcroForm", b"/AcroForN"),
    ],
)
def test_a_catalogue_that_says_something_else_is_another_form(old: bytes, new: bytes) -> None:
    pdf = renewed(1, PadesLevel.B_T)
    first, last = ends(pdf)
    assert pdf[first:].count(old) == 1
    changed = pdf[:first] + pdf[first:].replace(old, new)
    assert explains(pdf, [first, last])
    assert not explains(changed, [first, last])


def stamped(change: Change, level: PadesLevel = PadesLevel.B_LTA) -> bytes:
    """Append an archive revision with a true timestamp, in which something else was changed too.

    Anybody can have such a timestamp: the public unit stamps every digest.
    """
    writer = ArchiveWriter(sealed(level).pdf)
    writer.add_validation_data(world().hierarchy.validation.for_seal(world().certificate))
    change(writer)
    units = world().hierarchy.timestamps
    room = Room("sha512", reserved_for(timestamp_of(units, b"", "sha512")))
    return fill_timestamp(
        writer, writer.free_field_name(), room, lambda digest: units.token(digest, "sha512")
    )


def replace_font(writer: ArchiveWriter) -> None:
    font = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]["/F1"]
    font[pdf_name("/BaseFont")] = pdf_name("/Courier")
    writer.update_container(font)


def replace_appearance(writer: ArchiveWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 800)))
    writer.update_container(field)


def add_stray(writer: ArchiveWriter) -> None:
    writer.add_object(generic.DictionaryObject({pdf_name("/A"): generic.NumberObject(1)}))


def replace_page_content(writer: ArchiveWriter) -> None:
    """Write the content stream anew under its own number."""
    target = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 100 Td (forged) Tj ET")
    writer.objects[target.generation, target.idnum] = stream


def another_field(writer: ArchiveWriter) -> None:
    field = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.TextStringObject("forged"),
            pdf_name("/V"): generic.TextStringObject("forged"),
        }
    )
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(writer.add_object(field))
    writer.update_container(fields)


@pytest.mark.parametrize(
    "change",
    [
        change_content,
        replace_page_content,
        add_annotation,
        change_info,
        replace_font,
        replace_appearance,
        add_stray,
        another_field,
    ],
)
@pytest.mark.parametrize("level", [PadesLevel.B_T, PadesLevel.B_LT, PadesLevel.B_LTA])
def test_an_update_that_does_more_is_not_recognised(level: PadesLevel, change: Change) -> None:
    pdf = stamped(change, level)
    assert not explains(pdf, ends(pdf))
    check = check_seal(pdf, (world().root.public_bytes(Encoding.DER),))
    assert (check.holds, check.complete, check.sealed_length) == (True, False, 0)


def test_an_honest_one_made_the_same_way_is_recognised() -> None:
    assert complete(stamped(lambda _: None))


def edited(old: bytes, new: bytes, times: int = 1) -> tuple[bytes, list[int]]:
    """Edit a renewed file's last update, its length kept."""
    pdf = renewed(1, PadesLevel.B_LT)
    start = ends(pdf)[0]
    assert len(old) == len(new)
    assert pdf.count(old, start) >= times
    return pdf[:start] + pdf[start:].replace(old, new, times), ends(pdf)


def regex_edit(pattern: bytes, change: Callable[[bytes], bytes]) -> tuple[bytes, list[int]]:
    pdf = renewed(1, PadesLevel.B_LT)
    found = re.search(pattern, pdf[ends(pdf)[0] :])
    assert found is not None
    return edited(found[0], change(found[0]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/F 132", b"/F 134"),
        (b"/Rect [ 0 0 0 0 ]", b"/Rect [ 0 0 9 9 ]"),
        (b"/SigFlags 3", b"/SigFlags 1"),
        (b"(Archive)", b"(Archivf)"),
        (b"/FT /Sig\n", b"/FT /Btn\n"),
        (b"/Type /DSS", b"/Type /DSX"),
        (b"/DocTimeStamp", b"/DocTimeStanp"),
        (b"/Type /Annot\n", b"/Type /Annox\n"),
        (b"endobj\n", b"endobj "),
        (b"\nendobj", b" endobj"),
        (b" 00000 n \n", b" 00001 n \n"),
        (b" 00000 n \n", b" 00000 f \n"),
        (b"0000000000 65535 f ", b"0000000001 65535 f "),
        (b"/Root 4 0 R", b"/Root 3 0 R"),
        (b"/Info 5 0 R", b"/Info 4 0 R"),
        (b"startxref", b"startxreF"),
        (b"trailer", b"trailor"),
        (b"%%EOF\n", b"%%EOF "),
        (b"stream\n", b"stream "),
        (b"/Fields [ 24 0 R", b"/Fields [ 23 0 R"),
        (b"[ 24 0 R", b"[ 22 0 R"),
        (b"/Certs [13 0 R", b"/Certs [12 0 R"),
        (b"xref\n0 1", b"xref\n0 2"),
    ],
)
def test_one_word_elsewhere_is_another_form(old: bytes, new: bytes) -> None:
    pdf, revisions = edited(old, new)
    assert not explains(pdf, revisions)


@pytest.mark.parametrize(
    "pattern",
    [
        rb"/Prev \d+",
        rb"/Size \d+",
        rb"startxref\n\d+",
        rb"\d{10} 00000 n ",
        rb"/P \d+ 0 R\n/V \d+",
        rb"/Length \d+",
        rb"/ID \[ <[0-9a-f]+",
    ],
)
def test_one_digit_elsewhere_is_another_form(pattern: bytes) -> None:
    def change(found: bytes) -> bytes:
        last = re.findall(rb"[0-9a-f]", found)[-1]
        at = found.rindex(last)
        return found[:at] + (b"1" if last != b"1" else b"2") + found[at + 1 :]

    pdf, revisions = regex_edit(pattern, change)
    assert not explains(pdf, revisions)


def ending_in(word: bytes, found: bytes) -> bytes:
    return found[: -len(word)] + word


def test_a_stream_that_is_no_der_or_hides_a_keyword_is_another_form() -> None:
    for word in (b"endobj", b" obj ", b"trailer", b"%%EOF", b"startxref"):
        pdf, revisions = regex_edit(rb"(?s)stream\n0\x82.{40}", partial(ending_in, word))
        assert not explains(pdf, revisions)
    pdf, revisions = edited(b"stream\n0\x82", b"stream\n1\x82")
    assert not explains(pdf, revisions)


def test_ends_that_are_none_are_refused() -> None:
    pdf = renewed(1, PadesLevel.B_LT)
    first, last = ends(pdf)
    assert not explains(pdf, [first])
    assert not explains(pdf, [first - 1, last])
    assert not explains(pdf, [first, last - 1])
    assert not explains(pdf + b"\n", [first, last])
    assert not explains(pdf, [first + 10, last])


def test_a_revision_cannot_be_left_out() -> None:
    pdf = renewed(2, PadesLevel.B_LT)
    first, _, last = ends(pdf)
    assert not explains(pdf, [first, last])
