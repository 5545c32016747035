"""The photo of a licence's next version: another one, that of the licence, or the record's."""

import csv
import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import DemoHome

DATA = Path(__file__).parents[3] / "examples" / "data"


def photo_of(home: DemoHome, identifier: str) -> str | None:
    with sqlite3.connect(home.directory / "registry.db") as database:
        query = "SELECT photo_sha256 FROM licences WHERE identifier = ?"
        row = database.execute(query, (identifier,)).fetchone()
    return None if row[0] is None else str(row[0])


def test_a_photo_is_kept_or_given(own: DemoHome, tmp_path: Path) -> None:
    """Also without a server, and with a record that names none."""
    with (DATA / "disability.csv").open(encoding="gb18030") as file:
        row = next(csv.DictReader(file))
    photo = DATA / row.pop("照片")
    record = tmp_path / "record.json"
    record.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    issued = tmp_path / "first.pdf"
    first = ("--type", "disability", "--data", record, "--out", issued, "--json")
    refused = own.run("licence", "issue", *first)
    assert refused.code != 0, "the type wants one"
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps({**row, "照片": photo.name}, ensure_ascii=False), "utf-8")
    (tmp_path / photo.name).write_bytes(photo.read_bytes())
    made = own.run("licence", "issue", "--type", "disability", "--data", whole, "--out", issued,
                   "--json")  # fmt: skip
    assert made.code == 0, made.err
    old = str(made.json["identifier"])

    def renewed(out: str, *more: str | Path) -> tuple[int, str, str]:
        ran = own.run("licence", "change", old, "--data", record, "--out", tmp_path / out,
                      "--basis", "b", "--json", *more)  # fmt: skip
        return ran.code, ran.err, "" if ran.code else str(ran.json["identifier"])

    assert renewed("a.pdf")[0] != 0, "no photo at all"
    code, told, _ = renewed("a.pdf", "--keep-photo", "--photo", photo)
    assert code == 2, told
    code, told, kept = renewed("a.pdf", "--keep-photo")
    assert code == 0, told
    assert photo_of(own, kept) is not None
    other = next(one for one in sorted((DATA / "photos").iterdir()) if one.name != photo.name)
    old = kept
    code, told, given = renewed("b.pdf", "--photo", other)
    assert code == 0, told
    assert photo_of(own, given) not in (None, photo_of(own, kept))
