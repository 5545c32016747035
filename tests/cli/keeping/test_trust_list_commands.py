"""`xinyin trust …` on a demo home: a list is prepared, signed, exported, and used."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from tests.cli.commands import Ran
from tests.cli.conftest import DemoHome
from tests.signing.material import CA_USAGE, NOW, How, Pki, blank, make, make_pki, name, sign
from tests.signing.trust.etsi_lists import OPERATOR, QTST, Service, content, signed_etsi_list

NAMES = ("--name-zh", "邻省电子政务根证书", "--name-en", "Root of the next province")


@pytest.fixture(scope="module")
def foreign() -> Pki:
    """A neighbour's PKI, whose certificates are valid on this machine's today."""
    return make_pki()


@pytest.fixture
def root(foreign: Pki, tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(foreign.root.certificate.public_bytes(Encoding.PEM))
    return path


def add(home: DemoHome, certificate: Path, *more: str, kind: str = "government") -> Ran:
    return home.run("trust", "add", certificate, *NAMES, "--kind", kind, *more)


def publish(home: DemoHome, *more: str) -> Ran:
    return home.run("trust", "sign", "--basis", "互认协议 7 号", *more)


def test_a_home_begins_without_a_list(own: DemoHome) -> None:
    shown = own.run("trust", "show", "--json")
    assert (shown.code, shown.json["state"]) == (0, "absent")
    assert "only our own roots" in shown.err
    assert own.run("trust", "list", "--json").out == ""
    assert own.run("trust", "export", "--out", own.directory / "out").code == 2
    assert own.run("trust", "discard").code == 0


def test_a_listed_ca_s_signatures_are_judged_to_the_end(
    own: DemoHome, root: Path, foreign: Pki, tmp_path: Path
) -> None:
    pdf = tmp_path / "foreign.pdf"
    pdf.write_bytes(sign(blank(), foreign, How("B-LT")))

    def judged() -> tuple[int, str, str | None]:
        ran = own.run("verify", pdf, "--json")
        (one,) = ran.json["signatures"]
        return ran.code, one["indication"], one["sub_indication"]

    assert judged() == (12, "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
    added = add(own, root)
    assert added.code == 0
    assert judged()[1] == "INDETERMINATE", "a draft counts for nothing"
    signed = publish(own, "--json")
    assert (signed.code, signed.json["version"], signed.json["entries"]) == (0, 1, 1)
    assert judged() == (12, "TOTAL-PASSED", None)
    shown = own.run("trust", "show", "--json")
    assert (shown.code, shown.json["state"], shown.json["version"]) == (0, "in_force", 1)
    assert '"trust_list.signed"' in own.run("audit", "list", "--json").out
    keys = own.run("key", "list", "--json").records
    assert [one["domain"] for one in keys if one["key"] == "trust-list-1"] == ["ca"]


def test_draft_and_list_are_told_apart(own: DemoHome, root: Path, foreign: Pki) -> None:
    def states() -> dict[str, str]:
        return {one["sha256"]: one["state"] for one in own.run("trust", "list", "--json").records}

    digest = foreign.root.asn1.sha256.hex()
    add(own, root)
    assert states() == {digest: "added"}
    publish(own)
    assert states() == {digest: "listed"}
    assert own.run("trust", "remove", digest[:12].upper()).code == 0
    ran = own.run("trust", "list")
    assert states() == {digest: "removed"}
    assert "removes 1" in ran.err
    assert own.run("trust", "show", digest[:12]).code == 2, "the next version lacks it"
    assert own.run("trust", "discard").code == 0
    assert states() == {digest: "listed"}
    shown = own.run("trust", "show", digest[:12], "--json")
    assert shown.json["subject"] == "Test Root"
    assert (shown.json["name_zh"], shown.json["kind"]) == ("邻省电子政务根证书", "government")
    assert own.run("trust", "remove", "00").code == 2


def test_what_is_no_anchor_is_refused(own: DemoHome, foreign: Pki, tmp_path: Path) -> None:
    path = tmp_path / "leaf.cer"
    path.write_bytes(foreign.seal.der)
    assert add(own, path).code == 3
    assert add(own, path, "--service", "timestamps").code == 0
    path.write_bytes(b"no certificate")
    assert add(own, path).code == 3
    assert own.run("trust", "add", path, *NAMES, "--kind", "own").code == 2
    assert own.run("trust", "sign", "--basis", "x", "--days", "184").code == 2


def test_an_older_or_changed_list_is_not_used(own: DemoHome, root: Path) -> None:
    add(own, root)
    publish(own)
    path = own.directory / "trust" / "list.json"
    first = path.read_bytes()
    assert publish(own, "--json").json["version"] == 2, "renewed without a draft"
    path.write_bytes(first)
    shown = own.run("trust", "show", "--json")
    assert (shown.code, shown.json["state"]) == (12, "rolled_back")
    assert add(own, root).code == 3, "nothing is built on it"
    assert own.run("doctor", "--check", "trust-list").code == 20
    path.write_bytes(first.replace("邻省".encode(), "外省".encode()))
    assert own.run("trust", "show", "--json").json["state"] == "not_signed"
    path.unlink()
    assert publish(own, "--json").json["version"] == 3, "versions only grow"


def test_a_retired_key_s_list_needs_signing_again(own: DemoHome, root: Path) -> None:
    add(own, root)
    publish(own)
    assert own.run("key", "retire", "trust-list-1", "--basis", "轮换", "--yes").code == 0
    signed = publish(own, "--json").json
    assert (signed["key"], signed["version"]) == ("trust-list-2", 2)
    pins = (own.directory / "trust" / "list-signers.pem").read_bytes()
    assert pins.count(b"BEGIN PUBLIC KEY") == 1, "what the old key signed is not used any more"
    assert own.run("trust", "show").code == 0


def test_what_is_exported_holds_for_openssl_and_elsewhere(
    own: DemoHome, bare: DemoHome, root: Path, tmp_path: Path
) -> None:
    add(own, root)
    publish(own)
    out = tmp_path / "out"
    assert own.run("trust", "export", "--out", out).code == 0
    ran = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "list-signers.pem", "-signature", "list.sig",
         "list.statement"], cwd=out, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == "Verified OK\n"
    assert own.run("trust", "export", "--out", out).code == 2
    assert own.run("trust", "export", "--out", out, "--force").code == 0
    elsewhere = bare.directory / "trust"
    elsewhere.mkdir(exist_ok=True)
    for file in ("list.json", "list-signers.pem"):
        (elsewhere / file).write_bytes((out / file).read_bytes())
    assert bare.run("trust", "show", "--json").json["state"] == "in_force"


def test_an_etsi_list_is_taken_and_replaced(own: DemoHome, foreign: Pki, tmp_path: Path) -> None:
    operator, xml = tmp_path / "operator.cer", tmp_path / "RR.xml"
    operator.write_bytes(OPERATOR.der)
    other = make(name("Second CA"), ca=True, usage=CA_USAGE, start=NOW, days=3650)

    def take(*more: str, sequence: str, services: list[Service]) -> Ran:
        xml.write_bytes(
            signed_etsi_list(
                content(services, sequence=sequence, next_update="2036-01-01T00:00:00Z")
            )
        )
        return own.run("trust", "import-etsi", xml, "--signer", operator, *more, "--json")

    first = Service("First CA", foreign.root.der)
    stamps = Service("Stamps", foreign.tsa.der, type=QTST)
    ran = take(sequence="7", services=[first, stamps])
    assert (ran.code, ran.json["entries"], ran.json["added"]) == (0, 2, 2)
    ran = take(sequence="8", services=[first, Service("Second CA", other.der)])
    assert (ran.json["added"], ran.json["removed"]) == (1, 1)
    listed = own.run("trust", "list", "--json").records
    assert {one["list"] for one in listed} == {"Digital Agency of Ruritania (RR) 8"}
    assert {one["name_en"] for one in listed} == {"First CA", "Second CA"}
    assert take(sequence="7", services=[first]).code == 2
    assert take("--force", sequence="7", services=[first]).code == 0
    xml.write_bytes(xml.read_bytes().replace(b"First CA", b"Worst CA"))
    assert own.run("trust", "import-etsi", xml, "--signer", operator).code == 3


def test_an_sm2_certificate_is_listed_shown_and_breaks_nothing(
    own: DemoHome, tmp_path: Path
) -> None:
    key, path = tmp_path / "sm2.key", tmp_path / "sm2.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out",
         key], check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        ["openssl", "req", "-x509", "-utf8", "-key", key, "-sm3", "-sigopt",
         "distid:1234567812345678", "-subj", "/C=CN/O=某省/CN=某省国密根", "-days", "3650",
         "-out", path], check=True, capture_output=True,
    )  # fmt: skip
    added = add(own, path, "--json")
    assert (added.code, added.json["sm2"], added.json["subject"]) == (0, True, "某省国密根")
    assert "not judged" in added.err
    assert publish(own).code == 0
    shown = own.run("trust", "show", added.json["sha256"], "--json")
    assert (shown.code, shown.json["sm2"]) == (0, True)
    assert own.run("verify", own.path("in_force"), "--json").json["outcome"] == "in_force"


def test_the_kit_holds_our_root_in_every_form(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "kit"
    ran = own.run("trust", "kit", "--out", out, "--json")
    assert ran.code == 0
    names = {"root.pem", "root.cer", "root.p7c", "root.acrobatsecuritysettings"}
    names |= {"fingerprints.txt", "fingerprints.pdf"}
    assert {Path(one["file"]).name for one in ran.records} == names
    root = x509.load_der_x509_certificate((out / "root.cer").read_bytes())
    assert x509.load_pem_x509_certificate((out / "root.pem").read_bytes()) == root
    assert pkcs7.load_der_pkcs7_certificates((out / "root.p7c").read_bytes()) == [root]
    assert root.issuer == root.subject
    ran_openssl = subprocess.run(
        ["openssl", "x509", "-in", out / "root.pem", "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    digest = ran_openssl.stdout.strip().partition("=")[2].replace(":", "")
    text = (out / "fingerprints.txt").read_text("utf-8")
    assert digest in text.replace(" ", "").replace("\n", "")
    assert own.run("trust", "kit", "--out", out).code == 2


def test_json_is_one_object_or_lines(own: DemoHome, root: Path) -> None:
    for ran in (add(own, root, "--json"), publish(own, "--json")):
        assert isinstance(json.loads(ran.out), dict)
    assert timedelta(days=89) < _until_next(own) <= timedelta(days=90)


def _until_next(home: DemoHome) -> timedelta:
    shown = home.run("trust", "show", "--json").json
    return datetime.fromisoformat(shown["next_update"]) - datetime.now(UTC)
