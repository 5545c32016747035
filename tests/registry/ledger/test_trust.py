"""Trust of a home: own roots from files, a signed list beside them, each with its name."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issuers import IssuerRole
from core.errors import ConfigurationError
from registry.ledger.trust import TrustReader
from signing.trust.anchors import AnchorKind, AnchorScope, AnchorService
from signing.trust.state import ListState
from tests.ca.memory_ledger import MemoryLedger
from tests.ca.world import World as CaWorld
from tests.clock import StoppedClock
from tests.signing.material import NOW, make_pki, pki
from tests.signing.trust.lists import LIST_NAME, OTHER_KEY, a_list, entry, publish

FOREIGN = make_pki()
"""A neighbour's."""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOW)


def reader(home: Path, clock: StoppedClock, *, tests: bool = False) -> TrustReader:
    return TrustReader(MemoryLedger(), clock, home, tests=tests)


def own_root(home: Path, *, pem: bool = False) -> None:
    folder = home / "trust" / "roots"
    folder.mkdir(parents=True, exist_ok=True)
    encoding = Encoding.PEM if pem else Encoding.DER
    (folder / "root.cer").write_bytes(pki().root.certificate.public_bytes(encoding))


@pytest.mark.parametrize("pem", [False, True])
def test_own_roots_are_files(tmp_path: Path, clock: StoppedClock, pem: bool) -> None:  # noqa: FBT001
    own_root(tmp_path, pem=pem)
    trust = reader(tmp_path, clock)
    assert trust().anchors == (pki().root.der,)
    assert trust.own_roots() == (pki().root.der,)
    anchor = trust.anchor(pki().root.asn1.sha256.hex())
    assert anchor is not None
    assert (anchor.kind, anchor.name.zh, anchor.list_name) == (AnchorKind.OWN, "Test Root", "")
    assert trust.trust_list().state is ListState.ABSENT


def test_a_root_file_that_cannot_be_read_stops_everything(
    tmp_path: Path, clock: StoppedClock
) -> None:
    own_root(tmp_path)
    (tmp_path / "trust" / "roots" / "other.cer").write_bytes(b"no certificate")
    with pytest.raises(ConfigurationError, match=r"other\.cer"):
        reader(tmp_path, clock)()


def test_the_list_adds_anchors_with_their_names(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    publish(tmp_path, a_list(entry(FOREIGN.root.der)))
    trust = reader(tmp_path, clock)
    assert trust().anchors == (pki().root.der, FOREIGN.root.der)
    assert trust().scopes == ()
    assert trust.own_roots() == (pki().root.der,)
    anchor = trust.anchor(FOREIGN.root.asn1.sha256.hex())
    assert anchor is not None
    assert anchor.name.zh == "邻省电子政务根证书"
    assert anchor.list_name == LIST_NAME
    assert anchor.kind is AnchorKind.GOVERNMENT
    assert trust.anchor("0" * 64) is None


def test_an_expired_list_is_recognised_no_more(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    publish(tmp_path, a_list(entry(FOREIGN.root.der), next_update=NOW + timedelta(hours=1)))
    trust = reader(tmp_path, clock)
    assert FOREIGN.root.der in trust().anchors
    clock.advance(timedelta(hours=1))
    assert trust().anchors == (pki().root.der,)
    assert trust.anchor(FOREIGN.root.asn1.sha256.hex()) is None
    assert trust.trust_list().state is ListState.EXPIRED


def test_another_list_is_known_within_a_second(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    trust = reader(tmp_path, clock)
    assert trust().anchors == (pki().root.der,)
    publish(tmp_path, a_list(entry(FOREIGN.root.der)))
    assert trust().anchors == (pki().root.der,)
    clock.advance(timedelta(seconds=1))
    assert FOREIGN.root.der in trust().anchors
    publish(tmp_path, a_list(entry(FOREIGN.root.der), version=2), signer=OTHER_KEY)
    clock.advance(timedelta(seconds=1))
    assert trust().anchors == (pki().root.der,), "what nobody signed takes the last one's place"


def test_entries_for_tests_count_in_tests_only(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    publish(tmp_path, a_list(entry(FOREIGN.root.der, kind=AnchorKind.TEST)))
    assert reader(tmp_path, clock)().anchors == (pki().root.der,)
    trust = reader(tmp_path, clock, tests=True)
    assert trust().anchors == (pki().root.der, FOREIGN.root.der)
    anchor = trust.anchor(FOREIGN.root.asn1.sha256.hex())
    assert anchor is not None
    assert anchor.kind is AnchorKind.TEST


def test_no_list_narrows_or_renames_an_own_root(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    publish(tmp_path, a_list(entry(pki().root.der, recognised_until=NOW - timedelta(days=1))))
    trust = reader(tmp_path, clock)
    assert trust().anchors == (pki().root.der,)
    assert trust().scopes == ()
    anchor = trust.anchor(pki().root.asn1.sha256.hex())
    assert anchor is not None
    assert anchor.kind is AnchorKind.OWN


def test_limits_of_entries(tmp_path: Path, clock: StoppedClock) -> None:
    own_root(tmp_path)
    der, year = FOREIGN.root.der, timedelta(days=365)
    before = entry(
        der,
        service=AnchorService.CERTIFICATES,
        recognised_from=NOW - 3 * year,
        recognised_until=NOW - 2 * year,
    )
    now = entry(der, service=AnchorService.CERTIFICATES, recognised_from=NOW - year)
    stamps = entry(der, service=AnchorService.TIMESTAMPS, recognised_from=NOW - 2 * year)
    publish(tmp_path, a_list(before, now))
    digest = FOREIGN.root.asn1.sha256.hex()
    newest = AnchorScope(digest, AnchorService.CERTIFICATES, NOW - year)
    assert reader(tmp_path, clock)().scopes == (newest,)
    publish(tmp_path, a_list(before, now, stamps, version=2))
    both = AnchorScope(digest, AnchorService.ANY, NOW - year)
    assert reader(tmp_path, clock)().scopes == (both,)


def test_without_root_files_the_ledger_s_roots_explain(clock: StoppedClock) -> None:
    world = CaWorld()
    world.found()
    (root,) = [one for one in world.ledger.list_issuers() if one.role is IssuerRole.ROOT]
    trust = TrustReader(world.ledger, clock)
    assert trust().anchors == (root.certificate,)
    assert root.certificate is not None
    anchor = trust.anchor(hashlib.sha256(root.certificate).hexdigest())
    assert anchor is not None
    assert anchor.kind is AnchorKind.OWN


def test_root_files_replace_the_ledger_s_roots(tmp_path: Path, clock: StoppedClock) -> None:
    """Who can write the database cannot add an anchor."""
    world = CaWorld()
    world.found()
    own_root(tmp_path)
    trust = TrustReader(world.ledger, clock, tmp_path)
    assert trust().anchors == (pki().root.der,)
    (root,) = [one for one in world.ledger.list_issuers() if one.role is IssuerRole.ROOT]
    assert root.certificate in trust().certificates
