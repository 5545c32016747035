"""Runs histories: which steps there are, how often each comes, and what is told of a failure."""

import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.clock import StoppedClock
from tests.databases import PostgresServer
from tests.history import certificates, changes, compromises, keeping, licences
from tests.history.certificates import learn_seals
from tests.history.oracle import check_step
from tests.history.simulation import Simulation
from tests.history.stage import Stage
from tests.history.whole import check_everything

Step = Callable[[Simulation], None]
STEPS: tuple[tuple[Step, int], ...] = (
    (licences.grant, 16),
    (licences.grant_without_key, 3),
    (licences.repeat_grant, 4),
    (licences.batch, 3),
    (licences.replace, 7),
    (changes.suspend, 6),
    (changes.reinstate, 5),
    (changes.cancel, 3),
    (changes.resume, 4),
    (changes.void, 1),
    (certificates.issue_officer, 5),
    (certificates.add_seal, 1),
    (certificates.renew_seal, 5),
    (certificates.hold, 4),
    (certificates.release, 3),
    (certificates.revoke, 6),
    (compromises.compromise, 1),
    (compromises.reseal, 2),
    (certificates.retire_key, 1),
    (certificates.publish_crls, 3),
    (certificates.ask_ocsp, 4),
    (keeping.back_up, 2),
    (keeping.restore, 1),
    (keeping.roll_over, 1),
    (keeping.renew_archive, 2),
    (keeping.sign_audit, 2),
    (keeping.duties, 3),
    (keeping.jump, 3),
    (keeping.step_back, 1),
    (keeping.restart, 4),
)
BEGINS = datetime(2026, 1, 5, 2, tzinfo=UTC)
WHOLE_EVERY = 250
"""Steps between looks at everything."""
LENGTH = 1000
"""Steps of one history; a longer run begins others, on new homes."""
_OFTEN = 8
_TOLD, _FRAMES = 25, 6
"""Lines of a failed history that are shown, and frames of what it ended with."""


class HistoryFailedError(AssertionError):
    """The product did otherwise than it had told; says how to see it again."""

    def __init__(self, told: str, step: int) -> None:
        super().__init__(told)
        self.step = step


@dataclass(frozen=True, slots=True)
class History:
    """One history to be played."""

    seed: str
    steps: int
    kind: str
    often: frozenset[str] = frozenset()
    """Names of steps that come more often than else."""

    def play(self, postgres: PostgresServer | None = None) -> Simulation:
        """Play it on a new home. Raises `HistoryFailedError`."""
        with tempfile.TemporaryDirectory(prefix="xy-history-") as directory:
            return self._play(Path(directory), postgres)

    def _play(self, directory: Path, postgres: PostgresServer | None) -> Simulation:
        choice = random.Random(self.seed)
        stage = Stage(
            directory,
            self.kind,
            self.seed,
            StoppedClock(BEGINS),
            postgres,
            crl_shards=choice.choice((1, 3)),
            journal_outside=choice.random() < 0.5,
        )
        sim = Simulation(stage, self.seed)
        with stage.ready():
            try:
                self._steps(sim)
            except Exception as error:
                raise HistoryFailedError(self._told(sim, error), sim.step) from error
            finally:
                sim.close()
        return sim

    def _steps(self, sim: Simulation) -> None:
        learn_seals(sim)
        check_step(sim)
        names = [step for step, _ in STEPS]
        weights = [_OFTEN * n if one.__name__ in self.often else n for one, n in STEPS]
        for sim.step in range(1, self.steps + 1):
            sim.random = random.Random(f"{self.seed}:{sim.step}")
            sim.stage.clock.advance(timedelta(seconds=sim.random.randint(2, 20)))
            with sim.stage.randomness(sim.step):
                step = sim.random.choices(names, weights)[0]
                step(sim)
                check_step(sim)
                if sim.step % WHOLE_EVERY == 0 or sim.step == self.steps:
                    finish(sim)

    def _told(self, sim: Simulation, error: Exception) -> str:
        last = "\n".join(sim.journal[-_TOLD:])
        again = f"python -m tests.history --seed {self.seed} --steps {sim.step}"
        where = "".join(traceback.format_exception(error)[-_FRAMES:])
        return (
            f"{where}"
            f"seed {self.seed}, step {sim.step}, {self.kind}; the last commands:\n{last}\n"
            f"again: {again} --length {sim.step} --database {self.kind}"
        )


def finish(sim: Simulation) -> None:
    """Let the service finish what faults have left, then check everything."""
    before = sim.faultless
    sim.faultless = True
    try:
        sim.stage.restart()
        for seal in [one for one in sim.model.seals.values() if one.mandated]:
            if not licences.is_sealable(sim, seal.authority):
                sim.command("seal", "renew", seal.seal_id)
        learn_seals(sim)
        changes.resume(sim)
        keeping.run_duties(sim, faulty=False)
        check_everything(sim)
    finally:
        sim.faultless = before


def histories(seed: int, steps: int, length: int, kind: str) -> Iterator[History]:
    """Yield histories of `length` steps that make up a run of so many."""
    for number, begun in enumerate(range(0, steps, length)):
        yield History(str(seed + number), min(length, steps - begun), kind)


@contextmanager
def server(kind: str) -> Iterator[PostgresServer | None]:
    """Run what a kind of database needs."""
    if kind == "sqlite":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="xy-pg-") as directory:
        running = PostgresServer(Path(directory) / "data")
        try:
            yield running
        finally:
            running.stop()


def run(seed: int, steps: int, length: int, kind: str) -> int:
    """Play a run of histories, telling how it goes on stderr; return how many failed."""
    failed, done, begun = 0, 0, time.monotonic()
    with server(kind) as postgres:
        for history in histories(seed, steps, length, kind):
            try:
                done += history.play(postgres).step
            except HistoryFailedError as error:
                failed, done = failed + 1, done + error.step
                sys.stderr.write(f"{error}\n")
            pace = done / (time.monotonic() - begun)
            sys.stderr.write(f"{kind}: {done} steps, {pace:.1f} a second, failed {failed}\n")
    return failed
