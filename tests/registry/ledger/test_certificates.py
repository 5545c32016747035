"""Certificates are found by what is known of them, and licences by the state they have today."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ca.ledger import CertificateState, Intent, RevocationReason
from core.ids import IssuerId
from registry.bodies.authorities import find_seal
from registry.ledger.certificates import (
    CertificateQuery,
    Standing,
    endings,
    list_intended,
    search_certificates,
    standing_of,
)
from registry.ledger.ledger import SqlLedger
from registry.licences.licences import list_licences
from registry.model import LicenceState
from tests.permits import CHANGE_CERTIFICATE, to_certify
from tests.world import World


def search(world: World, **query: object) -> list[str]:
    """Return the profiles of what is found, in order."""
    asked = CertificateQuery(at=world.clock.now(), **query)  # type: ignore[arg-type]
    with world.home.database.reading() as connection:
        return [entry.intent.profile for entry in search_certificates(connection, asked)]


def test_by_what_is_known(world: World) -> None:
    tsa = world.home.hierarchy.tsa
    entry = world.home.ledger.find(IssuerId("issuing-1"), tsa.serial_number)
    assert entry is not None
    for known in (
        tsa.fingerprint(hashes.SHA256()).hex().upper(),
        entry.intent.spki_sha256,
        f"{tsa.serial_number:x}"[:8],
        "时间戳",
    ):
        assert search(world, search=known) == ["tsa"], known
    assert search(world, search="100%") == []
    assert search(world, search="0" * 64) == []
    assert set(search(world, issuer=IssuerId("root"))) == {"root", "issuing"}
    assert search(world, profile="ocsp") == ["ocsp"]
    assert search(world) == ["ocsp", "seal", "seal", "seal", "tsa", "issuing", "root"]


def test_by_how_they_stand(world: World) -> None:
    now = world.clock.now()
    assert search(world, ends_before=now + timedelta(days=400)) == ["ocsp"]
    assert search(world, standing=Standing.REVOKED) == []
    (serial,) = (
        entry.intent.serial
        for entry in world.home.ledger.list_entries(IssuerId("issuing-1"), profile="ocsp")
    )
    ledger = SqlLedger(world.home.database)
    ledger.revoke(
        IssuerId("issuing-1"), serial, RevocationReason.SUPERSEDED, now, permit=CHANGE_CERTIFICATE
    )
    assert search(world, standing=Standing.REVOKED) == ["ocsp"]
    assert search(world, ends_before=now + timedelta(days=400)) == []
    world.clock.advance(timedelta(days=9 * 365))
    assert search(world, standing=Standing.EXPIRED) == ["seal", "seal", "seal", "tsa"]
    assert set(search(world, standing=Standing.VALID)) == {"issuing", "root"}
    found = ledger.find(IssuerId("issuing-1"), serial)
    assert found is not None
    assert standing_of(found, world.clock.now()) is Standing.REVOKED


def test_what_is_in_use_and_when_it_ends(world: World) -> None:
    home = world.home
    with home.database.reading() as connection:
        found = {(one.kind, one.name): one for one in endings(connection, world.clock.now())}
        seal = find_seal(connection, world.types["food-operation"].seal_id)
    assert sorted(kind for kind, _ in found) == sorted(search(world))
    certificate = x509.load_der_x509_certificate(seal.certificate)
    ending = found["seal", seal.seal_id]
    assert ending.ends_at == certificate.not_valid_after_utc
    assert ending.serial == f"{certificate.serial_number:x}"


def test_an_intent_that_led_to_nothing(world: World) -> None:
    now = world.clock.now()
    intent = Intent(IssuerId("issuing-1"), 77, "seal", "CN=x", "0" * 64, "1" * 64, now, now)
    SqlLedger(world.home.database).record_intent(intent, now, permit=to_certify(intent.profile))
    with world.home.database.reading() as connection:
        assert list_intended(connection, now) == []
        (lost,) = list_intended(connection, now + timedelta(minutes=1))
    assert (lost.intent.serial, lost.state) == (77, CertificateState.INTENDED)


def test_licences_by_the_state_that_they_have_today(world: World) -> None:
    granted = [world.grant(index) for index in range(3)]
    home = world.home
    last = min(one.licence.valid_until for one in granted if one.licence.valid_until)
    world.clock.advance(timedelta(days=(last - home.today()).days + 1))
    for day in (home.today(), granted[0].licence.granted_on - timedelta(days=1)):
        with home.database.reading() as connection:
            known = list_licences(connection)
            for state in LicenceState:
                found = list_licences(connection, state=state, on=day)
                expected = [one for one in known if one.effective_state(day) is state]
                assert found == expected, state
    with home.database.reading() as connection:
        assert list_licences(connection, state=LicenceState.EXPIRED, on=home.today())
