"""Removal of the files of what was erased: each that nothing else on record names."""

import re

from sqlalchemy import Connection, null, or_, select, update

from core.ids import Sha256
from registry.db.database import Database
from registry.db.tables import accessions, licences, revisions
from registry.journal.journal import Journal, JournalKind
from registry.objects.store import LockedObjectError, ObjectStore
from registry.revisions.record import LISTED

_AT_ONCE = 100
_DIGEST = re.compile("[0-9a-f]{64}")


def sweep(database: Database, store: ObjectStore, journal: Journal) -> int:
    """Remove what is left of erased licences; return how many licences were finished.

    With the files on record those of which the journal alone knows: who grants, countersigns or
    renews writes a file's digest there before the file, and may be cut off before it is registered.

    Cut off, it begins again with the same files: one that is gone is passed over. A file is removed
    before its mark goes; what the store's lock holds keeps its mark, for a later sweep. Raises
    `StorageError`, `DatabaseBusyError`, `JournalError`.
    """
    done = 0
    for table, key in ((licences, licences.c.identifier), (accessions, accessions.c.accession_id)):
        with database.reading() as connection:
            # Sorted here: SQLite would go along the keys of all, not the index of the marked.
            query = select(key).where(table.c.erased_objects.is_not(None))
            marked = sorted(connection.execute(query).scalars())
        written = _journalled(journal, set(marked)) if table is licences and marked else {}
        for start in range(0, len(marked), _AT_ONCE):
            some = marked[start : start + _AT_ONCE]
            with database.writing() as connection:
                rows = connection.execute(
                    select(key.label("its"), table.c.erased_objects)
                    .where(table.c.erased_objects.is_not(None), key.in_(some))
                    .order_by(key)
                    .with_for_update()
                ).all()
                for row in rows:
                    listed = {*(row.erased_objects or ()), *written.get(row.its, ())}
                    held = [
                        one
                        for one in sorted(listed)
                        if not _is_needed(connection, one) and not _erased(store, Sha256(one))
                    ]
                    connection.execute(
                        update(table).where(key == row.its).values(erased_objects=held or null())
                    )
                    done += not held
    return done


def _journalled(journal: Journal, marked: set[str]) -> dict[str, set[str]]:
    """Return the digests of files that were about to be registered, by their licences.

    Read after the mark, behind which none is written any more.
    """
    found: dict[str, set[str]] = {}
    for entry in journal.read():
        if entry.kind is JournalKind.DOCUMENT and str(entry.facts.get("identifier")) in marked:
            listed = str(entry.facts.get(LISTED, "")).split()
            digests = {one.rpartition("/")[2] for one in listed}
            found.setdefault(str(entry.facts["identifier"]), set()).update(
                one for one in digests if _DIGEST.fullmatch(one)
            )
    return found


def _erased(store: ObjectStore, sha256: Sha256) -> bool:
    """Remove a file; tell whether it is gone, or held by the store's lock."""
    try:
        store.erase(sha256)
    except LockedObjectError:
        return False
    return True


def _is_needed(connection: Connection, sha256: str) -> bool:
    """Tell whether something that was not erased has the very same bytes."""
    column = licences.c
    queries = (
        select(column.identifier).where(column.photo_sha256 == sha256),
        select(column.identifier)
        .join(revisions, revisions.c.identifier == column.identifier)
        .where(revisions.c.sha256 == sha256, column.erased_at.is_(None)),
        select(accessions.c.accession_id).where(
            or_(
                accessions.c.file_sha256 == sha256,
                accessions.c.document_sha256 == sha256,
                accessions.c.handed_out_sha256 == sha256,
            ),
            accessions.c.erased_at.is_(None),
        ),
    )
    return any(connection.execute(query.limit(1)).first() for query in queries)
