"""Keys and certificates of other makers, written by hand where they are odd."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.corpus import der

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A signature algorithm: its identifier in DER, and how it signs."""

    identifier: bytes
    digest: str
    """Name of the hash, as `hashlib` calls it."""
    sign: Callable[[Key, bytes], bytes]


_DIGESTS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
    "ripemd160": "1.3.36.3.2.1",
    "sm3": "1.2.156.10197.1.401",
}


def digest_identifier(name: str, *, null: bool = False) -> bytes:
    """Return the AlgorithmIdentifier of a hash, with or without NULL (RFC 5754 2)."""
    return der.sequence(der.oid(_DIGESTS[name]), der.NULL if null else b"")


def _hash(name: str) -> hashes.HashAlgorithm:
    made: hashes.HashAlgorithm = getattr(hashes, name.upper())()
    return made


def rsa_raw(key: Key, encoded: bytes) -> bytes:
    """Return the RSA operation on an encoded message, whatever it is."""
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    value = pow(int.from_bytes(encoded, "big"), numbers.d, modulus)
    return value.to_bytes((modulus.bit_length() + 7) // 8, "big")


def _pkcs1(key: Key, data: bytes, digest: str) -> bytes:
    """RSASSA-PKCS1-v1_5 by hand (RFC 8017 9.2): libraries refuse MD5."""
    assert isinstance(key, rsa.RSAPrivateKey)
    info = der.sequence(
        digest_identifier(digest, null=True), der.octets(hashlib.new(digest, data).digest())
    )
    room = key.key_size // 8 - len(info) - 3
    return rsa_raw(key, b"\x00\x01" + b"\xff" * room + b"\x00" + info)


def rsa_pkcs1(digest: str, oid: str) -> Algorithm:
    identifier = der.sequence(der.oid(oid), der.NULL)
    return Algorithm(identifier, digest, lambda key, data: _pkcs1(key, data, digest))


def ecdsa(digest: str, oid: str) -> Algorithm:
    def sign(key: Key, data: bytes) -> bytes:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(_hash(digest)))

    return Algorithm(der.sequence(der.oid(oid)), digest, sign)


def rsa_pss(digest: str, salt: int) -> Algorithm:
    hashed = digest_identifier(digest, null=True)
    parameters = der.sequence(
        der.explicit(0, hashed),
        der.explicit(1, der.sequence(der.oid("1.2.840.113549.1.1.8"), hashed)),
        der.explicit(2, der.integer(salt)),
    )

    def sign(key: Key, data: bytes) -> bytes:
        assert isinstance(key, rsa.RSAPrivateKey)
        masked = padding.PSS(padding.MGF1(_hash(digest)), salt)
        return key.sign(data, masked, _hash(digest))

    identifier = der.sequence(der.oid("1.2.840.113549.1.1.10"), parameters)
    return Algorithm(identifier, digest, sign)


def _ed25519(key: Key, data: bytes) -> bytes:
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    return key.sign(data)


RSA_MD5 = rsa_pkcs1("md5", "1.2.840.113549.1.1.4")
RSA_SHA1 = rsa_pkcs1("sha1", "1.2.840.113549.1.1.5")
RSA_SHA256 = rsa_pkcs1("sha256", "1.2.840.113549.1.1.11")
RSA_SHA384 = rsa_pkcs1("sha384", "1.2.840.113549.1.1.12")
RSA_SHA512 = rsa_pkcs1("sha512", "1.2.840.113549.1.1.13")
RSA_SHA3_256 = rsa_pkcs1("sha3_256", "2.16.840.1.101.3.4.3.14")
RSA_SHA3_384 = rsa_pkcs1("sha3_384", "2.16.840.1.101.3.4.3.15")
RSA_SHA3_512 = rsa_pkcs1("sha3_512", "2.16.840.1.101.3.4.3.16")
RSA_BARE = rsa_pkcs1("sha256", "1.2.840.113549.1.1.1")
"""rsaEncryption as the signature's algorithm (RFC 3370 3.2), the most frequent of all."""
ECDSA_SHA1 = ecdsa("sha1", "1.2.840.10045.4.1")
ECDSA_SHA256 = ecdsa("sha256", "1.2.840.10045.4.3.2")
ECDSA_SHA384 = ecdsa("sha384", "1.2.840.10045.4.3.3")
ECDSA_SHA512 = ecdsa("sha512", "1.2.840.10045.4.3.4")
ECDSA_SHA3_256 = ecdsa("sha3_256", "2.16.840.1.101.3.4.3.10")
ED25519 = Algorithm(der.sequence(der.oid("1.3.101.112")), "sha512", _ed25519)


@cache
def rsa_key(label: str = "signer", bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """Return an RSA key, the same for the same label within a process."""
    del label
    return rsa.generate_private_key(exponent, bits)


@cache
def ec_key(label: str = "signer", curve: str = "SECP256R1") -> ec.EllipticCurvePrivateKey:
    del label
    made: ec.EllipticCurve = getattr(ec, curve)()
    return ec.generate_private_key(made)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_info(key: Key) -> bytes:
    """Return the SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


# Names

COUNTRY, ORGANISATION, COMMON_NAME, SURNAME, EMAIL, SERIAL_NUMBER, UNIT, STATE = (
    "2.5.4.6", "2.5.4.10", "2.5.4.3", "2.5.4.4", "1.2.840.113549.1.9.1", "2.5.4.5", "2.5.4.11",
    "2.5.4.8",
)  # fmt: skip
UTF8, PRINTABLE, TELETEX, IA5, VISIBLE, UNIVERSAL, BMP, NUMERIC = (
    0x0C, 0x13, 0x14, 0x16, 0x1A, 0x1C, 0x1E, 0x12,
)  # fmt: skip
_ENCODINGS = {UTF8: "utf-8", TELETEX: "latin-1", UNIVERSAL: "utf-32-be", BMP: "utf-16-be"}


def part(kind: str, value: str | bytes, tag: int = UTF8) -> bytes:
    """Return an AttributeTypeAndValue."""
    raw = value if isinstance(value, bytes) else value.encode(_ENCODINGS.get(tag, "ascii"))
    return der.sequence(der.oid(kind), der.tlv(tag, raw))


def name(*parts: bytes) -> bytes:
    """Return a Name of single-valued parts."""
    return der.sequence(*(der.tlv(0x31, one) for one in parts))


def simple(common: str, country: str = "CN", organisation: str = "Far Away Office") -> bytes:
    return name(
        part(COUNTRY, country, PRINTABLE),
        part(ORGANISATION, organisation),
        part(COMMON_NAME, common),
    )


# Extensions


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    mark = der.boolean(value=True) if critical else b""
    return der.sequence(der.oid(kind), mark, der.octets(value))


def key_identifier(key: Key) -> bytes:
    return hashlib.sha1(public_info(key), usedforsecurity=False).digest()


def subject_key(key: Key) -> bytes:
    return extension("2.5.29.14", der.octets(key_identifier(key)))


def authority_key(key: Key) -> bytes:
    return extension("2.5.29.35", der.sequence(der.tlv(0x80, key_identifier(key))))


CA_CONSTRAINTS = extension("2.5.29.19", der.sequence(der.boolean(value=True)), critical=True)
LEAF_CONSTRAINTS = extension("2.5.29.19", der.sequence(), critical=True)
CA_USAGE = extension("2.5.29.15", der.bits(b"\x06", 1), critical=True)
SIGN_USAGE = extension("2.5.29.15", der.bits(b"\xc0", 6), critical=True)
STAMP_PURPOSE = extension("2.5.29.37", der.sequence(der.oid("1.3.6.1.5.5.7.3.8")), critical=True)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    key: Key
    certificate: bytes
    subject: bytes
    algorithm: Algorithm
    """What the key signs with."""
    chain: tuple[bytes, ...] = ()
    """Certificates above it."""
    serial: int = 1
    issuer: bytes = b""

    @property
    def sid(self) -> bytes:
        """IssuerAndSerialNumber (RFC 5652 10.2.4)."""
        return der.sequence(self.issuer, der.integer(self.serial))


def issue(
    subject: bytes,
    key: Key,
    algorithm: Algorithm,
    issuer: Issued | None = None,
    *,
    extensions: tuple[bytes, ...] | None = None,
    serial: int = 4711,
    since: bytes | None = None,
    until: bytes | None = None,
    info: bytes | None = None,
    version: int = 2,
    signed_with: Algorithm | None = None,
    unsigned: bool = False,
) -> Issued:
    """Issue a certificate (RFC 5280 4.1), as odd as asked; without an issuer it is self-signed."""
    above = issuer.algorithm if issuer else algorithm
    signature = signed_with or above
    if extensions is None:
        extensions = (LEAF_CONSTRAINTS, SIGN_USAGE, subject_key(key))
    issuer_name = issuer.subject if issuer else subject
    body = der.sequence(
        der.explicit(0, der.integer(version)) if version else b"",
        der.integer(serial),
        signature.identifier,
        issuer_name,
        der.sequence(since or der.utc_time(SINCE), until or der.utc_time(UNTIL)),
        subject,
        info or public_info(key),
        der.explicit(3, der.sequence(*extensions)) if extensions else b"",
    )
    value = b"\x00" * 64 if unsigned else signature.sign(issuer.key if issuer else key, body)
    certificate = der.sequence(body, signature.identifier, der.bits(value))
    chain = (issuer.certificate, *issuer.chain) if issuer else ()
    return Issued(key, certificate, subject, algorithm, chain, serial, issuer_name)


def authority(
    subject: bytes,
    key: Key,
    algorithm: Algorithm,
    issuer: Issued | None = None,
    *,
    signed_with: Algorithm | None = None,
    serial: int = 1,
) -> Issued:
    """Issue a CA's certificate."""
    return issue(
        subject,
        key,
        algorithm,
        issuer,
        extensions=(CA_CONSTRAINTS, CA_USAGE, subject_key(key)),
        signed_with=signed_with,
        serial=serial,
    )


@cache
def root() -> Issued:
    return authority(simple("Far Away Root"), ec_key("root"), ECDSA_SHA256)


@cache
def issuing() -> Issued:
    return authority(simple("Far Away CA"), ec_key("issuing"), ECDSA_SHA256, root(), serial=2)


@cache
def signer() -> Issued:
    """Return the signer of most files."""
    return issue(simple("Far Away Registrar"), ec_key("signer"), ECDSA_SHA256, issuing())


@cache
def second_signer() -> Issued:
    return issue(simple("Second Hand"), ec_key("second"), ECDSA_SHA256, issuing(), serial=4712)


@cache
def rsa_signer() -> Issued:
    return issue(simple("Far Away RSA"), rsa_key(), RSA_SHA256, issuing(), serial=4713)


@cache
def stamper() -> Issued:
    """Return the timestamping authority."""
    extensions = (LEAF_CONSTRAINTS, SIGN_USAGE, STAMP_PURPOSE, subject_key(ec_key("stamper")))
    return issue(
        simple("Far Away TSA"), ec_key("stamper"), ECDSA_SHA256, issuing(), serial=4714,
        extensions=extensions,
    )  # fmt: skip
