"""An export is what the search finds, masked unless asked otherwise, and on record."""

import json
from dataclasses import replace

import pytest

from core.permits import Actor, Reach
from registry.audit.events import EventFilter, list_events
from registry.db.database import Database
from registry.desk.exports import exporting
from registry.desk.exports.exporting import ExportOrder, TooManyToExportError, export_licences
from registry.desk.exports.tables import TableFormat
from registry.licences.finding import LicenceFilter
from tests.clock import StoppedClock
from tests.registry.licences.test_finding import AT, HEALTH, TODAY, add, add_bodies

ORDER = ExportOrder(
    LicenceFilter(TODAY, "样例"), TableFormat.JSONL, "zh", Reach(None), Actor("id:x")
)


def test_an_export_is_bounded_masked_and_on_record(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    clock = StoppedClock(AT)
    with database.writing() as connection:
        add_bodies(connection)
        for number in range(1, 5):
            add(connection, number, f"样例{number}店")
        person = [{"name": "张样例", "code_type": "111", "code": "990102194009171291"}]
        add(connection, 5, holders=person, number="99010219400917129144", authority_id=HEALTH)
        add(connection, 6, "别的店")

    def lines(order: ExportOrder) -> list[dict[str, str]]:
        made = export_licences(database, clock, order)
        with made.file as file:
            found = [json.loads(line) for line in file.read().decode().splitlines()]
        assert made.count == len(found)
        return found

    masked = lines(ORDER)
    assert [one["holder"] for one in masked] == ["张*例", *(f"样例{n}店" for n in (4, 3, 2, 1))]
    assert masked[0]["number"].startswith("990*")
    assert "990102194009171291" not in str(masked)
    assert not any("9000000000000" in str(one) for one in masked)
    plain = lines(replace(ORDER, personal=True))
    assert (plain[0]["holder"], plain[0]["holder_code"]) == ("张样例", "990102194009171291")
    assert len(lines(replace(ORDER, reach=Reach(frozenset({HEALTH}))))) == 1
    with pytest.raises(TooManyToExportError):
        lines(replace(ORDER, most=3))
    with database.reading() as connection:
        events = list_events(connection, chosen=EventFilter(action="record.exported"))
    assert [(one.actor, one.after and one.after["rows"]) for one in events] == [
        ("id:x", 5),
        ("id:x", 5),
        ("id:x", 1),
    ]
    assert [one.after and one.after["personal"] for one in events] == [False, True, False]
    assert "样例" not in str(events)
