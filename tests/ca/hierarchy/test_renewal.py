"""Responders and units renewed over months of moved clock: no gap, and no certificate at will."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.hierarchy.hierarchy import TSA_KEY, Hierarchy, open_hierarchy
from ca.hierarchy.renewal import TSA_KEY_PERIOD, CertificateRenewal, Requester, RequestIssuer
from ca.hierarchy.requests import CertificateRequest, RequestState
from ca.hierarchy.service_keys import LOOK_AGAIN, issued_certificates, spki_of
from ca.issuers import FIRST_ISSUING, IssuerState
from ca.ledger import RevocationReason
from ca.ocsp.responder import OcspStatus
from ca.profiles.profiles import ProfileConfig, ProfileKind, validate_profile
from core.ids import IssuerId, KeyId
from keys.model import KeyPurpose
from tests.ca.memory_ledger import Crash
from tests.ca.ocsp.test_responder import request_for
from tests.ca.request_desk import MemoryRequestDesk
from tests.ca.world import World, openssl, pem
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA, RUN_SERVICES

DAY = timedelta(days=1)
DIGEST = hashlib.sha256(b"a licence").digest()
OCSP, TSA = ProfileKind.OCSP_RESPONDER, ProfileKind.TSA


class Renewed:
    """A world whose services are renewed, by both sides or by one."""

    def __init__(self) -> None:
        self.world = World()
        self.hierarchy: Hierarchy = self.world.found()
        self.desk = MemoryRequestDesk()
        self.seal = self.world.seal(self.hierarchy)

    @property
    def trust(self) -> Requester:
        return Requester(self.hierarchy, self.world.keys, self.world.parts, self.desk)

    @property
    def ca(self) -> RequestIssuer:
        return RequestIssuer(self.hierarchy, self.world.parts, self.desk)

    def run(self, *, force: bool = False) -> list[x509.Certificate]:
        return CertificateRenewal(self.trust, self.ca).run(force=force, permit=MANAGE_CA)

    def certificates(self, kind: ProfileKind) -> list[x509.Certificate]:
        return issued_certificates(self.world.ledger, FIRST_ISSUING, kind)

    def answer(self) -> ocsp.OCSPResponse:
        self.hierarchy.ocsp_service.refresh()
        answer = self.hierarchy.ocsp_service.respond(
            request_for(self.hierarchy, self.seal.serial_number)
        )
        assert answer.status is OcspStatus.SUCCESSFUL
        self.world.parts.linter.check_ocsp(answer.der)
        return ocsp.load_der_ocsp_response(answer.der)


@pytest.fixture
def renewed() -> Renewed:
    return Renewed()


def test_months_go_by_without_a_gap(renewed: Renewed, tmp_path: Path) -> None:
    root, issuing = renewed.hierarchy.root, renewed.hierarchy.issuing
    seal = renewed.seal.public_bytes(Encoding.DER)
    responders: set[bytes] = set()
    for _ in range(40):
        renewed.world.clock.advance(5 * DAY)
        renewed.run()
        response = renewed.answer()
        now = renewed.world.clock.now()
        (responder,) = response.certificates
        assert responder.not_valid_before_utc <= now < responder.not_valid_after_utc - 5 * DAY
        responders.add(responder.public_bytes(Encoding.DER))
        assert renewed.hierarchy.timestamps.token(DIGEST, "sha256")
        assert renewed.hierarchy.validation.for_seal(seal).ocsps
    assert len(responders) == len(renewed.certificates(OCSP)) > 5
    keys = {spki_of(one) for one in renewed.certificates(OCSP)}
    assert len(keys) == len(responders), "a key of its own each"
    told = renewed.hierarchy.responder.response_for(renewed.seal.serial_number)
    (tmp_path / "answer").write_bytes(told)
    at = str(int(renewed.world.clock.now().timestamp()))
    said = openssl(
        "ocsp", "-respin", tmp_path / "answer", "-issuer", pem(tmp_path / "ca", issuing),
        "-cert", pem(tmp_path / "seal", renewed.seal), "-CAfile", pem(tmp_path / "root", root),
        "-verify_other", pem(tmp_path / "ca", issuing), "-attime", at, "-status_age", "600",
        "-validity_period", str(10**9),
    )  # fmt: skip
    assert "Response verify OK" in said


def test_nothing_is_asked_for_before_it_is_time(renewed: Renewed) -> None:
    renewed.world.clock.advance(DAY)
    assert renewed.run() == []
    assert renewed.desk.requests == {}


def test_a_unit_is_rotated_after_its_year_and_the_old_one_stays_known(renewed: Renewed) -> None:
    first = renewed.hierarchy.current_timestamps()
    stamped_first = renewed.hierarchy.timestamps.certificate
    token = first.token(DIGEST, "sha256")
    renewed.world.clock.advance(TSA_KEY_PERIOD)
    renewed.run()
    later = open_hierarchy(renewed.world.keys, renewed.world.parts)
    assert stamped_first == first.certificate
    assert later.tsa == renewed.hierarchy.tsa != stamped_first
    assert renewed.hierarchy.current_timestamps() is not first, "within a minute, while it runs"
    assert len(renewed.certificates(TSA)) == 2
    assert KeyId("tsa-2") in {info.key_id for info in renewed.world.keys.list_keys()}
    assert token
    assert later.timestamps.token(DIGEST, "sha256")


def test_a_running_responder_notices_within_a_minute(renewed: Renewed) -> None:
    before = renewed.hierarchy.responder
    renewed.world.clock.advance(timedelta(seconds=1))
    renewed.run(force=True)
    assert renewed.hierarchy.responder is before
    renewed.world.clock.advance(LOOK_AGAIN)
    assert renewed.hierarchy.responder is not before
    assert renewed.hierarchy.responder.certificate == renewed.hierarchy.ocsp
    generation = renewed.hierarchy.ocsp_service.generation
    renewed.hierarchy.ocsp_service.refresh()
    assert renewed.hierarchy.ocsp_service.generation <= generation + 1


def test_a_key_that_is_not_here_is_not_used(renewed: Renewed) -> None:
    """The newest certificate's key is in another process's store: the one before serves."""
    renewed.world.clock.advance(DAY)
    renewed.run(force=True)
    renewed.world.keys.keys.pop(KeyId("ocsp-issuing-1-2"))
    later = open_hierarchy(renewed.world.keys, renewed.world.parts)
    assert later.responder.certificate == renewed.certificates(OCSP)[0]


def test_the_two_sides_meet_at_the_desk(renewed: Renewed) -> None:
    renewed.world.clock.advance(25 * DAY)
    (request,) = renewed.trust.request_due()
    renewed.trust.request_due()
    assert list(renewed.desk.requests) == [request.request_id], "asked again, it is one request"
    assert renewed.certificates(OCSP) == [renewed.hierarchy.ocsp]
    (issued,) = renewed.ca.issue_due(permit=RUN_SERVICES)
    assert renewed.desk.requests[request.request_id].state is RequestState.ISSUED
    assert issued in renewed.certificates(OCSP)
    assert renewed.ca.issue_due(permit=RUN_SERVICES) == []
    assert renewed.trust.request_due() == []


def test_the_ca_certifies_nothing_early_but_at_an_operators_word(renewed: Renewed) -> None:
    renewed.trust.request_due(force=True)
    assert renewed.ca.issue_due(permit=RUN_SERVICES) == []
    assert len(renewed.desk.list_open()) == 2
    assert len(renewed.ca.issue_due(force=True, permit=RUN_SERVICES)) == 2


def test_names_and_kinds_come_from_the_record(renewed: Renewed) -> None:
    """Whoever can write to the desk gets no other name, no other kind, and no key unproven."""
    renewed.world.clock.advance(25 * DAY)
    (request,) = renewed.trust.request_due()
    tampered = bytearray(request.csr)
    tampered[-5] ^= 1
    forged = [
        replace(request, request_id="1", kind=ProfileKind.SEAL),
        replace(request, request_id="2", csr=bytes(tampered)),
        replace(request, request_id="3", csr=b"nonsense"),
        replace(request, request_id="4", issuer=IssuerId("nowhere")),
    ]
    renewed.desk.requests = {one.request_id: one for one in forged}
    assert renewed.ca.issue_due(force=True, permit=RUN_SERVICES) == []
    assert {one.state for one in renewed.desk.requests.values()} == {RequestState.REFUSED}
    renewed.desk.requests = {}
    renewed.trust.request_due()
    (issued,) = renewed.ca.issue_due(permit=RUN_SERVICES)
    assert issued.subject == renewed.hierarchy.ocsp.subject


def test_a_refused_request_can_be_made_again(renewed: Renewed) -> None:
    renewed.world.clock.advance(25 * DAY)
    (request,) = renewed.trust.request_due()
    renewed.desk.settle(request.request_id, RequestState.REFUSED, "lint", request.requested_at)
    (again,) = renewed.run()
    assert again in renewed.certificates(OCSP)


@pytest.mark.parametrize("method", ["record_intent", "record_issued"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_renewal_that_was_cut_off_goes_on(renewed: Renewed, method: str, moment: str) -> None:
    renewed.world.clock.advance(25 * DAY)

    def die(at: str, when: str) -> None:
        if (at, when) == (method, moment):
            raise Crash

    renewed.world.ledger.on_write = die
    with pytest.raises(Crash):
        renewed.run()
    renewed.world.ledger.on_write = lambda _method, _moment: None
    keys = len(renewed.world.keys.keys)
    renewed.run()
    assert len(renewed.world.keys.keys) == keys, "with the same key"
    assert len(renewed.certificates(OCSP)) == 2
    assert renewed.desk.list_open() == []


def test_a_retired_ca_still_has_its_responder_certified(renewed: Renewed) -> None:
    ledger, now = renewed.world.ledger, renewed.world.clock.now()
    record = replace(ledger.issuers[FIRST_ISSUING], state=IssuerState.RETIRED)
    second = replace(ledger.issuers[FIRST_ISSUING], issuer=IssuerId("other"))
    ledger.save_issuer(record, now, permit=MANAGE_CA)
    ledger.save_issuer(second, now, permit=MANAGE_CA)
    renewed.hierarchy = open_hierarchy(renewed.world.keys, renewed.world.parts)
    renewed.world.clock.advance(25 * DAY)
    renewed.run()
    assert renewed.hierarchy.issuing_ca(FIRST_ISSUING).record.state is IssuerState.RETIRED
    assert len(renewed.certificates(OCSP)) == 2


def test_a_service_starts_whose_only_responder_is_on_hold(renewed: Renewed) -> None:
    """And makes the next one itself, rather than needing an operator before it can start."""
    (certificate,) = renewed.certificates(OCSP)
    now, serial = renewed.world.clock.now(), certificate.serial_number
    renewed.world.ledger.hold(FIRST_ISSUING, serial, now, CHANGE_CERTIFICATE)
    renewed.hierarchy = open_hierarchy(renewed.world.keys, renewed.world.parts)
    request = request_for(renewed.hierarchy, renewed.seal.serial_number)
    assert renewed.hierarchy.ocsp_service.respond(request).status is OcspStatus.TRY_LATER
    renewed.run()
    assert renewed.answer().certificate_status is ocsp.OCSPCertStatus.GOOD


def test_an_ended_responder_says_try_later_and_is_renewed_all_the_same(renewed: Renewed) -> None:
    renewed.world.clock.advance(400 * DAY)
    renewed.hierarchy.ocsp_service.refresh()
    request = request_for(renewed.hierarchy, renewed.seal.serial_number)
    assert renewed.hierarchy.ocsp_service.respond(request).status is OcspStatus.TRY_LATER
    renewed.run()
    renewed.world.clock.advance(LOOK_AGAIN)
    assert renewed.answer().certificate_status is ocsp.OCSPCertStatus.GOOD


def test_what_ends_with_its_issuer_is_not_renewed_for_ever(renewed: Renewed) -> None:
    end = renewed.hierarchy.issuing.not_valid_after_utc
    renewed.world.clock.at = end - 3 * DAY
    renewed.run()
    renewed.world.clock.advance(2.9 * DAY)
    assert renewed.run() == []


def test_answers_end_no_later_than_their_responder() -> None:
    world = World()
    short = validate_profile(OCSP, ProfileConfig(validity_days=1))
    profiles = {**world.parts.profiles, OCSP: short}
    world.parts = replace(world.parts, profiles=profiles)
    hierarchy = world.found()
    world.clock.advance(timedelta(hours=20))
    response = ocsp.load_der_ocsp_response(hierarchy.responder.response_for(5))
    assert response.next_update_utc == hierarchy.ocsp.not_valid_after_utc


def test_opened_keys_are_those_of_services(renewed: Renewed) -> None:
    renewed.run(force=True)
    requested: list[CertificateRequest] = list(renewed.desk.requests.values())
    for request in requested:
        purpose = renewed.world.keys.find(request.key_id).purpose
        assert purpose in (KeyPurpose.OCSP, KeyPurpose.TSA)


def test_another_key_takes_over_from_a_retired_one_at_once(renewed: Renewed) -> None:
    """Of a service that runs: it neither signs with the one nor waits to be started again."""
    hierarchy = renewed.hierarchy
    first = hierarchy.current_timestamps()
    assert hierarchy.current_timestamps() is first
    renewed.run(force=True)
    assert hierarchy.current_timestamps() is first, "no reason to look yet"
    renewed.world.keys.retired.add(TSA_KEY)
    assert hierarchy.current_timestamps() is not first
    assert hierarchy.tsa_service_key().key is not None
    assert hierarchy.tsa_service_key().key.key_id != TSA_KEY  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [OCSP, TSA])
def test_a_service_whose_only_certificate_was_revoked_gets_another(
    renewed: Renewed, kind: ProfileKind
) -> None:
    """As the guide says to do with a stolen time-stamping key; found by simulated histories."""
    world = renewed.world
    [first] = renewed.certificates(kind)
    reason = RevocationReason.KEY_COMPROMISE
    world.ledger.revoke(
        FIRST_ISSUING, first.serial_number, reason, world.clock.now(), permit=CHANGE_CERTIFICATE
    )
    renewed.hierarchy = open_hierarchy(world.keys, world.parts)  # another process, from now on
    renewed.run()
    [second] = renewed.certificates(kind)
    assert second.subject == first.subject
    assert spki_of(second) != spki_of(first)
    assert renewed.hierarchy.timestamps.token(DIGEST, "sha256")
    assert renewed.hierarchy.validation.for_seal(renewed.seal.public_bytes(Encoding.DER)).ocsps


def test_a_lost_service_gets_a_certificate_at_an_operators_word_alone(renewed: Renewed) -> None:
    """Where the services' keys are elsewhere, and none is left that could vouch."""
    world = renewed.world
    for kind in (OCSP, TSA):
        for one in renewed.certificates(kind):
            reason = RevocationReason.KEY_COMPROMISE
            world.ledger.revoke(
                FIRST_ISSUING,
                one.serial_number,
                reason,
                world.clock.now(),
                permit=CHANGE_CERTIFICATE,
            )
    assert len(renewed.trust.request_due()) == 2
    assert renewed.ca.issue_due(permit=RUN_SERVICES) == []
    assert len(renewed.desk.list_open()) == 2, "they wait"
    assert len(renewed.ca.issue_due(force=True, permit=RUN_SERVICES)) == 2
