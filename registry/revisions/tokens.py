"""Timestamp tokens of documents on record, whatever becomes of the process that asked for them.

A token leaves with its document, so its event is written in the transaction that registers that. A
file that holds one is written before: the journal names the token first. Who takes over what
another left, and the schedule, write the events that are still missing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from ca.recorder import Collector, SigningEvent
from core.ids import LicenceIdentifier
from registry.audit.chain import NewEvent, append
from registry.audit.recorder import SERVICE, to_events
from registry.db.conflicts import put
from registry.db.database import Database
from registry.db.tables import audit_events, register_facts
from registry.journal.journal import Facts, Journal, JournalEntry, JournalKind
from registry.journal.mirroring import Mirror
from registry.journal.reservations import entries_since_reserved

PATIENCE = timedelta(minutes=10)
"""Longer than any process takes between naming a token in the journal and registering it."""
_FACT = "tokens"
_ACTION, _SUBJECT = "timestamp.made", "tsa/"
_PER_ENTRY = 30
"""Some 250 octets each, in lines of 16 KiB."""
_AT_ONCE = 500
BOOKMARK = "tokens_recorded_until"
_BOOKMARK_EVERY = 1000
"""Entries: the bookmark is a transaction, and reading these again takes some 30 ms."""


def journal_with_tokens(
    mirror: Mirror, facts: Facts, identifier: LicenceIdentifier, signed: Sequence[SigningEvent]
) -> None:
    """Journal a document and the tokens that it may hold, durably, before it is written anywhere.

    Raises `StorageError`, `JournalError`.
    """
    journal_all_with_tokens(mirror, [(facts, identifier, signed)])


def journal_all_with_tokens(
    mirror: Mirror,
    documents: Sequence[tuple[Facts, LicenceIdentifier, Sequence[SigningEvent]]],
) -> None:
    """Journal several, with one flush to disk. Raises as the above."""
    entries: list[Facts] = []
    for facts, identifier, signed in documents:
        listed = [_listed(event) for event in signed]
        for start in range(_PER_ENTRY, len(listed), _PER_ENTRY):
            more = " ".join(listed[start : start + _PER_ENTRY])
            entries.append({"identifier": identifier, _FACT: more})
        tokens = {_FACT: " ".join(listed[:_PER_ENTRY])} if listed else {}
        entries.append({**facts, **tokens})
    mirror.tighten_all(JournalKind.DOCUMENT, entries)


def record_kept(database: Database, signed: Collector) -> None:
    """Write the events of tokens whose document is not registered, and will not be.

    Raises what a transaction raises; the events are kept on then.
    """
    with signed.handing_over() as kept:
        if kept:
            with database.writing() as connection:
                record_missing(connection, to_events(kept, SERVICE))


def record_missing(connection: Connection, events: Sequence[NewEvent]) -> int:
    """Write those events of tokens that are not on record; return how many."""
    missing: list[NewEvent] = []
    for start in range(0, len(events), _AT_ONCE):
        group = events[start : start + _AT_ONCE]
        known = select(audit_events.c.subject).where(
            audit_events.c.action == _ACTION,
            audit_events.c.subject.in_([one.subject for one in group]),
        )
        found = set(connection.execute(known).scalars())
        missing += [one for one in group if one.subject not in found]
    if missing:
        append(connection, missing)
    return len(missing)


def record_strays_of(
    connection: Connection, mirror: Mirror, *identifiers: LicenceIdentifier
) -> int:
    """Write the events of tokens that earlier attempts at documents left in the journal.

    To be called once nobody else can register these documents. Raises `JournalError`.
    """
    if mirror.open_journal is None:
        return 0
    mine = entries_since_reserved(mirror.open_journal(), identifiers, after=_bookmark(connection))
    return record_missing(connection, [event for entry in mine for event in _events(entry)])


def record_strays(database: Database, journal: Journal, now: datetime) -> int:
    """Write the events of all tokens in the journal whose process ended before it did.

    Raises `JournalError`, and what a transaction raises.
    """
    with database.reading() as connection:
        start = _bookmark(connection)
    events: list[NewEvent] = []
    end = start
    for entry in journal.read(after=start):
        if entry.at > now - PATIENCE:
            break
        events += _events(entry)
        end = entry.sequence
    if not events and end - start < _BOOKMARK_EVERY:
        return 0
    with database.writing() as connection:
        put(connection, register_facts, {"name": BOOKMARK}, {"value": str(end)})
        return record_missing(connection, events)


def forget_bookmark(connection: Connection) -> None:
    """Begin at the beginning, as with a new journal."""
    connection.execute(delete(register_facts).where(register_facts.c.name == BOOKMARK))


def _bookmark(connection: Connection) -> int:
    query = select(register_facts.c.value).where(register_facts.c.name == BOOKMARK)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _listed(event: SigningEvent) -> str:
    facts = event.facts
    serial = event.subject.removeprefix(_SUBJECT)
    return f"{serial}/{event.at.isoformat()}/{facts['imprint']}/{facts['tst_info_sha256']}"


def _events(entry: JournalEntry) -> Iterator[NewEvent]:
    listed = entry.facts.get(_FACT)
    if entry.kind is not JournalKind.DOCUMENT or not listed:
        return
    for one in str(listed).split(" "):
        serial, at, imprint, info = one.split("/")
        yield NewEvent(
            at=datetime.fromisoformat(at),
            actor=SERVICE,
            action=_ACTION,
            subject=f"{_SUBJECT}{serial}",
            after={
                "imprint": imprint,
                "tst_info_sha256": info,
                "for": str(entry.facts["identifier"]),
                "late": True,
            },
        )
