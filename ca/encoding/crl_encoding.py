"""A CRL's to-be-signed part in DER (RFC 5280 5.1), fast for a hundred thousand entries.

`cryptography` makes an object of each entry first, which takes several times as long as encoding
them. What is made here it reads back, and OpenSSL and GnuTLS too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509

from ca.encoding import der
from ca.ledger import REASON_CODES, RevocationReason, RevokedCertificate

_VERSION_2 = der.integer(1)
_REASON = der.oid("2.5.29.21")
_INVALIDITY_DATE = der.oid("2.5.29.24")
_CRL_NUMBER = der.oid("2.5.29.20")
_AUTHORITY_KEY_IDENTIFIER = der.oid("2.5.29.35")
_DISTRIBUTION_POINT = der.oid("2.5.29.28")
_EXPIRED_CERTIFICATES = der.oid("2.5.29.60")


@dataclass(frozen=True, slots=True)
class CrlHead:
    """Contents of a CRL, apart from its entries."""

    issuer: x509.Name
    key_identifier: bytes
    number: int
    this_update: datetime
    next_update: datetime
    point: x509.IssuingDistributionPoint | None
    """None where the list speaks of every certificate of its issuer."""
    expired_since: datetime
    """Certificates that expired after this instant keep their entries."""

    def extensions(self) -> bytes:
        """Return crlExtensions."""
        key_identifier = x509.AuthorityKeyIdentifier(self.key_identifier, None, None)
        scope = []
        if self.point is not None:
            # Critical: one list must not pass for another (RFC 5280 5.2.5).
            scope = [_extension(_DISTRIBUTION_POINT, self.point.public_bytes(), critical=True)]
        return der.sequence(
            _extension(_AUTHORITY_KEY_IDENTIFIER, key_identifier.public_bytes()),
            _extension(_CRL_NUMBER, der.integer(self.number)),
            *scope,
            # ISO/IEC 9594-8 9.5.2.8, EN 319 411-2: a revocation outlives its certificate.
            _extension(_EXPIRED_CERTIFICATES, der.generalized_time(self.expired_since)),
        )


def encode_tbs(head: CrlHead, algorithm: bytes, revoked: Iterable[RevokedCertificate]) -> bytes:
    """Return the TBSCertList (RFC 5280 5.1.2); `algorithm` is the AlgorithmIdentifier, DER."""
    entries = [_entry(one) for one in revoked]
    return der.sequence(
        _VERSION_2,
        algorithm,
        head.issuer.public_bytes(),
        der.time(head.this_update),
        der.time(head.next_update),
        # Absent where nothing is revoked (RFC 5280 5.1.2.6).
        *([der.sequence(*entries)] if entries else []),
        der.context(0, head.extensions()),
    )


def _entry(revoked: RevokedCertificate) -> bytes:
    return der.sequence(
        der.integer(revoked.serial),
        der.time(revoked.revoked_at),
        _entry_extensions(revoked.reason, revoked.invalidity_at),
    )


@lru_cache(maxsize=1024)
def _entry_extensions(reason: RevocationReason, invalidity_at: datetime | None) -> bytes:
    """Return crlEntryExtensions, or nothing where there are none."""
    extensions = []
    if reason in REASON_CODES:
        code = der.tlv(der.ENUMERATED, bytes((REASON_CODES[reason],)))
        extensions.append(_extension(_REASON, code))
    if invalidity_at is not None:
        # Whole seconds: RFC 5280 5.3.2 knows no fractions.
        at = invalidity_at.astimezone(UTC)
        extensions.append(_extension(_INVALIDITY_DATE, der.generalized_time(at)))
    return der.sequence(*extensions) if extensions else b""


def _extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(oid, *([der.TRUE] if critical else []), der.octets(value))
