"""Evidence of register and trust list on a document that the sandbox judged."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from core.ids import Sha256
from registry.answers.findings import Evidence, OurSeal, Recognised, SignedDigest
from registry.answers.known import Known, KnownFiles
from registry.bodies.authorities import our_seals
from registry.licences.licences import get_licence
from registry.model import Licence, LicenceState
from registry.revisions.beginnings import beginnings
from registry.types.document_type import others_may_sign
from signing.report import SignatureKind, SignatureReport, ValidationReport
from signing.trust.anchors import Anchor, AnchorKind

Anchors = Callable[[str], Anchor | None]
"""Returns a trust anchor by the SHA-256 of its certificate, if it stands on a list."""
_BLANKS = b"\x00\t\n\x0c\r "
"""White space of PDF (ISO 32000-2 7.2.3, table 1)."""
_UNSEEN_STATES = (LicenceState.PENDING, LicenceState.VOID)
"""Stored states that nobody outside may see."""


@dataclass(frozen=True, slots=True)
class IdentifiedEvidence:
    """The evidence, and what names it in an alarm."""

    evidence: Evidence
    alarm_key: str
    """What our seal signed, where it holds; else the file's digest."""


def is_blank(data: bytes, start: int) -> bool:
    """Tell whether nothing but white space follows the first `start` bytes."""
    return not data[start:].strip(_BLANKS)


def seen_licence(licence: Licence | None) -> Licence | None:
    """Return the licence unless nobody outside may see it."""
    return None if licence is None or licence.state in _UNSEEN_STATES else licence


class EvidenceReader:
    """Gathers evidence; usable from several threads."""

    def __init__(self, known: KnownFiles, anchors: Anchors) -> None:
        self._known = known
        self._anchors = anchors

    def read(
        self,
        connection: Connection,
        report: ValidationReport,
        data: bytes,
        sha256: Sha256,
        known: Known | None,
    ) -> IdentifiedEvidence:
        """Gather what is known of `data`, which is not registered as a whole."""
        ours = self._ours(connection, report)
        our_seal = _our_seal(ours)
        signed = {one.signed_digest for one in ours if one.intact} - {None}
        evidence = Evidence(
            report,
            known=known,
            blank_addition=known is not None and is_blank(data, known.revision.length),
            our_seal=our_seal,
            signed_digest=self._signed_digest(connection, signed),
            identifier_on_record=any(
                seen_licence(get_licence(connection, one)) for one in report.identifiers
            ),
            others_may_sign=known is not None and _may_sign(connection, known),
            lost=our_seal is OurSeal.HOLDS
            and self._known.is_lost(sha256, *(one for _, one in beginnings(data))),
            recognised=self.recognised(report),
        )
        return IdentifiedEvidence(evidence, next(iter(sorted(map(str, signed))), sha256))

    def recognised(self, report: ValidationReport) -> Recognised | None:
        """Return the first signature that holds under a listed anchor and is no seal of ours."""
        for one in _signers(report):
            anchor = self._anchor(one)
            if anchor is None or not (one.intact and one.trusted):
                continue
            if anchor.kind is not AnchorKind.OWN or one.kind is SignatureKind.SIGNATURE:
                return Recognised(one, anchor)
        return None

    def _ours(self, connection: Connection, report: ValidationReport) -> list[SignatureReport]:
        """Return the signatures that name a seal of ours: by its certificate, or by our own CA."""
        signers = _signers(report)
        ours = our_seals(connection, {one.certificate_sha256 or "" for one in signers})
        return [one for one in signers if one.certificate_sha256 in ours or self._is_own_seal(one)]

    def _is_own_seal(self, signature: SignatureReport) -> bool:
        anchor = self._anchor(signature)
        own = anchor is not None and anchor.kind is AnchorKind.OWN
        return own and signature.trusted and signature.kind is SignatureKind.SEAL

    def _anchor(self, signature: SignatureReport) -> Anchor | None:
        return None if signature.anchor_sha256 is None else self._anchors(signature.anchor_sha256)

    def _signed_digest(self, connection: Connection, signed: set[str | None]) -> SignedDigest:
        digests = [one for one in signed if one is not None]
        if not digests:
            return SignedDigest.UNKNOWN
        known = all(self._known.sealed_digest_known(connection, one) for one in digests)
        return SignedDigest.OURS if known else SignedDigest.OTHER


def _may_sign(connection: Connection, known: Known) -> bool:
    licence = get_licence(connection, known.revision.identifier)
    return licence is not None and others_may_sign(licence.data)


def _signers(report: ValidationReport) -> list[SignatureReport]:
    return [one for one in report.signatures if one.kind is not SignatureKind.TIMESTAMP]


def _our_seal(ours: list[SignatureReport]) -> OurSeal:
    """Judge signatures that name our seals: none of ours is in a form that we cannot judge."""
    if any(
        one.intact is False or (one.intact is None and "exception" not in one.notes) for one in ours
    ):
        return OurSeal.BROKEN
    return OurSeal.HOLDS if any(one.intact for one in ours) else OurSeal.NONE
