"""`xinyin backup`, `restore` and `journal`, as an operator types them."""

import shutil
from contextlib import closing
from pathlib import Path
from unittest import mock

import alembic.command
import pytest
from alembic.config import Config

import registry.db.migrations
from registry.answers.answers import Outcome
from registry.db.database import Database
from tests.cli.commands import xinyin, xinyin_process
from tests.cli.conftest import DemoHome
from tests.databases import PASSWORD, PostgresServer, with_password


def test_a_lost_machine_comes_back(own: DemoHome, tmp_path: Path) -> None:
    made = own.run("backup", tmp_path / "backups")
    assert made.code == 0, made.err
    assert "Verified: 3 licences" in made.err
    snapshot = Path(made.out.strip())
    assert own.run("backup", "--check", snapshot).code == 0
    shutil.move(own.directory / "journal", tmp_path / "journal")
    shutil.rmtree(own.directory)
    new = tmp_path / "new"
    for wrong, told in (
        (tmp_path / "nowhere", "There is no backup in"),
        (tmp_path / "journal", "There is no backup in"),
        (tmp_path / "backups", f"the newest is “{snapshot}”"),
    ):
        ran = xinyin("restore", wrong, "--home", new)
        assert (ran.code, told in ran.err, new.exists()) == (3, True, False), ran.err
    ran = xinyin("restore", snapshot, "--home", new, "--journal", tmp_path / "journal")
    assert ran.code == 0, ran.err
    assert "The journal ends at " in ran.err
    assert "Asia/Shanghai." in ran.err
    for outcome, code in ((Outcome.IN_FORCE, 0), (Outcome.NOT_IN_FORCE, 13), (Outcome.ALTERED, 11)):
        assert xinyin("verify", own.path(outcome), "--home", new).code == code
    events = xinyin("audit", "list", "--home", new, "--json", "--limit", "1000").records
    assert [one["action"] for one in events][-1] == "register.restored"


def test_without_its_journal_it_does_nothing_until_the_loss_is_accepted(
    own: DemoHome, tmp_path: Path
) -> None:
    snapshot = Path(own.run("backup", tmp_path / "backups").out.strip())
    new = tmp_path / "new"
    restored = xinyin("restore", snapshot, "--home", new, "--json")
    assert restored.code == 0
    assert restored.json["journal_complete"] is False
    file = own.path(Outcome.IN_FORCE)
    for command in (
        ("ca", "crl"),
        ("serve", "--port", "0"),
        ("serve", "--role", "verify", "--port", "0"),
    ):
        ran = xinyin_process(*command, "--home", new)
        assert (ran.code, ran.out) == (15, ""), command
        assert "accept-loss" in ran.err
    asked = xinyin("verify", file, "--home", new, "--json")
    assert (asked.code, asked.json["outcome"]) == (15, Outcome.COULD_NOT_CHECK)
    assert xinyin("verify", own.path(Outcome.ALTERED), "--home", new).code == 11
    assert xinyin("licence", "list", "--home", new, "--json").code == 0
    doctor = xinyin("doctor", "--home", new, "--json")
    assert doctor.code != 0
    assert "accept-loss" in doctor.out
    accepted = xinyin("journal", "accept-loss", "--home", new, "--basis", "局长办公会决定", "--yes")
    assert accepted.code == 0, accepted.err
    assert xinyin("verify", file, "--home", new).code == 0
    assert xinyin("journal", "accept-loss", "--home", new, "--basis", "x", "--yes").code == 2


def test_a_lost_journal_stops_what_it_mirrors_until_a_new_one_begins(own: DemoHome) -> None:
    shutil.rmtree(own.directory / "journal")
    lost = own.run("ca", "crl")
    assert lost.code == 5
    assert "journal start" in lost.err
    assert own.run("verify", own.path(Outcome.IN_FORCE)).code == 0
    assert own.run("journal", "start", "--basis", "磁盘损坏").code == 0
    assert own.run("ca", "crl").code == 0
    shown = own.run("journal", "show", "--json").json
    assert shown["started"] == 1
    assert shown["mark"] > 3
    assert own.run("journal", "start", "--basis", "x").code == 2


def test_a_backup_does_not_lie_in_the_home_and_damage_is_told(
    own: DemoHome, tmp_path: Path
) -> None:
    assert own.run("backup", own.directory / "backups").code == 2
    snapshot = Path(own.run("backup", tmp_path / "backups").out.strip())
    (snapshot / "database" / "licences.jsonl").write_bytes(b"")
    checked = own.run("backup", "--check", snapshot)
    assert checked.code == 3
    assert "licences" in checked.err
    assert xinyin("restore", snapshot, "--home", tmp_path / "new").code == 3


def _take_back(url: str, revision: str) -> None:
    """Give a database the schema of an earlier version."""
    config = Config()
    config.set_main_option("script_location", str(Path(registry.db.migrations.__file__).parent))
    with closing(Database(url)) as database, database.writing() as connection:
        config.attributes["connection"] = connection
        alembic.command.downgrade(config, revision)


def test_after_an_upgrade_nothing_is_done_before_the_schema_is_brought_up_to_date(
    own: DemoHome, tmp_path: Path
) -> None:
    _take_back(f"sqlite:///{own.directory}/registry.db", "0015")
    for asked in (("licence", "list"), ("ca", "crl"), ("serve", "--port", "0")):
        call = xinyin_process if asked[0] == "serve" else xinyin
        ran = call(*asked, "--home", own.directory)
        assert (ran.code, ran.out) == (5, ""), asked
        assert "xinyin database migrate" in ran.err
    assert own.run("verify", own.path(Outcome.IN_FORCE)).code == 15
    told = own.run("doctor")
    assert told.code == 20
    assert "xinyin database migrate" in told.out
    made = own.run("backup", tmp_path / "backups")
    assert made.code == 0, made.err
    first = own.run("database", "migrate", "--json").json
    assert first["before"] != first["after"]
    assert first["sealed"] > 0, "the codes of before are sealed with the upgrade"
    again = own.run("database", "migrate", "--json").json
    assert again == {"before": first["after"], "after": first["after"], "sealed": 0}
    assert own.run("verify", own.path(Outcome.IN_FORCE)).code == 0
    journal = shutil.copytree(own.directory / "journal", tmp_path / "journal")
    new = tmp_path / "new"
    ran = xinyin("restore", made.out.strip(), "--home", new, "--journal", journal)
    assert ran.code == 0, ran.err
    assert xinyin("verify", own.path(Outcome.IN_FORCE), "--home", new).code == 0


def test_a_restore_goes_where_every_later_command_looks(
    own: DemoHome, tmp_path: Path, postgres: PostgresServer
) -> None:
    snapshot = Path(own.run("backup", tmp_path / "backups").out.strip())
    new = tmp_path / "new"
    with postgres.database("template0") as url:
        named = {"XINYIN_DATABASE_URL": with_password(url)}
        ran = xinyin(
            "restore", snapshot, "--home", new, "--journal", own.directory / "journal", env=named
        )
        assert (ran.code, ".pgpass" in ran.err) == (0, True), ran.err
        assert PASSWORD.encode() not in (new / "xinyin.toml").read_bytes()
        assert not (new / "registry.db").exists()
        file = own.path(Outcome.IN_FORCE)
        assert xinyin("verify", file, "--home", new, env=named).code == 0
        assert xinyin("verify", file, "--home", new).code == 0, "the settings name it too"


def test_a_backup_keeps_who_may_sign_in_and_not_the_client_s_key(
    own: DemoHome, tmp_path: Path
) -> None:
    text = '# 谁可登录\npublic_url = "https://issuing.example.gov.cn"\n'
    (own.directory / "identity.toml").write_text(text, "utf-8")
    (own.directory / "client.pem").write_text("secret", "utf-8")
    snapshot = Path(own.run("backup", tmp_path / "backups").out.strip())
    assert own.run("backup", snapshot, "--check").code == 0
    new = tmp_path / "new"
    journal = own.directory / "journal"
    ran = xinyin("restore", snapshot, "--home", new, "--journal", journal)
    assert ran.code == 0, ran.err
    assert (new / "identity.toml").read_text("utf-8") == text
    assert not list(new.rglob("client.pem")) + list(snapshot.rglob("client.pem"))


def test_an_empty_database_under_a_home_is_not_a_register_without_licences(
    own: DemoHome, postgres: PostgresServer
) -> None:
    with postgres.database("template0") as url:
        named = {"XINYIN_DATABASE_URL": url}
        where = ("--home", own.directory)
        ran = xinyin("verify", own.path(Outcome.IN_FORCE), *where, env=named)
        assert ran.code == 15, ran.err
        for asked in (("licence", "list"), ("database", "migrate")):
            ran = xinyin(*asked, *where, env=named)
            assert ran.code == 5
            assert "no register in the database" in ran.err


def test_a_restore_that_was_cut_off_says_what_to_do(
    shared: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = shared.run("backup", tmp_path / "backups").out.strip()
    half = DemoHome(tmp_path / "half", {})
    given = ("restore", snapshot, "--journal", shared.directory / "journal")
    with monkeypatch.context() as patch:
        patch.setattr("registry.backup.restore.load", mock.Mock(side_effect=KeyboardInterrupt))
        cut_off = half.run(*given)
    assert cut_off.code == 130
    again = half.run(*given)
    assert again.code == 2
    for said in (cut_off.err, again.err):
        assert f"A restore into “{half.directory}” was cut off" in said
        assert "Delete that directory" in said
        assert "run xinyin restore again" in said
