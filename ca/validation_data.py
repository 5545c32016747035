"""Everything that a seal's validation will need, collected before the seal is made."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.anchors import ROOT
from ca.errors import ForeignCertificateError, NotFoundedError, SealRevokedError
from ca.ledger import Ledger
from ca.ocsp import OcspResponder
from core.clock import Clock

CACHE_LIFETIME = timedelta(seconds=60)
"""How old the root's CRL and the answer about the TSA certificate may be; the answer about the
seal itself is always made anew."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """What a DSS holds (ETSI EN 319 142-1 5.4.2); all DER."""

    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    """Whole OCSPResponses."""
    crls: tuple[bytes, ...]


class ValidationSource:
    """Hands out validation data for seals of one issuing CA and timestamps of one unit.

    May be used by several threads.
    """

    def __init__(
        self,
        *,
        chain: Sequence[x509.Certificate],
        responder_certificate: x509.Certificate,
        tsa_certificate: x509.Certificate,
        responder: OcspResponder,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        """Take the chain as (issuing CA, root)."""
        certificates = (tsa_certificate, *chain, responder_certificate)
        self._certificates = tuple(c.public_bytes(Encoding.DER) for c in certificates)
        self._issuing = chain[0]
        self._tsa_serial = tsa_certificate.serial_number
        self._responder = responder
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        """Guards the two below."""
        self._known: ValidationData | None = None
        self._known_at = clock.now()

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return what validates a seal by this certificate (DER), its timestamp and their CAs.

        With it a validator needs no network and can demand revocation data for everything below
        the root. Raises `ForeignCertificateError`, `SealRevokedError`, `NotFoundedError`.
        """
        seal = x509.load_der_x509_certificate(certificate)
        if seal.issuer != self._issuing.subject:
            raise ForeignCertificateError(
                "此印章证书不是由本签发机构签发的。",
                "This seal's certificate was not issued by this CA.",
            )
        answer = self._responder.answer_about(seal.serial_number)
        if not answer.good:
            raise SealRevokedError(
                "此印章证书已吊销或未登记，不能用于签章。请为该机构换发印章证书。",
                "This seal's certificate is revoked or not on record and may not seal. "
                "Issue the authority a new one.",
            )
        known = self._shared()
        return ValidationData(
            (certificate, *known.certificates), (answer.der, *known.ocsps), known.crls
        )

    def _shared(self) -> ValidationData:
        """What is the same for all seals, made anew when it is a minute old."""
        now = self._clock.now()
        with self._lock:
            if self._known is None or not self._is_fresh(now):
                self._known = self._collect()
                self._known_at = now
            return self._known

    def _is_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self._known_at < CACHE_LIFETIME

    def _collect(self) -> ValidationData:
        crl = self._ledger.latest_crl(ROOT)
        if crl is None:
            raise NotFoundedError(
                "还没有根 CA 的吊销列表。请先执行 xinyin init。",
                "There is no CRL of the root yet. Run xinyin init first.",
            )
        answer = self._responder.response_for(self._tsa_serial)
        return ValidationData(self._certificates, (answer,), (crl,))
