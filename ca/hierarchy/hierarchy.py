"""The hierarchy in use: its certificates from the ledger, its keys opened when first needed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import ForeignCertificateError, NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.issuing_ca import IssuingCa, not_founded, open_service_key
from ca.hierarchy.roster import Roster
from ca.hierarchy.service_keys import (
    Current,
    ServiceKey,
    find_service_key,
    issued_certificates,
    ocsp_key,
    tsa_key,
)
from ca.issuers import FIRST_ISSUING, IssuerRecord, IssuerRole, cross_name
from ca.issuing.crl import CrlIssuer
from ca.issuing.issue import CertificateAuthority
from ca.issuing.parts import CaParts
from ca.ocsp.responder import OcspResponder, OcspService
from ca.profiles.profiles import DEFAULT_TIMESTAMP_POLICY, ProfileKind
from ca.recorder import Recorder
from ca.timestamps.tsa import TimestampUnit
from ca.validation.outside_services import NonceTimestampSource, OutsideSeal
from ca.validation.remote import RemoteUnit
from ca.validation.validation_data import ValidationData, ValidationSource, Vouching
from core.errors import XinyinError
from core.ids import IssuerId, KeyId
from keys.model import KeyPurpose, KeyStore

_log = logging.getLogger(__name__)

ROOT_KEY = KeyId("root")
ISSUING_KEY = KeyId("issuing-1")
OCSP_KEY = ocsp_key(FIRST_ISSUING)
TSA_KEY = tsa_key()


class SealData(Protocol):
    """Source of a seal's validation data."""

    def check_seal(self, certificate: bytes, *, proof: bool) -> None:
        """See that a certificate (DER) may seal; with `proof`, with validation data."""
        ...

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return the validation data of a seal by this certificate (DER), its timestamp and their
        CAs.
        """
        ...


@dataclass(frozen=True, slots=True)
class SealServices:
    """Services that sealing needs beside the seal's key."""

    chain: tuple[bytes, ...]
    """Above the seal's certificate, the trust anchor last; DER."""
    timestamper: NonceTimestampSource
    validation: SealData
    unit: x509.Certificate | None = None
    """Our time-stamping unit; None where that is another process's."""


@dataclass(frozen=True, slots=True)
class PersonServices:
    """Services that a person's signature needs beside their own key."""

    chain: tuple[bytes, ...]
    """Above the person's certificate, the trust anchor last; DER."""
    timestamper: NonceTimestampSource
    validation: ValidationSource


class Hierarchy:
    """Roots, issuing CAs with their OCSP responders, and a time-stamping unit.

    What is said of *the* issuing CA is said of the active one. Each property opens the one key
    that it needs, once; a root's key is never among them.
    """

    def __init__(
        self, keys: KeyStore, parts: CaParts, timestamp_policy: str = DEFAULT_TIMESTAMP_POLICY
    ) -> None:
        """Read the CAs. Raises `NotFoundedError` where none issues."""
        self._keys = keys
        self._parts = parts
        self._timestamp_policy = timestamp_policy
        self._roster = Roster(keys, parts)
        self._roster.active  # noqa: B018  # a home that waits for its CA has no hierarchy
        self._validation: dict[x509.Certificate, ValidationSource] = {}
        self._silent: list[x509.Certificate] = []
        """CAs whose responder could not be opened when it was last tried."""

    @property
    def tsa(self) -> x509.Certificate:
        """The unit that stamps now: another one at once where its key leaves use, and within a
        minute of its renewal. Raises `NotFoundedError` where each was revoked: the hierarchy can
        still give it another.
        """
        return self._tsa.get().certificate

    @cached_property
    def _tsa(self) -> Current[ServiceKey]:
        return Current(
            self.tsa_service_key,
            lambda service: service,
            self._parts.clock,
            self._keys.life_epoch,
        )

    @property
    def records(self) -> Mapping[IssuerId, IssuerRecord]:
        """Every CA, by its id."""
        return self._roster.records

    def look_again(self) -> None:
        """Read the CAs anew: one that was just put to use is published before anybody asks."""
        self._roster.look_again()

    @property
    def published(self) -> dict[IssuerId, bytes]:
        """Certificates (DER) of all CAs, and cross-certificates, by their names in addresses."""
        records = self.records.values()
        found = {one.issuer: one.certificate for one in records if one.certificate is not None}
        roots = {one.x509.subject: one for one in records if one.role is IssuerRole.ROOT}
        for by in list(roots.values()):
            for certificate in issued_certificates(
                self._parts.ledger, by.issuer, ProfileKind.CROSS
            ):
                subject = roots.get(certificate.subject)
                if subject is not None:
                    name = cross_name(subject.issuer, by.issuer)
                    found[name] = certificate.public_bytes(Encoding.DER)
        return found

    @property
    def issuing_cas(self) -> tuple[IssuingCa, ...]:
        """The issuing CAs that are or were in use."""
        return self._roster.issuing

    @property
    def active(self) -> IssuingCa:
        """The issuing CA that issues."""
        return self._roster.active

    @property
    def issuing(self) -> x509.Certificate:
        """Its certificate."""
        return self.active.certificate

    @property
    def root(self) -> x509.Certificate:
        """The trust anchor above it."""
        return self.active.chain[-1]

    def issuing_ca(self, issuer: IssuerId) -> IssuingCa:
        """Return an issuing CA by its id. Raises `NotFoundedError`."""
        for one in self.issuing_cas:
            if one.record.issuer == issuer:
                return one
        raise NotFoundedError(messages.no_such_issuing_ca(issuer), issuer=issuer)

    def issuer_of(self, certificate: x509.Certificate) -> IssuingCa:
        """Return the issuing CA whose signature a certificate bears.

        Raises `ForeignCertificateError`.
        """
        for one in self.issuing_cas:
            if _issued_by(certificate, one.certificate):
                return one
        raise ForeignCertificateError(messages.CERTIFICATE_OF_ANOTHER_HIERARCHY)

    def chain_of(self, certificate: bytes) -> tuple[bytes, ...]:
        """Return the certificates (DER) above an end entity's (DER), the trust anchor last.

        Raises `ForeignCertificateError`.
        """
        above = self.issuer_of(x509.load_der_x509_certificate(certificate))
        return tuple(c.public_bytes(Encoding.DER) for c in (above.certificate, *above.chain))

    @property
    def authority(self) -> CertificateAuthority:
        """Issues seals' and services' certificates; opens the issuing CA's key."""
        return self.active.authority

    @property
    def crls(self) -> CrlIssuer:
        """Makes the issuing CA's CRLs; opens the issuing CA's key."""
        return self.active.crls

    @property
    def ocsp(self) -> x509.Certificate:
        """The certificate of the issuing CA's OCSP responder. Raises `NotFoundedError`."""
        return self.active.ocsp

    @property
    def responder(self) -> OcspResponder:
        """Answers for the issuing CA's certificates; opens the OCSP key."""
        return self.active.responder

    @cached_property
    def ocsp_service(self) -> OcspService:
        """Answers OCSP requests about every issuing CA's certificates; opens the OCSP keys."""
        return OcspService(self._responders, lambda: self._silent)

    def _responders(self) -> list[OcspResponder]:
        """Return the responders; a CA whose responder cannot be opened does not stop the others.

        A CA without one, as while it is revoked or on hold, stops nothing: what else is published
        is needed then more than ever, and this process may be the one that makes the next.
        """
        found: list[OcspResponder] = []
        silent: list[x509.Certificate] = []
        failed: XinyinError | None = None
        for one in self.issuing_cas:
            try:
                found.append(one.linted_responder)
            except XinyinError as error:
                _log.error(
                    "OCSP of %s: %s",
                    one.record.issuer,
                    error.text.en,
                    extra={"code": error.code},
                )
                failed = failed if isinstance(error, NotFoundedError) else error
                silent.append(one.certificate)
        if failed is not None and not found:
            raise failed
        self._silent = silent
        return found

    @cached_property
    def timestamps(self) -> TimestampUnit:
        """Makes timestamp tokens, each on record before it is signed; opens the TSA key."""
        self._parts.check_clock(self._parts.clock.now())
        return self._open_unit(self._tsa.get(), self._parts.recorder)

    def current_timestamps(self) -> TimestampUnit:
        """Return the unit of now, for a service that outlives one; opens its key."""
        return self._current_unit.get()

    def timestamps_recorded_by(self, recorder: Recorder) -> TimestampUnit | RemoteUnit:
        """Return the unit with another place for its events; opens the TSA key.

        A unit in another process records its tokens there. Raises `ClockUntrustedError` at once,
        so that nothing is begun that could not be stamped.
        """
        parts = self._parts
        if parts.services_url is not None:
            issuers = [one.certificate for one in self.issuing_cas]
            url = f"{parts.services_url}/pki/tsa"
            return RemoteUnit(issuers, url, clock=parts.clock, random=parts.random)
        self._parts.check_clock(self._parts.clock.now())
        return self._open_unit(self._tsa.get(), recorder)

    @cached_property
    def _current_unit(self) -> Current[TimestampUnit]:
        return Current(
            self.tsa_service_key,
            lambda service: self._open_unit(service, self._parts.recorder),
            self._parts.clock,
            self._keys.life_epoch,
        )

    def _open_unit(self, service: ServiceKey, recorder: Recorder) -> TimestampUnit:
        return TimestampUnit(
            open_service_key(self._keys, service, KeyPurpose.TSA),
            service.certificate,
            [self.issuing_ca(service.issuer).certificate],
            self._timestamp_policy,
            self._parts.clock,
            self._parts.random,
            recorder,
            self._parts.check_clock,
        )

    def services_for(self, certificate: bytes, recorder: Recorder) -> SealServices:
        """Return the source of status for a seal (DER): ours, or of the CA outside that certified
        it.

        Raises `ForeignCertificateError` for one that no CA on record certified.
        """
        seal = x509.load_der_x509_certificate(certificate)
        unit = self.timestamps_recorded_by(recorder)
        here = None if isinstance(unit, RemoteUnit) else unit.certificate
        for ca in self._parts.ledger.list_outside_cas():
            if _issued_by(seal, ca.x509):
                stamped = self.tsa if ca.tsa_url else unit.certificate
                outside = OutsideSeal(seal, ca, self._parts, unit, self._validation_with(stamped))
                return SealServices(outside.chain, outside.timestamper, outside, here)
        # Of a unit in another process: what it stamps with, whatever the ledger says by now.
        validation = self._validation_with(unit.certificate)
        return SealServices(self.chain_of(certificate), unit, validation, here)

    def person_services(self, certificate: bytes, recorder: Recorder) -> PersonServices:
        """Return the services for signatures by a person's certificate (DER) of our own CA.

        Raises `ForeignCertificateError`.
        """
        unit = self.timestamps_recorded_by(recorder)
        validation = self._validation_with(unit.certificate)
        return PersonServices(self.chain_of(certificate), unit, validation)

    @property
    def validation(self) -> ValidationSource:
        """Hands out validation data for seals, stamped by the unit of now; opens the OCSP keys."""
        return self._validation_with(self.tsa)

    def _validation_with(self, tsa: x509.Certificate) -> ValidationSource:
        found = self._validation.get(tsa)
        if found is None:
            found = self._validation[tsa] = ValidationSource(
                vouching=self._vouching,
                tsa_certificate=tsa,
                ledger=self._parts.ledger,
                clock=self._parts.clock,
            )
        return found

    def _vouching(self, certificate: x509.Certificate) -> Vouching:
        above = self.issuer_of(certificate)
        return Vouching((above.certificate, *above.chain), above.status_source)

    def tsa_service_key(self) -> ServiceKey:
        """Return the newest unit: a roll-over of the CA leaves the old one.

        Raises `NotFoundedError`.
        """
        found = self.find_tsa_service_key()
        if found is None:
            raise not_founded(ProfileKind.TSA)
        return found

    def find_tsa_service_key(self) -> ServiceKey | None:
        """Return the same; None where none was certified, or each was revoked."""
        ledger, now = self._parts.ledger, self._parts.clock.now()
        found = [
            service
            for one in self.issuing_cas
            if (
                service := find_service_key(
                    ledger, one.record.issuer, ProfileKind.TSA, self._keys, now
                )
            )
        ]
        return max(found, key=lambda one: one.rank(now), default=None)


def open_hierarchy(
    keys: KeyStore, parts: CaParts, timestamp_policy: str = DEFAULT_TIMESTAMP_POLICY
) -> Hierarchy:
    """Return the hierarchy that was founded. Raises `NotFoundedError`."""
    return Hierarchy(keys, parts, timestamp_policy)


@lru_cache(maxsize=256)
def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Two CAs may share a name after a roll-over; the key identifier tells them apart."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        named = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return True
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return named.value.key_identifier == own.value.key_identifier
