"""A path of certificates that others issued, from one of ours or a service's up to its anchor.

Checked as RFC 5280 6.1 checks it, strictly: a path that is taken in once stands in documents for
decades, so that what validators may read differently is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from ca.errors import ExchangeError
from ca.outside import messages
from ca.outside.exchange import refused
from ca.outside.rules import check_path, find_extension, is_ca
from ca.profiles.describe import describe_name
from ca.profiles.public_keys import is_sound

MAX_PATH: Final = 8
"""Certificates from an end entity to its anchor, both included: real paths have three or four."""
MAX_CERTIFICATES: Final = 32
"""In one file: a chain with several editions of each CA stays below it."""
MAX_STEPS: Final = 64
"""Certificates looked at on the way: cross-signed hierarchies have a handful of ways."""
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
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
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
        raise refused(messages.NO_CERTIFICATES_IN_FILE) from error
    found = list(dict.fromkeys(found))  # chains hold a certificate twice now and then
    if len(found) > MAX_CERTIFICATES:
        raise refused(messages.TOO_MANY_CERTIFICATES)
    for certificate in found:
        check_known(certificate)
    return found


def check_known(certificate: x509.Certificate) -> None:
    """Raise `ExchangeError` for a key or signature that no library here knows, SM2 among them, and
    for names or extensions that cannot be read.

    Done before all else: with such a certificate every later question would be an internal error.
    """
    serial = f"{certificate.serial_number:x}"
    try:
        name = describe_name(certificate.subject)
        describe_name(certificate.issuer)
        list(certificate.extensions)
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        raise refused(messages.certificate_fields_unreadable(serial=serial, error=error)) from error
    try:
        certificate.public_key()
        _ = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _weak(name) from error


def build_path(
    leaf: x509.Certificate, others: Iterable[x509.Certificate], anchor: bytes, now: datetime
) -> Path:
    """Return the path from a certificate to the anchor of that SHA-256, checked.

    Where a CA has several certificates (renewed, cross-signed), every way is tried; the first that
    suits is returned. Raises `ExchangeError`: of the first whole way, why it does not suit.
    """
    search = _Search([one for one in others if one != leaf], anchor)
    failed: ExchangeError | None = None
    for path in search.ways((leaf,)):
        try:
            _check_path(path, now)
        except ExchangeError as error:
            failed = failed or error
            continue
        return path
    raise failed or search.missing(leaf)


class _Search:
    """All ways from a certificate to an anchor, bounded."""

    def __init__(self, certificates: list[x509.Certificate], anchor: bytes) -> None:
        self._certificates = certificates
        self._anchor = anchor
        self._steps = 0
        self._ends: list[x509.Certificate] = []

    def ways(self, path: Path) -> Iterator[Path]:
        last = path[-1]
        if last.fingerprint(hashes.SHA256()) == self._anchor:
            yield path
            return
        _check_digest(last)  # first, or what cannot be verified would be called missing
        above = [one for one in self._certificates if one not in path and _issued(last, one)]
        if not above or len(path) == MAX_PATH:
            self._ends.append(last)
            return
        for one in above:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise refused(messages.TOO_MANY_CHAIN_PATHS)
            yield from self.ways((*path, one))

    def missing(self, leaf: x509.Certificate) -> ExchangeError:
        name = describe_name((self._ends or [leaf])[0].issuer)
        return refused(messages.chain_incomplete(name))


def _check_path(path: Path, now: datetime) -> None:
    leaf, *above = path
    for below, certificate in enumerate(above, 1 if is_ca(leaf) else 0):
        _check_ca(certificate, below, now)
    _check(leaf, now)
    if above:
        check_path(path)
        from ca.outside.witness import check_independently  # noqa: PLC0415  # slow to import

        check_independently(path, now)


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
        raise refused(messages.certificate_not_ca(name)) from error
    if not constraints.ca or not usage.key_cert_sign or not usage.crl_sign:
        raise refused(messages.ca_lacks_signing_usage(name))
    if constraints.path_length is not None and constraints.path_length < below:
        raise refused(messages.path_length_exceeded(name))


def _check(certificate: x509.Certificate, now: datetime) -> None:
    name = describe_name(certificate.subject)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise refused(messages.certificate_out_of_validity(name))
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _KNOWN_CRITICAL:
            raise refused(
                messages.critical_extension_unsupported(name=name, oid=extension.oid.dotted_string)
            )
    key = certificate.public_key()
    strong = (
        isinstance(key, _ML_DSA)
        or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS and is_sound(key))
        or (
            isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1)
            and _names_its_curve(certificate, key)
        )
    )
    if not strong:
        raise _weak(name)


def _names_its_curve(certificate: x509.Certificate, key: ec.EllipticCurvePublicKey) -> bool:
    """Refuse a curve that is written out (RFC 5480 2.1.1): other validators do, and who reads one
    without comparing all of it takes an attacker's (CVE-2020-0601).
    """
    named = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return named in certificate.tbs_certificate_bytes


def _check_digest(certificate: x509.Certificate) -> None:
    digest = certificate.signature_hash_algorithm
    if digest is not None and not isinstance(digest, _DIGESTS):
        raise _weak(describe_name(certificate.subject))


def _weak(name: str) -> ExchangeError:
    return refused(messages.algorithm_not_accepted(name=name, min_rsa_bits=MIN_RSA_BITS))


def crl_addresses(certificate: x509.Certificate) -> Sequence[str]:
    """Return the http addresses of the CRL that speaks of a certificate (RFC 5280 4.2.1.13)."""
    names = distribution_points(certificate)
    return [
        str(name.value)
        for name in names
        if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http://")
    ]


def distribution_points(certificate: x509.Certificate) -> Sequence[x509.GeneralName]:
    """Return the names of the points whose CRL is its issuer's own and covers every reason."""
    points = find_extension(certificate, x509.CRLDistributionPoints) or ()
    return [
        name
        for point in points
        if point.crl_issuer is None and point.reasons is None
        for name in point.full_name or ()
    ]
