"""Shadow attacks (Mainka et al., NDSS 2021): whoever has a document signed prepared it before."""

from tests.corpus.model import BOTH, PDFIUM, PROVEN, UNSEEN, attack
from tests.corpus.papers import (
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_2,
    CERTIFIED_3,
    COVER,
    NAME_FIELD,
    NAME_LOOK,
    SHADOW_CONTENT,
    SHADOW_PAGE,
    look_of_name,
)
from tests.corpus.pdf import Pdf, Section, ref


@attack(APPROVED, CERTIFIED_1, CERTIFIED_2, shown_by=UNSEEN)
def hide_by_freeing_the_cover(pdf: Pdf) -> bytes:
    """Hide: the table frees what covered prepared text; the engines repair it, others obey."""
    return pdf.update({}, Section(free=(COVER,))).data


@attack(APPROVED, foreign=PROVEN)
def hide_by_nulling_the_cover(pdf: Pdf) -> bytes:
    """Hide: the object that covered prepared text becomes null."""
    return pdf.update({COVER: b"null"}).data


@attack(APPROVED, foreign=PROVEN)
def hide_by_changing_the_cover_s_type(pdf: Pdf) -> bytes:
    """Hide: the covering form XObject turns into an image of no size."""
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 0 /Height 0 /BitsPerComponent 8 /ColorSpace "
        b"/DeviceGray /Length 0 >>\nstream\n\nendstream"
    )
    return pdf.update({COVER: image}).data


@attack(APPROVED, CERTIFIED_2, CERTIFIED_3)
def replace_field_s_look(pdf: Pdf) -> bytes:
    """Replace: the field's appearance says another name than its value, which stays."""
    return pdf.update({NAME_LOOK: look_of_name(b"Mallory")}).data


@attack(APPROVED)
def replace_field_s_look_by_new_object(pdf: Pdf) -> bytes:
    """Replace: the field gets another appearance object, its value stays."""
    number = pdf.size
    changed = pdf.set(NAME_FIELD, AP=b"<< /N %d 0 R >>" % number)
    return pdf.update({**changed, number: look_of_name(b"Mallory")}).data


@attack(APPROVED, foreign=PROVEN)
def replace_and_hide_by_page_tree(pdf: Pdf) -> bytes:
    """Hide and replace: the tree names the prepared page; no new object is added at all."""
    return pdf.update(pdf.set(2, Kids=b"[%d 0 R 20 0 R]" % SHADOW_PAGE)).data


@attack(APPROVED, foreign=PROVEN)
def replace_and_hide_by_contents(pdf: Pdf) -> bytes:
    """Hide and replace: the page names the prepared content stream."""
    return pdf.update(pdf.set(3, Contents=ref(SHADOW_CONTENT))).data


@attack(APPROVED, CERTIFIED_1, shown_by=PDFIUM)
def replace_and_hide_by_table_alone(pdf: Pdf) -> bytes:
    """Hide and replace: no object is written; the table gives the content the shadow's offset."""
    at = pdf.data.index(b"\n%d 0 obj" % SHADOW_CONTENT) + 1
    return pdf.update({}, Section(table=b"xref\n4 1\n%010d 00000 n \n" % at)).data


@attack(APPROVED, shown_by=BOTH)
def replace_and_hide_by_object_inside_stream(pdf: Pdf) -> bytes:
    """Hide and replace: the table points into a stream's data where a whole object is hidden."""
    inside = b"\n4 0 obj\n%s\nendobj\n" % pdf.objects[SHADOW_CONTENT]
    number = pdf.size
    hidden = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(inside), inside)
    made = pdf.update({number: hidden})
    at = made.data.rindex(b"\n4 0 obj") + 1
    return made.update({}, Section(table=b"xref\n4 1\n%010d 00000 n \n" % at)).data


@attack(APPROVED, shown_by=BOTH)
def replace_and_hide_by_object_inside_comment(pdf: Pdf) -> bytes:
    """Hide and replace: the table points into a comment that hides a page object."""
    page = pdf.objects[SHADOW_PAGE].replace(b"\n", b" ")
    made = pdf.update(
        {}, Section(table=b"xref\n0 0\n", before_references=b"%3 0 obj " + page + b" endobj\n")
    )
    at = made.data.rindex(b"%3 0 obj") + 1
    return made.update({}, Section(table=b"xref\n3 1\n%010d 00000 n \n" % at)).data
