"""Sealing anew what left force because its seal's key was compromised.

Each licence gets a new version that says the same under the same number, and the version before it
is REPLACED. The request's key follows from the licence, so that a repeated run finds what an
earlier one has begun, and no licence is sealed anew twice.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.ids import LicenceIdentifier, SealId
from registry.audit.events import Actor
from registry.db.database import Database
from registry.db.tables import licences
from registry.granting.granting import Granted, Granting
from registry.granting.reservation import GrantRequest
from registry.licences.licences import find_licence
from registry.model import Application, LicenceState, Reason
from registry.objects.store import ObjectStore
from signing.levels import PadesLevel

_WITHOUT_TIME = frozenset({PadesLevel.B_B, PadesLevel.B_T})


@dataclass(frozen=True, slots=True)
class Resealing:
    """Seals anew, in the name of `actor`."""

    database: Database
    store: ObjectStore
    granting: Granting
    actor: Actor

    def waiting(self, seal_id: SealId, today: date) -> list[LicenceIdentifier]:
        """Return what is to be sealed anew under a seal, oldest first; not what has expired."""
        column = licences.c
        query = (
            select(column.identifier)
            .where(
                column.seal_id == seal_id,
                column.state == LicenceState.SUSPENDED,
                column.reason == Reason.SEAL_COMPROMISED,
                column.valid_until.is_(None) | (column.valid_until >= today),
            )
            .order_by(column.created_at, column.identifier)
        )
        with self.database.reading() as connection:
            return [LicenceIdentifier(one) for one in connection.execute(query).scalars()]

    def reseal(self, identifier: LicenceIdentifier, basis: str) -> Granted:
        """Grant the new version of one licence. Raises what `Granting.grant` raises."""
        column = licences.c
        query = select(column.photo_sha256, column.level).where(column.identifier == identifier)
        with self.database.reading() as connection:
            before = find_licence(connection, identifier)
            photo_sha256, level = connection.execute(query).one()
        application = Application(
            type_code=before.type_code,
            holders=before.holders,
            data=before.data,
            number=before.number,
            valid_from=before.valid_from,
            valid_until=before.valid_until,
            photo=None if photo_sha256 is None else self.store.get(photo_sha256),
        )
        level = PadesLevel(level)
        return self.granting.grant(
            GrantRequest(
                application=application,
                actor=self.actor,
                basis=basis,
                authority_id=before.authority_id,
                # With a timestamp the next compromise, if there is one, leaves it alone.
                level=PadesLevel.B_LT if level in _WITHOUT_TIME else level,
                request_key=hashlib.sha256(f"reseal:{identifier}".encode()).hexdigest(),
                replaces=identifier,
                reason=Reason.RESEALED,
            )
        )
