"""Restoring a snapshot onto an empty machine, and merging what happened after it was taken."""

import hashlib
import shutil
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from core.clock import Clock
from core.errors import UsageError
from core.files import make_private_directory, write_atomically
from core.ids import LicenceIdentifier, Sha256
from core.settings import FILE_NAME, RESTORING, parse_settings, refuse_half_restored, to_toml
from registry.audit.chain import RESTORED, RESTORER, NewEvent, append
from registry.backup import messages
from registry.backup.check import Progress, check_backup
from registry.backup.dump import BadBackupError, load, refuse_newer, refuse_unless_empty
from registry.backup.licences import void_pending
from registry.backup.manifest import Manifest, bad_backup, read_manifest
from registry.backup.merging import Merged, Merger
from registry.db.counters import jump, take
from registry.db.database import Database
from registry.db.tables import issuers
from registry.erasure.sweep import sweep
from registry.facts.code_index import known_index
from registry.facts.journal_line import forget_line
from registry.facts.loss import note_loss
from registry.granting.journalled import journal_voided
from registry.journal.journal import Journal, JournalKind
from registry.licences.search_index import rebuild
from registry.objects.files import FileStore
from registry.objects.store import DamagedObjectError, ObjectStore

CRL_GAP = 100
"""By how much CRL numbers jump at every restore: more CRLs than are signed between two marks."""
_SETTINGS = f"home/{FILE_NAME}"


@dataclass(frozen=True, slots=True)
class Target:
    """Target of a restore."""

    home: Path
    database: Database
    store: ObjectStore
    journal_directory: Path
    clock: Clock
    settings: bytes
    """What `xinyin.toml` will hold. It is written last: without it, a home does not open."""
    make_code_keys: Callable[[], None]
    """Makes keys of holders' codes, for a register that had none at the backup."""


def settings_of(snapshot: Path, database_url: str | None) -> bytes:
    """Return a snapshot's settings file, with another database if asked.

    Raises `BadBackupError` unless it is what was written.
    """
    manifest = read_manifest(snapshot)
    try:
        written = (snapshot / _SETTINGS).read_bytes()
    except OSError as error:
        raise bad_backup(_SETTINGS) from error
    if hashlib.sha256(written).hexdigest() != manifest.files.get(_SETTINGS):
        raise bad_backup(_SETTINGS)
    if database_url is None:
        return written
    settings = parse_settings(tomllib.loads(written.decode()), _SETTINGS)
    database = settings.database.model_copy(update={"url": database_url})
    return to_toml(settings.model_copy(update={"database": database}))


def restore(
    snapshot: Path,
    target: Target,
    *,
    live_journal: Path | None,
    crls: Sequence[bytes],
    progress: Progress,
) -> Merged:
    """Make a home of a snapshot, and merge what came after it; nothing opens it before the end.

    `live_journal` is the journal that outlived the database; without it the register is marked as
    one that may lack something (`registry.facts.loss`), and so with one that ends where the
    backup's own copy does: every backup leaves an entry in the one that lives on. `crls` are
    published CRLs (DER), the newest that can be had. Raises `BadBackupError` for a snapshot,
    journal or CRL that does not hold, and `UsageError` unless the home is empty.
    """
    manifest = check_backup(snapshot, snapshot.parent / "objects", None)
    refuse_newer(manifest.revision)
    _refuse_unless_empty(target.home)
    source = _choose_journal(snapshot, target, manifest, live_journal)
    since, own = (
        sum(1 for _ in Journal(place, target.clock).read(after=manifest.journal.sequence))
        for place in (source, snapshot / "journal")
    )
    complete = live_journal is not None and since > own
    if not target.database.is_missing:
        with target.database.reading() as connection:
            refuse_unless_empty(connection, manifest.tables)
    write_atomically(target.home / RESTORING, b"", mode=0o600)
    journal = _bring_journal(source, target)
    _restore_keys(snapshot, target.home, manifest)
    objects = FileStore(snapshot.parent / "objects")
    for sha256 in progress(manifest.objects):
        target.store.put(_checked(objects, sha256))
    load(target.database, manifest.revision, manifest.tables, snapshot / "database")
    with target.database.reading() as connection:
        had_code_keys = known_index(connection) is not None
    if not had_code_keys:  # of before: what was erased since leaves tokens, as it did then
        target.make_code_keys()
    rebuild(target.database)  # the index of the search is in no backup
    with target.database.writing() as connection:
        forget_line(connection)
        merger = Merger(connection, journal_complete=complete)
        now = target.clock.now()
        events = void_pending(connection, now)
        merger.merged.voided = len(events)
        journal_voided(connection, journal, [LicenceIdentifier(one.subject) for one in events])
        merger.merge_journal(journal)
        for crl in crls:
            merger.merge_crl(crl)
        merger.journal_statuses(journal)
        jump(connection, gap=CRL_GAP, prefix="crl:")
        _make_crls_due(connection)
        if not merger.merged.journal_complete:
            note_loss(connection, manifest.made_at)
        event = _restored(now, manifest, merger.merged)
        ended = [
            *merger.merge_lives(now),
            *merger.merge_desk(now, manifest.made_at),
            *merger.merge_erasures(now),
        ]
        made = [event, *events, *merger.events(now), *ended]
        end = append(connection, made)
        journal.append(
            JournalKind.RESTORED,
            {
                "backup_made_at": manifest.made_at.isoformat(),
                "from": manifest.journal.sequence,
                "end": end.sequence,
                "hash": end.hash,
            },
        )
    sweep(target.database, target.store, journal)
    write_atomically(target.home / FILE_NAME, target.settings, mode=0o600)
    (target.home / RESTORING).unlink()
    return merger.merged


def _refuse_unless_empty(home: Path) -> None:
    refuse_half_restored(home)
    make_private_directory(home)
    if any(home.iterdir()):
        raise UsageError(messages.target_directory_not_empty(home))


def _restore_keys(snapshot: Path, home: Path, manifest: Manifest) -> None:
    """Put the key files in their places."""
    for name in manifest.files:
        path = Path(name)
        if path.parts[0] == "home" and path.name != FILE_NAME:
            target = home / path.relative_to("home")
            make_private_directory(target.parent)
            write_atomically(target, (snapshot / path).read_bytes(), mode=0o600)


def _make_crls_due(connection: Connection) -> None:
    """Count as if each shard had a revocation since its last CRL: the next is signed at once."""
    for issuer in connection.execute(select(issuers.c.issuer, issuers.c.crl_shards)).all():
        for shard in range(issuer.crl_shards):
            take(connection, f"revocations:{issuer.issuer}:{shard}")
    take(connection, "revocations")


def _restored(at: datetime, manifest: Manifest, merged: Merged) -> NewEvent:
    return NewEvent(
        at=at,
        actor=RESTORER,
        action=RESTORED,
        subject="register",
        after={
            "backup_made_at": manifest.made_at.isoformat(),
            "journal_complete": merged.journal_complete,
            "revoked": len(merged.revoked),
            "released": len(merged.released),
            "licences": len(merged.licences),
            "voided": merged.voided,
            "erased": len(merged.erased),
            "counters": merged.counters,
        },
    )


def _choose_journal(snapshot: Path, target: Target, manifest: Manifest, live: Path | None) -> Path:
    """Return the directory of the journal to go on with: the live one, else the snapshot's copy."""
    directory, own = target.journal_directory, snapshot / "journal"
    source = live or own
    if live is not None and live.resolve() == own.resolve():
        raise UsageError(messages.JOURNAL_IS_BACKUP_COPY)
    found = Journal(source, target.clock)
    if found.registry_id != manifest.registry_id or not found.contains(manifest.journal):
        raise BadBackupError(messages.journal_discontinuous_with_backup(source))
    if source.resolve() != directory.resolve() and any(directory.glob("journal-*.jsonl")):
        raise UsageError(messages.journal_already_present(directory))
    return source


def _bring_journal(source: Path, target: Target) -> Journal:
    """Put the journal in its place."""
    directory = target.journal_directory
    if source.resolve() != directory.resolve():
        make_private_directory(directory)
        for path in sorted(source.glob("journal-*.jsonl")):
            shutil.copyfile(path, directory / path.name)
            (directory / path.name).chmod(0o600)
    return Journal(directory, target.clock)


def _checked(source: ObjectStore, sha256: Sha256) -> bytes:
    try:
        return source.get(sha256)
    except DamagedObjectError as error:
        raise bad_backup(f"objects/{sha256}") from error
