"""`xinyin ca revoke|hold|release|crl`, `xinyin seal suspend|reinstate`: what they do at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ca.issuing.crl import NEVER
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from cli.ca.revocation_report import consequence, record_of
from cli.demo_world import demo_types
from core.errors import UsageError
from core.ids import IssuerId
from tests.cli.commands import Ran
from tests.cli.conftest import INIT, DemoHome
from tests.cli.holders import write_shop

SEAL = next(one.seal_id for one in demo_types() if one.licence_type.slug == "food-operation")
BASIS = ("--basis", "测试")


def crl_of(
    home: DemoHome, directory: Path, issuer: str = "issuing-1"
) -> x509.CertificateRevocationList:
    """Return an issuer's CRL as it is published."""
    assert home.run("ca", "export", directory).code == 0
    return x509.load_der_x509_crl((directory / f"{issuer}.crl").read_bytes())


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def grant(home: DemoHome, directory: Path, *more: str) -> Ran:
    """Grant a food licence."""
    data = write_shop(directory / "shop.json", 81)
    to = ("--data", data, "--out", directory / "licence.pdf", "--force")
    return home.run("licence", "issue", "--type", "food-operation", *to, *more)


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_a_suspended_seal_seals_nothing_and_takes_no_number(
    level: str, own: DemoHome, tmp_path: Path
) -> None:
    sealed = own.path("in_force")
    ran = own.run("seal", "suspend", SEAL, *BASIS)
    assert (ran.code, ran.out) == (0, "")
    assert "what it sealed before stands" in ran.err
    [entry] = crl_of(own, tmp_path)
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.certificate_hold
    before = own.run("licence", "list", "--json").records
    refused = grant(own, tmp_path, "--level", level)
    assert (refused.code, refused.out) == (2, "")
    assert "suspended" in refused.err
    assert "xinyin seal reinstate" in refused.err
    assert own.run("licence", "list", "--json").records == before
    assert own.run("verify", sealed).code == 0
    assert own.run("seal", "reinstate", SEAL, *BASIS).code == 0
    assert len(crl_of(own, tmp_path)) == 0
    assert grant(own, tmp_path, "--level", level).code == 0


def test_a_certificate_is_named_by_seal_serial_or_fingerprint(
    own: DemoHome, tmp_path: Path, seal: x509.Certificate
) -> None:
    serial, fingerprint = f"{seal.serial_number:x}", seal.fingerprint(hashes.SHA256()).hex()
    for name in (serial, serial.upper(), fingerprint, SEAL):
        held = own.run("ca", "hold", name, *BASIS, "--json").json
        assert (held["serial"], held["reason"]) == (serial, "certificateHold")
        released = own.run("ca", "release", name, *BASIS, "--json").json
        assert (released["state"], released["revoked_at"]) == ("ISSUED", None)
    for other in (serial, fingerprint):  # a seal is meant there
        assert own.run("seal", "suspend", other, *BASIS).code != 0
        assert own.run("seal", "reinstate", other, *BASIS).code != 0
    for unknown in ("nobody", "ffff", "0" * 64, "g" * 10):
        ran = own.run("ca", "hold", unknown, *BASIS)
        assert ran.code == 2
        assert "ca list" in ran.err


def test_a_revocation_says_what_follows_and_cannot_be_undone(
    own: DemoHome, tmp_path: Path, seal: x509.Certificate
) -> None:
    revoke = ("ca", "revoke", SEAL, *BASIS, "--yes", "--reason")
    ran = own.run(*revoke, "superseded")
    assert (ran.code, ran.out) == (0, "")
    assert "stay valid" in ran.err
    assert own.run("verify", own.path("in_force")).code == 0
    again = own.run(*revoke, "unspecified")
    assert again.code == 2
    assert "not undone" in again.err
    assert own.run("ca", "release", SEAL, *BASIS).code == 2
    worse = own.run(*revoke, "keyCompromise", "--invalidity-date", "2020-01-01T00:00:00Z")
    assert worse.code == 2, "before the certificate began"
    since = seal.not_valid_before_utc.isoformat()
    worse = own.run(*revoke, "keyCompromise", "--invalidity-date", since)
    assert worse.code == 0, worse.err
    assert "xinyin seal compromised" in worse.err
    [entry] = crl_of(own, tmp_path)
    found = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
    assert found.invalidity_date_utc == seal.not_valid_before_utc
    assert own.run("ca", "revoke", SEAL, "--reason", "certificateHold", *BASIS).code == 2
    assert own.run(*revoke, "keyCompromise", "--invalidity-date", "yesterday").code == 2


def test_the_root_s_own_list_speaks_of_a_ca(own: DemoHome, tmp_path: Path) -> None:
    listed = own.run("ca", "list", "--json").records
    issuing = next(one for one in listed if one["profile"] == "issuing")
    revoke = ("ca", "revoke", issuing["serial"], *BASIS, "--yes", "--reason")
    assert own.run(*revoke, "keyCompromise").code == 2
    ran = own.run(*revoke, "cACompromise")
    assert ran.code == 0, ran.err
    [entry] = crl_of(own, tmp_path, "root")
    assert f"{entry.serial_number:x}" == issuing["serial"]
    assert own.run("verify", own.path("in_force")).code == 0, "a registered document is ours"


def test_the_last_list_waits_until_nothing_is_left(own: DemoHome, tmp_path: Path) -> None:
    before = number_of(crl_of(own, tmp_path))
    assert own.run("ca", "crl").code == 0
    assert number_of(crl_of(own, tmp_path)) == before + 1
    for unasked in (
        ("ca", "crl", "--last"),
        ("ca", "revoke", SEAL, "--reason", "superseded", *BASIS),
    ):
        unsure = own.run(*unasked)
        assert (unsure.code, "--yes" in unsure.err) == (2, True)
    refused = own.run("ca", "crl", "--last", "--yes")
    assert refused.code == 2
    assert "neither expired nor revoked" in refused.err
    for one in own.run("ca", "list", "--json").records:
        if one["issuer"] == "issuing-1":
            revoke = ("ca", "revoke", one["serial"], "--reason", "cessationOfOperation")
            assert own.run(*revoke, *BASIS, "--yes").code == 0
    assert own.run("ca", "crl", "--last", "--yes").code == 0
    assert crl_of(own, tmp_path).next_update_utc == NEVER
    assert own.run("ca", "crl", "--issuer", "nobody").code == 2


def test_a_home_may_divide_its_certificates_among_lists(
    passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = DemoHome(tmp_path / "home", {})
    keys, root = passphrases
    given = ("--passphrase-file", keys, "--root-passphrase-file", root)
    assert home.run(*INIT, "--crl-shards", "3", *given).code == 0
    assert home.run("ca", "export", tmp_path / "out").code == 0
    lists = sorted(one.name for one in (tmp_path / "out").glob("*.crl"))
    assert lists == ["issuing-1-1.crl", "issuing-1-2.crl", "issuing-1.crl", "root.crl"]
    assert home.run("ca", "crl", "--passphrase-file", keys).err.count("signed") == 3


def test_a_revocation_that_was_cut_off_before_its_crl_is_finished_by_repeating_it(
    own: DemoHome, tmp_path: Path
) -> None:
    asked = ("ca", "revoke", SEAL, "--reason", "证书被取代", *BASIS, "--yes")
    with mock.patch("ca.issuing.crl.CrlIssuer.publish", side_effect=KeyboardInterrupt):
        assert own.run(*asked).code == 130
    assert len(crl_of(own, tmp_path)) == 0
    ran = own.run("doctor")
    assert "lacks revocations" in ran.out + ran.err
    again = own.run(*asked)
    assert (again.code, "Revoked before" in again.err) == (0, True)
    assert len(crl_of(own, tmp_path)) == 1
    assert own.run(*asked).code == 0
    another = own.run("ca", "revoke", SEAL, "--reason", "cessationOfOperation", *BASIS, "--yes")
    assert another.code == 2


def test_so_are_a_suspension_and_its_end(own: DemoHome, tmp_path: Path) -> None:
    for command, told, listed in (("suspend", "On hold before", 1), ("reinstate", "Released", 0)):
        asked = ("seal", command, SEAL, *BASIS)
        with mock.patch("ca.issuing.crl.CrlIssuer.publish", side_effect=KeyboardInterrupt):
            assert own.run(*asked).code == 130
        assert len(crl_of(own, tmp_path)) == 1 - listed
        again = own.run(*asked)
        assert (again.code, told in again.err) == (0, True), again.err
        assert len(crl_of(own, tmp_path)) == listed
    actions = [one["action"] for one in own.run("audit", "list", "--json").records]
    assert [actions.count(f"certificate.{one}") for one in ("held", "released")] == [1, 1]
    ran = own.run("seal", "reinstate", SEAL, *BASIS)
    assert (ran.code, "not on hold" in ran.err) == (2, True)


def test_the_audit_says_on_which_ground_and_none_is_done_without(own: DemoHome) -> None:
    steps = (
        ("seal", "suspend", SEAL), ("seal", "reinstate", SEAL), ("ca", "hold", SEAL),
        ("ca", "release", SEAL), ("ca", "revoke", SEAL, "--reason", "superseded", "--yes"),
    )  # fmt: skip
    for number, step in enumerate(steps):
        refused = own.run(*step)
        assert refused.code == 2
        assert "--basis" in refused.err
        assert own.run(*step, "--basis", f"依据{number}").code == 0
    events = own.run("audit", "list", "--json", "--limit", "1000").records
    told = [one for one in events if str(one["basis"] or "").startswith("依据")]
    actions = [(one["action"], one["basis"]) for one in told]
    assert sorted(actions, key=lambda one: one[1]) == [
        ("certificate.held", "依据0"),
        ("certificate.released", "依据1"),
        ("certificate.held", "依据2"),
        ("certificate.released", "依据3"),
        ("certificate.revoked", "依据4"),
    ]


AT = datetime(2026, 3, 2, tzinfo=UTC)


def revoked(profile: str, reason: RevocationReason) -> LedgerEntry:
    intent = Intent(IssuerId("issuing-1"), 171, profile, "CN=x", "", "", AT, AT + timedelta(days=9))
    return LedgerEntry(intent, CertificateState.REVOKED, b"", AT, reason, None)


@pytest.mark.parametrize(
    ("profile", "reason", "said"),
    [
        ("seal", RevocationReason.KEY_COMPROMISE, "run xinyin seal compromised"),
        ("seal", RevocationReason.SUPERSEDED, "stay valid"),
        ("tsa", RevocationReason.KEY_COMPROMISE, "No timestamp of it is believed any more"),
        ("tsa", RevocationReason.CESSATION_OF_OPERATION, "stay valid"),
        ("issuing", RevocationReason.SUPERSEDED, "no longer trusted"),
        ("root", RevocationReason.CA_COMPROMISE, "no longer trusted"),
        ("officer", RevocationReason.KEY_COMPROMISE, "stay valid"),
    ],
)
def test_what_follows_depends_on_whose_certificate_it_was_and_why(
    profile: str, reason: RevocationReason, said: str
) -> None:
    entry = revoked(profile, reason)
    assert said in consequence(entry).en
    with pytest.raises(UsageError, match="is not revoked"):
        consequence(replace(entry, state=CertificateState.ISSUED))


def test_json_says_since_when_and_why() -> None:
    entry = replace(
        revoked("seal", RevocationReason.KEY_COMPROMISE), invalidity_at=AT - timedelta(days=1)
    )
    assert record_of(entry) == {
        "issuer": "issuing-1", "serial": "ab", "subject": "CN=x", "state": "REVOKED",
        "reason": "keyCompromise", "revoked_at": "2026-03-02T00:00:00+00:00",
        "invalidity_at": "2026-03-01T00:00:00+00:00",
    }  # fmt: skip
    good = replace(entry, state=CertificateState.ISSUED, revoked_at=None, invalidity_at=None)
    assert (record_of(good)["revoked_at"], record_of(good)["invalidity_at"]) == (None, None)


def test_a_subject_is_shown_by_the_names_of_its_attributes(own: DemoHome) -> None:
    shown = [
        own.run("ca", "hold", SEAL, *BASIS).err,
        own.run("ca", "release", SEAL, *BASIS).err,
        own.run("ca", "revoke", SEAL, "--reason", "superseded", *BASIS, "--yes").err,
        own.run("ca", "list", "--json").out,
        own.run("ca", "show", SEAL).out,
    ]
    for said in shown:
        assert "2.5.4.97=" not in said, said
    for said in shown[:4]:
        assert "organizationIdentifier=NTRCN-" in said, said
