"""Countersigning at the desk: asked for by each authority, approved there, sealed by its job."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from sqlalchemy import select

from core.errors import NotAllowedError
from core.permits import Action, Role
from identity.people.rights_check import SecondPersonRequiredError
from registry.answers.answers import Outcome
from registry.audit.events import list_events
from registry.db.tables import awaited_seals, batch_rows, request_contents
from registry.desk.batch_rows import RowState, list_rows
from registry.desk.documents.rounds import RoundsOf, RoundView
from registry.erasure.erasing import erase_licence
from registry.erasure.words import ErasedBy
from registry.granting.document_orders import CountersignerAsked, RoundAsked
from registry.granting.foreign_signature import RefusedSignatureError
from registry.granting.granting import Granted, GrantStep
from registry.granting.rounds import NotAwaitedError
from registry.licences.licences import LicenceChange, NoSuchLicenceError, change_state
from registry.licences.reasons import InvalidChangeError
from registry.model import ConflictError, LicenceState, Reason
from registry.officers.leases import LEASE
from registry.officers.model import JobState, NoSuchRequestError
from signing.intake.intake import Intake
from signing.intake.places import FurtherPlace, NoPlaceError, PlaceAsked
from tests.permits import CHANGE_LICENCE
from tests.registry.desk.documents.office import PaperOffice
from tests.registry.granting.outside_signer import Outside
from tests.registry.granting.round_world import (
    FIRE,
    HEALTH,
    NAMES,
    begin,
    furnish,
    on_page,
    order,
    two,
)
from tests.signing.intake.drawings import plain
from tests.signing.material import make_pki
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n"
KEY = "countersign-0001"


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with Intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> PaperOffice:
    return opened(world, intake)


@pytest.fixture
def here(sqlite_world: World, intake: Intake) -> PaperOffice:
    return opened(sqlite_world, intake)


def opened(world: World, intake: Intake) -> PaperOffice:
    """Three authorities, each with an operator, an approver and a sealer."""
    furnish(world, intake)
    office = PaperOffice(world, intake, furnish=False)
    office.staff()
    for name, role, at in (
        ("he", Role.OPERATOR, HEALTH),
        ("hu", Role.APPROVER, HEALTH),
        ("hua", Role.SEALER, HEALTH),
        ("fu", Role.OPERATOR, FIRE),
        ("fan", Role.SEALER, FIRE),
    ):
        office.add(name, role, at=at)
    return office


def seen(office: PaperOffice, by: str, first: Granted) -> RoundView:
    return office.papers.rounds.find(office.standing(by), first.licence.identifier)


def to_do(office: PaperOffice, by: str) -> int:
    return office.papers.rounds.count_to_do(office.standing(by), 99)


def sealed_by(office: PaperOffice, first: Granted, asks: str, seals: str, key: str = KEY) -> str:
    """Ask, carry out, and work; return the job."""
    steps, identifier = office.papers.countersigning, first.licence.identifier
    made = steps.ask(office.standing(asks), identifier, key)
    job = office.desk.batches.carry_out(office.standing(seals), made.request_id)
    office.desk.worker.work(lambda: False)
    return job.job_id


def test_each_authority_asks_approves_and_seals_by_itself(  # noqa: PLR0915 (one walk)
    office: PaperOffice,
) -> None:
    office.world.clock.advance(timedelta(seconds=1))
    office.publish("\n[desk]\nsecond_person = true\n")
    first = begin(office.world)
    identifier, papers, desk = first.licence.identifier, office.papers, office.desk
    assert (to_do(office, "he"), to_do(office, "fu"), to_do(office, "hua")) == (1, 0, 0)
    he = office.standing("he")
    (listed,) = papers.rounds.listed(he, RoundsOf.AWAITING).documents
    assert (listed.licence.identifier, listed.is_issuer) == (identifier, False)
    assert [one.authority_id for one in listed.own] == [HEALTH]
    assert papers.round_looks.pages(listed) == 3
    assert papers.round_looks.places(listed)[2].page == 3
    pages = [papers.round_looks.page(he, identifier, n, with_ours=True) for n in (1, 2, 3)]
    assert all(one.startswith(PNG) for one in pages)
    bare = papers.round_looks.page(he, identifier, 2, with_ours=False)
    assert bare != pages[1], "the seal that is asked for is drawn where it will stand"
    assert papers.round_looks.page(he, identifier, 1, with_ours=False) == pages[0]
    made = papers.countersigning.ask(he, identifier, KEY)
    assert papers.countersigning.ask(he, identifier, "countersign-0002") == made
    assert (made.authority_id, made.rows, made.document) == (HEALTH, 1, identifier)
    assert to_do(office, "he") == 0, "it was asked for"
    with pytest.raises(SecondPersonRequiredError):
        desk.batches.carry_out(office.standing("hua"), made.request_id)
    for name in ("he", "wang"):  # who asked, and an approver of the issuer
        with pytest.raises((NotAllowedError, NoSuchRequestError)):
            desk.approve(office.standing(name), made.request_id, "同意")
    desk.approve(office.standing("hu"), made.request_id, "同意会签")
    with pytest.raises(NotAllowedError):
        desk.batches.carry_out(office.standing("he"), made.request_id)
    job = desk.batches.carry_out(office.standing("hua"), made.request_id)
    desk.worker.work(lambda: False)
    view = desk.jobs.view(office.standing("hua"), job.job_id)
    assert (view.job.state, view.counts[RowState.GRANTED]) == (JobState.DONE, 1)
    assert view.counts.before == 0
    now = seen(office, "li", first)
    assert [one.state for one in now.progress.steps] == ["SIGNED", "AWAITED"]
    assert now.licence.state is LicenceState.SUSPENDED
    assert (to_do(office, "he"), to_do(office, "fu")) == (0, 1)
    assert [
        one.licence.identifier for one in papers.rounds.listed(he, RoundsOf.SETTLED).documents
    ] == [identifier]
    with pytest.raises(NotAwaitedError, match="sealed it already"):
        papers.countersigning.ask(he, identifier, "countersign-0003")
    with office.world.home.database.reading() as connection:
        told = [
            (one.subject, (one.after or {}).get("document"))
            for one in list_events(connection, limit=1000)
            if one.action == "document.awaits_seal"
        ]
    assert told == [(HEALTH, identifier), (FIRE, identifier)]
    fu = office.standing("fu")
    asked = papers.countersigning.ask(fu, identifier, KEY)
    office.add("fang", Role.APPROVER, at=FIRE)
    desk.approve(office.standing("fang"), asked.request_id, "同意")
    desk.batches.carry_out(office.standing("fan"), asked.request_id)
    desk.worker.work(lambda: False)
    done = seen(office, "li", first)
    assert done.licence.state is LicenceState.IN_FORCE
    _, pdf = papers.round_looks.file(office.standing("he"), identifier)
    assert office.world.home.verifier.by_file(pdf).outcome is Outcome.IN_FORCE
    office.world.check_everything()


def test_lists_are_handed_out_page_by_page(here: PaperOffice) -> None:
    asked = RoundAsked((CountersignerAsked(on_page(2), HEALTH),))
    made = list[str]()
    for n in range(3):
        here.world.clock.advance(timedelta(seconds=1))
        signed = here.world.home.document_signing.sign(plain(3 + n), order(asked), title=f"{n}")
        made.append(signed.granted.licence.identifier)
    rounds, steps = here.papers.rounds, here.papers.countersigning

    def pages(by: str, which: RoundsOf) -> list[list[str]]:
        page = rounds.listed(here.standing(by), which, None, 2)
        found = [page]
        while page.following is not None:
            page = rounds.listed(here.standing(by), which, page.following, 2)
            found.append(page)
        return [[str(one.licence.identifier) for one in each.documents] for each in found]

    oldest_first = [made[:2], made[2:]]
    assert pages("he", RoundsOf.AWAITING) == oldest_first
    assert pages("li", RoundsOf.ISSUED) == oldest_first
    assert pages("he", RoundsOf.SETTLED) == [[]]
    assert here.papers.rounds.count_to_do(here.standing("he"), 2) == 2
    for identifier in made:
        here.world.clock.advance(timedelta(seconds=1))
        steps.refuse(here.standing("hu"), identifier, "不同意")
    newest_first = made[::-1]
    assert pages("hu", RoundsOf.SETTLED) == [newest_first[:2], newest_first[2:]]
    assert pages("he", RoundsOf.AWAITING) == [[]]


def test_nobody_sees_or_does_what_they_are_not_asked_for(here: PaperOffice) -> None:
    office, asked = here, RoundAsked((CountersignerAsked(on_page(2), HEALTH),))
    first = begin(office.world, asked)
    identifier, steps = first.licence.identifier, office.papers.countersigning
    fu, li, he = (office.standing(one) for one in ("fu", "li", "he"))
    looks = office.papers.round_looks
    for act in (
        lambda: office.papers.rounds.find(fu, identifier),
        lambda: looks.page(fu, identifier, 1, with_ours=False),
        lambda: looks.file(fu, identifier),
        lambda: steps.ask(fu, identifier, KEY),
        lambda: steps.refuse(fu, identifier, "不同意"),
        lambda: steps.move_day(fu, identifier, date(2030, 1, 1), "研究"),
        lambda: steps.take_in(fu, identifier, b"%PDF"),
        # Whoever is asked for a seal sees the document, and nothing else of its issuer's.
        lambda: office.rights.sight(he).licence(identifier),
        lambda: office.desk.document(he, identifier),
        lambda: steps.move_day(he, identifier, date(2030, 1, 1), "研究"),
        lambda: steps.take_in(he, identifier, b"%PDF"),
        lambda: steps.refuse(he, identifier, "不同意", outside="某公司"),
    ):
        with pytest.raises(NoSuchLicenceError):
            act()
    assert office.papers.rounds.listed(fu, RoundsOf.AWAITING).documents == []
    with pytest.raises(NotAwaitedError, match="not asked"):
        steps.ask(li, identifier, KEY)  # its issuer has no seal to put on it
    with pytest.raises(NotAwaitedError):
        steps.ask(he, identifier, KEY, FIRE)
    with pytest.raises(NotAllowedError):
        steps.refuse(he, identifier, "不同意")  # an operator decides nothing
    for blank in ("", "  ", "\u3000"):
        with pytest.raises(InvalidChangeError, match="Say why"):
            steps.refuse(office.standing("hu"), identifier, blank)
    assert seen(office, "he", first).progress.open
    gone = steps.refuse(office.standing("hu"), identifier, "第三条须修改")
    assert (gone.state, gone.reason, gone.basis) == (
        LicenceState.CANCELLED,
        Reason.REFUSED,
        "第三条须修改",
    )
    with pytest.raises(NotAwaitedError, match="does not wait"):
        steps.ask(he, identifier, KEY)
    assert to_do(office, "he") == 0
    office.world.check_everything()


def test_what_is_withdrawn_meanwhile_is_not_sealed(here: PaperOffice) -> None:
    office, first = here, begin(here.world)
    identifier, home = first.licence.identifier, here.world.home
    made = office.papers.countersigning.ask(office.standing("he"), identifier, KEY)
    with home.database.writing() as connection:
        change_state(
            connection,
            identifier,
            LicenceChange.CANCEL,
            reason=Reason.RECALLED,
            basis="发文有误",
            permit=CHANGE_LICENCE,
            at=home.clock.now(),
        )
    job = office.desk.batches.carry_out(office.standing("hua"), made.request_id)
    office.desk.worker.work(lambda: False)
    with home.database.reading() as connection:
        (row,) = list_rows(connection, made.request_id)
    assert (row.state, row.code) == (RowState.FAILED, "not_awaited")
    assert office.desk.jobs.view(office.standing("hua"), job.job_id).job.state is JobState.DONE
    assert to_do(office, "he") == 0
    office.world.check_everything()


def test_a_day_that_passed_is_moved_by_the_issuer_alone(here: PaperOffice) -> None:
    office, clock = here, here.world.clock
    day = office.papers.rounds.today()
    first = begin(office.world, two(deadline=day))
    identifier, steps = first.licence.identifier, office.papers.countersigning
    clock.advance(timedelta(days=2))
    assert seen(office, "he", first).overdue
    assert to_do(office, "he") == 0
    with pytest.raises(ConflictError, match="has passed"):
        steps.ask(office.standing("he"), identifier, KEY)
    li, later = office.standing("li"), day + timedelta(days=9)
    for bad, why in ((later, " "), (day, "研究")):
        with pytest.raises(InvalidChangeError):
            steps.move_day(li, identifier, bad, why)
    moved = steps.move_day(li, identifier, later, "会签单位须开会研究")
    assert (moved.progress.asked.deadline, moved.overdue) == (later, False)
    with office.world.home.database.reading() as connection:
        event = list_events(connection, subject=identifier)[-1]
    assert (event.action, event.basis) == ("document.day_moved", "会签单位须开会研究")
    assert (event.before, event.after) == (
        {"deadline": day.isoformat()},
        {"deadline": later.isoformat()},
    )
    sealed_by(office, first, "he", "hua")
    assert seen(office, "li", first).progress.steps[0].state == "SIGNED"
    office.world.check_everything()


def test_what_was_signed_elsewhere_is_taken_in_at_the_desk(here: PaperOffice) -> None:
    office, outsiders = here, make_pki()
    home = office.world.home
    known = home.taking_in._trust

    def trust() -> object:
        material = known()
        return replace(material, anchors=(*material.anchors, outsiders.root.der))

    home.taking_in._trust = trust  # type: ignore[assignment]
    company = CountersignerAsked(
        on_page(2),
        None,
        "青岚热力有限公司",
        certificate=outsiders.seal.certificate.fingerprint(hashes.SHA256()).hex(),
    )
    first = begin(office.world, RoundAsked((company, CountersignerAsked(on_page(3), HEALTH))))
    identifier, steps = first.licence.identifier, office.papers.countersigning
    zhao = office.standing("zhao")
    _, pdf = office.papers.round_looks.file(zhao, identifier)
    signed = Outside(outsiders, office.world.clock.now()).sign(pdf, "Seal2")
    with pytest.raises(NotAllowedError):
        steps.take_in(office.standing("li"), identifier, signed)
    with pytest.raises(RefusedSignatureError, match="no signature that was not there"):
        steps.take_in(zhao, identifier, pdf)
    with pytest.raises(NotAwaitedError, match="has to seal it first"):
        steps.ask(office.standing("he"), identifier, KEY)
    made = steps.take_in(zhao, identifier, signed)
    assert made.pdf.startswith(signed)
    assert steps.take_in(zhao, identifier, signed).repeated
    page = office.papers.round_looks.page(zhao, identifier, 2, with_ours=False)
    assert page.startswith(PNG)
    sealed_by(office, first, "he", "hua")
    assert seen(office, "he", first).licence.state is LicenceState.IN_FORCE
    office.world.check_everything()


@pytest.mark.parametrize("at", [GrantStep.RESERVED, GrantStep.STORED, GrantStep.REGISTERED])
def test_killed_in_the_middle_it_is_sealed_once(here: PaperOffice, at: GrantStep) -> None:
    office, first = here, begin(here.world)
    asked = office.papers.countersigning.ask(office.standing("he"), first.licence.identifier, KEY)
    job = office.desk.batches.carry_out(office.standing("hua"), asked.request_id)
    child = subprocess.run(
        [
            sys.executable,
            *("-m", "tests.registry.desk.documents.killed_sealing"),
            *(str(office.world.home.directory), at, "1"),
        ],
        check=False,
        cwd=Path(__file__).parents[4],
        env=dict(os.environ),
        timeout=120,
    )
    assert child.returncode == -signal.SIGKILL
    office.world.clock.at = datetime.now(UTC)
    office.world.clock.advance(LEASE)
    office.desk.worker.work(lambda: False)
    assert office.desk.jobs.view(office.standing("hua"), job.job_id).job.state is JobState.DONE
    with office.world.home.database.reading() as connection:
        (row,) = list_rows(connection, asked.request_id)
    assert (row.state, row.code) == (RowState.GRANTED, None), "this job's own, not one before"
    step, _ = seen(office, "he", first).progress.steps
    assert (step.state, step.sequence) == ("SIGNED", 1)
    office.world.check_everything(gaps=True)


@pytest.mark.parametrize(
    "more",
    [
        {"further": (FurtherPlace(2, 97.7, 76.0),)},
        {"further": (FurtherPlace(2, 60.0, 76.0),)},
        {"edge": True},
    ],
)
def test_no_seal_stands_on_what_the_issuers_is_drawn_on(
    here: PaperOffice, more: dict[str, object]
) -> None:
    asked = RoundAsked((CountersignerAsked(on_page(2), HEALTH),))
    if "edge" in more:
        asked = RoundAsked((CountersignerAsked(PlaceAsked(2, (112.0, 52.9)), HEALTH),))
    with pytest.raises(NoPlaceError) as caught:
        begin(here.world, asked, **more)
    assert NAMES[HEALTH] in caught.value.text.zh
    apart = RoundAsked((CountersignerAsked(PlaceAsked(2, (30.0, 30.0)), HEALTH),))
    begin(here.world, apart, edge=True)


def test_a_request_for_a_seal_outlives_no_erasure(here: PaperOffice) -> None:
    first = begin(here.world)
    identifier, home, steps = first.licence.identifier, here.world.home, here.papers.countersigning
    made = steps.ask(here.standing("he"), identifier, KEY)
    with home.database.writing() as connection:
        at, basis = home.clock.now(), "撤回"
        change_state(
            connection,
            identifier,
            LicenceChange.CANCEL,
            reason=Reason.RECALLED,
            basis=basis,
            permit=CHANGE_LICENCE,
            at=at,
        )
        leave = home.permit(Action.ERASE_LICENCE)
        today = home.today()
        erase_licence(connection, identifier, ErasedBy.DECISION, basis, leave, at, today)
    with home.database.reading() as connection:
        kept = connection.execute(select(batch_rows.c.record, batch_rows.c.digest)).all()
        contents = connection.execute(select(request_contents)).all()
        assert connection.execute(select(awaited_seals)).all() == []
    assert (kept, contents) == ([(None, None)], [])
    with pytest.raises(ConflictError, match="seals"):
        here.desk.approve(here.standing("hu"), made.request_id, "同意")
    for name in ("he", "li"):
        for which in RoundsOf:
            assert here.papers.rounds.listed(here.standing(name), which).documents == []
        with pytest.raises(NoSuchLicenceError):
            seen(here, name, first)
