"""OCSP answers, read by `cryptography`, judged by pkilint, and hostile requests."""

import dataclasses
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der
from ca.encoding.ocsp_request import MAX_CERTIFICATES, parse_request
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING
from ca.issuing.revocation import END_ENTITY_REASONS
from ca.ledger import Intent, LedgerEntry, RevocationReason
from ca.ocsp.responder import ANSWER_LIFETIME, OcspAnswer, OcspResponder, OcspService, OcspStatus
from core.errors import UnreachableError
from core.ids import IssuerId
from core.text import Text
from keys.model import KeyPurpose
from tests.ca.memory_ledger import Crash, MemoryLedger
from tests.ca.world import World
from tests.permits import CHANGE_CERTIFICATE

SERVED = ocsp.OCSPResponseStatus.SUCCESSFUL


def request_for(
    hierarchy: Hierarchy,
    serial: int,
    algorithm: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
) -> bytes:
    digest = algorithm or hashes.SHA1()
    name_hash = hashlib.new(digest.name, hierarchy.issuing.subject.public_bytes()).digest()
    key = hierarchy.issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key_hash = hashlib.new(digest.name, point).digest()
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name_hash, key_hash, serial, digest)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def read(answer: OcspAnswer) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(answer.der)


def refusal(status: OcspStatus) -> bytes:
    return bytes((0x30, 3, 0x0A, 1, status))


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])
@pytest.mark.parametrize("nonce", [None, b"n", b"n" * 128], ids=["none", "1", "128"])
def test_an_issued_certificate_is_good(
    world: World,
    hierarchy: Hierarchy,
    seal: x509.Certificate,
    algorithm: hashes.HashAlgorithm,
    nonce: bytes | None,
) -> None:
    request = request_for(hierarchy, seal.serial_number, algorithm, nonce)
    answer = hierarchy.ocsp_service.respond(request)
    response = read(answer)
    assert response.response_status is SERVED
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert response.serial_number == seal.serial_number
    assert response.hash_algorithm.name == algorithm.name
    assert response.certificates == [hierarchy.ocsp]
    assert response.next_update_utc == response.this_update_utc + ANSWER_LIFETIME
    key = hierarchy.ocsp.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    assert answer.cacheable is (nonce is None)
    if nonce is None:
        assert len(response.extensions) == 0
    else:
        assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    world.parts.linter.check_ocsp(answer.der)


@pytest.mark.parametrize("reason", sorted(END_ENTITY_REASONS))
def test_a_revoked_certificate_is_revoked_at_once(reason: RevocationReason) -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    world.clock.advance(timedelta(minutes=1))
    world.ledger.revoke(
        FIRST_ISSUING, seal.serial_number, reason, world.clock.now(), permit=CHANGE_CERTIFICATE
    )
    response = ocsp.load_der_ocsp_response(hierarchy.responder.response_for(seal.serial_number))
    assert response.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert response.revocation_time_utc == world.clock.now().replace(microsecond=0)
    expected = None if reason is RevocationReason.UNSPECIFIED else x509.ReasonFlags(reason)
    assert response.revocation_reason == expected
    world.parts.linter.check_ocsp(hierarchy.responder.response_for(seal.serial_number))


@pytest.mark.parametrize("serial", [1, 2**159, 2**300, 0])
def test_what_was_never_issued_is_unknown(hierarchy: Hierarchy, serial: int) -> None:
    response = ocsp.load_der_ocsp_response(hierarchy.responder.response_for(serial))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_what_was_only_intended_is_unknown() -> None:
    world = World()
    hierarchy = world.found()

    def die(method: str, _moment: str) -> None:
        if method == "record_issued":
            raise Crash

    world.ledger.on_write = die
    with pytest.raises(Crash):
        world.seal(hierarchy)
    intent: Intent = list(world.ledger.entries.values())[-1].intent
    response = ocsp.load_der_ocsp_response(hierarchy.responder.response_for(intent.serial))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def _request(*cert_ids: bytes, extensions: bytes = b"") -> bytes:
    requests = der.sequence(*(der.sequence(cert_id) for cert_id in cert_ids))
    return der.sequence(der.sequence(requests, extensions))


def _cert_id(hierarchy: Hierarchy, serial: int) -> bytes:
    return parse_request(request_for(hierarchy, serial)).cert_ids[0].encoded


def test_several_certificates_are_answered_up_to_a_limit(
    hierarchy: Hierarchy, seal: x509.Certificate
) -> None:
    ids = [_cert_id(hierarchy, seal.serial_number), _cert_id(hierarchy, 5)]
    singles = list(read(hierarchy.ocsp_service.respond(_request(*ids))).responses)
    assert [single.certificate_status for single in singles] == [
        ocsp.OCSPCertStatus.GOOD,
        ocsp.OCSPCertStatus.UNKNOWN,
    ]
    most = _request(*ids[:1] * MAX_CERTIFICATES)
    assert hierarchy.ocsp_service.respond(most).status is OcspStatus.SUCCESSFUL
    more = _request(*ids[:1] * (MAX_CERTIFICATES + 1))
    assert hierarchy.ocsp_service.respond(more).der == refusal(OcspStatus.UNAUTHORIZED)


def test_another_issuers_certificate_is_not_answered_for(hierarchy: Hierarchy) -> None:
    other = World().found()
    request = request_for(other, 5)
    assert hierarchy.ocsp_service.respond(request).der == refusal(OcspStatus.UNAUTHORIZED)
    ours = hierarchy.tsa.serial_number  # known here, but not as the other issuer's
    mixed = _request(_cert_id(other, ours), _cert_id(hierarchy, ours))
    singles = list(read(hierarchy.ocsp_service.respond(mixed)).responses)
    assert [single.certificate_status for single in singles] == [
        ocsp.OCSPCertStatus.UNKNOWN,
        ocsp.OCSPCertStatus.GOOD,
    ]


NONCE = der.oid("1.3.6.1.5.5.7.48.1.2")
OTHER = der.oid("1.3.6.1.5.5.7.48.1.7")


def _extensions(*members: bytes) -> bytes:
    return der.context(2, der.sequence(*members))


@pytest.mark.parametrize(
    "extensions",
    [
        _extensions(der.sequence(NONCE, der.octets(der.octets(b"")))),
        _extensions(der.sequence(NONCE, der.octets(der.octets(b"n" * 129)))),
        _extensions(*[der.sequence(NONCE, der.octets(der.octets(b"n")))] * 2),
        _extensions(der.sequence(OTHER, der.TRUE, der.octets(b""))),
    ],
    ids=["empty", "129", "twice", "unknown critical"],
)
def test_bad_extensions_are_malformed(hierarchy: Hierarchy, extensions: bytes) -> None:
    request = _request(_cert_id(hierarchy, 5), extensions=extensions)
    answer = hierarchy.ocsp_service.respond(request)
    assert answer.der == refusal(OcspStatus.MALFORMED_REQUEST)


def test_unknown_extensions_that_are_not_critical_are_ignored(hierarchy: Hierarchy) -> None:
    extensions = _extensions(der.sequence(OTHER, der.octets(b"")))
    request = _request(_cert_id(hierarchy, 5), extensions=extensions)
    assert hierarchy.ocsp_service.respond(request).status is OcspStatus.SUCCESSFUL


def test_a_request_too_large_or_about_nothing_is_malformed(hierarchy: Hierarchy) -> None:
    for request in (_request(), b"", b"\x30\x80" + bytes(5000)):
        answer = hierarchy.ocsp_service.respond(request)
        assert answer.der == refusal(OcspStatus.MALFORMED_REQUEST)


@given(st.data())
def test_flipped_bits_never_raise(hierarchy: Hierarchy, data: st.DataObject) -> None:
    request = bytearray(request_for(hierarchy, 5, nonce=b"nonce"))
    for _ in range(data.draw(st.integers(1, 4))):
        request[data.draw(st.integers(0, len(request) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    answer = hierarchy.ocsp_service.respond(bytes(request))
    assert answer.status in (
        OcspStatus.SUCCESSFUL,
        OcspStatus.MALFORMED_REQUEST,
        OcspStatus.UNAUTHORIZED,
    )
    read(answer)


class AwayLedger(MemoryLedger):
    def find(self, issuer: IssuerId, serial: int) -> LedgerEntry | None:  # noqa: ARG002
        raise UnreachableError(Text("数据库不可达。", "The database is away."))


def test_a_ledger_that_is_away_means_try_later(world: World, hierarchy: Hierarchy) -> None:
    responder = OcspResponder(
        FIRST_ISSUING,
        hierarchy.issuing,
        hierarchy.ocsp,
        world.keys.open(world.keys.list_keys()[1].key_id, KeyPurpose.OCSP),
        ledger=AwayLedger(),
        clock=world.clock,
        answers=world.answers,
    )
    answer = OcspService(lambda: [responder]).respond(request_for(hierarchy, 5))
    assert answer.der == refusal(OcspStatus.TRY_LATER)


def test_the_answer_for_a_seal_is_new_and_the_rest_is_kept_a_minute() -> None:
    world = World()
    hierarchy = world.found()
    seal = world.seal(hierarchy).public_bytes(Encoding.DER)
    source = hierarchy.validation
    first = source.for_seal(seal)
    world.clock.advance(timedelta(seconds=59))
    second = source.for_seal(seal)
    assert second.ocsps[0] != first.ocsps[0]
    assert second.ocsps[1] == first.ocsps[1]
    world.clock.advance(timedelta(seconds=1))
    assert source.for_seal(seal).ocsps[1] != first.ocsps[1]
    assert dataclasses.astuple(first)[2] == (world.ledger.latest_crl(IssuerId("root")),)


@pytest.mark.parametrize("length", [1, 16, 128])
def test_a_nonce_without_its_octet_string_is_echoed_as_sent(
    hierarchy: Hierarchy, seal: x509.Certificate, length: int
) -> None:
    """Widely used Java clients write the bare octets as extnValue."""
    bare = der.sequence(NONCE, der.octets(b"\xa5" * length))
    request = _request(_cert_id(hierarchy, seal.serial_number), extensions=_extensions(bare))
    answer = hierarchy.ocsp_service.respond(request)
    assert read(answer).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert bare in answer.der
    assert not answer.cacheable


@pytest.mark.parametrize("length", [0, 129])
def test_a_bare_nonce_is_bounded_too(hierarchy: Hierarchy, length: int) -> None:
    bare = der.sequence(NONCE, der.octets(b"\xa5" * length))
    request = _request(_cert_id(hierarchy, 5), extensions=_extensions(bare))
    assert hierarchy.ocsp_service.respond(request).der == refusal(OcspStatus.MALFORMED_REQUEST)


def _single(cert_id: bytes, extension: bytes) -> bytes:
    """Return a request whose one certificate has an extension (singleRequestExtensions)."""
    single = der.sequence(cert_id, der.context(0, der.sequence(extension)))
    return der.sequence(der.sequence(der.sequence(single)))


@pytest.mark.parametrize(
    "extension",
    [
        der.sequence(OTHER, der.octets(b"?")),
        der.sequence(NONCE, der.octets(b"\xa5" * 16)),
        der.sequence(NONCE, der.octets(b"")),
    ],
    ids=["unknown", "bare nonce", "empty nonce"],
)
def test_extensions_of_one_certificate_are_ignored(
    hierarchy: Hierarchy, seal: x509.Certificate, extension: bytes
) -> None:
    request = _single(_cert_id(hierarchy, seal.serial_number), extension)
    answer = read(hierarchy.ocsp_service.respond(request))
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_a_critical_extension_of_one_certificate_is_refused(hierarchy: Hierarchy) -> None:
    request = _single(_cert_id(hierarchy, 5), der.sequence(OTHER, der.TRUE, der.octets(b"?")))
    assert hierarchy.ocsp_service.respond(request).der == refusal(OcspStatus.MALFORMED_REQUEST)
