"""A key that another process retires signs a second longer at most, on both engines."""

import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.hierarchy.hierarchy import TSA_KEY
from ca.validation.remote import UnitChangedError
from core.clock import SystemClock
from core.ids import KeyId
from core.text import Text
from keys.life import DOMAIN_OF, KeyRetiredError
from keys.model import KeyAlgorithm, KeyPurpose
from keys.ring import KeyRing
from keys.software import SoftwareKeyStore
from registry.db.database import Database
from registry.ledger.key_register import SqlKeyRegister
from signing.sealing.pades import SealedDocument, Sealer, SealingRequest
from tests.cli.pdf import embedded_cms, signature_timestamp
from tests.permits import MANAGE_KEY
from tests.registry.answers.test_outages import Seconds
from tests.signing.sealing.sealing_world import dss_of
from tests.world import World

A_SECOND = 1
PURPOSES = (KeyPurpose.SEAL, KeyPurpose.OCSP, KeyPurpose.TSA, KeyPurpose.ISSUING_CA)


def ring(database: Database, directory: Path, monotonic: Seconds) -> KeyRing:
    store = SoftwareKeyStore(directory, lambda: b"a passphrase for tests", SystemClock())
    register = SqlKeyRegister(database, SystemClock())
    vaults = {DOMAIN_OF[one]: store for one in PURPOSES}
    return KeyRing(vaults, register, monotonic=monotonic)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_open_key_that_is_retired_refuses_within_a_second(
    database: Database, tmp_path: Path, purpose: KeyPurpose
) -> None:
    seconds = Seconds()
    serving = ring(database, tmp_path, seconds)
    key_id = KeyId("k")
    serving.generate(key_id, purpose, KeyAlgorithm.ECDSA_P256)
    signer = serving.open(key_id, purpose)
    assert signer.sign(b"x")
    elsewhere = SqlKeyRegister(database, SystemClock())
    elsewhere.retire(key_id, "2026-17", permit=MANAGE_KEY)
    seconds.pass_by(A_SECOND)
    if purpose is KeyPurpose.ISSUING_CA:  # its CRLs go on (RFC 5280 5)
        assert signer.sign(b"x")
        elsewhere.destroy(key_id, "2026-18", permit=MANAGE_KEY)
        seconds.pass_by(A_SECOND)
    for _ in range(2):
        with pytest.raises(KeyRetiredError):
            signer.sign(b"x")
        with pytest.raises(KeyRetiredError):
            signer.builder_key()
    assert not serving.may_open(key_id, purpose)


def test_a_batch_goes_on_with_the_next_unit(world: World) -> None:
    """One process grants for hours, while the time-stamping unit gets another key: what it seals
    is stamped by that, and holds what validates it.
    """
    home, seconds = world.home, Seconds()
    home.keys._monotonic = seconds
    sealed = [home.store.get(world.grant(0).sha256)]
    units = [home.hierarchy.tsa]
    home.service_renewal.renew(force=True)
    SqlKeyRegister(home.database, home.clock).retire(TSA_KEY, "2026-17", permit=MANAGE_KEY)
    seconds.pass_by(A_SECOND)
    sealed.append(home.store.get(world.grant(1).sha256))
    units.append(home.hierarchy.tsa)
    assert units[0] != units[1]
    for pdf, unit in zip(sealed, units, strict=True):
        token = signature_timestamp(embedded_cms(pdf))
        assert token is not None
        assert unit.public_bytes(Encoding.DER) in token
        answers = map(ocsp.load_der_ocsp_response, dss_of(pdf).ocsps)
        assert unit.serial_number in {one.serial_number for one in answers}


def test_a_document_is_sealed_again_where_the_unit_elsewhere_was_renewed(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks: list[Sealer] = []
    seal = Sealer.seal

    def changed_once(sealer: Sealer, request: SealingRequest) -> SealedDocument:
        desks.append(sealer)
        if len(desks) == 1:
            raise UnitChangedError(Text("换了", "changed"))
        return seal(sealer, request)

    monkeypatch.setattr(Sealer, "seal", changed_once)
    assert sqlite_world.home.store.get(sqlite_world.grant(0).sha256)
    first, second = desks
    assert first is not second, "with what was collected for the unit of now"


def test_others_sign_on_and_nothing_is_asked_for_each_signature(
    database: Database, tmp_path: Path
) -> None:
    seconds = Seconds()
    serving = ring(database, tmp_path, seconds)
    for name in ("a", "b"):
        serving.generate(KeyId(name), KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = serving.open(KeyId("a"), KeyPurpose.SEAL)
    signer.sign(b"x")
    SqlKeyRegister(database, SystemClock()).retire(KeyId("b"), "2026-17", permit=MANAGE_KEY)
    seconds.pass_by(A_SECOND)
    signer.sign(b"x")
    database.close()
    asked = time.monotonic()
    epoch = serving.life_epoch()
    assert epoch == 1
    for _ in range(100):
        signer.sign(b"x")
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert time.monotonic() - asked < 10
