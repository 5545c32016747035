"""An operator's day on PostgreSQL; on SQLite the other files go through it command by command."""

from pathlib import Path

import pytest

from registry.answers.answers import Outcome
from tests.cli.commands import xinyin
from tests.cli.conftest import INIT, DemoHome
from tests.cli.holders import write_shop
from tests.databases import PASSWORD, PostgresServer, with_password

pytestmark = pytest.mark.timeout(400)  # perhaps on a busy machine


def test_init_makes_a_home_on_it(
    postgres: PostgresServer, tmp_path: Path, passphrases: tuple[Path, Path]
) -> None:
    keys, root = passphrases
    with postgres.database("template0") as url:
        given = ("--passphrase-file", keys, "--root-passphrase-file", root)
        home, env = tmp_path / "home", {"XINYIN_DATABASE_URL": with_password(url)}
        ran = xinyin(*INIT, *given, "--home", home, env=env)
        assert ran.code == 0, ran.err
        assert ".pgpass" in ran.err
        assert not list(home.rglob("*.db"))
        for command in (("audit", "verify"), ("licence", "list"), (*INIT, *given)):
            for known in (env, {}):  # the settings name it, whatever the environment says
                done = xinyin(*command, "--home", home, env=known)
                assert done.code == 0, done.err
        assert PASSWORD.encode() not in (home / "xinyin.toml").read_bytes()
        other = {"XINYIN_DATABASE_URL": "postgresql://xinyin@127.0.0.1:1/other"}
        ran = xinyin(*INIT, *given, "--home", home, env=other)
        assert (ran.code, "other settings" in ran.err) == (2, True)


def test_licences_are_granted_verified_cancelled_and_kept(
    on_postgresql: DemoHome, tmp_path: Path
) -> None:
    home, out = on_postgresql, tmp_path / "licence.pdf"
    data = write_shop(tmp_path / "a.json", 71)
    given = ("--type", "food-operation", "--data", data, "--out", out)
    issued = home.process("licence", "issue", *given, "--json")
    assert issued.code == 0, issued.err
    identifier = issued.json["identifier"]
    assert home.run("verify", out).code == 0
    reason = ("--reason", "FORFEITED", "--basis", "处罚决定", "--yes")
    assert home.process("licence", "cancel", identifier, *reason).code == 0
    assert home.run("verify", out).code == 13
    for outcome, code in ((Outcome.IN_FORCE, 0), (Outcome.NOT_IN_FORCE, 13), (Outcome.ALTERED, 11)):
        assert home.run("verify", home.path(outcome)).code == code
    actions = [
        one["action"]
        for one in home.run("audit", "list", "--subject", identifier, "--json").records
    ]
    assert actions == ["licence.reserved", "licence.granted", "licence.cancelled"]
    for command in (("audit", "verify"), ("backup", tmp_path / "backups")):
        ran = home.process(*command)
        assert ran.code == 0, ran.err
