"""pyHanko's path validator, offline, with revocation required for everything below the root."""

import asyncio
from datetime import datetime, timedelta

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathValidationError

from ca.errors import ForeignCertificateError, SealRevokedError, StaleValidationDataError
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.issuing.crl import CrlIssuer, CrlTimes
from ca.ledger import RevocationReason
from ca.validation.anchors import read_anchors
from ca.validation.validation_data import CACHE_LIFETIME, ValidationData
from core.ids import IssuerId
from keys.model import KeyPurpose
from tests.ca.world import SECOND_ROOT, World
from tests.permits import CHANGE_CERTIFICATE


def validate(
    hierarchy: Hierarchy, data: ValidationData, index: int, moment: datetime, usage: str
) -> None:
    """Validate one of the certificates in `data` with nothing but `data` and the root."""
    certificates = [asn1_x509.Certificate.load(c) for c in data.certificates]
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(hierarchy.root.public_bytes(Encoding.DER))],
        other_certs=certificates,
        ocsps=[asn1_ocsp.OCSPResponse.load(o) for o in data.ocsps],
        crls=[asn1_crl.CertificateList.load(c) for c in data.crls],
        allow_fetching=False,
        revocation_mode="require",
        moment=moment,
    )
    validator = CertificateValidator(
        certificates[index], intermediate_certs=certificates, validation_context=context
    )
    asyncio.run(validator.async_validate_usage({usage}))  # type: ignore[no-untyped-call]


def test_seal_and_timestamp_validate_from_the_data_alone(
    world: World, hierarchy: Hierarchy, seal: x509.Certificate
) -> None:
    data = hierarchy.validation.for_seal(seal.public_bytes(Encoding.DER))
    validate(hierarchy, data, 0, world.clock.now(), "non_repudiation")
    validate(hierarchy, data, 1, world.clock.now(), "digital_signature")


@pytest.mark.parametrize("missing", ["ocsps", "crls"])
def test_every_part_of_it_is_needed(
    world: World, hierarchy: Hierarchy, seal: x509.Certificate, missing: str
) -> None:
    data = hierarchy.validation.for_seal(seal.public_bytes(Encoding.DER))
    parts = {"ocsps": data.ocsps, "crls": data.crls} | {missing: ()}
    less = ValidationData(data.certificates, parts["ocsps"], parts["crls"])
    with pytest.raises(PathValidationError):
        validate(hierarchy, less, 0, world.clock.now(), "non_repudiation")


def test_a_revoked_seal_seals_no_more() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    world.ledger.revoke(
        FIRST_ISSUING,
        seal.serial_number,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    encoded = seal.public_bytes(Encoding.DER)
    with pytest.raises(SealRevokedError):
        hierarchy.validation.for_seal(encoded)
    answer = hierarchy.responder.response_for(seal.serial_number)
    data = ValidationData((encoded, hierarchy.issuing.public_bytes(Encoding.DER)), (answer,), ())
    with pytest.raises(PathValidationError):
        validate(hierarchy, data, 0, world.clock.now(), "non_repudiation")


def test_a_seal_of_a_namesake_of_our_ca_is_refused(hierarchy: Hierarchy) -> None:
    other = World()
    encoded = other.seal(other.found()).public_bytes(Encoding.DER)
    with pytest.raises(ForeignCertificateError):
        hierarchy.validation.for_seal(encoded)


def test_another_cas_seal_is_refused(hierarchy: Hierarchy, seal: x509.Certificate) -> None:
    with pytest.raises(ForeignCertificateError):
        hierarchy.validation.for_seal(hierarchy.root.public_bytes(Encoding.DER))
    assert hierarchy.validation.for_seal(seal.public_bytes(Encoding.DER)).certificates[0]


def test_anchors_are_the_root_and_what_stands_below_it(world: World, hierarchy: Hierarchy) -> None:
    anchors = read_anchors(world.ledger)
    assert anchors.roots == (hierarchy.root.public_bytes(Encoding.DER),)
    below = {hierarchy.issuing, hierarchy.ocsp, hierarchy.tsa}
    assert {x509.load_der_x509_certificate(c) for c in anchors.certificates} == below
    assert len(anchors.crls) == 2


def publish_for(world: World, issuer: IssuerId, lifetime: timedelta) -> datetime:
    """Publish a root's CRL that ends early; return when."""
    record = next(one for one in world.ledger.list_issuers() if one.issuer == issuer)
    signer = world.root_keys.open(record.key_id, KeyPurpose.ROOT_CA)
    times = CrlTimes(lifetime=lifetime, refresh_after=lifetime)
    crl = CrlIssuer(issuer, record.x509, signer, times, world.parts).publish()
    end = x509.load_der_x509_crl(crl).next_update_utc
    assert end is not None
    return end


def test_nothing_is_sealed_once_the_roots_crl_has_ended() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy).public_bytes(Encoding.DER)
    end = publish_for(world, ROOT, timedelta(hours=1))
    world.clock.advance(end - world.clock.now() - timedelta(seconds=1))
    source = hierarchy.validation
    assert source.for_seal(seal).crls, "to the last second"
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(StaleValidationDataError) as refused:
        source.for_seal(seal)
    for told in (refused.value.text.zh, refused.value.text.en):
        assert "xinyin ca crl --issuer root" in told
        assert "xinyin ca import" in told
        assert "电子证照根CA 1" in told
        assert f"{end:%Y-%m-%d %H:%M}" in told
    source.check_seal(
        seal, proof=False
    )  # at a level without validation data, where somebody asks for that
    publish_for(world, ROOT, timedelta(days=1))
    world.clock.advance(CACHE_LIFETIME)
    assert source.for_seal(seal).crls


def test_the_list_of_a_root_that_certified_none_of_them_may_have_ended() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy).public_bytes(Encoding.DER)
    world.second_root()
    publish_for(world, SECOND_ROOT, timedelta(hours=1))
    world.clock.advance(timedelta(hours=2))
    assert hierarchy.validation.for_seal(seal).crls
