"""Tokens of others, good and broken: ours takes none that OpenSSL or the rules refuse."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID

from ca.validation.remote import BadAnswerError, RemoteUnit
from core.web.client import HttpAnswer
from tests.ca.world import openssl
from tests.clock import StoppedClock

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
IMPRINT, NONCE, POLICY = hashlib.sha256(b"a licence").digest(), 0x1234567890, "1.2.3.4"
EC, RSA_SHA256, RSA_ENCRYPTION, RSA_SHA1 = (
    "1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.5",
)  # fmt: skip
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def ec_key(name: str = "unit") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str,
    key: Key,
    issuer: str = "root",
    *,
    usages: tuple[x509.ObjectIdentifier, ...] = (Usage.TIME_STAMPING,),
    critical: bool = True,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 365 * DAY,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
    )
    if subject != issuer and usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical)
    return builder.sign(ec_key(issuer), hashes.SHA256())


@cache
def root() -> x509.Certificate:
    return certificate("root", ec_key("root"), start=NOW - 4000 * DAY)


def encoded(one: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(one.public_bytes(Encoding.DER))


def signer(
    info: bytes,
    unit: x509.Certificate,
    key: Key,
    *,
    algorithm: str = EC,
    digest: str = "sha256",
    content_type: str = "tst_info",
    message_digest: bytes | None = None,
    names: x509.Certificate | None = None,
    ess: bool = True,
    twice: bool = False,
) -> cms.SignerInfo:
    hashed = message_digest or hashlib.new(digest, info).digest()
    values = [("content_type", content_type), ("message_digest", hashed)]
    if ess:
        named = {"certs": [{"cert_hash": (names or unit).fingerprint(hashes.SHA256())}]}
        values.append(("signing_certificate_v2", tsp.SigningCertificateV2(named)))
    if twice:
        values.append(("message_digest", bytes(32)))
    attributes = cms.CMSAttributes([{"type": kind, "values": [value]} for kind, value in values])
    signed, hashed_with = attributes.dump(), hashes.SHA1() if digest == "sha1" else hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed, padding.PKCS1v15(), hashed_with)
    else:
        signature = key.sign(signed, ec.ECDSA(hashed_with))
    own = encoded(unit)
    issued = {"issuer": own.issuer, "serial_number": own.serial_number}
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", issued),
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": algorithm},
            "signature": signature,
        }
    )


def response(
    unit: x509.Certificate | None = None,
    key: Key | None = None,
    info: dict[str, object] | None = None,
    *,
    status: str = "granted",
    version: str = "v3",
    others: tuple[Callable[[bytes], cms.SignerInfo], ...] = (),
    enclosed: tuple[x509.Certificate, ...] | None = None,
    **of_signer: object,
) -> bytes:
    key = key or ec_key()
    unit = unit or certificate("unit", key)
    told: dict[str, object] = {
        "version": "v1",
        "policy": POLICY,
        **of("sha256"),
        "serial_number": 7,
        "gen_time": NOW,
        "nonce": NONCE,
    }
    stamped = tsp.TSTInfo({**told, **(info or {})}).dump()
    signers = [signer(stamped, unit, key, **of_signer), *(one(stamped) for one in others)]  # type: ignore[arg-type]
    digest = signers[0]["digest_algorithm"]["algorithm"].native
    signed = cms.SignedData(
        {
            "version": version,
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": cms.ParsableOctetString(stamped),
            },
            "certificates": [
                cms.CertificateChoices("certificate", encoded(one)) for one in enclosed or (unit,)
            ],
            "signer_infos": signers,
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    answer = tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token})
    dumped: bytes = answer.dump()
    return dumped


def takes(answer: bytes) -> bool:
    unit = RemoteUnit(
        [root()], "http://tsa", clock=StoppedClock(NOW), random=secrets.token_bytes, policy=POLICY
    )
    told = HttpAnswer(200, {"content-type": "application/timestamp-reply"}, answer)
    with mock.patch("ca.validation.remote.post", return_value=told):
        try:
            return bool(unit.token(IMPRINT, "sha256", NONCE))
        except BadAnswerError:
            return False


def openssl_takes(folder: Path, answer: bytes) -> bool:
    told, anchor = folder / "answer.tsr", folder / "root.pem"
    told.write_bytes(answer)
    anchor.write_bytes(root().public_bytes(Encoding.PEM))
    (query := folder / "query.tsq").write_bytes(a_query())
    try:
        openssl("ts", "-verify", "-queryfile", query, "-in", told, "-CAfile", anchor)
    except AssertionError:
        return False
    return True


def a_query() -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": IMPRINT}
    asked = {"version": 1, "message_imprint": imprint, "req_policy": POLICY, "nonce": NONCE}
    dumped: bytes = tsp.TimeStampReq({**asked, "cert_req": True}).dump()
    return dumped


def unknown(*, critical: bool) -> dict[str, object]:
    value = {"extn_id": "1.2.3", "critical": critical, "extn_value": b"\5\0"}
    return {"extensions": [value]}


def of(algorithm: str, digest: bytes = IMPRINT) -> dict[str, object]:
    imprint = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    return {"message_imprint": imprint}


def second(info: bytes) -> cms.SignerInfo:
    return signer(info, certificate("second", ec_key("second")), ec_key("second"))


GOOD: dict[str, Callable[[], bytes]] = {
    "ECDSA": response,
    "RSA": lambda: response(key=rsa_key(), algorithm=RSA_SHA256),
    "RSA as OpenSSL names it": lambda: response(key=rsa_key(), algorithm=RSA_ENCRYPTION),
    "its root enclosed": lambda: response(u := unit(), enclosed=(u, root())),
    "an extension that is not critical": lambda: response(info=unknown(critical=False)),
}
BROKEN: dict[str, Callable[[], bytes]] = {
    "another imprint": lambda: response(info=of("sha256", bytes(32))),
    "the imprint as of SHA3-256": lambda: response(info=of("2.16.840.1.101.3.4.2.8")),
    "another nonce": lambda: response(info={"nonce": 5}),
    "another policy": lambda: response(info={"policy": "1.2.3.5"}),
    "another purpose": lambda: response(unit(usages=(Usage.CODE_SIGNING,))),
    "a purpose besides": lambda: response(unit(usages=(Usage.TIME_STAMPING, Usage.CODE_SIGNING))),
    "no purpose": lambda: response(unit(usages=())),
    "a purpose that is not critical": lambda: response(unit(critical=False)),
    "an ended certificate": lambda: response(unit(start=NOW - 9 * DAY, end=NOW - DAY)),
    "another root": lambda: response(unit(issuer="other")),
    "no ESSCertID": lambda: response(ess=False),
    "ESSCertIDv2 of another": lambda: response(names=root()),
    "two signers": lambda: response(others=(second,)),
    "another messageDigest": lambda: response(message_digest=bytes(32)),
    "another key's signature": lambda: response(unit(), ec_key("second")),
    "SignedData of version 1": lambda: response(version="v1"),
    "rejected": lambda: response(status="rejection"),
    "another last byte": lambda: response()[:-1] + b"\0",
}
BY_OPENSSL_TAKEN: dict[str, Callable[[], bytes]] = {
    "a month old": lambda: response(unit(start=NOW - 60 * DAY), info={"gen_time": NOW - 30 * DAY}),
    "content type of data": lambda: response(content_type="data"),
    "a critical extension": lambda: response(info=unknown(critical=True)),
    "granted with modifications": lambda: response(status="granted_with_mods"),
    "RSA of 1024 bits": lambda: response(key=rsa_key(1024), algorithm=RSA_SHA256),
    "SHA-1": lambda: response(key=rsa_key(), algorithm=RSA_SHA1, digest="sha1"),
    "SHA-1 under RSA's own name": lambda: response(
        key=rsa_key(), algorithm=RSA_ENCRYPTION, digest="sha1"
    ),
    "another algorithm's digest": lambda: response(algorithm="1.2.840.10045.4.3.4"),
    "RSA said to be ECDSA": lambda: response(key=rsa_key(), algorithm=EC),
    "something behind the answer": lambda: response() + core.Null().dump(),
}


def unit(issuer: str = "root", **how: object) -> x509.Certificate:
    return certificate("unit", ec_key(), issuer, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", GOOD)
def test_good_tokens_are_taken(tmp_path: Path, kind: str) -> None:
    assert takes(GOOD[kind]())
    assert openssl_takes(tmp_path, GOOD[kind]())


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_tokens_are_refused_as_by_openssl(tmp_path: Path, kind: str) -> None:
    assert not takes(BROKEN[kind]())
    assert not openssl_takes(tmp_path, BROKEN[kind]())


@pytest.mark.parametrize("kind", BY_OPENSSL_TAKEN)
def test_what_only_openssl_takes_is_refused(tmp_path: Path, kind: str) -> None:
    """Should this fail for OpenSSL, the row belongs above."""
    assert not takes(BY_OPENSSL_TAKEN[kind]())
    assert openssl_takes(tmp_path, BY_OPENSSL_TAKEN[kind]())


def test_an_attribute_that_stands_twice_is_refused() -> None:
    assert not takes(response(twice=True))


@pytest.mark.parametrize("key", [ec_key, rsa_key])
def test_openssls_own_tokens_are_taken(tmp_path: Path, key: Callable[[], Key]) -> None:
    (tmp_path / "unit.pem").write_bytes(
        certificate("unit", key()).public_bytes(Encoding.PEM)
        + key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "query.tsq").write_bytes(a_query())
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        f"[tsa]\ndefault_tsa = unit\n[unit]\nserial = {tmp_path}/serial\nsigner_digest = sha256\n"
        f"default_policy = {POLICY}\ndigests = sha256\ness_cert_id_alg = sha256\n"
    )
    told = tmp_path / "answer.tsr"
    openssl(
        "ts", "-reply", "-config", tmp_path / "tsa.cnf", "-queryfile", tmp_path / "query.tsq",
        "-signer", tmp_path / "unit.pem", "-inkey", tmp_path / "unit.pem", "-out", told,
    )  # fmt: skip
    assert takes(told.read_bytes())
