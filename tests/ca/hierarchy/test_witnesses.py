"""What OpenSSL and GnuTLS say of all that we make, with software keys and with keys on a token."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.ledger import RevocationReason
from ca.profiles.profiles import ProfileKind
from ca.timestamps.tsa import TimestampUnit
from core.ids import IssuerId
from tests.ca.world import SECOND_ROOT, World, certtool, ocsptool, openssl, pem
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA
from tests.softhsm import SoftHsm

LEAVES = (
    ProfileKind.SEAL, ProfileKind.OFFICER, ProfileKind.OFFICER_SHORT, ProfileKind.RECEIPT,
)  # fmt: skip
PURPOSES = {ProfileKind.TSA: "timestampsign", ProfileKind.OCSP_RESPONDER: "ocsphelper"}


@pytest.fixture(params=["software", "token"], scope="module")
def new_world(request: pytest.FixtureRequest) -> Callable[[], World]:
    """Return what makes worlds: with keys in memory, or each on a token of its own."""
    if request.param == "software":
        return World
    softhsm: SoftHsm = request.getfixturevalue("softhsm")
    return lambda: World(keys=softhsm.token().store())


@pytest.fixture(scope="module")
def world(new_world: Callable[[], World]) -> World:
    return new_world()


@pytest.fixture(scope="module")
def hierarchy(world: World) -> Hierarchy:
    return world.found()


def _crls(path: Path, world: World) -> Path:
    issuers = (ROOT, FIRST_ISSUING, SECOND_ROOT)
    path.write_bytes(b"".join(_pem_crl(world, issuer) for issuer in issuers))
    return path


def _pem_crl(world: World, issuer: IssuerId) -> bytes:
    crl = world.ledger.latest_crl(issuer)
    if crl is None:
        return b""
    return x509.load_der_x509_crl(crl).public_bytes(serialization.Encoding.PEM)


def test_openssl_verifies_every_certificate_with_crls(
    tmp_path: Path, new_world: Callable[[], World]
) -> None:
    world = new_world()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    options = ("-x509_strict", "-crl_check_all", "-CRLfile", _crls(tmp_path / "crls", world))
    root, issuing = pem(tmp_path / "root", hierarchy.root), pem(tmp_path / "ca", hierarchy.issuing)
    for certificate, purpose in (
        (seal, "any"),
        (seal, "smimesign"),
        (hierarchy.ocsp, "any"),
        (hierarchy.tsa, "timestampsign"),
    ):
        leaf = pem(tmp_path / "leaf", certificate)
        trust = ("-CAfile", root, "-untrusted", issuing, "-purpose", purpose)
        assert "OK" in openssl("verify", *options, *trust, leaf)


@pytest.fixture(scope="module")
def made(world: World, hierarchy: Hierarchy) -> dict[ProfileKind, x509.Certificate]:
    """Return a certificate of every kind; the cross-certificate is the first root's, by another."""
    world.second_root()
    cross = world.steps.cross_certify(ROOT, SECOND_ROOT, permit=MANAGE_CA)
    world.steps.first_crls(SECOND_ROOT)
    return {
        ProfileKind.ROOT: hierarchy.root,
        ProfileKind.ISSUING: hierarchy.issuing,
        ProfileKind.OCSP_RESPONDER: hierarchy.ocsp,
        ProfileKind.TSA: hierarchy.tsa,
        ProfileKind.CROSS: x509.load_der_x509_certificate(cross),
        **{kind: world.certify(hierarchy, kind) for kind in LEAVES},
    }


@pytest.fixture
def trust(
    kind: ProfileKind, world: World, hierarchy: Hierarchy, tmp_path: Path
) -> tuple[Path, Path]:
    """Write the root that a certificate of this kind ends at, and all CRLs."""
    root = world.steps.get(SECOND_ROOT).x509 if kind is ProfileKind.CROSS else hierarchy.root
    return pem(tmp_path / "root", root), _crls(tmp_path / "crls", world)


@pytest.mark.parametrize("kind", ProfileKind)
def test_openssl_verifies_each_kind(
    kind: ProfileKind, made: dict[ProfileKind, x509.Certificate], hierarchy: Hierarchy,
    trust: tuple[Path, Path], tmp_path: Path,
) -> None:  # fmt: skip
    root, crls = trust
    # OpenSSL 3.0 does not know noRevAvail (RFC 9608) and would look for a CRL.
    checked = () if kind is ProfileKind.OFFICER_SHORT else ("-crl_check_all", "-CRLfile", crls)
    told = openssl(
        "verify", "-x509_strict", *checked, "-purpose", PURPOSES.get(kind, "any"),
        "-CAfile", root, "-untrusted", pem(tmp_path / "between", hierarchy.issuing),
        pem(tmp_path / "one", made[kind]),
    )  # fmt: skip
    assert told.endswith("one: OK\n")


@pytest.mark.parametrize("kind", ProfileKind)
def test_certtool_verifies_each_kind(
    kind: ProfileKind, made: dict[ProfileKind, x509.Certificate], hierarchy: Hierarchy,
    trust: tuple[Path, Path], tmp_path: Path,
) -> None:  # fmt: skip
    root, crls = trust
    between = [hierarchy.issuing] if kind in {*LEAVES, *PURPOSES} else []
    chain = pem(tmp_path / "chain", made[kind], *between)
    told = certtool(
        "--verify", "--load-ca-certificate", root, "--load-crl", crls, "--infile", chain
    )
    assert "Chain verification output: Verified. The certificate is trusted." in told


@pytest.mark.parametrize("issuer", [ROOT, FIRST_ISSUING, SECOND_ROOT])
@pytest.mark.usefixtures("made")
def test_certtool_verifies_each_crl(issuer: IssuerId, world: World, tmp_path: Path) -> None:
    crl, by = tmp_path / "crl", pem(tmp_path / "by", world.steps.get(issuer).x509)
    crl.write_bytes(_pem_crl(world, issuer))
    told = certtool("--verify-crl", "--load-ca-certificate", by, "--infile", crl)
    assert "Verification output: Verified. The certificate is trusted." in told


@pytest.mark.parametrize("kind", ProfileKind)
def test_ocsptool_verifies_what_is_said_of_each_kind(
    kind: ProfileKind, made: dict[ProfileKind, x509.Certificate], hierarchy: Hierarchy,
    tmp_path: Path,
) -> None:  # fmt: skip
    if kind in {ProfileKind.ROOT, ProfileKind.ISSUING, ProfileKind.CROSS}:
        return  # a root's CRL speaks of CAs
    request, answer = tmp_path / "request", tmp_path / "answer"
    issuer, one = pem(tmp_path / "issuer", hierarchy.issuing), pem(tmp_path / "one", made[kind])
    of = ("--load-issuer", issuer, "--load-cert", one)
    ocsptool("--generate-request", "--no-nonce", *of, "--outfile", request)
    answer.write_bytes(hierarchy.ocsp_service.respond(request.read_bytes()).der)
    told = ocsptool("--verify-response", "--load-response", answer, "--load-trust", issuer)
    assert "Verifying OCSP Response: Success." in told
    assert "Certificate Status: good" in ocsptool("--response-info", "--load-response", answer)


def test_openssl_sees_a_revoked_seal_as_revoked(
    tmp_path: Path, new_world: Callable[[], World]
) -> None:
    world = new_world()
    hierarchy = world.found()
    seal = world.seal(hierarchy)
    world.ledger.revoke(
        FIRST_ISSUING,
        seal.serial_number,
        RevocationReason.KEY_COMPROMISE,
        world.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    hierarchy.crls.publish()
    with pytest.raises(AssertionError, match="certificate revoked"):
        openssl(
            "verify", "-crl_check_all", "-CRLfile", _crls(tmp_path / "crls", world),
            "-CAfile", pem(tmp_path / "root", hierarchy.root),
            "-untrusted", pem(tmp_path / "ca", hierarchy.issuing), pem(tmp_path / "s", seal),
        )  # fmt: skip
    text = openssl("crl", "-text", "-noout", "-in", _last_crl(tmp_path, world))
    assert "Key Compromise" in text
    assert "X509v3 Issuing Distribution Point: critical" in text


def _last_crl(tmp_path: Path, world: World) -> Path:
    path = tmp_path / "last.crl"
    path.write_bytes(world.ledger.latest_crl(FIRST_ISSUING) or b"")
    return path


@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("wanted", [["-cert"], []])
def test_openssl_verifies_a_timestamp(
    hash_name: str, wanted: list[str], tmp_path: Path, hierarchy: Hierarchy
) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "query", tmp_path / "reply"
    data.write_bytes(os.urandom(100))
    openssl("ts", "-query", "-data", data, f"-{hash_name}", "-out", query, *wanted)
    reply.write_bytes(hierarchy.timestamps.respond(query.read_bytes()))
    known: list[str | Path] = [
        "-untrusted",
        pem(tmp_path / "known", hierarchy.tsa, hierarchy.issuing),
    ]
    output = openssl(
        "ts", "-verify", "-queryfile", query, "-in", reply,
        "-CAfile", pem(tmp_path / "root", hierarchy.root), *([] if wanted else known),
    )  # fmt: skip
    assert "Verification: OK" in output


def test_openssl_verifies_a_token_made_in_process(tmp_path: Path, hierarchy: Hierarchy) -> None:
    data, token = tmp_path / "data", tmp_path / "token"
    data.write_bytes(b"a licence")
    unit: TimestampUnit = hierarchy.timestamps
    token.write_bytes(unit.token(hashlib.sha256(b"a licence").digest(), "sha256", 7))
    root = pem(tmp_path / "root", hierarchy.root)
    arguments = ("ts", "-verify", "-data", data, "-token_in", "-in", token, "-CAfile", root)
    assert "Verification: OK" in openssl(*arguments)
    assert "Accuracy: 0x01 seconds" in openssl(
        "ts", "-reply", "-token_in", "-in", token, "-token_out", "-text"
    )
    data.write_bytes(b"another licence")
    with pytest.raises(AssertionError, match="message imprint mismatch"):
        openssl(*arguments)


def test_openssl_verifies_an_ocsp_answer(
    tmp_path: Path, world: World, hierarchy: Hierarchy
) -> None:
    seal = world.seal(hierarchy)
    request, answer = tmp_path / "request", tmp_path / "answer"
    issuer = pem(tmp_path / "issuer", hierarchy.issuing)
    asked = ("-no_nonce", "-issuer", issuer, "-cert", pem(tmp_path / "seal", seal))
    openssl("ocsp", *asked, "-reqout", request)
    answer.write_bytes(hierarchy.ocsp_service.respond(request.read_bytes()).der)
    output = openssl(
        "ocsp", *asked, "-respin", answer, "-verify_other", issuer,
        "-CAfile", pem(tmp_path / "root", hierarchy.root),
    )  # fmt: skip
    assert "Response verify OK" in output
    assert "seal: good" in output


def test_openssl_parses_everything_as_asn1(
    tmp_path: Path, world: World, hierarchy: Hierarchy
) -> None:
    path = tmp_path / "der"
    for data in (
        hierarchy.timestamps.token(bytes(32), "sha256", 2**63),
        hierarchy.timestamps.respond(b"nonsense"),
        hierarchy.responder.response_for(hierarchy.tsa.serial_number),
        hierarchy.ocsp_service.respond(b"nonsense").der,
        world.ledger.latest_crl(ROOT) or b"",
        hierarchy.tsa.public_bytes(serialization.Encoding.DER),
    ):
        path.write_bytes(data)
        assert "d=0" in openssl("asn1parse", "-inform", "DER", "-in", path)
