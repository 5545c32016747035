"""Services for a seal whose certificate is of a CA outside: its OCSP, its CRLs, its TSA.

Asked for over HTTP, checked, and put into the document in place of ours. Whatever cannot be had or
does not hold stops the sealing (`UnreachableError`, `BadAnswerError`): the licence stays pending.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID as AiaOID

from ca.errors import ForeignCertificateError, SealRevokedError
from ca.issuers import OutsideCa
from ca.issuing.parts import CaParts
from ca.outside.crls import OutsideCrls, OutsideLink, links
from ca.validation import messages
from ca.validation.remote import RemoteResponder, RemoteUnit
from ca.validation.validation_data import CACHE_LIFETIME, ValidationData
from core.ids import IssuerId
from core.web.client import get


class NonceTimestampSource(Protocol):
    """Source of timestamps: our unit, or another's over HTTP."""

    def token(self, imprint: bytes, hash_name: str, nonce: int | None = None) -> bytes:
        """Return a TimeStampToken (DER) over a digest."""
        ...


class UnitData(Protocol):
    """Source of validation data for our own unit's timestamps."""

    def for_unit(self) -> ValidationData:
        """Return it, made within the last minute."""
        ...


@dataclass(frozen=True, slots=True)
class _Status:
    """Current knowledge about one certificate."""

    certificates: tuple[x509.Certificate, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


class OutsideSeal:
    """The services for one seal; `signing.sealing.pades` takes it for both of its sources.

    May be used by several threads.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        ca: OutsideCa,
        parts: CaParts,
        own_unit: NonceTimestampSource,
        own_data: UnitData,
    ) -> None:
        """`own_unit` and `own_data` serve where the CA has no TSA of its own on record."""
        self._seal = certificate
        self._ca = ca
        self._parts = parts
        self._crls = OutsideCrls(parts.ledger, parts.clock)
        self._own_data = own_data
        self._remote = self._open_unit()
        self.timestamper: NonceTimestampSource = self._remote or own_unit
        self._lock = threading.Lock()
        """Guards the two below."""
        self._unit_data: ValidationData | None = None
        self._unit_data_at = parts.clock.now()

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates (DER) above the seal's, the trust anchor last."""
        return self._ca.path

    def for_seal(self, certificate: bytes) -> ValidationData:
        """Return the validation data of the seal, its timestamp and their CAs.

        Raises `SealRevokedError`, `StaleValidationDataError`, `UnreachableError`,
        `BadAnswerError`.
        """
        status = self._own_status(certificate)
        unit = self._unit()
        above = tuple(c.public_bytes(Encoding.DER) for c in status.certificates)
        return ValidationData(
            tuple(dict.fromkeys((certificate, *self._ca.path, *above, *unit.certificates))),
            tuple(dict.fromkeys((*status.ocsps, *unit.ocsps))),
            tuple(dict.fromkeys((*status.crls, *self._crls_above(self._ca), *unit.crls))),
        )

    def check_seal(self, certificate: bytes, *, proof: bool) -> None:
        """See that the seal may seal; with `proof`, that its validation data can be had.

        Raises as above.
        """
        if proof:
            self.for_seal(certificate)
        else:
            self._own_status(certificate)

    def _own_status(self, certificate: bytes) -> _Status:
        if certificate != self._seal.public_bytes(Encoding.DER):
            raise ForeignCertificateError(messages.CERTIFICATE_OF_ANOTHER_SEAL)
        return self._status(self._seal, self._ca)

    def _open_unit(self) -> RemoteUnit | None:
        if self._ca.tsa_url is None:
            return None
        issuers = [x509.load_der_x509_certificate(one) for one in self._tsa_ca().path]
        parts = self._parts
        return RemoteUnit(
            issuers,
            self._ca.tsa_url,
            clock=parts.clock,
            random=parts.random,
            policy=self._ca.tsa_policy,
        )

    def _tsa_ca(self) -> OutsideCa:
        wanted = self._ca.tsa_ca or self._ca.ca_id
        return find_outside(self._parts, wanted)

    def _unit(self) -> ValidationData:
        """Validation data of the timestamp, at most a minute old."""
        if self._remote is None:
            return self._own_data.for_unit()
        now = self._parts.clock.now()
        with self._lock:
            age = now - self._unit_data_at
            if self._unit_data is None or not timedelta(0) <= age < CACHE_LIFETIME:
                self._unit_data = self._collect(self._remote.certificate)
                self._unit_data_at = now
            return self._unit_data

    def _collect(self, unit: x509.Certificate) -> ValidationData:
        ca = self._tsa_ca()
        status = self._status(unit, ca)
        others = (unit, *status.certificates)
        encoded = (c.public_bytes(Encoding.DER) for c in others)
        crls = (*status.crls, *self._crls_above(ca))
        return ValidationData((*encoded, *ca.path), status.ocsps, crls)

    def _status(self, certificate: x509.Certificate, ca: OutsideCa) -> _Status:
        """Ask the CA's OCSP responder; where the certificate names none, look at its CRL."""
        address = ocsp_address(certificate)
        if address is None:
            link = OutsideLink(certificate, ca.x509)
            self._crls.fetch(link, lambda url: get(url).body)
            return _Status(crls=(self._crls.current(link),))
        responder = RemoteResponder(
            ca.x509, address, clock=self._parts.clock, random=self._parts.random
        )
        answer = responder.answer_about(certificate.serial_number)
        if not answer.good:
            raise SealRevokedError(messages.OUTSIDE_CA_DENIES_CERTIFICATE)
        return _Status((responder.certificate,), (answer.der,))

    def _crls_above(self, ca: OutsideCa) -> Iterator[bytes]:
        for link in links(ca.path):
            yield self._crls.current(link)


def find_outside(parts: CaParts, ca_id: IssuerId) -> OutsideCa:
    """Return a CA outside that is on record. Raises `ForeignCertificateError`."""
    for ca in parts.ledger.list_outside_cas():
        if ca.ca_id == ca_id:
            return ca
    raise ForeignCertificateError(messages.no_such_outside_ca(ca_id))


def ocsp_address(certificate: x509.Certificate) -> str | None:
    """Return the OCSP address of a certificate (RFC 5280 4.2.2.1)."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return None
    return next(
        (
            str(one.access_location.value)
            for one in access.value
            if one.access_method == AiaOID.OCSP
            and isinstance(one.access_location, x509.UniformResourceIdentifier)
        ),
        None,
    )
