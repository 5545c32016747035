"""What the roles do by themselves. Each bears being cut off anywhere, and being done twice."""

import logging
from datetime import timedelta

from cli.wiring import Home
from core.errors import XinyinError
from registry.licences import list_licences
from registry.model import LicenceState
from registry.signed_digests import state_signed_digests

GRANT_PATIENCE = timedelta(minutes=2)
"""How long a grant may take in the process that began it before another finishes it."""
ARCHIVE_BUDGET = timedelta(minutes=5)
SEALS_AT_ONCE = 500

_log = logging.getLogger(__name__)


def finish_grants(home: Home) -> None:
    """Finish grants that were cut off a while ago; one that fails does not stop the others."""
    with home.database.reading() as connection:
        pending = list_licences(connection, state=LicenceState.PENDING, limit=None)
    latest = home.clock.now() - GRANT_PATIENCE
    failed: XinyinError | None = None
    for one in pending:
        if one.created_at > latest:
            continue
        try:
            home.granting.resume(one.identifier, home.actor)
        except XinyinError as error:
            _log.error("grant %s: %s: %s", one.identifier, error.code, error.text.en)
            failed = error
    if failed is not None:
        raise failed


def state_digests(home: Home) -> None:
    """Look at the seals of some documents from before it was kept what they signed."""
    state_signed_digests(home.database, home.store, SEALS_AT_ONCE)


def renew_archive(home: Home) -> None:
    """Renew the archived documents that are due, for a while; the rest the next time."""
    from cli.archiving import is_archive_due  # noqa: PLC0415  # pyHanko takes a second to load

    if not is_archive_due(home):
        return
    home.archive_renewal.renew_due(home.clock.now(), ARCHIVE_BUDGET)
