"""Permits fit one kind of write, and one authority where they are for one."""

import pytest

from core.errors import NotAllowedError
from core.permits import Action, Actor, Permit

WHO = Actor("local:tester")


def test_a_permit_is_for_one_of_the_actions_that_a_write_names() -> None:
    permit = Permit(WHO, Action.GRANT)
    assert permit.require(Action.GRANT) is WHO
    assert permit.require(Action.HANDLE_COMPROMISE, Action.GRANT) is WHO
    for others in ((), (Action.CHANGE_LICENCE,), (Action.MANAGE_CA, Action.MANAGE_SEAL)):
        with pytest.raises(NotAllowedError):
            permit.require(*others)


@pytest.mark.parametrize(
    ("permitted", "concerned", "fits"),
    [
        (None, None, True),
        (None, "market", True),
        ("market", "market", True),
        ("market", "transport", False),
        ("market", None, False),
    ],
)
def test_a_permit_for_one_authority_reaches_no_other(
    permitted: str | None, concerned: str | None, *, fits: bool
) -> None:
    permit = Permit(WHO, Action.GRANT, permitted)
    if fits:
        assert permit.require(Action.GRANT, authority_id=concerned) is WHO
        return
    with pytest.raises(NotAllowedError):
        permit.require(Action.GRANT, authority_id=concerned)
