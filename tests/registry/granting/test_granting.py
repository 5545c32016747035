"""Granting: whole or not at all, once per request, every number accounted for."""

import dataclasses
import signal
import subprocess
import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from ca.errors import StaleValidationDataError
from ca.hierarchy.steps import CaSteps
from ca.issuers import ROOT
from ca.validation.validation_data import CACHE_LIFETIME
from core.errors import StorageError
from core.text import Text
from keys.model import WrongPassphraseError
from keys.software import SoftwareKeyStore
from registry.audit.events import list_events
from registry.granting.batches import BatchOrder, run_batch
from registry.granting.granting import Granted, GrantStep, PredecessorGoneError
from registry.granting.reservation import NumberTakenError
from registry.licences.holdings import SecondLicenceError
from registry.licences.licences import (
    LicenceChange,
    change_state,
    find_licence,
    list_licences,
    list_revisions,
)
from registry.model import ConflictError, LicenceState, Reason
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.levels import PadesLevel
from signing.render.errors import MissingGlyphError
from tests.forked import Forked
from tests.permits import CHANGE_LICENCE, GRANT, MANAGE_AUTHORITY
from tests.world import World, reserved

DEADLINE = 120
CHINA = ZoneInfo("Asia/Shanghai")


def states(world: World) -> list[LicenceState]:
    with world.home.database.reading() as connection:
        return [one.state for one in list_licences(connection)]


def test_a_granted_licence_is_in_force_registered_and_stored(world: World) -> None:
    granted = world.grant()
    assert granted.licence.state is LicenceState.IN_FORCE
    with world.home.database.reading() as connection:
        (revision,) = list_revisions(connection, granted.licence.identifier)
        actions = [e.action for e in list_events(connection, subject=granted.licence.identifier)]
    assert (revision.sha256, revision.length) == (granted.sha256, len(granted.pdf))
    assert world.home.store.get(granted.sha256) == granted.pdf
    assert actions == ["licence.reserved", "licence.granted"]
    world.check_everything()


def test_numbers_and_identifiers_follow_each_other(world: World) -> None:
    first, second = world.grant(0), world.grant(1)
    assert first.licence.number != second.licence.number
    assert first.licence.identifier.split(".")[7] == "000000001"
    assert second.licence.identifier.split(".")[7] == "000000002"
    world.check_everything()


def test_the_same_request_leads_to_one_licence(world: World) -> None:
    request = world.request(request_key="a" * 64)
    first = world.home.granting.grant(request)
    again = world.home.granting.grant(request)
    assert again.repeated
    assert (again.licence.identifier, again.pdf) == (first.licence.identifier, first.pdf)
    assert states(world) == [LicenceState.IN_FORCE]


def test_a_number_that_is_held_is_refused_and_none_is_lost(world: World) -> None:
    world.grant(0, "disability")
    with pytest.raises(NumberTakenError):
        world.grant(0, "disability")
    world.check_everything()


def test_a_cancelled_licence_gives_its_number_free(world: World) -> None:
    granted = world.grant(0, "disability")
    with world.home.database.writing() as connection:
        change_state(
            connection,
            granted.licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.DEREGISTERED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    assert world.grant(0, "disability").licence.number == granted.licence.number
    world.check_everything()


def test_an_expired_licence_gives_its_number_free(world: World) -> None:
    granted = world.grant(0, "disability")
    request = world.request(0, "disability")
    world.clock.advance(timedelta(days=3653))
    with world.home.database.writing() as connection:
        again = reserved(world.home.reservations, connection, request).licence
    assert again.number == granted.licence.number


def test_a_licence_holds_its_number_through_its_last_day(world: World) -> None:
    """Dates are civil dates in China, valid through the last day."""
    granted = world.grant(0, "disability").licence
    request = world.request(0, "disability")
    assert granted.valid_until is not None
    midnight = datetime.combine(granted.valid_until + timedelta(days=1), time(), CHINA)
    world.clock.at = midnight - timedelta(seconds=1)
    with pytest.raises(NumberTakenError), world.home.database.writing() as connection:
        reserved(world.home.reservations, connection, request)
    world.clock.at = midnight
    with world.home.database.writing() as connection:
        again = reserved(world.home.reservations, connection, request).licence
    assert again.number == granted.number


def test_a_replacement_keeps_the_number_and_retires_the_old_in_one_step(world: World) -> None:
    old = world.grant(0, "disability").licence
    request = dataclasses.replace(
        world.request(0, "disability"), replaces=old.identifier, reason=Reason.CHANGED
    )
    new = world.home.granting.grant(request).licence
    with world.home.database.reading() as connection:
        before = find_licence(connection, old.identifier)
    assert (new.number, new.state) == (old.number, LicenceState.IN_FORCE)
    assert new.identifier.split(".")[8] == "002"
    assert (before.state, before.reason) == (LicenceState.REPLACED, Reason.CHANGED)
    assert before.replaced_by == new.identifier
    with pytest.raises(ConflictError):
        world.home.granting.grant(request)
    world.check_everything()


def test_a_character_that_no_font_has_voids_the_number_with_the_reason(world: World) -> None:
    request = world.request()
    data = request.application.data | {"representative": "张\U0002ffff"}
    bad = dataclasses.replace(
        request, application=dataclasses.replace(request.application, data=data)
    )
    with pytest.raises(MissingGlyphError):
        world.home.granting.grant(bad)
    assert states(world) == [LicenceState.VOID]
    with world.home.database.reading() as connection:
        (void,) = list_licences(connection)
    assert "missing_glyph" in (void.basis or "")
    world.check_everything()


def test_a_full_disk_leaves_the_licence_to_be_resumed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> None:
        raise StorageError(Text("满", "No space left on device"))

    with monkeypatch.context() as patch:
        patch.setattr(world.home.store, "put", refuse)
        with pytest.raises(StorageError):
            world.grant()
    assert states(world) == [LicenceState.PENDING]
    with world.home.database.reading() as connection:
        (pending,) = list_licences(connection)
    resumed = world.home.granting.resume(pending.identifier, GRANT)
    assert resumed.licence.number == pending.number
    assert states(world) == [LicenceState.IN_FORCE]
    world.check_everything()


def test_only_the_last_claim_registers(world: World) -> None:
    """A process that was thought dead comes back after another took its licence over."""
    took_over: list[Granted] = []

    def take_over(step: GrantStep) -> None:
        if step is GrantStep.STORED and not took_over:
            with world.home.database.reading() as connection:
                (pending,) = list_licences(connection)
            took_over.append(Granted(pending, b"", pending.identifier))  # type: ignore[arg-type]
            took_over[0] = world.home.granting.resume(pending.identifier, GRANT)

    world.home.granting._on_step = take_over
    with pytest.raises(ConflictError):
        world.grant()
    assert states(world) == [LicenceState.IN_FORCE]
    with world.home.database.reading() as connection:
        (revision,) = list_revisions(connection, took_over[0].licence.identifier)
    assert revision.sha256 == took_over[0].sha256
    world.check_everything()


def test_a_passphrase_that_does_not_open_the_seal_leaves_the_licence_pending(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    with world.home.database.writing() as connection:
        pending = reserved(world.home.reservations, connection, world.request()).licence
    keys = SoftwareKeyStore(
        world.home.directory / "keys" / "issuing", lambda: b"a wrong passphrase", world.clock
    )
    with monkeypatch.context() as patch:
        patch.setattr(world.home.granting._room, "_keys", keys)
        with pytest.raises(WrongPassphraseError):
            world.home.granting.resume(pending.identifier, GRANT)
        with pytest.raises(WrongPassphraseError):
            world.grant(1)
    assert states(world) == [LicenceState.PENDING]
    world.home.granting.resume(pending.identifier, GRANT)
    assert states(world) == [LicenceState.IN_FORCE]
    world.check_everything()


def test_a_successor_whose_predecessor_left_force_is_voided(world: World) -> None:
    old = world.grant(0, "disability").licence
    request = dataclasses.replace(
        world.request(0, "disability"), replaces=old.identifier, reason=Reason.CHANGED
    )
    with world.home.database.writing() as connection:
        cut_short = reserved(world.home.reservations, connection, request).licence
    again = world.home.granting.grant(request).licence
    with pytest.raises(PredecessorGoneError):
        world.home.granting.resume(cut_short.identifier, GRANT)
    assert again.identifier.split(".")[8] == "003"
    assert sorted(states(world)) == [
        LicenceState.IN_FORCE,
        LicenceState.REPLACED,
        LicenceState.VOID,
    ]
    world.check_everything()


def test_renewing_an_expired_licence_does_not_take_a_number_that_another_has(
    world: World,
) -> None:
    old = world.grant(0, "disability").licence
    request = world.request(0, "disability")
    renewal = dataclasses.replace(request, replaces=old.identifier, reason=Reason.RENEWED)
    world.clock.advance(timedelta(days=3653))
    reservations, database = world.home.reservations, world.home.database
    with database.writing() as connection:
        reserved(reservations, connection, request)
    with pytest.raises(SecondLicenceError), database.writing() as connection:
        reserved(reservations, connection, renewal)


def test_a_renewal_under_way_keeps_its_number(world: World) -> None:
    old = world.grant(0, "disability").licence
    request = world.request(0, "disability")
    renewal = dataclasses.replace(request, replaces=old.identifier, reason=Reason.RENEWED)
    world.clock.advance(timedelta(days=3653))
    reservations, database = world.home.reservations, world.home.database
    with database.writing() as connection:
        reserved(reservations, connection, renewal)
    with pytest.raises(NumberTakenError), database.writing() as connection:
        reserved(reservations, connection, request)


def test_a_batch_run_again_tomorrow_grants_nothing_twice(sqlite_world: World) -> None:
    world = sqlite_world
    order = BatchOrder(name="", permit=GRANT)
    recognise = world.home.recogniser.recognise_all
    today = list(run_batch(world.home.granting, recognise(world.applications()[:2]), order))
    world.clock.advance(timedelta(days=1))
    tomorrow = list(run_batch(world.home.granting, recognise(world.applications()[:2]), order))
    assert all(one.granted and one.granted.repeated for one in tomorrow)
    assert [one.granted and one.granted.licence for one in today] == [
        one.granted and one.granted.licence for one in tomorrow
    ]


def test_many_threads_take_different_numbers(world: World) -> None:
    requests = [world.request(index) for index in range(6)]
    reservations, database = world.home.reservations, world.home.database
    taken: list[str] = []

    def reserve(index: int) -> None:
        with database.writing() as connection:
            taken.append(reserved(reservations, connection, requests[index]).licence.identifier)

    threads = [threading.Thread(target=reserve, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 6
    world.check_everything()


@pytest.mark.parametrize("step", GrantStep)
def test_a_process_killed_after_a_step_loses_nothing(world: World, step: GrantStep) -> None:
    """The real thing: another process grants, and is killed with SIGKILL at the step."""
    home = world.home.directory
    world.home.settings  # noqa: B018  # read before the child starts
    assert killed_elsewhere(home, step, "k" * 64)
    finished = step is GrantStep.REGISTERED
    assert states(world) == [LicenceState.IN_FORCE if finished else LicenceState.PENDING]
    world.check_everything()
    world.clock.at = datetime.now(UTC)  # the other process had a later clock
    again = world.home.granting.grant(world.request(request_key="k" * 64))
    assert again.licence.identifier.split(".")[7] == "000000001", "the number is reused"
    assert again.repeated is finished
    assert states(world) == [LicenceState.IN_FORCE]
    world.check_everything()


def test_a_pending_grant_keeps_the_definition_under_which_it_was_reserved(world: World) -> None:
    """Reserved by another process, which dies; the type is changed; this one finishes it."""
    home = world.home
    home.settings  # noqa: B018  # read before the child starts
    assert killed_elsewhere(home.directory, GrantStep.RESERVED, "k" * 64)
    world.clock.at = datetime.now(UTC)  # the other process had a later clock
    source = world.types["food-operation"].licence_type.source
    newer = parse_type(source.replace('zh = "经营者名称"', 'zh = "经营主体名称"'))
    with home.database.writing() as connection:
        put_type(connection, newer, MANAGE_AUTHORITY, world.clock.now(), approved="x")
    world.clock.advance(timedelta(seconds=1))
    resumed = world.home.granting.grant(world.request(request_key="k" * 64))
    later = world.home.granting.grant(world.request(1))
    for granted, said, not_said in (
        (resumed, "经营者名称", "经营主体名称"),
        (later, "经营主体名称", "经营者名称"),
    ):
        with pypdfium2.PdfDocument(granted.pdf) as document:
            text = document[0].get_textpage().get_text_bounded()
        assert said in text
        assert not_said not in text
    world.check_everything()


def test_a_definition_is_later_than_what_was_reserved_under_the_one_before(world: World) -> None:
    """Though a clock went behind: the instants decide whose definition a licence has."""
    home, kind = world.home, world.types["food-operation"].licence_type
    first = world.grant().licence
    newer = parse_type(kind.source.replace('zh = "经营者名称"', 'zh = "经营主体名称"'))
    behind = world.clock.now() - timedelta(hours=1)
    with home.database.writing() as connection:
        put_type(connection, newer, MANAGE_AUTHORITY, behind, approved="x")
    second = world.grant(1).licence
    with home.database.reading() as connection:
        found = [
            home.catalogue.granted_under(connection, one.type_code, one.created_at).source
            for one in (first, second)
        ]
    assert found == [kind.source, newer.source]


def elsewhere(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Grant in another process, as `tests.registry.killed_grant` says."""
    return Forked([home, *arguments], program="tests.registry.killed_grant", stderr=None)


def killed_elsewhere(home: Path, *arguments: str) -> bool:
    """Grant in another process, and tell whether it was killed."""
    with elsewhere(home, *arguments) as child:
        child.communicate(timeout=DEADLINE)
    return child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", [GrantStep.RESERVED, GrantStep.STORED, GrantStep.REGISTERED])
def test_killed_while_replacing_one_version_is_in_force(world: World, step: GrantStep) -> None:
    """Neither two in force nor none; the same request again finishes it."""
    old = world.grant().licence.identifier
    assert killed_elsewhere(world.home.directory, step, "k" * 64, old)
    assert states(world).count(LicenceState.IN_FORCE) == 1
    world.clock.at = datetime.now(UTC)
    request = world.request(request_key="k" * 64, replaces=old, reason=Reason.CHANGED)
    again = world.home.granting.grant(request)
    assert again.repeated is (step is GrantStep.REGISTERED)
    assert states(world) == [LicenceState.REPLACED, LicenceState.IN_FORCE]
    with world.home.database.reading() as connection:
        before = find_licence(connection, old)
    assert (before.replaced_by, again.licence.replaces) == (again.licence.identifier, old)
    world.check_everything()


def test_of_two_processes_one_grants_the_holder_a_licence(world: World) -> None:
    """The other is told which licence there is."""
    both = [elsewhere(world.home.directory, "never", one * 64) for one in "ab"]
    told = sorted(one.communicate(timeout=DEADLINE)[0].strip() for one in both)
    assert [one.split()[0] for one in told] == ["granted", "refused"]
    assert told[0].split()[1] == told[1].split()[1]
    assert states(world) == [LicenceState.IN_FORCE]


def test_no_event_tells_of_a_holder(sqlite_world: World) -> None:
    """Neither a name nor a code nor a field of a licence, whatever became of it."""
    world = sqlite_world
    licences = [world.grant(0).licence, world.grant(0, "disability").licence]
    licences.append(world.grant(0, "construction-qualification").licence)
    with world.home.database.writing() as connection:
        change_state(
            connection,
            licences[1].identifier,
            LicenceChange.CANCEL,
            reason=Reason.ANNULLED,
            basis="第九条",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
        pending = reserved(world.home.reservations, connection, world.request(1)).licence
        licences.append(pending)
        world.home.reservations.void(connection, pending.identifier, "误", GRANT)
    personal = {value for one in licences for value in one.data.values() if len(value) > 6}
    personal |= {text for one in licences for h in one.holders for text in (h.name, h.code)}
    personal.add(licences[1].number)  # holds its holder's code
    assert len(personal) > 12
    with world.home.database.reading() as connection:
        told = "\n".join(str(event) for event in list_events(connection, limit=1000))
    assert [one for one in personal if one in told] == []


def test_once_the_roots_crl_has_ended_no_number_is_taken(world: World) -> None:
    """A seal without that proof would stay indeterminate for ever."""
    home = world.home
    world.clock.advance(timedelta(days=366))
    with pytest.raises(StaleValidationDataError, match="xinyin ca crl --issuer root"):
        world.grant()
    assert states(world) == []
    told = world.grant(level=PadesLevel.B_T)
    assert told.licence.state is LicenceState.IN_FORCE, "where somebody asks for less"
    CaSteps(home.ca_parts, home.root_keys, home.keys).crls(ROOT).publish()
    world.clock.advance(CACHE_LIFETIME)
    assert world.grant(1).licence.state is LicenceState.IN_FORCE
    world.check_everything()
