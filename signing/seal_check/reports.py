"""Current state of a seal and its timestamps, from what was checked of them once.

The bytes do not change; what they rest on does. Certificates are revoked, suspended or end, and
algorithms are no longer relied on (EN 319 102-1 5.5 and 5.6, as `signing.inspection.judge` has it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport
from signing.seal_check.check import CheckedSignature, SealCheck
from signing.seal_check.path import Certificate, Path


@dataclass(frozen=True, slots=True)
class KnownRevocation:
    """A certificate is revoked or suspended."""

    since: datetime
    """Its invalidity date where one is stated and earlier, else the date of the revocation."""
    key_compromised: bool
    """The reason is keyCompromise or not stated: nothing that the key made can be believed."""


Revocations = Mapping[str, KnownRevocation]
"""By the certificate's SHA-256; those that are neither revoked nor suspended are left out."""


@dataclass(frozen=True, slots=True)
class _Finding:
    sub_indication: str | None
    failed: bool = False
    stamped: bool = True
    """The signature timestamp, if there is one, still proves something."""


def certificates_of(check: SealCheck) -> tuple[Certificate, ...]:
    """Return every certificate that the check rests on, roots apart, each once."""
    paths = [path for one in check.signatures for path in (one.path, one.stamp) if path is not None]
    return tuple({link.sha256: link for path in paths for link in path.links}.values())


def reports_of(
    check: SealCheck, revocations: Revocations, now: datetime
) -> tuple[SignatureReport, ...]:
    """Return the reports of a complete check, in the order of the file."""
    assert check.complete
    stamps = [one for one in check.signatures if one.kind is SignatureKind.TIMESTAMP]
    proven_at, reports = now, list[SignatureReport]()
    proofs: list[tuple[int, datetime]] = []
    """Where each timestamp that holds ends, and when it was made; the newest first."""
    for stamp in reversed(stamps):
        finding = _judge_stamp(stamp, revocations, proven_at)
        reports.insert(0, _report(check, stamp, finding, level=None))
        if finding.sub_indication is None and stamp.best_time is not None:
            proven_at = stamp.best_time
            proofs.append((stamp.covered_length, proven_at))
    signers = []
    for one in check.signatures:
        if one.kind is not SignatureKind.TIMESTAMP:
            later = [at for end, at in proofs if end > one.covered_length]
            finding = _judge_seal(one, revocations, later[-1] if later else now)
            level = _level(check, one, finding, archived=bool(later))
            signers.append(_report(check, one, finding, level=level))
    return tuple(sorted((*signers, *reports), key=lambda one: one.covered_length))


def with_revocations(report: SignatureReport, revocations: Revocations) -> SignatureReport:
    """Return a report that was kept, as it is with what is known now of its own certificate."""
    revoked = revocations.get(report.certificate_sha256 or "")
    if revoked is None or report.indication is not Indication.TOTAL_PASSED:
        return report
    best, stamp = report.best_time, report.kind is SignatureKind.TIMESTAMP
    if best is not None and best < revoked.since and not (stamp and revoked.key_compromised):
        return report
    claimed = report.claimed_time
    refuted = stamp or (claimed is not None and claimed >= revoked.since)
    return replace(
        report,
        indication=Indication.TOTAL_FAILED if refuted else Indication.INDETERMINATE,
        sub_indication="REVOKED" if refuted else "REVOKED_NO_POE",
    )


def _judge_stamp(
    stamp: CheckedSignature, revocations: Revocations, proven_at: datetime
) -> _Finding:
    assert stamp.best_time is not None
    tsa = stamp.path.links[0]
    revoked = revocations.get(tsa.sha256)
    if revoked is not None and revoked.key_compromised:
        return _Finding("REVOKED", failed=True)  # RFC 3161 4 (1)
    if undone := _undone(stamp.path, revocations, stamp.best_time):
        return _Finding(undone)
    if proven_at > tsa.not_after:
        return _Finding("OUT_OF_BOUNDS_NO_POE")
    if proven_at >= stamp.suite.until:
        return _Finding("CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    return _Finding(None)


def _judge_seal(seal: CheckedSignature, revocations: Revocations, proven_at: datetime) -> _Finding:
    best, stamped = seal.best_time, seal.stamp is not None
    if stamped and not _stamp_lasts(seal, proven_at):
        best, stamped = None, False
    undone = _undone(seal.path, revocations, best)
    if undone == "REVOKED_NO_POE" and _refutes_itself(seal, revocations):
        return _Finding("REVOKED", failed=True, stamped=stamped)
    if undone is not None:
        return _Finding(undone, stamped=stamped)
    if seal.stamp is not None and best is not None and _tsa_revoked(seal.stamp, revocations, best):
        return _Finding("REVOKED_NO_POE", stamped=stamped)
    if best is None and proven_at > min(link.not_after for link in seal.path.links):
        return _Finding("OUT_OF_BOUNDS_NO_POE", stamped=stamped)
    if best is None and proven_at >= seal.own_suite.until:
        return _Finding("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", stamped=stamped)
    return _Finding(None, stamped=stamped)


def _stamp_lasts(seal: CheckedSignature, proven_at: datetime) -> bool:
    """Tell whether the timestamp is still proof: an archive timestamp must have come in time."""
    assert seal.stamp is not None
    return proven_at <= seal.stamp.links[0].not_after and proven_at < seal.suite.until


def _undone(path: Path, revocations: Revocations, best: datetime | None) -> str | None:
    """Return the sub-indication of a revocation that nothing proves the signature to precede.

    GB/T 38540 and EN 319 102-1 agree: revoked before signing undoes it, after does not.
    """
    for position, link in enumerate(path.links):
        revoked = revocations.get(link.sha256)
        if revoked is not None and (best is None or best >= revoked.since):
            return "REVOKED_CA_NO_POE" if position else "REVOKED_NO_POE"
    return None


def _refutes_itself(seal: CheckedSignature, revocations: Revocations) -> bool:
    """Tell whether the seal itself claims a time after its revocation."""
    revoked = revocations[seal.path.links[0].sha256]
    return seal.claimed_time is not None and seal.claimed_time >= revoked.since


def _tsa_revoked(path: Path, revocations: Revocations, best: datetime) -> bool:
    """Tell whether a revocation takes a timestamp's worth away (RFC 3161 4 (1))."""
    found = [revocations.get(link.sha256) for link in path.links]
    return any(one is not None and (one.key_compromised or one.since <= best) for one in found)


def _level(check: SealCheck, seal: CheckedSignature, finding: _Finding, *, archived: bool) -> str:
    if seal.stamp is None or not finding.stamped:
        return "B-B"
    if finding.sub_indication is not None:
        return "B-T"
    if archived:
        return "B-LTA"
    return "B-LT" if check.validation_data else "B-T"


def _report(
    check: SealCheck, one: CheckedSignature, finding: _Finding, *, level: str | None
) -> SignatureReport:
    whole, stamp = one.covered_length == check.length, one.kind is SignatureKind.TIMESTAMP
    lapsed = one.stamp is not None and not finding.stamped
    failed = Indication.TOTAL_FAILED if finding.failed else Indication.INDETERMINATE
    return SignatureReport(
        field=one.field,
        kind=one.kind,
        signer=one.signer,
        certificate_sha256=one.path.links[0].sha256,
        level=level,
        intact=True,
        trusted=True,
        indication=Indication.TOTAL_PASSED if finding.sub_indication is None else failed,
        sub_indication=finding.sub_indication,
        claimed_time=one.best_time if stamp else one.claimed_time,
        best_time=None if lapsed or (stamp and finding.sub_indication) else one.best_time,
        coverage=Coverage.WHOLE_FILE if whole else Coverage.REVISION,
        covered_length=one.covered_length,
        later_changes=_later_changes(check, one),
        notes=("timestamp_not_trusted",) if lapsed else (),
        signed_digest=one.signed_digest,
        anchor_sha256=one.path.root_sha256,
        organization=one.path.links[0].organization,
        identity_issuer=None if stamp else one.path.links[0].identity_issuer,
    )


def _later_changes(check: SealCheck, one: CheckedSignature) -> LaterChanges:
    if one.covered_length == check.length:
        return LaterChanges.NONE
    later = [two for two in check.signatures if two.covered_length > one.covered_length]
    signed = any(two.kind is not SignatureKind.TIMESTAMP for two in later)
    return LaterChanges.SIGNATURES if signed else LaterChanges.VALIDATION_DATA
