"""Reconcile: who is not active at the provider any more leaves here too.

It finds what no event told of. A list that is wrong must not end everybody: an empty one, one that
would end all, or more than a share of those in use, ends nobody and raises the alarm; a person
decides then (`xinyin officer reconcile`).
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, literal, select

from core.errors import XinyinError
from core.ids import IdentityId
from core.permits import Permit
from identity.people.model import IDENTITY_PREFIX, IdentityKind, Pin
from identity.people.permits import provider_permit
from registry.db.tables import audit_events, identities
from registry.desk.providers import messages
from registry.desk.providers.word import ProviderWord
from registry.model import ConflictError
from registry.officers.model import IdentityState

ALWAYS: Final = 3
"""So many may go at once whatever the share: an office of ten loses one at a time or two."""
SHARE_PER_CENT: Final = 10
WINDOW: Final = timedelta(days=1)
"""For which the share is counted, over all runs."""
WHY: Final = "reconcile"

_log = logging.getLogger(__name__)


class ReconcileStoppedError(ConflictError):
    """A list of people would end too many: nobody was ended (alarm)."""

    code = "reconcile_stopped"


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider's list of who is active, whole."""

    alias: str
    issuer: str
    active: Collection[str]
    """Subjects."""
    asked_at: datetime
    """Before the list was begun: whoever came after that may be missing from it."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Result of a reconcile."""

    known: int
    """People of the provider in use here before."""
    gone: list[IdentityId]
    """Of them, those whom the list does not name as active."""
    disabled: int


def reconcile(
    word: ProviderWord,
    listed: Listed,
    *,
    most: int | None = None,
    share: int = SHARE_PER_CENT,
    why: str = WHY,
    permit: Permit | None = None,
    carries_out: bool = True,
) -> Reconciled:
    """Disable who is in use here and not active there.

    `most`: so many may go, as a person decided, whose `permit` it is; None: by the share (per
    cent), as the provider says. Raises `ReconcileStoppedError`, and the last error once all were
    tried.
    """
    column = identities.c
    query = (
        select(column.identity_id, column.sub)
        .where(
            column.iss == listed.issuer,
            column.kind == IdentityKind.PERSON,
            column.state == IdentityState.ACTIVE,
            column.created_at < listed.asked_at,
        )
        .order_by(column.identity_id)
    )
    with word.database.reading() as connection:
        known = connection.execute(query).all()
    active = frozenset(listed.active)
    gone = [one for one in known if one.sub not in active]
    if gone:
        earlier = 0 if most is not None else _gone_lately(word, listed)
        _check(len(known), len(gone), earlier, most=most, share=share)
    disabled, failed = 0, None
    for one in gone if carries_out else ():
        try:
            word.disable(listed.alias, Pin(listed.issuer, one.sub), why, permit)
            disabled += 1
        except XinyinError as error:  # the others must leave all the same
            _log.error("reconcile: %s", error.text.en, extra={"code": error.code})
            failed = error
    if failed is not None:
        raise failed
    return Reconciled(len(known), [IdentityId(one.identity_id) for one in gone], disabled)


def _gone_lately(word: ProviderWord, listed: Listed) -> int:
    """Return how many a reconcile has ended within the window by itself, and nobody enabled since.

    Else a list that is wrong, or whoever makes it so, would only have to be read once more.
    """
    person, event = identities.c, audit_events.c
    of_theirs = select(literal(IDENTITY_PREFIX) + person.identity_id).where(
        person.iss == listed.issuer, person.state == IdentityState.DISABLED
    )
    query = select(func.count(event.subject.distinct())).where(
        event.subject.in_(of_theirs),
        event.action == "identity.ended",
        event.actor == provider_permit(listed.alias).actor.name,
        event.basis == WHY,
        event.at > word.clock.now() - WINDOW,
    )
    with word.database.reading() as connection:
        return connection.execute(query).scalar_one()


def _check(known: int, gone: int, earlier: int, *, most: int | None, share: int) -> None:
    if most is not None:
        stops = gone > most
    else:
        all_of = known + earlier
        stops = gone == known or gone + earlier > max(ALWAYS, all_of * share // 100)
    if stops and most is None:
        _log.critical(
            "alarm reconcile_stopped: %d of %d people would be disabled",
            gone,
            known,
            extra={"code": "reconcile_stopped"},
        )
    if stops:
        raise ReconcileStoppedError(messages.reconcile_stopped(known=known, gone=gone))
