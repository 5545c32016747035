"""All tables that the audit's events bear out, replayed one after the other."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit.findings import Finding
from registry.replay.bodies import check_bodies
from registry.replay.cases import check_cases, check_requests
from registry.replay.certificates import check_certificates
from registry.replay.crls import check_crls
from registry.replay.facts import check_facts
from registry.replay.licences import check_licences
from registry.replay.numbers import check_numbers
from registry.replay.revisions import check_revisions


def check_tables(connection: Connection) -> Iterator[Finding]:
    """Yield every record that is not as the events leave it, and what is missing or too much."""
    yield from check_revisions(connection)
    yield from check_bodies(connection)
    yield from check_certificates(connection)
    yield from check_licences(connection)
    yield from check_numbers(connection)
    yield from check_crls(connection)
    yield from check_cases(connection)
    yield from check_requests(connection)
    yield from check_facts(connection)
