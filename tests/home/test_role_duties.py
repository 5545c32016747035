"""When duties do what: of grants that wait, of digests, of archives."""

import secrets
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ca.errors import CaError
from core.errors import StorageError, XinyinError
from core.permits import Action
from core.text import Text
from home import archiving, role_duties
from home.role_duties import GrantFinisher, renew_archive, state_digests
from tests.clock import StoppedClock

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Register:
    """Pending licences of which some cannot be finished."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = StoppedClock(BEGIN)
        self.pending: dict[str, datetime] = {}
        self.errors: dict[str, XinyinError] = {}
        self.tried: list[tuple[str, timedelta]] = []
        self.strays: list[object] = []
        self.begun: list[object] = []
        self.home = SimpleNamespace(
            clock=self.clock, journal="journal", permit=lambda action: ("permit", action),
            database=SimpleNamespace(reading=self.reading, mirror=lambda: "mirror"),
            reservations=SimpleNamespace(begin=lambda *told: self.begun.append(told)),
            granting=SimpleNamespace(resume=self.resume),
        )  # fmt: skip
        monkeypatch.setattr(role_duties, "list_pending", self.list_pending)
        monkeypatch.setattr(role_duties, "record_strays", lambda *told: self.strays.append(told))
        self.finisher = GrantFinisher(self.home)  # type: ignore[arg-type]

    def reading(self) -> "Register":
        return self

    def __enter__(self) -> str:
        return "connection"

    def __exit__(self, *_: object) -> None:
        pass

    def list_pending(self, connection: str) -> list[tuple[str, datetime]]:
        assert connection == "connection"
        return list(self.pending.items())

    def resume(self, identifier: str, permit: object) -> None:
        assert permit == ("permit", Action.GRANT)
        self.tried.append((identifier, self.clock.now() - BEGIN))
        if identifier in self.errors:
            raise self.errors[identifier]
        del self.pending[identifier]

    def finish(self) -> XinyinError | None:
        try:
            self.finisher.finish()
        except XinyinError as error:
            return error
        return None


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    return Register(monkeypatch)


def test_a_grant_that_fails_is_tried_ever_less_often(register: Register) -> None:
    """First after two minutes, in which whoever began it may finish; at last every six hours."""
    register.pending["a"] = BEGIN
    register.errors["a"] = CaError(Text("停", "suspended"))
    pauses = [2, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    expected = [sum(pauses[: n + 1]) for n in range(len(pauses))]
    for minute in range(expected[-1] + 1):
        register.clock.at = BEGIN + minute * MINUTE
        failed = register.finish()
        assert failed is (register.errors["a"] if minute in expected else None)
    assert register.tried == [("a", minute * MINUTE) for minute in expected]


def test_one_that_fails_does_not_stop_the_others(
    register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    register.pending |= {"a": BEGIN, "b": BEGIN, "c": BEGIN, "new": BEGIN + MINUTE}
    first, last = (
        CaError(Text("停", "one is suspended")),
        CaError(Text("停", "another is suspended")),
    )
    register.errors = {"a": first, "b": last}
    register.clock.advance(2 * MINUTE)
    assert register.finish() is last
    assert [name for name, _ in register.tried] == ["a", "b", "c"]
    assert register.strays == [(register.home.database, "journal", BEGIN + 2 * MINUTE)]
    assert register.begun == [("connection", "mirror")]
    told = [(one.getMessage(), getattr(one, "code", None)) for one in caplog.records]
    assert told == [
        ("a pending grant: one is suspended", first.code),
        ("a pending grant: another is suspended", first.code),
    ]
    register.tried.clear()
    register.clock.advance(MINUTE)
    assert register.finish() is None
    assert [name for name, _ in register.tried] == ["new"]


def test_a_full_disk_stops_the_round_and_puts_off_the_one_that_met_it(register: Register) -> None:
    register.pending |= {"a": BEGIN, "b": BEGIN}
    register.errors = {"a": StorageError(Text("满", "full")), "b": CaError(Text("停", "suspended"))}
    register.clock.advance(2 * MINUTE)
    assert register.finish() is register.errors["a"]
    register.clock.advance(MINUTE)
    assert register.finish() is register.errors["b"]
    assert [name for name, _ in register.tried] == ["a", "b"]


def test_one_that_was_finished_elsewhere_is_forgotten(register: Register) -> None:
    """Else what has failed once stayed in memory for ever."""
    register.pending |= {"a": BEGIN, "b": BEGIN}
    register.errors = {name: CaError(Text("停", "suspended")) for name in "ab"}
    register.clock.advance(2 * MINUTE)
    register.finish()
    assert set(register.finisher._waits) == {"a", "b"}
    del register.pending["a"]
    register.finish()
    assert set(register.finisher._waits) == {"b"}
    register.clock.advance(2 * MINUTE)
    register.errors.clear()
    assert register.finish() is None
    assert [name for name, _ in register.tried] == ["a", "b", "b"]


def test_digests_and_faces_are_stated_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(role_duties, "state_signed_digests", lambda *one: told.append(one))
    monkeypatch.setattr(role_duties, "state_faces", lambda *one: told.append(one))
    state_digests(SimpleNamespace(database="database", store="store", clock="clock"))  # type: ignore[arg-type]
    assert told == [
        ("database", "store", 500),
        ("database", 500, "clock", secrets.token_bytes),
    ]


@pytest.mark.parametrize("due", [True, False])
def test_archives_are_opened_where_one_is_due_and_renewed_for_five_minutes(
    monkeypatch: pytest.MonkeyPatch, *, due: bool
) -> None:
    told, asked = list[object](), list[object]()
    home = SimpleNamespace(
        clock=StoppedClock(BEGIN),
        settings=SimpleNamespace(archive=SimpleNamespace(due_within_days=90)),
        database=SimpleNamespace(reading=nullcontext),
        hierarchy=object(),
        permit=lambda action: ("permit", action),
        open_archive_renewal=lambda: SimpleNamespace(renew_due=lambda *one: told.append(one)),
    )

    def count_due(_: object, horizon: object, offers: object) -> int:
        asked.append((horizon, offers))
        return int(due)

    monkeypatch.setattr(archiving, "offers_of", lambda of: (of, "offers"))
    monkeypatch.setattr(role_duties, "count_due", count_due)
    renew_archive(home)  # type: ignore[arg-type]
    assert asked == [(BEGIN + timedelta(days=90), (home.hierarchy, "offers"))]
    assert told == ([(BEGIN, 5 * MINUTE, ("permit", Action.RENEW_ARCHIVE))] if due else [])
