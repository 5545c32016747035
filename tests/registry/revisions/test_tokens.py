"""Every timestamp token that lies in a file is on record, whatever became of who asked for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ca.recorder import Collector, SigningEvent
from core.ids import LicenceIdentifier
from home.role_duties import GrantFinisher
from registry.archive.renewal import ArchiveStep
from registry.audit.events import list_events
from registry.db.tables import register_facts
from registry.facts.register_id import renew_journal
from registry.granting.granting import GrantStep
from registry.journal.journal import JournalKind
from registry.licences.licences import list_licences
from registry.model import ConflictError
from registry.revisions import tokens as token_record
from registry.revisions.tokens import PATIENCE, journal_with_tokens, record_strays
from signing.levels import PadesLevel
from tests.cli.commands import xinyin
from tests.permits import GRANT, RENEW_ARCHIVE
from tests.registry.archive.test_renewal import MONTH, Killed, horizon, renewal
from tests.registry.audited import AT
from tests.registry.tokens import recorded_tokens, stored_tokens
from tests.world import World


def die(world: World, at: GrantStep, level: PadesLevel = PadesLevel.B_LT) -> LicenceIdentifier:
    """Let a grant be killed after a step: nothing that comes after it is done."""
    granting = world.home.granting

    def kill(step: GrantStep) -> None:
        if step is at:
            granting.settle_tokens = lambda: None  # type: ignore[method-assign]
            granting._room.signed._events.clear()
            raise Killed

    granting._on_step = kill
    with pytest.raises(Killed):
        world.grant(level=level)
    granting._on_step = lambda _: None
    del granting.settle_tokens
    with world.home.database.reading() as connection:
        (pending,) = list_licences(connection)
    return pending.identifier


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_the_tokens_of_a_grant_that_was_killed_are_recorded_by_who_resumes_it(
    world: World, level: PadesLevel
) -> None:
    identifier = die(world, GrantStep.STORED, level)
    lost = stored_tokens(world)
    assert len(lost) == (2 if level is PadesLevel.B_LTA else 1)
    assert lost.isdisjoint(recorded_tokens(world))
    world.home.granting.resume(identifier, GRANT)
    known = recorded_tokens(world)
    assert stored_tokens(world) > lost
    assert stored_tokens(world) <= set(known)
    assert len(known) == len(set(known)), "none twice"
    with world.home.database.reading() as connection:
        events = [event for event in list_events(connection, limit=500) if event.subject in lost]
    assert {(one.after or {})["for"] for one in events} == {identifier}
    world.check_everything()


def test_so_are_they_by_who_voids_it(world: World) -> None:
    identifier = die(world, GrantStep.STORED)
    where = ("--home", world.home.directory)
    ran = xinyin("licence", "void", identifier, "--why", "x", "--yes", *where)
    assert ran.code == 0, ran.err
    assert stored_tokens(world) <= set(recorded_tokens(world))
    world.check_everything()


def test_the_schedule_records_them_where_nobody_comes_back(world: World) -> None:
    home = world.home
    die(world, GrantStep.STORED)
    assert record_strays(home.database, home.journal, home.clock.now()) == 0, "it may be under way"
    world.clock.advance(PATIENCE)
    assert record_strays(home.database, home.journal, home.clock.now()) == 1
    assert stored_tokens(world) <= set(recorded_tokens(world))
    assert record_strays(home.database, home.journal, home.clock.now()) == 0
    world.check_everything()


def test_one_whose_licence_was_taken_over_records_its_own(world: World) -> None:
    """The file of who came too late stays in the store."""
    granting = world.home.granting

    def take_over(step: GrantStep) -> None:
        if step is GrantStep.STORED:
            granting._on_step = lambda _: None
            with world.home.database.reading() as connection:
                (pending,) = list_licences(connection)
            kept = list(granting._room.signed._events)
            granting._room.signed._events.clear()  # another process has a collector of its own
            granting.resume(pending.identifier, GRANT)
            granting._room.signed._events += kept

    granting._on_step = take_over
    with pytest.raises(ConflictError):
        world.grant()
    known = recorded_tokens(world)
    assert len(stored_tokens(world)) == 2
    assert stored_tokens(world) <= set(known)
    assert len(known) == len(set(known))


def test_a_renewal_that_lost_its_claim_keeps_its_events(world: World) -> None:
    world.grant()
    world.clock.advance(MONTH)
    slow = renewal(world)

    def overtaken(step: ArchiveStep) -> None:
        if step is ArchiveStep.STORED:
            slow._on_step = lambda _: None
            world.clock.advance(timedelta(hours=2))
            list(renewal(world).run(horizon(world), RENEW_ARCHIVE))

    slow._on_step = overtaken
    (one,) = slow.run(horizon(world), RENEW_ARCHIVE)
    assert one.fate == "lost"
    assert len(stored_tokens(world)) == 3
    assert stored_tokens(world) <= set(recorded_tokens(world))


def test_the_token_of_a_renewed_file_that_does_not_verify_is_on_record(
    sqlite_world: World,
) -> None:
    world = sqlite_world
    identifier = world.grant().licence.identifier

    def count() -> int:
        with world.home.database.reading() as connection:
            events = list_events(connection, limit=500)
        return sum((one.after or {}).get("for") == identifier for one in events)

    before = count()
    world.clock.advance(MONTH)
    worker = renewal(world)
    judge = worker._judge
    worker._judge = lambda pdf: replace(judge(pdf), signatures=())
    (failed,) = worker.run(horizon(world), RENEW_ARCHIVE)
    assert (failed.failed, before, count()) == (True, 1, 2)


def test_a_renewal_that_was_killed_is_recorded_by_the_schedule(world: World) -> None:
    home = world.home
    world.grant()
    world.clock.advance(MONTH)
    dying = renewal(world, die_at=ArchiveStep.STORED)
    dying._signed.handing_over = _Nothing  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        list(dying.run(horizon(world), RENEW_ARCHIVE))
    assert not stored_tokens(world) <= set(recorded_tokens(world))
    world.clock.advance(PATIENCE)
    GrantFinisher(home).finish()
    assert stored_tokens(world) <= set(recorded_tokens(world))


class _Nothing:
    def __enter__(self) -> tuple[()]:
        return ()

    def __exit__(self, *_: object) -> None:
        return None


def test_tokens_asked_for_as_samples_are_on_record_at_once(world: World) -> None:
    """Opening a seal asks for tokens, to learn their size; nothing is granted here."""
    home = world.home
    home.granting._room.prepare(world.types["food-operation"].seal_id, PadesLevel.B_LT)
    assert home.granting._room.signed.kept == ()
    home.open_archive_renewal()
    with home.database.reading() as connection:
        events = list_events(connection, limit=500)
    made = [(one.after or {}).get("for") for one in events if one.action == "timestamp.made"]
    assert made
    assert set(made) == {"sample"}


def test_many_tokens_are_journalled_in_lines_that_it_takes(world: World) -> None:
    home = world.home
    facts = {"imprint": "ab" * 51, "tst_info_sha256": "cd" * 32, "for": "x"}
    signed = [
        SigningEvent(home.clock.now(), "timestamp.made", f"tsa/{10**30 + number:x}", facts)
        for number in range(100)
    ]
    identifier = LicenceIdentifier("1.2.3")
    journal_with_tokens(home.database.mirror(), {"identifier": identifier}, identifier, signed)
    told = [one for one in home.journal.read() if one.kind is JournalKind.DOCUMENT]
    assert len(told) == 4
    world.clock.advance(PATIENCE)
    assert record_strays(home.database, home.journal, home.clock.now()) == 100
    assert set(recorded_tokens(world)) == {one.subject for one in signed}


def test_a_new_journal_is_read_from_its_beginning(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, home = sqlite_world, sqlite_world.home
    monkeypatch.setattr(token_record, "_BOOKMARK_EVERY", 1)
    world.grant()
    world.clock.advance(PATIENCE)
    record_strays(home.database, home.journal, home.clock.now())
    query = select(register_facts.c.value).where(register_facts.c.name == "tokens_recorded_until")
    with home.database.reading() as connection:
        assert int(connection.execute(query).scalar_one()) == home.journal.end.sequence
    for path in home.journal_directory.glob("journal-*.jsonl"):
        path.unlink()
    renew_journal(home.database, home.journal_directory, home.clock, home.actor, "测试")
    with home.database.reading() as connection:
        assert connection.execute(query).scalar_one_or_none() is None


def test_a_collector_records_at_once_what_is_for_nothing() -> None:
    durable = Collector()
    collector = Collector(durable)
    facts = {"imprint": "a", "tst_info_sha256": "b"}
    event = SigningEvent(AT, "timestamp.made", "tsa/1", facts)
    collector.record(event)
    assert [one.facts["for"] for one in durable.kept] == ["sample"]
    with collector.purpose("x"):
        collector.record(event)
    assert [one.facts["for"] for one in collector.kept] == ["x"]
    assert len(durable.kept) == 1
