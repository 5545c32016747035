"""Every endpoint with every role: of the authority, of another one, of all, of none, and nobody."""

import base64
import csv
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi.routing import APIRoute
from starlette.routing import Route
from starlette.testclient import TestClient

from core.ids import AuthorityId, IdentityId, SealId
from core.permits import Action, Role
from home.identity.file import read_identity_file
from home.identity.sign_in import open_desk, open_issuing_app, open_rights
from home.wiring import Home
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.sessions.browser import SESSION_COOKIE
from identity.sessions.sessions import Sessions
from issuing_api.app import IssuingMetrics
from registry.audit.events import EventFilter, list_events
from registry.bodies.authorities import list_authorities
from registry.bodies.seal_register import find_use
from registry.desk.contents import GrantAsk
from registry.desk.corrections import CorrectionDesk
from registry.desk.documents.found import FoundFile
from registry.desk.documents.rows import DraftFile, add_file
from registry.desk.judging import SheetAsk
from registry.desk.key_requests import KeyRequests, SealAsk
from registry.desk.sign_in.session_store import SqlSessions
from registry.licences.corrections.rows import CorrectionSource, CorrectionTerms, NewCorrection
from registry.licences.licences import list_licences
from registry.objects.store import sha256_of
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.model import DeskRequestState
from registry.officers.roles import RoleGift, assign_role
from signing.intake.report import PageBox
from tests.cli.conftest import DemoHome
from tests.issuing_api.documents import publish_documents
from tests.issuing_api.walk import ASKS, DECIDES, WALK, Entry, Kind, Things
from tests.registry.desk.batch.batch_world import sheet

URL, ISSUER, STRONG = "http://localhost:1", "https://id.example", "urn:strong"
DATA = Path(__file__).parents[2] / "examples" / "data" / "food-operation.csv"
NOWHERE = "0" * 32
NUMBERS = count(1)


@dataclass(frozen=True)
class Seat:
    """Somebody in one role; None: in none."""

    name: str
    role: Role | None
    where: str
    """`here`: in the authority; `elsewhere`, `everywhere`, `nowhere`."""
    identity_id: IdentityId
    cookie: str
    form_token: str


class Walk:
    """A desk with somebody in each role."""

    def __init__(self, home: Home) -> None:
        with home.database.reading() as connection:
            granted = list_licences(connection)[0]
            known = [one.authority_id for one in list_authorities(connection)]
        self.home = home
        self.here: AuthorityId = granted.authority_id
        self.elsewhere = next(one for one in known if one != self.here)
        self.licence = str(granted.identifier)
        with home.database.reading() as connection:
            used = find_use(connection, granted.identifier)
        assert used is not None
        self.seal = str(used[0])
        file = read_identity_file(home.directory)
        assert file is not None
        self.desk = open_desk(home, open_rights(home, file))
        publish_documents(home)
        opened = open_issuing_app(home, IssuingMetrics())
        assert opened is not None
        self.app = opened[0]
        self.browsers: dict[str, TestClient] = {}
        self._sessions = Sessions(SqlSessions(home.database), home.clock, secrets.token_bytes)
        with DATA.open(encoding="utf-8-sig") as rows:
            self._records = list(csv.DictReader(rows))[10:]
        places = {"here": self.here, "elsewhere": self.elsewhere, "everywhere": None}
        self.seats = [
            self.seat(f"{role}-{name}", role, name, at)
            for name, at in places.items()
            for role in Role
        ]
        self.seats.append(self.seat("none", None, "nowhere", None))
        self.clerk = self.seat("clerk", Role.OPERATOR, "here", self.here)
        self.keeper = self.seat("keeper", Role.REGISTRAR, "here", self.here)
        self.chief = self.seat("chief", Role.APPROVER, "here", self.here)

    def seat(self, name: str, role: Role | None, where: str, at: AuthorityId | None) -> Seat:
        """Record somebody, give them a role and sign them in, strongly and just now."""
        permit, now = self.home.permit(Action.MANAGE_OFFICERS), self.home.clock.now()
        new = NewIdentity(Pin(ISSUER, f"sub-{name}"), IdentityKind.PERSON, name, None)
        with self.home.database.writing() as connection:
            made = add_identity(connection, new, permit, now, secrets.token_bytes)
            if role is not None:
                gift = RoleGift(made.identity_id, role, at)
                assign_role(connection, gift, permit, now, secrets.token_bytes)
        cookie, session = self._sessions.open(
            issuer=ISSUER,
            subject=f"sub-{name}",
            alias="main",
            provider_session=None,
            auth_time=now,
            acr=STRONG,
            groups=(),
            name=name,
            id_token=None,
        )
        return Seat(name, role, where, made.identity_id, cookie, session.form_token)

    def record(self) -> dict[str, str]:
        """Return a record; one holder's comes again only after all others'."""
        return self._records[next(NUMBERS) % len(self._records)]

    def body(self) -> dict[str, Any]:
        """Return a licence asked for in the authority's name."""
        return {"type": "food-operation", "authority": self.here, "record": self.record()}

    def asked(self, seat: Seat | None = None) -> str:
        """Return a request that waits."""
        who = seat or self.clerk
        standing = self.desk.rights.standing(self._identity(who))
        ask = GrantAsk("food-operation", self.record(), self.here)
        return self.desk.ask(standing, ask, f"asked-{next(NUMBERS):05}").request_id

    def correction(self) -> str:
        """Return a request for a correction that is open."""
        standing = self.desk.rights.standing(self._identity(self.clerk))
        corrections = CorrectionDesk(self.desk.rights, CorrectionTerms(), URL)
        new = NewCorrection(CorrectionSource.HOLDER, "地址", "例路", "有误")
        return corrections.ask(standing, self.licence, new)[0].correction_id

    def approved(self) -> str:
        """Return a request that may be carried out."""
        request_id = self.asked()
        standing = self.desk.rights.standing(self._identity(self.chief))
        self.desk.approve(standing, request_id, "样例理由")
        return request_id

    def seal_asked(self) -> str:
        """Return a request for a seal that waits."""
        standing = self.desk.rights.standing(self._identity(self.keeper))
        keys = KeyRequests(self.desk.rights, lambda: self.home.seal_maker, True)
        ask = SealAsk(SealId(f"walk-seal-{next(NUMBERS):05}"), self.here, "样例专用章")
        return keys.ask_seal(standing, ask, None).request_id

    def draft(self, seat: Seat | None = None) -> str:
        """Return a draft of documents; its file is nothing that a confined process need read."""
        standing = self.desk.rights.standing(self._identity(seat or self.clerk))
        drafts = self.desk.documents.drafts
        for old in drafts.mine(standing):
            drafts.drop(standing, old.draft_id)
        draft = drafts.begin(standing, "official-document", self.here)
        found = FoundFile((), (PageBox(0.0, 0.0, 100.0, 100.0),), "样例", (), ())
        file = DraftFile(1, "样例", sha256_of(b"%PDF-"), 5, False, found)
        with self.home.database.writing() as connection:
            add_file(connection, draft.draft_id, file, b"%PDF-")
        return draft.draft_id

    def sheet(self) -> dict[str, Any]:
        """Return a sheet of one row."""
        content = base64.b64encode(sheet(20, 1)).decode()
        return {"type": "food-operation", "authority": self.here, "sheet": content}

    @cached_property
    def _begun(self) -> tuple[str, str]:
        desk = self.desk
        clerk = desk.rights.standing(self._identity(self.clerk))
        ask = SheetAsk("food-operation", sheet(21, 1), authority_id=self.here)
        made = desk.batches.ask(clerk, ask, "walk-batch")
        sealer = next(one for one in self.seats if one.name == "sealer-here")
        standing = desk.rights.standing(self._identity(sealer))
        return made.request_id, desk.batches.carry_out(standing, made.request_id).job_id

    def things(self, seat: Seat | None) -> Things:
        """Return what the walk's calls are about."""
        asks = seat is not None and seat.role in ASKS and seat.where in ("here", "everywhere")
        return Things(
            self.asked,
            lambda: self.asked(seat if asks else None),
            self.approved,
            self.seal_asked,
            self.licence,
            self.body,
            lambda: f"walk-{next(NUMBERS):06}",
            self.here,
            self.sheet,
            lambda: self._begun[0],
            lambda: self._begun[1],
            self.seal,
            lambda: self.draft(seat if asks else None),
            correction=self.correction,
        )

    def ask(self, seat: Seat | None, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request as somebody's browser would, from a page of ours."""
        headers = {"Origin": URL, "Sec-Fetch-Site": "same-origin"} | more.pop("headers", {})
        if seat is not None:
            headers["Cookie"] = f"{SESSION_COOKIE}={seat.cookie}"
        answer: httpx2.Response = self._browser(seat).request(method, path, headers=headers, **more)
        return answer

    def _browser(self, seat: Seat | None) -> TestClient:
        """Return somebody's browser, each in a network of its own: rates are per network."""
        name = "nobody" if seat is None else seat.name
        if name not in self.browsers:
            client = (f"127.0.1.{len(self.browsers) + 1}", 50_000)
            self.browsers[name] = TestClient(
                self.app, base_url=URL, follow_redirects=False, client=client
            )
        return self.browsers[name]

    def call(
        self, seat: Seat | None, route: str, entry: Entry, things: Things, **instead: str
    ) -> httpx2.Response:
        """Call an endpoint; `instead`: values of the path's parameters."""
        method, path = route.split(" ")
        for name in re.findall(r"{(\w+)}", path):
            value = instead.get(name)
            if value is None:
                of = getattr(things, entry.names[name]) if name in entry.names else "main"
                value = of() if callable(of) else of
            path = path.replace(f"{{{name}}}", value)
        if entry.form is not None:
            token = "" if seat is None else seat.form_token
            return self.ask(seat, method, path, data={**entry.form, "form_token": token})
        headers = {"Idempotency-Key": things.key()} if entry.keyed else {}
        body = None if entry.body is None else entry.body(things)
        return self.ask(seat, method, path, json=body, headers=headers)

    def _identity(self, seat: Seat) -> Identity:
        pin = Pin(ISSUER, f"sub-{seat.name}")
        return Identity(pin, IdentityKind.PERSON, seat.name, SignInWay.BROWSER, seat.identity_id)


@pytest.fixture(scope="module")
def walk(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A demo home of this module's own, with somebody in each role."""
    from shutil import copytree  # noqa: PLC0415

    directory = tmp_path_factory.mktemp("walk") / "home"
    copytree(shared.directory, directory)
    key = ec.generate_private_key(ec.SECP256R1())
    file = directory / "client.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    (directory / "identity.toml").write_text(
        f'public_url = "{URL}"\n[local]\naccounts = true\n'
        '[[providers]]\nalias = "main"\nlabel = "统一身份"\n'
        'issuer = "http://127.0.0.1:1"\nclient_id = "desk"\nclient_key_file = "client.pem"\n'
        'client_key_id = "client-1"\nalgorithm = "ES256"\nplain_loopback = true\n'
        '[providers.events]\n[providers.scim]\nclient = "provisioning"\n',
        "utf-8",
    )
    with Home(directory, {}) as home:
        made = Walk(home)
        yield made


def kept(things: Things) -> Things:
    """Return the same things at each call: for calls that change nothing."""
    return replace(
        things,
        asked=cache(things.asked),
        approved=cache(things.approved),
        seal_asked=cache(things.seal_asked),
        draft=cache(things.draft),
    )


def routes(walk: Walk) -> set[str]:
    """Return the endpoints that the service has, without style sheets, scripts, icons."""
    found, left = set(), list(walk.app.routes)
    while left:
        route = left.pop()
        if isinstance(route, Route | APIRoute):
            if "/static/" not in route.path:
                found |= {f"{one} {route.path}" for one in (route.methods or set()) - {"HEAD"}}
        else:  # a router of FastAPI's, included; anything else has no routes, and fails here
            left += route.original_router.routes  # type: ignore[attr-defined]
    return found


def test_every_endpoint_is_in_the_table(walk: Walk) -> None:
    """A new endpoint comes with a line in `walk.py`: who may call it, and what answers whom."""
    assert routes(walk) == set(WALK)


def expected(entry: Entry, seat: Seat) -> frozenset[int]:
    """Return the statuses that may answer somebody who is signed in."""
    if entry.kind in (Kind.OPEN, Kind.SELF, Kind.LIST, Kind.SCREEN):
        return entry.ok
    if seat.where in ("here", "everywhere"):
        return entry.ok if seat.role in entry.allowed else entry.no
    return frozenset({404} if entry.kind is Kind.OBJECT else {403, 404})


@pytest.mark.parametrize("route", sorted(WALK))
def test_each_role_is_answered_as_the_table_says(walk: Walk, route: str) -> None:
    entry = WALK[route]
    nobody = walk.call(None, route, entry, walk.things(None))
    assert nobody.status_code in (entry.ok if entry.kind is Kind.OPEN else entry.nobody), (
        nobody.text
    )
    wrong, steady = [], kept(walk.things(None))
    for seat in walk.seats:
        things = steady if route.startswith("GET") else walk.things(seat)
        answer = walk.call(seat, route, entry, things)
        if answer.status_code not in expected(entry, seat):
            wrong.append((seat.name, answer.status_code, answer.text[:200]))
    assert not wrong, "\n".join(str(one) for one in wrong)


@pytest.mark.parametrize("route", sorted(one for one in WALK if WALK[one].kind is Kind.OBJECT))
def test_out_of_reach_is_told_in_the_words_of_what_is_not_there(walk: Walk, route: str) -> None:
    entry = WALK[route]
    name, things = next(iter(entry.names)), kept(walk.things(None))
    for seat in walk.seats:
        if seat.where in ("here", "everywhere"):
            continue
        of = getattr(things, entry.names[name])
        real = of() if callable(of) else of
        nothing = NOWHERE if len(real) == len(NOWHERE) else real[:-4] + "0000"
        answers = [
            _told(walk.call(seat, route, entry, things, **{name: one}), one)
            for one in (real, nothing)
        ]
        assert answers[0] == answers[1], seat.name


def _told(answer: httpx2.Response, named: str) -> tuple[int, dict[str, Any]]:
    told = json.loads(answer.text.replace(named, "THIS"))
    told.pop("request_id", None)  # the server puts it there
    return answer.status_code, told


@pytest.mark.parametrize("route", sorted(one for one in WALK if WALK[one].kind is Kind.LIST))
def test_lists_hold_what_is_within_reach_alone(walk: Walk, route: str) -> None:
    entry, request_id = WALK[route], walk.asked()
    for seat in walk.seats:
        all_of_it = f"{route}?limit=500"  # the walk made more than one page of them
        told = walk.call(seat, all_of_it, entry, walk.things(None)).text
        sees = any(one in told for one in (request_id, walk.licence, walk.things(None).batch()))
        assert sees is (seat.where in ("here", "everywhere")), (seat.name, told[:300])


@pytest.mark.parametrize("role", list(Role))
def test_what_was_refused_was_not_done(walk: Walk, role: Role) -> None:
    """The answer alone proves nothing: requests that somebody was refused still wait."""
    refused = [one for one in walk.seats if one.role is role and one.where == "elsewhere"]
    if role not in DECIDES:
        refused += [one for one in walk.seats if one.role is role and one.where == "here"]
    request_id = walk.asked()
    for seat in refused:
        for act in ("approval", "rejection"):
            walk.ask(
                seat, "POST", f"/issuing/v1/requests/{request_id}/{act}", json={"reason": "理由"}
            )
    standing = walk.desk.rights.standing(walk._identity(walk.clerk))
    found = walk.desk.rights.sight(standing).request(request_id)
    assert found.state is DeskRequestState.WAITING


def test_only_readings_of_supervisors_are_on_record(walk: Walk) -> None:
    def readings() -> int:
        with walk.home.database.reading() as connection:
            read = EventFilter(action="record.read")
            return len(list_events(connection, chosen=read, limit=10_000))

    for route, entry in WALK.items():
        if entry.kind not in (Kind.LIST, Kind.OBJECT) or not route.startswith("GET"):
            continue
        things = kept(walk.things(None))
        for seat in walk.seats:
            before = readings()
            walk.call(seat, route, entry, things)
            supervises = seat.role is Role.AUDITOR and seat.where == "everywhere"
            assert (readings() > before) is supervises, (route, seat.name)
