"""Reconciliation of identities, their roles, their requests and whose a certificate is."""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import grant_requests, identities, officer_certificates, role_assignments
from registry.officers.rows import person_digest
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import Row, Told, Values, all_told, instant_in, instant_of

_DECISIONS = ("request.approved", "request.rejected")
_REQUEST_ACTIONS = (
    "request.added",
    *_DECISIONS,
    "request.reopened",
    "request.withdrawn",
    "request.lapsed",
    "request.done",
)
_WAITS = ("request.added", "request.reopened")
_FOLLOWS = {
    # Also of what another approved before, who may decide no longer.
    "request.approved": (*_WAITS, "request.approved"),
    "request.rejected": (*_WAITS, "request.approved"),
    "request.reopened": ("request.approved",),
    "request.withdrawn": (*_WAITS, "request.approved"),
    "request.lapsed": (*_WAITS, "request.approved"),
    "request.done": ("request.approved",),
}


def check_officers(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    yield from compare(connection, _COMPARISONS)
    yield from _check_ended_roles(connection)
    yield from _check_requests(connection)


def _check_ended_roles(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the events that end a role twice."""
    ended: set[str] = set()
    for group in all_told(connection, ["role.ended"]):
        for one in group:
            if one.subject in ended:
                yield findings.impossible(Kind.ROLE, one.subject, one.sequence, "ended", one.action)
            ended.add(one.subject)


def _check_requests(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the events of requests that do not follow from the one before."""
    last: dict[str, str] = {}
    for group in all_told(connection, _REQUEST_ACTIONS):
        for one in group:
            before = last.get(one.subject, "")
            # Where the type needed no second person.
            alone = one.action == "request.done" and one.after.get("alone") is True
            allowed = _WAITS if alone else _FOLLOWS.get(one.action, (before,))
            if before not in allowed:
                yield findings.impossible(
                    Kind.DESK_REQUEST, one.subject, one.sequence, before, one.action
                )
            last[one.subject] = one.action


def _identity_facts(row: Row) -> Values:
    return {
        "kind": row["kind"],
        "owner": row["owner"],
        "state": row["state"],
        "merged_into": row["merged_into"],
        "person": person_digest(row),
        "created_at": instant_of(row["created_at"]),
    }


def _role_facts(row: Row) -> Values:
    return {
        "identity": row["identity_id"],
        "role": row["role"],
        "authority": row["authority_id"],
        "valid_from": instant_of(row["valid_from"]),
        "valid_until": instant_of(row["valid_until"]),
        "by": row["given_by"],
        "given_at": instant_of(row["given_at"]),
        "ended_by": row["ended_by"],
        "ended_at": instant_of(row["ended_at"]),
        "why": row["why"],
    }


def _role_said(one: Told) -> Values:
    if one.action == "role.ended":
        return {"ended_by": one.after.get("by"), "ended_at": one.at, "why": one.basis}
    bounds = {name: instant_in(one.after, name) for name in ("valid_from", "valid_until")}
    return {
        **one.after,
        **bounds,
        "given_at": one.at,
        "ended_by": None,
        "ended_at": None,
        "why": None,
    }


def _request_facts(row: Row) -> Values:
    return {
        "action": row["action"],
        "authority": row["authority_id"],
        "type": row["type_code"],
        "digest": row["digest"],
        "type_sha256": row["type_sha256"],
        "rows": row["rows"],
        "document": row["document"],
        "key": row["request_key"],
        "by": row["requested_by"],
        "requested_at": instant_of(row["requested_at"]),
        "lapses_at": instant_of(row["lapses_at"]),
        "state": row["state"],
        "decided_by": row["decided_by"],
        "decided_at": instant_of(row["decided_at"]),
        "reason": row["reason"],
        "changed_at": instant_of(row["changed_at"]),
    }


def _request_said(one: Told) -> Values:
    said = {**one.after, "changed_at": one.at}
    said.pop("alone", None)
    if one.action == "request.added":
        later = dict.fromkeys(("type_sha256", "rows", "document"))  # there were none before
        said = {**later, **said}
        undecided = dict.fromkeys(("decided_by", "decided_at", "reason"))
        lapses = {"lapses_at": instant_in(one.after, "lapses_at"), "requested_at": one.at}
        return {**said, **undecided, **lapses}
    if one.action in _DECISIONS:
        said["decided_at"] = one.at
    if one.action == "request.reopened":
        said["decided_at"] = None
    if one.action != "request.done":
        said["reason"] = one.basis
    return said


_COMPARISONS = (
    TableComparison(
        Kind.IDENTITY,
        identities,
        (
            "identity.added",
            "identity.renamed",
            "identity.ended",
            "identity.enabled",
            "identity.restored",
        ),
        lambda row: f"id:{row['identity_id']}",
        _identity_facts,
        first=lambda one: {"created_at": one.at},
    ),
    TableComparison(
        Kind.ROLE,
        role_assignments,
        ("role.added", "role.ended"),
        lambda row: f"role:{row['assignment_id']}",
        _role_facts,
        said=_role_said,
    ),
    TableComparison(
        Kind.DESK_REQUEST,
        grant_requests,
        _REQUEST_ACTIONS,
        lambda row: f"request:{row['request_id']}",
        _request_facts,
        said=_request_said,
    ),
    TableComparison(
        Kind.OFFICER_CERTIFICATE,
        officer_certificates,
        ("officer.added", "officer.ended"),
        lambda row: f"{row['issuer']}/{row['serial']}",
        lambda row: {
            "identity": row["identity_id"],
            "authority": row["authority_id"],
            "bound_at": instant_of(row["bound_at"]),
            "ended_at": instant_of(row["ended_at"]),
            "why": row["why"],
        },
        first=lambda one: {"bound_at": one.at, "ended_at": None, "why": None},
        said=lambda one: (
            {"ended_at": one.at, "why": one.basis} if one.action == "officer.ended" else one.after
        ),
    ),
)
