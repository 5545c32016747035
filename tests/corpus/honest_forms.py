"""Forms filled in and notes made after a signature, where that is allowed."""

from dataclasses import replace

from tests.corpus.model import ANNOTATED, FILLED, SOUND, UNCLEAR, Required, honest, sound
from tests.corpus.papers import (
    AGREE_FIELD,
    LAYER,
    NAME_FIELD,
    NAME_LOOK,
    OPTIONS,
    approved,
    certified,
    letter,
    locked,
    look_of_name,
    shape,
)
from tests.corpus.pdf import Pdf, edited
from tests.corpus.signing import Mark, sign

FILLED_OR_UNCLEAR: Required = (*FILLED, *UNCLEAR)


def filled(pdf: Pdf) -> Pdf:
    """Fill the field `name` in, with the appearance that belongs to it."""
    return pdf.update({**pdf.set(NAME_FIELD, V=b"(Bob)"), NAME_LOOK: look_of_name(b"Bob")})


@honest(FILLED)
def text_filled_without_certification() -> bytes:
    """A text field is filled in after an approval signature."""
    return filled(approved()).data


@honest(FILLED)
def text_filled_under_certification() -> bytes:
    """A text field is filled in after a certification at P=2."""
    return filled(certified(2)).data


@honest(FILLED)
def text_filled_with_new_appearance() -> bytes:
    """A text field is filled in and gets a new appearance stream as a new object."""
    pdf = approved()
    look = pdf.size
    changed = pdf.set(NAME_FIELD, V=b"(Bob)", AP=b"<< /N %d 0 R >>" % look)
    return pdf.update({**changed, look: look_of_name(b"Bob")}).data


@honest(FILLED)
def box_ticked() -> bytes:
    """A check box is ticked after a certification at P=2."""
    pdf = certified(2)
    return pdf.update(pdf.set(AGREE_FIELD, V=b"/On", AS=b"/On")).data


@honest(FILLED)
def choice_made() -> bytes:
    """A choice field gets another of its options."""
    pdf = approved()
    return pdf.update({**pdf.set(OPTIONS, V=b"(B)"), 32: look_of_name(b"B")}).data


@honest(FILLED)
def filled_twice() -> bytes:
    """A field is filled in twice, in two updates."""
    pdf = filled(approved())
    return pdf.update({**pdf.set(NAME_FIELD, V=b"(Eve)"), NAME_LOOK: look_of_name(b"Eve")}).data


@honest(FILLED)
def filled_then_signed() -> bytes:
    """A field is filled in under a certification at P=2, and whoever did so signs."""
    return sign(filled(certified(2)), Mark(field="Signature2")).data


@honest(FILLED)
def unlocked_field_filled() -> bytes:
    """The signature locks the field `name`; another one is filled in."""
    pdf = locked()
    return pdf.update(pdf.set(AGREE_FIELD, V=b"/On", AS=b"/On")).data


@honest(SOUND)
def form_filled_before_signing() -> bytes:
    """The fields were filled in before the signature was made."""
    return sign(filled(letter()), Mark()).data


@honest((*sound("none"), *sound("validation_data"), *sound("signatures"), *FILLED_OR_UNCLEAR))
def field_written_again_unchanged() -> bytes:
    """A field is written again with the value and the appearance that it had."""
    pdf = approved()
    return pdf.update({NAME_FIELD: pdf.objects[NAME_FIELD]}).data


def annotated(pdf: Pdf, annotation: bytes, more: dict[int, bytes] | None = None) -> bytes:
    number = pdf.size
    return pdf.update({number: annotation, **pdf.with_annotation(number), **(more or {})}).data


NOTE_ANNOTATION = (
    b"<< /Type /Annot /Subtype /Text /Rect [270 175 290 195] /F 4 /Contents (seen, filed) "
    b"/T (Clerk) /M (D:20260304) /P 3 0 R >>"
)


@honest(ANNOTATED)
def note_without_certification() -> bytes:
    """A clerk adds a sticky note after an approval signature."""
    return annotated(approved(), NOTE_ANNOTATION)


@honest(ANNOTATED)
def note_under_certification() -> bytes:
    """A clerk adds a sticky note where the certification allows it (P=3)."""
    return annotated(certified(3), NOTE_ANNOTATION)


@honest(ANNOTATED)
def highlight_without_certification() -> bytes:
    """A clerk highlights a line after an approval signature."""
    pdf = approved()
    mark = (
        b"<< /Type /Annot /Subtype /Highlight /Rect [20 160 120 180] /F 4 /C [1 1 0] /QuadPoints "
        b"[20 180 120 180 20 160 120 160] /T (Clerk) /P 3 0 R /AP << /N %d 0 R >> >>"
    ) % (pdf.size + 1)
    look = shape(
        b"/M gs 1 1 0 rg 0 0 100 20 re f", 100, 20, b"<< /ExtGState << /M << /BM /Multiply >> >> >>"
    )
    return annotated(pdf, mark, {pdf.size + 1: look})


@honest(ANNOTATED)
def reply_with_popup() -> bytes:
    """A note with its pop-up window is added under P=3."""
    pdf = certified(3)
    popup = b"<< /Type /Annot /Subtype /Popup /Rect [200 100 290 195] /Parent %d 0 R >>" % pdf.size
    note = edited(NOTE_ANNOTATION, {"/Popup": b"%d 0 R" % (pdf.size + 1)})
    return annotated(pdf, note, {pdf.size + 1: popup})


@honest((*ANNOTATED, *FILLED_OR_UNCLEAR))
def filled_and_annotated() -> bytes:
    """A field is filled in and a note added, both allowed at P=3."""
    return annotated(filled(certified(3)), NOTE_ANNOTATION)


@honest(SOUND)
def notes_before_signing() -> bytes:
    """Notes and highlights were made before the file was signed."""
    pdf = letter()
    number = pdf.size
    made = pdf.update({number: NOTE_ANNOTATION, **pdf.with_annotation(number)})
    return sign(made, Mark()).data


@honest(SOUND)
def hierarchical_field_names() -> bytes:
    """The signature field is a child of a field `form`, its widget a kid of its own."""
    pdf = letter()
    number = pdf.size
    parent = b"<< /T (form) /Kids [%d 0 R] >>" % (number + 1)
    child = b"<< /FT /Sig /T (sign) /Parent %d 0 R /Kids [%d 0 R] >>" % (number, number + 2)
    widget = (
        b"<< /Type /Annot /Subtype /Widget /Parent %d 0 R /F 132 /Rect [0 0 0 0] /P 3 0 R >>"
        % (number + 1)
    )
    fields = pdf.of(11)["/Fields"][:-1] + b" %d 0 R]" % number
    made = pdf.update(
        {
            number: parent,
            number + 1: child,
            number + 2: widget,
            **pdf.set(11, Fields=fields),
            **pdf.with_annotation(number + 2),
        }
    )
    return sign(made, Mark(into=number + 1)).data


@honest(SOUND)
def widget_apart_from_field() -> bytes:
    """The signature's field and its widget are two objects."""
    pdf = letter()
    number = pdf.size
    child = b"<< /FT /Sig /T (sign) /Kids [%d 0 R] >>" % (number + 1)
    widget = (
        b"<< /Type /Annot /Subtype /Widget /Parent %d 0 R /F 132 /Rect [190 10 290 50] /P 3 0 R >>"
        % number
    )
    fields = pdf.of(11)["/Fields"][:-1] + b" %d 0 R]" % number
    made = pdf.update(
        {
            number: child,
            number + 1: widget,
            **pdf.set(11, Fields=fields),
            **pdf.with_annotation(number + 1),
        }
    )
    return sign(made, Mark(into=number)).data


@honest(SOUND)
def field_without_page() -> bytes:
    """The signature's field has no widget on any page."""
    pdf = letter()
    number = pdf.size
    fields = pdf.of(11)["/Fields"][:-1] + b" %d 0 R]" % number
    made = pdf.update({number: b"<< /FT /Sig /T (sign) >>", **pdf.set(11, Fields=fields)})
    return sign(made, Mark(into=number)).data


@honest(SOUND)
def layers_before_signing() -> bytes:
    """The file has layers that are off by default; all of it was there when it was signed."""
    pdf = letter()
    return sign(pdf.update(pdf.set(LAYER, Name=b"(Draft 2)")), Mark()).data


@honest(SOUND)
def calculation_script_before_signing() -> bytes:
    """A form with JavaScript in a field's actions, there before it was signed."""
    pdf = letter()
    script = b"<< /C << /S /JavaScript /JS (event.value = 1) >> >>"
    made = pdf.update({**pdf.set(NAME_FIELD, AA=script), **pdf.set(11, CO=b"[12 0 R]")})
    return sign(made, replace(Mark(), signature=b"")).data
