"""Sessions of an identity that leaves, as `registry.officers.leaving` ends them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import Clock
from core.ids import IdentityId
from registry.db.database import Database
from registry.desk.sign_in.session_store import SqlSessions
from registry.desk.sign_in.sign_outs import note_sign_out
from registry.officers.departures import Departure
from registry.officers.identities import find_identity


@dataclass(frozen=True, slots=True)
class SessionEnding:
    """Ends sessions and access tokens, in all workers at once: they are looked up at each request.

    Tokens are refused while the identity is disabled anyway; those of before do not come back with
    it. There is no refresh token here to be ended: command lines keep their own, by which they get
    such access tokens alone.
    """

    database: Database
    clock: Clock
    name: str = "sessions"

    def end(self, departure: Departure, identities_ended: Sequence[IdentityId]) -> int:
        """End the sessions of identities that ended; return how many there were."""
        # Who left one authority signs in anew, since roles of a session's groups are as old as it.
        whose = {departure.identity_id, *identities_ended}
        with self.database.reading() as connection:
            pins = [find_identity(connection, one).pin for one in sorted(whose)]
        store, now = SqlSessions(self.database), self.clock.now()
        with self.database.writing() as connection:
            for pin in pins:
                note_sign_out(connection, pin, now)
        return sum(store.end_all(pin.iss, pin.sub) for pin in pins)
