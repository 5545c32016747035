"""`xinyin officer`, `xinyin request` and `xinyin authority` as a person uses them."""

import secrets
from pathlib import Path

import pytest

from cli.bodies.people_file import read_active
from core.errors import UnreadableInputError
from core.ids import AuthorityId
from core.permits import Action, Actor, Permit
from home.wiring import Home
from registry.officers.jobs import NewJob, add_job
from registry.officers.requests import NewDeskRequest, make_request
from tests.cli.commands import xinyin
from tests.cli.conftest import DemoHome

ISSUER = ("--issuer", "https://id.example.gov.cn")
MARKET = "qinglan-market"
WHY = ("--basis", "决定 2026-1")


def made(home: DemoHome, *arguments: str) -> str:
    ran = home.run(*arguments, "--json")
    assert ran.code == 0, ran.err
    return str(next(iter(ran.json.values())))


def ask(home: DemoHome, who: str) -> str:
    """Make a request as an officer, as the issuing service will."""
    with Home(Path(home.directory), {}) as opened, opened.database.writing() as connection:
        body = AuthorityId(MARKET)
        permit = Permit(Actor(f"id:{who}", body), Action.REQUEST, body)
        new = NewDeskRequest(Action.GRANT, body, "ab" * 32)
        now = opened.clock.now()
        return make_request(connection, new, permit, now, secrets.token_bytes).request_id


def state(home: DemoHome, request: str) -> object:
    return home.run("request", "show", request, "--json").json["state"]


def test_an_officer_comes_works_and_leaves(own: DemoHome) -> None:
    li = made(own, "officer", "add", *ISSUER, "--subject", "7c1e90", "--name", "李梅")
    system = made(
        own, "officer", "add", *ISSUER, "--subject", "system", "--name", "窗口系统", "--owner", li
    )
    sealer = made(own, "officer", "assign", li, "sealer", "--authority", MARKET)
    until = ("--until", "2099-01-01")
    made(own, "officer", "assign", li, "auditor", "--everywhere", *until)
    given = own.run("officer", "assign", system, "operator", "--authority", MARKET, *until)
    assert "窗口系统: operator in " in given.err
    assert "局, until 2099-01-01 00:00:00 Asia/Shanghai." in given.err, "by its name"
    for part in (system, "operator", MARKET, "until", "2099-01-01"):
        assert part in given.out, part
    told = own.run("officer", "show", li, "--json").json
    assert (told["name"], told["subject"], told["state"]) == ("李梅", "7c1e90", "ACTIVE")
    assert [(one["role"], one["authority"]) for one in told["roles"]] == [
        ("sealer", MARKET),
        ("auditor", None),
    ]
    assert told["roles"][1]["until"].startswith("2099-01-01 00:00:00")
    assert own.run("officer", "unassign", sealer, *WHY).code == 0
    ended = own.run("officer", "show", li, "--json").json["roles"][0]
    assert (ended["why"], ended["ended_at"] is not None) == ("决定 2026-1", True)
    request = ask(own, system)
    ran = own.run("officer", "disable", li, *WHY, "--yes", "--json")
    assert ran.code == 0, ran.err
    again = own.run("officer", "disable", li, *WHY, "--yes")
    assert "{" not in again.out, "people are told without --json"
    assert f"officers  {li}, {system}" in again.out
    assert ran.json == {
        "officers": [li, system],
        "roles": 2,
        "requests": 1,
        "reopened": 0,
        "jobs": 0,
        "revoked": [],
        "run_out": [],
        "failed": {},
    }
    assert state(own, request) == "WITHDRAWN"
    listed = own.run("officer", "list", "--state", "DISABLED", "--json").records
    assert {one["officer"] for one in listed} == {li, system}
    refused = own.run("officer", "assign", li, "sealer", "--authority", MARKET)
    assert refused.code == 4
    assert own.run("officer", "enable", li, *WHY).code == 0
    listed = own.run("officer", "list", "--state", "ACTIVE", "--json").records
    assert [one["officer"] for one in listed] == [li]
    assert own.run("audit", "verify", "--json").code == 0


def test_who_leaves_one_authority_keeps_what_is_elsewhere(own: DemoHome) -> None:
    li = made(own, "officer", "add", *ISSUER, "--subject", "a", "--name", "李梅")
    made(own, "officer", "assign", li, "sealer", "--authority", MARKET)
    made(own, "officer", "assign", li, "auditor", "--everywhere")
    ran = own.run("officer", "disable", li, "--authority", MARKET, *WHY, "--yes", "--json")
    assert (ran.code, ran.json["roles"]) == (0, 1)
    assert own.run("officer", "show", li, "--json").json["state"] == "ACTIVE"


def test_a_second_identity_is_merged(own: DemoHome) -> None:
    first, second = (
        made(own, "officer", "add", *ISSUER, "--subject", one, "--name", "李梅") for one in "ab"
    )
    refused = own.run("officer", "merge", first, "--into", first, *WHY, "--yes")
    assert (refused.code, "another identity" in refused.err) == (2, True)
    assert own.run("officer", "merge", first, "--into", second, *WHY).code == 2, "not agreed to"
    assert own.run("officer", "merge", first, "--into", second, *WHY, "--yes").code == 0
    told = own.run("officer", "show", first, "--json").json
    assert (told["state"], told["merged_into"]) == ("MERGED", second)


@pytest.mark.parametrize("where", [(), ("--everywhere", "--authority", MARKET)])
def test_a_role_is_given_somewhere(own: DemoHome, where: tuple[str, ...]) -> None:
    ran = own.run("officer", "assign", "x", "sealer", *where)
    assert (ran.code, "--everywhere" in ran.err) == (2, True)


def test_what_is_not_there_is_not_found(shared: DemoHome) -> None:
    for command in (("officer", "show"), ("request", "show")):
        ran = shared.run(*command, "none", "--json")
        assert (ran.code, "not_found" in ran.err) == (2, True)


def test_requests_are_decided_once(own: DemoHome) -> None:
    li = made(own, "officer", "add", *ISSUER, "--subject", "a", "--name", "李梅")
    approved, rejected, withdrawn = (ask(own, li) for _ in range(3))
    for command, request, comes_to in (
        ("approve", approved, "APPROVED"),
        ("reject", rejected, "REJECTED"),
        ("withdraw", withdrawn, "WITHDRAWN"),
    ):
        ran = own.run("request", command, request, *WHY)
        assert ran.code == 0, ran.err
        assert state(own, request) == comes_to
    closed = ask(own, li)
    early = own.run("request", "close", closed, *WHY)
    assert (early.code, state(own, closed)) == (2, "WAITING"), "what waits is rejected"
    assert own.run("request", "approve", closed, *WHY).code == 0
    assert own.run("request", "close", closed, "--basis", "已另行办理").code == 0
    told = own.run("request", "show", closed, "--json").json
    assert (told["state"], told["reason"]) == ("REJECTED", "已另行办理")
    second = own.run("request", "reject", approved, *WHY)
    assert second.code == 2
    assert "was first: this request is approved since" in second.err
    assert "Asia/Shanghai" in second.err
    assert "+00:00" not in second.err
    told = own.run("request", "show", approved, "--json").json
    assert (told["reason"], told["requested_by"]) == ("决定 2026-1", f"id:{li}")
    listed = own.run("request", "list", "--state", "APPROVED", "--json").records
    assert [one["request"] for one in listed] == [approved]


def test_an_authority_is_followed_by_another(own: DemoHome) -> None:
    bodies = [one["authority"] for one in own.run("authority", "list", "--json").records]
    other = next(one for one in bodies if one != MARKET)
    added = own.run(
        *("authority", "add", "new", "--name", "新局", "--uscc", "11990300MB0099027G"),
        *("--level", "township", "--parent", MARKET, "--valid-from", "2026-01-01"),
    )
    assert added.code == 0, added.err
    change = ("authority", "change", other)
    assert own.run(*change, "--successor", "new", "--valid-until", "2026-12-31").code == 0
    told = {one["authority"]: one for one in own.run("authority", "list", "--json").records}
    assert (told["new"]["parent"], told["new"]["valid_from"]) == (MARKET, "2026-01-01")
    assert (told[other]["successor"], told[other]["valid_until"]) == ("new", "2026-12-31")
    assert own.run(*change, "--clear", "valid-until", "--clear", "successor").code == 0
    told = {one["authority"]: one for one in own.run("authority", "list", "--json").records}
    assert (told[other]["successor"], told[other]["valid_until"]) == (None, None)
    for wrong in (("--valid-until", "morgen"), ("--parent", other), ("--successor", "none")):
        assert own.run(*change, *wrong).code == 2
    assert own.run("audit", "verify").code == 0


def test_a_restore_brings_nobody_back(own: DemoHome, tmp_path: Path) -> None:
    """With the backup of before and the journal of now, through all that a restore does."""
    li, twice, wang = (
        made(own, "officer", "add", *ISSUER, "--subject", one, "--name", one)
        for one in ("li", "li-twice", "wang")
    )
    system = made(
        own, "officer", "add", *ISSUER, "--subject", "system", "--name", "x", "--owner", li
    )
    role = made(own, "officer", "assign", wang, "sealer", "--authority", MARKET)
    earlier = made(own, "officer", "add", *ISSUER, "--subject", "earlier", "--name", "x")
    merged = own.run("officer", "merge", earlier, "--into", wang, *WHY, "--yes")
    assert merged.code == 0, merged.err
    request = ask(own, wang)
    snapshot = own.run("backup", tmp_path / "backups").out.strip()
    assert own.run("officer", "unassign", role, *WHY).code == 0
    assert own.run("officer", "disable", li, *WHY, "--yes").code == 0
    assert own.run("officer", "merge", twice, "--into", wang, *WHY, "--yes").code == 0
    back = DemoHome(tmp_path / "back", own.report)
    ran = xinyin(
        *("restore", snapshot, "--home", back.directory),
        *("--journal", own.directory / "journal"),
    )
    assert ran.code == 0, ran.err
    told = {one["officer"]: one["state"] for one in back.run("officer", "list", "--json").records}
    assert told == {
        li: "DISABLED",
        system: "DISABLED",
        twice: "MERGED",
        earlier: "MERGED",
        wang: "ACTIVE",
    }
    (ended,) = back.run("officer", "show", wang, "--json").json["roles"]
    assert ended["ended_at"] is not None
    assert state(back, request) == "LAPSED"
    assert back.run("officer", "show", twice, "--json").json["merged_into"] == wang
    verified = back.run("audit", "verify")
    assert verified.code == 0, verified.out + verified.err


def test_a_list_of_people_is_reconciled(own: DemoHome, tmp_path: Path) -> None:
    people = {
        name: made(own, "officer", "add", *ISSUER, "--subject", name, "--name", name)
        for name in ("a", "b", "c", "d", "e")
    }
    table, lines = tmp_path / "people.csv", tmp_path / "people.jsonl"
    table.write_text("sub,active\na,true\nb,false\nc,true\nd,1\n", "utf-8")
    lines.write_text('{"sub": "a"}\n\n{"sub": "e", "active": false}\n', "utf-8")
    command = ("officer", "reconcile", table, *ISSUER, *WHY)
    told = own.run(*command, "--dry-run", "--json").json
    gone = sorted([people["b"], people["e"]])
    assert (told["known"], sorted(told["gone"]), told["disabled"]) == (5, gone, 0)
    assert own.run(*command, "--json").code == 2, "it wants a yes"
    assert own.run(*command, "--yes", "--json").json["disabled"] == 2
    states = {one: own.run("officer", "show", people[one], "--json").json["state"] for one in "abe"}
    assert states == {"a": "ACTIVE", "b": "DISABLED", "e": "DISABLED"}
    events = own.run("audit", "list", "--action", "identity.ended", "--json").out
    assert "决定 2026-1" in events
    assert "local:" in events, "by the operator"
    again = ("officer", "reconcile", lines, *ISSUER, *WHY, "--yes", "--json")
    assert own.run(*again).json["disabled"] == 2
    nobody = tmp_path / "nobody.csv"
    nobody.write_text("sub,active\n", "utf-8")
    stopped = own.run("officer", "reconcile", nobody, *ISSUER, *WHY, "--yes")
    assert stopped.code == 2
    assert "--most" in stopped.err
    decided = ("officer", "reconcile", nobody, *ISSUER, *WHY, "--most", "1", "--yes", "--json")
    assert own.run(*decided).json["disabled"] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "sub,active\na,perhaps\n"),
        ("p.csv", "sub,active\na\n"),
        ("p.csv", "sub,active\na,true,x\n"),
        ("p.csv", "name\na\n"),
        ("p.csv", 'sub,active\n"a,true\n'),
        ("p.csv", "sub,active\na,true\na,true\n"),
        ("p.jsonl", '{"sub": 1}\n'),
        ("p.jsonl", '{"sub": "a", "active": null}\n'),
        ("p.jsonl", "[]\n"),
        ("p.jsonl", '{"sub": "a"'),
        ("p.jsonl", "[" * 100_000),
    ],
)
def test_a_list_with_a_line_that_is_none_disables_nobody(
    tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(UnreadableInputError):
        read_active(path)


def test_jobs_are_listed_and_shown_on_the_machine_itself(own: DemoHome) -> None:
    assert (own.run("job", "list").code, own.run("job", "list", "--json").records) == (0, [])
    li = made(own, "officer", "add", *ISSUER, "--subject", "a", "--name", "李梅")
    request = ask(own, li)
    with Home(Path(own.directory), {}) as opened, opened.database.writing() as connection:
        new = NewJob(request, AuthorityId(MARKET), {})
        actor = Actor(f"id:{li}")
        job = add_job(connection, new, actor, opened.clock.now(), secrets.token_bytes)
    (listed,) = own.run("job", "list", "--state", "WAITING", "--json").records
    assert (listed["job"], listed["request"]) == (job.job_id, request)
    assert listed["asked_at"].endswith("Asia/Shanghai")
    told = own.run("job", "show", job.job_id, "--json").json
    assert (told["state"], told["carried_by"], told["waiting"]) == ("WAITING", f"id:{li}", 0)
    assert own.run("job", "show", "none").code == 2


def test_an_account_s_end_is_told_as_an_officer_s(own: DemoHome) -> None:
    new = ("account", "add", "limei", "--name", "李梅", "--password-stdin")
    added = own.run(*new, stdin="一二三四五六七八九十，correct\n".encode())
    assert added.code == 0, added.err
    assert "{" not in added.out
    ended = own.run("account", "disable", "limei", *WHY, "--yes", "--json")
    assert ended.code == 0, ended.err
    known = {"officers", "roles", "requests", "reopened", "jobs", "revoked", "run_out", "failed"}
    assert set(ended.json) == known


def test_an_account_s_address_is_the_home_s_and_one_not_taken_is_told(own: DemoHome) -> None:
    port = own.report["verify_url"].rpartition(":")[2]
    given = ("--name", "李梅", "--password-stdin", "--json")
    password = "一二三四五六七八九十，correct\n".encode()
    added = own.run("account", "add", "limei", *given, stdin=password)
    assert added.json["sign_in"] == f"http://localhost:{port}/issuing/sign-in/local"
    assert "was not used" not in added.err
    assert f"xinyin officer assign {added.json['officer']} ROLE" in added.err
    other = ("--public-url", "http://localhost:9999")
    added = own.run("account", "add", "limei2", *given, *other, stdin=password)
    assert added.json["sign_in"] == f"http://localhost:{port}/issuing/sign-in/local"
    assert "--public-url was not used" in added.err


def test_the_emergency_s_credential_is_written_over_nothing(own: DemoHome, tmp_path: Path) -> None:
    out = tmp_path / "credential.txt"
    out.write_text("another", "utf-8")
    never = own.run("break-glass", "acknowledge", "5be1428890ab3f9a0c5d", *WHY)
    assert (never.code, "was never used" in never.err) == (2, True)
    refused = own.run("break-glass", "prepare", "--out", out)
    assert (refused.code, "--force" in refused.err) == (2, False)
    assert out.read_text("utf-8") == "another"
