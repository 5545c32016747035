"""`xinyin ca pin-root`: roots from before they were pinned, and roots of others."""

import hashlib
from pathlib import Path

from tests.cli.conftest import DemoHome


def roots(home: DemoHome) -> Path:
    return home.directory / "trust" / "roots"


def test_a_home_that_is_made_pins_its_root(own: DemoHome) -> None:
    (path,) = roots(own).iterdir()
    shown = own.run("doctor", "--check", "roots", "--json")
    assert (shown.code, [one["level"] for one in shown.records]) == (0, ["ok"])
    again = own.run("ca", "pin-root", "--yes", "--json")
    assert (again.code, again.records) == (0, [])
    assert path.read_bytes().startswith(b"\x30\x82")


def test_a_home_from_before_is_told_and_pinned_by_its_operator(own: DemoHome) -> None:
    (path,) = roots(own).iterdir()
    root = path.read_bytes()
    sha256 = hashlib.sha256(root).hexdigest()
    path.unlink()
    roots(own).rmdir()
    told = own.run("doctor", "--check", "roots", "--json")
    assert [one["level"] for one in told.records] == ["warn"]
    assert "xinyin ca pin-root" in told.records[0]["advice"]["en"]
    # Nobody is there to compare the fingerprint.
    refused = own.run("ca", "pin-root")
    assert refused.code == 2
    assert sha256 in refused.err
    assert not roots(own).exists()
    assert own.run("ca", "pin-root", "--root-sha256", "0" * 64).code == 2
    assert not roots(own).exists()
    pinned = own.run("ca", "pin-root", "--root-sha256", sha256, "--json")
    assert (pinned.code, [one["sha256"] for one in pinned.records]) == (0, [sha256])
    assert [one.read_bytes() for one in roots(own).iterdir()] == [root]
    events = own.run("audit", "list", "--action", "root.pinned", "--json")
    assert sha256 in events.out


def test_a_file_is_pinned_too(own: DemoHome, tmp_path: Path) -> None:
    (path,) = roots(own).iterdir()
    kept = tmp_path / "root.cer"
    path.rename(kept)
    pinned = own.run("ca", "pin-root", kept, "--yes", "--json")
    assert len(pinned.records) == 1
    assert [one.read_bytes() for one in roots(own).iterdir()] == [kept.read_bytes()]
    (tmp_path / "none.cer").write_text("none")
    assert own.run("ca", "pin-root", tmp_path / "none.cer", "--yes").code == 2
