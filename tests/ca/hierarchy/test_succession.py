"""An issuing CA follows another without a gap: what the last one issued stays good."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.errors import IssuanceError, NotFoundedError
from ca.hierarchy.hierarchy import Hierarchy
from ca.hierarchy.succession import Succession, names_of
from ca.issuers import FIRST_ISSUING, ROOT, IssuerState, issuing_id
from ca.ledger import RevocationReason
from ca.ocsp.responder import OcspStatus
from core.ids import IssuerId
from tests.ca.memory_ledger import Crash
from tests.ca.world import ORGANIZATION, USCC, World, openssl, pem
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA

SECOND = issuing_id(2)


def succession(world: World) -> Succession:
    """Return what leads the world's CAs."""
    return Succession(world.parts, world.steps, lambda n: names_of(ORGANIZATION, USCC, n))


def prepare(world: World) -> IssuerId:
    """Certify and furnish the next CA."""
    led = succession(world)
    issuer = led.next_issuer()
    world.steps.certify_issuing(
        led.new_ca(issuer, ROOT), state=IssuerState.PREPARED, permit=MANAGE_CA
    )
    led.furnish(permit=MANAGE_CA)
    return issuer


def _is_good(hierarchy: Hierarchy, certificate: x509.Certificate) -> bool:
    issuer = hierarchy.issuer_of(certificate).certificate
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    return hierarchy.ocsp_service.respond(builder.build().public_bytes(Encoding.DER)).good


def test_a_running_process_follows_within_a_minute(tmp_path: Path) -> None:
    world = World()
    world.clock.advance(timedelta(hours=-1))  # openssl looks at the real clock
    hierarchy = world.found()
    old_seal = world.seal(hierarchy)
    assert prepare(world) == SECOND
    world.clock.advance(timedelta(seconds=61))
    assert hierarchy.active.record.issuer == FIRST_ISSUING
    assert SECOND in hierarchy.records  # its certificate and CRL are published
    assert succession(world).switch(SECOND, permit=MANAGE_CA) == [FIRST_ISSUING]
    world.clock.advance(timedelta(seconds=61))
    assert hierarchy.active.record.issuer == SECOND
    new_seal = world.seal(hierarchy)
    crls = []
    for seal, issuer in ((old_seal, FIRST_ISSUING), (new_seal, SECOND)):
        ca = hierarchy.issuer_of(seal)
        assert ca.record.issuer == issuer
        assert _is_good(hierarchy, seal)
        crls += [ca.crls.publish(), world.ledger.latest_crl(ROOT) or b""]
        lists = tmp_path / "crls"
        lists.write_bytes(
            b"".join(x509.load_der_x509_crl(c).public_bytes(Encoding.PEM) for c in crls)
        )
        told = openssl(
            "verify", "-x509_strict", "-crl_check_all", "-CRLfile", lists, "-purpose", "any",
            "-CAfile", pem(tmp_path / "root", hierarchy.root),
            "-untrusted", pem(tmp_path / "ca", ca.certificate), pem(tmp_path / "seal", seal),
        )  # fmt: skip
        assert "OK" in told
    with pytest.raises(IssuanceError):
        _ = hierarchy.issuing_ca(FIRST_ISSUING).authority


def test_the_old_one_still_revokes_what_it_issued() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    succession(world).switch(prepare(world), permit=MANAGE_CA)
    world.clock.advance(timedelta(seconds=61))
    world.ledger.revoke(
        FIRST_ISSUING,
        seal.serial_number,
        RevocationReason.SUPERSEDED,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    crl = x509.load_der_x509_crl(hierarchy.issuing_ca(FIRST_ISSUING).crls.current())
    assert crl.get_revoked_certificate_by_serial_number(seal.serial_number) is not None
    assert not _is_good(hierarchy, seal)


def test_a_ca_of_ours_whose_responder_is_away_is_not_called_a_strangers() -> None:
    """`unauthorized` means to clients that they ask in the wrong place; this passes."""
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    succession(world).switch(prepare(world), permit=MANAGE_CA)
    world.clock.advance(timedelta(seconds=61))
    issuer = hierarchy.issuer_of(seal).certificate
    asked = ocsp.OCSPRequestBuilder().add_certificate(seal, issuer, hashes.SHA1()).build()
    request = asked.public_bytes(Encoding.DER)

    def status() -> OcspStatus:
        world.clock.advance(timedelta(seconds=61))
        hierarchy.ocsp_service.refresh()
        return hierarchy.ocsp_service.respond(request).status

    assert status() is OcspStatus.SUCCESSFUL
    serial = hierarchy.issuing_ca(FIRST_ISSUING).ocsp.serial_number
    now = world.clock.now()
    world.ledger.hold(FIRST_ISSUING, serial, now, permit=CHANGE_CERTIFICATE)
    assert status() is OcspStatus.TRY_LATER
    world.ledger.release(FIRST_ISSUING, serial, now, permit=CHANGE_CERTIFICATE)
    assert status() is OcspStatus.SUCCESSFUL
    foreign = World().found()
    asked = ocsp.OCSPRequestBuilder().add_certificate(seal, foreign.issuing, hashes.SHA1()).build()
    answer = hierarchy.ocsp_service.respond(asked.public_bytes(Encoding.DER))
    assert answer.status is OcspStatus.UNAUTHORIZED


def test_each_unit_has_a_key_of_its_own_and_old_tokens_keep_theirs() -> None:
    world = World()
    hierarchy = world.found()
    before = hierarchy.tsa
    world.clock.advance(timedelta(days=1))
    succession(world).switch(prepare(world), permit=MANAGE_CA)
    world.clock.advance(timedelta(seconds=61))
    after = world.found().tsa
    assert after.public_key() != before.public_key()
    assert _is_good(hierarchy, before)
    assert {"tsa-1", "tsa-2", "ocsp-issuing-1", "ocsp-issuing-2"} <= set(world.keys.keys)


def test_a_switch_that_died_in_between_has_one_ca_that_issues_and_is_finished() -> None:
    world = World()
    hierarchy = world.found()
    prepare(world)
    saved = 0

    def die(method: str, moment: str) -> None:
        nonlocal saved
        saved += method == "save_issuer"
        if saved == 3 and moment == "before":
            raise Crash

    world.ledger.on_write = die
    with pytest.raises(Crash):
        succession(world).switch(SECOND, permit=MANAGE_CA)
    world.ledger.on_write = lambda _method, _moment: None
    world.clock.advance(timedelta(seconds=61))
    assert hierarchy.active.record.issuer == SECOND
    assert succession(world).settle(permit=MANAGE_CA) == [FIRST_ISSUING]
    assert succession(world).settle(permit=MANAGE_CA) == []


def test_one_without_a_certificate_is_not_put_to_use() -> None:
    world = World()
    world.found()
    led = succession(world)
    world.steps.prepare_issuing(led.new_ca(led.next_issuer(), None), permit=MANAGE_CA)
    assert led.next_issuer() == SECOND
    assert led.furnish(permit=MANAGE_CA) == []
    with pytest.raises(NotFoundedError):
        led.switch(SECOND, permit=MANAGE_CA)


def test_a_ca_that_has_waited_long_answers_at_once() -> None:
    """Its responder's certificate of 30 days has ended; found by a simulated history."""
    world = World()
    hierarchy = world.found()
    prepare(world)
    world.clock.advance(timedelta(days=40))
    succession(world).switch(SECOND, permit=MANAGE_CA)
    world.clock.advance(timedelta(seconds=61))
    now = world.clock.now()
    assert hierarchy.ocsp.not_valid_before_utc <= now < hierarchy.ocsp.not_valid_after_utc
    assert hierarchy.ocsp.issuer == hierarchy.issuing.subject
