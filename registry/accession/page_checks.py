"""Checks of a package's record against the document itself: what was sealed is what is recorded.

Who packed a licence signs the record; who granted it sealed the page, and the metadata within it.
So the record must say what these metadata say, and the seal must be of the authority that it names.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

from cryptography import x509
from cryptography.x509.oid import NameOID

from core.ids import AuthorityId, LicenceIdentifier, LicenceNumber, LinkToken, TypeCode
from core.text import Text
from registry.accession import messages
from registry.accession.manifest import BadPackageError
from registry.accession.record_file import FACE, HOLDERS, LIFE, LONG_TERM
from registry.model import Authority, Holder, Licence, LicenceState, SealLevel
from registry.types.licence_type import LicenceType
from registry.types.metadata import FACE_PREFIX, WireName, gbt36903
from signing.report import SignatureReport

_CODED = "NTRCN-"
"""Before a unified social credit code (EN 319 412-1 5.1.4)."""
_SOME_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
_Told = dict[tuple[str, ...], list[str]]


def check_metadata(
    record: Mapping[str, Any], definition: LicenceType, metadata: bytes | None
) -> None:
    """See that the record says what the metadata within the sealed page say.

    An official document has none: its page is somebody else's. Raises `BadPackageError`.
    """
    if definition.is_document:
        return
    if metadata is None:
        raise BadPackageError("metadata", messages.METADATA_MISSING)
    try:
        sealed, told = _read(metadata), _read(_expected(record, definition))
    except (ET.ParseError, ValueError, TypeError, KeyError) as error:
        raise BadPackageError("metadata", messages.METADATA_MISSING) from error
    differing = sorted(
        {path[-1] for path in sealed.keys() | told.keys() if sealed.get(path) != told.get(path)}
    )
    if differing:
        raise BadPackageError("metadata_differs", messages.metadata_differs(differing[0]))


def check_seal_body(
    record: Mapping[str, Any], seals: Iterable[SignatureReport], files: Mapping[str, bytes]
) -> None:
    """See that a seal is of the authority that the record names. Raises `BadPackageError`."""
    name, uscc = record[WireName.AUTHORITY], record[WireName.AUTHORITY_CODE]
    if not any(_is_of(one, files, name, uscc) for one in seals):
        raise BadPackageError("seal_of_another", messages.SEAL_OF_ANOTHER)


def _is_of(seal: SignatureReport, files: Mapping[str, bytes], name: str, uscc: str) -> bool:
    der = files.get(f"certificates/{seal.certificate_sha256}.cer", b"")
    if hashlib.sha256(der).hexdigest() != seal.certificate_sha256:
        return False
    try:
        subject = x509.load_der_x509_certificate(der).subject
    except ValueError:
        return False
    coded = [
        str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    ]
    if any(one.startswith(_CODED) for one in coded):
        return coded == [_CODED + uscc]
    return seal.organization == name  # a CA outside names a body by its full name


def _expected(record: Mapping[str, Any], definition: LicenceType) -> bytes:
    """Return the metadata that a page of this record would hold."""
    until = record[WireName.VALID_UNTIL]
    holders = tuple(
        Holder(one[WireName.HOLDER], one[WireName.HOLDER_CODE_TYPE_CODE], one[WireName.HOLDER_CODE])
        for one in record[HOLDERS]
    )
    licence = Licence(
        identifier=LicenceIdentifier(record[WireName.IDENTIFIER]),
        number=LicenceNumber(record[WireName.NUMBER]),
        type_code=TypeCode(record[WireName.TYPE_CODE]),
        type_name=Text(definition.name.zh, definition.name.en),  # as it was called then
        authority_id=AuthorityId(""),
        authority_name=record[WireName.AUTHORITY],
        state=LicenceState(record[LIFE]["state"]),
        reason=None,
        basis=None,
        holders=holders,
        data={key.removeprefix(FACE_PREFIX): value for key, value in record[FACE].items()},
        granted_on=date.fromisoformat(record[WireName.GRANTED_ON]),
        valid_from=date.fromisoformat(record[WireName.VALID_FROM]),
        valid_until=None if until == LONG_TERM else date.fromisoformat(until),
        link_token=LinkToken(""),
        replaces=record.get(WireName.REPLACES),
        replaced_by=None,
        sample=False,
        created_at=_SOME_INSTANT,
    )
    authority = Authority(
        authority_id=AuthorityId(""),
        name=record[WireName.AUTHORITY],
        uscc=record[WireName.AUTHORITY_CODE],
        level=SealLevel.PROVINCE,
        created_at=_SOME_INSTANT,
    )
    return gbt36903(licence, definition, authority, record[WireName.SEAL_NAME], _SOME_INSTANT)


def _read(metadata: bytes) -> _Told:
    """Return the texts of all elements by their path, but for when it was sealed."""
    if b"<!" in metadata:  # neither a document type nor entities: expat would expand them
        raise ValueError("no metadata of ours")
    told: _Told = {}
    waiting: list[tuple[tuple[str, ...], ET.Element]] = [((), ET.fromstring(metadata))]  # noqa: S314  # without a document type
    while waiting:
        path, element = waiting.pop()
        here = (*path, element.tag)
        told.setdefault(here, []).append((element.text or "").strip())
        waiting += [(here, one) for one in reversed(element)]
    told.pop(("DZZZ", WireName.SEALED_AT), None)
    return told
