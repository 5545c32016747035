"""Which public keys may stand in a certificate."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from ca.errors import WeakKeyError
from ca.profiles import Profile
from keys.algorithms import UnsupportedKeyError, algorithm_of

_MIN_RSA_EXPONENT = 65537
"""NIST SP 800-89 5.3.3: odd and above 2^16."""


def check_public_key(profile: Profile, key: CertificatePublicKeyTypes) -> None:
    """Raise `WeakKeyError` unless the profile allows this key's algorithm and size.

    P-256, P-384 and RSA-3072 for end entities, P-384 for CAs; a point off its curve is refused
    by `cryptography` when the key is loaded.
    """
    try:
        algorithm = algorithm_of(key)
    except UnsupportedKeyError as error:
        raise _weak(profile) from error
    if algorithm not in profile.rules.algorithms:
        raise _weak(profile)
    if isinstance(key, rsa.RSAPublicKey) and key.public_numbers().e < _MIN_RSA_EXPONENT:
        raise _weak(profile)


def _weak(profile: Profile) -> WeakKeyError:
    allowed = ", ".join(sorted(profile.rules.algorithms))
    return WeakKeyError(
        f"证书模板“{profile.kind}”不接受此公钥。可用：{allowed}。",
        f"The profile “{profile.kind}” does not accept this public key. Accepted: {allowed}.",
    )
