"""Certificate revocation lists (RFC 5280 5): complete lists, numbered by the ledger.

An issuer's certificates may be divided among several lists (shards), which of them speaks of a
certificate being fixed when that is issued. All shards take their numbers from one sequence of the
issuer's: RFC 5280 5.2.3 wants them to grow within each list, and so one number names one list and
one high-water mark is all that a restore must know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from ca.encoding import der
from ca.encoding.algorithms import signature_algorithm
from ca.encoding.crl_encoding import CrlHead, encode_tbs
from ca.errors import LintError, RevocationRefusedError
from ca.issuing import messages
from ca.issuing.crl_guard import StaleCrlError
from ca.issuing.parts import CaParts
from ca.ledger import CertificateState, RevokedCertificate, SignedCrl
from core.ids import IssuerId
from keys.algorithms import generate_private_key, sign_with
from keys.model import Signer


@dataclass(frozen=True, slots=True)
class CrlTimes:
    """Validity of a CRL, and the interval after which a new one is due."""

    lifetime: timedelta
    refresh_after: timedelta


ROOT_CRL_TIMES = CrlTimes(lifetime=timedelta(days=365), refresh_after=timedelta(days=335))
"""The root is offline: EN 319 411-1 CSS-6.3.9 wants its list at least once a year."""
ISSUING_CRL_TIMES = CrlTimes(lifetime=timedelta(days=7), refresh_after=timedelta(hours=12))
"""EN 319 411-1 CSS-6.3.9: at least every 24 hours; a week bridges an outage."""
CLOCK_TOLERANCE = timedelta(minutes=1)
"""Clock skew allowed between machines that sign the same CRLs."""
_TRIES = 3
"""Each fails only where another process has just recorded a CRL of the same shard."""
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""nextUpdate of an issuer's last CRL (RFC 5280 4.1.2.5's “no well-defined expiration date”,
EN 319 411-1 6.3.9)."""


class CrlIssuer:
    """One issuer's CRLs, signed with its key."""

    def __init__(  # noqa: PLR0917  # what one CA is made of
        self,
        issuer: IssuerId,
        certificate: x509.Certificate,
        signer: Signer,
        times: CrlTimes,
        parts: CaParts,
        shards: int = 1,
    ) -> None:
        self._issuer = issuer
        self._certificate = certificate
        self._signer = signer
        self._times = times
        self._parts = parts
        self._ledger = parts.ledger
        self._clock = parts.clock
        self._shards = shards

    def publish(self, shard: int = 0) -> bytes:
        """Lint, sign and record a new CRL of a shard; return it (DER). Raises `LintError`."""
        now = self._now()
        ends_at = self._certificate.not_valid_after_utc
        return self._publish(shard, now, min(now + self._times.lifetime, ends_at))

    def publish_all(self) -> None:
        """Publish a new CRL of every shard. Raises `LintError`."""
        for shard in range(self._shards):
            self.publish(shard)

    def publish_last(self) -> None:
        """Publish CRLs that hold for ever, before the issuer's key is destroyed.

        Raises `RevocationRefusedError` while a certificate of the issuer is neither expired nor
        revoked: nothing could be said of it any more (EN 319 411-1 6.3.9).
        """
        now = self._now()
        live = [
            one
            for one in self._ledger.list_entries(self._issuer)
            if one.state is not CertificateState.REVOKED and one.intent.not_after >= now
        ]
        if live:
            raise RevocationRefusedError(
                messages.last_crl_too_early(issuer=self._issuer, count=len(live))
            )
        for shard in range(self._shards):
            self._publish(shard, now, NEVER)

    def current(self, shard: int = 0) -> bytes:
        """Return the latest CRL of a shard, after making a new one if it is due."""
        latest = self._ledger.find_crl(self._issuer, shard)
        if latest is None or self._is_due(latest):
            return self.publish(shard)
        return latest.crl

    def keep_current(self) -> None:
        """Make new CRLs of all shards that are due: by age, or by a revocation since."""
        for shard in range(self._shards):
            self.current(shard)

    def _is_due(self, latest: SignedCrl) -> bool:
        now = self._clock.now()
        if now >= self._certificate.not_valid_after_utc:
            return False  # its signature would be worth nothing
        if latest.changes != self._ledger.revocation_changes(self._issuer, latest.shard):
            return True
        parsed = x509.load_der_x509_crl(latest.crl)
        if parsed.next_update_utc == NEVER:
            return False
        if parsed.last_update_utc > now + CLOCK_TOLERANCE:
            return True  # of a clock that ran ahead: nobody accepts it yet
        return now >= parsed.last_update_utc + self._times.refresh_after

    def _publish(self, shard: int, now: datetime, until: datetime) -> bytes:
        """Sign and record; again where another was recorded meanwhile that this must follow.

        Raises `LintError`, `StaleCrlError`.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._publish_once(shard, now, until)
            except StaleCrlError:
                continue
        return self._publish_once(shard, now, until)

    def _publish_once(self, shard: int, now: datetime, until: datetime) -> bytes:
        """Linted before the key is used, under a throw-away key and with one entry of each kind:
        all entries are made alike, and pkilint's time grows faster than their number.
        """
        # The count of changes is read before the entries, so that a change in between makes
        # another CRL due.
        number = self._ledger.take_crl_number(self._issuer, now)
        changes = self._ledger.revocation_changes(self._issuer, shard)
        revoked = self._ledger.list_revoked(self._issuer, shard)
        head = self._head(shard, number, now, until)
        kinds = {(one.reason, one.invalidity_at is None): one for one in revoked}
        throw_away = generate_private_key(self._signer.info.algorithm)
        sample = self._tbs(head, kinds.values())
        self._parts.linter.check_crl(self._signed(sample, sign_with(throw_away, sample)))
        tbs = self._tbs(head, revoked)
        crl = self._signed(tbs, self._signer.sign(tbs))
        self._check_signed(crl, tbs)
        self._ledger.record_crl(
            SignedCrl(self._issuer, shard, number, crl, changes), self._clock.now()
        )
        return crl

    def _head(self, shard: int, number: int, now: datetime, until: datetime) -> CrlHead:
        certificate = self._certificate
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return CrlHead(
            issuer=certificate.subject,
            key_identifier=identifier.value.key_identifier,
            number=number,
            this_update=now,
            next_update=until,
            point=self._point(shard),
            # Nothing was ever removed: since the issuer began.
            expired_since=certificate.not_valid_before_utc,
        )

    def _point(self, shard: int) -> x509.IssuingDistributionPoint | None:
        """Return the extension; None for a root, whose one list speaks of all that it signed.

        OpenSSL's `-crl_check_all` looks for the root itself in it, whose certificate names no
        address; and EU DSS rejects a list whose critical extension names none.
        """
        if self._certificate.issuer == self._certificate.subject:
            return None
        return _distribution_point(self._parts.addresses.crl(self._issuer, shard))

    def _tbs(self, head: CrlHead, revoked: Iterable[RevokedCertificate]) -> bytes:
        return encode_tbs(head, signature_algorithm(self._signer.info.algorithm), revoked)

    def _signed(self, tbs: bytes, signature: bytes) -> bytes:
        algorithm = signature_algorithm(self._signer.info.algorithm)
        return der.sequence(tbs, algorithm, der.bits(signature))

    def _check_signed(self, crl: bytes, tbs: bytes) -> None:
        parsed = x509.load_der_x509_crl(crl)
        key = self._certificate.public_key()
        holds = parsed.is_signature_valid(key)  # type: ignore[arg-type]  # a kind that we use
        if not holds or parsed.tbs_certlist_bytes != tbs:
            raise LintError(messages.CRL_SIGNATURE_INVALID)

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC).replace(microsecond=0)


def _distribution_point(address: str) -> x509.IssuingDistributionPoint:
    """Say which list this is, so that one shard cannot be passed off as another."""
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(address)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
