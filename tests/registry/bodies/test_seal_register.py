"""The register of seals tells each use, and how a seal stood at any moment, on both engines."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import event

from ca.ledger import RevocationReason
from core.ids import SealId
from registry.bodies.authorities import find_seal
from registry.bodies.seal_records import (
    SealStatus,
    all_seal_records,
    seal_record,
    seal_records,
    uses_of,
)
from registry.bodies.seal_register import UsePlace, find_use, list_uses, seal_at
from registry.desk.exports.filing import COLUMNS, filing_rows, seal_facts
from registry.ledger.ledger import SqlLedger
from registry.licences.licences import list_revisions
from registry.licences.search_index import compare
from registry.model import NotFoundError
from tests.permits import CHANGE_CERTIFICATE, MANAGE_SEAL
from tests.world import World


def test_a_seals_register_tells_its_uses_and_status(world: World) -> None:
    database, clock = world.home.database, world.clock
    first = world.grant(0).licence
    clock.advance(timedelta(minutes=10))
    second = world.grant(1).licence
    with database.reading() as connection:
        assert compare(connection).missing == 0  # a grant is in the index of the search
        found = find_use(connection, first.identifier)
        assert found is not None
        seal_id, use = found
        listed = list_uses(connection, seal_id)
        assert [one.identifier for one in listed] == [second.identifier, first.identifier]
        assert listed[1] == use
        assert use.sha256 == list_revisions(connection, first.identifier)[0].sha256
        assert use.by is not None
        assert use.by.startswith("local:")
        page = list_uses(connection, seal_id, limit=1)
        after = UsePlace(page[0].reserved_at, page[0].identifier)
        assert list_uses(connection, seal_id, after=after) == [use]
        assert list_uses(connection, seal_id, since=page[0].reserved_at) == page
        assert list_uses(connection, seal_id, until=use.reserved_at) == [use]
        assert uses_of(connection, [seal_id])[seal_id] == (2, second.created_at)
        record = seal_record(connection, seal_id, clock.now())
        assert record.status is SealStatus.GOOD
        assert record.seal.seal_id in [
            one.seal.seal_id for one in seal_records(connection, clock.now())
        ]
        assert seal_records(connection, clock.now(), []) == []
        with pytest.raises(NotFoundError):
            seal_at(connection, SealId("nobodys"), clock.now(), clock.now())
        before = find_seal(connection, seal_id).created_at - timedelta(seconds=1)
        assert seal_at(connection, seal_id, before, clock.now()).status is SealStatus.NOT_MADE


def test_a_seals_status_is_told_as_of_any_moment(world: World) -> None:
    database, clock = world.home.database, world.clock
    with database.reading() as connection:
        record = seal_records(connection, clock.now())[0]
    seal_id, ledger, its = record.seal.seal_id, SqlLedger(database), record.certificates[0]
    spki = its.certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    (entry,) = ledger.find_by_key(hashlib.sha256(spki).hexdigest())
    intent = entry.intent
    moments = {"before": clock.now()}
    clock.advance(timedelta(hours=1))
    ledger.hold(intent.issuer, intent.serial, clock.now(), CHANGE_CERTIFICATE, basis="x")
    clock.advance(timedelta(hours=1))
    moments["held"] = clock.now()
    clock.advance(timedelta(minutes=1))
    ledger.release(intent.issuer, intent.serial, clock.now(), CHANGE_CERTIFICATE, basis="x")
    clock.advance(timedelta(hours=1))
    moments["released"] = clock.now()
    with database.reading() as connection:
        told = {name: seal_at(connection, seal_id, at, clock.now()) for name, at in moments.items()}
    assert {name: one.status for name, one in told.items()} == {
        "before": SealStatus.GOOD,
        "held": SealStatus.SUSPENDED,
        "released": SealStatus.GOOD,
    }
    assert all(one.now is SealStatus.GOOD for one in told.values())
    assert not told["held"].was_good
    clock.advance(timedelta(hours=1))
    world.home.seal_maker.renew(seal_id, MANAGE_SEAL)
    clock.advance(timedelta(hours=1))
    ledger.revoke(
        intent.issuer,
        intent.serial,
        RevocationReason.KEY_COMPROMISE,
        clock.now(),
        CHANGE_CERTIFICATE,
        invalidity_at=moments["held"],
    )
    with database.reading() as connection:
        old = seal_at(connection, seal_id, moments["before"], clock.now())
        suspected = seal_at(connection, seal_id, moments["released"], clock.now())
        present = seal_at(connection, seal_id, clock.now(), clock.now())
        ended = present.certificate
        assert ended is not None
        late = ended.certificate.not_valid_after_utc + timedelta(days=1)
        assert seal_at(connection, seal_id, late, clock.now()).status is SealStatus.EXPIRED
        facts = seal_facts(seal_record(connection, seal_id, clock.now()))
    assert (old.status, old.now, old.was_good) == (SealStatus.GOOD, SealStatus.REVOKED, True)
    assert old.certificate is not None
    assert old.certificate == replace(its, used_until=old.certificate.used_until)
    assert (suspected.status, suspected.was_good) == (SealStatus.GOOD, False)
    assert (present.status, present.was_good) == (SealStatus.GOOD, True)
    assert ended.serial != its.serial
    rows = list(filing_rows(iter([facts]), "zh"))
    assert [one["serial"] for one in rows] == [ended.serial, its.serial]
    assert all(list(one) == list(COLUMNS) for one in rows)
    assert all(len(one["image_sha256"]) == 64 for one in rows)


def test_many_seals_are_read_by_as_many_queries_as_one(world: World) -> None:
    database, now = world.home.database, world.clock.now()
    asked: list[str] = []

    def count(*told: object) -> None:
        asked.append(str(told[2]))

    world.grant(0)
    with database.reading() as connection:
        known = seal_records(connection, now)
        event.listen(connection, "before_cursor_execute", count)
        assert seal_records(connection, now, limit=1) == known[:1]
        one = len(asked)
        assert seal_records(connection, now) == known
        assert (len(known) > 1, len(asked)) == (True, 2 * one)
        pages, after = list[str](), None
        while found := seal_records(connection, now, after=after, limit=2):
            after = found[-1].seal.seal_id
            pages += [one.seal.seal_id for one in found]
        assert pages == [one.seal.seal_id for one in known] == sorted(pages)
        assert list(all_seal_records(connection, now)) == known
        assert known == [seal_record(connection, one.seal.seal_id, now) for one in known]
        reach = [known[0].owner.authority_id]
        assert {one.owner.authority_id for one in seal_records(connection, now, reach)} == {*reach}
