"""Signature fields misused: the signed one's look changed, a later one's laid over content."""

from dataclasses import replace
from functools import partial

from tests.corpus.certificates import second_signer
from tests.corpus.cms import signed_data
from tests.corpus.model import (
    BOTH,
    NOT_GOOD,
    OURS,
    PDFIUM,
    PROVEN,
    UNSEEN,
    Pattern,
    Required,
    attack,
)
from tests.corpus.papers import (
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_2,
    CERTIFIED_3,
    LOCKED,
    NOTE,
    shape,
)
from tests.corpus.pdf import Pdf, Section, edited, entries, is_reference, referred
from tests.corpus.signing import STAMP, Mark, sign
from tests.corpus.validation_data import with_store

RED = b"1 0 0 rg 0 0 280 40 re f"
LATE = Mark(field="Late", cms=partial(signed_data, who=second_signer()))
COVERING = replace(LATE, rect=(10, 150, 290, 190), appearance=RED)
SAID_TO_COVER: Required = (
    *NOT_GOOD,
    Pattern(("passed",), ("not_issued_here",), (), ("covers_content",), ("signatures",)),
)
"""A further signature may pass, but that it covers content must be said."""


@attack(OURS, APPROVED, CERTIFIED_1, CERTIFIED_2, CERTIFIED_3)
def rectangle_changed(pdf: Pdf) -> bytes:
    """The signed widget's /Rect is moved over the page's text."""
    return pdf.update(pdf.set(pdf.widget, Rect=b"[10 120 290 195]")).data


@attack(OURS, APPROVED, CERTIFIED_1, CERTIFIED_2)
def appearance_changed(pdf: Pdf) -> bytes:
    """The signed widget's /AP names another appearance."""
    number = pdf.size
    changed = pdf.set(pdf.widget, AP=b"<< /N %d 0 R >>" % number)
    return pdf.update({number: shape(RED, 100, 40), **changed}).data


@attack(OURS, APPROVED, CERTIFIED_2)
def appearance_overwritten(pdf: Pdf) -> bytes:
    """The signed widget's appearance stream is overwritten under its number."""
    look = referred(entries(pdf.of(pdf.widget)["/AP"])["/N"])
    return pdf.update({look: shape(RED, 100, 40)}).data


@attack(OURS, APPROVED)
def appearance_changed_beside_dss(pdf: Pdf) -> bytes:
    """The signed widget's appearance is changed in an update between two honest stores."""
    number = with_store(pdf).size
    changed = pdf.set(pdf.widget, AP=b"<< /N %d 0 R >>" % number)
    return with_store(with_store(pdf).update({number: shape(RED, 100, 40), **changed})).data


@attack(OURS, APPROVED, CERTIFIED_2)
def widget_hidden(pdf: Pdf) -> bytes:
    """The signed widget gets the flag Hidden: the seal vanishes from the page."""
    return pdf.update(pdf.set(pdf.widget, F=b"2")).data


@attack(OURS, APPROVED)
def widget_turned_to_another_page_s_corner(pdf: Pdf) -> bytes:
    """The signed widget's /Rect is made empty: the seal vanishes."""
    return pdf.update(pdf.set(pdf.widget, Rect=b"[0 0 0 0]")).data


@attack(APPROVED, CERTIFIED_2)
def widget_on_other_page(pdf: Pdf) -> bytes:
    """The signed widget is shown on the second page too."""
    return pdf.update(pdf.set(20, Annots=b"[%d 0 R]" % pdf.widget)).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def field_taken_out_of_form(pdf: Pdf) -> bytes:
    """The signed field is taken out of the form's /Fields; its widget stays on the page."""
    held = pdf.of(pdf.root)["/AcroForm"]
    form = edited(pdf.resolved(held), {"/Fields": b"[]"})
    changed = {referred(held): form} if is_reference(held) else pdf.set(pdf.root, AcroForm=form)
    return pdf.update(changed).data


@attack(OURS, APPROVED, CERTIFIED_1, shown_by=PDFIUM)
def form_taken_out_of_catalogue(pdf: Pdf) -> bytes:
    """The catalogue loses its /AcroForm."""
    return pdf.update(pdf.set(pdf.root, AcroForm=None)).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN, shown_by=UNSEEN)
def value_removed(pdf: Pdf) -> bytes:
    """The signed field loses its /V, so that it looks unsigned (signature_removed)."""
    return pdf.update(pdf.set(pdf.widget, V=None)).data


@attack(OURS, APPROVED, foreign=PROVEN, shown_by=UNSEEN)
def value_set_to_null(pdf: Pdf) -> bytes:
    """The signed field's dictionary is overwritten by null."""
    return pdf.update({pdf.signature: b"null"}).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def value_replaced_by_other_signature(pdf: Pdf) -> bytes:
    """The signed field is signed anew by another; the old dictionary is referred to no more."""
    return sign(pdf, replace(LATE, into=pdf.widget)).data


@attack(OURS, APPROVED)
def field_signed_anew_over_changes(pdf: Pdf) -> bytes:
    """The content is changed and the same field signed anew by another."""
    from tests.corpus.attack_saving import forged  # noqa: PLC0415

    return sign(pdf, replace(LATE, into=pdf.widget, more=forged(pdf))).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def dictionary_rewritten_with_other_words(pdf: Pdf) -> bytes:
    """The signature's dictionary is written again with another /Name and /Reason."""
    changed = pdf.set(pdf.signature, Name=b"(Mayor)", Reason=b"(approved without limit)")
    return pdf.update(changed).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def signed_field_renamed(pdf: Pdf) -> bytes:
    """The signed field gets another name."""
    return pdf.update(pdf.set(pdf.widget, T=b"(Mayor)")).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def action_on_signed_widget(pdf: Pdf) -> bytes:
    """The signed widget gains an action that runs a script when it is touched."""
    script = b"<< /E << /S /JavaScript /JS (app.alert(1)) >> >>"
    return pdf.update(pdf.set(pdf.widget, AA=script)).data


@attack(CERTIFIED_1, CERTIFIED_2, CERTIFIED_3, OURS, shown_by=UNSEEN)
def certification_removed(pdf: Pdf) -> bytes:
    """The catalogue loses /Perms, so that nothing seems forbidden."""
    return pdf.update(pdf.set(pdf.root, Perms=None)).data


@attack(CERTIFIED_1, CERTIFIED_2)
def certification_loosened(pdf: Pdf) -> bytes:
    """The certification's dictionary is written again with P=3, and an annotation added."""
    from tests.corpus.attack_annotations import laid_over  # noqa: PLC0415

    body = pdf.objects[pdf.signature]
    loose = body.replace(b"/P 1 ", b"/P 3 ").replace(b"/P 2 ", b"/P 3 ")
    return laid_over(pdf.update({pdf.signature: loose}), b"FreeText")


@attack(CERTIFIED_2, CERTIFIED_3, APPROVED, NOTE, foreign=SAID_TO_COVER)
def later_signature_covers_content(pdf: Pdf) -> bytes:
    """Evil signature: a further signature's visible field covers the signed line."""
    return sign(pdf, COVERING).data


@attack(OURS, CERTIFIED_1, foreign=PROVEN)
def later_signature_though_forbidden(pdf: Pdf) -> bytes:
    """A further signature covers content although the certification allows nothing (P=1)."""
    return sign(pdf, COVERING).data


@attack(OURS, CERTIFIED_1, foreign=PROVEN, shown_by=UNSEEN)
def invisible_signature_though_forbidden(pdf: Pdf) -> bytes:
    """A further, invisible signature although the certification allows nothing (P=1)."""
    return sign(pdf, LATE).data


@attack(APPROVED, CERTIFIED_2, foreign=SAID_TO_COVER)
def later_signature_covers_whole_page(pdf: Pdf) -> bytes:
    """A further signature's appearance is a whole page with other words."""
    whole = b"1 g 0 0 300 200 re f 1 0 0 rg 20 120 250 60 re f"
    return sign(pdf, replace(LATE, rect=(0, 0, 300, 200), appearance=whole)).data


@attack(APPROVED, CERTIFIED_2, foreign=SAID_TO_COVER)
def later_signature_covers_the_first(pdf: Pdf) -> bytes:
    """A further signature's appearance covers that of the first signature."""
    return sign(pdf, replace(LATE, rect=(190, 10, 290, 50), appearance=RED)).data


@attack(APPROVED, OURS, foreign=SAID_TO_COVER)
def timestamp_covers_content(pdf: Pdf) -> bytes:
    """A document timestamp's field is visible and covers the signed line."""
    return sign(with_store(pdf), replace(STAMP, rect=(10, 150, 290, 190), appearance=RED)).data


@attack(APPROVED, NOTE)
def empty_signature_field_covers_content(pdf: Pdf) -> bytes:
    """A signature field that nobody signs is added, its appearance covers the signed line."""
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Next) /F 4 /Rect [10 150 290 190] /P 3 0 R "
        b"/AP << /N %d 0 R >> >>" % (number + 1)
    )
    held = pdf.of(pdf.root)["/AcroForm"]
    form = entries(pdf.resolved(held))
    form["/Fields"] = form["/Fields"][:-1] + b" %d 0 R]" % number
    body = edited(b"<< >>", form)
    changed = {referred(held): body} if is_reference(held) else pdf.set(pdf.root, AcroForm=body)
    objects = {number: field, number + 1: shape(RED, 280, 40), **changed}
    return pdf.update({**objects, **pdf.with_annotation(number)}).data


@attack(APPROVED, CERTIFIED_2)
def unsigned_field_beside_later_signature(pdf: Pdf) -> bytes:
    """A further invisible signature brings a visible text widget along in its update."""
    number = pdf.size
    widget = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (x) /V (999) /F 4 /Rect [10 150 290 190] "
        b"/P 3 0 R /AP << /N %d 0 R >> >>" % (number + 1)
    )
    more = {number: widget, number + 1: shape(RED, 280, 40), **pdf.with_annotation(number)}
    made = pdf.update(more)
    return sign(made, LATE).data


@attack(APPROVED, CERTIFIED_2, foreign=SAID_TO_COVER)
def later_signature_with_second_widget(pdf: Pdf) -> bytes:
    """A further signature's field has a second widget, which covers the signed line."""
    number = pdf.size + 20
    widget = (
        b"<< /Type /Annot /Subtype /Widget /Parent %d 0 R /F 4 /Rect [10 150 290 190] /P 3 0 R "
        b"/AP << /N %d 0 R >> >>" % (number + 3, number + 1)
    )
    annotations = pdf.of(3)["/Annots"][:-1] + b" %d 0 R]" % number
    more = {
        number: widget,
        number + 1: shape(RED, 280, 40),
        **pdf.set(3, Annots=annotations),
    }
    return sign(pdf, replace(LATE, more=more, widget=b"/Kids [%d 0 R] " % number)).data


@attack(APPROVED, CERTIFIED_2, foreign=SAID_TO_COVER)
def later_signature_with_down_appearance(pdf: Pdf) -> bytes:
    """A further signature's appearance is small; its matrix throws it over the page."""
    number = pdf.size + 20
    look = shape(RED, 280, 40)
    look = edited(look, {"/Matrix": b"[1 0 0 1 0 0]", "/BBox": b"[0 0 280 40]"})
    widget = b"/AP << /N %d 0 R /D %d 0 R >> " % (number, number)
    return sign(
        pdf, replace(LATE, rect=(10, 150, 290, 190), more={number: look}, widget=widget)
    ).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def later_signature_with_script(pdf: Pdf) -> bytes:
    """A further signature's field has an action that runs a script."""
    script = b"/AA << /E << /S /JavaScript /JS (app.alert(1)) >> >> "
    return sign(pdf, replace(LATE, widget=script)).data


@attack(APPROVED, CERTIFIED_2)
def later_signature_replaces_field_font(pdf: Pdf) -> bytes:
    """A further signature's update overwrites the font that page and fields share."""
    font = edited(pdf.objects[5], {"/BaseFont": b"/ZapfDingbats", "/Encoding": None})
    return sign(pdf, replace(LATE, more={5: font})).data


@attack(LOCKED, APPROVED, CERTIFIED_2)
def later_signature_fills_a_field(pdf: Pdf) -> bytes:
    """A further signature's update also changes a field's look, not its value."""
    from tests.corpus.attack_fields import FILLED  # noqa: PLC0415

    return sign(pdf, replace(LATE, more=FILLED)).data


@attack(APPROVED, CERTIFIED_2)
def later_signature_sets_need_appearances(pdf: Pdf) -> bytes:
    """A further signature's update sets /NeedAppearances in the form."""
    return sign(pdf, replace(LATE, form={"/NeedAppearances": b"true"})).data


@attack(APPROVED, shown_by=UNSEEN)
def later_signature_with_open_action(pdf: Pdf) -> bytes:
    """A further signature's update sets an /OpenAction in the catalogue."""
    action = b"<< /S /JavaScript /JS (app.alert(1)) >>"
    return sign(pdf, replace(LATE, catalogue={"/OpenAction": action})).data


@attack(APPROVED, CERTIFIED_2, shown_by=BOTH)
def later_signature_changes_layers(pdf: Pdf) -> bytes:
    """A further signature's update turns a hidden layer on."""
    properties = b"<< /OCGs [15 0 R] /D << /Order [15 0 R] >> >>"
    return sign(pdf, replace(LATE, catalogue={"/OCProperties": properties})).data


@attack(APPROVED, CERTIFIED_2, shown_by=UNSEEN)
def second_certification(pdf: Pdf) -> bytes:
    """A further signature certifies the file anew at P=3 and takes the first one's place."""
    return sign(pdf, replace(LATE, certify=3)).data


@attack(APPROVED, foreign=PROVEN)
def first_field_freed(pdf: Pdf) -> bytes:
    """The signed field's object is freed in an update that overwrites it with an empty one."""
    empty = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /Rect [0 0 0 0] >>"
    return pdf.update({pdf.widget: empty}, Section(first_free=True)).data
