"""A key's life as the registry records it: on both engines, and in a whole world."""

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from ca.hierarchy.hierarchy import ISSUING_KEY, OCSP_KEY, ROOT_KEY, TSA_KEY
from ca.issuers import FIRST_ISSUING, IssuerState
from core.ids import KeyId
from keys.life import KeyDomain, KeyLifeError, KeyRecord, KeyRetiredError, KeyState
from keys.model import KeyAlgorithm, KeyExistsError, KeyInfo, KeyNotFoundError, KeyPurpose
from registry.audit.events import list_events
from registry.db.database import Database
from registry.ledger.key_register import SqlKeyRegister
from registry.ledger.ledger import SqlLedger
from tests.clock import StoppedClock
from tests.permits import MANAGE_CA, MANAGE_KEY, MANAGE_SEAL, to_certify
from tests.registry.ledger.test_ledger import AT, INTENT, ISSUER
from tests.world import World

K = KeyId("k")
INFO = KeyInfo(K, KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256, b"spki", AT)
CERTIFIED = dataclasses.replace(INTENT, spki_sha256=hashlib.sha256(b"spki").hexdigest())


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(AT)


@pytest.fixture
def register(database: Database, clock: StoppedClock) -> SqlKeyRegister:
    return SqlKeyRegister(database, clock)


def record(register: SqlKeyRegister, key_id: KeyId = K) -> KeyRecord:
    found = register.find(key_id)
    assert found is not None
    return found


def test_the_whole_life(register: SqlKeyRegister, database: Database, clock: StoppedClock) -> None:
    register.intend(K, INFO.purpose, INFO.algorithm, "software")
    assert record(register).state is KeyState.INTENDED
    clock.advance(timedelta(seconds=1))
    register.record_generated(INFO, "software")
    assert record(register).state is KeyState.GENERATED
    ledger = SqlLedger(database)
    ledger.record_intent(CERTIFIED, AT, permit=to_certify(CERTIFIED.profile))
    assert record(register).state is KeyState.GENERATED, "not before it is signed"
    ledger.record_issued(ISSUER, INTENT.serial, b"der", clock.now(), permit=MANAGE_SEAL)
    clock.advance(timedelta(seconds=1))
    register.retire(K, "2026-17", permit=MANAGE_KEY)
    clock.advance(timedelta(seconds=1))
    register.destroy(K, "2026-18", permit=MANAGE_KEY)
    assert register.list_records() == [
        KeyRecord(
            key_id=K,
            purpose=KeyPurpose.OCSP,
            algorithm=KeyAlgorithm.ECDSA_P256,
            location="software",
            state=KeyState.DESTROYED,
            owner="ca",
            spki_sha256=CERTIFIED.spki_sha256,
            intended_at=AT,
            generated_at=AT,
            activated_at=AT + timedelta(seconds=1),
            retired_at=AT + timedelta(seconds=2),
            destroyed_at=AT + timedelta(seconds=3),
        )
    ]
    with database.reading() as connection:
        events = list_events(connection, subject="key:k")
    assert [(one.action, one.basis) for one in events] == [
        ("key.generated", None),
        ("key.retired", "2026-17"),
        ("key.destroyed", "2026-18"),
    ]


def test_an_intent_may_be_repeated_until_the_key_is_there(register: SqlKeyRegister) -> None:
    register.intend(K, INFO.purpose, KeyAlgorithm.RSA_3072, "software")
    register.intend(K, INFO.purpose, INFO.algorithm, "software")
    assert record(register).algorithm is KeyAlgorithm.ECDSA_P256
    register.record_generated(INFO, "software")
    register.record_generated(INFO, "elsewhere")
    assert record(register).location == "software"
    with pytest.raises(KeyExistsError):
        register.intend(K, INFO.purpose, INFO.algorithm, "software")


def test_a_key_found_later_is_active_since_its_first_certificate(
    register: SqlKeyRegister, database: Database, clock: StoppedClock
) -> None:
    ledger = SqlLedger(database)
    ledger.record_intent(CERTIFIED, AT, permit=to_certify(CERTIFIED.profile))
    ledger.record_issued(ISSUER, INTENT.serial, b"der", AT, permit=MANAGE_SEAL)
    clock.advance(timedelta(days=1))
    register.record_generated(INFO, "software")
    found = record(register)
    assert (found.state, found.activated_at) == (KeyState.ACTIVE, AT)
    with database.reading() as connection:
        assert [one.action for one in list_events(connection, subject="key:k")] == ["key.found"]


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        ((), ("activate", "retire", "destroy")),
        (("retire",), ("activate", "retire")),
        (("activate",), ("destroy",)),
        (("destroy",), ("activate", "retire", "destroy")),
    ],
)
def test_a_life_never_goes_back(
    register: SqlKeyRegister, done: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    def act(name: str) -> None:
        arguments = (K,) if name == "activate" else (K, "basis", MANAGE_KEY)
        getattr(register, name)(*arguments)

    if done:
        register.record_generated(INFO, "software")
    for name in done:
        act(name)
    for name in refused:
        with pytest.raises((KeyLifeError, KeyNotFoundError)):
            act(name)


def test_every_key_of_a_world_is_recorded_with_its_owner(world: World) -> None:
    records = {one.key_id: one for one in world.home.key_register.list_records()}
    assert {one.state for one in records.values()} == {KeyState.ACTIVE}
    assert {records[key].owner for key in (ROOT_KEY, ISSUING_KEY, OCSP_KEY, TSA_KEY)} == {"ca"}
    assert records[ROOT_KEY].domain is KeyDomain.ROOT
    for kind in world.types.values():
        assert records[KeyId(f"seal-{kind.seal_id}")].owner == kind.authority_id


def test_a_renewed_seals_keys_are_its_authoritys(sqlite_world: World) -> None:
    kind = sqlite_world.types["food-operation"]
    home = sqlite_world.home
    renewed = home.seal_maker.renew(kind.seal_id, MANAGE_SEAL)
    for key_id in (renewed.key_id, f"seal-{kind.seal_id}"):
        found = record(home.key_register, KeyId(key_id))
        assert (found.owner, found.state) == (kind.authority_id, KeyState.ACTIVE)


def test_a_retired_seal_key_seals_nothing_more(sqlite_world: World) -> None:
    kind = sqlite_world.types["food-operation"]
    sqlite_world.home.key_register.retire(KeyId(f"seal-{kind.seal_id}"), "test", permit=MANAGE_KEY)
    with pytest.raises(KeyRetiredError):
        sqlite_world.grant()
    sqlite_world.check_everything()


def test_a_cas_key_outlives_it_until_its_certificate_ends(sqlite_world: World) -> None:
    home, register = sqlite_world.home, sqlite_world.home.key_register
    with pytest.raises(KeyLifeError, match="Retire the CA first"):
        register.retire(ISSUING_KEY, "test", permit=MANAGE_KEY)
    active = home.hierarchy.active.record
    retired = dataclasses.replace(active, state=IssuerState.RETIRED)
    home.ledger.save_issuer(retired, home.clock.now(), permit=MANAGE_CA)
    register.retire(ISSUING_KEY, "test", permit=MANAGE_KEY)
    with pytest.raises(KeyLifeError, match="needed for CRLs"):
        register.destroy(ISSUING_KEY, "test", permit=MANAGE_KEY)
    home.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)
    assert active.issuer == FIRST_ISSUING
    sqlite_world.clock.at = datetime(2099, 1, 1, tzinfo=UTC)
    register.destroy(ISSUING_KEY, "test", permit=MANAGE_KEY)
