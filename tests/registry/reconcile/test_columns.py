"""Every column of every table is vouched for: an edit by other hands is told, or a reason stands
here why nothing tells it.

Constraints are left out, as who owns the tables can: each column of one row by itself is changed,
the audit verified, and the row put back.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Table,
    create_engine,
    delete,
    insert,
    make_url,
    select,
    update,
)

from ca.hierarchy.requests import CertificateRequest, RequestState
from ca.issuers import OutsideCa
from ca.ledger import RevocationReason
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from ca.recorder import Facts
from core.ids import (
    AuthorityId,
    IdentityId,
    IssuerId,
    KeyId,
    LicenceIdentifier,
    SealId,
    Sha256,
    TypeCode,
)
from core.permits import Action, Actor, Permit, Role
from core.text import Text
from home.wiring import Home
from identity.people.model import IdentityKind, Pin
from registry.accession.grades import Grade
from registry.accession.rows import NewAccession, Origin, add_accession, paper_accession
from registry.audit.chain import RESTORED
from registry.audit.events import record
from registry.bodies.authorities import list_authorities, list_seals
from registry.bodies.matter_file import read_matters
from registry.bodies.matters import put_matters
from registry.bodies.reorganising import AuthorityStanding, reorganise
from registry.compromise.cases import CompromiseCase
from registry.compromise.compromise import Compromises
from registry.db.conflicts import put
from registry.db.counters import take
from registry.db.tables import (
    PASSING,
    awaited_seals,
    compromised_licences,
    counters,
    licence_types,
    metadata,
    provisioned,
    register_facts,
)
from registry.facts.loss import accept_loss, note_loss
from registry.journal.journal import MARK_BLOCK
from registry.ledger.certificate_requests import SqlRequestDesk
from registry.licences.corrections.contents import WORDS
from registry.licences.corrections.rows import CorrectionState
from registry.licences.countersignatures import (
    BEGUN,
    MOVED,
    RoundStep,
    begin_step,
    keep_day,
)
from registry.model import CompromiseFinding, Holder, LicenceState, Reason
from registry.officers.certificates import bind_certificate
from registry.officers.departures import Departure, LeavingKind
from registry.officers.identities import NewIdentity, add_identity
from registry.officers.leaving import Leaving
from registry.officers.requests import NewDeskRequest, approve_request, make_request
from registry.officers.roles import RoleGift, assign_role
from registry.revisions.tokens import BOOKMARK
from registry.types.document_type import Countersigner
from signing.levels import PadesLevel
from tests.permits import (
    CHANGE_CERTIFICATE,
    DECIDE,
    HANDLE_COMPROMISE,
    MANAGE_AUTHORITY,
    MANAGE_CA,
    MANAGE_KEY,
    MANAGE_OFFICERS,
    MANAGE_SEAL,
    TAKE_OVER,
    to_certify,
)
from tests.registry.licences.corrections.test_rows import ask, decide, new
from tests.registry.officers.office import DECIDERS
from tests.world import World

SEEN = "when they last signed in: people are shown it, and nothing goes by it"
TRANSIENT = "who works on it now: lapses, and decides nothing about what is registered"
LATER = "an instant that people are shown; nothing goes by it"
ENDED = "an instant that people are shown; whether there is one is told"
CALLED = "what a provider calls somebody; who they are, and whether they are in use, is an event"
ASKED = "what was asked for: sealed, until it is forgotten; personal data, which no event holds"
SWEPT = "digests of files that nothing else names, until they are removed"
INDEX = "an index that says where to look: whose seals a document waits for, its terms say"
UNTOLD = {
    **dict.fromkeys((f"awaited_seals.{one.name}" for one in awaited_seals.c), INDEX),
    "round_days.moved_at": LATER,
    "licences.erased_objects": SWEPT,
    "accessions.erased_objects": SWEPT,
    "licences.claim": TRANSIENT,
    "countersignatures.claim": TRANSIENT,
    "protections.claim": TRANSIENT,
    "protections.claimed_at": TRANSIENT,
    **dict.fromkeys((f"corrections.{one}" for one in WORDS), ASKED),
    "corrections.files": "how many came with it; they are forgotten, and in no backup",
    "corrections.request_key": "by it, asking again makes no second request",
    "corrections.changed_at": LATER,
    "keys.intended_at": LATER,
    "keys.retired_at": ENDED,
    "keys.destroyed_at": ENDED,
    "compromises.finished_at": ENDED,
    **dict.fromkeys((f"provisioned.{one.name}" for one in provisioned.c), CALLED),
    "certificate_requests.csr": "its key is its id, and its proof is checked before it counts",
    "keys.generated_at": LATER,
    "keys.activated_at": LATER,
    "certificate_requests.settled_at": LATER,
    "identities.last_seen_at": SEEN,
    "grant_requests.vouched": "groups of who decided, as their newest sign-in says: it lapses with "
    "a working day, and whose decision it is, an event says",
    "compromises.started_at": LATER,
    "compromises.judged_at": "no event says when all were judged; the end of a case is one",
    "compromised_licences.identifier": "what was found of a licence: its state is an event",
    "compromised_licences.finding": "what was found of a licence: its state is an event",
    "compromised_licences.proven_at": "what was found of a licence: its state is an event",
    "compromised_licences.judged_at": "what was found of a licence: its state is an event",
}
"""Columns whose edits nothing tells, and why that may be."""


MATTERS = """
[[matters]]
code = "000131006000"
authority = "qinglan-market"
name = { zh = "食品经营许可", en = "Food operation" }
[[matters.materials]]
name = { zh = "许可证", en = "Licence" }
accepts = [{ type = "food-operation", fields = ["operator"] }]
"""


def prepare(world: World, *, lost: bool = True) -> None:
    """Let every table have a row."""
    home = world.home
    first = world.home.granting.grant(world.request(0, request_key="a key")).licence
    world.home.granting.grant(world.request(1, level=PadesLevel.B_LTA))
    asked, _ = ask(world, first, new("a correction"))
    decide(world, asked, CorrectionState.ACCEPTED)
    again = world.request(
        0, replaces=first.identifier, reason=Reason.CORRECTED, request_key="another"
    )
    world.home.granting.grant(again)
    world.clock.advance(timedelta(hours=1))
    kind, other = list(world.types.values())[:2]
    home.seal_maker.renew(other.seal_id, MANAGE_SEAL)
    spare = home.seal_maker.renew(other.seal_id, MANAGE_SEAL)
    home.key_register.retire(KeyId(spare.key_id), "测试", permit=MANAGE_KEY)
    _revoke(home, world.clock.now())
    _ask(home, world.clock.now())
    _compromise(home, kind.seal_id, first.identifier, world.clock.now())
    _lose(home, world.clock.now())
    _accept(home)
    _staff(home, world.clock.now())
    with home.database.writing() as connection:
        put(connection, register_facts, {"name": BOOKMARK}, {"value": "1"})
        entries = read_matters(MATTERS, table=False)
        put_matters(connection, home.catalogue, entries, MANAGE_AUTHORITY, world.clock.now())
        old, now = an_accession(), world.clock.now()
        add_accession(connection, old, TAKE_OVER, now, random=secrets.token_bytes, basis="存量入库")
        _countersign(connection, first.identifier, kind.authority_id, kind.seal_id, now)
    world.clock.advance(timedelta(hours=1))
    home.audit.signer.sign()
    if lost:
        _lose(home, world.clock.now())


def _countersign(
    connection: Connection,
    identifier: LicenceIdentifier,
    authority_id: AuthorityId,
    seal_id: SealId,
    now: datetime,
) -> None:
    """Let a seal be about to be used, as `registry.granting.countersigning` does."""
    step = RoundStep(1, Countersigner("某局", authority_id))
    begin_step(
        connection,
        identifier,
        step,
        authority_id=authority_id,
        seal_id=seal_id,
        claim="c" * 32,
        at=now,
    )
    facts: Facts = {"position": 1, "authority": authority_id, "seal": seal_id}
    record(connection, at=now, actor=Actor("x"), action=BEGUN, subject=identifier, after=facts)
    waits = {"identifier": identifier, "position": 2, "authority_id": authority_id}
    connection.execute(insert(awaited_seals).values(waits))
    day = date(2030, 1, 1)
    keep_day(connection, identifier, day, now)
    facts = {"deadline": day.isoformat()}
    record(connection, at=now, actor=Actor("x"), action=MOVED, subject=identifier, after=facts)


def an_accession() -> NewAccession:
    """Return a licence that comes from elsewhere."""
    some = Sha256("ab" * 32)
    return NewAccession(
        accession_id=paper_accession("1" * 21, "2" * 18, "P1"),
        origin=Origin.PAPER,
        grade=Grade.B,
        identifier="1.2.3",
        type_code=TypeCode("1" * 21),
        type_name=Text("证", "licence"),
        authority_name="样例局",
        authority_uscc="2" * 18,
        authority_id=None,
        number="P1",
        personal=False,
        state=LicenceState.CANCELLED,
        reason=Reason.FORFEITED,
        holders=(Holder("某人", "111", "x"),),
        data={"name": "某人"},
        granted_on=date(1999, 1, 5),
        valid_from=date(1999, 1, 5),
        valid_until=date(2009, 1, 5),
        file_sha256=some,
        document_sha256=some,
        handed_out_sha256=some,
        source="other",
        stated_sha256=some,
    )


def _revoke(home: Home, at: datetime) -> None:
    serial = home.ledger.list_entries(IssuerId("issuing-1"), profile=ProfileKind.SEAL)[0]
    since = at - timedelta(minutes=30)
    reason = RevocationReason.KEY_COMPROMISE
    home.ledger.revoke(
        IssuerId("issuing-1"),
        serial.intent.serial,
        reason,
        at,
        invalidity_at=since,
        basis="测试",
        permit=CHANGE_CERTIFICATE,
    )


def _ask(home: Home, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = CertificateRequest(
        request_id=spki_fingerprint(key.public_key()),
        issuer=IssuerId("issuing-1"),
        kind=ProfileKind.TSA,
        key_id=KeyId("tsa-9"),
        csr=builder.sign(key, SHA256()).public_bytes(Encoding.DER),
        state=RequestState.REQUESTED,
        requested_at=at,
    )
    desk = SqlRequestDesk(home.database)
    desk.submit(request)
    desk.settle(request.request_id, RequestState.REFUSED, "a-code", at)
    root = next(one for one in home.ledger.list_issuers() if one.parent is None)
    assert root.certificate is not None
    outside = OutsideCa(
        IssuerId("outside"), root.certificate, (), at, "http://tsa.example", "1.2.3", None
    )
    home.ledger.save_outside_ca(outside, at, permit=MANAGE_CA)


def _staff(home: Home, at: datetime) -> None:
    """Let people and systems come and go."""
    random = secrets.token_bytes

    def add(name: str, owner: IdentityId | None = None) -> IdentityId:
        kind = IdentityKind.PERSON if owner is None else IdentityKind.SERVICE
        new = NewIdentity(Pin("https://id.example", name), kind, name, owner)
        return add_identity(connection, new, MANAGE_OFFICERS, at, random).identity_id

    with home.database.writing() as connection:
        bodies = [one.authority_id for one in list_authorities(connection)]
        standing = AuthorityStanding(bodies[1], bodies[1], date(2020, 1, 1), date(2050, 1, 1))
        reorganise(connection, bodies[0], standing, MANAGE_AUTHORITY, at)
        li, zhao = add("li"), add("zhao")
        add("system", li)
        until = at + timedelta(days=300)
        for who, role in ((li, Role.SEALER), (zhao, Role.OPERATOR)):
            gift = RoleGift(who, role, bodies[0], at, until)
            assign_role(connection, gift, MANAGE_OFFICERS, at, random)
        code = TypeCode(connection.execute(select(licence_types.c.code)).scalars().first() or "")
        new = NewDeskRequest(Action.GRANT, bodies[0], "0" * 64, code, "a key")
        theirs = Permit(Actor(f"id:{zhao}"), Action.REQUEST, bodies[0])
        request = make_request(connection, new, theirs, at, random)
        approve_request(
            connection,
            request.request_id,
            "可",
            DECIDE,
            at,
            deciders=DECIDERS,
            vouched={"way": "browser", "groups": ["审批"], "at": at.isoformat()},
        )
        serial = IssuerId("issuing-1"), 0xABC
        bind_certificate(connection, zhao, serial, bodies[0], to_certify("officer"), at)
        called = {
            "identity_id": li,
            "iss": "https://id.example",
            "user_name": "li",
            "user_key": "li",
            "external_id": "x",
            "created_at": at,
            "changed_at": at,
            "version": 1,
        }
        put(connection, provisioned, {"identity_id": called.pop("identity_id")}, called)
    leaving = Leaving(
        database=home.database,
        ledger=home.ledger,
        status_changes=lambda: home.status_changes,
        clock=home.clock,
    )
    departure = Departure(zhao, LeavingKind.MERGED, "测试", merged_into=li)
    leaving.end_identity(departure, MANAGE_OFFICERS)


def _compromise(home: Home, seal_id: str, identifier: str, at: datetime) -> None:
    with home.database.reading() as connection:
        seal = next(one for one in list_seals(connection) if one.seal_id == seal_id)
    fingerprint = x509.load_der_x509_certificate(seal.certificate).fingerprint(SHA256()).hex()
    desk = Compromises(
        database=home.database,
        store=home.store,
        validator=home.sandbox,
        trust=lambda: None,  # type: ignore[arg-type,return-value]  # nothing is judged
        workers=1,
        clock=home.clock,
        zone=home.zone,
        random=secrets.token_bytes,
        ledger=home.ledger,
        open_crls=home.open_crls,
    )
    opened = CompromiseCase(seal.seal_id, fingerprint, at - timedelta(days=1), "测试", reseal=True)
    case = desk._open(opened, HANDLE_COMPROMISE)
    values = {
        "compromise_id": case.compromise_id,
        "identifier": identifier,
        "finding": CompromiseFinding.PROVEN,
        "proven_at": at,
        "judged_at": at,
    }
    with home.database.writing() as connection:
        connection.execute(insert(compromised_licences).values(values))
    desk.note_judged(case)
    desk.finish(case, permit=HANDLE_COMPROMISE)


def _lose(home: Home, at: datetime) -> None:
    """Tell of a restoration without a journal."""
    facts: Facts = {"backup_made_at": at.isoformat(), "journal_complete": False}
    with home.database.writing() as connection:
        record(
            connection,
            at=at,
            actor=Actor("restore"),
            action=RESTORED,
            subject="register",
            after=facts,
        )
        note_loss(connection, at)


def _accept(home: Home) -> None:
    accept_loss(
        home.database, home.journal, actor=home.actor, basis="测试", clock=home.clock, gap=1
    )


@contextmanager
def unbound(home: Home) -> Iterator[Connection]:
    """Open the database as its owner, without foreign keys."""
    url = home.database.engine.url
    if url.get_backend_name() == "sqlite":
        url = make_url(f"sqlite:///{home.directory / 'registry.db'}")
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
        connection.commit()
    engine.dispose()


def other(column: Column[object], value: object) -> object:
    """Return something else that the column can hold."""
    kind = column.type.python_type if not isinstance(value, bool) else bool
    if value is None and isinstance(column.type, JSON):
        return ["x"]
    match value:
        case None:
            some = {str: "x", bytes: b"x", int: 7, dict: {}, date: date(2001, 1, 1)}
            made: object = some.get(kind, datetime(2001, 1, 1, tzinfo=UTC))
        case bool():
            made = not value
        case int():
            made = 0 if column.table.name == "counters" else value + 1000
        case str():
            made = f"x{value[1:]}" if value[:1] != "x" else f"y{value[1:]}"
        case bytes():
            made = value[:-1] + bytes([value[-1] ^ 1])
        case datetime():
            made = value + timedelta(hours=1)
        case date():
            made = value + timedelta(days=1)
        case list():
            made = [*value, "x"]
        case _:
            made = {**value, "x": "y"}  # type: ignore[dict-item]
    return made


def told(world: World) -> list[str]:
    audit = world.home.audit
    report = audit.verify(audit.public_keys())
    return [one.text.en for one in report.findings] + [one.en for one in report.unchecked]


def edits(connection: Connection, table: Table) -> Iterator[tuple[str, dict[str, object], object]]:
    """Yield each column with the row in which it says most, and another value for it."""
    rows = [dict(one) for one in connection.execute(select(table)).mappings()]
    assert rows, f"{table.name} has no row to be edited"
    for column in table.c:
        row = next((one for one in rows if one[column.name] is not None), rows[0])
        for one in rows if table is register_facts else [row]:
            yield column.name, one, other(column, one[column.name])


@pytest.mark.timeout(600)
def test_an_edit_of_any_column_is_told(sqlite_world: World) -> None:
    """On one database: what is compared is the same values whatever they are stored in."""
    world = sqlite_world
    prepare(world)
    assert told(world) == []
    silent: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in PASSING:
            continue  # nothing rests on sessions; what is asked for is compared when carried out
        with unbound(world.home) as connection:
            planned = list(edits(connection, table))
        for name, row, value in planned:
            key = [one == row[one.name] for one in table.primary_key.columns]
            with unbound(world.home) as connection:
                connection.execute(update(table).where(*key).values({name: value}))
            here = row | {name: value}
            if not told(world):
                silent.append(f"{table.name}.{name}")
            key = [one == here[one.name] for one in table.primary_key.columns]
            with unbound(world.home) as connection:
                connection.execute(update(table).where(*key).values({name: row[name]}))
    assert " ".join(sorted(set(silent) - UNTOLD.keys())) == "", "nothing tells of these"
    assert " ".join(sorted(UNTOLD.keys() - set(silent))) == "", "something tells of these by now"
    assert told(world) == []


def test_each_counter_that_is_set_back_is_told(world: World) -> None:
    """What falls short of a mark by less than its block may have been taken back."""
    prepare(world, lost=False)
    with world.home.database.writing() as connection:
        query = select(counters.c.scope).where(counters.c.scope.startswith("number:"))
        for numbers in list(connection.execute(query).scalars()) * (2 * MARK_BLOCK):
            take(connection, numbers)
    world.clock.advance(timedelta(minutes=2))
    with world.home.database.reading() as connection:
        rows = list(connection.execute(select(counters.c.scope, counters.c.value)))
    assert {scope.partition(":")[0] for scope, _ in rows} == {
        "crl",
        "number",
        "revocations",
        "sequence",
        "version",
    }
    assert told(world) == []
    for scope, value in rows:
        this = counters.c.scope == scope
        with world.home.database.writing() as connection:
            connection.execute(delete(counters).where(this))
        assert any(f"The counter {scope} is at 0" in one for one in told(world)), scope
        with world.home.database.writing() as connection:
            connection.execute(insert(counters).values(scope=scope, value=value))
    assert told(world) == []
