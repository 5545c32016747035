"""Filters by name, id and state mean the same on both engines, and as RFC 7644 says."""

import secrets
from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import select

from core.errors import UsageError
from registry.db.tables import identities, provisioned
from registry.desk.providers.person_filter import (
    Operator,
    PersonAttribute,
    PersonComparison,
    all_of,
    any_of,
    condition_of,
    none_of,
)
from registry.desk.providers.provisioning import PersonSaid, ProvisionedPerson, Provisioning
from registry.desk.providers.word import ProviderWord
from tests.registry.officers.office import ISSUER

PEOPLE = (
    ("a", "Li@example.cn", "X1", True),
    ("b", "LI2@EXAMPLE.cn", "x1", False),
    ("c", "李样", None, True),
    ("d", "100%_sure", "%", True),
    ("e", "straße", "a\\b", True),
    ("f", "o'brien", "'--", False),
)
VALUES = ("li", "LI@EXAMPLE.CN", "x1", "X", "%", "_", "李", "STRASSE", "'", "\\", "sure", "x1 ")
_MEANING: dict[Operator, Callable[[str, str], bool]] = {
    Operator.EQ: lambda here, there: here == there,
    Operator.NE: lambda here, there: here != there,
    Operator.CO: lambda here, there: there in here,
    Operator.SW: str.startswith,
    Operator.EW: str.endswith,
}


def meant(one: ProvisionedPerson, asked: PersonComparison) -> bool:
    """Tell by the letter of RFC 7644 3.4.2.2 whether somebody is meant."""
    if asked.attribute is PersonAttribute.ACTIVE:
        return asked.operator is Operator.PR or one.active is asked.value
    here = {
        PersonAttribute.ID: one.identity_id,
        PersonAttribute.USER_NAME: one.user_name.casefold(),
        PersonAttribute.EXTERNAL_ID: one.external_id,
    }[asked.attribute]
    if asked.operator is Operator.PR:
        return here is not None
    there = str(asked.value)
    if asked.attribute is PersonAttribute.USER_NAME:
        there = there.casefold()
    if here is None:
        return asked.operator is Operator.NE
    return _MEANING[asked.operator](here, there)


def test_each_comparison_finds_whom_it_means(word: ProviderWord) -> None:
    people = Provisioning(word, "gov", ISSUER, secrets.token_bytes, "scim")
    for subject, name, external, active in PEOPLE:
        people.add(PersonSaid(f"s-{subject}", name, external, active))
    everybody = people.search(None, start=0, count=100)[1]
    assert len(everybody) == len(PEOPLE)
    asked = [
        PersonComparison(attribute, operator, value)
        for attribute, operator, value in product(
            (PersonAttribute.ID, PersonAttribute.USER_NAME, PersonAttribute.EXTERNAL_ID),
            _MEANING,
            VALUES,
        )
    ]
    asked += [PersonComparison(one, Operator.PR) for one in PersonAttribute]
    asked += [PersonComparison(PersonAttribute.ACTIVE, Operator.EQ, one) for one in (True, False)]
    joined = provisioned.join(identities)
    query = select(provisioned.c.identity_id).select_from(joined).order_by("identity_id")
    with word.database.reading() as connection:
        for one in asked:
            condition = condition_of(one)
            for part, holds in ((condition, True), (none_of(condition), False)):
                found = connection.execute(query.where(part)).scalars().all()
                expected = [who.identity_id for who in everybody if meant(who, one) is holds]
                assert list(found) == expected, (one, holds)
    assert people.search(all_of([]), start=0, count=9)[0] == len(PEOPLE)
    assert people.search(any_of([]), start=0, count=9)[0] == 0
    absent = PersonComparison(PersonAttribute.EXTERNAL_ID, Operator.EQ, None)
    assert [one.user_name for one in people.search(condition_of(absent), start=0, count=9)[1]] == [
        "李样"
    ]


@pytest.mark.parametrize(
    "asked",
    [
        PersonComparison(PersonAttribute.USER_NAME, Operator.EQ, True),
        PersonComparison(PersonAttribute.USER_NAME, Operator.CO, ""),
        PersonComparison(PersonAttribute.USER_NAME, Operator.CO, None),
        PersonComparison(PersonAttribute.EXTERNAL_ID, Operator.EQ, "a\x00b"),
        PersonComparison(PersonAttribute.ACTIVE, Operator.EQ, "true"),
        PersonComparison(PersonAttribute.ACTIVE, Operator.CO, True),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: PersonComparison) -> None:
    with pytest.raises(UsageError):
        condition_of(asked)
