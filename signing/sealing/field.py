"""Signature fields: the seal's visible widget, the archive timestamp's, and what fills them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import (
    InvisSigSettings,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    VisibleSigSettings,
    append_signature_field,
)
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from signing.errors import SealTooLargeError
from signing.face import RenderedLicence, SealAppearance
from signing.pdf_syntax import dictionary
from signing.sealing import messages
from signing.sealing.objects import RawObject, flate_stream, reference, stream
from signing.sealing.writer import SealWriter

SEAL_FIELD = "Seal"
PERSON_FIELD = "Officer"
ARCHIVE_FIELD = "Archive"
TAKEN_FIELD = "Taken"
"""Of who takes in what was signed elsewhere; invisible."""
# PDF/A wants Print set and Hidden not (ISO 19005-3 6.3.2), also where there is nothing to see.
_UNSEEN = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)
_TURNED = {90: "[0 1 -1 0 0 0]", 180: "[-1 0 0 -1 0 0]", 270: "[0 -1 1 0 0 0]"}
"""Against the clock: a page's /Rotate turns with it."""
MakeCms = Callable[[bytes], bytes]
"""Makes the CMS (DER) over the digest of a document's bytes."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Contents of a signature dictionary (ISO 32000-1 table 252)."""

    name: str
    reason: str
    location: str
    at: datetime
    changes: MDPPerm | None
    """What may follow: NO_CHANGES (P=1), or FILL_FORMS (P=2) where a document timestamp or the seal
    will. None: not a certification, which only a file's first signature may be."""


@dataclass(frozen=True, slots=True)
class Room:
    """Space reserved for a signature's CMS."""

    digest_name: str
    cms_octets: int
    """The longest CMS that can come."""


@dataclass(frozen=True, slots=True)
class PlacedSeal:
    """Place of a seal, its looks, and what is read aloud there."""

    rendered: RenderedLicence
    appearance: SealAppearance
    words: str


@dataclass(frozen=True, slots=True)
class PreparedField:
    """A field that stands empty for a signature to come."""

    name: str
    page: int
    """The first one being 0."""
    box: tuple[float, float, float, float] | None
    """None: nothing is to be seen of it."""
    words: str


def fill_seal(
    writer: SealWriter,
    place: PlacedSeal,
    *,
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
    others: tuple[PreparedField, ...] = (),
) -> bytes:
    """Add the visible field with its certification signature; return the file's bytes.

    `others`: fields that are to be filled later. They are there before the first signature, so
    that filling them changes what a certification with P=2 lets be changed, and adds nothing.
    Raises `SealTooLargeError`.
    """
    writer.register_extension(ESIC_EXTENSION_1)
    for number in sorted({place.rendered.page, *(one.page for one in others)}):
        _own_annotations(writer, number)
    _add_seal_field(writer, place)
    for one in others:
        append_signature_field(writer, _empty_spec(one))
    picture = _picture(writer, place.appearance)
    if place.rendered.impression is not None:
        writer.replace_form(place.rendered.impression, _impression(place.appearance, picture))
    return _fill(
        writer,
        SEAL_FIELD,
        _setup(statement, room),
        room=room,
        make_cms=make_cms,
        appearance=_shown(picture),
    )


def fill_prepared_seal(
    writer: BasePdfFileWriter,
    appearance: SealAppearance | None,
    *,
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
    field: str = SEAL_FIELD,
) -> bytes:
    """Fill a seal's field that stands empty in a file that was signed before; return the file.

    `appearance` is None for a field that shows nothing. Raises `SealTooLargeError`.
    """
    return _fill(
        writer,
        field,
        _setup(statement, room),
        room=room,
        make_cms=make_cms,
        appearance=None if appearance is None else _shown(_picture(writer, appearance)),
    )


def prepare_for_person(
    writer: SealWriter,
    place: PlacedSeal,
    *,
    statement: Statement,
    room: Room,
) -> bytes:
    """Add the seal's field, empty, and the person's with room for a signature; return the file.

    The seal's place is there before the person signs, so that sealing fills a field and adds
    nothing: a certification with P=2 allows that, and readers say so.
    """
    writer.register_extension(ESIC_EXTENSION_1)
    _own_annotations(writer, place.rendered.page)
    _add_seal_field(writer, place)
    spec = SigFieldSpec(PERSON_FIELD, invis_sig_settings=_UNSEEN)
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(PERSON_FIELD, writer)
    next(steps)
    steps.send(_setup(statement, room))
    output = io.BytesIO()
    steps.send(SigIOSetup(md_algorithm=room.digest_name, output=output))
    return output.getvalue()


def _own_annotations(writer: SealWriter, number: int) -> None:
    """Give the page an array of its own, so that later fields leave the page object alone."""
    follow: Any = _page(writer, number).get_object  # untyped
    page = follow()
    links = page["/Annots"] if "/Annots" in page else ()  # noqa: SIM401  # `get` follows nothing
    page["/Annots"] = writer.add_object(generic.ArrayObject(links))


def _page(writer: SealWriter, number: int) -> generic.IndirectObject:
    find_page: Any = writer.find_page_for_modification  # untyped
    found: generic.IndirectObject = find_page(number)[0]
    return found


def _add_seal_field(writer: SealWriter, place: PlacedSeal) -> None:
    """Add the seal's field, empty, and let its widget join the structure tree."""
    append_signature_field(writer, _seal_spec(place))
    fields = writer.root["/AcroForm"]["/Fields"]
    parent = place.rendered.seal_element
    if parent is not None:
        widget = fields.raw_get(len(fields) - 1)
        writer.tag_widget(widget, _page(writer, place.rendered.page), parent, place.words)


def _seal_spec(place: PlacedSeal) -> SigFieldSpec:
    box: Any = place.appearance.around(place.rendered.seal_centre)
    return SigFieldSpec(
        SEAL_FIELD,
        on_page=place.rendered.page,
        box=box,  # pyHanko's annotation says integers; it writes fractions
        readable_field_name=place.words,
        visible_sig_settings=VisibleSigSettings(
            rotate_with_page=True, scale_with_page_zoom=True, print_signature=True
        ),
    )


def _empty_spec(one: PreparedField) -> SigFieldSpec:
    if one.box is None:
        return SigFieldSpec(
            one.name,
            on_page=one.page,
            readable_field_name=one.words,
            invis_sig_settings=_UNSEEN,
        )
    box: Any = one.box  # as above
    return SigFieldSpec(
        one.name,
        on_page=one.page,
        box=box,
        readable_field_name=one.words,
        visible_sig_settings=VisibleSigSettings(
            rotate_with_page=True, scale_with_page_zoom=True, print_signature=True
        ),
    )


def _setup(statement: Statement, room: Room) -> SigObjSetup:
    signature = SignatureObject(
        timestamp=statement.at,
        subfilter=SigSeedSubFilter.PADES,
        name=statement.name,
        reason=statement.reason,
        location=statement.location,
        bytes_reserved=2 * room.cms_octets,
    )
    if statement.changes is None:
        return SigObjSetup(signature)
    permission = SigMDPSetup(
        md_algorithm=room.digest_name, certify=True, docmdp_perms=statement.changes
    )
    return SigObjSetup(signature, permission)


def _picture(writer: BasePdfFileWriter, appearance: SealAppearance) -> str:
    """Add the seal's picture; return the reference to it."""
    return reference(writer.add_object(appearance_stream(appearance)))


def _shown(picture: str) -> RawObject:
    return RawObject(dictionary({"N": picture}).encode("ascii"))


def _impression(appearance: SealAppearance, picture: str) -> RawObject:
    """Return a form that draws the seal's picture around the origin."""
    half = appearance.diameter / 2
    return stream(
        f"1 0 0 1 {-half:g} {-half:g} cm /Picture Do".encode("ascii"),
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": f"[{-half:g} {-half:g} {half:g} {half:g}]",
            "Resources": dictionary({"XObject": dictionary({"Picture": picture})}),
        },
    )


def fill_timestamp(
    writer: BasePdfFileWriter, field: str, room: Room, make_token: MakeCms, *, page: int = 0
) -> bytes:
    """Add an invisible field with a document timestamp (EN 319 142-1 5.4.3); return the file.

    `page` is the seal's, the first being 0: its annotations are an object of their own.
    Raises `SealTooLargeError`.
    """
    spec = SigFieldSpec(field, on_page=page, invis_sig_settings=_UNSEEN)
    placeholder: Any = DocumentTimestamp  # untyped
    timestamp = placeholder(bytes_reserved=2 * room.cms_octets)
    return _fill(writer, spec, SigObjSetup(timestamp), room=room, make_cms=make_token)


def _fill(
    writer: BasePdfFileWriter,
    spec: SigFieldSpec | str,
    setup: SigObjSetup,
    *,
    room: Room,
    make_cms: MakeCms,
    appearance: RawObject | None = None,
) -> bytes:
    """Go through pyHanko's four steps (`PdfCMSEmbedder.write_cms`); a name's field is there."""
    if isinstance(spec, str):
        steps = PdfCMSEmbedder().write_cms(spec, writer, existing_fields_only=True)
    else:
        steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(spec.sig_field_name, writer)
    field = next(steps)
    if appearance is not None:
        field.get_object()["/AP"] = appearance
    steps.send(setup)
    output = io.BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm=room.digest_name, output=output))
    cms = make_cms(prepared.document_digest)
    if len(cms) > room.cms_octets:
        raise SealTooLargeError(
            messages.signature_exceeds_reserved_space(count=len(cms), reserved=room.cms_octets),
            octets=len(cms),
            reserved=room.cms_octets,
        )
    steps.send(cms)
    return output.getvalue()


@lru_cache(maxsize=16)
def appearance_stream(appearance: SealAppearance) -> RawObject:
    """Return the seal's picture as a form XObject, compressed once per seal."""
    states = {
        name: dictionary({"Type": "/ExtGState", "ca": f"{opacity:g}", "CA": f"{opacity:g}"})
        for name, opacity in appearance.ext_gstate
    }
    entries = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": f"[{' '.join(f'{side:g}' for side in appearance.box)}]",
        "Resources": dictionary({"ExtGState": dictionary(states)}),
    }
    if appearance.turn:
        entries["Matrix"] = _TURNED[appearance.turn]
    return flate_stream(appearance.content, entries)
