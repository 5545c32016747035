"""Looking for certificates on record: by what is known of them, and by when they end."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, or_, select

from ca.issuers import IssuerState
from ca.ledger import CertificateState, LedgerEntry
from core.ids import IssuerId
from registry.db.tables import certificates, issuers, seals
from registry.ledger.ledger import entry_of

_DIGEST = re.compile("[0-9a-f]{64}")
_SERIAL = re.compile("[0-9a-f]{4,40}")
"""A beginning of a serial: fewer digits would find half of the ledger."""


class Standing(StrEnum):
    """Status of a certificate at a moment."""

    INTENDED = "INTENDED"
    VALID = "VALID"
    EXPIRED = "EXPIRED"
    """It ended without having been revoked."""
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateQuery:
    """Filter of certificates; None matches anything."""

    at: datetime
    """The moment at which `standing` is judged."""
    issuer: IssuerId | None = None
    profile: str | None = None
    standing: Standing | None = None
    ends_before: datetime | None = None
    search: str | None = None
    """Part of the subject, beginning of the serial, or the SHA-256 of certificate or public key."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Expiry of a certificate that is in use."""

    kind: str
    """Its profile."""
    name: str
    """Its seal's id or its subject."""
    serial: str
    ends_at: datetime


def standing_of(entry: LedgerEntry, at: datetime) -> Standing:
    """Return how a certificate stands."""
    if entry.state is CertificateState.ISSUED:
        return Standing.VALID if at < entry.intent.not_after else Standing.EXPIRED
    return Standing(entry.state)


def search_certificates(
    connection: Connection, query: CertificateQuery, limit: int | None = None
) -> list[LedgerEntry]:
    """Return certificates by their end, the first to end first."""
    order = certificates.c.not_after, certificates.c.issuer, certificates.c.serial
    found = select(certificates).where(*_conditions(query)).order_by(*order).limit(limit)
    return [entry_of(row) for row in connection.execute(found)]


def list_intended(connection: Connection, before: datetime) -> list[LedgerEntry]:
    """Return certificates whose intent was recorded before an instant, and nothing after it."""
    found = select(certificates).where(
        certificates.c.state == CertificateState.INTENDED, certificates.c.intended_at < before
    )
    return [entry_of(row) for row in connection.execute(found)]


def endings(connection: Connection, at: datetime) -> list[Ending]:
    """Return when the certificates in use end: of each CA and service the newest, of each seal its
    present one. A revoked one is not in use, nor are the services of a CA that waits for its turn.
    """
    table = certificates.c
    waiting = select(issuers.c.issuer).where(issuers.c.state == IssuerState.PREPARED)
    in_use = (
        table.state == CertificateState.ISSUED,
        table.not_before <= at,
        table.issuer.not_in(waiting),
    )
    services = select(table.profile, table.subject, table.serial, table.not_after, table.issuer)
    rows = connection.execute(services.where(table.profile.in_(_SINGLE), *in_use)).all()
    newest = {
        (row.issuer, row.profile, row.subject if row.profile in _CAS else ""): row
        for row in sorted(rows, key=lambda row: row.not_after)
    }
    sealed = select(seals.c.seal_id, table.serial, table.not_after, table.profile).join(
        certificates, table.sha256 == seals.c.certificate_sha256
    )
    # Said twice, so that SQLite begins with the seals: certificates are many.
    sealed = sealed.where(table.sha256.in_(select(seals.c.certificate_sha256)))
    return [Ending(r.profile, r.subject, r.serial, r.not_after) for r in newest.values()] + [
        Ending(r.profile, r.seal_id, r.serial, r.not_after)
        for r in connection.execute(sealed.where(table.state == CertificateState.ISSUED))
    ]


_CAS = ("root", "issuing")
_SINGLE = (*_CAS, "ocsp", "tsa")


def _conditions(query: CertificateQuery) -> list[ColumnElement[bool]]:
    table = certificates.c
    found: list[ColumnElement[bool]] = []
    if query.issuer is not None:
        found.append(table.issuer == query.issuer)
    if query.profile is not None:
        found.append(table.profile == query.profile)
    if query.ends_before is not None:
        found += [table.not_after < query.ends_before, table.state == CertificateState.ISSUED]
    if query.standing is not None:
        found += _standing(query.standing, query.at)
    if query.search is not None:
        found.append(_search(query.search.strip()))
    return found


def _standing(standing: Standing, at: datetime) -> list[ColumnElement[bool]]:
    table = certificates.c
    match standing:
        case Standing.VALID:
            return [table.state == CertificateState.ISSUED, table.not_after > at]
        case Standing.EXPIRED:
            return [table.state == CertificateState.ISSUED, table.not_after <= at]
        case _:
            return [table.state == standing.value]


def _search(text: str) -> ColumnElement[bool]:
    table = certificates.c
    hexadecimal = text.lower().replace(":", "").removeprefix("0x")
    if _DIGEST.fullmatch(hexadecimal):
        return or_(table.sha256 == hexadecimal, table.spki_sha256 == hexadecimal)
    subject = func.lower(table.subject).contains(text.lower(), autoescape=True)
    if _SERIAL.fullmatch(hexadecimal):
        return or_(table.serial.startswith(hexadecimal), subject)
    return subject
