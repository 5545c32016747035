"""Licences as they stood at a past instant, by the events of their lives.

Events are chained and cannot be edited unseen, so that what they say is what a verifier was told
then. What a licence says never changes: another version says something else.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from core.clock import Clock
from core.errors import UsageError
from core.ids import LicenceIdentifier
from core.text import Text
from registry.db.tables import audit_events
from registry.licences import messages
from registry.model import Licence, LicenceState, Reason, TypeKind
from registry.state_words import effective_reason, state_sentence

_BEGINS: Final = {
    "licence.reserved": LicenceState.PENDING,
    "licence.granted": LicenceState.IN_FORCE,
    "licence.voided": LicenceState.VOID,
}
_UNSEEN: Final = (LicenceState.PENDING, LicenceState.VOID)


@dataclass(frozen=True, slots=True)
class PastState:
    """A licence at a past instant."""

    at: datetime
    on: date
    """The civil date of that instant, by which terms count."""
    licence: Licence | None
    """With the state that it had; None where it was not on record."""

    def told(self, kind: TypeKind | None = None) -> Text:
        """Return the answer that a verifier was given then on its state; of a document in words of
        its own.
        """
        found = self.licence
        if found is None or found.state in _UNSEEN:
            document = kind is TypeKind.DOCUMENT
            return messages.NO_DOCUMENT_THEN if document else messages.NOT_ON_RECORD_THEN
        state = found.effective_state(self.on)
        return state_sentence(state, effective_reason(state, found.reason), kind or found.kind)


def licence_at(connection: Connection, licence: Licence, at: datetime, on: date) -> PastState:
    """Return a licence as it stood at an instant, which is the civil date `on`."""
    column = audit_events.c
    query = (
        select(column.action, column.basis, column.after)
        .where(column.subject == licence.identifier, column.at <= at, column.sequence > 0)
        .where(column.action.startswith("licence."))
        .order_by(column.sequence)
    )
    found: Licence | None = None
    for row in connection.execute(query):
        found = _after(licence if found is None else found, row) or found
    return PastState(at, on, found)


def refuse_future(at: datetime, clock: Clock) -> None:
    """Raise `UsageError` for an instant that is yet to come: nobody was told anything then."""
    if at > clock.now():
        raise UsageError(messages.INSTANT_TO_COME)


def _after(licence: Licence, row: Row[Any, Any, Any]) -> Licence | None:
    """Return a licence as an event left it; None where the event is of no state."""
    after = row.after or {}
    state = after.get("state") or _BEGINS.get(row.action)
    if state is None:
        return None
    reason, successor = after.get("reason"), after.get("replaced_by")
    until = after.get("suspended_until")
    return replace(
        licence,
        state=LicenceState(str(state)),
        reason=None if reason is None else Reason(str(reason)),
        basis=row.basis,
        document_number=after.get("document_number"),
        replaced_by=None if successor is None else LicenceIdentifier(str(successor)),
        suspended_until=None if until is None else date.fromisoformat(str(until)),
    )
