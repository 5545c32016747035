"""`python -m bench.desk [--licences 100000] [--postgresql]`: CPU that each page of the desk takes.

A demo home is filled with copies of one licence under other names. Server and client share this
process, and its seconds of CPU are counted: the client's part (about a millisecond) stands in the
first line. PostgreSQL's processes are counted with them. Exit code 1 where a page takes more than
100 ms. It needs the test provider (make npm).
"""

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from sqlalchemy import insert, select

from bench.serving.soak import COMMAND
from home.wiring import Home
from registry.bodies.authorities import list_authorities
from registry.db.tables import licences, series
from registry.licences.search_index import rebuild_in
from tests.databases import PostgresServer
from tests.issuing_api.desk import RunningDesk, running_desk
from tests.issuing_api.pages.browsing import FOOD, Officer, officer, record, typed

MOST = 100.0
"""Milliseconds."""
TIMES = 50
_STATES = ("IN_FORCE",) * 94 + ("CANCELLED",) * 4 + ("SUSPENDED", "REPLACED")
_AT_ONCE = 2_000
_LICENCE = re.compile(r'href="(/issuing/licences/1[^"/]*)">([^<]+)<')


def main(arguments: list[str]) -> int:
    """Fill a home, serve it, measure; print a line of JSON for each page."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--licences", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="xy-") as name, ExitStack() as opened:
        home = Path(name) / "home"
        environment, server = dict(os.environ), None
        if chosen.postgresql:
            server = PostgresServer(Path(name) / "postgresql")
            opened.callback(server.stop)
            environment["XINYIN_DATABASE_URL"] = server.url(server.empty())
        demo: list[str | Path] = [COMMAND, "demo", "--home", home, "--count", "3", "--json"]
        subprocess.run(demo, capture_output=True, check=True, env=environment)
        granting, other = _fill(home, chosen.licences)
        with running_desk(home, granting, other) as desk:
            if server is not None:
                with desk.home.database.writing() as connection:
                    connection.exec_driver_sql("ANALYZE")
            return _measure(desk, granting)


def _fill(directory: Path, count: int) -> tuple[str, str]:
    """Copy a licence so many times; return its authority, and another one."""
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    with Home(directory, {}) as home, home.database.writing() as connection:
        row = dict(connection.execute(select(licences).limit(1)).mappings().one())
        its = select(series).where(series.c.series_id == row["series_id"])
        kept = dict(connection.execute(its).mappings().one())
        for first in range(0, count, _AT_ONCE):
            numbers = range(first, min(count, first + _AT_ONCE))
            keys = [{"series_id": f"{n}", "number": f"JY9{n:013d}"} for n in numbers]
            connection.execute(insert(series), [kept | key | {"open": False} for key in keys])
            connection.execute(
                insert(licences),
                [
                    row
                    | key
                    | {
                        "identifier": f"{row['identifier']}-{n}",
                        "state": _STATES[n % len(_STATES)],
                        "reason": None,
                        "link_token": secrets.token_hex(12),
                        "request_key": None,
                        "replaced_by": None,
                        "holders": [{**row["holders"][0], "name": f"青岚市第{n}食品店"}],
                        "holder_code": f"9{n:017d}",
                        "created_at": begun + timedelta(minutes=5 * n),
                    }
                    for n, key in zip(numbers, keys, strict=True)
                ],
            )
        rebuild_in(connection)
        known = [one.authority_id for one in list_authorities(connection)]
    granting = str(row["authority_id"])
    return granting, next(one for one in known if one != granting)


def _measure(desk: RunningDesk, granting: str) -> int:
    li, qian = officer(desk, "li"), officer(desk, "qian")
    listed = li.see("/issuing/licences")
    found = _LICENCE.search(listed)
    older = re.search(r'rel="next" href="([^"]+)"', listed)
    style = re.search(r'href="(/issuing/static/[^"]+css)"', listed)
    assert found
    assert older
    assert style
    with desk.home.database.reading() as connection:
        columns = dict(desk.home.catalogue.find(connection, FOOD).columns)
    form = f"/issuing/requests/new/{FOOD}/{granting}"
    preview = li.post(form, typed(record(0), columns) | {"do": "preview"})
    request = li.post(form, {"do": "submit"}, page=preview.text).headers["location"]
    pages = {
        "to do": "/issuing/",
        "licences": "/issuing/licences",
        "licences, next page": unescape(older[1]),
        "licences, the oldest": "/issuing/licences?before=2000",
        "licences, cancelled": "/issuing/licences?state=CANCELLED",
        "licences, a state that none has": "/issuing/licences?state=VOID",
        "licences, part of a name": "/issuing/licences?q=第77777食",
        "licences, a name that none has": "/issuing/licences?q=没有此人",
        "licences, a number": f"/issuing/licences?q={found[2]}",
        "licence": found[1],
        "requests": "/issuing/requests",
        "request with its page": request,
        "seals": "/issuing/seals",
        "people": "/issuing/people",
    }
    _say("nobody", "a style sheet", _milliseconds(li, style[1]))
    dearest = _say("officer", "form", _milliseconds(li, form))
    for who, reader in (("officer", li), ("supervisor", qian)):
        for name, path in pages.items():
            dearest = max(dearest, _say(who, name, _milliseconds(reader, path)))
    return 0 if dearest <= MOST else 1


def _milliseconds(reader: Officer, path: str) -> float:
    reader.see(path)
    before = _seconds()
    for _ in range(TIMES):
        reader.get(path)
    return 1000 * (_seconds() - before) / TIMES


def _seconds() -> float:
    """Return the CPU of this process and of every PostgreSQL process (Linux, proc(5))."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            if name == "postgres":
                ticks += sum(map(int, rest.split()[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _say(who: str, page: str, cost: float) -> float:
    print(json.dumps({"who": who, "page": page, "cpu_ms": round(cost, 1)}), flush=True)
    return cost


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
