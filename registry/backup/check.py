"""Verifying a backup: each file, each table, the audit's chain, the journal, each document."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from core.clock import SystemClock
from core.ids import Sha256
from registry.audit.chain import NOTHING_BEFORE, AuditEvent, ChainEnd
from registry.backup.dump import TableDump, read_rows
from registry.backup.manifest import CHECKSUM, MANIFEST, Manifest, bad_backup, read_manifest
from registry.journal.journal import Journal, JournalError
from registry.objects.files import FileStore
from registry.objects.store import DamagedObjectError

Progress = Callable[[list[Sha256]], Iterable[Sha256]]


def check_backup(snapshot: Path, object_directory: Path, progress: Progress | None) -> Manifest:
    """Verify a snapshot: each file's digest, each table, journal and audit chain, each object.

    Without `progress` the objects are left out. Raises `BadBackupError`.
    """
    manifest = read_manifest(snapshot)
    _check_files(manifest, snapshot)
    erased: set[object] = set()
    for table in manifest.tables:  # licences come before their revisions
        _check_table(manifest, table, snapshot / "database", erased)
    _check_journal(manifest, snapshot / "journal")
    store = FileStore(object_directory)
    for sha256 in () if progress is None else progress(manifest.objects):
        try:
            store.get(sha256)
        except DamagedObjectError as error:
            raise bad_backup(f"objects/{sha256}") from error
    return manifest


def _check_files(manifest: Manifest, snapshot: Path) -> None:
    for name, digest in manifest.files.items():
        path = snapshot / name
        if not path.is_file() or digest_of(path) != digest:
            raise bad_backup(name)
    for path in sorted(snapshot.rglob("*")):
        name = path.relative_to(snapshot).as_posix()
        if not path.is_dir() and name not in {*manifest.files, MANIFEST, CHECKSUM}:
            raise bad_backup(name)


def _check_table(
    manifest: Manifest, table: TableDump, directory: Path, erased: set[object]
) -> None:
    """Read a table; `erased`: the licences whose files were removed, as far as they were read."""
    if table.name == "audit_events":
        _check_audit(manifest, table, directory)
    elif table.name == "revisions":
        _check_revisions(manifest, table, directory, erased)
    else:
        for row in read_rows(table, directory):
            if table.name == "licences" and row.get("erased_at") is not None:
                erased.add(row["identifier"])


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


def _check_revisions(
    manifest: Manifest, table: TableDump, directory: Path, erased: set[object]
) -> None:
    """Of every registered document that was not erased the longest revision must be among the
    objects.
    """
    longest = {}
    for row in read_rows(table, directory):
        if row["identifier"] not in erased:
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


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
