"""Whatever is done to the events in the database is found, and named, as far as it can be."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update

from core.permits import Actor
from registry.audit.chain import NOTHING_BEFORE, RESTORED, hash_event
from registry.audit.events import EventFilter, record, stream_events
from registry.audit.findings import Fault
from registry.db.database import Database
from registry.db.tables import audit_chain, audit_events, audit_heads
from tests.databases import empty_sqlite
from tests.registry.audited import AT, Audited

COUNT = 12
SIGNED = (7, 12)
"""Where heads are."""
FIELDS = ["at", "actor", "authority_id", "action", "subject", "basis", "before", "after", "hash"]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the few events of these tests be as many parts as a register's are."""
    monkeypatch.setattr("registry.reconcile.parts.EVENTS_A_PART", 5)


@pytest.fixture
def audited(database: Database, tmp_path: Path) -> Audited:
    made = Audited(database, tmp_path)
    made.add(SIGNED[0])
    made.signer.sign()
    made.add(SIGNED[1] - SIGNED[0])
    made.signer.sign()
    return made


def rows(connection: Connection) -> list[dict[str, object]]:
    query = select(audit_events).order_by(audit_events.c.sequence)
    return [dict(row) for row in connection.execute(query).mappings()]


def write(connection: Connection, events: list[dict[str, object]]) -> None:
    connection.execute(delete(audit_events))
    if events:
        connection.execute(insert(audit_events), events)


def rehash(events: list[dict[str, object]]) -> None:
    """Do what an attacker who knows the code does: make the chain whole again."""
    previous = NOTHING_BEFORE
    for event in events:
        content = {name: value for name, value in event.items() if name != "hash"}
        previous = hash_event(content, previous)
        event["hash"] = previous


def set_end(connection: Connection, events: list[dict[str, object]]) -> None:
    last = events[-1] if events else {"sequence": 0, "hash": NOTHING_BEFORE}
    connection.execute(update(audit_chain).values(sequence=last["sequence"], hash=last["hash"]))


def test_what_was_left_alone_holds(audited: Audited) -> None:
    report = audited.verify()
    assert (report.findings, report.unchecked) == ([], [])
    assert (report.events, report.unsigned_events) == (COUNT, 0)
    assert report.heads == {"database": 2, str(audited.path): 2}
    audited.add(3)
    assert audited.verify().unsigned_events == 3


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("sequence", [1, 5, COUNT])
def test_an_edited_event_is_named(audited: Audited, field: str, sequence: int) -> None:
    other = {"at": AT, "before": {"state": "VOID"}, "after": {"state": "IN_FORCE"}}
    value = other.get(field, "f" * 64)
    with audited.database.writing() as connection:
        connection.execute(
            update(audit_events).where(audit_events.c.sequence == sequence).values({field: value})
        )
    faults = audited.faults()
    if field == "hash":
        # The next event, which followed the true hash, is told as well; at a head, the head.
        assert (Fault.ALTERED, sequence, sequence) in faults
    else:
        assert faults == {(Fault.ALTERED, sequence, sequence)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET before = '{' WHERE sequence = 5",
        "UPDATE audit_events SET at = 'yesterday' WHERE sequence = 5",
        "UPDATE audit_events SET actor = x'ff' WHERE sequence = 5",
        "UPDATE audit_events SET after = '[[[' WHERE sequence = 5",
        "UPDATE audit_events SET hash = x'00' WHERE sequence = 5",
    ],
)
def test_nonsense_is_a_finding_and_no_error(tmp_path: Path, statement: str) -> None:
    database = Database(empty_sqlite(tmp_path / "r.db"))
    audited = Audited(database, tmp_path)
    audited.add(6)
    audited.signer.sign()
    with database.writing() as connection:
        connection.execute(text(statement))
    assert (Fault.ALTERED, 5, 5) in audited.faults()
    database.close()


@pytest.mark.parametrize("sequence", range(1, COUNT + 1))
def test_a_removed_event_is_a_gap(audited: Audited, sequence: int) -> None:
    with audited.database.writing() as connection:
        connection.execute(delete(audit_events).where(audit_events.c.sequence == sequence))
    fault = Fault.CUT if sequence == COUNT else Fault.MISSING
    assert (fault, sequence, sequence) in audited.faults()


@pytest.mark.parametrize("sequence", [1, 7, COUNT])
def test_numbers_closed_up_after_a_removal_are_found(audited: Audited, sequence: int) -> None:
    with audited.database.writing() as connection:
        events = rows(connection)
        del events[sequence - 1]
        for number, event in enumerate(events, 1):
            event["sequence"] = number
        write(connection, events)
        set_end(connection, events)
    assert audited.faults()


def test_any_two_swapped_are_found(audited: Audited) -> None:
    with audited.database.reading() as connection:
        original = rows(connection)
    for first in range(COUNT):
        for second in range(first + 1, COUNT):
            events = [dict(one) for one in original]
            events[first]["sequence"] = original[second]["sequence"]
            events[second]["sequence"] = original[first]["sequence"]
            with audited.database.writing() as connection:
                write(connection, events)
            faults = audited.faults()
            assert (Fault.ALTERED, first + 1, first + 1) in faults
            assert (Fault.ALTERED, second + 1, second + 1) in faults


@pytest.mark.parametrize("left", range(COUNT))
def test_a_tail_cut_to_any_length_is_found(audited: Audited, left: int) -> None:
    """The attacker tidies up in the database: the end, and the heads beyond it."""
    with audited.database.writing() as connection:
        events = rows(connection)[:left]
        write(connection, events)
    assert (Fault.CUT, left + 1, COUNT) in audited.faults(), "the end is still recorded"
    with audited.database.writing() as connection:
        set_end(connection, events)
    assert (Fault.CUT, left + 1, COUNT) in audited.faults(), "a head in the database says so"
    with audited.database.writing() as connection:
        connection.execute(delete(audit_heads).where(audit_heads.c.sequence > left))
    assert (Fault.CUT, left + 1, COUNT) in audited.faults(), "the head outside says so"


@pytest.mark.parametrize("sequence", [1, 7, 8, COUNT])
def test_a_rewritten_chain_contradicts_its_heads(audited: Audited, sequence: int) -> None:
    """Even where the heads in the database were thrown away."""
    with audited.database.writing() as connection:
        events = rows(connection)
        events[sequence - 1]["actor"] = "local:nobody"
        rehash(events)
        write(connection, events)
        set_end(connection, events)
    first, last = (1, 7) if sequence <= 7 else (8, 12)
    assert audited.faults() == {(Fault.REWRITTEN, first, last)}
    with audited.database.writing() as connection:
        connection.execute(delete(audit_heads))
    assert audited.faults() == {(Fault.REWRITTEN, first, last)}


def test_what_a_restoration_lost_is_told_and_is_no_alteration(audited: Audited) -> None:
    """If journal and events both tell of it; one of them alone excuses nothing."""
    cut = 9
    with audited.database.writing() as connection:
        events = rows(connection)[:cut]
        write(connection, events)
        set_end(connection, events)
        connection.execute(delete(audit_heads).where(audit_heads.c.sequence > cut))
    restored_at = audited.clock.now()
    assert audited.faults() == {(Fault.CUT, cut + 1, COUNT)}
    assert audited.verify(restored_at).findings, "the events do not tell of it"
    with audited.database.writing() as connection:
        record(
            connection, at=restored_at, actor=Actor("restore"), action=RESTORED, subject="register"
        )
    for more in (0, 5):
        audited.add(more)
        assert audited.faults(), "the journal does not tell of it"
        assert audited.verify(restored_at - timedelta(hours=1)).findings
        report = audited.verify(restored_at)
        assert (report.findings, report.unchecked) == ([], [])
        (told,) = report.lost
        assert "lost what were events 10 to 12" in told.en
    audited.signer.sign()
    assert audited.verify(restored_at).findings == []
    with audited.database.writing() as connection:
        events = rows(connection)[:-2]
        write(connection, events)
        set_end(connection, events)
    assert audited.verify(restored_at).findings, "what was cut off since is not excused"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_change_of_any_field_is_found(sqlite_audited: Audited, data: st.DataObject) -> None:
    database = sqlite_audited.database
    with database.reading() as connection:
        original = rows(connection)
    sequence = data.draw(st.integers(1, COUNT))
    field = data.draw(st.sampled_from(FIELDS))
    facts = st.dictionaries(
        st.text(max_size=4), st.none() | st.booleans() | st.integers() | st.text(max_size=4)
    )
    value: object = data.draw(
        facts
        if field in ("before", "after")
        else st.datetimes().map(lambda at: at.replace(tzinfo=AT.tzinfo))
        if field == "at"
        else st.text(max_size=8)
    )
    if value == original[sequence - 1][field]:
        return
    with database.writing() as connection:
        events = [dict(one) for one in original]
        events[sequence - 1][field] = value
        write(connection, events)
    faults = sqlite_audited.faults()
    with database.writing() as connection:
        write(connection, original)
    assert (Fault.ALTERED, sequence, sequence) in faults


@pytest.fixture
def sqlite_audited(tmp_path: Path) -> Audited:
    database = Database(empty_sqlite(tmp_path / "r.db"))
    made = Audited(database, tmp_path)
    made.add(COUNT)
    made.signer.sign()
    return made


def test_a_missing_or_forged_end_is_found(audited: Audited) -> None:
    with audited.database.writing() as connection:
        connection.execute(update(audit_chain).values(hash="0" * 64))
    assert audited.faults() == {(Fault.END, COUNT, COUNT)}
    with audited.database.writing() as connection:
        connection.execute(update(audit_chain).values(sequence=COUNT - 1))
    assert audited.faults() == {(Fault.END, COUNT, COUNT)}
    with audited.database.writing() as connection:
        connection.execute(delete(audit_chain))
    assert audited.faults() == {(Fault.END, COUNT, COUNT)}


@pytest.mark.parametrize(
    ("field", "value"),
    [("hash", "0" * 64), ("signed_at", AT), ("signature", b"no"), ("sequence", 6)],
)
def test_an_edited_head_is_found(audited: Audited, field: str, value: object) -> None:
    with audited.database.writing() as connection:
        connection.execute(
            update(audit_heads).where(audit_heads.c.sequence == 7).values({field: value})
        )
    at = 6 if field == "sequence" else 7
    assert audited.faults() == {(Fault.SIGNATURE, at, at)}


def test_a_head_by_another_key_is_found(audited: Audited) -> None:
    with audited.database.writing() as connection:
        connection.execute(update(audit_heads).values(key_id="audit-9"))
    assert audited.faults() == {(Fault.UNKNOWN_KEY, at, at) for at in SIGNED}


def test_an_edited_head_outside_is_found(audited: Audited) -> None:
    first, second = audited.path.read_bytes().splitlines(keepends=True)
    changed = json.loads(first) | {"sequence": 8}
    audited.path.write_bytes(json.dumps(changed).encode() + b"\n" + second)
    assert audited.faults() == {(Fault.SIGNATURE, 8, 8)}


def test_what_could_not_be_looked_at_is_not_called_good(audited: Audited) -> None:
    audited.path.write_bytes(b"{}\nnonsense\n" + audited.path.read_bytes() + b'{"cut')
    report = audited.verify()
    assert [told.en.split(" of ")[0] for told in report.unchecked] == ["Line 1", "Line 2"]
    audited.path.unlink()
    (told,) = audited.verify().unchecked
    assert "no file of heads" in told.en
    with audited.database.writing() as connection:
        connection.execute(delete(audit_heads))
    assert len(audited.verify().unchecked) == 2, "nothing shows that the tail is whole"


def test_progress_is_told(audited: Audited) -> None:
    from registry.reconcile.verification import verify_audit  # noqa: PLC0415

    told: list[tuple[int, int]] = []
    verify_audit(
        audited.database,
        audited.audit_keys(),
        [audited.anchor],
        on_progress=lambda done, whole: told.append((done, whole)),
    )
    assert told == [(0, 12), (5, 12), (10, 12), (12, 12)]


@pytest.mark.parametrize("sequence", [0, -1])
def test_an_event_under_a_number_of_no_chain_is_found_and_not_exported(
    audited: Audited, sequence: int
) -> None:
    with audited.database.writing() as connection:
        forged = rows(connection)[3] | {"sequence": sequence}
        connection.execute(insert(audit_events).values(forged))
    assert audited.faults() == {(Fault.INSERTED, sequence, sequence)}
    with audited.database.snapshot() as connection:
        exported = [event.sequence for event, _ in stream_events(connection, EventFilter())]
    assert exported == list(range(1, COUNT + 1))


@pytest.mark.parametrize(
    "at", ["2026-03-01T08:05:00.120000", "2026-03-01 08:05:00.12", "2026-03-01 08:05:00.120000Z"]
)
def test_an_instant_in_another_spelling_is_found(tmp_path: Path, at: str) -> None:
    """On SQLite, whose filters compare text: the event would drop out of what they list."""
    database = Database(empty_sqlite(tmp_path / "r.db"))
    audited = Audited(database, tmp_path)
    audited.add(6)
    audited.signer.sign()
    assert audited.faults() == set()
    with database.writing() as connection:
        query = select(audit_events.c.at).where(audit_events.c.sequence == 5)
        assert connection.execute(query).scalar_one() == datetime(
            2026, 3, 1, 8, 5, 0, 120000, tzinfo=UTC
        )
        connection.execute(
            text("UPDATE audit_events SET at = :at WHERE sequence = 5").bindparams(at=at)
        )
    assert audited.faults() == {(Fault.ALTERED, 5, 5)}
    database.close()


@pytest.mark.parametrize(
    "respelt",
    [
        '{"state": "IN_FORCE", "state": "CANCELLED", "count": 4, "yes": true}',
        '{"state":"CANCELLED","count":4,"yes":true}',
        '{"state": "\\u0043ANCELLED", "count": 4, "yes": true}',
    ],
)
def test_json_in_another_spelling_is_found(audited: Audited, respelt: str) -> None:
    """A key given twice means one thing to us and another to who takes the first."""
    with audited.database.writing() as connection:
        value = "CAST(:after AS json)" if connection.dialect.name == "postgresql" else ":after"
        query = text(f"UPDATE audit_events SET after = {value} WHERE sequence = 5")
        before = rows(connection)[4]["after"]
        connection.execute(query.bindparams(after=respelt))
        assert rows(connection)[4]["after"] == before, "the same to whoever reads the last"
    assert audited.faults() == {(Fault.ALTERED, 5, 5)}


def test_a_second_end_of_the_chain_is_found_and_stops_nothing(audited: Audited) -> None:
    with audited.database.writing() as connection:
        connection.execute(insert(audit_chain).values(chain=2, sequence=3, hash="0" * 64))
    audited.add(1)
    assert audited.faults() == {(Fault.INSERTED, 0, 0)}
    with audited.database.writing() as connection:
        connection.execute(delete(audit_chain).where(audit_chain.c.chain == 2))
    assert audited.faults() == set()


def edit(audited: Audited, *sequences: int) -> None:
    with audited.database.writing() as connection:
        for sequence in sequences:
            one = update(audit_events).where(audit_events.c.sequence == sequence)
            connection.execute(one.values(actor="local:mallory"))


def test_several_processes_find_the_same_in_the_same_order(audited: Audited) -> None:
    edit(audited, 3, 5, 6, 11)
    with audited.database.writing() as connection:
        connection.execute(delete(audit_events).where(audit_events.c.sequence == 8))
    alone, together = audited.verify(), audited.verify(processes=2)
    assert together.findings == alone.findings
    assert [one.first for one in alone.findings if one.fault is Fault.ALTERED] == [3, 5, 6, 11]
    assert (together.events, together.end) == (11, alone.end)
    assert together.heads == alone.heads


def test_what_a_head_signed_is_believed_on_request_and_what_follows_is_not(
    audited: Audited,
) -> None:
    audited.add(8)
    edit(audited, 3)
    believed = audited.verify(since_head=True)
    assert (believed.since, believed.events, believed.findings) == (SIGNED[-1], 8, [])
    assert sorted(believed.heads.values()) == [1, 1]
    edit(audited, 15)
    found = audited.verify(since_head=True).findings
    assert [(one.fault, one.first) for one in found] == [(Fault.ALTERED, 15)]


def test_a_tail_cut_off_after_a_head_is_found_without_looking_at_what_came_before(
    audited: Audited,
) -> None:
    with audited.database.writing() as connection:
        connection.execute(delete(audit_events).where(audit_events.c.sequence > SIGNED[0]))
        connection.execute(delete(audit_heads).where(audit_heads.c.sequence > SIGNED[0]))
        set_end(connection, rows(connection))
    found = audited.verify(since_head=True).findings
    assert [(one.fault, one.last) for one in found] == [(Fault.CUT, SIGNED[1])]


def test_a_head_that_does_not_hold_is_not_believed(audited: Audited) -> None:
    edit(audited, 9)
    with audited.database.writing() as connection:
        newest = update(audit_heads).where(audit_heads.c.sequence == SIGNED[1])
        connection.execute(newest.values(signature=b"forged"))
    report = audited.verify(since_head=True)
    assert report.since == SIGNED[0]
    assert {one.fault for one in report.findings} == {Fault.ALTERED, Fault.SIGNATURE}
