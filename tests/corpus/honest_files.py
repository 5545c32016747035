"""Files without a signature, and files that are no plain PDF."""

import io
import zlib

import pikepdf
from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas

from tests.corpus.model import SOUND, UNSIGNED, Pattern, Required, honest, not_judged
from tests.corpus.papers import TRAILER, linearised, note, note_objects, signed_note
from tests.corpus.pdf import Layout, Section, load, new, stream
from tests.corpus.signing import Mark, sign

SCAN: Required = (Pattern(("skipped",), ("not_issued_here",), ("scan",)),)


def refused(*codes: str) -> Required:
    return (Pattern(("refused",), ("refused",), codes),)


PASSWORD = refused("encrypted_pdf")
NOT_A_PDF = refused("not_a_pdf")
UNREADABLE: Required = (*refused("unreadable_input"), *UNSIGNED)


@honest(UNSIGNED)
def plain_note() -> bytes:
    """A plain PDF that nobody signed."""
    return note().data


@honest(UNSIGNED)
def plain_in_streams() -> bytes:
    """A plain PDF of object streams and a cross-reference stream."""
    made = new(note_objects(), TRAILER, Section(layout=Layout.STREAM, packed=(1, 2, 3, 5, 6)))
    return made.data


@honest(UNSIGNED)
def plain_by_reportlab() -> bytes:
    """A plain PDF by ReportLab."""
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(300, 200))
    page.drawString(20, 100, "Fee: 100 yuan")
    page.save()
    return out.getvalue()


@honest(UNSIGNED)
def plain_linearised() -> bytes:
    """A plain linearised PDF."""
    return linearised(note())


@honest(UNSIGNED)
def plain_updated_twice() -> bytes:
    """A plain PDF that was edited twice by incremental updates: nobody signed, nobody altered."""
    pdf = note()
    for text in (b"first", b"second"):
        pdf = pdf.update({4: stream(b"BT /F1 18 Tf 25 158 Td (%s) Tj ET" % text)})
    return pdf.data


@honest(UNSIGNED)
def plain_with_form() -> bytes:
    """A form with an empty signature field, unsigned."""
    pdf = note()
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sign here) /F 4 "
        b"/Rect [20 20 90 50] /P 3 0 R >>"
    )
    return pdf.update(
        {7: field, **pdf.set(1, AcroForm=b"<< /Fields [7 0 R] >>"), **pdf.set(3, Annots=b"[7 0 R]")}
    ).data


@honest(UNSIGNED)
def plain_that_cites_an_identifier() -> bytes:
    """A foreign unsigned letter cites a GB/T 36904 identifier of another province's."""
    cited = b"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
    return note(b"<< /Title (On licence %s) >>" % cited).data


@honest(SOUND)
def signed_that_cites_an_identifier() -> bytes:
    """A foreign signed letter cites a GB/T 36904 identifier of another province's."""
    cited = b"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
    return sign(note(b"<< /Title (On licence %s) >>" % cited), Mark()).data


def scanned(mode: str = "RGB", pages: int = 1) -> list[Image.Image]:
    """Return pictures of pages."""
    made = []
    for index in range(pages):
        picture = Image.new(mode, (620, 877), "white")
        ImageDraw.Draw(picture).rectangle((50, 50 + index, 500, 120), fill="black")
        made.append(picture)
    return made


@honest(SCAN)
def scan_by_pillow() -> bytes:
    """A scan: one JPEG over the whole page, as Pillow saves it."""
    out = io.BytesIO()
    scanned()[0].save(out, "PDF", resolution=75)
    return out.getvalue()


@honest(SCAN)
def scan_of_several_pages() -> bytes:
    """A scan of three pages in grey."""
    first, *rest = scanned("L", 3)
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


@honest(SCAN)
def scan_in_black_and_white() -> bytes:
    """A fax: CCITT or 1-bit pictures."""
    out = io.BytesIO()
    scanned("1")[0].save(out, "PDF")
    return out.getvalue()


@honest(SCAN)
def scan_by_a_copier() -> bytes:
    """A scan by an office copier: a JPEG image and a content stream of one operator."""
    raw = io.BytesIO()
    scanned()[0].save(raw, "JPEG")
    image = (
        b"/Type /XObject /Subtype /Image /Width 620 /Height 877 /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 /Filter /DCTDecode"
    )
    objects = note_objects(b"<< /Producer (Copier 4) >>")
    objects[4] = stream(zlib.compress(b"q 300 0 0 200 0 0 cm /Im0 Do Q"), b"/Filter /FlateDecode")
    objects[3] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /XObject << /Im0 5 0 R >> /ProcSet [/PDF /ImageC] >> >>"
    )
    objects[5] = stream(raw.getvalue(), image)
    return new(objects, TRAILER).data


@honest((*SCAN, *UNSIGNED))
def scan_with_hidden_text() -> bytes:
    """A scan with an invisible layer of recognised text (OCR, text mode 3)."""
    raw = io.BytesIO()
    scanned()[0].save(raw, "JPEG")
    image = (
        b"/Type /XObject /Subtype /Image /Width 620 /Height 877 /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 /Filter /DCTDecode"
    )
    objects = note_objects()
    objects[4] = stream(
        b"q 300 0 0 200 0 0 cm /Im0 Do Q BT 3 Tr /F1 12 Tf 20 100 Td (recognised) Tj ET"
    )
    objects[3] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> /XObject << /Im0 7 0 R >> >> >>"
    )
    objects[7] = stream(raw.getvalue(), image)
    return new(objects, TRAILER).data


@honest(SOUND)
def signed_scan() -> bytes:
    """A scan that was signed."""
    return sign(load(scan_by_a_copier()), Mark()).data


def encrypted(owner: str, user: str, revision: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(note().data)) as opened:
        strong = revision >= 4
        options = pikepdf.Encryption(
            owner=owner,
            user=user,
            R=revision,  # type: ignore[arg-type]
            aes=strong,
            metadata=strong,
        )
        opened.save(out, encryption=options)
    return out.getvalue()


@honest(PASSWORD)
def encrypted_with_password() -> bytes:
    """AES-256; a password is needed to open it."""
    return encrypted("owner", "user", 6)


@honest(PASSWORD)
def encrypted_with_password_long_ago() -> bytes:
    """AES-128 (revision 4); a password is needed to open it."""
    return encrypted("owner", "user", 4)


@honest(UNSIGNED)
def encrypted_with_empty_password() -> bytes:
    """AES-256 with the empty user password: anybody can open it, nobody signed it."""
    return encrypted("owner", "", 6)


@honest(UNSIGNED)
def encrypted_with_rc4_and_empty_password() -> bytes:
    """RC4 of 128 bits with the empty user password, as old software protects from printing."""
    return encrypted("owner", "", 3)


def signed_encrypted(user: str) -> bytes:
    """Return an encrypted file, signed by another maker's library."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415

    from tests.signing.material import pki  # noqa: PLC0415

    writer = IncrementalPdfFileWriter(io.BytesIO(encrypted("owner", user, 6)))
    writer.encrypt(user_pwd=user)  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(field_name="Sig1", md_algorithm="sha256")
    signers.PdfSigner(metadata, signer=pki().signer()).sign_pdf(writer, output=out)
    return out.getvalue()


@honest(SOUND)
def signed_with_empty_password() -> bytes:
    """An encrypted file with the empty user password, signed: read and judged."""
    return signed_encrypted("")


@honest(PASSWORD)
def signed_with_password() -> bytes:
    """A signed file that needs a password: the same refusal as an unsigned one."""
    return signed_encrypted("user")


@honest(UNSIGNED)
def encrypt_entry_is_null() -> bytes:
    """The trailer's /Encrypt is null: no encryption."""
    return note(section=Section(trailer={"/Encrypt": b"null"})).data


@honest(UNSIGNED)
def encrypt_entry_is_a_number() -> bytes:
    """The trailer's /Encrypt is a number: no dictionary, so no encryption."""
    return note(section=Section(trailer={"/Encrypt": b"0"})).data


@honest(UNSIGNED)
def encrypt_entry_leads_nowhere() -> bytes:
    """The trailer's /Encrypt refers to an object that does not exist, which is null."""
    return note(section=Section(trailer={"/Encrypt": b"99 0 R"})).data


@honest(SOUND)
def signed_with_encrypt_entry_that_leads_nowhere() -> bytes:
    """A signed file whose first trailer's /Encrypt refers to nothing."""
    return sign(note(section=Section(trailer={"/Encrypt": b"99 0 R"})), Mark()).data


@honest(UNSIGNED)
def word_encrypt_in_text() -> bytes:
    """The page's text and Info say `/Encrypt 5 0 R`; the file is not encrypted."""
    return note(b"<< /Title (How to write /Encrypt 5 0 R) >>").data


@honest((*SOUND, *not_judged("structure_unclear")))
def header_after_junk() -> bytes:
    """Bytes of a mail gateway stand before %PDF within the first kilobyte, there when signed."""
    objects = note_objects()
    made = new(objects, TRAILER, header=b"X-Gateway: 7\r\n%PDF-1.4\n")
    return sign(made, Mark()).data


@honest(SOUND)
def pdf_two() -> bytes:
    """The header says PDF 2.0."""
    made = new(note_objects(), TRAILER, header=b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n")
    return sign(made, Mark()).data


@honest(NOT_A_PDF)
def picture() -> bytes:
    """A JPEG photo of a licence."""
    out = io.BytesIO()
    scanned()[0].save(out, "JPEG")
    return out.getvalue()


@honest(NOT_A_PDF)
def empty_file() -> bytes:
    """No bytes at all."""
    return b""


@honest(UNREADABLE)
def cut_off_unsigned() -> bytes:
    """A plain PDF whose download was cut off in the middle."""
    return note().data[:500]


@honest((*refused("unreadable_input"), Pattern(("error",), ("not_issued_here",))))
def cut_off_signed() -> bytes:
    """A foreign signed file whose download was cut off before its end; no proof of any change."""
    data = signed_note().data
    return data[: data.index(b"/ByteRange") + 3000]


@honest((*UNSIGNED, *UNREADABLE))
def no_startxref() -> bytes:
    """A plain PDF without startxref and cross-references, which every viewer repairs."""
    data = note().data
    return data[: data.index(b"xref\n")] + b"trailer\n<< /Root 1 0 R /Size 7 >>\n%%EOF\n"


@honest((*UNSIGNED, *UNREADABLE))
def wrong_offsets_unsigned() -> bytes:
    """A plain PDF that went through a text editor: every offset is off by some bytes."""
    return note().data.replace(b"%PDF-1.7\n", b"%PDF-1.7\r\n\r\n")
