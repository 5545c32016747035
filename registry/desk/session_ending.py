"""Sessions of an identity that leaves, as `registry.officers.leaving` ends them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ids import IdentityId
from registry.db.database import Database
from registry.desk.session_store import SqlSessions
from registry.officers.departures import Departure
from registry.officers.identities import find_identity


@dataclass(frozen=True, slots=True)
class SessionEnding:
    """Ends sessions, in all workers at once: they are looked up at each request."""

    database: Database
    name: str = "sessions"

    def end(self, departure: Departure, identities_ended: Sequence[IdentityId]) -> int:
        """End the sessions of identities that ended; return how many there were."""
        # Who left one authority signs in anew, since roles of a session's groups are as old as it.
        whose = {departure.identity_id, *identities_ended}
        with self.database.reading() as connection:
            pins = [find_identity(connection, one).pin for one in sorted(whose)]
        store = SqlSessions(self.database)
        return sum(store.end_all(pin.iss, pin.sub) for pin in pins)
