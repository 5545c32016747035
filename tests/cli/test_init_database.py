"""`xinyin init` where its database cannot be had: no home is left that refuses a mended address."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import INIT, DemoHome
from tests.databases import PostgresServer

pytestmark = pytest.mark.timeout(200)


def _init(home: Path, passphrases: tuple[Path, Path], url: str | None) -> Ran:
    keys, root = passphrases
    given = ("--passphrase-file", keys, "--root-passphrase-file", root, "--home", home)
    return xinyin(*INIT, *given, env={} if url is None else {"XINYIN_DATABASE_URL": url})


def test_a_database_out_of_reach_leaves_nothing(
    postgres: PostgresServer, passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with postgres.database("template0") as url:
        wrong = (
            "postgresql://xinyin@127.0.0.1:1/registry",
            "postgresql://xinyin@no-such-host.invalid/registry",
            make_url(url).set(database="nosuchdatabase").render_as_string(hide_password=False),
            make_url(url).set(username="nobody").render_as_string(hide_password=False),
        )
        for address in wrong:
            ran = _init(home, passphrases, address)
            assert (ran.code, "nothing was changed" in ran.err) == (5, True), (address, ran.err)
            assert not home.exists(), address
        ran = _init(home, passphrases, url)
        assert ran.code == 0, ran.err
    assert (home / "xinyin.toml").exists()


def test_a_database_that_may_not_be_written_leaves_nothing(
    postgres: PostgresServer, passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with postgres.database("template0") as url:
        read_only = make_url(url).update_query_dict(
            {"options": "-c default_transaction_read_only=on"}
        )
        ran = _init(home, passphrases, read_only.render_as_string(hide_password=False))
        assert (ran.code, "nothing was changed" in ran.err) == (5, True), ran.err
        assert not home.exists()
        assert _init(home, passphrases, url).code == 0


def test_the_register_of_another_home_is_left_alone(
    on_postgresql: DemoHome, passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    url = next(
        line.split('"')[1]
        for line in (on_postgresql.directory / "xinyin.toml").read_text("utf-8").splitlines()
        if line.startswith("url = ")
    )
    before = on_postgresql.run("audit", "list", "--json").out
    ran = _init(home, passphrases, url)
    assert (ran.code, "another home" in ran.err, home.exists()) == (2, True, False), ran.err
    assert on_postgresql.run("audit", "list", "--json").out == before
    assert _init(home, passphrases, None).code == 0, "its place is free for another database"


def test_sqlite_in_a_directory_that_may_not_be_written_leaves_nothing(
    passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    ran = _init(blocked / "home", passphrases, None)
    assert (ran.code, blocked.read_text()) == (1, "in the way"), ran.err
    (home := tmp_path / "home").mkdir()
    (home / "registry.db").mkdir()
    ran = _init(home, passphrases, None)
    assert (ran.code != 0, "Internal error" in ran.err) == (True, False), ran.err
    (home / "registry.db").rmdir()
    assert not list(home.iterdir())
    assert _init(home, passphrases, None).code == 0
