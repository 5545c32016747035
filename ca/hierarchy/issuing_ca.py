"""One issuing CA of the hierarchy, with the services that speak for it."""

from functools import cached_property

from cryptography import x509

from ca.errors import IssuanceError, NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.service_keys import PURPOSES, Current, ServiceKey, find_service_key, spki_of
from ca.issuers import IssuerRecord, IssuerState
from ca.issuing.crl import ISSUING_CRL_TIMES, CrlIssuer
from ca.issuing.issue import CertificateAuthority, Issuer
from ca.issuing.parts import CaParts
from ca.ocsp.responder import OcspAnswer, OcspResponder
from ca.profiles.profiles import ProfileKind
from ca.profiles.words import kind_zh
from ca.validation.remote import RemoteResponder
from ca.validation.validation_data import StatusSource
from keys.model import KeyNotFoundError, KeyPurpose, KeysError, KeyStore, Signer
from keys.words import PURPOSES as PURPOSE_WORDS


class IssuingCa:
    """One issuing CA; each property opens the one key that it needs, once."""

    def __init__(
        self,
        record: IssuerRecord,
        chain: tuple[x509.Certificate, ...],
        keys: KeyStore,
        parts: CaParts,
    ) -> None:
        """Take the CA with the certificates above it, the trust anchor last."""
        self.record = record
        self.certificate = record.x509
        self.chain = chain
        self._keys = keys
        self._parts = parts

    @property
    def authority(self) -> CertificateAuthority:
        """Issues certificates. Raises `IssuanceError` for a CA that is retired."""
        if self.record.state is not IssuerState.ACTIVE:
            raise IssuanceError(messages.ca_retired(self.record.issuer))
        return self._authority

    @cached_property
    def _authority(self) -> CertificateAuthority:
        record = self.record
        issuer = Issuer.of_certificate(record.issuer, self.certificate, record.crl_shards)
        return CertificateAuthority(issuer, self._signer, self._parts)

    @cached_property
    def crls(self) -> CrlIssuer:
        """Makes its CRLs, for as long as what it issued may be asked about."""
        return CrlIssuer(
            self.record.issuer,
            self.certificate,
            self._signer,
            ISSUING_CRL_TIMES,
            self._parts,
            self.record.crl_shards,
        )

    @property
    def service_authority(self) -> CertificateAuthority:
        """Certifies its own OCSP responder, as long as there is something to answer for.

        Also once the CA is retired: only the CA itself may delegate (RFC 6960 4.2.2.2).
        """
        return self._authority

    @property
    def is_key_here(self) -> bool:
        """True if this process has the key of its certificate; opens it."""
        try:
            return self._signer.info.spki == spki_of(self.certificate)
        except KeysError:
            return False

    @property
    def responder(self) -> OcspResponder:
        """Answers for its certificates; opens the OCSP key, and a later one once it is renewed."""
        return self._responder.get()

    @cached_property
    def status_source(self) -> StatusSource:
        """Source of its certificates' status: its responder, or the one that answers for it
        elsewhere.
        """
        url = self._parts.services_url
        if url is None:
            return _Here(self._responder)
        parts = self._parts
        return RemoteResponder(
            self.certificate, f"{url}/pki/ocsp", clock=parts.clock, random=parts.random
        )

    @property
    def ocsp(self) -> x509.Certificate:
        """The certificate of its OCSP responder. Raises `NotFoundedError`."""
        return self._service_key().certificate

    @property
    def linted_responder(self) -> OcspResponder:
        """The same for whoever serves it: the first answer of each new one was linted.

        Where it did not pass, the one before goes on answering.
        """
        return self._linted_responder.get()

    @cached_property
    def _linted_responder(self) -> Current[OcspResponder]:
        return Current(
            self._service_key, self._open_linted, self._parts.clock, self._keys.life_epoch
        )

    def _open_linted(self, service: ServiceKey) -> OcspResponder:
        responder = self._open_responder(service)
        if service.is_valid(self._parts.clock.now()):
            answer = responder.response_for(service.certificate.serial_number)
            self._parts.linter.check_ocsp(answer)
        return responder

    @cached_property
    def _responder(self) -> Current[OcspResponder]:
        return Current(
            self._service_key, self._open_responder, self._parts.clock, self._keys.life_epoch
        )

    def _open_responder(self, service: ServiceKey) -> OcspResponder:
        return OcspResponder(
            self.record.issuer,
            self.certificate,
            service.certificate,
            open_service_key(self._keys, service, KeyPurpose.OCSP),
            ledger=self._parts.ledger,
            clock=self._parts.clock,
            answers=self._parts.answers,
        )

    def _service_key(self) -> ServiceKey:
        ledger, now = self._parts.ledger, self._parts.clock.now()
        kind = ProfileKind.OCSP_RESPONDER
        found = find_service_key(ledger, self.record.issuer, kind, self._keys, now)
        if found is None:
            raise not_founded(kind)
        return found

    @property
    def _signer(self) -> Signer:
        return self._keys.open(self.record.key_id, KeyPurpose.ISSUING_CA)


class _Here:
    """The responder of now, in this process."""

    def __init__(self, responder: Current[OcspResponder]) -> None:
        responder.get()  # a key that cannot be opened is known before anything is sealed
        self._current = responder

    @property
    def certificate(self) -> x509.Certificate:
        return self._current.get().certificate

    def is_good(self, serial: int) -> bool:
        return self._current.get().is_good(serial)

    def answer_about(self, serial: int) -> OcspAnswer:
        return self._current.get().answer_about(serial)

    def response_for(self, serial: int) -> bytes:
        return self._current.get().response_for(serial)


def open_service_key(keys: KeyStore, service: ServiceKey, purpose: KeyPurpose) -> Signer:
    """Open a service's key. Raises `KeyNotFoundError` where this process has none of its."""
    if service.key is None:
        raise KeyNotFoundError(
            messages.certificate_key_missing(
                issuer=service.issuer, purpose_words=PURPOSE_WORDS[purpose], purpose=purpose
            ),
        )
    return keys.open(service.key.key_id, purpose)


def not_founded(kind: ProfileKind) -> NotFoundedError:
    """Return the error to raise where a certificate of the hierarchy is missing."""
    if kind in PURPOSES:
        return NotFoundedError(
            messages.no_usable_certificate(profile_zh=kind_zh(kind), profile=kind), kind=kind
        )
    return NotFoundedError(
        messages.hierarchy_not_founded(profile_zh=kind_zh(kind), profile=kind), kind=kind
    )


def not_certified() -> NotFoundedError:
    """Return the error to raise where the issuing CA waits for its certificate, or is not in use
    yet.
    """
    return NotFoundedError(messages.ISSUING_CA_CERTIFICATE_PENDING, kind=ProfileKind.ISSUING)
