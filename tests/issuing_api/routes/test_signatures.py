"""An officer signs in person what they carry out: from the prepared page to the sealed PDF."""

import base64
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, select, update

from ca.issuers import FIRST_ISSUING
from ca.profiles.names import NaturalSubject
from ca.profiles.profiles import ProfileKind
from core.ids import AuthorityId, IdentityId, LicenceIdentifier
from core.permits import Action
from home.role_duties import GrantFinisher
from keys.algorithms import generate_private_key, sign_with
from keys.model import KeyAlgorithm
from registry.answers.answers import Outcome
from registry.audit.events import list_events
from registry.bodies.authorities import find_authority, list_authorities
from registry.db.tables import licences, person_signatures
from registry.granting.journalled import NotReservedHereError
from registry.licences.licences import find_licence, list_licences
from registry.model import LicenceState
from registry.officers.certificates import bind_certificate
from registry.officers.departures import Departure, LeavingKind
from registry.officers.states import enable_identity
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from signing.report import Indication, SignatureKind
from signing.sealing.person_form import to_be_signed
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import Person, RunningDesk, running_desk, words_of
from tests.issuing_api.routes.enrolling import Enrolling, certificate_in
from tests.issuing_api.test_desk import V1, body
from tests.permits import ENROL, GRANT, MANAGE_AUTHORITY, MANAGE_OFFICERS, to_certify
from tests.registry.desk.batch.batch_world import TYPE, sheet

HOUR = timedelta(hours=1)
_numbers = itertools.count()
_people: dict[tuple[str, str], Person] = {}
"""People signed in at a desk, each once: sign-ins are limited."""


def person_at(desk: RunningDesk, account: str) -> Person:
    known = (desk.url, account)
    if known not in _people:
        _people[known] = desk.person(account)
    return _people[known]


@pytest.fixture(scope="module")
def desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """One desk for all tests here: each asks for licences of its own."""
    directory = tmp_path_factory.mktemp("signatures") / "home"
    shutil.copytree(shared.directory, directory)
    made = DemoHome(directory, shared.report)
    with running_desk(directory, *two_authorities(made)) as running:
        yield running


@pytest.fixture
def finish(desk: RunningDesk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The duty that finishes grants, without its patience."""
    monkeypatch.setattr("home.role_duties.GRANT_PATIENCE", timedelta(0))
    return lambda: GrantFinisher(desk.home).finish()


@dataclass
class Signer:
    """An officer with a certificate, their key on their own machine."""

    person: Person
    identity_id: IdentityId
    key: CertificateIssuerPrivateKeyTypes
    certificate: bytes

    def begin(self, request: str, certificate: bytes = b"") -> httpx2.Response:
        encoded = base64.b64encode(certificate or self.certificate).decode()
        return self.person.ask("POST", f"{request}/signature", {"certificate": encoded})

    def value(self, page: bytes) -> bytes:
        return sign_with(self.key, to_be_signed(page, self.certificate))

    def hand_in(self, request: str, value: bytes) -> httpx2.Response:
        encoded = base64.b64encode(value).decode()
        return self.person.ask("PUT", f"{request}/signature", {"value": encoded})

    def sign(self, request: str) -> httpx2.Response:
        begun = self.begin(request)
        assert begun.status_code == 201, words_of(begun)
        return self.hand_in(request, self.value(page_of(begun)))


def page_of(begun: httpx2.Response) -> bytes:
    return base64.b64decode(begun.json()["document"])


def signer(desk: RunningDesk, account: str = "zhao", **other: Any) -> Signer:
    """Sign in, and have a certificate as enrolment issues it."""
    person = person_at(desk, account)
    identity_id = IdentityId(person.ask("GET", f"{V1}/me").json()["id"])
    key = generate_private_key(KeyAlgorithm.ECDSA_P256)
    return Signer(person, identity_id, key, certify(desk, identity_id, key.public_key(), **other))


def certify(
    desk: RunningDesk, identity_id: IdentityId, key: CertificatePublicKeyTypes, **other: Any
) -> bytes:
    """Issue a certificate to an officer, and record whose it is."""
    home = desk.home
    with home.database.reading() as connection:
        granting = AuthorityId(other.get("authority", list_licences(connection)[0].authority_id))
        authority = find_authority(connection, granting)
    subject = NaturalSubject(
        name="赵样",
        identifier=f"PI:CN-{identity_id}",
        surname="赵样",
        organization=authority.name,
        uscc=authority.uscc,
    )
    profile = home.ca_parts.profiles[ProfileKind.OFFICER_SHORT]
    ca, issuer = home.hierarchy.authority, other.get("issuer", desk.provider.issuer)
    permit = to_certify(profile)
    token = ca.prepare(profile, subject.to_name(), key, permit, identity_issuer=issuer)
    certificate = FIRST_ISSUING, token.intent.serial
    with home.database.writing() as connection:
        now = home.clock.now()
        bind_certificate(connection, identity_id, certificate, granting, ENROL, now)
    return ca.issue(token)


def approved(desk: RunningDesk) -> str:
    """Have a request made and approved; return its path."""
    li, wang, number = person_at(desk, "li"), person_at(desk, "wang"), next(_numbers)
    key = f"request-{number}"
    asked = li.ask("POST", f"{V1}/requests", body(number), Idempotency_Key=key)
    request = f"{V1}/requests/{asked.json()['id']}"
    answer = wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    assert answer.status_code == 200, words_of(answer)
    return request


def change(desk: RunningDesk, identifier: str, **values: object) -> None:
    """Write into the row of a licence, as only its owner can."""
    with desk.home.database.writing() as connection:
        this = licences.c.identifier == identifier
        connection.execute(update(licences).where(this).values(values))


def state_of(desk: RunningDesk, identifier: str) -> LicenceState:
    with desk.home.database.reading() as connection:
        return find_licence(connection, identifier).state


def count_signed(desk: RunningDesk) -> int:
    """Return how many licences were ever reserved for somebody to sign."""
    with desk.home.database.reading() as connection:
        query = select(licences.c.identifier).where(licences.c.signer.is_not(None))
        return len(connection.execute(query).all())


def kept_for(desk: RunningDesk, identifier: str) -> list[bytes | None]:
    with desk.home.database.reading() as connection:
        query = select(person_signatures.c.cms).where(person_signatures.c.identifier == identifier)
        return list(connection.execute(query).scalars())


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_from_the_prepared_page_to_the_sealed_pdf(
    desk: RunningDesk, finish: Callable[[], None]
) -> None:
    request, zhao = approved(desk), signer(desk)
    begun = zhao.begin(request)
    assert begun.status_code == 201, words_of(begun)
    page, identifier = page_of(begun), begun.json()["identifier"]
    assert base64.b64decode(begun.json()["to_be_signed"]) == to_be_signed(page, zhao.certificate)
    assert identifier.encode() in page
    # Before the signature there is no licence, for nobody, by nothing.
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "awaits_signature")
    finish()
    assert state_of(desk, identifier) is LicenceState.PENDING
    assert desk.home.verifier.by_code(identifier).licence is None
    signed = zhao.hand_in(request, zhao.value(page))
    assert (signed.status_code, signed.json()) == (200, {"identifier": identifier})
    assert code(zhao.hand_in(request, zhao.value(page))) == (409, "signature_lapsed")
    granted = zhao.person.ask("POST", f"{request}/licence")
    assert (granted.status_code, granted.json()["identifier"]) == (201, identifier)
    pdf = zhao.person.ask("GET", f"{V1}/licences/{identifier}/document").content
    answer = desk.home.verifier.by_file(pdf)
    assert answer.outcome is Outcome.IN_FORCE
    person, seal = answer.signatures
    assert [one.indication for one in (person, seal)] == [Indication.TOTAL_PASSED] * 2
    assert (person.kind, person.signer) == (SignatureKind.SIGNATURE, "赵样")
    assert person.identity_issuer == desk.provider.issuer
    # Carried out before, it is the same; nothing of the signing is left beside the document.
    assert zhao.person.ask("POST", f"{request}/licence").json()["identifier"] == identifier
    assert kept_for(desk, identifier) == []
    with desk.home.database.reading() as connection:
        told = list_events(connection, subject=identifier)
    (event,) = [one for one in told if one.action == "licence.signed"]
    assert event.actor == f"id:{zhao.identity_id}"
    report = desk.home.audit.verify(desk.home.audit.public_keys())
    assert [one.text.en for one in report.findings] == []
    # The officer's page alone, without its seal, is nothing that was issued.
    alone = desk.home.verifier.by_file(pdf[: person.covered_length])
    assert alone.outcome is Outcome.ALTERED


def test_what_was_enrolled_signs_in_person(desk: RunningDesk) -> None:
    """By a certificate that a sign-in led to: it has to say who vouched for its officer."""
    request, person = approved(desk), person_at(desk, "zhao")
    enrolling = Enrolling(desk, "zhao", desk.authority)
    enrolled = enrolling.enrol()
    assert enrolled.status_code == 201, words_of(enrolled)
    certificate = certificate_in(enrolled).public_bytes(Encoding.DER)
    identity_id = IdentityId(person.ask("GET", f"{V1}/me").json()["id"])
    signed = Signer(person, identity_id, enrolling.key, certificate).sign(request)
    assert signed.status_code == 200, words_of(signed)
    granted = person.ask("POST", f"{request}/licence")
    assert granted.status_code == 201, words_of(granted)
    pdf = person.ask("GET", f"{V1}/licences/{granted.json()['identifier']}/document").content
    found = desk.home.verifier.by_file(pdf)
    assert found.outcome is Outcome.IN_FORCE
    by, seal = found.signatures
    assert [one.indication for one in (by, seal)] == [Indication.TOTAL_PASSED] * 2
    assert (by.signer, by.identity_issuer) == ("赵样", desk.provider.issuer)


def test_what_was_signed_is_sealed_by_the_duty_too(
    desk: RunningDesk, finish: Callable[[], None]
) -> None:
    """Whoever signed may have gone home, or the service may have died before the seal."""
    identifier = signer(desk).sign(approved(desk)).json()["identifier"]
    finish()
    assert state_of(desk, identifier) is LicenceState.IN_FORCE


def test_refused_signatures_leave_the_page_waiting(desk: RunningDesk) -> None:
    request, other, zhao = approved(desk), approved(desk), signer(desk)
    page, elsewhere = page_of(zhao.begin(request)), page_of(zhao.begin(other))
    stranger = generate_private_key(KeyAlgorithm.ECDSA_P256)
    foreign = sign_with(stranger, to_be_signed(page, zhao.certificate))
    for value in (foreign, zhao.value(elsewhere), b"\0" * 64):
        assert code(zhao.hand_in(request, value)) == (422, "person_signature")
    refused = zhao.person.ask("PUT", f"{request}/signature", {"value": "not base64!"})
    assert refused.status_code == 422
    assert zhao.hand_in(request, zhao.value(page)).status_code == 200
    assert zhao.person.ask("POST", f"{request}/licence").status_code == 201


def test_a_page_handed_out_anew_takes_the_place_of_the_one_before(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    first = zhao.begin(request)
    with desk.home.database.writing() as connection:
        gone = desk.home.clock.now() - timedelta(seconds=1)
        this = person_signatures.c.identifier == first.json()["identifier"]
        connection.execute(update(person_signatures).where(this).values(expires_at=gone))
    assert code(zhao.hand_in(request, zhao.value(page_of(first)))) == (409, "signature_lapsed")
    second = zhao.begin(request)
    assert second.json()["identifier"] == first.json()["identifier"]
    assert code(zhao.hand_in(request, zhao.value(page_of(first)))) == (422, "person_signature")
    assert zhao.hand_in(request, zhao.value(page_of(second))).status_code == 200


def test_nobody_signs_with_what_is_not_theirs(desk: RunningDesk) -> None:
    request, zhao, li, before = approved(desk), signer(desk), signer(desk, "li"), count_signed(desk)
    # Who may not seal does not sign; who may, not with another's certificate.
    assert li.begin(request).status_code == 403
    assert code(zhao.begin(request, li.certificate)) == (409, "signer_refused")
    with desk.home.database.reading() as connection:
        known = {one.authority_id for one in list_authorities(connection)}
        granting = list_licences(connection)[0].authority_id
    other = next(iter(known - {granting}))
    for wrong in ({"authority": other}, {"issuer": "https://elsewhere.example"}, {"issuer": None}):
        assert code(signer(desk, **wrong).begin(request)) == (409, "signer_refused")
    assert count_signed(desk) == before


def test_another_sealer_does_not_take_over(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    identifier = zhao.begin(request).json()["identifier"]
    change(desk, identifier, signer="id:0123456789abcdef0123")  # as if it were another's
    assert zhao.begin(request).status_code == 409
    change(desk, identifier, signer=f"id:{zhao.identity_id}")
    assert zhao.begin(request).status_code == 201


def test_who_does_not_sign_holds_a_number_for_a_week(
    desk: RunningDesk, finish: Callable[[], None]
) -> None:
    identifier = signer(desk).begin(approved(desk)).json()["identifier"]
    almost = desk.home.clock.now() - timedelta(days=6, hours=23)
    change(desk, identifier, created_at=almost)
    finish()
    assert state_of(desk, identifier) is LicenceState.PENDING
    change(desk, identifier, created_at=almost - 2 * HOUR)
    finish()
    assert state_of(desk, identifier) is LicenceState.VOID
    assert kept_for(desk, identifier) == []


def test_nothing_is_sealed_that_the_register_does_not_say(desk: RunningDesk) -> None:
    """Neither without the signature that the journal knows of, nor with another."""
    request, zhao = approved(desk), signer(desk)
    identifier = zhao.sign(request).json()["identifier"]
    change(desk, identifier, signer=None)
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "conflict")
    with pytest.raises(NotReservedHereError):
        desk.home.granting.resume(LicenceIdentifier(identifier), GRANT)
    change(desk, identifier, signer=f"id:{zhao.identity_id}")
    (cms,) = kept_for(desk, identifier)
    assert cms is not None
    this = person_signatures.c.identifier == identifier
    with desk.home.database.writing() as connection:
        spoilt = cms[:300] + bytes(20) + cms[320:]
        connection.execute(update(person_signatures).where(this).values(cms=spoilt))
    spoilt_answer = zhao.person.ask("POST", f"{request}/licence")
    assert code(spoilt_answer) == (409, "signature_lapsed")
    with desk.home.database.writing() as connection:
        connection.execute(delete(person_signatures).where(this))
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "awaits_signature")
    assert zhao.sign(request).status_code == 200
    assert zhao.person.ask("POST", f"{request}/licence").status_code == 201


def test_a_page_that_is_drawn_otherwise_is_signed_anew(
    desk: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update between the steps may change fonts or layout: nobody signed that page."""
    request, zhao = approved(desk), signer(desk)
    page = page_of(zhao.begin(request))
    room = desk.home.granting._room  # the process's own
    drawn = room.page_for
    with monkeypatch.context() as patch:
        patch.setattr(type(room), "page_for", lambda _, *rest: drawn(*rest) + b"\n")
        assert code(zhao.hand_in(request, zhao.value(page))) == (409, "signature_lapsed")
    assert zhao.hand_in(request, zhao.value(page)).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(type(room), "page_for", lambda _, *rest: drawn(*rest) + b"\n")
        assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "signature_lapsed")
    assert zhao.person.ask("POST", f"{request}/licence").status_code == 201


def test_a_type_may_want_it_or_forbid_it(desk: RunningDesk) -> None:
    request, zhao, home = approved(desk), signer(desk), desk.home
    with home.database.reading() as connection:
        found = home.catalogue.find(connection, "food-operation")

    def rule(signs: str) -> None:
        changed = parse_type(f'{found.source}\n[desk]\nsigns = "{signs}"\n')
        with home.database.writing() as connection:
            put_type(connection, changed, MANAGE_AUTHORITY, home.clock.now())

    rule("never")
    request = approved(desk)  # an approval is good for one definition of its type
    assert code(zhao.begin(request)) == (409, "conflict")
    rule("must")
    request = approved(desk)
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "signature_needed")
    # By a batch nobody signs: that is said at once, not when its job has begun.
    li = person_at(desk, "li")
    batch = {"type": TYPE, "sheet": base64.b64encode(sheet(4, 2)).decode()}
    for path in ("batches/check", "batches"):
        answer = li.ask("POST", f"{V1}/{path}", batch, Idempotency_Key="signed-batch")
        assert code(answer) == (409, "signature_needed"), words_of(answer)
        assert "batch" in answer.json()["detail"] or "批量" in answer.json()["detail"]
    assert zhao.sign(request).status_code == 200
    assert zhao.person.ask("POST", f"{request}/licence").status_code == 201
    rule("may")


def test_another_authority_learns_nothing(desk: RunningDesk) -> None:
    request, sun = approved(desk), signer(desk, "sun")
    nowhere = f"{V1}/requests/{'0' * 20}"
    for ask in (sun.begin, lambda path: sun.hand_in(path, b"0123")):
        there, none = ask(request), ask(nowhere)
        assert (there.status_code, none.status_code) == (404, 404)
        said = [re.sub(r"[0-9a-f]{20}", "", one.json()["detail"]) for one in (there, none)]
        assert said[0] == said[1]


def test_who_left_the_authority_alone_has_nothing_sealed_there(
    desk: RunningDesk, finish: Callable[[], None]
) -> None:
    """Their short-lived certificate is not revoked; its use ends."""
    zhao = signer(desk)
    identifier = zhao.sign(approved(desk)).json()["identifier"]
    with desk.home.database.reading() as connection:
        here = find_licence(connection, identifier).authority_id
    departure = Departure(zhao.identity_id, LeavingKind.LEFT_AUTHORITY, "调离", here)
    desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    _people.pop((desk.url, "zhao"))
    finish()
    assert state_of(desk, identifier) is LicenceState.VOID


def test_who_left_signs_nothing_and_their_licences_are_given_up(
    desk: RunningDesk, finish: Callable[[], None]
) -> None:
    waits, signed, zhao = approved(desk), approved(desk), signer(desk)
    begun = zhao.begin(waits)
    names = [begun.json()["identifier"], zhao.sign(signed).json()["identifier"]]
    departure = Departure(zhao.identity_id, LeavingKind.DISABLED, "离职")
    desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    try:
        assert zhao.hand_in(waits, zhao.value(page_of(begun))).status_code in (401, 403)
        finish()
        assert [state_of(desk, one) for one in names] == [LicenceState.VOID] * 2
        assert [kept_for(desk, one) for one in names] == [[], []]
        with desk.home.database.reading() as connection:
            query = select(licences.c.basis).where(licences.c.identifier.in_(names))
            reasons = list(connection.execute(query).scalars())
        assert all("已停用或离开" in one for one in reasons)
    finally:
        _people.pop((desk.url, "zhao"))
        with desk.home.database.writing() as connection:
            now = desk.home.clock.now()
            enable_identity(connection, zhao.identity_id, "回任", MANAGE_OFFICERS, now)
