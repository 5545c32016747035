"""Answers of services elsewhere: taken when they are right, refused for each way to be wrong."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.service_keys import LOOK_AGAIN
from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from ca.profiles.profiles import DEFAULT_TIMESTAMP_POLICY, ProfileKind
from ca.validation.remote import (
    FRESHNESS,
    BadAnswerError,
    RemoteResponder,
    RemoteUnit,
    UnitChangedError,
    _may,
)
from ca.validation.tokens import is_for_stamping_alone
from core.ids import KeyId
from core.web.client import HttpAnswer
from keys.model import KeyAlgorithm, KeyPurpose
from tests.ca.world import World
from tests.clock import StoppedClock
from tests.permits import CHANGE_CERTIFICATE

DIGEST = hashlib.sha256(b"a document").digest()
URL = "http://trust.internal"
Alter = Callable[[bytes], bytes]


@dataclass
class Elsewhere:
    """A world that answers, and a client of it whose clock is its own."""

    world: World
    hierarchy: Hierarchy
    clock: StoppedClock

    @property
    def responder(self) -> RemoteResponder:
        return RemoteResponder(
            self.hierarchy.issuing, f"{URL}/pki/ocsp", clock=self.clock, random=secrets.token_bytes
        )

    @property
    def unit(self) -> RemoteUnit:
        return RemoteUnit(
            [self.hierarchy.issuing],
            f"{URL}/pki/tsa",
            clock=self.clock,
            random=secrets.token_bytes,
        )


@pytest.fixture(scope="module")
def founded() -> tuple[World, Hierarchy]:
    world = World()
    return world, world.found()


@pytest.fixture
def elsewhere(founded: tuple[World, Hierarchy]) -> Elsewhere:
    world, hierarchy = founded
    return Elsewhere(world, hierarchy, StoppedClock(world.clock.now()))


def same(data: bytes) -> bytes:
    return data


@contextmanager
def answering(hierarchy: Hierarchy, asked: Alter = same, answered: Alter = same) -> Iterator[None]:
    """Let `hierarchy` answer; what is asked, or what is answered, may be altered on the way."""

    def post(url: str, body: bytes, media_type: str, **_: object) -> HttpAnswer:
        body = asked(body)
        if media_type == "application/ocsp-request":
            assert url == f"{URL}/pki/ocsp"
            return HttpAnswer(
                200,
                {"content-type": media_type},
                answered(hierarchy.ocsp_service.respond(body).der),
            )
        assert (url, media_type) == (f"{URL}/pki/tsa", "application/timestamp-query")
        return HttpAnswer(
            200, {"content-type": media_type}, answered(hierarchy.timestamps.respond(body))
        )

    with mock.patch("ca.validation.remote.post", post):
        yield


def flipped(place: int) -> Alter:
    def alter(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[place] ^= 1
        return bytes(changed)

    return alter


def test_a_right_answer_is_taken(elsewhere: Elsewhere) -> None:
    seal = elsewhere.world.seal(elsewhere.hierarchy)
    with answering(elsewhere.hierarchy):
        responder = elsewhere.responder
        assert responder.answer_about(seal.serial_number).good
        assert responder.certificate == elsewhere.hierarchy.ocsp
        elsewhere.world.ledger.revoke(
            FIRST_ISSUING,
            seal.serial_number,
            RevocationReason.SUPERSEDED,
            elsewhere.world.clock.now(),
            permit=CHANGE_CERTIFICATE,
        )
        assert not responder.answer_about(seal.serial_number).good
        assert not responder.answer_about(12345).good


def test_a_right_token_is_taken(elsewhere: Elsewhere) -> None:
    with answering(elsewhere.hierarchy):
        for name in ("sha256", "sha384", "sha512"):
            assert elsewhere.unit.token(hashlib.new(name, b"x").digest(), name)


def test_a_unit_that_was_renewed_is_not_taken_for_the_one_that_was_asked_first() -> None:
    """What validates its timestamps was collected for the first."""
    world = World()
    hierarchy = world.found()
    elsewhere = Elsewhere(world, hierarchy, StoppedClock(world.clock.now()))
    unit = elsewhere.unit
    with answering(hierarchy):
        first = unit.certificate
        assert unit.token(DIGEST, "sha256")
    info = world.keys.generate(KeyId("tsa-2"), KeyPurpose.TSA, KeyAlgorithm.ECDSA_P384)
    for clock in (world.clock, elsewhere.clock):
        clock.advance(LOOK_AGAIN)
    key = load_der_public_key(info.spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    later = world.certify(hierarchy, ProfileKind.TSA, key, hierarchy.tsa.subject)
    with answering(open_hierarchy(world.keys, world.parts)):
        with pytest.raises(UnitChangedError):
            unit.token(DIGEST, "sha256")
        assert unit.certificate == first
        assert elsewhere.unit.certificate == later


def test_a_token_of_another_policy_is_refused(elsewhere: Elsewhere) -> None:
    with answering(elsewhere.hierarchy):
        unit = elsewhere.unit
        assert unit.certificate == elsewhere.hierarchy.tsa
        for policy in (DEFAULT_TIMESTAMP_POLICY, "1.2.3"):
            particular = RemoteUnit(
                [elsewhere.hierarchy.issuing],
                f"{URL}/pki/tsa",
                clock=elsewhere.clock,
                random=secrets.token_bytes,
                policy=policy,
            )
            if policy == DEFAULT_TIMESTAMP_POLICY:
                assert particular.token(DIGEST, "sha256")
                continue
            with pytest.raises(BadAnswerError, match="policy"):
                particular.token(DIGEST, "sha256")


@pytest.mark.parametrize("place", range(-400, 0, 7))
def test_no_bit_of_an_answer_may_change(elsewhere: Elsewhere, place: int) -> None:
    """What follows the answer's own signature is the responder's certificate, signed too."""
    serial = elsewhere.hierarchy.tsa.serial_number
    with (
        answering(elsewhere.hierarchy, answered=flipped(place)),
        pytest.raises(BadAnswerError),
    ):
        elsewhere.responder.answer_about(serial)


@pytest.mark.parametrize("place", [*range(9, 400, 11), *range(-800, 0, 13)])
def test_no_bit_of_a_token_may_change(elsewhere: Elsewhere, place: int) -> None:
    with (
        answering(elsewhere.hierarchy, answered=flipped(place)),
        pytest.raises(BadAnswerError),
    ):
        elsewhere.unit.token(DIGEST, "sha256")


def test_an_answer_to_another_question_is_refused(elsewhere: Elsewhere) -> None:
    hierarchy = elsewhere.hierarchy
    kept: list[bytes] = []

    def first(body: bytes) -> bytes:
        kept.append(body)
        return kept[0]

    with answering(hierarchy, asked=first):
        responder = elsewhere.responder
        assert responder.answer_about(hierarchy.tsa.serial_number).good
        with pytest.raises(BadAnswerError, match="certID"):
            responder.answer_about(hierarchy.ocsp.serial_number)
        with pytest.raises(BadAnswerError, match="nonce"):
            responder.answer_about(hierarchy.tsa.serial_number)
    kept.clear()
    with answering(hierarchy, asked=first):
        unit = elsewhere.unit
        assert unit.token(DIGEST, "sha256")
        with pytest.raises(BadAnswerError, match="messageImprint"):
            unit.token(hashlib.sha256(b"other").digest(), "sha256")
        with pytest.raises(BadAnswerError, match="nonce"):
            unit.token(DIGEST, "sha256")


@pytest.mark.parametrize("by", [2 * FRESHNESS, -2 * FRESHNESS, timedelta(days=4000)])
def test_an_answer_of_another_time_is_refused(elsewhere: Elsewhere, by: timedelta) -> None:
    elsewhere.clock.advance(by)
    with answering(elsewhere.hierarchy):
        with pytest.raises(BadAnswerError):
            elsewhere.responder.answer_about(elsewhere.hierarchy.tsa.serial_number)
        with pytest.raises(BadAnswerError):
            elsewhere.unit.token(DIGEST, "sha256")


def test_another_cas_services_are_refused(elsewhere: Elsewhere) -> None:
    other = World()
    stranger = other.found()
    with answering(stranger):
        with pytest.raises(BadAnswerError):
            elsewhere.responder.answer_about(elsewhere.hierarchy.tsa.serial_number)
        with pytest.raises(BadAnswerError, match="TSA certificate"):
            elsewhere.unit.token(DIGEST, "sha256")


@pytest.mark.parametrize("body", [b"", b"\x30\x03\x0a\x01\x06", b"<html>", b"\x30\x80" + bytes(9)])
def test_what_is_no_answer_is_refused(elsewhere: Elsewhere, body: bytes) -> None:
    with answering(elsewhere.hierarchy, answered=lambda _: body):
        with pytest.raises(BadAnswerError):
            elsewhere.responder.answer_about(1)
        with pytest.raises(BadAnswerError):
            elsewhere.unit.token(DIGEST, "sha256")


def test_a_certificate_for_something_else_answers_nothing(elsewhere: Elsewhere) -> None:
    """The unit's certificate is the CA's too, but not for OCSP; and the other way round."""
    hierarchy = elsewhere.hierarchy
    assert isinstance(hierarchy.tsa, x509.Certificate)
    ocsp, tsa = hierarchy.ocsp, hierarchy.tsa
    assert _may(ocsp, hierarchy.issuing, ExtendedKeyUsageOID.OCSP_SIGNING)
    assert not _may(tsa, hierarchy.issuing, ExtendedKeyUsageOID.OCSP_SIGNING)
    assert not _may(ocsp, hierarchy.issuing, ExtendedKeyUsageOID.TIME_STAMPING)
    assert not _may(hierarchy.issuing, hierarchy.root, ExtendedKeyUsageOID.OCSP_SIGNING)


def test_a_certificate_with_an_extension_twice_is_for_no_stamping() -> None:
    """`cryptography` raises no ValueError there; a changed bit may make one."""
    unit = World().found().tsa.public_bytes(Encoding.DER)
    key_usage, subject_key = bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d0e")
    twice = x509.load_der_x509_certificate(unit.replace(key_usage, subject_key))
    with pytest.raises(x509.DuplicateExtension):
        _ = twice.extensions
    assert not is_for_stamping_alone(twice)
