"""Backups: a snapshot folder each, beside the objects that all of them share.

    DIRECTORY/objects/…                      documents and photos by digest; they never change
    DIRECTORY/<time>/manifest.json           what belongs to it, each file with its digest
    DIRECTORY/<time>/database|home|journal/  tables, settings and key files, the journal

What is as it was in the snapshot before is the same file, by a hard link where the file system has
them: a further snapshot takes the room of what changed. Each is whole by itself.

Consistent while the service runs: the journal's place is read before the database's snapshot is
opened, objects and the journal itself are copied after it, so that they know more, never less. A
snapshot is written under another name and verified before it gets its own.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.clock import Clock
from core.errors import StorageError
from core.files import fsync_directory, locked, make_private_directory, write_atomically
from core.ids import Sha256
from core.os_errors import cause_zh, remedy
from registry.audit.chain import NOTHING_BEFORE, ChainEnd, read_end
from registry.backup import messages
from registry.backup.check import Progress, check_backup, digest_of
from registry.backup.dump import BadBackupError, dump
from registry.backup.manifest import (
    CHECKSUM,
    KEPT,
    KEPT_FILES,
    MANIFEST,
    Manifest,
    checksum_of,
    newest_below,
    read_manifest,
)
from registry.db.database import Database, check_whole
from registry.facts.register_id import find_registry_id
from registry.journal.journal import Journal, JournalKind
from registry.objects.files import FileStore
from registry.objects.store import ObjectStore

_PARTIAL = ".partial"
_LAST = "last-backup"
"""File beside the journal: when the last backup was made, for whoever watches the service."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a home that are backed up."""

    home: Path
    database: Database
    store: ObjectStore
    journal: Journal
    journal_directory: Path
    clock: Clock


def make_backup(parts: Parts, directory: Path, progress: Progress) -> tuple[Path, Manifest]:
    """Write a snapshot below `directory`, verify it, and return its folder.

    One at a time for a directory. Raises `BadBackupError` if what was written does not read back,
    `DamagedDatabaseError`, `StorageError`.
    """
    try:
        with locked(directory / ".lock"):
            for left in directory.glob(f".*{_PARTIAL}"):
                shutil.rmtree(left)  # cut off before
            made_at = parts.clock.now().astimezone(UTC)
            snapshot = _unused(directory, made_at)
            partial = directory / f".{snapshot.name}{_PARTIAL}"
            partial.mkdir(mode=0o700)
            manifest = _write(parts, partial, made_at, progress)
            check_backup(partial, directory / "objects", None)  # each object was as it was copied
            partial.rename(snapshot)
            fsync_directory(directory)
            made = made_at.isoformat(timespec="seconds").encode()
            write_atomically(parts.journal_directory / _LAST, made, mode=0o600)
            # From here on a copy from the backup can be told from the journal that lives on.
            parts.journal.append(JournalKind.BACKED_UP, {"backup_made_at": made_at.isoformat()})
    except OSError as error:
        raise StorageError(
            messages.backup_write_failed(
                directory=directory,
                cause_zh=cause_zh(error),
                remedy=remedy(error),
                strerror=error.strerror,
            ),
        ) from error
    return snapshot, manifest


def last_backup(journal_directory: Path) -> datetime | None:
    """Return when the last backup was made, None where none is on record."""
    try:
        return datetime.fromisoformat((journal_directory / _LAST).read_text("ascii").strip())
    except (OSError, ValueError):
        return None


def _unused(directory: Path, made_at: datetime) -> Path:
    """Return the path of a snapshot of this second, also if there is one already."""
    name, count = f"{made_at:%Y-%m-%dT%H%M%SZ}", 1
    while (directory / (name if count == 1 else f"{name}-{count}")).exists():
        count += 1
    return directory / (name if count == 1 else f"{name}-{count}")


def _write(parts: Parts, partial: Path, made_at: datetime, progress: Progress) -> Manifest:
    (partial / "database").mkdir(mode=0o700)
    position = parts.journal.end
    revision = parts.database.schema_revision()
    registry_id = find_registry_id(parts.database)
    assert revision is not None
    assert registry_id is not None
    with parts.database.snapshot() as connection:
        check_whole(connection)
        tables = dump(connection, partial / "database")
        audit = read_end(connection) or ChainEnd(0, NOTHING_BEFORE)
    objects = _copy_objects(parts.store, FileStore(partial.parent / "objects"), progress)
    for path in _home_files(parts.home):
        _copy(path, partial / "home" / path.relative_to(parts.home))
    for path in sorted(parts.journal_directory.glob("journal-*.jsonl")):
        _copy(path, partial / "journal" / path.name)
    files = {
        str(path.relative_to(partial)): digest_of(path)
        for path in sorted(partial.rglob("*"))
        if path.is_file()
    }
    _share(partial, files)
    manifest = Manifest(made_at, registry_id, revision, position, audit, tables, files, objects)
    encoded = manifest.encode()
    write_atomically(partial / MANIFEST, encoded, mode=0o600)
    write_atomically(partial / CHECKSUM, checksum_of(encoded), mode=0o600)
    return manifest


def _share(partial: Path, files: dict[str, str]) -> None:
    """Put links in the place of what the newest snapshot has too, read back first."""
    earlier = newest_below(partial.parent)
    try:
        known = {} if earlier is None else read_manifest(earlier).files
    except BadBackupError:
        return
    where = {digest: name for name, digest in known.items() if not name.startswith("home/")}
    for name, digest in files.items():
        if earlier is None or digest not in where:
            continue
        same, link = earlier / where[digest], partial / f"{name}.link"
        with suppress(OSError):  # no links here, too many of one file, or it is gone
            if digest_of(same) == digest:
                link.hardlink_to(same)
                link.replace(partial / name)


def _home_files(home: Path) -> Iterator[Path]:
    """The settings, key files, which stay encrypted, ceremonies' records, whom verifiers trust."""
    yield home / "xinyin.toml"
    yield from (path for name in KEPT_FILES if (path := home / name).is_file())
    for folder, pattern in KEPT.items():
        found = (home / folder).rglob(pattern)
        yield from (path for path in sorted(found) if path.is_file() and path.name[0] != ".")


def _copy_objects(source: ObjectStore, target: FileStore, progress: Progress) -> list[Sha256]:
    """Copy what is not there yet, and read it back."""
    objects = source.list_objects()
    for sha256 in progress(objects):
        if not target.path(sha256).exists():
            target.put(source.get(sha256))
            target.get(sha256)
    return objects


def _copy(source: Path, target: Path) -> None:
    make_private_directory(target.parent)
    write_atomically(target, source.read_bytes(), mode=0o600)
