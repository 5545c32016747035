"""Periodic duties of the roles, each crash-safe and idempotent."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import StorageError, XinyinError
from core.ids import LicenceIdentifier
from core.permits import Action
from home.corrections import correction_terms
from home.wiring import Home
from registry.archive.schedule import count_due
from registry.erasure.sweep import sweep
from registry.granting.journalled import NotReservedHereError
from registry.granting.person_signing import AwaitsSignatureError, SignerGoneError
from registry.licences.corrections.clock import keep_clock
from registry.licences.ended_suspensions import settle_ended
from registry.licences.expiring import ExpiryNotices
from registry.licences.licences import UnreadableLicenceError, list_pending
from registry.reconcile.faces_later import state_faces
from registry.revisions.signed_digests import state_signed_digests
from registry.revisions.tokens import record_strays

GRANT_PATIENCE = timedelta(minutes=2)
"""How long a grant may take in the process that began it before another finishes it."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=6)
"""Between attempts at a grant that fails; doubled with each."""
ARCHIVE_BUDGET = timedelta(minutes=5)
SEALS_AT_ONCE = 500

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wait:
    """Back-off of a failed grant."""

    pause: timedelta
    until: datetime


class GrantFinisher:
    """Finishes grants that were cut off; one that fails does not stop the others.

    What fails is tried ever less often: an attempt may be on record, and a batch whose seal is
    suspended, or whose disk is full, must not fill the audit by itself.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._waits: dict[LicenceIdentifier, _Wait] = {}

    def finish(self) -> None:
        """Finish what has been pending for a while. Raises the last error, once all were tried."""
        home = self._home
        record_strays(home.database, home.journal, home.clock.now())
        with home.database.reading() as connection:
            home.reservations.begin(connection, home.database.mirror())
            pending = list_pending(connection)
        left = {identifier for identifier, _ in pending}
        self._waits = {name: wait for name, wait in self._waits.items() if name in left}
        failed: XinyinError | None = None
        for one, reserved_at in pending:
            if not self._is_due(one, reserved_at):
                continue
            try:
                home.granting.resume(one, home.permit(Action.GRANT))
            except StorageError:
                self._put_off(one)
                raise  # no other could be stored either
            except AwaitsSignatureError:
                continue  # its officer signs when they come to it
            except SignerGoneError as error:
                _log.warning("a pending grant: %s", error.text.en, extra={"code": error.code})
            except (NotReservedHereError, UnreadableLicenceError) as error:
                _log.critical("alarm %s: %s", error.code, error.text.en, extra={"code": error.code})
                self._put_off(one)
                failed = error
            except XinyinError as error:
                # Which one it is tells `xinyin licence list --state PENDING`: a log names none.
                _log.error("a pending grant: %s", error.text.en, extra={"code": error.code})
                self._put_off(one)
                failed = error
        if failed is not None:
            raise failed

    def _is_due(self, one: LicenceIdentifier, reserved_at: datetime | None) -> bool:
        now, wait = self._home.clock.now(), self._waits.get(one)
        rests = reserved_at is None or reserved_at <= now - GRANT_PATIENCE
        return rests and (wait is None or wait.until <= now)

    def _put_off(self, one: LicenceIdentifier) -> None:
        before = self._waits.get(one)
        pause = FIRST_PAUSE if before is None else min(before.pause * 2, LONGEST_PAUSE)
        self._waits[one] = _Wait(pause, self._home.clock.now() + pause)


def state_digests(home: Home) -> None:
    """Look at some documents from before it was kept what their seals signed, and at some licences
    from before the audit held the digests of their faces.
    """
    state_signed_digests(home.database, home.store, SEALS_AT_ONCE)
    state_faces(home.database, SEALS_AT_ONCE, home.clock, secrets.token_bytes)


class TermWatch:
    """Records that licences are about to expire, once for each and each period, and that their
    suspensions until a date have ended; keeps the clock of requests for a correction.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._notices = ExpiryNotices(home.database, home.clock)

    def note(self) -> None:
        """Record what has come since the last time."""
        home = self._home
        today = home.today()
        settle_ended(home.database, home.clock, today)
        keep_clock(home.database, home.clock, today, correction_terms(home))
        self._notices.note(today)


def renew_archive(home: Home) -> None:
    """Renew the archived documents that are due, for a while; the rest the next time."""
    from home.archiving import offers_of  # noqa: PLC0415  # pyHanko takes a second to load

    horizon = home.clock.now() + timedelta(days=home.settings.archive.due_within_days)
    with home.database.reading() as connection:
        if count_due(connection, horizon, offers_of(home.hierarchy)) == 0:
            return
    # Opened each time: the unit may have another key than the last time.
    permit = home.permit(Action.RENEW_ARCHIVE)
    home.open_archive_renewal().renew_due(home.clock.now(), ARCHIVE_BUDGET, permit)


def finish_erasures(home: Home) -> None:
    """Remove the files of what was erased, where that was cut off."""
    sweep(home.database, home.store, home.journal)
