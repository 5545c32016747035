"""Backups verify themselves, restore onto nothing, and lose no revocation and no number."""

import hashlib
import json
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography import x509
from sqlalchemy import inspect

from ca.errors import RevocationRefusedError
from ca.issuers import FIRST_ISSUING
from ca.ledger import Intent, RevocationReason
from core.errors import ConfigurationError, StorageError, UsageError
from core.ids import KeyId, LicenceIdentifier, SealId
from core.settings import FILE_NAME
from core.text import Text
from home.code_keys import CodeKeys
from home.use_cases.making import write_settings
from home.wiring import Home
from keys.inventory import InventoryFinding, take_inventory
from keys.life import KeyRetiredError, KeyState
from keys.model import KeyAlgorithm, KeyPurpose
from registry.answers.answers import Outcome
from registry.backup.backup import Parts, make_backup
from registry.backup.check import check_backup, digest_of
from registry.backup.dump import BadBackupError
from registry.backup.manifest import CHECKSUM, MANIFEST, checksum_of, read_manifest
from registry.backup.merging import Merged
from registry.backup.restore import CRL_GAP, Target, restore, settings_of
from registry.bodies.authorities import find_seal
from registry.db.database import Database
from registry.db.drift import missing_parts
from registry.facts.loss import LOSS_GAP, VERSION_GAP, UnacceptedLossError, accept_loss
from registry.facts.register_id import renew_journal
from registry.granting.giving_up import give_up
from registry.granting.granting import GrantStep
from registry.health.health import HealthLevel
from registry.journal.journal import MARK_BLOCK, Journal
from registry.ledger.ledger import SqlLedger
from registry.licences.licences import LicenceChange, change_state, list_licences
from registry.model import ConflictError, Licence, LicenceState, Reason
from registry.objects.files import FileStore
from signing.sandbox import Sandbox
from tests.permits import (
    CHANGE_CERTIFICATE,
    CHANGE_LICENCE,
    GRANT,
    MANAGE_KEY,
    MANAGE_SEAL,
    to_certify,
)
from tests.registry.answers.test_known import files as known_files
from tests.registry.health.test_health import look, subject_of
from tests.registry.legacy import put_in_the_clear
from tests.world import World, _Borrowed, reserved


def parts_of(home: Home) -> Parts:
    return Parts(
        home.directory, home.database, home.store, home.journal, home.journal_directory, home.clock
    )


def back_up(world: World, directory: Path, *, full: bool = False) -> Path:
    directory.mkdir(exist_ok=True)
    snapshot, _ = make_backup(parts_of(world.home), directory, list, full=full)
    return snapshot


@dataclass
class Machine:
    """An empty machine."""

    directory: Path
    database_url: str
    sandbox: Sandbox

    def restore(self, snapshot: Path, journal: Path | None, crls: tuple[bytes, ...] = ()) -> Merged:
        home = Home(self.directory, {})
        keys = CodeKeys(self.directory)
        database = Database(self.database_url, privacy=keys.privacy)
        settings = settings_of(snapshot, self.database_url)
        journal_directory = self.directory / "journal"
        target = Target(
            self.directory, database, FileStore(self.directory / "objects"), journal_directory,
            home.clock, settings,
            keys.make_missing,
        )  # fmt: skip
        try:
            return restore(snapshot, target, live_journal=journal, crls=crls, progress=list)
        finally:
            database.close()

    @contextmanager
    def open(self, clock: object) -> Iterator[World]:
        home = Home(self.directory, {}, clock=clock)  # type: ignore[arg-type]
        home.sandbox = _Borrowed(self.sandbox)  # type: ignore[assignment]
        try:
            yield World(home, clock)  # type: ignore[arg-type]
        finally:
            home.close()


@pytest.fixture
def laptop(tmp_path: Path, sandbox: Sandbox) -> Machine:
    """An empty machine with SQLite."""
    return Machine(tmp_path / "new", f"sqlite:///{tmp_path}/new/registry.db", sandbox)


def serial_of(world: World, slug: str = "food-operation") -> int:
    """The serial of the certificate of the seal under which a type is granted."""
    with world.home.database.reading() as connection:
        seal = find_seal(connection, world.types[slug].seal_id)
    return x509.load_der_x509_certificate(seal.certificate).serial_number


def crl_of(home: Home) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(home.hierarchy.crls.current())


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_what_happened_after_the_backup_is_not_undone(
    world: World, machine: Machine, tmp_path: Path
) -> None:
    home = world.home
    before = world.grant(0)
    slugs = ("food-operation", "construction-qualification", "disability")
    first, second, third = (serial_of(world, slug) for slug in slugs)
    ledger = SqlLedger(home.database)
    now = world.clock.now()
    ledger.hold(FIRST_ISSUING, third, now, permit=CHANGE_CERTIFICATE)
    snapshot = back_up(world, tmp_path / "backups")
    # The database is lost after these; the journal is not.
    lost = [world.grant(1), world.grant(2)]
    unknown = serial_of_new_seal(world)
    ledger.revoke(
        FIRST_ISSUING, first, RevocationReason.KEY_COMPROMISE, now, permit=CHANGE_CERTIFICATE
    )
    ledger.revoke(
        FIRST_ISSUING, unknown, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE
    )
    ledger.hold(FIRST_ISSUING, second, now, permit=CHANGE_CERTIFICATE)
    ledger.release(FIRST_ISSUING, second, now, permit=CHANGE_CERTIFICATE)
    ledger.release(FIRST_ISSUING, third, now, permit=CHANGE_CERTIFICATE)
    published = crl_of(home)
    merged = machine.restore(snapshot, home.journal_directory)
    assert merged.journal_complete
    assert sorted(merged.revoked) == sorted(f"{FIRST_ISSUING}/{one:x}" for one in (first, unknown))
    assert merged.released == [f"{FIRST_ISSUING}/{third:x}"]
    with machine.open(world.clock) as restored:
        responder = restored.home.hierarchy.responder
        good = [responder.answer_about(one).good for one in (first, unknown, second, third)]
        assert good == [False, False, True, True]
        crl = crl_of(restored.home)
        listed = {one.serial_number for one in crl}
        assert listed == {first, unknown} == {one.serial_number for one in published}
        assert number_of(crl) > number_of(published) + CRL_GAP
        assert restored.home.verifier.by_file(before.pdf).outcome == "in_force"
        for granted in lost:
            found = restored.home.verifier.by_file(granted.pdf)
            assert (found.outcome, found.issuer.code) == ("could_not_check", "record_lost")
        files = known_files(restored)
        assert all(files.is_lost(granted.sha256) for granted in lost), "and not forged"
        assert restored.home.root_files() == home.root_files() != ()
        with restored.home.database.reading() as connection:
            one = files.find(connection, before.pdf, quick=True)
            known = {one.identifier for one in list_licences(connection, limit=None)}
        assert one is not None
        assert (one.seal_holds, one.guarded) == (True, True)
        assert known == {before.licence.identifier}
        # The seal whose certificate is good grants on, above every number that was given.
        again = restored.grant(0, slug="construction-qualification")
        numbers = {one.licence.number for one in (before, *lost)}
        assert again.licence.number not in numbers


def serial_of_new_seal(world: World) -> int:
    """The serial of the certificate of a seal made just now."""
    home, kind = world.home, world.types["food-operation"]
    seal = home.seal_maker.make(SealId("new-seal"), kind.authority_id, "新印章", MANAGE_SEAL)
    return x509.load_der_x509_certificate(seal.certificate).serial_number


def test_no_number_is_given_twice(world: World, machine: Machine, tmp_path: Path) -> None:
    snapshot = back_up(world, tmp_path / "backups")
    lost = [world.grant(index).licence for index in range(3)]
    machine.restore(snapshot, world.home.journal_directory)
    with machine.open(world.clock) as restored:
        again = [restored.grant(index).licence for index in range(3)]
    assert {one.identifier for one in lost}.isdisjoint(one.identifier for one in again)
    assert {one.number for one in lost}.isdisjoint(one.number for one in again)


def change(
    world: World, licence: Licence, what: LicenceChange, reason: Reason | None = None
) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            licence.identifier,
            what,
            reason=reason,
            basis="依据",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


def test_licences_come_to_the_state_that_they_had(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    kept, cancelled, replaced, back, pending = (world.grant(number).licence for number in range(5))
    change(world, back, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    reserved: list[str] = []

    class CutOffError(Exception):
        pass

    def cut_off(step: GrantStep) -> None:
        if step is GrantStep.RESERVED:
            raise CutOffError

    world.home.granting._on_step = cut_off
    with pytest.raises(CutOffError):
        world.grant(5)
    world.home.granting._on_step = lambda _: None
    with world.home.database.reading() as connection:
        found = list_licences(connection, limit=None)
        reserved += [one.identifier for one in found if one.state is LicenceState.PENDING]
    snapshot = back_up(world, tmp_path / "backups")
    change(world, cancelled, LicenceChange.CANCEL, Reason.FORFEITED)
    change(world, back, LicenceChange.REINSTATE)
    change(world, pending, LicenceChange.SUSPEND, Reason.WITHHELD)
    request = world.request(2, replaces=replaced.identifier, reason=Reason.CHANGED)
    successor = world.home.granting.grant(request).licence
    merged = laptop.restore(snapshot, world.home.journal_directory)
    changed = {one.identifier for one in (cancelled, replaced, back, pending)}
    assert (set(merged.licences), merged.voided) == (changed, 1)
    with laptop.open(world.clock) as restored:
        with restored.home.database.reading() as connection:
            states = {
                one.identifier: (one.state, one.reason)
                for one in list_licences(connection, limit=None)
            }
        assert states == {
            kept.identifier: (LicenceState.IN_FORCE, None),
            cancelled.identifier: (LicenceState.CANCELLED, Reason.FORFEITED),
            replaced.identifier: (LicenceState.REPLACED, Reason.CHANGED),
            back.identifier: (LicenceState.IN_FORCE, None),
            pending.identifier: (LicenceState.SUSPENDED, Reason.WITHHELD),
            reserved[0]: (LicenceState.VOID, None),
        }
        again = restored.grant(2).licence
        given = {successor.identifier, *states}
        assert again.identifier not in given
        restored.check_everything(gaps=True)


def test_a_licence_that_was_suspended_and_reinstated_since_agrees_with_the_journal(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """Its state is the backup's, and when it changed is not; found by simulated histories."""
    world = sqlite_world
    licence = world.grant().licence
    snapshot = back_up(world, tmp_path / "backups")
    world.clock.advance(timedelta(hours=1))
    change(world, licence, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    world.clock.advance(timedelta(hours=1))
    change(world, licence, LicenceChange.REINSTATE)
    laptop.restore(snapshot, world.home.journal_directory)
    world.clock.advance(timedelta(hours=1))
    with laptop.open(world.clock) as restored:
        restored.check_audit()


def test_without_a_journal_nothing_is_done_until_the_loss_is_accepted(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    kept = world.grant(1)
    snapshot = back_up(world, tmp_path / "backups")
    lost = world.grant(0).licence
    assert not laptop.restore(snapshot, None).journal_complete
    altered = bytearray(kept.pdf)
    altered[len(altered) // 2] ^= 1
    with laptop.open(world.clock) as restored:
        home = restored.home
        for attempt in (
            lambda: home.hierarchy,
            lambda: home.keys.open(KeyId("ca-1"), KeyPurpose.ISSUING_CA),
            lambda: home.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA),
            lambda: home.keys.generate(KeyId("new"), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256),
            lambda: restored.home.verifier.by_claims(kept.licence.type_code, {}, "办事"),
        ):
            with pytest.raises(UnacceptedLossError, match="accept-loss"):
                attempt()
        with (
            pytest.raises(UnacceptedLossError),
            home.database.writing() as connection,
        ):
            reserved(home.reservations, connection, restored.request(2))
        verifier = home.verifier
        assert not verifier.is_ready()
        assert verifier.by_file(kept.pdf).outcome == Outcome.COULD_NOT_CHECK
        assert verifier.by_file(bytes(altered)).outcome == Outcome.ALTERED
        assert verifier.by_code(kept.licence.identifier).outcome == Outcome.COULD_NOT_CHECK
        assert verifier.by_digest(kept.sha256).outcome == Outcome.COULD_NOT_CHECK
        accept_loss(
            home.database, home.journal, actor=home.actor, basis="x", clock=home.clock, gap=LOSS_GAP
        )
        assert verifier.by_file(kept.pdf).outcome == Outcome.IN_FORCE
        again = restored.grant(3).licence
        sequence = int(again.identifier.split(".")[7])
        assert sequence > int(lost.identifier.split(".")[7]) + LOSS_GAP
        with pytest.raises(ConflictError):
            accept_loss(
                home.database, home.journal, actor=home.actor, basis="x", clock=home.clock, gap=1
            )


def test_the_audit_accounts_for_what_a_restore_lost(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    snapshot = back_up(world, tmp_path / "backups")
    end = read_manifest(snapshot).audit.sequence
    world.grant(0)
    lost = world.home.audit.signer.sign()
    assert lost is not None
    laptop.restore(snapshot, world.home.journal_directory)
    world.clock.advance(timedelta(minutes=1))
    with laptop.open(world.clock) as restored:
        restored.home.audit.signer.sign()
        restored.check_audit()
        report = restored.home.audit.verify(restored.home.audit.public_keys())
        assert f"events {end + 1} to {lost.sequence}" in report.lost[0].en


@pytest.mark.parametrize("at", ["load", "void_pending", "_restored", "write_atomically"])
def test_a_restore_that_was_cut_off_leaves_no_home(
    sqlite_world: World, laptop: Machine, tmp_path: Path, at: str
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    failing = mock.patch(f"registry.backup.restore.{at}", side_effect=KeyboardInterrupt)
    with failing, pytest.raises(KeyboardInterrupt):
        laptop.restore(snapshot, sqlite_world.home.journal_directory)
    with pytest.raises(ConfigurationError, match=r"not a home|cut off"):
        Home(laptop.directory, {}).database  # noqa: B018
    if at != "write_atomically":  # with that nothing was written yet
        with pytest.raises(ConfigurationError, match="cut off"):  # no `init` on what lies there
            write_settings(laptop.directory, sqlite_world.home.settings)
        assert not (laptop.directory / FILE_NAME).exists()
    again = Machine(tmp_path / "again", f"sqlite:///{tmp_path}/again/registry.db", laptop.sandbox)
    again.restore(snapshot, sqlite_world.home.journal_directory)


def test_a_database_that_holds_a_register_is_left_alone_and_the_home_too(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    full = Machine(
        tmp_path / "other",
        sqlite_world.home.settings.database_url(sqlite_world.home.directory),
        laptop.sandbox,
    )
    with pytest.raises(BadBackupError, match="holds data already"):
        full.restore(snapshot, sqlite_world.home.journal_directory)
    assert not list(full.directory.iterdir())


def test_backup_and_restored_home_are_their_owners_alone(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    (tmp_path / "backups").mkdir(mode=0o755)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    laptop.restore(snapshot, sqlite_world.home.journal_directory)
    for top in (snapshot, laptop.directory):
        for path in (top, *top.rglob("*")):
            assert not path.stat().st_mode & 0o077, path


def test_a_published_crl_tells_what_no_journal_does(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    snapshot = back_up(world, tmp_path / "backups")
    serial = serial_of(world)
    ledger = SqlLedger(world.home.database)
    reason = RevocationReason.KEY_COMPROMISE
    now = world.clock.now()
    ledger.revoke(FIRST_ISSUING, serial, reason, now, invalidity_at=now, permit=CHANGE_CERTIFICATE)
    crl = world.home.hierarchy.crls.current()
    merged = laptop.restore(snapshot, None, (crl,))
    assert merged.revoked == [f"{FIRST_ISSUING}/{serial:x}"]
    database = Database(laptop.database_url)
    entry = SqlLedger(database).find(FIRST_ISSUING, serial)
    assert entry is not None
    assert (entry.reason, entry.invalidity_at) == (reason, now)
    database.close()


def test_what_only_a_crl_tells_of_goes_on_being_listed_and_can_be_revoked_further(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """A certificate issued and revoked after the backup: nothing else is known of it."""
    world = sqlite_world
    snapshot = back_up(world, tmp_path / "backups")
    ledger = SqlLedger(world.home.database)
    now = world.clock.now()
    intent = Intent(FIRST_ISSUING, 77, "seal", "CN=x", "0", "1", now, now + timedelta(days=9))
    ledger.record_intent(intent, now, permit=to_certify(intent.profile))
    ledger.revoke(FIRST_ISSUING, 77, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE)
    laptop.restore(snapshot, None, (world.home.hierarchy.crls.current(),))
    database = Database(laptop.database_url)
    restored = SqlLedger(database)
    [listed] = restored.list_revoked(FIRST_ISSUING)
    assert (listed.serial, listed.reason) == (77, RevocationReason.SUPERSEDED)
    with pytest.raises(RevocationRefusedError):
        restored.hold(FIRST_ISSUING, 77, now, permit=CHANGE_CERTIFICATE)
    worse = restored.revoke(
        FIRST_ISSUING, 77, RevocationReason.KEY_COMPROMISE, now, permit=CHANGE_CERTIFICATE
    )
    assert worse.reason is RevocationReason.KEY_COMPROMISE
    database.close()


def test_a_crl_shows_that_a_journal_is_an_old_copy(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    crls = world.home.hierarchy.crls
    snapshot = back_up(world, tmp_path / "backups")
    copy = shutil.copytree(world.home.journal_directory, tmp_path / "copy")
    with pytest.raises(UsageError, match="own copy"):
        laptop.restore(snapshot, snapshot / "journal")
    assert laptop.restore(snapshot, copy, (crls.current(),)).journal_complete
    for _ in range(MARK_BLOCK + 1):
        crls.publish(0)
    laptop = Machine(tmp_path / "2", f"sqlite:///{tmp_path}/2/registry.db", laptop.sandbox)
    assert not laptop.restore(snapshot, copy, (crls.current(),)).journal_complete
    with laptop.open(world.clock) as restored, pytest.raises(UnacceptedLossError):
        restored.home.hierarchy  # noqa: B018


def test_a_copy_of_the_backups_own_journal_counts_as_none(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """Wherever it was copied to; the one that lives on is known even if nothing happened since."""
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    copy = shutil.copytree(snapshot / "journal", tmp_path / "copy")
    assert not laptop.restore(snapshot, copy).journal_complete
    with laptop.open(sqlite_world.clock) as restored, pytest.raises(UnacceptedLossError):
        restored.home.hierarchy  # noqa: B018
    live = Machine(tmp_path / "2", f"sqlite:///{tmp_path}/2/registry.db", laptop.sandbox)
    assert live.restore(snapshot, sqlite_world.home.journal_directory).journal_complete


def test_a_revocation_that_a_journal_lacks_shows_that_it_is_an_old_copy(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    snapshot = back_up(world, tmp_path / "backups")
    copy = shutil.copytree(world.home.journal_directory, tmp_path / "copy")
    ledger = SqlLedger(world.home.database)
    reason, now = RevocationReason.SUPERSEDED, world.clock.now()
    ledger.revoke(FIRST_ISSUING, serial_of(world), reason, now, permit=CHANGE_CERTIFICATE)
    crl = world.home.hierarchy.crls.current()
    live = Machine(tmp_path / "2", f"sqlite:///{tmp_path}/2/registry.db", laptop.sandbox)
    assert live.restore(snapshot, world.home.journal_directory, (crl,)).journal_complete
    merged = laptop.restore(snapshot, copy, (crl,))
    assert merged.revoked
    assert not merged.journal_complete


def test_somebody_elses_crl_is_refused(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    crl = bytearray(sqlite_world.home.hierarchy.crls.current())
    crl[-3] ^= 1
    with pytest.raises(BadBackupError, match="not signed by a CA"):
        laptop.restore(snapshot, None, (bytes(crl),))


def test_a_journal_that_does_not_go_on_from_the_backup_is_refused(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    world = sqlite_world
    snapshot = back_up(world, tmp_path / "backups")
    other = Journal.start(tmp_path / "other", "another-register", world.clock)
    other.mark("x", 1)
    with pytest.raises(BadBackupError, match="does not go on"):
        laptop.restore(snapshot, tmp_path / "other")
    forked = tmp_path / "forked"
    Journal.start(forked, world.home.journal.registry_id, world.clock).mark("x", 1)
    laptop.directory = tmp_path / "new2"
    with pytest.raises(BadBackupError, match="does not go on"):
        laptop.restore(snapshot, forked)


def test_it_restores_onto_nothing_only(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    laptop.restore(snapshot, sqlite_world.home.journal_directory)
    with pytest.raises(UsageError, match="not empty"):
        laptop.restore(snapshot, sqlite_world.home.journal_directory)


def test_a_second_backup_copies_new_documents_only(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    backups = tmp_path / "backups"
    first = world.grant(0)
    first_made = back_up(world, backups)
    shared = backups / "objects" / first.sha256[:2] / first.sha256[2:]
    made = shared.stat().st_ino
    world.grant(1)
    world.clock.advance(timedelta(seconds=5))
    second = back_up(world, backups)
    assert shared.stat().st_ino == made
    assert len(read_manifest(second).objects) == 2
    third = back_up(world, backups)  # in the same second
    assert {one.name for one in backups.iterdir() if not one.name.startswith(".")} == {
        "objects",
        *(one.name for one in (first_made, second, third)),
    }


def test_any_damage_is_named(sqlite_world: World, tmp_path: Path) -> None:
    granted = sqlite_world.grant(0)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    objects = snapshot.parent / "objects"
    check_backup(snapshot, objects, list)
    paths = [path for path in sorted(snapshot.rglob("*")) if path.is_file()]
    paths.append(objects / granted.sha256[:2] / granted.sha256[2:])
    for path in paths:
        whole = path.read_bytes()
        if not whole:
            continue
        for damaged in (whole[: len(whole) // 2], _flipped(whole, secrets.randbelow(len(whole)))):
            path.write_bytes(damaged)
            with pytest.raises(BadBackupError):
                check_backup(snapshot, objects, list)
        path.unlink()
        with pytest.raises(BadBackupError):
            check_backup(snapshot, objects, list)
        path.write_bytes(whole)
    check_backup(snapshot, objects, list)


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_half_done(
    sqlite_world: World, tmp_path: Path
) -> None:
    world = sqlite_world
    world.grant(0)
    backups = tmp_path / "backups"
    backups.mkdir(mode=0o755)
    with (
        mock.patch("registry.backup.backup.check_backup", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        back_up(world, backups)
    with (
        mock.patch(
            "registry.backup.backup.dump", side_effect=OSError(28, "No space left on device")
        ),
        pytest.raises(StorageError, match="No space left"),
    ):
        back_up(world, backups)
    snapshot = back_up(world, backups)
    assert {one.name for one in backups.iterdir()} == {".lock", "objects", snapshot.name}
    modes = {
        (path.is_dir(), path.stat().st_mode & 0o777)
        for path in (snapshot, *snapshot.rglob("*"), *(backups / "objects").rglob("*"))
    }
    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["files"].update({"home/../../x": "0" * 64}),
        lambda told: told["files"].update({"/etc/x": "0" * 64}),
        lambda told: told["files"].update({"home/.bashrc": "0" * 64}),
        lambda told: told["files"].update({"home/bin/x": "0" * 64}),
        lambda told: told["files"].update({"home/keys/.x.pem": "0" * 64}),
        lambda told: told["files"].update({"journal/x": "0" * 64}),
        lambda told: told["objects"].append("../../x"),
        lambda told: told["tables"][0].update({"name": "../x"}),
        lambda told: told["tables"][0]["columns"].update({"a; DROP TABLE b": "plain"}),
        lambda told: told["tables"].append("x"),
        lambda told: told.update({"format": 4}),
    ],
)
def test_a_manifest_that_leads_elsewhere_is_refused(
    sqlite_world: World, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    rewrite(snapshot, change)
    with pytest.raises(BadBackupError):
        check_backup(snapshot, snapshot.parent / "objects", list)


@pytest.mark.parametrize(
    "name", ["home/.bashrc", "home/keys/own.pem", "database/more.jsonl", "journal/x", "x"]
)
def test_what_the_manifest_does_not_list_is_refused(
    sqlite_world: World, tmp_path: Path, name: str
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    (snapshot / name).parent.mkdir(exist_ok=True)
    (snapshot / name).write_text("echo evil")
    with pytest.raises(BadBackupError, match=name.rpartition("/")[2]):
        check_backup(snapshot, snapshot.parent / "objects", list)


@pytest.mark.parametrize("place", [".bashrc", "bin/x"])
def test_nothing_but_a_homes_own_files_is_restored(
    sqlite_world: World, machine: Machine, tmp_path: Path, place: str
) -> None:
    """Whoever can write to backups must not get a shell by a restore: digests hold there."""
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    file = snapshot / "home" / place
    file.parent.mkdir(exist_ok=True)
    file.write_text("echo evil")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    rewrite(snapshot, lambda told: told["files"].update({f"home/{place}": digest}))
    with pytest.raises(BadBackupError):
        machine.restore(snapshot, sqlite_world.home.journal_directory)


def rewrite(snapshot: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest as whoever can write to it could."""
    told = json.loads((snapshot / MANIFEST).read_bytes())
    change(told)
    encoded = json.dumps(told).encode()
    (snapshot / MANIFEST).write_bytes(encoded)
    (snapshot / CHECKSUM).write_bytes(checksum_of(encoded))


def test_a_backup_by_a_newer_version_is_refused(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    rewrite(snapshot, lambda told: told.update(revision="9999"))
    with pytest.raises(BadBackupError, match="newer version"):
        laptop.restore(snapshot, sqlite_world.home.journal_directory)


def test_a_backup_of_an_earlier_schema_is_brought_to_the_newest(
    sqlite_world: World, machine: Machine, tmp_path: Path
) -> None:
    """What the first schema with a journal did not have is taken out of a backup of today."""
    granted = sqlite_world.grant(0)
    with sqlite_world.home.database.writing() as connection:
        put_in_the_clear(connection)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    earlier = Database(f"sqlite:///{tmp_path}/earlier.db")
    earlier.create("0005")
    there = inspect(earlier.engine)
    known = {
        name: {column["name"] for column in there.get_columns(name)}
        for name in there.get_table_names()
    }
    earlier.close()

    def go_back(told: dict[str, Any]) -> None:
        told["revision"] = "0005"
        told["tables"] = [one for one in told["tables"] if one["name"] in known]
        for one in told["tables"]:
            kept = known[one["name"]]
            one["columns"] = {name: kind for name, kind in one["columns"].items() if name in kept}
            path = snapshot / "database" / f"{one['name']}.jsonl"
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            lines = [json.dumps({name: row[name] for name in one["columns"]}) for row in rows]
            path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            told["files"][f"database/{path.name}"] = digest_of(path)

    rewrite(snapshot, go_back)
    machine.restore(snapshot, sqlite_world.home.journal_directory)
    with machine.open(sqlite_world.clock) as restored:
        assert restored.home.verifier.by_file(granted.pdf).outcome == Outcome.IN_FORCE
        restored.grant(1)


def test_a_register_in_use_is_backed_up_whole(world: World, tmp_path: Path) -> None:
    stop = threading.Event()

    def grant_on() -> None:
        for number in count():
            if stop.is_set():
                return
            identifier = world.grant(number % 6).licence.identifier
            with world.home.database.writing() as connection:  # a holder has one in force
                change_state(
                    connection,
                    identifier,
                    LicenceChange.CANCEL,
                    reason=Reason.SURRENDERED,
                    basis="测试",
                    permit=CHANGE_LICENCE,
                    at=world.clock.now(),
                )

    with ThreadPoolExecutor(1) as pool:
        granting = pool.submit(grant_on)
        held: list[int] = []
        while len(held) < 4 or held[-1] == held[0]:
            snapshot = back_up(world, tmp_path / "backups")
            manifest = check_backup(snapshot, snapshot.parent / "objects", list)
            held.append({one.name: one.rows for one in manifest.tables}["licences"])
        stop.set()
        granting.result()
    assert held == sorted(held)


def _flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def test_licences_granted_meanwhile_are_in_it_whole_or_not_at_all(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """A grant ends between the database's snapshot and the copying of documents."""
    world = sqlite_world
    world.grant(0)
    (tmp_path / "backups").mkdir()

    def meanwhile(objects: list[str]) -> list[str]:
        world.grant(1)
        return objects

    progress: Callable[..., list[str]] = meanwhile
    snapshot, manifest = make_backup(parts_of(world.home), tmp_path / "backups", progress)  # type: ignore[arg-type]
    assert {one.name: one.rows for one in manifest.tables}["licences"] == 1
    laptop.restore(snapshot, world.home.journal_directory)
    with laptop.open(world.clock) as restored:
        assert restored.grant(2).licence.identifier


def test_a_key_that_was_retired_after_the_backup_stays_so(
    sqlite_world: World, machine: Machine, tmp_path: Path
) -> None:
    """Found by simulated histories: the restored register let it seal again."""
    world = sqlite_world
    with world.home.database.reading() as connection:
        seal = find_seal(connection, world.types["food-operation"].seal_id)
    snapshot = back_up(world, tmp_path / "backups")
    world.home.key_register.retire(KeyId(seal.key_id), "停用", permit=MANAGE_KEY)
    machine.restore(snapshot, world.home.journal_directory)
    with machine.open(world.clock) as restored:
        record = restored.home.key_register.find(KeyId(seal.key_id))
        assert record is not None
        assert (record.state, record.retired_at) == (KeyState.RETIRED, world.clock.now())
        with pytest.raises(KeyRetiredError):
            restored.grant()
        restored.check_audit()


def test_a_key_that_was_destroyed_after_the_backup_is_named(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """Its file comes back with the backup, and nothing opens it."""
    world = sqlite_world
    with world.home.database.reading() as connection:
        seal = find_seal(connection, world.types["food-operation"].seal_id)
    snapshot, key_id = back_up(world, tmp_path / "backups"), KeyId(seal.key_id)
    world.home.key_register.retire(key_id, "停用", permit=MANAGE_KEY)
    world.home.keys.destroy(key_id, "停用", permit=MANAGE_KEY)
    laptop.restore(snapshot, world.home.journal_directory)
    with laptop.open(world.clock) as restored:
        [left] = [one for one in take_inventory(restored.home.keys) if one.key_id == key_id]
        assert left.finding is InventoryFinding.NOT_DELETED
        restored.check_audit()


def test_a_licence_whose_next_version_was_given_up_stays_in_force(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """Its grant was cut off with “replaced” in the journal; found by simulated histories."""
    world = sqlite_world
    before = world.grant().licence
    snapshot = back_up(world, tmp_path / "backups")
    request = world.request(replaces=before.identifier, reason=Reason.CORRECTED)
    failing = mock.patch(
        "registry.granting.granting.register_revisions",
        side_effect=StorageError(Text("满", "full")),
    )
    with failing, pytest.raises(StorageError):
        world.home.granting.grant(request)
    with world.home.database.reading() as connection:
        [pending] = list_licences(connection, state=LicenceState.PENDING)
    home = world.home
    give_up(home.database, home.reservations, pending.identifier, "申请已撤回", GRANT)
    laptop.restore(snapshot, world.home.journal_directory)
    with laptop.open(world.clock) as restored, restored.home.database.reading() as connection:
        [licence] = list_licences(connection)
        assert (licence.identifier, licence.state) == (before.identifier, LicenceState.IN_FORCE)


def test_a_licence_can_be_replaced_after_an_accepted_loss_under_a_version_of_its_own(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """Counters jumped by 10,000, versions among them, which end at 999; found by simulation."""
    world, versions = sqlite_world, list[int]()

    def replace(in_world: World, identifier: LicenceIdentifier) -> LicenceIdentifier:
        request = in_world.request(replaces=identifier, reason=Reason.CORRECTED)
        made = in_world.home.granting.grant(request).licence.identifier
        versions.append(int(made.split(".")[-2]))
        return made

    second = replace(world, world.grant().licence.identifier)
    snapshot = back_up(world, tmp_path / "backups")
    replace(world, second)
    laptop.restore(snapshot, None)
    with laptop.open(world.clock) as restored:
        home = restored.home
        accept_loss(
            home.database, home.journal, actor=home.actor, basis="x", clock=home.clock, gap=LOSS_GAP
        )
        restored.clock.advance(timedelta(seconds=1))
        replace(restored, replace(restored, second))
    assert versions == [2, 3, 2 + VERSION_GAP + 1, 2 + VERSION_GAP + 2]


def test_a_new_journal_leaves_no_versions_out(sqlite_world: World) -> None:
    home, directory = sqlite_world.home, sqlite_world.home.journal_directory
    first = sqlite_world.grant().licence.identifier
    home.granting.grant(sqlite_world.request(replaces=first, reason=Reason.CORRECTED))
    for path in directory.glob("journal-*.jsonl"):
        path.unlink()
    journal = renew_journal(home.database, directory, home.clock, home.actor, "日志损毁")
    marks = {
        one.facts["scope"]: one.facts["value"] for one in journal.read() if "scope" in one.facts
    }
    assert [value for scope, value in marks.items() if str(scope).startswith("version:")] == [2]


def test_what_a_crl_alone_told_is_known_to_the_next_restore(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """It stood in the restored database alone; found by a simulated history."""
    world, serial = sqlite_world, serial_of(sqlite_world)
    snapshot = back_up(world, tmp_path / "backups")
    ledger, now = SqlLedger(world.home.database), world.clock.now()
    reason = RevocationReason.KEY_COMPROMISE
    ledger.revoke(FIRST_ISSUING, serial, reason, now, invalidity_at=now, permit=CHANGE_CERTIFICATE)
    laptop.restore(snapshot, None, (world.home.hierarchy.crls.current(),))
    again = Machine(tmp_path / "again", f"sqlite:///{tmp_path}/again/registry.db", laptop.sandbox)
    assert again.restore(snapshot, laptop.directory / "journal").journal_complete
    database = Database(again.database_url)
    entry = SqlLedger(database).find(FIRST_ISSUING, serial)
    assert entry is not None
    assert (entry.reason, entry.invalidity_at) == (reason, now)
    database.close()


def test_a_home_whose_schema_lacks_something_is_mended_by_a_restore(
    sqlite_world: World, laptop: Machine, tmp_path: Path
) -> None:
    """The remedy that `doctor` and `database migrate` name."""
    granted = sqlite_world.grant(0)
    database = sqlite_world.home.database
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE person_signatures")
        connection.exec_driver_sql("ALTER TABLE licences DROP COLUMN signer")
    subject = subject_of(sqlite_world)
    (found,) = look(subject, "database")
    subject.close()
    assert found.finding.level is HealthLevel.FAIL
    assert found.finding.advice is not None
    assert "person_signatures" in found.finding.said.en
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    laptop.restore(snapshot, sqlite_world.home.journal_directory)
    with laptop.open(sqlite_world.clock) as world:
        with world.home.database.reading() as connection:
            assert missing_parts(connection) == []
            (kept,) = list_licences(connection)
        assert kept.identifier == granted.licence.identifier
