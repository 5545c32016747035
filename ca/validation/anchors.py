"""Trust anchors and certificates for validators, read without any key."""

from dataclasses import dataclass

from ca.issuers import IssuerRecord, IssuerRole
from ca.ledger import CertificateState, Ledger
from ca.outside.crls import links, outside_paths
from ca.profiles.profiles import ProfileKind
from core.ids import IssuerId


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Trust anchors, with the CA certificates and CRLs that are known beside them; all DER."""

    roots: tuple[bytes, ...]
    """Trusted as such (RFC 5280 6.1.1 d)."""
    certificates: tuple[bytes, ...]
    """CA, OCSP and TSA certificates for path building; trusted only through a root."""
    crls: tuple[bytes, ...]


def read_anchors(ledger: Ledger) -> TrustAnchors:
    """Return the ledger's certificates; empty before a hierarchy was founded.

    A revoked or expired CA certificate stays among `certificates`, so that what it issued can be
    judged; a revoked root is no anchor.
    """
    roots: list[bytes] = []
    others: list[bytes] = []
    for record in ledger.list_issuers():
        if record.role is IssuerRole.ROOT:
            roots += _certificates(ledger, record.issuer, ProfileKind.ROOT, revoked=False)
            for kind in (ProfileKind.ISSUING, ProfileKind.CROSS):
                others += _certificates(ledger, record.issuer, kind, revoked=True)
        else:
            others += _outside(record)
            for kind in (ProfileKind.OCSP_RESPONDER, ProfileKind.TSA):
                others += _certificates(ledger, record.issuer, kind, revoked=True)
            roots += record.chain[-1:]
    crls = [
        ledger.latest_crl(record.issuer, shard)
        for record in ledger.list_issuers()
        for shard in range(record.crl_shards)
    ]
    for path in outside_paths(ledger):
        crls += [ledger.latest_crl(link.crl_id) for link in links(path)]
    for ca in ledger.list_outside_cas():
        crls.append(ledger.latest_crl(ca.ca_id))
        others += ca.path[:-1]
        roots += ca.path[-1:]
    return TrustAnchors(
        roots=tuple(dict.fromkeys(roots)),
        certificates=tuple(dict.fromkeys(others)),
        crls=tuple(dict.fromkeys(crl for crl in crls if crl is not None)),
    )


def _outside(record: IssuerRecord) -> list[bytes]:
    """Return a CA's certificate, and those between it and its anchor, where others issued them."""
    if record.parent is not None or record.certificate is None:
        return []
    return [record.certificate, *record.chain[:-1]]


def _certificates(
    ledger: Ledger, issuer: IssuerId, kind: ProfileKind, *, revoked: bool
) -> list[bytes]:
    states = {CertificateState.ISSUED} | ({CertificateState.REVOKED} if revoked else set())
    return [
        entry.certificate
        for entry in ledger.list_entries(issuer, profile=kind)
        if entry.certificate is not None and entry.state in states
    ]
