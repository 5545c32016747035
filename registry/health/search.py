"""Check of the index by which people look for licences."""

from collections.abc import Iterator

from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail
from registry.licences.search_index import compare

_NEWEST = 2000


def check_search(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that every licence can be found: the newest are compared, with `full` all."""
    with subject.database.reading() as connection:
        found = compare(connection, newest=None if subject.full else _NEWEST)
    if found.missing or found.differing:
        yield fail(
            messages.search_diverges(missing=found.missing, differing=len(found.differing)),
            messages.REINDEX,
        )
