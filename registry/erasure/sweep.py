"""Removal of the files of what was erased: each that nothing else on record names."""

from sqlalchemy import Connection, null, or_, select, update

from core.ids import Sha256
from registry.db.database import Database
from registry.db.tables import accessions, licences, revisions
from registry.objects.store import LockedObjectError, ObjectStore

_AT_ONCE = 100


def sweep(database: Database, store: ObjectStore) -> int:
    """Remove what is left of erased licences; return how many licences were finished.

    Cut off, it begins again with the same files: one that is gone is passed over. A file is removed
    before its mark goes; what the store's lock holds keeps its mark, for a later sweep. Raises
    `StorageError`, `DatabaseBusyError`.
    """
    done = 0
    for table, key in ((licences, licences.c.identifier), (accessions, accessions.c.accession_id)):
        after = ""
        while True:
            with database.writing() as connection:
                rows = connection.execute(
                    select(key.label("its"), table.c.erased_objects)
                    .where(table.c.erased_objects.is_not(None), key > after)
                    .order_by(key)
                    .limit(_AT_ONCE)
                    .with_for_update()
                ).all()
                for row in rows:
                    held = [
                        one
                        for one in row.erased_objects or ()
                        if not _is_needed(connection, one) and not _erased(store, Sha256(one))
                    ]
                    connection.execute(
                        update(table).where(key == row.its).values(erased_objects=held or null())
                    )
                    done += not held
                    after = row.its
            if len(rows) < _AT_ONCE:
                break
    return done


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
