"""Names of resources: a part that uses one which only the page has is shown differently."""

import zlib

import pytest

from signing.intake.content import ContentState, follow
from signing.intake.report import Hazard
from signing.intake.writing import OddFileError
from tests.signing.intake.drawings import pixels
from tests.signing.intake.hostile import form, one_page, stream
from tests.signing.intake.test_taking import hazards, taken

HELD = (
    b"/Font << /F 8 0 R >> /XObject << /X 9 0 R >> /ExtGState << /G << /LW 9 >> >>"
    b" /ColorSpace << /C [/CalRGB << /WhitePoint [1 1 1] >>] >>"
    b" /Pattern << /P << /PatternType 2 /Shading 10 0 R >> >> /Shading << /S 10 0 R >>"
)
MORE = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    form(),
    (
        b"<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 50 50] /Function"
        b" << /FunctionType 2 /Domain [0 1] /N 1 /C0 [1 0 0] /C1 [0 1 0] >> >>"
    ),
)
USES = {
    b"BT /F 12 Tf (seen) Tj ET": "/Font /F",
    b"/X Do": "/XObject /X",
    b"/#58 Do": "/XObject /X",
    b"/G gs 0 0 m 50 50 l S": "/ExtGState /G",
    b"/C cs 1 0 0 sc 0 0 50 50 re f": "/ColorSpace /C",
    b"/C CS 1 0 0 SC 0 0 m 9 9 l S": "/ColorSpace /C",
    b"/Pattern cs /P scn 0 0 50 50 re f": "/Pattern /P",
    b"/Pattern CS /P SCN 0 0 50 50 re S": "/Pattern /P",
    b"/Pattern cs /P sc 0 0 50 50 re f": "/Pattern /P",
    b"q /S sh Q": "/Shading /S",
    b"BI /W 1 /H 1 /BPC 8 /CS /C /F /Fl ID %s EI" % zlib.compress(b"RGB"): "/ColorSpace /C",
}


def inside(place: str, content: bytes, own: bytes = b"") -> bytes:
    """Return a page that has all resources, and a part that has its own."""
    held = b"/Resources << %s >>" % own if own else b""
    bbox = b"/BBox [0 0 50 50] /XStep 60 /YStep 60"
    parts = {
        "form": (b"/A Do", form(content, held), b"/X 9 0 R", b"/A 5 0 R"),
        "pattern": (
            b"/Pattern cs /B scn 0 0 200 200 re f",
            stream(content, b"/PatternType 1 /PaintType 1 /TilingType 1 %s %s" % (bbox, held)),
            b"/P <<",
            b"/B 5 0 R",
        ),
        "glyph": (
            b"BT /T 40 Tf (a) Tj ET",
            b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 50 50] /FontMatrix [.02 0 0 .02 0 0]"
            b" /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97"
            b" /LastChar 97 /Widths [50] %s >>" % held,
            b"/F 8 0 R",
            b"/T 5 0 R",
        ),
        "mask": (
            b"/M gs 0 0 200 200 re f",
            form(content, held + b" /Group << /S /Transparency /CS /DeviceRGB >>"),
            b"/G <<",
            b"/M << /SMask << /S /Luminosity /G 5 0 R >> >>",
        ),
        "page": (content, b"null", b"", b""),
    }
    drawn, part, beside, used = parts[place]
    outer = own if place == "page" else HELD.replace(beside, used + b" " + beside)
    more = (part, stream(b"50 0 d0 " + content), b"null", *MORE)
    return one_page(drawn, resources=outer, more=more)


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("place", ["form", "pattern", "glyph", "mask", "page"])
@pytest.mark.parametrize("content", list(USES))
def test_a_part_that_lacks_what_it_uses_is_refused(
    content: bytes, place: str, *, clean: bool
) -> None:
    for own in (b"", b"/XObject << /Other 9 0 R >>"):
        found = taken(inside(place, content, own), clean=clean)
        assert [(one.hazard, one.page, one.detail) for one in found.refused] == [
            (Hazard.BORROWED, 1, USES[content])
        ]
        assert found.pdf == b""


@pytest.mark.parametrize("place", ["form", "pattern", "glyph", "mask", "page"])
@pytest.mark.parametrize("content", list(USES))
def test_a_part_that_has_what_it_uses_is_taken(content: bytes, place: str) -> None:
    data = inside(place, content, HELD)
    found = taken(data)
    assert found.findings == ()
    assert pixels(found.pdf) == pixels(data)


def test_readers_take_the_pages_or_nothing() -> None:
    """PDFium paints the page's own square; who does not would show a white page."""
    assert pixels(inside("form", b"/X Do")) != pixels(inside("form", b""))


def test_an_entry_that_is_not_there_is_no_resource() -> None:
    for resources in (b"/XObject << /X null >>", b"/XObject << /X 5 0 R >>", b"/XObject null"):
        found = taken(one_page(b"/X Do", resources=resources, more=[b"null"]))
        assert hazards(found) == {Hazard.BORROWED}
    assert not taken(one_page(b"/X Do", resources=b"/XObject [/X]")).pdf


@pytest.mark.parametrize(
    "content",
    [
        b"/Span /M BDC EMC /Here /M DP /P << /X 1 /Y /F >> BDC EMC /Perceptual ri",
        b"/DeviceRGB cs 1 0 0 sc /Pattern CS",
        b"/F BMC EMC q Q 1 0 0 rg",
        b"[/F] 0 d (/F 1 Tf /X Do) Tj % /X Do",
        b"/X ' gs /X true Foo Do",
        b"BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 51> EI",
    ],
)
def test_names_that_are_no_resources_are_none(content: bytes) -> None:
    state = ContentState()
    follow(content, state)
    assert not state.names.used


def test_names_are_met_across_the_parts_of_a_content() -> None:
    state = ContentState()
    follow(b"/X", state)
    follow(b"Do /F", state)
    follow(b" 12 Tf /Pattern Do", state)
    assert list(state.names.used) == [
        ("/XObject", "/X"),
        ("/Font", "/F"),
        ("/XObject", "/Pattern"),
    ]


def test_a_run_of_names_without_an_operator_is_no_content() -> None:
    with pytest.raises(OddFileError):
        follow(b"/A " * 40, ContentState())
    with pytest.raises(OddFileError):
        follow(b"".join(b"/A%d gs " % n for n in range(20_001)), ContentState())
