"""Signatures in revisions that are added to files which were signed before, by pyHanko's steps."""

import io
from typing import Any, BinaryIO

from pyhanko.pdf_utils.generic import IndirectObject, PdfObject
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from signing.errors import SealTooLargeError
from signing.face import SealAppearance
from signing.sealing import messages
from signing.sealing.field import SEAL_FIELD, Statement, appearance_stream, shown
from signing.sealing.signed_file import MakeCms, Room

# PDF/A wants Print set and Hidden not (ISO 19005-3 6.3.2), also where there is nothing to see.
_UNSEEN = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)


class RawObject(PdfObject):
    """An object whose bytes are final."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def write_to_stream(
        self,
        stream: BinaryIO,
        handler: object = None,  # noqa: ARG002 (encryption; nothing of ours is)
        container_ref: object = None,  # noqa: ARG002
    ) -> None:
        """Write the bytes."""
        stream.write(self.data)


def refer(target: IndirectObject) -> str:
    """Return an indirect reference (ISO 32000-1 7.3.10)."""
    return f"{target.idnum} {target.generation} R"


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
    picture = None
    if appearance is not None:
        drawn = refer(writer.add_object(RawObject(appearance_stream(appearance))))
        picture = RawObject(shown(drawn).encode("ascii"))
    return _fill(
        writer, field, _setup(statement, room), room=room, make_cms=make_cms, appearance=picture
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
