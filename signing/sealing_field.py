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

from signing import messages
from signing.errors import SealTooLargeError
from signing.face import SealAppearance
from signing.sealing_objects import RawObject, dictionary, flate_stream, reference

SEAL_FIELD = "Seal"
PERSON_FIELD = "Officer"
ARCHIVE_FIELD = "Archive"
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


def fill_seal(
    writer: BasePdfFileWriter,
    appearance: SealAppearance,
    centre: tuple[float, float],
    *,
    page: int = 0,
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
) -> bytes:
    """Add the visible field with its certification signature; return the file's bytes.

    `page` is the page that it stands on, the first being 0.

    Raises `SealTooLargeError`.
    """
    writer.register_extension(ESIC_EXTENSION_1)
    _own_annotations(writer, page)
    return _fill(
        writer,
        _seal_spec(appearance, centre, page),
        _setup(statement, room),
        room=room,
        make_cms=make_cms,
        appearance=_picture(writer, appearance),
    )


def fill_prepared_seal(
    writer: BasePdfFileWriter,
    appearance: SealAppearance,
    *,
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
) -> bytes:
    """Fill the seal's field that stands empty in a page which a person signed; return the file.

    Raises `SealTooLargeError`.
    """
    return _fill(
        writer,
        SEAL_FIELD,
        _setup(statement, room),
        room=room,
        make_cms=make_cms,
        appearance=_picture(writer, appearance),
    )


def prepare_for_person(
    writer: BasePdfFileWriter,
    appearance: SealAppearance,
    centre: tuple[float, float],
    *,
    statement: Statement,
    room: Room,
) -> bytes:
    """Add the seal's field, empty, and the person's with room for a signature; return the file.

    The seal's place is there before the person signs, so that sealing fills a field and adds
    nothing: a certification with P=2 allows that, and readers say so.
    """
    writer.register_extension(ESIC_EXTENSION_1)
    _own_annotations(writer)
    append_signature_field(writer, _seal_spec(appearance, centre))
    spec = SigFieldSpec(PERSON_FIELD, invis_sig_settings=_UNSEEN)
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(PERSON_FIELD, writer)
    next(steps)
    steps.send(_setup(statement, room))
    output = io.BytesIO()
    steps.send(SigIOSetup(md_algorithm=room.digest_name, output=output))
    return output.getvalue()


def _own_annotations(writer: BasePdfFileWriter, number: int = 0) -> None:
    """Give the page an array of its own, so that later fields leave the page object alone."""
    find_page: Any = writer.find_page_for_modification  # untyped
    page = find_page(number)[0].get_object()
    links = page["/Annots"] if "/Annots" in page else ()  # noqa: SIM401  # `get` follows nothing
    page["/Annots"] = writer.add_object(generic.ArrayObject(links))


def _seal_spec(
    appearance: SealAppearance, centre: tuple[float, float], page: int = 0
) -> SigFieldSpec:
    box: Any = appearance.around(centre)
    return SigFieldSpec(
        SEAL_FIELD,
        on_page=page,
        box=box,  # pyHanko's annotation says integers; it writes fractions
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


def _picture(writer: BasePdfFileWriter, appearance: SealAppearance) -> RawObject:
    form = writer.add_object(appearance_stream(appearance))
    return RawObject(dictionary({"N": reference(form)}).encode("ascii"))


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
