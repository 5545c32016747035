"""Judges the signed bytes alone: digest, signed attributes, signature value (RFC 5652 5.4 to 5.6).

Three findings. False needs proof: a digest or a signature value over existing bytes that does not
match. True needs all of it to hold in the one reading that the standard allows. Everything between
is not judged, and a note says why. Trust is not asked for here.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from asn1crypto import cms, core, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.errors import (
    AlgorithmNotSupported,
    DSAParametersUnavailable,
    PSSParameterMismatch,
)
from pyhanko_certvalidator.sig_validate import SignatureValidationContext

from signing.inspection.algorithms import (
    digest,
    digest_name,
    mismatched_digests,
    unsupported,
    weaknesses,
)
from signing.inspection.ber import BerError, header, split
from signing.inspection.engine.signatures import remembering_validator
from signing.inspection.objects import READ_ERRORS

_SET = 0x31
_ONCE = ("content_type", "message_digest")
"""Exactly once, with one value (RFC 5652 11.1, 11.2)."""
_AT_MOST_ONCE = (
    "signing_time", "signing_certificate", "signing_certificate_v2", "cms_algorithm_protection",
)  # fmt: skip
_NOT_SUPPORTED = (
    UnsupportedAlgorithm,
    AlgorithmNotSupported,
    DSAParametersUnavailable,
    PSSParameterMismatch,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Integrity:
    """The finding on one CMS."""

    intact: bool | None
    notes: frozenset[str] = frozenset()
    sub_indication: str | None = None
    signed_digest: str | None = None
    """The messageDigest, where the signature value verifies over the attributes that hold it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Inputs against which a CMS is judged."""

    signed_data: cms.SignedData
    certificate: x509.Certificate | None
    content_digest: Callable[[str], bytes]
    """Returns the digest of the signed content by an algorithm's name."""
    raw: bytes
    """The CMS as it stands in the file."""
    known_format: bool = True
    """False: the subfilter may have been meant otherwise, so a mismatch proves nothing."""


def judge_integrity(signed: Signed) -> Integrity:
    """Judge one signature or token; what cannot be parsed is not judged."""
    try:
        return _judge(signed)
    except READ_ERRORS:
        return _malformed()


def _judge(signed: Signed) -> Integrity:  # noqa: PLR0911 — one for each finding
    (signer_info,) = signed.signed_data["signer_infos"]
    attributes = signer_info["signed_attrs"]
    missing = unsupported(signer_info, signed.certificate)
    name = digest_name(signer_info)
    if name is None:
        return _not_supported(missing)
    if isinstance(attributes, core.Void):
        return _not_supported(missing) if missing else _value(signed, signer_info, None)
    # (1) The digest comes first: it has the same reading whatever else is odd.
    stated = _values(attributes, "message_digest")
    content = signed.content_digest(name)
    if len(stated) == 1 and stated[0].native != content:
        if not signed.known_format:
            return Integrity(None, frozenset({"unsupported_subfilter"}), "GENERIC")
        if _digests_own_content(signed, name, stated[0].native):
            return _malformed()
        return _with_signed_digest(
            Integrity(False, sub_indication="HASH_FAILURE"), signed, signer_info, missing
        )
    # (2) One signature has one reading: attributes in DER, each once (RFC 5652 5.3, 5.4).
    if not _one_reading(signed, attributes):
        return _malformed()
    if missing:
        return _not_supported(missing)
    if mismatched_digests(signer_info):
        return _malformed()
    # (3) The value.
    return _value(signed, signer_info, attributes)


def _value(  # noqa: PLR0911 — one for each finding
    signed: Signed, signer_info: cms.SignerInfo, attributes: cms.CMSAttributes | None
) -> Integrity:
    """Verify the signature value, and whether its attributes name the certificate."""
    if signed.certificate is None:
        return Integrity(None, frozenset({"certificate_missing"}), "NO_SIGNING_CERTIFICATE_FOUND")
    weak = weaknesses(signer_info, signed.certificate)
    try:
        holds = _verifies(signed, signer_info)
    except _NOT_SUPPORTED:
        return _not_supported(frozenset({"unsupported_algorithm"}))
    except AssertionError:  # a key of another kind than the algorithm
        return _malformed()
    except READ_ERRORS:
        return Integrity(None, weak | {"certificate_unreadable"}, "GENERIC")
    if not holds:
        proven = False if signed.known_format else None
        return Integrity(proven, weak, "SIG_CRYPTO_FAILURE")
    stated = _stated_digest(attributes)
    if attributes is not None and not names_certificate(attributes, signed.certificate):
        # ETSI EN 319 102-1 5.2.3.4 (3): another certificate than the one that was signed.
        notes = weak | {"certificate_mismatch"}
        return Integrity(None, notes, "NO_SIGNING_CERTIFICATE_FOUND", stated)
    if digest_name(signer_info) == "md5":  # anyone makes two documents with one MD5
        return Integrity(None, weak, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", stated)
    return Integrity(True, weak, None, stated)


def _verifies(signed: Signed, signer_info: cms.SignerInfo) -> bool:
    assert signed.certificate is not None
    attributes = signer_info["signed_attrs"]
    name = digest_name(signer_info)
    assert name is not None
    if isinstance(attributes, core.Void):
        message, prehashed = signed.content_digest(name), True
    else:
        contents = attributes.contents
        message, prehashed = header(_SET, len(contents)) + contents, False
    try:
        remembering_validator().validate_signature(
            signer_info["signature"].native,
            message,
            signed.certificate.public_key,
            signer_info["signature_algorithm"],
            SignatureValidationContext(contextual_md_algorithm=name, prehashed=prehashed),
        )
    except _NOT_SUPPORTED:  # pyHanko makes some of them kinds of `InvalidSignature`
        raise
    except InvalidSignature:
        return False
    return True


def _with_signed_digest(
    finding: Integrity, signed: Signed, signer_info: cms.SignerInfo, missing: frozenset[str]
) -> Integrity:
    """Add the signed messageDigest to a mismatch, where its signature holds all the same."""
    if missing or signed.certificate is None:
        return finding
    try:
        holds = _verifies(signed, signer_info)
    except (*_NOT_SUPPORTED, *READ_ERRORS):
        return finding
    stated = _stated_digest(signer_info["signed_attrs"]) if holds else None
    return Integrity(finding.intact, finding.notes, finding.sub_indication, stated)


def _stated_digest(attributes: cms.CMSAttributes | None) -> str | None:
    if attributes is None:
        return None
    (stated,) = _values(attributes, "message_digest")
    found: bytes = stated.native
    return found.hex()


def _digests_own_content(signed: Signed, name: str, stated: bytes) -> bool:
    """Tell whether a CMS holds other content, which its messageDigest is of."""
    content = signed.signed_data["encap_content_info"]["content"]
    if isinstance(content, core.Void) or _is_token(signed.signed_data):
        return False
    return digest(name, bytes(content)) == stated


def _one_reading(signed: Signed, attributes: cms.CMSAttributes) -> bool:
    contents = attributes.contents
    try:
        pieces = split(contents)
    except BerError:
        return False
    if contents not in signed.raw or any(one >= other for one, other in pairwise(pieces)):
        return False
    counts = Counter(attribute["type"].native for attribute in attributes)
    if any(counts[name] != 1 for name in _ONCE) or any(counts[name] > 1 for name in _AT_MOST_ONCE):
        return False
    if any(len(_values(attributes, name)) > 1 for name in (*_ONCE, *_AT_MOST_ONCE)):
        return False
    inner = signed.signed_data["encap_content_info"]["content_type"].native
    return bool(_values(attributes, "content_type")[0].native == inner)


def _values(attributes: cms.CMSAttributes, name: str) -> list[core.Asn1Value]:
    return [
        value
        for attribute in attributes
        if attribute["type"].native == name
        for value in attribute["values"]
    ]


def names_certificate(attributes: cms.CMSAttributes, certificate: x509.Certificate) -> bool:
    """Tell whether the signing-certificate attributes name it, where there are any.

    RFC 5035 3 and 4: the first entry is the signer's, by a digest of the whole certificate.
    """
    for name in ("signing_certificate_v2", "signing_certificate"):
        for value in _values(attributes, name):
            first = value["certs"][0]
            algorithm = "sha1"
            if name == "signing_certificate_v2":
                algorithm = first["hash_algorithm"]["algorithm"].native
            try:
                found = digest(algorithm, certificate.dump())
            except (ValueError, AttributeError, UnsupportedAlgorithm):
                return False  # named by a digest that we do not know
            if found != first["cert_hash"].native:
                return False
    return True


def _is_token(signed_data: cms.SignedData) -> bool:
    return bool(signed_data["encap_content_info"]["content_type"].native == "tst_info")


def _malformed() -> Integrity:
    return Integrity(None, frozenset({"malformed_signature"}), "FORMAT_FAILURE")


def _not_supported(notes: frozenset[str]) -> Integrity:
    return Integrity(None, notes | {"unsupported_algorithm"}, "GENERIC")
