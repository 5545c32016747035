"""Granting the rows of a sheet, one after the other; running the same again finishes it.

Rows are recognised (`registry.granting.recognising`), so that a licence granted before is handed
out again and never granted twice: with a row taken out, under another file name, or after a crash.
What a changed row means is decided by whoever runs the batch.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection

from core.errors import XinyinError
from core.ids import AuthorityId
from core.permits import Permit
from registry.db.faults import UnknownOutcomeError
from registry.granting import messages
from registry.granting.granting import Granted, Granting
from registry.granting.groups.granting import (
    MOST,
    BegunGroup,
    Done,
    GroupGranting,
    Row,
    Unfinished,
)
from registry.granting.recognising import RecognisedRow, RowKind
from registry.granting.reservation import GrantRequest
from registry.model import Application, ConflictError, Reason
from signing.levels import PadesLevel


class ChangeDecision(StrEnum):
    """Policy for a row that differs from the licence it speaks of."""

    SKIP = "skip"
    CORRECT = "correct"
    REPLACE = "replace"
    RENEW = "renew"


_REASONS = {
    ChangeDecision.CORRECT: Reason.CORRECTED,
    ChangeDecision.REPLACE: Reason.CHANGED,
    ChangeDecision.RENEW: Reason.RENEWED,
}


class BatchStoppedError(ConflictError):
    """The batch must not go on; no row is to blame."""


class UndecidedRowError(ConflictError):
    """A row may be a change of a granted licence, or one more; nobody said which."""


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """Settings common to all rows of a batch."""

    name: str
    """Of a batch that grants anew what was granted before and left force; else empty."""
    permit: Permit
    authority_id: AuthorityId | None = None
    basis: str | None = None
    level: PadesLevel = PadesLevel.B_LT
    changed: ChangeDecision | None = None
    further: bool = False
    """A holder that has other licences of the type gets one more."""
    within: Callable[[Connection], object] = lambda _: None
    """Runs in each transaction that takes a number; `BatchStoppedError` from it ends the batch."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """Result for one row: a licence, or an error."""

    source: str
    granted: Granted | None
    error: XinyinError | None
    skipped: bool = False
    """The row says something else than its licence, and was left alone."""


def run_batch(
    granting: Granting, rows: Iterable[RecognisedRow], order: BatchOrder
) -> Iterator[RowOutcome]:
    """Grant each row that is to be granted; an error of one row does not stop the next.

    Raises `BatchStoppedError`.
    """
    for row in rows:
        source = row.application.source
        try:
            granted = _grant(granting, row, order)
        except BatchStoppedError:
            raise
        except UnknownOutcomeError:
            yield RowOutcome(source, None, _unknown())
        except XinyinError as error:
            yield RowOutcome(source, None, error)
        else:
            skipped = row.kind is RowKind.CHANGED and order.changed is ChangeDecision.SKIP
            yield RowOutcome(source, granted, None, skipped)


def run_groups(
    groups: GroupGranting, rows: Iterable[RecognisedRow], order: BatchOrder, size: int = MOST
) -> Iterator[RowOutcome]:
    """Do the same in groups of `size`: one is reserved while the one before is sealed. Raises as
    `run_batch`, once what was begun is done.
    """
    source = iter(rows)
    begun: deque[tuple[list[RecognisedRow], _Begun]] = deque()
    stopped: BatchStoppedError | None = None
    while True:
        taken = [] if stopped is not None else list(islice(source, size))
        if taken:
            try:
                begun.append((taken, _begin(groups, taken, order)))
            except BatchStoppedError as error:
                stopped = error
        if begun and (len(begun) > 1 or not taken or stopped is not None):
            group, started = begun.popleft()
            try:
                yield from _complete(groups, group, started, order)
            except BatchStoppedError as error:
                stopped = stopped or error
        elif not taken:
            break
    if stopped is not None:
        raise stopped


@dataclass(frozen=True, slots=True)
class _Begun:
    """A group that was begun, and errors of rows that are none of it, by their places."""

    group: BegunGroup
    refused: dict[int, XinyinError]


def _begin(groups: GroupGranting, rows: Sequence[RecognisedRow], order: BatchOrder) -> _Begun:
    asked: list[Row] = []
    refused: dict[int, XinyinError] = {}
    for place, row in enumerate(rows):
        try:
            asked.append(_asked(row, order))
        except XinyinError as error:
            refused[place] = error
    return _Begun(groups.begin(asked, order.within), refused)


def _complete(
    groups: GroupGranting, rows: Sequence[RecognisedRow], begun: _Begun, order: BatchOrder
) -> Iterator[RowOutcome]:
    stopped: BatchStoppedError | None = None
    outcomes = iter(groups.complete(begun.group))
    for place, row in enumerate(rows):
        found = begun.refused.get(place) or next(outcomes)
        source = row.application.source
        if isinstance(found, BatchStoppedError):
            stopped = found
        elif isinstance(found, UnknownOutcomeError):
            yield RowOutcome(source, None, _unknown())
        elif isinstance(found, XinyinError):
            yield RowOutcome(source, None, found)
        else:
            skipped = row.kind is RowKind.CHANGED and order.changed is ChangeDecision.SKIP
            yield RowOutcome(source, found, None, skipped)
    if stopped is not None:
        raise stopped


def is_undecided(row: RecognisedRow, changed: ChangeDecision | None, *, further: bool) -> bool:
    """Tell whether somebody must say what a row means before it can be granted."""
    if row.kind is RowKind.FURTHER:
        return not further
    return row.kind is RowKind.CHANGED and changed is None


def _grant(granting: Granting, row: RecognisedRow, order: BatchOrder) -> Granted:
    asked = _asked(row, order)
    match asked:
        case GrantRequest():
            return granting.grant(asked, order.within)
        case Unfinished(identifier=identifier):
            return granting.finished(identifier, order.permit)
        case _:
            return granting.granted(asked.identifier)


def _asked(row: RecognisedRow, order: BatchOrder) -> Row:
    """Return the request of a row. Raises `UndecidedRowError`."""
    if is_undecided(row, order.changed, further=order.further):
        raise undecided(row)
    request = GrantRequest(
        application=row.application,
        permit=order.permit,
        basis=order.basis,
        authority_id=order.authority_id,
        level=order.level,
        request_key=_key(row.application, order),
        from_paper=row.application.from_paper,
    )
    held = row.licence
    if held is None or row.kind is RowKind.FURTHER:
        return request
    match row.kind:
        case RowKind.PENDING:
            return Unfinished(held.identifier, order.permit)
        case RowKind.CLOSED if order.name:
            return request
        case RowKind.CHANGED if order.changed in _REASONS:
            return replace(
                request,
                # Content that comes back after another change is a request of its own.
                request_key=_key(row.application, order, held.identifier),
                replaces=held.identifier,
                from_paper=None,  # the version before has taken its place, or another's
                reason=_REASONS[order.changed],
            )
        case _:
            return Done(held.identifier, order.permit)


def _unknown() -> UnknownOutcomeError:
    return UnknownOutcomeError(messages.ROW_COMMIT_OUTCOME_UNKNOWN)


def undecided(row: RecognisedRow) -> UndecidedRowError:
    """Return the error that says what is to be decided of a row."""
    assert row.licence is not None
    identifier, fields = row.licence.identifier, "、".join(row.fields)
    if row.kind is RowKind.CHANGED:
        return UndecidedRowError(
            messages.granted_licence_differs(identifier=identifier, fields=fields),
            identifier=identifier,
        )
    return UndecidedRowError(
        messages.holder_has_unlisted_licence(identifier), identifier=identifier
    )


def _key(application: Application, order: BatchOrder, before: str = "") -> str:
    """Return 64 hex digits that another content or another batch would change.

    Tomorrow they are the same: what follows from the day of granting does not count.
    """
    said = [
        order.name,
        order.authority_id,
        before,
        application.type_code,
        application.stated,
        application.photo and hashlib.sha256(application.photo).hexdigest(),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
