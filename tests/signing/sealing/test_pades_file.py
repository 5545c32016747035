"""The file itself: one revision, PDF 1.7, its properties, attachment, appearance, PDF/A."""

import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils import generic

from signing.errors import UnsuitablePageError, UnsuitableTextError
from signing.face import RenderedLicence
from signing.levels import PadesLevel
from tests.ca.world import openssl, pem
from tests.signing.sealing.sealing_world import (
    APPEARANCE,
    AUTHORITY,
    IDENTIFIER,
    METADATA,
    contents,
    members,
    page,
    read,
    run,
    sealed,
    world,
)

ALL_LEVELS = list(PadesLevel)
ONE_REVISION = [PadesLevel.B_B, PadesLevel.B_T, PadesLevel.B_LT]
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}


@pytest.mark.parametrize("level", ONE_REVISION)
def test_one_revision_is_literal(level: PadesLevel) -> None:
    document = sealed(level)
    assert document.pdf.count(b"%%EOF") == 1
    assert document.pdf.count(b"startxref") == 1
    assert b"/Prev" not in document.pdf
    assert document.revisions == (len(document.pdf),)


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_the_version_stays_1_7(level: PadesLevel) -> None:
    pdf = sealed(level).pdf
    assert pdf.startswith(b"%PDF-1.7\n")
    assert "/Version" not in read(pdf).root
    assert read(pdf).root["/Extensions"]["/ESIC"]["/BaseVersion"] == "/1.7"


def test_the_archive_revision_writes_nothing_but_what_it_is_for() -> None:
    document = sealed(PadesLevel.B_LTA)
    first, _ = document.revisions
    before, after = read(document.pdf[:first]), read(document.pdf)
    written = {
        int(number) for number in re.findall(rb"^(\d+) 0 obj$", document.pdf[first:], re.MULTILINE)
    }
    old = {number for number in written if number < before.trailer["/Size"]}
    allowed = {before.root.raw_get(key).idnum for key in ("/DSS", "/AcroForm")} | {
        before.root["/Pages"]["/Kids"][0].raw_get("/Annots").idnum
    }
    assert old == allowed
    get: Any = after.get_object
    kinds = [get(generic.Reference(number, 0, after)) for number in sorted(written - old)]
    types = [kind.get("/Type", "validation data") for kind in kinds]
    assert types == ["validation data", "/Annot", "/DocTimeStamp"]
    assert document.pdf[:first].endswith(b"%%EOF\n")


def test_the_archive_revision_leaves_the_properties_alone() -> None:
    document = sealed(PadesLevel.B_LTA)
    first, _ = document.revisions
    before, after = read(document.pdf[:first]), read(document.pdf)
    assert dict(before.trailer["/Info"]) == dict(after.trailer["/Info"])
    assert before.trailer.raw_get("/Info").idnum == after.trailer.raw_get("/Info").idnum
    for rewritten in (b"/ModDate", b"/Metadata", b"/Catalog", b"/Version"):
        assert rewritten not in document.pdf[first:]


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_the_identifier_stands_in_the_raw_bytes_twice(level: PadesLevel) -> None:
    assert sealed(level).pdf.count(IDENTIFIER.encode()) >= 2


def test_info_and_xmp_agree() -> None:
    pdf = read(sealed(PadesLevel.B_LT).pdf)
    info = pdf.trailer["/Info"]
    xmp = ET.fromstring(pdf.root["/Metadata"].data.decode().split("?>", 1)[1].rsplit("<?", 1)[0])

    def value(path: str) -> str:
        found = xmp.find(f".//{path}", NAMESPACES)
        assert found is not None
        return found.text or ""

    assert info["/Title"] == value("dc:title/rdf:Alt/rdf:li") == "食品经营许可证"
    assert info["/Author"] == value("dc:creator/rdf:Seq/rdf:li") == AUTHORITY
    assert info["/Subject"] == value("dc:description/rdf:Alt/rdf:li")
    assert info["/Keywords"] == value("pdf:Keywords") == IDENTIFIER
    assert info["/Producer"] == value("pdf:Producer")
    assert info["/Creator"] == value("xmp:CreatorTool")
    assert value("dc:identifier") == IDENTIFIER
    for entry, element in (("/CreationDate", "CreateDate"), ("/ModDate", "ModifyDate")):
        moment = datetime.strptime(info[entry], "D:%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
        assert moment == datetime.fromisoformat(value(f"xmp:{element}"))
        assert moment == sealed(PadesLevel.B_LT).sealed_at.replace(microsecond=0)
    words = [one.text for one in xmp.findall(".//dc:subject/rdf:Bag/rdf:li", NAMESPACES)]
    assert words == ["电子证照", "A&B"]
    assert (value("pdfaid:part"), value("pdfaid:conformance")) == ("3", "B")


@pytest.mark.parametrize("text", ["(a\\b)", "证(照)", "", "A & <B>"])
def test_any_title_survives(text: str) -> None:
    pdf = world().seal(PadesLevel.B_B, title=text).pdf
    assert read(pdf).trailer["/Info"]["/Title"] == text


def test_control_characters_are_refused() -> None:
    with pytest.raises(UnsuitableTextError):
        world().seal(title="证照\x00")


def test_the_metadata_are_an_associated_file() -> None:
    root = read(sealed(PadesLevel.B_LT).pdf).root
    (specification,) = members(root["/AF"])
    name, named = members(root["/Names"]["/EmbeddedFiles"]["/Names"])
    assert name == "licence-metadata.xml"
    assert named == specification
    assert specification["/AFRelationship"] == "/Data"
    assert specification["/UF"] == "licence-metadata.xml"
    file = specification["/EF"]["/UF"]
    assert file.data == METADATA
    assert file["/Subtype"] == "/application/xml"
    assert file["/Params"]["/Size"] == len(METADATA)


def test_the_seal_is_its_appearance() -> None:
    pdf = read(sealed(PadesLevel.B_LT).pdf)
    (field,) = members(pdf.root["/AcroForm"]["/Fields"])
    assert field["/T"] == "Seal"
    assert field["/F"] == 0b10000100  # Locked, Print
    x1, y1, x2, y2 = map(float, field["/Rect"])
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == page().seal_centre
    assert x2 - x1 == y2 - y1 == APPEARANCE.diameter
    form = field["/AP"]["/N"]
    assert zlib.decompress(form.encoded_data) == APPEARANCE.content
    assert [float(x) for x in form["/BBox"]] == [0, 0, APPEARANCE.diameter, APPEARANCE.diameter]
    assert float(form["/Resources"]["/ExtGState"]["/Shade"]["/ca"]) == 0.86


def test_the_signature_dictionary() -> None:
    (seal,) = read(sealed(PadesLevel.B_LT).pdf).embedded_regular_signatures
    entries = seal.sig_object
    assert entries["/SubFilter"] == "/ETSI.CAdES.detached"
    assert entries["/Name"] == AUTHORITY
    assert entries["/Reason"] == "颁发证照"
    assert "/Location" not in entries
    sealed_at = sealed(PadesLevel.B_LT).sealed_at
    assert seal.self_reported_timestamp == sealed_at.replace(microsecond=0)


BROKEN_PAGES = {
    "empty": lambda: b"",
    "no PDF": lambda: b"hello",
    "truncated": lambda: page().pdf[:-20],
    "two revisions": lambda: sealed(PadesLevel.B_LTA).pdf,
    "an offset astray": lambda: page().pdf.replace(b"xref\n0", b"xref\n1", 1),
    "an object gone": lambda: re.sub(rb"\n(\d+) 0 obj", rb"\n\1 0 obx", page().pdf, count=1),
}


@pytest.mark.parametrize("broken", BROKEN_PAGES.values(), ids=BROKEN_PAGES)
def test_pages_of_another_build_are_refused(broken: Callable[[], bytes]) -> None:
    with pytest.raises(UnsuitablePageError):
        world().seal(rendered=RenderedLicence(broken(), (400.0, 150.0)))


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_qpdf_finds_nothing_wrong(level: PadesLevel, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed(level).pdf)
    said = run("qpdf", "--check", path)
    assert "PDF Version: 1.7" in said
    assert "No syntax or stream encoding errors found" in said


@pytest.mark.parametrize("level", ONE_REVISION)
def test_pdfsig_sees_the_whole_document_signed(level: PadesLevel, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed(level).pdf)
    said = run("pdfsig", "-nocert", path)
    assert "Signature Field Name: Seal" in said
    assert "Total document signed" in said
    assert "Signature is Valid" in said
    assert "ETSI.CAdES.detached" in said


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_openssl_verifies_the_seal(level: PadesLevel, tmp_path: Path) -> None:
    covered, info = contents(sealed(level).pdf)
    (tmp_path / "content").write_bytes(covered)
    (tmp_path / "cms").write_bytes(info.dump())
    root = pem(tmp_path / "root.pem", world().root)
    said = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms",
        "-content", tmp_path / "content", "-CAfile", root, "-cades", "-purpose", "any",
        "-out", "/dev/null",
    )  # fmt: skip
    assert "successful" in said


def test_openssl_verifies_the_signature_timestamp(tmp_path: Path) -> None:
    _, info = contents(sealed(PadesLevel.B_LT).pdf)
    signer: cms.SignerInfo = info["content"]["signer_infos"][0]
    token = signer["unsigned_attrs"][0]["values"][0].dump()
    _verify_token(tmp_path, token, signer["signature"].native)


def test_openssl_verifies_the_document_timestamp(tmp_path: Path) -> None:
    covered, info = contents(sealed(PadesLevel.B_LTA).pdf, 1)
    assert len(covered) < len(sealed(PadesLevel.B_LTA).pdf)
    _verify_token(tmp_path, info.dump(), covered)


def _verify_token(folder: Path, token: bytes, stamped: bytes) -> None:
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(stamped)
    hierarchy = world().hierarchy
    root = pem(folder / "root.pem", hierarchy.root)
    chain = pem(folder / "chain.pem", hierarchy.issuing, hierarchy.tsa)
    said = openssl(
        "ts", "-verify", "-token_in", "-in", folder / "token", "-data", folder / "data",
        "-CAfile", root, "-untrusted", chain,
    )  # fmt: skip
    assert "Verification: OK" in said


def test_one_flipped_byte_inside_the_range_breaks_the_digest(tmp_path: Path) -> None:
    covered, info = contents(sealed(PadesLevel.B_LT).pdf)
    changed = bytearray(covered)
    changed[len(changed) // 2] ^= 1
    (tmp_path / "content").write_bytes(changed)
    (tmp_path / "cms").write_bytes(info.dump())
    root = pem(tmp_path / "root.pem", world().root)
    with pytest.raises(AssertionError, match="verification failure"):
        openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms",
            "-content", tmp_path / "content", "-CAfile", root, "-purpose", "any",
            "-out", "/dev/null",
        )  # fmt: skip
