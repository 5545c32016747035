"""Data shared by the seals of a group are never older, nor another's, than they may be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.errors import SealRevokedError
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from ca.validation.group import LONGEST, GroupValidation
from ca.validation.validation_data import ValidationData
from tests.ca.world import World
from tests.permits import CHANGE_CERTIFICATE

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Counted:
    """A source that counts how often it is asked."""

    def __init__(self, answer: Callable[[bytes], ValidationData]) -> None:
        self._answer = answer
        self.asked = 0

    def for_seal(self, certificate: bytes) -> ValidationData:
        self.asked += 1
        return self._answer(certificate)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def hierarchy(world: World) -> Hierarchy:
    return world.found()


@pytest.fixture
def seal(world: World, hierarchy: Hierarchy) -> bytes:
    return world.seal(hierarchy).public_bytes(Encoding.DER)


def told(data: ValidationData) -> ocsp.OCSPResponse:
    """The answer about the seal is the first."""
    return ocsp.load_der_ocsp_response(data.ocsps[0])


def revoke(world: World, seal: bytes) -> None:
    world.ledger.revoke(
        FIRST_ISSUING,
        x509.load_der_x509_certificate(seal).serial_number,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )


def test_an_answer_is_shared_for_so_long_and_no_longer(
    world: World, hierarchy: Hierarchy, seal: bytes
) -> None:
    source = Counted(hierarchy.validation.for_seal)
    group = GroupValidation(source, world.clock, 3 * SECOND)
    first = group.for_seal(seal)
    world.clock.advance(2 * SECOND)
    assert group.for_seal(seal) == first
    assert source.asked == 1
    world.clock.advance(SECOND)
    made = told(group.for_seal(seal)).this_update_utc
    assert made == world.clock.now().replace(microsecond=0)
    assert source.asked == 2


def test_nothing_is_shared_beyond_its_next_update(
    world: World, hierarchy: Hierarchy, seal: bytes
) -> None:
    """An answer says for how long it holds: eight hours here."""
    old = hierarchy.validation.for_seal(seal)
    end = told(old).next_update_utc
    assert end is not None
    source = Counted(lambda _: old)
    group = GroupValidation(source, world.clock, 5 * SECOND)
    world.clock.advance(end - world.clock.now() - 2 * SECOND)
    group.for_seal(seal)
    world.clock.advance(SECOND)
    group.for_seal(seal)
    assert source.asked == 1
    world.clock.advance(SECOND)  # nextUpdate itself
    group.for_seal(seal)
    assert source.asked == 2


def test_nor_beyond_the_end_of_a_list(world: World, hierarchy: Hierarchy, seal: bytes) -> None:
    data = hierarchy.validation.for_seal(seal)
    bare = ValidationData(data.certificates, (), data.crls)
    end = x509.load_der_x509_crl(data.crls[0]).next_update_utc
    assert end is not None
    source = Counted(lambda _: bare)
    group = GroupValidation(source, world.clock, 5 * SECOND)
    world.clock.advance(end - world.clock.now() - SECOND)
    group.for_seal(seal)
    world.clock.advance(SECOND)
    group.for_seal(seal)
    assert source.asked == 2


def test_a_clock_that_was_set_back_ends_it(world: World, hierarchy: Hierarchy, seal: bytes) -> None:
    source = Counted(hierarchy.validation.for_seal)
    group = GroupValidation(source, world.clock)
    world.clock.advance(HOUR)
    group.for_seal(seal)
    world.clock.advance(-SECOND)
    group.for_seal(seal)
    assert source.asked == 2


def test_two_seals_share_nothing(world: World, hierarchy: Hierarchy, seal: bytes) -> None:
    other = world.seal(hierarchy).public_bytes(Encoding.DER)
    group = GroupValidation(hierarchy.validation, world.clock)
    for _ in range(2):
        for certificate in (seal, other):
            data = group.for_seal(certificate)
            serial = x509.load_der_x509_certificate(certificate).serial_number
            assert (data.certificates[0], told(data).serial_number) == (certificate, serial)


def test_a_revoked_seal_seals_no_more_once_it_is_forgotten(
    world: World, hierarchy: Hierarchy, seal: bytes
) -> None:
    group = GroupValidation(hierarchy.validation, world.clock)
    group.for_seal(seal)
    revoke(world, seal)
    group.forget()
    for _ in range(2):
        with pytest.raises(SealRevokedError):
            group.for_seal(seal)


def test_nor_after_seconds(world: World, hierarchy: Hierarchy, seal: bytes) -> None:
    group = GroupValidation(hierarchy.validation, world.clock, LONGEST)
    group.for_seal(seal)
    revoke(world, seal)
    world.clock.advance(LONGEST)
    with pytest.raises(SealRevokedError):
        group.for_seal(seal)


def test_nobody_shares_for_longer(world: World, hierarchy: Hierarchy) -> None:
    assert timedelta(seconds=10) == LONGEST
    with pytest.raises(ValueError, match="too long"):
        GroupValidation(hierarchy.validation, world.clock, LONGEST + SECOND)
