"""A seal is renewed; what its earlier certificate sealed stays ours, and no key is made twice."""

import hashlib
from datetime import timedelta
from unittest import mock

import pytest
from cryptography import x509

from core.ids import SealId
from registry.answers.answers import Outcome
from registry.audit.events import list_events
from registry.bodies.authorities import find_seal, our_seals
from registry.bodies.seal_history import earlier_certificates, replace_certificate
from registry.model import ConflictError, Seal
from tests.permits import MANAGE_SEAL
from tests.world import World


def _seal(world: World) -> Seal:
    with world.home.database.reading() as connection:
        return find_seal(connection, world.types["food-operation"].seal_id)


def _outcome(world: World, pdf: bytes) -> Outcome:
    return world.home.verifier.by_file(pdf).outcome


def test_what_was_sealed_before_and_after_a_renewal_verifies(world: World) -> None:
    before = world.grant(0).pdf
    old = _seal(world)
    world.clock.advance(timedelta(days=300))
    new = world.home.seal_maker.renew(old.seal_id, MANAGE_SEAL)
    del world.home.granting  # a process started after the renewal
    after = world.grant(1).pdf
    assert _seal(world) == new
    assert (new.certificate, new.key_id) != (old.certificate, old.key_id)
    ends = [x509.load_der_x509_certificate(c.certificate).not_valid_after_utc for c in (old, new)]
    assert ends[1] - ends[0] >= timedelta(days=300)
    assert [_outcome(world, pdf) for pdf in (before, after)] == [Outcome.IN_FORCE] * 2
    fingerprints = {hashlib.sha256(c.certificate).hexdigest() for c in (old, new)}
    with world.home.database.reading() as connection:
        (kept,) = earlier_certificates(connection, old.seal_id)
        known = our_seals(connection, [*fingerprints, "0" * 64])
        actions = [e.action for e in list_events(connection, subject=old.seal_id)]
    assert (kept.certificate, kept.key_id) == (old.certificate, old.key_id)
    assert known == fingerprints
    assert actions[-2:] == ["seal.added", "seal.renewed"]


def test_a_renewal_that_died_before_its_record_goes_on_with_the_same_key(
    sqlite_world: World,
) -> None:
    world, old = sqlite_world, _seal(sqlite_world)
    with (
        mock.patch(
            "registry.bodies.seal_making.replace_certificate", side_effect=KeyboardInterrupt
        ),
        pytest.raises(KeyboardInterrupt),
    ):
        world.home.seal_maker.renew(old.seal_id, MANAGE_SEAL)
    assert _seal(world) == old
    keys, entries = world.home.keys.list_keys(), world.home.ledger.list_entries
    issued = entries(world.home.hierarchy.active.record.issuer)
    world.home.seal_maker.renew(old.seal_id, MANAGE_SEAL)
    assert world.home.keys.list_keys() == keys
    assert entries(world.home.hierarchy.active.record.issuer) == issued


def test_each_renewal_has_a_key_of_its_own_that_no_other_seal_can_have(
    sqlite_world: World,
) -> None:
    world, seal_id = sqlite_world, _seal(sqlite_world).seal_id
    made = [world.home.seal_maker.renew(seal_id, MANAGE_SEAL).key_id for _ in range(2)]
    assert made == [f"seal2-{seal_id}", f"seal3-{seal_id}"]


def test_of_two_renewals_at_once_one_is_told(world: World) -> None:
    old = _seal(world)
    new = world.home.seal_maker.renew(old.seal_id, MANAGE_SEAL)
    with world.home.database.writing() as connection, pytest.raises(ConflictError):
        replace_certificate(connection, old, new, MANAGE_SEAL, world.clock.now())
    with world.home.database.reading() as connection:
        assert len(earlier_certificates(connection, SealId(old.seal_id))) == 1
