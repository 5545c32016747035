"""The hierarchy in use: its certificates from the ledger, its keys opened when first needed."""

from functools import cached_property

from cryptography import x509

from ca.anchors import FIRST_ISSUING, ROOT
from ca.crl import ISSUING_CRL_TIMES, CrlIssuer
from ca.errors import NotFoundedError
from ca.issue import CertificateAuthority, Issuer
from ca.ledger import CertificateState, Ledger
from ca.ocsp import OcspResponder, OcspService
from ca.parts import CaParts
from ca.profiles import DEFAULT_TIMESTAMP_POLICY, ProfileKind
from ca.tsa import TimestampUnit
from ca.validation_data import ValidationSource
from core.ids import IssuerId, KeyId
from keys.model import KeyPurpose, KeyStore, Signer

ROOT_KEY = KeyId("root")
ISSUING_KEY = KeyId("issuing-1")
OCSP_KEY = KeyId("ocsp-issuing-1")
TSA_KEY = KeyId("tsa-1")


class Hierarchy:
    """A root, an issuing CA, its OCSP responder and a time-stamping unit.

    Each property opens the one key that it needs, once; the root's key is never among them.
    """

    def __init__(
        self, keys: KeyStore, parts: CaParts, timestamp_policy: str = DEFAULT_TIMESTAMP_POLICY
    ) -> None:
        """Read the certificates. Raises `NotFoundedError` if one is missing."""
        self._keys = keys
        self._parts = parts
        self._timestamp_policy = timestamp_policy
        self.root = newest_certificate(parts.ledger, ROOT, ProfileKind.ROOT)
        self.issuing = newest_certificate(parts.ledger, ROOT, ProfileKind.ISSUING)
        self.ocsp = newest_certificate(parts.ledger, FIRST_ISSUING, ProfileKind.OCSP_RESPONDER)
        self.tsa = newest_certificate(parts.ledger, FIRST_ISSUING, ProfileKind.TSA)

    @cached_property
    def authority(self) -> CertificateAuthority:
        """Issues seals' and services' certificates; opens the issuing CA's key."""
        issuer = Issuer.of_certificate(FIRST_ISSUING, self.issuing)
        return CertificateAuthority(issuer, self._issuing_signer, self._parts)

    @cached_property
    def crls(self) -> CrlIssuer:
        """Makes the issuing CA's CRLs; opens the issuing CA's key."""
        return CrlIssuer(
            FIRST_ISSUING, self.issuing, self._issuing_signer, ISSUING_CRL_TIMES, self._parts
        )

    @cached_property
    def responder(self) -> OcspResponder:
        """Answers for the issuing CA's certificates; opens the OCSP key."""
        return OcspResponder(
            FIRST_ISSUING,
            self.issuing,
            self.ocsp,
            self._keys.open(OCSP_KEY, KeyPurpose.OCSP),
            ledger=self._parts.ledger,
            clock=self._parts.clock,
        )

    @cached_property
    def ocsp_service(self) -> OcspService:
        """Answers OCSP requests; opens the OCSP key."""
        return OcspService([self.responder])

    @cached_property
    def timestamps(self) -> TimestampUnit:
        """Makes timestamp tokens; opens the TSA key."""
        return TimestampUnit(
            self._keys.open(TSA_KEY, KeyPurpose.TSA),
            self.tsa,
            [self.issuing],
            self._timestamp_policy,
            self._parts.clock,
            self._parts.random,
        )

    @cached_property
    def validation(self) -> ValidationSource:
        """Hands out validation data for seals; opens the OCSP key."""
        return ValidationSource(
            chain=(self.issuing, self.root),
            responder_certificate=self.ocsp,
            tsa_certificate=self.tsa,
            responder=self.responder,
            ledger=self._parts.ledger,
            clock=self._parts.clock,
        )

    @property
    def _issuing_signer(self) -> Signer:
        return self._keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)


def open_hierarchy(
    keys: KeyStore, parts: CaParts, timestamp_policy: str = DEFAULT_TIMESTAMP_POLICY
) -> Hierarchy:
    """Return the hierarchy that was founded. Raises `NotFoundedError`."""
    return Hierarchy(keys, parts, timestamp_policy)


def find_certificate(
    ledger: Ledger, issuer: IssuerId, kind: ProfileKind
) -> x509.Certificate | None:
    """Return the newest certificate of a kind that was issued and not revoked."""
    issued = [
        entry.certificate
        for entry in ledger.list_entries(issuer, profile=kind)
        if entry.certificate is not None and entry.state is CertificateState.ISSUED
    ]
    return x509.load_der_x509_certificate(issued[-1]) if issued else None


def newest_certificate(ledger: Ledger, issuer: IssuerId, kind: ProfileKind) -> x509.Certificate:
    """Return what `find_certificate` finds. Raises `NotFoundedError`."""
    certificate = find_certificate(ledger, issuer, kind)
    if certificate is None:
        raise NotFoundedError(
            f"证书体系尚未建好：缺少“{kind}”证书。请执行（或再次执行）xinyin init。",
            f"The hierarchy is not founded: the “{kind}” certificate is missing. "
            "Run xinyin init (again).",
            kind=kind,
        )
    return certificate
