"""Revocations and suspensions since a registered file was judged, from the current ledger."""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from cryptography import x509
from sqlalchemy import Connection, bindparam, select

from ca.ledger import CertificateState, RevocationReason
from registry.db.tables import certificates
from signing.seal_check.path import Certificate
from signing.seal_check.reports import KnownRevocation

_COMPROMISED = frozenset(
    {
        None,
        RevocationReason.UNSPECIFIED,
        RevocationReason.KEY_COMPROMISE,
        RevocationReason.CA_COMPROMISE,
    }
)
_OUTSIDE = "outside-"
"""How the ledger's names of CAs that are not ours begin (`ca.outside.crls.outside_id`)."""
_AT_ONCE = 8
"""Certificates asked for in one query, whose text never changes: SQLAlchemy takes longer to expand
a list than SQLite to answer. A seal with its timestamp rests on three or four."""

_STATES = select(
    certificates.c.sha256,
    certificates.c.issuer,
    certificates.c.state,
    certificates.c.revoked_at,
    certificates.c.invalidity_at,
    certificates.c.reason,
).where(certificates.c.sha256.in_([bindparam(f"digest{n}") for n in range(_AT_ONCE)]))


def revocations_by_digest(
    connection: Connection, digests: Collection[str]
) -> dict[str, KnownRevocation]:
    """Return our own CAs' revocations of certificates, by their SHA-256."""
    return {
        sha256: revocation
        for sha256, _, revocation in _rows(connection, digests)
        if revocation is not None
    }


def find_revocations(
    connection: Connection,
    links: Collection[Certificate],
    crls: Callable[[], tuple[bytes, ...]],
) -> dict[str, KnownRevocation]:
    """Return the revocations of certificates by our CAs and by the CRLs (DER) of others."""
    rows = list(_rows(connection, [link.sha256 for link in links]))
    found = {sha256: one for sha256, _, one in rows if one is not None}
    own = {sha256 for sha256, issuer, _ in rows if not issuer.startswith(_OUTSIDE)}
    others = [link for link in links if link.sha256 not in own]
    if others:
        for crl in map(_load, crls()):
            for link in others:
                revocation = None if crl is None else _in_crl(crl, link)
                if revocation is not None:
                    found[link.sha256] = revocation
    return found


def _rows(
    connection: Connection, digests: Collection[str]
) -> Iterator[tuple[str, str, KnownRevocation | None]]:
    wanted = sorted(digests)
    for at in range(0, len(wanted), _AT_ONCE):
        few = wanted[at : at + _AT_ONCE]
        named = {f"digest{n}": few[n % len(few)] for n in range(_AT_ONCE)}
        for sha256, issuer, state, revoked_at, invalidity_at, reason in connection.execute(
            _STATES, named
        ):
            revocation = None
            if state == CertificateState.REVOKED and revoked_at is not None:
                since = min(revoked_at, invalidity_at or revoked_at)
                revocation = KnownRevocation(since, reason in _COMPROMISED)
            yield sha256, issuer, revocation


@lru_cache(maxsize=16)
def _load(crl: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(crl)
    except ValueError:
        return None  # it states nothing


def _in_crl(crl: x509.CertificateRevocationList, link: Certificate) -> KnownRevocation | None:
    if crl.issuer.public_bytes() != link.issuer:
        return None
    entry = crl.get_revoked_certificate_by_serial_number(link.serial_number)
    if entry is None:
        return None
    reason, since = x509.ReasonFlags.unspecified, entry.revocation_date_utc
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason
        elif isinstance(extension.value, x509.InvalidityDate):
            since = min(since, extension.value.invalidity_date_utc)
    if reason is x509.ReasonFlags.remove_from_crl:
        return None
    return KnownRevocation(since, reason.value in _COMPROMISED)
