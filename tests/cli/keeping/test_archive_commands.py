"""`xinyin archive` on a demo home."""

import subprocess
import zipfile
from pathlib import Path

from tests.cli.conftest import DemoHome

WITHIN = ("--due-within", "1200")
"""Days: a seal's certificate ends within them, a TSA's does not."""


def test_renewed_documents_verify_and_holders_keep_theirs(own: DemoHome, tmp_path: Path) -> None:
    listed = own.run("archive", "renew", *WITHIN, "--dry-run", "--json")
    assert (listed.code, len(listed.records)) == (0, 3)
    assert own.run("archive", "status", "--json").json["due"] == 0
    assert own.run("archive", "status", *WITHIN, "--json").json["due"] == 3
    ran = own.run("archive", "renew", *WITHIN, "--json")
    assert ran.code == 0, ran.err
    assert {line["result"] for line in ran.records} == {"renewed"}
    again = own.run("archive", "renew", *WITHIN)
    assert (again.code, again.out) == (0, "")
    document = own.document("in_force")
    for options, level in (((), "B-LT"), (("--archive",), "B-LTA")):
        out = tmp_path / f"{level}.pdf"
        ran = own.run("licence", "export", document["identifier"], "--out", out, *options)
        assert ran.code == 0, ran.err
        verified = own.process("verify", out, "--json")
        assert verified.code == 0
        assert verified.json["signatures"][0]["level"] == level
        assert verified.json["checks"]["integrity"]["result"] == "passed"
    assert (tmp_path / "B-LT.pdf").read_bytes() == own.path("in_force").read_bytes()
    shown = own.run("licence", "show", document["identifier"], "--json").json
    assert len(shown["revisions"]) == 2


def test_a_damaged_document_fails_the_run(own: DemoHome) -> None:
    (own.directory / "objects").rename(own.directory / "elsewhere")
    ran = own.run("archive", "renew", *WITHIN)
    assert ran.code == 20
    assert "3 failed" in ran.err


def test_packages_are_written_and_proved_by_their_key(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "packages"
    ran = own.run("archive", "export", "--state", "CANCELLED", "--out", out, "--json")
    assert ran.code == 0, ran.err
    (packed,) = ran.records
    assert packed["result"] == "written"
    package = Path(packed["file"])
    assert package.name.startswith(own.document("not_in_force")["identifier"])
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    check = ("dgst", "-sha256", "-verify", out / "archive-1.pem", "-signature", "manifest.sig")
    subprocess.run(["openssl", *check, "manifest.json"], cwd=tmp_path / "unpacked", check=True)
    again = own.run("archive", "export", "--all", "--out", out, "--json")
    assert (again.code, [one["result"] for one in again.records].count("written")) == (0, 2)
    for options in ((), ("--all", "--type", "food-operation")):
        assert own.run("archive", "export", *options, "--out", out).code == 2
    (own.directory / "objects").rename(own.directory / "elsewhere")
    assert own.run("archive", "export", "--all", "--out", tmp_path / "more").code == 20
    assert own.run("audit", "verify").code == 0
