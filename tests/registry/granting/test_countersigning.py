"""Countersigning: in order or any, refused, withdrawn; only what is complete is in force."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pikepdf
import pytest

from core.errors import NotAllowedError, UsageError, XinyinError
from core.ids import AuthorityId
from registry.answers.answers import CheckResult, Outcome
from registry.granting.document_orders import CountersignerAsked, RoundAsked
from registry.granting.rounds import NotAwaitedError
from registry.licences.licences import LicenceChange, change_state, find_licence, list_revisions
from registry.model import ConflictError, LicenceState, Reason, SealLevel
from signing.intake.intake import Intake
from signing.intake.places import NoPlaceError, PlaceAsked
from signing.levels import PadesLevel
from signing.render.geometry import MM
from signing.report import Indication
from tests.permits import CHANGE_LICENCE
from tests.registry.granting.round_world import (
    FIRE,
    HEALTH,
    NAMES,
    add_body,
    begin,
    desk,
    furnish,
    lent_intake,
    on_page,
    permit,
    two,
)
from tests.world import World


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with lent_intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> World:
    furnish(world, intake)
    return world


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_only_the_complete_document_is_in_force(office: World, level: PadesLevel) -> None:
    home = office.home
    first = begin(office, level=level)
    licence, files = first.licence, [first.pdf]
    assert (licence.state, licence.reason) == (
        LicenceState.SUSPENDED,
        Reason.AWAITING_SIGNATURES,
    )
    for number, (authority, missing) in enumerate(((HEALTH, [HEALTH, FIRE]), (FIRE, [FIRE])), 1):
        for answer in (
            home.verifier.by_file(files[-1]),
            home.verifier.by_digest(first.sha256),
            home.verifier.by_code(licence.number),
            home.verifier.by_code(licence.link_token),
        ):
            assert (answer.outcome, answer.status.code) == (
                Outcome.NOT_IN_FORCE,
                "awaiting_signatures",
            )
            for one in missing:
                assert NAMES[one] in answer.summary.zh
                assert NAMES[one] in answer.status.message.en
            assert "盖章" in answer.summary.zh
            assert "licence" not in answer.summary.en
        made = desk(office).countersign(licence.identifier, permit(authority))
        assert made.pdf.startswith(files[-1])
        assert made.licence.number == licence.number
        assert len([one for one in made.progress.steps if one.sequence]) == number
        files.append(made.pdf)
    whole = home.verifier.by_file(files[-1])
    assert whole.outcome is Outcome.IN_FORCE
    seals = [one for one in whole.signatures if one.kind.value == "seal"]
    assert [one.field for one in seals] == ["Seal", "Seal2", "Seal3"]
    assert {one.indication for one in whole.signatures} == {Indication.TOTAL_PASSED}
    assert seals[-1].level == level
    assert home.verifier.by_code(licence.number).status.result is CheckResult.PASSED
    for earlier in files[:-1]:
        answer = home.verifier.by_file(earlier)
        assert (answer.outcome, answer.status.code) == (Outcome.NOT_IN_FORCE, "later_revision")
        assert "later one" in answer.summary.en
    office.check_everything()


def test_the_order_is_kept(office: World) -> None:
    identifier = begin(office).licence.identifier
    with pytest.raises(NotAwaitedError) as caught:
        desk(office).countersign(identifier, permit(FIRE))
    assert NAMES[HEALTH] in caught.value.text.zh
    assert len(_sequences(office, identifier)) == 1


def test_any_order_where_none_is_given(office: World) -> None:
    identifier = begin(office, two(ordered=False)).licence.identifier
    desk(office).countersign(identifier, permit(FIRE))
    made = desk(office).countersign(identifier, permit(HEALTH))
    assert made.licence.state is LicenceState.IN_FORCE
    fields = [one.field for one in office.home.verifier.by_file(made.pdf).signatures]
    assert fields == ["Seal", "Seal3", "Seal2"]


def test_who_may_not_act_for_an_authority_seals_nothing(office: World) -> None:
    identifier = begin(office).licence.identifier
    with pytest.raises(NotAllowedError):
        desk(office).countersign(identifier, permit(FIRE), HEALTH)
    with pytest.raises(NotAllowedError):
        desk(office).refuse(identifier, "不同意", permit(FIRE), HEALTH)
    with pytest.raises(NotAwaitedError):
        desk(office).countersign(identifier, permit(AuthorityId("qinglan-market")))
    assert len(_sequences(office, identifier)) == 1


def test_the_same_again_seals_once(office: World) -> None:
    identifier = begin(office).licence.identifier
    first = desk(office).countersign(identifier, permit(HEALTH))
    again = desk(office).countersign(identifier, permit(HEALTH))
    assert (again.sha256, again.repeated) == (first.sha256, True)
    assert _sequences(office, identifier) == [0, 1]


def test_a_refusal_ends_the_round(office: World) -> None:
    first = begin(office)
    identifier = first.licence.identifier
    second = desk(office).countersign(identifier, permit(HEALTH))
    gone = desk(office).refuse(identifier, "未经会商", permit(FIRE))
    assert (gone.state, gone.reason, gone.basis) == (
        LicenceState.CANCELLED,
        Reason.REFUSED,
        "未经会商",
    )
    for pdf in (first.pdf, second.pdf):
        answer = office.home.verifier.by_file(pdf)
        assert answer.outcome is Outcome.NOT_IN_FORCE
        assert "未获会签" in answer.summary.zh
        assert "未经会商" not in answer.summary.zh
    with pytest.raises(NotAwaitedError):
        desk(office).countersign(identifier, permit(FIRE))
    office.check_everything()


def test_its_issuer_may_withdraw_it(office: World) -> None:
    identifier = begin(office).licence.identifier
    with office.home.database.writing() as connection:
        change_state(
            connection, identifier, LicenceChange.CANCEL, reason=Reason.RECALLED, basis="撤回",
            permit=CHANGE_LICENCE, at=office.clock.now(),
        )  # fmt: skip
    with pytest.raises(NotAwaitedError):
        desk(office).countersign(identifier, permit(HEALTH))
    office.check_everything()


@pytest.mark.parametrize("change", [LicenceChange.REINSTATE, LicenceChange.SUSPEND])
def test_nothing_else_puts_it_in_force(office: World, change: LicenceChange) -> None:
    identifier = begin(office).licence.identifier
    reason = None if change is LicenceChange.REINSTATE else Reason.UNDER_REVIEW
    with pytest.raises(XinyinError), office.home.database.writing() as c:
        change_state(
            c, identifier, change, reason=reason, basis="b", permit=CHANGE_LICENCE,
            at=office.clock.now(),
        )  # fmt: skip
    with office.home.database.reading() as connection:
        assert find_licence(connection, identifier).reason is Reason.AWAITING_SIGNATURES


def test_after_its_last_day_nobody_seals_it(office: World) -> None:
    last = office.home.today()
    identifier = begin(office, two(deadline=last)).licence.identifier
    desk(office).countersign(identifier, permit(HEALTH))
    office.clock.advance(timedelta(days=1, hours=1))
    with pytest.raises(ConflictError, match=r".*"):
        desk(office).countersign(identifier, permit(FIRE))
    assert _sequences(office, identifier) == [0, 1]


def test_what_cannot_be_asked_for(office: World) -> None:
    same = CountersignerAsked(on_page(2), AuthorityId("qinglan-market"))
    nobody = CountersignerAsked(on_page(2), None, "某公司")
    wrong = CountersignerAsked(on_page(2), None, "某公司", certificate="00")
    for asked in (same, nobody, wrong):
        with pytest.raises(UsageError):
            begin(office, RoundAsked((asked,)))
    for more in ({"level": PadesLevel.B_T}, {"approval": True}):
        with pytest.raises(UsageError):
            begin(office, **more)


@pytest.mark.parametrize("apart", [0.0, 45.0])
def test_seals_that_would_touch_are_refused_before_anything_is_sealed(
    office: World, apart: float
) -> None:
    """What lies over another seal can never be taken away again."""
    first = PlaceAsked(page=2, point=(40.0, 40.0))
    second = PlaceAsked(page=2, point=(40.0 + apart, 40.0))
    asked = RoundAsked((CountersignerAsked(first, HEALTH), CountersignerAsked(second, FIRE)))
    with pytest.raises(NoPlaceError):
        begin(office, asked)
    with pytest.raises(NoPlaceError):
        begin(office, RoundAsked((CountersignerAsked(second, HEALTH),)), place=first)
    begin(office, RoundAsked((CountersignerAsked(second, HEALTH),)))


def test_each_seal_is_as_wide_as_its_bodys_rank_has_it(office: World) -> None:
    """The field that stands open is of the one whose seal comes there."""
    inner = AuthorityId("qinglan-inner")
    add_body(office, inner, "青岚市审批处", "11320100MB0000003U", SealLevel.INNER_BODY)
    asked = RoundAsked(
        (CountersignerAsked(on_page(2), HEALTH), CountersignerAsked(on_page(3), inner))
    )
    identifier = begin(office, asked).licence.identifier
    desk(office).countersign(identifier, permit(HEALTH))
    made = desk(office).countersign(identifier, permit(inner))
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        wide = {
            str(one.T): (float(one.Rect[2] - one.Rect[0]), float(one.AP.N.BBox[2]))
            for one in pdf.Root.AcroForm.Fields
        }
    for field, mm in (("Seal", 45), ("Seal2", 45), ("Seal3", 42)):
        assert wide[field] == pytest.approx((mm * MM, mm * MM), abs=0.05), field
    assert office.home.verifier.by_file(made.pdf).outcome is Outcome.IN_FORCE


def _sequences(office: World, identifier: str) -> list[int]:
    with office.home.database.reading() as connection:
        return [one.sequence for one in list_revisions(connection, identifier)]  # type: ignore[arg-type]
