"""Stating the faces of licences that were granted before events held their digests.

From then on no word of them can be changed unseen either; what was changed before is not known.
"""

from sqlalchemy import Connection, select, update

from core.clock import Clock
from core.ids import Random, random_token
from registry.audit.chain import NewEvent, append
from registry.audit.recorder import SERVICE
from registry.db.database import Database
from registry.db.tables import licences
from registry.licences.licences import find_licence
from registry.model import LicenceState
from registry.reconcile.licences import FACE_STATED
from registry.revisions.faces import FACT, OTHERS, face_of

AT_ONCE = 50


def state_faces(database: Database, limit: int, clock: Clock, random: Random) -> int:
    """State the faces of at most `limit` licences; return of how many.

    Nothing is lost where it is cut off. Raises `DatabaseBusyError`.
    """
    done = 0
    while done < limit:
        with database.writing() as connection:
            names = _without_salt(connection, min(AT_ONCE, limit - done))
            if not names:
                return done
            events = [_state(connection, one, clock, random) for one in names]
            append(connection, events)
        done += len(names)
    return done


def _without_salt(connection: Connection, limit: int) -> list[str]:
    column = licences.c
    query = (
        select(column.identifier)
        .where(column.salt.is_(None), column.state != LicenceState.PENDING)
        .where(column.secret.is_(None), column.erased_at.is_(None))
        .order_by(column.identifier)
        .limit(limit)
        .with_for_update()
    )
    return list(connection.execute(query).scalars())


def _state(connection: Connection, identifier: str, clock: Clock, random: Random) -> NewEvent:
    this = licences.c.identifier == identifier
    connection.execute(update(licences).where(this).values(salt=random_token(random)))
    others = select(*(licences.c[name] for name in OTHERS)).where(this)
    row = connection.execute(others).mappings().one()
    licence = find_licence(connection, identifier)
    return NewEvent(
        at=clock.now(),
        actor=SERVICE,
        action=FACE_STATED,
        subject=identifier,
        after={FACT: face_of(licence, {**row})},
    )
