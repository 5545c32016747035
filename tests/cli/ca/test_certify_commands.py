"""`xinyin ca profiles` and `xinyin ca issue`: what is certified, under which rules, for whom."""

from pathlib import Path

import pytest
from cryptography import x509

from ca.profiles.profiles import ProfileKind
from cli.demo_world import demo_types
from tests.ca.world import openssl
from tests.cli.conftest import DemoHome

AUTHORITY = demo_types()[0].authority_id
NAMES = ("--id", "PI:CN-370100-0042", "--surname", "张", "--given-name", "三")


@pytest.fixture
def csr(tmp_path: Path) -> Path:
    """A request that asks to be somebody else."""
    out = tmp_path / "csr"
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other")
    openssl("req", "-new", *new, "-keyout", tmp_path / "key", "-out", out)
    return out


def test_profiles_are_shown_with_their_clauses(shared: DemoHome) -> None:
    listed = shared.run("ca", "profiles", "--json").records
    assert {one["profile"] for one in listed} == set(ProfileKind)
    one = shared.run("ca", "profiles", "officer-short", "--json")
    rules = {record["rule"]: record for record in one.records}
    assert (rules["validity"]["value"], rules["validity"]["limit"]) == ("12 h", "24 h")
    assert "RFC 9608" in rules["no_revocation"]["clause"]
    assert "RFC 5612" in one.err


def test_a_profile_of_one_s_own_is_used_and_a_wrong_one_stops(
    own: DemoHome, csr: Path, tmp_path: Path
) -> None:
    with (own.directory / "xinyin.toml").open("a") as file:
        file.write('[profiles.officer]\nvalidity_days = 30\n[ca]\ncertificate_policy = "1.2.156.9"')
    out = tmp_path / "zhang.pem"
    options = ("--profile", "officer", "--csr", csr, *NAMES, "--out", out)
    assert own.run("ca", "issue", *options).code == 0
    certificate = x509.load_pem_x509_certificate(out.read_bytes())
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts.days == 29  # to the second before the thirtieth day ends
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [p.policy_identifier.dotted_string for p in policies] == ["1.2.156.9"]
    wrong = {"XINYIN_PROFILES_OFFICER_VALIDITY_DAYS": "2000"}
    ran = own.run("ca", "issue", *options, "--force", env=wrong)
    assert ran.code == 2
    assert "validity_days of the profile “officer”" in ran.err


def test_an_officer_gets_a_certificate_for_a_key_held_elsewhere(
    own: DemoHome, csr: Path, tmp_path: Path
) -> None:
    out = tmp_path / "zhang.pem"
    options = ("--profile", "officer", "--csr", csr, *NAMES, "--authority", AUTHORITY, "--out", out)
    ran = own.run("ca", "issue", *options)
    assert ran.code == 0, ran.err
    assert "Only the public key" in ran.err
    shown = openssl("x509", "-in", out, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus")
    assert "CN=张三" in shown
    assert "serialNumber=PI:CN-370100-0042" in shown
    assert "other" not in shown
    assert own.run("ca", "issue", *options).code == 2, "nothing is overwritten"
    events = own.run("audit", "list", "--json").records
    approved = [event for event in events if event["action"] == "certificate.approved"]
    assert len(approved) == 1
    assert approved[0]["actor"].startswith("local:")


def test_a_key_of_the_home_is_made_once_and_for_its_purpose(own: DemoHome, tmp_path: Path) -> None:
    options = ("--profile", "officer-short", "--key", "officer-1", *NAMES)
    for name in "ab":
        assert own.run("ca", "issue", *options, "--out", tmp_path / name).code == 0
    keys = own.run("key", "list", "--json").records
    assert [k["purpose"] for k in keys if k["key"] == "officer-1"] == ["officer"]
    certificates = [x509.load_pem_x509_certificate((tmp_path / n).read_bytes()) for n in "ab"]
    assert certificates[0].public_key() == certificates[1].public_key()
    receipt = ("--profile", "receipt", "--authority", AUTHORITY, "--name", "核验回执")
    ran = own.run("ca", "issue", *receipt, "--key", "officer-1", "--out", tmp_path / "c")
    assert (ran.code, "not for such a certificate" in ran.err) == (2, True)
    made = own.run("ca", "issue", *receipt, "--key", "receipts-1", "--out", tmp_path / "c")
    assert made.code == 0, made.err
    retired = own.run("key", "retire", "officer-1", "--basis", "停用", "--yes")
    assert retired.code == 0, retired.err
    again = own.run("ca", "issue", *options, "--out", tmp_path / "d")
    assert (again.code, "has left use" in again.err) == (2, True), again.err
    kept = {one["key"]: one for one in own.run("key", "list", "--json").records}
    assert (kept["receipts-1"]["owner"], kept["receipts-1"]["state"]) == (AUTHORITY, "ACTIVE")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "--csr and --key"),
        (("--key", "k", "--csr", "x"), 2, "--csr and --key"),
        (("--key", "k", "--surname", "张"), 2, "--id"),
        (("--key", "k", "--id", "PI:CN-11010519491231002X", "--surname", "张"), 2, "resident"),
        (("--csr", "/nonexistent", *NAMES), 3, "/nonexistent"),
        (("--csr", __file__, *NAMES), 3, "cannot be read"),
        (("--key", "k", "--authority", "nobody", *NAMES), 2, "nobody"),
    ],
)
def test_what_cannot_be_certified_says_why(
    shared: DemoHome, tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    before = shared.run("key", "list", "--json").out
    ran = shared.run("ca", "issue", "--profile", "officer", *options, "--out", tmp_path / "out")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert not (tmp_path / "out").exists()
    assert shared.run("key", "list", "--json").out == before
