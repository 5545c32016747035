"""The search finds what people know of a licence, on both engines, and its index stays right."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from core.ids import AuthorityId, LicenceIdentifier, TypeCode
from registry.db.database import Database
from registry.db.tables import (
    authorities,
    licence_types,
    licences,
    seals,
    search_entries,
    search_grams,
    series,
)
from registry.licences import finding
from registry.licences.finding import MOST_COUNTED, LicenceFilter, LicenceFinder
from registry.licences.search_index import (
    compare,
    index_licence,
    rebuild,
    words_of,
)
from registry.model import LicenceState

AT = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = date(2026, 6, 1)
MARKET, HEALTH = AuthorityId("market"), AuthorityId("health")
FOOD, CARE, PAPER = TypeCode("T1"), TypeCode("T2"), TypeCode("T3")


def add_bodies(connection: Connection) -> None:
    """Insert what licences refer to."""
    for number, body in enumerate((MARKET, HEALTH)):
        said = {"name": body, "uscc": f"{number:018}", "level": "x", "created_at": AT}
        connection.execute(insert(authorities).values(authority_id=body, **said))
        seal = {"name": "", "key_id": body, "certificate": b"", "certificate_sha256": body}
        keys = {"seal_id": body, "authority_id": body, "created_at": AT}
        connection.execute(insert(seals).values(**seal, **keys))
    for code, zh, en in (
        (FOOD, "食品经营许可证", "Food permit"),
        (CARE, "医疗机构执业许可证", "Practice licence"),
        (PAPER, "公文", "Official document"),
    ):
        named = {"slug": f"slug-{code.lower()}", "name_zh": zh, "name_en": en}
        connection.execute(
            insert(licence_types).values(code=code, source="", updated_at=AT, **named)
        )


def add(connection: Connection, nth: int, *names: str, **other: Any) -> LicenceIdentifier:
    """Insert a licence and index it, as a reservation does."""
    row = {
        "identifier": LicenceIdentifier(f"1.2.156.3005.2.X.{nth:05}.001.A"),
        "series_id": str(nth),
        "version": 1,
        "type_code": FOOD,
        "authority_id": MARKET,
        "number": f"JY1990121{nth:07}",
        "state": LicenceState.IN_FORCE,
        "holders": [{"name": one, "code_type": "001", "code": f"9{nth:017}"} for one in names],
        "holder_code": f"9{nth:017}",
        "data": {},
        "granted_on": date(2026, 3, 1) + timedelta(days=nth),
        "valid_from": date(2026, 3, 1),
        "valid_until": None,
        "link_token": f"{nth:027}",
        "sample": True,
        "level": "B-LT",
        "created_at": AT + timedelta(minutes=nth),
        "changed_at": AT,
        **other,
    }
    row["seal_id"] = row["authority_id"]
    its = {name: row[name] for name in ("series_id", "type_code", "number")}
    connection.execute(insert(series).values(open=True, **its))
    connection.execute(insert(licences).values(row))
    index_licence(connection, row)
    return LicenceIdentifier(str(row["identifier"]))


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A register with some licences, within a transaction."""
    with database.writing() as opened:
        add_bodies(opened)
        add(opened, 1, "青岚鸿运餐饮有限公司")
        add(opened, 2, "张伟明")
        add(opened, 3, "张伟", state=LicenceState.SUSPENDED)
        add(opened, 4, "王芳", "李四", authority_id=HEALTH, type_code=CARE)
        add(opened, 5, "青岚（云上）药房", authority_id=HEALTH, type_code=CARE)
        add(opened, 6, "青岚市政府", type_code=PAPER, data={"title": "关于食品安全的通知"})
        add(opened, 7, "100%_ Café", state=LicenceState.CANCELLED)
        add(opened, 8, "过期的张三", valid_until=date(2026, 5, 31))
        yield opened


def found(connection: Connection, text: str = "", **other: Any) -> list[int]:
    """Return the numbers of what is found."""
    reach = other.pop("reach", None)
    page = LicenceFinder(connection, reach).page(LicenceFilter(TODAY, text, **other))
    assert page.count == len(page.licences)
    assert not page.more
    return [int(one.number[-7:]) for one in page.licences]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("鸿运", [1]),
        ("运餐饮有", [1]),
        ("张伟", [3, 2]),
        ("张伟明", [2]),
        ("伟张", []),
        ("张", [8, 3, 2]),
        ("明", [2]),
        ("李四", [4]),
        ("芳李", []),
        ("青岚 药房", [5]),
        ("药房 青岚", [5]),
        ("青岚(云上)", [5]),
        ("食品安全", [6]),
        ("CAFÉ", [7]),
        ("%_", [7]),
        ("0%1", []),
        ("医疗机构", [5, 4]),
        ("执业 王芳", [4]),
        ("practice", [5, 4]),
        ("slug-t2", [5, 4]),
        ("JY19901210000003", [3]),
        ("jy1990 1210000003", [3]),
        ("ＪＹ１９９０１２１０００００03", [3]),
        ("0000003", [3]),
        ("JY19901210000", [8, 7, 6, 5, 4, 3, 2, 1]),
        ("9012", []),
        ("003", []),
        ("1.2.156.3005.2.X.00004.001.A", [4]),
        ("900000000000000002", [2]),
        ("90000000000000000", []),
        ("没有此人", []),
        ("张伟 没有此人", []),
        ("\0", []),
        ("😀", []),
        ("食品", [8, 7, 6, 3, 2, 1]),
    ],
)
def test_what_is_known_of_a_licence_finds_it(
    connection: Connection, text: str, numbers: list[int]
) -> None:
    assert found(connection, text) == numbers


def test_filters_hold_with_and_without_a_text(connection: Connection) -> None:
    assert found(connection, "张", state=LicenceState.IN_FORCE) == [2]
    assert found(connection, "张", state=LicenceState.SUSPENDED) == [3]
    assert found(connection, state=LicenceState.SUSPENDED) == [3]
    assert found(connection, state=LicenceState.EXPIRED) == [8]
    assert found(connection, state=LicenceState.VOID) == []
    assert found(connection, type_code=CARE) == [5, 4]
    assert found(connection, "青岚", type_code=CARE) == [5]
    assert found(connection, "青岚", authority_id=MARKET) == [6, 1]
    assert found(connection, authority_id=AuthorityId("nobody")) == []
    day: dict[str, Any] = {"granted_from": date(2026, 3, 3), "granted_until": date(2026, 3, 5)}
    assert found(connection, **day) == [4, 3, 2]
    assert found(connection, "张伟", **day) == [3, 2]


def test_no_answer_tells_which_numbers_are_out_of_reach(connection: Connection) -> None:
    """Whether a text is a number as a whole is asked of what is in reach alone."""
    for nth in ("0000004", "0000010"):  # of the other authority, of nobody
        add(connection, 20 + int(nth), "某人", data={"title": f"{nth} JY1990121"})
        numbers = found(connection, f"JY1990121 {nth}", reach={MARKET})
        assert numbers[:1] == [20 + int(nth)]


def test_only_what_is_in_reach_is_found(connection: Connection) -> None:
    for reach, numbers in (({HEALTH}, [5, 4]), ({MARKET, HEALTH}, list(range(8, 0, -1))), ((), [])):
        assert found(connection, reach=reach) == numbers
    assert found(connection, "青岚", reach={HEALTH}) == [5]
    assert found(connection, "0000003", reach={HEALTH}) == []
    assert found(connection, "900000000000000002", reach={HEALTH}) == []
    assert found(connection, "青岚", reach={HEALTH}, authority_id=MARKET) == []


def test_each_way_to_go_finds_the_same(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a list has to be to be gone along: the shortest is a matter of speed alone."""
    asked = [
        ("张", {}),
        ("青岚", {}),
        ("JY1990", {}),
        ("食品", {}),
        ("张伟", {"state": "SUSPENDED"}),
    ]
    before = [found(connection, text, **more) for text, more in asked]
    for rare, common in ((0, 0), (0, 2), (1, 1), (2, 5)):
        monkeypatch.setattr("registry.licences.finding._RARE", rare)
        monkeypatch.setattr("registry.licences.finding._COMMON", common)
        assert [found(connection, text, **more) for text, more in asked] == before, (rare, common)


def test_pages_follow_each_other_and_the_count_is_bounded(connection: Connection) -> None:
    for number in range(10, 10 + MOST_COUNTED):
        add(connection, number, f"样例{number}")
    finder, after, seen = LicenceFinder(connection), None, list[str]()
    for page_number in range(100):
        page = finder.page(LicenceFilter(TODAY, "样例"), after=after, limit=99)
        assert page.count == (MOST_COUNTED if page_number == 0 else None)
        seen += [one.number for one in page.licences]
        after = page.older
        if after is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == MOST_COUNTED
    add(connection, 5000, "样例又一")
    page = finder.page(LicenceFilter(TODAY, "样例"))
    assert (page.count, page.more, len(page.licences)) == (MOST_COUNTED, True, 50)


def test_a_page_goes_along_so_many_entries_and_the_next_goes_on_from_there(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("张", {"state": LicenceState.EXPIRED}),
        ("食品", {"state": LicenceState.IN_FORCE}),
        ("", {"state": LicenceState.EXPIRED}),
        ("", {"granted_until": date(2026, 3, 3)}),
        ("", {"type_code": CARE, "state": LicenceState.IN_FORCE}),
    ]
    before = [found(connection, text, **more) for text, more in asked]
    assert before[2] == [8]
    monkeypatch.setattr(finding, "_COMMON", 0)
    monkeypatch.setattr(finding, "_RARE", 0)
    for first, most in ((1, 1), (1, 2), (9, 2), (1, 3), (2, 7), (1, 8)):
        monkeypatch.setattr(finding, "_FIRST_ALONG", first)
        monkeypatch.setattr(finding, "MOST_ALONG", most)
        for (text, more), numbers in zip(asked, before, strict=True):
            seen, after = list[int](), None
            for page_number in range(10):
                sought = LicenceFilter(TODAY, text, **more)
                page = LicenceFinder(connection).page(sought, after=after, limit=2)
                seen += [int(one.number[-7:]) for one in page.licences]
                assert len(page.licences) <= most
                if page_number == 0:
                    assert page.count is not None
                    assert page.count == len(numbers) or (page.more and page.count < len(numbers))
                after = page.older
                if after is None:
                    break
            assert seen == numbers, (text, most)


def test_no_code_of_a_holder_is_in_the_index(connection: Connection) -> None:
    rows = connection.execute(select(search_entries)).all()
    assert rows
    assert not any("900000000" in str(one) for one in rows)


def test_a_holder_of_many_licences_is_found_with_all(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_RARE", 2)
    code = "91990000MA0000001X"
    for nth in (60, 61, 62, 63):
        add(connection, nth, "同一家公司", holder_code=code)
    assert found(connection, code) == [63, 62, 61, 60]


def _forget(connection: Connection, identifier: str) -> None:
    this = search_entries.c.identifier == identifier
    entry = select(search_entries.c.entry).where(this).scalar_subquery()
    connection.execute(delete(search_grams).where(search_grams.c.entry == entry))
    connection.execute(delete(search_entries).where(this))


def test_a_divergence_is_noticed_and_rebuilt_away(database: Database) -> None:
    with database.writing() as connection:
        add_bodies(connection)
        first, second, third = (add(connection, n, f"样例{n}号店") for n in (1, 2, 3))
        assert compare(connection) == compare(connection, newest=None)
        assert (compare(connection).missing, compare(connection).differing) == (0, ())
        _forget(connection, first)
        assert compare(connection).missing == 1
        other = [{"name": "改了名", "code_type": "001", "code": "x"}]
        this = update(licences).where(licences.c.identifier == second)
        connection.execute(this.values(holders=other))
        entry = select(search_entries.c.entry).where(search_entries.c.identifier == third)
        its = search_grams.c.entry == entry.scalar_subquery()
        connection.execute(delete(search_grams).where(its))
        assert set(compare(connection).differing) == {second, third}
    assert rebuild(database) == 3
    with database.writing() as connection:
        assert (compare(connection).missing, compare(connection).differing) == (0, ())
        assert found(connection, "改了名") == [2]
        assert found(connection, "样例") == [3, 1]
        add(connection, 4, "后来的样例")
        assert found(connection, "样例") == [4, 3, 1]


def test_words_are_bounded() -> None:
    holders = [{"name": f"第{n}家很长的名称" * 10} for n in range(200)]
    assert len(words_of({"holders": holders, "data": None})) <= 2000
