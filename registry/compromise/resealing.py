"""Sealing anew what left force because its seal's key was compromised.

Each licence gets a new version that says the same under the same number, and the version before it
is REPLACED. The request's key follows from the licence, so that a repeated run finds what an
earlier one has begun, and no licence is sealed anew twice.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cryptography import x509
from sqlalchemy import or_, select

from ca.issuing.revocation import is_held
from ca.ledger import CertificateState, Ledger
from ca.profiles.public_keys import spki_fingerprint
from core.ids import LicenceIdentifier, SealId
from core.permits import Permit
from registry.bodies.authorities import find_seal
from registry.bodies.seal_making import SealMaker
from registry.db.database import Database
from registry.db.tables import licences
from registry.granting.granting import Granted, Granting
from registry.granting.reservation import GrantRequest
from registry.licences.countersignatures import documents_under
from registry.licences.licences import find_licence
from registry.model import Application, LicenceState, Reason
from registry.objects.store import ObjectStore
from signing.levels import PadesLevel

_WITHOUT_TIME = frozenset({PadesLevel.B_B, PadesLevel.B_T})


@dataclass(frozen=True, slots=True)
class Resealing:
    """Seals anew what is waiting."""

    database: Database
    store: ObjectStore
    granting: Callable[[], Granting]
    """Opened once the seal has a certificate that seals."""
    seal_maker: SealMaker
    ledger: Ledger

    def prepare(self, seal_id: SealId, permit: Permit) -> None:
        """Renew a seal whose certificate is revoked. Raises what `SealMaker.renew` raises."""
        with self.database.reading() as connection:
            certificate = find_seal(connection, seal_id).certificate
        loaded = x509.load_der_x509_certificate(certificate)
        found = [
            one
            for one in self.ledger.find_by_key(spki_fingerprint(loaded.public_key()))
            if one.certificate == certificate
        ]
        if any(one.state is CertificateState.REVOKED and not is_held(one) for one in found):
            self.seal_maker.renew(seal_id, permit)

    def waiting(self, seal_id: SealId, today: date) -> list[LicenceIdentifier]:
        """Return the unexpired documents to be sealed anew under a seal, oldest first."""
        column = licences.c
        query = (
            select(column.identifier)
            .where(
                or_(column.seal_id == seal_id, column.identifier.in_(documents_under(seal_id))),
                column.state == LicenceState.SUSPENDED,
                column.reason == Reason.SEAL_COMPROMISED,
                column.valid_until.is_(None) | (column.valid_until >= today),
            )
            .order_by(column.created_at, column.identifier)
        )
        with self.database.reading() as connection:
            return [LicenceIdentifier(one) for one in connection.execute(query).scalars()]

    def reseal(self, identifier: LicenceIdentifier, basis: str, permit: Permit) -> Granted:
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
        return self.granting().grant(
            GrantRequest(
                application=application,
                permit=permit,
                basis=basis,
                authority_id=before.authority_id,
                # With a timestamp the next compromise, if there is one, leaves it alone.
                level=PadesLevel.B_LT if level in _WITHOUT_TIME else level,
                request_key=hashlib.sha256(f"reseal:{identifier}".encode()).hexdigest(),
                replaces=identifier,
                reason=Reason.RESEALED,
            )
        )
