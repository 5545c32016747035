"""The intake's process and the places of seals."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import UnreachableError
from core.web.problems import is_of_surroundings
from signing.face import SealAppearance
from signing.intake.intake import Intake, UnconfinedIntakeError
from signing.intake.places import (
    MM,
    NoPlaceError,
    PlaceAsked,
    SealPlace,
    find_place,
    fit,
)
from signing.intake.report import Hazard, TakenFile, decode, encode
from signing.intake.taking import take
from signing.limits import DEFAULT_LIMITS
from signing.workers.process import WorkerFailedError, WorkerProcess
from tests.signing.intake import drawings
from tests.signing.intake.drawings import changed, plain

SEAL = SealAppearance(b"", 60.0)


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with Intake() as one:
        yield one


def place(intake: Intake, data: bytes, asked: PlaceAsked) -> tuple[SealPlace, TakenFile]:
    found = intake.take(data, clean=False)
    assert found.findings == ()
    return find_place(asked, found, lambda word: intake.find(found.pdf, word)), found


def test_where_nothing_confines_no_file_is_called_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> list[bytes]:
        raise WorkerFailedError("unconfined")

    monkeypatch.setattr(WorkerProcess, "start", lambda _: None)
    monkeypatch.setattr(WorkerProcess, "ask", fail)
    with Intake() as one:
        with pytest.raises(UnconfinedIntakeError) as refused:
            one.take(plain(), clean=False)
        with pytest.raises(UnconfinedIntakeError):
            one.find(plain(), "x")
    assert is_of_surroundings(refused.value)


def test_what_one_fork_wrote_another_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the file had taken the first fork over: it hands back what it likes."""
    script = changed(drawings.script_at_opening)
    honest = take(plain(), DEFAULT_LIMITS, clean=False)
    moved = replace(honest.pages[0], left=honest.pages[0].left + 100.0)
    ask = WorkerProcess.ask
    for given in (
        replace(honest, pdf=script),
        replace(honest, pdf=plain()),  # in another form than ours
        replace(honest, pages=(moved, *honest.pages[1:])),
    ):
        asked: list[bytes] = []

        def lie(
            worker: WorkerProcess,
            frame: bytes,
            given: TakenFile = given,
            asked: list[bytes] = asked,
        ) -> list[bytes]:
            asked.append(frame)
            return [b"A" + encode(given)] if len(asked) == 1 else ask(worker, frame)

        monkeypatch.setattr(WorkerProcess, "ask", lie)
        with Intake() as one:
            found = one.take(plain(), clean=False)
        assert [frame[:2] for frame in asked] == [b"T\0", b"T\0"]
        assert (found.pdf, found.refused[0].detail) == (b"", "rewritten")


def test_a_process_that_died_is_no_proof_of_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[bytes]:
        raise WorkerFailedError("worker_died")

    monkeypatch.setattr(WorkerProcess, "start", lambda _: None)
    monkeypatch.setattr(WorkerProcess, "ask", fail)
    with Intake() as one:
        (finding,) = one.take(plain(), clean=False).findings
        assert finding.hazard is Hazard.LIMIT
        with pytest.raises(UnreachableError, match="our failure"):
            one.find(plain(), "x")


def test_coordinates_are_millimetres_from_the_upper_left(intake: Intake) -> None:
    found, _ = place(intake, plain(), PlaceAsked(page=1, point=(10, 20)))
    assert (found.page, found.turn) == (0, 0)
    assert (found.x, found.y) == pytest.approx((10 * MM, 300 - 20 * MM))


def test_words_are_found_where_they_stand(intake: Intake) -> None:
    last, taken = place(intake, plain(), PlaceAsked(word="Seal here"))
    first, _ = place(intake, plain(), PlaceAsked(word="Sealhere", occurrence=1))
    on_first, _ = place(intake, plain(), PlaceAsked(word="Seal here", page=1))
    assert (last.page, first.page, on_first.page) == (1, 0, 0)
    assert 250 < last.x < 310
    assert 78 < last.y < 95
    with pytest.raises(NoPlaceError, match="no page shows"):
        find_place(PlaceAsked(word="nowhere"), taken, lambda w: intake.find(taken.pdf, w))


def test_a_field_is_a_place(intake: Intake) -> None:
    data = changed(drawings.empty_field)
    for name in ("", "Seal1"):
        found, taken = place(intake, data, PlaceAsked(field=name))
        assert (found.page, found.x, found.y) == (0, 120, 110)
    with pytest.raises(NoPlaceError, match="Seal1"):
        find_place(PlaceAsked(field="other"), taken, lambda _: ())


@pytest.mark.parametrize(
    ("turn", "at"),
    [(0, (0, 300)), (90, (0, 0)), (180, (400, 0)), (270, (400, 300))],
)
def test_a_turned_page_is_measured_as_it_is_shown(
    intake: Intake, turn: int, at: tuple[float, float]
) -> None:
    found, _ = place(intake, drawings.turned(turn), PlaceAsked(point=(0, 0)))
    assert (found.x, found.y, found.turn) == (*at, turn)


def test_a_seal_stays_on_the_page(intake: Intake) -> None:
    taken = intake.take(plain(), clean=False)
    near_edge = SealPlace(0, 5.0, 290.0, 0)
    moved = fit(near_edge, PlaceAsked(word="x"), SEAL, taken)
    assert (moved.x, moved.y) == (30.0, 270.0)
    with pytest.raises(NoPlaceError):
        fit(near_edge, PlaceAsked(point=(1, 1)), SEAL, taken)
    with pytest.raises(NoPlaceError):
        fit(near_edge, PlaceAsked(), replace(SEAL, diameter=500.0), taken)
    for page in (0, 3, -3):
        with pytest.raises(NoPlaceError):
            find_place(PlaceAsked(page=page), taken, lambda _: ())


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_taken_in() -> None:
    with Intake(replace(DEFAULT_LIMITS, seconds=0.0)) as hasty:
        (found,) = hasty.take(plain(), clean=False).findings
    assert found.hazard in {Hazard.LIMIT, Hazard.DAMAGED}
    with Intake() as patient:
        assert patient.take(b"%PDF-1.7 ", clean=False).refused
        assert patient.take(plain(), clean=False).findings == ()


def test_what_is_no_pdf_or_too_large_never_reaches_the_process() -> None:
    never = Intake(replace(DEFAULT_LIMITS, file_bytes=100))
    assert [one.hazard for one in never.take(b"x", clean=True).findings] == [Hazard.DAMAGED]
    assert [one.hazard for one in never.take(plain(), clean=True).findings] == [Hazard.LIMIT]
    with Intake(replace(DEFAULT_LIMITS, file_bytes=2 * 1024 * 1024 + 100)) as narrow:
        assert [one.hazard for one in narrow.take(plain(), clean=True).findings] == [Hazard.LIMIT]


@pytest.mark.parametrize("answer", [b"", b"\0\0\0\2{}", b"\0\0\0\xffxx", b"\0\0\0\4null"])
def test_an_answer_that_is_none_is_not_believed(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(answer)
