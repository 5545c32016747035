"""One parsed PDF and the reports on its signatures."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.cms import (
    odd_headers,
    signing_certificate,
    token_info,
    unsupported,
)
from signing.inspection.contents import Contents, read_contents
from signing.inspection.fields import Filled, Unreadable, find_signatures
from signing.inspection.identity import kind_of, signer_words
from signing.inspection.judge import (
    Case,
    Verdict,
    judge_integrity,
    judge_signature,
    judge_timestamp,
)
from signing.inspection.knowledge import LoadedTrust, read_dss
from signing.inspection.objects import raw
from signing.inspection.reader import SealedReader
from signing.report import (
    Coverage,
    Indication,
    LaterChanges,
    SignatureKind,
    SignatureReport,
)
from signing.revisions import Review, Reviewer
from signing.structure import Limits, RawFacts, look

_log = logging.getLogger(__name__)
_KNOWN_SUBFILTERS = frozenset(
    {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached", "/PBAD.PAdES", "/ETSI.RFC3161"}
)
_TIMESTAMP = "/ETSI.RFC3161"


@dataclass(frozen=True, slots=True)
class _Found:
    """A signature with what its dictionary says of itself."""

    filled: Filled
    dictionary: generic.DictionaryObject
    contents: Contents
    subfilter: str
    is_timestamp: bool


class Document:
    """A parsed PDF. Its methods raise whatever pyHanko raises; `validate_pdf` catches it."""

    def __init__(self, data: bytes, facts: RawFacts, limits: Limits) -> None:
        gaps = [byte_range.gap for byte_range in facts.byte_ranges]
        self._reader = SealedReader(data, gaps, limits)
        self._reviewer = Reviewer(self._reader)
        self._facts = facts
        self._limits = limits
        self.notes: set[str] = set()

    @property
    def encrypted(self) -> bool:
        """The trailer names an encryption dictionary."""
        return "/Encrypt" in self._reader.trailer

    async def judge(self, trust: LoadedTrust, at: datetime) -> tuple[SignatureReport, ...]:
        """Judge every signature, by the length that it covers."""
        items = find_signatures(self._reader, self._facts.byte_ranges, self._limits)
        if not items:
            return ()
        case = Case(trust, read_dss(self._reader, self._limits), at, proven_at=at)
        found = [self._read(item) for item in items if isinstance(item, Filled)]
        reports = [self._unreadable(item) for item in items if isinstance(item, Unreadable)]
        # From the outside in: what a document timestamp proves helps those below it.
        for item in sorted(found, key=lambda one: one.contents.covered_length, reverse=True):
            report = await self._judge_guarded(item, case)
            reports.append(report)
            case = _proven(case, item, report)
        return tuple(sorted(reports, key=lambda report: report.covered_length))

    def _read(self, filled: Filled) -> _Found:
        dictionary = filled.field["/V"]
        subfilter = _name(dictionary, "/SubFilter")
        return _Found(
            filled=filled,
            dictionary=dictionary,
            contents=read_contents(self._reader, filled.reference, dictionary),
            subfilter=subfilter,
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
            intact=False,
            trusted=False,
            indication=Indication.TOTAL_FAILED,
            sub_indication="FORMAT_FAILURE",
            claimed_time=None,
            best_time=None,
            coverage=Coverage.PART,
            covered_length=min(end, len(self._reader.data)),
            later_changes=LaterChanges.CONTENT_CHANGED,
            notes=("unparseable",),
        )

    async def _judge_guarded(self, item: _Found, case: Case) -> SignatureReport:
        try:
            return await self._judge_one(item, case)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — one signature that raises must not hide the others
            _log.info("could not judge a signature: %s", type(error).__name__)
            return self._salvage(item)

    def _salvage(self, item: _Found) -> SignatureReport:
        """Report on a signature whose judging raised: at least whether its bytes are intact."""
        try:
            signature = EmbeddedPdfSignature(self._reader, item.filled.field, item.filled.name)
            verdict = _framed(judge_integrity(signature), item)
            return self._compose(item, verdict, signature.signed_data, signature)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — as above
            _log.info("could not parse a signature: %s", type(error).__name__)
            return self._compose(item, _unparsed(item), None, None)

    async def _judge_one(self, item: _Found, case: Case) -> SignatureReport:
        signed_data = _signed_data(item.contents.der)
        if signed_data is None:
            return self._compose(item, _unparsed(item), None, None)
        certificate = signing_certificate(signed_data)
        if unsupported(signed_data, certificate):
            verdict = Verdict(
                Indication.INDETERMINATE, "GENERIC", None, False, note="unsupported_algorithm"
            )
            return self._compose(item, verdict, signed_data, None)
        signature = EmbeddedPdfSignature(self._reader, item.filled.field, item.filled.name)
        if odd_headers(signed_data):
            self.notes.add("cms_header_odd")
        if item.is_timestamp:
            verdict = await judge_timestamp(signature, case)
        else:
            archived = None if case.archived_at is None else self._as_of(case.archived_length, item)
            verdict = await judge_signature(signature, case, item.subfilter, archived)
        return self._compose(item, _framed(verdict, item), signed_data, signature)

    def _as_of(self, length: int, item: _Found) -> EmbeddedPdfSignature | None:
        """Return a signature in the file as it was when it had `length` bytes."""
        if length == len(self._reader.data):
            return EmbeddedPdfSignature(self._reader, item.filled.field, item.filled.name)
        data = self._reader.data[:length]
        facts = look(data, self._limits)
        reader = SealedReader(data, [one.gap for one in facts.byte_ranges], self._limits)
        for found in find_signatures(reader, facts.byte_ranges, self._limits):
            if isinstance(found, Filled) and found.name == item.filled.name:
                return EmbeddedPdfSignature(reader, found.field, found.name)
        return None

    def _compose(
        self,
        item: _Found,
        verdict: Verdict,
        signed_data: cms.SignedData | None,
        signature: EmbeddedPdfSignature | None,
    ) -> SignatureReport:
        certificate = signing_certificate(signed_data) if signed_data else None
        review = self._review(item, signature)
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
            notes=tuple(sorted(review.notes | ({verdict.note} if verdict.note else set()))),
        )

    def _review(self, item: _Found, signature: EmbeddedPdfSignature | None) -> Review:
        if signature is None or item.contents.flaw in ("byte_range", "contents_gap"):
            return Review(Coverage.PART, LaterChanges.CONTENT_CHANGED)
        return self._reviewer.review(signature, item.contents.covered_length)


def _proven(case: Case, item: _Found, report: SignatureReport) -> Case:
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


def _framed(verdict: Verdict, item: _Found) -> Verdict:
    """Fail what is genuine inside and flawed in its frame; note what is odd."""
    if item.contents.flaw is not None:
        return replace(
            verdict,
            intact=False,
            indication=Indication.TOTAL_FAILED,
            sub_indication="FORMAT_FAILURE",
            note=item.contents.flaw,
        )
    if item.filled.orphaned:
        return replace(
            verdict,
            indication=Indication.INDETERMINATE,
            sub_indication="GENERIC",
            note="orphaned",
        )
    if item.subfilter not in _KNOWN_SUBFILTERS and verdict.intact:
        return replace(
            verdict,
            indication=Indication.INDETERMINATE,
            sub_indication="GENERIC",
            note="unsupported_subfilter",
        )
    return verdict


def _unparsed(item: _Found) -> Verdict:
    """What cannot be parsed was altered, unless its format is one that we do not know."""
    if item.subfilter in _KNOWN_SUBFILTERS or item.contents.flaw == "byte_range":
        return Verdict(Indication.TOTAL_FAILED, "FORMAT_FAILURE", False, False, note="unparseable")
    return Verdict(Indication.INDETERMINATE, "GENERIC", None, False, note="unsupported_subfilter")


def _signed_data(der: bytes) -> cms.SignedData | None:
    """Return the SignedData with exactly one signer, or None if that is not what stands there."""
    try:
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            return None
        signed_data = info["content"]
        return signed_data if len(signed_data["signer_infos"]) == 1 else None
    except (ValueError, TypeError, KeyError):
        return None


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
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _name(dictionary: generic.DictionaryObject, key: str) -> str:
    value = raw(dictionary, key)
    return str(value) if isinstance(value, generic.NameObject) else ""
