"""The kit's files: Acrobat's settings are a PDF with the roots, the sheet reads well on paper."""

import base64
import io
import re

import pikepdf
import pypdfium2

from signing.render.kit_sheet import fingerprint_sheet
from signing.trust.kit import acrobat_settings, facts_of, in_lines, root_files
from tests.signing.material import make_pki, pki

ROOTS = (pki().root.der, make_pki().root.der)


def test_acrobat_s_file_holds_each_root_as_one_for_certified_documents() -> None:
    with pikepdf.open(io.BytesIO(acrobat_settings(ROOTS))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert list(pdf.attachments) == ["SecuritySettings.xml"]
        xml = pdf.attachments["SecuritySettings.xml"].get_file().read_bytes().decode()
    found = re.findall("<Certificate>([^<]+)</Certificate>", xml)
    assert [base64.b64decode(one) for one in found] == list(ROOTS)
    assert xml.count("<Root>1</Root><CertifiedDocuments>1</CertifiedDocuments>") == 2


def test_several_roots_have_a_file_each() -> None:
    files = root_files(ROOTS, "https://verify.example.gov.cn/readers")
    assert files["root.cer"] == ROOTS[0]
    assert files["root-2.cer"] == ROOTS[1]
    assert files["root.pem"].count(b"BEGIN CERTIFICATE") == 2


def test_fingerprints_in_lines() -> None:
    assert list(in_lines("AAAA BBBB CCCC", 2)) == ["AAAA BBBB", "CCCC"]
    (first, _) = facts_of(ROOTS)
    assert first.sha256.replace(" ", "").lower() == pki().root.asn1.sha256.hex()
    assert first.sha1.replace(" ", "").lower() == pki().root.asn1.sha1.hex()


def test_the_sheet_stays_on_its_page() -> None:
    sheet = pypdfium2.PdfDocument(fingerprint_sheet(facts_of(ROOTS), "https://verify.example"))
    assert len(sheet) == 1
    page = sheet[0]
    text = page.get_textpage()
    said = text.get_text_range()
    assert "不要只凭本文件" in said.replace("\r\n", "")
    first, _ = facts_of(ROOTS)
    assert first.sha256.replace(" ", "") in re.sub(r"\s", "", said)
    for index in range(text.count_chars()):
        assert text.get_charbox(index)[2] <= page.get_width() - 50
