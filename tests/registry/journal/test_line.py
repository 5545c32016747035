"""Journals of several machines that share one line: one chain, wherever each was cut off."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import UnreachableError
from core.ids import LicenceIdentifier
from core.text import Text
from registry.journal.journal import CounterSetBackError, Facts, Journal, JournalError, JournalKind
from registry.journal.mirroring import Mirror
from registry.journal.position import Position
from registry.journal.reservations import ReservationJournal, reservation_entry

CLOCK = SystemClock()
FACE = "ab" * 32
ONE = LicenceIdentifier("1.2.156.3005.2.x.y.000000001.001.0")


NOWHERE = Position(0, "0" * 64)


@dataclass
class MemoryLine:
    """A store and a row in memory."""

    groups: dict[int, bytes] = field(default_factory=dict)
    known: Position = NOWHERE
    lock: threading.Lock = field(default_factory=threading.Lock)
    fault: Callable[[str], None] = lambda _: None
    """Told "put" before a put, "stored" after it, "reached" before the row is written."""

    @contextmanager
    def held(self) -> Iterator["MemoryLine"]:
        with self.lock:
            yield self

    def get(self, first: int) -> bytes | None:
        return self.groups.get(first)

    def last_begun(self, upto: int) -> int | None:
        return max((first for first in self.groups if first <= upto), default=None)

    def put(self, first: int, lines: bytes) -> bool:
        self.fault("put")
        if self.groups.setdefault(first, lines) != lines:
            return False
        self.fault("stored")
        return True

    def reached(self, end: Position) -> None:
        self.fault("reached")
        self.known = end


@pytest.fixture
def line(tmp_path: Path) -> MemoryLine:
    """A line that begins with another's journal of one entry."""
    first = Journal.start(tmp_path / "first", "some-register", CLOCK)
    [path] = first.directory.glob("*.jsonl")
    return MemoryLine({1: path.read_bytes()}, first.end)


def machine(tmp_path: Path, name: str, line: MemoryLine) -> Journal:
    Journal.copy_of(tmp_path / name, line.groups[1])
    return Journal(tmp_path / name, CLOCK, line)


def content(journal: Journal) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(journal.directory.glob("*.jsonl")))


def say(journal: Journal, number: int) -> Position:
    facts: Facts = {"scope": "s", "value": number}
    return journal.append(JournalKind.MARK, facts)


def once(at: str, error: BaseException) -> Callable[[str], None]:
    """Return a fault that raises the first time that it is told of a step."""
    left = [error]

    def fault(step: str) -> None:
        if step == at and left:
            raise left.pop()

    return fault


def test_all_machines_have_one_chain(tmp_path: Path, line: MemoryLine) -> None:
    journals = [machine(tmp_path, name, line) for name in ("a", "b", "c")]

    def work(journal: Journal, base: int) -> None:
        for number in range(20):
            facts: list[Facts] = [{"scope": "s", "value": base + number}] * (1 + number % 3)
            journal.append_all(JournalKind.MARK, facts)

    threads = [
        threading.Thread(target=work, args=(one, 1000 * number))
        for number, one in enumerate([*journals, journals[0]])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = {one.end for one in journals}
    assert len(ends) == 1
    assert ends.pop() == line.known
    assert line.known.sequence == 1 + 4 * sum(1 + number % 3 for number in range(20))
    assert len({content(one) for one in journals}) == 1
    assert len(list(journals[1].read())) == line.known.sequence


@pytest.mark.parametrize("at", ["put", "stored", "reached"])
def test_whoever_is_cut_off_leaves_one_chain(tmp_path: Path, line: MemoryLine, at: str) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    say(one, 1)
    line.fault = once(at, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        say(one, 2)
    shutil.rmtree(one.directory)  # its disk is gone with it
    say(other, 3)
    values = [entry.facts.get("value") for entry in other.read()]
    assert values == ([None, 1, 3] if at == "put" else [None, 1, 2, 3])
    again = machine(tmp_path, "a", line)
    say(again, 4)
    assert again.end == other.end
    assert content(again) == content(other)


@pytest.mark.parametrize("others_went_on", [False, True])
def test_a_group_that_a_crash_left_half_written_is_completed(
    tmp_path: Path, line: MemoryLine, *, others_went_on: bool
) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    say(one, 1)
    line.fault = once("reached", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        one.append_all(JournalKind.MARK, [{"scope": "s", "value": number} for number in (2, 3, 4)])
    [path] = one.directory.glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    if others_went_on:
        say(other, 5)
    assert say(one, 6).sequence == (7 if others_went_on else 6)
    assert other.end == one.end
    assert content(other) == content(one)


def test_what_was_not_put_is_not_in_the_copy(tmp_path: Path, line: MemoryLine) -> None:
    one = machine(tmp_path, "a", line)
    line.fault = once("put", UnreachableError(Text("不可达", "away")))
    with pytest.raises(UnreachableError):
        say(one, 1)
    assert one.end.sequence == 1
    assert say(one, 1).sequence == 2


def test_a_reservation_of_another_machine_is_known_until_that_gives_it_up(
    tmp_path: Path, line: MemoryLine
) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    known = ReservationJournal(other)
    assert not known.has_begun()
    one.append(JournalKind.RESERVED, reservation_entry(ONE, FACE))
    assert known.has_begun()
    assert known.has(ONE, FACE)
    one.append(JournalKind.RESERVED, reservation_entry(ONE, FACE, void=True))
    assert not known.has(ONE, FACE)


def test_a_number_that_another_machine_gave_is_not_given_again(
    tmp_path: Path, line: MemoryLine
) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    other.mark("编号", 1)
    one.mark("编号", 500)
    with pytest.raises(CounterSetBackError):
        other.mark("编号", 300)


def test_nothing_is_put_behind_a_gap(tmp_path: Path, line: MemoryLine) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    say(one, 1)
    lost = line.groups.pop(say(one, 2).sequence)
    for journal in (other, machine(tmp_path, "c", line)):
        with pytest.raises(JournalError, match="lacks"):
            say(journal, 3)
    line.known = Position(1, next(one._read(0)).hash)  # the row was set back too
    with pytest.raises(JournalError, match="lacks"):
        say(one, 3)
    line.groups[3] = lost
    assert say(one, 3).sequence == 4
    assert say(other, 4).sequence == 5


def test_a_chain_of_others_is_refused(tmp_path: Path, line: MemoryLine) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    say(one, 1)
    # Who can write store and row puts another entry in place of what only one machine has seen.
    known = line.known
    del line.groups[2]
    line.known = Position(1, next(other._read(0)).hash)
    say(other, 9)
    with pytest.raises(JournalError, match="not the one"):
        say(one, 2)
    assert [entry.facts.get("value") for entry in one._read(0)] == [None, 1]
    assert known != line.known
    line.groups[3] = line.groups[2]
    with pytest.raises(JournalError, match="not the one"):
        list(one.read())


def test_a_change_that_could_not_be_put_any_more_is_told_to_have_taken_effect(
    tmp_path: Path, line: MemoryLine
) -> None:
    one, other = machine(tmp_path, "a", line), machine(tmp_path, "b", line)
    mirror = Mirror(lambda: one)
    mirror.loosen(JournalKind.STATUS, {"identifier": "x"})
    del line.groups[say(other, 1).sequence]
    with pytest.raises(JournalError, match="took effect"):
        mirror.committed()
