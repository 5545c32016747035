"""Taking files in: what is refused, what is cleaned, and that pages stay as they are."""

import io
import zlib
from typing import Any

import pikepdf
import pytest

from signing.intake.report import Hazard, TakenFile, decode, encode
from signing.intake.taking import take
from signing.limits import DEFAULT_LIMITS, Limits
from tests.signing.intake import drawings
from tests.signing.intake.drawings import Change, changed, pixels, plain


def taken(data: bytes, *, clean: bool = False) -> TakenFile:
    found = take(data, DEFAULT_LIMITS, clean=clean)
    if found.pdf:
        again = take(found.pdf, DEFAULT_LIMITS, clean=False)
        assert (again.findings, again.pdf, again.pages) == ((), found.pdf, found.pages)
    return found


def hazards(found: TakenFile) -> set[Hazard]:
    return {one.hazard for one in found.refused}


def test_a_plain_file_stays_as_it_is_drawn() -> None:
    found = taken(plain())
    assert found.findings == ()
    assert pixels(found.pdf) == pixels(plain())
    assert (len(found.pages), found.title, found.unembedded) == (2, "A notice", ("Helvetica",))
    assert decode(encode(found)) == found
    assert taken(found.pdf).pdf == found.pdf, "what was written is written so again"


@pytest.mark.parametrize(
    "form",
    [
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"linearize": True},
        {"qdf": True},
        {"force_version": "2.0", "compress_streams": False},
    ],
)
def test_whatever_form_a_maker_gives_a_file_it_is_taken_in_alike(form: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(3))) as pdf:
        pdf.save(buffer, static_id=True, **form)
    found = taken(buffer.getvalue())
    assert found.findings == ()
    assert pixels(found.pdf) == pixels(plain(3))
    assert b"/ObjStm" not in found.pdf


def test_links_to_the_web_stay() -> None:
    with pikepdf.open(io.BytesIO(taken(plain()).pdf)) as pdf:
        (link,) = pdf.pages[0].Annots
        assert link.A.URI == "https://example.gov.cn/"


REFUSED: list[tuple[Change, Hazard, int]] = [
    (drawings.script_at_opening, Hazard.ACTIVE, 0),
    (drawings.script_by_name, Hazard.ACTIVE, 0),
    (drawings.script_of_page, Hazard.ACTIVE, 2),
    (drawings.launching_link, Hazard.ACTIVE, 1),
    (drawings.script_behind_link, Hazard.ACTIVE, 1),
    (drawings.script_of_link, Hazard.ACTIVE, 1),
    (drawings.script_of_unknown_kind, Hazard.ACTIVE, 1),
    (drawings.local_link, Hazard.ACTIVE, 1),
    (drawings.link_to_other_file, Hazard.EXTERNAL, 1),
    (drawings.movie, Hazard.ACTIVE, 1),
    (drawings.comment, Hazard.ANNOTATION, 1),
    (drawings.note, Hazard.ANNOTATION, 1),
    (drawings.attached_file, Hazard.ATTACHMENT, 0),
    (drawings.portfolio, Hazard.ATTACHMENT, 0),
    (drawings.form_field, Hazard.FORM, 1),
    (drawings.xfa, Hazard.XFA, 0),
    (drawings.layer, Hazard.LAYERS, 0),
    (drawings.page_of_other_file, Hazard.EXTERNAL, 1),
    (drawings.alternate_picture, Hazard.ALTERNATE, 1),
]
CLEANED_AS_DRAWN = {
    "launching_link",
    "comment",
    "attached_file",
    "form_field",
    "script_at_opening",
    "layer",
}


@pytest.mark.parametrize(
    ("change", "hazard", "page"), REFUSED, ids=[one.__name__ for one, _, _ in REFUSED]
)
def test_what_must_not_be_sealed_is_named_and_taken_out_when_asked(
    change: Change, hazard: Hazard, page: int
) -> None:
    data = changed(change)
    refused = taken(data)
    assert (hazard, page) in {(one.hazard, one.page) for one in refused.refused}
    assert refused.pdf == b""
    cleaned = taken(data, clean=True)
    assert cleaned.refused == ()
    assert hazard in {one.hazard for one in cleaned.findings}
    assert taken(cleaned.pdf).findings == (), "nothing of it is left"
    if change.__name__ in CLEANED_AS_DRAWN:
        assert pixels(cleaned.pdf) == pixels(data)


@pytest.mark.parametrize(
    ("change", "hazard"),
    [
        (drawings.hidden_layer, Hazard.LAYERS),
        (drawings.form_drawn_by_reader, Hazard.FORM),
        (drawings.dynamic_xfa, Hazard.XFA),
        (drawings.picture_elsewhere, Hazard.EXTERNAL),
        (drawings.postscript, Hazard.ACTIVE),
        (drawings.signed_field, Hazard.SIGNED),
        (drawings.signed_and_not_shown, Hazard.SIGNED),
    ],
)
def test_what_cannot_be_taken_out_is_refused_all_the_same(change: Change, hazard: Hazard) -> None:
    found = taken(changed(change), clean=True)
    assert hazard in hazards(found)
    assert found.pdf == b""


def test_an_encrypted_file_is_refused() -> None:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain())) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="a", user=""))
    assert hazards(taken(buffer.getvalue(), clean=True)) == {Hazard.ENCRYPTED}


def test_an_empty_signature_field_is_a_place() -> None:
    found = taken(changed(drawings.empty_field))
    assert found.findings == ()
    (field,) = found.fields
    assert (field.name, field.page, field.left, field.top) == ("Seal1", 1, 100.0, 120.0)
    assert b"/Sig" not in found.pdf


def test_what_an_earlier_revision_held_is_gone() -> None:
    old = plain(1)
    table = old.index(b"\nxref\n") + 1
    number = 1 + old[table:].count(b" n")
    addition = b"%d 0 obj\n(the first draft)\nendobj\n" % number
    at = len(old)
    update = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = old[old.rindex(b"trailer") : old.rindex(b"startxref")]
    trailer = trailer.replace(b"/Size %d" % number, b"/Size %d /Prev %d" % (number + 1, table))
    end = b"startxref\n%d\n%%%%EOF\n" % (at + len(addition))
    found = taken(old + addition + update + trailer + end)
    assert found.findings == ()
    assert b"the first draft" not in found.pdf
    assert found.pdf.count(b"%%EOF") == 1


def test_a_stream_that_imitates_the_files_end_is_wrapped() -> None:
    words = b"% %%EOF startxref /ByteRange [0 1 2 3] endobj\n"

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(pikepdf.Stream(pdf, words))

    data = io.BytesIO()
    with pikepdf.open(io.BytesIO(changed(add))) as pdf:
        pdf.save(data, compress_streams=False, static_id=True)
    found = taken(data.getvalue())
    assert found.findings == ()
    assert (found.pdf.count(b"%%EOF"), found.pdf.count(b"/ByteRange")) == (1, 0)
    assert pixels(found.pdf) == pixels(data.getvalue())


def test_an_encoded_stream_that_imitates_the_files_end_is_wrapped() -> None:
    held = zlib.compress(b"% %%EOF startxref endobj /ByteRange [0 1 2 3]\n", 0)
    assert b"%%EOF" in held, "stored, not packed"

    def add(pdf: pikepdf.Pdf) -> None:
        content = pikepdf.Stream(pdf, held)
        content.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].contents_add(content)

    data = io.BytesIO()
    with pikepdf.open(io.BytesIO(changed(add))) as pdf:
        pdf.save(data, recompress_flate=False, static_id=True)
    found = taken(data.getvalue())
    assert found.findings == ()
    assert (found.pdf.count(b"%%EOF"), found.pdf.count(b"/ByteRange")) == (1, 0)
    assert pixels(found.pdf) == pixels(data.getvalue())


def test_a_note_stays_as_it_is_shown() -> None:
    data = changed(drawings.note)
    cleaned = taken(data, clean=True)
    assert pixels(cleaned.pdf) == pixels(data)
    assert b"/Annots" in data
    assert b"/Subtype /Text" not in cleaned.pdf


def test_damaged_files_are_refused_and_read_forgivingly_when_asked() -> None:
    damaged = plain().replace(b"startxref", b"startxxxx")
    assert hazards(taken(damaged)) == {Hazard.DAMAGED}
    assert hazards(taken(b"%PDF-1.7\nnothing")) == {Hazard.DAMAGED}
    assert hazards(taken(b"%PDF-1.7\nnothing", clean=True)) == {Hazard.DAMAGED}


def test_a_tree_of_pages_that_loops_is_refused() -> None:
    def loop(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)

    assert hazards(taken(changed(loop))) == {Hazard.DAMAGED}


def test_objects_beyond_the_limit_are_refused() -> None:
    found = take(plain(), Limits(objects=5), clean=False)
    assert hazards(found) == {Hazard.LIMIT}


def test_deep_nesting_is_refused() -> None:
    def nest(pdf: pikepdf.Pdf) -> None:
        inner = pikepdf.Array()
        for _ in range(200):
            inner = pikepdf.Array([inner])
        pdf.pages[0].Resources.ProcSet = inner

    assert hazards(taken(changed(nest))) == {Hazard.LIMIT}


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)

    def add(pdf: pikepdf.Pdf) -> None:
        held = pikepdf.Stream(pdf, bomb)
        held.Filter = pikepdf.Name.FlateDecode
        size = {"/Width": 1, "/Height": 1, "/ColorSpace": pikepdf.Name.DeviceGray}
        held.update({"/Subtype": pikepdf.Name.Image, "/BitsPerComponent": 8, **size})
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(Held=held)

    found = taken(changed(add))
    assert found.findings == ()
    assert len(found.pdf) < 200_000
