"""Rights in a home, by the permits that `identity.people.permits` makes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import NotAllowedError
from core.permits import Action, Actor
from home.role_names import RoleName
from home.roles import ROLES
from home.wiring import Home
from identity.people.permits import ceremony_permit, permit_for, service_permit

NOT_OPERATORS = {
    "role:issuing": {Action.GRANT, Action.RENEW_ARCHIVE},
    "role:ca": set(),
    "role:trust": set(),
}


def test_the_operator_may_do_everything() -> None:
    operator = Actor("local:xinyin")
    assert {permit_for(operator, action).action for action in Action} == set(Action)
    assert permit_for(operator, Action.GRANT, "market").authority_id == "market"


@pytest.mark.parametrize("role", sorted({*NOT_OPERATORS, "role:of-tomorrow"}))
def test_a_role_does_its_own_work_alone(role: str) -> None:
    allowed = set()
    for action in Action:
        try:
            allowed.add(permit_for(Actor(role), action).action)
        except NotAllowedError:
            continue
    assert allowed == NOT_OPERATORS.get(role, set())


def test_every_role_that_runs_apart_is_known() -> None:
    apart = {f"role:{role}" for role in ROLES if role is not RoleName.ALL}
    assert apart == set(NOT_OPERATORS)


def test_another_account_gets_no_permit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path, {})
    home.__dict__["settings"] = SimpleNamespace(operator=SimpleNamespace(account="xinyin"))
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    for action in Action:
        with pytest.raises(NotAllowedError):
            home.permit(action)
    monkeypatch.setattr("getpass.getuser", lambda: "xinyin")
    assert home.permit(Action.GRANT).actor.name == "local:xinyin"


def test_services_and_ceremonies_have_permits_for_one_thing_each() -> None:
    assert (service_permit().actor.name, service_permit().action) == ("ca", Action.RUN_SERVICES)
    permit = ceremony_permit("li")
    assert (permit.actor.name, permit.action) == ("local:li", Action.MANAGE_CA)
