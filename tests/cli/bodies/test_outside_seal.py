"""A seal of a government's CA, with its OCSP, CRL and TSA instead of ours: OpenSSL's, all of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.x509 import ocsp

from signing.levels import PadesLevel
from tests.ca.world import openssl
from tests.cli.commands import Ran
from tests.cli.conftest import DemoHome
from tests.cli.holders import write_shop
from tests.cli.pdf import embedded_cms, signature_timestamp, signature_value, signed_bytes
from tests.dss_witness import Dss, check_levels
from tests.outside_ca import OutsideCa, outside_ca
from tests.outside_services import POLICY, OcspResponder, time_stamping

EXAMPLES = Path(__file__).parents[3] / "examples"
BODY = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")


@dataclass(frozen=True, slots=True)
class Outside:
    """A government's CA with its services, and a home of ours beside it."""

    home: DemoHome
    government: OutsideCa
    responder: OcspResponder
    tsa: str
    keys: tuple[str | Path, ...]
    folder: Path

    def request(self) -> Path:
        """Ask for a seal's certificate."""
        out = self.folder / "seal.csr"
        out.unlink(missing_ok=True)
        ran = self.home.run(
            "seal", "request", "food", "--authority", "market", "--out", out, *self.keys
        )
        assert ran.code == 0, ran.err
        return out

    def certify(self, csr: Path, name: str = "seal") -> Path:
        """Have the government certify it."""
        url = self.government.url
        extensions = (
            "[leaf]\nkeyUsage = critical,nonRepudiation\nsubjectKeyIdentifier = hash\n"
            "authorityKeyIdentifier = keyid\ncertificatePolicies = 1.3.6.1.4.1.32473.7.2\n"
            f"authorityInfoAccess = OCSP;URI:http://127.0.0.1:{self.responder.port}/,"
            f"caIssuers;URI:{url}/gov.cer\ncrlDistributionPoints = URI:{url}/gov.crl\n"
        )
        made = self.government.sign(csr, "gov", name, section="leaf", more=extensions)
        self.government.publish("gov")  # as above: a list from after it
        self.responder.restart()
        return made

    def take_in(self, certificate: Path, *options: str | Path) -> Ran:
        """Take it in, with the government's TSA."""
        chain, folder = self.government.chain("gov", "root"), self.government.folder
        tsa_chain = self.folder / "tsa-chain.pem"
        tsa_chain.write_bytes(
            b"".join((folder / f"{n}.pem").read_bytes() for n in ("tsa", "gov", "root"))
        )
        return self.home.run(
            "seal", "import", "food", "--authority", "market", "--certificate", certificate,
            "--chain", chain, "--root-sha256", self.government.root_sha256,
            "--tsa-url", self.tsa, "--tsa-chain", tsa_chain, "--tsa-policy", POLICY,
            *options, *self.keys,
        )  # fmt: skip

    def issue(self, number: int, *options: str) -> tuple[Ran, Path]:
        """Issue a licence under the seal."""
        out = self.folder / f"{number}.pdf"
        data = write_shop(self.folder / "a.json", number)
        arguments = ("--type", "food-operation", "--data", data, "--out", out)
        return self.home.run("licence", "issue", *arguments, *options, *self.keys), out


@pytest.fixture
def outside(bare: DemoHome, passphrases: tuple[Path, Path], tmp_path: Path) -> Iterator[Outside]:
    home = DemoHome(tmp_path / "home", {})
    shutil.copytree(bare.directory, home.directory)
    assert home.run("authority", "add", "market", *BODY, "--level", "city_or_county").code == 0
    folder = tmp_path / "government"
    folder.mkdir()
    with outside_ca(folder) as government, time_stamping(government) as tsa:
        responder = OcspResponder(government)
        keys = ("--passphrase-file", passphrases[0])
        yield Outside(home, government, responder, tsa, keys, tmp_path)
        responder.stop()


def _set_up(outside: Outside) -> Path:
    certificate = outside.certify(outside.request())
    ran = outside.take_in(certificate)
    assert ran.code == 0, ran.err
    types = EXAMPLES / "types" / "food-operation.toml"
    ran = outside.home.run("type", "add", types, "--seal", "food")
    assert ran.code == 0, ran.err
    return certificate


def test_a_licence_carries_the_government_s_answers_and_timestamp(outside: Outside) -> None:
    certificate = _set_up(outside)
    ran, pdf = outside.issue(1)
    assert ran.code == 0, ran.err
    answer = outside.home.run("verify", pdf, "--json")
    assert answer.code == 0, answer.out
    signature = answer.json["signatures"][0]
    assert (signature["level"], signature["indication"]) == ("B-LT", "TOTAL-PASSED")
    folder, data = outside.government.folder, pdf.read_bytes()
    der = embedded_cms(data)
    token = signature_timestamp(der)
    assert token is not None
    info = tsp.TSTInfo.load(
        cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].contents
    )
    assert info["policy"].dotted == POLICY
    for name, content in (("token", token), ("value", signature_value(der)), ("cms", der),
                          ("content", signed_bytes(data))):  # fmt: skip
        (outside.folder / name).write_bytes(content)
    said = openssl(
        "ts", "-verify", "-data", outside.folder / "value", "-token_in",
        "-in", outside.folder / "token", "-CAfile", folder / "root.pem",
        "-untrusted", folder / "gov.pem",
    )  # fmt: skip
    assert "Verification: OK" in said
    said = openssl(
        "cms", "-verify", "-inform", "DER", "-in", outside.folder / "cms", "-binary",
        "-content", outside.folder / "content", "-CAfile", folder / "root.pem",
        "-certfile", folder / "gov.pem", "-out", outside.folder / "out",
    )  # fmt: skip
    assert "successful" in said
    with pikepdf.open(pdf) as opened:
        answers = [
            ocsp.load_der_ocsp_response(bytes(o.read_bytes())) for o in opened.Root.DSS.OCSPs
        ]
        crls = [x509.load_der_x509_crl(bytes(c.read_bytes())) for c in opened.Root.DSS.CRLs]
    seal = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert [one.serial_number for one in answers] == [seal.serial_number]
    assert {one.issuer for one in crls} == {
        outside.government.certificate(name).subject for name in ("gov", "root")
    }


def test_an_outside_judge_passes_every_level_under_the_government_s_root(
    outside: Outside, dss: Dss
) -> None:
    _set_up(outside)
    sealed = {}
    for number, level in enumerate(PadesLevel, 1):
        ran, sealed[level] = outside.issue(number, "--level", level)
        assert ran.code == 0, ran.err
    check_levels(dss, sealed, outside.government.certificate("root"), outside.folder / "trust")


def test_its_certificate_is_not_ours_to_revoke(outside: Outside) -> None:
    _set_up(outside)
    since = ("--since", "2026-01-01T00:00", "--dry-run")
    for command in (
        ("ca", "revoke", "food", "--reason", "superseded", "--basis", "x"),
        ("seal", "suspend", "food", "--basis", "x"),
        ("seal", "compromised", "food", *since),
    ):
        ran = outside.home.run(*command, *outside.keys)
        assert (ran.code, ran.out) == (2, "")
        assert "from a CA outside" in ran.err


def test_when_it_is_revoked_nothing_is_sealed(outside: Outside) -> None:
    certificate = _set_up(outside)
    outside.government.revoke(certificate, "gov")
    outside.responder.restart()
    ran, pdf = outside.issue(1)
    assert ran.code == 2, ran.err
    assert "revoked" in ran.err
    assert not pdf.exists()


def test_without_the_government_s_services_nothing_is_sealed(outside: Outside) -> None:
    _set_up(outside)
    elsewhere = Outside(
        outside.home, outside.government, outside.responder, "http://127.0.0.1:9/", outside.keys,
        outside.folder,
    )  # fmt: skip
    certificate = elsewhere.certify(elsewhere.request(), "seal-2")
    assert elsewhere.take_in(certificate).code == 0  # the seal's next certificate
    ran, pdf = elsewhere.issue(2)
    assert ran.code == 5, ran.err
    assert not pdf.exists()


def test_what_does_not_suit_is_refused(outside: Outside) -> None:
    csr = outside.request()
    certificate = outside.certify(csr)
    another = ("--root-sha256", "0" * 64)
    assert outside.take_in(certificate, *another).code == 3
    key, other = outside.folder / "other.key", outside.folder / "other.csr"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    subject = "/C=CN/O=青岚市市场监督管理局/CN=x"
    openssl("req", "-new", "-utf8", "-key", key, "-subj", subject, "-out", other)
    ran = outside.take_in(outside.certify(other, "other"))
    assert ran.code == 3
    assert "key" in ran.err
    openssl("req", "-new", "-utf8", "-key", key, "-subj", "/C=CN/O=别的机关/CN=x", "-out", other)
    ran = outside.take_in(outside.certify(other, "another"))
    assert ran.code == 3
    assert "is not" in ran.err
    assert outside.home.run("seal", "list", "--json").records == []
