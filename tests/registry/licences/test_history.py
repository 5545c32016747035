"""A licence as it stood at a past instant, and what a verifier was told then."""

import dataclasses
from datetime import datetime, timedelta

import pytest

from core.clock import civil_date
from core.errors import UsageError
from registry.licences.history import PastState, licence_at, refuse_future
from registry.licences.licences import LicenceChange, change_state, find_licence
from registry.model import LicenceState, Reason
from tests.permits import CHANGE_LICENCE
from tests.registry.granting.test_granting import CHINA
from tests.world import World


def test_each_moment_of_a_life(world: World) -> None:
    """Also after it was replaced: what was told then does not change."""
    moments: dict[str, datetime] = {"before": world.clock.now() - timedelta(days=1)}

    def pass_by(name: str) -> None:
        world.clock.advance(timedelta(hours=1))
        moments[name] = world.clock.now()
        world.clock.advance(timedelta(hours=1))

    def change(what: LicenceChange, reason: Reason | None, number: str | None = None) -> None:
        with world.home.database.writing() as connection:
            change_state(
                connection,
                granted.identifier,
                what,
                reason=reason,
                basis=what,
                permit=CHANGE_LICENCE,
                at=world.clock.now(),
                document_number=number,
            )

    granted = world.grant().licence
    pass_by("granted")
    change(LicenceChange.SUSPEND, Reason.WITHHELD, "罚〔2026〕1号")
    pass_by("suspended")
    change(LicenceChange.REINSTATE, None)
    pass_by("reinstated")
    request = world.request(replaces=granted.identifier, reason=Reason.CHANGED)
    new = world.home.granting.grant(dataclasses.replace(request, request_key="k" * 64)).licence
    pass_by("replaced")

    def stood(at: datetime) -> PastState:
        with world.home.database.reading() as connection:
            found = find_licence(connection, granted.identifier)
            return licence_at(connection, found, at, civil_date(at, CHINA))

    past = {name: stood(at) for name, at in moments.items()}
    assert past["before"].licence is None
    assert "no record" in past["before"].told().en
    states = [one.licence.state for one in past.values() if one.licence is not None]
    in_force = LicenceState.IN_FORCE
    assert states == [in_force, LicenceState.SUSPENDED, in_force, LicenceState.REPLACED]
    suspended, replaced = past["suspended"].licence, past["replaced"].licence
    assert suspended is not None
    assert (suspended.reason, suspended.document_number) == (Reason.WITHHELD, "罚〔2026〕1号")
    assert replaced is not None
    assert replaced.replaced_by == new.identifier
    assert past["granted"].licence is not None
    assert past["granted"].licence.replaced_by is None
    assert "暂扣" in past["suspended"].told().zh
    assert past["reinstated"].told().en.startswith("In force")
    assert granted.valid_until is not None
    over = datetime(granted.valid_until.year + 1, 1, 1, tzinfo=CHINA)
    with pytest.raises(UsageError):
        refuse_future(over, world.clock)


def test_a_term_that_had_run_out_is_told_as_such(sqlite_world: World) -> None:
    """By the civil date of the instant, as a verifier counts."""
    granted = sqlite_world.grant().licence
    assert granted.valid_until is not None
    last = datetime.combine(granted.valid_until, datetime.min.time(), CHINA)
    for at, state in ((last, "In force"), (last + timedelta(days=1), "Expired")):
        with sqlite_world.home.database.reading() as connection:
            past = licence_at(connection, granted, at, civil_date(at, CHINA))
        assert past.told().en.startswith(state)
