"""Life of documents that several seal: stolen seals, successors, renewals, other hands,
backups, and the register of seals.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select, update

from ca.errors import SealRevokedError
from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from core.ids import AuthorityId, SealId
from registry.answers.answers import Outcome
from registry.archive.schedule import claim_due
from registry.bodies.authorities import find_seal
from registry.bodies.reorganising import AuthorityStanding, reorganise
from registry.bodies.seal_records import uses_of
from registry.bodies.seal_register import list_uses
from registry.db.tables import countersignatures, licences
from registry.granting.granting import GrantStep
from registry.granting.rounds import NotAwaitedError
from registry.licences.licences import find_licence, list_revisions
from registry.model import ConflictError, LicenceState, Reason
from registry.objects.documents import holders_copy
from signing.intake.intake import Intake
from signing.sandbox import Sandbox
from tests.permits import CHANGE_CERTIFICATE, MANAGE_AUTHORITY
from tests.registry.backup.test_backup import Machine, back_up
from tests.registry.granting.round_world import (
    FIRE,
    HEALTH,
    add_body,
    begin,
    desk,
    furnish,
    lent_intake,
    permit,
    two,
)
from tests.world import World

HEALTH_SEAL = SealId("qinglan-health-seal")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with lent_intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> World:
    furnish(world, intake)
    return world


@pytest.fixture
def small_office(sqlite_world: World, intake: Intake) -> World:
    furnish(sqlite_world, intake)
    return sqlite_world


def test_the_register_of_seals_lists_each_use(office: World) -> None:
    home, first = office.home, begin(office)
    made = desk(office).countersign(first.licence.identifier, permit(HEALTH))
    with home.database.reading() as connection:
        (use,) = list_uses(connection, HEALTH_SEAL)
        count, last = uses_of(connection, [HEALTH_SEAL])[HEALTH_SEAL]
        assert list_uses(connection, HEALTH_SEAL, until=office.clock.now() - DAY) == []
    assert (use.identifier, use.sha256, use.by) == (
        first.licence.identifier,
        made.sha256,
        "local:tester",
    )
    assert (count, last) == (1, office.clock.now())


def test_a_stolen_seal_takes_what_it_countersigned_along(office: World) -> None:
    home, identifier = office.home, begin(office).licence.identifier
    desk(office).countersign(identifier, permit(HEALTH))
    assert home.compromises.all_under(HEALTH_SEAL) == [identifier]
    assert home.compromises.all_under(SealId("qinglan-fire-seal")) == []


def test_a_revoked_seal_seals_nothing_and_the_round_waits(office: World) -> None:
    home, identifier = office.home, begin(office).licence.identifier
    with home.database.reading() as connection:
        seal = find_seal(connection, HEALTH_SEAL)
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    home.ledger.revoke(
        FIRST_ISSUING, serial, RevocationReason.KEY_COMPROMISE, office.clock.now(),
        CHANGE_CERTIFICATE,
    )  # fmt: skip
    with pytest.raises(SealRevokedError):
        desk(office).countersign(identifier, permit(HEALTH))
    with home.database.reading() as connection:
        assert len(list_revisions(connection, identifier)) == 1
        assert connection.execute(select(countersignatures.c.position)).all() == []
    assert find(office, identifier).reason is Reason.AWAITING_SIGNATURES


def test_a_successor_seals_for_who_is_no_more(office: World) -> None:
    home, identifier = office.home, begin(office).licence.identifier
    follower = AuthorityId("qinglan-care")
    add_body(office, follower, "青岚市健康局", "91320100MA0000003H")
    with home.database.writing() as connection:
        standing = AuthorityStanding(
            successor=follower, valid_until=home.today() - DAY, valid_from=None
        )
        reorganise(connection, HEALTH, standing, MANAGE_AUTHORITY, office.clock.now())
    with pytest.raises(NotAwaitedError):
        desk(office).countersign(identifier, permit(HEALTH))
    made = desk(office).countersign(identifier, permit(follower))
    assert made.progress.steps[0].authority_id == follower
    assert "青岚市健康局" in home.verifier.by_file(made.pdf).signatures[-1].signer
    office.check_everything()


def test_who_renews_the_archive_meanwhile_loses_no_seal(office: World) -> None:
    """The renewal's claim is gone once a seal was added: its timestamp would hide the seal."""
    home, identifier = office.home, begin(office).licence.identifier
    renewal = home.open_archive_renewal()
    with home.database.writing() as connection:
        for cause in ("certificate", "suite"):
            claim_due(
                connection, cause, horizon=office.clock.now() + 36_000 * DAY,  # type: ignore[arg-type]
                offers=renewal.offers, claim="c", now=office.clock.now(), after=None, limit=9,
            )  # fmt: skip
    desk(office).countersign(identifier, permit(HEALTH))
    done = desk(office).countersign(identifier, permit(FIRE))
    assert home.verifier.by_file(done.pdf).outcome is Outcome.IN_FORCE
    office.check_everything()


def test_a_refusal_while_another_seals_wins(office: World) -> None:
    home = office.home
    identifier = begin(office, two(ordered=False)).licence.identifier

    def refuse(step: GrantStep) -> None:
        if step is GrantStep.SEALED:
            desk(office)._on_step = lambda _: None
            desk(office).refuse(identifier, "不同意", permit(FIRE))

    desk(office)._on_step = refuse
    with pytest.raises(ConflictError):
        desk(office).countersign(identifier, permit(HEALTH))
    with home.database.reading() as connection:
        assert len(list_revisions(connection, identifier)) == 1
    assert find(office, identifier).state is LicenceState.CANCELLED


def test_whoever_edits_the_database_makes_no_file_good(small_office: World) -> None:
    """The state, then the rows too: what is missing is missing in the file."""
    world, first = small_office, begin(small_office)
    home, identifier = world.home, first.licence.identifier
    with home.database.writing() as connection:
        connection.execute(
            update(licences)
            .where(licences.c.identifier == identifier)
            .values(state=LicenceState.IN_FORCE, reason=None)
        )
    for answer in (home.verifier.by_file(first.pdf), home.verifier.by_code(first.licence.number)):
        assert answer.status.code == "awaiting_signatures"
    told = [one.text.en for one in home.audit.verify(home.audit.public_keys()).findings]
    assert any(identifier in one for one in told), told
    with home.database.writing() as connection:
        for position, authority in enumerate((HEALTH, FIRE), 1):
            connection.execute(
                countersignatures.insert().values(
                    identifier=identifier,
                    position=position,
                    state="SIGNED",
                    authority_id=authority,
                    begun_at=world.clock.now(),
                )
            )
    answer = home.verifier.by_file(first.pdf)
    assert (answer.outcome, answer.status.code) == (Outcome.NOT_IN_FORCE, "later_revision")
    told = [one.text.en for one in home.audit.verify(home.audit.public_keys()).findings]
    assert sum(identifier in one for one in told) > 1, told


def test_a_restore_waits_for_the_seals_that_it_lost(
    small_office: World, tmp_path: Path, sandbox: Sandbox
) -> None:
    world, first = small_office, begin(small_office)
    home, identifier = world.home, first.licence.identifier
    desk(world).countersign(identifier, permit(HEALTH))
    snapshot = back_up(world, tmp_path / "backups")
    done = desk(world).countersign(identifier, permit(FIRE))
    assert home.verifier.by_file(done.pdf).outcome is Outcome.IN_FORCE
    url = f"sqlite:///{tmp_path}/restored.db"
    machine = Machine(tmp_path / "restored", url, sandbox)
    machine.restore(snapshot, home.journal_directory)
    with machine.open(world.clock) as restored:
        there = restored.home
        assert find(restored, identifier).reason is Reason.AWAITING_SIGNATURES
        lost = there.verifier.by_file(done.pdf)
        assert lost.outcome is not Outcome.IN_FORCE
        restored.check_audit()
        again = there.countersigning.countersign(identifier, permit(FIRE))
        assert there.verifier.by_file(again.pdf).outcome is Outcome.IN_FORCE
        restored.check_audit()


def test_the_holders_copy_is_the_complete_document(small_office: World) -> None:
    world, first = small_office, begin(small_office)
    identifier = first.licence.identifier
    desk(world).countersign(identifier, permit(HEALTH))
    done = desk(world).countersign(identifier, permit(FIRE))
    with world.home.database.reading() as connection:
        known = list_revisions(connection, identifier)
    assert holders_copy(world.home.store, known) == done.pdf
    again = begin(world)
    assert (again.repeated, again.pdf) == (True, done.pdf)
    assert replace(again.licence, state=LicenceState.IN_FORCE) == again.licence


def find(world: World, identifier: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    with world.home.database.reading() as connection:
        return find_licence(connection, identifier)
