"""A path of certificates that others issued, from one of ours or a service's up to its anchor.

Checked as RFC 5280 6.1 checks it, strictly: a path that is taken in once stands in documents for
decades, so that what validators may read differently is refused.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.x509.oid import ExtensionOID

from ca.describe import describe_name
from ca.errors import ExchangeError
from ca.exchange import refused

MAX_PATH: Final = 8
"""Certificates from an end entity to its anchor, both included: real paths have three or four."""
MIN_RSA_BITS: Final = 2048
"""NIST SP 800-57 part 1, 5.6.1: 112 bits, the least that verifiers of our documents accept."""
_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_ML_DSA = (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey)
_KNOWN_CRITICAL = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
    }
)
"""Others that are critical limit a path in ways that we do not follow (RFC 5280 4.2)."""

Path = tuple[x509.Certificate, ...]
"""The certificate itself first, its trust anchor last."""


def load_certificates(data: bytes) -> list[x509.Certificate]:
    """Read certificates, PEM (any number) or DER (one), whose algorithms are known at all.

    Raises `ExchangeError`.
    """
    try:
        if b"-----BEGIN" in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise refused("文件中没有证书", "the file holds no certificates") from error
    for certificate in found:
        check_known(certificate)
    return found


def check_known(certificate: x509.Certificate) -> None:
    """Raise `ExchangeError` for a key or signature that no library here knows, SM2 among them.

    Done before all else: with such a certificate every later question would be an internal error.
    """
    try:
        certificate.public_key()
        _ = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _weak(describe_name(certificate.subject)) from error


def build_path(
    leaf: x509.Certificate, others: Iterable[x509.Certificate], anchor: bytes, now: datetime
) -> Path:
    """Return the path from a certificate to the anchor of that SHA-256, checked.

    Raises `ExchangeError`.
    """
    path, rest = [leaf], [one for one in others if one != leaf]
    while path[-1].fingerprint(hashes.SHA256()) != anchor:
        _check_digest(path[-1])  # first, or what cannot be verified would be called missing
        above = next((one for one in rest if _issued(path[-1], one)), None)
        if above is None or len(path) == MAX_PATH:
            raise refused(
                f"“{describe_name(path[-1].issuer)}”的证书缺失，或链不通向所指明的根",
                f"the certificate of “{describe_name(path[-1].issuer)}” is missing, or the chain "
                "does not lead to the root that was named",
            )
        path.append(above)
        rest.remove(above)
    for below, certificate in enumerate(path[1:], 1 if _is_ca(leaf) else 0):
        _check_ca(certificate, below, now)
    _check(leaf, now)
    return tuple(path)


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_ca(certificate: x509.Certificate, below: int, now: datetime) -> None:
    """`below`: how many CAs stand between it and the end of the path (RFC 5280 6.1.4 k to n)."""
    _check(certificate, now)
    name = describe_name(certificate.subject)
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise refused(f"“{name}”不是 CA 证书", f"“{name}” is no CA's certificate") from error
    if not constraints.ca or not usage.key_cert_sign or not usage.crl_sign:
        raise refused(
            f"“{name}”不得签发证书和吊销列表", f"“{name}” may not sign certificates and CRLs"
        )
    if constraints.path_length is not None and constraints.path_length < below:
        raise refused(f"“{name}”之下的层级过多", f"“{name}” allows fewer CAs below it")


def _check(certificate: x509.Certificate, now: datetime) -> None:
    name = describe_name(certificate.subject)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise refused(f"“{name}”的证书不在有效期内", f"“{name}” is not within its validity")
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _KNOWN_CRITICAL:
            raise refused(
                f"“{name}”含有无法遵守的关键扩展 {extension.oid.dotted_string}",
                f"“{name}” has a critical extension that is not followed here: "
                f"{extension.oid.dotted_string}",
            )
    key = certificate.public_key()
    strong = (
        isinstance(key, _ML_DSA)
        or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS)
        or (
            isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1)
        )
    )
    if not strong:
        raise _weak(name)


def _check_digest(certificate: x509.Certificate) -> None:
    digest = certificate.signature_hash_algorithm
    if digest is not None and not isinstance(digest, _DIGESTS):
        raise _weak(describe_name(certificate.subject))


def _weak(name: str) -> ExchangeError:
    return refused(
        f"“{name}”的密钥或签名算法不可接受（RSA 须至少 {MIN_RSA_BITS} 位；不支持 SHA-1、SM2）",
        f"“{name}” has a key or signature algorithm that is not accepted (RSA of at least "
        f"{MIN_RSA_BITS} bits, P-256 to P-521 or ML-DSA, with SHA-2)",
    )


def crl_addresses(certificate: x509.Certificate) -> Sequence[str]:
    """Return the http addresses of the CRL that speaks of a certificate (RFC 5280 4.2.1.13)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    return [
        str(name.value)
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http://")
    ]
