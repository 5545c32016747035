"""What a page is painted with is replaced, while its content stream stays as it was signed."""

import zlib

from tests.corpus.model import BOTH, OURS, PDFIUM, PROVEN, UNSEEN, attack
from tests.corpus.papers import (
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_3,
    COVER,
    GLYPH,
    IMAGE,
    LAYER,
    LOGO,
    STATE,
    TYPE3,
    picture,
    shape,
)
from tests.corpus.pdf import Pdf, edited, entries, ref, stream

DIGITS = b"<< /Type /Encoding /Differences [49 /nine 48 /nine] >>"


@attack(APPROVED, CERTIFIED_3, foreign=PROVEN)
def font_encoding_changed(pdf: Pdf) -> bytes:
    """The font's encoding is changed so that 1 and 0 are drawn as 9."""
    return pdf.update(pdf.set(pdf.font, Encoding=DIGITS)).data


@attack(OURS, APPROVED, foreign=PROVEN)
def font_replaced(pdf: Pdf) -> bytes:
    """The page's font is replaced by another one with other glyphs."""
    symbol = b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"
    return pdf.update({pdf.font: symbol}).data


@attack(APPROVED, foreign=PROVEN)
def font_dictionary_swapped(pdf: Pdf) -> bytes:
    """The page's resources call another font /F1."""
    number = pdf.size
    font = edited(pdf.objects[pdf.font], {"/Encoding": DIGITS})
    held = entries(pdf.of(pdf.page)["/Resources"])
    fonts = edited(held["/Font"], {"/F1": ref(number)})
    resources = edited(pdf.of(pdf.page)["/Resources"], {"/Font": fonts})
    return pdf.update({number: font, **pdf.set(pdf.page, Resources=resources)}).data


@attack(APPROVED, foreign=PROVEN)
def font_widths_changed(pdf: Pdf) -> bytes:
    """The font gains widths that pile all its characters on one spot."""
    widths = b"[%s]" % b" ".join([b"0"] * 224)
    changed = pdf.set(pdf.font, Widths=widths, FirstChar=b"32", LastChar=b"255")
    return pdf.update(changed).data


@attack(APPROVED, foreign=PROVEN)
def glyph_of_type3_font_changed(pdf: Pdf) -> bytes:
    """A Type 3 font's glyph procedure is replaced."""
    return pdf.update({GLYPH: stream(b"1000 0 0 0 1000 1000 d1 0 0 300 300 re f")}).data


@attack(APPROVED, foreign=PROVEN)
def matrix_of_type3_font_changed(pdf: Pdf) -> bytes:
    """A Type 3 font's matrix is changed, which makes its glyphs huge."""
    return pdf.update(pdf.set(TYPE3, FontMatrix=b"[.003 0 0 .003 0 0]")).data


@attack(OURS, foreign=PROVEN)
def embedded_font_file_replaced(pdf: Pdf) -> bytes:
    """The glyphs embedded in our licence (/FontFile2) are emptied."""
    number = next(n for n, body in pdf.objects.items() if b"/Length1" in body[:60])
    return pdf.update({number: stream(b"\x00\x01\x00\x00" + bytes(60), b"/Length1 64")}).data


@attack(OURS, foreign=PROVEN, shown_by=UNSEEN)
def text_behind_glyphs_changed(pdf: Pdf) -> bytes:
    """The font's /ToUnicode is replaced: what is copied or read aloud is not what is seen."""
    number = next(n for n, body in pdf.objects.items() if b"beginbfchar" in unpacked(body))
    text = unpacked(pdf.objects[number]).replace(b"<0001>", b"<0002>")
    return pdf.update({number: stream(text)}).data


def unpacked(body: bytes) -> bytes:
    """Return what a stream holds, as far as it is compressed with Flate."""
    if b"/FlateDecode" not in body.partition(b"stream")[0]:
        return b""
    return zlib.decompressobj().decompress(body.partition(b"stream\n")[2])


@attack(APPROVED, CERTIFIED_1, foreign=PROVEN)
def image_replaced(pdf: Pdf) -> bytes:
    """An image is replaced under its number."""
    return pdf.update({IMAGE: picture(255, 0, 0)}).data


@attack(APPROVED, foreign=PROVEN)
def image_masked(pdf: Pdf) -> bytes:
    """An image gains a soft mask that hides it."""
    number = pdf.size
    mask = (
        b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8"
    )
    changed = pdf.set(IMAGE, SMask=ref(number))
    return pdf.update({number: stream(b"\x00", mask), **changed}).data


@attack(APPROVED, foreign=PROVEN)
def image_decoded_otherwise(pdf: Pdf) -> bytes:
    """An image gains a /Decode array that inverts its colours."""
    return pdf.update(pdf.set(IMAGE, Decode=b"[1 0 1 0 1 0]")).data


@attack(APPROVED, foreign=PROVEN)
def image_with_alternate(pdf: Pdf) -> bytes:
    """The image's name in the resources names another image."""
    number = pdf.size
    held = entries(pdf.of(pdf.page)["/Resources"])
    named = edited(held["/XObject"], {"/Im": ref(number)})
    resources = edited(pdf.of(pdf.page)["/Resources"], {"/XObject": named})
    return pdf.update({number: picture(255, 0, 0), **pdf.set(pdf.page, Resources=resources)}).data


@attack(APPROVED, foreign=PROVEN)
def form_xobject_replaced(pdf: Pdf) -> bytes:
    """A form XObject that the content paints is replaced."""
    return pdf.update({LOGO: shape(b"1 0 0 rg 0 0 40 40 re f", 40, 40)}).data


@attack(APPROVED, foreign=PROVEN)
def form_xobject_enlarged(pdf: Pdf) -> bytes:
    """A form XObject's /Matrix is changed so that it paints over its neighbours."""
    return pdf.update(pdf.set(LOGO, Matrix=b"[8 0 0 3 -200 -20]")).data


@attack(OURS, foreign=PROVEN)
def backdrop_of_licence_replaced(pdf: Pdf) -> bytes:
    """The form XObject that paints our licence's background now paints over it."""
    number = next(n for n, body in pdf.objects.items() if b"/Subtype /Form" in body)
    return pdf.update({number: shape(b"1 0 0 rg 0 0 842 596 re f", 842, 596)}).data


@attack(APPROVED, foreign=PROVEN)
def graphics_state_changed(pdf: Pdf) -> bytes:
    """An ExtGState is changed so that what it rules becomes invisible."""
    return pdf.update({STATE: b"<< /Type /ExtGState /ca 0 /CA 0 >>"}).data


@attack(APPROVED)
def colour_space_defined(pdf: Pdf) -> bytes:
    """The resources gain a /DefaultRGB that turns every colour round."""
    number = pdf.size
    function = stream(
        b"{ 3 { 1 exch sub 3 1 roll } repeat }",
        b"/FunctionType 4 /Domain [0 1 0 1 0 1] /Range [0 1 0 1 0 1]",
    )
    space = b"<< /DefaultRGB [/DeviceN [/A /B /C] /DeviceRGB %d 0 R] >>" % number
    resources = edited(pdf.of(pdf.page)["/Resources"], {"/ColorSpace": space})
    return pdf.update({number: function, **pdf.set(pdf.page, Resources=resources)}).data


@attack(APPROVED, CERTIFIED_1, foreign=PROVEN)
def resources_emptied(pdf: Pdf) -> bytes:
    """The page's /Resources is emptied: nothing that needs a name is painted."""
    return pdf.update(pdf.set(pdf.page, Resources=b"<< >>")).data


@attack(APPROVED, foreign=PROVEN)
def layer_shown_by_default(pdf: Pdf) -> bytes:
    """A layer that was off when it was signed is on by default (/OCProperties /D)."""
    properties = b"<< /OCGs [15 0 R] /D << /Order [15 0 R] /ON [15 0 R] >> >>"
    return pdf.update(pdf.set(pdf.root, OCProperties=properties)).data


@attack(APPROVED, foreign=PROVEN, shown_by=PDFIUM)
def layer_shown_by_intent(pdf: Pdf) -> bytes:
    """A layer's /Usage turns it on when the page is printed."""
    usage = b"<< /Print << /PrintState /ON >> /View << /ViewState /ON >> >>"
    return pdf.update(pdf.set(LAYER, Usage=usage)).data


@attack(APPROVED, foreign=PROVEN)
def layers_removed(pdf: Pdf) -> bytes:
    """The catalogue loses /OCProperties, so that the hidden layer is shown."""
    return pdf.update(pdf.set(pdf.root, OCProperties=None)).data


@attack(APPROVED, foreign=PROVEN, shown_by=BOTH)
def cover_removed(pdf: Pdf) -> bytes:
    """A form XObject that covered text when it was signed is emptied (shadow attack: hide)."""
    return pdf.update({COVER: shape(b"", 130, 30)}).data
