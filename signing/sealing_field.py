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
)
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from signing import messages
from signing.errors import SealTooLargeError
from signing.face import SealAppearance
from signing.sealing_objects import RawObject, dictionary, flate_stream, reference

SEAL_FIELD = "Seal"
ARCHIVE_FIELD = "Archive"
MakeCms = Callable[[bytes], bytes]
"""Makes the CMS (DER) over the digest of a document's bytes."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Contents of the seal's signature dictionary (ISO 32000-1 table 252)."""

    name: str
    reason: str
    location: str
    at: datetime
    changes: MDPPerm
    """What may follow: NO_CHANGES (P=1), or FILL_FORMS (P=2) where a document timestamp will."""


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
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
) -> bytes:
    """Add the visible field with its certification signature; return the file's bytes.

    Raises `SealTooLargeError`.
    """
    writer.register_extension(ESIC_EXTENSION_1)
    # An array of its own, so that an archive timestamp's field leaves the page object alone.
    find_page: Any = writer.find_page_for_modification  # untyped
    page = find_page(0)[0].get_object()
    links = page["/Annots"] if "/Annots" in page else ()  # noqa: SIM401  # `get` follows nothing
    page["/Annots"] = writer.add_object(generic.ArrayObject(links))
    half = appearance.diameter / 2
    box: Any = (centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half)
    spec = SigFieldSpec(
        SEAL_FIELD,
        box=box,  # pyHanko's annotation says integers; it writes fractions
        visible_sig_settings=VisibleSigSettings(
            rotate_with_page=True, scale_with_page_zoom=True, print_signature=True
        ),
    )
    signature = SignatureObject(
        timestamp=statement.at,
        subfilter=SigSeedSubFilter.PADES,
        name=statement.name,
        reason=statement.reason,
        location=statement.location,
        bytes_reserved=2 * room.cms_octets,
    )
    permission = SigMDPSetup(
        md_algorithm=room.digest_name, certify=True, docmdp_perms=statement.changes
    )
    form = writer.add_object(appearance_stream(appearance))
    picture = RawObject(dictionary({"N": reference(form)}).encode("ascii"))
    return _fill(
        writer,
        spec,
        SigObjSetup(signature, permission),
        room=room,
        make_cms=make_cms,
        appearance=picture,
    )


def fill_timestamp(writer: BasePdfFileWriter, field: str, room: Room, make_token: MakeCms) -> bytes:
    """Add an invisible field with a document timestamp (EN 319 142-1 5.4.3); return the file.

    Raises `SealTooLargeError`.
    """
    # PDF/A wants Print set and Hidden not (ISO 19005-3 6.3.2), also where there is nothing to see.
    unseen = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)
    spec = SigFieldSpec(field, invis_sig_settings=unseen)
    placeholder: Any = DocumentTimestamp  # untyped
    timestamp = placeholder(bytes_reserved=2 * room.cms_octets)
    return _fill(writer, spec, SigObjSetup(timestamp), room=room, make_cms=make_token)


def _fill(
    writer: BasePdfFileWriter,
    spec: SigFieldSpec,
    setup: SigObjSetup,
    *,
    room: Room,
    make_cms: MakeCms,
    appearance: RawObject | None = None,
) -> bytes:
    """Go through pyHanko's four steps (`PdfCMSEmbedder.write_cms`)."""
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
    size = f"{appearance.diameter:g}"
    entries = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": f"[0 0 {size} {size}]",
        "Resources": dictionary({"ExtGState": dictionary(states)}),
    }
    return flate_stream(appearance.content, entries)
