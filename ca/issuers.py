"""Records of our CAs, root or issuing, with key, certificate and state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509

from ca import messages
from ca.errors import NotFoundedError
from core.ids import IssuerId, KeyId

ROOT = IssuerId("root")
FIRST_ISSUING = IssuerId("issuing-1")


def issuing_id(number: int) -> IssuerId:
    """Return the id of the issuing CA of that number, from one."""
    return IssuerId(f"issuing-{number}")


def cross_name(subject: IssuerId, by: IssuerId) -> IssuerId:
    """Return a cross-certificate's name in files and addresses."""
    return IssuerId(f"{subject}-by-{by}")


class IssuerRole(StrEnum):
    """Role of a CA: the kind of its subjects."""

    ROOT = "root"
    """Issuing CAs and other roots; offline."""
    ISSUING = "issuing"
    """End entities."""


class IssuerState(StrEnum):
    """State of a CA."""

    PREPARED = "PREPARED"
    """It has a key and waits for its certificate, or for its turn."""
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    """It issues nothing any more; its CRLs and OCSP answers go on until its certificate ends."""


@dataclass(frozen=True, slots=True)
class IssuerRecord:
    """One CA as the ledger knows it."""

    issuer: IssuerId
    role: IssuerRole
    parent: IssuerId | None
    """Who certified it; None for a self-signed root and for a CA below somebody else's."""
    key_id: KeyId
    state: IssuerState
    created_at: datetime
    certificate: bytes | None = None
    """DER; None while it is PREPARED."""
    chain: tuple[bytes, ...] = ()
    """Certificates (DER) above it that are not ours, its issuer's first, the trust anchor last."""
    crl_shards: int = 1
    """Into how many CRLs its certificates are divided; fixed when it is founded."""

    @property
    def x509(self) -> x509.Certificate:
        """Its certificate. Raises `NotFoundedError` while there is none."""
        if self.certificate is None:
            raise NotFoundedError(messages.ca_not_certified_yet(self.issuer), issuer=self.issuer)
        return x509.load_der_x509_certificate(self.certificate)


@dataclass(frozen=True, slots=True)
class OutsideCa:
    """A CA that is not ours and certified what we rely on: a seal, or a time-stamping unit."""

    ca_id: IssuerId
    """Told from its key (`ca.outside.crls.outside_id`)."""
    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """Certificates (DER) above it, the trust anchor last; empty where it is the anchor itself."""
    created_at: datetime
    tsa_url: str | None = None
    """Where timestamps for its seals come from; None: from our own unit."""
    tsa_policy: str | None = None
    """The policy that these must state; None: any."""
    tsa_ca: IssuerId | None = None
    """The CA outside that certified that unit."""

    @property
    def x509(self) -> x509.Certificate:
        """Its certificate."""
        return x509.load_der_x509_certificate(self.certificate)

    @property
    def path(self) -> tuple[bytes, ...]:
        """Its certificate and those above it, the trust anchor last; DER."""
        return (self.certificate, *self.chain)
