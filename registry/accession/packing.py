"""Packing of one licence or document for an electronic archive: everything on record of it, closed.

1. *Gather*, at one moment: record, events, revisions, the definition that it was granted under.
2. *Read* the document against its digest, and take its proofs out of it as files.
3. *Record* the event that names the manifest's digest, before the key is used.
4. *Sign* the manifest, and put the .zip together.

The manifest follows from the state alone, so a package of the same state can be recognised: nothing
is signed or recorded for it again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from core.canonical import canonical_json
from core.clock import Clock
from core.ids import LicenceIdentifier
from core.permits import Action, Permit
from registry.accession import messages
from registry.accession.container import write_container
from registry.accession.manifest import (
    DEFINITION,
    DOCUMENT,
    EVENTS,
    MANIFEST,
    README,
    RECORD,
    RECORD_XML,
    SIGNATURE,
    AsOf,
    FileEntry,
    PackageManifest,
    RevisionEntry,
)
from registry.accession.package_key import PackageSigner
from registry.accession.record_file import SEALED_STATES, Life, as_json, as_xml, record_of
from registry.audit import events as audit
from registry.bodies.authorities import find_authority, find_seal
from registry.db.database import Database
from registry.facts.register_id import register_id_of
from registry.licences.licences import list_revisions, read_licence, refuse_erased
from registry.model import Licence, RegistryError, Revision
from registry.objects.documents import archive_copy
from registry.objects.store import ObjectStore
from registry.types.catalogue import Catalogue, list_versions
from signing.proof_files import ProofFiles

EXPORTED = "archive.exported"
_NOT_OF_ITS_LIFE = frozenset({EXPORTED, "record.read"})
"""Events about a licence that are none of its own: who looked at it, and its packages."""
SIGNER = "signer.pem"


class NotPackableError(RegistryError):
    """Nothing was ever sealed under this identifier."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class PackageContents:
    """Contents of a package before it is signed."""

    licence: Licence
    manifest: PackageManifest
    encoded: bytes
    files: dict[str, bytes]

    @property
    def file_name(self) -> str:
        """Name of the package's file: identifier, and number of the last event that it has."""
        return f"{self.manifest.identifier}-{self.manifest.as_of.sequence}.zip"

    @property
    def sha256(self) -> str:
        """SHA-256 of the manifest, in hex."""
        return hashlib.sha256(self.encoded).hexdigest()


@dataclass(frozen=True, slots=True)
class _Gathered:
    licence: Licence
    revisions: list[Revision]
    record: dict[str, object]
    events: list[tuple[audit.AuditEvent, str]]
    definition: str
    register: str


class Packer:
    """Packs licences; one per process, for one thread."""

    def __init__(
        self,
        *,
        database: Database,
        store: ObjectStore,
        catalogue: Catalogue,
        signer: PackageSigner,
        proofs: Callable[[bytes], ProofFiles],
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._catalogue = catalogue
        self._signer = signer
        self._proofs = proofs
        self._clock = clock

    def gather(self, identifier: LicenceIdentifier, permit: Permit) -> PackageContents:
        """Return the contents of a package of the licence as it stands; signs and records nothing.

        Raises `NotAllowedError`, `NoSuchLicenceError`, `NotPackableError`, `DamagedObjectError`.
        """
        with self._database.snapshot() as connection:
            gathered = self._gather(connection, identifier, permit)
        pdf = archive_copy(self._store, gathered.revisions)
        proofs = self._proofs(pdf)
        key_id = self._signer.key_id()
        files = {
            DOCUMENT: pdf,
            RECORD: as_json(gathered.record),
            RECORD_XML: as_xml(gathered.record),
            EVENTS: b"".join(_line(one, previous) for one, previous in gathered.events),
            DEFINITION: gathered.definition.encode(),
            README: messages.PACKAGE_README.encode(),
            SIGNER: self._signer.public_pem(key_id),
            **proofs.files,
        }
        last = gathered.events[-1][0]
        manifest = PackageManifest(
            register=gathered.register,
            identifier=identifier,
            as_of=AsOf(last.sequence, last.hash, str(last.to_json()["at"])),
            revisions=tuple(RevisionEntry(one.length, one.sha256) for one in gathered.revisions),
            signatures=tuple(
                {
                    "field": one.field,
                    "file": one.file,
                    "byte_range": list(one.byte_range),
                    "timestamp": one.timestamp,
                }
                for one in proofs.signatures
            ),
            files=tuple(FileEntry.of(name, files[name]) for name in sorted(files)),
            key=key_id,
        )
        return PackageContents(gathered.licence, manifest, manifest.encode(), files)

    def close(self, contents: PackageContents, permit: Permit, basis: str | None = None) -> bytes:
        """Record and sign gathered contents; return the package.

        Raises `NotAllowedError`, `AuditUnavailableError`, and what the key store raises.
        """
        licence, manifest = contents.licence, contents.manifest
        actor = permit.require(Action.EXPORT_ARCHIVE, authority_id=licence.authority_id)
        signer = self._signer.open(manifest.key)
        with self._database.writing() as connection:
            audit.record(
                connection,
                at=self._clock.now(),
                actor=actor,
                action=EXPORTED,
                subject=manifest.identifier,
                basis=basis,
                after={
                    "manifest_sha256": contents.sha256,
                    "as_of": manifest.as_of.sequence,
                    "key": manifest.key,
                },
            )
        signature = signer.sign(contents.encoded)
        return write_container({MANIFEST: contents.encoded, SIGNATURE: signature, **contents.files})

    def _gather(
        self, connection: Connection, identifier: LicenceIdentifier, permit: Permit
    ) -> _Gathered:
        licence, row = read_licence(connection, identifier)
        permit.require(Action.EXPORT_ARCHIVE, authority_id=licence.authority_id)
        refuse_erased(licence)
        revisions = list_revisions(connection, identifier)
        if not revisions or licence.state not in SEALED_STATES:
            raise NotPackableError(messages.NOTHING_SEALED)
        present = self._catalogue.find(connection, licence.type_code)
        own = self._catalogue.granted_under(connection, licence.type_code, licence.created_at)
        versions = list(list_versions(connection, licence.type_code))
        version = next((one.version for one in versions if one.source == own.source), 0)
        authority = find_authority(connection, licence.authority_id)
        seal = find_seal(connection, row["seal_id"])
        life = Life(present.kind, row["changed_at"], version)
        return _Gathered(
            licence,
            revisions,
            record_of(licence, authority, seal.name, life),
            list(_events_of(connection, identifier)),
            own.source,
            register_id_of(connection),
        )


def _events_of(
    connection: Connection, identifier: LicenceIdentifier
) -> list[tuple[audit.AuditEvent, str]]:
    found = audit.stream_events(connection, audit.EventFilter(subject=identifier))
    return [one for one in found if one[0].action not in _NOT_OF_ITS_LIFE]


def _line(event: audit.AuditEvent, previous: str) -> bytes:
    """Return an event as `xinyin audit export` writes it: its hash can be computed again."""
    return canonical_json(event.to_json() | {"previous": previous, "hash": event.hash}) + b"\n"
