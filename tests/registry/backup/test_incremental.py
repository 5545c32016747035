"""A further backup costs what changed: it has what a full one has, and reads nothing twice."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.ids import Sha256
from registry.backup import backup, check
from registry.backup.backup import make_backup
from registry.backup.check import check_backup, digest_of
from registry.backup.dump import BadBackupError
from registry.backup.manifest import CHECKSUM, MANIFEST, checksum_of, read_manifest
from registry.licences.licences import LicenceChange, change_state
from registry.model import Reason
from tests.permits import CHANGE_LICENCE
from tests.registry.backup import test_backup
from tests.world import World

CHANGES = (
    "UPDATE licences SET claim = 'x' WHERE identifier = (SELECT min(identifier) FROM licences)",
    "UPDATE licences SET basis = NULL WHERE identifier = (SELECT max(identifier) FROM licences)",
    "DELETE FROM protections WHERE identifier = (SELECT min(identifier) FROM protections)",
    "UPDATE revisions SET policy = 'x' WHERE identifier = (SELECT max(identifier) FROM revisions)",
    "INSERT INTO counters VALUES ('a', 1)",
    "INSERT INTO counters VALUES ('zz', 1)",
    "DELETE FROM audit_heads WHERE sequence = (SELECT max(sequence) FROM audit_heads)",
    "UPDATE issuers SET created_at = '2026-01-01 00:00:00.000000' WHERE role = 'root'",
)
"""Each of rows of its own."""


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.backup.spans.ROWS", 3)


def back_up(world: World, directory: Path, *, full: bool = False) -> Path:
    world.clock.advance(timedelta(seconds=1))
    return test_backup.back_up(world, directory, full=full)


def tables_in(snapshot: Path) -> dict[str, bytes]:
    """Return the lines of each table."""
    return {
        one.name: b"".join((snapshot / "database" / name).read_bytes() for name in one.files)
        for one in read_manifest(snapshot).tables
    }


def is_whole(snapshot: Path) -> bool:
    manifest = read_manifest(snapshot)
    return manifest.whole_at == manifest.made_at


def test_it_has_what_a_full_one_has_and_reads_nothing_of_the_one_before(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = [world.grant(index).licence for index in range(4)]
    first = back_up(world, tmp_path / "backups")
    assert is_whole(first)
    with world.home.database.writing() as connection:
        change_state(
            connection,
            granted[1].identifier,
            LicenceChange.SUSPEND,
            reason=Reason.UNDER_REVIEW,
            basis="x",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    sha256 = world.grant(4).sha256
    read: list[Path] = []

    def watched(path: Path) -> str:
        read.append(path)
        return digest_of(path)

    looked: list[str] = []

    def look(objects: list[Sha256]) -> list[Sha256]:
        looked.extend(objects)
        return objects

    with monkeypatch.context() as patch:
        patch.setattr(backup, "digest_of", watched)
        patch.setattr(check, "digest_of", watched)
        world.clock.advance(timedelta(days=1))
        second, _ = make_backup(test_backup.parts_of(world.home), tmp_path / "backups", look)
    assert not is_whole(second)
    assert looked == [sha256]
    of_first = {path.stat().st_ino for path in first.rglob("*.jsonl")}
    kept = [path for path in second.rglob("*.jsonl") if path.stat().st_ino in of_first]
    names = {path.name for path in read if "database" in path.parts}
    assert len(kept) > 40
    assert names.isdisjoint(path.name for path in kept if path.stat().st_size)
    third = back_up(world, tmp_path / "backups", full=True)
    assert is_whole(third)
    before = tables_in(third)
    assert tables_in(second) == before | {"counters": tables_in(second)["counters"]}
    check_backup(second, tmp_path / "backups" / "objects", list)


def test_whatever_changes_in_a_row_is_noticed(world: World, tmp_path: Path) -> None:
    for index in range(4):
        world.grant(index)
    world.home.audit.signer.sign()
    back_up(world, tmp_path / "backups")
    before = tables_in(back_up(world, tmp_path / "backups"))
    with world.home.database.writing() as connection:
        for statement in CHANGES:
            assert connection.execute(text(statement)).rowcount == 1, statement
    second = back_up(world, tmp_path / "backups")
    assert not is_whole(second)
    found = tables_in(second)
    changed = {name for name in found if found[name] != before[name]}
    named = {"licences", "protections", "revisions", "counters", "audit_heads", "issuers"}
    assert changed == named
    assert found == tables_in(back_up(world, tmp_path / "backups", full=True))


def test_damage_of_a_shared_file_is_found_within_a_week_and_mended(
    sqlite_world: World, tmp_path: Path
) -> None:
    first = back_up(sqlite_world, tmp_path / "backups")
    rotten = first / "database" / "authorities.jsonl"
    sound = rotten.read_bytes()
    rotten.write_bytes(sound.replace(b"name", b"nome"))
    sqlite_world.clock.advance(timedelta(days=6, hours=23))
    second = back_up(sqlite_world, tmp_path / "backups")
    assert not is_whole(second)
    with pytest.raises(BadBackupError, match=r"authorities\.jsonl"):
        check_backup(second, tmp_path / "backups" / "objects", None)  # as a restore does
    sqlite_world.clock.advance(timedelta(hours=1))
    third = back_up(sqlite_world, tmp_path / "backups")
    assert is_whole(third)
    assert (third / "database" / "authorities.jsonl").read_bytes() == sound
    check_backup(third, tmp_path / "backups" / "objects", list)
    sqlite_world.clock.advance(timedelta(days=-2))
    assert is_whole(back_up(sqlite_world, tmp_path / "backups"))


def test_a_document_that_is_gone_is_missed(sqlite_world: World, tmp_path: Path) -> None:
    """Also where nothing on record of it changed."""
    sha256 = sqlite_world.grant(0).sha256
    back_up(sqlite_world, tmp_path / "backups")
    sqlite_world.home.store.erase(sha256)
    with pytest.raises(BadBackupError, match=sha256):
        back_up(sqlite_world, tmp_path / "backups")


def test_a_document_that_the_backups_lost_is_copied_again(
    sqlite_world: World, tmp_path: Path
) -> None:
    """Also by a backup that rests on another: else it would call itself good without it."""
    sha256 = sqlite_world.grant(0).sha256
    back_up(sqlite_world, tmp_path / "backups")
    (tmp_path / "backups" / "objects" / sha256[:2] / sha256[2:]).unlink()
    second = back_up(sqlite_world, tmp_path / "backups")
    assert not is_whole(second)
    check_backup(second, tmp_path / "backups" / "objects", list)


def test_a_chain_that_does_not_go_on_from_the_one_before_is_read_whole(
    sqlite_world: World, tmp_path: Path
) -> None:
    sqlite_world.grant(0)
    first = back_up(sqlite_world, tmp_path / "backups")
    end = read_manifest(first).audit.sequence
    with sqlite_world.home.database.writing() as connection:
        connection.execute(text(f"UPDATE audit_events SET hash = 'x' WHERE sequence = {end}"))
    with pytest.raises(BadBackupError, match=f"audit event {end}"):
        back_up(sqlite_world, tmp_path / "backups")


def test_an_event_that_was_altered_since_stays_in_backups_as_it_was(
    sqlite_world: World, tmp_path: Path
) -> None:
    """A full one refuses: the chain does not hold."""
    sqlite_world.grant(0)
    first = back_up(sqlite_world, tmp_path / "backups")
    with sqlite_world.home.database.writing() as connection:
        connection.execute(text("UPDATE audit_events SET subject = 'x' WHERE sequence = 3"))
    second = back_up(sqlite_world, tmp_path / "backups")
    events = tables_in(second)["audit_events"]
    assert events.startswith(tables_in(first)["audit_events"])
    with pytest.raises(BadBackupError, match="audit event 3"):
        back_up(sqlite_world, tmp_path / "backups", full=True)


def test_nothing_rests_on_a_backup_that_does_not_say_what_its_files_hold(
    sqlite_world: World, tmp_path: Path
) -> None:
    first = back_up(sqlite_world, tmp_path / "backups")
    fields = json.loads((first / MANIFEST).read_bytes())
    for table in fields["tables"]:
        del table["spans"]
    del fields["whole_at"]
    data = json.dumps(fields | {"format": 2}).encode()
    (first / MANIFEST).write_bytes(data)
    (first / CHECKSUM).write_bytes(checksum_of(data))
    assert is_whole(back_up(sqlite_world, tmp_path / "backups"))
    assert not is_whole(back_up(sqlite_world, tmp_path / "backups"))
