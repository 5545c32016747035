"""Reconciliation of CRLs: each that was signed is still there, and their numbers only grow.

Taking the newest away and setting the counters back would have an older one served again.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.counters import counted
from registry.db.tables import crls
from registry.ledger.ledger import REVOCATIONS
from registry.reconcile.events import (
    Row,
    all_told,
    differing,
    instant_of,
    sha256_in,
    stored_rows,
)

_SIGNED, _INTENDED = "crl.signed", "crl.intended"
_SAID = ("number", "shard", "sha256", "changes")
Name = tuple[str, int]
"""A CRL's issuer and number."""


def check_crls(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    told: dict[Name, tuple[int, dict[str, object]]] = {}
    given: dict[str, int] = {}
    for group in all_told(connection, [_INTENDED, _SIGNED]):
        for one in group:
            number = one.after.get("number")
            if not isinstance(number, int):
                continue
            if one.action == _INTENDED:
                given[one.subject] = max(number, given.get(one.subject, 0))
                continue
            said = {name: one.after[name] for name in _SAID if name in one.after}
            told[one.subject, number] = one.sequence, {**said, "signed_at": one.at}
    yield from _check_rows(connection, told)
    found = counted(connection, "crl:")
    for issuer, number in given.items():
        if found.get(f"crl:{issuer}", 0) < number:
            yield findings.set_back(f"crl:{issuer}", found.get(f"crl:{issuer}", 0), number)


def _check_rows(
    connection: Connection, told: dict[Name, tuple[int, dict[str, object]]]
) -> Iterator[AuditFinding]:
    there: set[Name] = set()
    changes = counted(connection, f"{REVOCATIONS}:")
    for rows in stored_rows(connection, crls):
        for row in rows:
            name = str(row["issuer"]), row["number"]
            there.add(name)
            called = _called(name)
            if name not in told:
                yield findings.unborne(Kind.CRL, called)
                continue
            event, said = told[name]
            wrong = differing(said, _found(row))
            # Those of others, of which nobody here revokes, have no counter.
            if row["changes"] > changes.get(f"{REVOCATIONS}:{row['issuer']}:{row['shard']}", 0):
                wrong = sorted({*wrong, "changes"})
            if wrong:
                yield findings.edited(Kind.CRL, called, event, wrong)
    for name in sorted(told.keys() - there):
        yield findings.erased(Kind.CRL, _called(name), told[name][0])


def _found(row: Row) -> dict[str, object]:
    return {
        "number": row["number"],
        "shard": row["shard"],
        "sha256": sha256_in(row["crl"]),
        "changes": row["changes"],
        "signed_at": instant_of(row["signed_at"]),
    }


def _called(name: Name) -> str:
    return f"{name[0]}/{name[1]}"
