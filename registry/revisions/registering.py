"""A fresh document made ready for the record: its digests, and what is found of its seal.

The seal is read by `signing.seal_check.check`, which shares no code with the
sealer: some 0.5 ms of CPU,
where the sandbox would take thirty times that for every grant.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from registry.objects.store import sha256_of
from registry.revisions.judgements import Judgement
from registry.revisions.record import NewRevision
from signing.report import SignatureKind
from signing.seal_check.check import SealCheck, check_seal, sealed_digest_of
from signing.seal_check.reports import reports_of


def new_revisions(
    pdf: bytes, lengths: Sequence[int], roots: tuple[bytes, ...], now: datetime
) -> list[NewRevision]:
    """Return the revisions of a document that was just sealed, judged against `roots` (DER).

    Where these do not bear it out, no judgement is kept: the verifier judges when it is asked.
    """
    checks = [check_seal(pdf[:length], roots) for length in lengths]
    sealed_digest = _sealed_digest(pdf[: lengths[0]], checks[0])
    return [
        NewRevision(
            sequence=sequence,
            length=length,
            sha256=sha256_of(pdf[:length]),
            signed_digest=sealed_digest if sequence == 0 else None,
            judgement=_judgement(check, now),
        )
        for sequence, (length, check) in enumerate(zip(lengths, checks, strict=True))
    ]


def further_revisions(
    pdf: bytes, lengths: Sequence[int], roots: tuple[bytes, ...], now: datetime, first: int
) -> list[NewRevision]:
    """Return the revisions that a further seal made, numbered from `first`, which ends with it."""
    made = new_revisions(pdf, lengths, roots, now)
    return [replace(one, sequence=one.sequence + first) for one in made]


def _sealed_digest(pdf: bytes, check: SealCheck) -> str | None:
    seals = [one for one in check.signatures if one.kind is SignatureKind.SEAL]
    return seals[-1].signed_digest if seals else sealed_digest_of(pdf)


def _judgement(check: SealCheck, now: datetime) -> Judgement | None:
    # The seal's certificate was good when it sealed: `ValidationDataSource.for_seal` asked.
    return Judgement(reports_of(check, {}, now), now) if check.complete else None
