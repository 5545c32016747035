"""Byte-level parsers against whatever bytes there are: they answer or refuse, and never raise more.

Half of the examples are valid values with some bytes changed, which get further than noise.
"""

import os
import re
from collections.abc import Callable
from functools import cache

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_multipart.exceptions import FormParserError

from ca.encoding import ocsp_request, tsa_request
from ca.encoding.reading import DerError, first_of
from ca.issuing import csr
from core.errors import XinyinError
from core.web.limits.bodies import _Upload
from signing.levels import PadesLevel
from signing.limits import DEFAULT_LIMITS
from signing.seal_check import cms as seal_cms
from signing.structure import look
from tests.signing.material import name, pki, sealed
from tests.signing.sealing import sealing_world

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
"""The same few in every run of the tests; `make fuzz` tries other ones, and more."""


def nearly(valid: Callable[[], bytes]) -> st.SearchStrategy[bytes]:
    """Valid bytes with some of them changed, left out or put in."""
    edit = st.tuples(st.integers(0, 4000), st.integers(0, 8), st.binary(max_size=8))

    def edited(edits: list[tuple[int, int, bytes]]) -> bytes:
        data = valid()
        for at, gone, piece in edits:
            start = at % (len(data) + 1)
            data = data[:start] + piece + data[start + gone :]
        return data

    return st.one_of(st.lists(edit, max_size=4).map(edited), st.binary(max_size=300))


@cache
def an_ocsp_request() -> bytes:
    certificate, issuer = pki().seal.certificate, pki().issuing.certificate
    built = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    return built.add_extension(x509.OCSPNonce(b"n" * 16), False).build().public_bytes(Encoding.DER)


@cache
def a_timestamp_request() -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\1" * 32}
    made = {"version": 1, "message_imprint": imprint, "nonce": 5, "cert_req": True}
    dumped: bytes = tsp.TimeStampReq(made).dump()
    return dumped


@cache
def a_certification_request() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    built = x509.CertificateSigningRequestBuilder().subject_name(name("x"))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@cache
def a_seals_cms() -> bytes:
    (digits,) = re.findall(rb"/Contents <([0-9a-fA-F]+)>", sealing_world.sealed(PadesLevel.B_T).pdf)
    cms, _ = first_of(bytes.fromhex(digits.decode()))
    return cms


@cache
def a_stamp() -> bytes:
    token = seal_cms.read_cms(a_seals_cms(), seal_cms.DATA).timestamp
    assert token is not None
    content = seal_cms.read_cms(token, seal_cms.TST_INFO).content
    assert content is not None
    return content


@MANY
@given(nearly(an_ocsp_request))
def test_ocsp_requests(data: bytes) -> None:
    try:
        read = ocsp_request.parse_request(data)
    except DerError:
        return
    assert 1 <= len(read.cert_ids) <= ocsp_request.MAX_CERTIFICATES
    assert all(one.encoded in data for one in read.cert_ids)
    assert read.nonce is None or read.nonce in data


def test_a_valid_ocsp_request_is_read_as_it_was_meant() -> None:
    (one,) = ocsp_request.parse_request(an_ocsp_request()).cert_ids
    assert one.serial == pki().seal.certificate.serial_number


@MANY
@given(nearly(a_timestamp_request))
def test_timestamp_requests(data: bytes) -> None:
    try:
        read = tsa_request.parse_request(data)
    except tsa_request.TimestampRefused:
        return
    assert read.message_imprint in data
    assert read.nonce is None or read.nonce.bit_length() <= tsa_request.MAX_NONCE_BITS
    theirs = tsp.TimeStampReq.load(data)
    assert theirs["message_imprint"].dump() == read.message_imprint


@MANY
@given(nearly(a_certification_request))
def test_certification_requests(data: bytes) -> None:
    try:
        key = csr.requested_key(data)
    except XinyinError:
        return
    assert key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@MANY
@given(nearly(lambda: sealed("B-LTA")))
def test_looks_at_raw_bytes(data: bytes) -> None:
    facts = look(data)
    assert list(facts.revision_ends) == sorted(set(facts.revision_ends))
    assert len(facts.revision_ends) <= DEFAULT_LIMITS.revision_ends
    assert all(0 < end <= len(data) for end in facts.revision_ends)
    assert len(facts.identifiers) <= DEFAULT_LIMITS.identifiers


@MANY
@given(nearly(a_seals_cms))
def test_cms(data: bytes) -> None:
    try:
        read = seal_cms.read_cms(data, seal_cms.DATA)
    except (DerError, seal_cms.UnsupportedCmsError):
        return
    assert read.certificate in read.certificates
    assert read.signed_attributes[1:] in data, "what is verified is what stands there"
    assert all(one in data for one in (*read.certificates, read.signature, read.message_digest))


@MANY
@given(nearly(a_stamp))
def test_tst_infos(data: bytes) -> None:
    try:
        read = seal_cms.read_stamp(data)
    except (DerError, seal_cms.UnsupportedCmsError):
        return
    theirs = tsp.TSTInfo.load(data, strict=True)
    assert theirs["message_imprint"]["hashed_message"].native == read.imprint
    assert theirs["message_imprint"]["hash_algorithm"]["algorithm"].native == read.digest_name


# Uploads


BOUNDARY = b"-----x"
MOST = 4096


def _form(content: bytes) -> bytes:
    head = b'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    return b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n--" + BOUNDARY + b"--\r\n"


def _upload(body: bytes, sizes: list[int]) -> bytes:
    """Feed a body in chunks of these sizes, as a network would."""
    upload, rest = _Upload(BOUNDARY, MOST), body
    for size in sizes:
        upload.feed(rest[:size])
        rest = rest[size:]
    upload.feed(rest)
    return upload.file()


@MANY
@given(nearly(lambda: _form(b"%PDF-1.7 x")), st.lists(st.integers(1, 60), max_size=6))
def test_uploads(body: bytes, sizes: list[int]) -> None:
    try:
        read = _upload(body, sizes)
    except (XinyinError, FormParserError):
        return
    assert read in body


@MANY
@given(st.binary(min_size=1, max_size=500), st.lists(st.integers(1, 60), max_size=6))
def test_a_file_arrives_as_it_was_sent(content: bytes, sizes: list[int]) -> None:
    if b"\r\n--" + BOUNDARY in content:
        return
    assert _upload(_form(content), sizes) == content
