"""Annotations laid over what was signed (evil annotation attacks, IEEE S&P 2021, and the rest)."""

from tests.corpus.model import OURS, PROVEN, UNSEEN, attack
from tests.corpus.papers import (
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_2,
    CERTIFIED_3,
    LOCKED,
    NOTE,
    REMARK,
    picture,
    shape,
)
from tests.corpus.pdf import Pdf, ref, stream

RED = b"1 0 0 rg 0 0 280 40 re f"


def laid_over(
    pdf: Pdf, subtype: bytes, more: bytes = b"", *, painted: bytes = RED, flags: int = 4
) -> bytes:
    """Add an annotation with an appearance over the page's first line."""
    number = pdf.size
    annotation = (
        b"<< /Type /Annot /Subtype /%s /Rect [10 150 290 190] /F %d /P %d 0 R "
        b"/AP << /N %d 0 R >> %s >>" % (subtype, flags, pdf.page, number + 1, more)
    )
    look = shape(painted, 280, 40)
    return pdf.update({number: annotation, number + 1: look, **pdf.with_annotation(number)}).data


@attack(OURS, APPROVED, CERTIFIED_1, CERTIFIED_2, CERTIFIED_3, NOTE)
def free_text_over_content(pdf: Pdf) -> bytes:
    """A FreeText annotation covers the signed line with other words (evil annotation)."""
    words = b"1 g 0 0 280 40 re f BT 0 g /Helv 18 Tf 10 13 Td (Pay 999 EUR) Tj ET"
    return laid_over(pdf, b"FreeText", b"/DA (/Helv 18 Tf 0 g)", painted=words)


@attack(OURS, APPROVED, CERTIFIED_2, CERTIFIED_3)
def stamp_over_content(pdf: Pdf) -> bytes:
    """A Stamp annotation covers the signed line."""
    return laid_over(pdf, b"Stamp", b"/Name /Approved")


@attack(OURS, APPROVED, CERTIFIED_3)
def white_box_over_content(pdf: Pdf) -> bytes:
    """A white Square without a border makes the signed line vanish."""
    return laid_over(pdf, b"Square", b"/IC [1 1 1]", painted=b"1 g 0 0 280 40 re f")


@attack(APPROVED, CERTIFIED_3)
def redaction_over_content(pdf: Pdf) -> bytes:
    """A Redact annotation covers the signed line."""
    return laid_over(pdf, b"Redact", b"/OverlayText (void)")


@attack(APPROVED, CERTIFIED_3)
def ink_over_content(pdf: Pdf) -> bytes:
    """An Ink annotation draws over the signed line."""
    return laid_over(pdf, b"Ink", b"/InkList [[10 150 290 190]]")


@attack(APPROVED, CERTIFIED_3)
def line_over_content(pdf: Pdf) -> bytes:
    """A Line of great width covers the signed line."""
    return laid_over(pdf, b"Line", b"/L [10 170 290 170] /BS << /W 40 >>")


@attack(APPROVED)
def watermark_over_content(pdf: Pdf) -> bytes:
    """A Watermark annotation covers the signed line."""
    return laid_over(pdf, b"Watermark")


@attack(APPROVED)
def screen_over_content(pdf: Pdf) -> bytes:
    """A Screen annotation (for media) covers the signed line."""
    return laid_over(pdf, b"Screen")


@attack(APPROVED)
def unknown_annotation_over_content(pdf: Pdf) -> bytes:
    """An annotation of an unknown type covers the signed line by its appearance."""
    return laid_over(pdf, b"Vendor")


@attack(APPROVED)
def printer_s_mark_over_content(pdf: Pdf) -> bytes:
    """A PrinterMark annotation covers the signed line."""
    return laid_over(pdf, b"PrinterMark")


@attack(APPROVED, CERTIFIED_3)
def image_over_content(pdf: Pdf) -> bytes:
    """A Stamp annotation whose appearance is a picture covers the signed line."""
    number = pdf.size
    annotation = (
        b"<< /Type /Annot /Subtype /Stamp /Rect [10 150 290 190] /F 4 /P %d 0 R "
        b"/AP << /N %d 0 R >> >>" % (pdf.page, number + 1)
    )
    look = shape(
        b"280 0 0 40 0 0 cm /Im Do", 280, 40, b"<< /XObject << /Im %d 0 R >> >>" % (number + 2)
    )
    return pdf.update(
        {
            number: annotation,
            number + 1: look,
            number + 2: picture(255, 0, 0),
            **pdf.with_annotation(number),
        }
    ).data


@attack(OURS, APPROVED, CERTIFIED_3, shown_by=UNSEEN)
def link_over_content(pdf: Pdf) -> bytes:
    """An invisible Link over the page leads elsewhere."""
    number = pdf.size
    link = (
        b"<< /Type /Annot /Subtype /Link /Rect [0 0 300 200] /Border [0 0 0] "
        b"/A << /S /URI /URI (https://evil.example/) >> >>"
    )
    return pdf.update({number: link, **pdf.with_annotation(number)}).data


@attack(APPROVED, CERTIFIED_3, shown_by=UNSEEN)
def file_attached_by_annotation(pdf: Pdf) -> bytes:
    """A FileAttachment annotation brings a file along, outside of the page."""
    number = pdf.size
    annotation = (
        b"<< /Type /Annot /Subtype /FileAttachment /Rect [-50 -50 -40 -40] /F 4 /FS "
        b"<< /Type /Filespec /F (order.exe) /EF << /F %d 0 R >> >> >>" % (number + 1)
    )
    held = stream(b"MZ", b"/Type /EmbeddedFile")
    return pdf.update({number: annotation, number + 1: held, **pdf.with_annotation(number)}).data


@attack(APPROVED, CERTIFIED_1, CERTIFIED_2)
def remark_s_look_changed(pdf: Pdf) -> bytes:
    """An annotation that was there when it was signed paints over the page."""
    changed = pdf.set(REMARK, Rect=b"[10 150 290 190]")
    return pdf.update({**changed, 19: shape(RED, 280, 40)}).data


@attack(APPROVED, CERTIFIED_2)
def remark_moved(pdf: Pdf) -> bytes:
    """An annotation that was there when it was signed is moved to another line."""
    return pdf.update(pdf.set(REMARK, Rect=b"[10 165 30 185]")).data


@attack(APPROVED, CERTIFIED_2)
def remark_removed(pdf: Pdf) -> bytes:
    """An annotation that was there when it was signed is removed from the page."""
    held = pdf.of(3)["/Annots"].replace(b"14 0 R", b"")
    return pdf.update(pdf.set(3, Annots=held)).data


@attack(APPROVED, CERTIFIED_2)
def remark_hidden(pdf: Pdf) -> bytes:
    """An annotation that was there when it was signed gets the flag Hidden."""
    return pdf.update(pdf.set(REMARK, F=b"2")).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def remark_s_words_changed(pdf: Pdf) -> bytes:
    """The words of an annotation that was there when it was signed are changed."""
    return pdf.update(pdf.set(REMARK, Contents=b"(rejected)")).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN)
def annotations_removed(pdf: Pdf) -> bytes:
    """The page loses /Annots, the signature's widget with it."""
    return pdf.update(pdf.set(pdf.page, Annots=b"[]")).data


@attack(APPROVED, CERTIFIED_2, LOCKED)
def text_field_over_content(pdf: Pdf) -> bytes:
    """A new text field with a value, not in /Fields, covers the signed line."""
    more = b"/FT /Tx /T (extra) /V (Pay 999 EUR) /DA (/Helv 18 Tf 0 g)"
    return laid_over(pdf, b"Widget", more)


@attack(APPROVED)
def annotations_by_reference(pdf: Pdf) -> bytes:
    """The page's /Annots becomes a reference to a list with one more annotation."""
    number = pdf.size
    annotation = (
        b"<< /Type /Annot /Subtype /Square /Rect [10 150 290 190] /F 4 /AP << /N %d 0 R >> >>"
    ) % (number + 1)
    listed = pdf.of(3)["/Annots"][:-1] + b" %d 0 R]" % number
    return pdf.update(
        {
            number: annotation,
            number + 1: shape(RED, 280, 40),
            number + 2: listed,
            **pdf.set(3, Annots=ref(number + 2)),
        }
    ).data
