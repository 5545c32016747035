"""Each check finds what it is for, and a broken home breaks no check but its own."""

import dataclasses
import os
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ca.issuers import FIRST_ISSUING
from ca.ledger import Intent, RevocationReason
from cli.keeping.doctor_command import verify_audit
from core.ids import IssuerId
from core.settings import FILE_NAME
from identity.people.model import IdentityKind, Pin
from keys.ring import KeyRing
from registry.audit.anchors import FileAnchor
from registry.backup.restore import _make_crls_due
from registry.db.tables import audit_events, audit_heads, crls, licences, protections
from registry.health.checks import CHECKS
from registry.health.health import (
    HealthCheck,
    HealthFinding,
    HealthLevel,
    HealthSubject,
    Result,
    examine,
)
from registry.journal.journal import JournalKind
from registry.ledger.ledger import SqlLedger
from registry.licences.journal import licence_entry
from registry.model import LicenceState, Reason
from registry.objects.files import FileStore
from registry.officers.certificates import bind_certificate, end_certificates
from registry.officers.identities import NewIdentity, add_identity
from signing.trust.anchors import AnchorKind
from tests.permits import CHANGE_CERTIFICATE, ENROL, MANAGE_OFFICERS, to_certify
from tests.signing.trust.lists import OTHER_KEY, a_list, entry, publish
from tests.world import World

LASTING = ("settings", "files", "secrets", "database", "journal", "pending", "documents")
"""Checks that are well in a new world, whatever machine this runs on."""


@pytest.fixture
def subject(sqlite_world: World) -> Iterator[HealthSubject]:
    made = subject_of(sqlite_world)
    yield made
    made.close()


def subject_of(world: World, *, full: bool = True) -> HealthSubject:
    def ring(*_: object) -> KeyRing:
        return world.home.keys

    return HealthSubject(
        world.home.directory,
        {},
        world.clock,
        open_ring=ring,
        verify_audit=verify_audit,
        privacy=world.home.privacy,
        full=full,
    )


def look(subject: HealthSubject, *names: str) -> list[Result]:
    subject.__dict__.pop("audit_report", None)  # kept for one examination
    return list(examine(subject, [check for check in CHECKS if check.name in names]))


def levels(subject: HealthSubject, *names: str) -> set[HealthLevel]:
    return {result.finding.level for result in look(subject, *names)}


def test_a_home_that_is_well(world: World) -> None:
    world.grant()
    for full in (True, False):
        subject = subject_of(world, full=full)
        results = list(examine(subject, CHECKS))
        subject.close()
        bad = [r for r in results if r.finding.level is not HealthLevel.OK]
        assert {r.check for r in bad} <= {"clock", "audit", "disk"}, bad
        assert {r.check for r in results} == {check.name for check in CHECKS}
        assert all(r.finding.advice for r in results if r.finding.level is HealthLevel.WARN)


def test_a_check_that_cannot_look_says_so_and_stops_no_other(tmp_path: Path) -> None:
    def broken(_: HealthSubject) -> Iterator[HealthFinding]:
        raise RuntimeError("某人的姓名")
        yield

    subject = HealthSubject(
        tmp_path / "none",
        {},
        None,  # type: ignore[arg-type]
        open_ring=lambda *_: None,  # type: ignore[arg-type]
        verify_audit=verify_audit,
    )
    results = list(examine(subject, [*CHECKS, HealthCheck("x", CHECKS[0].title, broken)]))
    found = {r.check: r.finding for r in results}
    assert found["database"].level is HealthLevel.UNKNOWN
    assert found["x"].level is HealthLevel.UNKNOWN
    assert "姓名" not in found["x"].said.zh, "an error's text may hold personal data"
    assert len(found) == len(CHECKS) + 1


def test_files_open_to_others_and_secrets_in_the_home(subject: HealthSubject) -> None:
    home = subject.directory
    assert levels(subject, "files") == {HealthLevel.OK}
    (home / FILE_NAME).chmod(0o644)
    assert levels(subject, "files") == {HealthLevel.FAIL}
    secret = subject.settings.keys.passphrase_file
    assert secret is not None
    assert levels(subject, "secrets") == {HealthLevel.OK}
    keys = subject.settings.keys.model_copy(update={"passphrase_file": home / "secret"})
    subject.__dict__["settings"] = subject.settings.model_copy(update={"keys": keys})
    assert levels(subject, "secrets") == {HealthLevel.FAIL}


def test_a_damaged_database(subject: HealthSubject) -> None:
    path = subject.directory / "registry.db"
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 5] = os.urandom(4096 * 2)
    path.write_bytes(data)
    assert levels(subject, "database") <= {HealthLevel.FAIL, HealthLevel.UNKNOWN}


def test_what_a_crash_has_left_hides_no_edit(sqlite_world: World, subject: HealthSubject) -> None:
    world, home = sqlite_world, sqlite_world.home
    *cut_off, edited = (world.grant(index).licence.identifier for index in range(7))
    for identifier in cut_off:
        at = world.clock.now()
        facts = licence_entry(identifier, LicenceState.CANCELLED, Reason.FORFEITED, at, None)
        home.journal.append(JournalKind.LICENCE, facts)
    world.clock.advance(timedelta(minutes=5))
    assert levels(subject, "record") == {HealthLevel.FAIL}
    with home.database.writing() as connection:
        this = licences.c.identifier == edited
        connection.execute(update(licences).where(this).values(valid_until=date(2099, 1, 1)))
    said = [one.finding.said.en for one in look(subject, "record")]
    assert all(edited in one for one in said[:2]), "by the event and by the journal"


def test_an_event_edited_under_a_signed_head_is_found_with_full(
    sqlite_world: World, subject: HealthSubject
) -> None:
    world = sqlite_world
    world.grant()
    world.home.audit.signer.sign()
    assert HealthLevel.FAIL not in levels(subject, "audit")
    with world.home.database.writing() as connection:
        this = audit_events.c.sequence == 3
        connection.execute(update(audit_events).where(this).values(actor="somebody"))
    assert levels(subject, "audit") == {HealthLevel.FAIL}
    quick = subject_of(world, full=False)
    assert HealthLevel.FAIL not in levels(quick, "audit"), "it begins at the head"
    quick.close()


def test_with_full_every_head_is_checked_here_and_outside(
    sqlite_world: World, subject: HealthSubject
) -> None:
    """As `xinyin audit verify` does: signatures, keys, and what a file elsewhere knows."""
    world, home = sqlite_world, sqlite_world.home
    outside = home.directory.parent / "heads.jsonl"
    changed = home.settings.audit.model_copy(update={"heads_file": outside})
    subject.__dict__["settings"] = home.settings.model_copy(update={"audit": changed})
    world.grant()
    said = {one.finding.level: one.finding.said.en for one in look(subject, "audit")}
    assert "There is no file of heads" in said[HealthLevel.UNKNOWN]
    head = home.audit.signer.sign()
    assert head is not None
    FileAnchor(outside).append(head)
    assert levels(subject, "audit") == {HealthLevel.OK}
    beyond = dataclasses.replace(head, sequence=head.sequence + 9)
    FileAnchor(outside).append(beyond)
    (found,) = look(subject, "audit")
    assert found.finding.level is HealthLevel.FAIL
    assert "does not hold" in found.finding.said.en
    assert str(outside) in found.finding.said.en
    outside.write_bytes(outside.read_bytes().splitlines(keepends=True)[0])
    with home.database.writing() as connection:
        connection.execute(update(audit_heads).values(key_id="audit-9"))
    found, *_ = look(subject, "audit")
    assert "none of the audit's keys" in found.finding.said.en
    quick = subject_of(world, full=False)
    assert levels(quick, "audit") == {HealthLevel.OK}
    quick.close()


def test_an_emptied_or_missing_journal_is_called_that(subject: HealthSubject) -> None:
    directory = subject.directory / "journal"
    for path in directory.glob("journal-*.jsonl"):
        path.write_bytes(b"")
    for name in ("audit", "record", "journal"):
        (*_, found) = look(subject, name)
        assert found.finding.level is HealthLevel.UNKNOWN
        assert name == "record" or "was emptied" in found.finding.said.en
        assert name == "record" or "xinyin journal start" in found.finding.said.en
    directory.rename(subject.directory / "gone")
    said = [one.finding.said.en for one in look(subject, "audit")]
    assert any("There is no journal in" in one and "journal start" in one for one in said)


def test_damaged_missing_and_stray_objects(sqlite_world: World, subject: HealthSubject) -> None:
    granted = [sqlite_world.grant(index) for index in range(2)]
    assert levels(subject, "documents", "strays") == {HealthLevel.OK}
    store = FileStore(sqlite_world.home.directory / "objects")
    store.put(b"named by nothing")
    store.path(granted[0].sha256).unlink()
    store.path(granted[1].sha256).write_bytes(b"other")
    found = look(subject, "documents")
    assert [r.finding.level for r in found] == [HealthLevel.FAIL, HealthLevel.FAIL]
    assert levels(subject, "strays") == {HealthLevel.WARN}
    sampled = subject_of(sqlite_world, full=False)
    assert HealthLevel.FAIL in levels(sampled, "documents")
    sampled.close()


def test_what_was_cut_short(sqlite_world: World, subject: HealthSubject) -> None:
    world, now = sqlite_world, sqlite_world.clock.now()
    granted = world.grant()
    with world.home.database.writing() as connection:
        connection.execute(update(licences).values(state="PENDING"))
    intent = Intent(IssuerId("issuing-1"), 77, "seal", "CN=x", "0" * 64, "1" * 64, now, now)
    world.home.ledger.record_intent(intent, now, permit=to_certify(intent.profile))
    assert levels(subject, "pending", "intents") == {HealthLevel.OK}
    world.clock.advance(timedelta(hours=2))
    (pending, lost) = look(subject, "pending", "intents")
    assert (pending.finding.level, lost.finding.level) == (HealthLevel.WARN, HealthLevel.WARN)
    assert "4d" in lost.finding.said.en
    assert granted.licence.identifier not in pending.finding.said.en


def test_an_officer_s_leaving_that_was_cut_off(sqlite_world: World, subject: HealthSubject) -> None:
    """A certificate that was to be revoked and is not."""
    world, now = sqlite_world, sqlite_world.clock.now()
    new = NewIdentity(Pin("https://id.example", "li"), IdentityKind.PERSON, "li")
    entry = world.home.ledger.list_entries(IssuerId("issuing-1"), profile="seal")[0]
    certificate = IssuerId("issuing-1"), entry.intent.serial
    with world.home.database.writing() as connection:
        person = add_identity(connection, new, MANAGE_OFFICERS, now, secrets.token_bytes)
        bind_certificate(connection, person.identity_id, certificate, None, ENROL, now)
    assert levels(subject, "leavings") == {HealthLevel.OK}
    with world.home.database.writing() as connection:
        end_certificates(connection, [], "离职", world.home.actor, now)
    (found,) = look(subject, "leavings")
    assert found.finding.level is HealthLevel.WARN
    assert person.identity_id in found.finding.said.en


def test_a_crl_that_lacks_a_revocation_and_one_of_the_future(
    sqlite_world: World, subject: HealthSubject
) -> None:
    world = sqlite_world
    assert levels(subject, "crls") == {HealthLevel.OK}
    ledger = SqlLedger(world.home.database)
    world.clock.advance(timedelta(days=2))
    world.home.hierarchy.crls.publish()
    world.clock.advance(-timedelta(days=2))
    [found] = look(subject, "crls")
    assert (found.finding.level, "in the future" in found.finding.said.en) == (
        HealthLevel.FAIL,
        True,
    )
    world.home.hierarchy.crls.publish()
    assert levels(subject, "crls") == {HealthLevel.OK}
    serial = world.home.hierarchy.tsa.serial_number
    ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.SUPERSEDED,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    [found] = look(subject, "crls")
    assert (found.finding.level, "lacks" in found.finding.said.en) == (HealthLevel.FAIL, True)
    world.home.hierarchy.crls.publish()
    assert levels(subject, "crls") == {HealthLevel.OK}


def test_crls_of_a_restored_register_are_not_said_to_lack_anything(
    sqlite_world: World, subject: HealthSubject
) -> None:
    """A restore counts a change in each, the root's too, so that a new one is signed."""
    world = sqlite_world
    with world.home.database.writing() as connection:
        _make_crls_due(connection)
    found = {one.finding.said.en.split()[3]: one.finding for one in look(subject, "crls")}
    assert found.keys() == {"root", "issuing-1"}
    assert {one.level for one in found.values()} == {HealthLevel.WARN}
    assert all("before this register was restored" in one.said.en for one in found.values())
    root = found["root"].advice
    assert root is not None
    assert "xinyin ca crl --issuer root" in root.en
    assert "root's key is next at hand" in root.en
    world.home.hierarchy.crls.publish()
    assert len(look(subject, "crls")) == 1
    serial = world.home.hierarchy.tsa.serial_number
    ledger = SqlLedger(world.home.database)
    ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.SUPERSEDED,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    levels_now = {one.finding.level for one in look(subject, "crls")}
    assert levels_now == {HealthLevel.WARN, HealthLevel.FAIL}, "that one does lack it"


def test_a_crl_that_hides_a_revocation_behind_the_counters_is_found_with_full(
    sqlite_world: World, subject: HealthSubject
) -> None:
    world = sqlite_world
    serial = world.home.hierarchy.tsa.serial_number
    ledger = SqlLedger(world.home.database)
    ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.SUPERSEDED,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    changes = ledger.revocation_changes(FIRST_ISSUING)
    with world.home.database.writing() as connection:
        connection.execute(
            update(crls).where(crls.c.issuer == FIRST_ISSUING).values(changes=changes)
        )
    assert levels(subject, "crls") == {HealthLevel.FAIL}


def test_certificates_and_crls_that_end(sqlite_world: World, subject: HealthSubject) -> None:
    checks = ("certificates", "crls", "services")
    assert levels(subject, *checks) == {HealthLevel.OK}
    sqlite_world.clock.advance(timedelta(days=22))  # nothing runs that would renew
    assert levels(subject, "certificates") == {HealthLevel.WARN}
    sqlite_world.clock.advance(timedelta(days=320))
    assert HealthLevel.FAIL in levels(subject, "certificates")
    assert {r.finding.level for r in look(subject, "crls")} == {HealthLevel.WARN, HealthLevel.FAIL}
    sqlite_world.clock.advance(timedelta(days=30))
    assert levels(subject, "crls") == {HealthLevel.FAIL}
    assert levels(subject, "services") == {HealthLevel.FAIL}


def test_the_trust_list(sqlite_world: World, subject: HealthSubject) -> None:
    home, now = subject.directory, sqlite_world.clock.now()
    assert levels(subject, "trust-list") == {HealthLevel.OK}, "there need not be one"
    folder = publish(home, a_list(entry(), next_update=now + timedelta(days=30)))
    assert levels(subject, "trust-list") == {HealthLevel.OK}
    assert not (folder / "list-seen.json").exists(), "who looks writes nothing"
    (folder / "list-draft.json").write_bytes(b"{}")
    assert levels(subject, "trust-list") == {HealthLevel.OK, HealthLevel.WARN}
    (folder / "list-draft.json").unlink()
    sqlite_world.clock.advance(timedelta(days=17))
    assert levels(subject, "trust-list") == {HealthLevel.WARN}
    sqlite_world.clock.advance(timedelta(days=13))
    (ended,) = look(subject, "trust-list")
    assert (ended.finding.level, "expired" in ended.finding.said.en) == (HealthLevel.FAIL, True)
    publish(home, a_list(entry()), signer=OTHER_KEY)
    (unsigned,) = look(subject, "trust-list")
    assert (unsigned.finding.level, "pinned" in unsigned.finding.said.en) == (
        HealthLevel.FAIL,
        True,
    )


def test_tests_in_a_real_home_s_trust_list(sqlite_world: World, subject: HealthSubject) -> None:
    until = sqlite_world.clock.now() + timedelta(days=60)
    publish(subject.directory, a_list(entry(kind=AnchorKind.TEST), next_update=until))
    demo = subject.settings.service.model_copy(update={"demo": True})
    real = subject.settings.service.model_copy(update={"demo": False})
    for service, expected in ((demo, {HealthLevel.OK}), (real, {HealthLevel.OK, HealthLevel.WARN})):
        subject.__dict__["settings"] = subject.settings.model_copy(update={"service": service})
        assert levels(subject, "trust-list") == expected


def test_the_clock_behind_the_record(sqlite_world: World, subject: HealthSubject) -> None:
    sqlite_world.clock.advance(-timedelta(days=1))
    assert HealthLevel.FAIL in levels(subject, "clock")


def test_addresses_and_policies(subject: HealthSubject) -> None:
    assert levels(subject, "addresses", "policies") == {HealthLevel.OK}
    changed = {"pki_url": "http://elsewhere.example.gov.cn", "demo": False}
    service = subject.settings.service.model_copy(update=changed)
    subject.__dict__["settings"] = subject.settings.model_copy(update={"service": service})
    assert levels(subject, "addresses") == {HealthLevel.FAIL}
    assert levels(subject, "policies") == {HealthLevel.WARN}
    assert levels(subject, "settings") == {HealthLevel.FAIL}  # the public address is loopback


def test_the_archive(sqlite_world: World, subject: HealthSubject) -> None:
    sqlite_world.grant()
    assert levels(subject, "archive") == {HealthLevel.OK}
    sqlite_world.clock.advance(timedelta(days=1000))
    assert levels(subject, "archive") == {HealthLevel.WARN}
    sqlite_world.clock.advance(timedelta(days=100))
    assert levels(subject, "archive") == {HealthLevel.WARN, HealthLevel.FAIL}
    with sqlite_world.home.database.writing() as connection:
        connection.execute(update(protections).values(suite="unread"))
    assert levels(subject, "archive") == {HealthLevel.WARN}


def test_what_acts_by_itself_in_the_database(world: World) -> None:
    """A trigger of nobody's making; on PostgreSQL a rule, a policy, a foreign key switched off."""
    made = [
        "CREATE TRIGGER x BEFORE UPDATE OF state ON certificates BEGIN SELECT raise(ignore); END"
    ]
    if world.home.database.engine.dialect.name == "postgresql":
        made = [
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER x BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION f()",
            "CREATE RULE y AS ON UPDATE TO keys DO INSTEAD NOTHING",
            "CREATE POLICY z ON crls USING (number > 0)",
            "ALTER TABLE licences DISABLE TRIGGER ALL",
        ]
    subject = subject_of(world)
    assert levels(subject, "database") == {HealthLevel.OK}
    with world.home.database.writing() as connection:
        for statement in made:
            connection.exec_driver_sql(statement)
    found = look(subject, "database")
    said = "\n".join(one.finding.said.en for one in found)
    assert {one.finding.level for one in found} == {HealthLevel.FAIL}
    wanted = (
        {"trigger “x”"} if len(made) == 1 else {"“x”", "rule “y”", "policy “z”", "switched off"}
    )
    assert all(one in said for one in wanted), said
    subject.close()


def test_an_audit_that_was_edited(sqlite_world: World, subject: HealthSubject) -> None:
    """Since the last head; what stands before it, `xinyin audit verify` walks."""
    sqlite_world.grant()
    with sqlite_world.home.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE audit_events SET actor = 'nobody' "
            "WHERE sequence = (SELECT max(sequence) FROM audit_events)"
        )
    found = look(subject, "audit")
    assert found[0].finding.level is HealthLevel.FAIL


def test_the_journal_of_another(subject: HealthSubject) -> None:
    directory = subject.directory / "journal"
    assert levels(subject, "journal") == {HealthLevel.OK}
    directory.rename(subject.directory / "gone")
    assert levels(subject, "journal") == {HealthLevel.UNKNOWN}
