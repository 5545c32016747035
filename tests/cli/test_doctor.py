"""`xinyin doctor`: on a whole home, on a broken one, on none."""

from pathlib import Path

from tests.cli.conftest import DemoHome
from tests.cli.shell import xinyin


def snapshot(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_a_whole_home_is_told_and_left_as_it_is(own: DemoHome) -> None:
    before = snapshot(own.directory)
    ran = own.run("doctor", "--full", "--json")
    assert ran.code == 0, ran.out
    assert {one["level"] for one in ran.records} <= {"ok", "warn"}
    assert all(one["said"]["zh"] and one["said"]["en"] for one in ran.records)
    assert snapshot(own.directory) == before
    shown = own.run("doctor", "--check", "files", "--check", "crls")
    assert (shown.code, len(shown.out.splitlines())) == (0, 2)


def test_what_failed_decides(own: DemoHome) -> None:
    (own.directory / "xinyin.toml").chmod(0o644)
    ran = own.run("doctor")
    assert ran.code == 20
    assert "chmod 600" in ran.out


def test_no_home_at_all(tmp_path: Path) -> None:
    ran = xinyin("doctor", "--home", tmp_path / "none", "--json")
    assert ran.code == 15
    assert {one["level"] for one in ran.records} == {"ok", "unknown"}
