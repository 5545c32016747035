"""The finished page, as other people's tools see it."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from signing.face import LicenceFace, Orientation
from signing.render.geometry import MM, QR_SIDE
from signing.render.renderer import LicenceRenderer
from tests.signing import faces

ALL = [faces.food(), faces.construction(), faces.disability(sample=True)]
NAMES = ["food", "construction", "disability-sample"]
MAX_BYTES = 120_000


@pytest.fixture(scope="module")
def renderer() -> LicenceRenderer:
    return LicenceRenderer()


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def _text(pdf: bytes, path: Path) -> str:
    path.write_bytes(pdf)
    return re.sub(r"\s", "", _run("pdftotext", path, "-"))


@pytest.fixture(scope="module", params=ALL, ids=NAMES)
def page(
    request: pytest.FixtureRequest,
    renderer: LicenceRenderer,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[LicenceFace, Path]:
    face: LicenceFace = request.param
    path = tmp_path_factory.mktemp("page") / "licence.pdf"
    path.write_bytes(renderer.render(face).pdf)
    return face, path


def test_qpdf_finds_nothing(page: tuple[LicenceFace, Path]) -> None:
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", page[1])


def test_all_fonts_are_embedded_subset_and_mapped(page: tuple[LicenceFace, Path]) -> None:
    rows = _run("pdffonts", page[1]).splitlines()[2:]
    assert len(rows) == 2
    for row in rows:
        assert re.match(r"[A-Z]{6}\+NotoSerifSC-(Regular|Bold) +CID TrueType +Identity-H", row)
        assert row.split()[-5:-2] == ["yes", "yes", "yes"]


@pytest.mark.parametrize("printed", [31, 20])
def test_the_code_is_read_from_every_page_at_150_dpi(
    renderer: LicenceRenderer, tmp_path: Path, printed: int
) -> None:
    """As laid out, and from a page that was printed so small that the code has 20 mm."""
    for face in (*ALL, faces.copies()):
        path = tmp_path / "licence.pdf"
        path.write_bytes(renderer.render(face).pdf)
        resolution = str(150 * printed / (QR_SIDE / MM))
        _run("pdftoppm", "-gray", "-r", resolution, path, tmp_path / "page")
        pages = sorted(tmp_path.glob("page*.pgm"))
        assert len(pages) == len(face.pages())
        for page in pages:
            (code,) = zxingcpp.read_barcodes(Image.open(page))
            assert code.text == face.link
            page.unlink()


def test_every_text_can_be_copied(page: tuple[LicenceFace, Path]) -> None:
    face, path = page
    text = _text(path.read_bytes(), path)
    for field in face.fields:
        assert f"{field.label.zh}：" in text
        assert re.sub(r"\s", "", field.value) in text
    assert f"{face.number_label.zh}：{face.number}" in text
    for expected in (face.design.title.zh, face.authority, face.identifier, "扫码核验"):
        assert expected in text
    assert f"有效期限：{face.valid_from.year}年{face.valid_from.month}月" in text
    assert face.link not in text  # only its host is printed
    assert "verify.linhe.example.gov.cn" in text


def test_spaced_labels_are_words_to_whoever_searches(page: tuple[LicenceFace, Path]) -> None:
    """The space lies within the glyphs: no reader can take it for one between words."""
    face, path = page
    words = _run("pdftotext", path, "-")
    assert face.design.title.zh in words
    for field in face.fields:
        assert f"{field.label.zh}：" in words
    with pikepdf.open(path) as pdf:
        operators = {str(one.operator) for one in pikepdf.parse_content_stream(pdf.pages[0])}
    assert not operators & {"Tc", "Tw", "TJ"}


def test_code_and_printed_address_can_be_clicked(page: tuple[LicenceFace, Path]) -> None:
    face, path = page
    with pikepdf.open(path) as pdf:
        annotations = list(pdf.pages[0].Annots)
        for one in annotations:
            assert (str(one.Subtype), int(one.F), str(one.A.S)) == ("/Link", 4, "/URI")
            assert [int(width) for width in one.Border] == [0, 0, 0]
        code, site = ([float(x) for x in one.Rect] for one in annotations)
        addresses = [str(one.A.URI) for one in annotations]
    assert addresses == [face.link, "https://verify.linhe.example.gov.cn/"]
    layout = LicenceRenderer().layout(face)[0]
    box = layout.qr
    assert code == pytest.approx([box.x1, box.y1, box.x2, box.y2], abs=0.01)
    line = next(text.box for text in layout.texts if text.text.startswith("核验网址"))
    assert site[:2] == pytest.approx([line.x1, line.y1], abs=0.01)
    assert 80 < site[2] - site[0] < 190
    assert site[3] == pytest.approx(line.y2, abs=0.01)


def test_the_sample_mark_is_there_only_when_asked_for(
    renderer: LicenceRenderer, tmp_path: Path
) -> None:
    face = faces.food()
    assert "样例" not in _text(renderer.render(face).pdf, tmp_path / "real.pdf")
    sample = renderer.render(replace(face, sample=True)).pdf
    assert "样" in _text(sample, tmp_path / "sample.pdf")
    plain, marked = (_greys(pdf) for pdf in (renderer.render(face).pdf, sample))
    assert marked - plain > 0.01  # of the page


def _greys(pdf: bytes) -> float:
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=0.5).to_pil().convert("RGB")
    colours = image.getcolors(1 << 24) or []
    grey = sum(n for n, (r, g, b) in colours if abs(r - 233) < 3 and abs(g - 233) < 3 and b < 238)
    return float(grey) / float(image.width * image.height)


def test_file_and_properties(page: tuple[LicenceFace, Path]) -> None:
    face, path = page
    data = path.read_bytes()
    assert data.startswith(b"%PDF-1.7\n")
    assert len(data) <= MAX_BYTES
    assert f"/Keywords ({face.identifier})".encode() in data
    with pikepdf.open(BytesIO(data)) as pdf:
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        assert info == {
            "/Title": f"{face.design.title.zh} {face.identifier}",
            "/Author": face.authority,
            "/Subject": face.design.title.zh,
            "/Keywords": face.identifier,
            "/Creator": "Xinyin",
            "/Producer": "Xinyin",
        }
        assert pdf.Root.Lang == "zh-CN"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        (only,) = pdf.pages
        assert "/Trans" not in only
        wide = face.design.orientation is Orientation.LANDSCAPE
        size = (841.89, 595.276) if wide else (595.276, 841.89)
        assert [float(x) for x in only.MediaBox] == pytest.approx([0, 0, *size], abs=0.01)


def test_neither_number_nor_holder_stands_in_the_properties(renderer: LicenceRenderer) -> None:
    face = faces.disability()
    with pikepdf.open(BytesIO(renderer.render(face).pdf)) as pdf:
        properties = "".join(str(value) for value in pdf.docinfo.values())
    assert face.number not in properties
    assert face.fields[0].value not in properties


def test_every_stream_ends_with_a_line(page: tuple[LicenceFace, Path]) -> None:
    """ISO 19005-2 6.1.7.1."""
    data = page[1].read_bytes()
    assert len(re.findall(rb"\nendstream", data)) == data.count(b"endstream") > 4


def test_colours_are_rgb_throughout(page: tuple[LicenceFace, Path]) -> None:
    """PDF/A wants one device colour space, that of its output intent (ISO 19005-2 6.2.4.3)."""
    with pikepdf.open(page[1]) as pdf:
        pictures = pdf.pages[0].Resources.XObject
        streams: list[pikepdf.Object] = [
            pdf.pages[0].obj,
            next(one for name, one in pictures.items() if name.startswith("/FormXob.Backdrop")),
        ]
        for stream in streams:
            used = {str(part.operator) for part in pikepdf.parse_content_stream(stream)}
            assert not used & {"g", "G", "k", "K", "cs", "CS", "sh"}


def test_the_same_face_gives_the_same_bytes(renderer: LicenceRenderer) -> None:
    face = faces.disability()
    first = renderer.render(face)
    renderer.render(faces.food())
    assert LicenceRenderer().render(face) == first


def test_the_file_s_identifier_depends_on_what_is_drawn(renderer: LicenceRenderer) -> None:
    """The number stands on the page alone, in no property."""
    faces_of_two = (faces.food(), replace(faces.food(), number="JY19901010024682"))
    found = set()
    for face in faces_of_two:
        with pikepdf.open(BytesIO(renderer.render(face).pdf)) as pdf:
            first, second = pdf.trailer["/ID"]
            assert bytes(first) == bytes(second)
            found.add(bytes(first))
    assert len(found) == 2


def test_the_creation_date_is_the_one_handed_in(renderer: LicenceRenderer) -> None:
    moment = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)
    pdf = renderer.render(faces.food(), created_at=moment).pdf
    assert b"/CreationDate (D:20260309010203Z)" in pdf
    assert b"<xmp:CreateDate>2026-03-09T01:02:03Z<" in pdf
    assert b"CreationDate" not in renderer.render(faces.food()).pdf


def test_the_seal_lies_within_the_page(
    page: tuple[LicenceFace, Path], renderer: LicenceRenderer
) -> None:
    layout = renderer.layout(page[0])[0]
    x, y = layout.seal_centre
    radius = 25 / 25.4 * 72
    assert layout.shape.margin.x1 < x - radius
    assert x + radius < layout.shape.margin.x2
    assert layout.shape.margin.y1 < y - radius
