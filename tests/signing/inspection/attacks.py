"""Updates that attackers append after a signature, with what must be answered of the first one."""

from collections.abc import Callable
from dataclasses import dataclass

from pyhanko.sign.fields import MDPPerm

from signing.report import LaterChanges
from tests.signing.harmless import NOWHERE, STAMP, added_field, certificate, dss, with_dss
from tests.signing.inspection.raw_updates import (
    BUTTON,
    FORM_XOBJECT,
    PAGE,
    PAPER,
    XMP,
    Manner,
    appended,
    appended_hybrid,
    appended_in_streams,
    body,
    last_start,
    signature,
    signed_paper,
    stream,
    written,
)
from tests.signing.material import How, pki, sign

CHANGED, UNCLEAR = LaterChanges.CONTENT_CHANGED, LaterChanges.UNCLEAR
PERMITTED, FILLED = LaterChanges.PERMITTED, LaterChanges.FORM_FILL


@dataclass(frozen=True)
class Attack:
    """A file whose first signature is followed by something that must not pass."""

    make: Callable[[], bytes]
    later: LaterChanges
    note: str

    def __str__(self) -> str:
        return self.make.__name__


ATTACKS: list[Attack] = []


def attack(
    later: LaterChanges, note: str = "structure_unclear"
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def keep(make: Callable[[], bytes]) -> Callable[[], bytes]:
        ATTACKS.append(Attack(make, later, note))
        return make

    return keep


FORGED = stream(b"BT /F1 12 Tf 20 100 Td (forged) Tj ET")


def visible_paper() -> bytes:
    """The paper under a visible signature (widget 18, value 19, appearance 21)."""
    return signed_paper(How("B-B", docmdp=None, box=(220, 10, 290, 40)))


def certified(permission: MDPPerm) -> bytes:
    return signed_paper(How("B-B", docmdp=permission))


# What the page shows


@attack(CHANGED, "page_content_changed")
def the_content_stream() -> bytes:
    """Incremental saving: the content stream is overwritten."""
    return appended(signed_paper(), {5: FORGED})


@attack(CHANGED, "page_content_changed")
def another_content_stream() -> bytes:
    """The page points at a new content stream."""
    page = body(signed_paper(), 4).replace(b"/Contents 5 0 R", b"/Contents [ 5 0 R 40 0 R ]")
    return appended(signed_paper(), {4: page, 40: FORGED})


@attack(CHANGED, "page_content_changed")
def the_font() -> bytes:
    """Another font under the same number: the text reads otherwise."""
    return appended(signed_paper(), {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"})


@attack(CHANGED, "page_content_changed")
def the_picture() -> bytes:
    """A form object that the page draws is overwritten (shadow replace)."""
    return appended(signed_paper(), {6: stream(b"0 0 1 rg 0 0 1 1 re f", FORM_XOBJECT)})


@attack(CHANGED, "page_content_changed")
def the_page_box() -> bytes:
    """The page is cropped."""
    page = body(signed_paper(), 4).replace(b"/Type /Page", b"/Type /Page /CropBox [ 0 0 50 50 ]")
    return appended(signed_paper(), {4: page})


@attack(CHANGED, "page_content_changed")
def an_inherited_rotation() -> bytes:
    """The root of the page tree turns every page."""
    return appended(signed_paper(), {2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 /Rotate 180 >>"})


@attack(CHANGED, "page_added")
def a_page_more() -> bytes:
    """A page is added."""
    tree = b"<< /Type /Pages /Kids [ 4 0 R 40 0 R ] /Count 2 >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 200 ] /Contents 41 0 R >>"
    return appended(signed_paper(), {2: tree, 40: page, 41: FORGED})


@attack(CHANGED, "page_removed")
def no_page_left() -> bytes:
    """The page is taken out."""
    return appended(signed_paper(), {2: b"<< /Type /Pages /Kids [ ] /Count 0 >>"})


@attack(CHANGED, "page_content_changed")
def another_page() -> bytes:
    """The tree points at another page under a new number."""
    tree = b"<< /Type /Pages /Kids [ 40 0 R ] /Count 1 >>"
    page = body(signed_paper(), 4).replace(b"/Contents 5 0 R", b"/Contents 41 0 R")
    return appended(signed_paper(), {2: tree, 40: page, 41: FORGED})


@attack(CHANGED, "page_content_changed")
def another_catalogue() -> bytes:
    """/Root moves to a catalogue with pages of its own."""
    catalogue = body(signed_paper(), 1).replace(b"/Pages 2 0 R", b"/Pages 40 0 R")
    objects = {
        41: catalogue,
        40: b"<< /Type /Pages /Kids [ 42 0 R ] /Count 1 >>",
        42: b"<< /Type /Page /Parent 40 0 R /MediaBox [ 0 0 300 200 ] /Contents 43 0 R >>",
        43: FORGED,
    }
    return appended(signed_paper(), objects, Manner(root=41))


@attack(CHANGED, "catalogue_changed")
def a_layer_is_hidden() -> bytes:
    """Optional content that was shown is off."""
    catalogue = body(signed_paper(), 1).replace(b"/ON [ 14 0 R ]", b"/OFF [ 14 0 R ]")
    return appended(signed_paper(), {1: catalogue})


@attack(CHANGED, "catalogue_changed")
def an_action_on_opening() -> bytes:
    """JavaScript runs when the file is opened."""
    catalogue = body(signed_paper(), 1).rstrip()[:-2]
    action = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    return appended(signed_paper(), {1: catalogue + action})


@attack(UNCLEAR)
def a_freed_content_stream() -> bytes:
    """The content stream is freed: blank by the standard, as before to pdfium and poppler."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(free=(b"5 1\n0000000000 00001 f \n",)))


@attack(CHANGED, "page_content_changed")
def a_stream_in_an_object_streams_place() -> bytes:
    """A font is overwritten from within an object stream."""
    inside = {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}
    return appended_in_streams(signed_paper(), {}, inside)


@attack(CHANGED, "page_content_changed")
def a_hybrid_overwrites() -> bytes:
    """A font is overwritten in the stream that older readers do not see."""
    inside = {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}
    return appended_hybrid(signed_paper(), {40: b"(x)"}, inside)


@attack(UNCLEAR)
def the_length_of_the_content() -> bytes:
    """The content stream's /Length is an object, and a smaller number now."""
    content = b"<< /Length 17 0 R >>\nstream\nBT /F1 12 Tf 20 100 Td (licence) Tj ET\nendstream"
    paper = sign(written({**PAPER, 5: content, 17: b"38"}), pki(), How("B-B", docmdp=None))
    return appended(paper, {17: b"2"})


@attack(CHANGED, "page_content_changed")
def content_that_was_missed() -> bytes:
    """The page referred to an object that did not exist; now it does (shadow)."""
    page = PAGE.replace(b"/Contents 5 0 R", b"/Contents [ 5 0 R 90 0 R ]")
    paper = sign(written({**PAPER, 4: page}), pki(), How("B-B", docmdp=None))
    return appended(paper, {90: FORGED})


@attack(CHANGED, "page_content_changed")
def content_behind_validation_data() -> bytes:
    """A DSS, and one certificate's stream stands where the page's content stood."""
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /Certs [ 5 0 R ] >>",
        5: stream(certificate()),
    }
    return appended(signed_paper(), objects)


@attack(CHANGED, "properties_changed")
def another_title() -> bytes:
    """The XMP title says something else; the Info dictionary does not."""
    xmp = XMP.replace(">Licence<", ">Permit<")
    return appended(signed_paper(), {15: stream(xmp.encode(), b"/Type /Metadata /Subtype /XML")})


@attack(UNCLEAR)
def xmp_with_entities() -> bytes:
    """The title is an entity that the packet's document type defines."""
    xmp = XMP.replace("<x:xmpmeta", '<!DOCTYPE x [<!ENTITY t "Permit">]><x:xmpmeta', 1)
    return appended(
        signed_paper(),
        {15: stream(xmp.replace(">Licence<", ">&t;<").encode(), b"/Type /Metadata /Subtype /XML")},
    )


@attack(UNCLEAR, "page_content_changed")
def a_resource_that_the_content_waits_for() -> bytes:
    """A name is added to the page's resources; what uses it is not looked at."""
    page = body(signed_paper(), 4).replace(b"/X1 6 0 R", b"/X1 6 0 R /X2 40 0 R")
    return appended(signed_paper(), {4: page, 40: stream(b"0 0 1 1 re f", FORM_XOBJECT)})


# Fields and annotations


@attack(CHANGED, "field_changed")
def the_signatures_place() -> bytes:
    """The widget of the signature is moved and grows (/Rect)."""
    data = visible_paper()
    widget = body(data, 18).replace(b"[ 220 10 290 40 ]", b"[ 0 0 300 200 ]")
    return appended(data, {18: widget})


@attack(CHANGED, "field_changed")
def the_signatures_appearance() -> bytes:
    """The widget of the signature gets another appearance (/AP)."""
    data = visible_paper()
    look = body(data, 18)
    start = look.index(b"/N ") + 3
    look = look[:start] + b"40 0 R" + look[look.index(b" R", start) + 2 :]
    return appended(data, {18: look, 40: stream(b"0 0 70 30 re f", FORM_XOBJECT)})


@attack(CHANGED, "field_changed")
def the_signatures_appearance_in_place() -> bytes:
    """The appearance stream is overwritten; the widget stays as it was."""
    data = visible_paper()
    number = int(body(data, 18).split(b"/N ")[1].split()[0])
    return appended(data, {number: stream(b"0 0 70 30 re f", FORM_XOBJECT)})


@attack(CHANGED, "field_changed")
def the_signature_is_hidden() -> bytes:
    """The widget of the signature is hidden (/F)."""
    data = visible_paper()
    return appended(data, {18: body(data, 18).replace(b"/F 132", b"/F 134")})


@attack(CHANGED, "signature_removed")
def the_signature_is_gone() -> bytes:
    """The field loses its value."""
    data = signed_paper()
    return appended(data, {18: body(data, 18).replace(b"/V 19 0 R", b"")})


@attack(CHANGED, "field_changed")
def the_picture_on_a_button() -> bytes:
    """A push button's appearance: pyHanko calls it form filling."""
    objects = {10: BUTTON.replace(b"13 0 R", b"40 0 R"), 40: stream(b"1 g", FORM_XOBJECT)}
    return appended(signed_paper(), objects)


@attack(CHANGED, "field_changed")
def the_picture_on_a_button_in_place() -> bytes:
    """The same by overwriting the stream."""
    return appended(signed_paper(), {13: stream(b"0 0 1 rg 0 0 60 20 re f", FORM_XOBJECT)})


@attack(UNCLEAR, "field_changed")
def a_value_shown_otherwise() -> bytes:
    """A text field keeps its value and gets the picture of another one."""
    return appended(
        signed_paper(), {12: stream(b"BT /F1 10 Tf 2 5 Td (Wang Wu) Tj ET", FORM_XOBJECT)}
    )


@attack(FILLED, "")
def a_value() -> bytes:
    """A text field gets another value: permitted, and said."""
    field = body(signed_paper(), 9).replace(b"(Li Si)", b"(Wang Wu)")
    return appended(signed_paper(), {9: field})


@attack(CHANGED, "docmdp_violated")
def a_value_under_a_certification() -> bytes:
    """P=1 forbids it."""
    data = certified(MDPPerm.NO_CHANGES)
    return appended(data, {9: body(data, 9).replace(b"(Li Si)", b"(Wang Wu)")})


@attack(CHANGED, "field_changed")
def a_field_is_moved() -> bytes:
    """A text field's widget lies elsewhere."""
    field = body(signed_paper(), 9).replace(b"[ 20 150 120 170 ]", b"[ 20 90 120 110 ]")
    return appended(signed_paper(), {9: field})


@attack(CHANGED, "field_changed")
def a_field_is_gone() -> bytes:
    """A text field is taken out of the form and off the page."""
    data = signed_paper()
    objects = {
        8: body(data, 8).replace(b"9 0 R ", b"", 1),
        4: body(data, 4).replace(b" 9 0 R", b""),
    }
    return appended(data, objects)


@attack(PERMITTED, "annotation_changed")
def a_note_over_the_text() -> bytes:
    """A free text annotation covers the page."""
    page = body(signed_paper(), 4).replace(b"/Annots [", b"/Annots [ 40 0 R")
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [ 0 0 300 200 ] /Contents (forged) >>"
    return appended(signed_paper(), {4: page, 40: note})


@attack(CHANGED, "docmdp_violated")
def a_note_under_a_certification() -> bytes:
    """P=2 forbids annotations."""
    data = certified(MDPPerm.FILL_FORMS)
    page = body(data, 4).replace(b"/Annots [", b"/Annots [ 40 0 R")
    return appended(data, {4: page, 40: b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] >>"})


@attack(PERMITTED, "annotation_changed")
def a_note_says_something_else() -> bytes:
    """An annotation that was there is overwritten."""
    note = body(signed_paper(), 7).replace(b"(a note)", b"(forged)")
    return appended(signed_paper(), {7: note})


@attack(PERMITTED, "field_changed")
def a_signature_that_is_none() -> bytes:
    """A field with an appearance over the page and a prepared, empty value."""
    data = signed_paper()
    page = body(data, 4).replace(b"18 0 R ]", b"18 0 R 40 0 R ]")
    objects = {
        4: page,
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 40 0 R"),
        40: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (F) /F 4 /P 4 0 R /V 41 0 R"
        b" /Rect [ 0 0 300 200 ] /AP << /N 42 0 R >> >>",
        41: signature(),
        42: stream(b"1 g 0 0 300 200 re f", FORM_XOBJECT),
    }
    return appended(data, objects)


@attack(CHANGED, "docmdp_violated")
def a_further_signature_under_a_certification() -> bytes:
    """P=1 forbids it."""
    return added_field(NOWHERE, signature(), paper=certified(MDPPerm.NO_CHANGES))


@attack(UNCLEAR, "field_changed")
def a_signature_with_an_action() -> bytes:
    """The widget of a further signature runs JavaScript."""
    action = b"/A << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    return added_field(NOWHERE + action, signature())


@attack(UNCLEAR)
def an_old_signature_in_a_new_field() -> bytes:
    """A new visible field shows the signature that was there."""
    data = signed_paper()
    objects = {
        4: body(data, 4).replace(b"18 0 R ]", b"18 0 R 40 0 R ]"),
        8: body(data, 8).replace(b"/Fields [", b"/Fields [ 40 0 R"),
        40: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (F) /F 4 /P 4 0 R /V 19 0 R"
        b" /Rect [ 0 0 300 200 ] /AP << /N 42 0 R >> >>",
        42: stream(b"1 g 0 0 300 200 re f", FORM_XOBJECT),
    }
    return appended(data, objects)


@attack(CHANGED, "page_content_changed")
def a_timestamp_and_a_page() -> bytes:
    """A genuine document timestamp in an update that changes the page."""
    return added_field(NOWHERE, signature(STAMP), more={5: FORGED}, stamp=True)


@attack(UNCLEAR, "field_changed")
def appearances_are_to_be_made_anew() -> bytes:
    """/NeedAppearances makes readers draw fields themselves."""
    form = body(signed_paper(), 8).replace(b"/Fields", b"/NeedAppearances true /Fields")
    return appended(signed_paper(), {8: form})


@attack(CHANGED, "field_changed")
def a_dynamic_form() -> bytes:
    """/XFA: some readers show it in place of the pages."""
    form = body(signed_paper(), 8).replace(b"/Fields", b"/XFA 40 0 R /Fields")
    return appended(signed_paper(), {8: form, 40: stream(b"<xdp/>")})


# What readers make of the bytes


@attack(UNCLEAR)
def a_parked_object() -> bytes:
    """An object between others that the table does not list (shadow hide)."""
    how = Manner(before={0: b"5 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n"})
    return appended(signed_paper(), {40: b"(x)"}, how)


@attack(UNCLEAR)
def an_object_in_a_comment() -> bytes:
    """A comment holds an object that a rebuilding reader finds."""
    how = Manner(before={0: b"% 5 0 obj << >> endobj\n"})
    return appended(signed_paper(), {40: b"(x)"}, how)


@attack(UNCLEAR)
def an_object_in_a_certificate() -> bytes:
    """A stream of the DSS that is no certificate and holds an object."""
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /Certs [ 51 0 R ] >>",
        51: stream(b"\n5 0 obj\n<< >>\nendobj\n"),
    }
    return appended(signed_paper(), objects)


@attack(UNCLEAR)
def an_object_behind_a_certificate() -> bytes:
    """A genuine certificate, then something else in the same stream."""
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /Certs [ 51 0 R ] >>",
        51: stream(certificate() + b" 5 0 obj"),
    }
    return appended(signed_paper(), objects)


@attack(UNCLEAR)
def rows_of_nineteen_bytes() -> bytes:
    """Entries of 19 bytes, which readers count or search."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(row=b"%010d 00000 n\n"))


@attack(UNCLEAR)
def a_header_that_is_none() -> bytes:
    """`0bj`: pyHanko skips three bytes, readers that look find no object."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(header=b"%d 0 0bj\n"))


@attack(UNCLEAR)
def too_much_white_space() -> bytes:
    """More than a reader may look through for startxref."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(before={0: b" " * 1100}))


@attack(UNCLEAR)
def no_root() -> bytes:
    """The trailer leaves /Root to be inherited."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(without=b"/Root"))


@attack(UNCLEAR)
def a_size_out_of_bounds() -> bytes:
    """More objects than a file may have."""
    return appended(signed_paper(), {40: b"(x)"}, Manner(size=9_000_000))


@attack(UNCLEAR)
def an_unknown_type_of_entry() -> bytes:
    """Type 3 in a cross-reference stream: null to some, the older object to others."""
    return appended_in_streams(signed_paper(), {}, {5: b"(y)"}, kind=3)


@attack(UNCLEAR)
def an_object_stream_with_more() -> bytes:
    """An object stream holds an object that the cross-references do not list."""
    whole = appended_in_streams(signed_paper(), {}, {41: b"(y)", 42: b"(z)"})
    return whole.replace(b"/Index [ 41 1 42 1", b"/Index [ 41 1 43 1")


@attack(UNCLEAR)
def an_object_listed_twice() -> bytes:
    """Two entries for one number; readers take the first or the last."""
    twice = b"40 1\n0000000020 00000 n \n"
    return appended(signed_paper(), {40: b"(x)"}, Manner(free=(twice,)))


@attack(UNCLEAR)
def a_key_given_twice() -> bytes:
    """A dictionary with one key twice."""
    return appended(signed_paper(), {40: b"<< /A 1 /A 2 >>", 41: b"(x)", 16: _info_twice()})


def _info_twice() -> bytes:
    return b"<< /Title (Licence) /Title (Permit) >>"


@attack(UNCLEAR)
def a_stream_shorter_than_it_says() -> bytes:
    """/Length ends before the data does."""
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /Certs [ 51 0 R ] >>",
        51: b"<< /Length 4 >>\nstream\n%s\nendstream" % certificate(),
    }
    return appended(signed_paper(), objects)


@attack(UNCLEAR)
def a_token_that_is_none() -> bytes:
    """/TS explains a token, nothing else."""
    objects = {
        1: dss(body(signed_paper(), 1)),
        50: b"<< /Type /DSS /VRI << /%s << /TS 51 0 R >> >> >>" % (b"AB" * 20),
        51: stream(certificate()),
    }
    return appended(signed_paper(), objects)


@attack(UNCLEAR)
def an_update_into_older_bytes() -> bytes:
    """The table lists an object that stands in the signed bytes."""
    data = signed_paper()
    row = b"5 1\n%010d 00000 n \n" % (data.index(b"\n6 0 obj") + 1)
    return appended(data, {40: b"(x)"}, Manner(free=(row,)))


@attack(UNCLEAR)
def a_gap_after_the_validation_data() -> bytes:
    """Bytes that belong to nothing after a genuine update."""
    return with_dss(signed_paper()) + b"rest"


@attack(UNCLEAR)
def a_lone_trailer() -> bytes:
    """A second trailer stands in a stream that nothing refers to."""
    held = b"trailer << /Root 9 0 R >> startxref %d" % last_start(signed_paper())
    return appended(signed_paper(), {40: stream(held)})
