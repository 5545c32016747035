"""Requests of services to the CA, the desk where they lie, and the names that it gives."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cryptography import x509

from ca.errors import NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.hierarchy import Hierarchy
from ca.hierarchy.issuing_ca import IssuingCa
from ca.hierarchy.service_keys import certified_before
from ca.issuing.parts import CaParts
from ca.profiles.profiles import ProfileKind
from ca.profiles.words import kind_zh
from core.ids import IssuerId, KeyId


class RequestState(StrEnum):
    """State of a request."""

    REQUESTED = "REQUESTED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A service asks for a certificate."""

    request_id: str
    """SHA-256 of the public key, hexadecimal: one request a key."""
    issuer: IssuerId
    kind: ProfileKind
    key_id: KeyId
    csr: bytes
    """PKCS#10 (RFC 2986), DER; of it only the public key and its proof count."""
    state: RequestState
    requested_at: datetime
    settled_at: datetime | None = None
    detail: str | None = None
    """Serial of what was issued, or the code of why not."""


class RequestDesk(Protocol):
    """Requests on record. Every method is durable when it returns."""

    def submit(self, request: CertificateRequest) -> None:
        """Record a request, or ask again for what was refused; one that is open or issued stays."""
        ...

    def list_open(self) -> list[CertificateRequest]:
        """Return the requests to be decided, oldest first."""
        ...

    def settle(self, request_id: str, state: RequestState, detail: str, at: datetime) -> None:
        """Record what became of an open request; of any other, nothing."""
        ...


def subject_of(hierarchy: Hierarchy, parts: CaParts, ca: IssuingCa, kind: ProfileKind) -> x509.Name:
    """Return the name that the service has had so far, from the ledger: never from a request."""
    issuers = [ca, *(one for one in hierarchy.issuing_cas if one is not ca)]
    for one in issuers:
        known = certified_before(parts.ledger, one.record.issuer, kind)
        if known:
            return known[-1].subject
    raise NotFoundedError(messages.service_name_unknown(service_zh=kind_zh(kind), service=kind))
