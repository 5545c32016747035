"""`xinyin licence …`: granting one, its life afterwards, and what is refused."""

import hashlib
import shlex
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from registry.granting.reservation import PendingGrant, Reservations
from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import DemoHome
from tests.cli.holders import write_shop


def issue(home: DemoHome, data: Path, out: Path, *more: str) -> Ran:
    """Grant a food licence."""
    arguments = ("--type", "food-operation", "--data", data, "--out", out)
    return home.run("licence", "issue", *arguments, *more)


def state_of(home: DemoHome, identifier: str) -> str:
    """Return the state on record."""
    state: str = home.run("licence", "show", identifier, "--json").json["state"]
    return state


def test_issue_show_list_and_verify(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "licence.pdf"
    ran = issue(own, write_shop(tmp_path / "a.json", 71), out, "--json", "--basis", "测试依据")
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.json) == {"identifier", "number", "path"}
    assert ran.json["path"] == str(out)
    shown = own.run("licence", "show", ran.json["identifier"], "--json").json
    assert (shown["state"], shown["basis"], shown["replaces"]) == ("IN_FORCE", "测试依据", None)
    (revision,) = shown["revisions"]
    assert revision.pop("registered_at")
    assert revision == {
        "length": out.stat().st_size,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
    }
    listed = own.run("licence", "list", "--state", "IN_FORCE", "--json").records
    assert ran.json["identifier"] in [one["identifier"] for one in listed]
    assert own.run("verify", out).code == 0
    events = own.run("audit", "list", "--subject", ran.json["identifier"], "--json").records
    assert [one["action"] for one in events] == ["licence.reserved", "licence.granted"]
    assert {one["actor"] for one in events} != {None}


def test_nothing_is_overwritten_without_force(own: DemoHome, tmp_path: Path) -> None:
    data, out = write_shop(tmp_path / "a.json", 72), tmp_path / "licence.pdf"
    out.write_bytes(b"someone's")
    refused = issue(own, data, out)
    assert (refused.code, refused.out, out.read_bytes()) == (2, "", b"someone's")
    assert "--force" in refused.err
    assert len(own.run("licence", "list", "--json").records) == 3, "and no number was taken"
    assert issue(own, data, out, "--force").code == 0
    assert own.run("verify", out).code == 0


def test_a_life(own: DemoHome) -> None:
    path, licence = own.path("in_force"), own.document("in_force")["identifier"]
    basis = ("--basis", "《食品安全法》第一百二十四条")
    number = ("--document-number", "青市监罚〔2026〕12号")
    suspended = own.run("licence", "suspend", licence, "--reason", "22", *basis, *number, "--json")
    assert (suspended.code, suspended.json["state"]) == (0, "SUSPENDED")
    shown = own.run("licence", "show", licence, "--json").json
    assert (shown["reason"], shown["document_number"]) == ("WITHHELD", number[1])
    assert own.run("verify", path).code == 13
    assert own.run("licence", "reinstate", licence, *basis).code == 0
    assert own.run("verify", path).code == 0
    cancelled = own.run("licence", "cancel", licence, "--reason", "FORFEITED", *basis, "--yes")
    assert (cancelled.code, cancelled.out) == (0, "")
    assert own.run("verify", path).code == 13
    again = own.run("licence", "cancel", licence, "--reason", "FORFEITED", *basis, "--yes")
    assert (again.code, state_of(own, licence)) == (2, "CANCELLED")
    assert again.err.startswith("xinyin: ")
    assert own.run("licence", "reinstate", licence, *basis).code == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("cancel", "--reason", "BORED", "--basis", "x"), "BORED"),
        (("cancel", "--reason", "FORFEITED"), "--basis"),
        (("cancel", "--basis", "x"), "--reason"),
        (("suspend", "--reason", "FORFEITED", "--basis", "x"), "FORFEITED"),
        (("cancel", "--reason", "FORFEITED", "--basis", " ", "--yes"), "basis"),
        (("cancel", "--reason", "FORFEITED", "--basis", "x"), "--yes"),
    ],
)
def test_a_change_needs_its_reason_and_basis(
    shared: DemoHome, arguments: tuple[str, ...], named: str
) -> None:
    licence = shared.document("in_force")["identifier"]
    ran = shared.run("licence", arguments[0], licence, *arguments[1:])
    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err
    assert state_of(shared, licence) == "IN_FORCE"


def test_replacing_keeps_the_number(own: DemoHome, tmp_path: Path) -> None:
    old, out = own.document("in_force"), tmp_path / "new.pdf"
    data = write_shop(tmp_path / "a.json", 1, premises="青岚市云溪区新址1号")
    arguments = ("--data", data, "--out", out, "--basis", "变更经营场所", "--json")
    refused = own.run("licence", "replace", old["identifier"], *arguments, "--reason", "BORED")
    assert (refused.code, out.exists()) == (2, False)
    ran = own.run("licence", "replace", old["identifier"], *arguments, "--reason", "CHANGED")
    assert ran.code == 0, ran.err
    assert ran.json["number"] == old["number"]
    assert ran.json["identifier"].split(".")[-2] == "002"
    assert own.run("verify", out).code == 0
    before = own.run("verify", old["path"], "--json")
    assert (before.code, before.json["licence"]["state"]) == (13, "REPLACED")
    assert before.json["licence"]["replaced_by"] == ran.json["identifier"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "JSON"),
        ("[]", "JSON object"),
        ('{"operator": 5}', "strings"),
        ("[" * 100_000, "JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("{}", "经营者名称"),
    ],
)
def test_bad_data_are_named(
    shared: DemoHome, tmp_path: Path, content: str | bytes, named: str
) -> None:
    data, out = tmp_path / "a.json", tmp_path / "out.pdf"
    data.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = issue(shared, data, out)
    assert (ran.code, ran.out, out.exists()) == (3, "", False)
    assert named in ran.err


def test_wrong_check_digits_name_the_field(shared: DemoHome, tmp_path: Path) -> None:
    data = write_shop(tmp_path / "a.json", 74, operator_code="92990100MA00000740")
    english = issue(shared, data, tmp_path / "out.pdf")
    assert english.code == 3
    assert "社会信用代码" in english.err


def test_a_character_that_no_font_has_is_named(own: DemoHome, tmp_path: Path) -> None:
    data = write_shop(tmp_path / "a.json", 75, representative="李\U0002ceab")
    ran = issue(own, data, tmp_path / "out.pdf")
    assert ran.code == 3
    assert "2CEAB" in ran.err.upper() or "\U0002ceab" in ran.err
    assert [one["state"] for one in own.run("licence", "list", "--json").records].count(
        "PENDING"
    ) == 0, "what can never be rendered is not left to be resumed"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("issue", "--type", "none", "--data", "DATA", "--out", "OUT"), 2, "type"),
        (("issue", "--type", "food-operation", "--data", "gone.json", "--out", "OUT"), 3, "gone"),
        (("show", "1.2.156.3005.2.none"), 12, "identifier"),
        (("issue", "--type", "food-operation"), 2, "--data"),
    ],
)
def test_what_is_not_there(
    shared: DemoHome, tmp_path: Path, arguments: tuple[str, ...], code: int, named: str
) -> None:
    paths = {"DATA": write_shop(tmp_path / "a.json", 76), "OUT": tmp_path / "out.pdf"}
    ran = shared.run("licence", *(str(paths.get(one, one)) for one in arguments))
    assert (ran.code, ran.out) == (code, "")
    assert named in ran.err


def test_into_a_directory_that_is_not_there(own: DemoHome, tmp_path: Path) -> None:
    ran = issue(own, write_shop(tmp_path / "a.json", 77), tmp_path / "none" / "out.pdf")
    assert (ran.code, ran.out) == (2, "")
    assert "out.pdf" in ran.err
    assert len(own.run("licence", "list", "--json").records) == 3, "no number was spent on it"


def test_a_granted_licence_is_exported_again(shared: DemoHome, tmp_path: Path) -> None:
    identifier, out = shared.document("in_force")["identifier"], tmp_path / "again.pdf"
    assert shared.run("licence", "export", identifier, "--out", out).code == 0
    assert out.read_bytes() == shared.path("in_force").read_bytes()
    assert shared.run("licence", "export", identifier, "--out", out).code == 2


def test_a_licence_is_named_by_number_identifier_or_link(own: DemoHome) -> None:
    document = own.document("in_force")
    link = own.run("licence", "show", document["identifier"], "--json").json["link"]
    number = " ".join(document["number"][i : i + 4] for i in range(0, 16, 4)).lower()
    basis = ("--basis", "测试")
    for named in (document["number"], number, f"证照编号：{number}", link):
        ran = own.run("licence", "suspend", named, "--reason", "核查", *basis, "--json")
        assert (ran.code, ran.json["identifier"]) == (0, document["identifier"]), ran.err
        assert ran.json["reason"] == "UNDER_REVIEW"
        assert own.run("licence", "reinstate", named, *basis).code == 0
    slip = document["identifier"][:-1] + ("A" if document["identifier"][-1] != "A" else "B")
    ran = own.run("licence", "show", slip)
    assert (ran.code, "check character" in ran.err) == (3, True)
    assert own.run("licence", "show", "JY10000000000003").code == 12


def test_a_number_means_the_version_that_holds_it(own: DemoHome, tmp_path: Path) -> None:
    document = own.document("in_force")
    data = write_shop(tmp_path / "a.json", 1, premises="青岚市云溪区清风路1号一层")
    more = ("--data", data, "--out", tmp_path / "new.pdf", "--basis", "遗失", "--json")
    new = own.run("licence", "replace", document["number"], "--reason", "补办", *more)
    assert new.code == 0, new.err
    shown = own.run("licence", "show", document["number"], "--json").json
    assert (shown["identifier"], shown["state"]) == (new.json["identifier"], "IN_FORCE")
    before = own.run("licence", "show", document["identifier"], "--json").json
    assert before["valid_until"] == shown["valid_until"]


def test_licences_are_listed_and_found_by_what_is_known_of_them(shared: DemoHome) -> None:
    listed = shared.run("licence", "list", "--json").records
    assert [one["number"][-7:-1] for one in listed] == ["000001", "000002", "000003"]
    second = listed[1]
    for filters in (
        ("list", "--number", second["number"][-8:]),
        ("list", "--holder", second["holder"], "--type", "food-operation", "--state", "IN_FORCE"),
        ("search", second["holder"]),
        ("search", second["number"].lower()),
        ("search", second["identifier"]),
    ):
        found = shared.run("licence", *filters, "--json").records
        assert second["identifier"] in [one["identifier"] for one in found], filters
        assert len(found) < 3
    cancelled = shared.run("licence", "list", "--state", "CANCELLED", "--json").records
    assert cancelled == [listed[2]]
    nothing = shared.run("licence", "list", "--holder", "100%", "--json")
    assert (nothing.code, nothing.out) == (0, "")
    assert shared.run("licence", "list", "--type", "disability", "--json").records == []
    chinese = shared.run("licence", "list", env={"XINYIN_LANG": "zh"}).out
    assert "持证主体" in chinese
    assert second["holder"] in chinese
    assert "有效" in chinese


@pytest.mark.parametrize("language", ["zh", "en"])
def test_show_speaks_in_words(shared: DemoHome, language: str) -> None:
    cancelled = shared.document("not_in_force")["identifier"]
    ran = shared.run("licence", "show", cancelled, env={"XINYIN_LANG": language})
    said = {"zh": ("状态", "已依申请注销"), "en": ("State", "at its holder's request")}[language]
    label = {"zh": "经营者名称", "en": "Operator"}[language]
    for words in (*said, "CANCELLED", "SURRENDERED", f"\n{label} "):
        assert words in ran.out, words


def test_a_grant_repeated_with_its_key_grants_nothing_twice(
    own: DemoHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server commits, and its acknowledgement is lost."""
    data, out = write_shop(tmp_path / "a.json", 81), tmp_path / "licence.pdf"
    commit, reserve = Connection._commit_impl, Reservations.reserve
    reserved = list[PendingGrant]()

    def note(*arguments: Any) -> PendingGrant:
        reserved.append(reserve(*arguments))
        return reserved[-1]

    def lose(self: Connection) -> None:
        commit(self)
        if reserved:
            reserved.clear()
            gone = OperationalError("COMMIT", {}, Exception("gone"))
            gone.connection_invalidated = True
            raise gone

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "_commit_impl", lose)
        patch.setattr(Reservations, "reserve", note)
        ran = issue(own, data, out)
    assert (ran.code, out.exists()) == (5, False), ran.err
    assert "nothing was changed" not in ran.err, ran.err
    look, again = [shlex.split(one) for one in ran.err.splitlines() if one.startswith("  xinyin")]
    (found,) = own.run(*look[1:], "--json").records
    assert found["state"] == "PENDING"
    assert again[1:3] == ["licence", "issue"]
    repeated = xinyin(*again[1:])
    assert (repeated.code, out.exists()) == (0, True), repeated.err
    states = [one["state"] for one in own.run("licence", "list", "--json").records]
    assert states.count("IN_FORCE") == 3
    assert "PENDING" not in states
    assert issue(own, data, tmp_path / "b.pdf", "--request-key", "short").code == 2


def test_a_second_licence_of_one_holder_is_refused(own: DemoHome, tmp_path: Path) -> None:
    data = write_shop(tmp_path / "a.json", 1)
    ran = issue(own, data, tmp_path / "out.pdf")
    assert (ran.code, (tmp_path / "out.pdf").exists()) == (2, False)
    assert own.run("licence", "list", "--json").records[0]["identifier"] in ran.err
    assert "licence replace" in ran.err
