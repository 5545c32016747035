"""Archive renewal: each document once, all of them known to the register, cut off anywhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, zip_longest

import pytest
from sqlalchemy import Connection, event, select, update

from ca.recorder import Collector
from core.ids import LicenceIdentifier
from registry.answers.answers import CheckResult, Outcome
from registry.archive.renewal import ArchiveRenewal, ArchiveStep, DocumentRenewal, Fate
from registry.archive.schedule import LEASE, UNREAD, RenewalCause, claim_due, look_ahead
from registry.audit.events import list_events
from registry.db.tables import protections
from registry.granting.granting import Granted
from registry.ledger.trust import TrustReader
from registry.licences.licences import LicenceChange, change_state, list_revisions
from registry.model import Reason, Revision
from registry.objects.documents import archive_copy, holders_copy
from registry.objects.files import FileStore
from signing.levels import PadesLevel
from signing.report import Indication, LaterChanges, ValidationReport
from signing.sealing.archive import Archiver
from signing.validation import validate_pdf
from tests.permits import CHANGE_LICENCE, RENEW_ARCHIVE
from tests.registry.db.test_migrations import as_of, before
from tests.world import World

MONTH = timedelta(days=25)
FOUR_YEARS = timedelta(days=4 * 365)
"""Beyond the end of a seal's certificate, within that of the TSA's."""


class Killed(BaseException):
    """The process died here."""


def renewal(world: World, die_at: ArchiveStep | None = None) -> ArchiveRenewal:
    """Return what renews, as in a process of its own."""
    home, signed = world.home, Collector()
    trust = TrustReader(home.ledger, home.clock)

    def judge(pdf: bytes) -> ValidationReport:
        return validate_pdf(pdf, trust(), home.clock.now())

    def on_step(step: ArchiveStep) -> None:
        if step is die_at:
            raise Killed

    return ArchiveRenewal(
        database=home.database,
        store=home.store,
        archiver=Archiver(home.hierarchy.timestamps_recorded_by(signed), home.hierarchy.validation),
        signed=signed,
        judge=judge,
        clock=home.clock,
        within=FOUR_YEARS,
        on_step=on_step,
    )


def horizon(world: World) -> datetime:
    return world.clock.now() + FOUR_YEARS


def run(world: World, **options: int) -> list[DocumentRenewal]:
    return list(renewal(world).run(horizon(world), RENEW_ARCHIVE, **options))  # type: ignore[arg-type]


def known(world: World, granted: Granted) -> list[Revision]:
    with world.home.database.reading() as connection:
        return list_revisions(connection, granted.licence.identifier)


def test_every_state_is_renewed_and_both_copies_stay_known(world: World) -> None:
    lives = [world.grant(0), world.grant(1, level=PadesLevel.B_LTA)]
    cancelled = world.grant(2)
    with world.home.database.writing() as connection:
        change_state(
            connection,
            cancelled.licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )
    world.clock.advance(MONTH)
    done = run(world)
    # The one sealed at B-LTA rests on the TSA's certificate already, for longer than asked for.
    assert {one.identifier for one in done} == {
        lives[0].licence.identifier,
        cancelled.licence.identifier,
    }
    assert {one.fate for one in done} == {Fate.RENEWED}
    world.clock.advance(timedelta(minutes=1))
    for granted in (*lives, cancelled):
        revisions = known(world, granted)
        holder, archived = (
            holders_copy(world.home.store, revisions),
            archive_copy(world.home.store, revisions),
        )
        assert holder == granted.pdf
        assert archived.startswith(holder)
        for pdf in (holder, archived):
            answer = world.home.verifier.by_file(pdf)
            gone = granted is cancelled
            assert answer.outcome is (Outcome.NOT_IN_FORCE if gone else Outcome.IN_FORCE)
            assert answer.integrity.result is CheckResult.PASSED
            assert answer.integrity.code == "registered_document"
        assert answer.signatures[0].level == "B-LTA"
    world.check_everything()


def test_running_again_adds_nothing(world: World) -> None:
    granted = world.grant()
    assert [one.fate for one in run(world)] == [Fate.RENEWED]
    assert run(world) == []
    assert [one.sequence for one in known(world, granted)] == [0, 1]
    with world.home.database.reading() as connection:
        events = list_events(connection, subject=granted.licence.identifier, limit=100)
        seen = look_ahead(
            connection,
            now=world.clock.now(),
            horizon=world.clock.now() + 3 * FOUR_YEARS,
            offers=renewal(world).offers,
        )
    assert [one.action for one in events].count("archive.renewed") == 1
    # With the same TSA certificate a further timestamp would gain nothing, however far one looks.
    assert (seen.documents, seen.due, seen.waiting, seen.overdue) == (1, 0, 1, 0)


@pytest.mark.parametrize("die_at", list(ArchiveStep))
def test_cut_off_at_any_step_it_is_renewed_once(sqlite_world: World, die_at: ArchiveStep) -> None:
    world = sqlite_world
    granted = [world.grant(0), world.grant(1)]
    with pytest.raises(Killed):
        list(renewal(world, die_at).run(horizon(world), RENEW_ARCHIVE))
    run(world)
    assert run(world) == []
    for one in granted:
        assert [revision.sequence for revision in known(world, one)] == [0, 1]
    world.check_everything()


def test_what_a_dead_process_holds_is_taken_over_after_its_lease(world: World) -> None:
    world.grant()
    with world.home.database.writing() as connection:
        held = claim_due(
            connection,
            RenewalCause.CERTIFICATE,
            horizon=horizon(world),
            offers=renewal(world).offers,
            claim="dead",
            now=world.clock.now(),
            after=None,
            limit=10,
        )
    assert len(held) == 1
    assert run(world) == []
    world.clock.advance(LEASE)
    assert [one.fate for one in run(world)] == [Fate.RENEWED]


def test_several_processes_share_the_work(world: World) -> None:
    granted = [world.grant(index) for index in range(12)]
    runs: list[Iterator[DocumentRenewal]] = [
        renewal(world).run(horizon(world), RENEW_ARCHIVE) for _ in range(2)
    ]
    done = [one for one in chain.from_iterable(zip_longest(*runs)) if one is not None]
    assert {one.fate for one in done} == {Fate.RENEWED}
    assert len(done) == len(granted)
    for one in granted:
        assert [revision.sequence for revision in known(world, one)] == [0, 1]


def test_a_process_that_was_overtaken_registers_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant()
    slow = renewal(world)

    def overtake(step: ArchiveStep) -> None:
        if step is ArchiveStep.STORED:
            world.clock.advance(LEASE)
            assert [one.fate for one in run(world)] == [Fate.RENEWED]

    slow._on_step = overtake
    assert [one.fate for one in slow.run(horizon(world), RENEW_ARCHIVE)] == [Fate.LOST]
    assert [revision.sequence for revision in known(world, granted)] == [0, 1]


def test_a_damaged_document_is_reported_and_left(sqlite_world: World) -> None:
    world = sqlite_world
    bad, good = world.grant(0), world.grant(1)
    path = FileStore(world.home.directory / "objects").path(bad.sha256)
    path.write_bytes(path.read_bytes()[:-1])
    done = {one.identifier: one for one in run(world)}
    assert done[bad.licence.identifier].fate is Fate.DAMAGED
    assert done[bad.licence.identifier].code == "damaged_object"
    assert done[good.licence.identifier].fate is Fate.RENEWED
    assert len(known(world, bad)) == 1
    # Damage does not use up the limit, so that it never keeps others from their turn.
    assert [one.fate for one in run(world, limit=1)] == [Fate.DAMAGED]


def test_a_renewed_file_that_does_not_verify_is_not_registered(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant()
    before = known(world, granted)
    world.clock.advance(MONTH)
    good = renewal(world)._judge

    def not_trusted(pdf: bytes) -> ValidationReport:
        report = good(pdf)
        newest = replace(report.signatures[-1], indication=Indication.INDETERMINATE)
        return replace(report, signatures=(*report.signatures[:-1], newest))

    def changed(pdf: bytes) -> ValidationReport:
        report = good(pdf)
        seal = replace(report.signatures[0], later_changes=LaterChanges.CONTENT_CHANGED)
        return replace(report, signatures=(seal, *report.signatures[1:]))

    def broken(pdf: bytes) -> ValidationReport:
        report = good(pdf)
        seal = replace(report.signatures[0], intact=False)
        return replace(report, signatures=(seal, *report.signatures[1:]))

    def empty(pdf: bytes) -> ValidationReport:
        return replace(good(pdf), signatures=())

    for judge in (not_trusted, changed, broken, empty):
        worker = renewal(world)
        worker._judge = judge
        (failed,) = worker.run(horizon(world), RENEW_ARCHIVE)
        assert (failed.fate, failed.failed) == (Fate.FAILED, True)
        assert "does not verify" in (failed.why.en if failed.why else "")
        assert known(world, granted) == before
    assert [one.fate for one in run(world)] == [Fate.RENEWED]


def test_limit_and_budget(sqlite_world: World) -> None:
    world = sqlite_world
    for index in range(3):
        world.grant(index)
    assert len(run(world, limit=2)) == 2
    one = renewal(world)
    assert one.renew_due(world.clock.now(), timedelta(0), permit=RENEW_ARCHIVE) == []
    assert one.count(horizon(world)) == 1
    assert one.renew_due(world.clock.now(), timedelta(minutes=1), permit=RENEW_ARCHIVE) == []
    assert one.count(horizon(world)) == 0


def test_a_register_from_before_is_read_first(world: World) -> None:
    granted = world.grant()
    with as_of(world.home.database, before("0009")):
        pass
    with world.home.database.reading() as connection:
        row = connection.execute(select(protections)).one()
    assert (row.suite, row.sequence) == (UNREAD, 0)
    soon = world.clock.now() + MONTH
    assert [one.fate for one in renewal(world).run(soon, RENEW_ARCHIVE)] == [Fate.NOT_DUE]
    assert list(renewal(world).run(soon, RENEW_ARCHIVE)) == []
    with world.home.database.reading() as connection:
        row = connection.execute(select(protections)).one()
    assert row.suite == "ecdsa-p256/sha256"
    assert len(known(world, granted)) == 1


def test_an_algorithm_that_ends_makes_documents_due(sqlite_world: World) -> None:
    world = sqlite_world
    world.grant(level=PadesLevel.B_LTA)
    assert list(renewal(world).run(world.clock.now() + MONTH, RENEW_ARCHIVE)) == []
    with world.home.database.writing() as connection:
        connection.execute(update(protections).values(suite="rsa-2048/sha256"))
    # What the row says is checked against the file before anything is done.
    far = world.clock.now() + FOUR_YEARS + timedelta(days=200)
    assert [one.fate for one in renewal(world).run(far, RENEW_ARCHIVE)] == [Fate.NOT_DUE]


def test_looking_for_what_is_due_reads_an_index(sqlite_world: World) -> None:
    world, plans = sqlite_world, []
    offers = renewal(world).offers

    @event.listens_for(world.home.database.engine, "before_cursor_execute", retval=False)
    def explain(
        connection: Connection, cursor: object, statement: str, parameters: object, *_: object
    ) -> None:
        del cursor
        if statement.startswith("SELECT protections"):
            raw = connection.connection.cursor()
            raw.execute("EXPLAIN QUERY PLAN " + statement, parameters)  # type: ignore[arg-type]
            plans.append(str([row[-1] for row in raw.fetchall()]))

    with world.home.database.writing() as connection:
        for cause in RenewalCause:
            claim_due(
                connection,
                cause,
                horizon=horizon(world),
                offers=offers,
                claim="x",
                now=world.clock.now(),
                after=(world.clock.now(), LicenceIdentifier("1.2.156")),
                limit=8,
            )
    assert len(plans) == len(RenewalCause)
    assert all("SCAN" not in plan for plan in plans), plans
