"""Backups: a snapshot folder each, beside the objects that all of them share.

    DIRECTORY/objects/…                      documents and photos by digest; they never change
    DIRECTORY/<time>/manifest.json           what belongs to it, each file with its digest
    DIRECTORY/<time>/database|home|journal/  tables, settings and key files, the journal

What is as it was in the snapshot before is the same file, by a hard link where the file system has
them: a further snapshot takes the room of what changed. Each is whole by itself.

It costs what changed, and one reading of the tables in the database: files that the snapshot before
had are neither written nor read again, the audit's chain and the journal are gone along from where
that one ended, and new documents alone are looked at. Once a week, and where asked, everything is
read back. A restore checks everything in any case.

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
from registry.backup.base import Base, find_base, follows
from registry.backup.check import Progress, check_backup, digest_of
from registry.backup.dump import BadBackupError, dump, link_to
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


def make_backup(
    parts: Parts, directory: Path, progress: Progress, *, full: bool = False
) -> tuple[Path, Manifest]:
    """Write a snapshot below `directory`, verify it, and return its folder.

    One at a time for a directory. With `full` nothing of an earlier one is relied on. Raises
    `BadBackupError` if what was written does not read back, `DamagedDatabaseError`, `StorageError`.
    """
    try:
        with locked(directory / ".lock"):
            for left in directory.glob(f".*{_PARTIAL}"):
                shutil.rmtree(left)  # cut off before
            made_at = parts.clock.now().astimezone(UTC)
            snapshot = _unused(directory, made_at)
            partial = directory / f".{snapshot.name}{_PARTIAL}"
            partial.mkdir(mode=0o700)
            base = None if full else find_base(directory, parts.journal, made_at)
            manifest, shared = _write(parts, partial, made_at, base, progress)
            # Each object was as it was copied.
            check_backup(partial, directory / "objects", None, base=base, shared=shared)
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


def _write(
    parts: Parts, partial: Path, made_at: datetime, base: Base | None, progress: Progress
) -> tuple[Manifest, frozenset[str]]:
    """Write a snapshot; return which of its files were not even read, too."""
    (partial / "database").mkdir(mode=0o700)
    position = parts.journal.end
    revision = parts.database.schema_revision()
    registry_id = find_registry_id(parts.database)
    assert revision is not None
    assert registry_id is not None
    with parts.database.snapshot() as connection:
        if base is None:
            check_whole(connection)
        elif base.manifest.revision != revision or not follows(connection, base.manifest.audit):
            base = None
        dumped = dump(connection, partial / "database", None if base is None else base.tables)
        audit = read_end(connection) or ChainEnd(0, NOTHING_BEFORE)
    known = frozenset[Sha256]() if base is None else frozenset(base.manifest.objects)
    objects = _copy_objects(parts.store, FileStore(partial.parent / "objects"), known, progress)
    for path in _home_files(parts.home):
        _copy(path, partial / "home" / path.relative_to(parts.home))
    shared = {f"database/{name}": f"database/{old}" for name, old in dumped.shared.items()}
    shared |= _copy_journal(parts.journal_directory, partial / "journal", base)
    files = {
        name: base.manifest.files[shared[name]]
        if base is not None and name in shared
        else digest_of(path)
        for path in sorted(partial.rglob("*"))
        if path.is_file() and (name := str(path.relative_to(partial)))
    }
    _share(partial, {name: digest for name, digest in files.items() if name not in shared})
    whole_at = made_at if base is None else base.manifest.whole_at
    manifest = Manifest(
        made_at, registry_id, revision, position, audit, dumped.tables, files, objects, whole_at
    )
    encoded = manifest.encode()
    write_atomically(partial / MANIFEST, encoded, mode=0o600)
    write_atomically(partial / CHECKSUM, checksum_of(encoded), mode=0o600)
    return manifest, frozenset(shared)


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


def _copy_objects(
    source: ObjectStore, target: FileStore, known: frozenset[Sha256], progress: Progress
) -> list[Sha256]:
    """Copy what is not there yet, and read it back; what an earlier snapshot has is listed alone.

    It may be gone since: who deletes older backups deletes the objects beside them.
    """
    objects = source.list_objects()
    there = known.intersection(target.list_objects()) if known else known
    for sha256 in progress([one for one in objects if one not in there]):
        if not target.path(sha256).exists():
            target.put(source.get(sha256))
            target.get(sha256)
    return objects


def _copy_journal(source: Path, target: Path, base: Base | None) -> dict[str, str]:
    """Copy the journal's files; return those that are the snapshot's before: all but its last."""
    shared: dict[str, str] = {}
    known = (
        [] if base is None else [one for one in base.manifest.files if one.startswith("journal/")]
    )
    ended = set(sorted(known)[:-1])
    for path in sorted(source.glob("journal-*.jsonl")):
        name = f"journal/{path.name}"
        make_private_directory(target)
        if base is not None and name in ended and link_to(base.snapshot / name, target / path.name):
            shared[name] = name
        else:
            _copy(path, target / path.name)
    return shared


def _copy(source: Path, target: Path) -> None:
    make_private_directory(target.parent)
    write_atomically(target, source.read_bytes(), mode=0o600)
