"""`python -m bench.sizes.curve [--sizes 1000,1000000] [--postgresql] [--narrow] [--in DIR]`.

Cost by size. A home grants some licences; then its register is filled with copies of one of them
(`bench.sizes.filling`), without documents; `--narrow` leaves out most of what is only read with a
licence itself, for 10^7. At each size the genuine licences are looked up, others granted, suspended
and reinstated, alone and in a group, questions asked of the search, a CRL published, what is due
looked for, the duties of each minute done, and the audit verified from its newest head. A line of
JSON for each: milliseconds of CPU of all processes, PostgreSQL's too, on average, with their ratio
to those of the first size, and the slowest by the wall clock.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import func, insert, select

from bench.granting import requests_of
from bench.sizes.filling import FILLED, TABLES, Filling, fill
from bench.sizes.sessions import open_session
from ca.issuers import FIRST_ISSUING
from home.archiving import offers_of
from home.crl_duty import crl_duty
from home.role_duties import GrantFinisher, TermWatch, finish_erasures, state_digests
from home.wiring import Home
from registry.archive.schedule import count_due
from registry.audit.chain import ChainEnd
from registry.audit.heads import SignedHead
from registry.db.database import Database
from registry.db.engines import file_of
from registry.db.tables import audit_heads, search_entries
from registry.granting.granting import Granted
from registry.health.gauges import Expiry
from registry.health.watching import RegisterGauges
from registry.licences.expiring import list_expiring
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.licences.licences import LicenceChange, change_state, get_licence
from registry.model import LicenceState, Reason
from tests.databases import PostgresServer
from tests.permits import CHANGE_LICENCE
from tests.world import build_template

GENUINE = 20
"""Licences that are looked up; as many more are granted at each size."""
A_GROUP = 20


def main(arguments: list[str]) -> int:
    """Fill, measure and print, size by size."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes.curve", description=__doc__)
    parser.add_argument("--sizes", default="1000,1000000")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--narrow", action="store_true")
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
        curve = Curve(home, postmaster, narrow=chosen.narrow)
        for size in sizes:
            curve.fill(size)
            curve.measure(size)
    return 0


class Curve:
    """A home whose register is filled step by step."""

    def __init__(self, home: Home, postmaster: int | None, *, narrow: bool = False) -> None:
        self._home, self._narrow = home, narrow
        self._engine = "sqlite" if postmaster is None else "postgresql"
        self._postmaster = postmaster
        self._requests = requests_of(home)
        self._genuine = [self._grant() for _ in range(GENUINE)]
        self._filled = 0
        self._first: dict[str, float] = {}
        # Without keys of holders' codes, which open none of the copies.
        self._reader = Database(home.database.url, read_only=True)
        self._finisher, self._terms = GrantFinisher(home), TermWatch(home)

    def fill(self, size: int) -> None:
        """Bring the register to so many licences."""
        begun, home = time.monotonic(), self._home
        model = self._genuine[0].licence.identifier
        home.audit.signer.sign()
        for one in (self._reader, home.database, home.verify_role.database):
            one.close()
        count = size - self._filled
        filling = Filling(model, self._filled, count, home.today(), self._narrow)
        with open_session(home.database.url) as session:
            end = fill(session, filling)
        self._filled = size
        if self._postmaster is not None:
            with home.database.session() as connection:
                connection.exec_driver_sql("SET statement_timeout = 0")
                connection.exec_driver_sql("VACUUM ANALYZE")
        self._sign(end)
        taken = time.monotonic() - begun
        _say(engine=self._engine, licences=size, filled_s=round(taken, 1), bytes=self._bytes())

    def _sign(self, end: ChainEnd) -> None:
        """Sign where the chain ends, without going along it as a service does bit by bit."""
        audit, now = self._home.audit, self._home.clock.now()
        signer = audit.signer.open_key()
        unsigned = SignedHead(end.sequence, end.hash, now, signer.info.key_id, b"")
        signature = signer.sign(unsigned.statement())
        head = SignedHead(end.sequence, end.hash, now, signer.info.key_id, signature)
        for anchor in audit.anchors:
            anchor.append(head)
        columns = {name: getattr(head, name) for name in SignedHead.__slots__}
        with self._home.database.writing() as connection:
            connection.execute(insert(audit_heads).values(columns))

    def _bytes(self) -> dict[str, int]:
        """Return how much the tables that were filled take, with their indexes."""
        with self._reader.reading() as connection:
            if self._postmaster is None:
                size = file_of(self._reader.url).stat().st_size
                return {"all": size}
            sizes = {
                one.name: connection.execute(select(func.pg_total_relation_size(one.name)))
                for one in TABLES
            }
            whole = select(func.pg_database_size(func.current_database()))
            return {name: int(size.scalar_one()) for name, size in sizes.items()} | {
                "all": int(connection.execute(whole).scalar_one())
            }

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
        yield "grant a group", lambda _: self._grant_group()
        yield "publish a CRL", lambda _: home.open_crls(FIRST_ISSUING).publish()
        yield "verify the audit since its head", self._verify_audit
        for name, sought in self._questions():
            yield f"search: {name}", partial(self._search, sought)
        yield "list what expires", self._list_expiring
        yield "renewals due", self._look_ahead
        yield "duty: expiry notices", lambda _: self._terms.note()
        yield "duty: digests", lambda _: state_digests(home)
        yield "duty: erasures", lambda _: finish_erasures(home)
        yield "duty: CRLs", lambda _: crl_duty(home).work()
        yield "duty: pending grants", lambda _: self._finisher.finish()
        yield "gauges", lambda _: self._read_gauges()

    def _questions(self) -> Iterator[tuple[str, Callable[[int], LicenceFilter]]]:
        with self._reader.reading() as connection:
            filled = search_entries.c.identifier.startswith(FILLED)
            column = search_entries.c
            query = select(column.number, column.words, column.identifier).where(filled)
            rows = connection.execute(query.limit(GENUINE)).all()
        today = self._home.today()
        yield "number", lambda i: LicenceFilter(today, rows[i].number)
        yield "number's end", lambda i: LicenceFilter(today, rows[i].number[-7:])
        yield "identifier", lambda i: LicenceFilter(today, rows[i].identifier)
        yield "name", lambda i: LicenceFilter(today, rows[i].words)
        yield "part of a name", lambda i: LicenceFilter(today, rows[i].words[2:5])
        yield "common part", lambda _: LicenceFilter(today, "有限公司")
        yield "nobody", lambda i: LicenceFilter(today, f"没有此人{i}")
        yield "state", lambda _: LicenceFilter(today, state=LicenceState.SUSPENDED)
        yield (
            "common part, suspended",
            lambda _: LicenceFilter(today, "有限公司", state=LicenceState.SUSPENDED),
        )
        yield (
            "common part, expired",
            lambda _: LicenceFilter(today, "餐饮", state=LicenceState.EXPIRED),
        )
        yield "all", lambda _: LicenceFilter(today)

    def _search(self, sought: Callable[[int], LicenceFilter], turn: int) -> None:
        with self._reader.reading() as connection:
            LicenceFinder(connection).page(sought(turn))

    def _list_expiring(self, _turn: int) -> None:
        with self._reader.reading() as connection:
            list_expiring(connection, self._home.today(), 60)

    def _look_ahead(self, _turn: int) -> None:
        home = self._home
        horizon = home.clock.now() + timedelta(days=home.settings.archive.due_within_days)
        with home.database.reading() as connection:
            count_due(connection, horizon, offers_of(home.hierarchy))

    def _read_gauges(self) -> None:
        home = self._home
        expiry = Expiry(home.database, home.clock)
        register = RegisterGauges(home.database, home.clock, home.journal_directory)
        for one in (*expiry.gauges(), *register.all()):
            list(one.lines())

    def _grant_group(self) -> None:
        groups = self._home.open_groups()
        groups.grant_group(list(islice(self._requests, A_GROUP)))

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


def _say(**line: object) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
