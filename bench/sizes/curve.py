"""`python -m bench.sizes.curve [--sizes 1000,1000000] [--postgresql] [--in DIR]`: cost by size.

A home grants some licences; then its register is filled with copies of one of them, under numbers,
links, digests and holders' codes of their own, with two events each in the chain, and a certificate
for every hundredth: no documents. At each size the genuine licences are looked up, others granted,
suspended and reinstated, a CRL published, and the audit verified from its newest head. A line of
JSON for each: milliseconds of CPU of all processes, PostgreSQL's too, on average, with their ratio
to those of the first size, and the slowest by the wall clock.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    true,
)

from bench.granting import requests_of
from ca.issuers import FIRST_ISSUING
from ca.ledger import CertificateState, RevocationReason
from core.permits import Actor
from home.wiring import Home
from registry.audit.chain import NewEvent, append
from registry.db.database import without_time_limits
from registry.db.tables import (
    certificates,
    licences,
    protections,
    revisions,
    search_entries,
    search_grams,
    series,
)
from registry.granting.granting import Granted
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.licences.licences import LicenceChange, change_state, get_licence
from registry.model import Reason
from tests.databases import PostgresServer
from tests.permits import CHANGE_LICENCE
from tests.world import build_template

GENUINE = 20
"""Licences that are looked up; as many more are granted at each size."""
_AT_ONCE = 20_000
_EVENTS_AT_ONCE = 5_000
_A_CERTIFICATE = 100
"""One for so many licences; one of a hundred of them is revoked."""
_BENCH = Actor("local:bench")


def main(arguments: list[str]) -> int:
    """Fill, measure and print, size by size."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes.curve", description=__doc__)
    parser.add_argument("--sizes", default="1000,1000000")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--in", dest="kept", type=Path)
    chosen = parser.parse_args(arguments)
    sizes = sorted({int(size) for size in chosen.sizes.split(",")})
    with ExitStack() as opened:
        directory = chosen.kept or Path(opened.enter_context(tempfile.TemporaryDirectory("xy-")))
        directory.mkdir(exist_ok=True)
        url = postmaster = None
        if chosen.postgresql:
            place = directory / "postgresql"
            server = PostgresServer(place)
            opened.callback(server.stop)
            url = server.url(server.empty())
            postmaster = int((place / "postmaster.pid").read_text("ascii").split()[0])
        build_template(directory, url)
        home = Home(directory / "home", {})
        opened.callback(home.close)
        curve = Curve(home, postmaster)
        for size in sizes:
            curve.fill(size)
            curve.measure(size)
    return 0


class Curve:
    """A home whose register is filled step by step."""

    def __init__(self, home: Home, postmaster: int | None) -> None:
        self._home = home
        self._engine = "sqlite" if postmaster is None else "postgresql"
        self._postmaster = postmaster
        self._requests = requests_of(home)
        self._genuine = [self._grant() for _ in range(GENUINE)]
        self._filled = 0
        self._first: dict[str, float] = {}

    def fill(self, size: int) -> None:
        """Bring the register to so many licences."""
        begun = time.monotonic()
        model = self._genuine[0].licence.identifier
        while self._filled < size:
            count = min(_AT_ONCE, size - self._filled)
            with self._home.database.writing() as connection:
                without_time_limits(connection)
                _Copies(connection, model, self._filled, count).make()
            self._filled += count
        if self._postmaster is not None:
            with self._home.database.session() as connection:
                connection.exec_driver_sql("SET statement_timeout = 0")
                connection.exec_driver_sql("VACUUM ANALYZE")
        self._home.audit.signer.sign()
        _say(engine=self._engine, licences=size, filled_s=round(time.monotonic() - begun, 1))

    def measure(self, size: int) -> None:
        """Print what each operation costs now."""
        for name, work in self.operations():
            work(0)
            begun = self._cpu()
            slowest = max(_timed(work, turn) for turn in range(GENUINE))
            used = 1000 * (self._cpu() - begun) / GENUINE
            first = self._first.setdefault(name, used)
            _say(
                engine=self._engine,
                licences=size,
                operation=name,
                cpu_ms=round(used, 2),
                ratio=round(used / first, 2),
                slowest_ms=round(slowest, 2),
            )

    def operations(self) -> Iterator[tuple[str, Callable[[int], object]]]:
        """Yield what is measured, about one of the genuine licences by its number."""
        home, known = self._home, self._genuine
        verifier = home.verifier
        yield "verify by digest", lambda i: verifier.by_digest(known[i].sha256)
        yield "verify by number", lambda i: verifier.by_code(known[i].licence.number)
        yield "verify by link", lambda i: verifier.by_token(known[i].licence.link_token)
        yield "find by holder's code", self._find_holder
        yield "look up by key", self._look_up
        yield "grant", lambda _: self._grant()
        yield "suspend and reinstate", self._suspend
        yield "publish a CRL", lambda _: home.open_crls(FIRST_ISSUING).publish()
        yield "verify the audit since its head", self._verify_audit

    def _find_holder(self, turn: int) -> object:
        code = self._genuine[turn].licence.holders[0].code
        with self._home.database.reading() as connection:
            found = LicenceFinder(connection).page(LicenceFilter(self._home.today(), code or ""))
        if not found.licences:
            raise AssertionError(code)
        return found

    def _look_up(self, turn: int) -> object:
        with self._home.database.reading() as connection:
            return get_licence(connection, self._genuine[turn].licence.identifier)

    def _suspend(self, turn: int) -> None:
        changes = ((LicenceChange.SUSPEND, Reason.UNDER_REVIEW), (LicenceChange.REINSTATE, None))
        for change, reason in changes:
            with self._home.database.writing() as connection:
                change_state(
                    connection,
                    self._genuine[turn].licence.identifier,
                    change,
                    reason=reason,
                    basis="bench",
                    permit=CHANGE_LICENCE,
                    at=self._home.clock.now(),
                )

    def _verify_audit(self, _turn: int) -> None:
        audit = self._home.audit
        audit.signer.sign()
        audit.verify(audit.public_keys(), since_head=True)

    def _grant(self) -> Granted:
        return self._home.granting.grant(next(self._requests))

    def _cpu(self) -> float:
        """Return the seconds of CPU that this process and the database's server have used."""
        used = time.process_time()
        if self._postmaster is None:
            return used
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children")
        pids = [self._postmaster, *map(int, children.read_text("ascii").split())]
        return used + sum(map(_ticks, pids)) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    """Return what a process has used, with its children that have ended, in ticks of the clock."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except FileNotFoundError:  # it has just ended: its parent counts it
        return 0
    return sum(map(int, fields[11:15]))


def _timed(work: Callable[[int], object], turn: int) -> float:
    begun = time.perf_counter()
    work(turn)
    return 1000 * (time.perf_counter() - begun)


class _Copies:
    """Copies of one licence's rows, made by the database itself."""

    def __init__(self, connection: Connection, model: str, first: int, count: int) -> None:
        self._connection = connection
        self._model = model
        self._first, self._count = first, count
        numbers = select(literal(first).label("number")).cte("numbers", recursive=True)
        one = numbers.c.number
        self._numbers = numbers.union_all(
            select((one + 1).label("number")).where(one < first + count - 1)
        )
        self._number: ColumnElement[int] = self._numbers.c.number
        self._name: ColumnElement[str] = literal("1.2.156.3005.2.bench.") + cast(
            self._number, String
        )

    def make(self) -> None:
        """Make the rows of so many licences, with their events."""
        end = self._record()
        number = literal("BENCH") + cast(self._number, String)
        granted: ColumnElement[int] = literal(end - 2 * self._count) + 2 * (
            self._number - self._first + 1
        )
        model = licences.c.identifier == self._model
        its_series = select(licences.c.series_id).where(model).scalar_subquery()
        of_series = series.c.series_id == its_series
        self._copy(series, {"series_id": self._name, "number": number}, of_series)
        other: dict[str, ColumnElement[Any]] = {
            "identifier": self._name,
            "series_id": self._name,
            "number": number,
            "link_token": self._random(13),
            "holder_code": self._random(16),
            "request_key": literal(None),
            "claim": literal(None),
        }
        self._copy(licences, other, model)
        digests: dict[str, ColumnElement[Any]] = {
            "sha256": self._random(32),
            "signed_digest": self._random(32),
            "event": granted,
        }
        of_revision = revisions.c.identifier == self._model
        self._copy(revisions, {"identifier": self._name, **digests}, of_revision)
        of_protection = protections.c.identifier == self._model
        self._copy(protections, {"identifier": self._name}, of_protection)
        self._index(number)
        self._certify()

    def _copy(
        self, table: Table, other: Mapping[str, ColumnElement[Any]], *which: ColumnElement[bool]
    ) -> None:
        """Copy one row for each number, with other values in some columns."""
        columns = [one for one in table.c if one.name != "entry"]
        chosen = [other[one.name].label(one.name) if one.name in other else one for one in columns]
        rows = select(*chosen).select_from(table.join(self._numbers, true()))
        names = [one.name for one in columns]
        self._connection.execute(insert(table).from_select(names, rows.where(*which)))

    def _record(self) -> int:
        """Add two events for each to the chain; return the number of the last."""
        at, end = datetime.now(UTC), 0
        for first in range(self._first, self._first + self._count, _EVENTS_AT_ONCE):
            last = min(first + _EVENTS_AT_ONCE, self._first + self._count)
            events = [
                NewEvent(at=at, actor=_BENCH, action=action, subject=f"1.2.156.3005.2.bench.{n}")
                for n in range(first, last)
                for action in ("licence.reserved", "licence.granted")
            ]
            end = append(self._connection, events).sequence
        return end

    def _index(self, number: ColumnElement[str]) -> None:
        backwards = literal("HCNEB") + cast(self._number, String)
        other: dict[str, ColumnElement[Any]] = {
            "identifier": self._name,
            "number": number,
            "number_backwards": backwards,
        }
        self._copy(search_entries, other, search_entries.c.identifier == self._model)
        entry = search_entries.c.entry
        model = select(entry).where(search_entries.c.identifier == self._model).scalar_subquery()
        made = select(entry).where(search_entries.c.identifier.like("1.2.156.3005.2.bench.%"))
        newest = made.order_by(entry.desc()).limit(self._count).subquery()
        rows = (
            select(search_grams.c.gram, newest.c.entry)
            .select_from(search_grams.join(newest, true()))
            .where(search_grams.c.entry == model)
            .order_by(search_grams.c.gram, newest.c.entry)
        )
        self._connection.execute(insert(search_grams).from_select(["gram", "entry"], rows))

    def _certify(self) -> None:
        """Copy a certificate for every hundredth; of those every hundredth is revoked."""
        column = certificates.c
        query = select(column.serial).where(column.profile == "seal").limit(1)
        model = self._connection.execute(query).scalar_one()
        revoked = self._number % (_A_CERTIFICATE * 100) == 0
        other: dict[str, ColumnElement[Any]] = {
            "serial": literal("4") + self._random(16),
            "sha256": self._random(32),
            "spki_sha256": self._random(32),
            "state": case((revoked, literal(CertificateState.REVOKED)), else_=column.state),
            "revoked_at": case((revoked, column.issued_at), else_=literal(None)),
            "reason": case((revoked, literal(RevocationReason.SUPERSEDED)), else_=literal(None)),
        }
        one_of_many = self._number % _A_CERTIFICATE == 0
        self._copy(certificates, other, column.serial == model, one_of_many)

    def _random(self, octets: int) -> ColumnElement[str]:
        """Return hexadecimal digits, others in each row."""
        if self._connection.dialect.name == "sqlite":
            return func.lower(func.hex(func.randomblob(octets)))
        # The number keeps PostgreSQL from computing it once for all rows.
        text = func.random().op("||")(cast(self._number, String))
        one = func.md5(cast(text, String))
        return func.left(func.concat(one, func.md5(one)), 2 * octets)


def _say(**line: object) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
