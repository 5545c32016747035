"""Authority that an event concerns: by its subject, as the tables have it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, literal, or_, select

from registry.db.tables import (
    audit_events,
    corrections,
    grant_requests,
    jobs,
    licences,
    role_assignments,
    seals,
)

_SUBJECT = audit_events.c.subject
_NAMED = (
    ("request:", grant_requests.c.request_id, grant_requests.c.authority_id),
    ("job:", jobs.c.job_id, jobs.c.authority_id),
    ("correction:", corrections.c.correction_id, corrections.c.authority_id),
    ("role:", role_assignments.c.assignment_id, role_assignments.c.authority_id),
)
"""Beginnings of subjects, and where the rest is found."""


def of_authorities(which: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that an event is of some authorities: of themselves, their seals,
    licences, requests, batches and roles. An event of a person is of none.
    """
    wanted = sorted(which)
    licence = exists().where(licences.c.identifier == _SUBJECT, licences.c.authority_id.in_(wanted))
    named = [
        _SUBJECT.in_(select(literal(beginning) + key).where(authority.in_(wanted)))
        for beginning, key, authority in _NAMED
    ]
    of_seals = _SUBJECT.in_(select(seals.c.seal_id).where(seals.c.authority_id.in_(wanted)))
    return or_(_SUBJECT.in_(wanted), licence, of_seals, *named)
