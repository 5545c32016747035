"""Form fields that show, after signing, what nobody filled in honestly."""

from tests.corpus.model import OURS, POPPLER, PROVEN, UNSEEN, attack
from tests.corpus.papers import (
    AGREE_FIELD,
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_2,
    CERTIFIED_3,
    CHECKED,
    FORM,
    LOCKED,
    NAME_FIELD,
    NAME_LOOK,
    OPTIONS,
    UNCHECKED,
    look_of_name,
    shape,
)
from tests.corpus.pdf import Pdf, edited, entries, is_reference, ref, referred
from tests.corpus.signing import Mark, sign

RED = b"1 0 0 rg 0 0 280 40 re f"
FILLED = {NAME_LOOK: look_of_name(b"Mallory")}


def set_form(pdf: Pdf, **changes: bytes | None) -> dict[int, bytes]:
    """Return the object that changes the form, wherever it stands."""
    held = pdf.of(pdf.root)["/AcroForm"]
    if is_reference(held):
        return pdf.set(referred(held), **changes)
    form = edited(held, {f"/{key}": value for key, value in changes.items()})
    return pdf.set(pdf.root, AcroForm=form)


@attack(CERTIFIED_1, foreign=PROVEN)
def filled_though_forbidden(pdf: Pdf) -> bytes:
    """A field is filled in although the certification allows nothing (P=1)."""
    return pdf.update({**pdf.set(NAME_FIELD, V=b"(Mallory)"), **FILLED}).data


@attack(LOCKED, foreign=PROVEN)
def locked_field_filled(pdf: Pdf) -> bytes:
    """A field that the signature locks (FieldMDP) is filled in."""
    return pdf.update({**pdf.set(NAME_FIELD, V=b"(Mallory)"), **FILLED}).data


@attack(LOCKED, foreign=PROVEN)
def locked_field_filled_and_signed(pdf: Pdf) -> bytes:
    """A field that the first signature locks is filled in, and a second signature follows."""
    filled = pdf.update({**pdf.set(NAME_FIELD, V=b"(Mallory)"), **FILLED})
    return sign(filled, Mark(field="Late")).data


@attack(LOCKED)
def locked_field_s_look_changed(pdf: Pdf) -> bytes:
    """The appearance of a locked field is replaced, its value stays."""
    return pdf.update(FILLED).data


@attack(LOCKED)
def lock_removed(pdf: Pdf) -> bytes:
    """The signature's /Lock and FieldMDP are taken away, then the field is filled in."""
    signature = edited(pdf.objects[pdf.signature], {"/Reference": None})
    opened = pdf.update({pdf.signature: signature, **pdf.set(pdf.widget, Lock=None)})
    return opened.update({**opened.set(NAME_FIELD, V=b"(Mallory)"), **FILLED}).data


@attack(APPROVED, CERTIFIED_2, CERTIFIED_3)
def field_moved_over_content(pdf: Pdf) -> bytes:
    """A field is filled in and its /Rect moved over the signed line."""
    changed = pdf.set(NAME_FIELD, V=b"(Pay 999 EUR)", Rect=b"[10 150 290 190]")
    return pdf.update({**changed, NAME_LOOK: shape(RED, 280, 40)}).data


@attack(APPROVED, CERTIFIED_2, CERTIFIED_3)
def field_s_look_paints_beyond(pdf: Pdf) -> bytes:
    """A field's new appearance has a /BBox far smaller than what it covers when scaled."""
    look = shape(RED, 280, 40)
    changed = pdf.set(NAME_FIELD, V=b"(Bob)", Rect=b"[0 60 300 200]")
    return pdf.update({**changed, NAME_LOOK: look}).data


@attack(APPROVED, CERTIFIED_2)
def field_s_look_contradicts_value(pdf: Pdf) -> bytes:
    """A field is filled in with one name while its appearance shows another."""
    return pdf.update({**pdf.set(NAME_FIELD, V=b"(Bob)"), **FILLED}).data


@attack(APPROVED, CERTIFIED_2)
def field_filled_with_white(pdf: Pdf) -> bytes:
    """A filled field's text colour is set to white, so that it seems empty."""
    painted = b"BT /Helv 12 Tf 1 g 2 5 Td (Bob) Tj ET"
    changed = pdf.set(NAME_FIELD, V=b"(Bob)", DA=b"(/Helv 12 Tf 1 g)")
    return pdf.update({**changed, NAME_LOOK: shape(painted, 100, 20)}).data


@attack(APPROVED, CERTIFIED_2)
def check_box_shows_the_other_state(pdf: Pdf) -> bytes:
    """A check box's /AS says On while its value stays Off."""
    return pdf.update(pdf.set(AGREE_FIELD, AS=b"/On")).data


@attack(APPROVED, CERTIFIED_2)
def check_box_s_states_swapped(pdf: Pdf) -> bytes:
    """A check box's two appearances are swapped: Off looks ticked."""
    states = b"<< /N << /On %d 0 R /Off %d 0 R >> >>" % (UNCHECKED, CHECKED)
    return pdf.update(pdf.set(AGREE_FIELD, AP=states)).data


@attack(APPROVED, CERTIFIED_2)
def check_box_s_look_overwritten(pdf: Pdf) -> bytes:
    """The stream that shows the box unticked is overwritten by one that shows it ticked."""
    return pdf.update({UNCHECKED: pdf.objects[CHECKED]}).data


@attack(APPROVED, CERTIFIED_2, CERTIFIED_3)
def field_hidden(pdf: Pdf) -> bytes:
    """A field gets the flag Hidden, its name vanishes."""
    return pdf.update(pdf.set(NAME_FIELD, F=b"2")).data


@attack(APPROVED, CERTIFIED_2)
def field_removed(pdf: Pdf) -> bytes:
    """A field is removed from form and page."""
    left = b"[13 0 R 14 0 R 31 0 R %d 0 R]" % pdf.widget
    fields = b"[13 0 R 31 0 R %d 0 R]" % pdf.widget
    return pdf.update({**pdf.set(FORM, Fields=fields), **pdf.set(3, Annots=left)}).data


@attack(OURS, APPROVED, CERTIFIED_2, CERTIFIED_3)
def field_added(pdf: Pdf) -> bytes:
    """A new text field with a value is added to form and page over the signed line."""
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (extra) /V (Pay 999 EUR) /F 4 /DA "
        b"(/Helv 18 Tf 0 g) /Rect [10 150 290 190] /P %d 0 R /AP << /N %d 0 R >> >>"
        % (pdf.page, number + 1)
    )
    held = pdf.resolved(pdf.of(pdf.root)["/AcroForm"])
    fields = entries(held)["/Fields"][:-1] + b" %d 0 R]" % number
    objects = {number: field, number + 1: shape(RED, 280, 40), **set_form(pdf, Fields=fields)}
    return pdf.update({**objects, **pdf.with_annotation(number)}).data


@attack(APPROVED, CERTIFIED_2)
def widget_added_to_field(pdf: Pdf) -> bytes:
    """A field that existed gets a second widget, which covers the signed line."""
    number = pdf.size
    widget = (
        b"<< /Type /Annot /Subtype /Widget /Parent %d 0 R /F 4 /Rect [10 150 290 190] /P 3 0 R "
        b"/AP << /N %d 0 R >> >>" % (NAME_FIELD, number + 1)
    )
    changed = pdf.set(NAME_FIELD, Kids=ref(number).join((b"[", b"]")), V=b"(Bob)")
    objects = {number: widget, number + 1: shape(RED, 280, 40), **changed}
    return pdf.update({**objects, **pdf.with_annotation(number)}).data


@attack(APPROVED, CERTIFIED_2)
def field_on_other_page(pdf: Pdf) -> bytes:
    """A field's widget is moved to the second page."""
    left = b"[13 0 R 14 0 R 31 0 R %d 0 R]" % pdf.widget
    return pdf.update(
        {
            **pdf.set(NAME_FIELD, P=b"20 0 R"),
            **pdf.set(3, Annots=left),
            **pdf.set(20, Annots=b"[12 0 R]"),
        }
    ).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def field_renamed(pdf: Pdf) -> bytes:
    """A field gets another name: whoever reads the data gets other data."""
    return pdf.update(pdf.set(NAME_FIELD, T=b"(guarantor)")).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def field_type_changed(pdf: Pdf) -> bytes:
    """A text field turns into a push button with an action."""
    action = b"<< /S /URI /URI (https://evil.example/) >>"
    return pdf.update(pdf.set(NAME_FIELD, FT=b"/Btn", Ff=b"65536", A=action)).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def options_changed(pdf: Pdf) -> bytes:
    """The options of a choice are renamed: A now means something else."""
    return pdf.update(pdf.set(OPTIONS, Opt=b"[[(A) (gift)] [(B) (loan)]]")).data


@attack(APPROVED, CERTIFIED_2)
def field_font_replaced(pdf: Pdf) -> bytes:
    """The form's /DR names another font with swapped digits for what fields show."""
    number = pdf.size
    font = edited(pdf.objects[5], {"/BaseFont": b"/ZapfDingbats", "/Encoding": None})
    look = shape(
        b"BT /Helv 12 Tf 0 g 2 5 Td (Alice) Tj ET", 100, 20,
        b"<< /Font << /Helv %d 0 R >> >>" % number,
    )  # fmt: skip
    changed = pdf.set(FORM, DR=b"<< /Font << /Helv %d 0 R >> >>" % number)
    return pdf.update({number: font, NAME_LOOK: look, **changed}).data


@attack(OURS, APPROVED, CERTIFIED_2, shown_by=POPPLER)
def need_appearances(pdf: Pdf) -> bytes:
    """The form's /NeedAppearances makes viewers paint fields anew instead of what was signed."""
    return pdf.update(set_form(pdf, NeedAppearances=b"true")).data


@attack(OURS, APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def xfa_added(pdf: Pdf) -> bytes:
    """The form gains XFA, which some viewers show instead of the pages."""
    from tests.corpus.pdf import stream  # noqa: PLC0415

    number = pdf.size
    template = stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>', b"")
    return pdf.update({number: template, **set_form(pdf, XFA=ref(number))}).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def calculation_order_added(pdf: Pdf) -> bytes:
    """A field gains a script that computes its value, and the form an order of computing."""
    script = b"<< /C << /S /JavaScript /JS (event.value = 'Mallory') >> >>"
    changed = {**pdf.set(NAME_FIELD, AA=script, V=b"(Bob)"), **set_form(pdf, CO=b"[12 0 R]")}
    return pdf.update(changed).data


@attack(APPROVED, CERTIFIED_2)
def field_filled_with_script(pdf: Pdf) -> bytes:
    """A field is filled in and gains a JavaScript action in the same breath."""
    script = b"<< /Fo << /S /JavaScript /JS (app.alert(1)) >> >>"
    changed = pdf.set(NAME_FIELD, V=b"(Bob)", AA=script)
    return pdf.update({**changed, NAME_LOOK: look_of_name(b"Bob")}).data


@attack(APPROVED, CERTIFIED_2)
def content_called_field_s_look(pdf: Pdf) -> bytes:
    """The field's appearance is made of a form XObject that the page's content paints as well."""
    return pdf.update(
        {**pdf.set(NAME_FIELD, V=b"(Bob)", AP=b"<< /N 8 0 R >>"), 8: shape(RED, 280, 40)}
    ).data


@attack(APPROVED, CERTIFIED_2)
def page_font_replaced_as_field_font(pdf: Pdf) -> bytes:
    """A field is filled in, and the font that page and field share is overwritten."""
    font = edited(pdf.objects[5], {"/BaseFont": b"/ZapfDingbats", "/Encoding": None})
    return pdf.update(
        {**pdf.set(NAME_FIELD, V=b"(Bob)"), NAME_LOOK: look_of_name(b"Bob"), 5: font}
    ).data
