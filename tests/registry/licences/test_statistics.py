"""Licences are counted as a look at each of them counts them, on both engines."""

from collections import Counter
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

from core.ids import AuthorityId
from registry.db.database import Database
from registry.desk.exports.counting import by_month, picture, statistics_facts, used_headings
from registry.licences.licences import list_licences
from registry.licences.statistics import (
    COUNTED,
    CountedLicences,
    GroupedBy,
    count_licences,
    total,
)
from registry.model import LicenceState
from tests.registry.licences.test_finding import CARE, HEALTH, MARKET, PAPER, TODAY, add, add_bodies

STATES = {
    "in_force": LicenceState.IN_FORCE,
    "waiting": LicenceState.PENDING,
    "suspended": LicenceState.SUSPENDED,
    "expired": LicenceState.EXPIRED,
    "cancelled": LicenceState.CANCELLED,
    "replaced": LicenceState.REPLACED,
}

MADE: list[tuple[LicenceState, dict[str, Any]]] = [
    (LicenceState.IN_FORCE, {}),
    (LicenceState.IN_FORCE, {"valid_until": date(2026, 5, 31)}),
    (LicenceState.IN_FORCE, {"valid_until": TODAY}),
    (LicenceState.IN_FORCE, {"valid_from": date(2026, 6, 2)}),
    (LicenceState.SUSPENDED, {"authority_id": HEALTH, "type_code": CARE}),
    (LicenceState.SUSPENDED, {"valid_until": date(2026, 5, 31)}),
    (LicenceState.CANCELLED, {"authority_id": HEALTH, "type_code": CARE}),
    (LicenceState.REPLACED, {"type_code": PAPER}),
    (LicenceState.PENDING, {}),
    (LicenceState.VOID, {}),
]


def test_counts_are_those_of_each_licence(database: Database) -> None:
    with database.writing() as connection:
        add_bodies(connection)
        for number, (state, more) in enumerate(MADE):
            add(connection, number * 20, "样例", state=state, **more)
        known = [
            one
            for one in list_licences(connection)
            if one.state not in (LicenceState.PENDING, LicenceState.VOID)
        ]
        counted = CountedLicences(TODAY)
        rows = count_licences(connection, counted)
        for row in rows:
            its = [
                one
                for one in known
                if (one.authority_id, one.type_code, f"{one.granted_on:%Y-%m}")
                == (row.authority_id, row.type_code, row.month)
            ]
            states = Counter(one.effective_state(TODAY) for one in its)
            assert row.counts.granted == len(its) > 0
            assert {name: getattr(row.counts, name) for name in STATES} == {
                name: states[state] for name, state in STATES.items()
            }
        assert total(rows).granted == len(known)
        assert sum(getattr(total(rows), name) for name in COUNTED if name != "granted") == len(
            known
        )
        assert [(one.authority_id, one.type_code, one.month) for one in rows] == sorted(
            (one.authority_id, one.type_code, one.month) for one in rows
        )
        (ours,) = count_licences(connection, CountedLicences(TODAY, by=()), [MARKET])
        assert (ours.authority_id, ours.type_code, ours.month) == (None, None, None)
        assert ours.counts.granted == 6
        assert count_licences(connection, counted, []) == []
        theirs = count_licences(connection, CountedLicences(TODAY, authority_id=HEALTH), [MARKET])
        assert theirs == []
        in_may = CountedLicences(
            TODAY,
            granted_from=date(2026, 5, 1),
            granted_until=date(2026, 5, 31),
            by=(GroupedBy.MONTH,),
        )
        assert {one.month for one in count_licences(connection, in_may)} == {"2026-05"}
        facts = statistics_facts(connection, rows, "zh")
    assert facts[0]["authority_name"] == AuthorityId("health")
    assert facts[0]["type_name"] == "医疗机构执业许可证"
    assert set(used_headings(facts, "zh")) == set(facts[0])
    months = by_month(facts)
    assert sum(months.values()) == len(known)
    assert list(months) == sorted(months)


def test_the_picture_says_in_words_what_it_shows() -> None:
    months = by_month([{"month": "2025-11", "granted": 7}, {"month": "2026-02", "granted": 12_345}])
    assert months == {"2025-11": 7, "2025-12": 0, "2026-01": 0, "2026-02": 12_345}
    for language, title in (("zh", "各月颁发数量"), ("en", "Granted in each month")):
        root = ET.fromstring(picture(months, language))  # type: ignore[arg-type]
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        named = {one.get("id"): one.text or "" for one in root.iter() if one.get("id")}
        assert root.get("aria-labelledby", "").split() == list(named)
        assert named["title"] == title
        assert "12,352" in named["desc"]
        assert "2026-02" in named["desc"]
        bars = [one for one in root.iter(f"{space}rect") if one.find(f"{space}title") is not None]
        assert len(bars) == 4
        tall = [float(one.get("height", "")) for one in bars]
        assert tall[3] == max(tall) <= 246
        assert not [one for one in root.iter() if one.tag in (f"{space}script", f"{space}style")]
    empty = ET.fromstring(picture({}, "zh"))
    assert empty is not None
