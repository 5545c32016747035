"""Paths of certificates from outside: what OpenSSL refuses is refused, in words, and every way is
tried.
"""

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.errors import ExchangeError
from ca.outside.path import build_path, load_certificates
from ca.outside.seal import check_seal
from tests.ca.world import openssl, pem

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BODY = "青岚市市场监督管理局"


def _name(common: str, organization: str = "政府") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass(frozen=True)
class Party:
    """A name and a key that certificates are made for."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @classmethod
    def make(cls, common: str) -> "Party":
        return cls(_name(common), ec.generate_private_key(ec.SECP256R1()))

    @property
    def key_identifier(self) -> x509.SubjectKeyIdentifier:
        return x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())


@dataclass(frozen=True)
class Order:
    """A certificate to be made; the defaults suit."""

    subject: Party
    issuer: Party
    ca: bool = True
    begins: datetime = NOW - timedelta(days=1)
    ends: datetime = NOW + timedelta(days=3000)
    authority: Party | None = None
    """Whose key identifier stands as the issuer's; None: the issuer's."""
    more: tuple[tuple[x509.ExtensionType, bool], ...] = ()

    def make(self) -> x509.Certificate:
        """Sign it."""
        named = (self.authority or self.issuer).key_identifier
        usage = dict.fromkeys(
            ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        usage |= {"content_commitment": not self.ca}
        usage |= {"key_cert_sign": self.ca, "crl_sign": self.ca}
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject.name)
            .issuer_name(self.issuer.name)
            .public_key(self.subject.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(ca=self.ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(self.subject.key_identifier, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(named),
                critical=False,
            )
        )
        for value, critical in self.more:
            builder = builder.add_extension(value, critical=critical)
        return builder.sign(self.issuer.key, hashes.SHA256())


ROOT, MIDDLE, OTHER, SEAL = (Party.make(name) for name in ("根", "中级", "别的", "印章"))
ANCHOR = Order(ROOT, ROOT).make()
ANCHOR_SHA256 = ANCHOR.fingerprint(hashes.SHA256())
ABOVE = Order(MIDDLE, ROOT)
LEAF = Order(SEAL, MIDDLE, ca=False)


def build(leaf: x509.Certificate, *above: x509.Certificate) -> list[x509.Certificate]:
    return list(build_path(leaf, above, ANCHOR_SHA256, NOW))


def refused_by_openssl(
    folder: Path, leaf: x509.Certificate, above: x509.Certificate, *options: str
) -> bool:
    """Ask Debian's OpenSSL for its own judgement of the same chain."""
    made = [pem(folder / name, one) for name, one in
            (("leaf", leaf), ("above", above), ("root", ANCHOR))]  # fmt: skip
    run = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", str(int(NOW.timestamp())), *options,
         "-CAfile", made[2], "-untrusted", made[1], made[0]],
        capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    return run.returncode != 0


def test_a_chain_that_suits(tmp_path: Path) -> None:
    leaf, above = LEAF.make(), ABOVE.make()
    assert build(leaf, ANCHOR, above) == [leaf, above, ANCHOR]
    assert not refused_by_openssl(tmp_path, leaf, above)


def _within(organization: str) -> x509.NameConstraints:
    """Permit the names that begin with C and this O."""
    rdns = list(_name("x", organization).rdns)[:2]
    return x509.NameConstraints([x509.DirectoryName(x509.Name(rdns))], None)


_EXCLUDED = x509.NameConstraints(None, [x509.DirectoryName(x509.Name(_name("x").rdns[:1]))])
_SERVERS_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


@pytest.mark.parametrize(
    ("leaf", "above", "said", "options"),
    [
        (replace(LEAF, authority=OTHER), ABOVE, "authority key identifier", ()),
        (LEAF, replace(ABOVE, authority=OTHER), "authority key identifier", ()),
        (LEAF, replace(ABOVE, more=((_within("别的"), True),)), "name constraints", ()),
        (LEAF, replace(ABOVE, more=((_within("别的"), False),)), "name constraints", ()),
        (LEAF, replace(ABOVE, more=((_EXCLUDED, False),)), "name constraints", ()),
        (LEAF, replace(ABOVE, more=((_SERVERS_ONLY, False),)), "extended key usage",
         ("-purpose", "smimesign")),
        (LEAF, replace(ABOVE, more=((x509.PolicyConstraints(0, None), True),)),
         "independent validation", ("-policy_check",)),
        (LEAF, replace(ABOVE, more=((x509.PolicyConstraints(0, None), False),)),
         "independent validation", ("-policy_check",)),
    ],
    ids=["leaf's AKI", "CA's AKI", "not permitted", "not permitted, not critical", "excluded",
         "restricted to servers", "policies wanted", "policies wanted, not critical"],
)  # fmt: skip
def test_what_openssl_refuses_is_refused(
    leaf: Order, above: Order, said: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    made, over = leaf.make(), above.make()
    with pytest.raises(ExchangeError, match=said):
        build(made, over, ANCHOR)
    assert refused_by_openssl(tmp_path, made, over, *options)


def test_names_and_purposes_that_are_allowed(tmp_path: Path) -> None:
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
    leaf = LEAF.make()
    above = replace(ABOVE, more=((_within("政府"), True), (purposes, False))).make()
    assert build(leaf, above, ANCHOR) == [leaf, above, ANCHOR]
    assert not refused_by_openssl(tmp_path, leaf, above)


def test_no_seals_can_stand_below_a_ca_with_limited_names() -> None:
    """Ours would issue to bodies of any name."""
    ours = Order(SEAL, MIDDLE).make()
    with pytest.raises(ExchangeError, match="name constraints"):
        build(ours, replace(ABOVE, more=((_within("政府"), True),)).make(), ANCHOR)


def test_a_ca_without_a_name_is_refused() -> None:
    nameless = replace(MIDDLE, name=x509.Name([]))
    above = replace(ABOVE, subject=nameless).make()
    with pytest.raises(ExchangeError, match="no subject"):
        build(replace(LEAF, issuer=nameless).make(), above, ANCHOR)


@pytest.mark.parametrize("first", [True, False])
def test_an_edition_that_has_ended_does_not_stand_in_the_way(*, first: bool) -> None:
    ended = replace(ABOVE, begins=NOW - timedelta(days=9), ends=NOW - timedelta(days=1)).make()
    leaf, above = LEAF.make(), ABOVE.make()
    editions = (ended, above) if first else (above, ended)
    assert build(leaf, *editions, ANCHOR) == [leaf, above, ANCHOR]


@pytest.mark.parametrize("first", [True, False])
def test_a_cross_certificate_does_not_lead_astray(*, first: bool) -> None:
    cross, above, leaf = Order(MIDDLE, OTHER).make(), ABOVE.make(), LEAF.make()
    editions = (cross, above) if first else (above, cross)
    assert build(leaf, *editions, ANCHOR) == [leaf, above, ANCHOR]


def test_why_the_only_way_does_not_suit_is_told() -> None:
    ended = replace(ABOVE, begins=NOW - timedelta(days=9), ends=NOW - timedelta(days=1)).make()
    with pytest.raises(ExchangeError, match="not within its validity"):
        build(LEAF.make(), ended, ANCHOR)
    with pytest.raises(ExchangeError, match="is missing"):
        build(LEAF.make(), ANCHOR)


def test_ways_are_bounded() -> None:
    """Each of twelve CAs certifies each other: there are millions of ways."""
    parties = [Party.make(f"{n}") for n in range(6)]
    crowd = [Order(a, b).make() for a in parties for b in parties if a is not b]
    leaf = Order(SEAL, parties[0], ca=False).make()
    with pytest.raises(ExchangeError, match="too many ways"):
        build(leaf, *crowd)


def test_a_small_rsa_exponent_is_refused() -> None:
    for exponent in (65537, 3):
        party = replace(MIDDLE, key=rsa.generate_private_key(exponent, 2048))
        leaf, above = replace(LEAF, issuer=party).make(), replace(ABOVE, subject=party).make()
        if exponent != 3:
            assert build(leaf, above, ANCHOR) == [leaf, above, ANCHOR]
            continue
        with pytest.raises(ExchangeError, match="exponent of 65537"):
            build(leaf, above, ANCHOR)


@pytest.mark.parametrize("encoding", ["named_curve", "explicit"])
def test_a_curve_that_is_written_out_is_refused(tmp_path: Path, encoding: str) -> None:
    """RFC 5480 2.1.1: a certificate names its curve."""
    key, request, made = (tmp_path / name for name in ("key", "request", "made"))
    signing, above = tmp_path / "signing", ABOVE.make()
    signing.write_bytes(MIDDLE.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    extensions = tmp_path / "extensions"
    extensions.write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,nonRepudiation\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    openssl(
        "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-param_enc", encoding, "-out", key
    )
    openssl("req", "-new", "-key", key, "-subj", "/C=CN/O=x/CN=seal", "-out", request)
    openssl(
        "x509", "-req", "-in", request, "-CA", pem(tmp_path / "above", above), "-CAkey", signing,
        "-set_serial", "7", "-days", "3650", "-extfile", extensions, "-out", made,
    )  # fmt: skip
    leaf = x509.load_pem_x509_certificate(made.read_bytes())
    now = max(NOW, leaf.not_valid_before_utc)
    if encoding == "named_curve":
        assert list(build_path(leaf, [above, ANCHOR], ANCHOR_SHA256, now))
        return
    with pytest.raises(ExchangeError, match="by name"):
        build_path(leaf, [above, ANCHOR], ANCHOR_SHA256, now)


def test_a_certificate_that_stands_twice_in_the_file_counts_once() -> None:
    leaf, above = LEAF.make(), ABOVE.make()
    text = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, above, above, ANCHOR, leaf))
    assert load_certificates(text) == [leaf, above, ANCHOR]


@pytest.mark.parametrize(
    "value",
    [
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.1"), b"\x30\x03\x02"),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x02\x82\x05"),
        x509.UnrecognizedExtension(
            x509.ObjectIdentifier("2.5.29.32"),
            bytes.fromhex("301a3018060355200030113010060a2b0601050507020101160416022fe9"),
        ),
    ],
    ids=["authority information access", "alternative name", "policies"],
)
def test_extensions_that_cannot_be_read_are_named(value: x509.ExtensionType) -> None:
    broken = replace(LEAF, more=((value, False),)).make()
    with pytest.raises(ExchangeError, match=f"serial {broken.serial_number:x} cannot be read"):
        load_certificates(broken.public_bytes(Encoding.PEM))


@pytest.mark.parametrize(
    ("order", "suits"),
    [
        (LEAF, True),
        (replace(LEAF, more=((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
                              True),)), True),
        (replace(LEAF, more=((_SERVERS_ONLY, False),)), True),
        (replace(LEAF, more=((_SERVERS_ONLY, True),)), False),
        (replace(LEAF, ca=True), False),
    ],
    ids=["plain", "for mail", "for servers, not critical", "for servers alone", "a CA's"],
)  # fmt: skip
def test_which_certificates_suit_a_seal(order: Order, *, suits: bool) -> None:
    certificate = replace(order, subject=replace(SEAL, name=_name("章", BODY))).make()
    if suits:
        check_seal(certificate, BODY, "11990100MB00990250")
    else:
        with pytest.raises(ExchangeError, match="usage does not suit a seal"):
            check_seal(certificate, BODY, "11990100MB00990250")
