"""Licences on paper taken over: judged as their grade asks, recorded once, never called sealed."""

import csv
import io
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from core.errors import NotAllowedError, UnreachableError, UsageError
from registry.accession.grades import Grade
from registry.accession.rows import OtherAccessionError, add_accession, list_accessions
from registry.accession.taking_over import PaperIntake
from registry.answers.answers import CheckResult, Outcome, VerificationAnswer
from registry.bodies.authorities import find_authority, mandated_seal
from registry.db.tables import licences
from registry.desk.contents import GrantAsk
from registry.desk.judging import BadBatchError, SheetAsk
from registry.granting.granting import Granted
from registry.granting.reservation import NumberTakenError
from registry.importing.paper import PaperRow, PaperRules, judge_paper
from registry.importing.scans import MAX_SCAN_BYTES, check_scan
from registry.importing.sheets import BadTableError, Table, TableRow
from registry.model import ConflictError, LicenceState, NotFoundError, Reason
from registry.reconcile.licences import check_licences
from registry.types.row_problems import BadValueError
from signing.report import Structure
from signing.sandbox import Sandbox
from signing.trust.anchors import TrustMaterial
from tests.permits import CHANGE_LICENCE, TAKE_OVER
from tests.pictures import LentPictures
from tests.registry.desk.batch.batch_world import BatchWorld, sheet
from tests.world import World, copy_world, reserved


def picture(kind: str, size: tuple[int, int] = (400, 600), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **more)
    return out.getvalue()


SCAN = picture("JPEG")
SCANS = {"1.jpg": SCAN, "2.png": picture("PNG"), "3.tif": picture("TIFF"), "4.pdf": picture("PDF")}
ROW = {
    "证照编号": "旧食证字〔1998〕第 7 号",
    "颁发日期": "1998-03-05",
    "有效期起": "1998-03-05",
    "有效期至": "长期",
    "证照状态": "有效",
    "扫描件": "1.jpg",
}


class Office:
    """An authority that takes over its old licences."""

    def __init__(self, world: World) -> None:
        self.world, self.home = world, world.home
        home = self.home
        self.kind = world.types["food-operation"].licence_type
        with home.database.reading() as connection:
            seal = mandated_seal(connection, self.kind.code, None)
            authority = find_authority(connection, seal.authority_id)
        self.rules = PaperRules(
            licence_type=self.kind,
            authority=authority,
            grade=Grade.B,
            today=home.today(),
            scans=SCANS.__getitem__,
            structure_of=self.structure_of,
            pictures=LentPictures(),
        )
        self.intake = PaperIntake(home.database, home.store, home.clock, secrets.token_bytes)
        data = world.applications()[0].data
        self.whole = {self.kind.label_of(key): value for key, value in data.items()}

    def structure_of(self, pdf: bytes) -> Structure:
        now = self.home.clock.now()
        return self.home.sandbox.validate(pdf, TrustMaterial(()), now).structure

    def judge(self, *rows: Mapping[str, str]) -> list[PaperRow]:
        header = tuple(dict.fromkeys(name for row in rows for name in row))
        cells = [tuple(row.get(name, "") for name in header) for row in rows]
        numbered = tuple(TableRow(number, one) for number, one in enumerate(cells, 2))
        return list(judge_paper(Table(Path("old.csv"), header, numbered), self.rules))

    def one(self, **changed: str) -> PaperRow:
        (row,) = self.judge({**self.whole, **ROW, **changed})
        return row

    def record(self, **changed: str) -> bool:
        row = self.one(**changed)
        assert row.accession is not None, row.problems
        return self.intake.take_over(row.accession, row.scan, TAKE_OVER, "存量入库")

    def take_over(self, holder: int, number: str) -> dict[str, str]:
        """Record a licence on paper of a sample's holder; return what their record says."""
        data = self.world.applications()[holder].data
        whole = {self.kind.label_of(key): value for key, value in data.items()}
        (judged,) = self.judge({**whole, **ROW, "证照编号": number})
        assert judged.accession is not None, judged.problems
        self.intake.take_over(judged.accession, judged.scan, TAKE_OVER, "存量入库")
        return whole

    def asked(self, number: str) -> VerificationAnswer:
        return self.home.verifier.by_code(number)


@pytest.fixture
def office(world: World) -> Office:
    """On both engines in turn."""
    return Office(world)


@pytest.fixture(scope="module")
def desk(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> Iterator[Office]:
    """For what no database decides: nothing is recorded."""
    directory = tmp_path_factory.mktemp("desk")
    with copy_world(sqlite_template, directory, sandbox=sandbox) as world:
        yield Office(world)


@pytest.fixture(scope="module")
def old(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> Iterator[Office]:
    """On SQLite, for tests that each take over papers of their own."""
    directory = tmp_path_factory.mktemp("old")
    with copy_world(sqlite_template, directory, sandbox=sandbox) as world:
        yield Office(world)


@pytest.fixture(scope="module")
def paper_desk(old: Office) -> BatchWorld:
    made = BatchWorld(old.world)
    made.staff()
    return made


def test_a_licence_on_paper_is_told_by_its_grade(office: Office) -> None:
    for grade, number in zip("ABCD", ("P1001", "P1002", "P1003", "P1004"), strict=True):
        assert office.record(证照编号=number, 可信等级=grade) is True
        assert office.record(证照编号=number, 可信等级=f"{grade}级") is False, "the same grade"
    office.record(证照编号="P1005", 有效期至="2001-01-01", 证照状态="已过有效期")
    office.record(证照编号="P1006", 证照状态="吊销")
    office.record(证照编号="P1007", 证照状态="暂停使用", 事由="暂扣", 扫描件="4.pdf")
    told = {
        number: (answer.outcome, answer.issuer.result, answer.issuer.code, answer.document_checked)
        for number in ("P1001", "P1002", "P1003", "P1004", "P1005", "P1006", "P1007")
        for answer in [office.asked(number)]
    }
    passed, error = CheckResult.PASSED, CheckResult.ERROR
    assert told == {
        "P1001": (Outcome.IN_FORCE, passed, "taken_over_a", False),
        "P1002": (Outcome.IN_FORCE, passed, "taken_over_b", False),
        "P1003": (Outcome.COULD_NOT_CHECK, error, "taken_over_c", False),
        "P1004": (Outcome.COULD_NOT_CHECK, error, "taken_over_d", False),
        "P1005": (Outcome.NOT_IN_FORCE, passed, "taken_over_b", False),
        "P1006": (Outcome.NOT_IN_FORCE, passed, "taken_over_b", False),
        "P1007": (Outcome.NOT_IN_FORCE, passed, "taken_over_b", False),
    }
    answer = office.asked("P1002")
    assert answer.summary.zh == (
        "由纸质证照接收入库，没有本平台的电子签章；B 级：经工作人员与纸质证照比对。"
        f"接收入库日期：{office.home.today()}。颁发机构：{office.rules.authority.name}。"
        "在有效期内，状态有效。请与手中的证照比对。"
    )
    assert "without a seal of ours; grade B" in answer.summary.en
    assert answer.licence is not None
    assert answer.licence.number == "P1002"
    assert office.asked("P1006").licence.reason is Reason.FORFEITED  # type: ignore[union-attr]
    assert office.asked("P1005").licence.state is LicenceState.EXPIRED  # type: ignore[union-attr]
    answer = office.home.verifier.by_file(SCANS["4.pdf"])
    assert (answer.outcome, answer.issuer.code) == (Outcome.COULD_NOT_CHECK, "taken_over_scan")
    audit = office.home.audit
    assert audit.verify(audit.public_keys()).findings == []


def test_what_is_on_record_stands(office: Office, world: World) -> None:
    assert office.record() is True
    with pytest.raises(OtherAccessionError):
        office.record(证照状态="注销")
    with pytest.raises(OtherAccessionError):
        office.record(扫描件="2.png")
    granted = world.grant(1).licence
    with pytest.raises(ConflictError):
        office.record(证照编号=granted.number)
    row = office.one(证照编号="P2")
    assert row.accession is not None
    with pytest.raises(NotAllowedError):
        office.intake.take_over(row.accession, row.scan, CHANGE_LICENCE)
    other = replace(TAKE_OVER, authority_id="another")
    with pytest.raises(NotAllowedError):
        office.intake.take_over(row.accession, row.scan, other)
    assert office.asked("P2").issuer.code == "no_record"


def test_what_is_granted_answers_before_what_was_taken_over(office: Office, world: World) -> None:
    granted = world.grant(1).licence
    row = office.one(证照编号="P3")
    assert row.accession is not None
    later = replace(row.accession, number=granted.number)
    with world.home.database.writing() as connection:
        now = world.clock.now()
        add_accession(connection, later, TAKE_OVER, now, random=secrets.token_bytes)
    assert office.asked(granted.number).issuer.code == "registered_here"


def test_bodies_are_told_apart_by_their_codes(office: Office, world: World) -> None:
    """Two bodies may have one name."""
    row = office.one(证照编号="P4")
    assert row.accession is not None
    other = replace(row.accession, accession_id="0" * 64, authority_uscc="91990101MA1CAG8D5C")
    with world.home.database.writing() as connection:
        for one in (row.accession, other):
            now = world.clock.now()
            add_accession(connection, one, TAKE_OVER, now, random=secrets.token_bytes)
    assert office.asked("P4").issuer.code == "ambiguous_number"


def upgrade(office: Office, world: World, number: str, index: int = 0) -> Granted:
    """Grant an electronic licence in place of the one on paper."""
    request = world.request(index, from_paper=number)
    return office.home.granting.grant(request)


def test_an_electronic_licence_takes_the_place_of_one_on_paper(
    office: Office, world: World
) -> None:
    for number, changed in (("P11", {}), ("P12", {"证照状态": "注销", "扫描件": "2.png"})):
        office.record(**{"证照编号": number, "扫描件": "4.pdf", **changed})
    for number, error, index in (
        ("P10", NotFoundError, 0),
        ("P12", ConflictError, 0),
        ("P11", ConflictError, 1),  # another holder
    ):
        with pytest.raises(error):
            upgrade(office, world, number, index)
    granted = upgrade(office, world, "P11").licence
    assert granted.number == "P11"
    with office.home.database.reading() as connection:
        (paper,) = list_accessions(connection, number="P11")
        assert list(check_licences(connection)) == []
    assert paper.replaced_by == granted.identifier
    assert paper.effective_state(office.home.today()) is LicenceState.REPLACED
    scan = office.home.verifier.by_file(SCANS["4.pdf"])
    assert scan.licence is not None
    assert (scan.licence.state, scan.licence.replaced_by) == ("REPLACED", granted.identifier)
    assert office.asked("P11").issuer.code == "registered_here"
    with pytest.raises(ConflictError):
        upgrade(office, world, "P11")
    with office.home.database.writing() as connection:
        connection.execute(update(licences).values(from_paper=None))
        assert len(list(check_licences(connection))) == 1


def test_a_grant_that_is_given_up_leaves_the_one_on_paper_as_it_is(
    office: Office, world: World
) -> None:
    office.record(证照编号="P13")
    asked = world.request(0, from_paper="P13")
    with office.home.database.writing() as connection:
        pending = reserved(office.home.reservations, connection, asked)
    with office.home.database.reading() as connection:
        assert list_accessions(connection, number="P13")[0].replaced_by is None
    with office.home.database.writing() as connection:
        identifier = pending.licence.identifier
        office.home.reservations.void(connection, identifier, "测试", asked.permit)
    assert upgrade(office, world, "P13").licence.number == "P13"


def test_no_other_licence_takes_a_number_on_paper(office: Office, world: World) -> None:
    """A number that is given must not be one; one that is counted passes it over."""
    first, second = world.applications()[:2]
    held, closed = (office.kind.assign_number(first.data, n) for n in (1, 2))
    past = office.kind.assign_number(second.data, 1)
    office.record(证照编号=held)
    office.record(证照编号=closed, 证照状态="注销")
    office.record(证照编号=past, 有效期至="2001-01-01", 证照状态="已过有效期")
    given = replace(world.request(0), application=replace(first, number=held))
    with pytest.raises(NumberTakenError, match="--from-paper"):
        office.home.granting.grant(given)
    assert world.grant(0).licence.number == closed
    assert world.grant(1).licence.number == past


def test_grades_c_and_d_take_the_data_as_told(desk: Office) -> None:
    holder = desk.kind.label_of(desk.kind.holder.name)
    bare = {**ROW, holder: "云上便利店"}
    (strict,) = desk.judge({**bare, "可信等级": "B"})
    assert {one.code for one in strict.problems} == {"missing"}
    (told,) = desk.judge({**bare, "可信等级": "C"})
    assert told.accession is not None
    assert told.accession.holders[0].name == "云上便利店"
    (wrong,) = desk.judge(
        {**bare, desk.kind.label_of(desk.kind.holder.code): "不详", "可信等级": "D"}
    )
    assert wrong.accession is not None
    (checked,) = desk.judge(
        {**desk.whole, **ROW, desk.kind.label_of(desk.kind.holder.code): "91990101MA1CAG8D5X"}
    )
    assert checked.accession is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"证照编号": ""}, "missing"),
        ({"证照编号": "9" * 65}, "missing"),
        ({"颁发日期": ""}, "bad_date"),
        ({"颁发日期": "2040-01-01"}, "future_date"),
        ({"有效期至": "1997-01-01"}, "wrong_term"),
        ({"证照状态": ""}, "unknown_state"),
        ({"证照状态": "良好"}, "unknown_state"),
        ({"证照状态": "有效", "事由": "吊销"}, "unknown_state"),
        ({"证照状态": "暂停使用"}, "unknown_state"),
        ({"证照状态": "已过有效期"}, "not_expired"),
        ({"事由": "没来由"}, "unknown_reason"),
        ({"可信等级": "S"}, "grade"),
        ({"扫描件": ""}, "scan_missing"),
    ],
)
def test_a_row_that_cannot_be_recorded(desk: Office, changed: dict[str, str], code: str) -> None:
    row = desk.one(**changed)
    assert row.accession is None
    assert code in {one.code for one in row.problems}


def test_a_number_that_stands_twice_and_headings_that_nobody_knows(desk: Office) -> None:
    whole = {**desk.whole, **ROW}
    first, second = desk.judge(whole, {**whole, "扫描件": "2.png"})
    assert first.accession is not None
    assert [one.code for one in second.problems] == ["repeated_number"]
    with pytest.raises(BadTableError):
        desk.judge({**whole, "备注": "x"})
    with pytest.raises(BadTableError):
        desk.judge({key: value for key, value in whole.items() if key != "扫描件"})


@pytest.mark.parametrize(
    ("scan", "flaw"),
    [
        (lambda: b"", "scan_too_large"),
        (lambda: SCAN + b"\0" * MAX_SCAN_BYTES, "scan_too_large"),
        (lambda: b"GIF89a" + b"\0" * 100, "bad_scan"),
        (lambda: SCAN[: len(SCAN) // 2], "bad_scan"),
        (lambda: picture("PNG", (100, 100)), "scan_size"),
        (lambda: picture("PNG", (30_000, 2_000)), "scan_size"),
        (lambda: picture("GIF"), "bad_scan"),
        (lambda: b"%PDF-1.7 nothing", "bad_scan"),
        (lambda: b"<html>", "bad_scan"),
    ],
)
def test_a_scan_that_nobody_can_open_is_refused(scan: Callable[[], bytes], flaw: str) -> None:
    with pytest.raises(BadValueError) as refused:
        check_scan(scan(), lambda _: Structure.BROKEN, LentPictures())
    assert refused.value.flaw == flaw


@pytest.mark.parametrize("name", sorted(SCANS))
def test_scans_that_are_taken(name: str) -> None:
    check_scan(SCANS[name], lambda _: Structure.UNSIGNED, LentPictures())


def test_a_term_begins_with_the_grant_where_nothing_else_is_told(desk: Office) -> None:
    row = desk.one(有效期起="")
    assert row.accession is not None
    assert row.accession.valid_from == date(1998, 3, 5)
    assert row.accession.valid_until is None


@pytest.mark.parametrize(
    ("found", "error"),
    [(Structure.FAILED, UnreachableError), (Structure.LIMIT, BadValueError)],
)
def test_a_scan_that_cannot_be_judged_is_not_called_damaged(
    found: Structure, error: type[Exception]
) -> None:
    with pytest.raises(error, match="says nothing"):
        check_scan(b"%PDF-1.7 any", lambda _: found, LentPictures())


@pytest.mark.parametrize(("holder", "name"), [(0, "纸质证照编号"), (1, "from_paper")])
def test_a_request_names_the_paper_whose_place_the_licence_takes(
    paper_desk: BatchWorld, old: Office, holder: int, name: str
) -> None:
    number = f"R-{holder}"
    whole = old.take_over(holder, number)
    ask = GrantAsk("food-operation", {**whole, name: number}, basis="换发")
    desk, li = paper_desk.desk, paper_desk.standing("li")
    made = desk.ask(li, ask, f"request-{number}")
    kept = desk.content(li, made.request_id)
    assert number in kept.record.values(), "who decides sees it"
    desk.approve(paper_desk.standing("wang"), made.request_id, "材料齐全")
    granted = desk.carry_out(paper_desk.standing("zhao"), made.request_id)
    assert granted.licence.number == number
    with old.home.database.reading() as connection:
        (paper,) = list_accessions(connection, number=number)
    assert paper.replaced_by == granted.licence.identifier
    with pytest.raises(ConflictError):
        desk.ask(li, ask, f"another-{number}")
    with pytest.raises(NotFoundError):
        desk.ask(li, replace(ask, record={**whole, name: "R-NONE"}), f"none-{number}")
    version = replace(ask, replaces=granted.licence.identifier, reason=Reason.CHANGED)
    with pytest.raises(UsageError, match="new version"):
        desk.ask(li, version, f"version-{number}")


def test_a_batch_names_in_a_column_the_papers_whose_places_are_taken(
    paper_desk: BatchWorld, old: Office
) -> None:
    for row in (3, 4):
        old.take_over(row, f"B-{row}")
    li = paper_desk.standing("li")

    def asked(*numbers: str) -> SheetAsk:
        return SheetAsk("food-operation", with_column(sheet(3, 3), "纸质证照编号", numbers))

    with pytest.raises(BadBatchError) as refused:
        paper_desk.desk.batches.check(li, asked("B-4", "B-NONE", ""))
    assert [(one.row, one.field, one.code) for one in refused.value.problems] == [
        (2, "纸质证照编号", "conflict"),  # another holder's
        (3, "纸质证照编号", "not_found"),
    ]
    job = paper_desk.begun(asked("B-3", "B-4", "").sheet, key="papers")
    paper_desk.desk.worker.work(lambda: False)
    rows = paper_desk.desk.batches.rows(li, job.request_id)
    found = [old.home.granting.granted(one.identifier).licence for one in rows if one.identifier]
    assert [one.number for one in found[:2]] == ["B-3", "B-4"]
    assert found[2].number.startswith("JY")
    with old.home.database.reading() as connection:
        replaced = [
            list_accessions(connection, number=one)[0].replaced_by for one in ("B-3", "B-4")
        ]
    assert replaced == [one.identifier for one in found[:2]]


def with_column(content: bytes, name: str, values: Sequence[str]) -> bytes:
    """Return a sheet with a further column."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    text = io.StringIO()
    csv.writer(text).writerows(
        [*row, value] for row, value in zip(rows, (name, *values), strict=True)
    )
    return text.getvalue().encode("utf-8-sig")
