"""Algorithms of signatures: which can be verified here, which are weak, how the rest is named."""

from asn1crypto import algos, cms, x509
from cryptography.hazmat.primitives import hashes
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

DIGESTS = frozenset(
    {
        "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_256",
        "sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake256", "shake256_len",
        "md5",
    }
)  # fmt: skip
"""What can be computed; weak ones are known, not unknown."""
RSA_SHA3 = {
    "2.16.840.1.101.3.4.3.13": "sha3_224",
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}
"""RSASSA-PKCS1-v1_5 with SHA-3 (NIST's arc of signature algorithms)."""
PLAIN_ECDSA = {
    "0.4.0.127.0.7.1.1.4.1.1": "sha1",
    "0.4.0.127.0.7.1.1.4.1.2": "sha224",
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
    "0.4.0.127.0.7.1.1.4.1.8": "sha3_224",
    "0.4.0.127.0.7.1.1.4.1.9": "sha3_256",
    "0.4.0.127.0.7.1.1.4.1.10": "sha3_384",
    "0.4.0.127.0.7.1.1.4.1.11": "sha3_512",
}
"""ECDSA whose value is r and s side by side (BSI TR-03111 5.2.1)."""
_MECHANISMS = frozenset(
    {
        "rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "dsa", "ed25519", "ed448",
        "mldsa44", "mldsa65", "mldsa87",
    }
)  # fmt: skip
_KEYS = frozenset(
    {"rsa", "rsassa_pss", "ec", "dsa", "ed25519", "ed448", "mldsa44", "mldsa65", "mldsa87"}
)
_CURVES = frozenset(
    {
        "secp224r1",
        "secp256r1",
        "secp384r1",
        "secp521r1",
        "secp256k1",
        "brainpoolp256r1",
        "brainpoolp384r1",
        "brainpoolp512r1",
        "1.3.36.3.3.2.8.1.1.7",
        "1.3.36.3.3.2.8.1.1.11",
        "1.3.36.3.3.2.8.1.1.13",
    }
)
"""Curves that `cryptography` verifies; SM2's is none of them."""
_CHINESE = "1.2.156.10197.1."
"""Arc of the OSCCA's algorithms: SM2 (…301, …501), SM3 (…401)."""
_SHORTEST_RSA = 2048
"""Bits; ETSI TS 119 312 table 5 ended shorter ones in 2016."""


def unsupported(
    signer_info: cms.SignerInfo, certificate: x509.Certificate | None
) -> frozenset[str]:
    """Return notes on what cannot be verified; none where everything can.

    `certificate` is the signer's, if it is there.
    """
    used = [signer_info["digest_algorithm"], signer_info["signature_algorithm"]]
    known = digest_name(signer_info) is not None and _mechanism(used[1]) in _MECHANISMS
    identifiers = [one["algorithm"].dotted for one in used]
    if certificate is not None:
        key = certificate.public_key["algorithm"]
        known = known and _key_supported(key)
        identifiers.append(key["algorithm"].dotted)
        if key["algorithm"].native == "ec" and key["parameters"].name == "named":
            identifiers.append(key["parameters"].chosen.dotted)
    if known:
        return frozenset()
    chinese = any(one.startswith(_CHINESE) for one in identifiers)
    return frozenset({"unsupported_algorithm", *(("sm2_sm3",) if chinese else ())})


def digest_name(signer_info: cms.SignerInfo) -> str | None:
    """Return the name of the digest algorithm, or None where it is not known."""
    name = signer_info["digest_algorithm"]["algorithm"].native
    return name if name in DIGESTS else None


def digest(name: str, data: bytes) -> bytes:
    """Return a digest by asn1crypto's name of its algorithm."""
    hasher = hashes.Hash(get_pyca_cryptography_hash(name))
    hasher.update(data)
    return hasher.finalize()


def mismatched_digests(signer_info: cms.SignerInfo) -> bool:
    """Tell whether the signature algorithm states another digest than the signer's.

    One of them would be a reading of its own (RFC 5652 5.3: digestAlgorithm; RFC 5754 3).
    """
    stated = signature_digest(signer_info["signature_algorithm"])
    return stated is not None and stated != digest_name(signer_info)


def signature_digest(algorithm: algos.SignedDigestAlgorithm) -> str | None:
    """Return the digest that a signature algorithm states itself, or None."""
    dotted = algorithm["algorithm"].dotted
    if dotted in RSA_SHA3 or dotted in PLAIN_ECDSA:
        return RSA_SHA3.get(dotted) or PLAIN_ECDSA[dotted]
    mechanism = _mechanism(algorithm)
    if mechanism not in ("rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "dsa"):
        return None  # EdDSA and ML-DSA hash on their own
    name: str = algorithm["algorithm"].native
    if name.startswith("sha3_"):
        return name.rpartition("_")[0]
    try:
        stated: str = algorithm.hash_algo
    except ValueError:
        return None
    return stated


def weaknesses(signer_info: cms.SignerInfo, certificate: x509.Certificate) -> frozenset[str]:
    """Return notes on what is too weak to be relied on (ETSI TS 119 312)."""
    found = set()
    name = digest_name(signer_info)
    if name in ("sha1", "md5"):
        found.add("weak_hash")
    key = certificate.public_key
    if key.algorithm in ("rsa", "rsassa_pss"):
        modulus = key["public_key"].parsed["modulus"].contents  # as it stands, be it negative
        if int.from_bytes(modulus).bit_length() < _SHORTEST_RSA:
            found.add("weak_key")
    return frozenset(found)


def _mechanism(algorithm: algos.SignedDigestAlgorithm) -> str:
    dotted = algorithm["algorithm"].dotted
    if dotted in RSA_SHA3:
        return "rsassa_pkcs1v15"
    if dotted in PLAIN_ECDSA:
        return "ecdsa"
    try:
        mechanism: str = algorithm.signature_algo
    except ValueError:
        mechanism = algorithm["algorithm"].native
    return mechanism


def _key_supported(algorithm: algos.AlgorithmIdentifier) -> bool:
    name = algorithm["algorithm"].native
    if name != "ec":
        return name in _KEYS
    parameters = algorithm["parameters"]
    return parameters.name == "named" and parameters.chosen.native in _CURVES
