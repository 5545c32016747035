"""Judges one signature: integrity, trust, revocation, time, level (ETSI EN 319 102-1).

Where a trusted signature timestamp and the document's own validation data prove the state at the
time of signing, that is judged (EN 319 102-1 5.5, revocation fresh at the best signature time);
what the caller knows of later revocations then either leaves it (revoked after) or undoes it.
"""

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection import ades
from signing.inspection.ades import Outcome
from signing.inspection.cms import (
    embedded_certificates,
    has_ades_attributes,
    signing_certificate,
    timestamp_tokens,
    token_info,
    unsupported,
)
from signing.inspection.identity import altered_certificate, issued
from signing.inspection.knowledge import (
    Knowledge,
    LoadedTrust,
    find_revocation,
    read_revocation_attribute,
)
from signing.inspection.objects import READ_ERRORS
from signing.report import Indication

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may lie in our future before it proves nothing."""
PADES_SUBFILTERS = frozenset({"/ETSI.CAdES.detached"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One signature, judged."""

    indication: Indication
    sub_indication: str | None
    intact: bool | None
    trusted: bool
    level: str | None = None
    best_time: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is needed to judge the signatures of one document."""

    trust: LoadedTrust
    dss: Knowledge
    at: datetime
    proven_at: datetime
    """Up to when proofs must hold by themselves: the time of the next document timestamp that
    passed and covers this one's bytes, else `at`."""
    archived_at: datetime | None = None
    """The time of the innermost timestamp in the unbroken chain of these, if there is one: from
    then on each was protected by the next, up to now."""
    archived_length: int = 0
    """How many bytes it covers, in the file as it was then."""

    @property
    def everything(self) -> Knowledge:
        """The caller's knowledge and the document's."""
        return self.trust.knowledge + self.dss

    @property
    def own(self) -> Knowledge:
        """What the document itself brings; the anchors come from the caller."""
        return self.dss


async def judge_timestamp(signature: EmbeddedPdfSignature, case: Case) -> Verdict:
    """Judge a document timestamp on its own."""
    flaw = _altered_material(signature, case)
    if flaw is not None:
        return _altered(judge_integrity(signature), flaw)
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
    token: cms.SignedData, signature: EmbeddedPdfSignature, case: Case, gen_time: datetime
) -> Outcome:
    """Judge a token at its own time, else now with all that is known."""
    first = await ades.judge_token(token, signature, case.trust, case.own, gen_time)
    if not first.passed and first.intact:
        return await ades.judge_token(token, signature, case.trust, case.everything, case.at)
    return first


async def judge_signature(
    signature: EmbeddedPdfSignature,
    case: Case,
    subfilter: str,
    archived: EmbeddedPdfSignature | None = None,
) -> Verdict:
    """Judge a seal or signature; `archived` is the same one in the file as of `archived_at`."""
    flaw = _altered_material(signature, case)
    if flaw is not None:
        return _altered(judge_integrity(signature), flaw)
    own = replace(case, dss=case.dss + read_revocation_attribute(signature.signer_info))
    claimed = signature.self_reported_timestamp
    level: str | None
    level, outcome, note = await _judge_levels(signature, own, archived)
    if subfilter not in PADES_SUBFILTERS or not has_ades_attributes(signature.signer_info):
        level = None
    verdict = _verdict(outcome, own, claimed=claimed, timestamp=False)
    verdict = replace(verdict, level=level, note=verdict.note or note)
    return _altered(verdict, note) if note == "timestamp_altered" else verdict


async def _judge_levels(
    signature: EmbeddedPdfSignature, case: Case, archived: EmbeddedPdfSignature | None
) -> tuple[str, Outcome, str | None]:
    """Return the highest level that holds, its outcome, and a note."""
    tokens = timestamp_tokens(signature.signer_info)
    known = [token for token in tokens if not unsupported(token, signing_certificate(token))]
    if not known:
        note = "timestamp_unsupported" if tokens else None
        return "B-B", await _basic(signature, case), note
    try:
        return await _judge_stamped(signature, case, known[0], archived)
    except (*READ_ERRORS, SignatureValidationError):
        # The signature itself may be judged; a token that makes the engine stumble is malformed.
        return "B-B", await _basic(signature, case), "timestamp_altered"


async def _judge_stamped(
    signature: EmbeddedPdfSignature,
    case: Case,
    token: cms.SignedData,
    archived: EmbeddedPdfSignature | None,
) -> tuple[str, Outcome, str | None]:
    if case.archived_at is not None and archived is not None:
        # From then on the document timestamps, each judged by itself, carry the proof.
        outcome = await ades.judge_archived(archived, case.trust, Knowledge(), case.archived_at)
        if outcome.passed:
            return "B-LTA", outcome, None
    gen_time = token_info(token)["gen_time"].native.astimezone(UTC)
    if gen_time <= case.at + CLOCK_TOLERANCE:
        outcome = await ades.judge_with_time(signature, case.trust, case.own, gen_time)
        if outcome.passed and _timely(outcome, case.proven_at):
            return "B-LT", outcome, None
        if outcome.intact is False:
            return "B-B", outcome, None
        outcome = await ades.judge_with_time(signature, case.trust, case.everything, case.at)
        if outcome.passed or outcome.best_time:
            return "B-T", outcome, None
    return await _without_timestamp(signature, case, token)


async def _without_timestamp(
    signature: EmbeddedPdfSignature, case: Case, token: cms.SignedData
) -> tuple[str, Outcome, str | None]:
    """Leave a timestamp aside that proves nothing (EN 319 102-1 5.5.4), and say so."""
    outcome = await _basic(signature, case)
    if outcome.intact and await _token_altered(signature, case, token):
        return "B-B", outcome, "timestamp_altered"
    return "B-B", outcome, "timestamp_not_trusted"


async def _token_altered(
    signature: EmbeddedPdfSignature, case: Case, token: cms.SignedData
) -> bool:
    imprint = token_info(token)["message_imprint"]
    value = signature.signer_info["signature"].native
    outcome = await ades.judge_imprint(
        token, value, imprint["hash_algorithm"]["algorithm"].native, case.trust, case.at
    )
    return outcome.intact is False


async def _basic(signature: EmbeddedPdfSignature, case: Case) -> Outcome:
    return await ades.judge_basic(signature, case.trust, case.everything, case.at)


def _timely(outcome: Outcome, at: datetime) -> bool:
    """The TSA's certificate is still valid; later, an archive timestamp must take over."""
    tsa = outcome.timestamp_path[0] if outcome.timestamp_path else None
    return tsa is not None and at <= tsa.not_valid_after


def _verdict(outcome: Outcome, case: Case, *, claimed: datetime | None, timestamp: bool) -> Verdict:
    """Add what the engine leaves out: revocations stated elsewhere, and validity at the time."""
    best = outcome.best_time.astimezone(UTC) if outcome.best_time else None
    verdict = Verdict(
        indication=outcome.indication,
        sub_indication=outcome.sub_indication,
        # The engine stops before the signature value only where the CMS is not what its signed
        # attributes say (another certificate, another content type).
        intact=bool(outcome.intact),
        trusted=outcome.passed
        or (
            _path_verifies(outcome.signer_path, case.trust)
            and (timestamp or case.trust.recognises(outcome.signer_path[-1], best or case.at))
        ),
        best_time=best,
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
    outcome: Outcome, case: Case, *, claimed: datetime | None, timestamp: bool
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


def _altered_material(signature: EmbeddedPdfSignature, case: Case) -> str | None:
    """Name what a CMS carries beside its signature and is not what its makers signed.

    Neither certificates nor timestamps are covered by the signature, and the engine ignores what
    it does not need.
    """
    try:
        embedded = list(embedded_certificates(signature.signed_data))
        for token in timestamp_tokens(signature.signer_info):
            _ = token_info(token)["gen_time"].native
            embedded.extend(embedded_certificates(token))
    except READ_ERRORS:
        return "timestamp_altered"
    known = (*case.everything.certificates, *case.trust.anchors)
    return "certificate_altered" if altered_certificate(embedded, known) else None


def _altered(verdict: Verdict, note: str) -> Verdict:
    return replace(
        verdict,
        intact=False,
        indication=Indication.TOTAL_FAILED,
        sub_indication="FORMAT_FAILURE",
        note=note,
    )


def judge_integrity(signature: EmbeddedPdfSignature) -> Verdict:
    """Judge the signed bytes alone, where trust could not be judged. Raises what pyHanko raises."""
    signed_data = signature.signed_data
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type=signed_data["encap_content_info"]["content_type"].native,
        actual_digest=signature.compute_digest(),
    )
    if intact and valid:
        return Verdict(Indication.INDETERMINATE, "GENERIC", True, False, note="unjudged")
    return Verdict(Indication.TOTAL_FAILED, "SIG_CRYPTO_FAILURE", False, False)
