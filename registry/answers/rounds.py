"""Completeness of a document that several seal: of its record, and of the bytes looked at.

Complete is what the terms ask for, each of it borne out: every position signed on record, and where
a file was looked at, a signature in it for each. Neither the state on record nor the record alone
makes an intermediate file good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from registry.licences.countersignatures import progress_of
from registry.model import Licence, LicenceState
from registry.state_words import AWAITS_SEALS, LATER_REVISION, StateWords, awaits_seals
from registry.types.document_type import BadCountersignersError
from signing.report import SignatureKind, SignatureReport

AWAITING: Final = "awaiting_signatures"
LATER: Final = "later_revision"
_NOT_CLOSED: Final = (LicenceState.IN_FORCE, LicenceState.SUSPENDED, LicenceState.PENDING)


def awaits_more(connection: Connection, licence: Licence, sequence: int | None) -> bool:
    """Tell whether a document, or its revision of that number, does not bear all its seals."""
    try:
        progress = progress_of(connection, licence)
    except BadCountersignersError:
        return True
    if progress is None:
        return False
    last = max((one.sequence or 0 for one in progress.steps), default=0)
    earlier = sequence is not None and sequence < last
    return bool(progress.missing) or progress.open or earlier


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A document, or a file of it, that does not bear all its seals."""

    code: str
    words: StateWords


def incomplete(
    connection: Connection,
    licence: Licence,
    state: LicenceState,
    signatures: Sequence[SignatureReport] | None,
) -> Incomplete | None:
    """Return how a document on record falls short; None where it is complete.

    `signatures` are those of the file that was looked at; None: no file was.
    """
    if state not in _NOT_CLOSED:
        return None
    try:
        progress = progress_of(connection, licence)
    except BadCountersignersError:
        return Incomplete(AWAITING, AWAITS_SEALS)
    if progress is None:
        return None
    if progress.missing or progress.open:
        names = [one.signer.name for one in progress.missing]
        return Incomplete(AWAITING, awaits_seals(names) if names else AWAITS_SEALS)
    if signatures is None:
        return None
    signed = sum(one.kind is not SignatureKind.TIMESTAMP for one in signatures)
    return None if signed >= progress.asked.seals else Incomplete(LATER, LATER_REVISION)
