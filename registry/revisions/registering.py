"""A fresh document made ready for the record: its digests, and what is found of its seal.

The seal is read by `signing.seal_check.check`, which shares no code with the
sealer: some 0.5 ms of CPU,
where the sandbox would take thirty times that for every grant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.ids import Sha256
from registry.revisions.judgements import Judgement
from registry.revisions.record import NewRevision
from signing.report import SignatureKind
from signing.seal_check.check import Beginning, SealCheck, check_seal, sealed_digest_of
from signing.seal_check.protection import Protection, protection_found, protection_of
from signing.seal_check.reports import reports_of


@dataclass(frozen=True, slots=True)
class FreshDocument:
    """A document that was just sealed, as it was found."""

    revisions: tuple[NewRevision, ...]
    protection: Protection


def read_fresh(
    pdf: bytes, lengths: Sequence[int], roots: tuple[bytes, ...], now: datetime
) -> FreshDocument:
    """Return the revisions of a document that was just sealed, judged against `roots` (DER), and
    its protection.

    Where these do not bear it out, no judgement is kept: the verifier judges when it is asked.
    Raises `UnprotectedFileError` where there is no signature to rest on.
    """
    new, check = _read(pdf, lengths, roots, now)
    return FreshDocument(tuple(new), protection_found(check) or protection_of(pdf))


def _read(
    pdf: bytes, lengths: Sequence[int], roots: tuple[bytes, ...], now: datetime
) -> tuple[list[NewRevision], SealCheck]:
    """Return the revisions, and what was found of the last."""
    parts = [pdf if length == len(pdf) else pdf[:length] for length in lengths]
    beginnings = [Beginning(part) for part in parts]
    checks = [
        check_seal(part, roots, beginning)
        for part, beginning in zip(parts, beginnings, strict=True)
    ]
    sealed_digest = _sealed_digest(parts[0], checks[0])
    new = [
        NewRevision(
            sequence=sequence,
            length=len(part),
            sha256=Sha256(beginning.whole()),
            signed_digest=sealed_digest if sequence == 0 else None,
            judgement=_judgement(check, now),
        )
        for sequence, (part, beginning, check) in enumerate(
            zip(parts, beginnings, checks, strict=True)
        )
    ]
    return new, checks[-1]


def further_revisions(
    pdf: bytes, lengths: Sequence[int], roots: tuple[bytes, ...], now: datetime, first: int
) -> list[NewRevision]:
    """Return the revisions that a further seal made, numbered from `first`, which ends with it."""
    made, _ = _read(pdf, lengths, roots, now)
    return [replace(one, sequence=one.sequence + first) for one in made]


def _sealed_digest(pdf: bytes, check: SealCheck) -> str | None:
    seals = [one for one in check.signatures if one.kind is SignatureKind.SEAL]
    return seals[-1].signed_digest if seals else sealed_digest_of(pdf)


def _judgement(check: SealCheck, now: datetime) -> Judgement | None:
    # The seal's certificate was good when it sealed: `ValidationDataSource.for_seal` asked.
    return Judgement(reports_of(check, {}, now), now) if check.complete else None
