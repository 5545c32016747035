"""From sign-in to a sealed PDF, by people in their roles and by systems."""

import base64
import csv
import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.ids import AuthorityId
from core.permits import Action, Role
from home.identity.file import read_identity_file
from home.identity.sign_in import open_rights
from identity.people.model import IdentityKind, Pin
from identity.sessions.browser import SESSION_COOKIE
from registry.accession.container import read_container
from registry.accession.manifest import read_manifest
from registry.audit.events import EventFilter, list_events
from registry.db.tables import grant_requests, request_contents
from registry.desk.desk import Desk
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.roles import RoleGift, assign_role
from registry.privacy.codes import privacy_of
from registry.privacy.records import read_content
from tests.issuing_api.desk import Person, RunningDesk, System, words_of

DATA = Path(__file__).parents[2] / "examples" / "data" / "food-operation.csv"
V1, STRONG = "/issuing/v1", "urn:xinyin:two"


def record(number: int = 0) -> dict[str, str]:
    with DATA.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))[number + 10]


def body(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "food-operation", "record": record(number), **more}


def test_nobody_is_let_in_without_signing_in(desk: RunningDesk) -> None:
    answer = desk.person().ask("GET", f"{V1}/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("DPoP")


def test_a_call_that_does_not_fit_is_told_where(desk: RunningDesk) -> None:
    li, path = desk.person("li"), f"{V1}/requests"

    def errors(**sent: Any) -> list[dict[str, str]]:
        answer = li.ask("POST", path, body(**sent), Idempotency_Key="request-1")
        assert (answer.status_code, answer.json()["code"]) == (422, "usage")
        assert "back" not in answer.json()["detail"]
        found: list[dict[str, str]] = answer.json()["errors"]
        return found

    short = {"pointer": "/basis", "problem": "string_too_short"}
    assert errors(basis="") == [short]
    unknown = {"pointer": "/recrod", "problem": "extra_forbidden"}
    assert errors(recrod={}) == [unknown]
    assert errors(**{"张三 110101": ""}) == [{"pointer": "", "problem": "extra_forbidden"}]
    assert errors(record={"经营者名称": 7}) == [{"pointer": "/record", "problem": "string_type"}]
    assert len(errors(**{f"a{n}": "" for n in range(99)} | {"b" * 9: ""})) == 16
    listed = li.ask("GET", f"{path}?limit=0", Accept="application/json").json()["errors"]
    assert listed == [{"parameter": "limit", "problem": "greater_than_equal"}]
    lacking = li.ask("POST", path, body()).json()["errors"]
    assert lacking == [{"header": "idempotency-key", "problem": "missing"}]


def test_who_signed_in_is_known_with_their_roles(desk: RunningDesk) -> None:
    li = desk.person("li")
    assert set(li.cookies) == {"__Host-xinyin-session"}
    me = li.ask("GET", f"{V1}/me").json()
    assert (me["name"], [one["role"] for one in me["roles"]]) == ("李样", ["operator"])
    stranger = desk.person()
    refused = stranger.sign_in("nobody")
    assert (refused.status_code, "nobody" in refused.json()["detail"]) == (403, True)
    assert SESSION_COOKIE not in stranger.cookies
    desk.person("li")
    assert [one["action"] for one in _events(desk)].count("identity.added") == 1


def test_a_licence_passes_from_request_to_sealed_pdf(desk: RunningDesk) -> None:
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    assert asked.status_code == 201, words_of(asked)
    request = f"{V1}/requests/{asked.json()['id']}"
    assert asked.headers["location"] == request
    # Nobody but an approver approves, and what they see is what was asked for.
    denied = zhao.ask("POST", f"{request}/approval", {"reason": "可以"})
    assert denied.status_code == 403
    seen = wang.ask("GET", f"{request}/content").json()
    assert seen["record"] == record()
    early = zhao.ask("POST", f"{request}/licence")
    assert early.status_code in (403, 409), words_of(early)
    approved = wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    assert approved.json()["state"] == "APPROVED", words_of(approved)
    # Who may use the seal carries it out, once.
    granted = zhao.ask("POST", f"{request}/licence")
    assert granted.status_code == 201, words_of(granted)
    identifier = granted.json()["identifier"]
    again = zhao.ask("POST", f"{request}/licence")
    assert again.json()["identifier"] == identifier
    rows = li.ask("GET", f"{V1}/licences").json()["licences"]
    for row in rows:
        one = f"{V1}/licences/{row['identifier']}"
        assert row == li.ask("GET", one).json()
        document = li.ask("GET", f"{one}/document").content
        assert row["sha256"] == hashlib.sha256(document).hexdigest()
    pdf = zhao.ask("GET", f"{V1}/licences/{identifier}/document")
    assert pdf.content.startswith(b"%PDF-")
    _check_package(desk, zhao, identifier, pdf.content)
    answer = desk.home.verifier.by_code(identifier)
    assert answer.outcome == "in_force"
    # Its content is not kept any longer.
    assert wang.ask("GET", f"{request}/content").status_code == 409
    actors = {
        event["action"]: event["actor"]
        for event in _events(desk)
        if event["action"] in ("request.added", "request.approved", "licence.reserved")
    }
    assert len(set(actors.values())) == 3
    assert all(actor.startswith("id:") for actor in actors.values())


def _check_package(desk: RunningDesk, weak: Person, name: str, pdf: bytes) -> None:
    """A sealer who just signed in strongly gets the closed package of what was granted."""
    address = f"{V1}/licences/{name}/archive-package"
    assert weak.ask("GET", address).status_code == 401
    assert 'acr_values="urn:xinyin:two"' in weak.ask("GET", address).headers["www-authenticate"]
    sealer = desk.person()
    sealer.sign_in("zhao", f"?max_age=0&acr_values={STRONG}", acr=STRONG)
    assert sealer.ask("GET", f"{V1}/licences/nobodys/archive-package").status_code == 404
    told = sealer.ask("GET", address)
    assert told.status_code == 200, words_of(told)
    on_page = sealer.ask("GET", address.replace(V1, "/issuing"))
    assert read_container(on_page.content).keys() == read_container(told.content).keys()
    assert address.replace(V1, "/issuing") in sealer.ask("GET", f"/issuing/licences/{name}").text
    files = read_container(told.content)
    manifest = read_manifest(files["manifest.json"])
    assert (manifest.identifier, files["document.pdf"]) == (name, pdf)
    named = f'filename="{name}-{manifest.as_of.sequence}.zip"'
    assert named in told.headers["Content-Disposition"]
    with desk.home.database.reading() as connection:
        chosen = EventFilter(subject=name, action="archive.exported")
        events = list_events(connection, chosen=chosen)
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    assert [(one.after or {})["manifest_sha256"] for one in events] == [digest, digest]
    assert all(one.actor.startswith("id:") for one in events)


def _without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in problem.items() if key != "request_id"}


def _events(desk: RunningDesk) -> list[dict[str, str]]:
    with desk.home.database.reading() as connection:
        return [
            {"action": one.action, "actor": one.actor} for one in list_events(connection, limit=500)
        ]


def test_the_same_key_is_the_same_request(desk: RunningDesk) -> None:
    li = desk.person("li")
    first = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    again = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    assert again["id"] == first["id"]
    other = li.ask("POST", f"{V1}/requests", body(1), Idempotency_Key="request-1")
    assert other.status_code == 409
    for key in ("", f"request:{first['id']}", "short", "with blank in it", "键键键键键键键键"):
        refused = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key=key.encode("utf-8"))  # type: ignore[arg-type]
        assert refused.status_code == 422, key


def test_another_authoritys_officers_learn_nothing(desk: RunningDesk) -> None:
    li, sun = desk.person("li"), desk.person("sun")
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    assert sun.ask("GET", f"{V1}/requests").json() == {"requests": [], "next": None}
    assert sun.ask("GET", f"{V1}/licences").json() == {"licences": [], "next": None}
    there = sun.ask("GET", f"{V1}/requests/{asked['id']}")
    nowhere = sun.ask("GET", f"{V1}/requests/{'0' * 32}")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    told = there.text.replace(asked["id"], "0" * 32)
    assert _without_id(json.loads(told)) == _without_id(nowhere.json())
    identifier = li.ask("GET", f"{V1}/licences").json()["licences"][0]["identifier"]
    assert sun.ask("GET", f"{V1}/licences/{identifier}").status_code == 404
    change = {"change": "suspend", "reason": "WITHHELD", "basis": "样例"}
    assert sun.ask("POST", f"{V1}/licences/{identifier}/changes", change).status_code == 404
    refused = sun.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    assert refused.status_code in (403, 404)


def test_an_officer_suspends_and_reinstates(desk: RunningDesk) -> None:
    li = desk.person("li")
    licences = li.ask("GET", f"{V1}/licences?state=IN_FORCE").json()["licences"]
    path = f"{V1}/licences/{licences[0]['identifier']}/changes"
    suspended = li.ask(
        "POST", path, {"change": "suspend", "reason": "UNDER_REVIEW", "basis": "样例依据"}
    )
    assert suspended.json()["state"] == "SUSPENDED", words_of(suspended)
    back = li.ask("POST", path, {"change": "reinstate", "basis": "样例依据"})
    assert back.json()["state"] == "IN_FORCE", words_of(back)
    for wrong in ({"change": "reseal", "basis": "x"}, {"change": "suspend"}, {}):
        assert li.ask("POST", path, wrong).status_code == 422


def test_a_supervisor_reads_everything_and_changes_nothing(desk: RunningDesk) -> None:
    qian = desk.person("qian")
    licences = qian.ask("GET", f"{V1}/licences").json()["licences"]
    assert len(licences) == 3
    li = desk.person("li")
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-9").json()
    assert qian.ask("GET", f"{V1}/requests/{asked['id']}/content").status_code == 200
    with desk.home.database.reading() as connection:
        read = [
            one.after for one in list_events(connection, limit=500) if one.action == "record.read"
        ]
    assert {"what": "content"} in read
    path = f"{V1}/licences/{licences[0]['identifier']}/changes"
    change = {"change": "suspend", "reason": "WITHHELD", "basis": "样例"}
    assert qian.ask("POST", path, change).status_code == 403
    asked = qian.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    assert asked.status_code == 403


def test_a_system_without_an_owner_on_record_is_refused(desk: RunningDesk) -> None:
    answer = desk.system().ask("GET", f"{V1}/me")
    assert answer.status_code == 403, words_of(answer)


def _recorded_system(desk: RunningDesk, *roles: Role) -> System:
    """A system whose owner is an approver, with roles from the register."""
    system, owner = desk.system(), desk.person("wang").ask("GET", f"{V1}/me").json()["id"]
    permit = desk.home.permit(Action.MANAGE_OFFICERS)
    pin = Pin(desk.provider.issuer, "store")
    new = NewIdentity(pin, IdentityKind.SERVICE, "受理系统", owner)
    authority = AuthorityId(desk.person("li").ask("GET", f"{V1}/me").json()["authorities"][0])
    now = desk.home.clock.now()
    with desk.home.database.writing() as connection:
        made = add_identity(connection, new, permit, now, secrets.token_bytes)
        for role in roles:
            gift = RoleGift(made.identity_id, role, authority)
            assign_role(connection, gift, permit, now, secrets.token_bytes)
    return system


def test_a_system_asks_and_its_owner_does_not_approve(desk: RunningDesk) -> None:
    system = _recorded_system(desk, Role.OPERATOR)
    asked = system.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    assert asked.status_code == 201, words_of(asked)
    request = f"{V1}/requests/{asked.json()['id']}"
    answer = desk.person("wang").ask("POST", f"{request}/approval", {"reason": "理由"})
    assert (answer.status_code, answer.json()["code"]) == (403, "own_request")


def test_a_system_decides_nothing_whatever_groups_say(desk: RunningDesk) -> None:
    system = _recorded_system(desk, Role.OPERATOR)
    asked = desk.person("li").ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    request = f"{V1}/requests/{asked.json()['id']}"
    desk.provider.tell(systems={"groups": ["审批"]})
    system.token = ""
    me = system.ask("GET", f"{V1}/me").json()
    assert me["kind"] == "service"
    answer = system.ask("POST", f"{request}/approval", {"reason": "自动同意"})
    assert answer.status_code == 403, words_of(answer)


def test_a_token_of_another_client_speaks_for_no_person(desk: RunningDesk) -> None:
    """It has the officer's subject, our audience, and a key of the attacker's own."""
    thief = desk.system()
    thief.token = desk.token_of_browser_client("li", thief.key)
    answer = thief.ask("GET", f"{V1}/me")
    assert answer.status_code == 403, words_of(answer)


def test_a_token_without_our_scope_is_refused(desk: RunningDesk) -> None:
    system = _recorded_system(desk, Role.OPERATOR)
    system.token = system.fetch_token(scope="")
    answer = system.ask("GET", f"{V1}/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_an_approval_ends_with_who_gave_it(desk: RunningDesk) -> None:
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    request = f"{V1}/requests/{asked['id']}"
    wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    identity = wang.ask("GET", f"{V1}/me").json()["id"]
    departure = Departure(identity, LeavingKind.DISABLED, "账号被盗")
    desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    answer = zhao.ask("POST", f"{request}/licence")
    assert answer.status_code == 409, words_of(answer)
    waits = zhao.ask("GET", request).json()
    assert (waits["state"], waits["decided_by"]) == ("WAITING", None)


def test_a_photo_that_no_field_names_is_refused(desk: RunningDesk) -> None:
    photo = base64.b64encode(b"\x89PNG\r\n").decode()
    li = desk.person("li")
    answer = li.ask("POST", f"{V1}/requests", body(photo=photo), Idempotency_Key="request-1")
    assert answer.status_code == 422, words_of(answer)
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-2").json()
    request = f"{V1}/requests/{asked['id']}"
    assert li.ask("GET", f"{request}/content").json()["photo"] is False
    assert li.ask("GET", f"{request}/photo").status_code == 404


def test_nothing_hidden_is_put_on_record(desk: RunningDesk) -> None:
    li = desk.person("li")
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    request = f"{V1}/requests/{asked['id']}"
    for reason in ("a\x00b", "a\u202eb", "", "x" * 501):
        answer = li.ask("POST", f"{request}/withdrawal", {"reason": reason})
        assert answer.status_code == 422, reason


@pytest.mark.parametrize("wrong", ["replayed", "stolen", "bearer", "another address"])
def test_a_token_without_its_own_proof_is_refused(desk: RunningDesk, wrong: str) -> None:
    system = desk.system()
    system.token = system.fetch_token()
    if wrong == "stolen":
        thief = desk.system()
        thief.token = system.token
        answer = thief.ask("GET", f"{V1}/me")
    elif wrong == "bearer":
        headers = {"Authorization": f"Bearer {system.token}"}
        answer = desk.http.get(f"{desk.url}{V1}/me", headers=headers)
    else:
        sent = system.headers("GET", f"{V1}/me")
        first = desk.http.get(f"{desk.url}{V1}/me", headers=sent)
        assert first.status_code != 401, "the token and its proof are good"
        path = f"{V1}/me" if wrong == "replayed" else f"{V1}/licences"
        answer = desk.http.get(f"{desk.url}{path}", headers=sent)
    assert answer.status_code == 401, words_of(answer)


def test_what_was_approved_is_granted_and_nothing_else(desk: RunningDesk) -> None:
    """Whoever can write the database puts other words under an approved request."""
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1")
    request = f"{V1}/requests/{asked.json()['id']}"
    wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    with desk.home.database.writing() as connection:
        content = connection.execute(select(request_contents.c.content)).scalar_one()
        place = f"request_contents\0{asked.json()['id']}\0content"
        other = {**read_content(privacy_of(connection), place, content), "record": record(1)}
        connection.execute(update(request_contents).values(content=other))
    refused = zhao.ask("POST", f"{request}/licence")
    assert refused.status_code == 409, words_of(refused)
    assert zhao.ask("GET", request).json()["state"] == "APPROVED"


def test_who_asked_does_not_approve(desk: RunningDesk) -> None:
    """One person in two roles, and the same person by two roles of one account."""
    desk.provider.tell(accounts={"li": {"name": "李样", "groups": ["经办", "审批", "签发"]}})
    li = desk.person("li")
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    request = f"{V1}/requests/{asked['id']}"
    answer = li.ask("POST", f"{request}/approval", {"reason": "自己同意"})
    assert (answer.status_code, answer.json()["code"]) == (403, "own_request")
    withdrawn = li.ask("POST", f"{request}/withdrawal", {"reason": "填错"})
    assert withdrawn.json()["state"] == "WITHDRAWN"
    again = li.ask("POST", f"{request}/withdrawal", {"reason": "填错"})
    assert again.json()["state"] == "WITHDRAWN"


def test_of_two_approvers_one_decides(desk: RunningDesk) -> None:
    desk.provider.tell(
        accounts={
            "li": {"name": "李样", "groups": ["经办"]},
            "wang": {"name": "王例", "groups": ["审批"]},
            "zhou": {"name": "周样", "groups": ["审批"]},
        }
    )
    li, wang, zhou = (desk.person(one) for one in ("li", "wang", "zhou"))
    asked = li.ask("POST", f"{V1}/requests", body(), Idempotency_Key="request-1").json()
    request = f"{V1}/requests/{asked['id']}"
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda who: who[0].ask("POST", f"{request}/{who[1]}", {"reason": "理由"}),
                [(wang, "approval"), (zhou, "rejection")],
            )
        )
    codes = sorted(one.status_code for one in answers)
    assert codes == [200, 409], [words_of(one) for one in answers]
    late = next(one for one in answers if one.status_code == 409)
    assert "id:" in late.json()["detail"], "it says by whom"


def test_where_no_second_person_is_needed_a_licence_is_granted_at_once(desk: RunningDesk) -> None:
    desk.provider.tell(accounts={"li": {"name": "李样", "groups": ["经办", "签发"]}})
    li = desk.person("li")
    granted = li.ask("POST", f"{V1}/licences", body(), Idempotency_Key="grant-001")
    assert granted.status_code == 201, words_of(granted)
    again = li.ask("POST", f"{V1}/licences", body(), Idempotency_Key="grant-001")
    assert (again.status_code, again.json()["identifier"]) == (
        200,
        granted.json()["identifier"],
    )
    other = li.ask("POST", f"{V1}/licences", body(1), Idempotency_Key="grant-001")
    assert other.status_code == 409
    rows = li.ask("POST", f"{V1}/licences", {**body(2), "record": {}}, Idempotency_Key="grant-002")
    assert rows.status_code == 422
    assert rows.json()["code"] == "bad_row"


def test_what_ended_requests_asked_for_is_forgotten(desk: RunningDesk) -> None:
    """Withdrawn, rejected, or left until it lapsed; open ones stay."""
    li, wang = desk.person("li"), desk.person("wang")
    ids = [
        li.ask("POST", f"{V1}/requests", body(one), Idempotency_Key=f"request-{one}").json()["id"]
        for one in range(3)
    ]
    wang.ask("POST", f"{V1}/requests/{ids[0]}/rejection", {"reason": "材料不全"})
    with desk.home.database.writing() as connection:
        past = desk.home.clock.now() - timedelta(days=1)
        lapsing = update(grant_requests).where(grant_requests.c.request_id == ids[1])
        connection.execute(lapsing.values(lapses_at=past))
    file = read_identity_file(desk.home.directory)
    assert file is not None
    rights = open_rights(desk.home, file)
    Desk(rights, desk.home.catalogue, lambda: desk.home.granting).forget_lapsed()
    with desk.home.database.reading() as connection:
        kept = connection.execute(select(request_contents.c.request_id)).scalars().all()
    assert kept == [ids[2]]
    assert li.ask("GET", f"{V1}/requests/{ids[1]}").json()["state"] == "LAPSED"
