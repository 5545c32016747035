"""What the reader of a seal's CMS refuses, and what it leaves to others."""

import hashlib
from collections.abc import Callable

import pytest

from ca.encoding import der
from ca.encoding.reading import DerError
from signing.seal_check import cms as seal_cms
from signing.seal_check.cms import DATA, UnsupportedCmsError, read_cms, read_stamp

SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.NULL)
OTHER_HASH = der.sequence(der.oid("1.3.14.3.2.26"))
ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"))
CERTIFICATE = der.sequence(der.integer(5))
DATA_OID = der.oid("1.2.840.113549.1.7.1")
TOKEN_OID = "1.2.840.113549.1.9.16.2.14"
TOKEN = der.sequence(der.integer(9))
BIG = der.sequence(der.octets(bytes(seal_cms.MAX_CMS_BYTES)))


def attribute(kind: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of(values))


CONTENT_TYPE = attribute("1.2.840.113549.1.9.3", DATA_OID)
MESSAGE_DIGEST = attribute("1.2.840.113549.1.9.4", der.octets(b"digest"))


def named(*certs: bytes) -> bytes:
    return attribute("1.2.840.113549.1.9.16.2.47", der.sequence(der.sequence(*certs)))


def ess(digest: bytes, algorithm: bytes = b"", rest: bytes = b"") -> bytes:
    return der.sequence(algorithm, der.octets(digest), rest)


NAMED = named(ess(hashlib.sha256(CERTIFICATE).digest(), SHA256, der.sequence(der.integer(1))))


def signer(
    *attributes: bytes,
    name: bytes = der.sequence(),
    digest: bytes = SHA256,
    unsigned: bytes = b"",
) -> bytes:
    signed = sorted(attributes or (CONTENT_TYPE, MESSAGE_DIGEST, NAMED))
    return der.sequence(
        der.integer(1), name, digest, der.context(0, *signed), ECDSA, der.octets(b"value"), unsigned
    )


def cms(
    *signers: bytes,
    kind: str = "1.2.840.113549.1.7.2",
    certificates: tuple[bytes, ...] = (CERTIFICATE,),
    crls: bytes = b"",
) -> bytes:
    signed = der.sequence(
        der.integer(1),
        der.set_of([SHA256]),
        der.sequence(DATA_OID),
        der.context(0, *certificates),
        crls,
        der.set_of(signers),
    )
    return der.sequence(der.oid(kind), der.context(0, signed))


def with_token(*values: bytes) -> bytes:
    return signer(unsigned=der.context(1, attribute("1.2.3"), attribute(TOKEN_OID, *values)))


def test_what_is_of_our_form_is_read() -> None:
    read = read_cms(cms(with_token(TOKEN), crls=der.context(1, der.sequence())) + bytes(9), DATA)
    assert (read.certificate, read.certificates) == (CERTIFICATE, (CERTIFICATE,))
    assert (read.digest_name, read.message_digest, read.signature) == (
        "sha256",
        b"digest",
        b"value",
    )
    assert (read.content, read.timestamp) == (None, TOKEN)
    assert read.signed_attributes == der.set_of([CONTENT_TYPE, MESSAGE_DIGEST, NAMED])


def test_certificates_may_stand_in_any_order() -> None:
    others = (der.sequence(der.integer(9)), CERTIFICATE, der.sequence())
    assert read_cms(cms(signer(), certificates=others), DATA).certificates == others


@pytest.mark.parametrize(
    "data",
    [
        lambda: cms(signer()) + b"\0\1",
        lambda: cms(signer(), kind="1.2.840.113549.1.7.3"),
        cms,
        lambda: cms(signer(CONTENT_TYPE, MESSAGE_DIGEST, NAMED, NAMED)),
        lambda: cms(signer(CONTENT_TYPE, MESSAGE_DIGEST, NAMED, attribute("1.2.3"), b"\x05\0")),
        lambda: cms(
            signer(CONTENT_TYPE, NAMED, attribute("1.2.840.113549.1.9.4", b"\4\1a", b"\4\1b"))
        ),
        lambda: cms(signer(MESSAGE_DIGEST, NAMED, attribute("1.2.840.113549.1.9.3", SHA256[2:13]))),
        lambda: cms(signer(CONTENT_TYPE, MESSAGE_DIGEST, named())),
        lambda: cms(signer(), certificates=(CERTIFICATE, b"\x31\0")),
        lambda: cms(with_token()),
        lambda: cms(with_token(b"\x31\0")),
        lambda: cms(signer(digest=der.sequence(SHA256[2:13], der.octets(b"rides along")))),
    ],
)
def test_what_is_malformed_is_refused(data: Callable[[], bytes]) -> None:
    with pytest.raises(DerError):
        read_cms(data(), DATA)


@pytest.mark.parametrize(
    "data",
    [
        lambda: cms(signer(), signer(name=der.tlv(0x80, b"key"))),
        lambda: cms(signer(name=der.tlv(0x80, b"key"))),
        lambda: cms(signer(digest=OTHER_HASH)),
        lambda: cms(signer(CONTENT_TYPE, NAMED)),
        lambda: cms(signer(CONTENT_TYPE, MESSAGE_DIGEST, named(ess(b"of another")))),
        lambda: cms(signer(), certificates=()),
        lambda: cms(signer(), certificates=(CERTIFICATE,) * (seal_cms.MAX_CERTIFICATES + 1)),
        lambda: cms(signer(), certificates=(CERTIFICATE, BIG)),
    ],
)
def test_what_is_not_judged_here_is_left_to_others(data: Callable[[], bytes]) -> None:
    with pytest.raises(UnsupportedCmsError):
        read_cms(data(), DATA)


def tst_info(at: bytes, *rest: bytes) -> bytes:
    imprint = der.sequence(SHA256, der.octets(b"imprint"))
    return der.sequence(der.integer(1), der.oid("1.2.3"), imprint, der.integer(7), at, *rest)


def time(text: bytes) -> bytes:
    return der.tlv(der.GENERALIZED_TIME, text)


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        (b"20260102030405Z", 0),
        (b"20260102030405.120Z", 120_000),  # not DER; some units write it
        (b"20260102030405.1234567Z", 123_456),  # so do those that count in 100 ns
    ],
)
def test_a_stamp_is_read_with_all_that_may_follow(text: bytes, microsecond: int) -> None:
    rest = der.sequence(der.integer(1)), b"\1\1\0", der.integer(5), der.context(0, b"\x82\0")
    read = read_stamp(tst_info(time(text), *rest, der.context(1, der.sequence())))
    assert (read.imprint, read.at.microsecond) == (b"imprint", microsecond)


@pytest.mark.parametrize(
    "at",
    [
        der.tlv(0x17, b"20260102030405Z"), time(b"20260102030405"), time(b"20260132030405Z"),
        time(b"20260102030405+0100"), time(b"20260102030405.x5Z"), time(b""),
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(at: bytes) -> None:
    with pytest.raises(DerError):
        read_stamp(tst_info(at))


def test_nothing_may_follow_a_stamp() -> None:
    with pytest.raises(DerError):
        read_stamp(tst_info(time(b"20260102030405Z"), der.octets(b"rides along")))
