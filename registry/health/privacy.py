"""Checks of what is kept of holders: sealed, and erased when its time has come."""

from collections.abc import Iterator

from sqlalchemy import func, select

from registry.db.tables import licences
from registry.erasure.erasing import list_due
from registry.erasure.unsealed import count_unsealed
from registry.facts.code_index import known_index
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail, ok, warn


def check_codes(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that holders' codes are sealed, under a key that is here and is the newest."""
    privacy = subject.privacy()
    with subject.database.reading() as connection:
        known = known_index(connection)
        box = privacy.its_box
        found = count_unsealed(connection, None if box is None else box.current)
    if known is not None and (privacy.its_index is None or box is None):
        yield fail(messages.CODE_KEYS_MISSING, messages.BRING_CODE_KEYS_BACK)
    elif privacy.its_index is not None and known not in (None, privacy.its_index.fingerprint):
        yield fail(messages.CODE_KEYS_OTHER, messages.BRING_CODE_KEYS_BACK)
    if found.clear:
        yield fail(messages.codes_in_the_clear(found.clear), messages.SEAL_CODES)
    if found.older:
        yield warn(messages.codes_under_older_key(found.older), messages.ROTATE_CODES)


def check_retention(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See which licences are due to be erased, and which erasures were not finished."""
    today = subject.today()
    with subject.database.reading() as connection:
        counted = select(func.count()).select_from(licences)
        unfinished = connection.execute(
            counted.where(licences.c.erased_objects.is_not(None))
        ).scalar_one()
        due, after = list_due(connection, today, limit=2000)
        count, more = len(due), after is not None
        while subject.full and after is not None:
            due, after = list_due(connection, today, after=after, limit=2000)
            count, more = count + len(due), False
    if unfinished:
        yield warn(messages.erasures_unfinished(unfinished), messages.FINISH_ERASURES)
    if count:
        yield warn(messages.erasures_due(count), messages.ERASE_DUE)
    elif more:
        yield ok(messages.RETENTION_NEEDS_FULL)
