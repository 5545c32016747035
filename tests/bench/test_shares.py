"""The shares of a piece of work are its parts' own, in all processes."""

import os
import time

import pytest

from bench.shares import PARTS, Shares


def burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


class Outer:
    def work(self, inner: "Inner") -> str:
        burn(0.02)
        inner.work()
        return "done"


class Inner:
    def work(self) -> None:
        burn(0.05)


PIECES = {"outer": ((Outer, "work"),), "inner": ((Inner, "work"),)}


def test_what_a_part_does_by_another_counts_for_the_inner_one() -> None:
    shares = Shares(PIECES)
    with shares.collecting():
        assert Outer().work(Inner()) == "done"
    found = shares.told()
    assert found["outer"].cpu_ms == pytest.approx(20, abs=5)
    assert found["inner"].cpu_ms == pytest.approx(50, abs=5)
    assert (found["outer"].calls, found["inner"].calls) == (1, 1)
    shares.clear()
    assert shares.told()["inner"].cpu_ms == 0


def test_afterwards_nothing_is_timed_any_more() -> None:
    before = Outer.work
    shares = Shares(PIECES)
    with pytest.raises(KeyError), shares.collecting():
        raise KeyError
    assert Outer.work is before
    Inner().work()
    assert shares.told()["inner"].calls == 0


def test_forks_count_too() -> None:
    shares = Shares(PIECES)
    with shares.collecting():
        Inner().work()
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                Inner().work()
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        found = shares.told()["inner"]
    assert found.calls == 3
    assert found.cpu_ms == pytest.approx(150, abs=15)


def test_every_part_of_a_grant_is_there_to_be_timed() -> None:
    with Shares(PARTS).collecting():
        pass
