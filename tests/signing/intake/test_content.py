"""Content of pages: how it ends, and what of it readers understand differently."""

import base64
import io
import os
import random
import zlib
from collections.abc import Callable

import pikepdf
import pytest

from signing.face import SealAppearance
from signing.intake.content import ContentState, follow
from signing.intake.report import Hazard
from signing.intake.streams import unlzw, wrapped
from signing.intake.writing import OddFileError, has_end_word
from signing.sealing.page_stamps import imprint_at, stamped
from signing.sealing.writer import SealWriter
from tests.signing.intake.drawings import pixels
from tests.signing.intake.hostile import form, one_page, stream
from tests.signing.intake.test_taking import hazards, taken

DRAWN = b"1 0 0 rg 5 5 40 40 re f"
SQUARE = b" 0 0 1 rg 10 10 30 30 re f "
IMAGE = b" BI /W 2 /H 2 /BPC 8 /CS /G%s ID %s EI "


def lzw(data: bytes) -> bytes:
    """Return data as LZW codes of nine bits, none of them of a sequence."""
    bits = "".join(f"{code:09b}" for code in (256, *data, 257))
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def tail(content: bytes) -> bytes:
    state = ContentState()
    follow(content, state)
    return state.tail()


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        (b"q 1 0 0 1 9 9 cm q", b"Q Q"),
        (b"BT /F 1 Tf", b"ET"),
        (b"/P BMC /Q <</A (])>> BDC EMC", b"EMC"),
        (b"0 0 9 9 re W", b"n"),
        (b"q 0 0 m BT /Span <</A [1 2]>> BDC", b"n ET EMC Q"),
        (b"(a \\) Q (b) Q) Tj % Q\n<41 42> Tj /Q gs q Q", b""),
        (b"[(Q) 1 <51>] TJ", b""),
        (b"+1 -.5 5. 00 -0.0 999999999 cm [-1 .25] 0 d", b""),
        (IMAGE % (b"", b"Q Q "), b""),
        (IMAGE % (b" /F /Fl", zlib.compress(b"1234")), b""),
        (IMAGE % (b" /F [/AHx]", b"51 51 51 51 >"), b""),
        (IMAGE % (b" /F /CCF", b"\x01Q\x02"), b""),
        (IMAGE % (b" /L 4", b"Q Q "), b""),
        (b"unknown Q1 QQ q Q", b""),
    ],
)
def test_what_a_content_leaves_open_is_known(content: bytes, ends: bytes) -> None:
    assert tail(content) == ends


@pytest.mark.parametrize(
    "content",
    [
        b"Q",
        b"q Q Q q",
        b"(a Tj",
        b"(a \\",
        b"<4X> Tj",
        b"a ) b",
        b"a } b",
        b"1 > 2",
        b"] TJ",
        b">> x",
        b"[ (a) q ] TJ",
        b"BI /W 2",
        b"BI /W 2 /W 3 /H 2 ID 1234 EI",
        b"BI /W 2 /H 2 ID 1234",
        IMAGE % (b"", b"\nEI Q Q \nEI"),
        IMAGE % (b"", b"1234 Q"),
        IMAGE % (b" /F /Fl", b"\x78\x01 EI Q"),
        IMAGE % (b" /F /Fl", zlib.compress(b"1234") + b" Q "),
        IMAGE % (b" /F /DCT", b"\n EI Q (") + b") EI",
        IMAGE % (b" /F /DCT", b"1234") * 2,
        IMAGE % (b" /L 9", b"Q Q "),
        IMAGE % (b" /F /RL", b"\x00\x00") + SQUARE,
        IMAGE % (b" /F /RL", b"\x00\x00 EI\x80") + SQUARE,
        *(IMAGE % (b" /F " + one, b"\x00") + SQUARE for one in (b"/LZW", b"/CCF", b"/DCT")),
        IMAGE % (b" /F /LZW", b"\x00") + b"/X Do",
        IMAGE.replace(b"/G", b"/X") % (b"", b"1234") + b"(a) '",
        b"q " * 300,
        *(b"1 0 0 1 %s 0 cm" % one for one in (b"--50", b"+-5", b"5-0", b"1.2.3", b"5e1", b"5f")),
        *(b"[ %s ] 0 d" % one for one in (b"-", b".", b"+.", b"2147483648", b"." + b"1" * 41)),
    ],
)
def test_what_readers_understand_differently_is_refused(content: bytes) -> None:
    with pytest.raises(OddFileError):
        tail(content)
    assert hazards(taken(one_page(content), clean=True)) == {Hazard.DAMAGED}


def test_an_image_whose_end_is_not_known_is_not_the_last_of_a_page() -> None:
    """A reader that goes on beyond it would take the seal's imprint for its data."""
    image = IMAGE % (b" /F /CCF", b"\x01Q\x02")
    assert hazards(taken(one_page(b"q " + image + b" Q"), clean=True)) == {Hazard.DAMAGED}
    known = IMAGE % (b" /L 4", b"Q Q ")
    assert hazards(taken(one_page(b"q " + known + b" Q"))) == set()


def test_a_content_that_closes_what_it_did_not_open_is_refused_wherever_it_stands() -> None:
    for content in (b"Q", b"q"):
        kinds = (
            b"/XObject << /X 5 0 R >>",
            b"/Pattern << /X 6 0 R >>",
            b"/Font << /X << /Subtype /Type3 /CharProcs << /a 7 0 R >> >> >>",
        )
        pattern = stream(content, b"/PatternType 1 /PaintType 1 /BBox [0 0 9 9] /Resources << >>")
        more = (form(content), pattern, stream(content))
        for resources in kinds:
            found = taken(one_page(resources=resources, more=more))
            assert hazards(found) == {Hazard.DAMAGED}


def test_imprints_of_the_seal_stay_where_they_are_put() -> None:
    seal = SealAppearance(DRAWN, 60.0)

    def look(content: bytes) -> bytes:
        found = taken(one_page(SQUARE + content))
        assert found.findings == ()
        assert taken(found.pdf).pdf == found.pdf
        imprint = imprint_at(0, found.pages[0], seal, (120.0, 120.0))
        return pixels(stamped(found.pdf, seal, [imprint]))[0]

    honest = look(b"")
    assert honest != pixels(one_page(SQUARE))[0]
    for content in (
        b"q 1 0 0 1 500 500 cm",
        b"1 0 0 1 500 500 cm q",
        b"0 0 1 1 re W n q q",
        b"q 0 0 0 0 re W n",
        b"0 0 0 0 re W",
        b"BT 3 Tr",
        b".1 0 0 .1 0 0 cm",
        b"/OC /Off BDC",
        b"q 3 0 0 3 0 0 cm %",
        b"/P BMC %",
        b"%",
    ):
        assert look(content) == honest, content
    assert hazards(taken(one_page(b"/XinyinImprint Do"))) == {Hazard.BORROWED}


def test_parts_of_a_content_are_apart_for_all_readers() -> None:
    parts = (b"q 0 1 0 rg 9 0 0 9 0 0 cm %", b"Q\n0 0 1 rg 1", b"0 10 30 30 re f ", b"% (")
    listed = b"[6 0 R 7 0 R 8 0 R 9 0 R]"
    page = one_page(more=[listed, *(stream(one) for one in parts)])
    found = taken(page.replace(b"/Contents 4 0 R", b"/Contents 5 0 R"))
    assert found.findings == ()
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        read = b"".join(one.read_bytes() for one in pdf.pages[0].Contents)
    assert read == b"\n".join(parts)
    assert taken(found.pdf).pdf == found.pdf


def test_imprints_come_into_maps_as_they_were_written() -> None:
    data = one_page(
        b"/#CB#CE Do /#C3#8B Do",
        resources=b"/XObject << /#CB#CE 5 0 R /#C3#8B 5 0 R >>",
        more=[form()],
    )
    found = taken(data)
    seal = SealAppearance(DRAWN, 20.0)
    pdf = stamped(found.pdf, seal, [imprint_at(0, found.pages[0], seal, (120.0, 120.0))])
    for name in (b"/#CB#CE ", b"/#C3#8B ", b"/XinyinImprint"):
        assert name in pdf
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert len(read.pages[0].Resources.XObject) == 3


NOISE = random.Random(7).randbytes(300_000)


@pytest.mark.parametrize(
    "word", [b"1 0 obj", b"%%EOF", b"startxref", b"/ByteRange", b"endobj", b"/Contents <"]
)
@pytest.mark.parametrize("pack", [lambda data: zlib.compress(data, 0), lambda data: data])
def test_a_scan_that_holds_such_a_word_by_chance_is_taken_in(
    word: bytes, pack: Callable[[bytes], bytes]
) -> None:
    noise = NOISE[:1000] + word + NOISE[1000:66_000] + word + word + NOISE[66_000:100_000]
    data = pack(noise)
    assert word in data
    packed = b" /Filter /FlateDecode" if data != noise else b""
    head = b"/Subtype /Image /Width 100 /Height 1000 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    page = one_page(
        b"200 0 0 200 0 0 cm /I Do",
        resources=b"/XObject << /I 5 0 R >>",
        more=[stream(data, head + packed)],
    )
    found = taken(page)
    assert found.findings == ()
    assert pixels(found.pdf) == pixels(page)
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        assert pdf.pages[0].Resources.XObject.I.read_bytes() == noise
    assert found.pdf.count(b"%%EOF") == found.pdf.count(b"startxref") == 1
    assert b"/ByteRange" not in found.pdf


def test_wrapped_data_holds_no_such_word() -> None:
    words = [b"1 0 obj", b"%%EOF", b"startxref", b"/ByteRange", b"endobj"]
    for count in (1, 3, 40):
        data = os.urandom(70_000) + b" ".join(words * count) + os.urandom(70_000)
        packed, added = wrapped(data, encoded=True)
        assert added
        assert not has_end_word(packed)
        assert zlib.decompress(packed) == data
    assert wrapped(b"abc", encoded=True) == (b"abc", False)


def test_lzw_is_read_as_the_standard_shows() -> None:
    """The example of ISO 32000-2 7.4.4.2."""
    packed = bytes.fromhex("800B6050220C0C8501")
    assert unlzw(packed, 1, 100) == bytes([45, 45, 45, 45, 45, 65, 45, 45, 45, 66])


@pytest.mark.parametrize(
    ("encoding", "data", "why"),
    [
        (b"/LZWDecode", lzw(b" Q "), "q/Q"),
        (b"/RunLengthDecode", b"\xff \x00Q\x80", "q/Q"),
        (b"/ASCIIHexDecode", b"20 51 20>", "q/Q"),
        (b"/ASCII85Decode", base64.a85encode(b" Q ") + b"~>", "q/Q"),
        (b"[/ASCIIHexDecode /FlateDecode]", zlib.compress(b" Q ").hex().encode() + b">", "q/Q"),
        (b"/FlateDecode", zlib.compress(b" Q ")[:-4], "q/Q"),
        (b"/DCTDecode", b"\xff\xd8", "/DCTDecode"),
        (b"/Fl", zlib.compress(b" Q "), "/Filter"),
        (b"/Odd", b" Q ", "/Filter"),
    ],
)
def test_content_is_read_in_each_encoding(encoding: bytes, data: bytes, why: str) -> None:
    page = one_page(more=[stream(data, b"/Filter " + encoding)])
    found = taken(page.replace(b"/Contents 4 0 R", b"/Contents 5 0 R"))
    assert [one.detail for one in found.refused] == [why]


def test_a_foreign_structure_tree_is_no_place_for_the_seal() -> None:
    tree = b"<< /Type /StructTreeRoot /K 6 0 R /ParentTree 7 0 R /ParentTreeNextKey 1 >>"
    data = one_page(
        catalogue=b"/StructTreeRoot 5 0 R /MarkInfo << /Marked true >>",
        page=b"/StructParents 0",
        more=[
            tree,
            b"<< /Type /StructElem /S /P /P 5 0 R /K [0 ] /Pg 3 0 R >>",
            b"<< /Nums [ 0 [ 6 0 R ] ] >>",
        ],
    )
    found = taken(data)
    assert found.findings == ()
    with pikepdf.open(io.BytesIO(found.pdf)) as pdf:
        root = pdf.Root.StructTreeRoot
        assert root.K.P.objgen == root.objgen
        assert root.ParentTree.Nums[1][0].objgen == root.K.objgen
        assert root.K.Pg.objgen == pdf.pages[0].objgen
    assert SealWriter(found.pdf, bytes(16)).tags is None
