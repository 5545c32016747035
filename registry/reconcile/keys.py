"""Reconciliation of the key register: each key's owner and purpose, and that none comes back."""

from collections.abc import Iterator

from sqlalchemy import Connection

from keys.algorithms import size_of
from keys.life import DOMAIN_OF, KeyDomain, KeyState
from keys.model import KeyAlgorithm, KeyPurpose
from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import key_records
from registry.ledger.key_life import OWN
from registry.reconcile.events import Row, Told, Values, all_told, instant_of, stored_rows

_FINAL = (KeyState.RETIRED, KeyState.DESTROYED)
KEY_ACTIONS = ("key.generated", "key.found", "key.activated", "key.retired", "key.destroyed")


def key_facts(row: Row) -> Values:
    """Return the facts in a row of a key, as events name them, and the truths that follow."""
    ended = row["state"] if row["state"] in _FINAL else None
    ends = {KeyState.RETIRED: "retired_at", KeyState.DESTROYED: "destroyed_at"}
    return {
        "state": ended,
        "purpose": row["purpose"],
        "algorithm": row["algorithm"],
        "where": row["location"],
        "spki_sha256": row["spki_sha256"],
        "derived": _derived(row),
        "state known": ended is not None or row["state"] in (KeyState.GENERATED, KeyState.ACTIVE),
        "ended": ended is None or instant_of(row[ends[ended]]) is not None,
    }


def _derived(row: Row) -> bool:
    """Tell whether domain and size are those of the key's purpose and algorithm."""
    try:
        domain = DOMAIN_OF[KeyPurpose(row["purpose"])]
        size = size_of(KeyAlgorithm(row["algorithm"]))
    except ValueError:
        return False
    return bool((row["domain"], row["size"]) == (domain, size))


def check_owners(connection: Connection) -> Iterator[AuditFinding]:
    """See that a key is its seal's authority's, or the hierarchy's own."""
    owners = _owners(connection)
    for rows in stored_rows(connection, key_records):
        for row in rows:
            name = str(row["key_id"])
            issuing = row["domain"] == KeyDomain.ISSUING
            if row["owner"] != (owners.get(name) if issuing else OWN):
                yield findings.edited(Kind.KEY, f"key:{name}", 0, ["owner"])


def _owners(connection: Connection) -> dict[str, object]:
    """Return whose keys are, by the events of seals and those that assign them."""
    found: dict[str, object] = {}
    of: dict[str, object] = {}
    for group in all_told(connection, ["key.assigned", "seal.added", "seal.renewed"]):
        for one in group:
            if one.action == "key.assigned":
                found[one.subject.removeprefix("key:")] = one.after.get("owner")
                continue
            of.setdefault(one.subject, one.after.get("authority"))
            found[str(one.after.get("key"))] = of[one.subject]
    return found


def check_keys_out_of_use(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the events that bring back a key that left use."""
    left: dict[str, str] = {}
    for group in all_told(connection, KEY_ACTIONS):
        for one in group:
            state = str(one.after.get("state"))
            if state in _FINAL:
                left[one.subject] = state
            elif one.subject in left:
                name, before = one.subject.removeprefix("key:"), left[one.subject]
                yield findings.impossible(Kind.KEY, name, one.sequence, before, one.action)


def key_said(one: Told) -> Values:
    """A key that comes into use by a certificate has no event of its own for that."""
    state = one.after.get("state")
    ended = state if state in _FINAL else None
    return {**one.after, "state": ended, "state known": True, "derived": True, "ended": True}
