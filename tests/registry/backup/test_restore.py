"""A home made of a snapshot, step by step, and what is refused before anything is written."""

import shutil
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from core.errors import UsageError
from core.ids import KeyId, Sha256
from core.settings import FILE_NAME, RESTORING
from home.code_keys import CodeKeys
from registry.backup.backup import Parts, make_backup
from registry.backup.dump import BadBackupError
from registry.backup.manifest import CHECKSUM, MANIFEST, Manifest, checksum_of
from registry.backup.merging import Merged
from registry.backup.restore import Target, restore, settings_of
from registry.bodies.authorities import find_seal
from registry.db.database import Database
from registry.db.tables import audit_events, counters
from registry.facts.loss import UnacceptedLossError, check_loss
from registry.journal.journal import Journal, JournalKind
from registry.ledger.ledger import SqlLedger
from registry.licences.licences import LicenceChange, change_state, list_licences
from registry.model import LicenceState, Reason
from registry.objects.files import FileStore
from signing.sandbox import Sandbox
from tests.clock import StoppedClock
from tests.permits import CHANGE_CERTIFICATE, CHANGE_LICENCE, MANAGE_KEY
from tests.world import World, copy_world, reserved

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """A register, a backup of it, and what happened after that."""

    home: Path
    snapshot: Path
    manifest: Manifest
    sha256: Sha256
    pdf: bytes
    revoked: str
    released: str
    cancelled: str
    pending: str
    retired: KeyId
    crl: bytes

    @property
    def journal(self) -> Path:
        """The one that outlived the database."""
        return self.home / "journal"

    @property
    def later(self) -> datetime:
        """When it is restored."""
        return self.manifest.made_at + DAY

    def marks(self, journal: Path) -> dict[str, int]:
        """The highest mark of each counter."""
        found: dict[str, int] = {}
        for one in Journal(journal, StoppedClock()).read():
            if one.kind is JournalKind.MARK:
                scope, value = str(one.facts["scope"]), int(one.facts["value"] or 0)
                found[scope] = max(value, found.get(scope, 0))
        return found


@pytest.fixture(scope="module")
def past(sqlite_template: Path, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Past:
    directory = tmp_path_factory.mktemp("past")
    with copy_world(sqlite_template, directory, sandbox=sandbox) as world:
        return _live(world, directory)


def _live(world: World, directory: Path) -> Past:
    home, now = world.home, world.clock.now()
    granted = world.grant(0)
    with home.database.writing() as connection:
        pending = reserved(home.reservations, connection, world.request(1)).licence.identifier
        seals = [
            find_seal(connection, world.types[slug].seal_id)
            for slug in ("food-operation", "disability", "construction-qualification")
        ]
    held, bad, _ = (x509.load_der_x509_certificate(one.certificate).serial_number for one in seals)
    ledger, retired = SqlLedger(home.database), KeyId(seals[2].key_id)
    ledger.hold(FIRST_ISSUING, held, now, permit=CHANGE_CERTIFICATE)
    (directory / "backups").mkdir()
    parts = Parts(
        home.directory, home.database, home.store, home.journal, home.journal_directory, world.clock
    )
    snapshot, manifest = make_backup(parts, directory / "backups", list)
    ledger.release(FIRST_ISSUING, held, now, permit=CHANGE_CERTIFICATE)
    ledger.revoke(FIRST_ISSUING, bad, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE)
    with home.database.writing() as connection:
        change_state(
            connection, granted.licence.identifier, LicenceChange.CANCEL,
            reason=Reason.FORFEITED, basis="第九条", permit=CHANGE_LICENCE, at=now,
        )  # fmt: skip
    home.key_register.retire(retired, "停用", permit=MANAGE_KEY)
    return Past(
        home.directory, snapshot, manifest, granted.sha256, granted.pdf,
        f"issuing-1/{bad:x}", f"issuing-1/{held:x}", granted.licence.identifier, pending, retired,
        home.hierarchy.crls.publish(),
    )  # fmt: skip


class Machine:
    """Another machine, with nothing on it."""

    def __init__(self, past: Past, directory: Path) -> None:
        self.past = past
        self.home = directory / "new" / "home"
        self.journal = self.home / "journal"
        self.keys = CodeKeys(self.home)
        self.database = Database(f"sqlite:///{directory}/registry.db", privacy=self.keys.privacy)
        self.settings = settings_of(past.snapshot, None)
        self.snapshot = past.snapshot

    def restore(
        self, journal: Path | None, crls: Sequence[bytes] = (), progress: object = list
    ) -> Merged:
        """Restore, and look whether the home is one now."""
        store, clock = FileStore(self.home / "objects"), StoppedClock(self.past.later)
        target = Target(
            self.home, self.database, store, self.journal, clock, self.settings,
            self.keys.make_missing,
        )  # fmt: skip
        return restore(
            self.snapshot, target, live_journal=journal, crls=crls, progress=progress  # type: ignore[arg-type]
        )  # fmt: skip

    def events(self) -> list[tuple[str, str]]:
        """What the audit holds beyond the backup's."""
        column = audit_events.c
        query = select(column.action, column.subject).order_by(column.sequence)
        query = query.where(column.sequence > self.past.manifest.audit.sequence)
        with self.database.reading() as connection:
            return [(row.action, row.subject) for row in connection.execute(query)]

    def counters(self) -> dict[str, int]:
        with self.database.reading() as connection:
            rows = connection.execute(select(counters.c.scope, counters.c.value))
            return {row.scope: row.value for row in rows}

    def last_told(self) -> tuple[object, object]:
        """What the journal says last."""
        *_, last = Journal(self.journal, StoppedClock()).read()
        return last.kind, dict(last.facts)


@pytest.fixture
def machine(past: Past, tmp_path: Path) -> Machine:
    return Machine(past, tmp_path)


def test_a_home_is_made_of_it_and_of_what_the_journal_tells(past: Past, machine: Machine) -> None:
    merged = machine.restore(past.journal)
    assert merged.journal_complete
    assert (merged.revoked, merged.released) == ([past.revoked], [past.released])
    assert (merged.licences, merged.voided) == ([past.cancelled], 1)
    with machine.database.reading() as connection:
        check_loss(connection)
        states = {one.identifier: one.state for one in list_licences(connection, limit=None)}
        query = select(audit_events).where(audit_events.c.action == "register.restored")
        event = connection.execute(query).one()
    assert states == {past.cancelled: LicenceState.CANCELLED, past.pending: LicenceState.VOID}
    assert machine.events() == [
        ("register.restored", "register"),
        ("licence.voided", past.pending),
        ("certificate.restored", past.revoked),
        ("certificate.restored", past.released),
        ("licence.restored", past.cancelled),
        ("key.retired", f"key:{past.retired}"),
    ]
    made_at = past.manifest.made_at.isoformat()
    assert (event.at, event.actor) == (past.later, "restore")
    assert event.after == {
        "backup_made_at": made_at, "journal_complete": True, "revoked": 1, "released": 1,
        "licences": 1, "voided": 1, "erased": 0, "counters": merged.counters,
    }  # fmt: skip
    with machine.database.reading() as connection:
        newest = select(audit_events).order_by(audit_events.c.sequence.desc()).limit(1)
        end = connection.execute(newest).one()
    facts = {"backup_made_at": made_at, "from": past.manifest.journal.sequence}
    told = JournalKind.RESTORED, facts | {"end": end.sequence, "hash": end.hash}
    assert machine.last_told() == told, "what it did is held fast before any head is signed"
    live, copied = (
        b"".join(path.read_bytes() for path in sorted(one.glob("journal-*.jsonl")))
        for one in (past.journal, machine.journal)
    )
    assert copied.startswith(live), "it goes on"
    voided = Journal(machine.journal, StoppedClock()).last(JournalKind.RESERVED)
    assert voided is not None
    assert (voided.facts["identifier"], voided.facts.get("state")) == (past.pending, "VOID")


def test_crl_numbers_alone_leave_a_hundred_out(past: Past, machine: Machine) -> None:
    """As many CRLs may have been signed under one mark; other numbers go on above their marks."""
    machine.restore(past.journal)
    found, marks = machine.counters(), past.marks(past.journal)
    assert found["crl:issuing-1"] == marks["crl:issuing-1"] + 100
    others = {scope for scope in marks if scope.startswith(("sequence:", "number:"))}
    assert len(others) > 1
    assert {scope: found[scope] for scope in others} == {one: marks[one] for one in others}


def test_files_are_in_their_places_for_their_owner_alone(past: Past, machine: Machine) -> None:
    machine.restore(past.journal)
    kept = {Path(name).relative_to("home") for name in past.manifest.files if name[:5] == "home/"}
    assert len(kept) > 5, "keys and settings"
    for name in kept:
        expected = (past.snapshot / "home" / name).read_bytes()
        assert (machine.home / name).read_bytes() == expected
    assert (machine.home / FILE_NAME).read_bytes() == machine.settings
    assert FileStore(machine.home / "objects").get(past.sha256) == past.pdf
    modes = {path.stat().st_mode & 0o777 for path in machine.home.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in machine.home.rglob("*") if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})
    there = {path.name for path in machine.home.iterdir()}
    assert there == {name.parts[0] for name in kept} | {"objects", "journal"}


def test_crls_are_due_at_once_though_nothing_was_revoked(
    past: Past, machine: Machine, tmp_path: Path
) -> None:
    """Each shard, and whoever watches for changes of all."""
    journal = tmp_path / "then"
    shutil.copytree(past.snapshot / "journal", journal)
    Journal(journal, StoppedClock()).append(JournalKind.BACKED_UP, {"backup_made_at": "x"})
    merged = machine.restore(journal)
    ledger, marks = SqlLedger(machine.database), past.marks(journal)
    assert (merged.journal_complete, merged.released, merged.licences) == (True, [], [])
    changes = ledger.revocation_changes(FIRST_ISSUING)
    assert changes == marks["revocations:issuing-1:0"] + 1
    assert ledger.revocation_epoch() == marks["revocations"] + 1


def test_without_a_journal_its_loss_is_noted_and_crls_still_count(
    past: Past, machine: Machine
) -> None:
    merged = machine.restore(None, [past.crl])
    assert not merged.journal_complete
    assert (merged.revoked, merged.licences, merged.voided) == ([past.revoked], [], 1)
    with machine.database.reading() as connection, pytest.raises(UnacceptedLossError) as caught:
        check_loss(connection)
    assert past.manifest.made_at.isoformat(timespec="seconds") in caught.value.text.en
    told = Journal(machine.journal, StoppedClock()).last(JournalKind.STATUS)
    assert told is not None
    assert f"{told.facts['issuer']}/{told.facts['serial']}" == past.revoked
    assert past.marks(machine.journal).keys() <= past.marks(past.journal).keys()


def test_a_journal_in_its_place_goes_on_there(past: Past, machine: Machine, tmp_path: Path) -> None:
    """On a disk of its own, which outlived the machine."""
    machine.journal = tmp_path / "disk"
    shutil.copytree(past.journal, machine.journal)
    assert machine.restore(machine.journal).journal_complete
    assert machine.last_told()[0] is JournalKind.RESTORED
    assert not (machine.home / "journal").exists()


# What is refused


def test_a_home_that_holds_anything_is_left_alone(past: Past, machine: Machine) -> None:
    machine.home.mkdir(parents=True)
    (machine.home / "x").touch()
    with pytest.raises(UsageError, match="not empty"):
        machine.restore(past.journal)
    assert [path.name for path in machine.home.iterdir()] == ["x"]
    assert machine.database.is_missing


def test_a_database_that_holds_a_register_is_left_alone(past: Past, machine: Machine) -> None:
    machine.database = Database(f"sqlite:///{past.home}/registry.db")
    assert not machine.database.is_missing
    with pytest.raises(BadBackupError, match="holds data already"):
        machine.restore(past.journal)
    assert list(machine.home.iterdir()) == []


def test_the_backups_own_copy_of_the_journal_is_not_the_live_one(
    past: Past, machine: Machine
) -> None:
    for given in (past.snapshot / "journal", past.snapshot / "home" / ".." / "journal"):
        with pytest.raises(UsageError, match="own copy"):
            machine.restore(given)
    assert list(machine.home.iterdir()) == []


@pytest.mark.parametrize("registry", ["another", "the same"])
def test_a_journal_that_does_not_go_on_from_it_is_refused(
    past: Past, machine: Machine, tmp_path: Path, registry: str
) -> None:
    other, name = tmp_path / "other", past.manifest.registry_id
    Journal.start(other, name if registry == "the same" else "another", StoppedClock())
    with pytest.raises(BadBackupError, match="does not go on"):
        machine.restore(other)
    assert list(machine.home.iterdir()) == []


def test_another_journal_in_its_place_is_not_written_over(
    past: Past, machine: Machine, tmp_path: Path
) -> None:
    machine.journal = tmp_path / "disk"
    Journal.start(machine.journal, "another", StoppedClock())
    before = [path.read_bytes() for path in machine.journal.glob("*.jsonl")]
    for given in (past.journal, None):
        with pytest.raises(UsageError, match="There is a journal in"):
            machine.restore(given)
    assert [path.read_bytes() for path in machine.journal.glob("*.jsonl")] == before


def test_a_backup_of_a_newer_version_is_refused(
    past: Past, machine: Machine, tmp_path: Path
) -> None:
    machine.snapshot = tmp_path / "newer" / past.snapshot.name
    shutil.copytree(past.snapshot, machine.snapshot)
    (tmp_path / "newer" / "objects").symlink_to(past.snapshot.parent / "objects")
    encoded = replace(past.manifest, revision="9999").encode()
    (machine.snapshot / MANIFEST).write_bytes(encoded)
    (machine.snapshot / CHECKSUM).write_bytes(checksum_of(encoded))
    with pytest.raises(BadBackupError, match="newer version"):
        machine.restore(past.journal)
    assert not machine.home.exists()


def test_a_document_that_was_damaged_meanwhile_leaves_no_home(
    past: Past, machine: Machine, tmp_path: Path
) -> None:
    """Where a restore was cut off, a file says so, and there are no settings."""
    machine.snapshot = tmp_path / "damaged" / past.snapshot.name
    shutil.copytree(past.snapshot.parent, machine.snapshot.parent)
    objects = FileStore(machine.snapshot.parent / "objects")

    def damage(names: Iterable[Sha256]) -> Iterable[Sha256]:
        for one in names:
            objects.path(one).write_bytes(b"x")
            yield one

    with pytest.raises(BadBackupError, match=past.sha256):
        machine.restore(past.journal, progress=damage)
    left = machine.home / RESTORING
    assert (left.read_bytes(), left.stat().st_mode & 0o777) == (b"", 0o600)
    assert not (machine.home / FILE_NAME).exists()
    assert machine.database.is_missing


# Its settings


def test_settings_come_back_as_they_were_but_for_the_database(past: Past) -> None:
    written = (past.home / FILE_NAME).read_bytes()
    assert settings_of(past.snapshot, None) == written
    url = "postgresql://db/registry"
    changed = tomllib.loads(settings_of(past.snapshot, url).decode())
    before = tomllib.loads(written.decode())
    assert changed.pop("database") == {"url": url}
    before.pop("database", None)
    assert changed == before


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_settings_that_are_not_what_was_written_are_refused(
    past: Past, tmp_path: Path, damage: str
) -> None:
    snapshot = tmp_path / past.snapshot.name
    shutil.copytree(past.snapshot, snapshot)
    path = snapshot / "home" / FILE_NAME
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(BadBackupError, match=FILE_NAME):
        settings_of(snapshot, None)
