"""`xinyin doctor`: on a whole home, on a broken one, on none."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import home.health
from cli.keeping.doctor_command import CHECKS
from tests.cli.commands import xinyin
from tests.cli.conftest import DemoHome


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


def test_a_kernel_that_confines_nothing_is_told(
    own: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = ("doctor", "--check", "sandbox", "--json")
    assert [one["level"] for one in own.run(*look).records] == ["ok"]
    monkeypatch.setattr(home.health, "probe", lambda: "seccomp_errno_22")
    ran = own.run(*look)
    (told,) = ran.records
    assert (ran.code, told["level"]) == (20, "fail")
    assert "seccomp_errno_22" in told["said"]["en"]
    with (own.directory / "xinyin.toml").open("a") as file:
        file.write('\n[sandbox]\nconfinement = "prefer"\n')
    ran = own.run(*look)
    assert (ran.code, ran.records[0]["level"]) == (0, "warn")


def test_no_home_at_all(tmp_path: Path) -> None:
    ran = xinyin("doctor", "--home", tmp_path / "none", "--json")
    assert ran.code == 15
    assert {one["level"] for one in ran.records} == {"ok", "unknown"}
    told = xinyin("doctor", "--home", tmp_path / "none")
    assert (told.code, told.out, "xinyin init" in told.err) == (15, "", True)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "registry.db").touch()
    shown = xinyin("doctor", "--home", tmp_path / "none").out
    unknown = {one["check"] for one in ran.records if one["level"] == "unknown"}
    titles = {one.title.en for one in CHECKS if one.name in unknown}
    assert len(titles) > 2
    assert {one for one in titles if one not in shown} == set(), "each is named"


def test_the_advice_for_a_root_that_is_not_on_record_cures_it(own: DemoHome) -> None:
    """As after an upgrade from before there were records of keys."""
    with closing(sqlite3.connect(own.directory / "registry.db")) as database:
        database.execute("DELETE FROM keys WHERE purpose IN ('root-ca', 'ocsp')")
        database.commit()
    look = ("doctor", "--check", "keys", "--json")
    advice = [one["advice"]["en"] for one in own.run(*look).records]
    commands = [one.removeprefix("Run ").partition(",")[0] for one in advice]
    assert sorted(commands) == ["xinyin key check", "xinyin key check --root"]
    assert "xinyin key check --root records" in own.run("key", "list").err
    ran = own.run(*commands[1 if "--root" in commands[1] else 0].split()[1:])
    assert ran.code == 0, ran.err
    assert [one["level"] for one in own.run(*look).records] == ["ok"]


def test_an_identity_file_that_cannot_hold_is_told(own: DemoHome) -> None:
    look = ("doctor", "--check", "identity", "--json")
    (without,) = own.run(*look).records
    assert (without["level"], "local operator" in without["said"]["en"]) == ("ok", True)
    file, key = own.directory / "identity.toml", own.directory / "client.pem"
    text = (
        'public_url = "https://issuing.example.gov.cn"\n[[providers]]\nalias = "main"\n'
        'label = "统一身份"\nissuer = "https://id.example.gov.cn"\nclient_id = "desk"\n'
        'client_key_file = "client.pem"\nclient_key_id = "client-1"\nalgorithm = "ES256"\n'
        '[[groups]]\nprovider = "main"\ngroup = "经办"\nrole = "operator"\nauthority = "%s"\n'
    )
    known = own.run("authority", "list", "--json").records[0]["authority"]
    key.write_text("none")
    key.chmod(0o600)
    said = []
    for content in (text % known, text % "nowhere", "public_url = 3", "["):
        file.write_text(content, "utf-8")
        file.chmod(0o600)
        ran = own.run(*look)
        said.append((ran.code, ran.records[0]["level"], ran.records[0]["said"]["en"]))
    assert [one[:2] for one in said] == [(0, "ok"), (20, "fail"), (20, "fail"), (20, "fail")]
    assert "nowhere" in said[1][2]
    file.write_text(text % known, "utf-8")
    key.unlink()
    assert own.run(*look).code == 20
