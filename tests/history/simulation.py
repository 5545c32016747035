"""A history: steps drawn from a seed, each followed by the oracle's look at what it touched."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.history.faults import Fault, Mode
from tests.history.look import Register, Row, holder_token
from tests.history.model import Licence, Model, Request, World
from tests.history.stage import KeptHome, Outcome, Stage, uscc

_LOCAL = timedelta(hours=8)
"""Of the service's zone, Asia/Shanghai."""
_FAULTS = (
    (Mode.DIE_BEFORE, 3),
    (Mode.DIE_AFTER, 3),
    (Mode.TORN, 2),
    (Mode.LOST, 3),
    (Mode.REFUSED, 3),
)
FAULTY, KILLED = 0.25, 0.12
"""Share of commands that a fault is aimed at, and of deaths that SIGKILL brings."""


@dataclass
class Backup:
    """A snapshot on disk, and what it holds."""

    path: Path
    model: Model


@dataclass
class Simulation:
    """One history on one stage."""

    stage: Stage
    seed: str
    model: Model = field(default_factory=Model)
    world: World = field(default_factory=World)
    backups: list[Backup] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    """What was done, a line a command, for who must repeat it."""
    step: int = 0
    faultless: bool = False
    random: Random = field(default_factory=Random)
    holders: int = 0
    losses: int = 0
    """Restores without a journal."""
    _register: tuple[Path, Register] | None = None

    # What steps do

    def command(self, *arguments: str | Path, faulty: bool = True) -> Outcome:
        """Run a command of the product, perhaps with a fault."""
        fault = self.draw_fault() if faulty else None
        outcome = self.stage.command(*arguments, fault=fault)
        self.note(" ".join(_short(one) for one in arguments), outcome, fault)
        return outcome

    def perform(
        self, name: str, task: Callable[[KeptHome], Any], *, faulty: bool = True
    ) -> Outcome:
        """Do what has no command of its own, perhaps with a fault."""
        fault = self.draw_fault() if faulty else None
        outcome = self.stage.perform(task, fault)
        self.note(name, outcome, fault)
        return outcome

    def note(self, what: str, outcome: Outcome, fault: Fault | None = None) -> None:
        """Keep a line of what was done."""
        told = "died" if outcome.died else outcome.error or "done"
        at = "" if fault is None or not outcome.fired else f" [{fault.mode} at {fault.at}]"
        killed = " killed" if fault is not None and fault.kill and outcome.died else ""
        self.tell(f"{what}: {told}{at}{killed}")

    def tell(self, line: str) -> None:
        """Keep a line of the history."""
        self.journal.append(f"{self.step:5} {self.now:%Y-%m-%d %H:%M:%S} {line}")

    def draw_fault(self) -> Fault | None:
        """Return a fault for the next command, in some cases."""
        if self.faultless or self.random.random() >= FAULTY:
            return None
        mode = self.random.choices([m for m, _ in _FAULTS], [w for _, w in _FAULTS])[0]
        dies = mode in (Mode.DIE_BEFORE, Mode.DIE_AFTER, Mode.TORN)
        kill = self.random.random() < KILLED and dies
        return Fault(mode, 1 + int(self.random.expovariate(1 / 5)), kill=kill)

    # What steps look at

    @property
    def now(self) -> datetime:
        """The time on the stage."""
        return self.stage.clock.now()

    @property
    def today(self) -> date:
        """The civil date there."""
        return (self.now + _LOCAL).date()

    @property
    def register(self) -> Register:
        """The database of the present home."""
        home = self.stage.home_directory
        if self._register is not None and self._register[0] != home:
            self._register[1].close()
            self._register = None
        if self._register is None:
            self._register = home, Register(home, self.stage.settings.database.url)
        return self._register[1]

    def close(self) -> None:
        """Close what was opened to look."""
        if self._register is not None:
            self._register[1].close()
            self._register = None

    def licence_row(self, identifier: str) -> Row:
        """Return the row of a licence, which must be there."""
        found = self.register.rows("SELECT * FROM licences WHERE identifier = ?", identifier)
        assert len(found) == 1, f"licence {identifier} is not on record"
        return found[0]

    def rows_of(self, request: Request) -> list[Row]:
        """Return what a request has led to that is not void."""
        found = self.register.rows(
            "SELECT * FROM licences WHERE holder_code = ? AND state <> 'VOID' ORDER BY version",
            self.token_of(request),
        )
        return [one for one in found if one["replaces"] == request.replaces]

    def token_of(self, request: Request) -> str:
        """Return what the register has in the place of the code of a request's holder."""
        return holder_token(self.stage.home_directory, request.holder)

    def new_holder(self) -> str:
        """Return the code of a holder who has nothing yet."""
        self.holders += 1
        return uscc(91, self.holders)

    def choose(self, among: list[Any]) -> Any:
        """Return one of several, None of none."""
        return self.random.choice(among) if among else None

    def pick(self, *states: str) -> Licence | None:
        """Return a licence in one of the states; in any, where none is named."""
        among = [one for one in self.model.licences.values() if not states or one.state in states]
        chosen: Licence | None = self.choose(among[-60:])
        return chosen

    def chance(self, share: float) -> bool:
        """Tell whether something happens that does in this share of cases."""
        return self.random.random() < share


def _short(argument: str | Path) -> str:
    return argument.name if isinstance(argument, Path) else argument
