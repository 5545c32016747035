"""Validation data of a seal, collected before the seal is made."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import (
    ForeignCertificateError,
    NotFoundedError,
    SealRevokedError,
    SignerRefusedError,
    StaleValidationDataError,
)
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Ledger, RevocationReason
from ca.ocsp.responder import OcspAnswer
from ca.outside.crls import OutsideCrls, links, outside_path
from ca.profiles.describe import describe_name
from ca.profiles.extensions import NO_REVOCATION
from ca.profiles.profiles import ProfileKind
from ca.validation import messages
from core.clock import Clock

CACHE_LIFETIME = timedelta(seconds=60)
"""How old the roots' CRLs and the answer about the TSA certificate may be; the answer about the
seal itself is always made anew."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """Contents of a DSS (ETSI EN 319 142-1 5.4.2); all DER."""

    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    """Whole OCSPResponses."""
    crls: tuple[bytes, ...]


class StatusSource(Protocol):
    """Source of an issuer's OCSP answers: a responder here, or one asked over HTTP."""

    @property
    def certificate(self) -> x509.Certificate:
        """The responder's certificate."""
        ...

    def is_good(self, serial: int) -> bool:
        """Tell whether an answer about a certificate would say good, now."""
        ...

    def answer_about(self, serial: int) -> OcspAnswer:
        """Answer about one of the issuer's certificates, now."""
        ...

    def response_for(self, serial: int) -> bytes:
        """Return an OCSPResponse (DER) about one of the issuer's certificates, made now."""
        ...


@dataclass(frozen=True, slots=True)
class Vouching:
    """Issuers of a certificate, with their sources of status."""

    chain: tuple[x509.Certificate, ...]
    """Its issuer first, the trust anchor last."""
    responder: StatusSource


class ValidationSource:
    """Hands out validation data for seals of our issuing CAs and timestamps of one unit.

    May be used by several threads.
    """

    def __init__(
        self,
        *,
        vouching: Callable[[x509.Certificate], Vouching],
        tsa_certificate: x509.Certificate,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        """`vouching` raises `ForeignCertificateError` for what is not ours.

        The responder for the unit is opened at once, so that a key that cannot be is known before
        anything is sealed.
        """
        vouching(tsa_certificate)
        self._vouching = vouching
        self._tsa = tsa_certificate
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        """Guards the two below."""
        self._known: ValidationData | None = None
        self._known_at = clock.now()

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return the validation data of a seal by this certificate (DER), its timestamp and their
        CAs.

        With it a validator needs no network and can demand revocation data for everything below
        the root. Raises `ForeignCertificateError`, `SealRevokedError`, `NotFoundedError`, and
        `StaleValidationDataError`: with a list that has ended the seal would stay without proof.
        """
        seal = _parsed(certificate)
        vouching = self._vouching(seal)
        answer = vouching.responder.answer_about(seal.serial_number)
        if not answer.good:
            raise self._unusable(seal)
        known = self._shared()
        self._refuse_ended(known, vouching)
        above = (*vouching.chain, vouching.responder.certificate)
        certificates = _joined(certificate, known.certificates, above)
        return ValidationData(certificates, (answer.der, *known.ocsps), known.crls)

    def check_seal(self, certificate: bytes, *, proof: bool) -> None:
        """See that a certificate (DER) may seal; with `proof`, with validation data.

        Signs nothing. Raises `ForeignCertificateError`, `SealRevokedError`, and with `proof`
        `StaleValidationDataError`.
        """
        seal = _parsed(certificate)
        vouching = self._vouching(seal)
        if not vouching.responder.is_good(seal.serial_number):
            raise self._unusable(seal)
        if proof:
            self._refuse_ended(self._shared(), vouching)

    def for_person(self, certificate: bytes) -> ValidationData:
        """Return the validation data of a person's signature by this certificate (DER).

        A short-lived one has no revocation data (RFC 9608 4), yet what the register knows of it
        counts. Raises `SignerRefusedError`, and as `for_seal`.
        """
        signer = self.check_person(certificate, proof=True)
        vouching = self._vouching(signer)
        known, answers = self._shared(), list[bytes]()
        if not has_no_revocation(signer):
            answer = vouching.responder.answer_about(signer.serial_number)
            if not answer.good:
                raise SignerRefusedError(messages.PERSON_CERTIFICATE_UNUSABLE)
            answers.append(answer.der)
        above = (*vouching.chain, vouching.responder.certificate)
        certificates = _joined(certificate, known.certificates, above)
        return ValidationData(certificates, (*answers, *known.ocsps), known.crls)

    def check_person(self, certificate: bytes, *, proof: bool = False) -> x509.Certificate:
        """See that a person's certificate (DER) is ours, in its validity and not revoked.

        Raises `SignerRefusedError`, `ForeignCertificateError`; with `proof` as `check_seal`.
        """
        signer = x509.load_der_x509_certificate(certificate)
        vouching = self._vouching(signer)
        now = self._clock.now()
        if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
            raise SignerRefusedError(messages.PERSON_CERTIFICATE_OUT_OF_VALIDITY)
        if not vouching.responder.is_good(signer.serial_number):
            raise SignerRefusedError(messages.PERSON_CERTIFICATE_UNUSABLE)
        if proof:
            self._refuse_ended(self._shared(), vouching)
        return signer

    def for_unit(self) -> ValidationData:
        """Return the validation data of our unit's timestamps, for seals of a CA outside."""
        return self._shared()

    def for_archive(
        self, certificates: tuple[bytes, ...], others: tuple[bytes, ...] = ()
    ) -> ValidationData:
        """Return the current validation data of our certificates (DER) and of the unit's next
        timestamp. Of `others` those count that are ours: who signed elsewhere brought their own.

        Whatever is said of them, a revocation too, belongs into the archive. Of a certificate that
        has ended nothing new is added: a later answer does not say that it was valid, and hides
        the one that does from validators that look at the newest. Raises `ForeignCertificateError`,
        `NotFoundedError`, `StaleValidationDataError`.
        """
        known = self._shared()
        self._refuse_stale(known)
        collected, answers = list(known.certificates), list(known.ocsps)
        now = self._clock.now()
        for encoded in (*certificates, *others):
            certificate = x509.load_der_x509_certificate(encoded)
            try:
                vouching = self._vouching(certificate)
            except ForeignCertificateError:
                if encoded in certificates:
                    raise
                continue
            collected.append(encoded)
            collected += [c.public_bytes(Encoding.DER) for c in vouching.chain]
            valid = now <= certificate.not_valid_after_utc and not has_no_revocation(certificate)
            if certificate != self._tsa and valid:
                collected.append(vouching.responder.certificate.public_bytes(Encoding.DER))
                answers.append(vouching.responder.response_for(certificate.serial_number))
        return ValidationData(
            tuple(dict.fromkeys(collected)), tuple(dict.fromkeys(answers)), known.crls
        )

    def _refuse_ended(self, known: ValidationData, vouching: Vouching) -> None:
        """The lists of the roots above the seal and the unit must hold now; another root's, that a
        roll-over left behind, may have ended.
        """
        now = self._clock.now()
        for chain in (vouching.chain, self._vouching(self._tsa).chain):
            end = _end_of_lists(known.crls, chain[-1])
            if end is not None and end <= now:
                raise self._ended(chain[-1].subject, end)

    def _ended(self, root: x509.Name, end: datetime) -> StaleValidationDataError:
        name = describe_name(root)
        issuer = next((one.issuer for one in self._roots() if one.x509.subject == root), "root")
        return StaleValidationDataError(
            messages.root_crl_expired(name=name, end=end, issuer=issuer)
        )

    def _refuse_stale(self, known: ValidationData) -> None:
        """Refuse stale data: they prove nothing, and would be sealed into the archive for good."""
        now = self._clock.now()
        crls = [x509.load_der_x509_crl(crl).next_update_utc for crl in known.crls]
        responder = self._vouching(self._tsa).responder.certificate.not_valid_after_utc
        if any(end is None or end <= now for end in (*crls, responder)):
            raise StaleValidationDataError(messages.ROOT_CRL_OR_OCSP_EXPIRED)

    def _shared(self) -> ValidationData:
        """Return the data that all seals share, cached for a minute."""
        now = self._clock.now()
        with self._lock:
            if self._known is None or not self._is_fresh(now):
                self._known = self._collect()
                self._known_at = now
            return self._known

    def _is_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self._known_at < CACHE_LIFETIME

    def _collect(self) -> ValidationData:
        """The unit's chain, an answer about it, and all CRLs of whoever certified a CA of ours."""
        vouching = self._vouching(self._tsa)
        certificates = (self._tsa, *vouching.chain, vouching.responder.certificate)
        answer = vouching.responder.response_for(self._tsa.serial_number)
        encoded = (c.public_bytes(Encoding.DER) for c in certificates)
        # Cross-certificates before the roots: OpenSSL takes the first of a name that it is handed,
        # and looks at no other; one that it trusts it finds before all of these.
        return ValidationData((*self._crosses(), *encoded), (answer,), tuple(self._crls()))

    def _unusable(self, seal: x509.Certificate) -> SealRevokedError:
        """Return the error of a certificate that is not good: on hold it may be good again."""
        known = (
            self._ledger.find(record.issuer, seal.serial_number)
            for record in self._ledger.list_issuers()
        )
        der = seal.public_bytes(Encoding.DER)
        held = any(
            one.certificate == der and one.reason is RevocationReason.CERTIFICATE_HOLD
            for one in known
            if one is not None
        )
        return SealRevokedError(
            messages.SEAL_ON_HOLD if held else messages.SEAL_CERTIFICATE_UNUSABLE
        )

    def _crosses(self) -> list[bytes]:
        """Return the cross-certificates, by which a path leads from any root of ours to a seal (RFC
        4210 4.4).
        """
        return [
            entry.certificate
            for root in self._roots()
            for entry in self._ledger.list_entries(root.issuer, profile=ProfileKind.CROSS)
            if entry.certificate is not None and entry.state is CertificateState.ISSUED
        ]

    def _crls(self) -> Iterator[bytes]:
        """A root's that certified none of our CAs may be missing: it was just made."""
        needed = {
            record.parent
            for record in self._ledger.list_issuers()
            if record.certificate is not None and record.state is not IssuerState.PREPARED
        }
        for root in self._roots():
            crl = self._ledger.latest_crl(root.issuer)
            if crl is not None:
                yield crl
            elif root.issuer in needed:
                raise NotFoundedError(messages.no_root_crl_yet(root.issuer))

        outside = OutsideCrls(self._ledger, self._clock)
        for record in self._ledger.list_issuers():
            if record.state is IssuerState.ACTIVE:
                yield from (outside.current(link) for link in links(outside_path(record)))

    def _roots(self) -> list[IssuerRecord]:
        return [one for one in self._ledger.list_issuers() if one.role is IssuerRole.ROOT]


# What follows depends on nothing but its arguments: it is worked out once, not for each seal.


@lru_cache(maxsize=64)
def _parsed(certificate: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate)


@lru_cache(maxsize=64)
def _joined(
    certificate: bytes, known: tuple[bytes, ...], above: tuple[x509.Certificate, ...]
) -> tuple[bytes, ...]:
    """Return certificates (DER), each once."""
    encoded = (one.public_bytes(Encoding.DER) for one in above)
    return tuple(dict.fromkeys((certificate, *known, *encoded)))


@lru_cache(maxsize=64)
def _end_of_lists(crls: tuple[bytes, ...], root: x509.Certificate) -> datetime | None:
    """Return when the last list of a root's name ends; None where none says so.

    Two roots may share a name; then one of their lists is enough.
    """
    lists = map(x509.load_der_x509_crl, crls)
    ends = [one.next_update_utc for one in lists if one.issuer == root.subject]
    return max((end for end in ends if end is not None), default=None)


def has_no_revocation(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate says that nothing will be said of its revocation (RFC 9608 2)."""
    return any(one.oid == NO_REVOCATION for one in certificate.extensions)
