"""Judges one signature: integrity, trust, revocation, time, level (ETSI EN 319 102-1).

Where a trusted signature timestamp and the document's own validation data prove the state at the
time of signing, that is judged (EN 319 102-1 5.5, revocation fresh at the best signature time);
what the caller knows of later revocations then either leaves it (revoked after) or undoes it.
"""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    OCSPValidationError,
    PathError,
    ValidationError,
)

from signing.inspection import faults
from signing.inspection.algorithms import digest
from signing.inspection.case import Archived, JudgementContext, SignatureVerdict, unjudged
from signing.inspection.cms import (
    has_ades_attributes,
    prepare_certificates,
    signing_certificate,
    timestamp_tokens,
    token_info,
)
from signing.inspection.engine import ades
from signing.inspection.engine.ades import EngineOutcome
from signing.inspection.engine.knowledge import (
    Knowledge,
    LoadedTrust,
    find_revocation,
    read_revocation_attribute,
)
from signing.inspection.identity import altered_certificate, issued
from signing.inspection.integrity import Integrity
from signing.inspection.objects import READ_ERRORS
from signing.inspection.subject import SignatureSubject, judge_token_bytes, readable_certificates
from signing.report import Indication

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may lie in our future before it proves nothing."""
ENGINE_ERRORS = (
    *READ_ERRORS,
    SignatureValidationError,
    PathError,
    ValidationError,
    CRLValidationError,
    OCSPValidationError,
)
"""What the engine raises on material that it cannot use."""
_WEAK = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
_MOST_TOKENS = 8
"""Signature timestamps looked at; two, by two authorities, are usual."""
PADES_SUBFILTERS = frozenset({"/ETSI.CAdES.detached"})


async def judge_trust(
    subject: SignatureSubject,
    finding: Integrity,
    signature: EmbeddedPdfSignature,
    case: JudgementContext,
    archived: Archived | None,
) -> SignatureVerdict:
    """Judge a signature whose bytes are sound; what the engine stumbles over is not trusted."""
    assert subject.certificate is not None
    stamps = frozenset[str]()
    try:
        prepare_certificates(signature.signed_data, subject.certificate, case.trustworthy)
        if subject.is_timestamp:
            verdict = await judge_timestamp(signature, case)
        else:
            stamps, sound = _judge_stamps(signature, subject, case)
            if "timestamp_altered" in stamps:
                return replace(
                    unjudged(finding),
                    intact=False,
                    indication=Indication.TOTAL_FAILED,
                    sub_indication="FORMAT_FAILURE",
                    notes=finding.notes | stamps,
                )
            verdict = await judge_signature(signature, case, subject.subfilter, sound, archived)
    except ENGINE_ERRORS:
        return replace(unjudged(finding), notes=finding.notes | stamps | {"certificate_unreadable"})
    notes = finding.notes | stamps | verdict.notes
    if verdict.sub_indication == _WEAK and not notes & {"weak_hash", "weak_key"}:
        notes |= {"weak_hash"}  # of a certificate on the way
    if verdict.intact is False:
        # The engine disagrees with what was verified above: a fault of ours.
        faults.record(AssertionError())
        return replace(unjudged(finding), intact=None, notes=notes | {"exception"})
    return replace(verdict, intact=True, notes=notes, signed_digest=finding.signed_digest)


def _judge_stamps(
    signature: EmbeddedPdfSignature, subject: SignatureSubject, case: JudgementContext
) -> tuple[frozenset[str], list[cms.SignedData]]:
    """Return notes on the signature timestamps, and those whose bytes are sound.

    They are not covered by the signature; one that does not hold is proof that it was changed.
    """
    notes, sound = set[str](), list[cms.SignedData]()
    try:
        tokens = timestamp_tokens(signature.signer_info)
        value = signature.signer_info["signature"].native
    except READ_ERRORS:
        return frozenset({"timestamp_malformed"}), []
    for token in tokens[:_MOST_TOKENS]:
        try:
            certificate = signing_certificate(token, case.certificates)
            finding = judge_token_bytes(
                token, subject.raw, certificate, lambda name: digest(name, value)
            )
            if certificate is not None and finding.intact is not False:
                others = (*readable_certificates(token), *case.certificates)
                if altered_certificate(certificate, others):
                    finding = replace(finding, intact=False)
        except READ_ERRORS:
            notes.add("timestamp_malformed")
            continue
        if finding.intact:
            assert certificate is not None
            prepare_certificates(token, certificate, case.trustworthy)
            sound.append(token)
        notes |= _stamp_notes(finding)
    return frozenset(notes), sound


def _stamp_notes(finding: Integrity) -> set[str]:
    if finding.intact is False:
        return {"timestamp_altered"}
    if "malformed_signature" in finding.notes:
        return {"timestamp_malformed"}
    if finding.intact:
        return set()
    if "unsupported_algorithm" in finding.notes:
        return {"timestamp_unsupported"}
    return {"timestamp_not_trusted"}


async def judge_timestamp(
    signature: EmbeddedPdfSignature, case: JudgementContext
) -> SignatureVerdict:
    """Judge a document timestamp on its own."""
    gen_time = token_info(signature.signed_data)["gen_time"].native.astimezone(UTC)
    outcome = await _judge_token(signature.signed_data, signature, case, gen_time)
    holds = outcome.passed and _timely(outcome, case.proven_at)
    if outcome.passed and not (holds and gen_time <= case.at + CLOCK_TOLERANCE):
        outcome = replace(
            outcome, indication=Indication.INDETERMINATE, sub_indication="OUT_OF_BOUNDS_NO_POE"
        )
    outcome = replace(outcome, best_time=gen_time if outcome.passed else None)
    return _verdict(outcome, case, claimed=None, timestamp=True)


async def _judge_token(
    token: cms.SignedData,
    signature: EmbeddedPdfSignature,
    case: JudgementContext,
    gen_time: datetime,
) -> EngineOutcome:
    """Judge a token at its own time, else now with all that is known."""
    anchors = case.trust.timestamp_manager
    if not ades.lacks_revocation(case.own, signing_certificate(token), anchors):
        first = await ades.judge_token(token, signature, case.trust, case.own, gen_time)
        if first.passed or not first.intact:
            return first
    return await ades.judge_token(token, signature, case.trust, case.everything, case.at)


async def judge_signature(
    signature: EmbeddedPdfSignature,
    case: JudgementContext,
    subfilter: str,
    tokens: list[cms.SignedData],
    archived: Archived | None = None,
) -> SignatureVerdict:
    """Judge a seal or signature; `archived` is the same one in the file as of `archived_at`."""
    own = replace(case, dss=case.dss + read_revocation_attribute(signature.signer_info))
    claimed = signature.self_reported_timestamp
    level: str | None
    level, outcome, notes = await _judge_levels(signature, own, tokens, archived)
    if subfilter not in PADES_SUBFILTERS or not has_ades_attributes(signature.signer_info):
        level = None
    verdict = _verdict(outcome, own, claimed=claimed, timestamp=False)
    return replace(verdict, level=level, notes=verdict.notes | notes)


async def _judge_levels(
    signature: EmbeddedPdfSignature,
    case: JudgementContext,
    tokens: list[cms.SignedData],
    archived: Archived | None,
) -> tuple[str, EngineOutcome, frozenset[str]]:
    """Return the highest level that holds, its outcome, and notes."""
    if not tokens:
        return "B-B", await _basic(signature, case), frozenset()
    try:
        return await _judge_stamped(signature, case, tokens[0], archived)
    except ENGINE_ERRORS:
        # The signature itself may be judged; a token that makes the engine stumble is malformed.
        return "B-B", await _basic(signature, case), frozenset({"timestamp_malformed"})


async def _judge_stamped(
    signature: EmbeddedPdfSignature,
    case: JudgementContext,
    token: cms.SignedData,
    archived: Archived | None,
) -> tuple[str, EngineOutcome, frozenset[str]]:
    if case.archived_at is not None and archived is not None:
        outcome = await _judge_archived(archived, case.trust, case.archived_at)
        if outcome.passed:
            return "B-LTA", outcome, frozenset()
    gen_time = token_info(token)["gen_time"].native.astimezone(UTC)
    if gen_time <= case.at + CLOCK_TOLERANCE:
        if not ades.lacks_revocation(case.own, signature.signer_cert, case.trust.manager):
            outcome = await ades.judge_with_time(signature, case.trust, case.own, gen_time)
            if outcome.passed and _timely(outcome, case.proven_at):
                return "B-LT", outcome, frozenset()
            if outcome.intact is False:
                return "B-B", outcome, frozenset()
        outcome = await ades.judge_with_time(signature, case.trust, case.everything, case.at)
        if outcome.passed or outcome.best_time:
            return "B-T", outcome, frozenset()
    # EN 319 102-1 5.5.4: a timestamp that proves nothing is left aside.
    return "B-B", await _basic(signature, case), frozenset({"timestamp_not_trusted"})


async def _judge_archived(
    archived: Archived, trust: LoadedTrust, moment: datetime
) -> EngineOutcome:
    """Judge a signature as of the timestamp over it and its validation data.

    From then on the document timestamps, each judged by itself, carry the proof. What holds then
    with nothing but what the timestamp covers, no word of a revocation among it, needs no more (EN
    319 102-1 5.6.3.4: past validation is for what is INDETERMINATE at that moment); else the engine
    looks further back.
    """
    known = archived.dss + read_revocation_attribute(archived.signature.signer_info)
    outcome = await ades.judge_with_time(archived.signature, trust, known, moment)
    used = (*outcome.signer_path, *outcome.timestamp_path)
    if outcome.passed and all(find_revocation(one, known) is None for one in used):
        return outcome
    return await ades.judge_archived(archived.signature, trust, Knowledge(), moment)


async def _basic(signature: EmbeddedPdfSignature, case: JudgementContext) -> EngineOutcome:
    return await ades.judge_basic(signature, case.trust, case.everything, case.at)


def _timely(outcome: EngineOutcome, at: datetime) -> bool:
    """The TSA's certificate is still valid; later, an archive timestamp must take over."""
    tsa = outcome.timestamp_path[0] if outcome.timestamp_path else None
    return tsa is not None and at <= tsa.not_valid_after


def _verdict(
    outcome: EngineOutcome, case: JudgementContext, *, claimed: datetime | None, timestamp: bool
) -> SignatureVerdict:
    """Add what the engine leaves out: revocations stated elsewhere, and validity at the time."""
    best = outcome.best_time.astimezone(UTC) if outcome.best_time else None
    verdict = SignatureVerdict(
        indication=outcome.indication,
        sub_indication=outcome.sub_indication,
        intact=outcome.intact,
        trusted=outcome.passed
        or (
            _path_verifies(outcome.signer_path, case.trust)
            and (timestamp or case.trust.recognises(outcome.signer_path[-1], best or case.at))
        ),
        best_time=best,
        anchor=outcome.signer_path[-1].dump() if outcome.signer_path else None,
    )
    if not outcome.intact or not outcome.signer_path:
        return verdict
    revoked = _revoked(outcome, case, claimed=claimed, timestamp=timestamp)
    if revoked is not None:
        failed = revoked == "REVOKED"
        indication = Indication.TOTAL_FAILED if failed else Indication.INDETERMINATE
        return replace(verdict, indication=indication, sub_indication=revoked)
    if outcome.passed and not _valid_at(outcome.signer_path[0], best or case.at):
        return replace(
            verdict, indication=Indication.INDETERMINATE, sub_indication="OUT_OF_BOUNDS_NO_POE"
        )
    return verdict


def _revoked(
    outcome: EngineOutcome, case: JudgementContext, *, claimed: datetime | None, timestamp: bool
) -> str | None:
    """Return the sub-indication of a revocation that undoes the signature, or None.

    GB/T 38540 and EN 319 102-1 agree: revoked before signing undoes it, after does not. A signer
    that itself claims a time after the revocation is refuted outright (REVOKED); otherwise the
    proof of an earlier existence is missing (REVOKED_NO_POE).
    """
    best = outcome.best_time
    for position, certificate in enumerate(outcome.signer_path[:-1]):
        revocation = find_revocation(certificate, case.everything)
        if revocation is None:
            continue
        if timestamp and revocation.key_compromised:
            return "REVOKED"
        if (best or case.at) < revocation.at:
            continue  # judged as of a past instant, what came after it is not known yet
        if position:
            return "REVOKED_CA_NO_POE"
        return "REVOKED" if claimed and claimed >= revocation.at else "REVOKED_NO_POE"
    if best is None:
        return None
    for certificate in outcome.timestamp_path[:-1]:
        # RFC 3161 4 (1): after a compromise all of a TSA's tokens are worthless.
        revocation = find_revocation(certificate, case.everything)
        if revocation and (revocation.key_compromised or revocation.at <= best):
            return "REVOKED_NO_POE"
    return None


def _valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return bool(certificate.not_valid_before <= moment <= certificate.not_valid_after)


def _path_verifies(path: tuple[x509.Certificate, ...], trust: LoadedTrust) -> bool:
    """Tell whether each certificate bears its issuer's signature, up to an anchor."""
    if not path:
        return False
    anchors = {anchor.dump() for anchor in trust.anchors}
    if path[-1].dump() not in anchors:
        return False
    return all(issued(certificate, issuer) for certificate, issuer in itertools.pairwise(path))
