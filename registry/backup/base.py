"""The snapshot that another one rests on: what it has is not read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from registry.audit.chain import ChainEnd
from registry.backup.dump import BadBackupError, Earlier
from registry.backup.manifest import Manifest, newest_below, read_manifest
from registry.db.tables import audit_events
from registry.journal.journal import Journal
from registry.journal.position import Position

WHOLE_EVERY = timedelta(days=7)
"""After so long a snapshot rests on no other, and everything is read back."""


@dataclass(frozen=True, slots=True)
class Base:
    """A snapshot that was verified when it was made, or rests on one that was."""

    snapshot: Path
    manifest: Manifest

    @property
    def tables(self) -> Earlier:
        """Its tables and where they are."""
        tables = {one.name: one for one in self.manifest.tables if one.spans}
        return Earlier(self.snapshot / "database", tables)


def find_base(directory: Path, journal: Journal, now: datetime) -> Base | None:
    """Return the newest snapshot below a directory, if another may rest on it.

    Not where it cannot be read, is of another register or of a journal that does not go on from it,
    was made by a version that did not say what its files hold, or where everything was looked at
    too long ago, or later than now. Raises `JournalError`.
    """
    snapshot = newest_below(directory)
    if snapshot is None:
        return None
    try:
        manifest = read_manifest(snapshot)
    except BadBackupError:
        return None
    whole_at = manifest.whole_at
    if whole_at is None or not timedelta(0) <= now - whole_at < WHOLE_EVERY:
        return None
    if manifest.registry_id != journal.registry_id or not goes_through(journal, manifest.journal):
        return None
    return Base(snapshot, manifest)


def follows(connection: Connection, end: ChainEnd) -> bool:
    """Tell whether the audit's chain goes through where it ended before."""
    query = select(audit_events.c.hash).where(audit_events.c.sequence == end.sequence)
    found = connection.execute(query).scalar_one_or_none()
    return found == end.hash or end.sequence == 0


def goes_through(journal: Journal, *places: Position) -> bool:
    """Tell whether a journal goes through places, the first of them first, and holds from there to
    its end. Raises `JournalError`.
    """
    first = min(one.sequence for one in places)
    found = {one.position for one in journal.read(after=first - 1) if one.position in places}
    return found == set(places)
