"""Rows of a batch whose pages are looked at before a seal is used."""

from registry.desk.batch_rows import SampleCause
from registry.desk.judging import SheetAsk
from tests.registry.desk.batch.batch_world import TYPE, BatchWorld, sheet
from tests.registry.desk.batch.test_jobs import FOREVER, batches

__all__ = ["batches"]


def sampled(batches: BatchWorld, content: bytes, key: str) -> dict[int, SampleCause]:
    desk, li = batches.desk, batches.standing("li")
    made = desk.batches.ask(li, SheetAsk(TYPE, content), key)
    first = desk.batches.sampled(li, made.request_id)
    assert desk.batches.sampled(li, made.request_id) == first
    return first


def test_the_first_the_longest_and_one_by_chance(batches: BatchWorld) -> None:
    longest = sheet(5, 1, 经营项目="热食类食品制售；冷食类食品制售；" * 6).partition(b"\n")[2]
    found = sampled(batches, sheet(0, 4) + longest + sheet(6, 2).partition(b"\n")[2], "batch-001")
    assert (found[2], found[6]) == (SampleCause.FIRST, SampleCause.LONGEST)
    assert set(found) <= set(range(2, 9))
    assert len(found) <= 3
    assert sampled(batches, sheet(8, 1), "batch-002") == {2: SampleCause.FIRST}


def test_rows_that_were_granted_before_lead_to_no_page(batches: BatchWorld) -> None:
    batches.begun(sheet(0, 2))
    batches.desk.worker.work(FOREVER)
    assert set(sampled(batches, sheet(0, 3), "batch-002")) == {4}
    assert sampled(batches, sheet(0, 2), "batch-003") == {}
