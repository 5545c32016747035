"""Requests for a correction and their clock, on both databases."""

import secrets
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from core.errors import NotAllowedError, XinyinError
from core.permits import Action, Actor, Permit
from registry.audit.chain import append
from registry.audit.events import EventFilter, list_events
from registry.db.tables import audit_events, correction_files, corrections
from registry.journal.journal import Facts, JournalEntry, JournalKind
from registry.licences.corrections.clock import keep_clock
from registry.licences.corrections.evidence import MOST_BYTES, read_evidence
from registry.licences.corrections.journal import merge_corrections
from registry.licences.corrections.rows import (
    MOST_OPEN,
    Correction,
    CorrectionSource,
    CorrectionState,
    CorrectionTerms,
    NewCorrection,
    ask_correction,
    decide_correction,
    evidence_of,
    extend_correction,
    find_by_receipt,
    find_correction,
    list_corrections,
    receipt_sha256,
)
from registry.licences.corrections.working_days import WorkingDays
from registry.model import ConflictError, KeyReusedError, Licence, NotFoundError, Reason
from tests.permits import OPERATOR
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World

DAY = timedelta(days=1)
ASK, DECIDE = Permit(OPERATOR, Action.ASK_CORRECTION), Permit(OPERATOR, Action.DECIDE_CORRECTION)
PDF = b"%PDF-1.7 evidence"
TERMS = CorrectionTerms()


def new(key: str | None = None, source: CorrectionSource = CorrectionSource.HOLDER,
    wanted: str = "张三",
) -> NewCorrection:  # fmt: skip
    evidence = read_evidence([PDF])
    return NewCorrection(source, "经营者名称", wanted, "登记有误", "13800000000", evidence, key)


def ask(world: World, licence: Licence, asked: NewCorrection) -> tuple[Correction, str]:
    with world.home.database.writing() as connection:
        return ask_correction(
            connection,
            licence,
            asked,
            ASK,
            world.clock.now(),
            received=world.home.today(),
            terms=TERMS,
            random=secrets.token_bytes,
        )


def decide(world: World, one: Correction, state: CorrectionState) -> Correction:
    with world.home.database.writing() as connection:
        return decide_correction(
            connection,
            one.correction_id,
            state,
            "理由",
            permit=DECIDE,
            at=world.clock.now(),
        )


def extend(world: World, one: Correction) -> Correction:
    with world.home.database.writing() as connection:
        return extend_correction(
            connection, one.correction_id, "待核实", permit=DECIDE, at=world.clock.now(),
            terms=TERMS,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 9, 28), 1, date(2026, 9, 29)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over the holiday
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 10, 9), 2, date(2026, 10, 12)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),  # over a weekend
        (date(2026, 11, 7), 10, date(2026, 11, 20)),  # it came on a Saturday
    ],
)
def test_working_days_by_hand(day: date, count: int, expected: date) -> None:
    holidays = [date(2026, 10, one) for one in range(1, 8)]
    calendar = WorkingDays.of(holidays, [date(2026, 10, 10)])
    assert calendar.after(day, count) == expected


def test_a_request_from_asking_to_the_corrected_version(world: World) -> None:
    licence = world.grant().licence
    asked, receipt = ask(world, licence, new("key-00000001"))
    assert asked.due_on == WorkingDays().after(world.home.today(), 10)
    with world.home.database.reading() as connection:
        stored = connection.execute(select(corrections)).mappings().one()
        assert receipt not in repr(dict(stored))
        assert find_by_receipt(connection, receipt) == asked
        assert evidence_of(connection, asked.correction_id, 1).content == PDF
        told = list_events(connection, chosen=EventFilter(action="correction."))
        said = repr(told) + repr([one.facts for one in world.home.journal.read()])
        assert not any(one in said for one in ("张三", "13800000000", "登记有误", receipt))
    again, other = ask(world, licence, new("key-00000001"))
    assert (again.correction_id, other != receipt) == (asked.correction_id, True)
    with world.home.database.reading() as connection:
        renewed = EventFilter(action="correction.receipt_renewed")
        assert len(list_events(connection, chosen=renewed)) == 1
    with pytest.raises(KeyReusedError):
        ask(world, licence, new("key-00000001", wanted="李四"))
    decided = decide(world, asked, CorrectionState.ACCEPTED)
    assert (decided.state, decided.answer) == (CorrectionState.ACCEPTED, "理由")
    for state in CorrectionState:
        with pytest.raises(ConflictError):
            decide(world, asked, state)
    request = world.request(
        replaces=licence.identifier, reason=Reason.CORRECTED, request_key="k" * 9
    )
    made = world.home.granting.grant(request).licence
    with world.home.database.reading() as connection:
        linked = find_correction(connection, asked.correction_id).corrected_by
        assert linked == made.identifier
        with pytest.raises(NotFoundError):
            find_by_receipt(connection, receipt)  # of before the same was asked again
    assert faults(world) == []


def test_the_clock_tells_once_and_forgets(world: World) -> None:
    licence = world.grant().licence
    late, other = (ask(world, licence, new())[0] for _ in range(2))
    today = world.home.today

    def tick() -> int:
        return keep_clock(world.home.database, world.home.clock, today(), TERMS)

    assert tick() == 0
    world.clock.advance((late.due_on - today()).days * DAY)
    assert (tick(), tick()) == (2, 0)
    assert not late.overdue(today())
    decide(world, other, CorrectionState.REFUSED)
    world.clock.advance(DAY)
    assert (tick(), tick()) == (1, 0)
    with world.home.database.reading() as connection:
        overdue = list_corrections(connection, overdue_on=today())
        assert [one.correction_id for one in overdue] == [late.correction_id]
    extended = extend(world, late)
    assert extended.due_on == WorkingDays().after(late.due_on, 10)
    with pytest.raises(ConflictError):
        extend(world, late)
    assert not extended.overdue(today())
    world.clock.advance((extended.due_on - today()).days * DAY + DAY)
    assert (tick(), tick()) == (1, 0), "the new day is told of anew"
    world.clock.advance(170 * DAY)
    tick()
    with world.home.database.reading() as connection:
        gone = find_correction(connection, other.correction_id)
        assert (gone.field, gone.wanted, gone.reason, gone.contact, gone.files) == (
            None, None, None, None, 0,
        )  # fmt: skip
        kept = connection.execute(select(correction_files.c.correction_id)).scalars().all()
        assert kept == [late.correction_id], "what is open is kept"
        counted = select(audit_events.c.action, func.count()).where(
            audit_events.c.action.in_(("correction.overdue", "correction.due_soon"))
        )
        rows = connection.execute(counted.group_by(audit_events.c.action)).all()
    told = {row[0]: row[1] for row in rows}
    assert told == {"correction.overdue": 2, "correction.due_soon": 2}
    assert faults(world) == []


def test_two_at_once_make_one_request_and_a_flood_ends(world: World) -> None:
    licence = world.grant().licence
    made: list[str] = []

    def come() -> None:
        made.append(ask(world, licence, new("key-00000002"))[0].correction_id)

    threads = [threading.Thread(target=come) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(made) == 3
    assert len(set(made)) == 1
    for _ in range(MOST_OPEN):
        ask(world, licence, new(source=CorrectionSource.PUBLIC))
    with pytest.raises(ConflictError):
        ask(world, licence, new(source=CorrectionSource.PUBLIC))
    ask(world, licence, new())  # an office is not kept out by it


def test_rights_lines_and_evidence_are_judged(sqlite_world: World) -> None:
    world = sqlite_world
    licence = world.grant().licence
    asked, _ = ask(world, licence, new())
    elsewhere = Permit(Actor("id:x", "other"), Action.DECIDE_CORRECTION, "other")
    asker = Permit(Actor("id:x", "other"), Action.ASK_CORRECTION, "other")
    for permit in (elsewhere, asker, ASK):
        for state in (CorrectionState.ACCEPTED, CorrectionState.REFUSED):
            with world.home.database.writing() as connection, pytest.raises(NotAllowedError):
                decide_correction(
                    connection, asked.correction_id, state, "x", permit=permit,
                    at=world.clock.now(),
                )  # fmt: skip
    with world.home.database.writing() as connection, pytest.raises(NotAllowedError):
        decide_correction(
            connection, asked.correction_id, CorrectionState.WITHDRAWN, "x", permit=asker,
            at=world.clock.now(),
        )  # fmt: skip
    for typed in ("", "x" * 501, "右\u202e左"):
        with pytest.raises(XinyinError):
            ask(world, licence, new(wanted=typed))
    for files in ([b"MZ"], [PDF] * 4, [PDF + bytes(MOST_BYTES)]):
        with pytest.raises(XinyinError):
            read_evidence(files)
    this = update(corrections).where(corrections.c.correction_id == asked.correction_id)
    with world.home.database.writing() as connection:
        connection.execute(this.values(due_on=asked.due_on + 30 * DAY))
    assert any("correction" in text for _, text in faults(world))


def test_a_restore_knows_what_came_after_the_backup(world: World) -> None:
    """Its clock, its code and how it was decided; what was asked for was in no journal."""
    licence = world.grant().licence
    first, receipt = ask(world, licence, new())
    second, _ = ask(world, licence, new())
    decide(world, second, CorrectionState.REFUSED)
    told = [one for one in world.home.journal.read() if one.kind is JournalKind.CORRECTION]
    with world.home.database.writing() as connection:
        connection.execute(correction_files.delete())
        connection.execute(corrections.delete().where(
            corrections.c.correction_id == first.correction_id))  # fmt: skip
        back = update(corrections).values(state="OPEN", decided_at=None, decided_by=None)
        connection.execute(back)
        events = merge_corrections(connection, told, world.clock.now())
        assert len(events) == 2
        lost = find_by_receipt(connection, receipt)
        assert (lost.due_on, lost.state, lost.wanted) == (first.due_on, first.state, None)
        again = find_correction(connection, second.correction_id)
        assert (again.state, again.files) == (CorrectionState.REFUSED, 0)
        assert merge_corrections(connection, told, world.clock.now()) == []


def test_a_restore_knows_the_code_that_was_given_last(world: World) -> None:
    licence = world.grant().licence
    asked, first = ask(world, licence, new("key-00000001"))
    _, second = ask(world, licence, new("key-00000001"))
    told = [one for one in world.home.journal.read() if one.kind is JournalKind.CORRECTION]
    with world.home.database.writing() as connection:
        connection.execute(update(corrections).values(receipt_sha256=receipt_sha256(first)))
        (event,) = merge_corrections(connection, told, world.clock.now())
        assert event.action == "correction.receipt_renewed"
        assert find_by_receipt(connection, second).correction_id == asked.correction_id
        assert merge_corrections(connection, told, world.clock.now()) == []
        # Entries of before the code was journalled say an older one: what is on record counts.
        assert merge_corrections(connection, told[:1], world.clock.now()) == []
        assert find_by_receipt(connection, second).correction_id == asked.correction_id


def test_what_a_restore_brought_back_is_compared_too(sqlite_world: World) -> None:
    world = sqlite_world
    licence = world.grant().licence
    now = world.clock.now()
    facts: Facts = {
        "correction": "ab" * 10, "asked_at": (now - 3 * DAY).isoformat(), "receipt": "c" * 64,
        "identifier": licence.identifier, "authority": licence.authority_id, "source": "public",
        "state": "REFUSED", "due_on": "2030-01-01", "extended": False,
    }  # fmt: skip
    entry = JournalEntry(1, now - DAY, JournalKind.CORRECTION, facts, "")
    with world.home.database.writing() as connection:
        append(connection, merge_corrections(connection, [entry], now))
    assert faults(world) == []
    kept = {
        "asked_by": "x", "asked_at": now, "decided_by": "x", "decided_at": now, "answer": "x",
        "receipt_sha256": "d" * 64, "corrected_by": licence.identifier,
    }  # fmt: skip
    for column, value in kept.items():
        with world.home.database.writing() as connection:
            before = connection.execute(select(corrections.c[column])).scalar_one()
            connection.execute(update(corrections).values({column: value}))
        assert any("correction" in text for _, text in faults(world)), column
        with world.home.database.writing() as connection:
            connection.execute(update(corrections).values({column: before}))
    assert faults(world) == []


def test_a_request_cut_off_at_its_commit_leaves_nothing(world: World) -> None:
    """The journal may know more than the tables, never less."""
    licence = world.grant().licence

    def die() -> None:
        with world.home.database.writing() as connection:
            ask_correction(
                connection,
                licence,
                new("key-00000009"),
                ASK,
                world.clock.now(),
                received=world.home.today(),
                terms=TERMS,
                random=secrets.token_bytes,
            )
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die()
    with world.home.database.reading() as connection:
        assert list_corrections(connection) == []
    assert ask(world, licence, new("key-00000009"))[0].state is CorrectionState.OPEN
    assert faults(world) == []
