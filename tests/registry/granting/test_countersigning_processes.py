"""Countersigning in processes: killed at every step, and two at once."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.ids import AuthorityId, LicenceIdentifier
from registry.answers.answers import Outcome
from registry.granting.granting import GrantStep
from registry.licences.licences import find_licence, list_revisions
from registry.model import LicenceState
from signing.intake.intake import Intake
from tests.forked import Forked
from tests.registry.granting.round_world import (
    FIRE,
    HEALTH,
    begin,
    desk,
    furnish,
    lent_intake,
    permit,
    two,
)
from tests.registry.killed_countersign import NEVER
from tests.world import World

DEADLINE = 120


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with lent_intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> World:
    furnish(world, intake)
    return world


def elsewhere(world: World, *arguments: str) -> subprocess.Popen[str]:
    program = "tests.registry.killed_countersign"
    return Forked([world.home.directory, *arguments], program=program, stderr=None)


def said_by(child: subprocess.Popen[str]) -> str:
    with child:
        out, _ = child.communicate(timeout=DEADLINE)
    return out.strip()


STEPS = [GrantStep.RESERVED, GrantStep.SEALED, GrantStep.STORED, GrantStep.REGISTERED]


def test_killed_anywhere_it_is_sealed_once(office: World) -> None:
    """One document, killed at every step in turn; the fifth attempt finds what the fourth made."""
    identifier = begin(office).licence.identifier
    for step in STEPS:
        child = elsewhere(office, step, identifier, HEALTH)
        said_by(child)
        assert child.returncode == -signal.SIGKILL, step
        with office.home.database.reading() as connection:
            known = [one.sequence for one in list_revisions(connection, identifier)]
        assert known == ([0, 1] if step is GrantStep.REGISTERED else [0])
    office.clock.at = datetime.now(UTC)
    again = desk(office).countersign(identifier, permit(HEALTH))
    assert again.repeated
    assert [one.field for one in office.home.verifier.by_file(again.pdf).signatures] == [
        "Seal",
        "Seal2",
    ]
    done = desk(office).countersign(identifier, permit(FIRE))
    assert office.home.verifier.by_file(done.pdf).outcome is Outcome.IN_FORCE
    office.check_everything()


@pytest.mark.parametrize("same", [False, True])
def test_two_at_once_lose_no_seal(office: World, tmp_path: Path, *, same: bool) -> None:
    """Of two authorities one comes first and the other seals over it; one's two make one seal."""
    identifier = begin(office, two(ordered=False)).licence.identifier
    gate = tmp_path / "gate"
    gate.mkdir()
    who: tuple[AuthorityId, AuthorityId] = (HEALTH, HEALTH if same else FIRE)
    children = [elsewhere(office, NEVER, identifier, one, str(gate)) for one in who]
    said = [said_by(one) for one in children]
    office.clock.at = datetime.now(UTC)
    with office.home.database.reading() as connection:
        licence = find_licence(connection, identifier)
        known = list_revisions(connection, LicenceIdentifier(identifier))
    pdf = office.home.store.get(known[-1].sha256)
    fields = [one.field for one in office.home.verifier.by_file(pdf).signatures]
    if same:
        assert sum(one.startswith("sealed") for one in said) == 1, said
        assert (len(known), sorted(fields)) == (2, ["Seal", "Seal2"])
        assert licence.state is LicenceState.SUSPENDED
    else:
        assert all(one.startswith("sealed") for one in said), said
        assert (len(known), sorted(fields)) == (3, ["Seal", "Seal2", "Seal3"])
        assert licence.state is LicenceState.IN_FORCE
        assert office.home.verifier.by_file(pdf).outcome is Outcome.IN_FORCE
    office.check_everything()


@pytest.mark.parametrize("last", [False, True])
def test_who_comes_late_finds_what_another_sealed(
    office: World, monkeypatch: pytest.MonkeyPatch, *, last: bool
) -> None:
    """Another process seals between the look at whose turn it is and the claim."""
    identifier = begin(office).licence.identifier
    if last:
        desk(office).countersign(identifier, permit(HEALTH))
    whose = FIRE if last else HEALTH
    room = desk(office).granting().room
    prepare = room.prepare

    def meanwhile(*asked: object) -> None:
        monkeypatch.setattr(room, "prepare", prepare)
        assert said_by(elsewhere(office, NEVER, identifier, whose)).startswith("sealed")
        office.clock.at = datetime.now(UTC)
        prepare(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "prepare", meanwhile)
    found = desk(office).countersign(identifier, permit(whose))
    assert found.repeated
    assert (found.licence.state is LicenceState.IN_FORCE) is last
    with office.home.database.reading() as connection:
        assert len(list_revisions(connection, identifier)) == (3 if last else 2)
