"""AlgorithmIdentifiers, encoded, for what our keys sign outside certificates."""

from ca import der
from keys.model import KeyAlgorithm

_SIGNATURE_OIDS: dict[KeyAlgorithm, str] = {
    KeyAlgorithm.ECDSA_P256: "1.2.840.10045.4.3.2",
    KeyAlgorithm.ECDSA_P384: "1.2.840.10045.4.3.3",
    KeyAlgorithm.RSA_3072: "1.2.840.113549.1.1.11",
    KeyAlgorithm.ML_DSA_44: "2.16.840.1.101.3.4.3.17",
    KeyAlgorithm.ML_DSA_65: "2.16.840.1.101.3.4.3.18",
    KeyAlgorithm.ML_DSA_87: "2.16.840.1.101.3.4.3.19",
}


def signature_algorithm(algorithm: KeyAlgorithm) -> bytes:
    """Return the AlgorithmIdentifier (DER) of what `Signer.sign` makes with such a key.

    RSA carries NULL parameters (RFC 4055 5), ECDSA and ML-DSA none (RFC 5758 3.2, RFC 9881 2).
    """
    oid = der.oid(_SIGNATURE_OIDS[algorithm])
    return der.sequence(oid, der.NULL) if algorithm is KeyAlgorithm.RSA_3072 else der.sequence(oid)
