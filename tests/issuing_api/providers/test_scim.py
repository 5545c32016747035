"""SCIM 2.0: a provider's client records people and ends them; its own, and nobody else's."""

import secrets
import shutil
from collections.abc import Generator, Iterator
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import update

from core.clock import SystemClock
from core.ids import AuthorityId, IdentityId
from core.permits import EVERYTHING, Action, Role
from identity.people.model import IdentityKind, Pin
from identity.tokens.making import dpop_proof
from registry.audit.events import list_events
from registry.db.tables import identities, provisioned
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity, find_identity
from registry.officers.model import IdentityState
from registry.officers.roles import RoleGift, assign_role, list_roles
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import RunningDesk, System, running_desk

SCIM = "/issuing/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SETTINGS = '[providers.scim]\nclient = "provisioning"\n'


@pytest.fixture(scope="module")
def desk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk with a client for provisioning, which is on record with its owner."""
    directory = tmp_path_factory.mktemp("scim") / "home"
    shutil.copytree(shared.directory, directory)
    own = DemoHome(directory, shared.report)
    with running_desk(directory, *two_authorities(own), SETTINGS) as running:
        owner = IdentityId(running.person("wang").ask("GET", "/issuing/v1/me").json()["id"])
        for name in ("provisioning", "store"):
            record(running, name, IdentityKind.SERVICE, owner)
        yield running


def record(
    desk: RunningDesk, subject: str, kind: IdentityKind, owner: IdentityId | None = None,
    issuer: str | None = None,
) -> IdentityId:  # fmt: skip
    new = NewIdentity(Pin(issuer or desk.provider.issuer, subject), kind, subject, owner)
    permit = desk.home.permit(Action.MANAGE_OFFICERS)
    with desk.home.database.writing() as connection:
        now = desk.home.clock.now()
        return add_identity(connection, new, permit, now, secrets.token_bytes).identity_id


@pytest.fixture(scope="module")
def client(desk: RunningDesk) -> System:
    """The client for provisioning."""
    system = desk.system()
    system.token = system.fetch_token("scim", "provisioning")
    return system


def create(client: System, subject: str, **more: object) -> dict[str, Any]:
    answer = client.ask("POST", f"{SCIM}/Users", user(subject, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def user(subject: str, **more: object) -> dict[str, object]:
    named = {"externalId": subject, "userName": f"{subject}@example.cn"}
    return {"schemas": [USER], **named, "active": True, **more}


def patch(client: System, one: object, *operations: object) -> httpx2.Response:
    body = {"schemas": [PATCH], "Operations": list(operations)}
    return client.ask("PATCH", f"{SCIM}/Users/{one}", body)


def state_of(desk: RunningDesk, identity_id: str) -> IdentityState:
    with desk.home.database.reading() as connection:
        return find_identity(connection, identity_id).state


class Proving(httpx2.Auth):
    """Authentication of each request of a client that knows nothing of DPoP."""

    def __init__(self, system: System) -> None:
        self._system = system

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        address = str(request.url).partition("?")[0]
        request.headers["Authorization"] = f"DPoP {self._system.token}"
        request.headers["DPoP"] = dpop_proof(
            self._system.key,
            request.method,
            address,
            now=SystemClock().now(),
            random=secrets.token_bytes,
            access_token=self._system.token,
        )
        yield request


def test_the_tester_of_others_finds_nothing(desk: RunningDesk, client: System) -> None:
    # Seconds of CPU, which every worker of a run would spend at its start.
    from scim2_client.engines.httpx2 import SyncSCIMClient  # noqa: PLC0415
    from scim2_tester import Status, check_server  # noqa: PLC0415

    address = f"{desk.url}{SCIM}"
    with httpx2.Client(base_url=address, auth=Proving(client), trust_env=False) as http:
        results = check_server(SyncSCIMClient(http))
    told = [f"{one.status.name} {one.title}: {one.reason}" for one in results]
    bad = [line for line in told if line.startswith(("ERROR", "CRITICAL", "DEVIATION"))]
    assert bad == []
    assert sum(one.status is Status.SUCCESS for one in results) >= 28, told


def test_whoever_is_recorded_may_do_nothing_by_that(desk: RunningDesk, client: System) -> None:
    made = create(client, "fresh", emails=[{"value": "f@example.cn"}], displayName="新人")
    assert made.keys() == {"schemas", "id", "meta", "externalId", "userName", "active"}
    with desk.home.database.reading() as connection:
        found = find_identity(connection, made["id"])
        assert found.pin == Pin(desk.provider.issuer, "fresh")
        assert list_roles(connection, EVERYTHING, identity_id=made["id"]) == []
        told = [one for one in list_events(connection, limit=10_000) if made["id"] in one.subject]
    assert [(one.action, one.actor) for one in told] == [("identity.added", "provider:main")]


def test_one_of_a_subject_and_of_a_name(client: System) -> None:
    create(client, "twice")
    for again in (user("twice", userName="else"), user("else", userName="TWICE@example.cn")):
        answer = client.ask("POST", f"{SCIM}/Users", again)
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    third = create(client, "third")
    taken = {"op": "replace", "path": "userName", "value": "Twice@example.cn"}
    assert patch(client, third["id"], taken).status_code == 409


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "active", "value": False},
        {"op": "Replace", "path": "active", "value": "False"},  # Entra
        {"op": "replace", "value": {"active": False}},  # Okta
        {"op": "replace", "path": f"{USER}:active", "value": False},
        {"op": "add", "path": "active", "value": False},
        {"op": "replace", "value": {"active": False, "name.givenName": "X", "title": "Y"}},
    ],
)
def test_who_is_made_inactive_leaves(
    desk: RunningDesk, client: System, operation: dict[str, object]
) -> None:
    """In the forms that providers really send."""
    made = create(client, f"u-{secrets.token_hex(4)}")
    identity, authority = IdentityId(made["id"]), AuthorityId(desk.authority)
    permit = desk.home.permit(Action.MANAGE_OFFICERS)
    with desk.home.database.writing() as connection:
        now = desk.home.clock.now()
        assign_role(
            connection, RoleGift(identity, Role.SEALER, authority), permit, now, secrets.token_bytes
        )
    assert patch(client, identity, operation).status_code in {200, 204}
    assert state_of(desk, identity) is IdentityState.DISABLED
    assert client.ask("GET", f"{SCIM}/Users/{identity}").json()["active"] is False
    with desk.home.database.reading() as connection:
        events = list_events(connection, limit=10_000)
        assert list_roles(connection, EVERYTHING, identity_id=identity, ended=False) == []
    told = [one for one in events if one.action == "identity.ended"][-1]
    assert told.actor == "provider:main"
    assert told.basis is not None
    assert told.basis.startswith("scim (id:"), "by which client"
    # Active again there: in use here, without the roles of before.
    again = {"op": "replace", "path": "active", "value": True}
    assert patch(client, identity, again).status_code in {200, 204}
    assert state_of(desk, identity) is IdentityState.ACTIVE
    with desk.home.database.reading() as connection:
        assert list_roles(connection, EVERYTHING, identity_id=identity, ended=False) == []


def test_who_was_disabled_here_is_not_enabled_from_there(desk: RunningDesk, client: System) -> None:
    made = create(client, "barred")
    departure = Departure(IdentityId(made["id"]), LeavingKind.DISABLED, "违规")
    desk.home.leaving.end_identity(departure, desk.home.permit(Action.MANAGE_OFFICERS))
    again = {"op": "replace", "path": "active", "value": True}
    assert patch(client, made["id"], again).status_code == 403
    assert state_of(desk, made["id"]) is IdentityState.DISABLED
    assert client.ask("DELETE", f"{SCIM}/Users/{made['id']}").status_code == 204
    assert client.ask("POST", f"{SCIM}/Users", user("barred")).status_code == 403, "nor anew"
    assert state_of(desk, made["id"]) is IdentityState.DISABLED


def test_whoever_signed_in_before_is_taken_over_once_recorded(
    desk: RunningDesk, client: System
) -> None:
    sun = desk.person("sun")
    identity = sun.ask("GET", "/issuing/v1/me").json()["id"]
    assert client.ask("GET", f"{SCIM}/Users/{identity}").status_code == 404
    assert create(client, "sun")["id"] == identity
    assert client.ask("DELETE", f"{SCIM}/Users/{identity}").status_code == 204
    assert sun.ask("GET", "/issuing/v1/me").status_code == 401, "sessions end in all workers"
    assert state_of(desk, identity) is IdentityState.DISABLED
    assert client.ask("GET", f"{SCIM}/Users/{identity}").status_code == 404
    back = create(client, "sun")
    assert (back["id"], back["active"]) == (identity, True), "it had disabled them itself"


def test_the_subject_stays(client: System) -> None:
    made = create(client, "pinned")
    change = {"op": "replace", "path": "externalId", "value": "other"}
    answer = patch(client, made["id"], change)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    body = user("other", userName="pinned@example.cn")
    assert client.ask("PUT", f"{SCIM}/Users/{made['id']}", body).status_code == 400
    assert client.ask("GET", f"{SCIM}/Users/{made['id']}").json()["externalId"] == "pinned"


def test_what_is_not_kept_is_left_out_and_what_nobody_knows_is_told(client: System) -> None:
    made = create(client, "emailed")
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    for operation in (
        {"op": "add", "path": 'emails[type eq "work"].value', "value": "a@b.cn"},
        {"op": "replace", "path": "name.familyName", "value": "李"},
        {"op": "replace", "path": f"{enterprise}:department", "value": "D"},
        {"op": "replace", "value": {"displayName": "李", enterprise: {"manager": "x"}}},
    ):
        assert patch(client, made["id"], operation).status_code == 200, operation
    assert client.ask("GET", f"{SCIM}/Users/{made['id']}").json() == made
    whole = user("emailed", schemas=[USER, enterprise], **{enterprise: {"department": "D"}})
    assert client.ask("PUT", f"{SCIM}/Users/{made['id']}", whole).status_code == 200
    bad = {"op": "replace", "path": "favouriteColour", "value": "red"}
    assert patch(client, made["id"], bad).status_code == 400
    assert client.ask("POST", f"{SCIM}/Users", user("x", colour="red")).status_code == 400
    assert client.ask("GET", f"{SCIM}/Groups").status_code == 404
    assert client.ask("POST", f"{SCIM}/Bulk", {}).status_code == 501


def test_a_client_of_one_issuer_does_not_see_the_others_people(
    desk: RunningDesk, client: System
) -> None:
    """The same words as for somebody who is not there."""
    theirs = record(desk, "theirs", IdentityKind.PERSON, issuer="https://other.example")
    with desk.home.database.writing() as connection:
        now = desk.home.clock.now()
        connection.execute(
            provisioned.insert().values(
                identity_id=theirs,
                iss="https://other.example",
                user_name="theirs",
                user_key="theirs",
                created_at=now,
                changed_at=now,
                version=1,
            )
        )
    off = {"op": "replace", "path": "active", "value": False}
    found = [
        client.ask("GET", f"{SCIM}/Users/{one}").text.replace(one, "") for one in (theirs, "0" * 20)
    ]
    assert found[0] == found[1]
    assert patch(client, theirs, off).status_code == 404
    assert client.ask("DELETE", f"{SCIM}/Users/{theirs}").status_code == 404
    assert client.ask("PUT", f"{SCIM}/Users/{theirs}", user("theirs")).status_code == 404
    assert listed(client, 'userName eq "theirs"') == (0, [])
    assert theirs not in [one["id"] for one in listed(client, "")[1]]
    assert state_of(desk, theirs) is IdentityState.ACTIVE
    # Nor is a system of its own issuer a person of its.
    taken = client.ask("POST", f"{SCIM}/Users", user("store"))
    assert taken.status_code == 409


def test_no_other_client_provisions(desk: RunningDesk, client: System) -> None:
    with_scope = desk.system()
    with_scope.token = with_scope.fetch_token("scim", "store")
    without = desk.system()
    without.token = without.fetch_token("issuing", "provisioning")
    assert with_scope.ask("GET", f"{SCIM}/Users").status_code == 403
    assert without.ask("GET", f"{SCIM}/Users").status_code == 401
    assert client.ask("GET", "/issuing/v1/me").status_code == 401, "nor does it anything else"
    person = desk.person("li")
    assert person.ask("GET", f"{SCIM}/Users").status_code == 401, "a cookie is not enough"
    bearer = {"Authorization": f"Bearer {client.token}"}
    address = f"{desk.url}{SCIM}/Users"
    assert desk.http.get(address, headers=bearer).status_code == 401, "nor a token alone"
    thief = System(desk, ec.generate_private_key(ec.SECP256R1()), client.token)
    assert thief.ask("GET", f"{SCIM}/Users").status_code == 401, "nor with another key"


def test_a_client_that_was_disabled_provisions_no_more(desk: RunningDesk, client: System) -> None:
    column = identities.c
    this = column.sub == "provisioning"
    with desk.home.database.writing() as connection:
        connection.execute(update(identities).where(this).values(state=IdentityState.DISABLED))
    try:
        assert client.ask("GET", f"{SCIM}/Users").status_code == 403
    finally:
        with desk.home.database.writing() as connection:
            connection.execute(update(identities).where(this).values(state=IdentityState.ACTIVE))


def listed(client: System, asked: str, **query: int) -> tuple[int, list[dict[str, Any]]]:
    params: dict[str, str | int] = {**query, "filter": asked} if asked else {**query}
    headers = client.headers("GET", f"{SCIM}/Users")
    address = f"{client.desk.url}{SCIM}/Users"
    answer = client.desk.http.get(address, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["totalResults"], told["Resources"]


def refused(client: System, **query: str) -> httpx2.Response:
    headers = client.headers("GET", f"{SCIM}/Users")
    return client.desk.http.get(f"{client.desk.url}{SCIM}/Users", params=query, headers=headers)


def test_hostile_filters_are_refused_and_reach_no_statement(client: System) -> None:
    for asked in (
        "id pr and " * 200 + "id pr",
        "(" * 30 + "id pr" + ")" * 30,
        " or ".join(["id pr"] * 21),
        'emails eq "a"',
        'emails[type eq "work"] pr',
        'meta.created gt "2020-01-01T00:00:00Z"',
        'userName gt "a"',
        "userName eq 1",
        'active eq "true"',
        'active co "t"',
        "userName eq",
        "'; DROP TABLE identities; --",
        "x" * 5000,
        'userName co ""',
        'id eq "\\u0000"',
    ):
        answer = refused(client, filter=asked)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter"), asked
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "(" * 5000 + "id pr" + ")" * 5000,
    }
    assert client.ask("POST", f"{SCIM}/Users/.search", body).status_code == 400
    assert refused(client, sortBy="userName").status_code in {200, 400, 501}
    huge = client.ask("POST", f"{SCIM}/Users", user("x" * 100_000))
    assert huge.status_code == 413
    assert client.ask("POST", f"{SCIM}/Users", user("y" * 300)).status_code == 400
    deep = client.ask("POST", f"{SCIM}/Users", user("z", name=[[[[[[[[[[1]]]]]]]]]]))
    assert deep.status_code == 400
    many = [{"op": "replace", "path": "active", "value": True}] * 51
    assert patch(client, "0" * 20, *many).status_code == 400


def test_a_change_of_something_that_changed_meanwhile_is_refused(client: System) -> None:
    made = create(client, "raced")
    address = f"{SCIM}/Users/{made['id']}"
    tag = client.ask("GET", address).headers["etag"]
    assert client.ask("GET", address, If_None_Match=tag).status_code == 304
    off = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "userName", "value": "r2"}]}
    assert client.ask("PATCH", address, off, If_Match=tag).status_code == 204
    assert client.ask("PATCH", address, off, If_Match=tag).status_code == 412
    assert client.ask("DELETE", address, If_Match=tag).status_code == 412
    assert client.ask("GET", address, If_None_Match=tag).status_code == 200


def test_pages_add_up(client: System) -> None:
    for number in range(7):
        create(client, f"page-{number}")
    total, everybody = listed(client, 'externalId sw "page-"')
    assert (total, len(everybody)) == (7, 7)
    seen: list[str] = []
    for start in (1, 4, 7, 10):
        number, page = listed(client, 'externalId sw "page-"', startIndex=start, count=3)
        assert number == 7
        seen += [one["id"] for one in page]
    assert seen == [one["id"] for one in everybody]
    assert listed(client, 'externalId sw "page-"', count=0) == (7, [])
    assert listed(client, "", startIndex=10**9)[1] == []
    assert len(listed(client, "", count=10**9)[1]) <= 200
