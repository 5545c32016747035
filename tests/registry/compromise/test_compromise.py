"""A seal's key falls into other hands: who stays, who leaves force, and how they come back.

The world's clock stands at T when the first licence is sealed; the key was lost an hour later.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.report import AdESPassed
from sqlalchemy import Connection

from ca.errors import RevocationRefusedError, SealRevokedError
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import CertificateState, RevocationReason
from ca.validation.validation_data import ValidationData
from cli.ca.certificate_target import find_fingerprint
from core.ids import LicenceIdentifier, SealId
from registry.answers.answers import Outcome, VerificationAnswer
from registry.audit.events import list_events
from registry.bodies.authorities import find_seal
from registry.compromise.cases import CompromiseCase, is_told
from registry.compromise.compromise import Compromises
from registry.granting.granting import GrantStep
from registry.ledger.trust import TrustReader
from registry.licences.licences import (
    LicenceChange,
    change_state,
    find_licence,
    list_licences,
    list_revisions,
)
from registry.model import CompromiseFinding, ConflictError, Licence, LicenceState, Reason, Seal
from signing.levels import PadesLevel
from signing.report import Indication
from tests.permits import CHANGE_CERTIFICATE, CHANGE_LICENCE, GRANT, HANDLE_COMPROMISE, MANAGE_SEAL
from tests.signing.pyhanko_validation import Judge
from tests.world import World

HOUR = timedelta(hours=1)
BASIS = "令牌失窃"


class Hands:
    """The steps of a case, as the command takes them."""

    def __init__(self, world: World, since: datetime) -> None:
        self.world, self.since, home = world, since, world.home
        self.before = seal_of(world)
        self.fingerprint = fingerprint(self.before)
        self.desk = Compromises(
            database=home.database,
            store=home.store,
            validator=home.sandbox,
            trust=TrustReader(home.ledger, home.clock),
            workers=1,
            clock=home.clock,
            zone=home.zone,
            random=secrets.token_bytes,
            ledger=home.ledger,
            open_crls=home.open_crls,
        )

    def begin(self) -> CompromiseCase:
        case = CompromiseCase(self.before.seal_id, self.fingerprint, self.since, BASIS, reseal=True)
        entry = find_fingerprint(self.world.home, self.fingerprint)
        return self.desk.begin(case, entry, HANDLE_COMPROMISE)

    def resume(self, case: CompromiseCase) -> None:
        entry = find_fingerprint(self.world.home, case.certificate_sha256)
        self.desk.resume(case, entry, HANDLE_COMPROMISE)

    def judge(self, case: CompromiseCase) -> dict[LicenceIdentifier, CompromiseFinding]:
        found = self.desk.judge(case, self.desk.waiting(case), permit=HANDLE_COMPROMISE)
        return {one.identifier: one.finding for one in found}

    def run(self) -> dict[LicenceIdentifier, CompromiseFinding]:
        case = self.begin()
        found = self.judge(case)
        self.desk.finish(case, permit=HANDLE_COMPROMISE)
        return found

    def reseal(self) -> list[Licence]:
        home, seal_id = self.world.home, self.before.seal_id
        if seal_of(self.world) == self.before:
            home.seal_maker.renew(seal_id, MANAGE_SEAL)
        resealing = home.resealing
        waiting = resealing.waiting(seal_id, home.today())
        return [resealing.reseal(one, BASIS, permit=HANDLE_COMPROMISE).licence for one in waiting]


def seal_of(world: World) -> Seal:
    with world.home.database.reading() as connection:
        return find_seal(connection, SealId(world.types["food-operation"].seal_id))


def fingerprint(seal: Seal) -> str:
    return hashlib.sha256(seal.certificate).hexdigest()


def on_record(world: World, identifier: LicenceIdentifier) -> Licence:
    with world.home.database.reading() as connection:
        return find_licence(connection, identifier)


def change(
    world: World, identifier: LicenceIdentifier, what: LicenceChange, reason: Reason | None
) -> Licence:
    with world.home.database.writing() as connection:
        return change_state(
            connection,
            identifier,
            what,
            reason=reason,
            basis=BASIS,
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


def verify(world: World, pdf: bytes) -> VerificationAnswer:
    return world.home.verifier.by_file(pdf)


def test_what_a_timestamp_places_before_stays_and_the_rest_leaves_force(world: World) -> None:
    early, untimed = world.grant(0), world.grant(1, level=PadesLevel.B_B)
    since = world.clock.now() + HOUR
    world.clock.advance(2 * HOUR)
    late, archived = world.grant(2), world.grant(3, level=PadesLevel.B_LTA)
    withheld = world.grant(4)
    change(world, withheld.licence.identifier, LicenceChange.SUSPEND, Reason.WITHHELD)
    cancelled = world.grant(5)
    change(world, cancelled.licence.identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    other_seal = world.grant(0, "disability")
    world.clock.advance(HOUR)
    hands = Hands(world, since)
    assert hands.run() == {
        early.licence.identifier: CompromiseFinding.PROVEN,
        **{
            one.licence.identifier: CompromiseFinding.UNPROVEN
            for one in (untimed, late, archived, withheld)
        },
    }
    answer = verify(world, early.pdf)
    assert answer.outcome is Outcome.IN_FORCE
    assert answer.signatures[0].indication is Indication.TOTAL_PASSED
    for granted in (untimed, late, archived):
        answer = verify(world, granted.pdf)
        assert (answer.outcome, answer.integrity.result) == (Outcome.NOT_IN_FORCE, "passed")
        assert answer.licence is not None
        assert (answer.licence.state, answer.licence.reason) == (
            LicenceState.SUSPENDED,
            Reason.SEAL_COMPROMISED,
        )
        assert "sealed anew" in answer.summary.en
        assert answer.signatures[0].indication is not Indication.TOTAL_PASSED
    assert on_record(world, withheld.licence.identifier).reason is Reason.WITHHELD
    assert on_record(world, cancelled.licence.identifier).state is LicenceState.CANCELLED
    assert verify(world, other_seal.pdf).outcome is Outcome.IN_FORCE
    world.check_everything()


def test_each_is_sealed_anew_as_the_same_licence(world: World) -> None:
    since = world.clock.now()
    world.clock.advance(HOUR)
    photo = world.grant(0, "food-operation", level=PadesLevel.B_B)
    hands = Hands(world, since)
    hands.run()
    world.clock.advance(timedelta(days=3))
    old = photo.licence
    with pytest.raises(SealRevokedError):
        world.grant(1)
    (new,) = hands.reseal()
    assert hands.reseal() == []
    before = on_record(world, old.identifier)
    assert (before.state, before.reason, before.replaced_by) == (
        LicenceState.REPLACED,
        Reason.RESEALED,
        new.identifier,
    )
    same = ("number", "holders", "data", "valid_from", "valid_until", "granted_on", "type_code")
    assert [getattr(new, one) for one in same] == [getattr(old, one) for one in same]
    assert (new.state, new.reason) == (LicenceState.IN_FORCE, None)
    answer = verify(world, document_of(world, new))
    assert answer.outcome is Outcome.IN_FORCE
    assert answer.signatures[0].level == "B-LT"
    assert answer.signatures[0].certificate_sha256 == fingerprint(seal_of(world))
    assert verify(world, photo.pdf).outcome is Outcome.NOT_IN_FORCE
    assert world.grant(1).licence.state is LicenceState.IN_FORCE
    world.check_everything()


def document_of(world: World, licence: Licence) -> bytes:
    with world.home.database.reading() as connection:
        whole = list_revisions(connection, licence.identifier)[-1]
    return world.home.store.get(whole.sha256)


def test_it_comes_back_by_sealing_anew_alone(world: World) -> None:
    since = world.clock.now()
    world.clock.advance(HOUR)
    left, withheld, given_up = (world.grant(n).licence for n in range(3))
    change(world, withheld.identifier, LicenceChange.SUSPEND, Reason.UNDER_REVIEW)
    hands = Hands(world, since)
    hands.run()
    with pytest.raises(ConflictError, match="seal reseal"):
        change(world, left.identifier, LicenceChange.REINSTATE, None)
    again = change(world, withheld.identifier, LicenceChange.REINSTATE, None)
    assert (again.state, again.reason) == (LicenceState.SUSPENDED, Reason.SEAL_COMPROMISED)
    change(world, given_up.identifier, LicenceChange.CANCEL, Reason.SURRENDERED)
    assert {one.replaces for one in hands.reseal()} == {left.identifier, withheld.identifier}
    world.check_everything()


def test_sealing_anew_changes_nothing_and_needs_a_compromise(sqlite_world: World) -> None:
    world = sqlite_world
    in_force = world.grant(0).licence
    request = replace(world.request(0), replaces=in_force.identifier, reason=Reason.RESEALED)
    with pytest.raises(ConflictError):
        world.home.granting.grant(request)
    Hands(world, seal_began(world)).run()
    hands = Hands(world, seal_began(world))
    world.home.seal_maker.renew(hands.before.seal_id, MANAGE_SEAL)
    other = replace(world.request(1), replaces=in_force.identifier, reason=Reason.RESEALED)
    with pytest.raises(ConflictError):
        world.home.granting.grant(other)
    assert len(hands.reseal()) == 1


def seal_began(world: World) -> datetime:
    certificate = x509.load_der_x509_certificate(seal_of(world).certificate)
    return certificate.not_valid_before_utc


def test_a_compromised_timestamp_unit_proves_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant(0)
    since = world.clock.now() + HOUR
    world.clock.advance(2 * HOUR)
    tsa = world.home.hierarchy.tsa.serial_number
    world.home.ledger.revoke(
        FIRST_ISSUING,
        tsa,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    hands = Hands(world, since)
    assert hands.run() == {granted.licence.identifier: CompromiseFinding.UNPROVEN}


def test_an_expired_licence_is_noted_and_left_alone(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant(0, level=PadesLevel.B_B).licence
    hands = Hands(world, seal_began(world))
    world.clock.advance(timedelta(days=2))
    assert granted.valid_until is not None
    world.clock.advance(timedelta(days=(granted.valid_until - world.home.today()).days + 1))
    (judged,) = hands.desk.preview(
        CompromiseCase(hands.before.seal_id, hands.fingerprint, hands.since, "", reseal=False),
        [granted.identifier],
    )
    assert (judged.finding, judged.left_force) == (CompromiseFinding.UNPROVEN, False)
    assert judged.state is LicenceState.EXPIRED


def test_no_suspension_ends_by_itself_in_a_document_that_is_not_proven(
    sqlite_world: World,
) -> None:
    """One that runs loses its last day; one that has ended leaves force like any other."""
    world, home = sqlite_world, sqlite_world.home
    since = world.clock.now()
    world.clock.advance(HOUR)
    running, ended = (world.grant(n).licence.identifier for n in range(2))
    today = home.today()
    for identifier, days in ((running, 30), (ended, 1)):
        with home.database.writing() as connection:
            change_state(
                connection,
                identifier,
                LicenceChange.SUSPEND,
                reason=Reason.WITHHELD,
                basis=BASIS,
                permit=CHANGE_LICENCE,
                at=world.clock.now(),
                today=today,
                until=today + timedelta(days=days),
            )
    world.clock.advance(timedelta(days=3))
    Hands(world, since).run()
    held, left = on_record(world, running), on_record(world, ended)
    assert (held.reason, held.suspended_until) == (Reason.WITHHELD, None)
    assert (left.reason, left.suspended_until) == (Reason.SEAL_COMPROMISED, None)
    world.clock.advance(timedelta(days=60))
    for one in (held, left):
        assert one.effective_state(home.today()) is LicenceState.SUSPENDED
    with home.database.writing() as connection, pytest.raises(ConflictError):
        change_state(
            connection,
            running,
            LicenceChange.SUSPEND,
            reason=Reason.WITHHELD,
            basis=BASIS,
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
            today=home.today(),
            until=home.today(),
        )
    again = change(world, running, LicenceChange.REINSTATE, None)
    assert again.reason is Reason.SEAL_COMPROMISED


def test_what_another_key_of_the_seal_made_is_not_touched(sqlite_world: World) -> None:
    world = sqlite_world
    world.grant(0)
    hands = Hands(world, seal_began(world))
    world.home.seal_maker.renew(hands.before.seal_id, MANAGE_SEAL)
    later = world.grant(1).licence
    assert hands.run()[later.identifier] is CompromiseFinding.OTHER_KEY
    assert on_record(world, later.identifier).state is LicenceState.IN_FORCE
    assert len(hands.reseal()) == 1


def test_a_dry_run_changes_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    granted = world.grant(0).licence
    hands = Hands(world, seal_began(world))
    case = CompromiseCase(hands.before.seal_id, hands.fingerprint, hands.since, "", reseal=False)
    everything = hands.desk.all_under(hands.before.seal_id)
    (judged,) = hands.desk.preview(case, everything)
    assert (judged.finding, judged.left_force) == (CompromiseFinding.UNPROVEN, True)
    assert judged.proven_at is not None
    assert on_record(world, granted.identifier).state is LicenceState.IN_FORCE
    assert hands.desk.unfinished(hands.before.seal_id) is None
    entry = find_fingerprint(world.home, hands.fingerprint)
    assert entry.state is CertificateState.ISSUED


def test_two_processes_at_one_case_judge_each_licence_once(sqlite_world: World) -> None:
    world = sqlite_world
    granted = [world.grant(n).licence.identifier for n in range(3)]
    hands = Hands(world, seal_began(world))
    case = hands.begin()
    waiting = hands.desk.waiting(case)
    one, other = (
        hands.desk.judge(case, waiting, permit=HANDLE_COMPROMISE),
        hands.desk.judge(case, waiting, permit=HANDLE_COMPROMISE),
    )
    assert next(one).left_force
    change(world, waiting[1], LicenceChange.CANCEL, Reason.FORFEITED)
    assert [judged.left_force for judged in other] == [False, False, True]
    assert [judged.left_force for judged in one] == [False, False]
    states = [on_record(world, identifier).state for identifier in granted]
    assert sorted(states) == ["CANCELLED", "SUSPENDED", "SUSPENDED"]


@pytest.mark.parametrize("step", [GrantStep.RENDERED, GrantStep.SEALED, GrantStep.STORED])
def test_no_grant_under_way_slips_through(step: GrantStep, sqlite_world: World) -> None:
    """What is sealed before the revocation and not yet registered must not be registered after."""
    world = sqlite_world
    hands = Hands(world, seal_began(world))
    world.home.granting  # noqa: B018  # takes the hook below
    cases: list[CompromiseCase] = []

    def meanwhile(at: GrantStep) -> None:
        if at is step and not cases:
            cases.append(hands.begin())

    world.home.granting._on_step = meanwhile
    with pytest.raises((ConflictError, SealRevokedError)):
        world.grant(0)
    assert hands.judge(cases[0]) == {}
    with world.home.database.reading() as connection:
        (pending,) = list_licences(connection)
    assert pending.state is LicenceState.PENDING
    world.home.seal_maker.renew(hands.before.seal_id, MANAGE_SEAL)
    finished = world.home.granting.resume(pending.identifier, GRANT)
    assert verify(world, finished.pdf).signatures[0].certificate_sha256 != hands.fingerprint
    world.check_everything()


class Crash(BaseException):
    """The process died here."""


def test_a_case_goes_on_wherever_it_was_cut(sqlite_world: World) -> None:
    """Cut after each write in turn, and taken up by a new process each time."""
    world = sqlite_world
    for number in range(3):
        world.grant(number)
    world.clock.advance(HOUR)
    since = seal_began(world)
    for writes in range(40):
        hands = Hands(world, since)
        with dying_after(world, writes) as died:
            seal_id = hands.before.seal_id
            case = hands.desk.unfinished(seal_id)
            if case is None:
                case = hands.begin()
            else:
                hands.resume(case)
            hands.fingerprint = case.certificate_sha256
            hands.judge(case)
            renew_once(world, case)
            resealing = world.home.resealing
            for one in resealing.waiting(seal_id, world.home.today()):
                resealing.reseal(one, BASIS, permit=HANDLE_COMPROMISE)
            hands.desk.finish(case, permit=HANDLE_COMPROMISE)
        world.check_everything()
        if not died:
            break
    assert not died
    assert writes > 2, "it was cut several times"
    with world.home.database.reading() as connection:
        licences = list_licences(connection)
        events = [one.action for one in list_events(connection, limit=1000)]
    assert sorted(one.state for one in licences) == ["IN_FORCE"] * 3 + ["REPLACED"] * 3
    assert events.count("seal.compromised") == 1
    assert events.count("seal.renewed") == 1
    assert events.count("licence.suspended") == events.count("licence.replaced") == 3


def renew_once(world: World, case: CompromiseCase) -> None:
    if fingerprint(seal_of(world)) == case.certificate_sha256:
        world.home.seal_maker.renew(case.seal_id, MANAGE_SEAL)


@contextmanager
def dying_after(world: World, writes: int) -> Iterator[list[bool]]:
    """Let the process die once it has written so many transactions."""
    database, left, died = world.home.database, [writes], list[bool]()
    original = database.writing

    @contextmanager
    def writing(patience: timedelta | None = None) -> Iterator[Connection]:
        with original(patience) as connection:
            yield connection
        if left[0] == 0:
            raise Crash
        left[0] -= 1

    database.writing = writing  # type: ignore[method-assign]
    try:
        yield died
    except Crash:
        died.append(True)
    finally:
        database.writing = original  # type: ignore[method-assign]


def test_new_evidence_moves_the_date_back_and_judges_again(sqlite_world: World) -> None:
    world = sqlite_world
    early = world.grant(0).licence
    world.clock.advance(HOUR)
    middle = world.clock.now()
    world.clock.advance(HOUR)
    first = Hands(world, middle)
    assert first.run() == {early.identifier: CompromiseFinding.PROVEN}
    second = Hands(world, seal_began(world))
    assert second.run() == {early.identifier: CompromiseFinding.UNPROVEN}
    entry = find_fingerprint(world.home, first.fingerprint)
    assert entry.invalidity_at == second.since
    assert is_told(entry, middle)
    assert not is_told(entry, second.since - HOUR)
    third = Hands(world, second.since - HOUR)
    with pytest.raises(RevocationRefusedError):
        third.begin()
    assert third.desk.unfinished(third.before.seal_id) is None, "what is refused leaves no case"
    second.begin()
    with pytest.raises(ConflictError, match="--resume"):
        second.begin()


def test_other_validators_go_by_the_date_of_the_revocation(sqlite_world: World) -> None:
    """The gap that only our register closes: sealed after the key was lost, before it was known.

    pyHanko, with the CRL that lists the certificate and its invalidity date, passes the seal.
    """
    world = sqlite_world
    hands = Hands(world, seal_began(world))
    world.clock.advance(HOUR)
    granted = world.grant(0)
    world.clock.advance(HOUR)
    hands.run()
    home = world.home
    crls = [home.ledger.latest_crl(issuer) or b"" for issuer in (FIRST_ISSUING, ROOT)]
    [entry] = x509.load_der_x509_crl(crls[0])
    invalid = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
    assert invalid.invalidity_date_utc == hands.since
    above = (home.hierarchy.issuing, home.hierarchy.tsa)
    certificates = tuple(one.public_bytes(Encoding.DER) for one in above)
    known = ValidationData(certificates, (), tuple(crls))
    others = Judge(home.hierarchy.root, world.clock.now())
    assert others.ades_with_time(granted.pdf, known) is AdESPassed.OK
    assert verify(world, granted.pdf).outcome is Outcome.NOT_IN_FORCE
