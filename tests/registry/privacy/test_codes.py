"""Codes of holders: found by tokens, sealed beside their records, opened nowhere else."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select, update

from home.code_keys import CodeKeys
from registry.db.tables import licences, search_entries, series
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.licences.hiding import reveal
from registry.licences.holdings import SecondLicenceError
from registry.licences.licences import (
    UnreadableLicenceError,
    find_by_number,
    find_licence,
    get_licence,
)
from registry.model import Licence, Reason
from registry.privacy.cipher import AesCodeBox
from registry.privacy.codes import (
    PRIVACY_OPTION,
    CodeIndex,
    Privacy,
    PrivacyKeyMissingError,
    UnreadableCodeError,
)
from registry.privacy.records import revealed, sealed_secret
from tests.world import World

DISABLED = "disability"
INDEX, KEY = CodeIndex(b"i" * 32), b"k" * 32


def every_text(connection: Connection) -> Iterator[str]:
    """Yield every row of every table, as text."""
    for table in licences.metadata.sorted_tables:
        for row in connection.execute(select(table)):
            yield str(tuple(row))


def test_no_code_stands_anywhere_in_the_clear(world: World) -> None:
    """Neither in a column nor in the number that holds it, nor in any part of the search."""
    granted = [world.grant(0).licence, world.grant(0, DISABLED).licence]
    codes = [one.holders[0].code for one in granted]
    person = granted[1]
    assert codes[1] in person.number, "a number that holds its holder's code"
    with world.home.database.reading() as connection:
        for said in every_text(connection):
            assert codes[1] not in said
            assert person.number not in said
        row = connection.execute(
            select(licences).where(licences.c.identifier == granted[0].identifier)
        ).one()
        assert codes[0] not in str((row.holders, row.holder_code, row.secret))
        found = [find_licence(connection, one.identifier) for one in granted]
    assert [one.holders for one in found] == [one.holders for one in granted]
    assert [one.data for one in found] == [one.data for one in granted]
    assert [one.number for one in found] == [one.number for one in granted]
    world.check_everything()


def test_the_number_of_the_next_version_is_hidden_as_well(world: World) -> None:
    """After one that was hidden, and after one of before, which stands in the clear still."""
    from tests.registry.legacy import put_in_the_clear  # noqa: PLC0415

    def next_of(licence: Licence) -> Licence:
        rest = {"replaces": licence.identifier, "reason": Reason.CHANGED}
        return world.home.granting.grant(world.request(0, DISABLED, **rest)).licence

    def held() -> list[str]:
        with world.home.database.reading() as connection:
            return list(connection.execute(select(series.c.number)).scalars())

    licence = world.grant(0, DISABLED).licence
    hidden = held()
    assert licence.number not in hidden
    licence = next_of(licence)
    assert held() == hidden
    with world.home.database.writing() as connection:
        put_in_the_clear(connection)
    assert held() == [licence.number]
    next_of(licence)
    assert held() == hidden


def test_a_holder_is_found_by_the_whole_code_and_by_no_part_of_it(world: World) -> None:
    person = world.grant(0, DISABLED).licence
    code = person.holders[0].code
    today = world.home.today()
    with world.home.database.reading() as connection:
        finder = LicenceFinder(connection)

        def found(asked: str) -> list[str]:
            return [one.identifier for one in finder.page(LicenceFilter(today, asked)).licences]

        assert found(code) == found(person.number) == [person.identifier]
        assert found(code.lower()) == [person.identifier]
        assert [found(part) for part in (code[:-1], code[:6], code[6:14], person.number[2:])] == [
            [], [], [], [],
        ]  # fmt: skip
        assert [one.identifier for one in find_by_number(connection, person.number)] == [
            person.identifier
        ]


def test_a_holder_has_one_licence_however_the_first_is_kept(world: World) -> None:
    """By the token; and by the code of one that is not sealed yet."""
    from tests.registry.legacy import put_in_the_clear  # noqa: PLC0415

    world.grant(0)
    with pytest.raises(SecondLicenceError):
        world.grant(0)
    with world.home.database.writing() as connection:
        assert put_in_the_clear(connection) == 1
    with pytest.raises(SecondLicenceError):
        world.grant(0)


def test_equal_digits_of_another_kind_have_another_token() -> None:
    assert INDEX.token("001", "1") != INDEX.token("111", "1") != INDEX.number("1")
    assert INDEX.token("111", "1") != CodeIndex(b"j" * 32).token("111", "1")
    assert INDEX.token("11", "11") != INDEX.token("1", "111")
    assert len(INDEX.token("111", "1")) <= 64


def test_what_is_sealed_opens_at_its_place_alone() -> None:
    privacy = Privacy(INDEX, AesCodeBox({"c0001": KEY}))
    secret = sealed_secret(privacy, "a", {"holders": ["x"]}, shown="33*.1")
    row = {"secret": secret, "number": "~t", "holders": []}
    assert revealed(privacy, "a", row) == {"number": "~t", "holders": ["x"]}
    blind = revealed(Privacy(INDEX), "a", row)
    assert blind == {"number": "33*.1", "number_token": "~t", "holders": []}
    changed = secret.replace("33*", "44*")
    flipped = secret[:20] + ("A" if secret[20] != "A" else "B") + secret[21:]
    other = Privacy(INDEX, AesCodeBox({"c0001": b"o" * 32}))
    for keys, place, said in (
        (privacy, "b", secret),
        (privacy, "a", changed),
        (privacy, "a", flipped),
        (privacy, "a", "c0009" + secret[5:]),
        (other, "a", secret),
    ):
        with pytest.raises(UnreadableCodeError):
            revealed(keys, place, row | {"secret": said})


def test_a_secret_that_was_moved_or_contradicted_is_not_believed(sqlite_world: World) -> None:
    world = sqlite_world
    first, second = world.grant(0).licence.identifier, world.grant(1).licence.identifier
    with world.home.database.writing() as connection:
        rows = {
            row["identifier"]: row for row in connection.execute(select(licences)).mappings().all()
        }
        this = licences.c.identifier == first
        for values in (
            {"secret": rows[second]["secret"]},
            {"holders": rows[second]["holders"]},
            {"holder_code": rows[second]["holder_code"]},
            {"data": rows[second]["data"]},
        ):
            connection.execute(update(licences).where(this).values(values))
            with pytest.raises(UnreadableLicenceError):
                get_licence(connection, first)
            kept = {name: rows[first][name] for name in values}
            connection.execute(update(licences).where(this).values(kept))
        assert get_licence(connection, first) is not None


def test_who_has_no_key_writes_no_code_and_reads_none(world: World) -> None:
    person = world.grant(0, DISABLED).licence
    database = world.home.database
    with database.reading() as connection:
        blind = connection.execution_options(
            **{PRIVACY_OPTION: lambda: Privacy(world.home.privacy().its_index)}
        )
        seen = find_licence(blind, person.identifier)
    code = person.holders[0].code
    assert seen.hidden
    assert code not in repr(seen)
    assert seen.number.count("*") > 10
    world.home.code_keys.codes.rename(world.home.directory / "elsewhere")
    with pytest.raises(PrivacyKeyMissingError):
        world.grant(1)


def test_another_index_is_not_taken(world: World) -> None:
    from core.errors import ConfigurationError  # noqa: PLC0415
    from home.wiring import Home  # noqa: PLC0415

    path = world.home.directory / "privacy" / "index.key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("0" * 64)
    again = Home(world.home.directory, {}, clock=world.clock)
    with again, pytest.raises(ConfigurationError, match="index"):
        again.database  # noqa: B018
    path.chmod(0o640)
    with pytest.raises(ConfigurationError):
        CodeKeys(world.home.directory).privacy()


def test_the_columns_of_a_person_say_what_the_public_may_see(world: World) -> None:
    person = world.grant(0, DISABLED).licence
    with world.home.database.reading() as connection:
        row = (
            connection.execute(select(licences).where(licences.c.identifier == person.identifier))
            .mappings()
            .one()
        )
        assert reveal(connection, row)["data"] == person.data
        kept = connection.execute(select(series.c.number)).scalars().all()
        entries = connection.execute(select(search_entries.c.number)).scalars().all()
    assert kept == [row["number"]]
    assert row["number"].startswith("~")
    assert entries == [""]
    assert row["salt"] is None
    assert row["request_digest"] is None or row["request_digest"].startswith("~")
