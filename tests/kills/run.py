"""A batch in processes of its own that are killed at random, until every row is granted."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from home.wiring import Home
from tests.cli.commands import environment
from tests.cli.holders import rows_csv
from tests.clock import StoppedClock
from tests.databases import PostgresServer
from tests.forked import Forked
from tests.history.look import register
from tests.kills.oracle import Oracle
from tests.world import World, build_template

SHEET = 500
"""Rows of one sheet: each command judges its sheet anew."""
PATIENCE = 600.0
_BOTH = 0.2
_REFUSED = 2
"""Exit code of a command at whose sheet another is."""


@dataclass
class Kills:
    """One run: rows granted in sheets while processes are killed."""

    directory: Path
    url: str | None
    rows: int
    kills: int
    chance: random.Random
    jobs: int = 2
    killed: dict[str, int] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The home."""
        return self.directory / "home"

    def run(self) -> None:
        """Kill and look until all rows are granted; then look at everything."""
        oracle = Oracle(self.home, self.url)
        left, out = self.kills, self.directory / "out"
        for start in range(0, self.rows, SHEET):
            numbers = range(start, min(start + SHEET, self.rows))
            sheet = rows_csv(self.directory / f"{start}.csv", numbers)
            share = round(left * len(numbers) / (self.rows - start))
            left -= share
            while True:
                kill = share > 0
                share -= self._batch(sheet, out, numbers, kill=kill)
                done = oracle.look()
                if done == numbers.stop and not kill:
                    break
                share = 0 if done == numbers.stop else share
            sheet.unlink()
        self._look_at_everything(out)

    def _batch(self, sheet: Path, out: Path, numbers: range, *, kill: bool) -> int:
        """Run the command, and kill of it what chance says; return how many were killed."""
        command = ("batch", "run", "--type", "food-operation", "--data", sheet, "--out", out)
        given = (*command, "--jobs", str(self.jobs), "--home", self.home)
        killed = 0
        with (self.directory / "said").open("w+") as said:
            process = Forked(given, env=environment(), stdout=said, stderr=said)
            # Another on the same sheet, at times: one of them is refused, or each takes over what
            # the other has begun.
            both = kill and self.chance.random() < _BOTH
            other = Forked(given, env=environment(), stdout=said, stderr=said) if both else None
            if kill:
                killed = self._kill_some(process, numbers)
            code = process.wait(PATIENCE)
            if other is not None:
                codes = {code, other.wait(PATIENCE)}
                assert codes != {_REFUSED}, "each is refused for the other's sake"
                self.killed["two at once"] = self.killed.get("two at once", 0) + 1
            said.seek(0)
            # Whatever was killed but the command itself: it has gone on without, or says so.
            assert code in (0, -signal.SIGKILL) or killed or both, (code, said.read())
        return killed

    def _kill_some(self, process: Forked, numbers: range) -> int:
        """Kill workers, the nursery or the command, each once so many licences are on record."""
        killed, done = 0, self._recorded()
        while process.poll() is None:
            whom = self.chance.choice(["command", "command", "worker", "worker", "nursery"])
            target = self.chance.randint(done, numbers.stop)
            while not self._found(whom, process) or self._recorded() < target:
                if process.poll() is not None:
                    return killed
                time.sleep(0.02)
            time.sleep(self.chance.uniform(0, 0.4))
            done = self._recorded()
            found = self._found(whom, process)
            if process.poll() is not None or not found:
                continue
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(found), signal.SIGKILL)
                self.killed[whom] = self.killed.get(whom, 0) + 1
                killed += 1
            if whom == "command":
                break
        return killed

    @staticmethod
    def _found(whom: str, process: Forked) -> list[int]:
        """Return the processes of a kind."""
        if whom == "command":
            return [process.pid]
        nursery = _children(process.pid)
        workers = [one for parent in nursery for one in _children(parent)]
        return nursery if whom == "nursery" else workers

    def _recorded(self) -> int:
        with suppress(sqlite3.OperationalError, psycopg.OperationalError):
            with register(self.home, self.url) as opened:
                (row,) = opened.rows("SELECT count(*) AS n FROM licences")
            return int(row["n"])
        return 0

    def _look_at_everything(self, out: Path) -> None:
        with register(self.home, self.url) as opened:
            rows = opened.rows("SELECT identifier, state, holder_code FROM licences")
        assert [one["state"] for one in rows] == ["IN_FORCE"] * self.rows
        assert len({one["holder_code"] for one in rows}) == self.rows, "a row has two licences"
        files = {path.stem: path for path in out.glob("1.2.*.pdf")}
        assert files.keys() == {one["identifier"] for one in rows}
        home = Home(self.home, {})
        with closing(home):
            World(home, StoppedClock()).check_everything()


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(path.parent.name))
    return found


@contextmanager
def place(kind: str) -> Iterator[tuple[Path, str | None]]:
    """Hand out a new home and the address of its database."""
    with TemporaryDirectory(prefix="xinyin-kills-") as name:
        directory = Path(name)
        if kind == "sqlite":
            build_template(directory, None)
            yield directory, None
            return
        (directory / "pg").mkdir()
        server = PostgresServer(directory / "pg")
        try:
            with server.database() as url:
                build_template(directory, url)
                yield directory, url
        finally:
            server.stop()
