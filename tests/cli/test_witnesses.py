"""What others' tools say of the files that the command made: signatures, page, attachment."""

import subprocess
from pathlib import Path

import PIL.Image
import pytest
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.profiles.lint import Linter
from ca.profiles.profiles import ProfileKind
from tests.ca.world import openssl
from tests.cli.conftest import DemoHome
from tests.cli.holders import shop, write_shop
from tests.cli.pdf import embedded_cms, signature_timestamp, signature_value, signed_bytes

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


def tool(*arguments: str | Path) -> str:
    """Run a tool that must not complain; return what it printed."""
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def sealed(shared: DemoHome, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same kind of licence at each level; B-LT is the demo's own."""
    home = DemoHome(tmp_path_factory.mktemp("levels") / "home", shared.report)
    tool("cp", "-r", shared.directory, home.directory)
    made = {"B-LT": shared.path("in_force")}
    for number, level in enumerate(("B-B", "B-T", "B-LTA"), 90):
        data = write_shop(home.directory / "a.json", number)
        made[level] = home.directory / f"{level}.pdf"
        arguments = ("--type", "food-operation", "--data", data, "--out", made[level])
        ran = home.run("licence", "issue", *arguments, "--level", level)
        assert ran.code == 0, ran.err
        answer = home.run("verify", made[level], "--json").json
        assert answer["signatures"][0]["level"] == level
    return made


@pytest.fixture(params=LEVELS)
def document(request: pytest.FixtureRequest, sealed: dict[str, Path]) -> Path:
    """A file of each level in turn."""
    return sealed[request.param]


def test_pdfsig_finds_the_whole_document_signed(document: Path) -> None:
    ran = subprocess.run(
        ["pdfsig", "-nocert", document], capture_output=True, text=True, timeout=60, check=False
    )
    signature = ran.stdout.split("Signature #2")[0]
    assert "Signature Validation: Signature is Valid." in signature, ran.stdout + ran.stderr
    assert "Signature Type: ETSI.CAdES.detached" in signature
    last = ran.stdout.rpartition("Signature #")[2]
    assert "Total document signed" in last


def test_qpdf_finds_nothing_wrong(document: Path) -> None:
    checked = tool("qpdf", "--check", document)
    assert "No syntax or stream encoding errors found" in checked
    assert "PDF Version: 1.7" in checked
    assert "not encrypted" in checked


def test_openssl_verifies_the_signature(document: Path, exported: Path, tmp_path: Path) -> None:
    data, content = document.read_bytes(), tmp_path / "content"
    content.write_bytes(signed_bytes(data))
    (tmp_path / "cms").write_bytes(embedded_cms(data))
    arguments = ("-inform", "DER", "-in", tmp_path / "cms", "-binary", "-content", content)
    trust = ("-CAfile", exported / "root.pem", "-certfile", exported / "issuing-1.pem")
    said = openssl("cms", "-verify", *arguments, *trust, "-out", tmp_path / "out")
    assert "successful" in said
    content.write_bytes(signed_bytes(data)[:-1] + b"?")
    with pytest.raises(AssertionError, match=r"(?i)verification failure"):
        openssl("cms", "-verify", *arguments, *trust, "-out", tmp_path / "out")


@pytest.mark.parametrize("level", LEVELS)
def test_openssl_verifies_the_timestamp(
    sealed: dict[str, Path], exported: Path, tmp_path: Path, level: str
) -> None:
    der = embedded_cms(sealed[level].read_bytes())
    token = signature_timestamp(der)
    assert (token is None) == (level == "B-B")
    if token is None:
        return
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "value").write_bytes(signature_value(der))
    said = openssl(
        "ts", "-verify", "-data", tmp_path / "value", "-token_in", "-in", tmp_path / "token",
        "-CAfile", exported / "root.pem",
    )  # fmt: skip
    assert "Verification: OK" in said


def test_openssl_verifies_the_archive_timestamp(
    sealed: dict[str, Path], exported: Path, tmp_path: Path
) -> None:
    data = sealed["B-LTA"].read_bytes()
    (tmp_path / "token").write_bytes(embedded_cms(data, 1))
    (tmp_path / "data").write_bytes(signed_bytes(data, 1))
    said = openssl(
        "ts", "-verify", "-data", tmp_path / "data", "-token_in", "-in", tmp_path / "token",
        "-CAfile", exported / "root.pem",
    )  # fmt: skip
    assert "Verification: OK" in said


def test_openssl_verifies_the_seals_chain_with_crls(
    exported: Path, seal: x509.Certificate, tmp_path: Path
) -> None:
    leaf, crls = tmp_path / "seal.pem", tmp_path / "crls.pem"
    leaf.write_bytes(seal.public_bytes(Encoding.PEM))
    lists = [x509.load_der_x509_crl(path.read_bytes()) for path in exported.glob("*.crl")]
    assert len(lists) == 2
    crls.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in lists))
    arguments = ("-CAfile", exported / "root.pem", "-untrusted", exported / "issuing-1.pem")
    checks = ("-crl_check_all", "-x509_strict", "-purpose", "any", "-CRLfile", crls)
    assert "OK" in openssl("verify", *checks, *arguments, leaf)


def test_pkilint_passes_certificates_and_crls(exported: Path, seal: x509.Certificate) -> None:
    linter = Linter(demo=True)
    for name, kind in (("root", ProfileKind.ROOT), ("issuing-1", ProfileKind.ISSUING)):
        certificate = x509.load_pem_x509_certificate((exported / f"{name}.pem").read_bytes())
        linter.check_certificate(kind, certificate.public_bytes(Encoding.DER))
        linter.check_crl((exported / f"{name}.crl").read_bytes())
    linter.check_certificate(ProfileKind.SEAL, seal.public_bytes(Encoding.DER))


def test_the_qr_on_the_page_is_the_licences_link(shared: DemoHome, tmp_path: Path) -> None:
    document = shared.document("in_force")
    tool("pdftoppm", "-r", "150", "-png", "-singlefile", document["path"], tmp_path / "page")
    with PIL.Image.open(tmp_path / "page.png") as image:
        codes = [code.text for code in zxingcpp.read_barcodes(image)]
    link = shared.run("licence", "show", document["identifier"], "--json").json["link"]
    assert codes == [link]
    assert shared.run("verify", codes[0]).code == 16


def test_every_font_is_embedded_and_a_subset(document: Path) -> None:
    _, _, *fonts = tool("pdffonts", document).splitlines()
    assert fonts
    for font in fonts:
        embedded, subset, unicode = font.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes"), font


def test_the_page_holds_what_was_granted(sealed: dict[str, Path]) -> None:
    text = "".join(tool("pdftotext", "-raw", sealed["B-LTA"], "-").split())
    granted = shop(92)
    for field in ("operator", "representative", "premises", "hotline"):
        assert granted[field] in text, field
    assert "样例" in text
    assert "食品经营许可证" in text


def test_the_number_is_on_the_page(shared: DemoHome) -> None:
    text = tool("pdftotext", shared.path("in_force"), "-")
    assert shared.document("in_force")["number"] in text


def test_the_metadata_are_attached(document: Path) -> None:
    listed = tool("pdfdetach", "-list", document)
    assert listed.startswith("1 embedded file")


def test_the_attachment_speaks_of_this_licence(shared: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "metadata"
    tool("pdfdetach", "-save", "1", "-o", out, shared.path("in_force"))
    content = out.read_text("utf-8")
    document = shared.document("in_force")
    assert document["identifier"] in content
    assert document["number"] in content
    for key in ("ZZMC", "ZZBH", "ZZBS", "ZZBFJG", "CZZT"):
        assert key in content


def test_properties_name_the_identifier_and_no_holder(shared: DemoHome) -> None:
    told = tool("pdfinfo", shared.path("in_force"))
    assert shared.document("in_force")["identifier"] in told
    assert "便民食品店" not in told
