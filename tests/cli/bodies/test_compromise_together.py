"""`xinyin seal compromised`, cut off, and gone on with by two processes at once."""

import functools
import sqlite3
from contextlib import closing

import pytest
from cryptography import x509

from core.errors import StorageError
from core.text import Text
from home.wiring import Home
from registry.db.database import Database
from registry.db.turns import turn
from registry.granting.granting import GrantStep
from tests.cli.bodies.test_compromise_commands import BASIS, SEAL
from tests.cli.commands import environment
from tests.cli.conftest import DemoHome
from tests.forked import Forked


@pytest.fixture
def cut_off(own: DemoHome, seal: x509.Certificate, monkeypatch: pytest.MonkeyPatch) -> DemoHome:
    """A home with a case whose second licence could not be sealed anew: the disk was full."""
    seen = 0

    def fill(step: GrantStep) -> None:
        nonlocal seen
        seen += step is GrantStep.SEALED
        if seen == 2:
            raise StorageError(Text("满", "the disk is full"))

    since = seal.not_valid_before_utc.isoformat()
    step = ("seal", "compromised", SEAL, "--since", since, *BASIS, "--reseal", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr("cli.shell.options.Home", functools.partial(Home, on_step=fill))
        ran = own.run(*step)
    assert ran.code == 1, ran.err
    assert "the disk is full" in ran.err
    assert "2 licences: 1 finished, 0 failed, " in ran.err
    assert "cut off, 0 not tried. Run the same command again" in ran.err
    assert "resealed_as" in ran.out, "what was done is listed"
    return own


def _resume(home: DemoHome) -> Forked:
    command = ("seal", "compromised", SEAL, "--resume", "--home", home.directory)
    return Forked(command, env=environment())


def test_what_another_process_has_done_is_done(cut_off: DemoHome) -> None:
    path = cut_off.directory / "registry.db"
    database = Database(f"sqlite:///{path}")
    with turn(database, f"seal {SEAL}", lambda: None):
        process = _resume(cut_off)
        assert process.stderr is not None
        assert "Another process is working on the seal" in process.stderr.readline()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE compromises SET finished_at = started_at")
    _, err = process.communicate(timeout=60)
    database.close()
    assert (process.returncode, "nothing is left to do" in err) == (0, True), err


def test_two_at_once_finish_it_once(cut_off: DemoHome) -> None:
    both = [_resume(cut_off) for _ in "12"]
    said = [one.communicate(timeout=100) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert not [err for _, err in said if " failed" in err.replace("0 failed", "")]
    listed = cut_off.run("licence", "list", "--json").records
    assert sorted(one["state"] for one in listed) == [
        *("CANCELLED", "IN_FORCE", "IN_FORCE", "REPLACED", "REPLACED"),
    ]
    actions = cut_off.run("audit", "list", "--limit", "500", "--json").records
    assert sum(one["action"] == "seal.compromise_finished" for one in actions) == 1
