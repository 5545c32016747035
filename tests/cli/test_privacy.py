"""By processes: a marked holder is granted, searched, verified and refused; no mark is left where
none belongs. And a verifier with the index's key alone.
"""

import csv
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
from sqlalchemy import text

from home.wiring import Home
from registry.db.database import Database
from registry.licences.licences import find_by_number
from tests.cli.commands import environment, xinyin
from tests.cli.conftest import DemoHome
from tests.forked import Forked

ROOT = Path(__file__).parents[2]
MARK = "覃未央"
LOG = {"XINYIN_LOG_LEVEL": "debug"}


def write_record(directory: Path) -> tuple[Path, str]:
    """Write a person's record with a name that nobody else has; return its file and the code."""
    source = (ROOT / "examples/data/disability.csv").read_text("gb18030")
    row = {key: value for key, value in next(csv.DictReader(source.splitlines())).items() if value}
    (directory / "photos").mkdir()
    shutil.copy(ROOT / "examples/data" / row["照片"], directory / row["照片"])
    path = directory / "holder.json"
    path.write_text(json.dumps({**row, "姓名": MARK}, ensure_ascii=False), "utf-8")
    return path, row["公民身份号码"]


@contextmanager
def serving(home: Path, role: str, log: Path) -> Iterator[str]:
    with (
        log.open("wb") as file,
        Forked(
            ["serve", "--home", home, "--role", role, "--port", "0"],
            stderr=file,
            env=environment(**LOG),
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def dump_of(home: Path) -> str:
    """Return everything that the database's tables say."""
    database = Database(f"sqlite:///{home / 'registry.db'}")
    with closing(database), database.reading() as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table'")
        ).scalars()
        return "\n".join(
            str(tuple(row))
            for name in list(names)
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        )


def test_a_verifier_with_the_index_alone_compares_codes_and_reads_none(
    shared: DemoHome, tmp_path: Path
) -> None:
    """Its home has no other key, and its process opens no other file of the folder."""
    home = tmp_path / "home"
    shutil.copytree(shared.directory, home)
    codes = home / "privacy" / "codes"
    shutil.rmtree(codes)
    number = shared.document("in_force")["number"]
    database = Database(f"sqlite:///{shared.directory / 'registry.db'}")
    with closing(database), database.reading() as connection:
        said = connection.execute(text("SELECT holders, data FROM licences")).all()
    with Home(shared.directory, {}) as opened, opened.database.reading() as connection:
        (licence,) = find_by_number(connection, number)
    right = licence.holders[0].code
    with serving(home, "verify", tmp_path / "log") as url:

        def claim(code: str) -> int:
            body = {
                "type": "food-operation", "use_cause": "办理延续",
                "claims": {"ZZBH": number, "CZZTDM": code},
            }  # fmt: skip
            answer = httpx2.post(f"{url}/v1/verifications/claims", json=body)
            assert answer.status_code == 200, answer.text
            result: int = answer.json()["result"]
            return result

        assert claim(right) == 0
        assert claim(right[:-1] + ("0" if right[-1] != "0" else "1")) == 5
        token = next(json.loads(one.holders)[0]["code"] for one in said)
        assert claim(token) == 5, "what stands for a code is none"
        (home / "privacy" / "index.key").unlink()
    with serving(home, "verify", tmp_path / "log") as url:
        body = {
            "type": "food-operation", "use_cause": "x",
            "claims": {"ZZBH": number, "CZZTDM": right},
        }  # fmt: skip
        answer = httpx2.post(f"{url}/v1/verifications/claims", json=body)
        assert answer.status_code == 503
        assert "index.key" not in answer.text, "what is missing is for the log"
    assert right not in str(said)
    assert right not in (tmp_path / "log").read_text("utf-8")


def test_no_mark_of_a_holder_is_left_where_none_belongs(own: DemoHome, tmp_path: Path) -> None:
    """In no log, name of a file, table or journal; the PDF itself bears them."""
    home, pdf = own.directory, tmp_path / "licence.pdf"
    data, code = write_record(tmp_path)
    said = []

    def run(*arguments: str | Path) -> str:
        ran = xinyin(*arguments, "--home", home, env=LOG)
        said.append(ran.err)
        return ran.out

    issue = ("licence", "issue", "--type", "disability", "--data", data, "--out")
    run(*issue, pdf)
    assert pdf.stat().st_mode & 0o777 == 0o600, said
    run(*issue, tmp_path / "second.pdf")
    assert MARK in run("licence", "search", code, "--json"), "whoever asks for it is told"
    assert code in run("licence", "list", "--holder", code, "--json")
    run("verify", code)
    with serving(home, "all", tmp_path / "log") as url:
        for path in (f"/v/{code}", f"/?q={code}", f"/{MARK}", f"/issuing/v1/search?text={code}"):
            httpx2.get(f"{url}{path}")
        httpx2.post(f"{url}/v1/verifications", files={"file": (f"{MARK}.pdf", pdf.read_bytes())})
        httpx2.post(f"{url}/v1/verifications/code", json={"code": code})
        metrics = httpx2.get(f"{url}/metrics").text
        started = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if ours(path)]
    log = (tmp_path / "log").read_text("utf-8")
    assert log
    assert metrics
    names = "\n".join(str(one) for one in home.rglob("*"))
    journals = "".join(one.read_text("utf-8") for one in (home / "journal").glob("*.jsonl"))
    for where in (log, metrics, names, journals, str(started)):
        assert code not in where
        assert MARK not in where
    assert code not in dump_of(home)
    for one in home.glob("registry.db*"):
        assert code.encode() not in one.read_bytes(), one


def ours(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid() and b"serve" in path.read_bytes()
    except OSError:
        return False
