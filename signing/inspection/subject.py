"""Signature or timestamp as the file holds it, and the finding on its bytes, without trust."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from asn1crypto import cms, x509

from signing.inspection.algorithms import DIGESTS, digest
from signing.inspection.case import JudgementContext
from signing.inspection.cms import embedded_certificates, token_content, token_info
from signing.inspection.identity import altered_certificate, readable
from signing.inspection.integrity import Integrity, Signed, judge_integrity
from signing.inspection.objects import READ_ERRORS


@dataclass(frozen=True, slots=True)
class SignatureSubject:
    """One signature as the file holds it."""

    signed_data: cms.SignedData
    raw: bytes
    """Its CMS as it stands."""
    certificate: x509.Certificate | None
    content_digest: Callable[[str], bytes]
    is_timestamp: bool
    subfilter: str
    known_format: bool


def judge_bytes(subject: SignatureSubject, case: JudgementContext) -> Integrity:
    """Judge what was signed, and what came along unsigned; trust apart."""
    if subject.is_timestamp:
        finding = judge_token_bytes(
            subject.signed_data, subject.raw, subject.certificate, subject.content_digest
        )
    else:
        finding = judge_integrity(
            Signed(
                subject.signed_data,
                subject.certificate,
                subject.content_digest,
                subject.raw,
                subject.known_format,
            )
        )
    if finding.intact is False or subject.certificate is None:
        return finding
    embedded = readable_certificates(subject.signed_data)
    try:
        altered = altered_certificate(subject.certificate, (*embedded, *case.certificates))
    except READ_ERRORS:
        altered = False
    if altered:
        notes = finding.notes | {"certificate_altered"}
        return replace(finding, intact=False, notes=notes, sub_indication="FORMAT_FAILURE")
    return finding


def readable_certificates(signed_data: cms.SignedData) -> list[x509.Certificate]:
    try:
        return [one for one in embedded_certificates(signed_data) if readable(one)]
    except READ_ERRORS:
        return []


def judge_token_bytes(
    token: cms.SignedData,
    raw: bytes,
    certificate: x509.Certificate | None,
    content_digest: Callable[[str], bytes],
) -> Integrity:
    """Judge a timestamp token's imprint and signature (RFC 3161 2.4.2); trust apart."""
    try:
        if token["encap_content_info"]["content_type"].native != "tst_info":
            return _malformed_token()
        imprint = token_info(token)["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        _ = token_info(token)["gen_time"].native
        content = token_content(token)
        stamped = imprint["hashed_message"].native
    except READ_ERRORS:
        return _malformed_token()
    if name not in DIGESTS:
        return Integrity(None, frozenset({"unsupported_algorithm"}), "GENERIC")
    if content_digest(name) != stamped:
        return Integrity(False, sub_indication="HASH_FAILURE")
    finding = judge_integrity(
        Signed(token, certificate, lambda algorithm: digest(algorithm, content), raw)
    )
    if "certificate_missing" in finding.notes:
        return replace(finding, notes=finding.notes | {"timestamp_not_trusted"})
    return finding


def _malformed_token() -> Integrity:
    return Integrity(None, frozenset({"malformed_signature"}), "FORMAT_FAILURE")
