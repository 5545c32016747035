"""The record of revisions, guarded: each is bound to the audit event that registered it.

The event names every revision that it registered, with length and digest, so that who edits the
table alone is contradicted by the chain, and who edits the event by its hash. Each digest is in the
journal before anything is handed out: what a restored register lacks is known to have been ours.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    insert,
    select,
)

from ca.recorder import SigningEvent
from core.ids import LicenceIdentifier, Sha256
from registry.audit.chain import NOTHING_BEFORE, NewEvent, append
from registry.audit.walk import follows, undecoded
from registry.db.database import Database
from registry.db.tables import audit_events, revisions
from registry.model import Revision
from registry.revisions.faces import FACT as FACE
from registry.revisions.judgements import Judgement, KeptJudgement, kept_columns, kept_digest
from registry.revisions.tokens import journal_all_with_tokens, journal_with_tokens

GRANTED, RENEWED = "licence.granted", "archive.renewed"
COUNTERSIGNED = "document.countersigned"
REGISTERING = (GRANTED, RENEWED, COUNTERSIGNED)
"""Actions of the events that register revisions."""
SEALED_AT = {COUNTERSIGNED: "sealed"}
"""Name of the fact that says which revision of an event's the seal ends; of others it is the one
with the number 0."""
JUDGEMENTS, SIGNED = "judgements", "signed_digest"
"""Names of the facts that hold digests of what was found of each of them, and what the seal signed;
events from before have none."""
LISTED = "revisions"
"""Name of the fact that lists them; events from before name the longest one's digest alone."""


def _select_recorded() -> Select[Any]:
    before, column = audit_events.alias(), revisions.c
    return (
        select(
            column.identifier,
            column.sequence,
            column.length,
            column.sha256,
            column.registered_at,
            cast(column.judgement, Text).label("kept"),  # decoded where it is needed
            column.judged_at,
            column.policy,
            before.c.hash.label("previous"),
            *(one.label(f"event_{one.name}") for one in undecoded()),
        )
        .outerjoin(audit_events, audit_events.c.sequence == column.event)
        .outerjoin(before, before.c.sequence == column.event - 1)
        .order_by(column.length.desc())
    )


_EVENT = tuple(one.name for one in undecoded())
_FIND = _select_recorded().where(revisions.c.sha256.in_(bindparam("digests", expanding=True)))
_FIND_ONE = _select_recorded().where(revisions.c.sha256 == bindparam("digest"))
"""Made once: SQLAlchemy takes longer to put it together than SQLite to answer it, and to expand a
list for one digest as long as to answer."""


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A revision that is to be registered."""

    sequence: int
    length: int
    sha256: Sha256
    signed_digest: str | None = None
    """The seal's messageDigest, of the sealed revision; lower-case hex."""
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Revisions of a document, and the events of their transaction; the last one registers them."""

    identifier: LicenceIdentifier
    new: Sequence[NewRevision]
    events: Sequence[NewEvent]


@dataclass(frozen=True, slots=True)
class JournalledDocument:
    """A new licence's document, with the timestamp tokens that it holds and what it says."""

    identifier: LicenceIdentifier
    new: Sequence[NewRevision]
    signed: Sequence[SigningEvent]
    face: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A revision as it stands on record."""

    revision: Revision
    guarded: bool
    """The event that registered it says the same, and is what was recorded."""
    kept: KeptJudgement


def journal_revisions(
    database: Database,
    identifier: LicenceIdentifier,
    new: Sequence[NewRevision],
    signed: Sequence[SigningEvent],
    face: str | None = None,
) -> None:
    """Write digests to the journal, durably, before they are registered and handed out; with the
    timestamp tokens that were `signed`, before a file that holds them is written. `face` is the
    digest of what a new licence says.

    Apart from the transaction that registers them, so that nobody waits for the journal's disk
    while the database is locked. Raises `StorageError`, `JournalError`.
    """
    facts = {"identifier": identifier, LISTED: _listed(new)}
    facts |= {} if face is None else {FACE: face}
    journal_with_tokens(database.mirror(), facts, identifier, signed)


def journal_documents(database: Database, documents: Sequence[JournalledDocument]) -> None:
    """Write the digests of several to the journal, with one flush to disk. As the above."""
    journal_all_with_tokens(
        database.mirror(),
        [
            (
                {"identifier": one.identifier, LISTED: _listed(one.new), FACE: one.face},
                one.identifier,
                one.signed,
            )
            for one in documents
        ],
    )


def register_revisions(
    connection: Connection,
    identifier: LicenceIdentifier,
    new: Sequence[NewRevision],
    events: Sequence[NewEvent],
    at: datetime,
) -> None:
    """Record revisions with the events of their transaction; the last one registers them.

    The last thing that a transaction does. Raises `AuditUnavailableError`.
    """
    register_documents(connection, [NewDocument(identifier, new, events)], at)


def register_documents(
    connection: Connection, documents: Sequence[NewDocument], at: datetime
) -> None:
    """Record the revisions of several documents, each bound to its own event. Raises as the
    above.
    """
    kept = [[kept_columns(one.judgement) for one in document.new] for document in documents]
    events: list[NewEvent] = []
    places: list[int] = []
    for document, columns in zip(documents, kept, strict=True):
        *others, registering = document.events
        found = {LISTED: _listed(document.new), **_found_of(document.new, columns)}
        events += [*others, replace(registering, after={**(registering.after or {}), **found})]
        places.append(len(events))
    before = append(connection, events).sequence - len(events)
    rows = [
        {
            "identifier": document.identifier,
            "sequence": one.sequence,
            "length": one.length,
            "sha256": one.sha256,
            "registered_at": at,
            "event": before + place,
            "signed_digest": one.signed_digest,
            **its,
        }
        for document, place, columns in zip(documents, places, kept, strict=True)
        for one, its in zip(document.new, columns, strict=True)
    ]
    connection.execute(insert(revisions), rows)


def find_recorded(connection: Connection, digests: Iterable[Sha256]) -> list[Recorded]:
    """Return the registered revisions among `digests`, longest first."""
    rows = connection.execute(_FIND, {"digests": list(digests)}).all()
    return [_recorded(connection, row) for row in rows]


def find_one_recorded(connection: Connection, sha256: Sha256) -> Recorded | None:
    """Return the registered revision of that digest."""
    row = connection.execute(_FIND_ONE, {"digest": sha256}).first()
    return None if row is None else _recorded(connection, row)


def says_the_same(row: Mapping[Any, Any], identifier: str, sha256: str, entry: str) -> bool | None:
    """Tell whether an event (`undecoded`) registered a revision; None where it does not say."""
    facts = facts_of(row)
    if row["action"] not in REGISTERING or row["subject"] != identifier:
        return False
    if LISTED in facts:
        return entry in str(facts[LISTED]).split(" ")
    return True if facts.get("sha256") == sha256 else None


def facts_of(row: Mapping[Any, Any]) -> Mapping[str, object]:
    """Return the event's facts after the change; nothing where it is no JSON object."""
    text = str(row["after"])
    if text == "null":  # as often as not before a change
        return {}
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def entries_of(facts: Mapping[str, object]) -> list[str] | None:
    """Return the event's list, an entry a revision; None where it is from before that."""
    return str(facts[LISTED]).split(" ") if LISTED in facts else None


def entry_of(sequence: int, length: int, sha256: str) -> str:
    """Return a revision as events and journal list it."""
    return f"{sequence}/{length}/{sha256}"


def _found_of(new: Sequence[NewRevision], columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the further facts of an event on the revisions it registers, in their order; `columns`
    are what is kept of their judgements.
    """
    judged = [kept_digest(one) for one in columns]
    signed = [one.signed_digest for one in new if one.signed_digest is not None]
    facts = {JUDGEMENTS: " ".join(one or "-" for one in judged)}
    return facts | ({SIGNED: signed[0]} if signed else {})


def _listed(new: Sequence[NewRevision]) -> str:
    return " ".join(entry_of(one.sequence, one.length, one.sha256) for one in new)


def _recorded(connection: Connection, row: Sequence[Any]) -> Recorded:
    identifier, sequence, length, sha256, at, kept, judged_at, policy, *guard = row
    revision = Revision(LicenceIdentifier(identifier), sequence, length, Sha256(sha256), at)
    previous, *columns = guard
    event = dict(zip(_EVENT, columns, strict=True))
    guarded = _is_guarded(connection, revision, event, previous)
    return Recorded(revision, guarded, KeptJudgement(kept, judged_at, policy))


def _is_guarded(
    connection: Connection, revision: Revision, event: Mapping[str, Any], previous: str | None
) -> bool:
    sequence = event["sequence"]
    previous = previous or (NOTHING_BEFORE if sequence == 1 else None)
    if sequence is None or previous is None or not follows(event, previous):
        return False
    entry = entry_of(revision.sequence, revision.length, revision.sha256)
    said = says_the_same(event, revision.identifier, revision.sha256, entry)
    if said is None:
        named = facts_of(event).get("sha256")
        return is_sealed_part(connection, revision.identifier, revision.sequence, sequence, named)
    return said


def is_sealed_part(
    connection: Connection, identifier: str, sequence: int, event: int, sha256: object
) -> bool:
    """Tell whether a sealed revision was registered together with its archive revision.

    Events from before named that one's digest alone.
    """
    if sequence != 0 or not isinstance(sha256, str):
        return False
    query = select(revisions.c.sha256).where(
        revisions.c.identifier == identifier,
        revisions.c.sequence == 1,
        revisions.c.event == event,
    )
    return connection.execute(query).scalar_one_or_none() == sha256
