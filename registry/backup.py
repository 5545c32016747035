"""Backups: a snapshot folder each, beside the objects that all of them share.

    DIRECTORY/objects/…                      documents and photos by digest; they never change
    DIRECTORY/<time>/manifest.json           what belongs to it, each file with its digest
    DIRECTORY/<time>/database|home|journal/  tables, settings and key files, the journal

Consistent while the service runs: the journal's place is read before the database's snapshot is
opened, objects and the journal itself are copied after it, so that they know more, never less. A
snapshot is written under another name and verified before it gets its own.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.clock import Clock, SystemClock
from core.files import fsync_directory, write_atomically
from core.ids import Sha256
from registry.audit_chain import NOTHING_BEFORE, AuditEvent, ChainEnd, read_end
from registry.database import Database
from registry.dump import BadBackupError, TableDump, dump, read_rows
from registry.identity import find_registry_id
from registry.journal import Journal, JournalError, Position
from registry.store import DamagedObjectError, ObjectStore

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1024 * 1024

Progress = Callable[[list[Sha256]], Iterable[Sha256]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a home is made of, as far as it is backed up."""

    home: Path
    database: Database
    store: ObjectStore
    journal: Journal
    journal_directory: Path
    clock: Clock


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    made_at: datetime
    registry_id: str
    revision: str
    """Of the schema."""
    journal: Position
    """Where the journal was when the database's snapshot was taken, or shortly before."""
    audit: ChainEnd
    tables: list[TableDump]
    files: dict[str, str]
    """Path within the snapshot → SHA-256."""
    objects: list[Sha256]

    def encode(self) -> bytes:
        """Return the manifest's file."""
        fields = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        return json.dumps(fields, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        """Read a manifest's file. Raises `BadBackupError`."""
        try:
            fields = json.loads(data)
            if fields.pop("format") != FORMAT:
                raise bad_backup(MANIFEST)
            return cls(
                made_at=datetime.fromisoformat(fields["made_at"]),
                registry_id=fields["registry_id"],
                revision=fields["revision"],
                journal=Position(**fields["journal"]),
                audit=ChainEnd(**fields["audit"]),
                tables=[TableDump(**one) for one in fields["tables"]],
                files=dict(fields["files"]),
                objects=[Sha256(one) for one in fields["objects"]],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise bad_backup(MANIFEST) from error


def make_backup(parts: Parts, directory: Path, progress: Progress) -> tuple[Path, Manifest]:
    """Write a snapshot below `directory`, verify it, and return its folder.

    Raises `BadBackupError` if what was written does not read back, `StorageError`.
    """
    made_at = parts.clock.now().astimezone(UTC)
    name = f"{made_at:%Y-%m-%dT%H%M%SZ}"
    partial = directory / f".{name}.partial"
    if partial.exists():
        shutil.rmtree(partial)  # cut off before
    (partial / "database").mkdir(mode=0o700, parents=True)
    position = parts.journal.end
    with parts.database.snapshot() as connection:
        tables = dump(connection, partial / "database")
        audit = read_end(connection) or ChainEnd(0, NOTHING_BEFORE)
    objects = _copy_objects(parts.store, ObjectStore(directory / "objects"), progress)
    for path in _home_files(parts.home):
        _copy(path, partial / "home" / path.relative_to(parts.home))
    for path in sorted(parts.journal_directory.glob("journal-*.jsonl")):
        _copy(path, partial / "journal" / path.name)
    revision = parts.database.schema_revision()
    registry_id = find_registry_id(parts.database)
    assert revision is not None
    assert registry_id is not None
    files = {
        str(path.relative_to(partial)): _digest(path)
        for path in sorted(partial.rglob("*"))
        if path.is_file()
    }
    manifest = Manifest(made_at, registry_id, revision, position, audit, tables, files, objects)
    encoded = manifest.encode()
    write_atomically(partial / MANIFEST, encoded, mode=0o600)
    write_atomically(partial / f"{MANIFEST}.sha256", _checksum(encoded), mode=0o600)
    check_backup(partial, directory / "objects", None)  # each object was when it was copied
    partial.rename(directory / name)
    fsync_directory(directory)
    return directory / name, manifest


def check_backup(snapshot: Path, object_directory: Path, progress: Progress | None) -> Manifest:
    """Verify a snapshot: each file's digest, each table, journal and audit chain, each object.

    Without `progress` the objects are left out. Raises `BadBackupError`.
    """
    manifest = read_manifest(snapshot)
    for name, digest in manifest.files.items():
        path = snapshot / name
        if not path.is_file() or _digest(path) != digest:
            raise bad_backup(name)
    for table in manifest.tables:
        if table.name == "audit_events":
            _check_audit(manifest, table, snapshot / "database")
        elif table.name == "revisions":
            _check_revisions(manifest, table, snapshot / "database")
        else:
            for _ in read_rows(table, snapshot / "database"):
                pass
    _check_journal(manifest, snapshot / "journal")
    store = ObjectStore(object_directory)
    for sha256 in () if progress is None else progress(manifest.objects):
        try:
            store.get(sha256)
        except DamagedObjectError as error:
            raise bad_backup(f"objects/{sha256}") from error
    return manifest


def read_manifest(snapshot: Path) -> Manifest:
    """Return a snapshot's manifest, checked against its digest. Raises `BadBackupError`."""
    try:
        data = (snapshot / MANIFEST).read_bytes()
        told = (snapshot / f"{MANIFEST}.sha256").read_bytes()
    except OSError as error:
        raise bad_backup(MANIFEST) from error
    if _checksum(data) != told:
        raise bad_backup(MANIFEST)
    return Manifest.parse(data)


def _checksum(manifest: bytes) -> bytes:
    """Return what `sha256sum --check` reads."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def _check_audit(manifest: Manifest, table: TableDump, directory: Path) -> None:
    """The chain of events must lead to the end that was read with them."""
    sequence, previous = 0, NOTHING_BEFORE
    for row in read_rows(table, directory):
        event = AuditEvent(**row)  # type: ignore[arg-type]  # the columns are its fields
        if event.sequence != sequence + 1 or not event.follows(previous):
            raise bad_backup(f"audit event {sequence + 1}")
        sequence, previous = event.sequence, event.hash
    if ChainEnd(sequence, previous) != manifest.audit:
        raise bad_backup(f"audit event {manifest.audit.sequence}")


def _check_revisions(manifest: Manifest, table: TableDump, directory: Path) -> None:
    """Of every registered document the longest revision must be among the objects."""
    longest = {}
    for row in read_rows(table, directory):
        longest[row["identifier"]] = row["sha256"]
    for sha256 in set(longest.values()) - set(manifest.objects):
        raise bad_backup(f"objects/{sha256}")


def _check_journal(manifest: Manifest, directory: Path) -> None:
    try:
        journal = Journal(directory, SystemClock())
        holds = journal.registry_id == manifest.registry_id and journal.contains(manifest.journal)
    except JournalError as error:
        raise bad_backup("journal") from error
    if not holds:
        raise bad_backup("journal")


def _home_files(home: Path) -> Iterator[Path]:
    """The settings and the key files, which stay encrypted."""
    yield home / "xinyin.toml"
    for folder in ("keys", "root-keys"):
        yield from sorted((home / folder).rglob("*.pem"))


def _copy_objects(source: ObjectStore, target: ObjectStore, progress: Progress) -> list[Sha256]:
    objects = source.list_objects()
    for sha256 in progress(objects):
        if not target.path(sha256).exists():
            target.put(source.get(sha256))
    return objects


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(target, source.read_bytes(), mode=0o600)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def bad_backup(what: str) -> BadBackupError:
    return BadBackupError(
        f"备份中的“{what}”缺失或已损坏。请使用另一份备份。",
        f"“{what}” of the backup is missing or damaged. Use another backup.",
        what=what,
    )
