"""`xinyin ca list|show|export` on a demo home, with other programs as readers."""

import csv
import subprocess
from pathlib import Path

from tests.cli.conftest import DemoHome


def test_listing(shared: DemoHome) -> None:
    every = shared.run("ca", "list", "--json").records
    assert [one["profile"] for one in every][-2:] == ["issuing", "root"]
    assert {one["standing"] for one in every} == {"VALID"}
    seals = shared.run("ca", "list", "--profile", "seal", "--json").records
    assert seals
    soon = shared.run("ca", "list", "--expiring-within", "30", "--json").records
    assert [one["profile"] for one in soon] == ["ocsp"], "a responder holds 30 days, and is renewed"
    assert shared.run("ca", "list", "--expiring-within", "7").out == ""
    first = shared.run("ca", "list", "--limit", "1")
    assert "only the first 1" in first.err
    found = shared.run("ca", "list", "--search", seals[0]["serial"][:12], "--json").records
    assert found == [seals[0]]
    assert shared.run("ca", "list", "--state", "REVOKED").code == 0


def test_showing(shared: DemoHome) -> None:
    (tsa,) = shared.run("ca", "list", "--profile", "tsa", "--json").records
    shown = shared.run("ca", "show", tsa["serial"], "--text", "--json").json
    assert shown["key"] == "ecdsa-p256"
    usage = {one["name"]: one["value"] for one in shown["extensions"]}
    assert usage["extendedKeyUsage"] == "timeStamping"
    pem = shared.run("ca", "show", shown["sha256"], "--pem").out
    printed = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"],
        input=pem,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert printed.strip().lower().endswith(tsa["serial"])
    assert shared.run("ca", "show", "ffff").code == 2
    assert "timeStamping" in shared.run("ca", "show", tsa["serial"], "--text").out


def test_exporting(shared: DemoHome, tmp_path: Path) -> None:
    table, bundle, one = tmp_path / "all.csv", tmp_path / "all.pem", tmp_path / "one.der"
    assert shared.run("ca", "export", "--all", "--out", table).code == 0
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    every = shared.run("ca", "list", "--json").records
    assert [row["serial"] for row in rows] == [entry["serial"] for entry in every]
    assert shared.run("ca", "export", "--all", "--out", bundle).code == 0
    assert bundle.read_text().count("BEGIN CERTIFICATE") == len(every)
    ran = shared.run("ca", "export", "--serial", rows[0]["serial"], "--out", one)
    assert ran.code == 0
    subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", one, "-noout"], check=True, timeout=30
    )
    assert shared.run("ca", "export", "--all", "--out", bundle).code == 2, "nothing overwritten"
    assert shared.run("ca", "export", "--all", "--out", tmp_path / "all.txt").code == 2
    assert shared.run("ca", "export").code == 2
    assert shared.run("ca", "export", tmp_path, "--all").code == 2
