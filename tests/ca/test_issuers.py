"""Several issuing CAs side by side: each vouches for what it issued, one of them issues."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.errors import ForeignCertificateError, IssuanceError, NotFoundedError
from ca.hierarchy.hierarchy import Hierarchy, open_hierarchy
from ca.hierarchy.service_keys import ocsp_key
from ca.issuers import (
    FIRST_ISSUING,
    ROOT,
    IssuerRecord,
    IssuerRole,
    IssuerState,
    OutsideCa,
    issuing_id,
)
from ca.issuing.issue import CertificateAuthority, Issuer
from ca.ledger import RevocationReason
from ca.ocsp.responder import OcspStatus
from ca.profiles.names import LegalSubject
from ca.profiles.profiles import ProfileKind, validate_profile
from ca.validation.anchors import read_anchors
from core.ids import IssuerId, KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from tests.ca.crls import self_signed
from tests.ca.world import ORGANIZATION, USCC, World
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA, to_certify

SECOND = IssuerId("issuing-2")


def _second_ca(world: World, hierarchy: Hierarchy) -> IssuerRecord:
    """Put another issuing CA beside the first, which retires."""
    parts, now = world.parts, world.clock.now()
    subject = LegalSubject("电子证照签发CA 2", ORGANIZATION, USCC).to_name()
    world.keys.generate(KeyId("issuing-2"), KeyPurpose.ISSUING_CA, KeyAlgorithm.ECDSA_P384)
    key = world.keys.open(KeyId("issuing-2"), KeyPurpose.ISSUING_CA)
    root_key = world.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA)
    root = CertificateAuthority(Issuer.of_certificate(ROOT, hierarchy.root, 1), root_key, parts)
    token = root.prepare(
        validate_profile(ProfileKind.ISSUING),
        subject,
        key.public_key,
        permit=to_certify(validate_profile(ProfileKind.ISSUING)),
    )
    certificate = root.issue(token)
    record = IssuerRecord(
        SECOND, IssuerRole.ISSUING, ROOT, KeyId("issuing-2"), IssuerState.ACTIVE, now, certificate
    )
    parts.ledger.save_issuer(record, now, permit=MANAGE_CA)
    first = replace(world.ledger.issuers[FIRST_ISSUING], state=IssuerState.RETIRED)
    parts.ledger.save_issuer(first, now, permit=MANAGE_CA)
    key_id = ocsp_key(SECOND)
    world.keys.generate(key_id, KeyPurpose.OCSP, KeyAlgorithm.ECDSA_P256)
    issuer = Issuer.of_certificate(SECOND, x509.load_der_x509_certificate(certificate), 1)
    responder = LegalSubject("电子证照OCSP服务 2", ORGANIZATION, USCC).to_name()
    authority = CertificateAuthority(issuer, key, parts)
    public_key = world.keys.open(key_id, KeyPurpose.OCSP).public_key
    authority.issue(
        authority.prepare(
            validate_profile(ProfileKind.OCSP_RESPONDER),
            responder,
            public_key,
            permit=to_certify(validate_profile(ProfileKind.OCSP_RESPONDER)),
        )
    )
    return record


def test_each_ca_vouches_for_its_own_and_the_newest_issues() -> None:
    world = World()
    founded = world.found()
    old_seal = world.seal(founded)
    _second_ca(world, founded)
    hierarchy = open_hierarchy(world.keys, world.parts)
    new_seal = world.seal(hierarchy)
    assert hierarchy.active.record.issuer == SECOND
    assert new_seal.issuer == hierarchy.issuing.subject != old_seal.issuer
    for seal, issuer in ((old_seal, FIRST_ISSUING), (new_seal, SECOND)):
        encoded = seal.public_bytes(Encoding.DER)
        data = hierarchy.validation.for_seal(encoded)
        ca = hierarchy.issuing_ca(issuer)
        assert hierarchy.issuer_of(seal) is ca
        assert hierarchy.chain_of(encoded) == tuple(
            one.public_bytes(Encoding.DER) for one in (ca.certificate, hierarchy.root)
        )
        assert {encoded, ca.ocsp.public_bytes(Encoding.DER)} <= set(data.certificates)
        assert len(set(data.certificates)) == len(data.certificates)
    with pytest.raises(IssuanceError, match="retired"):
        _ = hierarchy.issuing_ca(FIRST_ISSUING).authority
    assert hierarchy.issuing_ca(FIRST_ISSUING).crls.publish()
    with pytest.raises(ForeignCertificateError):
        hierarchy.issuer_of(hierarchy.root)
    with pytest.raises(NotFoundedError):
        hierarchy.issuing_ca(IssuerId("issuing-3"))


def test_answers_are_given_for_every_ca() -> None:
    world = World()
    founded = world.found()
    old_seal = world.seal(founded)
    _second_ca(world, founded)
    hierarchy = open_hierarchy(world.keys, world.parts)
    for seal in (old_seal, world.seal(hierarchy)):
        ca = hierarchy.issuer_of(seal)
        request = ocsp.OCSPRequestBuilder().add_certificate(seal, ca.certificate, hashes.SHA1())
        encoded = request.build().public_bytes(Encoding.DER)
        answer = hierarchy.ocsp_service.respond(encoded)
        assert answer.status is OcspStatus.SUCCESSFUL
        assert answer.good
        assert ocsp.load_der_ocsp_response(answer.der).certificates == [ca.ocsp]
    anchors = read_anchors(world.ledger)
    assert anchors.roots == (hierarchy.root.public_bytes(Encoding.DER),)
    for ca in hierarchy.issuing_cas:
        assert ca.certificate.public_bytes(Encoding.DER) in anchors.certificates
        assert ca.ocsp.public_bytes(Encoding.DER) in anchors.certificates


def test_the_epoch_grows_with_a_revocation() -> None:
    world = World()
    seal = world.seal(world.found())
    before = world.ledger.revocation_epoch()
    world.ledger.revoke(
        FIRST_ISSUING,
        seal.serial_number,
        RevocationReason.SUPERSEDED,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    assert world.ledger.revocation_epoch() > before


def test_a_ca_that_waits_for_its_certificate_says_so() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    key = KeyId("issuing-2")
    waiting = IssuerRecord(issuing_id(2), IssuerRole.ISSUING, ROOT, key, IssuerState.PREPARED, now)
    assert (waiting.issuer, waiting.crl_shards) == ("issuing-2", 1)
    with pytest.raises(NotFoundedError, match="“issuing-2” has no certificate yet"):
        _ = waiting.x509


def test_a_ca_outside_has_its_path_up_to_the_anchor() -> None:
    now, encoded = datetime(2026, 3, 2, tzinfo=UTC), self_signed()
    outside = OutsideCa(IssuerId("outside-1"), encoded, (b"above", b"anchor"), now)
    assert outside.path == (encoded, b"above", b"anchor")
    assert outside.x509.public_bytes(Encoding.DER) == encoded
