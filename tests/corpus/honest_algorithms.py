"""Signature algorithms of all ages, those included that we cannot judge."""

from dataclasses import replace
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.corpus import der
from tests.corpus.certificates import (
    ECDSA_SHA3_256,
    ECDSA_SHA256,
    ECDSA_SHA384,
    ECDSA_SHA512,
    ED25519,
    RSA_BARE,
    RSA_MD5,
    RSA_SHA1,
    RSA_SHA3_256,
    RSA_SHA3_384,
    RSA_SHA3_512,
    RSA_SHA256,
    RSA_SHA384,
    RSA_SHA512,
    Algorithm,
    Key,
    ec_key,
    ed25519_key,
    issue,
    issuing,
    rsa_key,
    rsa_pss,
    rsa_signer,
    simple,
)
from tests.corpus.cms import ADOBE, PADES, Style, signed_data
from tests.corpus.model import SOUND, honest, not_judged, sound
from tests.corpus.papers import note
from tests.corpus.signing import Mark, sign

UNSUPPORTED = not_judged("unsupported_algorithm", notes=("unsupported_algorithm",))
SOUND_OR_UNSUPPORTED = (*SOUND, *UNSUPPORTED)
SOUND_THOUGH_WEAK = (*sound("none", "weak_hash"), *not_judged())
"""A broken hash proves no change; that it is weak must be said where the file passes."""


def with_rsa(algorithm: Algorithm, style: Style = PADES, bits: int = 2048) -> bytes:
    key = rsa_key() if bits == 2048 else rsa_key("large", bits)
    who = issue(simple("RSA"), key, algorithm, issuing(), serial=8101)
    return sign(note(), Mark(cms=partial(signed_data, who=who, style=style))).data


def with_curve(curve: str, algorithm: Algorithm) -> bytes:
    who = issue(simple(curve), ec_key(curve, curve), algorithm, issuing(), serial=8102)
    return sign(note(), Mark(cms=partial(signed_data, who=who))).data


@honest(SOUND)
def rsa_with_sha256() -> bytes:
    """RSA with SHA-256, PKCS #1 v1.5: what most signers in the world write."""
    return with_rsa(RSA_SHA256)


@honest(SOUND)
def rsa_encryption_as_algorithm() -> bytes:
    """The signatureAlgorithm is rsaEncryption alone, the hash stated beside it (RFC 3370 3.2)."""
    return with_rsa(RSA_BARE, replace(PADES, null=True))


@honest(SOUND)
def rsa_with_sha384() -> bytes:
    """RSA with SHA-384."""
    return with_rsa(RSA_SHA384)


@honest(SOUND)
def rsa_with_sha512() -> bytes:
    """RSA with SHA-512 and NULL as the parameters of the hash (RFC 5754 2 allows both)."""
    return with_rsa(RSA_SHA512, replace(PADES, null=True))


@honest(SOUND)
def rsa_3072() -> bytes:
    """A key of 3072 bits."""
    return with_rsa(RSA_SHA256, bits=3072)


@honest(SOUND)
def rsa_exponent_three() -> bytes:
    """A public exponent of 3, as old cards have it."""
    who = issue(simple("Three"), rsa_key("three", 2048, 3), RSA_SHA256, issuing(), serial=8103)
    return sign(note(), Mark(cms=partial(signed_data, who=who))).data


@honest(SOUND)
def rsa_with_sha3_256() -> bytes:
    """RSA with SHA3-256 (2.16.840.1.101.3.4.3.14)."""
    return with_rsa(RSA_SHA3_256)


@honest(SOUND)
def rsa_with_sha3_384() -> bytes:
    """RSA with SHA3-384 (2.16.840.1.101.3.4.3.15)."""
    return with_rsa(RSA_SHA3_384)


@honest(SOUND)
def rsa_with_sha3_512() -> bytes:
    """RSA with SHA3-512 (2.16.840.1.101.3.4.3.16)."""
    return with_rsa(RSA_SHA3_512)


@honest(SOUND_OR_UNSUPPORTED)
def ecdsa_with_sha3_256() -> bytes:
    """ECDSA with SHA3-256 (2.16.840.1.101.3.4.3.10)."""
    return with_curve("SECP256R1", ECDSA_SHA3_256)


@honest(SOUND)
def pss_with_sha256() -> bytes:
    """RSASSA-PSS with a salt of 32 bytes."""
    return with_rsa(rsa_pss("sha256", 32))


@honest(SOUND)
def pss_with_sha512_and_short_salt() -> bytes:
    """RSASSA-PSS with SHA-512 and a salt of 20 bytes, PSS's default."""
    return with_rsa(rsa_pss("sha512", 20))


@honest(SOUND)
def pss_with_sha384_and_long_salt() -> bytes:
    """RSASSA-PSS with SHA-384 and the longest salt that fits."""
    return with_rsa(rsa_pss("sha384", 206))


@honest(SOUND)
def ecdsa_p384() -> bytes:
    """ECDSA on P-384 with SHA-384."""
    return with_curve("SECP384R1", ECDSA_SHA384)


@honest(SOUND)
def ecdsa_p521() -> bytes:
    """ECDSA on P-521 with SHA-512."""
    return with_curve("SECP521R1", ECDSA_SHA512)


@honest(SOUND)
def ecdsa_p384_with_sha256() -> bytes:
    """ECDSA on P-384 with the shorter SHA-256."""
    return with_curve("SECP384R1", ECDSA_SHA256)


@honest(SOUND)
def brainpool_256() -> bytes:
    """ECDSA on brainpoolP256r1, as German cards sign."""
    return with_curve("BrainpoolP256R1", ECDSA_SHA256)


@honest(SOUND)
def brainpool_512() -> bytes:
    """ECDSA on brainpoolP512r1 with SHA-512."""
    return with_curve("BrainpoolP512R1", ECDSA_SHA512)


@honest(SOUND_OR_UNSUPPORTED)
def secp256k1() -> bytes:
    """ECDSA on secp256k1, a curve of no PKI's profile that some card uses."""
    return with_curve("SECP256K1", ECDSA_SHA256)


@honest(SOUND_OR_UNSUPPORTED)
def ed25519() -> bytes:
    """Ed25519 with SHA-512 as the content's hash (RFC 8419)."""
    who = issue(simple("Edwards"), ed25519_key(), ED25519, issuing(), serial=8104)
    return sign(note(), Mark(cms=partial(signed_data, who=who))).data


def _plain(key: Key, data: bytes) -> bytes:
    """ECDSA's value as r and s side by side (BSI TR-03111 5.2.1)."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(ECDSA_SHA256.sign(key, data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


PLAIN_ECDSA = Algorithm(der.sequence(der.oid("0.4.0.127.0.7.1.1.4.1.3")), "sha256", _plain)


@honest(SOUND_OR_UNSUPPORTED)
def plain_ecdsa() -> bytes:
    """Plain ECDSA with SHA-256 (BSI TR-03111), r and s side by side."""
    who = issue(simple("Plain"), ec_key("plain"), ECDSA_SHA256, issuing(), serial=8105)
    return sign(
        note(), Mark(cms=partial(signed_data, who=replace(who, algorithm=PLAIN_ECDSA)))
    ).data


def _sm2(key: Key, data: bytes) -> bytes:
    """A value of the right form: nobody here can tell whether it holds."""
    return der.sequence(der.integer(int("11" * 32, 16)), der.integer(int("12" * 32, 16)))


SM2 = Algorithm(der.sequence(der.oid("1.2.156.10197.1.501")), "sha256", _sm2)
SM2_POINT = der.sequence(
    der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.156.10197.1.301")),
    der.bits(b"\x04" + bytes(range(64))),
)


@honest(not_judged("unsupported_algorithm", notes=("unsupported_algorithm", "sm2_sm3")))
def sm2_with_sm3() -> bytes:
    """SM2 with SM3 throughout (GM/T 0010), key on the SM2 curve: the common case in China."""
    issuer = issuing()
    who = issue(
        simple("青岚市登记中心"), issuer.key, ECDSA_SHA256, issuer, info=SM2_POINT, serial=8106
    )
    style = replace(PADES, digest="sm3", signed_digest=b"\x42" * 32)
    who = replace(who, algorithm=replace(SM2, digest="sha256"))
    return sign(note(), Mark(cms=partial(signed_data, who=who, style=style))).data


@honest(not_judged("unsupported_algorithm", notes=("unsupported_algorithm", "sm2_sm3")))
def sm2_of_gmt_0010() -> bytes:
    """SM2's CMS with the content types of GM/T 0010 (1.2.156.10197.6.1.4.2.2) around it."""
    made = sm2_with_sm3_cms(b"\x42" * 32)
    made = made.replace(der.oid("1.2.840.113549.1.7.1"), der.oid("1.2.156.10197.6.1.4.2.1"))
    return sign(note(), Mark(cms=lambda _: made)).data


def sm2_with_sm3_cms(digest: bytes) -> bytes:
    """Return a SignedData of GM/T 0010."""
    issuer = issuing()
    who = issue(simple("登记中心"), issuer.key, ECDSA_SHA256, issuer, info=SM2_POINT, serial=8107)
    style = replace(
        PADES, digest="sm3", signed_digest=digest, content_type="1.2.156.10197.6.1.4.2.1"
    )
    inner = signed_data(b"", replace(who, algorithm=SM2), style)
    body = der.elements(der.content(inner))[1]
    return der.sequence(der.oid("1.2.156.10197.6.1.4.2.2"), body)


@honest(not_judged("unsupported_algorithm", notes=("unsupported_algorithm",)))
def unknown_algorithm() -> bytes:
    """A signature algorithm of GOST R 34.10-2012."""
    style = replace(PADES, stated=der.sequence(der.oid("1.2.643.7.1.1.3.2")))
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest(not_judged("unsupported_algorithm", notes=("unsupported_algorithm",)))
def unknown_hash() -> bytes:
    """The content's hash is Whirlpool, which nobody here can compute."""
    who = rsa_signer()
    made = signed_data(b"x", who)
    known, odd = der.oid("2.16.840.1.101.3.4.2.1"), der.oid("1.0.10118.3.0.55")
    made = _rebuilt(made, known, odd)
    return sign(note(), Mark(cms=lambda _: made)).data


def _rebuilt(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace an element wherever it stands, and set all lengths right."""
    if data == old:
        return new
    if not data[0] & 0x20:
        return data
    inside = b"".join(_rebuilt(one, old, new) for one in der.elements(der.content(data)))
    return der.tlv(data[0], inside)


@honest(SOUND_THOUGH_WEAK)
def rsa_with_sha1() -> bytes:
    """The content and the attributes are hashed with SHA-1, as until 2012 or so."""
    return with_rsa(RSA_SHA1, ADOBE)


@honest(SOUND_THOUGH_WEAK)
def rsa_with_md5() -> bytes:
    """The content and the attributes are hashed with MD5."""
    return with_rsa(RSA_MD5, ADOBE)


@honest((*SOUND, *sound("none", "weak_hash"), *not_judged()))
def rsa_1024() -> bytes:
    """A key of 1024 bits: weak, which is a matter of trust and no proof of change."""
    return with_rsa(RSA_SHA256, bits=1024)


@honest((*SOUND, *not_judged("malformed_signature")))
def sha512_digest_under_sha256_signature() -> bytes:
    """The content is hashed with SHA-512, the attributes are signed with SHA-256's algorithm."""
    return with_rsa(RSA_SHA256, replace(PADES, digest="sha512"))
