"""What a CMS says of itself, before its signature is judged."""

from collections.abc import Iterator

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.general import CMSExtractionError, extract_certificate_info
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from signing.inspection.objects import READ_ERRORS

_DIGESTS = frozenset(
    {
        "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_256",
        "sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake256", "shake256_len",
        "md5",
    }
)  # fmt: skip
"""What pyHanko can compute; weak ones are its policy's to refuse, not unknown."""
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


def unsupported(signed_data: cms.SignedData, certificate: x509.Certificate | None) -> bool:
    """Tell whether the signature uses an algorithm that we cannot verify (SM2 and others).

    `certificate` is the signer's, if it is there.
    """
    (signer_info,) = signed_data["signer_infos"]
    if signer_info["digest_algorithm"]["algorithm"].native not in _DIGESTS:
        return True
    algorithm = signer_info["signature_algorithm"]
    try:
        mechanism = algorithm.signature_algo
    except ValueError:
        mechanism = algorithm["algorithm"].native
    if mechanism not in _MECHANISMS:
        return True
    return certificate is not None and not _key_supported(certificate)


def signing_certificate(signed_data: cms.SignedData) -> x509.Certificate | None:
    """Return the certificate that the one SignerInfo names, if it is there and can be read."""
    try:
        return extract_certificate_info(signed_data).signer_cert
    except (CMSExtractionError, ValueError, TypeError, KeyError):
        return None


def _key_supported(certificate: x509.Certificate) -> bool:
    algorithm = certificate.public_key["algorithm"]
    name = algorithm["algorithm"].native
    if name != "ec":
        return name in _KEYS
    parameters = algorithm["parameters"]
    return parameters.name == "named" and parameters.chosen.native in _CURVES


def has_ades_attributes(signer_info: cms.SignerInfo) -> bool:
    """Tell whether the signed attributes are those of CAdES (EN 319 122-1 5.1.1, 5.2.2)."""
    attributes = signer_info["signed_attrs"]
    if isinstance(attributes, core.Void):
        return False
    names = {attribute["type"].native for attribute in attributes}
    return bool({"signing_certificate_v2", "signing_certificate"} & names) and (
        {"content_type", "message_digest"} <= names
    )


def timestamp_tokens(signer_info: cms.SignerInfo) -> list[cms.SignedData]:
    """Return the signature timestamps (EN 319 122-1 5.3)."""
    return list(extract_tst_data_iter(signer_info, signed=False))


def token_info(token: cms.SignedData) -> tsp.TSTInfo:
    """Return the TSTInfo of a timestamp token (RFC 3161 2.4.2)."""
    return token["encap_content_info"]["content"].parsed


def embedded_certificates(signed_data: cms.SignedData) -> Iterator[x509.Certificate]:
    """Yield the certificates of a CMS, the signer's among them."""
    if isinstance(signed_data["certificates"], core.Void):
        return
    for choice in signed_data["certificates"]:
        if choice.name == "certificate":
            yield choice.chosen


def odd_headers(signed_data: cms.SignedData) -> bool:
    """Tell whether what no signature covers departs from RFC 5652 5.1 and 5.3, in tokens too.

    Some makers are careless there, so it is noted and no more.
    """
    try:
        tokens = timestamp_tokens(signed_data["signer_infos"][0])
        return any(_odd_header(item) for item in (signed_data, *tokens))
    except READ_ERRORS:
        return True


def _odd_header(signed_data: cms.SignedData) -> bool:
    (signer_info,) = signed_data["signer_infos"]
    by_name = signer_info["sid"].dump()[:1] == b"\x30"
    if signer_info["version"].native != ("v1" if by_name else "v3"):
        return True
    plain = signed_data["encap_content_info"]["content_type"].native == "data"
    if signed_data["version"].native != ("v1" if plain and by_name else "v3"):
        return True
    return signer_info["digest_algorithm"].dump() not in [
        algorithm.dump() for algorithm in signed_data["digest_algorithms"]
    ]
