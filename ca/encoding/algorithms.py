"""Algorithms of what our keys sign outside certificates: identifiers, encoded, and digests."""

from ca.encoding import der
from keys.model import KeyAlgorithm

_SIGNATURE_OIDS: dict[KeyAlgorithm, str] = {
    KeyAlgorithm.ECDSA_P256: "1.2.840.10045.4.3.2",
    KeyAlgorithm.ECDSA_P384: "1.2.840.10045.4.3.3",
    KeyAlgorithm.RSA_3072: "1.2.840.113549.1.1.11",
    KeyAlgorithm.ML_DSA_44: "2.16.840.1.101.3.4.3.17",
    KeyAlgorithm.ML_DSA_65: "2.16.840.1.101.3.4.3.18",
    KeyAlgorithm.ML_DSA_87: "2.16.840.1.101.3.4.3.19",
}
_CMS_DIGESTS: dict[KeyAlgorithm, str] = {
    KeyAlgorithm.ECDSA_P256: "sha256",
    KeyAlgorithm.ECDSA_P384: "sha384",
    KeyAlgorithm.RSA_3072: "sha256",
    KeyAlgorithm.ML_DSA_44: "sha512",
    KeyAlgorithm.ML_DSA_65: "sha512",
    KeyAlgorithm.ML_DSA_87: "sha512",
}


def cms_digest(algorithm: KeyAlgorithm) -> str:
    """Return the name of the digest of signed content in CMS (RFC 5652 5.4).

    With ML-DSA it is SHA-512, which RFC 9882 3.3 asks everybody to support; the signed attributes
    themselves go to ML-DSA undigested.
    """
    return _CMS_DIGESTS[algorithm]


def signature_algorithm(algorithm: KeyAlgorithm) -> bytes:
    """Return the AlgorithmIdentifier (DER) of what `Signer.sign` makes with such a key.

    RSA carries NULL parameters (RFC 4055 5), ECDSA and ML-DSA none (RFC 5758 3.2, RFC 9881 2).
    """
    oid = der.oid(_SIGNATURE_OIDS[algorithm])
    return der.sequence(oid, der.NULL) if algorithm is KeyAlgorithm.RSA_3072 else der.sequence(oid)
