"""Certificate revocation lists (RFC 5280 5): whole lists, numbered by the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ledger import CertificateState, LedgerEntry, RevocationReason
from ca.parts import CaParts
from core.ids import IssuerId
from keys.algorithms import digest_of, generate_private_key
from keys.model import Signer


@dataclass(frozen=True, slots=True)
class CrlTimes:
    """How long a CRL holds, and after how long a new one is due."""

    lifetime: timedelta
    refresh_after: timedelta


ROOT_CRL_TIMES = CrlTimes(lifetime=timedelta(days=365), refresh_after=timedelta(days=335))
"""The root is offline: EN 319 411-1 CSS-6.3.9 wants its list at least once a year."""
ISSUING_CRL_TIMES = CrlTimes(lifetime=timedelta(days=7), refresh_after=timedelta(hours=12))
"""EN 319 411-1 CSS-6.3.9: at least every 24 hours; a week bridges an outage."""


class CrlIssuer:
    """One issuer's CRLs, signed with its key."""

    def __init__(
        self,
        issuer: IssuerId,
        certificate: x509.Certificate,
        signer: Signer,
        times: CrlTimes,
        parts: CaParts,
    ) -> None:
        self._issuer = issuer
        self._certificate = certificate
        self._signer = signer
        self._times = times
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._linter = parts.linter
        self._address = parts.addresses.crl(issuer)

    def publish(self) -> bytes:
        """Lint, sign and record a new CRL; return it (DER). Raises `LintError`.

        Linted before the key is used, under a throw-away key and with one entry of each reason:
        all entries are made alike, and pkilint's time grows faster than their number.
        """
        now = self._clock.now()
        # The number is taken before the ledger is read, so that of two CRLs being made at once
        # the one with the greater number never knows less (RFC 5280 5.2.3).
        number = self._ledger.take_crl_number(self._issuer, now)
        entries = [
            entry
            for entry in self._ledger.list_entries(self._issuer)
            if entry.state is CertificateState.REVOKED
        ]
        sample = {entry.reason: entry for entry in entries}.values()
        throw_away = generate_private_key(self._signer.info.algorithm)
        self._linter.check_crl(self._build(number, now, sample, throw_away))
        crl = self._build(number, now, entries, self._signer.builder_key())
        self._ledger.record_crl(self._issuer, number, crl, now)
        return crl

    def current(self) -> bytes:
        """Return the latest CRL, after making a new one if it is due."""
        latest = self._ledger.latest_crl(self._issuer)
        if latest is None or self._is_due(latest):
            return self.publish()
        return latest

    def _is_due(self, crl: bytes) -> bool:
        made_at = x509.load_der_x509_crl(crl).last_update_utc
        return self._clock.now() >= made_at + self._times.refresh_after

    def _build(
        self,
        number: int,
        now: datetime,
        entries: Iterable[LedgerEntry],
        key: CertificateIssuerPrivateKeyTypes,
    ) -> bytes:
        now = now.astimezone(UTC).replace(microsecond=0)
        key_identifier = self._certificate.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier
        )
        self_issued = self._certificate.issuer == self._certificate.subject
        point = _distribution_point(self._address, self_issued=self_issued)
        # The list goes in whole: adding entries one by one copies it each time.
        builder = x509.CertificateRevocationListBuilder(
            self._certificate.subject,
            now,
            min(now + self._times.lifetime, self._certificate.not_valid_after_utc),
            [],
            [_revoked(entry) for entry in entries],
        )
        for extension, critical in (
            (x509.AuthorityKeyIdentifier(key_identifier.value.key_identifier, None, None), False),
            (x509.CRLNumber(number), False),
            (point, True),  # RFC 5280 5.2.5
        ):
            builder = builder.add_extension(extension, critical)
        algorithm = digest_of(self._signer.info.algorithm)
        crl = builder.sign(key, algorithm)  # type: ignore[arg-type]
        return crl.public_bytes(Encoding.DER)


def _revoked(entry: LedgerEntry) -> x509.RevokedCertificate:
    assert entry.revoked_at is not None
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.intent.serial)
        .revocation_date(entry.revoked_at)
    )
    if entry.reason not in (None, RevocationReason.UNSPECIFIED):
        # RFC 5280 5.3.1: `unspecified` should be left out.
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason)), False)
    return builder.build()


def _distribution_point(address: str, *, self_issued: bool) -> x509.IssuingDistributionPoint:
    """Say which list this is, so that one cannot be passed off as another.

    A root's list speaks of CA certificates and carries no address: OpenSSL's `-crl_check_all`
    looks for the root itself in it too, whose certificate names no address.
    """
    return x509.IssuingDistributionPoint(
        full_name=None if self_issued else [x509.UniformResourceIdentifier(address)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=self_issued,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
