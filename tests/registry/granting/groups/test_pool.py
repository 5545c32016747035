"""The pool: orders come back in order, a worker's death costs no other order."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import StorageError
from core.text import Text
from keys.model import NO_ANSWER, KeyUnavailableError
from registry.db.faults import DatabaseBusyError
from registry.granting.groups import messages
from registry.granting.groups import pool as pool_module
from registry.granting.groups.pool import SealerPool, SealersGoneError
from registry.granting.groups.sealers import Sealed, SealingTask, UnexpectedFaultError

Carry = Callable[[str], Any]


def _order(word: str) -> SealingTask:
    pending: Any = SimpleNamespace(seal_id="seal", level="B-LT")
    return SealingTask(pending, word)


@contextmanager
def _pool(carry: Carry, jobs: int = 2, *, whole: bool = False) -> Iterator[SealerPool]:
    """Open a pool whose sealers do what `carry` says with an order's definition; `whole`: it makes
    what comes of the order, else its document.
    """

    @contextmanager
    def open_sealer() -> Iterator[Any]:
        room = SimpleNamespace(prepare=lambda *_: None)

        def carry_out(order: SealingTask) -> Sealed:
            made = carry(order.definition)
            return made if whole else Sealed(made)

        yield SimpleNamespace(drawing=SimpleNamespace(room=room), carry_out=carry_out)

    with SealerPool(open_sealer, jobs) as opened:
        yield opened


def _made(found: list[Sealed]) -> list[Any]:
    return [one.made for one in found]


def test_documents_come_in_the_order_of_their_orders() -> None:
    def slow_first(word: str) -> tuple[str, int]:
        time.sleep(0.05 if word == "0" else 0)
        return word + "x" * 300_000, os.getpid()

    with _pool(slow_first) as pool:
        waits = [pool.begin([_order(str(n)) for n in range(m, m + 7)]) for m in (0, 7)]
        found = [one for wait in waits for one in _made(wait())]
    assert [word.rstrip("x") for word, _ in found] == [str(n) for n in range(14)]
    pids = {pid for _, pid in found}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_fault_of_the_surroundings_is_not_met_by_every_order_anew(tmp_path: Path) -> None:
    def carry(word: str) -> Sealed:
        with (tmp_path / "tried").open("a") as tried:
            tried.write(f"{word}\n")
        if word == "8":
            return Sealed(None, DatabaseBusyError(Text("忙", "busy")))
        return Sealed(word)  # type: ignore[arg-type]

    with _pool(carry, whole=True) as pool:
        waits = [pool.begin([_order(str(n)) for n in range(m, m + 50)]) for m in (0, 50)]
        found = [one for wait in waits for one in wait()]
        failed = [one for one in found if one.error is not None]
        assert {type(one.error) for one in failed} == {DatabaseBusyError}
        tried = (tmp_path / "tried").read_text().split()
        assert len(found) - len(failed) == len(tried) - 1 < 90
        assert _made(pool.begin([_order("a")])()) == ["a"], "and those that come later are tried"


def test_a_worker_that_cannot_open_its_keys_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def open_sealer() -> Iterator[Any]:
        raise DatabaseBusyError(Text("离开", "away"))
        yield

    with SealerPool(open_sealer, 2) as pool:
        found = pool.begin([_order(str(n)) for n in range(9)])()
    assert {(type(one.error), str(one.error)) for one in found} == {(DatabaseBusyError, "away")}
    assert "Traceback" not in capfd.readouterr().err


def test_a_worker_that_could_not_open_its_keys_is_replaced(tmp_path: Path) -> None:
    """The token or database that was away is back: the batch after this one is granted."""
    back = tmp_path / "back"

    @contextmanager
    def open_sealer() -> Iterator[Any]:
        if not back.exists():
            raise DatabaseBusyError(Text("离开", "away"))
        room = SimpleNamespace(prepare=lambda *_: None)
        carry_out = lambda order: Sealed(order.definition)  # noqa: E731
        yield SimpleNamespace(drawing=SimpleNamespace(room=room), carry_out=carry_out)

    with SealerPool(open_sealer, 2) as pool:
        assert all(one.error is not None for one in pool.begin([_order("a")] * 9)())
        back.touch()
        assert _made(pool.begin([_order("b")] * 3)()) == ["b"] * 3


def test_a_worker_whose_token_gives_no_answer_is_replaced(tmp_path: Path) -> None:
    """It has a call in hand that never returns, whatever becomes of the token."""
    answers = tmp_path / "answers"

    def carry(word: str) -> Sealed:
        if not answers.exists() or os.getpid() in stuck:
            stuck.add(os.getpid())
            with (tmp_path / "tried").open("a") as tried:
                tried.write(f"{os.getpid()}\n")
            return Sealed(None, KeyUnavailableError(Text("无应答", "no"), reason=NO_ANSWER))
        return Sealed(word)  # type: ignore[arg-type]

    stuck: set[int] = set()
    with _pool(carry, whole=True) as pool:
        found = pool.begin([_order(str(n)) for n in range(9)])()
        assert {type(one.error) for one in found} == {KeyUnavailableError}
        tried = (tmp_path / "tried").read_text().split()
        assert len(tried) == len(set(tried)), "each waits for it once"
        answers.touch()
        assert _made(pool.begin([_order("b")] * 3)()) == ["b"] * 3


def test_a_worker_that_dies_costs_nobody_else(tmp_path: Path) -> None:
    def die_once(word: str) -> str:
        if word == "5" and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return word

    with _pool(die_once) as pool:
        found = pool.begin([_order(str(n)) for n in range(12)])()
    assert _made(found) == [str(n) for n in range(12)]


def test_what_a_worker_leaves_is_done_also_where_the_nursery_is_gone(tmp_path: Path) -> None:
    def die_once(word: str) -> str:
        if word == "5" and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            for pid in (os.getppid(), os.getpid()):
                os.kill(pid, signal.SIGKILL)
        return word

    with _pool(die_once) as pool:
        pool.begin([_order("a"), _order("b")])()
        _wait(pool.pids, 2)
        found = pool.begin([_order(str(n)) for n in range(12)])()
    assert _made(found) == [str(n) for n in range(12)]


def test_an_order_at_which_two_die_fails_alone(tmp_path: Path) -> None:
    def die(word: str) -> str:
        if word == "5":
            (tmp_path / str(os.getpid())).touch()
            os._exit(1)
        return word

    with _pool(die) as pool:
        found = pool.begin([_order(str(n)) for n in range(12)])()
    error = found.pop(5).error
    assert type(error) is UnexpectedFaultError
    assert error.text == messages.SEALER_DIED
    assert error.code == "internal", "not the row's own fault"
    assert _made(found) == [str(n) for n in range(12) if n != 5]
    assert len(list(tmp_path.iterdir())) == 2


def test_where_no_worker_can_live_all_orders_fail() -> None:
    def die(_: str) -> str:
        os._exit(1)

    with _pool(die) as pool:
        found = pool.begin([_order(str(n)) for n in range(40)])()
        errors = [type(one.error) for one in found]
        assert errors.count(SealersGoneError) > 20
        assert set(errors) == {SealersGoneError, UnexpectedFaultError}
        assert type(pool.begin([_order("later")])()[0].error) is SealersGoneError


def test_a_worker_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "DEADLINE", 5.0)

    def hang_once(word: str) -> str:
        if word == "2" and not (tmp_path / "hung").exists():
            (tmp_path / "hung").touch()
            time.sleep(600)
        return word

    with _pool(hang_once) as pool:
        assert _made(pool.begin([_order(str(n)) for n in range(4)])()) == list("0123")


def test_a_pool_that_is_closed_leaves_waiting_orders_alone(tmp_path: Path) -> None:
    def note(word: str) -> str:
        (tmp_path / word).touch()
        time.sleep(0.1)
        return word

    with _pool(note) as pool:
        wait = pool.begin([_order(str(n)) for n in range(60)])
        _wait(lambda: list(tmp_path.iterdir()), 1)
        pids = pool.pids()
    assert len(list(tmp_path.iterdir())) < 20
    _wait(lambda: [one for one in pids if not Path(f"/proc/{one}").exists()], len(pids))
    assert type(wait()[-1].error) is SealersGoneError


def test_an_error_comes_back_as_it_was() -> None:

    @contextmanager
    def open_sealer() -> Iterator[Any]:
        def carry_out(_: SealingTask) -> Sealed:
            return Sealed(None, StorageError(Text("满", "full"), row=3))

        room = SimpleNamespace(prepare=lambda *_: None)
        yield SimpleNamespace(drawing=SimpleNamespace(room=room), carry_out=carry_out)

    with SealerPool(open_sealer, 1) as pool:
        error = pool.begin([_order("")])()[0].error
    assert type(error) is StorageError
    assert (error.text, error.details) == (Text("满", "full"), {"row": 3})


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """Also where that is killed, and they are at work."""
    pid = os.fork()
    if pid == 0:
        try:

            def note(word: str) -> str:
                (tmp_path / f"{os.getpid()}").touch()
                time.sleep(0.2)
                return word

            with _pool(note) as pool:
                pool.begin([_order(str(n)) for n in range(100)])
                time.sleep(60)
        finally:
            os._exit(1)
    workers = _wait(lambda: [int(one.name) for one in tmp_path.iterdir()], 2)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    _wait(lambda: [one for one in workers if not Path(f"/proc/{one}").exists()], 2)


def _wait(found: Callable[[], list[Any]], count: int) -> list[Any]:
    deadline = time.monotonic() + 20
    while len(known := found()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return known
