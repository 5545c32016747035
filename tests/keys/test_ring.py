"""A ring reaches its domains only, records each key's life, and recovers from what was cut short.

Each test runs on software keys and on a token.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.ids import KeyId
from home.keys import PassphraseOptions
from keys.inventory import InventoryFinding, take_inventory
from keys.life import (
    DOMAIN_OF,
    KeyDomain,
    KeyLifeError,
    KeyRetiredError,
    KeyState,
    OutsideDomainError,
)
from keys.model import (
    KeyAlgorithm,
    KeyExistsError,
    KeyInfo,
    KeyNotFoundError,
    KeyPurpose,
    KeyUnavailableError,
    WrongPassphraseError,
    WrongPurposeError,
)
from keys.proof import prove
from tests.keys.rings import RingHome, on_token
from tests.permits import MANAGE_KEY
from tests.softhsm import SoftHsm, SoftToken

P256 = KeyAlgorithm.ECDSA_P256
K = KeyId("k")


def fixed(length: int) -> bytes:
    return bytes(length)


@pytest.fixture(params=["software", "token"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RingHome]:
    settings = None
    if request.param == "token":
        settings = on_token(request.getfixturevalue("token"))
    made = RingHome(tmp_path, settings)
    yield made
    made.database.close()


def states(home: RingHome) -> dict[str, str]:
    return {one.key_id: one.state for one in home.register.list_records()}


def findings(home: RingHome) -> dict[str, str]:
    return {one.key_id: one.finding for one in take_inventory(home.ring())}


def cut_short(home: RingHome, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Begin to generate a key, and lose power `at` a step: before it took effect, or after."""
    ring = home.ring()
    vault = ring.vault_of(KeyPurpose.SEAL)
    generate, record = vault.generate, home.register.record_generated

    def power_cut(*arguments: object) -> KeyInfo:
        raise KeyboardInterrupt

    def after(*arguments: object) -> KeyInfo:
        generate(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if at == "before the key":
            patched.setattr(vault, "generate", power_cut)
        elif at == "after the key":
            patched.setattr(vault, "generate", after)
        else:
            patched.setattr(home.register, "record_generated", power_cut)
        with pytest.raises(KeyboardInterrupt):
            ring.generate(K, KeyPurpose.SEAL, P256)
    assert home.register.record_generated == record


def test_each_purpose_lives_in_its_domain_and_signs(home: RingHome) -> None:
    ring = home.ring()
    for purpose in KeyPurpose:
        ring.generate(KeyId(f"key-{purpose}"), purpose, P256)
    again = home.ring()
    for purpose in KeyPurpose:
        info = again.find(KeyId(f"key-{purpose}"))
        prove(again.open(info.key_id, purpose), fixed)
    for domain in KeyDomain:
        reached = home.ring({domain}).list_keys()
        assert {info.purpose for info in reached} == {
            purpose for purpose, one in DOMAIN_OF.items() if one is domain
        }
    assert set(findings(home).values()) == {InventoryFinding.AGREED}


def test_a_key_without_a_certificate_is_active_once_opened(home: RingHome) -> None:
    ring = home.ring()
    for purpose in (KeyPurpose.AUDIT, KeyPurpose.TSA):
        ring.generate(KeyId(purpose), purpose, P256)
        ring.open(KeyId(purpose), purpose)
    assert states(home) == {"audit": KeyState.ACTIVE, "tsa": KeyState.GENERATED}


def test_a_purpose_outside_the_domains_is_refused(home: RingHome) -> None:
    home.ring().generate(K, KeyPurpose.ISSUING_CA, P256)
    trust = home.ring({KeyDomain.TRUST})
    for attempt in (
        lambda: trust.open(K, KeyPurpose.ISSUING_CA),
        lambda: trust.generate(KeyId("new"), KeyPurpose.SEAL, P256),
        lambda: trust.find(K),
        lambda: trust.destroy(K, "test", permit=MANAGE_KEY),
    ):
        with pytest.raises(OutsideDomainError):
            attempt()
    with pytest.raises((WrongPurposeError, KeyNotFoundError)):
        trust.open(K, KeyPurpose.OCSP)  # nor by calling it something else
    unrecorded = home.ring({KeyDomain.TRUST}, recorded=False)
    with pytest.raises(KeyNotFoundError):
        unrecorded.find(K)
    assert unrecorded.list_keys() == []


@pytest.mark.parametrize("at", ["before the key", "after the key", "before the record"])
def test_a_generation_that_was_cut_short_is_finished(
    home: RingHome, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    cut_short(home, monkeypatch, at)
    assert states(home) == {K: KeyState.INTENDED}
    assert findings(home) == {K: InventoryFinding.UNFINISHED}
    ring = home.ring()
    try:  # as founding and sealing do
        info = ring.find(K)
    except KeyNotFoundError:
        info = ring.generate(K, KeyPurpose.SEAL, P256)
    assert states(home) == {K: KeyState.GENERATED}
    assert findings(home) == {K: InventoryFinding.AGREED}
    assert ring.list_keys() == [info]
    with pytest.raises(KeyExistsError):
        ring.generate(K, KeyPurpose.SEAL, P256)


def test_a_key_that_nobody_recorded_is_shown_and_recorded_when_found(home: RingHome) -> None:
    home.ring(recorded=False).generate(K, KeyPurpose.TSA, P256)
    assert findings(home) == {K: InventoryFinding.UNRECORDED}
    with pytest.raises(KeyExistsError):
        home.ring().generate(K, KeyPurpose.TSA, P256)
    assert states(home) == {K: KeyState.GENERATED}


def test_a_retired_key_signs_nothing_new_but_a_ca_its_crls(home: RingHome) -> None:
    ring = home.ring()
    ring.generate(K, KeyPurpose.SEAL, P256)
    ring.generate(KeyId("ca"), KeyPurpose.ISSUING_CA, P256)
    for key_id in (K, KeyId("ca")):
        home.register.retire(key_id, "test", permit=MANAGE_KEY)
    with pytest.raises(KeyRetiredError):
        ring.open(K, KeyPurpose.SEAL)
    prove(ring.open(KeyId("ca"), KeyPurpose.ISSUING_CA), fixed)
    with pytest.raises(KeyLifeError):
        home.register.retire(K, "again", permit=MANAGE_KEY)


def test_a_key_is_destroyed_once_it_left_use(home: RingHome) -> None:
    ring = home.ring()
    ring.generate(K, KeyPurpose.SEAL, P256)
    home.register.activate(K)
    with pytest.raises(KeyLifeError):
        ring.destroy(K, "test", permit=MANAGE_KEY)
    prove(ring.open(K, KeyPurpose.SEAL), fixed)
    home.register.retire(K, "test", permit=MANAGE_KEY)
    ring.destroy(K, "test", permit=MANAGE_KEY)
    ring.destroy(K, "again", permit=MANAGE_KEY)
    assert ring.list_keys() == []
    assert findings(home) == {K: InventoryFinding.AGREED}
    for attempt in (
        lambda: ring.open(K, KeyPurpose.SEAL),
        lambda: ring.generate(K, KeyPurpose.SEAL, P256),
    ):
        with pytest.raises((KeyRetiredError, KeyExistsError)):
            attempt()
    with pytest.raises(KeyNotFoundError):
        ring.destroy(KeyId("other"), "test", permit=MANAGE_KEY)


def test_a_destruction_that_was_cut_short_is_finished(
    home: RingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = home.ring()
    ring.generate(K, KeyPurpose.SEAL, P256)
    with monkeypatch.context() as patched:

        def power_cut(key_id: KeyId) -> None:
            raise KeyboardInterrupt

        patched.setattr(ring.vault_of(KeyPurpose.SEAL), "destroy", power_cut)
        with pytest.raises(KeyboardInterrupt):
            ring.destroy(K, "test", permit=MANAGE_KEY)
    assert findings(home) == {K: InventoryFinding.NOT_DELETED}
    with pytest.raises(KeyRetiredError):
        ring.open(K, KeyPurpose.SEAL)
    with pytest.raises(KeyRetiredError):
        ring.find(K)
    home.ring().destroy(K, "test", permit=MANAGE_KEY)
    assert findings(home) == {K: InventoryFinding.AGREED}


def test_the_inventory_tells_what_is_missing_and_what_was_exchanged(home: RingHome) -> None:
    ring = home.ring()
    for name in ("lost", "swapped"):
        ring.generate(KeyId(name), KeyPurpose.SEAL, P256)
        ring.vault_of(KeyPurpose.SEAL).destroy(KeyId(name))
    home.ring(recorded=False).generate(KeyId("swapped"), KeyPurpose.SEAL, P256)
    assert findings(home) == {
        "lost": InventoryFinding.MISSING,
        "swapped": InventoryFinding.DIFFERENT,
    }


def test_domains_may_have_tokens_and_passphrases_of_their_own(
    tmp_path: Path, token: SoftToken, softhsm: SoftHsm
) -> None:
    other = softhsm.token()
    own = tmp_path / "trust"
    own.write_text("another passphrase for the trust domain")
    own.chmod(0o600)
    settings = {
        "ca_uri": token.uri(),
        "issuing_uri": other.uri(pin_source=False),
        "issuing_passphrase_file": other.pin_file,
        "trust_passphrase_file": own,
        "namespace": "mixed",
    }
    home = RingHome(tmp_path, settings)
    for purpose in KeyPurpose:
        home.ring().generate(KeyId(f"key-{purpose}"), purpose, P256)
    where = {one.purpose: one.location for one in home.register.list_records()}
    assert token.label in where[KeyPurpose.ISSUING_CA]
    assert other.label in where[KeyPurpose.SEAL]
    assert where[KeyPurpose.TSA] == where[KeyPurpose.ROOT_CA] == "software"
    home.settings = home.settings.model_copy(update={"trust_passphrase_file": None})
    with pytest.raises(WrongPassphraseError):
        home.ring().open(KeyId("key-tsa"), KeyPurpose.TSA)
    prove(home.ring().open(KeyId("key-audit"), KeyPurpose.AUDIT), fixed)
    home.database.close()


@pytest.mark.parametrize("source", ["descriptor", "file", "credential", "own credential"])
def test_a_pin_comes_as_a_passphrase_does(tmp_path: Path, token: SoftToken, source: str) -> None:
    uri = token.uri(pin_source=False)
    home = RingHome(tmp_path, {"uri": uri, "passphrase_file": None, "root_passphrase_file": None})
    pin = token.pin_file
    reading, writing = os.pipe()
    os.write(writing, pin.read_bytes())
    os.close(writing)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    if source == "credential":
        (credentials / "xinyin-keys").write_bytes(pin.read_bytes())
    if source == "own credential":
        (credentials / "xinyin-keys").write_bytes(b"for others")
        (credentials / "xinyin-keys-issuing").write_bytes(pin.read_bytes())
    options = PassphraseOptions(
        descriptor=reading if source == "descriptor" else None,
        file=pin if source == "file" else None,
    )
    ring = home.ring(
        {KeyDomain.ISSUING},
        options=options,
        environment={"CREDENTIALS_DIRECTORY": str(credentials)},
    )
    ring.generate(K, KeyPurpose.SEAL, P256)
    prove(ring.open(K, KeyPurpose.SEAL), fixed)
    os.close(reading)
    home.database.close()


def test_one_descriptor_serves_all_domains(tmp_path: Path) -> None:
    home = RingHome(tmp_path, {"passphrase_file": None})
    reading, writing = os.pipe()
    os.write(writing, b"a passphrase from a pipe")
    os.close(writing)
    ring = home.ring(options=PassphraseOptions(descriptor=reading))
    for purpose in (KeyPurpose.ISSUING_CA, KeyPurpose.TSA, KeyPurpose.SEAL):
        ring.generate(KeyId(purpose), purpose, P256)
    os.close(reading)
    home.database.close()


def test_a_pin_within_the_home_or_open_to_others_is_refused(
    tmp_path: Path, token: SoftToken
) -> None:
    for index, (path, mode) in enumerate((("home/pin", 0o600), ("pin", 0o644))):
        place = tmp_path / str(index)
        place.mkdir()
        uri = token.uri(pin_source=False) + f"&pin-source=file:{place / path}"
        home = RingHome(place, {"uri": uri})
        (place / path).write_text("pin of the tests")
        (place / path).chmod(mode)
        with pytest.raises(ConfigurationError):
            home.ring().find(K)
        home.database.close()


def test_keys_of_an_old_home_move_into_their_domains(tmp_path: Path) -> None:
    home = RingHome(tmp_path)
    ring = home.ring(recorded=False)
    for purpose in (KeyPurpose.OCSP, KeyPurpose.SEAL, KeyPurpose.ISSUING_CA):
        ring.generate(KeyId(purpose), purpose, P256)
    flat = home.directory / "keys"
    for path in flat.glob("*/*.pem"):
        path.rename(flat / path.name)
    again = home.ring()
    for purpose in (KeyPurpose.OCSP, KeyPurpose.SEAL, KeyPurpose.ISSUING_CA):
        prove(again.open(KeyId(purpose), purpose), fixed)
    moved = {str(path.relative_to(flat)) for path in flat.glob("**/*.pem")}
    assert moved == {"trust/ocsp.pem", "issuing/seal.pem", "ca/issuing-ca.pem"}
    home.database.close()


def test_a_proof_notices_a_signature_that_does_not_match(home: RingHome) -> None:
    ring = home.ring()
    ring.generate(K, KeyPurpose.SEAL, P256)
    other = ring.generate(KeyId("other"), KeyPurpose.SEAL, P256)
    signer = ring.open(K, KeyPurpose.SEAL)
    signer._signer._info = other  # type: ignore[attr-defined]
    with pytest.raises(KeyUnavailableError, match="does not match"):
        prove(signer, fixed)
