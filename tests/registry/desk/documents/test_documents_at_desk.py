"""Documents at the desk, on both databases: handed in, agreed to, approved, sealed once."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from core.errors import NotAllowedError, UsageError
from core.permits import Role
from home.wiring import Home
from identity.people.rights_check import SecondPersonRequiredError, StepUpRequiredError
from registry.bodies.authorities import list_authorities
from registry.db.tables import batch_rows, document_drafts, document_files
from registry.desk.batch_rows import RowState, list_rows
from registry.desk.contents import ContentGoneError
from registry.desk.documents.drafting import KEPT, MOST_DRAFTS
from registry.desk.documents.found import RefusedUploadError
from registry.desk.documents.rows import change_file, files_of
from registry.desk.documents.wishes import SealWishes
from registry.granting.document_orders import NotADocumentTypeError
from registry.granting.document_terms import title_of
from registry.granting.granting import GrantStep
from registry.licences.licences import LicenceChange, change_state, list_licences
from registry.model import ConflictError, Licence, LicenceState, NotFoundError, Reason, TypeKind
from registry.officers.leases import LEASE
from registry.officers.model import JobState, NoSuchRequestError
from signing.intake.intake import Intake
from signing.intake.places import FurtherPlace, NoPlaceError, PlaceAsked
from signing.intake.report import Hazard
from tests import forked
from tests.permits import CHANGE_LICENCE
from tests.registry.desk.documents.office import SLUG, WORD, PaperOffice
from tests.signing.intake.drawings import changed, hidden_layer, plain, script_at_opening
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with Intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> PaperOffice:
    return PaperOffice(world, intake)


@pytest.fixture
def here(sqlite_world: World, intake: Intake) -> PaperOffice:
    return PaperOffice(sqlite_world, intake)


def documents(office: PaperOffice) -> list[Licence]:
    with office.world.home.database.reading() as connection:
        return list_licences(connection, limit=None)


def bytes_kept(office: PaperOffice) -> int:
    with office.world.home.database.reading() as connection:
        query = select(func.count()).where(document_files.c.data.is_not(None))
        return connection.execute(query).scalar_one()


def work(office: PaperOffice) -> None:
    office.desk.worker.work(lambda: False)


def test_what_was_agreed_to_is_sealed_once_and_forgotten(office: PaperOffice) -> None:
    li, papers = office.standing("li"), office.papers
    draft = office.drafted(plain(), plain(3))
    assert papers.drafts.add(li, draft.draft_id, plain(), name="again").number == 1
    seen = papers.asking.sample(li, draft.draft_id, 1)
    assert (seen.sealed.title, seen.sealed.pages, seen.sealed.falls_on) == ("A notice", 2, (2,))
    draft, files = papers.drafts.find(li, draft.draft_id)
    with pytest.raises(ConflictError, match="not what the sample showed"):
        papers.asking.ask(li, draft.draft_id, "0" * 32, "documents-001")
    made = office.asked(draft)
    assert office.asked(draft, key="documents-002").request_id == made.request_id
    assert (made.rows, documents(office)) == (2, []), "nothing is sealed by being asked for"
    for act in (
        lambda: papers.drafts.add(li, draft.draft_id, plain(1), name=""),
        lambda: papers.drafts.choose(li, draft.draft_id, SealWishes(edge=True), {}),
        lambda: papers.drafts.drop(li, draft.draft_id, 1),
        lambda: papers.drafts.drop(li, draft.draft_id),
    ):
        with pytest.raises(ConflictError, match="asked for already"):
            act()
    job = office.desk.batches.carry_out(office.standing("zhao"), made.request_id)
    work(office)
    view = office.desk.jobs.view(office.standing("zhao"), job.job_id)
    assert (view.job.state, view.counts[RowState.GRANTED]) == (JobState.DONE, 2)
    found = documents(office)
    assert {one.state for one in found} == {LicenceState.IN_FORCE}
    assert {title_of(one) for one in found} == {"A notice"}
    assert {one.data["source"] for one in found} == {one.sha256 for one in files}
    assert bytes_kept(office) == 0
    with office.world.home.database.reading() as connection:
        assert connection.execute(select(document_drafts)).all() == []
    # The same files once more lead to the same documents.
    again = office.begun_of(plain(), plain(3), key="documents-003")
    work(office)
    view = office.desk.jobs.view(office.standing("zhao"), again.job_id)
    assert (view.counts[RowState.GRANTED], view.counts.before) == (2, 2)
    assert len(documents(office)) == 2
    office.world.check_everything()


def test_a_page_that_cannot_be_shown_is_neither_taken_nor_approved(
    here: PaperOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, li = here, here.standing("li")
    office.world.clock.advance(timedelta(seconds=1))
    office.publish("\n[desk]\nsecond_person = true\n")
    drafts = office.papers.drafts
    draft = drafts.begin(li, SLUG, None)
    lent = office.world.home.intake
    asked: list[tuple[int, int]] = []

    def undrawn(_data: bytes, pages: int, wide: int) -> int:
        asked.append((pages, wide))
        return 2

    monkeypatch.setattr(lent, "undrawn", undrawn)
    for clean in (False, True):
        with pytest.raises(RefusedUploadError) as refused:
            drafts.add(
                li, draft.draft_id, changed(script_at_opening) if clean else plain(), clean=clean
            )
        assert [(one.hazard, one.page) for one in refused.value.findings] == [(Hazard.UNDRAWN, 2)]
        assert not refused.value.cleanable
    assert asked == [(2, 900), (2, 900)]
    assert drafts.find(li, draft.draft_id)[1] == []
    monkeypatch.undo()
    made, wang = office.asked(office.drafted(plain())), office.standing("wang")
    looks = office.papers.looks
    assert looks.unseen(wang, made.request_id, 1, (1, 2)) is None
    assert "Page 3" in str(looks.unseen(wang, made.request_id, 1, (3,)))
    with office.world.home.database.writing() as connection:  # as one of before this was asked
        draft_id = connection.execute(select(document_files.c.draft_id)).scalar_one()
        (file,) = files_of(connection, draft_id)
        change_file(connection, draft_id, replace(file, found=replace(file.found, drawn=False)))
    assert "handed in again" in str(looks.unseen(wang, made.request_id, 1, (1,)))
    with pytest.raises(ConflictError, match="handed in again"):
        office.desk.approve(wang, made.request_id, "good")


def test_an_approver_sees_what_is_sealed_and_nothing_is_before(here: PaperOffice) -> None:
    office = here
    office.world.clock.advance(timedelta(seconds=1))
    office.publish("\n[desk]\nsecond_person = true\n")
    office.add("sun", Role.AUDITOR)
    other = office.world.types["food-operation"].authority_id
    with office.world.home.database.reading() as connection:
        elsewhere = next(
            one.authority_id for one in list_authorities(connection) if one.authority_id != other
        )
    office.add("qian", Role.APPROVER, at=elsewhere)
    office.add("zhou", Role.OPERATOR)
    made = office.asked(office.drafted(plain()))
    looks, desk = office.papers.looks, office.desk
    with pytest.raises(SecondPersonRequiredError):
        desk.batches.carry_out(office.standing("zhao"), made.request_id)
    for name in ("wang", "zhao", "sun", "li"):
        standing = office.standing(name)
        (file,) = looks.request_files(standing, made.request_id)
        assert (file.title, file.pages) == ("A notice", 2)
        bare = looks.request_page(standing, made.request_id, 1, 2, sealed=False)
        sealed = looks.request_page(standing, made.request_id, 1, 2, sealed=True)
        assert bare.startswith(PNG)
        assert sealed.startswith(PNG)
        assert bare != sealed
        assert looks.request_sample(standing, made.request_id, 1).sealed.falls_on == (2,)
    for call in (
        lambda: looks.request_files(office.standing("qian"), made.request_id),
        lambda: looks.request_page(office.standing("qian"), made.request_id, 1, 1, sealed=True),
        lambda: looks.request_page(office.standing("qian"), "0" * 20, 1, 1, sealed=True),
    ):
        with pytest.raises(NoSuchRequestError, match="no request"):
            call()
    for number, page in ((2, 1), (0, 1), (1, 0), (1, 3), (10**9, 1)):
        with pytest.raises(NotFoundError):
            looks.request_page(office.standing("wang"), made.request_id, number, page, sealed=False)
    desk.approve(office.standing("wang"), made.request_id, "已核对")
    desk.batches.carry_out(office.standing("zhao"), made.request_id)
    work(office)
    assert len(documents(office)) == 1


def test_a_draft_is_its_makers_alone_for_a_day(here: PaperOffice) -> None:
    office = here
    office.add("zhou", Role.OPERATOR)
    drafts, draft = office.papers.drafts, office.drafted(plain())
    looks = office.papers.looks
    li = office.standing("li")
    assert looks.draft_page(li, draft.draft_id, 1, 2, sealed=False).startswith(PNG)
    for name in ("zhou", "zhao", "wang"):
        other = office.standing(name)
        with pytest.raises(NotFoundError, match="no such draft"):
            drafts.find(other, draft.draft_id)
        with pytest.raises(NotFoundError, match="no such draft"):
            looks.draft_page(other, draft.draft_id, 1, 1, sealed=False)
        with pytest.raises(NotFoundError, match="no such draft"):
            office.papers.asking.ask(other, draft.draft_id, "0" * 32, "documents-001")
        assert drafts.mine(other) == []
    assert [one.draft_id for one in drafts.mine(li)] == [draft.draft_id]
    office.world.clock.advance(KEPT)
    with pytest.raises(NotFoundError, match="no such draft"):
        drafts.find(office.standing("li"), draft.draft_id)
    office.desk.forget_lapsed()
    assert bytes_kept(office) == 0
    for _ in range(MOST_DRAFTS):
        drafts.begin(office.standing("li"), SLUG, None)
    with pytest.raises(ConflictError, match="drafts"):
        drafts.begin(office.standing("li"), SLUG, None)


def test_rights_are_looked_at_before_a_file_is(here: PaperOffice) -> None:
    office = here
    drafts = office.papers.drafts
    for name in ("wang", "zhao"):
        with pytest.raises(NotAllowedError):
            drafts.begin(office.standing(name), SLUG, None)
    with pytest.raises(NotADocumentTypeError):
        drafts.begin(office.standing("li"), "food-operation", None)
    draft = office.drafted()
    office.end_roles("li")
    for act in (
        lambda: drafts.add(office.standing("li"), draft.draft_id, plain(), name=""),
        lambda: drafts.find(office.standing("li"), draft.draft_id),
    ):
        with pytest.raises(NotFoundError, match="no such draft"):
            act()


def test_what_is_withdrawn_or_rejected_is_forgotten(here: PaperOffice) -> None:
    office, desk = here, here.desk
    first = office.asked(office.drafted(plain(1)), key="documents-001")
    second = office.asked(office.drafted(plain(2)), key="documents-002")
    assert bytes_kept(office) == 2
    desk.withdraw(office.standing("li"), first.request_id, "发错了")
    assert bytes_kept(office) == 1
    desk.reject(office.standing("wang"), second.request_id, "缺落款")
    assert bytes_kept(office) == 0
    with pytest.raises(ContentGoneError):
        office.papers.looks.request_page(
            office.standing("wang"), second.request_id, 1, 1, sealed=False
        )


def test_what_may_not_be_sealed_is_named_and_cleaned_where_somebody_agrees(
    here: PaperOffice,
) -> None:
    office = here
    li, drafts = office.standing("li"), office.papers.drafts
    draft = office.drafted(plain())
    hostile, hopeless = changed(script_at_opening), changed(hidden_layer)
    with pytest.raises(RefusedUploadError) as refused:
        drafts.add(li, draft.draft_id, hostile, name="通知")
    assert refused.value.cleanable
    assert refused.value.findings
    for bad in (hopeless, b"no pdf", b"%PDF-1.7 broken"):
        with pytest.raises(RefusedUploadError) as refused:
            drafts.add(li, draft.draft_id, bad, name="通知", clean=True, offer=True)
        assert not refused.value.cleanable
    offered = drafts.add(li, draft.draft_id, hostile, name="通知", offer=True)
    assert not offered.ready
    with pytest.raises(ConflictError, match="cleaned"):
        office.asked(draft)
    with pytest.raises(ConflictError, match="cleaned"):
        office.papers.asking.sample(li, draft.draft_id, 2)
    assert drafts.clean(li, draft.draft_id, 2).ready
    made = office.asked(draft)
    office.desk.batches.carry_out(office.standing("zhao"), made.request_id)
    work(office)
    pdfs = [office.desk.granting().granted(one.identifier).pdf for one in documents(office)]
    assert len(pdfs) == 2
    assert not any(b"JavaScript" in one for one in pdfs)


def test_each_way_to_place_a_seal_is_tried_before_it_is_asked_for(here: PaperOffice) -> None:
    office = here
    li, papers = office.standing("li"), office.papers
    draft = office.drafted(plain(3))
    shown = {}
    for name, wishes in {
        "point": SealWishes(place=PlaceAsked(page=2, point=(60.0, 60.0))),
        "further": SealWishes(further=(FurtherPlace(-1, 40.0, 40.0), FurtherPlace(1, 40.0, 40.0))),
        "edge": SealWishes(edge=True),
        "corner": SealWishes(place=PlaceAsked(page=1)),
    }.items():
        papers.drafts.choose(li, draft.draft_id, wishes, {})
        shown[name] = papers.asking.sample(li, draft.draft_id, 1).sealed.falls_on
    assert shown == {"point": (2,), "further": (1, 3), "edge": (1, 2, 3), "corner": (1,)}
    for wishes in (
        SealWishes(place=PlaceAsked(word="no such words")),
        SealWishes(place=PlaceAsked(page=9)),
        SealWishes(place=PlaceAsked(point=(0.0, 0.0))),
        SealWishes(place=PlaceAsked(field="none")),
    ):
        draft = papers.drafts.choose(li, draft.draft_id, wishes, {})
        with pytest.raises(NoPlaceError):
            office.asked(draft)
    for wishes in (
        SealWishes(place=PlaceAsked(point=(1.0, 1.0), word="x")),
        SealWishes(place=PlaceAsked(point=(float("nan"), 1.0))),
        SealWishes(place=PlaceAsked(page=0)),
        SealWishes(reason="x" * 201),
        SealWishes(reason="a\nb"),
        SealWishes(anew="\u202e"),
        SealWishes(further=(FurtherPlace(1, 1.0, 1.0),) * 51),
    ):
        with pytest.raises(UsageError):
            papers.drafts.choose(li, draft.draft_id, wishes, {})
    with pytest.raises(UsageError):
        papers.drafts.choose(li, draft.draft_id, WORD, {1: "x" * 201})
    assert documents(office) == []


def test_the_code_stands_for_all_that_is_agreed_to(here: PaperOffice) -> None:
    office = here
    li, papers = office.standing("li"), office.papers
    draft = office.drafted(plain(), plain(3))
    codes = set()

    def look() -> None:
        found, files = papers.drafts.find(li, draft.draft_id)
        codes.add(papers.asking.code(found, files))

    look()
    papers.drafts.choose(li, draft.draft_id, WORD, {2: "另一标题"})
    look()
    papers.drafts.choose(li, draft.draft_id, replace(WORD, edge=True), {})
    look()
    papers.drafts.drop(li, draft.draft_id, 1)
    look()
    assert len(codes) == 4


def test_bytes_that_are_others_than_approved_are_not_sealed(office: PaperOffice) -> None:
    job = office.begun_of(plain(), plain(3))
    with office.world.home.database.writing() as connection:
        connection.execute(
            update(document_files).where(document_files.c.number == 1).values(data=plain(5))
        )
    work(office)
    zhao = office.standing("zhao")
    rows = office.desk.batches.rows(zhao, job.request_id)
    assert [one.state for one in rows] == [RowState.FAILED, RowState.GRANTED]
    assert rows[0].detail is not None
    assert "not what was approved" in rows[0].detail.en
    # A row that names other bytes is no approved row, and other terms are no approved ones.
    other = office.begun_of(plain(4), key="documents-002")
    with office.world.home.database.writing() as connection:
        record = list_rows(connection, other.request_id)[0].record
        assert record is not None
        connection.execute(
            update(batch_rows)
            .where(batch_rows.c.request_id == other.request_id)
            .values(record=dict(record) | {"title": "又一标题"})
        )
    work(office)
    (row,) = office.desk.batches.rows(zhao, other.request_id)
    assert row.state is RowState.FAILED
    assert len(documents(office)) == 1


@pytest.mark.parametrize(
    ("step", "nth"),
    [(GrantStep.RESERVED, 1), (GrantStep.SEALED, 2), (GrantStep.REGISTERED, 1)],
)
def test_a_killed_worker_loses_nothing(office: PaperOffice, step: GrantStep, nth: int) -> None:
    job = office.begun_of(plain(), plain(3))
    code, _, _ = forked.run(
        "tests.registry.desk.documents.killed_sealing",
        *(office.world.home.directory, step, str(nth)),
        env=os.environ,
    )
    assert code == -signal.SIGKILL
    office.world.clock.at = datetime.now(UTC)
    office.world.clock.advance(LEASE)
    work(office)
    view = office.desk.jobs.view(office.standing("zhao"), job.job_id)
    assert (view.job.state, view.counts[RowState.GRANTED]) == (JobState.DONE, 2)
    assert [one.state for one in documents(office)] == [LicenceState.IN_FORCE] * 2
    assert bytes_kept(office) == 0
    office.world.check_everything()


def test_two_workers_seal_each_file_once(office: PaperOffice) -> None:
    jobs = [office.begun_of(plain()), office.begun_of(plain(3), plain(), key="documents-002")]
    office.world.home.granting  # noqa: B018  # opened before there are two
    del office.world.home.__dict__["intake"]  # the lent one is for one thread
    workers = [
        threading.Thread(target=one.worker.work, args=(lambda: False,))
        for one in (office.desk, office.desk)
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
        assert not one.is_alive()
    for job in jobs:
        view = office.desk.jobs.view(office.standing("zhao"), job.job_id)
        assert (view.job.state, view.counts[RowState.FAILED]) == (JobState.DONE, 0)
    assert len(documents(office)) == 2
    office.world.check_everything()


def test_two_services_know_the_same_drafts(office: PaperOffice) -> None:
    """What one took, the other shows and seals."""
    clock = office.world.clock
    with Home(office.world.home.directory, {}, clock=clock) as home:
        home.__dict__["intake"] = office.world.home.intake
        other = PaperOffice(World(home, clock), furnish=False)
        other.people.update(office.people)
        draft = office.drafted(plain())
        li = other.standing("li")
        assert other.papers.drafts.add(li, draft.draft_id, plain(3), name="").number == 2
        assert other.papers.looks.draft_page(li, draft.draft_id, 1, 2, sealed=True).startswith(PNG)
        made = other.asked(other.papers.drafts.find(li, draft.draft_id)[0])
        job = office.desk.batches.carry_out(office.standing("zhao"), made.request_id)
        work(other)
        view = office.desk.jobs.view(office.standing("zhao"), job.job_id)
        assert (view.job.state, view.counts[RowState.GRANTED]) == (JobState.DONE, 2)
        del home.__dict__["intake"]
    assert len(documents(office)) == 2


def test_a_cancelled_job_seals_no_more(here: PaperOffice) -> None:
    job = here.begun_of(plain(), plain(3))
    here.desk.jobs.cancel(here.standing("zhao"), job.job_id, "暂停")
    work(here)
    assert (documents(here), bytes_kept(here)) == ([], 0)


def test_what_left_force_is_sealed_anew_where_somebody_names_it(here: PaperOffice) -> None:
    office, home = here, here.world.home
    office.begun_of(plain())
    work(office)
    (first,) = documents(office)
    with home.database.writing() as connection:
        change_state(
            connection,
            first.identifier,
            LicenceChange.CANCEL,
            reason=Reason.RECALLED,
            basis="发文有误",
            permit=CHANGE_LICENCE,
            at=home.clock.now(),
        )
    job = office.begun_of(plain(), key="documents-002")
    work(office)
    (row,) = office.desk.batches.rows(office.standing("zhao"), job.request_id)
    assert row.state is RowState.FAILED
    assert row.detail is not None
    assert "--" not in row.detail.en
    anew = office.drafted(plain(), wishes=replace(WORD, anew="重签"))
    made = office.asked(anew, key="documents-003")
    office.desk.batches.carry_out(office.standing("zhao"), made.request_id)
    work(office)
    states = {one.state for one in documents(office)}
    assert states == {LicenceState.CANCELLED, LicenceState.IN_FORCE}


def test_many_files_need_a_fresh_sign_in(here: PaperOffice) -> None:
    office = here
    made = office.asked(office.drafted(*(plain(n) for n in range(1, 23))))
    stale = replace(
        office.people["zhao"], auth_time=office.world.clock.now() - timedelta(minutes=30)
    )
    with pytest.raises(StepUpRequiredError):
        office.desk.batches.carry_out(office.rights.standing(stale), made.request_id)


def test_no_sheet_is_a_document(here: PaperOffice) -> None:
    made = here.asked(here.drafted(plain()))
    assert here.desk.batches.photo(here.standing("wang"), made.request_id, 1) is None
    with pytest.raises(NotFoundError):
        here.desk.batches.row_ask(here.standing("wang"), made.request_id, 1)
    with here.world.home.database.reading() as connection:
        kind = here.world.home.catalogue.find(connection, SLUG)
    assert kind.kind is TypeKind.DOCUMENT
