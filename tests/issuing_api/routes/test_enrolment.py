"""Officers have keys certified over HTTP: the good path with a certified provider, and the bad."""

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from ca.profiles.extensions import ASSURED_SHORT_TERM, NO_REVOCATION
from core.clock import SystemClock
from home.identity.enrolling import open_enrolments
from home.identity.file import read_identity_file
from home.identity.sign_in import certify_officers, open_rights
from home.wiring import Home
from identity.oidc.grants import ask_device, begin_device
from issuing_api.routes.enrolment import EnrolmentBody
from keys.life import KeyDomain, OutsideDomainError
from registry.bodies.authorities import list_authorities, list_seals
from registry.db.tables import identities
from registry.desk.enrolment.rows import EnrolmentState
from registry.licences.licences import list_licences
from registry.officers.departures import Departure, LeavingKind
from registry.officers.states import enable_identity
from tests.cli.conftest import DemoHome, shared
from tests.issuing_api.desk import Person, RunningDesk, running_desk, words_of
from tests.issuing_api.routes.enrolling import V1, Enrolling, b64, certificate_in, spki_of
from tests.permits import MANAGE_OFFICERS

__all__ = ["shared"]


@pytest.fixture(scope="module")
def desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    directory = tmp_path_factory.mktemp("enrolling") / "home"
    shutil.copytree(shared.directory, directory)
    home = Home(directory, {})
    with home, home.database.reading() as connection:
        granting = list_licences(connection)[0].authority_id
        known = [one.authority_id for one in list_authorities(connection)]
    other = next(one for one in known if one != granting)
    with pytest.MonkeyPatch.context() as patched, running_desk(directory, granting, other) as desk:
        patched.setattr("identity.tokens.jwks.PAUSE", 0)  # its keys are taken up at once
        yield desk


@pytest.fixture(scope="module")
def authority(desk: RunningDesk) -> str:
    with desk.home.database.reading() as connection:
        return list_licences(connection)[0].authority_id


@pytest.fixture
def li(desk: RunningDesk, authority: str) -> Enrolling:
    return Enrolling(desk, "li", authority)


def refused(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]  # type: ignore[attr-defined]


def test_an_officer_gets_a_certificate_of_a_working_day(li: Enrolling, tmp_path: Path) -> None:
    answer = li.enrol()
    assert answer.status_code == 201, words_of(answer)
    made = certificate_in(answer)
    assert made.public_key() == li.key.public_key()
    found = {one.oid for one in made.extensions}
    assert {NO_REVOCATION, ASSURED_SHORT_TERM} <= found
    assert x509.CRLDistributionPoints.oid not in found
    location = answer.headers["location"]
    assert li.desk.http.get(f"{li.desk.url}{location}").json() == answer.json()
    # What others make of it.
    home = li.desk.home
    chain = [one.certificate for one in home.ledger.list_issuers() if one.certificate]
    for name, data in (
        ("leaf", made.public_bytes(Encoding.DER)),
        ("ca", chain[1]),
        ("root", chain[0]),
    ):
        pem = x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    ran = subprocess.run(
        ["openssl", "verify", "-CAfile", "root.pem", "-untrusted", "ca.pem", "leaf.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "leaf.pem: OK", ran.stderr
    shown = subprocess.run(
        [
            "openssl",
            "x509",
            "-in",
            "leaf.pem",
            "-noout",
            "-text",
            "-nameopt",
            "utf8,sep_comma_plus",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "SN=李样" in shown
    assert "serialNumber=PI:CN-" in shown
    assert "Non Repudiation" in shown
    assert "No Revocation Available" in shown or "2.5.29.56" in shown


def test_another_key_or_sign_in_gets_nothing(li: Enrolling) -> None:
    body = li.body()
    theirs = ec.generate_private_key(ec.SECP256R1())
    thief = li.again(key=theirs)
    # The token is for another key: with the thief's own proof, and with the officer's.
    stolen = thief.body(challenge=body["challenge"], id_token=body["id_token"])
    assert refused(li.send(stolen)) == (401, "token_refused")
    assert refused(li.send({**body, "public_key": b64(spki_of(theirs))})) == (422, "bad_request")
    # Of the command line's client; without a nonce; weak; by nobody that we trust.
    assert refused(li.enrol(client_id="line")) == (401, "token_refused")
    assert refused(li.enrol(acr="urn:xinyin:one")) == (401, "token_refused")
    assert refused(li.enrol(max_age=None)) == (401, "token_refused")
    header, claims, signature = body["id_token"].split(".")
    for forged in (f"{header}.{claims}.{signature[::-1]}", f"{header}.e30.{signature}", "x"):
        assert refused(li.send({**body, "id_token": forged}))[0] == 401
    # What a certificate says is not the officer's to say.
    for more in ({"subject": "CN=市长"}, {"csr": "x"}, {"name": "市长"}, {"profile": "seal"}):
        assert li.send({**body, **more}).status_code == 422
    # None of it used the challenge up; once it is used, it is used.
    answer = li.send(body)
    assert answer.status_code == 201, words_of(answer)
    assert refused(li.send(body)) == (409, "conflict")
    assert refused(li.enrol(challenge=body["challenge"])) == (409, "conflict")
    assert refused(thief.again(account="wang", key=li.key).enrol()) == (409, "used_key")


def test_a_sign_in_by_device_carries_no_nonce(li: Enrolling) -> None:
    client, clock = li.client("enrol"), SystemClock()
    device = begin_device(client, clock)
    li.desk.provider.browser().enter_code(str(device.whole_address), "li")
    token = ask_device(client, device, clock, ec.generate_private_key(ec.SECP256R1()))
    assert refused(li.enrol(id_token=token.tokens.id_token)) == (401, "token_refused")


def test_keys_that_will_not_do(li: Enrolling) -> None:
    small = rsa.generate_private_key(65537, 2048)
    body = {**li.body(), "public_key": b64(spki_of(small))}
    assert li.send(body).status_code == 422
    faulty = rsa.generate_private_key(3, 3072)
    assert refused(li.again(key=faulty).enrol()) == (422, "weak_key")


def test_who_has_no_role_or_has_left(desk: RunningDesk, li: Enrolling, authority: str) -> None:
    assert refused(li.again(account="nobody").enrol()) == (403, "not_allowed")
    assert refused(li.again(account="sun").enrol()) == (403, "not_allowed")
    assert refused(li.again(authority="nowhere").enrol())[0] in (403, 404)
    zhao = li.again(account="zhao", key=ec.generate_private_key(ec.SECP256R1()))
    assert zhao.enrol().status_code == 201
    person = desk.person("zhao")
    [own] = person.ask("GET", f"{V1}/me/certificates").json()["certificates"]
    assert (own["usable"], own["authority"]) == (True, authority)
    home = desk.home
    with home.database.reading() as connection:
        query = select(identities.c.identity_id).where(identities.c.sub == "zhao")
        who = connection.execute(query).scalar_one()
    departure = Departure(who, LeavingKind.DISABLED, "离职")
    assert home.leaving.end_identity(departure, MANAGE_OFFICERS).run_out
    assert refused(zhao.enrol()) == (403, "identity_ended")
    with home.database.writing() as connection:
        enable_identity(connection, who, "返岗", MANAGE_OFFICERS, home.clock.now())
    [own] = desk.person("zhao").ask("GET", f"{V1}/me/certificates").json()["certificates"]
    assert own["usable"] is False, "what ended does not come back"


def test_the_same_sent_twice_at_once(li: Enrolling) -> None:
    body = li.body()
    with ThreadPoolExecutor(2) as pool:
        told = sorted(one.status_code for one in pool.map(li.send, [body, body]))
    assert told == [201, 409]


def test_years_need_a_registrar_who_signed_in_afresh(desk: RunningDesk, li: Enrolling) -> None:
    wang = li.again(account="wang", profile="officer", key=ec.generate_private_key(ec.SECP256R1()))
    waiting = wang.enrol()
    assert (waiting.status_code, waiting.json()["state"]) == (202, "WAITING")
    request = f"{V1}/requests/{waiting.json()['request']}"
    reason = {"reason": "已核对令牌"}
    for account in ("wang", "zhao"):
        assert desk.person(account).ask("POST", f"{request}/approval", reason).status_code == 403
    chen = desk.person("chen")
    assert refused(chen.ask("POST", f"{request}/approval", reason)) == (401, "step_up_required")
    strong = desk.person()
    strong.sign_in("chen", "?acr_values=urn%3Axinyin%3Atwo&max_age=60", acr="urn:xinyin:two")
    told = strong.ask("GET", f"{request}/key").json()
    assert told["name"] == "王例"
    answer = strong.ask("POST", f"{request}/approval", reason)
    assert answer.status_code == 200, words_of(answer)
    answer = wang.enrol()
    assert answer.status_code == 201, words_of(answer)
    made = certificate_in(answer)
    made.extensions.get_extension_for_class(x509.CRLDistributionPoints)


def test_a_seal_needs_its_registrar_and_a_second_person(desk: RunningDesk, authority: str) -> None:
    """Asked for by a registrar, approved by another, made once; nobody alone gets one."""
    seal = {"seal": "second", "authority": authority, "name": "第二专用章"}
    step_up = "?acr_values=urn%3Axinyin%3Atwo&max_age=60"

    def strong(account: str) -> Person:
        person = desk.person()
        assert person.sign_in(account, step_up, acr="urn:xinyin:two").status_code == 303
        return person

    chen, zheng, operator, wang = (strong(one) for one in ("chen", "zheng", "li", "wang"))
    for caller in (operator, wang):
        answer = caller.ask("POST", f"{V1}/seal-requests", seal, Idempotency_Key="seal-request")
        assert refused(answer) == (403, "not_allowed")
    asked = chen.ask("POST", f"{V1}/seal-requests", seal, Idempotency_Key="seal-request")
    assert asked.status_code == 201, words_of(asked)
    request, reason = f"{V1}/requests/{asked.json()['id']}", {"reason": "印章管理办法第 3 条"}
    assert refused(chen.ask("POST", f"{request}/seal")) == (403, "second_person_required")
    assert refused(chen.ask("POST", f"{request}/approval", reason)) == (403, "own_request")
    assert refused(wang.ask("POST", f"{request}/approval", reason)) == (403, "not_allowed")
    shown = zheng.ask("GET", f"{request}/key").json()
    assert (shown["seal"], shown["name"], shown["replaces"]) == ("second", "第二专用章", None)
    assert zheng.ask("GET", f"{request}/content").status_code == 404
    assert zheng.ask("POST", f"{request}/approval", reason).status_code == 200
    assert refused(operator.ask("POST", f"{request}/seal")) == (403, "not_allowed")
    made = chen.ask("POST", f"{request}/seal")
    assert made.status_code == 201, words_of(made)
    assert chen.ask("POST", f"{request}/seal").status_code in (403, 409), "once"
    # Another certificate for it: of what it has when it is asked.
    renew = {"seal": "second", "authority": authority}
    again = [
        chen.ask("POST", f"{V1}/seal-requests", renew, Idempotency_Key=f"renewal-{number}")
        for number in range(2)
    ]
    for one in again:
        path = f"{V1}/requests/{one.json()['id']}"
        assert zheng.ask("POST", f"{path}/approval", reason).status_code == 200
    first, second = (chen.ask("POST", f"{V1}/requests/{one.json()['id']}/seal") for one in again)
    assert first.status_code == 201, words_of(first)
    assert first.json()["serial"] != made.json()["serial"]
    assert refused(second) == (409, "conflict")
    # Of another authority's seal nothing is learnt.
    with desk.home.database.reading() as connection:
        other = next(o.seal_id for o in list_seals(connection) if o.authority_id != authority)
    answer = chen.ask(
        "POST", f"{V1}/seal-requests", {**renew, "seal": other}, Idempotency_Key="another's"
    )
    assert answer.status_code == 404


def test_the_cas_key_is_another_processs(desk: RunningDesk, li: Enrolling) -> None:
    """The process that officers ask takes it; the one with the CA's key looks at it anew."""
    everything = desk.home
    file = read_identity_file(everything.directory)
    assert file is not None
    apart = everything.confined_to(frozenset({KeyDomain.ISSUING}), "role:issuing")
    beside = everything.confined_to(frozenset({KeyDomain.CA, KeyDomain.AUDIT}), "role:ca")
    with apart as issuing, beside as ca:
        enrolments = open_enrolments(issuing, file, open_rights(issuing, file))
        assert enrolments.issuer is None
        body = EnrolmentBody(**li.body())
        taken = enrolments.enrol(body.evidence())
        assert taken.state is EnrolmentState.REQUESTED
        [duty] = certify_officers(ca)
        duty.work()
        found, der = enrolments.find(taken.enrolment_id)
        assert (found.state, found.evidence) == (EnrolmentState.ISSUED, None)
        assert der is not None
        assert x509.load_der_x509_certificate(der).public_key() == li.key.public_key()
        with pytest.raises(OutsideDomainError):
            issuing.hierarchy.authority  # noqa: B018


def test_the_provider_takes_another_key(desk: RunningDesk, li: Enrolling) -> None:
    old = li.body()
    desk.provider.tell(rotate=True, forget=True)
    answer = li.enrol()
    assert answer.status_code == 201, words_of(answer)
    assert refused(li.send(old)) == (401, "token_refused")
