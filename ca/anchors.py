"""What validators trust and know, read without any key."""

from dataclasses import dataclass

from ca.ledger import CertificateState, Ledger
from ca.profiles import ProfileKind
from core.ids import IssuerId

ROOT = IssuerId("root")
FIRST_ISSUING = IssuerId("issuing-1")


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Trust anchors, with the CA certificates and CRLs that are known beside them; all DER."""

    roots: tuple[bytes, ...]
    """Trusted as such (RFC 5280 6.1.1 d)."""
    certificates: tuple[bytes, ...]
    """CA, OCSP and TSA certificates for path building; trusted only through a root."""
    crls: tuple[bytes, ...]


def read_anchors(ledger: Ledger) -> TrustAnchors:
    """Return what the ledger holds; empty before a hierarchy was founded.

    A revoked or expired CA certificate stays among `certificates`, so that what it issued can be
    judged; a revoked root is no anchor.
    """
    issuing = _certificates(ledger, ROOT, ProfileKind.ISSUING, revoked=True)
    others = [
        certificate
        for kind in (ProfileKind.OCSP_RESPONDER, ProfileKind.TSA)
        for certificate in _certificates(ledger, FIRST_ISSUING, kind, revoked=True)
    ]
    crls = (ledger.latest_crl(issuer) for issuer in (ROOT, FIRST_ISSUING))
    return TrustAnchors(
        roots=tuple(_certificates(ledger, ROOT, ProfileKind.ROOT, revoked=False)),
        certificates=(*issuing, *others),
        crls=tuple(crl for crl in crls if crl is not None),
    )


def _certificates(
    ledger: Ledger, issuer: IssuerId, kind: ProfileKind, *, revoked: bool
) -> list[bytes]:
    states = {CertificateState.ISSUED} | ({CertificateState.REVOKED} if revoked else set())
    return [
        entry.certificate
        for entry in ledger.list_entries(issuer, profile=kind)
        if entry.certificate is not None and entry.state in states
    ]
