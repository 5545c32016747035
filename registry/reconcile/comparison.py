"""Comparison of small tables with their events: each row is what its events say in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table

from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.reconcile.events import Row, Told, Values, all_told, differing, stored_rows


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table, and how its rows and the events are read to compare them."""

    kind: Kind
    table: Table
    actions: tuple[str, ...]
    name: Callable[[Row], str]
    """What a row is called; an event calls it by its subject, or as `called` says."""
    facts: Callable[[Row], Values]
    called: Callable[[Told], str] = lambda one: one.subject
    said: Callable[[Told], Values] = lambda one: one.after
    first: Callable[[Told], Values] = lambda _: {}
    """What the first event says besides."""
    needs_no_event: Callable[[Connection, Row], bool] = lambda _connection, _row: False
    """Whether a record may stand without an event."""
    ends: str = ""
    """Action after which there is no record any more; it may be added again."""


def compare(
    connection: Connection, comparisons: Sequence[TableComparison]
) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    for compared in comparisons:
        expected, last = _expected(connection, compared)
        there: set[str] = set()
        for rows in stored_rows(connection, compared.table):
            for row in rows:
                name = compared.name(row)
                there.add(name)
                if name not in expected:
                    if not compared.needs_no_event(connection, row):
                        yield findings.unborne(compared.kind, name)
                elif wrong := differing(expected[name], compared.facts(row)):
                    yield findings.edited(compared.kind, name, last[name], wrong)
        for name in sorted(last.keys() - there):
            yield findings.erased(compared.kind, name, last[name])
        yield from _check_added_twice(connection, compared)


def _expected(
    connection: Connection, compared: TableComparison
) -> tuple[dict[str, dict[str, object]], dict[str, int]]:
    """Return by name what events say of each record in the end, and the last one's number."""
    expected: dict[str, dict[str, object]] = {}
    last: dict[str, int] = {}
    for group in all_told(connection, compared.actions):
        for one in group:
            name = compared.called(one)
            if one.action == compared.ends:
                expected.pop(name, None)
                last.pop(name, None)
                continue
            expected.setdefault(name, dict(compared.first(one))).update(compared.said(one))
            last[name] = one.sequence
    return expected, last


def _check_added_twice(connection: Connection, compared: TableComparison) -> Iterator[AuditFinding]:
    """Yield the events that add what was added already."""
    added = [one for one in compared.actions if one.endswith(".added") or one == compared.ends]
    names: set[str] = set()
    for group in all_told(connection, added) if added else ():
        for one in group:
            name = compared.called(one)
            if one.action == compared.ends:
                names.discard(name)
                continue
            if name in names:
                yield findings.impossible(compared.kind, name, one.sequence, "added", one.action)
            names.add(name)
