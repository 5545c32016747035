"""Selection of the certificate and key that a service of the CA (OCSP, TSA) uses now.

Keys and certificates of services are renewed while processes run. What is in use is therefore
looked up: the newest certificate that was issued, is neither revoked nor on hold, is within its
validity, and whose key is in this process's key store; matched by the public key, since the ids of
keys are only names.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Generic, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import NotFoundedError
from ca.ledger import CertificateState, Ledger
from ca.profiles.profiles import ProfileKind
from core.clock import Clock
from core.errors import XinyinError
from core.ids import IssuerId, KeyId
from keys.model import KeyInfo, KeyNotFoundError, KeyPurpose, KeyStore

T = TypeVar("T")

LOOK_AGAIN = timedelta(seconds=60)
"""How late a process may notice a renewal; the earlier certificate holds for days then."""
PURPOSES = {ProfileKind.OCSP_RESPONDER: KeyPurpose.OCSP, ProfileKind.TSA: KeyPurpose.TSA}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A service's certificate, with its key where that is within reach."""

    issuer: IssuerId
    certificate: x509.Certificate
    key: KeyInfo | None

    def is_valid(self, now: datetime) -> bool:
        """True if the certificate is within its validity."""
        return self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc

    def rank(self, now: datetime) -> tuple[bool, bool, datetime]:
        """Return the sort key by how well each serves: a key here, valid, the newest."""
        here = self.key is not None
        return here and self.is_valid(now), here, self.certificate.not_valid_before_utc


def find_service_key(
    ledger: Ledger, issuer: IssuerId, kind: ProfileKind, keys: KeyStore, now: datetime
) -> ServiceKey | None:
    """Return the certificate and key of an issuer's service, None if it never had a certificate.

    A certificate that has ended, or whose key is elsewhere, is the answer only if there is no
    better one: whoever uses it has to look at that.
    """
    known = {
        info.spki: info
        for info in keys.list_keys()
        if info.purpose is PURPOSES[kind] and keys.may_open(info.key_id, info.purpose)
    }
    found = [
        ServiceKey(issuer, one, known.get(spki_of(one)))
        for one in issued_certificates(ledger, issuer, kind)
    ]
    return max(found, key=lambda one: one.rank(now), default=None)


def issued_certificates(
    ledger: Ledger, issuer: IssuerId, kind: ProfileKind
) -> list[x509.Certificate]:
    """Return the certificates of a kind that were issued and not revoked, the newest last."""
    return [
        x509.load_der_x509_certificate(entry.certificate)
        for entry in ledger.list_entries(issuer, profile=kind)
        if entry.certificate is not None and entry.state is CertificateState.ISSUED
    ]


def certified_before(ledger: Ledger, issuer: IssuerId, kind: ProfileKind) -> list[x509.Certificate]:
    """Return the certificates of a kind that were ever issued, the newest last."""
    entries = ledger.list_entries(issuer, profile=kind)
    return [
        x509.load_der_x509_certificate(entry.certificate)
        for entry in entries
        if entry.certificate is not None
    ]


def spki_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo, DER."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def ocsp_key(issuer: IssuerId, number: int = 1) -> KeyId:
    """Return the id of the key, first or later, that answers for an issuing CA."""
    return KeyId(f"ocsp-{issuer}" if number == 1 else f"ocsp-{issuer}-{number}")


def tsa_key(number: int = 1) -> KeyId:
    """Return the id of the first or a later time-stamping unit's key."""
    return KeyId(f"tsa-{number}")


def free_service_key(ledger: Ledger, keys: KeyStore, issuer: IssuerId, kind: ProfileKind) -> KeyId:
    """Return the first id whose key is not certified: a new one's, or one left by a crash."""
    for number in count(1):
        key_id = tsa_key(number) if kind is ProfileKind.TSA else ocsp_key(issuer, number)
        try:
            info = keys.find(key_id)
        except KeyNotFoundError:
            return key_id
        entries = ledger.find_by_key(hashlib.sha256(info.spki).hexdigest())
        if all(entry.state is CertificateState.INTENDED for entry in entries):
            return key_id
    raise AssertionError


class Current(Generic[T]):
    """Something opened with the service key of now, and opened anew when that changes.

    May be used by several threads. Where another key cannot be looked for just now, the one in use
    stays in use: it refuses by itself once its certificate has ended. Where there is certainly
    none, as after a revocation, nothing stays.
    """

    def __init__(
        self,
        find: Callable[[], ServiceKey],
        open_with: Callable[[ServiceKey], T],
        clock: Clock,
        life_epoch: Callable[[], int],
    ) -> None:
        """`life_epoch` changes when a key leaves use: another is looked for at once."""
        self._find = find
        self._open = open_with
        self._clock = clock
        self._life_epoch = life_epoch
        self._lock = threading.Lock()
        """Guards what follows."""
        self._in_use: tuple[x509.Certificate, T] | None = None
        self._looked_at: datetime | None = None
        self._epoch: int | None = None

    def get(self) -> T:
        """Return it. Raises what finding and opening raise, where nothing is in use yet, and
        `NotFoundedError` where no certificate may be used.
        """
        with self._lock:
            now, epoch = self._clock.now(), self._known_epoch()
            if self._in_use is not None and epoch == self._epoch and self._holds(now):
                return self._in_use[1]
            try:
                self._look()
            except NotFoundedError:
                self._in_use = None
                raise
            except XinyinError as error:
                if self._in_use is None:
                    raise
                _log.error("service key: %s", error.text.en, extra={"code": error.code})
            self._looked_at, self._epoch = now, epoch
            assert self._in_use is not None
            return self._in_use[1]

    def _known_epoch(self) -> int | None:
        """Return the epoch, or the last one where it cannot be read: the key itself refuses to sign
        then.
        """
        try:
            return self._life_epoch()
        except XinyinError:
            return self._epoch

    def _holds(self, now: datetime) -> bool:
        """Tell whether to go on without looking: one that has ended is replaced as soon as may be,
        as when the one that followed it was revoked.
        """
        if self._in_use is None or self._looked_at is None:
            return False
        recent = timedelta(0) <= now - self._looked_at < LOOK_AGAIN
        return recent and now < self._in_use[0].not_valid_after_utc

    def _look(self) -> None:
        found = self._find()
        if self._in_use is None or self._in_use[0] != found.certificate:
            self._in_use = (found.certificate, self._open(found))
