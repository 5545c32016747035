"""What the journal knows of reservations, and how much of it is read to say so."""

from pathlib import Path
from unittest import mock

import pytest

from core.clock import SystemClock
from core.ids import LicenceIdentifier
from registry.journal.journal import Journal, JournalError, JournalKind
from registry.journal.reservations import (
    BEGINNING,
    ReservationJournal,
    entries_since_reserved,
    reservation_entry,
)

CLOCK = SystemClock()
ONE, OTHER = (LicenceIdentifier(f"1.2.156.3005.2.x.y.00000000{n}.001.0") for n in (1, 2))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.start(tmp_path / "journal", "some-register", CLOCK)


def face(number: int) -> str:
    return f"{number:064x}"[::-1]


def test_what_was_reserved_is_known_until_it_is_given_up(journal: Journal) -> None:
    known = ReservationJournal(journal)
    assert not known.has(ONE, face(1))
    journal.append(JournalKind.RESERVED, reservation_entry(ONE, face(1)))
    assert known.has(ONE, face(1))
    assert not known.has(OTHER, face(1))
    assert not known.has(ONE, face(2))
    journal.append(JournalKind.RESERVED, reservation_entry(OTHER, face(2)))
    journal.append(JournalKind.RESERVED, reservation_entry(ONE, face(1), void=True))
    assert not known.has(ONE, face(1))
    assert known.has(OTHER, face(2))
    document = {"identifier": ONE, "face": face(3), "revisions": f"0/1/{face(4)}"}
    journal.append(JournalKind.DOCUMENT, document)
    assert not known.has(ONE, face(3))


def test_an_entry_that_was_changed_says_nothing(journal: Journal) -> None:
    journal.append(JournalKind.RESERVED, reservation_entry(ONE, face(1)))
    (path,) = journal.directory.glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(ONE.encode(), OTHER.encode()))
    assert not ReservationJournal(journal).has(OTHER, face(1))


def test_a_journal_hears_of_reservations_from_its_first(journal: Journal, tmp_path: Path) -> None:
    known = ReservationJournal(journal)
    assert not known.has_begun()
    journal.append(JournalKind.MARK, {"scope": "reserved", "value": 1})
    assert not known.has_begun()
    journal.append(JournalKind.RESERVED, BEGINNING)
    assert known.has_begun()
    assert ReservationJournal(journal).has_begun()
    (path,) = journal.directory.glob("*.jsonl")
    path.unlink()
    Journal.start(journal.directory, "some-register", CLOCK)
    assert not known.has_begun(), "a new journal"


def test_a_recent_reservation_is_found_without_reading_the_rest(journal: Journal) -> None:
    with mock.patch("registry.journal.journal.MAX_SEGMENT_BYTES", 2000):
        for number in range(60):
            journal.append(JournalKind.RESERVED, reservation_entry(ONE, face(number)))
    paths = sorted(journal.directory.glob("*.jsonl"))
    assert len(paths) > 5
    read: list[Path] = []
    real = Path.read_bytes

    def note(path: Path) -> bytes:
        read.append(path)
        return real(path)

    known = ReservationJournal(journal)
    with mock.patch.object(Path, "read_bytes", note):
        assert known.has_begun()
        assert known.has(ONE, face(59))
        assert set(read) == {paths[-1]}
        assert set(known._segments._segments) == {paths[-1]}
        read.clear()
        assert known.has(ONE, face(0))
        assert read == [paths[0]], "only where it fits"
        read.clear()
        assert not known.has(ONE, face(999))
        assert read == []


def test_what_followed_a_reservation_is_found_without_reading_what_came_before(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.journal.journal.MAX_SEGMENT_BYTES", 2000)
    old = LicenceIdentifier("1.2.156.3005.2.x.y.000000009.001.0")
    journal.append(JournalKind.RESERVED, reservation_entry(old, face(9)))
    journal.append(JournalKind.DOCUMENT, {"identifier": old, "tokens": "old"})
    for number in range(20):
        journal.append(JournalKind.MARK, {"scope": "x", "value": number})
    journal.append(JournalKind.RESERVED, reservation_entry(ONE, face(1)))
    journal.append(JournalKind.DOCUMENT, {"identifier": ONE, "tokens": "first"})
    for number in range(20):
        journal.append(JournalKind.RESERVED, reservation_entry(OTHER, face(number), void=True))
    journal.append(JournalKind.RESERVED, reservation_entry(OTHER, face(2)))
    journal.append(JournalKind.DOCUMENT, {"identifier": ONE, "tokens": "second"})
    end = journal.end.sequence
    (last, *_, first) = sorted(journal.directory.glob("*.jsonl"), reverse=True)
    first.write_bytes(b"damaged\n" * 9)
    with last.open("ab") as file:
        file.write(b'{"an":"unfinished line","facts":{"identifier":"' + ONE.encode())

    def told(after: int, *identifiers: LicenceIdentifier) -> list[object]:
        entries = entries_since_reserved(journal, identifiers, after=after)
        return [one.facts["tokens"] for one in entries if one.kind is JournalKind.DOCUMENT]

    assert told(0, ONE, OTHER) == ["first", "second"]
    assert told(0, OTHER) == []
    assert told(end - 1, ONE) == ["second"]
    first.unlink()  # it is not even looked for
    assert told(0, ONE) == ["first", "second"]
    damaged = last.read_bytes().replace(b"second", b"sekond")
    last.write_bytes(damaged)
    with pytest.raises(JournalError):
        told(0, ONE)
