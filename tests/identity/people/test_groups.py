"""Roles by groups: of the configured issuer alone, and anew at every sign-in."""

from core.permits import Role
from identity.people.groups import GroupRule, roles_from_groups
from identity.people.model import Assignment, AssignmentSource
from tests.identity.people.people import CITY, ISSUER, somebody

TABLE = {
    ISSUER: (
        GroupRule("sealers", Role.SEALER, CITY),
        GroupRule("supervision", Role.AUDITOR, None),
    ),
    "https://other.example": (GroupRule("sealers", Role.ADMINISTRATOR, None),),
}


def test_groups_give_the_roles_of_their_issuer() -> None:
    found = roles_from_groups(somebody(groups=frozenset({"sealers", "cyclists"})), TABLE)
    identity_id = somebody().identity_id
    assert identity_id is not None
    assert found == (Assignment(identity_id, Role.SEALER, CITY, AssignmentSource.GROUP),)


def test_no_group_no_role() -> None:
    assert roles_from_groups(somebody(), TABLE) == ()
    elsewhere = somebody(iss="https://third.example", groups=frozenset({"sealers"}))
    assert roles_from_groups(elsewhere, TABLE) == ()
    assert roles_from_groups(somebody(groups=frozenset({"sealers"}), known=False), TABLE) == ()
