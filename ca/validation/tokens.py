"""A timestamp token of others (RFC 3161, RFC 5816), taken apart and verified: RSA, ECDSA, ML-DSA.

Stricter than a verifier must be (ADR 31): what other validators might refuse in years to come does
not go into a document.
"""

import hashlib
from dataclasses import dataclass

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.profiles.public_keys import is_sound, verify_signature

_MIN_RSA_BITS = 2048
"""TS 119 312 6.2.2: nothing shorter is signed with any more."""
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
"""RFC 3370 3.2: the digest is that of the SignerInfo. OpenSSL and most others write it."""
_CLASSICAL: dict[str, tuple[str, type]] = {
    "1.2.840.10045.4.3.2": ("sha256", ec.EllipticCurvePublicKey),
    "1.2.840.10045.4.3.3": ("sha384", ec.EllipticCurvePublicKey),
    "1.2.840.10045.4.3.4": ("sha512", ec.EllipticCurvePublicKey),
    "1.2.840.113549.1.1.11": ("sha256", rsa.RSAPublicKey),
    "1.2.840.113549.1.1.12": ("sha384", rsa.RSAPublicKey),
    "1.2.840.113549.1.1.13": ("sha512", rsa.RSAPublicKey),
}
"""signatureAlgorithm of a token → digest and kind of key (RFC 5758 3.2, RFC 4055 5)."""
_ML_DSA = {
    "2.16.840.1.101.3.4.3.17": mldsa.MLDSA44PublicKey,
    "2.16.840.1.101.3.4.3.18": mldsa.MLDSA65PublicKey,
    "2.16.840.1.101.3.4.3.19": mldsa.MLDSA87PublicKey,
}
"""RFC 9882."""


class TokenFaultError(Exception):
    """A token must not be used; the text is the field that says so."""


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp token, taken apart."""

    encoded: bytes
    """ContentInfo, DER."""
    info: tsp.TSTInfo
    signer: cms.SignerInfo
    certificates: tuple[x509.Certificate, ...]

    @property
    def imprint(self) -> tuple[str, bytes]:
        """Message imprint: the digest and its name."""
        told = self.info["message_imprint"]
        return told["hash_algorithm"]["algorithm"].native, told["hashed_message"].native


def read_token(der: bytes) -> Token:
    """Read a TimeStampResp that grants. Raises `TokenFaultError`, and what asn1crypto raises."""
    response = tsp.TimeStampResp.load(der, strict=True)
    status = response["status"]["status"].native
    if status != "granted":
        raise TokenFaultError(status)
    token = response["time_stamp_token"]
    signed = token["content"]
    certificates = tuple(
        x509.load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]
    )
    content = signed["encap_content_info"]
    info = tsp.TSTInfo.load(content["content"].contents, strict=True)
    (signer,) = signed["signer_infos"]
    # What no signature covers must be as RFC 3161 2.4.2 and RFC 5652 5.1 want it, so that
    # other validators take the token.
    algorithms = [one["algorithm"].native for one in signed["digest_algorithms"]]
    holds = (
        (signed["version"].native, signer["version"].native) == ("v3", "v1")
        and token["content_type"].native == "signed_data"
        and content["content_type"].native == "tst_info"
        and algorithms == [signer["digest_algorithm"]["algorithm"].native]
    )
    if not holds:
        raise TokenFaultError("SignedData")
    if any(one["critical"].native for one in info["extensions"]):
        raise TokenFaultError("extensions")  # we know none
    return Token(token.dump(), info, signer, certificates)


def verify_token(token: Token, certificate: x509.Certificate) -> None:
    """Verify a token's signature by the unit of `certificate`. Raises as `read_token`."""
    attributes = token.signer["signed_attrs"]
    told = {one["type"].native: one["values"][0] for one in attributes}
    if len(told) != len(attributes) or told["content_type"].native != "tst_info":
        raise TokenFaultError("signedAttrs")  # RFC 5652 11
    digest_name = token.signer["digest_algorithm"]["algorithm"].native
    if told["message_digest"].native != hashlib.new(digest_name, token.info.dump()).digest():
        raise TokenFaultError("messageDigest")
    named = told["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    if named != certificate.fingerprint(hashes.SHA256()):
        raise TokenFaultError("ESSCertIDv2")
    signed = b"\x31" + attributes.dump()[1:]  # the SET OF, not [0] IMPLICIT (RFC 5652 5.4)
    oid = token.signer["signature_algorithm"]["algorithm"].dotted
    digest = _digest_signed(certificate, oid, digest_name)
    try:
        signature = token.signer["signature"].native
        verify_signature(certificate.public_key(), signature, signed, digest)
    except InvalidSignature as error:
        raise TokenFaultError("signature") from error


def _digest_signed(
    certificate: x509.Certificate, oid: str, digest_name: str
) -> hashes.HashAlgorithm | None:
    """Return the digest that the key signs, None where it takes the message itself."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and (key.key_size < _MIN_RSA_BITS or not is_sound(key)):
        raise TokenFaultError("key")
    if oid in _ML_DSA and isinstance(key, _ML_DSA[oid]):
        return None
    named = _CLASSICAL.get(oid, ("", type(None)))
    wanted, kind = (digest_name, rsa.RSAPublicKey) if oid == _RSA_ENCRYPTION else named
    digest = _DIGESTS.get(digest_name)
    if not isinstance(key, kind) or wanted != digest_name or digest is None:
        raise TokenFaultError("signatureAlgorithm")
    return digest


def is_for_stamping_alone(certificate: x509.Certificate) -> bool:
    """Tell whether a key may stamp time and nothing else, which must be critical (RFC 3161 2.3)."""
    try:
        told = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
    return told.critical and list(told.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
