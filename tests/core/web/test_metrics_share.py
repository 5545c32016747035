"""Several workers' numbers, as one exposition."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UnreachableError
from core.metrics import Counter, Gauge, Histogram, Labels, Merge, exposition
from core.text import Text
from core.web.metrics_share import Siblings, counted, merge


def _numbers(answers: dict[str, int], days_left: float) -> str:
    counter = Counter("answers_total", "Answers.")
    for outcome, count in answers.items():
        for _ in range(count):
            counter.add(outcome=outcome)
    seconds = Histogram("seconds", "Durations.")
    seconds.observe(0.02, "/")
    gauge = Gauge("left_days", "Until the end.", lambda: [((), days_left)])
    return exposition([counter, seconds, gauge])


def test_counters_and_histograms_add_up_and_gauges_do_not() -> None:
    merged = merge([_numbers({"good": 2}, 7), _numbers({"good": 3, "bad": 1}, 7)])
    lines = merged.splitlines()
    assert 'answers_total{outcome="good"} 5' in lines
    assert 'answers_total{outcome="bad"} 1' in lines
    assert 'seconds_bucket{route="/",le="0.025"} 2' in lines
    assert 'seconds_bucket{route="/",le="0.01"} 0' in lines
    assert 'seconds_sum{route="/"} 0.04' in lines
    assert "left_days 7" in lines
    assert len([line for line in lines if line.startswith("# TYPE")]) == 3


def test_each_metric_stays_one_group() -> None:
    merged = merge([_numbers({}, 1), _numbers({"bad": 1}, 1)]).splitlines()
    assert merged[:3] == [
        "# HELP answers_total Answers.",
        "# TYPE answers_total counter",
        'answers_total{outcome="bad"} 1',
    ]
    one = _numbers({"good": 1}, 2.5)
    assert merge([one]) == one.replace("0.020000", "0.02")


def test_whichever_is_asked_asks_the_others(tmp_path: Path) -> None:
    shared = [
        Siblings(tmp_path, number).share(lambda n=number: _numbers({"good": n + 1}, n))  # type: ignore[misc]
        for number in range(3)
    ]
    for exposed in shared:
        assert 'answers_total{outcome="good"} 6' in exposed().splitlines()
        assert "left_days 2" in exposed().splitlines()


def test_what_a_worker_told_stands_after_its_end_and_its_successor_adds_to_it(
    tmp_path: Path,
) -> None:
    """A sum that fell would be a restart to Prometheus, and all that is left new."""
    first = Siblings(tmp_path, 0).share(lambda: _numbers({"good": 1}, 1))
    (tmp_path / "1.counted").write_text(counted(_numbers({"good": 4}, 9)), "utf-8")
    for _ in range(2):
        assert 'answers_total{outcome="good"} 5' in first().splitlines()
        assert "left_days 1" in first().splitlines(), "gauges are of those that live"
        (tmp_path / "1.metrics").touch()  # what a killed worker leaves behind
    for n in (2, 3):
        Siblings(tmp_path, 1).share(lambda n=n: _numbers({"good": n}, 1))  # type: ignore[misc]
        first()
    assert 'answers_total{outcome="good"} 10' in first().splitlines()
    assert 'seconds_count{route="/"} 4' in first().splitlines()
    asking = [threading.Thread(target=first) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(5)
        assert not thread.is_alive()


def test_of_a_worker_that_is_slow_what_it_told_last_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.web.metrics_share.PATIENCE_SECONDS", 0.2)
    first = Siblings(tmp_path, 0).share(lambda: _numbers({"good": 1}, 7))
    free = threading.Event()
    free.set()

    def slow() -> str:
        free.wait(30)
        return _numbers({"good": 2}, 9)

    Siblings(tmp_path, 1).share(slow)
    assert 'answers_total{outcome="good"} 3' in first().splitlines()
    free.clear()
    lines = first().splitlines()
    free.set()
    assert 'answers_total{outcome="good"} 3' in lines
    assert "left_days 7" in lines


def test_an_answer_that_is_cut_off_is_none(tmp_path: Path) -> None:
    first = Siblings(tmp_path, 0).share(lambda: _numbers({"good": 1}, 7))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "1.metrics"))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(_numbers({"good": 1}, 7).encode()[:-4])

        answering = threading.Thread(target=answer)
        answering.start()
        assert 'answers_total{outcome="good"} 1' in first().splitlines()
        answering.join(5)


def test_a_disk_that_is_full_hides_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "0.new").mkdir()  # nobody can write there
    assert "left_days 7" in Siblings(tmp_path, 0).share(lambda: _numbers({}, 7))().splitlines()


@pytest.mark.parametrize(("merge_by", "stands"), [(Merge.LEAST, 0), (Merge.GREATEST, 1)])
def test_of_a_gauge_the_value_stands_that_must_be_seen(merge_by: Merge, stands: int) -> None:
    said = [
        exposition([Gauge("trusted", "Clock.", lambda v=value: [((), v)], merge_by)])  # type: ignore[misc]
        for value in (1.0, 0.0, 1.0)
    ]
    assert f"trusted {stands}" in merge(said).splitlines()


def test_a_part_that_is_away_does_not_hide_the_numbers_of_others() -> None:
    def away() -> Iterator[tuple[Labels, float]]:
        yield (("domain", "a"),), 1
        raise UnreachableError(Text("无", "the token is away"))

    there = Gauge("there", "Is there.", lambda: [((), 3.0)])
    lines = exposition([Gauge("keys", "Keys.", away), there]).splitlines()
    assert "there 3" in lines
    assert not [one for one in lines if one.startswith("keys")], "half of them would mislead"
