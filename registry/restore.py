"""Restoring a snapshot onto an empty machine, and merging what happened after it was taken."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from core.clock import Clock
from core.errors import UsageError
from core.files import write_atomically
from core.ids import Sha256
from registry import audit
from registry.audit import Actor
from registry.audit_chain import RESTORED
from registry.backup import Manifest, Progress, bad_backup, check_backup
from registry.counters import jump, take
from registry.database import Database
from registry.dump import BadBackupError, load
from registry.journal import Journal, JournalKind
from registry.loss import note_loss
from registry.merging import Merged, merge_crl, merge_journal
from registry.store import DamagedObjectError, ObjectStore
from registry.tables import issuers

CRL_GAP = 100
"""By how much CRL numbers jump at every restore: more CRLs than are signed between two marks."""
_ACTOR = Actor("restore")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to."""

    home: Path
    database: Database
    store: ObjectStore
    journal_directory: Path
    clock: Clock


def restore_files(snapshot: Path, home: Path, manifest: Manifest) -> None:
    """Put settings and keys into an empty home. Raises `UsageError` if something is there."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(home.iterdir()):
        raise UsageError(
            f"“{home}”不是空目录，未作改动。请恢复到新的目录。",
            f"“{home}” is not empty; nothing was changed. Restore into a new directory.",
        )
    for name in manifest.files:
        if name.startswith("home/"):
            target = home / Path(name).relative_to("home")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(target, (snapshot / name).read_bytes(), mode=0o600)


def restore(
    snapshot: Path,
    target: Target,
    *,
    live_journal: Path | None,
    crls: Sequence[bytes],
    progress: Progress,
) -> Merged:
    """Fill an empty database, store and journal from a snapshot, and merge what came after it.

    `live_journal` is the journal that outlived the database; without it the register is marked as
    one that may lack something (`registry.loss`). `crls` are published CRLs (DER), the newest that
    can be had. Raises `BadBackupError` for a snapshot, journal or CRL that does not hold.
    """
    manifest = check_backup(snapshot, snapshot.parent / "objects", None)
    journal = _bring_journal(snapshot, target, manifest, live_journal)
    source = ObjectStore(snapshot.parent / "objects")
    for sha256 in progress(manifest.objects):
        target.store.put(_checked(source, sha256))
    load(target.database, manifest.revision, manifest.tables, snapshot / "database")
    merged = Merged(journal_complete=live_journal is not None)
    with target.database.writing() as connection:
        merge_journal(connection, journal, merged)
        for crl in crls:
            merge_crl(connection, crl, merged)
        jump(connection, gap=CRL_GAP, prefix="crl:")
        for issuer in connection.execute(select(issuers.c.issuer, issuers.c.crl_shards)).all():
            for shard in range(issuer.crl_shards):
                # Grown since its last CRL, so that the next one is due at once.
                take(connection, f"revocations:{issuer.issuer}:{shard}")
        take(connection, "revocations")
        if live_journal is None:
            note_loss(connection, manifest.made_at)
        audit.record(
            connection,
            at=target.clock.now(),
            actor=_ACTOR,
            action=RESTORED,
            subject="register",
            after={
                "backup_made_at": manifest.made_at.isoformat(),
                "journal_complete": merged.journal_complete,
                "revoked": len(merged.revoked),
                "counters": merged.counters,
            },
        )
        journal.append(
            JournalKind.RESTORED,
            {"backup_made_at": manifest.made_at.isoformat(), "from": manifest.journal.sequence},
        )
    return merged


def _bring_journal(
    snapshot: Path, target: Target, manifest: Manifest, live: Path | None
) -> Journal:
    """Put the journal in its place: the live one, else the snapshot's copy."""
    directory = target.journal_directory
    source = live or snapshot / "journal"
    found = Journal(source, target.clock)
    if found.registry_id != manifest.registry_id or not found.contains(manifest.journal):
        raise BadBackupError(
            f"“{source}”中的日志不是此备份之后的日志，未作改动。",
            f"The journal in “{source}” does not go on from this backup; nothing was changed.",
        )
    if source.resolve() != directory.resolve():
        if any(directory.glob("journal-*.jsonl")):
            raise UsageError(
                f"“{directory}”中已有日志，未作改动。请用 --journal 指明它，或将其移开。",
                f"There is a journal in “{directory}”; nothing was changed. Name it with "
                "--journal, or move it away.",
            )
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(source.glob("journal-*.jsonl")):
            shutil.copyfile(path, directory / path.name)
            (directory / path.name).chmod(0o600)
    return Journal(directory, target.clock)


def _checked(source: ObjectStore, sha256: Sha256) -> bytes:
    try:
        return source.get(sha256)
    except DamagedObjectError as error:
        raise bad_backup(f"objects/{sha256}") from error
