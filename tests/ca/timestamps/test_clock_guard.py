"""When the clock is not to be trusted for a timestamp, and when it is again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ca.encoding.tsa_request import Failure
from ca.errors import ClockUntrustedError
from ca.timestamps.clock_guard import ACCURACY, ClockGuard
from core.errors import UnreachableError
from core.kernel_clock import KernelClock, read_kernel_clock, seconds_since_boot
from core.text import Text
from tests.ca.timestamps.test_tsa import DIGEST, query, rejection
from tests.ca.world import World

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_STEP = KernelClock(synchronised=True, max_error=0.02)
ALONE = KernelClock(synchronised=False, max_error=16.0)


@dataclass
class Machine:
    """A clock that can be set, beside seconds that cannot."""

    now: datetime = NOON
    seconds: float = 5000.0
    kernel: KernelClock | None = None
    recorded: datetime | None = None
    away: bool = False

    def guard(self, *, require: bool = False) -> ClockGuard:
        return ClockGuard(
            seconds=lambda: self.seconds,
            last_recorded_at=self._recorded,
            kernel=lambda: self.kernel,
            require_synchronised=require,
        )

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def _recorded(self) -> datetime | None:
        if self.away:
            raise UnreachableError(Text("数据库不可达。", "The database is away."))
        return self.recorded


@pytest.mark.parametrize("step", [-3600.0, -1.1, 1.1, 86_400.0])
def test_a_clock_that_was_set_is_not_trusted_any_more(step: float) -> None:
    machine = Machine()
    guard = machine.guard()
    for _ in range(3):
        machine.pass_time(700)
        guard.check(machine.now)
    machine.now += timedelta(seconds=step)
    for _ in range(3):
        machine.pass_time(700)
        with pytest.raises(ClockUntrustedError, match="was set"):
            guard.check(machine.now)
    assert not guard.trusted
    machine.now -= timedelta(seconds=step)
    guard.check(machine.now)
    assert guard.trusted


@pytest.mark.parametrize("step", [-0.9, 0.9])
def test_what_stays_within_the_accuracy_is_let_pass(step: float) -> None:
    machine = Machine()
    guard = machine.guard()
    guard.check(machine.now)
    machine.now += timedelta(seconds=step)
    guard.check(machine.now)


def test_a_step_is_accepted_once_the_kernel_is_in_step() -> None:
    machine = Machine(kernel=ALONE)
    guard = machine.guard()
    guard.check(machine.now)
    machine.now += timedelta(hours=1)
    with pytest.raises(ClockUntrustedError):
        guard.check(machine.now)
    machine.kernel = IN_STEP
    guard.check(machine.now)
    machine.kernel = ALONE
    machine.pass_time(1)
    guard.check(machine.now)


def test_never_before_what_is_on_record() -> None:
    machine = Machine(recorded=NOON)
    machine.now = NOON - timedelta(seconds=3)
    guard = machine.guard()
    with pytest.raises(ClockUntrustedError, match="on record"):
        guard.check(machine.now)
    machine.pass_time(2)
    guard.check(machine.now)


def test_a_record_that_cannot_be_read_is_no_reason_to_trust() -> None:
    machine = Machine(away=True)
    guard = machine.guard()
    with pytest.raises(ClockUntrustedError):
        guard.check(machine.now)
    machine.away = False
    guard.check(machine.now)


@pytest.mark.parametrize(
    "kernel", [None, ALONE, KernelClock(synchronised=True, max_error=1.5)], ids=str
)
def test_where_it_is_required_the_kernel_must_vouch(kernel: KernelClock | None) -> None:
    machine = Machine(kernel=kernel)
    machine.guard().check(machine.now)
    with pytest.raises(ClockUntrustedError, match="kernel"):
        machine.guard(require=True).check(machine.now)
    machine.kernel = IN_STEP
    machine.guard(require=True).check(machine.now)


def test_the_kernel_is_asked_again_and_again() -> None:
    machine = Machine(kernel=IN_STEP)
    guard = machine.guard(require=True)
    guard.check(machine.now)
    machine.kernel = ALONE
    machine.pass_time(61)
    with pytest.raises(ClockUntrustedError):
        guard.check(machine.now)


def test_this_machines_kernel_answers() -> None:
    known = read_kernel_clock()
    assert known is not None
    assert known.max_error >= 0
    assert 0 < seconds_since_boot() <= seconds_since_boot()


def test_the_unit_refuses_with_time_not_available() -> None:
    world, machine = World(), Machine()
    machine.now = world.clock.now()
    guard = machine.guard()
    world.parts = world.with_clock_guard(guard.check)
    unit = world.found().timestamps
    assert unit.answer(query()).outcome == "granted"
    world.clock.advance(ACCURACY * 5)
    answer = unit.answer(query())
    assert rejection(answer.der) == {Failure.TIME_NOT_AVAILABLE.name.lower()}
    assert answer.outcome == "time_not_available"
    with pytest.raises(ClockUntrustedError):
        unit.token(DIGEST, "sha256")
