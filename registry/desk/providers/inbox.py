"""Events that providers tell of, kept before they are acknowledged and carried out once.

1. *keep*: a verified token is noted, with what it ends and of whom. Only then is it acknowledged;
   delivered again, it is known by issuer and id.
2. *carry out*: at once, and again by a duty until it succeeds: a crash in between loses nothing.
   Of whom it was is then forgotten.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update

from core.errors import XinyinError
from identity.people.model import Pin
from identity.tokens.happenings import Effect, Happening
from identity.tokens.security_event import SecurityEvent
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import security_events
from registry.desk.providers.word import ProviderWord
from registry.journal.journal import Facts

AT_ONCE: Final = 200
"""Events carried out in one go; the next goes on."""
KEPT: Final = timedelta(days=8)
"""For how long an id is known: a token is not taken after a week (`security_event`)."""
_MAX_TOKEN_ID_SHOWN: Final = 64
_COLUMN = security_events.c

_IN_TURN = (
    _COLUMN.tried_at.is_not(None),
    _COLUMN.tried_at,
    _COLUMN.received_at,
    _COLUMN.digest,
)
"""Order in which events are carried out: what failed stands in line behind what was not tried."""

_log = logging.getLogger(__name__)


class UnnotedReplays:
    """Memory for verifying tokens that the inbox remembers itself, together with their effect."""

    def use(self, scope: str, token_id: str, until: datetime, now: datetime) -> None:
        """Note nothing: a token is used up when it is kept, not when it is judged."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Events of all providers."""

    database: Database
    word: ProviderWord
    count: Callable[[str, str], None]
    """Told the name of each event, and what became of it."""

    def keep(
        self,
        alias: str,
        token: SecurityEvent,
        happenings: tuple[Happening, ...],
        now: datetime,
    ) -> str | None:
        """Keep a verified token; return its digest if something is to be done, None otherwise."""
        name = f"{len(token.issuer)}:{token.issuer}{token.token_id}"
        digest = hashlib.sha256(name.encode()).hexdigest()
        acts = [one for one in happenings if one.effect is not None and _names_somebody(one)]
        told = {
            "alias": alias,
            "iss": token.issuer,
            "token": token.token_id[:_MAX_TOKEN_ID_SHOWN],
            "before": token.issued_at.isoformat(),
            "acts": [asdict(one) for one in acts],
        }
        values = {
            "digest": digest,
            "told": told if acts else None,
            "received_at": now,
            "done_at": None if acts else now,
            "until": now + KEPT,
        }
        with self.database.writing() as connection:
            new = insert_unless_there(connection, security_events, values)
        for one in happenings:
            self.count(one.name, _outcome(one, new=new))
        return digest if new and acts else None

    def carry_out(self, digest: str | None = None) -> None:
        """Carry out what waits, or one alone. Raises the last error, once all were tried."""
        query = select(_COLUMN.digest, _COLUMN.told).where(_COLUMN.done_at.is_(None))
        if digest is not None:
            query = query.where(_COLUMN.digest == digest)
        with self.database.reading() as connection:
            ordered = query.order_by(*_IN_TURN).limit(AT_ONCE)
            waiting = connection.execute(ordered).all()
        failed: XinyinError | None = None
        done: dict[str, object]
        for row in waiting:
            try:
                self._carry_out(row.told)
            except XinyinError as error:
                _log.error("a security event: %s", error.text.en, extra={"code": error.code})
                failed = error
                done = {"tried_at": self.word.clock.now()}
            else:
                done = {"done_at": self.word.clock.now(), "told": None}
            this = _COLUMN.digest == row.digest
            with self.database.writing() as connection:
                connection.execute(update(security_events).where(this).values(done))
        if failed is not None:
            raise failed

    def waiting(self) -> int:
        """Return how many events are not carried out yet."""
        query = select(func.count()).select_from(security_events).where(_COLUMN.done_at.is_(None))
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def sweep(self, now: datetime) -> None:
        """Forget events that would not be accepted again."""
        over = _COLUMN.done_at.is_not(None), _COLUMN.until < now
        with self.database.writing() as connection:
            connection.execute(delete(security_events).where(*over))

    def _carry_out(self, told: Facts) -> None:
        alias, issuer = str(told["alias"]), str(told["iss"])
        before = datetime.fromisoformat(str(told["before"]))
        acts = told["acts"]
        assert isinstance(acts, list)
        for one in acts:
            self._act(alias, issuer, before, one, f"{one['name']} ({told['token']})")

    def _act(
        self, alias: str, issuer: str, before: datetime, act: Mapping[str, str | None], why: str
    ) -> None:
        subject, session, name = act["subject"], act["session"], str(act["name"])
        why = f"event {why}"
        if act["effect"] == Effect.DISABLE and subject is not None:
            report = self.word.disable(alias, Pin(issuer, subject), why)
            self.count(name, "disabled" if report is not None else "nobody")
        elif subject is not None:
            self.word.sign_out(alias, Pin(issuer, subject), why, before=before, session=session)
            self.count(name, "signed_out")
        elif session is not None:
            self.word.end_session(issuer, session)
            self.count(name, "signed_out")


def _outcome(one: Happening, *, new: bool) -> str:
    if not new:
        return "repeated"
    if one.effect is None:
        return "ignored"
    return "kept" if _names_somebody(one) else "no_subject"


def _names_somebody(one: Happening) -> bool:
    """Tell whether it is known whom, or which session, it is about; nobody leaves by a session."""
    by_session = one.session is not None and one.effect is Effect.SIGN_OUT
    return one.subject is not None or by_session
