"""Whoever can write the database, but not the journal's directory, edits table and event alike: the
chain is whole, no head is signed over it yet, and the journal says otherwise.
"""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from unittest import mock

import pytest
from cryptography import x509
from sqlalchemy import Connection, delete, insert, select, update

from ca.ledger import RevocationReason
from core.ids import IssuerId, KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from registry.audit.chain import RESTORER, NewEvent, append
from registry.audit.findings import Fault
from registry.bodies.authorities import find_seal
from registry.db.tables import (
    audit_events,
    certificates,
    key_records,
    licences,
    protections,
    revisions,
    search_entries,
    series,
)
from registry.facts.register_id import renew_journal
from registry.journal.journal import NOTHING_BEFORE, JournalEntry, JournalKind
from registry.licences.journal import licence_entry
from registry.licences.licences import LicenceChange
from registry.model import LicenceState, Reason
from registry.revisions import faces
from registry.revisions.record import entry_of
from tests.permits import CHANGE_CERTIFICATE, MANAGE_KEY
from tests.registry.audited import rechain
from tests.registry.legacy import put_in_the_clear
from tests.registry.reconcile.test_reconcile import faults, move
from tests.world import World

MINUTES = timedelta(minutes=5)
ISSUER = IssuerId("issuing-1")
FORGED = "f" * 64


@pytest.fixture
def covered(world: World) -> World:
    """A licence, a signed head, and time."""
    world.grant(0)
    world.home.audit.signer.sign()
    world.clock.advance(MINUTES)
    return world


def forget(connection: Connection, subject: str, action: str) -> None:
    """Take events out of the chain, so that nothing shows."""
    this = audit_events.c.subject == subject, audit_events.c.action.like(f"{action}%")
    assert connection.execute(delete(audit_events).where(*this)).rowcount
    rechain(connection)


def forge(connection: Connection, world: World, action: str, subject: str, **after: str) -> int:
    """Add an event to the chain."""
    event = NewEvent(
        at=world.clock.now(),
        actor=world.home.actor,
        action=action,
        subject=subject,
        basis="伪造",
        after=after,
    )
    return append(connection, [event]).sequence


def cancelled_and_back(world: World, connection: Connection, identifier: str) -> None:
    back = {"state": "IN_FORCE", "reason": None}
    granted = select(licences.c.created_at).where(licences.c.identifier == identifier)
    at = connection.execute(granted).scalar_one()
    this = licences.c.identifier == identifier
    connection.execute(update(licences).where(this).values(**back, changed_at=at, basis=BASIS))
    connection.execute(update(series).values(open=True))
    forget(connection, identifier, "licence.cancelled")


BASIS = "测试"


def test_a_cancelled_licence_back_in_force_is_told(covered: World) -> None:
    identifier = covered.grant(1).licence.identifier
    covered.clock.advance(MINUTES)
    move(covered, identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    covered.clock.advance(MINUTES)
    assert faults(covered) == []
    with covered.home.database.writing() as connection:
        cancelled_and_back(covered, connection, identifier)
    ((fault, said),) = faults(covered)
    assert fault is Fault.DISAGREES
    for told in (identifier, "CANCELLED", "IN_FORCE", "make it again", "restore"):
        assert told in said


def test_a_licence_out_of_force_without_the_journal_is_told(covered: World) -> None:
    identifier = covered.grant(1).licence.identifier
    at = covered.clock.now()
    with covered.home.database.writing() as connection:
        facts = {"state": "SUSPENDED", "reason": "UNDER_REVIEW"}
        values = {**facts, "basis": "伪造", "changed_at": at}
        this = licences.c.identifier == identifier
        connection.execute(update(licences).where(this).values(values))
        forge(connection, covered, "licence.suspended", identifier, **facts)
    ((fault, said),) = faults(covered)
    assert (fault, identifier in said) == (Fault.CONTRADICTED, True)


def test_a_forged_document_with_its_event_is_told(covered: World) -> None:
    """Such a file would verify, had it a seal that holds."""
    licence = covered.grant(1).licence
    with covered.home.database.writing() as connection:
        entry = entry_of(1, 5000, FORGED)
        facts = {"sha256": FORGED, "revisions": entry}
        event = forge(connection, covered, "archive.renewed", licence.identifier, **facts)
        row = {"sequence": 1, "length": 5000, "sha256": FORGED, "event": event}
        connection.execute(
            insert(revisions).values(
                identifier=licence.identifier, registered_at=covered.clock.now(), **row
            )
        )
        rests = protections.c.identifier == licence.identifier
        connection.execute(update(protections).where(rests).values(sequence=1))
    ((fault, said),) = faults(covered)
    assert (fault, licence.identifier in said) == (Fault.CONTRADICTED, True)


def test_a_face_changed_with_its_digest_is_told(covered: World) -> None:
    identifier = covered.grant(1).licence.identifier
    home = covered.home
    with home.database.writing() as connection:
        put_in_the_clear(connection)
        this = licences.c.identifier == identifier
        row = dict(connection.execute(select(licences).where(this)).mappings().one())
        row["data"] = row["data"] | {"residence": "别处"}
        connection.execute(update(licences).where(this).values(data=row["data"]))
        days = ("granted_on", "valid_from", "valid_until")
        names = ["identifier", "number", "type_code", "authority_id", "holders", "data"]
        names += ["link_token", "replaces", "sample"]
        names += [one for one in faces.OTHERS if one != faces.SIGNER]
        face = faces.digest_of({one: row[one] for one in names} | {
            one: None if row[one] is None else row[one].isoformat() for one in days
        })  # fmt: skip
        for event in (
            connection.execute(select(audit_events).where(audit_events.c.subject == identifier))
            .mappings()
            .all()
        ):
            if "face" in (event["after"] or {}):
                here = audit_events.c.sequence == event["sequence"]
                after = event["after"] | {"face": face}
                connection.execute(update(audit_events).where(here).values(after=after))
        rechain(connection)
    ((fault, said),) = faults(covered)
    assert (fault, identifier in said) == (Fault.CONTRADICTED, True)


def test_a_licence_deleted_with_its_events_is_told(covered: World) -> None:
    identifier = covered.grant(1).licence.identifier
    with covered.home.database.writing() as connection:
        of_it = select(licences.c.series_id).where(licences.c.identifier == identifier)
        series_id = connection.execute(of_it).scalar_one()
        for table in (protections, revisions, search_entries, licences):
            connection.execute(delete(table).where(table.c.identifier == identifier))
        connection.execute(delete(series).where(series.c.series_id == series_id))
        forget(connection, identifier, "licence.")
    assert faults(covered) == [], "it may be of this moment"
    covered.clock.advance(MINUTES)
    ((fault, said),) = faults(covered)
    assert (fault, identifier in said) == (Fault.VANISHED, True)


CERTIFICATE_EDITS: Mapping[str, Mapping[str, object]] = {
    "state": {"state": "ISSUED", "reason": None, "revoked_at": None, "invalidity_at": None},
    "reason": {"reason": "superseded"},
    "shard": {"shard": 1},
}


@pytest.mark.parametrize("name", CERTIFICATE_EDITS)
def test_a_revocation_edited_with_its_event_is_told(covered: World, name: str) -> None:
    home = covered.home
    with home.database.reading() as connection:
        seal = find_seal(connection, next(iter(covered.types.values())).seal_id)
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    subject, edit = f"{ISSUER}/{serial:x}", CERTIFICATE_EDITS[name]
    home.ledger.revoke(
        ISSUER, serial, RevocationReason.KEY_COMPROMISE, covered.clock.now(),
        invalidity_at=covered.clock.now(), permit=CHANGE_CERTIFICATE
    )  # fmt: skip
    covered.clock.advance(MINUTES)
    assert faults(covered) == []
    with home.database.writing() as connection:
        this = certificates.c.issuer == ISSUER, certificates.c.serial == f"{serial:x}"
        connection.execute(update(certificates).where(*this).values(edit))
        if name == "state":
            forget(connection, subject, "certificate.revoked")
        else:
            facts = (audit_events.c.subject == subject, audit_events.c.action != "")
            for event in connection.execute(select(audit_events).where(*facts)).mappings().all():
                if name in (event["after"] or {}):
                    here = audit_events.c.sequence == event["sequence"]
                    changed = event["after"] | edit
                    connection.execute(update(audit_events).where(here).values(after=changed))
            rechain(connection)
    expected = Fault.CONTRADICTED if name == "shard" else Fault.DISAGREES
    told = [one for one in faults(covered) if one[0] is expected]
    ((_, said),) = told
    assert subject in said
    assert name in said


def test_what_we_do_ourselves_is_no_finding(covered: World) -> None:
    """Every change, and grants that were cut off or voided."""
    home, stop, other = covered.home, RuntimeError(), "disability"
    first, second = covered.grant(1).licence, covered.grant(2).licence

    def cut(step: object) -> None:
        if str(step) == "stored":
            raise stop

    before = home.granting._on_step
    home.granting._on_step = cut
    with pytest.raises(RuntimeError):
        covered.grant(0, other)
    home.granting._on_step = before
    covered.clock.advance(MINUTES)
    assert faults(covered) == [], "journalled and pending"
    for change, reason in (
        (LicenceChange.SUSPEND, Reason.UNDER_REVIEW),
        (LicenceChange.REINSTATE, None),
        (LicenceChange.SUSPEND, Reason.UNDER_REVIEW),
        (LicenceChange.CANCEL, Reason.FORFEITED),
    ):
        covered.clock.advance(MINUTES)
        move(covered, first.identifier, change, reason)
        assert faults(covered) == []
    covered.clock.advance(MINUTES)
    assert faults(covered) == []
    assert second.state is LicenceState.IN_FORCE


def test_a_change_that_was_cut_off_before_its_commit_is_told_a_minute_later(
    covered: World,
) -> None:
    """To be made again: a restore would make it."""
    identifier = covered.grant(1).licence.identifier
    at = covered.clock.now()
    facts = licence_entry(identifier, LicenceState.CANCELLED, Reason.FORFEITED, at, None)
    covered.home.journal.append(JournalKind.LICENCE, facts)
    assert faults(covered) == []
    covered.clock.advance(MINUTES)
    ((fault, _),) = faults(covered)
    assert fault is Fault.DISAGREES
    move(covered, identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    covered.clock.advance(MINUTES)
    assert faults(covered) == []


def test_what_a_restoration_decided_stands_only_where_the_journal_has_that(
    covered: World,
) -> None:
    identifier = covered.grant(1).licence.identifier
    move(covered, identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    covered.clock.advance(MINUTES)
    at = covered.clock.now()
    with covered.home.database.writing() as connection:
        this = licences.c.identifier == identifier
        back = {"state": "IN_FORCE", "reason": None, "basis": "x", "changed_at": at}
        connection.execute(update(licences).where(this).values(back))
        connection.execute(update(series).values(open=True))
        facts = {"state": "IN_FORCE", "reason": None, "changed_at": at.isoformat()}
        event = NewEvent(
            at=at, actor=RESTORER, action="licence.restored", subject=identifier, basis="x",
            after=facts,
        )  # fmt: skip
        own = NewEvent(at=at, actor=RESTORER, action="register.restored", subject="register")
        end = append(connection, [own, event])
    ((fault, _),) = faults(covered)
    assert fault is Fault.CONTRADICTED
    told: dict[str, str | int | None] = {
        "backup_made_at": at.isoformat(),
        "from": 1,
        "end": end.sequence,
    }
    covered.home.journal.append(JournalKind.RESTORED, {**told, "hash": "0" * 64})
    assert [one for one, _ in faults(covered)] == [Fault.CONTRADICTED], "another chain's end"
    covered.home.journal.append(JournalKind.RESTORED, {**told, "hash": end.hash})
    assert faults(covered) == []
    covered.clock.advance(MINUTES)
    with covered.home.database.writing() as connection:
        append(connection, [dataclasses.replace(event, subject="x"), event])
    assert Fault.CONTRADICTED in [one for one, _ in faults(covered)], "not of its events"


def test_a_legal_return_that_the_journal_does_not_know_may_have_been_cut_off(
    covered: World,
) -> None:
    """It is journalled after its commit; from a closed state there is no return."""
    identifier = covered.grant(1).licence.identifier
    move(covered, identifier, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    covered.clock.advance(MINUTES)
    with mock.patch("registry.journal.mirroring.Mirror.committed"):
        move(covered, identifier, LicenceChange.REINSTATE)
    covered.clock.advance(MINUTES)
    ((fault, _),) = faults(covered)
    assert fault is Fault.DISAGREES
    move(covered, identifier, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    move(covered, identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    covered.clock.advance(MINUTES)
    with covered.home.database.writing() as connection:
        this = licences.c.identifier == identifier
        at = covered.clock.now()
        back = {"state": "IN_FORCE", "reason": None, "basis": "伪造", "changed_at": at}
        connection.execute(update(licences).where(this).values(back))
        connection.execute(update(series).values(open=True))
        facts = {"state": "IN_FORCE"}
        forge(connection, covered, "licence.reinstated", identifier, **facts)
    told = [one for one, _ in faults(covered)]
    assert Fault.CONTRADICTED in told
    assert Fault.DISAGREES not in told


def test_changes_that_nothing_here_makes_are_told(covered: World) -> None:
    """Appended with a hash that fits, as whoever writes the database can: heads are signed over."""
    home, identifier = covered.home, covered.grant(1).licence.identifier
    with home.database.reading() as connection:
        seal = find_seal(connection, next(iter(covered.types.values())).seal_id)
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    home.ledger.revoke(
        ISSUER,
        serial,
        RevocationReason.KEY_COMPROMISE,
        covered.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    spare = home.keys.generate(KeyId("seal-spare"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    home.key_register.retire(spare.key_id, BASIS, permit=MANAGE_KEY)
    covered.clock.advance(MINUTES)
    assert faults(covered) == []
    with home.database.writing() as connection:
        forge(connection, covered, "licence.voided", identifier)
        forge(connection, covered, "certificate.released", f"{ISSUER}/{serial:x}")
        forge(connection, covered, "key.activated", f"key:{spare.key_id}", state="ACTIVE")
        for table, values, this in (
            (licences, {"state": "VOID", "basis": "伪造"}, licences.c.identifier == identifier),
            (key_records, {"state": "ACTIVE"}, key_records.c.key_id == spare.key_id),
            (
                certificates,
                {"state": "ISSUED", "reason": None, "revoked_at": None},
                certificates.c.serial == f"{serial:x}",
            ),
        ):
            assert connection.execute(update(table).where(this).values(values)).rowcount == 1
    told = [said for fault, said in faults(covered) if fault is Fault.INSERTED]
    for name in (identifier, f"{serial:x}", spare.key_id):
        assert any(name in said for said in told), name


def take_out(world: World, *kinds: JournalKind) -> None:
    """Write the journal anew without some entries, as whoever has its disk can."""
    journal = world.home.journal
    kept = [one for one in journal.read() if one.kind not in kinds]
    for path in journal.directory.glob("journal-*.jsonl"):
        path.unlink()
    lines, previous = b"", NOTHING_BEFORE
    for sequence, one in enumerate(kept, 1):
        entry = JournalEntry(sequence, one.at, one.kind, one.facts, previous)
        lines, previous = lines + entry.line(), entry.hash
    (journal.directory / "journal-000000000001.jsonl").write_bytes(lines)


@pytest.mark.parametrize("heads", ["kept", "taken out"])
def test_documents_taken_out_of_the_journal_are_missed(covered: World, heads: str) -> None:
    """Though no head that it has follows a document any more: events tell that there were some."""
    assert faults(covered) == []
    kinds = [JournalKind.DOCUMENT, JournalKind.RESERVED]
    kinds += [JournalKind.AUDIT_HEAD] if heads == "taken out" else []
    take_out(covered, *kinds)
    told = [said for fault, said in faults(covered) if fault is Fault.CONTRADICTED]
    assert any("is not in the journal: it was not registered here" in one for one in told)
    lacking = [one for one in told if "entries were taken out of it" in one]
    assert len(lacking) == (heads == "taken out")


def test_a_journal_begun_anew_lacks_nothing(covered: World) -> None:
    """What was granted before it, or was under way, it need not know."""
    home, directory = covered.home, covered.home.journal.directory
    directory.rename(directory.parent / "lost")
    renew_journal(home.database, directory, home.clock, home.actor, "测试")
    covered.grant(1)
    assert faults(covered) == []
    covered.clock.advance(timedelta(minutes=11))
    covered.grant(2)
    home.audit.signer.sign()
    assert faults(covered) == []
    take_out(covered, JournalKind.DOCUMENT)
    told = [fault for fault, _ in faults(covered)]
    assert told.count(Fault.CONTRADICTED) == 1, "of the one granted after it was begun"
