"""Reasons bind: only those that a type lists, by the law's word or the branch's, with the document
that they rest on.
"""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.ids import TypeCode
from registry.answers.public import public_reason
from registry.audit.events import list_events
from registry.db.tables import licence_types, licences
from registry.licences.licences import TRANSITIONS, LicenceChange, change_state, find_licence
from registry.licences.reasons import InvalidChangeError, check_reason, named_reason
from registry.model import LicenceState, Reason
from registry.types.types import parse_type
from tests.permits import CHANGE_LICENCE
from tests.registry.type_samples import example_type
from tests.world import World

FOOD, DISABILITY = example_type("food-operation"), example_type("disability")
STRICT = parse_type(FOOD.source.replace("FORFEITED = {", "FORFEITED = { document_number = true,"))
CANCELS = TRANSITIONS[LicenceChange.CANCEL].reasons
NUMBER = "青市监罚〔2026〕12号"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("FORFEITED", Reason.FORFEITED),
        ("forfeited", Reason.FORFEITED),
        (" 吊销 ", Reason.FORFEITED),
        ("05", Reason.FORFEITED),
        ("申请注销", Reason.SURRENDERED),
        ("注销", Reason.DEREGISTERED),
    ],
)
def test_a_reason_is_named_by_the_law_or_by_the_branch(said: str, meant: Reason) -> None:
    assert named_reason(FOOD, CANCELS, said) is meant


@pytest.mark.parametrize("said", ["04", "11", "BORED", "", "变更", "RESEALED"])
def test_what_names_none_or_several_is_told_what_there_is(said: str) -> None:
    """04 is the branch's code for two of the law's reasons; 变更 is none for this change."""
    with pytest.raises(InvalidChangeError) as caught:
        named_reason(FOOD, CANCELS, said)
    assert "FORFEITED" in caught.value.text.en
    assert "05 吊销" in caught.value.text.zh
    assert "FORFEITED" in str(caught.value.details["allowed"])


def test_a_reason_that_the_type_does_not_list_is_refused() -> None:
    check_reason(FOOD, CANCELS, Reason.FORFEITED, None)
    with pytest.raises(InvalidChangeError) as caught:
        check_reason(DISABILITY, CANCELS, Reason.FORFEITED, None)
    assert "FORFEITED" not in str(caught.value.details["allowed"])
    with pytest.raises(InvalidChangeError, match="type add"):
        check_reason(DISABILITY, {Reason.WITHHELD}, Reason.WITHHELD, None)
    check_reason(DISABILITY, {Reason.SEAL_COMPROMISED}, Reason.SEAL_COMPROMISED, None)


def test_a_document_is_numbered_where_the_reason_says_so() -> None:
    with pytest.raises(InvalidChangeError, match="document_number"):
        check_reason(STRICT, CANCELS, Reason.FORFEITED, None)
    check_reason(STRICT, CANCELS, Reason.FORFEITED, NUMBER)
    check_reason(STRICT, CANCELS, Reason.ANNULLED, None)
    for unfit in ("", " x", "x" * 101, "a\nb"):
        with pytest.raises(InvalidChangeError):
            check_reason(STRICT, CANCELS, Reason.ANNULLED, unfit)


def test_the_public_is_told_the_branchs_word_but_not_that_facts_are_examined() -> None:
    told = public_reason(FOOD, Reason.FORFEITED)
    assert told is not None
    assert told.zh == "吊销"
    assert public_reason(FOOD, Reason.UNDER_REVIEW) is None
    assert public_reason(FOOD, None) is None


def test_a_change_keeps_its_document_and_the_branchs_code(world: World) -> None:
    """On record, in the event, and vouched for; one that lacks its document changes nothing."""
    database, now = world.home.database, world.clock.now
    granted = world.home.granting.grant(world.request(document_number="准〔2026〕1号")).licence
    assert granted.document_number == "准〔2026〕1号"
    with database.writing() as connection:
        code = TypeCode(FOOD.code)
        where = licence_types.c.code == code
        world.home.catalogue.find(connection, code)
        connection.execute(update(licence_types).where(where).values(source=STRICT.source))

    def cancel(number: str | None) -> None:
        with database.writing() as connection:
            change_state(
                connection,
                granted.identifier,
                LicenceChange.CANCEL,
                reason=Reason.FORFEITED,
                basis="第一百二十四条",
                permit=CHANGE_LICENCE,
                at=now(),
                document_number=number,
            )

    with pytest.raises(InvalidChangeError):
        cancel(None)
    world.clock.advance(timedelta(minutes=1))
    cancel(NUMBER)
    with database.reading() as connection:
        found = find_licence(connection, granted.identifier)
        event = list_events(connection, subject=granted.identifier)[-1]
    assert (found.state, found.document_number) == (LicenceState.CANCELLED, NUMBER)
    assert event.after is not None
    assert (event.after["document_number"], event.after["industry_code"]) == (NUMBER, "05")
    with database.writing() as connection:
        where = licence_types.c.code == FOOD.code
        connection.execute(update(licence_types).where(where).values(source=FOOD.source))
    world.check_everything()
    with database.writing() as connection:
        this = licences.c.identifier == granted.identifier
        connection.execute(update(licences).where(this).values(document_number="另一号"))
    report = world.home.audit.verify(world.home.audit.public_keys())
    assert report.findings, "an edited number is told"
