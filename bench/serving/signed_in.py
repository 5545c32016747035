"""Requests of who is signed in over HTTP, and sign-ins against the provider's own pace.

`asgi-floor` is the same server with an application that returns constant bytes. `oidc-provider` is
the certified npm provider alone: from its authorization address to the redirect back.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.serving.http_load import BATCH, Server
from bench.serving.soak import COMMAND
from home.wiring import Home
from registry.bodies.authorities import list_authorities
from tests.identity.provider import have_provider
from tests.issuing_api.desk import ALIAS, running_desk

_ROUNDS = 6


def rows(home: BenchHome) -> Iterator[Row]:
    """Yield `issuing.request`, `issuing.requests`, `issuing.page` and `issuing.sign_in`."""
    del home
    server = "bench.serving.issuing_server"
    with Server(server, "floor") as floor, Server(server, "issuing") as ours:
        for name, kind in (("request", "me"), ("requests", "requests"), ("page", "page")):
            load = floor.load(floor.requests["me"])
            constant = Baseline("asgi-floor", load, calls=1, clock=floor.cpu, batch=BATCH)
            work = ours.load(ours.requests[kind])
            yield Row(
                f"issuing.{name}",
                work,
                (constant,),
                calls=1,
                clock=ours.cpu,
                batch=BATCH,
                rounds=_ROUNDS,
            )
    if have_provider():
        yield from _sign_ins()
    else:
        print("issuing.sign_in: the test provider is not installed: make npm", file=sys.stderr)


def _sign_ins() -> Iterator[Row]:
    """Yield seconds of wall clock: most of them are the provider's, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="xinyin-bench-") as name:
        directory = Path(name) / "home"
        demo: list[str | Path] = [COMMAND, "demo", "--home", directory, "--count", "1"]
        subprocess.run(demo, capture_output=True, check=True)
        with Home(directory, {}) as opened, opened.database.reading() as connection:
            known = [one.authority_id for one in list_authorities(connection)]
        with running_desk(directory, known[0], known[-1]) as desk:

            def at_the_provider() -> None:
                begun = desk.person().ask("GET", f"/issuing/sign-in/{ALIAS}")
                desk.provider.browser().follow(begun.headers["location"], "li")

            alone = Baseline("oidc-provider", at_the_provider, clock=time.perf_counter)
            yield Row(
                "issuing.sign_in",
                lambda: desk.person("li"),
                (alone,),
                calls=2,
                clock=time.perf_counter,
                rounds=10,
            )
