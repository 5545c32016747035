"""Packages of other registers taken in: nothing of one is believed that is not proved.

1. The .zip is in the one form that a package has; the manifest is signed by a key that was pinned.
2. Each file is as the manifest says, and there is no other.
3. The events chain as far as each can by itself, speak of this licence alone, end where the
   manifest says, and leave the state that the record has; they name the document's digests.
4. The document's seal holds under a root that was given, judged in the sandbox, is of the authority
   that the record names, and the document bears the identifier; the record says what the metadata
   within the sealed page say.
5. The register that made it is another one, and the authority grants nothing here: what our own
   register made is compared with it, and what it lost comes back by a restore alone.

Only then the package is stored, and the licence recorded as what it is: granted elsewhere. A later
package of it, whose events go on from those of the one on record, takes that one's place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import Connection

from core.clock import Clock
from core.errors import UnreachableError
from core.ids import LicenceIdentifier, Random
from core.permits import Permit
from keys.algorithms import UnsupportedKeyError, verify_with
from registry.accession import messages
from registry.accession.container import read_container
from registry.accession.manifest import (
    DEFINITION,
    DOCUMENT,
    EVENTS,
    MANIFEST,
    RECORD,
    SIGNATURE,
    BadPackageError,
    PackageManifest,
    read_manifest,
)
from registry.accession.package_checks import (
    accession_of,
    check_events,
    check_files,
    check_later,
    read_definition_of,
    read_record,
)
from registry.accession.page_checks import check_metadata, check_seal_body
from registry.accession.rows import (
    NewAccession,
    add_accession,
    find_stated,
    refresh_accession,
    stored_package,
)
from registry.bodies.authorities import list_authorities
from registry.db.database import Database
from registry.facts.register_id import register_id_of
from registry.licences.licences import get_licence, list_revisions
from registry.model import ConflictError
from registry.objects.store import ObjectStore, sha256_of
from registry.types.metadata import FILE_NAME
from signing.report import (
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.trust.anchors import TrustMaterial

_HARMLESS = frozenset((LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES))


class PackageValidator(Protocol):
    """Judge of a PDF's signatures: `signing.sandbox.Sandbox`."""

    def validate(self, data: bytes, trust: TrustMaterial, at: Any) -> ValidationReport:
        """Return the report; never raises for what the bytes hold."""
        ...


class AttachmentReader(Protocol):
    """Reader of files within PDFs: `signing.intake.intake.Intake`."""

    def attachment(self, data: bytes, name: str) -> bytes | None:
        """Return a file by its name; None unless there is exactly one."""
        ...


@dataclass(frozen=True, slots=True)
class JudgedPackage:
    """Package that holds, and what would be recorded of it."""

    data: bytes
    manifest: PackageManifest
    accession: NewAccession
    events: bytes


class TakenIn(StrEnum):
    """Outcome of a package that holds."""

    TAKEN = "taken"
    REFRESHED = "refreshed"
    """What is on record of the licence says now what a later package says."""
    KNOWN = "known"


class PackageIntake:
    """Takes packages in; one per process."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        validator: PackageValidator,
        attachments: AttachmentReader,
        trust: Callable[[], TrustMaterial],
        signers: tuple[PublicKeyTypes, ...],
        clock: Clock,
        random: Random,
    ) -> None:
        """`signers`: the keys whose packages are taken in, got by another way."""
        self._database = database
        self._store = store
        self._validator = validator
        self._attachments = attachments
        self._trust = trust
        self._signers = signers
        self._clock = clock
        self._random = random

    def judge(self, data: bytes) -> JudgedPackage:
        """Return a package that holds. Raises `BadPackageError`, `ConflictError`."""
        files = read_container(data)
        manifest = self._signed_manifest(files)
        check_files(manifest, files)
        record = read_record(files[RECORD])
        check_events(manifest, record, files[EVENTS])
        seals = self._check_document(manifest, files[DOCUMENT])
        accession = accession_of(manifest, record, files, sha256_of(data))
        check_seal_body(record, seals, files)
        metadata = self._attachments.attachment(files[DOCUMENT], FILE_NAME)
        check_metadata(record, read_definition_of(files), metadata)
        with self._database.reading() as connection:
            _refuse_ours(connection, manifest, accession.authority_uscc)
        return JudgedPackage(data, manifest, accession, files[EVENTS])

    def compare(self, judged: JudgedPackage) -> TakenIn:
        """Return the outcome that taking a package in would have.

        Raises `OtherAccessionError` where what is on record of the licence is later, or another
        history of it.
        """
        return self._compare(judged)[0]

    def take_in(self, judged: JudgedPackage, permit: Permit, basis: str | None = None) -> TakenIn:
        """Store and record a package, or what it says later than the one that is on record.

        Raises `NotAllowedError`, `OtherAccessionError`, `StorageError`.
        """
        result, before = self._compare(judged)
        if result is TakenIn.KNOWN:
            return result
        self._store.put(judged.data)
        new, now = judged.accession, self._clock.now()
        with self._database.writing() as connection:
            if before is not None:
                refresh_accession(connection, new, before, permit, now, basis=basis)
            elif not add_accession(connection, new, permit, now, random=self._random, basis=basis):
                return TakenIn.KNOWN
        return result

    def _compare(self, judged: JudgedPackage) -> tuple[TakenIn, str | None]:
        """Return the outcome, and the digest of what is said on record."""
        name = judged.accession.accession_id
        with self._database.reading() as connection:
            before, package = find_stated(connection, name), stored_package(connection, name)
        if before is None or package is None:
            return TakenIn.TAKEN, None
        if before == judged.accession.stated_sha256:
            return TakenIn.KNOWN, before
        known = read_container(self._store.get(package))
        check_later(judged.manifest, judged.events, read_manifest(known[MANIFEST]))
        return TakenIn.REFRESHED, before

    def _signed_manifest(self, files: dict[str, bytes]) -> PackageManifest:
        missing = {MANIFEST, SIGNATURE, DOCUMENT, EVENTS, RECORD, DEFINITION} - files.keys()
        if missing:
            raise BadPackageError("file_missing", messages.file_missing(min(missing)))
        for key in self._signers:
            try:
                verify_with(key, files[SIGNATURE], files[MANIFEST])
            except (InvalidSignature, UnsupportedKeyError):
                continue
            return read_manifest(files[MANIFEST])
        raise BadPackageError("signature", messages.SIGNER_UNKNOWN)

    def _check_document(self, manifest: PackageManifest, pdf: bytes) -> list[SignatureReport]:
        """Return the seals that hold. Raises `BadPackageError`."""
        ends = [(one.length, one.sha256) for one in manifest.revisions]
        if ends[-1][0] != len(pdf) or any(sha256_of(pdf[:end]) != told for end, told in ends):
            raise BadPackageError("revisions", messages.REVISIONS_DIFFER)
        report = self._validator.validate(pdf, self._trust(), self._clock.now())
        if report.structure is Structure.FAILED:
            raise UnreachableError(messages.DOCUMENT_NOT_JUDGED)
        if report.structure is not Structure.SIGNED:
            raise BadPackageError("document", messages.document_unjudged(report.structure))
        seals = [one for one in report.signatures if one.kind is SignatureKind.SEAL]
        good = [one for one in seals if one.trusted and one.indication is Indication.TOTAL_PASSED]
        for one in report.signatures:
            if one.intact is not True or one.later_changes not in _HARMLESS:
                raise BadPackageError("seal", messages.SEAL_BROKEN)
        if not good:
            found = next((one.sub_indication or one.indication for one in seals), "-")
            raise BadPackageError("seal_not_trusted", messages.seal_not_trusted(str(found)))
        if manifest.identifier not in report.identifiers:
            raise BadPackageError("identifier", messages.OTHER_IDENTIFIER)
        return good


def _refuse_ours(connection: Connection, manifest: PackageManifest, uscc: str) -> None:
    """Refuse what was granted here, or seems to be. Raises `ConflictError`, `BadPackageError`."""
    own = register_id_of(connection) == manifest.register
    known = list_revisions(connection, LicenceIdentifier(manifest.identifier))
    registered = {(one.length, one.sha256) for one in known}
    if own and not known:
        raise ConflictError(messages.LOST_HERE)
    if known and any((one.length, one.sha256) not in registered for one in manifest.revisions):
        raise BadPackageError("differs_from_register", messages.DIFFERS_FROM_REGISTER)
    if own or get_licence(connection, manifest.identifier) is not None:
        raise ConflictError(messages.GRANTED_HERE)
    if any(one.uscc == uscc for one in list_authorities(connection)):
        raise ConflictError(messages.AUTHORITY_HERE)
