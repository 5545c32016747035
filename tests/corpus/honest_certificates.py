"""Certificates that libraries stumble over; none of them was altered."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.corpus import der
from tests.corpus.certificates import (
    BMP,
    CA_CONSTRAINTS,
    CA_USAGE,
    COMMON_NAME,
    COUNTRY,
    ECDSA_SHA1,
    ECDSA_SHA256,
    LEAF_CONSTRAINTS,
    PRINTABLE,
    RSA_MD5,
    RSA_SHA1,
    RSA_SHA256,
    SIGN_USAGE,
    SINCE,
    VISIBLE,
    Issued,
    authority,
    ec_key,
    extension,
    issue,
    issuing,
    name,
    part,
    root,
    rsa_key,
    signer,
    simple,
    subject_key,
)
from tests.corpus.cms import ADOBE, PADES, Style, signed_data
from tests.corpus.model import SOUND, honest, not_judged
from tests.corpus.papers import note
from tests.corpus.signing import Mark, sign

SOUND_OR_UNREADABLE = (*SOUND, *not_judged())


def by(who: Issued, style: Style = PADES) -> bytes:
    return sign(note(), Mark(cms=partial(signed_data, who=who, style=style))).data


def leaf(*extensions: bytes, serial: int = 8201, issuer: Issued | None = None) -> Issued:
    """Return a signer with further extensions."""
    key = ec_key("odd")
    usual = (LEAF_CONSTRAINTS, SIGN_USAGE, subject_key(key))
    return issue(
        simple("Odd One"), key, ECDSA_SHA256, issuer or issuing(),
        extensions=(*usual, *extensions), serial=serial,
    )  # fmt: skip


@honest(SOUND)
def sha1_self_signed_root_enclosed() -> bytes:
    """The CMS holds a root self-signed with SHA-1; an anchor's own signature never counts."""
    old = authority(simple("Old Root"), rsa_key("old root"), RSA_SHA256, signed_with=RSA_SHA1)
    return by(issue(simple("New"), ec_key("odd"), ECDSA_SHA256, old, serial=8202))


@honest(SOUND)
def md5_self_signed_root_enclosed() -> bytes:
    """The CMS holds a root that signed itself with MD5."""
    old = authority(simple("Older Root"), rsa_key("old root"), RSA_SHA256, signed_with=RSA_MD5)
    return by(issue(simple("New"), ec_key("odd"), ECDSA_SHA256, old, serial=8203))


@honest(SOUND)
def sha1_intermediate() -> bytes:
    """The intermediate CA's certificate is signed with SHA-1: a matter of trust, not of change."""
    old = authority(
        simple("SHA-1 CA"), ec_key("sha1 ca"), ECDSA_SHA256, root(), signed_with=ECDSA_SHA1
    )
    return by(issue(simple("New"), ec_key("odd"), ECDSA_SHA256, old, serial=8204))


@honest(SOUND)
def sha1_signer_certificate() -> bytes:
    """The signer's certificate itself is signed with SHA-1 and RSA."""
    old = authority(simple("RSA CA"), rsa_key("rsa ca"), RSA_SHA256)
    return by(
        issue(simple("New"), ec_key("odd"), ECDSA_SHA256, old, serial=8205, signed_with=RSA_SHA1)
    )


@honest(SOUND)
def path_length_without_ca() -> bytes:
    """A basicConstraints extension with pathLen and cA=FALSE, against RFC 5280 4.2.1.9."""
    odd = extension("2.5.29.19", der.sequence(der.integer(0)), critical=True)
    key = ec_key("odd")
    extensions = (odd, SIGN_USAGE, subject_key(key))
    return by(
        issue(simple("Odd"), key, ECDSA_SHA256, issuing(), extensions=extensions, serial=8206)
    )


@honest(SOUND)
def explicit_false_in_constraints() -> bytes:
    """A basicConstraints extension that writes cA=FALSE out, although DER leaves defaults out."""
    odd = extension("2.5.29.19", der.sequence(der.boolean(value=False)))
    key = ec_key("odd")
    extensions = (odd, SIGN_USAGE, subject_key(key))
    return by(
        issue(simple("Odd"), key, ECDSA_SHA256, issuing(), extensions=extensions, serial=8207)
    )


@honest(SOUND_OR_UNREADABLE)
def negative_modulus() -> bytes:
    """The signer's RSA modulus is written without its leading zero, so as a negative number."""
    key = rsa_key("negative")
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.public_key().public_numbers()
    modulus = der.tlv(0x02, numbers.n.to_bytes(256, "big"))
    info = der.sequence(
        der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL),
        der.bits(der.sequence(modulus, der.integer(numbers.e))),
    )
    return by(issue(simple("Old Card"), key, RSA_SHA256, issuing(), info=info, serial=8208))


@honest(SOUND)
def negative_modulus_outside_the_path() -> bytes:
    """The CMS holds a stray certificate with a negative modulus that has nothing to do with it."""
    key = rsa_key("negative")
    numbers = key.public_key().public_numbers()
    modulus = der.tlv(0x02, numbers.n.to_bytes(256, "big"))
    info = der.sequence(
        der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL),
        der.bits(der.sequence(modulus, der.integer(numbers.e))),
    )
    stray = issue(simple("Stray"), key, RSA_SHA256, info=info, serial=8209)
    return with_stray(stray.certificate)


def with_stray(certificate: bytes) -> bytes:
    who = signer()
    style = replace(PADES, certificates=(who.certificate, *who.chain, certificate))
    return by(who, style)


@honest(SOUND)
def stray_certificate_with_bad_signature() -> bytes:
    """A certificate outside the signer's path has a bad signature of its own: of no account."""
    stray = issue(simple("Stray"), ec_key("stray"), ECDSA_SHA256, unsigned=True, serial=8210)
    return with_stray(stray.certificate)


@honest(SOUND)
def stray_certificate_that_is_rubbish() -> bytes:
    """A DER SEQUENCE that is no certificate stands among the certificates."""
    return with_stray(der.sequence(der.integer(1), der.octets(b"no certificate")))


@honest(SOUND)
def same_certificate_twice() -> bytes:
    """The signer's certificate stands twice among the certificates."""
    return with_stray(signer().certificate)


@honest(SOUND)
def twenty_stray_certificates() -> bytes:
    """A whole store of twenty roots that have nothing to do with the signer came along."""
    who = signer()
    stray = tuple(
        authority(simple(f"Root {n}"), ec_key(f"stray {n}"), ECDSA_SHA256).certificate
        for n in range(20)
    )
    style = replace(PADES, certificates=(who.certificate, *who.chain, *stray))
    return sign(note(), Mark(cms=partial(signed_data, who=who, style=style), reserved=16000)).data


@honest(SOUND)
def signer_alone() -> bytes:
    """The CMS holds the signer's certificate alone, no chain."""
    return by(signer(), replace(PADES, certificates=(signer().certificate,)))


@honest(not_judged())
def no_certificate_at_all() -> bytes:
    """The CMS holds no certificate, not even the signer's (RFC 5652 5.1 allows it)."""
    return by(signer(), replace(PADES, certificates=()))


@honest(SOUND)
def self_signed_signer() -> bytes:
    """The signer's certificate is self-signed, as Acrobat makes a "digital ID"."""
    return by(issue(simple("Me"), ec_key("me"), ECDSA_SHA256, serial=8211))


@honest(SOUND)
def version_one_certificate() -> bytes:
    """The signer's certificate is of X.509 version 1, without extensions."""
    return by(
        issue(
            simple("V1"), ec_key("v1"), ECDSA_SHA256, issuing(), extensions=(), version=0,
            serial=8212,
        )
    )  # fmt: skip


@honest(SOUND)
def negative_serial_number() -> bytes:
    """The signer's certificate has a negative serial number."""
    return by(issue(simple("Neg"), ec_key("neg"), ECDSA_SHA256, issuing(), serial=-(2**63)))


@honest(SOUND)
def serial_number_zero() -> bytes:
    """The signer's certificate has the serial number 0."""
    return by(issue(simple("Zero"), ec_key("zero"), ECDSA_SHA256, issuing(), serial=0))


@honest(SOUND)
def very_long_serial_number() -> bytes:
    """The signer's serial number has 30 octets, beyond RFC 5280's 20."""
    return by(issue(simple("Long"), ec_key("long"), ECDSA_SHA256, issuing(), serial=2**239))


@honest(SOUND)
def general_time_before_2050() -> bytes:
    """The validity is written as GeneralizedTime although it lies before 2050."""
    until = datetime(2030, 1, 1, tzinfo=UTC)
    return by(
        issue(
            simple("Time"), ec_key("time"), ECDSA_SHA256, issuing(), serial=8213,
            since=der.general_time(SINCE), until=der.general_time(until),
        )
    )  # fmt: skip


@honest(SOUND_OR_UNREADABLE)
def time_with_zone() -> bytes:
    """The validity is a UTCTime with +0800 in place of Z, against RFC 5280 4.1.2.5.1."""
    return by(
        issue(
            simple("Zone"), ec_key("zone"), ECDSA_SHA256, issuing(), serial=8214,
            since=der.tlv(0x17, b"250101080000+0800"),
        )
    )  # fmt: skip


@honest(SOUND)
def expired_signer() -> bytes:
    """The signer's certificate ran out long before today and before the claimed time."""
    return by(
        issue(
            simple("Past"), ec_key("past"), ECDSA_SHA256, issuing(), serial=8215,
            since=der.utc_time(datetime(2010, 1, 1, tzinfo=UTC)),
            until=der.utc_time(datetime(2012, 1, 1, tzinfo=UTC)),
        )
    )  # fmt: skip


@honest(SOUND)
def visible_string_in_policy() -> bytes:
    """A policy's notice is a VisibleString (RFC 5280 allows it, some libraries do not)."""
    notice = der.sequence(
        der.oid("1.3.6.1.5.5.7.2.2"), der.sequence(der.tlv(VISIBLE, b"See the statement"))
    )
    policy = der.sequence(der.oid("1.3.6.1.4.1.99999.2"), der.sequence(notice))
    return by(leaf(extension("2.5.29.32", der.sequence(policy))))


@honest(SOUND)
def bmp_string_in_policy() -> bytes:
    """A policy's notice is a BMPString in Chinese."""
    text = der.tlv(BMP, "见声明".encode("utf-16-be"))
    notice = der.sequence(der.oid("1.3.6.1.5.5.7.2.2"), der.sequence(text))
    policy = der.sequence(der.oid("1.3.6.1.4.1.99999.2"), der.sequence(notice))
    return by(leaf(extension("2.5.29.32", der.sequence(policy))))


@honest(SOUND)
def unknown_critical_extension() -> bytes:
    """The signer's certificate has an unknown critical extension: no path, but no change."""
    return by(leaf(extension("1.3.6.1.4.1.99999.3", der.NULL, critical=True)))


@honest(SOUND)
def malformed_extension() -> bytes:
    """A subjectAltName extension holds bytes that are no GeneralNames."""
    return by(leaf(extension("2.5.29.17", b"\x04\x03abc")))


@honest(SOUND_OR_UNREADABLE)
def extension_twice() -> bytes:
    """The keyUsage extension stands twice, against RFC 5280 4.2."""
    return by(leaf(SIGN_USAGE))


@honest(SOUND)
def no_key_usage() -> bytes:
    """The signer's certificate has no extensions but its key's identifier."""
    key = ec_key("odd")
    return by(
        issue(
            simple("Bare"), key, ECDSA_SHA256, issuing(), extensions=(subject_key(key),),
            serial=8216,
        )
    )  # fmt: skip


@honest(SOUND)
def ca_as_signer() -> bytes:
    """A CA's certificate signs documents."""
    return by(issuing())


@honest(SOUND)
def empty_country() -> bytes:
    """The country in the signer's name is an empty string."""
    subject = name(part(COUNTRY, "", PRINTABLE), part(COMMON_NAME, "No Country"))
    return by(issue(subject, ec_key("odd"), ECDSA_SHA256, issuing(), serial=8217))


@honest(SOUND)
def unused_bits_in_key_usage() -> bytes:
    """The keyUsage's bit string has trailing zero bits, which DER forbids."""
    usage = extension("2.5.29.15", der.bits(b"\xc0\x00", 0), critical=True)
    key = ec_key("odd")
    extensions = (LEAF_CONSTRAINTS, usage, subject_key(key))
    return by(
        issue(simple("Bits"), key, ECDSA_SHA256, issuing(), extensions=extensions, serial=8218)
    )


@honest(SOUND)
def cross_certified_chain() -> bytes:
    """The issuing CA has two certificates, by two roots that certified each other: a cycle."""
    first, second = ec_key("cross 1"), ec_key("cross 2")
    one = authority(simple("Cross 1"), first, ECDSA_SHA256)
    two = authority(simple("Cross 2"), second, ECDSA_SHA256, one, serial=2)
    back = authority(simple("Cross 1"), first, ECDSA_SHA256, two, serial=3)
    who = issue(simple("Crossed"), ec_key("odd"), ECDSA_SHA256, two, serial=8219)
    style = replace(
        ADOBE, certificates=(who.certificate, two.certificate, back.certificate, one.certificate)
    )
    return by(who, style)


@honest((*SOUND, *not_judged()))
def many_namesake_authorities() -> bytes:
    """Twelve CAs of one name and different keys stand in the CMS; which is right takes looking."""
    subject = simple("Namesake CA")
    extensions = (CA_CONSTRAINTS, CA_USAGE)
    made = [
        issue(subject, ec_key(f"namesake {n}"), ECDSA_SHA256, extensions=extensions, serial=n + 1)
        for n in range(12)
    ]
    who = issue(simple("Found"), ec_key("odd"), ECDSA_SHA256, made[7], serial=8220)
    style = replace(PADES, certificates=(who.certificate, *(one.certificate for one in made)))
    return sign(note(), Mark(cms=partial(signed_data, who=who, style=style), reserved=9000)).data
