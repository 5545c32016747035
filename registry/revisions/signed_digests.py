"""Stating what the seals of documents signed that were registered before this was kept.

So that a file of ours with a re-encoded signature raises no alarm: its messageDigest is known.
"""

from sqlalchemy import select, update

from core.ids import Sha256
from registry.db.database import Database
from registry.db.tables import revisions
from registry.objects.store import DamagedObjectError, ObjectStore
from signing.seal_check.check import sealed_digest_of

AT_ONCE = 50
_NONE = ""
"""Looked at, and there is none: the document is damaged or its seal of another form."""


def state_signed_digests(database: Database, store: ObjectStore, limit: int) -> int:
    """State the messageDigest of at most `limit` seals; return how many were looked at.

    Nothing is lost where it is cut off. Raises `DatabaseBusyError`.
    """
    done = 0
    while done < limit:
        batch = _find(database, min(AT_ONCE, limit - done))
        if not batch:
            return done
        found = {one: _signed(store, length, longest) for one, length, longest in batch}
        with database.writing() as connection:
            for identifier, digest in found.items():
                this = revisions.c.identifier == identifier, revisions.c.sequence == 0
                connection.execute(update(revisions).where(*this).values(signed_digest=digest))
        done += len(batch)
    return done


def _find(database: Database, limit: int) -> list[tuple[str, int, str]]:
    """Return identifier, sealed length and longest revision's digest of those not looked at."""
    sealed, longer = revisions.alias(), revisions.alias()
    last = (
        select(longer.c.sha256)
        .where(longer.c.identifier == sealed.c.identifier)
        .order_by(longer.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(sealed.c.identifier, sealed.c.length, last)
        .where(sealed.c.sequence == 0, sealed.c.signed_digest.is_(None))
        .order_by(sealed.c.identifier)
        .limit(limit)
    )
    with database.reading() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _signed(store: ObjectStore, length: int, longest: str) -> str:
    try:
        return sealed_digest_of(store.get(Sha256(longest))[:length]) or _NONE
    except DamagedObjectError:
        return _NONE
