"""Judging of a file that a countersigner signed with software of its own.

The file is what we hold, byte for byte, and then one update with one signature of the awaited body
in the field that stood empty for it, and nothing else but what validates it. Each way of being
something else is refused in words of its own; nothing is concluded from what cannot be judged.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from registry.granting import messages
from registry.licences.countersignatures import RoundProgress, RoundStep
from registry.model import RegistryError
from registry.types.document_type import Countersigner, seal_field
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.seal_check.protection import signer_certificates_of

_ORGANISATION: Final = ObjectIdentifier("2.5.4.97")
_TABLE: Final = re.compile(rb"startxref[\r\n]+(\d{1,12})[\r\n]+%%EOF[\r\n]{0,2}\Z")
_TAIL: Final = 64
_SIGNED_ONLY: Final = (
    LaterChanges.NONE,
    LaterChanges.VALIDATION_DATA,
    LaterChanges.SIGNATURES,
)


class RefusedSignatureError(RegistryError):
    """A file that was signed elsewhere is not taken in."""

    code = "refused_signature"


@dataclass(frozen=True, slots=True)
class ForeignSignature:
    """A signature that was found good, and whose it is."""

    step: RoundStep
    certificate: bytes
    """DER."""
    sha256: str


def judge_foreign(
    data: bytes, base: int, report: ValidationReport, progress: RoundProgress
) -> ForeignSignature:
    """Return the signature that was added to the first `base` bytes, which are what we hold.

    Raises `RefusedSignatureError`.
    """
    if report.structure is not Structure.SIGNED or "structure_unclear" in report.notes:
        raise RefusedSignatureError(messages.FOREIGN_UNREADABLE)
    before = [one for one in report.signatures if one.covered_length <= base]
    added = [one for one in report.signatures if one.covered_length > base]
    signed = [one for one in added if one.kind is not SignatureKind.TIMESTAMP]
    for one in before:
        _refuse_changed(one)
    if not signed:
        raise RefusedSignatureError(messages.FOREIGN_NOT_SIGNED)
    if len(signed) > 1:
        raise RefusedSignatureError(messages.FOREIGN_SEVERAL)
    own = signed[0]
    _refuse_unsound(own)
    if any(one.intact is not True for one in added):
        raise RefusedSignatureError(messages.FOREIGN_BROKEN)
    if any("contents_rest" in one.notes for one in added):
        raise RefusedSignatureError(messages.FOREIGN_STUFFED)
    table = _TABLE.search(data, max(0, len(data) - _TAIL))
    if table is None or not data.startswith(b"xref", int(table[1])):
        raise RefusedSignatureError(messages.FOREIGN_TABLE)
    step = _step_of(own, progress)
    certificate = _certificate_of(data, own)
    _refuse_other(step.signer, own, certificate)
    return ForeignSignature(step, certificate, own.certificate_sha256 or "")


def _refuse_changed(one: SignatureReport) -> None:
    """Refuse what is no longer as an earlier signature had it."""
    if one.intact is not True:
        raise RefusedSignatureError(messages.FOREIGN_EARLIER_BROKEN)
    match one.later_changes:
        case LaterChanges.CONTENT_CHANGED:
            raise RefusedSignatureError(messages.FOREIGN_CHANGED)
        case LaterChanges.PERMITTED:
            raise RefusedSignatureError(messages.FOREIGN_ANNOTATED)
        case LaterChanges.FORM_FILL:
            raise RefusedSignatureError(messages.FOREIGN_FILLED)
        case changes if changes in _SIGNED_ONLY:
            return
        case _:
            raise RefusedSignatureError(messages.FOREIGN_UNREADABLE)


def _refuse_unsound(own: SignatureReport) -> None:
    if own.intact is False:
        raise RefusedSignatureError(messages.FOREIGN_BROKEN)
    if own.intact is None:
        raise RefusedSignatureError(messages.FOREIGN_UNREADABLE)
    if own.coverage is Coverage.PART:
        raise RefusedSignatureError(messages.FOREIGN_PART)
    if own.later_changes not in (LaterChanges.NONE, LaterChanges.VALIDATION_DATA):
        raise RefusedSignatureError(messages.FOREIGN_FOLLOWED)
    if not own.trusted:
        raise RefusedSignatureError(messages.FOREIGN_NO_ANCHOR)
    if own.indication is not Indication.TOTAL_PASSED:
        raise RefusedSignatureError(messages.foreign_not_valid(own.sub_indication))


def _step_of(own: SignatureReport, progress: RoundProgress) -> RoundStep:
    """Return the step whose field was signed. Raises `RefusedSignatureError`."""
    named = {seal_field(one.position): one for one in progress.steps}
    step = named.get(own.field)
    if step is None or not step.signer.outside:
        wanted = [seal_field(one.position) for one in progress.awaited if one.signer.outside]
        raise RefusedSignatureError(messages.foreign_field(own.field, wanted))
    if not step.awaited:
        raise RefusedSignatureError(
            messages.foreign_not_its_turn([one.signer.name for one in progress.awaited])
        )
    return step


def _certificate_of(data: bytes, own: SignatureReport) -> bytes:
    try:
        found = signer_certificates_of(data)
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedSignatureError(messages.FOREIGN_UNREADABLE) from error
    for one in found:
        if hashlib.sha256(one).hexdigest() == own.certificate_sha256:
            return one
    raise RefusedSignatureError(messages.FOREIGN_UNREADABLE)


def _refuse_other(signer: Countersigner, own: SignatureReport, certificate: bytes) -> None:
    """Refuse a certificate that is not the awaited body's."""
    if signer.certificate and own.certificate_sha256 != signer.certificate:
        raise RefusedSignatureError(messages.foreign_certificate(own.signer, signer.name))
    if signer.uscc and signer.uscc not in _codes_in(certificate):
        raise RefusedSignatureError(messages.foreign_certificate(own.signer, signer.name))
    if not signer.certificate and not signer.uscc:
        raise RefusedSignatureError(messages.foreign_certificate(own.signer, signer.name))


def _codes_in(certificate: bytes) -> set[str]:
    """Return the bodies' codes that a certificate names: also behind the scheme of EN 319 412-1
    5.1.4 (`NTRCN-…`).
    """
    subject = x509.load_der_x509_certificate(certificate).subject
    values = [
        str(one.value)
        for oid in (_ORGANISATION, NameOID.SERIAL_NUMBER)
        for one in subject.get_attributes_for_oid(oid)
    ]
    return {*values, *(one.rpartition("-")[2] for one in values)}
