"""CRLs and a CA made by hand, for tests of what records them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ledger import SignedCrl
from core.ids import IssuerId

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
HOLD = x509.ReasonFlags.certificate_hold
SUPERSEDED = x509.ReasonFlags.superseded


def crl(number: int, **revoked: x509.ReasonFlags | None) -> SignedCrl:
    """Sign a list; each name is a serial in letters (a is 10)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name([]))
        .last_update(NOW)
        .next_update(NOW + timedelta(days=7))
    )
    for serial, reason in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(NOW)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)
    return SignedCrl(IssuerId("issuing-1"), 0, number, signed, 0)


def self_signed() -> bytes:
    """Return a certificate (DER) with a name and nothing else."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "别家CA")])
    builder = x509.CertificateBuilder().serial_number(1).issuer_name(name).subject_name(name)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=7))
    signed = builder.public_key(KEY.public_key()).sign(KEY, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)
