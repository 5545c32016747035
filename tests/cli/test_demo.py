"""`xinyin demo`: the main job, and the proof that it was done."""

import sqlite3
import stat
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from cli.demo_world import demo_types
from registry.importing.sheet_judging import read_table
from tests.cli.commands import Ran, environment, xinyin, xinyin_installed, xinyin_process
from tests.cli.conftest import DemoHome


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The demo as `make demo` runs it."""
    directory = tmp_path_factory.mktemp("whole") / "home"
    return xinyin_installed("demo", "--json", env=environment(XINYIN_HOME=str(directory)))


def test_every_example_is_granted_and_what_it_should_be(whole: Ran) -> None:
    assert whole.code == 0, whole.err
    assert set(whole.json) == {"home", "verify_url", "documents"}
    documents = whole.json["documents"]
    examples = sum(len(list(read_table(kind.data).rows)) for kind in demo_types())
    assert len(documents) == examples + 1
    assert all(one["outcome"] == one["expected"] for one in documents)
    counted = Counter(one["outcome"] for one in documents)
    assert counted == {"in_force": examples - 1, "not_in_force": 1, "altered": 1}
    for one in documents:
        assert set(one) == {"path", "identifier", "number", "expected", "outcome"}
        assert Path(one["path"]).read_bytes().startswith(b"%PDF-1.7")


def test_stdout_holds_the_json_alone_and_no_secret_is_told(whole: Ran) -> None:
    assert whole.out.count("\n") == 1
    directory = Path(whole.json["home"])
    assert str(directory) in whole.err
    for name in ("passphrase", "root-passphrase"):
        path = directory.with_name(f"{directory.name}.{name}")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() not in whole.out + whole.err
    for key in [*directory.glob("keys/*/*.pem"), *directory.glob("root-keys/*.pem")]:
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_number_that_holds_a_code_stays_out_of_file_names(whole: Ran) -> None:
    for one in whole.json["documents"]:
        assert one["number"] not in Path(one["path"]).name


def test_count_grants_that_many_and_again_grants_no_more(own: DemoHome) -> None:
    before = own.report["documents"]
    assert [one["outcome"] for one in before] == ["in_force", "in_force", "not_in_force", "altered"]
    again = own.run("demo", "--count", "3", "--json")
    assert again.code == 0, again.err
    assert again.json["verify_url"] == own.report["verify_url"]
    facts = ("identifier", "number", "outcome")
    assert [[one[f] for f in facts] for one in again.json["documents"]] == [
        [one[f] for f in facts] for one in before
    ]
    assert len(own.run("licence", "list", "--json").records) == 3


def test_for_people_it_names_the_files_and_the_page(own: DemoHome) -> None:
    ran = own.run("demo", "--count", "3")
    assert ran.code == 0
    assert str(own.directory / "demo") in ran.out
    assert own.report["verify_url"] in ran.out
    assert "UNEXPECTED" not in ran.out


def test_an_unexpected_outcome_is_told_and_fails(own: DemoHome) -> None:
    last = own.report["documents"][0]["identifier"]
    with closing(sqlite3.connect(own.directory / "registry.db")) as database, database:
        database.execute(
            "UPDATE licences SET valid_until = '2020-01-01' WHERE identifier = ?", [last]
        )
    ran = own.run("demo", "--count", "3", "--json")
    assert ran.code == 1
    wrong = [one for one in ran.json["documents"] if one["outcome"] != one["expected"]]
    assert [one["identifier"] for one in wrong] == [last]


def test_a_count_of_nothing_is_a_usage_error(tmp_path: Path) -> None:
    ran = xinyin("demo", "--count", "0", "--home", tmp_path / "home")
    assert ran.code == 2
    assert not (tmp_path / "home").exists()


def test_a_home_in_earnest_is_left_alone(tmp_path: Path) -> None:
    directory = tmp_path / "home"
    directory.mkdir()
    (directory / "xinyin.toml").write_text(
        '[service]\npublic_url = "https://v.example.gov.cn"\n'
        'pki_url = "http://p.example.gov.cn"\n[operator]\naccount = "root"\n'
    )
    ran = xinyin("demo", "--home", str(directory))
    assert ran.code == 2
    assert "in earnest" in ran.err
    assert [path.name for path in directory.iterdir()] == ["xinyin.toml"]


@pytest.mark.timeout(300)
def test_the_passphrase_that_was_named_is_the_one_that_opens_it_later(tmp_path: Path) -> None:
    directory, file = tmp_path / "home", tmp_path / "secret"
    file.write_text("correct horse battery staple")
    file.chmod(0o600)
    settings = environment(XINYIN_HOME=str(directory))
    named = ("--passphrase-file", str(file))
    ran = xinyin_process("demo", "--count", "1", "--json", *named, env=settings)
    assert ran.code == 0, ran.err
    assert not directory.with_name("home.passphrase").exists()
    again = xinyin_process("ca", "renew", "--force-renewal", env=settings)
    assert again.code == 0, again.err
