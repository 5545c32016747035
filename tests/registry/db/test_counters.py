"""Numbers: one after the other, above every floor, and above every mark after a restore."""

from unittest.mock import call, patch

from sqlalchemy import select

from registry.db.counters import jump, raise_to, take
from registry.db.database import Database
from registry.db.tables import counters


def values(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {row.scope: row.value for row in connection.execute(select(counters))}


def test_the_first_number_is_one_and_scopes_are_apart(database: Database) -> None:
    with database.writing() as connection:
        assert [take(connection, "a"), take(connection, "a"), take(connection, "b")] == [1, 2, 1]


def test_a_number_is_greater_than_its_floor_and_than_the_last(database: Database) -> None:
    with database.writing() as connection:
        assert take(connection, "new", floor=7) == 8
        assert take(connection, "new", floor=7) == 9, "the last one was above the floor"
        assert take(connection, "new", floor=20) == 21
        assert take(connection, "new") == 22
        assert take(connection, "new", floor=22) == 23, "a floor that is just reached"


def test_a_counter_is_raised_and_never_lowered(database: Database) -> None:
    with database.writing() as connection:
        assert raise_to(connection, "fresh", 5)
        assert not raise_to(connection, "fresh", 5)
        assert not raise_to(connection, "fresh", 4)
        assert raise_to(connection, "fresh", 6)
        assert take(connection, "fresh") == 7
        raise_to(connection, "other", 1)
        raise_to(connection, "other", 9)
    assert values(database) == {"fresh": 7, "other": 9}


def test_only_counters_of_the_prefix_jump(database: Database) -> None:
    with database.writing() as connection:
        for scope in ("crl:a", "crl:b", "cr%", "number:crl:"):
            take(connection, scope)
        jump(connection, gap=100, prefix="crl:")
        jump(connection, gap=10, prefix="cr%")
    assert values(database) == {"crl:a": 101, "crl:b": 101, "cr%": 11, "number:crl:": 1}
    with database.writing() as connection:
        jump(connection, gap=1)
    assert values(database) == {"crl:a": 102, "crl:b": 102, "cr%": 12, "number:crl:": 2}


def test_each_number_that_is_given_and_each_jump_is_marked(database: Database) -> None:
    with patch("registry.db.counters.mirror_of") as mirror, database.writing() as connection:
        take(connection, "a")
        take(connection, "version:b")
        jump(connection, gap=5)
    assert mirror.return_value.mark.call_args_list == [
        call("a", 1, block=64),
        call("version:b", 1, block=1),
        call("a", 6),
    ]
