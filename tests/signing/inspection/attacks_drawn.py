"""Updates that change what viewers draw, and that no appearance or value shows to have changed:
annotations in the guise of fields, flags, and what a field without an appearance is drawn by.
"""

import re
from functools import cache

from tests.signing.harmless import NOWHERE
from tests.signing.inspection.attacks import PERMITTED, UNCLEAR, attack
from tests.signing.inspection.raw_updates import (
    FORM_XOBJECT,
    PAPER,
    appended,
    body,
    signed_paper,
    stream,
    written,
)
from tests.signing.material import How, pki, sign

WHOLE_PAGE = b"/Rect [ 0 0 300 200 ]"
COVER = stream(b"1 1 1 rg 0 0 60 20 re f", FORM_XOBJECT)
FONT = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold"
    b" /Encoding << /Type /Encoding /Differences [ 49 /nine ] >> >>"
)


def prepared(
    widget: bytes, kid: bytes | None = None, more: dict[int, bytes] | None = None
) -> bytes:
    """Add a field for a signature that nobody made; what is on the page is itself or its kid."""
    data = signed_paper()
    number = b"40" if kid is None else b"41"
    objects = {
        4: re.sub(rb"/Annots \[ (.*?) \]", rb"/Annots [ \1 %s 0 R ]" % number, body(data, 4)),
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 40 0 R"),
        40: b"<< /FT /Sig /T (Further) %s >>" % widget,
        **({} if kid is None else {41: b"<< /Type /Annot /Parent 40 0 R /P 4 0 R %s >>" % kid}),
        **(more or {}),
    }
    return appended(data, objects)


def of_type(subtype: bytes) -> bytes:
    return b"/Type /Annot /Subtype /%s /F 4 /P 4 0 R %s" % (subtype, WHOLE_PAGE)


@attack(PERMITTED, "field_changed")
def a_prepared_field_whose_picture_is_called_invisible() -> bytes:
    """The flag is for types that a viewer does not know."""
    widget = of_type(b"Widget").replace(b"/F 4", b"/F 1") + b" /AP << /N 42 0 R >>"
    return prepared(widget, more={42: COVER})


@attack(PERMITTED, "field_changed")
def a_prepared_field_whose_picture_is_printed() -> bytes:
    """NoView with Print."""
    widget = of_type(b"Widget").replace(b"/F 4", b"/F 36") + b" /AP << /N 42 0 R >>"
    return prepared(widget, more={42: COVER})


@attack(PERMITTED, "annotation_changed")
def a_square_that_says_it_is_a_field() -> bytes:
    """Viewers draw one without an appearance."""
    return prepared(of_type(b"Square") + b" /IC [ 1 1 1 ] /C [ 1 1 1 ]")


@attack(PERMITTED, "annotation_changed")
def a_square_that_is_a_fields_kid() -> bytes:
    return prepared(b"/Kids [ 41 0 R ]", b"/Subtype /Square /F 4 /IC [ 1 1 1 ] %s" % WHOLE_PAGE)


@attack(PERMITTED, "annotation_changed")
def a_text_that_says_it_is_a_field() -> bytes:
    return prepared(of_type(b"FreeText") + b" /DA (/Helv 40 Tf 1 0 0 rg) /Contents (forged)")


@attack(UNCLEAR, "field_changed")
def a_prepared_field_that_acts_when_the_page_opens() -> bytes:
    script = b"/AA << /PO << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    return prepared(b"/Type /Annot /Subtype /Widget /F 4 /P 4 0 R %s %s" % (NOWHERE, script))


@attack(UNCLEAR, "annotation_changed")
def a_link_that_is_a_fields_kid() -> bytes:
    action = b"/A << /S /URI /URI (https://example.org) >>"
    return prepared(b"/Kids [ 41 0 R ]", b"/Subtype /Link /F 4 %s %s" % (WHOLE_PAGE, action))


@cache
def without_appearance(entries: bytes = b"") -> bytes:
    """The paper with a text field whose value viewers draw, signed."""
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (1000) /F 4 /P 4 0 R"
        b" /Rect [ 20 150 120 170 ] %s >>" % entries
    )
    return sign(written({**PAPER, 9: field}), pki(), How("B-B", docmdp=None))


def with_form(data: bytes, old: bytes, new: bytes, more: dict[int, bytes] | None = None) -> bytes:
    form = body(data, 8)
    assert form.count(old) == 1
    return appended(data, {8: form.replace(old, new), **(more or {})})


@attack(UNCLEAR, "field_changed")
def a_default_appearance_for_a_field_without_one() -> bytes:
    entry = b"/DA (/F1 14 Tf 1 0 0 rg) /SigFlags"
    return with_form(without_appearance(), b"/SigFlags", entry)


@attack(UNCLEAR, "field_changed")
def an_alignment_for_a_field_without_appearance() -> bytes:
    data = without_appearance(b"/DA (/F1 12 Tf 0 g)")
    return with_form(data, b"/SigFlags", b"/Q 2 /SigFlags")


@attack(UNCLEAR, "field_changed")
def a_font_that_a_field_without_appearance_asks_for() -> bytes:
    """The digit one is drawn as a nine."""
    data = without_appearance(b"/DA (/F2 12 Tf 0 g)")
    return with_form(data, b"/F1 3 0 R", b"/F1 3 0 R /F2 45 0 R", {45: FONT})


@attack(UNCLEAR, "field_changed")
def a_password_of_a_field_without_appearance() -> bytes:
    """Stars in place of the value."""
    data = without_appearance(b"/DA (/F1 12 Tf 0 g)")
    field = body(data, 9).rstrip().removesuffix(b">>") + b"/Ff 8192 >>"
    return appended(data, {9: field})


@attack(UNCLEAR, "field_changed")
def an_alignment_for_a_field_whose_appearance_is_of_no_state() -> bytes:
    data = without_appearance(b"/DA (/F1 12 Tf 0 g) /AP << /N << /X 12 0 R >> >>")
    return with_form(data, b"/SigFlags", b"/Q 2 /SigFlags")


@cache
def with_note(note: bytes) -> bytes:
    """The paper with another annotation in place of its note, signed."""
    paper = {**PAPER, 7: b"<< /Type /Annot /F 4 /P 4 0 R /Rect [ 5 5 120 60 ] %s >>" % note}
    return sign(written(paper), pki(), How("B-B", docmdp=None))


def with_other_font(note: bytes) -> bytes:
    return with_form(with_note(note), b"/F1 3 0 R", b"/F1 3 0 R /F2 45 0 R", {45: FONT})


@attack(UNCLEAR, "field_changed")
def a_font_that_a_text_on_the_page_asks_for() -> bytes:
    return with_other_font(b"/Subtype /FreeText /Contents (1112) /DA (/F2 20 Tf 0 g)")


@attack(UNCLEAR, "field_changed")
def a_font_that_a_widget_outside_the_form_asks_for() -> bytes:
    return with_other_font(b"/Subtype /Widget /FT /Tx /T (a) /V (1112) /DA (/F2 20 Tf 0 g)")


@attack(UNCLEAR, "field_changed")
def a_font_that_a_list_of_choices_asks_for() -> bytes:
    return with_other_font(b"/Subtype /Widget /FT /Ch /T (a) /Opt [ (1112) ] /DA (/F2 20 Tf 0 g)")


@attack(UNCLEAR, "field_changed")
def a_font_that_a_button_asks_for() -> bytes:
    look = b"/Subtype /Widget /FT /Btn /Ff 65536 /T (a) /MK << /CA (1112) >> /DA (/F2 20 Tf 0 g)"
    return with_other_font(look)
