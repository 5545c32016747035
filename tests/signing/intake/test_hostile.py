"""Files made to be judged as one thing and shown as another."""

import io
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic

from signing.intake.report import MOST_FINDINGS, Hazard
from signing.intake.writing import exact_reading, name_of
from tests.signing.intake.drawings import changed, pixels
from tests.signing.intake.hostile import annotated, form, one_page, stream
from tests.signing.intake.test_taking import hazards, taken

WEB = b"/A << /S /URI /URI (https://example.org/) >>"
DRAWS = b"q 1 0 0 1 20 20 cm /%s Do Q"


def is_taken_alike(data: bytes) -> bytes:
    """Assert that a file is taken in, and looks as it did; return what was written."""
    found = taken(data)
    assert found.findings == ()
    assert pixels(found.pdf) == pixels(data)
    assert taken(found.pdf).pdf == found.pdf
    return found.pdf


@pytest.mark.parametrize("name", [b"/#04AS", b"/A#00", b"/A#7F", b"/A#0", b"/A#zz", b"/A#1fB"])
def test_a_name_that_could_come_out_as_another_is_refused(name: bytes) -> None:
    """`/#04AS`, written with one digit, is `/JS`."""
    for place in (
        b"/ExtGState << %s << /CA 1 >> >>" % name,
        b"/XObject << /X 5 0 R >> %s 1" % name,
    ):
        found = taken(one_page(resources=place, more=[form()]), clean=True)
        assert hazards(found) == {Hazard.DAMAGED}


@pytest.mark.parametrize(
    "name",
    [b"Thumb", b"Metadata", b"AA", b"JS", b"OC", b"AF", b"P", b"S", b"Alternates", b"OPI", b"F",
     b"PieceInfo", b"#CB#CE#CC#E5", b"#E5#AE#8B", b"A#20B", b"A#23B", b"ByteRange", b"startxref"],
)  # fmt: skip
def test_names_of_resources_are_the_authors_own(name: bytes) -> None:
    resources = b"/XObject << /%s 5 0 R >>" % name
    data = one_page(DRAWS % name, resources=resources, more=[form()])
    assert pixels(data) != pixels(one_page(b""))
    pdf = is_taken_alike(data)
    assert pdf.count(b"/ByteRange") == 0
    assert pdf.count(b"startxref") == 1


def test_two_names_stay_two() -> None:
    """In pyHanko `/#CB` (latin-1) and `/#C3#8B` (UTF-8) are the same."""
    forms = (form(), form(b"0 1 0 rg 0 0 50 50 re f"))
    data = one_page(
        b"/#C3#8B Do q 1 0 0 1 80 80 cm /#CB Do Q",
        resources=b"/XObject << /#CB 5 0 R /#C3#8B 6 0 R >>",
        more=forms,
    )
    pdf = is_taken_alike(data)
    assert b"/#CB " in pdf
    assert b"/#C3#8B " in pdf


def test_names_are_written_with_two_digits() -> None:
    assert name_of("/\x04AS") == b"/#04AS"
    assert name_of("/ËÎ#(") == b"/#CB#CE#23#28"
    read: Any = generic.NameObject.read_from_stream
    with exact_reading():
        assert str(read(io.BytesIO(b"/#E5#AE#8B "))) == "/å®\x8b"
    assert str(read(io.BytesIO(b"/#E5#AE#8B "))) == "/宋", "pyHanko's own again"


@pytest.mark.parametrize(
    ("action", "hazard"),
    [
        (b"<< /S /JavaScript /JS (app.alert\\(1\\)) /P 3 0 R >>", Hazard.ACTIVE),
        (b"<< /Type /StructElem /S /Launch /F (calc.exe) >>", Hazard.ACTIVE),
        (b"<< /Type /OCG /S /JavaScript /JS (x) >>", Hazard.ACTIVE),
        (b"<< /S /Named /N /NextPage >>", Hazard.ACTIVE),
        (b"<< /S /URI /URI (javascript:x) >>", Hazard.ACTIVE),
        (b"<< /S /URI /URI (HTTP:x) >>", Hazard.ACTIVE),
        (b"<< /S /URI /URI (page.html) >>", Hazard.ACTIVE),
        (b"<< /S /URI /URI (https://a\\012b) >>", Hazard.ACTIVE),
        (b"<< /S /GoTo /D [3 0 R /Fit] /Next << /S /Launch >> >>", Hazard.ACTIVE),
        (b"<< /S /Unknown >>", Hazard.ACTIVE),
        (b"<< /S (JavaScript) /JS (x) >>", Hazard.ACTIVE),
        (b"<< /S /GoToE /D (x) >>", Hazard.EXTERNAL),
    ],
)
def test_an_action_is_judged_by_its_place_and_must_be_known(action: bytes, hazard: Hazard) -> None:
    outlines = b"<< /First 6 0 R /Last 6 0 R /Count 1 >>"
    item = b"<< /Title (x) /Parent 5 0 R /A %s >>" % action
    for data in (
        annotated(b"/Subtype /Link /A %s" % action),
        annotated(b"/Subtype /Link /A 6 0 R", action),
        annotated(b"/Subtype /Link %s /PA %s" % (WEB, action)),
        one_page(catalogue=b"/Outlines 5 0 R", more=[outlines, item]),
        one_page(catalogue=b"/OpenAction 5 0 R", more=[action]),
    ):
        assert taken(data).pdf == b""
        cleaned = taken(data, clean=True)
        if b"/OpenAction" not in data:
            assert hazard in {one.hazard for one in cleaned.findings}
        for word in (b"JavaScript", b"Launch", b"/Next", b"calc", b"/GoToE"):
            assert word not in cleaned.pdf


def test_links_are_written_anew() -> None:
    more = b"/Border [5 5 9] /C [1 0 0] /H /P /BS << /W 9 >> /MK << >> /X 1 /Contents (\x80 obj)"
    found = taken(annotated(b"/Subtype /Link %s %s" % (WEB, more)))
    pdf = pikepdf.open(io.BytesIO(found.pdf))
    (link,) = pdf.pages[0].Annots
    assert set(link.keys()) == {"/Type", "/Subtype", "/Rect", "/Border", "/F", "/Contents", "/A"}
    assert [int(one) for one in link.Border] == [0, 0, 0]
    hidden = taken(annotated(b"/Subtype /Link %s" % WEB, flags=2))
    assert b"/Annots" not in hidden.pdf


def test_a_link_cannot_draw() -> None:
    data = annotated(b"/Subtype /Link %s /AP << /N 6 0 R >>" % WEB, form())
    assert hazards(taken(data)) == {Hazard.ANNOTATION}
    cleaned = taken(data, clean=True)
    assert b"/AP" not in cleaned.pdf
    assert pixels(cleaned.pdf) == pixels(data)


@pytest.mark.parametrize(
    "entries",
    [
        b"/Subtype 6 0 R /A << /S /URI /URI (https://a.cn/) >>",
        b"/Subtype (Link)",
        b"/Subtype [/Link]",
        b"/Subtype /Widget /FT 6 0 R /T (a)",
        b"/Subtype /Widget /FT (Sig) /T (a)",
        b"/Subtype /Widget /Parent 7 0 R",
    ],
)
def test_a_kind_that_readers_may_not_see_is_refused(entries: bytes) -> None:
    data = annotated(entries, b"/Link", b"<< /FT 6 0 R /T (b) >>")
    assert hazards(taken(data, clean=True)) == {Hazard.DAMAGED}


def test_no_refusal_is_lost_among_many_findings() -> None:
    def comments(pdf: pikepdf.Pdf) -> None:
        for number in range(MOST_FINDINGS + 50):
            kind = pikepdf.Name("/Stamp") if number % 2 else pikepdf.Name("/Ink")
            look = pikepdf.Stream(pdf, b"")
            look.update({"/Subtype": pikepdf.Name.Form, "/BBox": pikepdf.Array([0, 0, 9, 9])})
            pdf.add_blank_page(page_size=(50, 50))
            pdf.pages[-1].Annots = pikepdf.Array(
                [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=kind, F=4,
                                    Rect=pikepdf.Array([0, 0, 9, 9]),
                                    AP=pikepdf.Dictionary(N=pdf.make_indirect(look)))]
            )  # fmt: skip

    def and_a_program(pdf: pikepdf.Pdf) -> None:
        comments(pdf)
        program = pikepdf.Stream(pdf, b"showpage")
        program.update({"/Subtype": pikepdf.Name.PS})
        pdf.pages[-1].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=program))

    cleaned = taken(changed(comments), clean=True)
    assert cleaned.refused == ()
    assert cleaned.findings[-1].detail == "… +50"
    assert Hazard.ACTIVE in hazards(taken(changed(and_a_program), clean=True))


@pytest.mark.parametrize("kind", [b"/Square", b"/Text", b"/FreeText", b"/FileAttachment", b"/Odd"])
def test_what_a_reader_draws_by_itself_is_not_taken_out(kind: bytes) -> None:
    bare = taken(annotated(b"/Subtype %s /C [1 0 0]" % kind), clean=True)
    assert not bare.pdf
    hidden = taken(annotated(b"/Subtype %s /C [1 0 0]" % kind, flags=2), clean=True)
    assert bool(hidden.pdf) == (kind != b"/Odd")


def test_what_is_printed_and_not_shown_is_not_taken_out() -> None:
    printed = annotated(b"/Subtype /Stamp /AP << /N 6 0 R >>", form(), flags=36)
    assert hazards(taken(printed, clean=True)) == {Hazard.ANNOTATION}


@pytest.mark.parametrize(
    ("resources", "hazard"),
    [
        (b"/ExtGState << /G << /BM /Odd >> >>", Hazard.DIFFERS),
        (b"/ExtGState << /G << /BM [/Odd /Multiply] >> >>", Hazard.DIFFERS),
        (b"/ExtGState << /G << /TR 5 0 R >> >>", Hazard.DIFFERS),
        (b"/ColorSpace << /C [/Separation /None /DeviceGray 5 0 R] >>", Hazard.DIFFERS),
        (b"/ColorSpace << /C [/DeviceN [/None /None] /DeviceGray 5 0 R] >>", Hazard.DIFFERS),
        (b"/XObject << /X 6 0 R >>", Hazard.EXTERNAL),
        (b"/ColorSpace << /DeviceRGB [/CalRGB << /WhitePoint [1 1 1] >>] >>", Hazard.DIFFERS),
        (b"/ColorSpace << /DefaultGray [/Separation /A /DeviceGray 5 0 R] >>", Hazard.DIFFERS),
        (b"/ColorSpace << /DefaultGray /DeviceRGB >>", Hazard.DIFFERS),
        (
            b"/XObject << /X << /Subtype /Form /Length 1 >>\nstream\n \nendstream >>",
            Hazard.DAMAGED,
        ),
    ],
)
def test_what_readers_draw_each_in_its_way_is_refused(resources: bytes, hazard: Hazard) -> None:
    function = b"<< /FunctionType 2 /Domain [0 1] /N 1 /C0 [1] /C1 [0] >>"
    more = (function, form(entries=b"/Ref << /F (a.pdf) /Page 0 >>"))
    assert hazards(taken(one_page(resources=resources, more=more))) == {hazard}


def test_a_layer_that_is_shown_when_another_is_not_is_not_taken_out() -> None:
    layers = b"/OCProperties << /OCGs [5 0 R] /D << >> >>"
    group = b"<< /Type /OCG /Name (a) >>"
    away = b"/OC << /Type /OCMD /OCGs [5 0 R] /P /AllOff >> "
    data = one_page(
        b"/X Do",
        resources=b"/XObject << /X 6 0 R >>",
        catalogue=layers,
        more=[group, form(entries=away)],
    )
    assert hazards(taken(data, clean=True)) == {Hazard.LAYERS}
    used = b"<< /Type /OCG /Name (a) /Usage << /View << /ViewState /OFF >> >> >>"
    data = one_page(catalogue=layers, more=[used])
    assert hazards(taken(data, clean=True)) == {Hazard.LAYERS}


def test_fonts_that_are_not_there_are_told_whatever_they_pretend() -> None:
    fonts = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /One /FontDescriptor << /FontFile3 6 0 R >> >>",
        stream(b"", b"/Subtype /Type1C"),
        b"<< /Type /Font /Subtype /TrueType /FontDescriptor << /FontFile2 8 0 R >> >>",
        stream(b"not a font"),
    )
    found = taken(one_page(resources=b"/Font << /A 5 0 R /B 7 0 R >>", more=fonts))
    assert found.unembedded == ("One", "?")
    odd = b"<< /Type /Font /Subtype /Odd /BaseFont /One >>"
    assert hazards(taken(one_page(resources=b"/Font << /A 5 0 R >>", more=[odd])))


def test_a_profile_at_an_address_is_refused() -> None:
    intent = b"/OutputIntents [<< /S /GTS_PDFX /DestOutputProfileRef << /URLs [] >> >>]"
    assert hazards(taken(one_page(catalogue=intent))) == {Hazard.EXTERNAL}


@pytest.mark.parametrize(
    "catalogue",
    [b"/Threads [5 0 R]", b"/URI << /Base (file:///) >>", b"/Extensions << /X 5 0 R >>",
     b"/PieceInfo << /X 5 0 R >>", b"/Requirements [5 0 R]", b"/SpiderInfo 5 0 R", b"/Legal 5 0 R",
     b"/DSS 5 0 R", b"/Metadata 5 0 R", b"/Odd 5 0 R"],
)  # fmt: skip
def test_what_no_page_shows_is_left_out(catalogue: bytes) -> None:
    pdf = is_taken_alike(one_page(catalogue=catalogue, more=[b"<< /S /JavaScript /JS (secret) >>"]))
    assert b"secret" not in pdf


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Type /Pages", b"/Type /Page"),
        (b"/Type /Page /", b"/Type /Pages /"),
        (b"/MediaBox [0 0 200 200]", b"/MediaBox [0 0 200]"),
        (b"/MediaBox [0 0 200 200]", b"/MediaBox [0 0 200 200] /CropBox [300 300 400 400]"),
        (b"/MediaBox [0 0 200 200]", b"/MediaBox [0 0 200 200] /Rotate 45"),
        (b"/MediaBox [0 0 200 200]", b"/MediaBox [0 0 200 200] /MediaBox [0 0 9 9]"),
        (b"/Contents 4 0 R", b"/Contents 4 0 R /Contents 1 0 R"),
        (b"/Contents 4 0 R", b"/Contents [[4 0 R]]"),
        (b"/Contents 4 0 R", b"/Contents 1 0 R"),
        (b"/Contents 4 0 R", b"/Contents 4 0 R /UserUnit 99999999999"),
        (b"/Root 1 0 R", b"/Root 1 0 R /Root 3 0 R"),
        (b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"),
        (b"/Kids [3 0 R]", b"/Kids [3 0 R 3 0 R]"),
        (b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
        (b"/Resources <<", b"/Resources << /XObject << /X 4 0 R >>"),
    ],
)
def test_structures_that_readers_mend_each_in_its_way_are_refused(old: bytes, new: bytes) -> None:
    data = one_page()
    table = data.index(b"xref\n0")
    changed_data = data.replace(old, new, 1)
    assert changed_data != data
    moved = data.index(old) < table
    for number in range(1, 5):
        at = changed_data.index(b"%d 0 obj" % number)
        line = changed_data.index(b"xref\n0") + len(b"xref\n0 5\n") + 20 * number
        changed_data = changed_data[:line] + b"%010d" % at + changed_data[line + 10 :]
    if moved:
        end = changed_data.rindex(b"startxref\n") + len(b"startxref\n")
        changed_data = changed_data[:end] + b"%d\n%%%%EOF\n" % changed_data.index(b"xref\n0")
    assert taken(changed_data, clean=True).pdf == b""
