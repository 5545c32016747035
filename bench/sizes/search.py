"""`python -m bench.sizes.search [--licences 1000000] [--postgresql] [--in DIR]`: ms of searches.

A register is filled with made-up licences of people and companies, without documents or seals.
Then each kind of question is asked of the search fifty times, about another licence each time, in
turns with a look-up by primary key, which is the floor. Milliseconds of the first page with its
count: of CPU on SQLite, which runs in this process, and of wall clock on PostgreSQL, for which the
machine should have nothing else to do. A line of JSON for each kind. Exit code 1 where the 95th
percentile of a kind is above 50 ms. `--in` keeps the register for the next run.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bench.sizes.names import SURNAMES, company_name, person_name
from core.ids import AuthorityId, LicenceIdentifier, TypeCode
from registry.db.database import Database
from registry.db.tables import authorities, licence_types, licences, seals, series
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.licences.licences import find_licence
from registry.licences.search_index import rebuild_in
from registry.model import LicenceState
from tests.databases import PostgresServer, empty_sqlite

MOST = 50.0
"""Milliseconds."""
TIMES = 50
TURNS = 3
"""Each is asked so often, and the fastest counts: another's turn on the machine is not ours."""
TODAY = date(2026, 11, 30)
_AT_ONCE = 5_000
_BODIES = tuple(AuthorityId(f"body-{n}") for n in range(20))
_TYPES = tuple(f"11990000000000000T{n:03d}" for n in range(1, 7))
_STATES = ("IN_FORCE",) * 93 + ("CANCELLED",) * 4 + ("REPLACED",) * 2 + ("SUSPENDED",)


def main(arguments: list[str]) -> int:
    """Fill a register, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes.search", description=__doc__)
    parser.add_argument("--licences", type=int, default=1_000_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--in", dest="kept", type=Path)
    chosen = parser.parse_args(arguments)
    with ExitStack() as opened:
        directory = chosen.kept or Path(opened.enter_context(tempfile.TemporaryDirectory("xy-")))
        directory.mkdir(exist_ok=True)
        database = _open(directory, opened, postgresql=chosen.postgresql)
        with database.reading() as connection:
            there = connection.execute(select(func.count()).select_from(licences)).scalar_one()
        if there != chosen.licences:
            _fill(database, chosen.licences)
        return _measure(database, "postgresql" if chosen.postgresql else "sqlite")


def _open(directory: Path, opened: ExitStack, *, postgresql: bool) -> Database:
    if postgresql:
        server = PostgresServer(directory / "postgresql")
        opened.callback(server.stop)
        named = directory / "name"
        if not named.exists():
            named.write_text(server.empty())
        database = Database(server.url(named.read_text()))
    else:
        path = directory / "registry.db"
        database = Database(f"sqlite:///{path}" if path.exists() else empty_sqlite(path))
        database.migrate()
    opened.callback(database.close)
    return database


def _fill(database: Database, count: int) -> None:
    chance = random.Random(1)  # the same licences in each run
    begun, now = time.monotonic(), datetime(2020, 1, 1, tzinfo=UTC)
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        _fill_bodies(connection, now)
        for first in range(0, count, _AT_ONCE):
            rows = [_row(chance, n, now) for n in range(first, min(count, first + _AT_ONCE))]
            kept = ("series_id", "type_code", "number")
            connection.execute(
                insert(series), [{"open": True, **{k: row[k] for k in kept}} for row in rows]
            )
            connection.execute(insert(licences), rows)
        _say(rows="filled", seconds=round(time.monotonic() - begun, 1))
        begun = time.monotonic()
        rebuild_in(connection)
        _say(rows="indexed", seconds=round(time.monotonic() - begun, 1))
    with database.session() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")


def _fill_bodies(connection: Connection, now: datetime) -> None:
    for number, body in enumerate(_BODIES):
        its = {"name": f"样例局{number}", "uscc": f"{number:018d}", "level": "township"}
        connection.execute(insert(authorities).values(authority_id=body, created_at=now, **its))
        made = {"key_id": body, "certificate": b"", "certificate_sha256": body}
        connection.execute(
            insert(seals).values(seal_id=body, authority_id=body, name="", created_at=now, **made)
        )
    names = (
        "食品经营许可证",
        "残疾人证",
        "建筑业企业资质证书",
        "医疗机构执业许可证",
        "营业执照",
        "公文",
    )
    for code, name in zip(_TYPES, names, strict=True):
        said = {"slug": code, "name_zh": name, "name_en": code, "source": "", "updated_at": now}
        connection.execute(insert(licence_types).values(code=code, **said))


def _row(chance: random.Random, n: int, begun: datetime) -> dict[str, Any]:
    kind = chance.randrange(len(_TYPES))
    person = kind == 1
    name = person_name(chance) if person else company_name(chance)
    at = begun + timedelta(minutes=3.6 * n)
    number = f"JY{kind}990{chance.randrange(100, 130)}{n:09d}"
    return {
        "identifier": f"1.2.156.3005.2.{_TYPES[kind]}.{n:09d}",
        "series_id": f"{n}",
        "version": 1,
        "type_code": _TYPES[kind],
        "authority_id": (body := chance.choice(_BODIES)),
        "seal_id": body,
        "number": number,
        "state": chance.choice(_STATES),
        "holders": [{"name": name, "code_type": "111" if person else "001", "code": f"9{n:017d}"}],
        "holder_code": f"9{n:017d}",
        "holder_name": name,
        "data": {"holder_name": name, "address": f"样例路{n}号"},
        "granted_on": at.date(),
        "valid_from": at.date(),
        "valid_until": at.date() + timedelta(days=1826),
        "link_token": f"{n:027d}",
        "sample": True,
        "level": "B-LT",
        "created_at": at,
        "changed_at": at,
    }


def _questions(connection: Connection) -> Iterator[tuple[str, Callable[[int], LicenceFilter]]]:
    chance = random.Random(2)
    picked = chance.sample(
        range(connection.execute(select(func.count()).select_from(licences)).scalar_one()), TIMES
    )
    rows = [_known(connection, n) for n in picked]
    people = [one for one in (person_name(chance) for _ in range(40 * TIMES)) if len(one) == 3]
    pairs = [one[:2] for one in people]
    yield "number", lambda i: _asked(text=rows[i].number)
    yield "number's end", lambda i: _asked(text=rows[i].number[-6:])
    yield "number's beginning", lambda i: _asked(text=rows[i].number[:8])
    yield "identifier", lambda i: _asked(text=rows[i].identifier)
    yield "holder's code", lambda i: _asked(text=rows[i].holder_code)
    yield "name of two", lambda i: _asked(text=pairs[i])
    yield "name of three", lambda i: _asked(text=people[i])
    yield "surname alone", lambda i: _asked(text=SURNAMES[i % len(SURNAMES)])
    yield "part of a company", lambda i: _asked(text=rows[i].holder_name[2:7])
    yield "whole company", lambda i: _asked(text=rows[i].holder_name)
    yield "common part", lambda _: _asked(text="有限公司")
    yield "nobody", lambda i: _asked(text=f"没有此人{i}")
    yield (
        "name, in force",
        lambda i: _asked(text=pairs[i], state=LicenceState.IN_FORCE),
    )
    yield (
        "name, suspended",
        lambda i: _asked(text=pairs[i], state=LicenceState.SUSPENDED),
    )
    yield (
        "common part, suspended",
        lambda _: _asked(text="有限公司", state=LicenceState.SUSPENDED),
    )
    yield (
        "common part, expired, of one",
        lambda i: _asked(text="餐饮", state=LicenceState.EXPIRED, authority_id=_BODIES[i % 20]),
    )
    yield (
        "type and place",
        lambda i: _asked(text="食品经营 东湖", authority_id=_BODIES[i % 20]),
    )
    yield (
        "type and state",
        lambda i: _asked(type_code=TypeCode(_TYPES[i % 6]), state=LicenceState.CANCELLED),
    )
    yield (
        "name in a month",
        lambda i: _asked(
            text=rows[i].holder_name[2:4],
            granted_from=date(2023, 3, 1),
            granted_until=date(2023, 3, 31),
        ),
    )
    yield "all", lambda _: _asked()


def _asked(text: str = "", **more: Any) -> LicenceFilter:
    return LicenceFilter(on=TODAY, text=text, **more)


def _known(connection: Connection, n: int) -> Any:
    this = licences.c.series_id == str(n)
    return connection.execute(select(licences).where(this)).one()


def _measure(database: Database, engine: str) -> int:
    slow, clock = 0, time.thread_time if engine == "sqlite" else time.perf_counter
    with database.reading() as connection:
        names = connection.execute(select(licences.c.identifier).limit(TIMES)).scalars().all()
        for kind, question in list(_questions(connection)):
            ours, floor = [], []
            for i in range(TIMES):
                sought, finder = question(i), LicenceFinder(connection)
                look = partial(find_licence, connection, LicenceIdentifier(names[i]))
                ask = partial(finder.page, sought)
                base, took = zip(
                    *((_timed(look, clock), _timed(ask, clock)) for _ in range(TURNS)),
                    strict=True,
                )
                floor.append(min(base))
                ours.append(min(took))
            p95, least = _p95(ours), _p95(floor)
            slow += p95 > MOST
            _say(
                engine=engine,
                question=kind,
                median_ms=round(sorted(ours)[TIMES // 2], 2),
                p95_ms=round(p95, 2),
                floor_p95_ms=round(least, 2),
                ratio=round(p95 / least, 1),
            )
    return 1 if slow else 0


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    begun = clock()
    work()
    return 1000 * (clock() - begun)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


def _say(**line: object) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
