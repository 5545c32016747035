"""People disabled both by their provider and here come back by a decision made here alone."""

from collections.abc import Callable

import pytest

from core.errors import NotAllowedError
from core.ids import IdentityId
from core.permits import Permit
from identity.people.permits import provider_permit
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import find_identity
from registry.officers.leaving import Leaving
from registry.officers.model import IdentityState
from registry.officers.states import enable_identity
from tests.permits import MANAGE_OFFICERS
from tests.registry.officers.office import AT, ISSUER, Office
from tests.registry.officers.test_journal import after_a_backup

GOV = provider_permit("gov")


def end(office: Office, who: IdentityId, permit: Permit) -> None:
    def none() -> None:
        raise AssertionError

    issuer = ISSUER if permit is GOV else None
    Leaving(
        database=office.database,
        ledger=None,  # type: ignore[arg-type]  # nobody has a certificate
        status_changes=none,  # type: ignore[arg-type]
        clock=office.clock,
    ).end_identity(Departure(who, LeavingKind.DISABLED, "离职", issuer=issuer), permit)


def enable(office: Office, who: IdentityId, permit: Permit) -> None:
    with office.database.writing() as connection:
        enable_identity(connection, who, "回来", permit, AT)


def state(office: Office, who: IdentityId) -> IdentityState:
    with office.database.reading() as connection:
        return find_identity(connection, who).state


def test_a_provider_does_not_bring_back_whom_an_operator_disabled_as_well(office: Office) -> None:
    li = office.add("li")
    for permit in (GOV, MANAGE_OFFICERS, GOV, MANAGE_OFFICERS):
        end(office, li, permit)
    told = [one.actor for one in office.events("identity.ended")]
    assert told == ["provider:gov", MANAGE_OFFICERS.actor.name], "each of them once"
    with pytest.raises(NotAllowedError):
        enable(office, li, GOV)
    assert state(office, li) is IdentityState.DISABLED
    enable(office, li, MANAGE_OFFICERS)
    end(office, li, GOV)
    enable(office, li, GOV)
    assert state(office, li) is IdentityState.ACTIVE, "that ending was the provider's alone"
    office.check()


def test_nor_the_systems_that_they_answer_for(office: Office) -> None:
    li = office.add("li")
    system = office.add("system", li)
    end(office, li, GOV)
    end(office, li, MANAGE_OFFICERS)
    enable(office, li, MANAGE_OFFICERS)
    with pytest.raises(NotAllowedError):
        enable(office, system, GOV)


@pytest.mark.parametrize("by_gov_alone", [False, True])
def test_nor_after_a_backup_that_knows_the_provider_s_word_alone(
    office: Office, *, by_gov_alone: bool
) -> None:
    li = office.add("li")
    end(office, li, GOV)
    since: Callable[[], None] = lambda: end(  # noqa: E731  # one act
        office, li, GOV if by_gov_alone else MANAGE_OFFICERS
    )
    after_a_backup(office, since)
    if by_gov_alone:
        enable(office, li, GOV)
        return
    with pytest.raises(NotAllowedError):
        enable(office, li, GOV)
    enable(office, li, MANAGE_OFFICERS)
