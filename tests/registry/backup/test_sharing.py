"""A further backup takes the room of what changed, and is whole by itself."""

import json
from pathlib import Path

import pytest

from registry.backup.check import check_backup, digest_of
from registry.backup.dump import BadBackupError
from registry.backup.manifest import CHECKSUM, MANIFEST, checksum_of, read_manifest
from registry.licences.licences import list_licences
from signing.sandbox import Sandbox
from tests.registry.backup.test_backup import Machine, back_up
from tests.world import World


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.backup.spans.ROWS", 2)


def shared(one: Path, other: Path) -> set[str]:
    """Return the digests of the files of `other` that are files of `one`, by their inodes."""
    known = {path.stat().st_ino for path in one.rglob("*") if path.is_file()}
    files = read_manifest(other).files
    return {digest for name, digest in files.items() if (other / name).stat().st_ino in known}


def test_files_that_did_not_change_are_those_of_the_backup_before(
    sqlite_world: World, tmp_path: Path, sandbox: Sandbox
) -> None:
    granted = [sqlite_world.grant(index).licence.identifier for index in range(4)]
    first = back_up(sqlite_world, tmp_path / "backups")
    granted.append(sqlite_world.grant(4).licence.identifier)
    second = back_up(sqlite_world, tmp_path / "backups")

    tables = {one.name: one for one in read_manifest(second).tables}
    assert tables["audit_events"].parts > 5
    before, after = (
        {digest for name, digest in read_manifest(one).files.items() if name.startswith("database")}
        for one in (first, second)
    )
    assert before & after == shared(first, second) & after
    events = [f"database/{name}" for name in tables["audit_events"].files]
    same = [name for name in events if digest_of(second / name) in before]
    assert len(same) >= len(events) - 4, "all but the last ones are as they were"

    for path in sorted(first.rglob("*"), reverse=True):  # the first is thrown away
        path.rmdir() if path.is_dir() else path.unlink()
    machine = Machine(tmp_path / "new", f"sqlite:///{tmp_path}/new/registry.db", sandbox)
    machine.restore(second, sqlite_world.home.journal_directory)
    with (
        machine.open(sqlite_world.clock) as restored,
        restored.home.database.reading() as connection,
    ):
        found = [one.identifier for one in list_licences(connection, limit=None)]
    assert sorted(found) == sorted(granted)


def test_a_file_that_was_damaged_since_is_not_taken_over(
    sqlite_world: World, tmp_path: Path
) -> None:
    first = back_up(sqlite_world, tmp_path / "backups")
    rotten = first / "database" / "authorities.jsonl"
    rotten.write_bytes(rotten.read_bytes().replace(b"name", b"nome"))
    second = back_up(sqlite_world, tmp_path / "backups", full=True)
    assert not (second / "database" / "authorities.jsonl").samefile(rotten)
    check_backup(second, tmp_path / "backups" / "objects", list)


def test_a_backup_of_the_first_format_is_read(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.backup.spans.ROWS", 10**9)
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    fields = json.loads((snapshot / MANIFEST).read_bytes())
    for table in fields["tables"]:
        assert table.pop("parts") == 1
        del table["spans"]
    data = json.dumps({**fields, "format": 1, "whole_at": None}).encode()
    (snapshot / MANIFEST).write_bytes(data)
    (snapshot / CHECKSUM).write_bytes(checksum_of(data))
    check_backup(snapshot, tmp_path / "backups" / "objects", list)


@pytest.mark.parametrize("parts", [0, -1, 10**12, "2", 1.5, None])
def test_a_manifest_with_an_impossible_number_of_files_is_refused(
    sqlite_world: World, tmp_path: Path, parts: object
) -> None:
    snapshot = back_up(sqlite_world, tmp_path / "backups")
    fields = json.loads((snapshot / MANIFEST).read_bytes())
    fields["tables"][0]["parts"] = parts
    data = json.dumps(fields).encode()
    (snapshot / MANIFEST).write_bytes(data)
    (snapshot / CHECKSUM).write_bytes(checksum_of(data))
    with pytest.raises(BadBackupError):
        read_manifest(snapshot)
