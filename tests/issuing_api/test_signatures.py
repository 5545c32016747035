"""An officer signs in person what they carry out: from the prepared page to the sealed PDF."""

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from sqlalchemy import delete, select, update

from ca.issuers import FIRST_ISSUING
from ca.profiles.names import NaturalSubject
from ca.profiles.profiles import ProfileKind
from core.ids import AuthorityId, IdentityId
from core.permits import Action
from home.role_duties import GrantFinisher
from keys.algorithms import generate_private_key, sign_with
from keys.model import KeyAlgorithm
from registry.answers.answers import Outcome
from registry.audit.events import list_events
from registry.bodies.authorities import find_authority
from registry.db.tables import licences, person_signatures
from registry.licences.licences import list_licences
from registry.model import LicenceState
from registry.officers.certificates import bind_certificate
from registry.officers.departures import Departure, LeavingKind
from registry.types.catalogue import put_type
from registry.types.desk import SignsInPerson
from signing.person_form import to_be_signed
from signing.report import Indication, SignatureKind
from tests.issuing_api.desk import Person, RunningDesk, words_of
from tests.issuing_api.test_desk import V1, body
from tests.permits import ENROL, MANAGE_AUTHORITY, to_certify

HOUR = timedelta(hours=1)


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
    person, home = desk.person(account), desk.home
    identity_id = IdentityId(person.ask("GET", f"{V1}/me").json()["id"])
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
    key = generate_private_key(KeyAlgorithm.ECDSA_P256)
    profile = home.ca_parts.profiles[ProfileKind.OFFICER_SHORT]
    ca = home.hierarchy.authority
    token = ca.prepare(
        profile,
        subject.to_name(),
        key.public_key(),
        to_certify(profile),
        identity_issuer=other.get("issuer", desk.provider.issuer),
    )
    with home.database.writing() as connection:
        bind_certificate(
            connection,
            identity_id,
            (FIRST_ISSUING, token.intent.serial),
            granting,
            ENROL,
            home.clock.now(),
        )
    return Signer(person, identity_id, key, ca.issue(token))


def approved(desk: RunningDesk, number: int = 0) -> str:
    """Have a request made and approved; return its path."""
    li, wang = desk.person("li"), desk.person("wang")
    key = f"request-{number}"
    asked = li.ask("POST", f"{V1}/requests", body(number), Idempotency_Key=key)
    request = f"{V1}/requests/{asked.json()['id']}"
    answer = wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    assert answer.status_code == 200, words_of(answer)
    return request


def states(desk: RunningDesk) -> list[LicenceState]:
    """Return the states of what was asked for here; the demo's own licences left out."""
    with desk.home.database.reading() as connection:
        query = select(licences.c.state).where(licences.c.signer.is_not(None))
        return list(connection.execute(query.order_by(licences.c.created_at)).scalars())


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def finish_by_duty(desk: RunningDesk) -> None:
    """Let everything pending rest long enough, and finish what can be."""
    with desk.home.database.writing() as connection:
        long_ago = desk.home.clock.now() - HOUR
        pending = licences.c.state == LicenceState.PENDING
        connection.execute(update(licences).where(pending).values(created_at=long_ago))
    GrantFinisher(desk.home).finish()


def test_from_the_prepared_page_to_the_sealed_pdf(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    begun = zhao.begin(request)
    assert begun.status_code == 201, words_of(begun)
    page = page_of(begun)
    assert base64.b64decode(begun.json()["to_be_signed"]) == to_be_signed(page, zhao.certificate)
    identifier = begun.json()["identifier"]
    assert identifier.encode() in page
    # Before the signature there is no licence, for nobody, by nothing.
    early = zhao.person.ask("POST", f"{request}/licence")
    assert code(early) == (409, "awaits_signature")
    finish_by_duty(desk)
    assert states(desk) == [LicenceState.PENDING]
    assert desk.home.verifier.by_code(identifier).licence is None
    signed = zhao.hand_in(request, zhao.value(page))
    assert (signed.status_code, signed.json()) == (200, {"identifier": identifier})
    again = zhao.hand_in(request, zhao.value(page))
    assert code(again) == (409, "signature_lapsed")
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
    repeated = zhao.person.ask("POST", f"{request}/licence")
    assert repeated.json()["identifier"] == identifier
    with desk.home.database.reading() as connection:
        assert connection.execute(select(person_signatures.c.identifier)).all() == []
        told = list_events(connection, subject=identifier)
    (event,) = [one for one in told if one.action == "licence.signed"]
    assert (event.subject, event.actor) == (identifier, f"id:{zhao.identity_id}")
    report = desk.home.audit.verify(desk.home.audit.public_keys())
    assert [one.text.en for one in report.findings] == []


def test_what_was_signed_is_sealed_by_the_duty_too(desk: RunningDesk) -> None:
    """Whoever signed may have gone home, or the service may have died before the seal."""
    request, zhao = approved(desk), signer(desk)
    assert zhao.sign(request).status_code == 200
    finish_by_duty(desk)
    assert states(desk) == [LicenceState.IN_FORCE]


def test_refused_signatures_leave_the_page_waiting(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    page = page_of(zhao.begin(request))
    other = generate_private_key(KeyAlgorithm.ECDSA_P256)
    foreign = sign_with(other, to_be_signed(page, zhao.certificate))
    second = approved(desk, 1)
    elsewhere = page_of(zhao.begin(second))
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
        connection.execute(update(person_signatures).values(expires_at=gone))
    assert code(zhao.hand_in(request, zhao.value(page_of(first)))) == (409, "signature_lapsed")
    second = zhao.begin(request)
    assert second.json()["identifier"] == first.json()["identifier"]
    assert code(zhao.hand_in(request, zhao.value(page_of(first)))) == (422, "person_signature")
    assert zhao.hand_in(request, zhao.value(page_of(second))).status_code == 200


def test_nobody_signs_with_what_is_not_theirs(desk: RunningDesk) -> None:
    request, zhao, li = approved(desk), signer(desk), signer(desk, "li")
    # Who may not seal does not sign; who may, not with another's certificate.
    assert li.begin(request).status_code == 403
    assert code(zhao.begin(request, li.certificate)) == (409, "signer_refused")
    assert states(desk) == []
    with desk.home.database.reading() as connection:
        other = next(
            one.authority_id
            for one in list_licences(connection)
            if one.authority_id != list_licences(connection)[0].authority_id
        )
    for wrong in ({"authority": other}, {"issuer": "https://elsewhere.example"}, {"issuer": None}):
        assert code(signer(desk, **wrong).begin(request)) == (409, "signer_refused")
    assert states(desk) == []


def test_another_sealer_does_not_take_over(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    assert zhao.begin(request).status_code == 201
    with desk.home.database.writing() as connection:  # as if they had been reserved for another
        connection.execute(
            update(licences).where(licences.c.signer.is_not(None)).values(signer="x")
        )
    assert zhao.begin(request).status_code == 409


def test_who_left_signs_nothing_and_their_licence_is_given_up(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    signed = approved(desk, 1)
    assert zhao.sign(signed).status_code == 200
    page = page_of(zhao.begin(request))
    departure = Departure(zhao.identity_id, LeavingKind.DISABLED, "离职")
    desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    assert zhao.hand_in(request, zhao.value(page)).status_code in (401, 403)
    finish_by_duty(desk)
    assert states(desk) == [LicenceState.VOID] * 2
    with desk.home.database.reading() as connection:
        query = select(licences.c.basis).where(licences.c.state == LicenceState.VOID)
        reasons = connection.execute(query).scalars().all()
        assert connection.execute(select(person_signatures.c.identifier)).all() == []
    assert all("已停用或离开" in str(one) for one in reasons)


def test_who_does_not_sign_holds_a_number_for_a_week(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    assert zhao.begin(request).status_code == 201
    with desk.home.database.writing() as connection:
        long_ago = desk.home.clock.now() - timedelta(days=6, hours=23)
        waiting = licences.c.signer.is_not(None)
        connection.execute(update(licences).where(waiting).values(created_at=long_ago))
    GrantFinisher(desk.home).finish()
    assert states(desk) == [LicenceState.PENDING]
    with desk.home.database.writing() as connection:
        connection.execute(update(licences).where(waiting).values(created_at=long_ago - HOUR * 2))
    GrantFinisher(desk.home).finish()
    assert states(desk) == [LicenceState.VOID]


def test_nothing_is_sealed_that_the_register_does_not_say(desk: RunningDesk) -> None:
    """Neither without the signature that the journal knows of, nor over another page."""
    request, zhao = approved(desk), signer(desk)
    assert zhao.sign(request).status_code == 200
    with desk.home.database.writing() as connection:
        connection.execute(
            update(licences).where(licences.c.signer.is_not(None)).values(signer=None)
        )
    answer = zhao.person.ask("POST", f"{request}/licence")
    assert code(answer) == (409, "conflict"), words_of(answer)
    with desk.home.database.writing() as connection:
        pending = licences.c.state == LicenceState.PENDING
        connection.execute(update(licences).where(pending).values(signer=f"id:{zhao.identity_id}"))
        row = connection.execute(select(person_signatures.c.cms)).scalar_one()
        broken = bytes(row[:-900]) + bytes(900)
        connection.execute(update(person_signatures).values(cms=broken[: len(row)]))
    assert zhao.person.ask("POST", f"{request}/licence").status_code >= 400
    with desk.home.database.writing() as connection:
        connection.execute(delete(person_signatures))
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "awaits_signature")


def test_a_type_may_want_it_or_forbid_it(desk: RunningDesk) -> None:
    request, zhao = approved(desk), signer(desk)
    home = desk.home
    with home.database.reading() as connection:
        found = home.catalogue.find(connection, "food-operation")
    for signs in (SignsInPerson.NEVER, SignsInPerson.MUST):
        rule = found.desk.model_copy(update={"signs": signs})
        with home.database.writing() as connection:
            changed = found.model_copy(update={"desk": rule})
            put_type(connection, changed, MANAGE_AUTHORITY, home.clock.now())
        if signs is SignsInPerson.NEVER:
            assert code(zhao.begin(request)) == (409, "conflict")
    assert code(zhao.person.ask("POST", f"{request}/licence")) == (409, "signature_needed")
    assert zhao.sign(request).status_code == 200
    assert zhao.person.ask("POST", f"{request}/licence").status_code == 201


def test_another_authority_learns_nothing(desk: RunningDesk) -> None:
    request, sun = approved(desk), signer(desk, "sun")
    nowhere = f"{V1}/requests/{'0' * 20}"
    for ask in (sun.begin, lambda path: sun.hand_in(path, b"0123")):
        there, none = ask(request), ask(nowhere)
        assert (there.status_code, none.status_code) == (404, 404)
        assert re.sub(r"[0-9a-f]{20}", "", there.json()["detail"]) == re.sub(
            r"[0-9a-f]{20}", "", none.json()["detail"]
        )
