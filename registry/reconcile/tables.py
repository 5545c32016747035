"""Reconciliation of all tables that the audit's events bear out, one after the other."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit.findings import AuditFinding
from registry.reconcile.accessions import check_accessions
from registry.reconcile.bodies import check_bodies
from registry.reconcile.cases import check_cases, check_requests
from registry.reconcile.certificates import check_certificates
from registry.reconcile.corrections import check_corrections
from registry.reconcile.countersignatures import check_countersignatures
from registry.reconcile.crls import check_crls
from registry.reconcile.facts import check_facts
from registry.reconcile.licences import check_licences
from registry.reconcile.numbers import check_numbers
from registry.reconcile.officers import check_officers
from registry.reconcile.revisions import check_revisions


def check_tables(connection: Connection) -> Iterator[AuditFinding]:
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
    yield from check_officers(connection)
    yield from check_accessions(connection)
    yield from check_countersignatures(connection)
    yield from check_corrections(connection)
