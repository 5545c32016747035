"""What a new version may change of a licence, and which term it gets."""

import dataclasses
from datetime import date, timedelta

import pytest

from core.ids import AuthorityId, LicenceIdentifier, LicenceNumber, LinkToken
from core.text import Text
from registry.licences.reasons import InvalidChangeError
from registry.licences.replacing import Replacement, Term
from registry.model import Application, ConflictError, Holder, Licence, LicenceState, Reason
from registry.types.licence_type import LicenceType
from registry.types.row_check import check_row
from registry.types.types import parse_type
from tests.pictures import anew
from tests.registry.type_samples import (
    AUTHORITY,
    DISABILITY_ROW,
    FOOD_ROW,
    GIVEN_ROW,
    GIVEN_TERM,
    PORTRAIT,
    TODAY,
    example_type,
)

FOOD, DISABILITY = example_type("food-operation"), example_type("disability")
GIVEN = parse_type(GIVEN_TERM)
LATER = TODAY + timedelta(days=400)
KEEPING = (Reason.CORRECTED, Reason.CHANGED, Reason.REISSUED)


def granted(kind: LicenceType, row: dict[str, str], number: str) -> Licence:
    """Return a licence that was granted on TODAY."""
    photo = PORTRAIT if kind.photo_field else None
    said = check_row(kind, row, photo, TODAY, "", read_photo=anew)
    return Licence(
        identifier=LicenceIdentifier("x"),
        number=LicenceNumber(number),
        type_code=kind.code,
        type_name=Text("证", "L"),
        authority_id=AUTHORITY.authority_id,
        authority_name=AUTHORITY.name,
        state=LicenceState.IN_FORCE,
        reason=None,
        basis=None,
        holders=said.holders,
        data=said.data,
        granted_on=TODAY,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        link_token=LinkToken("t"),
        replaces=None,
        replaced_by=None,
        sample=False,
        created_at=AUTHORITY.created_at,
    )


def replaced(
    kind: LicenceType,
    before: Licence,
    row: dict[str, str],
    reason: Reason = Reason.CORRECTED,
    today: date = LATER,
) -> Term:
    """Return the term of a new version that says what `row` says."""
    said: Application = check_row(
        kind, row, PORTRAIT if kind.photo_field else None, today, "", read_photo=anew
    )
    asked = Replacement(said, AUTHORITY.authority_id, reason, "更正")
    return asked.check(before, kind, today)


FOOD_BEFORE = granted(FOOD, FOOD_ROW, "JY29901020000017")


def test_a_renewal_leaves_no_gap() -> None:
    """A term yet to begin would leave the holder with neither, while the old one runs."""
    before = granted(GIVEN, GIVEN_ROW, "T0001")
    future = GIVEN_ROW | {"valid_from": "2027-06-01", "valid_until": "2029-12-31"}
    with pytest.raises(ConflictError, match="until"):
        replaced(GIVEN, before, future, Reason.RENEWED, TODAY)
    over = dataclasses.replace(before, valid_until=TODAY - timedelta(days=1))
    assert replaced(GIVEN, over, future, Reason.RENEWED, TODAY).first == date(2027, 6, 1)


@pytest.mark.parametrize("reason", KEEPING)
def test_a_typo_adds_no_day_to_the_term(reason: Reason) -> None:
    mended = FOOD_ROW | {"operator": "青岚市云上面馆分店", "premises": "青岚市听松区石桥街2号"}
    term = replaced(FOOD, FOOD_BEFORE, mended, reason)
    assert term == Term(date(2026, 3, 1), date(2031, 2, 28))


def test_a_renewal_begins_a_new_term() -> None:
    term = replaced(FOOD, FOOD_BEFORE, FOOD_ROW, Reason.RENEWED)
    assert term == Term(date(2027, 4, 5), date(2032, 4, 4))


@pytest.mark.parametrize("reason", [*KEEPING, Reason.RENEWED])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"operator_code": "91350100M000100Y43"}, "holder's code"),
        ({"area": "990103"}, "number says"),
        ({"main_form": "食品销售经营者"}, "number says"),
    ],
)
def test_another_holder_or_number_is_refused(
    reason: Reason, changed: dict[str, str], named: str
) -> None:
    with pytest.raises(ConflictError, match=named):
        replaced(FOOD, FOOD_BEFORE, FOOD_ROW | changed, reason)


def test_a_number_that_holds_a_category_stays_with_it() -> None:
    before = granted(DISABILITY, DISABILITY_ROW, "11010519491231002X43")
    assert replaced(DISABILITY, before, DISABILITY_ROW).first == TODAY
    with pytest.raises(ConflictError):
        replaced(DISABILITY, before, DISABILITY_ROW | {"disability_degree": "一级"})


def test_a_term_that_the_row_states_must_be_the_licences() -> None:
    kind = GIVEN
    before = granted(kind, GIVEN_ROW, "T0001")
    kept = replaced(kind, before, GIVEN_ROW | {"body": "某机构更名"})
    assert kept == Term(date(2026, 3, 1), date(2028, 12, 31))
    other = GIVEN_ROW | {"valid_until": "2029-12-31"}
    with pytest.raises(ConflictError, match="RENEWED"):
        replaced(kind, before, other)
    assert replaced(kind, before, other, Reason.RENEWED) == Term(LATER, date(2029, 12, 31))
    begun = GIVEN_ROW | {"valid_from": "2027-01-01"}
    with pytest.raises(ConflictError, match="RENEWED"):
        replaced(kind, before, begun)


def test_what_has_expired_can_only_be_renewed() -> None:
    after = date(2031, 3, 1)
    with pytest.raises(ConflictError, match="expired"):
        replaced(FOOD, FOOD_BEFORE, FOOD_ROW, Reason.CORRECTED, after)
    assert replaced(FOOD, FOOD_BEFORE, FOOD_ROW, Reason.RENEWED, after).first == after


def test_a_number_of_an_earlier_template_says_nothing() -> None:
    before = dataclasses.replace(FOOD_BEFORE, number=LicenceNumber("OLD-1"))
    assert replaced(FOOD, before, FOOD_ROW | {"area": "990103"}).first == TODAY


def test_only_its_authority_with_a_reason_and_a_basis() -> None:
    said = check_row(FOOD, FOOD_ROW, None, LATER, "")
    with pytest.raises(ConflictError):
        Replacement(said, AuthorityId("other"), Reason.CHANGED, "变更").check(
            FOOD_BEFORE, FOOD, LATER
        )
    for reason, basis in ((Reason.ANNULLED, "x"), (None, "x"), (Reason.CHANGED, " ")):
        with pytest.raises(InvalidChangeError):
            Replacement(said, AUTHORITY.authority_id, reason, basis).check(FOOD_BEFORE, FOOD, LATER)


def test_sealing_anew_changes_nothing() -> None:
    suspended = dataclasses.replace(
        FOOD_BEFORE, state=LicenceState.SUSPENDED, reason=Reason.SEAL_COMPROMISED
    )
    said = check_row(FOOD, FOOD_ROW, None, TODAY, "")
    asked = Replacement(said, AUTHORITY.authority_id, Reason.RESEALED, "重签")
    assert asked.check(suspended, FOOD, LATER).first == TODAY
    other = dataclasses.replace(said, holders=(Holder("别人", "111", "x"),))
    with pytest.raises(ConflictError):
        dataclasses.replace(asked, application=other).check(suspended, FOOD, LATER)
