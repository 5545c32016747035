"""If the audit cannot be written, nothing is signed: each kind of signature, each kind of fault."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from sqlalchemy import Connection, delete, event

from ca.ocsp.answer_counts import EVERY, LONGEST_UNRECORDED
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import ProfileKind, validate_profile
from ca.recorder import AuditUnavailableError
from core.errors import XinyinError
from core.permits import Actor
from core.text import Text
from keys.algorithms import generate_private_key
from keys.model import KeyAlgorithm, KeyPurpose
from keys.software import SoftwareSigner
from registry.audit.events import list_events, record
from registry.db.database import Database
from registry.db.faults import DatabaseBusyError
from registry.db.tables import audit_chain
from registry.granting.granting import GrantStep
from registry.licences.licences import list_licences, list_revisions
from registry.model import LicenceState
from tests.ca.timestamps.test_tsa import query, rejection
from tests.permits import GRANT, to_certify
from tests.world import World

AT = datetime(2026, 3, 1, tzinfo=UTC)
FAULTS = ["locked", "answer lost", "disk full", "no chain"]


@contextmanager
def fault(world: World, kind: str) -> Iterator[None]:
    """Let every transaction that writes fail: before it, after it took effect, or in SQLite."""
    home, writing = world.home, Database.writing

    @contextmanager
    def locked(*_: object) -> Iterator[Connection]:
        raise DatabaseBusyError(Text("忙", "busy"))
        yield  # pragma: no cover

    @contextmanager
    def answer_lost(database: Database, *more: timedelta | None) -> Iterator[Connection]:
        with writing(database, *more) as connection:
            yield connection
        raise DatabaseBusyError(Text("断", "the answer to the commit was lost"))

    if kind in ("locked", "answer lost"):
        with patch.object(Database, "writing", locked if kind == "locked" else answer_lost):
            yield
    elif kind == "disk full":
        listener = _fill(home.database)
        yield
        event.remove(home.database.engine, "connect", listener)
        home.database.engine.dispose()
    else:
        with home.database.writing() as connection:
            row = dict(connection.execute(audit_chain.select()).mappings().one())
            connection.execute(delete(audit_chain))
        yield
        with home.database.writing() as connection:
            connection.execute(audit_chain.insert().values(row))


def _fill(database: Database) -> Callable[[object, object], None]:
    """Let SQLite find no further page for the audit: its own error for a full disk."""

    def full(connection: object, record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]

    event.listen(database.engine, "connect", full)
    database.engine.dispose()
    with pytest.raises(DatabaseBusyError):
        _use_up(database)
    return full


def _use_up(database: Database) -> None:
    """Record until the last page is full."""
    for number in range(1000):
        with database.writing() as connection:
            record(connection, at=AT, actor=Actor("test"), action="x", subject=str(number))


@contextmanager
def no_key_used(*, but: KeyPurpose | None = None) -> Iterator[None]:
    used: set[KeyPurpose] = set()
    sign, builder_key = SoftwareSigner.sign, SoftwareSigner.builder_key

    def signing(signer: SoftwareSigner, data: bytes) -> bytes:
        used.add(signer.info.purpose)
        return sign(signer, data)

    def building(signer: SoftwareSigner) -> CertificateIssuerPrivateKeyTypes:
        used.add(signer.info.purpose)
        return builder_key(signer)

    with (
        patch.object(SoftwareSigner, "sign", signing),
        patch.object(SoftwareSigner, "builder_key", building),
    ):
        yield
    assert used <= {but}


@pytest.mark.parametrize("kind", FAULTS)
def test_no_certificate(sqlite_world: World, kind: str) -> None:
    home = sqlite_world.home
    key = generate_private_key(KeyAlgorithm.ECDSA_P256).public_key()
    subject = LegalSubject("某某市印章", "某某市", "11370000004504644L").to_name()
    authority = home.hierarchy.authority
    token = authority.prepare(
        validate_profile(ProfileKind.SEAL),
        subject,
        key,
        permit=to_certify(validate_profile(ProfileKind.SEAL)),
    )
    with fault(sqlite_world, kind), no_key_used(), pytest.raises(XinyinError):
        authority.issue(token)
    sqlite_world.check_everything()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_crl(sqlite_world: World, kind: str) -> None:
    crls = sqlite_world.home.hierarchy.crls
    with fault(sqlite_world, kind), no_key_used(), pytest.raises(XinyinError):
        crls.publish()
    sqlite_world.check_everything()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_timestamp(sqlite_world: World, kind: str) -> None:
    unit = sqlite_world.home.hierarchy.timestamps
    with fault(sqlite_world, kind), no_key_used():
        assert rejection(unit.respond(query())) == {"system_failure"}
    assert tsp.TimeStampResp.load(unit.respond(query()))["status"]["status"].native == "granted"
    sqlite_world.check_everything()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_seal(sqlite_world: World, kind: str) -> None:
    """The reservation says which seal will be used: it comes before the seal's key. The OCSP answer
    that says whether it may be used comes first, and is counted.
    """
    world = sqlite_world
    request = world.request()
    world.home.granting._room.prepare(  # its key is open, as in a batch
        world.types["food-operation"].seal_id, request.level
    )
    with fault(world, kind), no_key_used(but=KeyPurpose.OCSP), pytest.raises(XinyinError):
        world.home.granting.grant(request)
    world.check_everything()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_document_leaves(sqlite_world: World, kind: str) -> None:
    """Sealed, but what was sealed cannot be recorded: the licence stays pending, to be resumed."""
    world = sqlite_world
    armed: list[object] = []

    def arm(step: GrantStep) -> None:
        if step is GrantStep.STORED and not armed:
            armed.append(fault(world, kind))
            armed[0].__enter__()  # type: ignore[attr-defined]

    world.home.granting._on_step = arm
    with pytest.raises(XinyinError):
        world.grant()
    armed[0].__exit__(None, None, None)  # type: ignore[attr-defined]
    with world.home.database.reading() as connection:
        (licence,) = list_licences(connection)
        granted = list_revisions(connection, licence.identifier)
    if kind == "answer lost":
        assert licence.state is LicenceState.IN_FORCE
    else:
        assert (licence.state, granted) == (LicenceState.PENDING, [])
        resumed = world.home.granting.resume(licence.identifier, GRANT)
        assert resumed.licence.identifier == licence.identifier
        with world.home.database.reading() as connection:
            made = [
                one.after or {} for one in list_events(connection) if one.action == "timestamp.made"
            ]
        # Both attempts' tokens are on record: the first attempt's were kept.
        assert [one.get("for") for one in made].count(licence.identifier) == 2
    world.check_everything()


def test_no_ocsp_answer_once_their_numbers_were_lost_for_too_long(sqlite_world: World) -> None:
    world, home = sqlite_world, sqlite_world.home
    responder, serial = home.hierarchy.responder, home.hierarchy.tsa.serial_number
    responder.answer_about(serial)
    passed = EVERY * 0
    with fault(world, "locked"):
        while passed < LONGEST_UNRECORDED:
            responder.answer_about(serial)
            world.clock.advance(EVERY)
            passed += EVERY
            with pytest.raises(XinyinError):
                home.audit.answers.record()
        with no_key_used(), pytest.raises(AuditUnavailableError, match="none is signed"):
            responder.answer_about(serial)
    home.audit.answers.record()
    responder.answer_about(serial)
    with home.database.reading() as connection:
        (event_,) = list_events(connection, subject="ocsp")
    assert (event_.after or {})["issuing-1 good"] == 5
    world.check_everything()
