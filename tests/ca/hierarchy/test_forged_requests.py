"""Whoever can write to the register, and so to the desk, has no key of theirs certified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID

from ca.hierarchy.requests import CertificateRequest, RequestState
from ca.hierarchy.service_keys import PURPOSES, spki_of
from ca.hierarchy.vouching import vouch
from ca.issuers import FIRST_ISSUING, IssuerState
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from core.ids import IssuerId, KeyId
from keys.algorithms import generate_private_key
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose, Signer
from keys.software import SoftwareSigner
from tests.ca.hierarchy.test_renewal import DAY, OCSP, TSA, Renewed
from tests.permits import RUN_SERVICES

AT = datetime(2026, 3, 1, tzinfo=UTC)
Forgery = Callable[[Renewed, "Thief", ProfileKind], CertificateRequest]


class Thief:
    """Somebody with a key of their own, and with all rights in the database."""

    def __init__(self) -> None:
        self.key = generate_private_key(KeyAlgorithm.ECDSA_P256)
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.info = KeyInfo(KeyId("x"), KeyPurpose.TSA, KeyAlgorithm.ECDSA_P256, spki, AT)

    def request(
        self, renewed: Renewed, kind: ProfileKind, vouching: bytes | None = None
    ) -> CertificateRequest:
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        if vouching is not None:
            builder = builder.add_attribute(AttributeOID.UNSTRUCTURED_NAME, vouching)
        return CertificateRequest(
            spki_fingerprint(self.key.public_key()),
            FIRST_ISSUING,
            kind,
            self.info.key_id,
            builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER),
            RequestState.REQUESTED,
            renewed.world.clock.now(),
        )

    def vouched(self, renewed: Renewed, kind: ProfileKind, by: Signer) -> CertificateRequest:
        """Return a request that another key of theirs vouches for."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        builder = vouch(builder, by, (FIRST_ISSUING, kind), self.info.spki)
        csr = builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)
        return replace(self.request(renewed, kind), csr=csr)


def by_the_id_of_the_key_in_use(
    renewed: Renewed, thief: Thief, kind: ProfileKind
) -> CertificateRequest:
    """As if it were certified already, and so always in time."""
    (present,) = renewed.certificates(kind)
    return replace(thief.request(renewed, kind), request_id=spki_fingerprint(present.public_key()))


def by_its_own_id(renewed: Renewed, thief: Thief, kind: ProfileKind) -> CertificateRequest:
    return thief.request(renewed, kind)


def with_what_vouches_for_another(
    renewed: Renewed, thief: Thief, kind: ProfileKind
) -> CertificateRequest:
    asked = renewed.trust.request_due(force=True)
    (ours,) = [one for one in asked if one.kind is kind]
    renewed.desk.requests = {}
    attributes = x509.load_der_x509_csr(ours.csr).attributes
    vouching = attributes.get_attribute_for_oid(AttributeOID.UNSTRUCTURED_NAME).value
    return thief.request(renewed, kind, vouching)


def vouched_for_by_a_row_of_the_ledger(
    renewed: Renewed, thief: Thief, kind: ProfileKind
) -> CertificateRequest:
    """A certificate that the CA never signed stands in the ledger as one of the service."""
    (like,) = renewed.certificates(kind)
    forged = x509.CertificateBuilder(
        issuer_name=like.issuer,
        subject_name=like.subject,
        public_key=thief.key.public_key(),
        serial_number=like.serial_number + 1,
        not_valid_before=like.not_valid_before_utc,
        not_valid_after=like.not_valid_after_utc,
        extensions=list(like.extensions),
    ).sign(thief.key, hashes.SHA256())
    add_row(renewed, kind, FIRST_ISSUING, forged)
    return Thief().vouched(renewed, kind, SoftwareSigner(thief.info, thief.key))


def vouched_for_by_a_seal_entered_as_a_service(
    renewed: Renewed, thief: Thief, kind: ProfileKind
) -> CertificateRequest:
    """What the CA did certify for them, under another profile."""
    other = Thief()
    seal = renewed.world.certify(renewed.hierarchy, ProfileKind.SEAL, other.key.public_key())
    add_row(renewed, kind, FIRST_ISSUING, seal)
    return thief.vouched(renewed, kind, SoftwareSigner(other.info, other.key))


def vouched_for_by_a_ca_of_their_own(
    renewed: Renewed, thief: Thief, kind: ProfileKind
) -> CertificateRequest:
    """A whole other hierarchy stands in the register beside ours."""
    other = Renewed()
    ledger, theirs = renewed.world.ledger, IssuerId("theirs")
    record = other.world.ledger.issuers[FIRST_ISSUING]
    ledger.issuers = {
        theirs: replace(record, issuer=theirs, state=IssuerState.RETIRED),
        **ledger.issuers,
    }
    renewed.hierarchy.look_again()
    (certificate,) = other.certificates(kind)
    add_row(renewed, kind, theirs, certificate)
    (by,) = [one.key_id for one in other.world.keys.list_keys() if one.spki == spki_of(certificate)]
    return thief.vouched(renewed, kind, other.world.keys.open(by, PURPOSES[kind]))


def add_row(
    renewed: Renewed, kind: ProfileKind, issuer: IssuerId, certificate: x509.Certificate
) -> None:
    entries = renewed.world.ledger.entries
    like = next(one for one in entries.values() if one.intent.profile == kind)
    serial = certificate.serial_number
    intent = replace(
        like.intent,
        issuer=issuer,
        serial=serial,
        spki_sha256=spki_fingerprint(certificate.public_key()),
    )
    der = certificate.public_bytes(Encoding.DER)
    entries[issuer, serial] = replace(like, intent=intent, certificate=der)


@pytest.mark.parametrize("kind", [OCSP, TSA])
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "forge",
    [
        by_the_id_of_the_key_in_use,
        by_its_own_id,
        with_what_vouches_for_another,
        vouched_for_by_a_row_of_the_ledger,
        vouched_for_by_a_seal_entered_as_a_service,
        vouched_for_by_a_ca_of_their_own,
    ],
)
def test_no_forged_request_is_certified(forge: Forgery, kind: ProfileKind, *, force: bool) -> None:
    renewed = Renewed()
    life = renewed.certificates(kind)[0]
    renewed.world.clock.at = (
        life.not_valid_before_utc + (life.not_valid_after_utc - life.not_valid_before_utc) * 3 / 4
    )
    forged = forge(renewed, Thief(), kind)
    renewed.desk.submit(forged)
    before = len(renewed.world.ledger.entries)
    assert renewed.ca.issue_due(force=force, permit=RUN_SERVICES) == []
    assert renewed.desk.requests[forged.request_id].state is not RequestState.ISSUED
    assert len(renewed.world.ledger.entries) == before
    assert renewed.run(force=True), "ours is certified all the same"
    key = x509.load_der_x509_csr(forged.csr).public_key()
    last = renewed.world.ledger.find_by_key(spki_fingerprint(key))
    assert not [one for one in last if one.intent.issuer == FIRST_ISSUING]


def test_a_request_of_ours_with_another_key_in_it_is_not_certified() -> None:
    """The process that holds the key asked for vouches for that key, whatever the row says."""
    renewed, thief = Renewed(), Thief()
    renewed.world.clock.advance(25 * DAY)
    (ours,) = renewed.trust.request_due()
    stolen = replace(ours, csr=thief.request(renewed, OCSP).csr)
    renewed.desk.requests = {ours.request_id: stolen}
    assert renewed.run() == []
    (again,) = renewed.run()
    assert spki_fingerprint(again.public_key()) == ours.request_id
