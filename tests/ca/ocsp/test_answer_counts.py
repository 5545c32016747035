"""Sums of OCSP answers: none lost by threads or failures, one event an interval, none when idle."""

import threading
from datetime import timedelta

import pytest

from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING
from ca.ocsp.answer_counts import AnswerCounts
from ca.recorder import AuditUnavailableError, Collector, SigningEvent
from core.text import Text
from tests.ca.world import World
from tests.clock import StoppedClock


class Flaky(Collector):
    """Fails when told to, before the event stands or after."""

    def __init__(self) -> None:
        super().__init__()
        self.fail: str | None = None

    def record(self, event: SigningEvent) -> None:
        if self.fail == "before":
            raise AuditUnavailableError(Text("满", "full"))
        super().record(event)
        if self.fail == "after":
            raise AuditUnavailableError(Text("断", "lost"))


def sums(collector: Collector) -> list[object]:
    with collector.handing_over() as events:
        return [event.facts.get("issuing-1 good") for event in events]


def test_many_threads_lose_no_answer() -> None:
    recorder, clock = Collector(), StoppedClock()
    counts = AnswerCounts(recorder, clock)
    began = clock.now()

    def work() -> None:
        for turn in range(500):
            counts.count(FIRST_ISSUING, "good")
            if turn % 100 == 0:
                counts.record()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(timedelta(minutes=5))
    counts.record()
    counts.record()
    with recorder.handing_over() as events:
        assert sum(int(event.facts["issuing-1 good"] or 0) for event in events) == 2000
        assert events[0].facts["since"] == began.isoformat()
        assert all(event.action == "ocsp.answered" for event in events)


@pytest.mark.parametrize(("fail", "told"), [("before", [3]), ("after", [2, 3])])
def test_what_could_not_be_recorded_is_told_next_time(fail: str, told: list[object]) -> None:
    recorder = Flaky()
    counts = AnswerCounts(recorder, StoppedClock())
    for _ in range(2):
        counts.count(FIRST_ISSUING, "good")
    recorder.fail = fail
    with pytest.raises(AuditUnavailableError):
        counts.record()
    recorder.fail = None
    counts.count(FIRST_ISSUING, "good")
    counts.record()
    assert sums(recorder) == told


def test_answers_are_counted_by_what_they_say() -> None:
    world = World()
    hierarchy: Hierarchy = world.found()
    responder = hierarchy.responder
    for serial in (hierarchy.tsa.serial_number, 5, 6):
        responder.answer_about(serial)
    with world.recorder.handing_over():
        pass
    world.answers.record()
    with world.recorder.handing_over() as (event,):
        counted = {name: n for name, n in event.facts.items() if name.startswith("issuing-1")}
    assert counted == {"issuing-1 good": 1, "issuing-1 unknown": 2}
