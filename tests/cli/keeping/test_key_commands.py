"""`xinyin key …` as a person uses it."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import INIT, DemoHome
from tests.softhsm import SoftToken

BASIS = ("--basis", "销毁记录 2026-18")


def test_the_inventory(shared: DemoHome) -> None:
    ran = shared.run("key", "list", "--json")
    assert ran.code == 0, ran.err
    records = {one["key"]: one for one in ran.records}
    assert {"root", "issuing-1", "ocsp-issuing-1", "tsa-1", "seal-qinglan-market"} <= set(records)
    seal = records["seal-qinglan-market"]
    assert {name: seal[name] for name in list(seal) if "_" not in name} == {
        "key": "seal-qinglan-market",
        "domain": "issuing",
        "purpose": "seal",
        "algorithm": "ecdsa-p256",
        "size": 256,
        "where": "software",
        "owner": "qinglan-market",
        "state": "ACTIVE",
        "finding": "agreed",
    }
    assert re.fullmatch("[0-9a-f]{64}", seal["spki_sha256"])
    assert seal["intended_at"] <= seal["generated_at"] <= seal["activated_at"]
    assert seal["retired_at"] is seal["destroyed_at"] is None
    assert records["root"]["domain"] == "root"


def test_a_lost_key_is_named(own: DemoHome) -> None:
    (own.directory / "keys" / "issuing" / "seal-qinglan-market.pem").unlink()
    ran = own.run("key", "list", "--json")
    assert ran.code == 1
    findings = {one["key"]: one["finding"] for one in ran.records}
    assert findings.pop("seal-qinglan-market") == "missing"
    assert set(findings.values()) == {"agreed"}
    assert "missing" in own.run("key", "list").out


def test_every_key_is_tried(own: DemoHome) -> None:
    ran = own.run("key", "check", "--root", "--json")
    assert ran.code == 0, ran.err + ran.out
    assert {one["result"] for one in ran.records} == {"signs"}
    assert "root" in {one["key"] for one in ran.records}
    path = own.directory / "keys" / "trust" / "tsa-1.pem"
    path.write_bytes(path.read_bytes().replace(b"\nMI", b"\nMJ", 1))
    ran = own.run("key", "check", "--json")
    assert ran.code == 1
    results = {one["key"]: one["result"] for one in ran.records}
    assert results.pop("tsa-1") == "failed"
    assert "root" not in results
    assert set(results.values()) == {"signs"}


def test_a_key_is_retired_and_then_destroyed(own: DemoHome) -> None:
    name = "seal-qinglan-market"
    path = own.directory / "keys" / "issuing" / f"{name}.pem"
    assert own.run("key", "destroy", name, *BASIS, "--yes", name).code == 2, "it is active"
    assert own.run("key", "retire", name, *BASIS, "--yes").code == 0
    assert {one["result"] for one in own.run("key", "check", "--json").records} == {
        "signs",
        "retired",
    }
    for typed in ((), ("--yes", "another")):
        ran = own.run("key", "destroy", name, *BASIS, *typed)
        assert (ran.code, path.exists()) == (2, True)
    assert own.run("key", "destroy", name, *BASIS, "--yes", name).code == 0
    assert not path.exists()
    listed = {one["key"]: one for one in own.run("key", "list", "--json").records}
    assert (listed[name]["state"], listed[name]["finding"]) == ("DESTROYED", "agreed")
    assert listed[name]["retired_at"] < listed[name]["destroyed_at"]
    actions = own.run("audit", "list", "--json").records
    assert [one["basis"] for one in actions if one["action"] == "key.destroyed"] == [BASIS[1]]


@pytest.mark.parametrize("command", ["retire", "destroy"])
def test_an_unknown_key_is_said_to_be_unknown(own: DemoHome, command: str) -> None:
    typed = ("--yes", "nothing") if command == "destroy" else ("--yes",)
    ran = own.run("key", command, "nothing", *BASIS, *typed)
    assert ran.code == 2
    assert "no key named" in ran.err


def test_init_on_a_token_leaves_no_key_in_the_home(tmp_path: Path, token: SoftToken) -> None:
    home = DemoHome(tmp_path / "home", {})
    pin = token.pin_file
    wrong = home.run(*INIT, "--keys", token.uri().replace(token.label, "absent"))
    assert (wrong.code, (tmp_path / "home").exists()) == (5, False)
    told = home.run(*INIT, "--keys", token.uri() + "&pin-value=1234")
    assert (told.code, (tmp_path / "home").exists()) == (2, False)
    useless = ("--passphrase-file", pin, "--root-passphrase-file", pin)
    silent = home.run(*INIT, "--keys", token.uri(pin_source=False), *useless)
    assert (silent.code, (tmp_path / "home").exists()) == (2, False)
    assert "--root-passphrase-file" in silent.err
    for _ in range(2):  # again finds what it made
        ran = home.run(*INIT, "--keys", token.uri(pin_source=False), "--passphrase-file", pin)
        assert ran.code == 0, ran.err
    listed = home.run("key", "list", "--json").records
    assert {one["finding"] for one in listed} == {"agreed"}
    assert all(token.label in one["where"] for one in listed)
    assert [path for path in home.directory.rglob("*") if path.suffix == ".pem"] == []
    assert home.run("key", "check", "--root", "--passphrase-file", pin).code == 0
    unread = home.run("key", "check", "--passphrase-fd", "99", "--json")
    assert {one["result"] for one in unread.records} == {"failed"}
