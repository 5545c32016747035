"""Verifying a backup: each file, each table, the audit's chain, the journal, each document."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from core.clock import SystemClock
from core.ids import Sha256
from registry.audit.chain import NOTHING_BEFORE, AuditEvent, ChainEnd
from registry.backup.base import Base, goes_through
from registry.backup.dump import APPENDED, TableDump, last_row, read_rows
from registry.backup.manifest import CHECKSUM, MANIFEST, Manifest, bad_backup, read_manifest
from registry.journal.journal import Journal, JournalError
from registry.objects.files import FileStore
from registry.objects.store import DamagedObjectError

Progress = Callable[[list[Sha256]], Iterable[Sha256]]


def check_backup(
    snapshot: Path,
    object_directory: Path,
    progress: Progress | None,
    *,
    base: Base | None = None,
    shared: frozenset[str] = frozenset(),
) -> Manifest:
    """Verify a snapshot: each file's digest, each table, journal and audit chain, each object.

    Without `progress` the objects are left out. `shared` are files that are those of `base`: they
    were verified with it, and what goes on from them is alone looked at. Raises `BadBackupError`.
    """
    manifest = read_manifest(snapshot)
    _check_files(manifest, snapshot, shared)
    check = _TableCheck(manifest, snapshot / "database", base, shared)
    for table in manifest.tables:  # licences come before their revisions
        check.check(table)
    _check_journal(manifest, snapshot / "journal", base if shared else None)
    store = FileStore(object_directory)
    for sha256 in () if progress is None else progress(manifest.objects):
        try:
            store.get(sha256)
        except DamagedObjectError as error:
            raise bad_backup(f"objects/{sha256}") from error
    return manifest


def _check_files(manifest: Manifest, snapshot: Path, shared: frozenset[str]) -> None:
    for name, digest in manifest.files.items():
        path = snapshot / name
        if not path.is_file() or (name not in shared and digest_of(path) != digest):
            raise bad_backup(name)
    for path in sorted(snapshot.rglob("*")):
        name = path.relative_to(snapshot).as_posix()
        if not path.is_dir() and name not in {*manifest.files, MANIFEST, CHECKSUM}:
            raise bad_backup(name)


class _TableCheck:
    """Reads the tables of a snapshot, in the order to load them."""

    def __init__(
        self, manifest: Manifest, directory: Path, base: Base | None, shared: frozenset[str]
    ) -> None:
        self._manifest, self._directory, self._base = manifest, directory, base
        self._shared = {name.removeprefix("database/") for name in shared}
        self._tables = {one.name: one for one in manifest.tables}

    def check(self, table: TableDump) -> None:
        """Read a table; what must hold in it beside its form does."""
        if table.name == APPENDED:
            self._check_audit(table)
        elif table.name == "revisions":
            self._check_revisions(table)
        elif table.name != "licences" or "revisions" not in self._tables:  # read together
            for _ in read_rows(table, self._directory, self._shared):
                pass

    def _check_audit(self, table: TableDump) -> None:
        """The chain of events must lead to the end that was read with them, through the base's."""
        kept = [name for name in table.files if name in self._shared]
        sequence, previous = 0, NOTHING_BEFORE
        wanted = [] if self._base is None else [self._base.manifest.audit]
        if kept:
            if kept != table.files[: len(kept)]:
                raise bad_backup(table.name)
            last = _event(last_row(table, self._directory / kept[-1]))
            sequence, previous = last.sequence, last.hash
        passed = {ChainEnd(sequence, previous)}
        for row in read_rows(table, self._directory, self._shared):
            event = _event(row)
            if event.sequence != sequence + 1 or not event.follows(previous):
                raise bad_backup(f"audit event {sequence + 1}")
            sequence, previous = event.sequence, event.hash
            if sequence in {one.sequence for one in wanted}:
                passed.add(ChainEnd(sequence, previous))
        if kept and not passed.issuperset(wanted):
            raise bad_backup(f"audit event {wanted[0].sequence}")
        if ChainEnd(sequence, previous) != self._manifest.audit:
            raise bad_backup(f"audit event {self._manifest.audit.sequence}")

    def _check_revisions(self, table: TableDump) -> None:
        """Of every registered document that was not erased the longest revision must be among the
        objects.

        What is as it was in the base holds while none of its objects is gone; where one is, or
        what changed tells too little by itself, everything is read.
        """
        objects, base = set(self._manifest.objects), self._base
        if (
            base is not None
            and self._shared
            and objects.issuperset(base.manifest.objects)
            and not self._missing(table, objects, self._shared)
        ):
            return
        for sha256 in self._missing(table, objects, ()):
            raise bad_backup(f"objects/{sha256}")

    def _missing(
        self, table: TableDump, objects: set[Sha256], passed_over: Collection[str]
    ) -> set[object]:
        """Return the longest revisions that are not there, as far as these files tell."""
        erased = {
            row["identifier"]
            for row in read_rows(self._tables["licences"], self._directory, passed_over)
            if row.get("erased_at") is not None
        }
        longest = {}
        for row in read_rows(table, self._directory, passed_over):
            if row["identifier"] not in erased:
                longest[row["identifier"]] = row["sha256"]
        return set(longest.values()) - objects


def _event(row: dict[str, object]) -> AuditEvent:
    return AuditEvent(**row)  # type: ignore[arg-type]  # the columns are its fields


def _check_journal(manifest: Manifest, directory: Path, base: Base | None) -> None:
    """The journal must be whole, from where the base's ended where there is one."""
    try:
        journal = Journal(directory, SystemClock())
        holds = journal.registry_id == manifest.registry_id and (
            journal.contains(manifest.journal)
            if base is None
            else goes_through(journal, base.manifest.journal, manifest.journal)
        )
    except JournalError as error:
        raise bad_backup("journal") from error
    if not holds:
        raise bad_backup("journal")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
