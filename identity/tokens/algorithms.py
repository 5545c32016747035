"""Signature algorithms of tokens: asymmetric ones that python-jose has (RFC 7518 3.1)."""

from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec, rsa

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

MIN_RSA_BITS = 2048
"""RFC 7518 3.3."""
MAX_RSA_BITS = 8192
"""More only costs time."""
MIN_RSA_EXPONENT = 65537
"""NIST SP 800-89 5.3.3, as for certificates (`ca.profiles.public_keys`)."""


class JwsAlgorithm(StrEnum):
    """Signature algorithm; a configuration names one for each issuer. None is symmetric."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"

    @property
    def digest(self) -> str:
        """Name of its digest in `hashlib`."""
        return f"sha{self.value[2:]}"

    def takes(self, key: PublicKey) -> bool:
        """Tell whether a key is of its kind: RSA, or the one curve that belongs to it."""
        return key_algorithm(key, self) is self


_CURVES: dict[str, JwsAlgorithm] = {
    "secp256r1": JwsAlgorithm.ES256,
    "secp384r1": JwsAlgorithm.ES384,
    "secp521r1": JwsAlgorithm.ES512,
}
"""RFC 7518 3.4 binds each to its digest; python-jose would take a longer curve with any."""


def key_algorithm(key: PublicKey, of_rsa: JwsAlgorithm = JwsAlgorithm.RS256) -> JwsAlgorithm | None:
    """Return the algorithm that a key signs by; None for a curve that has none here.

    An RSA key signs by any of three: by `of_rsa`, if that is one of them.
    """
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name)
    return of_rsa if of_rsa.startswith("RS") else None


def is_strong(key: PublicKey) -> bool:
    """Tell whether a key is strong enough; each curve that has an algorithm is."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return True
    return (
        MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS and key.public_numbers().e >= MIN_RSA_EXPONENT
    )
