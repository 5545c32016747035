"""The chain of events: whole under many writers and after what failed; its hashes are anyone's."""

import hashlib
import json
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from ca.recorder import AuditUnavailableError
from core.permits import Actor
from registry.audit.chain import NOTHING_BEFORE, AuditEvent, read_end
from registry.audit.events import EventFilter, list_events, record
from registry.db.database import Database
from registry.db.tables import audit_chain, audit_events

AT = datetime(2026, 3, 1, 8, 30, 15, 120000, tzinfo=UTC)
ACTOR = Actor("local:张", "market")


def put(database: Database, *subjects: str) -> None:
    with database.writing() as connection:
        for subject in subjects:
            record(connection, at=AT, actor=ACTOR, action="test.done", subject=subject)


def events(database: Database) -> list[AuditEvent]:
    with database.reading() as connection:
        return list_events(connection, limit=10_000)


def check_chain(database: Database) -> list[AuditEvent]:
    """Walk the chain as the documents tell it, without the code that made it."""
    known, previous = events(database), NOTHING_BEFORE
    for number, event in enumerate(known, 1):
        assert event.sequence == number
        content = {
            "sequence": event.sequence,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
            "actor": event.actor,
            "authority": event.authority_id,
            "action": event.action,
            "subject": event.subject,
            "basis": event.basis,
            "before": event.before,
            "after": event.after,
            "previous": previous,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert event.hash == previous
    with database.reading() as connection:
        end = read_end(connection)
    assert end is not None
    assert (end.sequence, end.hash) == (len(known), previous)
    return known


def test_each_event_is_chained_to_the_one_before(database: Database) -> None:
    check_chain(database)
    with database.writing() as connection:
        record(
            connection,
            at=AT.astimezone().replace(microsecond=1),
            actor=ACTOR,
            action="licence.cancelled",
            subject="1.2.156",
            basis="第九条 “依据” \n\u2028 𠮷 \x7f",
            before={"state": "IN_FORCE", "reason": None},
            after={"count": 2**60, "yes": True},
        )
        record(connection, at=AT, actor=Actor("ca"), action="crl.signed", subject="root")
    put(database, "a")
    assert [event.action for event in check_chain(database)] == [
        "licence.cancelled",
        "crl.signed",
        "test.done",
    ]


def test_many_writers_make_one_chain_without_a_gap(database: Database) -> None:
    """Half of them fail after they recorded: what they took is given to the next."""

    def work(name: int) -> None:
        for turn in range(12):
            with suppress(RuntimeError), database.writing() as connection:
                record(connection, at=AT, actor=ACTOR, action="x", subject=f"{name}/{turn}")
                if turn % 2:
                    raise RuntimeError

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(check_chain(database)) == 24


def test_without_the_end_of_the_chain_nothing_is_done(database: Database) -> None:
    put(database, "a")
    with database.writing() as connection:
        connection.execute(delete(audit_chain))
    with pytest.raises(AuditUnavailableError):
        put(database, "b")
    assert [event.subject for event in events(database)] == ["a"]


def test_events_are_found_by_what_is_known_of_them(database: Database) -> None:
    with database.writing() as connection:
        for hour, (actor, action, subject) in enumerate(
            [("a", "licence.granted", "1"), ("b", "licence.cancelled", "1"), ("a", "crl_x", "2")]
        ):
            record(
                connection,
                at=AT + timedelta(hours=hour),
                actor=Actor(actor),
                action=action,
                subject=subject,
            )

    def found(**chosen: object) -> list[int]:
        with database.reading() as connection:
            known = list_events(connection, chosen=EventFilter(**chosen))  # type: ignore[arg-type]
        return [event.sequence for event in known]

    assert found() == [1, 2, 3]
    assert found(action="licence.") == [1, 2]
    assert found(action="licence.granted") == [1]
    assert found(action="crl_.") == []
    assert found(actor="a") == [1, 3]
    assert found(subject="1", actor="b") == [2]
    assert found(since=AT + timedelta(hours=1)) == [2, 3]
    assert found(until=AT + timedelta(hours=1)) == [1]


def test_an_event_without_a_hash_is_refused_by_the_database(database: Database) -> None:
    put(database, "a")
    with database.reading() as connection:
        row = connection.execute(select(audit_events)).mappings().one()
    stray = dict(row) | {"sequence": 2, "hash": None}
    with pytest.raises(Exception, match=r"(?i)not.null"), database.writing() as connection:
        connection.execute(audit_events.insert().values(stray))
