"""Public keys that may stand in a certificate."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.errors import WeakKeyError
from ca.profiles import messages
from ca.profiles.profiles import Profile
from keys.algorithms import UnsupportedKeyError, algorithm_of

_MIN_RSA_EXPONENT = 65537
"""NIST SP 800-89 5.3.3: odd and above 2^16."""


def check_public_key(profile: Profile, key: CertificatePublicKeyTypes) -> None:
    """Raise `WeakKeyError` unless the profile allows this key's algorithm and size.

    Which those are, `ca.profiles.rules` says; a point off its curve is refused by `cryptography`
    when the key is loaded.
    """
    try:
        algorithm = algorithm_of(key)
    except UnsupportedKeyError as error:
        raise _weak(profile) from error
    if algorithm not in profile.algorithms:
        raise _weak(profile)
    if isinstance(key, rsa.RSAPublicKey):
        if key.public_numbers().e < _MIN_RSA_EXPONENT:
            raise _weak(profile)
        if not is_sound(key):
            raise WeakKeyError(messages.RSA_KEY_ROCA_VULNERABLE)


def is_sound(key: rsa.RSAPublicKey) -> bool:
    """Tell whether a key's exponent is no small one (FIPS 186-5 5.1) and its modulus not of a
    generator that is known to be faulty.
    """
    numbers = key.public_numbers()
    return numbers.e >= _MIN_RSA_EXPONENT and not has_roca_fingerprint(numbers.n)


def spki_fingerprint(key: CertificatePublicKeyTypes) -> str:
    """Return the SHA-256 of the SubjectPublicKeyInfo (RFC 5280 4.1.2.7), hexadecimal."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def has_roca_fingerprint(modulus: int) -> bool:
    """Tell whether a modulus is of the form that Infineon's RSALib made (Nemec et al. 2017).

    Its primes are powers of 65537 modulo every small prime, so the modulus is one too; a sound
    modulus is that modulo all of ours once in 2^27.
    """
    return all(modulus % prime in powers for prime, powers in _ROCA_POWERS.items())


def _powers_of_f4(prime: int) -> frozenset[int]:
    powers, power = set(), 1
    while power not in powers:
        powers.add(power)
        power = power * 65537 % prime
    return frozenset(powers)


_ROCA_PRIMES = [n for n in range(3, 168) if all(n % divisor for divisor in range(2, n))]
_ROCA_POWERS = {
    prime: powers
    for prime in _ROCA_PRIMES
    if len(powers := _powers_of_f4(prime)) < prime - 1  # else every residue is one of them
}


def _weak(profile: Profile) -> WeakKeyError:
    allowed = ", ".join(profile.algorithms)
    return WeakKeyError(messages.profile_refuses_public_key(profile=profile.kind, allowed=allowed))


def verify_signature(
    key: CertificatePublicKeyTypes,
    signature: bytes,
    data: bytes,
    digest: hashes.HashAlgorithm | None,
) -> None:
    """Raise `InvalidSignature` unless `key` signed `data`, also for keys of other makers' choice.

    ECDSA, RSA with PKCS#1 v1.5, and ML-DSA, which takes no digest.
    """
    if isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
        key.verify(signature, data, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey) and digest is not None:
        key.verify(signature, data, padding.PKCS1v15(), digest)
    elif isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey):
        key.verify(signature, data)
    else:
        raise InvalidSignature
