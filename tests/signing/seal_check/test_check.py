"""A seal of ours holds over these very bytes, under a root that was given; nothing else does."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.encoding import der
from ca.encoding.reading import first_of
from ca.hierarchy.hierarchy import ISSUING_KEY
from ca.profiles.profiles import ProfileKind, Suite
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose, Signer
from signing.levels import PadesLevel
from signing.report import SignatureKind
from signing.seal_check.check import Beginning, SealCheck, check_seal, sealed_digest_of
from signing.sealing.cms import SealCms
from tests.ca.world import OFFICER, SEAL
from tests.permits import to_certify
from tests.signing.sealing.sealing_world import SealingWorld, sealed, world

ALGORITHMS = (KeyAlgorithm.ECDSA_P256, KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072)


def root_of(made: SealingWorld) -> bytes:
    return made.root.public_bytes(Encoding.DER)


def check(pdf: bytes) -> SealCheck:
    """Check a file; the same comes of it where its beginning was digested before."""
    found = check_seal(pdf, (root_of(world()),))
    assert check_seal(pdf, (root_of(world()),), Beginning(pdf)) == found
    return found


@cache
def other_world() -> SealingWorld:
    """Another CA: same names, other keys."""
    return SealingWorld()


def contents_at(pdf: bytes, mark: bytes = b"/ByteRange [0 ") -> tuple[int, int]:
    """Return where the seal's hexadecimal digits begin and end."""
    first, second = (int(n) for n in re.findall(rb"/ByteRange \[0 (\d+) (\d+) ", pdf)[0])
    assert pdf[first : first + 1] + pdf[second - 1 : second] == b"<>"
    return first + 1, second - 1


def with_cms(pdf: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Put another CMS in the place of the seal's, in the same room."""
    start, stop = contents_at(pdf)
    changed = change(bytes.fromhex(pdf[start:stop].decode())).hex().encode()
    return pdf[:start] + changed.ljust(stop - start, b"0")[: stop - start] + pdf[stop:]


def resealed(cms: SealCms) -> bytes:
    """Seal with another key what has room for a timestamp, hence for a longer chain."""
    pdf = sealed(PadesLevel.B_T).pdf
    start, stop = contents_at(pdf)
    digest = hashlib.sha256(pdf[: start - 1] + pdf[stop + 1 :]).digest()
    return with_cms(pdf, lambda _: cms.sign_digest(digest, timestamp=False))


def forger(certificate: bytes, signer: Signer, *chain: bytes) -> SealCms:
    return SealCms(signer, certificate, chain, world().hierarchy.timestamps)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("level", PadesLevel)
def test_what_we_seal_holds_at_every_level(level: PadesLevel, algorithm: KeyAlgorithm) -> None:
    made, document = world(algorithm), sealed(level, algorithm)
    found = check_seal(document.pdf, (root_of(made),))
    assert (found.holds, found.complete, found.why) == (True, True, "holds")
    seal, *stamps = found.signatures
    assert seal.kind is SignatureKind.SEAL
    assert seal.path.links[0].sha256 == hashlib.sha256(made.certificate).hexdigest()
    assert seal.path.root_sha256 == hashlib.sha256(root_of(made)).hexdigest()
    assert seal.covered_length == document.revisions[0]
    assert seal.claimed_time == document.sealed_at.replace(microsecond=0)
    assert (seal.best_time is None) is (level is PadesLevel.B_B)
    assert [one.kind for one in stamps] == [SignatureKind.TIMESTAMP] * (level is PadesLevel.B_LTA)
    assert found.validation_data is (level in (PadesLevel.B_LT, PadesLevel.B_LTA))


def test_post_quantum_seals_hold() -> None:
    made = SealingWorld(KeyAlgorithm.ML_DSA_65, suite=Suite.ML_DSA)
    found = check_seal(made.seal(PadesLevel.B_LTA).pdf, (root_of(made),))
    assert (found.holds, found.complete) == (True, True)


def test_the_signed_digest_is_that_of_the_covered_bytes() -> None:
    pdf = sealed(PadesLevel.B_T).pdf
    start, stop = contents_at(pdf)
    digest = hashlib.sha256(pdf[: start - 1] + pdf[stop + 1 :]).hexdigest()
    assert check(pdf).signatures[0].signed_digest == digest
    assert sealed_digest_of(pdf) == digest
    assert sealed_digest_of(b"%PDF-1.7\n%%EOF\n") is None


@pytest.mark.parametrize("level", PadesLevel)
def test_a_beginning_gives_the_digests_of_the_file(level: PadesLevel) -> None:
    pdf = sealed(level).pdf
    start, stop = contents_at(pdf)
    last = pdf.rfind(b"/Contents <") + len("/Contents ")
    for data in (pdf, b"", b"%PDF-1.7\n%%EOF\n", pdf[stop:], pdf + b"/ByteRange"):
        assert Beginning(data).whole() == hashlib.sha256(data).hexdigest()
    assert Beginning(pdf).at == last
    if level is not PadesLevel.B_LTA:
        covered = hashlib.sha256(pdf[: start - 1] + pdf[stop + 1 :]).digest()
        assert Beginning(pdf).without(start - 1, stop + 1, len(pdf)) == covered


def test_without_a_root_nothing_is_said() -> None:
    assert check_seal(sealed(PadesLevel.B_LT).pdf, ()).holds is None


def test_under_another_ca_of_the_same_names_it_does_not_hold() -> None:
    pdf = other_world().seal(PadesLevel.B_LT).pdf
    assert check_seal(pdf, (root_of(other_world()),)).holds is True
    assert (check(pdf).holds, check(pdf).why) == (False, "untrusted")


@pytest.mark.parametrize("place", [20, 700, 5000, -40, -3])
def test_a_flipped_bit_in_what_is_covered_is_seen(place: int) -> None:
    pdf = bytearray(sealed(PadesLevel.B_LT).pdf)
    pdf[place] ^= 1
    assert check(bytes(pdf)).holds is not True


def test_what_is_appended_is_not_covered() -> None:
    pdf = sealed(PadesLevel.B_LT).pdf
    for rest in (b"\n", b" ", b"%%EOF\n", pdf[-300:]):
        assert (check(pdf + rest).holds, check(pdf + rest).why) == (False, "coverage")


def test_a_range_that_leaves_out_more_than_the_string_is_refused() -> None:
    """What stands between the ranges is not signed: content could hide there."""
    pdf = sealed(PadesLevel.B_T).pdf
    start, stop = contents_at(pdf)
    old = re.search(rb"/ByteRange \[[^]]*\] *\n", pdf)
    assert old is not None
    for first, second in ((start - 30, stop + 1), (start - 1, stop + 20), (start, stop)):
        rest = len(pdf) - second
        text = b"/ByteRange [0 %d %d %d]" % (first, second, rest)
        changed = text.ljust(old.end() - old.start() - 1) + b"\n"
        assert len(changed) == old.end() - old.start()
        forged = pdf[: old.start()] + changed + pdf[old.end() :]
        assert (check(forged).holds, check(forged).why) == (False, "coverage")


def test_a_range_that_ends_early_is_refused() -> None:
    pdf = sealed(PadesLevel.B_T).pdf
    numbers = re.search(rb"(/ByteRange \[0 \d+ \d+ )(\d+)\] ", pdf)
    assert numbers is not None
    shorter = numbers[1] + str(int(numbers[2]) - 40).encode() + b"] "
    forged = pdf[: numbers.start()] + shorter + pdf[numbers.end() :]
    assert len(forged) == len(pdf)
    assert check(forged).why == "coverage"


def test_white_space_within_the_string_is_refused() -> None:
    """`fromhex` would read the same CMS: the string is ours to the letter."""
    pdf = sealed(PadesLevel.B_T).pdf
    start, stop = contents_at(pdf)
    forged = pdf[:start] + b"  " + pdf[start : stop - 2] + pdf[stop:]
    assert (check(forged).holds, check(forged).why) == (False, "contents")


def test_the_strings_brackets_are_not_covered_and_must_stand_there() -> None:
    """Without one, readers take another string: up to the next bracket, wherever that is."""
    pdf = sealed(PadesLevel.B_T).pdf
    start, stop = contents_at(pdf)
    for place, other in ((stop, b"0"), (stop, b" "), (start - 1, b"("), (start - 1, b" ")):
        forged = pdf[:place] + other + pdf[place + 1 :]
        assert (check(forged).holds, check(forged).why) == (False, "coverage")


def test_what_follows_the_cms_is_zeros() -> None:
    forged = with_cms(sealed(PadesLevel.B_T).pdf, lambda cms: cms[:-1] + b"\1")
    assert (check(forged).holds, check(forged).why) == (False, "malformed")


def test_a_signature_of_zeros_is_none() -> None:
    assert check(with_cms(sealed(PadesLevel.B_T).pdf, lambda cms: bytes(len(cms)))).holds is False


def test_a_signature_by_another_key_is_refused() -> None:
    """The forger names our certificate and signs with his key."""
    other = other_world()
    chain = tuple(one.public_bytes(Encoding.DER) for one in world().chain)
    forged = resealed(forger(world().certificate, other.signer, *chain))
    assert (check(forged).holds, check(forged).why) == (False, "signature")


def test_another_signature_by_the_same_key_over_other_bytes_is_refused() -> None:
    mine, others = sealed(PadesLevel.B_B).pdf, world().seal(PadesLevel.B_B, title="别的").pdf
    start, stop = contents_at(others)
    moved = bytes.fromhex(others[start:stop].decode())
    forged = with_cms(mine, lambda _: moved)
    assert (check(forged).holds, check(forged).why) == (False, "digest")


@pytest.mark.parametrize(
    ("kind", "name"),
    [(ProfileKind.OFFICER, OFFICER.to_name()), (ProfileKind.RECEIPT, SEAL.to_name())],
    ids=["officer", "receipts"],
)
def test_a_certificate_for_something_else_seals_nothing(kind: ProfileKind, name: x509.Name) -> None:
    """It chains to our root as well: a person's, or a body's that signs receipts (RFC 9509)."""
    made = world()
    key = KeyId(f"{kind}-1")
    made.ca.keys.generate(key, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    signer = made.ca.keys.open(key, KeyPurpose.SEAL)
    profile = made.ca.parts.profiles[kind]
    authority = made.hierarchy.authority
    certificate = authority.issue(
        authority.prepare(profile, name, signer.public_key, permit=to_certify(profile))
    )
    chain = tuple(one.public_bytes(Encoding.DER) for one in made.chain)
    forged = resealed(forger(certificate, signer, *chain))
    assert (check(forged).holds, check(forged).why) == (False, "not_a_seal")


def certify(
    issuer: Signer,
    issuer_name: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    ca: bool = False,
    path_length: int | None = None,
    start: datetime | None = None,
) -> bytes:
    now = start or world().ca.clock.now() - timedelta(days=1)
    usage = dict.fromkeys(
        (
            "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
            "encipher_only", "decipher_only", "digital_signature",
        ),
        False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca, path_length), critical=True)
        .add_extension(
            x509.KeyUsage(**usage, content_commitment=not ca, key_cert_sign=ca), critical=True
        )
        .sign(issuer.builder_key(), hashes.SHA384())
        .public_bytes(Encoding.DER)
    )


def own_key(name: str) -> Signer:
    keys, key_id = world().ca.keys, KeyId(name)
    if key_id not in keys.keys:
        keys.generate(key_id, KeyPurpose.SEAL, KeyAlgorithm.ECDSA_P256)
    return keys.open(key_id, KeyPurpose.SEAL)


def test_a_seals_certificate_issues_nothing() -> None:
    """Who holds a seal's key makes no further seals: it is not a CA's."""
    made = world()
    signer = own_key("below-a-seal")
    seal = x509.load_der_x509_certificate(made.certificate)
    key = signer.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    forged = certify(made.signer, seal.subject, seal.subject, key)
    chain = (made.certificate, *(one.public_bytes(Encoding.DER) for one in made.chain))
    pdf = resealed(forger(forged, signer, *chain))
    assert (check(pdf).holds, check(pdf).why) == (False, "untrusted")


def test_a_path_longer_than_the_ca_may_make_is_refused() -> None:
    """The issuing CA has pathLen 0: a CA below it is none."""
    made = world()
    issuing = made.ca.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)
    between, signer = own_key("ca-below"), own_key("seal-below")
    seal = x509.load_der_x509_certificate(made.certificate)
    ca_key, seal_key = between.public_key, signer.public_key
    assert isinstance(ca_key, ec.EllipticCurvePublicKey)
    assert isinstance(seal_key, ec.EllipticCurvePublicKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "below")])
    middle = certify(issuing, seal.issuer, name, ca_key, ca=True)
    leaf = certify(between, name, seal.subject, seal_key)
    chain = (middle, *(one.public_bytes(Encoding.DER) for one in made.chain))
    pdf = resealed(forger(leaf, signer, *chain))
    assert (check(pdf).holds, check(pdf).why) == (False, "untrusted")


@pytest.mark.parametrize("start", [timedelta(days=-60), timedelta(days=5)])
def test_a_certificate_that_was_not_valid_then_is_refused(start: timedelta) -> None:
    made = world()
    issuing = made.ca.keys.open(ISSUING_KEY, KeyPurpose.ISSUING_CA)
    signer = own_key("other-times")
    seal = x509.load_der_x509_certificate(made.certificate)
    key = signer.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    begins = datetime.now(UTC) + start
    leaf = certify(issuing, seal.issuer, seal.subject, key, start=begins)
    chain = tuple(one.public_bytes(Encoding.DER) for one in made.chain)
    pdf = resealed(forger(leaf, signer, *chain))
    assert (check(pdf).holds, check(pdf).why) == (False, "untrusted")


def reordered(cms: bytes) -> bytes:
    """Swap two signed attributes: neither DER nor, for those who sort, another signature."""
    start = cms.index(der.oid("1.2.840.113549.1.9.3")) - 2
    first, rest = first_of(cms[start:])
    second, _ = first_of(rest)
    return cms.replace(first + second, second + first)


def test_attributes_out_of_order_are_malformed() -> None:
    pdf = sealed(PadesLevel.B_B).pdf
    forged = with_cms(pdf, reordered)
    assert forged != pdf
    assert (check(forged).holds, check(forged).why) == (False, "malformed")


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(cms: bytes) -> bytes:
        assert old in cms
        return cms.replace(old, new)

    return change


def token_of(pdf: bytes) -> bytes:
    """Return the SET with the seal's signature timestamp."""
    start, stop = contents_at(pdf)
    cms, kind = bytes.fromhex(pdf[start:stop].decode()), der.oid("1.2.840.113549.1.9.16.2.14")
    return first_of(cms[cms.index(kind) + len(kind) :])[0]


def test_a_timestamp_over_another_signature_proves_no_time() -> None:
    """The seal holds; what its token proves is left to the sandbox."""
    mine = sealed(PadesLevel.B_T).pdf
    own = token_of(mine)
    others = (token_of(world().seal(PadesLevel.B_T, title=str(n)).pdf) for n in range(60))
    # A token's length varies by a few octets, by the luck of an ECDSA value.
    moved = next(one for one in others if len(one) == len(own))
    found = check(with_cms(mine, replaced(own, moved)))
    assert (found.holds, found.complete) == (True, False)
    assert found.signatures[0].best_time is None


def test_a_seal_within_an_archived_file_keeps_its_own_time() -> None:
    pdf = sealed(PadesLevel.B_LTA).pdf
    seal, stamp = check(pdf).signatures
    assert seal.covered_length < stamp.covered_length == len(pdf)
    assert seal.best_time is not None
    assert stamp.best_time is not None
    assert seal.best_time <= stamp.best_time


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_bytes_make_it_raise_or_hold(data: st.DataObject) -> None:
    pdf = bytearray(sealed(PadesLevel.B_LTA).pdf)
    original = bytes(pdf)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(pdf) - 1))
        match data.draw(st.sampled_from(("flip", "cut", "insert", "repeat"))):
            case "flip":
                pdf[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del pdf[place : place + data.draw(st.integers(1, 400))]
            case "insert":
                pdf[place:place] = data.draw(st.binary(min_size=1, max_size=20))
            case _:
                pdf[place:place] = pdf[place : place + 200]
        if not pdf:
            return
    found = check(bytes(pdf))
    if bytes(pdf) != original and found.complete:
        # Hexadecimal digits in the unsigned string's zeros or letters' case are all that may vary.
        assert len(pdf) == len(original)
        assert {
            place for place, (a, b) in enumerate(zip(pdf, original, strict=True)) if a != b
        } <= set(outside(original))


def outside(pdf: bytes) -> list[int]:
    """Return the places that the seal does not cover and a document timestamp's does not either."""
    spans = [(int(a), int(b)) for a, b in re.findall(rb"/ByteRange \[0 (\d+) (\d+) ", pdf)]
    first, second = spans[-1]
    return list(range(first, second))
