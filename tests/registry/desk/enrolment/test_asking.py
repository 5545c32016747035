"""Enrolments through register and CA, on both engines: rights, replays, forgeries, cut-offs."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import delete, insert, select, update

from ca.errors import UsedKeyError
from ca.profiles.profiles import ProfileKind
from core.errors import NotAllowedError
from core.ids import AuthorityId, IssuerId
from core.permits import Action, Actor, Permit, Role
from identity.people.model import Identity
from identity.people.rights_check import OwnRequestError
from identity.tokens.jwks import KeysUnavailableError
from registry.audit.events import list_events
from registry.db.tables import enrolments, identities, officer_certificates, request_contents
from registry.desk.enrolment.certifying import EnrolmentIssuer, EnrolmentLapsedError
from registry.desk.enrolment.evidence import EnrolmentEvidence
from registry.desk.enrolment.rows import EnrolmentState, find_enrolment, id_of
from registry.desk.rights import Rights
from registry.model import ConflictError, NotFoundError
from registry.officers.certificates import find_signer
from registry.officers.departures import Departure, LeavingKind, LeavingReport
from registry.officers.identities import IdentityEndedError
from registry.officers.messages import IDENTITY_ENDED
from registry.officers.model import DeskRequestState
from registry.officers.request_rows import find_request
from registry.officers.requests import approve_request
from registry.officers.roles import end_role
from tests.permits import MANAGE_OFFICERS
from tests.registry.desk.enrolment.enroller import (
    LATER,
    MARKET,
    Bureau,
    CutOffError,
    Officer,
    fingerprint,
)
from tests.registry.officers.office import DECIDERS
from tests.world import World


@pytest.fixture
def bureau(world: World) -> Bureau:
    return Bureau(world)


@pytest.fixture
def small(sqlite_world: World) -> Bureau:
    """A home on one engine, where what is shown does not go by the engine."""
    return Bureau(sqlite_world)


def leave(bureau: Bureau, officer: Officer) -> LeavingReport:
    departure = Departure(officer.identity_id, LeavingKind.DISABLED, "离职")
    return bureau.world.home.leaving.end_identity(departure, MANAGE_OFFICERS)


def row(bureau: Bureau, evidence: EnrolmentEvidence) -> dict[str, object]:
    with bureau.world.home.database.reading() as connection:
        query = select(enrolments).where(enrolments.c.challenge_sha256 == id_of(evidence.challenge))
        return dict(connection.execute(query).mappings().one())


def test_from_challenge_to_certificate(bureau: Bureau) -> None:
    """Named by the records alone, bound to its officer, and nothing personal is kept."""
    li = bureau.officer()
    evidence = li.evidence()
    taken = bureau.enrolments().enrol(evidence)
    assert taken.state is EnrolmentState.ISSUED
    [made] = li.certificates()
    identifier = made.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value
    assert str(identifier).startswith("NTRCN-")
    assert [(one.oid, one.value) for one in made.subject] == [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "青岚市市场监督管理局"),
        (NameOID.ORGANIZATION_IDENTIFIER, identifier),
        (NameOID.SURNAME, "李样"),
        (NameOID.SERIAL_NUMBER, f"PI:CN-{li.identity_id}"),
        (NameOID.COMMON_NAME, "李样"),
    ]
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(hours=12)
    kept = row(bureau, evidence)
    assert (kept["evidence"], kept["state"]) == (None, "ISSUED")
    assert evidence.challenge not in str(kept)
    home = bureau.world.home
    with home.database.reading() as connection:
        bound = connection.execute(select(officer_certificates)).mappings().one()
        events = list_events(connection, limit=50)
    assert (bound["identity_id"], bound["authority_id"]) == (li.identity_id, MARKET)
    ours = [one for one in events if one.actor == f"id:{li.identity_id}"]
    assert {"officer.added", "certificate.approved"} <= {one.action for one in ours}
    bureau.world.check_audit()


def test_a_challenge_serves_once(bureau: Bureau) -> None:
    li = bureau.officer()
    desk, evidence = bureau.enrolments(), li.evidence()
    desk.enrol(evidence)
    for again in (evidence, li.evidence(evidence.challenge)):
        with pytest.raises(ConflictError):
            desk.enrol(again)
    with pytest.raises(ConflictError):
        desk.enrol(li.evidence("a challenge that nobody offered"))
    late = li.evidence()
    bureau.world.clock.advance(timedelta(minutes=4))
    with bureau.world.home.database.writing() as connection:
        connection.execute(update(enrolments).values(expires_at=bureau.world.clock.now()))
    with pytest.raises(ConflictError):
        desk.enrol(late)
    assert len(li.certificates()) == 1


def test_challenges_and_evidence_are_forgotten(bureau: Bureau) -> None:
    li = bureau.officer()
    desk = bureau.enrolments(apart=True)
    unused, evidence = desk.offer(), li.evidence()
    taken = desk.enrol(evidence)
    with pytest.raises(NotFoundError):
        desk.find(id_of(unused.challenge))
    bureau.world.clock.advance(timedelta(minutes=16))
    desk.sweep()
    kept = row(bureau, evidence)
    assert (kept["state"], kept["detail"], kept["evidence"]) == (
        "REFUSED",
        "enrolment_lapsed",
        None,
    )
    assert bureau.issuer.issue(taken.enrolment_id).state is EnrolmentState.REFUSED
    bureau.world.clock.advance(timedelta(days=2))
    desk.sweep()
    with bureau.world.home.database.reading() as connection:
        assert connection.execute(select(enrolments)).all() == []
    assert li.certificates() == []


@pytest.mark.parametrize("role", list(Role))
def test_who_may_have_a_key_certified(sqlite_world: World, role: Role) -> None:
    bureau = Bureau(sqlite_world)
    officer = bureau.officer(role=role)
    signs = {Role.OPERATOR, Role.APPROVER, Role.SEALER, Role.REGISTRAR}
    if role in signs:
        assert officer.enrol().state is EnrolmentState.ISSUED
        with pytest.raises(NotAllowedError):
            officer.enrol(authority=AuthorityId("yunze-housing"))
    else:
        with pytest.raises(NotAllowedError):
            officer.enrol()


def test_a_right_that_ended_meanwhile(bureau: Bureau) -> None:
    """Between challenge and certificate: a role, an identity, at each step."""
    li = bureau.officer()
    evidence = li.evidence()
    apart = bureau.enrolments(apart=True)
    taken = apart.enrol(evidence)
    assert (taken.state, li.certificates()) == (EnrolmentState.REQUESTED, [])
    now = bureau.world.clock.now()
    assert li.assignment is not None
    with bureau.world.home.database.writing() as connection:
        end_role(connection, li.assignment, "调岗", MANAGE_OFFICERS, now)
    with pytest.raises(NotAllowedError):
        bureau.issuer.issue(taken.enrolment_id)
    assert row(bureau, evidence)["detail"] == "not_allowed"
    chen = bureau.officer("u-30", "陈样")

    def moves(name: str) -> None:
        if name == "prepared" and chen.assignment is not None:
            with bureau.world.home.database.writing() as connection:
                end_role(connection, chen.assignment, "调岗", MANAGE_OFFICERS, now)

    bureau.on_step = moves
    with pytest.raises(NotAllowedError):
        chen.enrol()
    assert chen.certificates() == []
    for number, step in enumerate(("prepared", "bound")):
        officer = bureau.officer(f"u-{number}", f"王例{number}")

        def leaves(name: str, step: str = step, officer: Officer = officer) -> None:
            if name == step:
                leave(bureau, officer)

        bureau.on_step = leaves
        evidence = officer.evidence()
        with pytest.raises(IdentityEndedError):
            bureau.enrolments().enrol(evidence)
        bureau.on_step = None
        kept = row(bureau, evidence)
        assert (kept["state"], kept["detail"]) == ("REFUSED", "identity_ended"), step
        assert apart.find(id_of(evidence.challenge))[1] is None
    with pytest.raises(IdentityEndedError):
        officer.enrol()


def test_a_key_is_one_persons(small: Bureau) -> None:
    li, wang = small.officer(), small.officer("u-18", "王例")
    li.enrol()
    thief = replace(wang, key=li.key)
    with pytest.raises(UsedKeyError):
        thief.enrol()
    small.world.clock.advance(LATER)
    assert li.enrol().state is EnrolmentState.ISSUED, "their own, anew"
    assert len({one.serial_number for one in li.certificates()}) == 2
    assert len({one.subject.rfc4514_string() for one in li.certificates()}) == 1


def test_a_key_is_certified_once_at_a_time(bureau: Bureau) -> None:
    li, wang = bureau.officer(), bureau.officer("u-18", "王例")
    apart = bureau.enrolments(apart=True)
    apart.enrol(li.evidence())
    with pytest.raises(ConflictError):
        apart.enrol(replace(wang, key=li.key).evidence())


def test_two_at_once(bureau: Bureau) -> None:
    """The same request twice, and two processes that certify the same."""
    li = bureau.officer()
    evidence = li.evidence()
    bureau.issuer  # noqa: B018
    bureau.world.home.hierarchy.authority  # noqa: B018  # opened before

    def enrol(_: int) -> EnrolmentState | None:
        try:
            return bureau.enrolments().enrol(evidence).state
        except ConflictError:
            return None

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(enrol, range(2)))
    assert sorted(told, key=str) == [EnrolmentState.ISSUED, None]
    assert len(li.certificates()) == 1
    bureau.world.clock.advance(LATER)
    taken = bureau.enrolments(apart=True).enrol(li.evidence())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: bureau.issuer.issue(taken.enrolment_id), range(2)))
    assert len(li.certificates()) == 2
    assert bureau.enrolments().find(taken.enrolment_id)[0].state is EnrolmentState.ISSUED


def forge_row(
    bureau: Bureau, like: EnrolmentEvidence, what: dict[str, str], **columns: object
) -> str:
    """Write a row as whoever has the database can; return its id."""
    kept = {**row(bureau, like), "state": "REQUESTED", "claimed_at": None, "serial": None}
    enrolment_id = id_of(what.get("challenge", "none"))
    values = {**kept, "challenge_sha256": enrolment_id, "evidence": what, **columns}
    with bureau.world.home.database.writing() as connection:
        connection.execute(delete(enrolments).where(enrolments.c.state == "REQUESTED"))
        connection.execute(delete(enrolments).where(enrolments.c.challenge_sha256 == enrolment_id))
        connection.execute(insert(enrolments).values(values))
    return str(values["challenge_sha256"])


def test_a_forged_row_gets_no_certificate(small: Bureau) -> None:
    """Whoever writes the database has neither the provider's signature nor one for their key."""
    li, wang = small.officer(), small.officer("u-18", "王例")
    good = li.evidence()
    small.enrolments(apart=True).enrol(good)
    forger = replace(wang, key=ec.generate_private_key(ec.SECP256R1()))
    own_key = forger.evidence(sub=li.sub, name=li.name, by=ec.generate_private_key(ec.SECP256R1()))
    forged: dict[str, tuple[dict[str, str], str]] = {
        "another key": (replace(good, spki=own_key.spki).kept(), "bad_request"),
        "another authority": (
            replace(good, authority_id=AuthorityId("yunze-housing")).kept(),
            "bad_request",
        ),
        "for years": (replace(good, profile=ProfileKind.OFFICER).kept(), "bad_request"),
        "a token of one's own": (own_key.kept(), "token_refused"),
        "another's token": (replace(own_key, id_token=good.id_token).kept(), "token_refused"),
        "nothing": ({}, "bad_request"),
    }
    for case, (what, code) in forged.items():
        enrolment_id = forge_row(small, good, what)
        small.issuer.issue_due()
        with small.world.home.database.reading() as connection:
            found = find_enrolment(connection, enrolment_id)
        assert (found.state, found.detail) == (EnrolmentState.REFUSED, code), case
    elsewhere = forge_row(small, good, good.kept(), challenge_sha256="f" * 64)
    with pytest.raises(EnrolmentLapsedError):
        small.issuer.issue(elsewhere)
    assert [one.certificates() for one in (li, wang, forger)] == [[], [], []]


def test_a_row_says_nothing_of_who_it_is(small: Bureau) -> None:
    """Its columns are for people to look at; a name that was changed on record is told."""
    li, wang = small.officer(), small.officer("u-18", "王例")
    good = li.evidence()
    small.enrolments(apart=True).enrol(good)
    forged = {"identity_id": wang.identity_id, "profile": "officer", "spki_sha256": "0" * 64}
    small.issuer.issue(forge_row(small, good, good.kept(), **forged))
    [made] = li.certificates()
    assert li.identity_id in made.subject.rfc4514_string()
    small.world.clock.advance(LATER)
    original = small.rights.recognise

    class Believing(Rights):
        """Takes the name on record, whatever the token says."""

        def recognise(self, identity: Identity, *, signs_in: bool = False) -> Identity:
            del signs_in
            return original(identity)

    with small.world.home.database.writing() as connection:
        this = identities.c.identity_id == li.identity_id
        connection.execute(update(identities).where(this).values(name="市长"))
    rights = small.rights
    believing = Believing(
        rights.database, rights.clock, rights.zone, rights.random, {}, rights.strong_acrs
    )
    home = small.world.home
    issuer = EnrolmentIssuer(
        small.check, believing, home.ledger, home.profiles, lambda: home.hierarchy.authority
    )
    taken = replace(small.enrolments(apart=True), rights=believing).enrol(li.evidence())
    with pytest.raises(NotAllowedError, match="name"):
        issuer.issue(taken.enrolment_id)
    assert len(li.certificates()) == 1


def test_a_row_put_back_gives_the_same_certificate(small: Bureau) -> None:
    li = small.officer()
    good = li.evidence()
    small.enrolments().enrol(good)
    again = forge_row(small, good, good.kept())
    assert small.issuer.issue(again).state is EnrolmentState.ISSUED
    assert len(li.certificates()) == 1


@pytest.mark.parametrize("step", ["prepared", "bound", "issued"])
def test_cut_off_anywhere(small: Bureau, step: str) -> None:
    """One certificate in the end, delivered once; nobody else begins while it may be under way."""
    li = small.officer()
    evidence = li.evidence()
    small.cut_off_at = step
    with pytest.raises(CutOffError):
        small.enrolments().enrol(evidence)
    small.cut_off_at = None
    assert row(small, evidence)["state"] == "REQUESTED"
    if step == "bound":
        small.issuer.issue_due()
        assert li.certificates() == [], "somebody else may be at it"
    # What was issued is delivered although the sign-in is too old by now to begin with.
    small.world.clock.advance(timedelta(minutes=13) if step == "issued" else LATER)
    small.issuer.issue_due()
    enrolment, der = small.enrolments().find(id_of(evidence.challenge))
    assert (enrolment.state, len(li.certificates())) == (EnrolmentState.ISSUED, 1)
    assert der is not None
    assert x509.load_der_x509_certificate(der) == li.certificates()[0]
    small.world.check_audit()


def test_a_provider_that_is_away_is_waited_for(small: Bureau) -> None:
    li = small.officer()
    evidence = li.evidence()
    taken = small.enrolments(apart=True).enrol(evidence)

    class Away:
        def find(self, _: str | None) -> None:
            raise KeysUnavailableError(IDENTITY_ENDED)

    here, away = small.trusted, replace(small.trusted, keys=Away())
    small.trusted = away
    with pytest.raises(KeysUnavailableError):
        small.issuer.issue(taken.enrolment_id)
    small.issuer.issue_due()
    assert row(small, evidence)["state"] == "REQUESTED"
    small.trusted = here
    small.issuer.issue_due()
    assert len(li.certificates()) == 1


def test_leaving_ends_the_use_of_a_key(small: Bureau) -> None:
    """A certificate of a working day is not revoked: nothing that it signs is taken any more."""
    li = small.officer()
    li.enrol()
    [made] = li.certificates()
    home, now = small.world.home, small.world.clock.now()
    named = IssuerId("issuing-1"), made.serial_number
    with home.database.writing() as connection:
        assert find_signer(connection, named, now).identity_id == li.identity_id
        for at in (now - LATER, now + timedelta(hours=13)):
            with pytest.raises(IdentityEndedError):
                find_signer(connection, named, at)
        with pytest.raises(NotFoundError):
            find_signer(connection, (IssuerId("issuing-1"), 1), now)
    report = leave(small, li)
    assert (report.run_out, report.revoked) == ([f"issuing-1/{made.serial_number:x}"], [])
    with home.database.writing() as connection, pytest.raises(IdentityEndedError):
        find_signer(connection, named, now)
    entry = home.ledger.find(*named)
    assert entry is not None
    assert entry.revoked_at is None


def test_leaving_one_authority_ends_its_certificate_alone(small: Bureau) -> None:
    li = small.officer()
    li.enrol()
    [made] = li.certificates()
    other = AuthorityId("yunze-housing")
    now, home = small.world.clock.now(), small.world.home
    named = IssuerId("issuing-1"), made.serial_number
    for authority, ends in ((other, False), (MARKET, True)):
        departure = Departure(li.identity_id, LeavingKind.LEFT_AUTHORITY, "调走", authority)
        home.leaving.end_identity(departure, MANAGE_OFFICERS)
        with home.database.writing() as connection:
            if ends:
                with pytest.raises(IdentityEndedError):
                    find_signer(connection, named, now)
            else:
                find_signer(connection, named, now)


def test_years_on_a_token_need_a_registrar(bureau: Bureau) -> None:
    """Who saw this very key's token approves it; it is revoked when the officer leaves."""
    li, chen = bureau.officer(), bureau.officer("u-30", "陈样", Role.REGISTRAR)
    long = ProfileKind.OFFICER
    waiting = li.enrol(profile=long)
    assert (waiting.state, li.certificates()) == (EnrolmentState.WAITING, [])
    assert waiting.evidence is None
    assert li.enrol(profile=long).request_id == waiting.request_id, "asked once"
    request_id, home = str(waiting.request_id), bureau.world.home
    with home.database.reading() as connection:
        query = select(request_contents.c.content)
        content = connection.execute(query).scalar_one()
    assert content["spki_sha256"] == fingerprint(li.key)

    def approve(who: Officer, action: Action) -> None:
        permit = Permit(Actor(f"id:{who.identity_id}", MARKET), action, MARKET)
        with home.database.writing() as connection:
            approve_request(
                connection, request_id, "已核对令牌", permit, home.clock.now(), deciders=DECIDERS
            )

    with pytest.raises(NotAllowedError):
        approve(chen, Action.DECIDE)
    with pytest.raises(OwnRequestError):
        approve(li, Action.CONFIRM)
    approve(chen, Action.CONFIRM)
    other = replace(li, key=ec.generate_private_key(ec.SECP256R1()))
    assert other.enrol(profile=long).state is EnrolmentState.WAITING, "for that key alone"
    bureau.world.clock.advance(LATER)
    assert li.enrol(profile=long).state is EnrolmentState.ISSUED
    [made] = li.certificates()
    assert made.not_valid_after_utc - made.not_valid_before_utc > timedelta(days=700)
    made.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    with home.database.reading() as connection:
        assert find_request(connection, request_id).state is DeskRequestState.DONE
    bureau.world.clock.advance(LATER)
    assert li.enrol(profile=long).state is EnrolmentState.WAITING, "an approval serves once"
    report = leave(bureau, li)
    assert report.revoked == [f"issuing-1/{made.serial_number:x}"]
    bureau.world.check_audit()


def test_an_approval_of_who_left_does_not_count(small: Bureau) -> None:
    li, chen = small.officer(), small.officer("u-30", "陈样", Role.REGISTRAR)
    waiting = li.enrol(profile=ProfileKind.OFFICER)
    permit = Permit(Actor(f"id:{chen.identity_id}", MARKET), Action.CONFIRM, MARKET)
    home = small.world.home
    with home.database.writing() as connection:
        at = home.clock.now()
        approve_request(
            connection, str(waiting.request_id), "已核对令牌", permit, at, deciders=DECIDERS
        )
    leave(small, chen)
    again = li.enrol(profile=ProfileKind.OFFICER)
    assert again.state is EnrolmentState.WAITING
    assert again.request_id == waiting.request_id
    with home.database.reading() as connection:
        found = find_request(connection, str(waiting.request_id))
    assert found.state is DeskRequestState.WAITING, "somebody else is asked"
    assert li.certificates() == []
