"""Machines with homes of their own, one PostgreSQL and one real object store."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.permits import Action
from home.health import check_shared_journal
from home.role_duties import GRANT_PATIENCE, GrantFinisher
from home.wiring import Home
from registry.audit.findings import Fault
from registry.facts import journal_line
from registry.facts.line_opening import make_key
from registry.facts.register_id import renew_journal
from registry.granting.giving_up import give_up
from registry.granting.journalled import NotReservedHereError
from registry.health.health import HealthLevel, HealthSubject
from registry.journal.journal import Journal, JournalError, JournalKind
from registry.journal.position import Position
from registry.journal.reservations import reservation_entry
from registry.licences.licences import find_licence, list_pending, read_licence
from registry.model import ConflictError, LicenceState
from registry.objects.named import NamedObjects
from registry.revisions import faces
from signing.sandbox import Sandbox
from tests.databases import PostgresServer
from tests.object_store.service import StoreService
from tests.permits import GRANT
from tests.registry.granting.test_journalled import forge, reserve
from tests.registry.reconcile.test_reconcile import faults
from tests.world import World, copy_world


@dataclass
class Machines:
    """The first machine, which shares its journal, and what others are made of."""

    first: World
    place: Path
    environment: dict[str, str]
    sandbox: Sandbox
    stack: ExitStack = field(default_factory=ExitStack)

    def share(self) -> int:
        home = self.first.home
        make_key(home.directory)
        return journal_line.share(
            home.database, home.journal_directory, home.clock, home.journal_line, home.actor
        )

    def joined(self, name: str) -> World:
        """Make a machine whose home has settings and keys of the first, and no journal."""
        directory = self.place / name
        shutil.copytree(
            self.first.home.directory, directory, ignore=shutil.ignore_patterns("journal")
        )
        home = Home(directory, self.environment, clock=self.first.clock)
        home.sandbox = self.first.home.sandbox
        home.pictures = self.first.home.pictures
        self.stack.callback(home.close)
        journal_line.join(home.journal_directory, home.clock, home.journal_line)
        return World(home, self.first.clock)


@pytest.fixture
def machines(
    postgres: PostgresServer,
    postgres_template: tuple[Path, str],
    store_service: StoreService,
    tmp_path: Path,
    sandbox: Sandbox,
) -> Iterator[Machines]:
    directory, name = postgres_template
    settings, _ = store_service.bucket()
    environment = store_service.environment(settings) | {"XINYIN_JOURNAL_SHARED": "true"}
    with (
        postgres.database(name) as url,
        copy_world(
            directory, tmp_path, sandbox=sandbox, database_url=url, environment=environment
        ) as world,
    ):
        made = Machines(world, tmp_path, environment, sandbox)
        with made.stack:
            yield made


def shared_journal(world: World, *, full: bool) -> list[HealthLevel]:
    """Return what `xinyin doctor` finds."""
    home = world.home
    subject = HealthSubject(
        home.directory,
        home.environment,
        home.clock,
        open_ring=lambda *_: home.keys,
        verify_audit=lambda _: pytest.fail("not asked"),
        full=full,
    )
    with closing(subject):
        return [one.level for one in check_shared_journal(subject)]


def stop_sharing(home: Home) -> None:
    journal_line.unshare(
        home.database, home.journal_directory, home.clock, home.journal_line, home.actor
    )


def lose(line: journal_line.RegisterLine, numbers: list[int]) -> None:
    """Let the store lose groups."""
    for number in numbers:
        path = f"{line.objects._place.prefix}journal/{number:012}.jsonl"
        assert line.objects.requests.ask("DELETE", path).status in (200, 204)


def content(world: World) -> bytes:
    world.home.journal.catch_up()
    found = sorted(world.home.journal_directory.glob("journal-*.jsonl"))
    return b"".join(path.read_bytes() for path in found)


def test_another_machine_finishes_what_a_lost_one_began(machines: Machines) -> None:
    """Its whole home is gone; what was written into the database alone is still refused."""
    machines.share()
    other = machines.joined("other")
    own = reserve(machines.first, 0)
    known = other.grant(1).licence.identifier
    assert content(machines.first) == content(other)
    machines.first.home.close()
    shutil.rmtree(machines.first.home.directory)
    forged = forge(other, known)
    other.clock.advance(GRANT_PATIENCE)
    with pytest.raises(NotReservedHereError):
        GrantFinisher(other.home).finish()
    with other.home.database.reading() as connection:
        assert find_licence(connection, own).state is LicenceState.IN_FORCE
        assert [one for one, _ in list_pending(connection)] == [forged]
    assert (Fault.CONTRADICTED, True) in [(one, forged in said) for one, said in faults(other)]
    give_up(other.home.database, other.home.reservations, forged, "伪造", GRANT)
    assert Fault.CONTRADICTED not in [one for one, _ in faults(other)]


def test_a_reservation_forged_in_the_store_is_refused(machines: Machines) -> None:
    """Who may write both database and store has no key of the line."""
    machines.share()
    other, home = machines.joined("other"), machines.first.home
    known = other.grant(0).licence.identifier
    forged = forge(other, known)
    with home.database.reading() as connection:
        licence, others = read_licence(connection, forged)
    thief = machines.stack.enter_context(
        closing(Home(machines.place / "thief", machines.environment))
    )
    bucket = NamedObjects(home.journal_line.objects._place)
    line = journal_line.RegisterLine(home.database.url, bucket, b"\1" * 32)
    machines.stack.callback(line.close)
    Journal.copy_of(thief.directory, content(other))
    Journal(thief.directory, home.clock, line).append(
        JournalKind.RESERVED, reservation_entry(forged, faces.face_of(licence, others))
    )
    for world in (machines.first, other):
        with pytest.raises(JournalError, match="put by none"):
            world.home.granting.resume(forged, world.home.permit(Action.GRANT))
        with pytest.raises(JournalError, match="put by none"):
            world.grant(2)
    with home.database.reading() as connection:
        assert find_licence(connection, forged).state is LicenceState.PENDING


def test_what_the_store_lost_is_put_back_from_the_furthest_copy(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.facts.journal_line._GROUP_BYTES", 600)
    home = machines.first.home
    before = len(list(Journal(home.journal_directory, home.clock).read()))
    assert machines.share() == before
    line = home.journal_line
    assert len(line.begun()) > 2
    behind = machines.joined("behind")
    machines.first.grant(0)
    groups = line.begun()
    lose(line, [one for one in groups if one > before])
    for full in (False, True):
        assert shared_journal(behind, full=full) == [HealthLevel.FAIL]
    lose(line, [groups[1]])
    with pytest.raises(JournalError, match="journal share"):
        behind.grant(1)
    with pytest.raises(ConflictError, match="goes furthest"):
        Machines(behind, machines.place, {}, machines.sandbox).share()
    with pytest.raises(JournalError, match="lacks"):
        journal_line.compare(home.journal, line)
    for known in (None, journal_line.known_end(home.database)):  # a gap, a tail that is gone
        with pytest.raises(JournalError, match="goes furthest"):
            journal_line.join(machines.place / f"new-{known is None}", home.clock, line, known)
        lose(line, line.begun()[1:])
    with pytest.raises(ConflictError, match="goes furthest"):
        stop_sharing(behind.home)
    assert machines.share() > 2
    journal_line.compare(home.journal, line)
    behind.grant(1)
    assert content(behind) == content(machines.first)
    assert machines.share() == 0
    machines.first.check_everything()


def test_settings_that_do_not_fit_the_register_are_refused(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = machines.first.home
    with pytest.raises(ConfigurationError, match=r"journal\.key"):
        home.journal_line  # noqa: B018
    make_key(home.directory)
    with pytest.raises(JournalError, match="not shared yet"):
        home.journal  # noqa: B018
    monkeypatch.setattr(NamedObjects, "put_named", lambda *_: True)
    with pytest.raises(ConfigurationError, match="If-None-Match"):
        machines.share()
    monkeypatch.undo()
    machines.share()
    alone = machines.environment | {"XINYIN_JOURNAL_SHARED": "false"}
    with (
        Home(home.directory, alone, clock=home.clock) as other,
        pytest.raises(JournalError, match="shared by several"),
    ):
        other.journal  # noqa: B018
    files = machines.environment | {"XINYIN_OBJECTS_PLACE": "files"}
    with (
        Home(home.directory, files, clock=home.clock) as other,
        pytest.raises(ConfigurationError, match="PostgreSQL"),
    ):
        other.journal  # noqa: B018
    stop_sharing(home)
    with Home(home.directory, alone, clock=home.clock) as other:
        assert other.journal.end.sequence > 1


def test_who_stops_sharing_has_first_all_that_others_put(machines: Machines) -> None:
    machines.share()
    other = machines.joined("other")
    other.grant(0)
    before = content(other)
    stop_sharing(machines.first.home)
    home = machines.first.home
    found = b"".join(path.read_bytes() for path in sorted(home.journal_directory.glob("*.jsonl")))
    assert found.startswith(before)
    assert [b'"kind":"unshared"' in one for one in found[len(before) :].splitlines()] == [True]
    with pytest.raises(JournalError, match="not shared yet"):
        other.grant(1)
    with pytest.raises(JournalError, match="not shared yet"):
        stop_sharing(home)


def test_a_machine_left_behind_neither_shares_anew_nor_goes_on_alone(machines: Machines) -> None:
    """Else what the one that stayed wrote since would be in no journal that the others heed."""
    machines.share()
    other, home = machines.joined("other").home, machines.first.home
    stop_sharing(home)
    alone = {**machines.environment, "XINYIN_JOURNAL_SHARED": "false"}
    with Home(home.directory, alone, clock=home.clock) as stayed:
        stayed.journal.mark("numbers", 5)
    share = partial(
        journal_line.share,
        other.database,
        other.journal_directory,
        other.clock,
        other.journal_line,
        other.actor,
    )
    for _ in range(2):
        with pytest.raises(JournalError, match="another machine went on with it alone"):
            share()
    with (
        Home(other.directory, alone, clock=other.clock) as behind,
        pytest.raises(JournalError, match="another machine went on with it alone"),
    ):
        behind.journal  # noqa: B018
    forked = Journal(other.journal_directory, other.clock)
    for number in range(9):
        forked.mark("others", number, block=1)
    with pytest.raises(JournalError, match="or is another"):
        share()
    shutil.rmtree(other.journal_directory)
    machines.share()
    journal_line.join(other.journal_directory, other.clock, other.journal_line)
    assert content(World(other, machines.first.clock)) == content(machines.first)
    assert share() == 0
    stop_sharing(other)
    with pytest.raises(JournalError, match="another machine went on with it alone"):
        machines.share()


def test_no_journal_is_begun_beside_one_that_the_store_has(machines: Machines) -> None:
    machines.share()
    home = machines.first.home
    shutil.rmtree(home.journal_directory)
    with pytest.raises(ConflictError, match="journal join"):
        renew_journal(
            home.database, home.journal_directory, home.clock, home.actor, "x", home.journal_line
        )
    assert journal_line.is_shared(home.database)
    journal_line.join(home.journal_directory, home.clock, home.journal_line)
    machines.first.grant(0)


def test_a_copy_cut_off_within_a_group_is_completed_before_anything_is_put(
    machines: Machines,
) -> None:
    """Else another group would begin in the middle of one, and the machines had two chains."""
    machines.share()
    other, home = machines.joined("other"), machines.first.home
    end = home.journal.append_all(
        JournalKind.MARK, [{"scope": "s", "value": one} for one in (1, 2)]
    )
    [*_, path] = sorted(home.journal_directory.glob("journal-*.jsonl"))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rfind(b"\n", 0, -1) + 1])
    with home.database.writing() as connection:  # cut off before the register knew
        journal_line._note(connection, Position(end.sequence - 2, "0" * 64))
    assert machines.share() == 0
    assert path.read_bytes() == whole
    assert journal_line.known_end(home.database) == end
    path.write_bytes(whole[: whole.rfind(b"\n", 0, -1) + 1])
    journal_line.join(home.journal_directory, home.clock, home.journal_line)
    assert path.read_bytes() == whole
    machines.first.grant(0)
    other.grant(1)
    assert content(other) == content(machines.first)
