"""Key algorithms in terms of `cryptography`: generating, signing, recognising."""

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
    PublicKeyTypes,
)

from keys import messages
from keys.model import KeyAlgorithm, KeysError

_MLDSAPrivateKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
_ML_DSA_GENERATORS: dict[KeyAlgorithm, Callable[[], _MLDSAPrivateKey]] = {
    KeyAlgorithm.ML_DSA_44: mldsa.MLDSA44PrivateKey.generate,
    KeyAlgorithm.ML_DSA_65: mldsa.MLDSA65PrivateKey.generate,
    KeyAlgorithm.ML_DSA_87: mldsa.MLDSA87PrivateKey.generate,
}
_ML_DSA_PUBLIC: dict[KeyAlgorithm, type[PublicKeyTypes]] = {
    KeyAlgorithm.ML_DSA_44: mldsa.MLDSA44PublicKey,
    KeyAlgorithm.ML_DSA_65: mldsa.MLDSA65PublicKey,
    KeyAlgorithm.ML_DSA_87: mldsa.MLDSA87PublicKey,
}
_CURVES = {
    KeyAlgorithm.ECDSA_P256: ec.SECP256R1,
    KeyAlgorithm.ECDSA_P384: ec.SECP384R1,
}
_RSA_BITS = 3072
_RSA_EXPONENT = 65537


class UnsupportedKeyError(KeysError):
    """A key of an algorithm or size that we do not use."""

    code = "unsupported_key"


def generate_private_key(algorithm: KeyAlgorithm) -> CertificateIssuerPrivateKeyTypes:
    """Generate a private key with the operating system's randomness."""
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm]())
    if algorithm in _ML_DSA_GENERATORS:
        return _ML_DSA_GENERATORS[algorithm]()
    return rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)


def algorithm_of(key: PublicKeyTypes) -> KeyAlgorithm:
    """Name the algorithm of a public key.

    Raises `UnsupportedKeyError` for all but P-256, P-384, RSA of 3072 bits and ML-DSA.
    """
    if isinstance(key, ec.EllipticCurvePublicKey):
        for algorithm, curve in _CURVES.items():
            if isinstance(key.curve, curve):
                return algorithm
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size == _RSA_BITS:
            return KeyAlgorithm.RSA_3072
    else:
        for algorithm, public in _ML_DSA_PUBLIC.items():
            if isinstance(key, public):
                return algorithm
    raise UnsupportedKeyError(messages.KEY_ALGORITHM_OR_SIZE_UNSUPPORTED)


def size_of(algorithm: KeyAlgorithm) -> int:
    """Return bits of the curve or modulus; for ML-DSA the number of its parameter set."""
    return int(algorithm.removeprefix("ecdsa-p").rpartition("-")[2])


def digest_of(algorithm: KeyAlgorithm) -> hashes.HashAlgorithm | None:
    """Return the digest that belongs to an algorithm; None where it signs the data itself."""
    if algorithm in _ML_DSA_PUBLIC:
        return None
    return hashes.SHA384() if algorithm is KeyAlgorithm.ECDSA_P384 else hashes.SHA256()


def sign_with(key: CertificateIssuerPrivateKeyTypes, data: bytes) -> bytes:
    """Sign `data` as `keys.model.Signer.sign` states."""
    return signing_with(key)(data)


def signing_with(key: CertificateIssuerPrivateKeyTypes) -> Callable[[bytes], bytes]:
    """Return a key's `sign_with`, with its algorithm looked up once.

    Raises `UnsupportedKeyError`.
    """
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = digest_of(algorithm_of(key.public_key()))
        assert digest is not None
        ecdsa, curve_key = ec.ECDSA(digest), key
        return lambda data: curve_key.sign(data, ecdsa)
    if isinstance(key, rsa.RSAPrivateKey):
        padded, sha256, rsa_key = padding.PKCS1v15(), hashes.SHA256(), key
        return lambda data: rsa_key.sign(data, padded, sha256)
    if isinstance(key, _MLDSAPrivateKey):
        return key.sign
    raise UnsupportedKeyError(messages.KEY_ALGORITHM_UNSUPPORTED)


def verify_with(key: PublicKeyTypes, signature: bytes, data: bytes) -> None:
    """Raise `InvalidSignature` unless the signature is what `sign_with` makes of `data`.

    Raises `UnsupportedKeyError`.
    """
    digest = digest_of(algorithm_of(key))
    if isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
        key.verify(signature, data, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey) and digest is not None:
        key.verify(signature, data, padding.PKCS1v15(), digest)
    elif isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey):
        key.verify(signature, data)


def public_key_of(key: CertificateIssuerPrivateKeyTypes) -> CertificatePublicKeyTypes:
    """Return the public half."""
    return key.public_key()
