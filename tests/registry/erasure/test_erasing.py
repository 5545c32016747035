"""Erasure: what goes, what stays, who is told, and that nothing comes back."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from core.errors import NotAllowedError
from core.permits import Action
from home.privacy import seal_codes
from home.wiring import Home
from registry.answers.answers import CheckResult, Outcome
from registry.archive.renewal import ArchiveStep, Fate
from registry.backup.check import check_backup
from registry.backup.dump import BadBackupError
from registry.db.tables import licences, protections, register_facts, search_entries, search_grams
from registry.erasure.erasing import (
    erase_licence,
    hold,
    list_due,
)
from registry.erasure.sweep import sweep
from registry.erasure.words import ErasedBy, OnHoldError, years_later
from registry.facts.code_index import CODE_INDEX
from registry.granting.granting import GrantStep
from registry.health.privacy import check_retention
from registry.journal.journal import JournalKind
from registry.licences.corrections.rows import CorrectionState, evidence_of, find_correction
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.licences.licences import (
    ErasedError,
    LicenceChange,
    change_state,
    find_licence,
    is_erased,
    list_licences,
    list_revisions,
)
from registry.licences.links import link_of
from registry.model import ConflictError, Licence, NotFoundError, Reason
from registry.objects.files import FileStore
from registry.reconcile.keeping import ERASED
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.sandbox import Sandbox
from tests.permits import CHANGE_LICENCE, GRANT, MANAGE_AUTHORITY, RENEW_ARCHIVE
from tests.registry.archive.test_renewal import horizon, renewal
from tests.registry.backup.test_backup import Machine, back_up
from tests.registry.erasure.test_sealing import found_of
from tests.registry.legacy import put_in_the_clear
from tests.registry.licences.corrections.test_rows import PDF, ask, decide, new
from tests.registry.privacy.test_codes import every_text
from tests.world import World


def cancel(world: World, licence: Licence) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.SURRENDERED,
            basis="申请注销",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


def erase(world: World, licence: Licence, *, files: bool = True) -> None:
    home = world.home
    with home.database.writing() as connection:
        erase_licence(
            connection,
            licence.identifier,
            ErasedBy.DECISION,
            "当事人申请",
            home.permit(Action.ERASE_LICENCE),
            home.clock.now(),
            home.today(),
        )
    if files:
        sweep(home.database, home.store, home.journal)


def stored(world: World) -> set[str]:
    return set(world.home.store.list_objects())


@pytest.fixture
def gone(world: World) -> tuple[World, Licence, bytes]:
    """A world, and a person's licence that was erased in it, with its file."""
    granted = world.grant(0, "disability")
    cancel(world, granted.licence)
    erase(world, granted.licence)
    return world, granted.licence, granted.pdf


@pytest.mark.parametrize("files", [True, False], ids=["swept", "to be swept"])
def test_backups_go_on_being_made(world: World, tmp_path: Path, *, files: bool) -> None:
    """What was erased is missed in none; what is lost is."""
    erased, kept = world.grant(0), world.grant(1)
    cancel(world, erased.licence)
    before = back_up(world, tmp_path / "backups")
    erase(world, erased.licence, files=files)
    after = back_up(world, tmp_path / "backups")
    for snapshot in (before, after):
        check_backup(snapshot, snapshot.parent / "objects", list)
    of_home = world.home.store.store
    assert isinstance(of_home, FileStore)
    of_home.path(kept.sha256).unlink()
    with pytest.raises(BadBackupError):
        back_up(world, tmp_path / "backups")


def test_nothing_of_its_holder_is_left(gone: tuple[World, Licence, bytes]) -> None:
    world, licence, _ = gone
    holder = licence.holders[0]
    with world.home.database.reading() as connection:
        for said in every_text(connection):
            assert holder.name not in said
            assert holder.code not in said
            assert licence.number not in said
        row = connection.execute(select(licences)).one()
        words = connection.execute(select(search_entries.c.words)).scalars().all()
        grams = connection.execute(select(search_grams.c.gram)).scalars().all()
        assert connection.execute(select(protections)).all() == []
    assert (row.secret, row.salt, row.holder_code, row.photo_sha256) == (None,) * 4
    assert (words, len(grams)) == ([""], 2), "its authority and its type"
    assert stored(world) == set(), "document and photo"
    for path in world.home.directory.rglob("*"):
        if path.is_file() and path.suffix in (".jsonl", ".db"):
            assert holder.code.encode() not in path.read_bytes(), path
    world.check_audit()


def test_what_stays_is_told(gone: tuple[World, Licence, bytes]) -> None:
    """By its file, its digest and its link; a person's number and identifier are not asked by."""
    world, licence, pdf = gone
    by_file = world.home.verifier.by_file(pdf)
    digest = by_file.sha256
    assert digest is not None
    link = link_of(world.home.settings.service.public_url, licence)
    answers = [by_file, world.home.verifier.by_digest(digest), world.home.verifier.by_code(link)]  # type: ignore[arg-type]
    for answer in answers:
        assert answer.outcome is Outcome.NOT_IN_FORCE
        assert answer.licence is not None
        assert answer.licence.erased_on == world.home.today()
        assert answer.licence.number == "***"
        assert answer.public_fields == ()
        assert "erased" in answer.summary.en
        assert "已于" in answer.summary.zh
        assert licence.holders[0].name not in repr(answer)
    assert [one.integrity.result for one in answers[:2]] == [CheckResult.PASSED] * 2
    altered = world.home.verifier.by_file(pdf[:2000] + b"x" + pdf[2001:])
    assert altered.outcome is Outcome.ALTERED
    with world.home.database.reading() as connection:
        left = find_licence(connection, licence.identifier)
        page = LicenceFinder(connection).page(LicenceFilter(world.home.today()))
    assert left.erased_at == world.clock.now()
    assert "erased" in left.holders[0].name
    assert [one.identifier for one in page.licences] == [licence.identifier]
    with pytest.raises(ErasedError):
        world.home.granting.granted(licence.identifier)


def test_a_number_without_a_code_stays_and_is_found(world: World) -> None:
    licence = world.grant(0).licence
    cancel(world, licence)
    erase(world, licence)
    answer = world.home.verifier.by_code(licence.number)
    assert answer.licence is not None
    assert answer.licence.number == licence.number
    assert "erased" in answer.summary.en
    world.check_audit()


def test_what_is_in_force_held_or_erased_is_not_erased(world: World) -> None:
    licence = world.grant(0).licence
    permit, now = world.home.permit(Action.ERASE_LICENCE), world.clock.now()
    with pytest.raises(ConflictError, match="force"):
        erase(world, licence)
    cancel(world, licence)
    with world.home.database.writing() as connection:
        hold(connection, licence.identifier, "行政诉讼", permit, now, why="行政诉讼")
    with pytest.raises(OnHoldError):
        erase(world, licence)
    world.check_audit()
    with world.home.database.writing() as connection:
        hold(connection, licence.identifier, None, permit, now, why="结案")
    with pytest.raises(NotAllowedError), world.home.database.writing() as connection:
        erase_licence(
            connection, licence.identifier, ErasedBy.DECISION, "x", CHANGE_LICENCE, now,
            world.home.today(),
        )  # fmt: skip
    erase(world, licence)
    with pytest.raises(ConflictError):
        erase(world, licence)
    world.check_audit()


def test_killed_between_mark_and_removal_the_service_finishes_it(world: World) -> None:
    licence = world.grant(0).licence
    kept = world.grant(1).licence
    cancel(world, licence)
    before = stored(world)
    erase(world, licence, files=False)
    assert stored(world) == before
    assert any("1" in one.said.en for one in found_of(world, check_retention))
    assert sweep(world.home.database, world.home.store, world.home.journal) == 1
    assert sweep(world.home.database, world.home.store, world.home.journal) == 0
    assert len(stored(world)) == len(before) - 1
    with world.home.database.reading() as connection:
        assert find_licence(connection, kept.identifier).erased_at is None
    world.check_audit()


def test_the_journal_hears_of_it_before_the_commit(world: World) -> None:
    licence = world.grant(0).licence
    cancel(world, licence)
    erase(world, licence)
    told = world.home.journal.last(JournalKind.ERASED)
    assert told is not None
    assert told.facts["identifier"] == licence.identifier
    assert licence.holders[0].name not in str(told.facts)


def test_requests_to_correct_it_go_with_it(world: World) -> None:
    """Decided and open ones: what they say, where to reach whom, and their files."""
    licence = world.grant(0).licence
    decided, _ = ask(world, licence, new())
    decide(world, decided, CorrectionState.REFUSED)
    left, _ = ask(world, licence, new())
    other, _ = ask(world, world.grant(1).licence, new())
    cancel(world, licence)
    erase(world, licence)
    with world.home.database.reading() as connection:
        for one in (decided, left):
            found = find_correction(connection, one.correction_id)
            assert (found.field, found.wanted, found.reason, found.contact) == (None,) * 4
            assert (found.state, found.files) == (CorrectionState.REFUSED, 0)
            with pytest.raises(NotFoundError):
                evidence_of(connection, one.correction_id, 1)
        assert find_correction(connection, other.correction_id) == other
        assert evidence_of(connection, other.correction_id, 1).content == PDF
    with pytest.raises(ErasedError):
        ask(world, licence, new())
    world.check_audit()


def test_an_erasure_that_nobody_made_is_told(world: World) -> None:
    licence = world.grant(0).licence
    this = licences.c.identifier == licence.identifier
    with world.home.database.writing() as connection:
        connection.execute(
            update(licences)
            .where(this)
            .values(erased_at=world.clock.now(), erased_by="DECISION", holders=[], data={})
        )
    home = world.home
    found = home.audit.verify(home.audit.public_keys()).findings
    assert any(licence.identifier in one.text.en for one in found)
    assert ERASED not in str(found)


def test_a_type_says_for_how_long(world: World) -> None:
    """From the day after so many whole years since it ended; without a rule it is kept."""
    licence = world.grant(0).licence
    cancel(world, licence)
    kind = world.types["food-operation"].licence_type

    def due(day: date) -> list[str]:
        with world.home.database.reading() as connection:
            found, _ = list_due(connection, day)
        return [one.licence.identifier for one in found]

    ended = world.clock.now().date()
    assert due(ended + timedelta(days=36500)) == []
    source = f"{kind.source}\n[retention]\nyears = 5\n"
    with world.home.database.writing() as connection:
        put_type(connection, parse_type(source), MANAGE_AUTHORITY, world.clock.now())
    last = ended.replace(year=ended.year + 5)
    assert (due(last), due(last + timedelta(days=1))) == ([], [licence.identifier])
    with world.home.database.writing() as connection:
        permit = world.home.permit(Action.ERASE_LICENCE)
        hold(connection, licence.identifier, "x", permit, world.clock.now(), why="x")
    assert due(last + timedelta(days=1)) == []
    assert years_later(date(2024, 2, 29), 1) == date(2025, 3, 1)


def test_no_file_of_another_goes_with_it(world: World, tmp_path: Path) -> None:
    """The same photo on another licence is that one's."""
    first, second = (world.grant(index, "disability").licence for index in range(2))
    with world.home.database.writing() as connection:
        photo = connection.execute(
            select(licences.c.photo_sha256).where(licences.c.identifier == first.identifier)
        ).scalar_one()
        assert photo is not None
        this = licences.c.identifier == second.identifier
        connection.execute(update(licences).where(this).values(photo_sha256=photo))
    cancel(world, first)
    erase(world, first)
    assert photo in stored(world)
    del tmp_path


def test_a_restore_of_an_older_backup_erases_again(
    world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Row, search and files; the audit's event says by whom."""
    url = f"sqlite:///{tmp_path}/new/registry.db"
    laptop = Machine(tmp_path / "new", url, sandbox)
    licence = world.grant(0, "disability").licence
    cancel(world, licence)
    snapshot = back_up(world, tmp_path / "backups")
    erase(world, licence)
    merged = laptop.restore(snapshot, world.home.directory / "journal")
    assert merged.erased == [licence.identifier]
    with closing(Home(laptop.directory, {})) as again:
        with again.database.reading() as connection:
            for said in every_text(connection):
                assert licence.holders[0].name not in said
                assert licence.number not in said
            assert find_licence(connection, licence.identifier).erased_at == world.clock.now()
        assert again.store.list_objects() == []
        report = again.audit.verify(again.audit.public_keys())
        assert report.findings == []


def test_a_backup_of_after_an_erasure_is_whole_and_can_be_restored(
    sqlite_world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    world = sqlite_world
    licence, other = world.grant(0, "disability").licence, world.grant(0).licence
    cancel(world, licence)
    erase(world, licence)
    snapshot = back_up(world, tmp_path / "backups")
    laptop = Machine(tmp_path / "new", f"sqlite:///{tmp_path}/new/registry.db", sandbox)
    assert laptop.restore(snapshot, world.home.directory / "journal").erased == []
    with closing(Home(laptop.directory, {})) as again, again.database.reading() as connection:
        assert find_licence(connection, licence.identifier).erased_at == world.clock.now()
        (revision,) = list_revisions(connection, other.identifier)
        assert again.store.get(revision.sha256)
    objects = tmp_path / "backups" / "objects"
    check_backup(snapshot, objects, list)
    FileStore(objects).path(revision.sha256).unlink()
    with pytest.raises(BadBackupError, match=revision.sha256):
        check_backup(snapshot, objects, list)


def test_a_restore_of_a_backup_of_before_codes_were_sealed_erases_again(
    world: World, sandbox: Sandbox, tmp_path: Path
) -> None:
    """It has no keys; the number that stays needs one of them."""
    licence = world.grant(0, "disability").licence
    cancel(world, licence)
    directory = world.home.directory / "privacy"
    with world.home.database.writing() as connection:
        put_in_the_clear(connection)
        connection.execute(delete(register_facts).where(register_facts.c.name == CODE_INDEX))
    directory.rename(tmp_path / "aside")
    snapshot = back_up(world, tmp_path / "backups")
    (tmp_path / "aside").rename(directory)
    seal_codes(world.home, world.home.actor)
    erase(world, licence)
    laptop = Machine(tmp_path / "new", f"sqlite:///{tmp_path}/new/registry.db", sandbox)
    merged = laptop.restore(snapshot, world.home.directory / "journal")
    assert merged.erased == [licence.identifier]
    with closing(Home(laptop.directory, {})) as again:
        seal_codes(again, again.actor)
        with again.database.reading() as connection:
            assert licence.number not in "".join(every_text(connection))
            assert find_licence(connection, licence.identifier).erased_at == world.clock.now()
        assert again.store.list_objects() == []


@pytest.mark.parametrize("at", [ArchiveStep.CLAIMED, ArchiveStep.STORED])
def test_erased_while_its_proof_is_renewed_it_leaves_no_longer_file(
    sqlite_world: World, at: ArchiveStep
) -> None:
    world = sqlite_world
    licence = world.grant().licence
    cancel(world, licence)
    slow = renewal(world)

    def overtake(step: ArchiveStep) -> None:
        with world.home.database.reading() as connection:
            erased = is_erased(connection, licence.identifier)
        if step is at and not erased:
            erase(world, licence)

    slow._on_step = overtake
    assert [one.fate for one in slow.run(horizon(world), RENEW_ARCHIVE)] == [Fate.LOST]
    assert world.home.store.list_objects() == []


@pytest.mark.parametrize("renewed", [True, False])
def test_a_file_that_was_stored_and_never_registered_is_removed_too(
    world: World, *, renewed: bool
) -> None:
    """Killed between the two: the digest stands in the journal alone."""

    class KilledError(BaseException):
        pass

    def die(step: object) -> None:
        if step in (ArchiveStep.STORED, GrantStep.STORED):
            raise KilledError

    if renewed:
        licence = world.grant(0).licence
        slow = renewal(world)
        slow._on_step = die
        with pytest.raises(KilledError):
            list(slow.run(horizon(world), RENEW_ARCHIVE))
    else:
        world.home.granting._on_step = die
        with pytest.raises(KilledError):
            world.grant(0)
        world.home.granting._on_step = lambda _: None
        with world.home.database.reading() as connection:
            (pending,) = list_licences(connection, limit=None)
        world.clock.advance(timedelta(hours=1))  # the claim of who was killed lapses
        licence = world.home.granting.resume(pending.identifier, GRANT).licence
    other = world.grant(1).licence
    assert len(stored(world)) == 3, "one of them unregistered"
    cancel(world, licence)
    erase(world, licence)
    with world.home.database.reading() as connection:
        (left,) = list_revisions(connection, other.identifier)
    assert stored(world) == {left.sha256}
