"""Reconciliation of compromised seals' cases and of services' certification requests."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from sqlalchemy import Connection, select

from ca.profiles.public_keys import spki_fingerprint
from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.tables import certificate_requests, certificates, compromised_licences, compromises
from registry.reconcile.events import (
    Row,
    Told,
    all_told,
    differing,
    instant_in,
    instant_of,
    stored_rows,
)

_OPENED, _FINISHED = "seal.compromised", "seal.compromise_finished"
_REQUESTED, _REFUSED = "certificate.requested", "certificate.refused"
_LONG = 4096
"""Octets of a request: no service sends more."""


def check_cases(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements on cases, each seal's in the order in which they were opened."""
    told = _cases(connection)
    for rows in stored_rows(connection, compromises):
        for row in rows:
            seal, number = str(row["seal_id"]), row["compromise_id"]
            cases = told.get(seal, [])
            if not cases:
                yield findings.unborne(Kind.COMPROMISE, f"{seal}/{number}")
                continue
            opened, finished = cases.pop(0)
            if wrong := differing(_said(opened, finished), _found(row)):
                name = f"{seal}/{number}"
                yield findings.edited(Kind.COMPROMISE, name, opened.sequence, wrong)
    for seal, cases in sorted(told.items()):
        for opened, _ in cases:
            yield findings.erased(Kind.COMPROMISE, seal, opened.sequence)
    column = compromised_licences.c
    known = select(compromises.c.compromise_id)
    query = select(column.identifier).where(column.compromise_id.not_in(known))
    for identifier in connection.execute(query.order_by(column.identifier)).scalars():
        yield findings.unborne(Kind.COMPROMISE, identifier)


def _cases(connection: Connection) -> dict[str, list[tuple[Told, Told | None]]]:
    """Return by seal the events that opened and finished each case."""
    told: dict[str, list[tuple[Told, Told | None]]] = {}
    for group in all_told(connection, [_OPENED, _FINISHED]):
        for one in group:
            cases = told.setdefault(one.subject, [])
            if one.action == _OPENED:
                cases.append((one, None))
            elif cases and cases[-1][1] is None:
                cases[-1] = cases[-1][0], one
    return told


def _said(opened: Told, finished: Told | None) -> dict[str, object]:
    said = {
        "certificate_sha256": opened.after.get("certificate_sha256"),
        "since": instant_in(opened.after, "since"),
        "basis": opened.basis,
        "finished": finished is not None,
    }
    return said | ({"reseal": opened.after["reseal"]} if "reseal" in opened.after else {})


def _found(row: Row) -> dict[str, object]:
    return {
        "certificate_sha256": row["certificate_sha256"],
        "since": instant_of(row["since"]),
        "basis": row["basis"],
        "finished": row["finished_at"] is not None,
        "reseal": bool(row["reseal"]),
    }


def check_requests(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements on requests: by the key in each, and the last event of it."""
    last: dict[str, Told] = {}
    refused: dict[str, Told] = {}
    for group in all_told(connection, [_REQUESTED, _REFUSED]):
        for one in group:
            name = str(one.after.get("spki_sha256"))
            if one.action == _REQUESTED:  # it may be asked for again
                last[name] = one
                refused.pop(name, None)
            else:
                refused[name] = one
    there: set[str] = set()
    for rows in stored_rows(connection, certificate_requests):
        for row in rows:
            name = str(row["request_id"])
            there.add(name)
            if name not in last:
                yield findings.unborne(Kind.REQUEST, name)
            elif wrong := _wrong(connection, row, last[name], refused.get(name)):
                yield findings.edited(Kind.REQUEST, name, last[name].sequence, wrong)
    for name in sorted(last.keys() - there):
        yield findings.erased(Kind.REQUEST, name, last[name].sequence)


def _wrong(connection: Connection, row: Row, asked: Told, refused: Told | None) -> list[str]:
    said: dict[str, object] = {
        "of": asked.subject,
        "csr": row["request_id"],
        "key_id": asked.after.get("key"),
        "requested_at": asked.at,
        "refused": refused is not None,
    }
    if refused is not None:
        said["detail"] = refused.after.get("code")
    found = {
        "of": f"{row['issuer']}/{row['profile']}",
        "csr": _key_in(row["csr"]),
        "refused": row["state"] == "REFUSED",
        "key_id": row["key_id"],
        "detail": row["detail"],
        "requested_at": instant_of(row["requested_at"]),
    }
    wrong = differing(said, found)
    if row["state"] == "ISSUED":
        known = select(certificates.c.serial).where(certificates.c.spki_sha256 == row["request_id"])
        wrong += [] if connection.execute(known).first() else ["state"]
    elif row["state"] not in ("REQUESTED", "REFUSED"):
        wrong.append("state")
    return wrong


def _key_in(csr: object) -> str | None:
    if not isinstance(csr, bytes) or len(csr) > _LONG:
        return None
    try:
        return spki_fingerprint(x509.load_der_x509_csr(csr).public_key())
    except (ValueError, UnsupportedAlgorithm):
        return None
