"""`xinyin licence import` and `take-over`: licences from elsewhere, and what answers say."""

import csv
import shutil
from pathlib import Path

from PIL import Image

from tests.cli.conftest import DemoHome

HEADINGS = "证照编号,颁发日期,证照状态,扫描件,可信等级,经营者名称"


def test_a_package_of_another_register(own: DemoHome, bare: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "packages"
    document = own.document("in_force")
    assert own.run("archive", "export", document["identifier"], "--out", out).code == 0
    assert own.run("trust", "kit", "--out", tmp_path / "kit").code == 0
    (package,) = out.glob("*.zip")
    home = DemoHome(tmp_path / "other", {})
    shutil.copytree(bare.directory, home.directory)
    take: tuple[str | Path, ...] = (
        "licence",
        "import",
        package,
        "--signer",
        out / "archive-1.pem",
        "--json",
    )
    refused = home.run(*take)
    assert (refused.code, refused.records[0]["code"]) == (20, "seal_not_trusted")
    take = (*take, "--root", tmp_path / "kit" / "root.cer")
    assert home.run(*take, "--dry-run").records[0]["result"] == "checked"
    assert home.run("licence", "taken-over", "--json").out == ""
    taken = home.run(*take)
    assert taken.code == 0, taken.err
    assert (taken.records[0]["result"], taken.records[0]["grade"]) == ("taken", "A")
    assert home.run(*take).records[0]["result"] == "known"
    (listed,) = home.run("licence", "taken-over", "--json").records
    assert (listed["number"], listed["origin"]) == (document["number"], "package")
    by_file = home.run("verify", own.path("in_force"), "--json")
    by_identifier = home.run("verify", document["identifier"], "--json")
    for ran in (by_file, by_identifier, home.run("verify", document["number"], "--json")):
        assert ran.code == 12
        assert ran.json["checks"]["issuer"]["code"] == "taken_over_package"
        assert ran.json["licence"]["identifier"] == document["identifier"]
    assert by_file.json["checks"]["integrity"]["result"] == "passed"
    assert "neither granted nor sealed here" in by_file.json["summary"]["en"]
    assert own.run("licence", "import", *take[2:]).code == 20, "it is their own"
    assert home.run("audit", "verify").code == 0


def test_old_licences_from_a_sheet(own: DemoHome, tmp_path: Path) -> None:
    scans, sheet, results = tmp_path / "scans", tmp_path / "old.csv", tmp_path / "results.csv"
    scans.mkdir()
    Image.new("RGB", (400, 600), "white").save(scans / "1.jpg")
    rows = [
        "旧0001,1999-01-05,有效,1.jpg,C,云上便利店",
        "旧0002,1999-01-05,有效,2.jpg,C,云上便利店",
    ]
    sheet.write_text("\n".join([HEADINGS, *rows]), "utf-8")
    authority = own.run("authority", "list", "--json").records[0]["authority"]
    take: tuple[str | Path, ...] = (
        "licence",
        "take-over",
        "--type",
        "food-operation",
        "--authority",
        authority,
    )
    take = (*take, "--data", sheet, "--scans", scans, "--basis", "存量入库", "--results", results)
    tried = own.run(*take, "--json", "--dry-run")
    assert [one.get("result") for one in tried.records[:2]] == ["new", "refused"]
    ran = own.run(*take, "--json")
    assert ran.code == 20
    assert [one.get("result") for one in ran.records[:2]] == ["recorded", "refused"]
    assert ran.records[1]["codes"] == ["photo_missing"]
    assert results.stat().st_mode & 0o777 == 0o600
    with results.open(encoding="utf-8-sig", newline="") as file:
        assert [row[:3] for row in csv.reader(file)][1:] == [
            ["2", "recorded", ""],
            ["3", "refused", "photo_missing"],
        ]
    Image.new("RGB", (400, 600), "white").save(scans / "2.jpg")
    again = own.run(*take, "--json")
    assert (again.code, [one["result"] for one in again.records]) == (0, ["known", "recorded"])
    asked = own.run("verify", "旧0001", "--json")
    assert (asked.code, asked.json["checks"]["issuer"]["code"]) == (15, "taken_over_c")
    assert own.run("audit", "verify").code == 0
