"""Foreign documents: a plain note, and a letter with everything that an attack may touch."""

import io
import zlib
from functools import cache

import pikepdf

from tests.corpus.model import Base
from tests.corpus.pdf import PLAIN, Layout, Pdf, Section, new, stream
from tests.corpus.signing import STAMP, Mark, sign

ID = b"[<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
INFO = b"<< /Title (A note) /Producer (Some Office 7.2) /CreationDate (D:20260301090000Z) >>"
NOTE_TEXT = b"0.85 g 20 150 200 30 re f 0 g BT /F1 18 Tf 25 158 Td (Fee: 100 yuan) Tj ET"
FORGED = b"1 0 0 rg 20 40 240 140 re f 0 g BT /F1 18 Tf 25 158 Td (Fee: 999 yuan) Tj ET"


def note_objects(info: bytes = INFO, text: bytes = NOTE_TEXT) -> dict[int, bytes]:
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents [4 0 R] "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        4: stream(text),
        5: FONT,
        6: info,
    }


TRAILER = {"/Root": b"1 0 R", "/Info": b"6 0 R", "/ID": ID}


def note(info: bytes = INFO, section: Section = PLAIN) -> Pdf:
    """Return a page with a line of text, unsigned."""
    return new(note_objects(info), TRAILER, section)


@cache
def signed_note() -> Pdf:
    """Return the note with one invisible approval signature, as PAdES asks."""
    return sign(note())


XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/" '
    b'x:xmptk="Toolkit 1"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" '
    b'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">\n'
    b'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A letter</rdf:li></rdf:Alt></dc:title>\n'
    b"<dc:creator><rdf:Seq><rdf:li>Registrar</rdf:li></rdf:Seq></dc:creator>\n"
    b"<xmp:CreateDate>2026-03-01T09:00:00Z</xmp:CreateDate>\n"
    b"<xmp:ModifyDate>2026-03-01T09:00:00Z</xmp:ModifyDate>\n"
    b"<xmp:CreatorTool>Some Office 7.2</xmp:CreatorTool>\n"
    b"<pdf:Producer>Some Office 7.2</pdf:Producer>\n"
    b"<xmpMM:DocumentID>uuid:1</xmpMM:DocumentID>\n<xmpMM:InstanceID>uuid:2</xmpMM:InstanceID>\n"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>\n" + b" " * 200 + b'\n<?xpacket end="w"?>'
)


def xmp(text: bytes = XMP) -> bytes:
    return stream(text, b"/Type /Metadata /Subtype /XML")


def shape(painted: bytes, width: int, height: int, resources: bytes = b"<< >>") -> bytes:
    """Return a form XObject."""
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 %d %d] /Resources %s"
    return stream(painted, head % (width, height, resources))


def picture(red: int, green: int, blue: int) -> bytes:
    """Return an image of one colour."""
    head = b"/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceRGB "
    data = zlib.compress(bytes([red, green, blue]) * 16)
    return stream(data, head + b"/BitsPerComponent 8 /Filter /FlateDecode")


LETTER_TEXT = b"""q 0.9 g 10 150 280 40 re f Q
BT 0 g /F1 18 Tf 20 163 Td (Pay 100 EUR to Alice) Tj ET
q 40 0 0 40 10 100 cm /Im Do Q
q 1 0 0 1 60 100 cm /Logo Do Q
q /G gs 0.2 0.6 0.2 rg 110 100 40 40 re f Q
/OC /L BDC q 1 0 0 rg 160 100 40 40 re f Q EMC
BT 0.5 0 0 rg /F1 12 Tf 14 20 Td (Mallory gets all) Tj ET
q 1 0 0 1 10 10 cm /Cover Do Q
q 1 0 0 1 210 100 cm /T3 20 Tf BT (a) Tj ET Q
"""
NAME_FIELD, AGREE_FIELD, REMARK, LAYER, SHADOW_CONTENT, SHADOW_PAGE = 12, 13, 14, 15, 22, 23
IMAGE, LOGO, STATE, COVER, METADATA, FORM, TYPE3, GLYPH, STRUCTURE = 7, 8, 9, 27, 10, 11, 28, 29, 24
NAME_LOOK, CHECKED, UNCHECKED, OPTIONS = 16, 17, 18, 31


def letter_objects() -> dict[int, bytes]:
    """Return a letter; some of it prepared for shadow attacks by whoever had it signed."""
    resources = (
        b"<< /Font << /F1 5 0 R /T3 28 0 R >> /XObject << /Im 7 0 R /Logo 8 0 R /Cover 27 0 R >> "
        b"/ExtGState << /G 9 0 R >> /Properties << /L 15 0 R >> >>"
    )
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources %s /Contents [%s] %s>>"
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R /Metadata 10 0 R /AcroForm 11 0 R "
        b"/StructTreeRoot 24 0 R /MarkInfo << /Marked true >> /Lang (en) "
        b"/OCProperties << /OCGs [15 0 R] "
        b"/D << /Order [15 0 R] /OFF [15 0 R] >> >> >>",
        2: b"<< /Type /Pages /Kids [3 0 R 20 0 R] /Count 2 >>",
        3: page % (resources, b"4 0 R", b"/StructParents 0 /Annots [12 0 R 13 0 R 14 0 R 31 0 R] "),
        4: stream(LETTER_TEXT),
        5: FONT,
        6: b"<< /Title (A letter) /Author (Registrar) /Producer (Some Office 7.2) >>",
        IMAGE: picture(0, 0, 200),
        LOGO: shape(b"0 0.5 0.5 rg 0 0 40 40 re f", 40, 40),
        STATE: b"<< /Type /ExtGState /ca 1 >>",
        METADATA: xmp(),
        FORM: b"<< /Fields [12 0 R 13 0 R 31 0 R] /DA (/Helv 12 Tf 0 g) "
        b"/DR << /Font << /Helv 5 0 R >> >> >>",
        NAME_FIELD: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Alice) "
        b"/DA (/Helv 12 Tf 0 g) /F 4 /Rect [10 70 110 90] /P 3 0 R /AP << /N 16 0 R >> >>",
        AGREE_FIELD: b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (agree) /V /Off /AS /Off /F 4 "
        b"/Rect [120 70 140 90] /P 3 0 R /AP << /N << /On 17 0 R /Off 18 0 R >> >> >>",
        REMARK: b"<< /Type /Annot /Subtype /Square /F 4 /Rect [150 70 170 90] /C [0 0 1] /P 3 0 R "
        b"/Contents (checked) /AP << /N 19 0 R >> >>",
        LAYER: b"<< /Type /OCG /Name (Draft) >>",
        NAME_LOOK: look_of_name(b"Alice"),
        CHECKED: shape(b"0 g 2 2 16 16 re f", 20, 20),
        UNCHECKED: shape(b"0 G 2 2 16 16 re S", 20, 20),
        19: shape(b"0 0 1 RG 2 2 16 16 re S", 20, 20),
        20: page % (b"<< /Font << /F1 5 0 R >> >>", b"21 0 R", b""),
        21: stream(b"BT /F1 18 Tf 20 163 Td (Second page: no debts) Tj ET 0.7 g 20 20 90 90 re f"),
        SHADOW_CONTENT: stream(FORGED),
        SHADOW_PAGE: page % (b"<< /Font << /F1 5 0 R >> >>", b"22 0 R", b""),
        STRUCTURE: b"<< /Type /StructTreeRoot /K 25 0 R >>",
        25: b"<< /Type /StructElem /S /P /P 24 0 R /Pg 3 0 R /K 0 /ActualText (Pay 100 EUR) >>",
        COVER: shape(b"1 g 0 0 130 30 re f 0.8 0.8 1 rg 2 2 100 20 re f", 130, 30),
        TYPE3: b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] "
        b"/FontMatrix [.001 0 0 .001 0 0] /CharProcs << /a 29 0 R >> "
        b"/Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [1000] "
        b"/Resources << >> >>",
        GLYPH: stream(b"1000 0 0 0 1000 1000 d1 0 0 1000 1000 re f"),
        30: b"<< /Unused true >>",
        OPTIONS: b"<< /Type /Annot /Subtype /Widget /FT /Ch /T (kind) /Ff 131072 "
        b"/V (A) /Opt [(A) (B)] /DA (/Helv 12 Tf 0 g) /F 4 "
        b"/Rect [180 70 280 90] /P 3 0 R /AP << /N 32 0 R >> >>",
        32: look_of_name(b"A"),
    }


def look_of_name(value: bytes) -> bytes:
    """Return the appearance of a text field."""
    painted = b"/Tx BMC q BT /Helv 12 Tf 0 g 2 5 Td (%s) Tj ET Q EMC" % value
    return shape(painted, 100, 20, b"<< /Font << /Helv 5 0 R >> >>")


SIGNER_LOOK = b"0.9 0.9 1 rg 0 0 100 40 re f 0.1 0.1 0.6 RG 2 2 96 36 re S"
VISIBLE_MARK = Mark(rect=(190, 10, 290, 50), appearance=SIGNER_LOOK)


def letter(section: Section = PLAIN) -> Pdf:
    return new(letter_objects(), TRAILER, section)


@cache
def approved() -> Pdf:
    """Return the letter with a visible approval signature."""
    return sign(letter(), VISIBLE_MARK)


@cache
def certified(level: int) -> Pdf:
    """Return the letter certified at P=`level` by a visible signature."""
    mark = Mark(rect=(190, 10, 290, 50), appearance=SIGNER_LOOK, certify=level)
    return sign(letter(), mark)


@cache
def locked() -> Pdf:
    """Return the letter with a signature that locks the field `name` (FieldMDP)."""
    lock = b"/Action /Include /Fields [(name)]"
    mark = Mark(
        rect=(190, 10, 290, 50),
        appearance=SIGNER_LOOK,
        lock=lock,
        widget=b"/Lock << /Type /SigFieldLock %s >> " % lock,
    )
    return sign(letter(), mark)


@cache
def signed_letter_in_streams() -> Pdf:
    """Return the letter as newer software writes it: streams of objects and of references."""
    objects = letter_objects()
    packed = tuple(n for n, body in objects.items() if b"stream" not in body)
    made = letter(Section(layout=Layout.STREAM, packed=packed))
    mark = Mark(rect=(190, 10, 290, 50), appearance=SIGNER_LOOK, section=Section(Layout.STREAM))
    return sign(made, mark)


def stamped(pdf: Pdf, mark: Mark = STAMP) -> Pdf:
    """Add a document timestamp."""
    return sign(pdf, mark)


APPROVED = Base("approved", lambda _: approved())
CERTIFIED_1 = Base("certified-1", lambda _: certified(1))
CERTIFIED_2 = Base("certified-2", lambda _: certified(2))
CERTIFIED_3 = Base("certified-3", lambda _: certified(3))
LOCKED = Base("locked", lambda _: locked())
STREAMS = Base("streams", lambda _: signed_letter_in_streams())
NOTE = Base("note", lambda _: signed_note())


def linearised(pdf: Pdf) -> bytes:
    """Return what qpdf makes of a file: first page first, hints (ISO 32000-1 annex F)."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf.data)) as opened:
        opened.save(out, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()
