"""A full disk, a locked database, no passphrase, a stranger's home: told, and nothing is lost."""

import errno
import os
import resource
import shutil
import sqlite3
from pathlib import Path

import pytest

import registry.db.engines
from core.settings import FILE_NAME
from tests.cli.commands import Ran
from tests.cli.conftest import DemoHome
from tests.cli.holders import write_shop


def issue(home: DemoHome, out: Path, number: int, **options: object) -> Ran:
    """Grant a food licence, in this process."""
    data = write_shop(out.with_suffix(".json"), number)
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    return home.run("licence", "issue", *arguments, **options)


def states(home: DemoHome) -> list[str]:
    """Return the states of all licences beyond the demo's three."""
    return [one["state"] for one in home.run("licence", "list", "--json").records[3:]]


def without_passphrase(home: DemoHome) -> None:
    """Let the home's settings no longer say where the passphrases are."""
    path = home.directory / FILE_NAME
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(one for one in lines if "passphrase" not in one), "utf-8")


def passphrase_of(home: DemoHome) -> Path:
    """Return the file with the passphrase of the shared home's keys."""
    made = Path(home.report["home"])
    return made.with_name(f"{made.name}.passphrase")


LIMIT = 20_000
"""Bytes: less than a sealed document, more than a page of the database's journal."""


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("language", "said"), [("en", "Free space"), ("zh", "腾出空间")])
def test_a_disk_that_takes_no_document(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    data, out = write_shop(tmp_path / "a.json", 81), tmp_path / "a.pdf"
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    with monkeypatch.context() as full:
        full.setattr(os, "link", _refuse)
        full.setattr(Path, "replace", _refuse)
        ran = own.run("licence", "issue", *arguments, env={"XINYIN_LANG": language})
    assert (ran.code, ran.out, out.exists()) == (1, "", False)
    assert said in ran.err
    assert states(own) == ["PENDING"]
    resumed = own.run("licence", "resume", "--json")
    assert (resumed.code, states(own)) == (0, ["IN_FORCE"])
    identifier = resumed.records[0]["identifier"]
    assert own.run("licence", "export", identifier, "--out", out).code == 0
    assert own.run("verify", out).code == 0


def _fill() -> None:
    """Let no file of this process grow beyond the limit, as if the disk were full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_a_full_disk_loses_nothing(own: DemoHome, tmp_path: Path) -> None:
    data, out = write_shop(tmp_path / "a.json", 82), tmp_path / "a.pdf"
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    ran = own.installed("licence", "issue", *arguments, preexec_fn=_fill)
    assert ran.code in (1, 5), ran.err
    assert (ran.out, out.exists()) == ("", False)
    assert "Traceback" not in ran.err
    assert not list(own.directory.rglob("*.tmp"))
    assert own.run("licence", "resume").code == 0
    again = own.run("licence", "issue", *arguments, "--json")
    assert again.code == 0, again.err
    assert set(states(own)) == {"IN_FORCE"}


def test_where_only_the_output_cannot_be_written(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / ("x" * 250 + ".pdf")
    data = write_shop(tmp_path / "a.json", 83)
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    ran = own.run("licence", "issue", *arguments)
    assert (ran.code, ran.out, states(own)) == (1, "", ["IN_FORCE"])
    assert "do not grant it again" in ran.err
    identifier = own.run("licence", "list", "--json").records[-1]["identifier"]
    assert f"xinyin licence export {identifier}" in ran.err


@pytest.mark.parametrize(
    ("language", "said"), [("en", "busy with another process"), ("zh", "正被其他进程占用")]
)
def test_a_locked_database(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr(registry.db.engines, "_BUSY_TIMEOUT_MS", 100)
    writer = sqlite3.connect(own.directory / "registry.db")
    writer.execute("BEGIN IMMEDIATE")
    ran = issue(own, tmp_path / "a.pdf", 84, env={"XINYIN_LANG": language})
    writer.rollback()
    writer.close()
    assert (ran.code, ran.out) == (5, "")
    assert said in ran.err
    assert states(own) == []
    assert issue(own, tmp_path / "a.pdf", 84).code == 0


def test_a_database_that_is_none(own: DemoHome) -> None:
    for path in own.directory.glob("registry.db*"):
        path.unlink()
    (own.directory / "registry.db").write_bytes(b"no database " * 1000)
    ran = own.run("licence", "list")
    assert ran.code in (1, 5)
    assert "Traceback" not in ran.err
    assert ran.err.startswith("xinyin: ")


@pytest.mark.parametrize(("language", "said"), [("en", "--passphrase-file"), ("zh", "口令")])
def test_without_a_passphrase(own: DemoHome, tmp_path: Path, language: str, said: str) -> None:
    without_passphrase(own)
    ran = issue(own, tmp_path / "a.pdf", 85, env={"XINYIN_LANG": language})
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert states(own) == [], "no number was spent on it"


def test_the_passphrase_from_a_file(own: DemoHome, tmp_path: Path) -> None:
    without_passphrase(own)
    out, data = tmp_path / "a.pdf", write_shop(tmp_path / "a.json", 86)
    arguments = ("licence", "issue", "--type", "food-operation", "--data", data, "--out", out)
    wrong, inside, loose = tmp_path / "wrong", own.directory / "inside", tmp_path / "loose"
    wrong.write_text("something else")
    for path in (inside, loose):
        shutil.copy(passphrase_of(own), path)
    for path, mode in ((wrong, 0o600), (inside, 0o600), (loose, 0o644)):
        path.chmod(mode)
        ran = own.run(*arguments, "--passphrase-file", path)
        assert ran.code == (4 if path == wrong else 2), ran.err
        assert "Traceback" not in ran.err
    assert states(own) == [], "no number was spent on it"
    ran = own.run(*arguments, "--passphrase-file", passphrase_of(own), "--force")
    assert ran.code == 0, ran.err


def test_the_passphrase_from_a_descriptor(own: DemoHome, tmp_path: Path) -> None:
    without_passphrase(own)
    out, data = tmp_path / "a.pdf", write_shop(tmp_path / "a.json", 87)
    reading, writing = os.pipe()
    os.write(writing, passphrase_of(own).read_bytes())
    os.close(writing)
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    ran = own.installed(
        "licence", "issue", *arguments, "--passphrase-fd", str(reading), pass_fds=(reading,)
    )
    os.close(reading)
    assert ran.code == 0, ran.err
    assert own.run("verify", out).code == 0


def test_the_passphrase_from_a_systemd_credential(own: DemoHome, tmp_path: Path) -> None:
    without_passphrase(own)
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    shutil.copy(passphrase_of(own), credentials / "xinyin-keys")
    ran = issue(own, tmp_path / "a.pdf", 88, env={"CREDENTIALS_DIRECTORY": str(credentials)})
    assert ran.code == 0, ran.err


def test_no_secret_is_taken_from_the_environment_or_the_arguments(own: DemoHome) -> None:
    secret = passphrase_of(own).read_text()
    without_passphrase(own)
    env = dict.fromkeys(("XINYIN_PASSPHRASE", "XINYIN_KEYS_PASSPHRASE"), secret)
    assert issue(own, own.directory.parent / "a.pdf", 89, env=env).code == 2
    ran = own.run("licence", "resume", "--passphrase", secret)
    assert ran.code == 2
    for command in ("init", "demo", "serve"):
        helped = own.run(command, "--help").out
        assert "--passphrase " not in helped
        assert "--pin" not in helped


def test_a_home_of_another_account(own: DemoHome, tmp_path: Path) -> None:
    path = own.directory / FILE_NAME
    account = own.run("audit", "list", "--json").records[0]["actor"].partition(":")[2]
    text = path.read_text("utf-8").replace(f'account = "{account}"', 'account = "someone"')
    path.write_text(text, "utf-8")
    assert issue(own, tmp_path / "a.pdf", 90).code == 4
    licence = own.document("in_force")["identifier"]
    reason = ("--reason", "ANNULLED", "--basis", "x", "--yes")
    ran = own.run("licence", "cancel", licence, *reason, env={"XINYIN_LANG": "zh"})
    assert (ran.code, ran.out) == (4, "")
    assert "操作员" in ran.err
    assert own.run("verify", own.path("in_force")).code == 0


def test_settings_that_cannot_hold_name_the_key(own: DemoHome) -> None:
    ran = own.run("licence", "list", env={"XINYIN_SERVICE_ZONE": "Asia/Qingdao"})
    assert ran.code == 2
    assert "zone" in ran.err
    (own.directory / FILE_NAME).write_text("[service\n", "utf-8")
    ran = own.run("licence", "list")
    assert ran.code == 2
    assert FILE_NAME in ran.err
