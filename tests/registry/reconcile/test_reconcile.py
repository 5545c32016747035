"""Whatever is edited in a table by other hands is told: no event bears it out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from cryptography import x509
from sqlalchemy import ColumnElement, Table, delete, insert, select, text, update

from ca.ledger import CertificateState, RevocationReason
from core.ids import IssuerId, KeyId
from home.role_duties import state_digests
from keys.model import KeyAlgorithm, KeyPurpose
from registry.audit.chain import NewEvent, append
from registry.audit.events import EventFilter, list_events
from registry.audit.findings import Fault
from registry.bodies.authorities import list_seals
from registry.db.tables import (
    audit_events,
    authorities,
    certificates,
    issuers,
    key_records,
    licence_types,
    licences,
    mandates,
    protections,
    revisions,
    seal_certificates,
    seals,
    search_entries,
    series,
)
from registry.licences.hiding import reveal
from registry.licences.licences import LicenceChange, change_state
from registry.model import LicenceState, Reason
from registry.reconcile.licences import FACE_STATED
from tests.permits import CHANGE_CERTIFICATE, CHANGE_LICENCE, MANAGE_KEY, MANAGE_SEAL
from tests.registry.audited import rechain
from tests.registry.legacy import put_in_the_clear
from tests.world import World


def faults(world: World) -> list[tuple[Fault, str]]:
    """Return what is found, with the names that the message holds."""
    audit = world.home.audit
    report = audit.verify(audit.public_keys())
    assert report.unchecked == []
    return [(one.fault, one.text.en) for one in report.findings]


@contextmanager
def edited(
    world: World, table: Table, values: Mapping[str, object], *this: ColumnElement[bool]
) -> Iterator[None]:
    """Edit one row as who has the database can, and put it back after."""
    with world.home.database.writing() as connection:
        before = dict(connection.execute(select(table).where(*this)).mappings().one())
        connection.execute(update(table).where(*this).values(values))
    yield
    key = [column == before[column.name] for column in table.primary_key.columns]
    with world.home.database.writing() as connection:
        connection.execute(update(table).where(*key).values(before))


def move(
    world: World, identifier: str, change: LicenceChange, reason: Reason | None = None
) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            identifier,  # type: ignore[arg-type]
            change,
            reason=reason,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


LICENCE_EDITS: dict[str, dict[str, object]] = {
    "state": {"state": LicenceState.IN_FORCE},
    "reason": {"reason": Reason.SURRENDERED},
    "basis": {"basis": "另一依据"},
    "replaced_by": {"replaced_by": None},
    "valid_until": {"valid_until": date(2099, 1, 1)},
    "valid_from": {"valid_from": date(2001, 1, 1)},
    "granted_on": {"granted_on": date(2001, 1, 1)},
    "number": {"number": "JY1"},
    "data": {"data": {"operator": "另一人"}},
    "holders": {"holders": [{"name": "另一人", "code_type": "111", "code": "1"}]},
    "link": {"link_token": "x"},
    "sample": {"sample": False},
    "salt": {"salt": "x"},
    "seal": {"seal_id": "disability"},
    "authority": {"authority_id": "disability"},
    "level": {"level": "B-T"},
    "photo": {"photo_sha256": "0" * 64},
}


def test_every_edit_of_a_licence_is_told(world: World) -> None:
    """A cancelled one back in force, its face, its dates, the reason: each by itself."""
    cancelled, plain = world.grant(0).licence, world.grant(1).licence
    world.clock.advance(timedelta(hours=1))
    move(world, cancelled.identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    assert faults(world) == []
    other = next(one for one in world.types.values() if one.authority_id != plain.authority_id)
    wrong = {
        "seal_id": other.seal_id,
        "authority_id": other.authority_id,
        "replaced_by": plain.identifier,
    }
    for name, edit in LICENCE_EDITS.items():
        values = {key: wrong.get(key, value) for key, value in edit.items()}
        with edited(world, licences, values, licences.c.identifier == cancelled.identifier):
            told = faults(world)
            assert told, name
            assert told[0][0] is Fault.EDITED, name
            # The journal has the face's digest too, and says so besides.
            assert {fault for fault, _ in told} <= {
                Fault.EDITED,
                Fault.CONTRADICTED,
                Fault.DISAGREES,
            }, name
            assert all(cancelled.identifier in said for _, said in told), name
    moved = {"changed_at": world.clock.now() - timedelta(minutes=30)}
    with edited(world, licences, moved, licences.c.identifier == cancelled.identifier):
        assert [fault for fault, _ in faults(world)] == [Fault.EDITED]
    with edited(world, series, {"number": "JY2"}, series.c.number == plain.number):
        assert [fault for fault, _ in faults(world)] == [Fault.EDITED]
    assert faults(world) == []


def test_the_face_of_a_licence_granted_before_is_stated_later(world: World) -> None:
    """What the events of its grant do not hold, one more does from then on."""
    home = world.home
    granted = [world.grant(index).licence for index in range(2)]
    this = licences.c.identifier == granted[0].identifier
    with home.database.writing() as connection:
        put_in_the_clear(connection)
        connection.execute(update(licences).values(salt=None))
        for event in connection.execute(select(audit_events)).mappings().all():
            told = (event["after"] or {}).items()
            after = {name: one for name, one in told if name not in ("face", "request")}
            here = audit_events.c.sequence == event["sequence"]
            connection.execute(update(audit_events).where(here).values(after=after or None))
        rechain(connection)
    with edited(world, licences, {"data": {"operator": "另一人"}}, this):
        assert Fault.EDITED not in {fault for fault, _ in faults(world)}
    state_digests(home)
    state_digests(home)
    with home.database.reading() as connection:
        chosen = EventFilter(action=FACE_STATED)
        assert len(list_events(connection, chosen=chosen)) == len(granted), "once each"
        salts = connection.execute(select(licences.c.salt)).scalars().all()
    assert len(set(salts)) == len(granted)
    assert Fault.EDITED not in {fault for fault, _ in faults(world)}
    with edited(world, licences, {"data": {"operator": "另一人"}}, this):
        assert Fault.EDITED in {fault for fault, _ in faults(world)}


def test_a_suspension_lifted_by_sql_is_told_and_by_us_is_not(world: World) -> None:
    licence = world.grant().licence
    this = licences.c.identifier == licence.identifier
    move(world, licence.identifier, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    with edited(world, licences, {"state": "IN_FORCE", "reason": None}, this):
        assert [fault for fault, _ in faults(world)] == [Fault.EDITED]
    move(world, licence.identifier, LicenceChange.REINSTATE)
    assert faults(world) == []
    with edited(world, licences, {"state": "SUSPENDED", "reason": "UNDER_REVIEW"}, this):
        assert [fault for fault, _ in faults(world)] == [Fault.EDITED]


def test_licences_that_were_inserted_or_deleted_are_told(world: World) -> None:
    kept, lost = world.grant(0).licence, world.grant(1).licence
    with world.home.database.writing() as connection:
        query = select(licences).where(licences.c.identifier == kept.identifier)
        row = dict(connection.execute(query).mappings().one())
        forged = row | {"identifier": "forged", "version": 9, "link_token": "y"}
        connection.execute(insert(licences).values(forged))
    told = dict(faults(world))
    assert "forged" in told[Fault.UNBORNE]
    assert "forged" in told.get(Fault.CONTRADICTED, "forged"), "nor reserved, says the journal"
    with world.home.database.writing() as connection:
        connection.execute(delete(licences).where(licences.c.identifier == "forged"))
        for table in (protections, revisions, search_entries, licences):
            connection.execute(delete(table).where(table.c.identifier == lost.identifier))
    assert {Fault.UNRECORDED, Fault.ERASED} <= {fault for fault, _ in faults(world)}
    world.clock.advance(timedelta(minutes=2))
    assert Fault.VANISHED in {fault for fault, _ in faults(world)}, "the journal says so as well"


@pytest.mark.parametrize("statement", ["data = '{'", "holders = 'x'", "valid_until = 'never'"])
def test_nonsense_in_a_licence_is_a_finding_and_no_error(
    sqlite_world: World, statement: str
) -> None:
    world = sqlite_world
    world.grant()
    with world.home.database.writing() as connection:
        connection.execute(text(f"UPDATE licences SET {statement}"))
    said = [fault for fault, _ in faults(world)]
    assert said[0] is Fault.EDITED, "by the event, and by the journal where it is not sealed"
    assert set(said) <= {Fault.EDITED, Fault.CONTRADICTED}


def test_a_digest_of_a_face_tells_nothing_without_its_salt(world: World) -> None:
    """Two licences that say the same have two digests; each stands in both events of a grant."""
    first = world.grant(0).licence.identifier
    with world.home.database.writing() as connection:  # a holder has one in force
        change_state(
            connection,
            first,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    world.grant(0)
    with world.home.database.reading() as connection:
        events = list_events(connection, chosen=EventFilter(action="licence."))
        assert set(connection.execute(select(licences.c.salt)).scalars()) == {None}, "sealed"
        rows = connection.execute(select(licences)).mappings().all()
        salts = [reveal(connection, row)["salt"] for row in rows]
    told = [one.after or {} for one in events]
    faces = [one["face"] for one in told if "face" in one]
    assert len(faces) == 4
    assert {faces.count(one) for one in faces} == {2}
    assert all(len(salt or "") >= 22 for salt in salts), "128 bits"
    assert not any(salt in str(told) for salt in salts)


def test_a_compromised_seal_certificate_back_to_issued_is_told(world: World) -> None:
    home = world.home
    with home.database.reading() as connection:
        seal = list_seals(connection)[0]
    issuer = IssuerId("issuing-1")
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    this = certificates.c.issuer == issuer, certificates.c.serial == f"{serial:x}"
    at = world.clock.now()
    home.ledger.hold(issuer, serial, at, permit=CHANGE_CERTIFICATE)
    assert faults(world) == []
    world.clock.advance(timedelta(hours=1))
    reason = RevocationReason.KEY_COMPROMISE
    home.ledger.revoke(
        issuer, serial, reason, world.clock.now(), invalidity_at=at, permit=CHANGE_CERTIFICATE
    )
    assert faults(world) == []
    edits: list[dict[str, object]] = [
        {"state": CertificateState.ISSUED},
        {
            "state": CertificateState.ISSUED,
            "reason": None,
            "revoked_at": None,
            "invalidity_at": None,
        },
        {"reason": RevocationReason.SUPERSEDED},
        {"invalidity_at": at + timedelta(minutes=30)},
        {"revoked_at": at + timedelta(minutes=30)},
        {"shard": 1},
        {"sha256": "0" * 64},
        {"certificate": b"another"},
        {"profile": "tsa"},
        {"tbs_sha256": "0" * 64},
    ]
    for values in edits:
        with edited(world, certificates, values, *this):
            ((fault, said),) = faults(world)
            assert fault is Fault.EDITED
            assert f"{issuer}/{serial:x}" in said
    with home.database.writing() as connection:
        row = dict(connection.execute(select(certificates).where(*this)).mappings().one())
        connection.execute(delete(certificates).where(*this))
    assert [fault for fault, _ in faults(world)] == [Fault.ERASED]
    with home.database.writing() as connection:
        connection.execute(insert(certificates).values(row))
        connection.execute(insert(certificates).values(row | {"serial": "abc"}))
    assert [fault for fault, _ in faults(world)] == [Fault.UNBORNE]


def test_edits_of_bodies_seals_mandates_types_cas_and_keys_are_told(world: World) -> None:
    home = world.home
    kind, other = list(world.types.values())[:2]
    spare = home.keys.generate(KeyId("seal-spare"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    home.key_register.retire(spare.key_id, "测试", permit=MANAGE_KEY)
    assert faults(world) == []
    edits: list[tuple[Table, dict[str, object], ColumnElement[bool]]] = [
        (authorities, {"name": "另一机构"}, authorities.c.authority_id == kind.authority_id),
        (authorities, {"level": "inner_body"}, authorities.c.authority_id == kind.authority_id),
        (seals, {"certificate": b"x"}, seals.c.seal_id == kind.seal_id),
        (seals, {"name": "另一印章"}, seals.c.seal_id == kind.seal_id),
        (seals, {"authority_id": other.authority_id}, seals.c.seal_id == kind.seal_id),
        (mandates, {"seal_id": other.seal_id}, mandates.c.seal_id == kind.seal_id),
        (licence_types, {"source": "x"}, licence_types.c.code == kind.licence_type.code),
        (issuers, {"state": "RETIRED"}, issuers.c.issuer == "issuing-1"),
        (issuers, {"key_id": "x"}, issuers.c.issuer == "issuing-1"),
        (issuers, {"certificate": b"x"}, issuers.c.issuer == "root"),
        (key_records, {"state": "ACTIVE"}, key_records.c.key_id == "seal-spare"),
        (key_records, {"state": "RETIRED"}, key_records.c.key_id == f"seal-{kind.seal_id}"),
    ]
    for table, values, this in edits:
        with edited(world, table, values, this):
            assert [fault for fault, _ in faults(world)] == [Fault.EDITED], (table.name, values)
    renewed = home.seal_maker.renew(kind.seal_id, MANAGE_SEAL)
    assert renewed.key_id != f"seal-{kind.seal_id}"
    assert faults(world) == []
    with edited(world, seal_certificates, {"certificate": b"x"}, seal_certificates.c.seal_id != ""):
        assert [fault for fault, _ in faults(world)] == [Fault.EDITED]
    with home.database.writing() as connection:
        row = dict(connection.execute(select(issuers).limit(1)).mappings().one())
        forged = row | {"issuer": "forged", "certificate": b"anchor", "role": "root"}
        connection.execute(insert(issuers).values(forged))
        connection.execute(delete(mandates).where(mandates.c.seal_id == other.seal_id))
        connection.execute(delete(seal_certificates))
    assert sorted(fault for fault, _ in faults(world)) == [
        Fault.ERASED,
        Fault.ERASED,
        Fault.UNBORNE,
    ]


def test_events_that_add_what_is_not_there_or_was_added_before_are_told(world: World) -> None:
    """However well they are chained: a mandate, a type, a seal, an authority."""
    kind = next(iter(world.types.values()))
    facts: dict[str, str | int | bool | None] = {"authority": kind.authority_id, "seal": "x"}
    known = kind.authority_id
    added = [
        NewEvent(at=world.clock.now(), actor=world.home.actor, action=f"{what}.added",
                 subject=subject, after=facts)
        for what, subject in (
            ("mandate", "no-type"), ("type", "no-type"), ("seal", "no-seal"),
            ("authority", "no-body"), ("authority", known),
        )
    ]  # fmt: skip
    with world.home.database.writing() as connection:
        append(connection, added)
    told = faults(world)
    assert [fault for fault, _ in told].count(Fault.ERASED) == 5, "a type has a definition, too"
    (twice,) = [said for fault, said in told if fault is Fault.INSERTED]
    assert known in twice


def test_a_service_certificate_for_a_key_of_nobody_here_is_told(world: World) -> None:
    with world.home.database.writing() as connection:
        gone = key_records.c.purpose == KeyPurpose.TSA
        connection.execute(update(key_records).where(gone).values(spki_sha256="0" * 64))
    told = [said for fault, said in faults(world) if fault is Fault.UNBORNE]
    assert len(told) == 1
    assert "(tsa) is for a key that is not in the register" in told[0]
    assert "xinyin ca revoke" in told[0]


def test_since_a_head_only_licences_that_later_events_speak_of_are_compared(world: World) -> None:
    older, newer = (world.grant(index).licence.identifier for index in (0, 1))
    audit = world.home.audit
    audit.signer.sign()
    move(world, newer, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    for identifier, expected in ((older, []), (newer, [Fault.EDITED])):
        this = licences.c.identifier == identifier
        with edited(world, licences, {"link_token": "X" * 22}, this):
            found = audit.verify(audit.public_keys(), since_head=True).findings
        assert [one.fault for one in found] == expected
