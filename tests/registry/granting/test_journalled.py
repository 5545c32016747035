"""Whoever can write the database, but not the journal, gets nothing sealed by it."""

import logging
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, delete, insert, literal_column, select, update

from core.ids import LicenceIdentifier
from home.role_duties import GRANT_PATIENCE, GrantFinisher
from home.wiring import Home
from registry.audit.chain import NewEvent, append
from registry.audit.findings import Fault
from registry.db.tables import audit_events, licences, series
from registry.granting.giving_up import give_up
from registry.granting.journalled import JournalledReservations, NotReservedHereError
from registry.identifiers import build_identifier, parse_identifier
from registry.journal.journal import JournalKind
from registry.licences.hiding import reveal
from registry.licences.licences import UnreadableLicenceError, find_licence, scoped_key
from registry.model import LicenceState
from registry.revisions import faces
from tests.permits import GRANT
from tests.registry.audited import rechain
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World, reserved

MINUTES = timedelta(minutes=5)


def face_of(row: Mapping[str, object]) -> str:
    names = ("identifier", "number", "type_code", "authority_id", "holders", "data", "link_token")
    days = {
        name: None if row[name] is None else str(row[name])
        for name in ("granted_on", "valid_from", "valid_until")
    }
    others = [name for name in faces.OTHERS if name != faces.SIGNER]
    plain = {name: row[name] for name in (*names, "replaces", "sample", *others)}
    return faces.digest_of(plain | days)


def row_of(connection: Connection, identifier: str) -> dict[str, Any]:
    """Return a row as somebody can write it who has no key."""
    query = select(licences).where(licences.c.identifier == identifier)
    return reveal(connection, connection.execute(query).mappings().one()) | {"secret": None}


def forge(world: World, known: LicenceIdentifier, **rest: object) -> LicenceIdentifier:
    """Write a pending licence into the database, with its series and its event."""
    parts = parse_identifier(known)
    made = build_identifier(parts.type_code, parts.authority, "000000777", 1)
    series_id = f"{parts.type_code}.{parts.authority}.000000777"
    with world.home.database.writing() as connection:
        before = row_of(connection, known)
        row = before | {
            "identifier": made, "series_id": series_id, "number": "JY19901000007777",
            "state": "PENDING", "link_token": "A" * 27, "salt": "S" * 27, "claim": "x" * 27,
            "holders": [{**before["holders"][0], "name": "伪造食品店"}],
            "request_key": None, "request_digest": None, "created_at": world.clock.now(), **rest,
        }  # fmt: skip
        opened = {"series_id": series_id, "type_code": parts.type_code, "number": row["number"]}
        connection.execute(insert(series).values(**opened, open=True))
        connection.execute(insert(licences).values(row))
        facts = {"seal": row["seal_id"], "level": row["level"], "face": face_of(row)}
        event = NewEvent(
            at=world.clock.now(), actor=world.home.actor, action="licence.reserved", subject=made,
            basis=row["basis"], after=facts,
        )  # fmt: skip
        append(connection, [event])
    return made


def reserve(world: World, index: int) -> LicenceIdentifier:
    with world.home.database.writing() as connection:
        request = world.request(index)
        return reserved(world.home.reservations, connection, request).licence.identifier


def state_of(world: World, identifier: LicenceIdentifier) -> LicenceState:
    with world.home.database.reading() as connection:
        return find_licence(connection, identifier).state


def test_a_pending_licence_that_was_written_into_the_database_is_not_sealed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are finished; it is told, and can be voided."""
    home = world.home
    forged = forge(world, world.grant(0).licence.identifier)
    own = reserve(world, 1)
    world.clock.advance(GRANT_PATIENCE)
    with pytest.raises(NotReservedHereError) as refused:
        GrantFinisher(home).finish()
    assert state_of(world, own) is LicenceState.IN_FORCE
    assert state_of(world, forged) is LicenceState.PENDING
    told = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert [(one.code, "xinyin licence void" in one.getMessage()) for one in told] == [  # type: ignore[attr-defined]
        ("not_reserved", True)
    ]
    for text in (refused.value.text.zh, refused.value.text.en):
        assert "xinyin licence void" in text
        assert "xinyin audit verify" in text
    with home.database.reading() as connection:
        subject = audit_events.c.subject == forged
        actions = connection.execute(select(audit_events.c.action).where(subject)).scalars().all()
    assert actions == ["licence.reserved"], "nothing more"
    with home.database.writing() as connection, pytest.raises(NotReservedHereError):
        home.reservations.claim(connection, forged, GRANT)
    told_by_audit = [(fault, forged in said) for fault, said in faults(world)]
    assert (Fault.CONTRADICTED, True) in told_by_audit
    give_up(home.database, home.reservations, forged, "伪造", GRANT)
    assert Fault.CONTRADICTED not in [fault for fault, _ in faults(world)]


def test_a_forged_request_key_leads_to_no_document(sqlite_world: World) -> None:
    world = sqlite_world
    request = world.request(1, request_key="k")
    known = world.grant(0).licence
    key = scoped_key(known.authority_id, "k")
    forge(world, known.identifier, request_key=key, request_digest=request.digest())
    with pytest.raises(NotReservedHereError):
        world.home.granting.grant(request)


def test_a_pending_licence_that_was_changed_is_not_sealed(sqlite_world: World) -> None:
    world = sqlite_world
    own = reserve(world, 0)
    with world.home.database.writing() as connection:
        row = row_of(connection, own)
        row["holders"] = [{**row["holders"][0], "name": "另一家"}]
        this = licences.c.identifier == own
        row["holder_name"] = "另一家"
        connection.execute(update(licences).where(this).values(row))
        event = audit_events.c.subject == own
        after = connection.execute(select(audit_events.c.after).where(event)).scalar_one()
        after |= {"face": face_of(row)}
        connection.execute(update(audit_events).where(event).values(after=after))
        rechain(connection)
    with pytest.raises(NotReservedHereError):
        world.home.granting.resume(own, GRANT)
    ((fault, said),) = faults(world)
    assert (fault, own in said) == (Fault.CONTRADICTED, True)


def test_one_that_was_given_up_does_not_come_back(sqlite_world: World) -> None:
    world, home = sqlite_world, sqlite_world.home
    own = reserve(world, 0)
    with home.database.reading() as connection:
        before = row_of(connection, own)
    give_up(home.database, home.reservations, own, "申请已撤回", GRANT)
    with home.database.writing() as connection:
        this = licences.c.identifier == own
        connection.execute(update(licences).where(this).values(before))
        forgotten = audit_events.c.subject == own, audit_events.c.action == "licence.voided"
        connection.execute(delete(audit_events).where(*forgotten))
        rechain(connection)
    with pytest.raises(NotReservedHereError):
        home.granting.resume(own, GRANT)


def test_what_the_version_before_left_pending_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing that is written into the database after that."""
    home = world.home
    with monkeypatch.context() as patch:
        patch.setattr(JournalledReservations, "note", lambda *_: None)
        patch.setattr(JournalledReservations, "begin", lambda *_: None)
        earlier = world.grant(0).licence.identifier
        first, second = reserve(world, 1), reserve(world, 2)
    assert home.journal.last(JournalKind.RESERVED) is None
    assert faults(world) == []
    home.granting.resume(first, GRANT)
    forged = forge(world, earlier)
    again = Home(home.directory, {}, clock=world.clock)  # another process
    again.sandbox = home.sandbox
    world.clock.advance(GRANT_PATIENCE)
    with closing(again), pytest.raises(NotReservedHereError):
        GrantFinisher(again).finish()
    assert state_of(world, second) is LicenceState.IN_FORCE
    assert state_of(world, forged) is LicenceState.PENDING


def test_a_service_ends_the_time_of_taking_in_at_once(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing is pending and nothing is granted."""
    world = sqlite_world
    with monkeypatch.context() as patch:
        patch.setattr(JournalledReservations, "note", lambda *_: None)
        patch.setattr(JournalledReservations, "begin", lambda *_: None)
        earlier = world.grant(0).licence.identifier
    finisher = GrantFinisher(world.home)
    finisher.finish()
    finisher.finish()
    kinds = [entry.kind for entry in world.home.journal.read()]
    assert kinds.count(JournalKind.RESERVED) == 1
    forge(world, earlier)
    world.clock.advance(GRANT_PATIENCE)
    with pytest.raises(NotReservedHereError):
        finisher.finish()


@pytest.mark.parametrize("spoilt", ["{", '[{"nobody": 1}]', "7"])
@pytest.mark.parametrize("unheard", [("note", "begin"), ()])
def test_a_pending_row_that_cannot_be_read_is_set_aside(
    sqlite_world: World,
    spoilt: str,
    unheard: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a CRITICAL line; the others are granted, and it can be made void."""
    world, home = sqlite_world, sqlite_world.home
    with monkeypatch.context() as patch:
        for name in unheard:
            patch.setattr(JournalledReservations, name, lambda *_: None)
        first, second = reserve(world, 0), reserve(world, 1)
    with home.database.writing() as connection:
        values: dict[str, ColumnElement[Any]] = {"holders": literal_column(f"'{spoilt}'")}
        connection.execute(update(licences).where(licences.c.identifier == first).values(values))
    world.clock.advance(GRANT_PATIENCE)
    with pytest.raises(UnreadableLicenceError):
        GrantFinisher(home).finish()
    assert state_of(world, second) is LicenceState.IN_FORCE
    (line,) = [one for one in caplog.records if one.levelname == "CRITICAL"]
    assert "unreadable_record" in line.getMessage()
    assert Fault.EDITED in {fault for fault, _ in faults(world)}
    with home.database.writing() as connection:
        home.reservations.void(connection, first, "测试", GRANT)
    GrantFinisher(home).finish()


def test_a_reservation_is_in_the_journal_before_it_is_committed(sqlite_world: World) -> None:
    world = sqlite_world
    with suppress(RuntimeError), world.home.database.writing() as connection:
        made = reserved(world.home.reservations, connection, world.request(0))
        raise RuntimeError
    entry = world.home.journal.last(JournalKind.RESERVED)
    assert entry is not None
    assert entry.facts == {"identifier": made.licence.identifier, "face": made.face}
    world.grant(0)
    world.check_everything()


def test_a_licence_granted_without_a_reservation_is_told(sqlite_world: World) -> None:
    """By a process of somebody else's making, which writes the journal's documents."""
    world = sqlite_world
    world.grant(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JournalledReservations, "note", lambda *_: None)
        other = world.grant(1).licence.identifier
    world.clock.advance(MINUTES)
    ((fault, said),) = faults(world)
    assert (fault, other in said) == (Fault.CONTRADICTED, True)
