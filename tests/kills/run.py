"""A batch in processes of its own that are killed at random, until every row is granted."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

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
UNAGREED = 50
"""Rows of which no sample needs to be agreed to."""
PATIENCE = 600.0
_BOTH = 0.2
_EARLY = 0.2
"""Share of commands that are killed from their very start on, the others once they seal."""
_RATE = 200
"""Rows of a second, roughly."""
_REFUSED = 2
"""Exit code of a command at whose sheet another is."""
_FAILURES, _UNREACHABLE = 20, 5
"""Of one that lost the same row's worker twice, and of one that can have none any more."""


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
    _workers: set[int] = field(default_factory=set)
    """Those of the command that runs."""

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
            command = self.agreed(sheet, out, len(numbers))
            share = round(left * len(numbers) / (self.rows - start))
            while True:
                killed = self._batch(command, numbers, share)
                share, left = share - killed, left - killed
                done = oracle.look()
                if done == numbers.stop:
                    if not killed:
                        break
                    share = 0  # what is left is for the sheets to come; once more, undisturbed
            sheet.unlink()
            sys.stderr.write(f"{done} rows, killed {self.killed}\n")
        self.look_at_everything(out, self.rows)

    def agreed(self, sheet: Path, out: Path, rows: int) -> tuple[str | Path, ...]:
        """Return the command, with the code of the sample that it asks for."""
        command = ("batch", "run", "--type", "food-operation", "--data", sheet, "--out", out)
        given = (*command, "--jobs", str(self.jobs), "--home", self.home)
        if rows <= UNAGREED:
            return given
        with Forked(given, env=environment()) as process:
            _, said = process.communicate(timeout=PATIENCE)
        code = re.search("--agree ([0-9a-f]+)", said)
        assert process.returncode == _REFUSED, said
        assert code is not None, said
        return (*given, "--agree", code[1])

    def _batch(self, command: tuple[str | Path, ...], numbers: range, share: int) -> int:
        """Run the command, and kill of it what chance says; return how many were killed."""
        killed = 0
        with (self.directory / "said").open("w+") as said:
            self._workers.clear()
            process = self._begun(command, said)
            # Another on the same sheet, at times: one of them is refused, or each takes over what
            # the other has begun.
            both = share > 0 and self.chance.random() < _BOTH
            other = self._begun(command, said) if both else None
            if share > 0:
                killed = self._kill_some(process, numbers, share)
            code = process.wait(PATIENCE)
            codes = {code} if other is None else {code, other.wait(PATIENCE)}
            said.seek(0)
            if other is not None:
                assert codes != {_REFUSED}, ("each is refused for the other's sake", said.read())
                self.killed["two at once"] = self.killed.get("two at once", 0) + 1
            # Whatever was killed but the command itself: it has gone on without, or says so.
            expected = {0, -signal.SIGKILL}
            expected |= {_REFUSED} if both else set()
            expected |= {_FAILURES, _UNREACHABLE} if killed else set()
            assert codes <= expected, (codes, said.read())
        return killed

    @staticmethod
    def _begun(command: tuple[str | Path, ...], said: IO[str]) -> Forked:
        return Forked(command, env=environment(), stdout=subprocess.DEVNULL, stderr=said)

    def _kill_some(self, process: Forked, numbers: range, share: int) -> int:
        """Kill workers, the nursery or the command at moments spread over what is left to do."""
        killed = 0
        if self.chance.random() < _EARLY:
            _ends_within(process, self.chance.uniform(0, 1.0))
        else:
            while not self._found("worker", process) and not _ends_within(process, 0.2):
                pass
        while killed < share:
            whom = self.chance.choice(["command", "command", "worker", "worker", "nursery"])
            left = (numbers.stop - self.recorded()) / _RATE
            if _ends_within(process, self.chance.uniform(0, max(2 * left / (share - killed), 0.1))):
                break
            found = self._found(whom, process)
            if not found:  # not begun yet, or none is left
                continue
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(found), signal.SIGKILL)
                self.killed[whom] = self.killed.get(whom, 0) + 1
                killed += 1
            if whom == "command":
                break
        return killed

    def _found(self, whom: str, process: Forked) -> list[int]:
        """Return the processes of a kind; workers outlive their nursery."""
        if whom == "command":
            return [process.pid]
        parents = _parents()
        nursery = [pid for pid, parent in parents.items() if parent == process.pid]
        self._workers |= {pid for pid, parent in parents.items() if parent in nursery}
        self._workers &= parents.keys()
        return nursery if whom == "nursery" else sorted(self._workers)

    def recorded(self) -> int:
        """Return how many licences have their number."""
        with suppress(sqlite3.OperationalError, psycopg.OperationalError):
            with register(self.home, self.url) as opened:
                (row,) = opened.rows("SELECT count(*) AS n FROM licences")
            return int(row["n"])
        return 0

    def look_at_everything(self, out: Path, granted: int) -> None:
        """See that all is right at the end, by a first look and by the program itself."""
        assert Oracle(self.home, self.url).look() == granted, "what a first look finds now"
        with register(self.home, self.url) as opened:
            rows = opened.rows("SELECT identifier, state, holder_code FROM licences")
        assert [one["state"] for one in rows] == ["IN_FORCE"] * granted
        assert len({one["holder_code"] for one in rows}) == granted, "a row has two licences"
        files = {path.stem: path for path in out.glob("1.2.*.pdf")}
        assert files.keys() == {one["identifier"] for one in rows}
        home = Home(self.home, {})
        with closing(home):
            World(home, StoppedClock()).check_everything()


def _ends_within(process: Forked, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _parents() -> dict[int, int]:
    """Return all processes that live, each with its parent."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                found[int(path.parent.name)] = int(fields[1])
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
