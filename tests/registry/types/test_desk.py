"""The desk's rule of a type: what it may say, and what it comes to in the table of rights."""

import pytest

from core.permits import Action, Role
from identity.people.model import TABLE_ALONE, Terms
from registry.officers.terms import terms_of
from registry.types.desk import DeskRule, SignsInPerson
from registry.types.licence_type import LicenceType
from registry.types.types import BadTypeError, parse_type
from tests.registry.type_samples import EXAMPLES

FOOD = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")

DESK = '\n[desk]\nrequests = ["operator", "sealer"]\nsecond_person = true\nseals = ["sealer"]\n'


def test_a_type_without_a_rule_is_as_before() -> None:
    assert parse_type(FOOD).desk == DeskRule()
    assert not DeskRule().second_person
    assert DeskRule().signs is SignsInPerson.MAY
    assert parse_type(f'{FOOD}\n[desk]\nsigns = "must"\n').desk.signs is SignsInPerson.MUST


def test_terms_of_a_type() -> None:
    found: LicenceType = parse_type(FOOD + DESK)
    both = frozenset({Role.OPERATOR, Role.SEALER})
    assert terms_of(found, Action.REQUEST) == Terms(both)
    assert terms_of(found, Action.GRANT) == Terms(frozenset({Role.SEALER}), second_person=True)
    assert terms_of(found, Action.CHANGE_LICENCE) == Terms(both, second_person=True)
    for action in set(Action) - {Action.REQUEST, Action.GRANT, Action.CHANGE_LICENCE}:
        assert terms_of(found, action) == TABLE_ALONE


@pytest.mark.parametrize(
    "wrong",
    [
        'requests = ["auditor"]',
        "requests = []",
        'seals = ["approver"]',
        'seals = ["x"]',
        "a = 1",
        'signs = "x"',
    ],
)
def test_what_a_rule_cannot_say(wrong: str) -> None:
    with pytest.raises(BadTypeError):
        parse_type(f"{FOOD}\n[desk]\n{wrong}\n")
