"""Batches whose surroundings fail in the middle: what they say, and how they are gone on with."""

import os
import random
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cli.commands import environment
from tests.cli.holders import rows_csv
from tests.databases import PostgresServer
from tests.forked import Forked
from tests.kills.disks import Disk
from tests.kills.oracle import Oracle
from tests.kills.run import PATIENCE, Kills
from tests.softhsm import MODULE, SoftHsm, faulty_library, have_softhsm
from tests.world import build_template

ROWS = 192
"""Rows of the sheet that a fault meets: three groups."""
TRIES = 5
"""Sheets in whose midst a fault is tried, where the command was quicker."""
_STORAGE, _UNREACHABLE = 1, 5
AGAIN = r"same (command|again)|Try again|try again"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the surroundings."""

    name: str
    strike: Callable[[], AbstractContextManager[object]]
    """It holds within the block, until the command has ended."""
    code: int
    """Exit code of a command that it stops."""
    said: str
    """Pattern of what the command must say of it: what happened."""
    advice: str = AGAIN
    """Of what it must say is to be done."""


@dataclass
class Faults:
    """One run: every fault in the middle of a batch, at a random moment."""

    directory: Path
    url: str | None
    faults: list[Fault]
    chance: random.Random
    struck: dict[str, str] = field(default_factory=dict)
    """What became of each fault."""

    def run(self) -> None:
        """Let each strike, and look after it and after the same command again."""
        kills = Kills(self.directory, self.url, 0, 0, self.chance)
        oracle, out, start = Oracle(kills.home, self.url), self.directory / "out", 0
        for fault in self.faults:
            for _ in range(TRIES):
                numbers = range(start, start + ROWS)
                start = numbers.stop
                sheet = rows_csv(self.directory / f"{numbers.start}.csv", numbers)
                command = kills.agreed(sheet, out, ROWS)
                code, said = self._struck(fault, command, kills, numbers)
                oracle.look()
                lost = self._told() - oracle.whole.keys()
                assert not lost, (fault.name, "granted by its word alone", lost)
                again = Forked(command, env=environment())
                _, told = again.communicate(timeout=PATIENCE)
                assert again.returncode == 0, (fault.name, told)
                assert oracle.look() == numbers.stop, fault.name
                self.struck[fault.name] = f"exit {code}, then 0"
                sys.stderr.write(f"{fault.name}: exit {code}\n{said}\n")
                if code:
                    assert code == fault.code, (fault.name, code, said)
                    assert re.search(fault.said, said), (fault.name, said)
                    assert re.search(fault.advice, said), (fault.name, said)
                    assert "Traceback" not in said, (fault.name, said)
                    break
        kills.look_at_everything(out, start)

    def _told(self) -> set[str]:
        """Return the licences whose files the command named last."""
        return {Path(one).stem for one in (self.directory / "told").read_text().splitlines()}

    def _struck(
        self, fault: Fault, command: tuple[str | Path, ...], kills: Kills, numbers: range
    ) -> tuple[int, str]:
        """Run the command until it ends, with the fault in its midst; return what it said."""
        said_in, told_in = self.directory / "said", self.directory / "told"
        with said_in.open("w+") as said, told_in.open("w") as paths:
            process = Forked(command, env=environment(), stdout=paths, stderr=said)
            moment = numbers.start + self.chance.randint(1, ROWS - 64)
            while kills.recorded() < moment and process.poll() is None:
                time.sleep(0.01)
            time.sleep(self.chance.uniform(0, 0.3))
            if process.poll() is None:
                with fault.strike():
                    code = process.wait(PATIENCE)
            else:
                code = process.wait(PATIENCE)
            said.seek(0)
            return code, said.read()


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Hold the lock of SQLite's writer."""
    writer = sqlite3.connect(database, timeout=PATIENCE, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.execute("ROLLBACK")
    finally:
        writer.close()


@contextmanager
def _there(file: Path) -> Iterator[None]:
    file.touch()
    try:
        yield
    finally:
        file.unlink()


@contextmanager
def _restarted(server: PostgresServer, mode: str) -> Iterator[None]:
    server.restart(mode)
    yield


@contextmanager
def _started_after(
    server: PostgresServer, full: Callable[[], AbstractContextManager[object]]
) -> Iterator[None]:
    """Start a server that a full disk may have brought down, once there is room again."""
    with full():
        yield
    server.restart("immediate")


@dataclass
class Stage:
    """Home, database, token and disks for a run of faults."""

    directory: Path
    url: str | None
    server: PostgresServer | None
    chance: random.Random
    hsm: SoftHsm
    broken: Path
    hangs: Path

    @property
    def home(self) -> Path:
        """The home."""
        return self.directory / "home"

    def faults(self, disks: dict[str, Disk]) -> list[Fault]:
        """Return the faults that can be tried here."""
        found = [
            Fault("token away", self.hsm.away, _UNREACHABLE, "token"),
            Fault("token broken", lambda: _there(self.broken), _UNREACHABLE, "token"),
            Fault("token hangs", lambda: _there(self.hangs), _UNREACHABLE, "no answer"),
        ]
        server = self.server
        if server is None:
            database = self.home / "registry.db"
            locked = Fault("locked", lambda: _locked(database), _UNREACHABLE, "busy")
            found.append(locked)
        else:
            found += [
                Fault(
                    f"restarted {mode}", partial(_restarted, server, mode), _UNREACHABLE, "database"
                )
                for mode in ("immediate", "fast")
            ]
        for name, disk in disks.items():
            full = partial(disk.full, self.chance.choice([0, self.chance.randrange(300_000)]))
            code, said = _STORAGE, "No space|full"
            if name == "database" and server is not None:
                full, code, said = partial(_started_after, server, full), _UNREACHABLE, "database"
            elif name == "database":
                code = _UNREACHABLE
            found.append(Fault(f"disk full: {name}", full, code, said))
        return found


def run_faults(kind: str, chance: random.Random) -> dict[str, str]:
    """Try every fault on one kind of database; return what became of each."""
    assert have_softhsm(), "Debian's softhsm2 is needed"
    with TemporaryDirectory(prefix="xinyin-faults-") as name, ExitStack() as ends:
        directory = Path(name)
        module, broken, hangs = faulty_library(directory), directory / "broken", directory / "hangs"
        os.environ |= {"XY_TOKEN_BROKEN": str(broken), "XY_TOKEN_HANGS": str(hangs)}
        (directory / "hsm").mkdir()
        hsm = SoftHsm(directory / "hsm")
        keys = hsm.initialised().uri().replace(str(MODULE), str(module))
        disks: dict[str, Disk] = {}
        as_root = os.geteuid() == 0

        def disk(what: str, folder: Path) -> None:
            if as_root:
                disks[what] = Disk(folder)
                ends.callback(disks[what].unmount)

        server, url = None, None
        if kind == "postgresql":
            disk("database", directory / "pg")
            server = PostgresServer(directory / "pg")
            ends.callback(server.stop)
            server.keep_commits()
            url = server.url(server.empty())
        build_template(directory, url, uri=keys)
        home = directory / "home"
        for part in ("journal", "objects"):
            disk(part, home / part)
        disk("out", directory / "out")
        if kind == "sqlite":
            disk("database", directory / "database")
            shutil.move(home / "registry.db", directory / "database" / "registry.db")
            (home / "registry.db").symlink_to(directory / "database" / "registry.db")
        if not as_root:
            sys.stderr.write("Full disks are left out: mounting them needs root.\n")
        stage = Stage(directory, url, server, chance, hsm, broken, hangs)
        faults = Faults(directory, url, stage.faults(disks), chance)
        faults.run()
        return faults.struck
