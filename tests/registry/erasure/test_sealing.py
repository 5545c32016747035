"""Registers of before are sealed in chunks, and sealed anew under another key, wherever cut off."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, func, select, update

from home.privacy import rotate_codes, seal_codes
from registry.db.tables import correction_files, corrections, licences
from registry.erasure import sealing
from registry.erasure.sealing import SealedRows, seal_rows
from registry.erasure.unsealed import count_unsealed, sealed_tables
from registry.health.health import HealthFinding, HealthSubject
from registry.health.privacy import check_codes
from registry.licences.corrections.contents import WORDS
from registry.licences.corrections.rows import evidence_of, find_correction
from registry.licences.licences import list_licences
from registry.model import Licence
from tests.registry.legacy import put_in_the_clear
from tests.registry.licences.corrections.test_rows import PDF, ask, new
from tests.registry.privacy.test_codes import every_text
from tests.world import World

KILLED = """
import sys
from pathlib import Path
from home.wiring import Home
from home.privacy import rotate_codes, seal_codes
from registry.erasure import sealing
sealing.seal_rows.__kwdefaults__["at_once"] = 1
home = Home(Path(sys.argv[1]), {})
print("ready", flush=True)
for _ in range(1000):
    rotate_codes(home, home.actor)
"""


def found_of(
    world: World, check: Callable[[HealthSubject], Iterator[HealthFinding]]
) -> list[HealthFinding]:
    """Return what one of doctor's checks finds."""

    def none(*_: object) -> object:
        raise AssertionError

    subject = HealthSubject(
        world.home.directory,
        {},
        world.clock,
        open_ring=none,  # type: ignore[arg-type]
        verify_audit=none,  # type: ignore[arg-type]
        privacy=world.home.privacy,
    )
    with closing(subject):
        return list(check(subject))


def unsealed(world: World) -> int:
    with world.home.database.reading() as connection:
        return count_unsealed(connection, world.home.privacy().box.current).clear


def everything(world: World) -> list[Licence]:
    with world.home.database.reading() as connection:
        found = list_licences(connection, limit=None)
    return sorted(found, key=lambda one: one.identifier)


def test_what_was_in_the_clear_is_sealed_once_and_nothing_is_lost(world: World) -> None:
    for slug in ("food-operation", "disability"):
        for index in range(2):
            world.grant(index, slug)
    before = everything(world)
    with world.home.database.writing() as connection:
        assert put_in_the_clear(connection) == 4
    assert everything(world) == before, "read all the same"
    world.check_everything()
    (said,) = found_of(world, check_codes)
    assert "4" in said.said.en
    done = seal_codes(world.home, world.home.actor)
    assert (done.first, done.anew, unsealed(world)) == (4, 0, 0)
    assert everything(world) == before
    again = seal_codes(world.home, world.home.actor)
    assert (again.first, again.anew) == (0, 0), "nothing to do twice"
    assert found_of(world, check_codes) == []
    world.check_everything()


def test_requests_for_a_correction_are_sealed_with_their_files(world: World) -> None:
    """As they are made, those of before, and anew under another key."""
    licence = world.grant(0).licence
    made = [ask(world, licence, new(f"key-0000000{index}"))[0] for index in range(2)]

    def said() -> list[str]:
        with world.home.database.reading() as connection:
            assert [find_correction(connection, one.correction_id) for one in made] == made
            for one in made:
                assert evidence_of(connection, one.correction_id, 1).content == PDF
            files = connection.execute(select(correction_files.c.content)).scalars()
            words = connection.execute(select(corrections.c.wanted)).scalars()
            return [*words, *(one.decode() for one in files)]

    assert all(one.startswith("c0001.") for one in said())
    with world.home.database.writing() as connection:
        assert not any("13800000000" in one for one in every_text(connection))
        this = corrections.c.correction_id == made[0].correction_id
        words = {name: getattr(made[0], name) for name in WORDS}
        connection.execute(update(corrections).where(this).values(words))
        file = correction_files.c.correction_id == made[0].correction_id
        connection.execute(update(correction_files).where(file).values(content=PDF))
    assert sum(one.startswith("c0001.") for one in said()) == 2
    assert seal_codes(world.home, world.home.actor).first == 2
    assert all(one.startswith("c0001.") for one in said())
    assert ask(world, licence, new("key-00000000"))[0] == made[0]
    rotate_codes(world.home, world.home.actor)
    assert all(one.startswith("c0002.") for one in said())
    assert seal_codes(world.home, world.home.actor) == SealedRows()


def test_cut_off_it_goes_on_where_it_was(world: World) -> None:
    for index in range(3):
        world.grant(index)
    before = everything(world)
    with world.home.database.writing() as connection:
        put_in_the_clear(connection)
    change = sealing._Sealer(world.home.privacy()).change(licences)
    its = next(sealed_tables(world.home.privacy().box.current))
    calls = 0

    def cut(connection: Connection, row: object) -> dict[str, object]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return change(connection, row)

    with pytest.raises(KeyboardInterrupt):
        sealing._go_through(world.home.database, its.table, its.clear, cut, 1)
    assert unsealed(world) == 2
    assert everything(world) == before
    assert seal_rows(world.home.database, world.home.privacy()).first == 2
    assert everything(world) == before


def test_another_key_seals_everything_anew_and_the_old_is_destroyed(world: World) -> None:
    world.grant(0)
    world.grant(0, "disability")
    before = everything(world)
    done, name, gone = rotate_codes(world.home, world.home.actor)
    assert (done.anew, name, gone) == (2, "c0002", ["c0001"])
    assert [one.name for one in world.home.code_keys.codes.iterdir()] == ["c0002.key"]
    assert everything(world) == before
    with world.home.database.reading() as connection:
        query = select(func.count()).where(licences.c.secret.startswith("c0002."))
        assert connection.execute(query).scalar_one() == 2
    world.grant(1)
    world.check_everything()


def test_killed_while_it_seals_anew_nothing_is_lost(world: World) -> None:
    for index in range(3):
        world.grant(index)
    before = everything(world)
    for wait in (0.05, 0.2, 0.4):
        process = subprocess.Popen(  # our own interpreter
            [sys.executable, "-c", KILLED, str(world.home.directory)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        assert everything(world) == before
    _, name, _ = rotate_codes(world.home, world.home.actor)
    assert [one.stem for one in world.home.code_keys.codes.glob("*.key")] == [name]
    assert everything(world) == before
    world.check_everything()
