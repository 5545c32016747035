"""The journal: durable, in order, whole after a crash; what mirrors it is in it first."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest import mock

import pytest

from ca.ledger import Intent, RevocationReason
from core.clock import SystemClock
from core.errors import StorageError
from core.ids import IssuerId
from registry.db.counters import MOST_AT_ONCE, raise_to, take, take_several
from registry.db.database import Database
from registry.facts.register_id import find_registry_id, identify, open_journal
from registry.journal.journal import (
    MARK_BLOCK,
    CounterSetBackError,
    Facts,
    Journal,
    JournalEntry,
    JournalError,
    JournalKind,
)
from registry.ledger.ledger import SqlLedger
from registry.ledger.status_journal import parse_status, status_entry
from tests.permits import CHANGE_CERTIFICATE, MANAGE_SEAL, to_certify

AT = datetime(2026, 3, 1, tzinfo=UTC)
CLOCK = SystemClock()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.start(tmp_path / "journal", "some-register", CLOCK)


def segments(journal: Journal) -> list[Path]:
    return sorted(journal._directory.glob("*.jsonl"))


def test_entries_come_back_in_order(journal: Journal) -> None:
    for number in range(5):
        journal.append(JournalKind.MARK, {"scope": "编号", "value": number})
    entries = list(journal.read())
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[0].facts == {"registry": "some-register"}
    assert journal.registry_id == "some-register"
    assert journal.end == entries[-1].position
    last = journal.last(JournalKind.MARK)
    assert last is not None
    assert last.facts["value"] == 4
    assert journal.last(JournalKind.RESTORED) is None
    assert {path.stat().st_mode & 0o777 for path in segments(journal)} == {0o600}
    assert journal._directory.stat().st_mode & 0o777 == 0o700


def test_a_missing_journal_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal"):
        Journal(tmp_path, CLOCK)


def test_starting_again_finds_what_is_there(journal: Journal) -> None:
    journal.append(JournalKind.MARK, {"scope": "x", "value": 1})
    again = Journal.start(journal._directory, "another", CLOCK)
    assert again.registry_id == "some-register"
    assert again.end.sequence == 2


def test_segments_follow_each_other(journal: Journal) -> None:
    with mock.patch("registry.journal.journal.MAX_SEGMENT_BYTES", 600):
        for number in range(10):
            journal.append(JournalKind.MARK, {"scope": "x", "value": number})
    assert len(segments(journal)) > 2
    assert [entry.sequence for entry in journal.read()] == list(range(1, 12))
    segments(journal)[1].unlink()
    with pytest.raises(JournalError, match="damaged"):
        list(journal.read())


@pytest.mark.parametrize("kept", range(0, 150, 7))
def test_a_line_that_was_torn_is_as_if_it_never_was(journal: Journal, kept: int) -> None:
    before = journal.append(JournalKind.MARK, {"scope": "x", "value": 1})
    path = segments(journal)[0]
    whole = path.read_bytes()
    journal.append(JournalKind.MARK, {"scope": "x", "value": 2})
    torn = path.read_bytes()[: len(whole) + kept]
    path.write_bytes(torn)
    opened = Journal(journal._directory, CLOCK)
    assert opened.end == before
    assert [entry.sequence for entry in opened.read()] == [1, 2]
    opened.append(JournalKind.MARK, {"scope": "y", "value": 3})
    assert [entry.facts.get("scope") for entry in opened.read()] == [None, "x", "y"]


def test_any_changed_byte_is_found(journal: Journal) -> None:
    for number in range(3):
        journal.append(JournalKind.MARK, {"scope": "x", "value": number})
    path = segments(journal)[0]
    whole = path.read_bytes()
    end = whole.rfind(b"\n", 0, -1)
    for place in range(0, end, 11):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(JournalError):
            list(Journal(journal._directory, CLOCK).read())


def test_a_full_disk_leaves_the_journal_as_it_was(journal: Journal) -> None:
    before = journal.end
    short = mock.patch("os.pwrite", side_effect=lambda fd, data, _: os.write(fd, data[:9]))
    with short, pytest.raises(StorageError):
        journal.append(JournalKind.MARK, {"scope": "x", "value": 1})
    assert journal.end == before
    with mock.patch("os.fsync", side_effect=OSError(5, "I/O error")), pytest.raises(StorageError):
        journal.append(JournalKind.MARK, {"scope": "x", "value": 1})
    assert journal.append(JournalKind.MARK, {"scope": "x", "value": 2}).sequence >= 2
    list(journal.read())


def test_threads_and_processes_write_one_after_another(journal: Journal) -> None:
    program = (
        "import sys; from pathlib import Path; from core.clock import SystemClock\n"
        "from registry.journal.journal import Journal, JournalKind\n"
        "journal = Journal(Path(sys.argv[1]), SystemClock())\n"
        "for n in range(40): journal.append(JournalKind.MARK, {'scope': sys.argv[2], 'value': n})"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(journal._directory), f"p{number}"])
        for number in range(2)
    ]

    def write(scope: str) -> None:
        for number in range(40):
            journal.append(JournalKind.MARK, {"scope": scope, "value": number})

    threads = [threading.Thread(target=write, args=(f"t{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(30) for process in processes] == [0, 0]
    entries = list(journal.read())
    assert len(entries) == 1 + 5 * 40
    for scope in ("p0", "p1", "t0", "t1", "t2"):
        told = [entry.facts["value"] for entry in entries if entry.facts.get("scope") == scope]
        assert told == list(range(40))


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    Journal.start(directory, "r", CLOCK)
    program = (
        "import sys; from pathlib import Path; from core.clock import SystemClock\n"
        "from registry.journal.journal import Journal, JournalKind\n"
        "journal = Journal(Path(sys.argv[1]), SystemClock())\n"
        "while True: print(journal.append(JournalKind.MARK, {'scope': 'x'}).sequence, flush=True)"
    )
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            for _ in range(20):
                acknowledged = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, process.stdout.read().split())])
        assert Journal(directory, CLOCK).end.sequence >= acknowledged
    list(Journal(directory, CLOCK).read())


def test_counters_are_marked_ahead_in_blocks(database: Database, tmp_path: Path) -> None:
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    journal = open_journal(database, tmp_path / "journal", CLOCK)
    mirrored = Database(database._url, journal=lambda: journal)
    for expected in range(1, 2 * MARK_BLOCK + 2):
        with mirrored.writing() as connection:
            assert take(connection, "number:x") == expected
        marks = [entry for entry in journal.read() if entry.kind is JournalKind.MARK]
        assert int(marks[-1].facts["value"] or 0) >= expected
    assert len(marks) == 3
    mirrored.close()


def test_a_number_that_cannot_be_marked_is_not_given(database: Database, tmp_path: Path) -> None:
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    journal = open_journal(database, tmp_path / "journal", CLOCK)
    mirrored = Database(database._url, journal=lambda: journal)
    with (
        mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")),
        pytest.raises(StorageError),
        mirrored.writing() as connection,
    ):
        take(connection, "number:x")
    with mirrored.writing() as connection:
        assert take(connection, "number:x") == 1
        assert take(connection, "number:x", floor=10) == 11
        assert take(connection, "number:x", floor=10) == 12
    mirrored.close()


def _same(journal: Journal) -> Journal:
    return journal


def test_a_counter_that_was_set_back_gives_no_number_again(
    database: Database, tmp_path: Path
) -> None:
    """In the process that marked it, in another that marked meanwhile, and in one begun later."""
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    first = open_journal(database, tmp_path / "journal", CLOCK)
    second = open_journal(database, tmp_path / "journal", CLOCK)
    for journal in (first, second) * 2:
        mirrored = Database(database._url, journal=partial(_same, journal))
        for _ in range(MARK_BLOCK):
            with mirrored.writing() as connection:
                last = take(connection, "number:x")
        mirrored.close()
    other = open_journal(database, tmp_path / "journal", CLOCK)
    for journal in (first, second, other):
        mirrored = Database(database._url, journal=partial(_same, journal))
        for back in ("UPDATE counters SET value = 0", "DELETE FROM counters"):
            with mirrored.writing() as connection:
                connection.exec_driver_sql(back)
            with (
                pytest.raises(CounterSetBackError, match="xinyin restore --journal"),
                mirrored.writing() as connection,
            ):
                take(connection, "number:x")
            with mirrored.writing() as connection:
                raise_to(connection, "number:x", last)
                assert take(connection, "number:y") >= 1
        mirrored.close()


def test_a_number_taken_back_with_its_transaction_is_given_again(
    database: Database, tmp_path: Path
) -> None:
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    for _ in range(3):
        journal = open_journal(database, tmp_path / "journal", CLOCK)
        mirrored = Database(database._url, journal=partial(_same, journal))
        for scope in ("number:x", "version:x"):
            with suppress(ZeroDivisionError), mirrored.writing() as connection:
                assert take(connection, scope, floor=7) == 8
                raise ZeroDivisionError
        mirrored.close()
    mirrored = Database(database._url, journal=lambda: journal)
    with mirrored.writing() as connection:
        assert take(connection, "number:x", floor=7) == 8
        assert take(connection, "version:x", floor=7) == 8
    mirrored.close()


def test_revocations_are_journalled_or_not_made(database: Database, tmp_path: Path) -> None:
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    journal = open_journal(database, tmp_path / "journal", CLOCK)
    mirrored = Database(database._url, journal=lambda: journal)
    ledger = SqlLedger(mirrored)
    issuer = IssuerId("issuing-1")
    end = AT + timedelta(days=9)
    ledger.record_intent(
        Intent(issuer, 77, "seal", "CN=张三", "0", "1", AT, end),
        AT,
        permit=to_certify(Intent(issuer, 77, "seal", "CN=张三", "0", "1", AT, end).profile),
    )
    ledger.record_issued(issuer, 77, b"der", AT, permit=MANAGE_SEAL)
    with (
        mock.patch("registry.journal.journal.os.fsync", side_effect=OSError(28, "full")),
        pytest.raises(StorageError),
    ):
        ledger.revoke(issuer, 77, RevocationReason.SUPERSEDED, AT, permit=CHANGE_CERTIFICATE)
    entry = ledger.find(issuer, 77)
    assert entry is not None
    assert entry.revoked_at is None
    revoked = ledger.revoke(issuer, 77, RevocationReason.SUPERSEDED, AT, permit=CHANGE_CERTIFICATE)
    last = journal.last(JournalKind.STATUS)
    assert last is not None
    told = parse_status(last.facts)
    assert (told.state, told.reason, told.revoked_at) == (
        revoked.state,
        revoked.reason,
        revoked.revoked_at,
    )
    assert status_entry(told) == last.facts
    assert "张三" not in segments(journal)[0].read_text("utf-8")
    mirrored.close()


def test_a_journal_of_another_register_is_refused(database: Database, tmp_path: Path) -> None:
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    before = find_registry_id(database)
    identify(database, tmp_path / "other", CLOCK, os.urandom)
    assert find_registry_id(database) == before
    assert not (tmp_path / "other").exists()
    Journal.start(tmp_path / "other", "another", CLOCK)
    with pytest.raises(JournalError, match="another register"):
        open_journal(database, tmp_path / "other", CLOCK)


def test_an_identity_cut_off_is_taken_over(database: Database, tmp_path: Path) -> None:
    Journal.start(tmp_path / "journal", "begun", CLOCK)
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    assert find_registry_id(database) == "begun"


def test_an_entry_is_its_line() -> None:
    entry = JournalEntry(7, AT, JournalKind.MARK, {"scope": "证照", "value": 1}, "0" * 64)
    assert JournalEntry.parse(entry.line()) == entry
    with pytest.raises(JournalError):
        JournalEntry.parse(entry.line().replace(b'"value":1', b'"value":2'))
    with pytest.raises(JournalError):
        JournalEntry.parse(b"{}\n")


def test_entries_of_a_group_are_flushed_once_and_follow_each_other(journal: Journal) -> None:
    facts: list[Facts] = [{"scope": "x", "value": number} for number in range(5)]
    flushed: list[int] = []
    with mock.patch("os.fsync", side_effect=flushed.append):
        last = journal.append_all(JournalKind.MARK, facts)
    assert len(flushed) == 1
    entries = list(journal.read())
    assert [dict(one.facts) for one in entries[1:]] == facts
    assert journal.end == last == entries[-1].position
    assert journal.append_all(JournalKind.MARK, []) == last
    # One that was cut off half-way: what is whole counts, and the next goes on from there.
    (path,) = segments(journal)
    path.write_bytes(path.read_bytes()[:-20])
    assert [one.sequence for one in journal.read()] == [1, 2, 3, 4, 5]
    assert journal.append(JournalKind.MARK, facts[0]).sequence == 6


def test_several_numbers_are_marked_before_they_are_given(
    database: Database, tmp_path: Path
) -> None:
    """And taken back with their transaction they are given again, by whatever way."""
    identify(database, tmp_path / "journal", CLOCK, os.urandom)
    journal = open_journal(database, tmp_path / "journal", CLOCK)
    mirrored = Database(database._url, journal=lambda: journal)

    def marked() -> int:
        return max(
            int(one.facts["value"] or 0) for one in journal.read() if one.kind is JournalKind.MARK
        )

    given = 0
    for count in (1, MOST_AT_ONCE, 10, MOST_AT_ONCE, 63, 2):
        for _ in range(2):
            with suppress(ZeroDivisionError), mirrored.writing() as connection:
                assert take_several(connection, "number:x", count) == range(
                    given + 1, given + count + 1
                )
                assert given + count <= marked() <= given + MARK_BLOCK
                raise ZeroDivisionError
        with suppress(ZeroDivisionError), mirrored.writing() as connection:
            assert take(connection, "number:x") == given + 1
            raise ZeroDivisionError
        with mirrored.writing() as connection:
            given = take_several(connection, "number:x", count)[-1]
    with mirrored.writing() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = 0")
    with pytest.raises(CounterSetBackError), mirrored.writing() as connection:
        take_several(connection, "number:x", 2)
    mirrored.close()
