"""Parsed PDF and the reports on its signatures."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection import faults
from signing.inspection.case import Archived, JudgementContext, SignatureVerdict, unjudged
from signing.inspection.cms import (
    embedded_certificates,
    load_signed_data,
    names_chinese_content,
    odd_headers,
    share_certificates,
    signing_certificate,
    timestamp_tokens,
    token_info,
)
from signing.inspection.contents import Contents, read_contents
from signing.inspection.engine.knowledge import LoadedTrust, read_dss
from signing.inspection.engine.paths import bounded_paths
from signing.inspection.engine.standing_in import with_contents
from signing.inspection.fields import (
    Filled,
    Found,
    LimitReachedError,
    Unreadable,
    find_signatures,
    target_of,
)
from signing.inspection.identity import (
    identity_issuer_words,
    kind_of,
    organization_words,
    readable,
    signer_words,
)
from signing.inspection.integrity import Integrity
from signing.inspection.judge import PADES_SUBFILTERS, judge_trust
from signing.inspection.objects import READ_ERRORS, raw
from signing.inspection.permitted_changes import Review, Reviewer
from signing.inspection.reader import SealedReader
from signing.inspection.subject import SignatureSubject, judge_bytes
from signing.limits import Limits
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
)
from signing.structure import RawFacts, look

_KNOWN_SUBFILTERS = PADES_SUBFILTERS | {"/adbe.pkcs7.detached", "/PBAD.PAdES", "/ETSI.RFC3161"}
_TIMESTAMP = "/ETSI.RFC3161"
_MOST_BESIDE = 64
"""Certificates kept from all signatures of a file, for tokens that come without their own."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A signature with what its dictionary says of itself."""

    filled: Filled
    dictionary: generic.DictionaryObject
    contents: Contents
    subfilter: str
    signed_data: cms.SignedData | None
    is_timestamp: bool


class Document:
    """A parsed PDF. Raises whatever pyHanko raises; `validate_pdf` catches it."""

    def __init__(
        self, data: bytes, facts: RawFacts, limits: Limits, *, strict: bool = True
    ) -> None:
        gaps = [byte_range.gap for byte_range in facts.byte_ranges]
        self.reader = SealedReader(data, gaps, limits, strict=strict)
        self._reviewer = Reviewer(self.reader)
        self._facts = facts
        self._limits = limits
        self._found: Found | None = None
        self.notes: set[str] = set() if strict else {"read_leniently"}

    @property
    def needs_password(self) -> bool:
        """The file is encrypted, and not with the empty user password."""
        return not self.reader.unlock()

    @property
    def unexplained(self) -> bool:
        """Traces of a signature belong to nothing that was found."""
        return self._found is not None and self._found.unexplained

    async def judge(self, trust: LoadedTrust, at: datetime) -> tuple[SignatureReport, ...]:
        """Judge every signature, by the length that it covers."""
        self._found = find_signatures(self.reader, self._facts.byte_ranges, self._limits)
        if self._found.never_signed:
            self.notes.add("never_signed")
        items = self._found.items
        if not items:
            return ()
        found = [self._read(item) for item in items if isinstance(item, Filled)]
        dss = read_dss(self.reader, self._limits)
        case = JudgementContext(trust, dss, at, proven_at=at, beside=_beside(found))
        reports = [self._unreadable(item) for item in items if isinstance(item, Unreadable)]
        # From the outside in: what a document timestamp proves helps those below it.
        for item in sorted(found, key=lambda one: one.contents.covered_length, reverse=True):
            report = await self._judge_guarded(item, case)
            reports.append(report)
            case = _proven(case, item, report)
        return tuple(sorted(reports, key=lambda report: report.covered_length))

    def _read(self, filled: Filled) -> _Found:
        dictionary = target_of(filled)
        subfilter = _name(dictionary, "/SubFilter")
        contents = read_contents(self.reader, filled.reference, dictionary)
        return _Found(
            filled=filled,
            dictionary=dictionary,
            contents=contents,
            subfilter=subfilter,
            signed_data=load_signed_data(contents.der) if contents.der else None,
            is_timestamp=_name(dictionary, "/Type") == "/DocTimeStamp" or subfilter == _TIMESTAMP,
        )

    def _unreadable(self, item: Unreadable) -> SignatureReport:
        end = item.byte_range.end if item.byte_range else 0
        return SignatureReport(
            field=item.name,
            kind=SignatureKind.SIGNATURE,
            signer="",
            certificate_sha256=None,
            level=None,
            intact=None,
            trusted=False,
            indication=Indication.INDETERMINATE,
            sub_indication="FORMAT_FAILURE" if item.removed else "GENERIC",
            claimed_time=None,
            best_time=None,
            coverage=Coverage.PART,
            covered_length=min(end, len(self.reader.data)),
            later_changes=LaterChanges.CONTENT_CHANGED if item.removed else None,
            notes=("signature_removed",) if item.removed else ("malformed_signature",),
        )

    async def _judge_guarded(self, item: _Found, case: JudgementContext) -> SignatureReport:
        """Judge one signature; whatever is raised is no finding on it."""
        try:
            with bounded_paths() as reached:
                report = await self._judge_one(item, case)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — one signature that raises must not hide the others
            faults.record(error)
            finding = Integrity(None, frozenset({"exception"}), "GENERIC")
            return self._compose(item, unjudged(finding), None)
        return replace(report, notes=tuple(sorted({*report.notes, *reached})))

    async def _judge_one(self, item: _Found, case: JudgementContext) -> SignatureReport:
        signed_data = item.signed_data
        if signed_data is None:
            return self._compose(item, unjudged(_no_cms(item)), None)
        certificate = signing_certificate(signed_data, case.certificates)
        numbers = item.contents.numbers
        if numbers is None:
            finding = Integrity(None, frozenset({"byte_range"}), "FORMAT_FAILURE")
            return self._compose(item, unjudged(finding), certificate)
        subject = SignatureSubject(
            signed_data=signed_data,
            raw=item.contents.raw,
            certificate=certificate,
            content_digest=item.contents.digest_of(self.reader.data),
            is_timestamp=item.is_timestamp,
            subfilter=item.subfilter,
            known_format=item.subfilter in _KNOWN_SUBFILTERS,
        )
        finding = _framed(judge_bytes(subject, case), item)
        if odd_headers(signed_data):
            self.notes.add("cms_header_odd")
        signature = self._signature(item)
        if signature is None and finding.intact:
            finding = replace(finding, intact=None, notes=finding.notes | {"structure_unclear"})
        if signature is None or not finding.intact:
            return self._compose(item, unjudged(finding), certificate, signature)
        archived = None
        if case.archived_at is not None:
            archived = self._as_archived(item, signature, case)
        verdict = await judge_trust(subject, finding, signature, case, archived)
        return self._compose(item, _with_frame(verdict, item), certificate, signature)

    def _signature(self, item: _Found) -> EmbeddedPdfSignature | None:
        """Return pyHanko's reading of a signature, its CMS in definite lengths."""
        try:
            field = item.filled.field
            if item.filled.reference is None or item.contents.notes & {"cms_ber", "contents_rest"}:
                field = with_contents(field, item.dictionary, item.contents.der)
            signature = EmbeddedPdfSignature(self.reader, field, item.filled.name)
            share_certificates(signature.signed_data)
        except READ_ERRORS:
            return None
        return signature

    def _as_archived(
        self, item: _Found, signature: EmbeddedPdfSignature, case: JudgementContext
    ) -> Archived | None:
        """Return a signature in the file as the timestamp over it covers it."""
        if case.archived_length == len(self.reader.data):
            return Archived(signature, case.dss)
        data = self.reader.data[: case.archived_length]
        facts = look(data, self._limits)
        try:
            reader = SealedReader(data, [one.gap for one in facts.byte_ranges], self._limits)
            if not reader.unlock():
                return None
            for found in find_signatures(reader, facts.byte_ranges, self._limits).items:
                if isinstance(found, Filled) and found.name == item.filled.name:
                    earlier = EmbeddedPdfSignature(reader, found.field, found.name)
                    share_certificates(earlier.signed_data)
                    return Archived(earlier, read_dss(reader, self._limits))
        except (LimitReachedError, *READ_ERRORS):
            return None
        return None

    def _compose(
        self,
        item: _Found,
        verdict: SignatureVerdict,
        certificate: x509.Certificate | None,
        signature: EmbeddedPdfSignature | None = None,
    ) -> SignatureReport:
        review = self._review(item, verdict, signature)
        vouched = certificate if verdict.trusted else None
        if item.contents.mixed_case:
            self.notes.add("contents_mixed_case")
        return SignatureReport(
            field=item.filled.name,
            kind=_kind(item, certificate),
            signer=signer_words(certificate) if certificate else "",
            certificate_sha256=_fingerprint(certificate),
            level=verdict.level,
            intact=verdict.intact,
            trusted=verdict.trusted,
            indication=verdict.indication,
            sub_indication=verdict.sub_indication,
            claimed_time=_claimed_time(item, signature),
            best_time=verdict.best_time,
            coverage=review.coverage,
            covered_length=item.contents.covered_length,
            later_changes=review.later_changes,
            notes=tuple(sorted(verdict.notes | review.notes | self._own_notes(item))),
            signed_digest=verdict.signed_digest,
            anchor_sha256=hashlib.sha256(verdict.anchor).hexdigest() if verdict.anchor else None,
            organization=organization_words(vouched) if vouched else "",
            identity_issuer=identity_issuer_words(vouched) if vouched else None,
        )

    def _own_notes(self, item: _Found) -> set[str]:
        notes = set(item.contents.notes)
        if item.filled.removed:
            notes.add("signature_removed")
        elif item.filled.orphaned:
            notes.add("orphaned")
        return notes

    def _review(
        self, item: _Found, verdict: SignatureVerdict, signature: EmbeddedPdfSignature | None
    ) -> Review:
        """Judge what follows a signature; nothing where the signature itself was not judged."""
        if item.filled.removed or item.contents.hidden:
            return Review(Coverage.PART, LaterChanges.CONTENT_CHANGED)
        whole = item.contents.numbers is not None and (
            item.contents.covered_length == len(self.reader.data)
        )
        coverage = Coverage.WHOLE_FILE if whole else Coverage.PART
        if signature is None or item.contents.flaw in ("byte_range", "contents_gap"):
            return Review(coverage, None)
        try:
            review = self._reviewer.review(signature, item.contents.covered_length)
        except READ_ERRORS:
            review = Review(coverage, LaterChanges.UNCLEAR, frozenset({"structure_unclear"}))
        if not self.reader.strict and review.coverage is not Coverage.WHOLE_FILE:
            # What we read by guessing, a viewer may read otherwise.
            notes = review.notes | {"structure_unclear"}
            review = replace(review, later_changes=LaterChanges.UNCLEAR, notes=notes)
        return replace(review, later_changes=None) if verdict.intact is None else review


def _lacks_certificate(signed_data: cms.SignedData) -> bool:
    """Tell whether a CMS, or a timestamp in it, comes without its signer's certificate."""
    try:
        tokens = timestamp_tokens(signed_data["signer_infos"][0])
        return any(signing_certificate(one) is None for one in (signed_data, *tokens))
    except READ_ERRORS:
        return True


def _beside(found: list[_Found]) -> tuple[x509.Certificate, ...]:
    """Return the certificates that the file's signatures hold, where one comes without its own."""
    if not any(item.signed_data and _lacks_certificate(item.signed_data) for item in found):
        return ()
    held: dict[bytes, x509.Certificate] = {}
    for item in found:
        if item.signed_data is None:
            continue
        try:
            for certificate in embedded_certificates(item.signed_data):
                if len(held) < _MOST_BESIDE and readable(certificate):
                    held.setdefault(certificate.dump(), certificate)
        except READ_ERRORS:
            continue
    return tuple(held.values())


def _proven(case: JudgementContext, item: _Found, report: SignatureReport) -> JudgementContext:
    """Return the case for what lies below a document timestamp."""
    passed = report.indication is Indication.TOTAL_PASSED and report.best_time is not None
    if not item.is_timestamp or not passed or report.coverage is Coverage.PART:
        return case
    assert report.best_time is not None
    return replace(
        case,
        proven_at=report.best_time,
        archived_at=report.best_time,
        archived_length=item.contents.covered_length,
    )


def _framed(finding: Integrity, item: _Found) -> Integrity:
    """Take back what was found of bytes that are not the whole file but /Contents."""
    flaw = item.contents.flaw
    if flaw is None or finding.intact is False:
        return finding
    return replace(
        finding, intact=None, notes=finding.notes | {flaw}, sub_indication="FORMAT_FAILURE"
    )


def _with_frame(verdict: SignatureVerdict, item: _Found) -> SignatureVerdict:
    """Claim nothing for what is sound and in an odd place or format."""
    if item.contents.notes & {"cms_ber"}:
        verdict = replace(verdict, level=None)  # ETSI EN 319 142-1 5.2: DER
    if item.filled.orphaned:
        return replace(verdict, indication=Indication.INDETERMINATE, sub_indication="GENERIC")
    if item.subfilter not in _KNOWN_SUBFILTERS:
        return replace(
            verdict,
            intact=None,
            indication=Indication.INDETERMINATE,
            sub_indication="GENERIC",
            notes=verdict.notes | {"unsupported_subfilter"},
        )
    return verdict


def _no_cms(item: _Found) -> Integrity:
    """Return the finding on a field without a CMS: of an unknown format, or malformed."""
    known = item.subfilter in _KNOWN_SUBFILTERS
    if item.contents.numbers is None:
        return Integrity(None, frozenset({"byte_range"}), "FORMAT_FAILURE")
    if names_chinese_content(item.contents.der):
        notes = frozenset({"unsupported_algorithm", "sm2_sm3"})
        return Integrity(None, notes, "GENERIC")
    note = "malformed_signature" if known else "unsupported_subfilter"
    return Integrity(None, frozenset({note}), "FORMAT_FAILURE" if known else "GENERIC")


def _kind(item: _Found, certificate: x509.Certificate | None) -> SignatureKind:
    if item.is_timestamp:
        return SignatureKind.TIMESTAMP
    return kind_of(certificate) if certificate else SignatureKind.SIGNATURE


def _fingerprint(certificate: x509.Certificate | None) -> str | None:
    return hashlib.sha256(certificate.dump()).hexdigest() if certificate else None


def _claimed_time(item: _Found, signature: EmbeddedPdfSignature | None) -> datetime | None:
    """Return the time that the signer (or the token) states, aware."""
    if signature is None:
        return None
    try:
        if item.is_timestamp:
            moment = token_info(signature.signed_data)["gen_time"].native
        else:
            moment = signature.self_reported_timestamp
    except READ_ERRORS:
        return None
    if not isinstance(moment, datetime):
        return None
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _name(dictionary: generic.DictionaryObject, key: str) -> str:
    value = raw(dictionary, key)
    return str(value) if isinstance(value, generic.NameObject) else ""
