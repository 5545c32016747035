"""An identity provider's word about its own people, carried out: they are signed out, or leave.

Whoever was found by issuer and subject alone, and merged into another identity of the same issuer,
is that one. Of another issuer's a provider says nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.clock import Clock
from core.errors import UnreachableError
from core.permits import Permit
from identity.people.model import Pin, actor_name
from identity.people.permits import provider_permit
from registry.audit import events as audit
from registry.db.database import Database
from registry.desk.providers import messages
from registry.desk.sign_in.session_store import SqlSessions
from registry.desk.sign_in.sign_outs import note_sign_out
from registry.officers.departures import Departure, LeavingKind, LeavingReport
from registry.officers.identities import find_identity, find_pin
from registry.officers.leaving import Leaving
from registry.officers.model import IdentityRecord

SIGNED_OUT = "session.ended"
"""Action of the event of a sign-out that a provider told of."""

_log = logging.getLogger(__name__)


class LeavingUnfinishedError(UnreachableError):
    """Something of somebody who left could not be ended just now; it is tried again."""

    code = "leaving_unfinished"


@dataclass(frozen=True, slots=True)
class ProviderWord:
    """Carries out what providers say; idempotent, and may be cut off anywhere."""

    database: Database
    leaving: Callable[[], Leaving]
    clock: Clock

    def disable(
        self, alias: str, pin: Pin, why: str, permit: Permit | None = None
    ) -> LeavingReport | None:
        """End an identity of the provider `alias`; None where there is none on record.

        `permit`: of whoever does it by the provider's word; None: the provider itself. Raises
        `LeavingUnfinishedError`, and as `Leaving.end_identity`.
        """
        with self.database.reading() as connection:
            found = person_of(connection, pin)
        if found is None:
            return None
        departure = Departure(found.identity_id, LeavingKind.DISABLED, why, issuer=pin.iss)
        report = self.leaving().end_identity(departure, permit or provider_permit(alias))
        if report.last_administrator:
            _log.critical(
                "alarm last_administrator: %s ended the last administrator of all authorities",
                alias,
                extra={"code": "last_administrator"},
            )
        if not report.complete_here:
            raise LeavingUnfinishedError(messages.LEAVING_UNFINISHED)
        return report

    def sign_out(
        self, alias: str, pin: Pin, why: str, *, before: datetime, session: str | None = None
    ) -> int:
        """End all sessions of a subject, or one session of the provider's; return how many.

        Access tokens that were issued `before` are taken no more, unless it is of one session.
        """
        ended = SqlSessions(self.database).end_all(pin.iss, pin.sub, session)
        with self.database.writing() as connection:
            if session is None:
                note_sign_out(connection, pin, before)
            person = find_pin(connection, pin)
            if person is not None:
                audit.record(
                    connection,
                    at=self.clock.now(),
                    actor=provider_permit(alias).actor,
                    action=SIGNED_OUT,
                    subject=actor_name(person.identity_id),
                    basis=why,
                    after={"sessions": ended},
                )
        return ended

    def end_session(self, issuer: str, session: str) -> int:
        """End one session of the provider's, whoever's it is; return how many there were."""
        return SqlSessions(self.database).end_all(issuer, None, session)


def person_of(connection: Connection, pin: Pin) -> IdentityRecord | None:
    """Return the identity of issuer and subject that is in use or was disabled.

    None where there is none, or it is another issuer's by now.
    """
    found = find_pin(connection, pin)
    while found is not None and found.merged_into is not None:
        into = find_identity(connection, found.merged_into)
        found = into if into.pin.iss == pin.iss else None
    return found
