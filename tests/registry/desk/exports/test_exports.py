"""Exports that a server writes, on both databases: rights, one snapshot, two workers, deletion."""

import hashlib
import io
import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from core.errors import NotAllowedError, StorageError
from core.ids import AuthorityId
from core.permits import Role
from core.text import Text
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from registry.audit.chain import AuditEvent
from registry.audit.events import list_events
from registry.db.database import Database
from registry.db.tables import (
    authorities,
    export_parts,
    exports,
    identities,
    licences,
    role_assignments,
)
from registry.desk.exports import asked, exporting, parts, working
from registry.desk.exports.asked import ExportAsk, Exports, TooManyExportsError
from registry.desk.exports.parts import PartsWriter
from registry.desk.exports.records import LEASES, Export, NoSuchExportError
from registry.desk.exports.tables import TableFormat
from registry.desk.exports.working import ExportWorker
from registry.desk.rights import CallerStanding, Rights
from registry.erasure import sealing
from registry.erasure.unsealed import sealed_tables
from registry.licences.exported import ExportState, end_exports
from registry.licences.finding import LicenceFilter
from registry.model import ConflictError
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.leases import LEASE, LeaseLostError
from registry.officers.roles import RoleGift, assign_role
from registry.privacy.cipher import AesCodeBox
from registry.privacy.codes import Privacy, UnreadableCodeError
from tests.clock import StoppedClock
from tests.databases import empty_sqlite
from tests.permits import MANAGE_OFFICERS
from tests.privacy import privacy
from tests.registry.licences.test_finding import AT, HEALTH, MARKET, TODAY, add, add_bodies

ISSUER = "https://id.example"
FOREVER: Callable[[], bool] = lambda: False  # noqa: E731
ALL = ExportAsk(LicenceFilter(TODAY), TableFormat.JSONL, "zh")
FOUND = replace(ALL, sought=LicenceFilter(TODAY, "张样例"))


class Counter:
    """A counter with people, who export what it has."""

    def __init__(self, database: Database) -> None:
        self.clock = StoppedClock(AT)
        self.use(database)
        self.people: dict[str, Identity] = {}
        with database.writing() as connection:
            add_bodies(connection)
            connection.execute(update(authorities).values(level="province"))
            for number in range(1, 8):
                person = [{"name": "张样例", "code_type": "111", "code": "990102194009171291"}]
                add(connection, number, holders=person)
            add(connection, 8, "别处店", authority_id=HEALTH)
        self.hire("li", Role.SEALER, MARKET)
        self.hire("qian", Role.OPERATOR, HEALTH)
        self.hire("shen", Role.AUDITOR, None)

    def use(self, database: Database) -> None:
        self.database = database
        self.rights = Rights(database, self.clock, ZoneInfo("Asia/Shanghai"), secrets.token_bytes)
        self.exports = Exports(self.rights, timedelta(days=3))
        self.worker = ExportWorker(self.rights)

    def hire(self, name: str, role: Role, at: AuthorityId | None) -> None:
        now = self.clock.now()
        new = NewIdentity(Pin(ISSUER, name), IdentityKind.PERSON, name)
        with self.database.writing() as connection:
            made = add_identity(connection, new, MANAGE_OFFICERS, now, secrets.token_bytes)
        self.people[name] = Identity(
            new.pin, new.kind, name, SignInWay.BROWSER, made.identity_id, auth_time=now
        )
        self.give(name, role, at)

    def give(self, name: str, role: Role, at: AuthorityId | None) -> None:
        identity_id = self.people[name].identity_id
        assert identity_id is not None
        with self.database.writing() as connection:
            now, gift = self.clock.now(), RoleGift(identity_id, role, at)
            assign_role(connection, gift, MANAGE_OFFICERS, now, secrets.token_bytes)

    def standing(self, name: str) -> CallerStanding:
        return self.rights.standing(replace(self.people[name], auth_time=self.clock.now()))

    def dismiss(self, name: str) -> None:
        with self.database.writing() as connection:
            whose = role_assignments.c.identity_id == self.people[name].identity_id
            ended = {"ended_at": self.clock.now(), "ended_by": "local:x", "why": "left"}
            connection.execute(update(role_assignments).where(whose).values(ended))

    def begin(self, name: str = "li", ask: ExportAsk = ALL, key: str = "") -> Export:
        return self.exports.ask(self.standing(name), ask, key or secrets.token_hex(8))

    def done(self, name: str = "li", ask: ExportAsk = ALL) -> Export:
        made = self.begin(name, ask)
        self.worker.work(FOREVER)
        return self.view(made, name)

    def view(self, one: Export, name: str = "li") -> Export:
        return self.exports.view(self.standing(name), one.export_id)

    def content(self, one: Export, name: str = "li") -> bytes:
        return b"".join(self.exports.fetch(self.standing(name), one.export_id).parts())

    def parts(self) -> int:
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(export_parts)).scalar_one()

    def events(self, *actions: str) -> list[AuditEvent]:
        with self.database.reading() as connection:
            found = list_events(connection, limit=1000)
        return [one for one in found if one.action in actions]


@pytest.fixture
def counter(database: Database) -> Counter:
    """On both engines in turn."""
    return Counter(database)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Counter]:
    database = Database(empty_sqlite(tmp_path / "registry.db"), privacy=privacy)
    yield Counter(database)
    database.close()


def lines(content: bytes) -> list[dict[str, str]]:
    return [json.loads(one) for one in content.decode().splitlines()]


def test_an_export_holds_what_its_asker_sees_and_is_handed_to_nobody_else(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    monkeypatch.setattr(parts, "PART", 300)
    made = counter.begin(key="the-same-key")
    assert counter.begin(key="the-same-key").export_id == made.export_id
    with pytest.raises(ConflictError, match="not complete"):
        counter.content(made)
    counter.worker.work(FOREVER)
    one = counter.view(made)
    assert (one.state, one.rows, one.taken_at) == (ExportState.DONE, 7, AT)
    content = counter.content(one)
    assert (len(content), hashlib.sha256(content).hexdigest()) == (one.size, one.sha256)
    assert {row["authority"] for row in lines(content)} == {"market"}
    assert [row["number"] for row in lines(content)] == [
        f"JY1990121{n:07}" for n in range(7, 0, -1)
    ]
    assert {row["holder"] for row in lines(content)} == {"张*例"}
    assert counter.parts() > 3
    for stranger in ("qian", "shen"):
        for act in (counter.exports.view, counter.exports.fetch, counter.exports.cancel):
            with pytest.raises(NoSuchExportError):
                act(counter.standing(stranger), one.export_id)
    assert counter.exports.own(counter.standing("qian")) == []
    told = counter.events("export.asked", "record.exported", "export.fetched")
    assert [event.action for event in told] == ["export.asked", "record.exported", "export.fetched"]
    assert told[1].after is not None
    assert (told[1].after["rows"], told[1].after["sha256"]) == (7, one.sha256)
    assert {event.actor for event in told} == {counter.standing("li").actor.name}


def test_what_is_kept_is_sealed(here: Counter) -> None:
    waiting = here.begin(ask=FOUND)
    with here.database.reading() as connection:
        kept = connection.execute(select(exports.c.sought)).scalar_one()
        assert "张样例" not in str(kept)
    here.worker.work(FOREVER)
    assert here.view(waiting).rows == 7
    with here.database.writing() as connection:
        (content,) = connection.execute(select(export_parts.c.content)).scalars()
        assert "JY1990121" not in content
        assert connection.execute(select(exports.c.sought)).scalar_one() == {}
        # What belongs to one export does not open as another's.
        other = update(exports).values(export_id="another")
        connection.exec_driver_sql("DELETE FROM export_parts")
        connection.execute(other)
        connection.execute(
            export_parts.insert().values(export_id="another", number=1, content=content)
        )
    moved = replace(waiting, export_id="another")
    with pytest.raises(UnreadableCodeError):
        here.content(moved)
    assert "张样例" not in str(here.events("export.asked", "record.exported"))


@pytest.mark.parametrize("form", TableFormat)
def test_every_format_comes_whole_out_of_its_pieces(
    here: Counter, form: TableFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 256)
    content = here.content(here.done(ask=replace(ALL, form=form)))
    if form is TableFormat.XLSX:
        (sheet,) = load_workbook(io.BytesIO(content))
        assert [row[0].value for row in sheet.iter_rows()][:2] == ["证照编号", "JY19901210000007"]
        assert sheet.max_row == 8
    else:
        assert content.count(b"JY1990121") == 7


def test_all_is_of_one_moment_though_licences_change_meanwhile(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    real = exporting.rows_within

    def slow(*given: object) -> Iterator[dict[str, object]]:
        for number, row in enumerate(real(*given)):  # type: ignore[arg-type]
            if number == 1:
                with counter.database.writing() as connection:
                    connection.execute(update(licences).values(state="CANCELLED"))
                    add(connection, 9, "后来店")
            yield row

    monkeypatch.setattr(working, "rows_within", slow)
    rows = lines(counter.content(counter.done()))
    assert {row["state"] for row in rows} == {"IN_FORCE"}
    assert len(rows) == 7


def test_a_dead_workers_export_is_written_anew_and_a_slow_one_writes_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 64)
    made = counter.begin()
    first = counter.worker._take()
    assert first is not None
    slow = PartsWriter(counter.database, counter.clock, first)
    slow.write(b"x" * 100)
    assert (counter.parts(), counter.view(made).size) == (1, 64)
    counter.worker.work(FOREVER)
    assert counter.view(made).state is ExportState.RUNNING, "its lease has not ended"
    counter.clock.advance(LEASE)
    second = counter.worker._take()
    assert second is not None
    assert (second.fence, counter.parts()) == (first.fence + 1, 0)
    for late in (lambda: slow.write(b"x" * 100), slow.beat):
        with pytest.raises(LeaseLostError):
            late()
    with counter.database.writing() as connection, pytest.raises(LeaseLostError):
        LEASES.write(connection, first.held, {"state": ExportState.DONE})
    assert counter.parts() == 0
    counter.clock.advance(LEASE)
    counter.worker.work(FOREVER)
    assert b"x" * 10 not in counter.content(made)
    assert len(lines(counter.content(made))) == 7


def test_a_process_that_ends_leaves_it_to_the_next(
    here: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_BEAT", 0.0)
    looks = iter([False, True, True])
    made = here.begin()
    here.worker.work(lambda: next(looks))
    one = here.view(made)
    assert (one.state, one.lease_until) == (ExportState.RUNNING, here.clock.now())
    here.worker.work(FOREVER)
    assert here.view(made).state is ExportState.DONE


def test_a_fault_of_the_surroundings_is_waited_out(
    here: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = StorageError(Text("满", "full"))

    def refuse(*_: object) -> None:
        raise full

    made = here.begin()
    with monkeypatch.context() as patched:
        patched.setattr(PartsWriter, "finish", refuse)
        with pytest.raises(StorageError):
            here.worker.work(FOREVER)
        one = here.view(made)
        assert (one.state, one.why, one.failures) == (ExportState.RUNNING, "storage", 1)
        here.worker.work(FOREVER)
        assert here.view(made).failures == 1, "it rests"
    here.clock.advance(working.FIRST_PAUSE)
    here.worker.work(FOREVER)
    assert here.view(made).state is ExportState.DONE


def test_it_is_cancelled_while_it_is_written_and_deleted_once_it_is_done(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_BEAT", 0.0)
    real = exporting.rows_within

    def slow(*given: object) -> Iterator[dict[str, object]]:
        for number, row in enumerate(real(*given)):  # type: ignore[arg-type]
            if number == 2:
                counter.exports.cancel(counter.standing("li"), made.export_id)
            yield row

    made = counter.begin()
    with monkeypatch.context() as patched:
        patched.setattr(working, "rows_within", slow)
        counter.worker.work(FOREVER)
    assert (counter.view(made).state, counter.parts()) == (ExportState.CANCELLED, 0)
    assert counter.events("record.exported") == []
    done = counter.done()
    counter.exports.cancel(counter.standing("li"), done.export_id)
    assert counter.parts() == 0
    with pytest.raises(ConflictError):
        counter.content(done)


def test_it_expires_on_record(here: Counter) -> None:
    done, waiting = here.done(), here.begin()
    here.exports.sweep()
    assert here.parts() == 1
    here.clock.advance(timedelta(days=3))
    here.exports.sweep()
    assert here.parts() == 0
    assert {here.view(one).state for one in (done, waiting)} == {ExportState.EXPIRED}
    assert len(here.events("export.expired")) == 2
    with pytest.raises(ConflictError, match="Look at its state"):
        here.content(done)
    with pytest.raises(ConflictError, match="over"):
        here.exports.cancel(here.standing("li"), done.export_id)


def test_rights_are_looked_at_again_before_it_is_written_and_fetched(here: Counter) -> None:
    done, waiting = here.done(), here.begin()
    here.dismiss("li")
    with pytest.raises(NotAllowedError):
        here.content(done)
    here.worker.work(FOREVER)
    one = here.view(waiting)
    assert (one.state, one.why) == (ExportState.STOPPED, "right_ended")
    by_all = here.begin("shen")
    with here.database.writing() as connection:
        connection.execute(update(identities).values(state="DISABLED"))
    here.worker.work(FOREVER)
    with here.database.reading() as connection:
        query = select(exports.c.state, exports.c.why).where(
            exports.c.export_id == by_all.export_id
        )
        assert tuple(connection.execute(query).one()) == ("STOPPED", "identity_ended")


def test_unmasked_it_is_for_who_may_change_and_signed_in_afresh(here: Counter) -> None:
    here.hire("zhou", Role.APPROVER, HEALTH)
    plain = ExportAsk(LicenceFilter(TODAY, authority_id=HEALTH), TableFormat.JSONL, "zh", True)
    with pytest.raises(NotAllowedError):
        here.begin("zhou", plain)
    mine = replace(plain, sought=LicenceFilter(TODAY, authority_id=MARKET))
    one = here.done(ask=mine)
    assert {row["holder_code"] for row in lines(here.content(one))} == {"990102194009171291"}
    assert one.bodies == (MARKET,)
    here.dismiss("li")
    here.give("li", Role.APPROVER, MARKET)
    assert here.standing("li").reach.includes(MARKET)
    with pytest.raises(NotAllowedError):
        here.content(one)


def test_a_supervisors_is_recorded_as_a_reading(here: Counter) -> None:
    one = here.done("shen", replace(ALL, sought=LicenceFilter(TODAY, "别处")))
    assert (one.rows, one.bodies) == (1, None)
    (read,) = here.events("record.read")
    assert read.actor == here.standing("shen").actor.name
    here.done("li")
    assert len(here.events("record.read")) == 1


def test_nobody_has_more_than_their_share(here: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        here.begin()
    with pytest.raises(TooManyExportsError):
        here.begin()
    here.begin("qian")
    here.worker.work(FOREVER)
    monkeypatch.setattr(asked, "MOST_KEPT", 4)
    here.begin()
    with pytest.raises(TooManyExportsError):
        here.begin()


def test_a_file_beyond_the_limit_stops(here: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_SIZE", 100)
    one = here.done()
    assert (one.state, one.why, here.parts()) == (ExportState.STOPPED, "too_large", 0)


def test_a_file_and_a_search_are_read_under_newer_keys(here: Counter) -> None:
    done = here.done()
    content, waiting = here.content(done), here.begin(ask=FOUND)
    newer = Privacy(privacy().index, AesCodeBox({"c0001": b"k" * 32, "c0002": b"n" * 32}))
    sealer = sealing._Sealer(newer)
    for one in sealed_tables(newer.box.current):
        if one.table in (exports, export_parts):
            sealing._go_through(here.database, one.table, one.older, sealer.change(one.table), 1)
    here.database.close()
    only = Privacy(privacy().index, AesCodeBox({"c0002": b"n" * 32}))
    here.use(Database(here.database.url, privacy=lambda: only))
    assert here.content(done) == content
    here.worker.work(FOREVER)
    assert here.view(waiting).rows == 7


def test_what_is_over_is_neither_in_the_clear_nor_under_an_older_key(counter: Counter) -> None:
    """A check that cries at each export that was written is soon read by nobody."""
    counter.done()
    counter.exports.cancel(counter.standing("li"), counter.begin().export_id)
    counter.begin()

    def counted(current: str) -> dict[str, tuple[int, int]]:
        with counter.database.reading() as connection:
            return {
                one.table.name: (
                    connection.execute(select(func.count()).where(one.clear)).scalar_one(),
                    connection.execute(select(func.count()).where(one.older)).scalar_one(),
                )
                for one in sealed_tables(current)
                if one.table in (exports, export_parts)
            }

    assert counted("c0001") == {"exports": (0, 0), "export_parts": (0, 0)}
    assert counted("c0002") == {"exports": (0, 1), "export_parts": (0, 1)}


def test_none_outlives_an_erasure(counter: Counter) -> None:
    done, waiting = counter.done(), counter.begin()
    begun = counter.worker._take()
    assert begun is not None
    with counter.database.writing() as connection:
        end_exports(connection)
    assert (counter.view(done).why, counter.parts()) == ("erased", 0)
    with pytest.raises(LeaseLostError):
        PartsWriter(counter.database, counter.clock, begun).beat()
    counter.worker.work(FOREVER)
    assert counter.view(waiting).state is ExportState.DONE


def test_none_begins_while_something_is_erased(counter: Counter) -> None:
    """A snapshot from before the erasure ends would have what it erases."""
    with ThreadPoolExecutor(1) as pool:
        with counter.database.writing() as connection:
            end_exports(connection)
            begun = pool.submit(counter.begin)
            with pytest.raises(TimeoutError):
                begun.result(0.3)
        assert begun.result(10).state is ExportState.WAITING
