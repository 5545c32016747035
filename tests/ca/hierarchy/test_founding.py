"""Founding can be cut off anywhere and run again; it never makes a second root."""

import time
from datetime import timedelta

import pytest
from cryptography import x509

from ca.errors import BadSubjectError, NotFoundedError
from ca.hierarchy.founding import HierarchyNames, found_hierarchy
from ca.hierarchy.hierarchy import open_hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from ca.validation.anchors import read_anchors
from core.ids import KeyId
from tests.ca.memory_ledger import Crash
from tests.ca.world import USCC, World
from tests.permits import MANAGE_CA


def count_writes() -> int:
    world, writes = World(), 0

    def count(_method: str, _moment: str) -> None:
        nonlocal writes
        writes += 1

    world.ledger.on_write = count
    world.found()
    return writes


@pytest.mark.parametrize("fatal", range(count_writes()))
def test_a_founding_that_dies_at_a_write_can_be_run_again(fatal: int) -> None:
    world, writes = World(), 0

    def die(_method: str, _moment: str) -> None:
        nonlocal writes
        writes += 1
        if writes == fatal + 1:
            raise Crash

    world.ledger.on_write = die
    with pytest.raises(Crash):
        world.found()
    keys_before = dict(world.root_keys.keys) | dict(world.keys.keys)
    hierarchy = world.found()
    keys = dict(world.root_keys.keys) | dict(world.keys.keys)
    assert keys_before.items() <= keys.items()
    assert len(keys) == 4
    anchors = read_anchors(world.ledger)
    assert len(anchors.roots) == 1
    assert len(anchors.certificates) == 3
    assert len(anchors.crls) == 2
    assert hierarchy.root.public_key() == world.root_keys.keys[KeyId("root")].public_key


def test_founding_again_with_the_root_s_key_kept_elsewhere_makes_no_other_one() -> None:
    world = World()
    world.found()
    world.root_keys.keys.clear()
    world.found()
    assert world.root_keys.keys == {}


def test_founding_twice_changes_nothing_and_leaves_the_root_closed() -> None:
    world = World()
    first = world.found()
    entries, opened = dict(world.ledger.entries), list(world.root_keys.opened)
    second = world.found()
    assert world.ledger.entries == entries
    assert world.root_keys.opened == opened
    assert second.root == first.root


def test_nothing_is_made_for_a_name_that_cannot_stand() -> None:
    world = World()
    with pytest.raises(BadSubjectError):
        found_hierarchy(
            HierarchyNames("某局", USCC, tsa="\u202e"),
            root_keys=world.root_keys,
            keys=world.keys,
            parts=world.parts,
            permit=MANAGE_CA,
        )
    assert not world.root_keys.keys
    assert not world.ledger.entries


def test_opening_takes_no_root_and_each_part_its_own_key() -> None:
    world = World()
    world.found()
    world.root_keys.opened.clear()
    world.keys.opened.clear()
    hierarchy = open_hierarchy(world.keys, world.parts)
    assert world.keys.opened == []
    assert hierarchy.validation is not None
    assert world.keys.opened == ["ocsp-issuing-1"]
    assert hierarchy.timestamps is not None
    assert world.keys.opened == ["ocsp-issuing-1", "tsa-1"]
    assert hierarchy.authority is not None
    assert world.keys.opened[2:] == ["issuing-1"]
    assert world.root_keys.opened == []


def test_what_was_not_founded_cannot_be_opened() -> None:
    world = World()
    with pytest.raises(NotFoundedError):
        open_hierarchy(world.keys, world.parts)


def test_validities_are_nested() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    ends = [c.not_valid_after_utc for c in (seal, hierarchy.tsa, hierarchy.issuing, hierarchy.root)]
    assert ends == sorted(ends)


def test_a_long_crl_is_linted_by_sample_and_holds_every_entry() -> None:
    world = World()
    hierarchy = world.found()
    now = world.clock.now()
    for number, reason in enumerate([*RevocationReason] * 250):
        serial = 2**128 + number
        intent = Intent(FIRST_ISSUING, serial, "seal", "CN=x", "", "", now, now)
        entry = LedgerEntry(intent, CertificateState.REVOKED, b"", now, reason)
        world.ledger.entries[FIRST_ISSUING, serial] = entry
    started = time.process_time()
    crl = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert time.process_time() - started < 1
    assert len(crl) == 2000
    revoked = crl.get_revoked_certificate_by_serial_number(2**128 + 1)
    assert revoked is not None
    reason_code = revoked.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason_code is x509.ReasonFlags.key_compromise
    unspecified = crl.get_revoked_certificate_by_serial_number(2**128)
    assert unspecified is not None
    assert not list(unspecified.extensions)


def test_crl_numbers_rise_and_lists_are_renewed_when_due() -> None:
    world = World()
    hierarchy = world.found()
    first = hierarchy.crls.current()
    assert first == world.ledger.latest_crl(FIRST_ISSUING)
    world.clock.advance(timedelta(hours=13))
    second = x509.load_der_x509_crl(hierarchy.crls.current())
    numbers = [
        crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        for crl in (x509.load_der_x509_crl(first), second)
    ]
    assert numbers == [1, 2]
    assert second.next_update_utc is not None
    assert second.next_update_utc - second.last_update_utc == timedelta(days=7)
    root = x509.load_der_x509_crl(world.ledger.latest_crl(ROOT) or b"")
    assert root.is_signature_valid(hierarchy.root.public_key())  # type: ignore[arg-type]
