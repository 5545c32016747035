"""Use of seals, for who may see them: how often, when last, and how their certificates stand."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import Connection, func, select

from core.clock import Clock
from core.text import Text
from registry.db.tables import certificates, licence_types, licences, mandates
from registry.desk.desk_sight import DeskSight
from registry.ledger.certificates import Standing, standing_of
from registry.ledger.ledger import entry_of
from registry.model import LicenceState, Seal

_UNUSED = (LicenceState.PENDING, LicenceState.VOID)
_COLUMN = licences.c


@dataclass(frozen=True, slots=True)
class SealUse:
    """A seal and what was sealed with it."""

    seal: Seal
    count: int
    """Licences that bear it."""
    last_at: datetime | None
    valid_from: datetime
    valid_until: datetime
    standing: Standing | None
    """None: certified by a CA that is not ours, whose ledger is not here."""
    types: tuple[Text, ...]
    """Names of the licence types that it is mandated for."""


def seal_uses(sight: DeskSight, clock: Clock) -> list[SealUse]:
    """Return the seals in reach with their use, by id."""
    seals = sight.seals()
    with sight.reading_use() as connection:
        return [_use(connection, seal, clock.now()) for seal in seals]


def _use(connection: Connection, seal: Seal, now: datetime) -> SealUse:
    # By state, as the index is sorted: one walk through it, and no sorting.
    by_state = select(_COLUMN.state, func.count(), func.max(_COLUMN.created_at))
    by_state = by_state.where(_COLUMN.seal_id == seal.seal_id).group_by(_COLUMN.state)
    used = [
        (count, last) for state, count, last in connection.execute(by_state) if state not in _UNUSED
    ]
    named = (
        select(licence_types.c.name_zh, licence_types.c.name_en)
        .join(mandates, mandates.c.type_code == licence_types.c.code)
        .where(mandates.c.seal_id == seal.seal_id)
        .order_by(licence_types.c.code)
    )
    certificate = x509.load_der_x509_certificate(seal.certificate)
    digest = hashlib.sha256(seal.certificate).hexdigest()
    known = select(certificates).where(certificates.c.sha256 == digest)
    row = connection.execute(known).one_or_none()
    return SealUse(
        seal,
        sum(count for count, _ in used),
        max((last for _, last in used), default=None),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        None if row is None else standing_of(entry_of(row), now),
        tuple(Text(*one) for one in connection.execute(named)),
    )
