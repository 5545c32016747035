"""Replaying who may grant what, under which seals and CAs: some hundreds of records at most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from keys.life import KeyState
from registry.audit import findings
from registry.audit.findings import Finding
from registry.audit.kinds import Kind
from registry.db.tables import (
    authorities,
    certificates,
    issuers,
    key_records,
    licence_types,
    mandates,
    outside_cas,
    seal_certificates,
    seals,
)
from registry.ledger.ledger import issuer_facts
from registry.ledger.outside_rows import path_sha256
from registry.replay.events import (
    Row,
    Told,
    Values,
    all_told,
    differing,
    json_of,
    sha256_in,
    stored_rows,
)
from registry.types.catalogue import source_sha256

_FINAL = (KeyState.RETIRED, KeyState.DESTROYED)
_KEY_ACTIONS = ("key.generated", "key.found", "key.activated", "key.retired", "key.destroyed")


@dataclass(frozen=True, slots=True)
class _Replay:
    """How the rows of one table are compared with events."""

    kind: Kind
    table: Table
    actions: tuple[str, ...]
    name: Callable[[Row], str]
    """What a row is called; an event calls it by its subject, or as `called` says."""
    facts: Callable[[Row], Values]
    called: Callable[[Told], str] = lambda one: one.subject
    said: Callable[[Told], Values] = lambda one: one.after


def check_bodies(connection: Connection) -> Iterator[Finding]:
    """Yield what does not agree, in no particular order."""
    for replay in _REPLAYS:
        expected, last = _expected(connection, replay)
        there: set[str] = set()
        for rows in stored_rows(connection, replay.table):
            for row in rows:
                name = replay.name(row)
                there.add(name)
                if name not in expected:
                    if not _needs_no_event(connection, replay, row):
                        yield findings.unborne(replay.kind, name)
                elif wrong := differing(expected[name], replay.facts(row)):
                    yield findings.edited(replay.kind, name, last[name], wrong)
        for name in sorted(last.keys() - there):
            yield findings.erased(replay.kind, name, last[name])
    yield from _check_earlier_certificates(connection)
    yield from _check_keys_out_of_use(connection)


def _expected(
    connection: Connection, replay: _Replay
) -> tuple[dict[str, dict[str, object]], dict[str, int]]:
    """Return by name what events say of each record in the end, and the last one's number."""
    expected: dict[str, dict[str, object]] = {}
    last: dict[str, int] = {}
    for group in all_told(connection, replay.actions):
        for one in group:
            name = replay.called(one)
            expected.setdefault(name, {}).update(replay.said(one))
            last[name] = one.sequence
    return expected, last


def _needs_no_event(connection: Connection, replay: _Replay, row: Row) -> bool:
    """Tell whether a record may stand without an event.

    A key that is merely intended; a CA of the first version, whose certificate the ledger has: that
    one has events.
    """
    if replay.table is key_records:
        return bool(row["state"] == KeyState.INTENDED)
    if replay.table is issuers and row["certificate"] is not None:
        known = select(certificates.c.serial).where(
            certificates.c.sha256 == sha256_in(row["certificate"])
        )
        return connection.execute(known).first() is not None
    return False


def _check_earlier_certificates(connection: Connection) -> Iterator[Finding]:
    """See that a seal's earlier certificates are those that its renewals replaced."""
    told: dict[tuple[str, str], int] = {}
    for group in all_told(connection, ["seal.renewed"]):
        for one in group:
            told[one.subject, str(one.before.get("certificate_sha256"))] = one.sequence
    there: set[tuple[str, str]] = set()
    for rows in stored_rows(connection, seal_certificates):
        for row in rows:
            name = str(row["seal_id"]), str(row["certificate_sha256"])
            there.add(name)
            if name not in told:
                yield findings.unborne(Kind.SEAL, name[0])
            elif sha256_in(row["certificate"]) != name[1]:
                yield findings.edited(Kind.SEAL, name[0], told[name], ["certificate"])
    for name in sorted(told.keys() - there):
        yield findings.erased(Kind.SEAL, name[0], told[name])


def _seal_facts(row: Row) -> Values:
    sha256 = sha256_in(row["certificate"])
    return {
        "authority": row["authority_id"],
        "certificate_sha256": sha256 if sha256 == row["certificate_sha256"] else "",
        "name": row["name"],
        "key": row["key_id"],
    }


def _key_facts(row: Row) -> Values:
    ended = row["state"] if row["state"] in _FINAL else None
    return {"state": ended, "purpose": row["purpose"], "algorithm": row["algorithm"]}


def _check_keys_out_of_use(connection: Connection) -> Iterator[Finding]:
    """Yield the events that bring back a key that left use."""
    left: dict[str, str] = {}
    for group in all_told(connection, _KEY_ACTIONS):
        for one in group:
            state = str(one.after.get("state"))
            if state in _FINAL:
                left[one.subject] = state
            elif one.subject in left:
                name, before = one.subject.removeprefix("key:"), left[one.subject]
                yield findings.impossible(Kind.KEY, name, one.sequence, before, one.action)


def _key_said(one: Told) -> Values:
    """A key that comes into use by a certificate has no event of its own for that."""
    state = one.after.get("state")
    return {**one.after, "state": state if state in _FINAL else None}


_REPLAYS = (
    _Replay(
        Kind.AUTHORITY,
        authorities,
        ("authority.added",),
        lambda row: str(row["authority_id"]),
        lambda row: row,
    ),
    _Replay(
        Kind.SEAL,
        seals,
        ("seal.added", "seal.renewed"),
        lambda row: str(row["seal_id"]),
        _seal_facts,
    ),
    _Replay(
        Kind.TYPE,
        licence_types,
        ("type.added", "type.changed"),
        lambda row: str(row["code"]),
        lambda row: {"slug": row["slug"], "sha256": source_sha256(row["source"])},
    ),
    _Replay(
        Kind.MANDATE,
        mandates,
        ("mandate.added",),
        lambda row: f"{row['type_code']}/{row['authority_id']}",
        lambda row: {"authority": row["authority_id"], "seal": row["seal_id"]},
        lambda one: f"{one.subject}/{one.after.get('authority')}",
    ),
    _Replay(
        Kind.ISSUER,
        issuers,
        ("issuer.recorded",),
        lambda row: str(row["issuer"]),
        lambda row: issuer_facts(row["state"], row["parent"], row["key_id"], row["certificate"]),
    ),
    _Replay(
        Kind.OUTSIDE_CA,
        outside_cas,
        ("outside_ca.recorded",),
        lambda row: str(row["ca_id"]),
        lambda row: {
            "tsa": row["tsa_url"],
            "tsa_ca": row["tsa_ca"],
            "path_sha256": path_sha256(json_of(row["path"])),
        },
    ),
    _Replay(
        Kind.KEY,
        key_records,
        _KEY_ACTIONS,
        lambda row: f"key:{row['key_id']}",
        _key_facts,
        said=_key_said,
    ),
)
