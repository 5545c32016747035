"""A home below a government's CA, which OpenSSL plays: request out, chain in, licences verify."""

from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from signing.levels import PadesLevel
from tests.ca.world import openssl, pem
from tests.cli.conftest import INIT, DemoHome
from tests.cli.holders import write_shop
from tests.cli.pdf import embedded_cms, is_leaf, signed_bytes
from tests.dss_witness import Dss, check_levels
from tests.outside_ca import OutsideCa, outside_ca

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def government(tmp_path: Path) -> Iterator[OutsideCa]:
    folder = tmp_path / "government"
    folder.mkdir()
    with outside_ca(folder) as made:
        yield made


@pytest.fixture
def keys(passphrases: tuple[Path, Path]) -> tuple[str | Path, ...]:
    return ("--passphrase-file", passphrases[0])


@pytest.fixture
def home(tmp_path: Path, keys: tuple[str | Path, ...]) -> DemoHome:
    """A home that waits for a certificate."""
    made = DemoHome(tmp_path / "home", {})
    ran = made.run(*INIT, "--offline-root", tmp_path / "request", *keys)
    assert ran.code == 0, ran.err
    return made


def _below(home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...]) -> Path:
    """Have the government certify the home's CA and take the chain in."""
    csr = home.directory.parent / "request" / "request.csr"
    issued = government.sign(csr, "gov", "issuing-1")
    government.publish("gov")  # no judge takes a list from before the certificate
    chain = government.chain("issuing-1", "gov", "root")
    pinned = ("--root-sha256", government.root_sha256)
    ran = home.run("ca", "import", "--chain", chain, *pinned, *keys)
    assert ran.code == 0, ran.err
    assert "issuing-1 is in use" in ran.err
    return issued


def _issue(home: DemoHome, keys: tuple[str | Path, ...], tmp_path: Path) -> Path:
    out = tmp_path / "a.pdf"
    body = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")
    for command in (
        ("authority", "add", "market", *body, "--level", "city_or_county"),
        ("seal", "add", "food", "--authority", "market", *keys),
        ("type", "add", EXAMPLES / "types" / "food-operation.toml", "--seal", "food"),
        ("licence", "issue", "--type", "food-operation", "--out", out, *keys,
         "--data", write_shop(tmp_path / "a.json", 1)),
    ):  # fmt: skip
        ran = home.run(*command)
        assert ran.code == 0, ran.err
    return out


def test_a_licence_below_a_government_s_ca_verifies_with_its_root_alone(
    home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...], tmp_path: Path
) -> None:
    issued = _below(home, government, keys)
    ill = [one for one in home.run("doctor", "--json").records if one["level"] == "fail"]
    assert not {one["check"] for one in ill} & {"certificates", "crls", "services"}, ill
    pdf = _issue(home, keys, tmp_path)
    answer = home.run("verify", pdf, "--json")
    assert answer.code == 0, answer.out
    assert answer.json["signatures"][0]["level"] == "B-LT"
    assert answer.json["signatures"][0]["indication"] == "TOTAL-PASSED"
    data, content, cms = pdf.read_bytes(), tmp_path / "content", tmp_path / "cms"
    content.write_bytes(signed_bytes(data))
    cms.write_bytes(embedded_cms(data))
    exported = tmp_path / "exported"
    assert home.run("ca", "export", exported).code == 0
    crls = tmp_path / "crls.pem"
    lists = [
        (exported / "issuing-1.crl"),
        *(government.folder / f"{n}.crl" for n in ("gov", "root")),
    ]
    crls.write_bytes(
        b"".join(
            x509.load_der_x509_crl(path.read_bytes()).public_bytes(Encoding.PEM) for path in lists
        )
    )
    between = tmp_path / "between.pem"
    between.write_bytes(issued.read_bytes() + (government.folder / "gov.pem").read_bytes())
    anchor = government.folder / "root.pem"
    said = openssl(
        "cms", "-verify", "-inform", "DER", "-in", cms, "-binary", "-content", content,
        "-CAfile", anchor, "-certfile", between, "-out", tmp_path / "out",
    )  # fmt: skip
    assert "successful" in said
    found = pkcs7.load_der_pkcs7_certificates(embedded_cms(data))
    leaf = pem(tmp_path / "seal", next(one for one in found if is_leaf(one)))
    told = openssl(
        "verify", "-x509_strict", "-crl_check_all", "-CRLfile", crls, "-purpose", "any",
        "-CAfile", anchor, "-untrusted", between, leaf,
    )  # fmt: skip
    assert "OK" in told
    with pikepdf.open(pdf) as opened:
        embedded = [bytes(one.read_bytes()) for one in opened.Root.DSS.CRLs]
    issuers = {x509.load_der_x509_crl(one).issuer for one in embedded}
    assert {government.certificate(name).subject for name in ("gov", "root")} <= issuers


def test_an_outside_judge_passes_every_level_under_the_government_s_root(
    home: DemoHome,
    government: OutsideCa,
    keys: tuple[str | Path, ...],
    tmp_path: Path,
    dss: Dss,
) -> None:
    _below(home, government, keys)
    sealed = {PadesLevel.B_LT: _issue(home, keys, tmp_path)}
    for number, level in enumerate(PadesLevel, 2):
        out = sealed.setdefault(level, tmp_path / f"{level}.pdf")
        if not out.exists():
            ran = home.run(
                "licence", "issue", "--type", "food-operation", "--level", level, *keys,
                "--out", out, "--data", write_shop(tmp_path / "b.json", number),
            )  # fmt: skip
            assert ran.code == 0, ran.err
    check_levels(dss, sealed, government.certificate("root"), tmp_path / "trust")


def test_when_the_government_revokes_our_ca_nothing_more_is_sealed(
    home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...], tmp_path: Path
) -> None:
    issued = _below(home, government, keys)
    pdf = _issue(home, keys, tmp_path)
    government.revoke(issued, "gov")
    fetched = home.run("ca", "fetch-crls", "--force")
    assert (fetched.code, len(fetched.out.split())) == (0, 1), fetched.err
    again = home.run(
        "licence", "issue", "--type", "food-operation", *keys, "--out", tmp_path / "b.pdf",
        "--data", write_shop(tmp_path / "b.json", 2),
    )  # fmt: skip
    assert again.code == 2
    assert "revoked" in again.err
    assert home.run("verify", pdf).code == 0  # sealed and stamped before


def test_crls_that_are_old_or_of_others_are_refused(
    home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...]
) -> None:
    _below(home, government, keys)
    first = government.folder / "first.crl"
    first.write_bytes((government.folder / "gov.crl").read_bytes())
    government.publish("gov")
    assert home.run("ca", "import", "--crl", government.folder / "gov.crl").code == 0
    assert home.run("ca", "import", "--crl", first).code == 3
    government.make("stranger", None)
    assert home.run("ca", "import", "--crl", government.folder / "stranger.crl").code == 3


@pytest.mark.parametrize("answer", [b"<html>moved</html>", b"a stranger's"])
def test_a_bad_crl_at_the_crl_s_address_leaves_nothing_half_taken_in(
    answer: bytes, home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...]
) -> None:
    csr = home.directory.parent / "request" / "request.csr"
    government.sign(csr, "gov", "issuing-1")
    chain = government.chain("issuing-1", "gov", "root")
    pinned = ("--root-sha256", government.root_sha256)
    if answer == b"a stranger's":
        government.make("stranger", None)
        answer = (government.folder / "stranger.crl").read_bytes()
    (government.folder / "gov.crl").write_bytes(answer)
    ran = home.run("ca", "import", "--chain", chain, *pinned, *keys)
    assert ran.code == 3, ran.err
    assert home.run("ca", "list", "--json").records == []
    government.publish("gov")
    der = government.folder / "gov.crl"
    openssl("crl", "-inform", "DER", "-in", der, "-out", der)  # PEM, as some publish it
    ran = home.run("ca", "import", "--chain", chain, *pinned, *keys)
    assert ran.code == 0, ran.err
    assert "issuing-1 is in use" in ran.err


@pytest.mark.parametrize("algorithm", ["SHA-1", "SM2"])
def test_algorithms_that_are_not_accepted_are_named_as_such(
    algorithm: str, home: DemoHome, keys: tuple[str | Path, ...], tmp_path: Path
) -> None:
    key, root, issued = tmp_path / "key", tmp_path / "root.pem", tmp_path / "issued.pem"
    curve, digest = {"SHA-1": ("P-256", "-sha1"), "SM2": ("SM2", "-sm3")}[algorithm]
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, digest, "-subj", "/CN=root", "-out", root)
    request = home.directory.parent / "request" / "request.csr"
    by = ("-CA", root, "-CAkey", key, "-set_serial", "7")
    openssl("x509", "-req", "-in", request, *by, digest, "-out", issued)
    chain = tmp_path / "chain.pem"
    chain.write_bytes(issued.read_bytes() + root.read_bytes())
    anchor = openssl("x509", "-in", root, "-noout", "-fingerprint", "-sha256").split("=")[1]
    pinned = ("--root-sha256", anchor.strip().replace(":", "").lower())
    ran = home.run("ca", "import", "--chain", chain, *pinned, *keys)
    assert ran.code == 3, ran.err
    assert "key or signature algorithm that is not accepted" in ran.err


@pytest.mark.parametrize(
    "flaw", ["another root", "missing link", "no CA", "path length", "another key", "no usage"]
)
def test_a_chain_that_does_not_suit_is_refused(
    flaw: str, home: DemoHome, government: OutsideCa, keys: tuple[str | Path, ...], tmp_path: Path
) -> None:
    csr = home.directory.parent / "request" / "request.csr"
    names, pinned, by = ["issuing-1", "gov", "root"], government.root_sha256, "gov"
    more = ""
    if flaw == "another root":
        pinned = "0" * 64
    elif flaw == "missing link":
        names.remove("gov")
    elif flaw == "no CA":
        more = "[leaf]\nkeyUsage = critical,digitalSignature\nsubjectKeyIdentifier = hash\n"
    elif flaw == "no usage":
        more = (
            "[leaf]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,digitalSignature\n"
            "subjectKeyIdentifier = hash\n"
        )
    elif flaw == "path length":
        government.sign(government.folder / "gov.csr", "root", "gov", pathlen=0)
    elif flaw == "another key":
        csr = government.folder / "gov.csr"
    section = "leaf" if more else "ca_below"
    government.sign(csr, by, "issuing-1", section=section, more=more)
    options = ("--chain", government.chain(*names), "--root-sha256", pinned, *keys)
    ran = home.run("ca", "import", *options)
    assert ran.code == 3, ran.err
    assert home.run("ca", "list", "--json").records == []
