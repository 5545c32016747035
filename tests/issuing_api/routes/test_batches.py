"""Batches, changes by a second person, pages and tags, over HTTP with people who signed in."""

import base64
import io
import zipfile
from typing import Any

import pytest

from core.permits import Action
from registry.types.catalogue import put_type
from registry.types.types import parse_type
from tests.issuing_api.desk import Person, RunningDesk, words_of
from tests.issuing_api.test_desk import body
from tests.registry.desk.batch.batch_world import TYPE, sheet

V1 = "/issuing/v1"
STRONG = "urn:xinyin:two"


@pytest.fixture
def desk(one_desk: RunningDesk) -> RunningDesk:
    return one_desk


def batch(first: int, count: int = 2, **other: Any) -> dict[str, Any]:
    cells = other.pop("cells", {})
    content = base64.b64encode(sheet(first, count, **cells)).decode()
    return {"type": TYPE, "sheet": content, **other}


def asked(who: Person, first: int, count: int = 2, key: str = "", **other: Any) -> str:
    answer = who.ask(
        "POST",
        f"{V1}/batches",
        batch(first, count, **other),
        Idempotency_Key=key or f"batch-{first:03}",
    )
    assert answer.status_code == 201, words_of(answer)
    found = answer.json()["id"]
    assert answer.headers["location"] == f"{V1}/batches/{found}"
    return str(found)


def test_a_batch_passes_from_sheet_to_sealed_pdfs(desk: RunningDesk) -> None:
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    check = li.ask("POST", f"{V1}/batches/check", batch(4))
    assert (check.status_code, check.json()["new"]) == (200, 2), words_of(check)
    request = asked(li, 4)
    # Who decides looks at the very rows.
    rows = wang.ask("GET", f"{V1}/batches/{request}/rows?limit=1")
    [row] = rows.json()["rows"]
    assert (row["number"], row["state"], row["photo"]) == (2, "WAITING", False)
    assert row["record"]["operator_name"] if "operator_name" in row["record"] else row["record"]
    following = wang.ask("GET", rows.json()["next"])
    assert [one["number"] for one in following.json()["rows"]] == [3]
    assert (following.json()["next"], rows.headers["link"]) == (
        None,
        f'<{rows.json()["next"]}>; rel="next"',
    )
    content = wang.ask("GET", f"{V1}/requests/{request}/content").json()
    assert (content["rows"], content["batch"]["further"], content["record"]) == (2, False, None)
    approved = wang.ask("POST", f"{V1}/requests/{request}/approval", {"reason": "材料齐全"})
    assert approved.json()["state"] == "APPROVED", words_of(approved)
    assert li.ask("POST", f"{V1}/requests/{request}/job").status_code == 403
    begun = zhao.ask("POST", f"{V1}/requests/{request}/job")
    assert (begun.status_code, begun.json()["state"]) == (202, "WAITING"), words_of(begun)
    job = begun.headers["location"]
    assert int(begun.headers["retry-after"]) >= 1
    assert zhao.ask("POST", f"{V1}/requests/{request}/job").headers["location"] == job
    desk.duty("jobs")
    counted = 'xinyin_batch_rows_total{outcome="granted"} 2'
    assert counted in list(desk.metrics.rows.lines())
    done = li.ask("GET", job)
    counts = {"waiting": 0, "granted": 2, "skipped": 0, "failed": 0, "before": 0}
    assert done.json()["counts"] == counts
    progress = done.json()["progress"]
    assert (progress["done"], progress["rows"], progress["errors"]) == (2, 2, [])
    assert progress["summary"]["en"].startswith("2 granted, in ")
    assert [one["progress"] for one in li.ask("GET", f"{V1}/jobs").json()["jobs"]] == [None]
    assert (done.json()["state"], "retry-after" in done.headers) == ("DONE", False)
    same = li.ask("GET", job, If_None_Match=done.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")
    packed = zhao.ask("GET", f"{job}/documents")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        pdfs = {one: archive.read(one) for one in archive.namelist()}
    assert len(pdfs) == 2
    for name, pdf in pdfs.items():
        assert pdf.startswith(b"%PDF-")
        assert desk.home.verifier.by_code(name.removesuffix(".pdf")).outcome == "in_force"
    ended = li.ask("GET", f"{job}/rows?state=GRANTED").json()["rows"]
    assert [(one["record"], f"{one['licence']}.pdf" in pdfs) for one in ended] == [(None, True)] * 2
    assert wang.ask("GET", f"{V1}/requests/{request}/content").status_code == 409
    assert zhao.ask("POST", f"{V1}/requests/{request}/licence").status_code == 409
    assert li.ask("GET", f"{V1}/batches/{request}").json()["job"] == done.json()["id"]
    # The same sheet again: both rows are recognised, and that is said.
    check = li.ask("POST", f"{V1}/batches/check", batch(4)).json()
    assert [(one["row"], one["kind"]) for one in check["recognised"]] == [
        (2, "granted"),
        (3, "granted"),
    ]
    assert {f"{one['licence']}.pdf" for one in check["recognised"]} == set(pdfs)
    again = li.ask("POST", f"{V1}/batches", batch(4), Idempotency_Key="the-same-again").json()
    assert (again["counts"]["waiting"], again["counts"]["before"]) == (2, 2)


def test_each_row_to_mend_is_named(desk: RunningDesk) -> None:
    li = desk.person("li")
    cells = {"统一社会信用代码": "91990102MA1CAG8D5X", "投诉举报电话": ""}
    answer = li.ask("POST", f"{V1}/batches", batch(6, cells=cells), Idempotency_Key="bad-batch")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_row")
    errors = answer.json()["errors"]
    assert {(one["row"], one["pointer"]) for one in errors} == {("2", "/sheet/rows/2")}
    assert "统一社会信用代码" in {one["field"] for one in errors}
    assert "91990102MA1CAG8D5X" not in answer.text, "what a row says is not repeated"
    # A row of a licence, changed: the licence that it speaks of is named.
    desk.person("zhao").ask("POST", f"{V1}/requests/{asked(li, 34, 1)}/job")
    desk.work()
    changed = batch(34, 1, cells={"住所": "云泽省青岚市揽月县别处1号"})
    answer = li.ask("POST", f"{V1}/batches/check", changed)
    [error] = answer.json()["errors"]
    assert (error["row"], error["problem"]) == ("2", "changed")
    assert li.ask("GET", f"{V1}/licences/{error['licence']}").status_code == 200
    for wrong in ({"sheet": "no base64!"}, {"sheet": ""}, {"type": TYPE}, {"photos": "AAAA"}):
        answer = li.ask("POST", f"{V1}/batches/check", {**batch(6), **wrong, "type": TYPE})
        assert answer.status_code == (200 if wrong == {"type": TYPE} else 422), wrong


def test_a_key_is_one_batch(desk: RunningDesk) -> None:
    li, sun = desk.person("li"), desk.person("sun")
    first = asked(li, 8, key="the-same-key")
    assert asked(li, 8, key="the-same-key") == first
    other = li.ask("POST", f"{V1}/batches", batch(8, 1), Idempotency_Key="the-same-key")
    assert other.status_code == 409, words_of(other)
    single = li.ask("POST", f"{V1}/requests", body(9), Idempotency_Key="the-same-key")
    assert single.status_code == 409, "one key, one request, of whatever kind"
    theirs = sun.ask("POST", f"{V1}/batches", batch(8), Idempotency_Key="the-same-key")
    assert theirs.status_code in (403, 404)
    li.ask("POST", f"{V1}/requests/{first}/withdrawal", {"reason": "填错"})
    assert li.ask("GET", f"{V1}/batches/{first}/rows").json()["rows"] == []


def test_nobody_elsewhere_finds_a_batch_or_its_job(desk: RunningDesk) -> None:
    li, sun, zhao, qian = (desk.person(one) for one in ("li", "sun", "zhao", "qian"))
    request = asked(li, 10, 1)
    job = zhao.ask("POST", f"{V1}/requests/{request}/job").headers["location"]
    reason = {"reason": "理由"}
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"{V1}/batches/{request}", None),
        ("GET", f"{V1}/batches/{request}/rows", None),
        ("GET", f"{V1}/batches/{request}/photo?row=2", None),
        ("POST", f"{V1}/requests/{request}/job", None),
        ("GET", job, None),
        ("GET", f"{job}/rows", None),
        ("GET", f"{job}/documents", None),
        ("POST", f"{job}/cancellation", reason),
        ("POST", f"{job}/resumption", None),
    ]
    for method, path, sent in calls:
        nowhere = path.replace(request, "0" * 20).replace(job.rsplit("/", 1)[1], "0" * 20)
        theirs, nobodys = sun.ask(method, path, sent), sun.ask(method, nowhere, sent)
        assert (theirs.status_code, nobodys.status_code) == (404, 404), path
        ours = {request, job.rsplit("/", 1)[1], "0" * 20}
        said = [one.json()["detail"] for one in (theirs, nobodys)]
        for name in ours:
            said = [one.replace(name, "…") for one in said]
        assert said[0] == said[1]
    assert sun.ask("GET", f"{V1}/jobs").json() == {"jobs": [], "next": None}
    assert qian.ask("GET", f"{job}/rows").status_code == 200, "a supervisor sees all"
    assert qian.ask("POST", f"{job}/cancellation", reason).status_code == 403
    cancelled = zhao.ask("POST", f"{job}/cancellation", reason)
    assert cancelled.json()["state"] == "CANCELLED", words_of(cancelled)


def test_many_rows_want_a_strong_sign_in(desk: RunningDesk) -> None:
    li, zhao = desk.person("li"), desk.person("zhao")
    request = asked(li, 12, 21)
    weak = zhao.ask("POST", f"{V1}/requests/{request}/job")
    assert (weak.status_code, weak.json()["code"]) == (401, "step_up_required"), words_of(weak)
    assert 'acr_values="urn:xinyin:two"' in weak.headers["www-authenticate"]
    strong = desk.person()
    strong.sign_in("zhao", f"?max_age=0&acr_values={STRONG}", acr=STRONG)
    begun = strong.ask("POST", f"{V1}/requests/{request}/job")
    assert begun.status_code == 202, words_of(begun)
    job = begun.headers["location"]
    strong.ask("POST", f"{job}/cancellation", {"reason": "样例"})


def test_a_change_waits_for_a_second_person(desk: RunningDesk) -> None:
    li, wang, sun = desk.person("li"), desk.person("wang"), desk.person("sun")
    licence = li.ask("GET", f"{V1}/licences?state=IN_FORCE&limit=1").json()["licences"][0]
    path = f"{V1}/licences/{licence['identifier']}"
    change = {"change": "suspend", "reason": "UNDER_REVIEW", "basis": "接到举报"}
    _second_person(desk, needed=True)
    try:
        at_once = li.ask("POST", f"{path}/changes", change)
        assert (at_once.status_code, at_once.json()["code"]) == (403, "second_person_required")
        wrong = li.ask(
            "POST",
            f"{path}/change-requests",
            {"change": "reinstate", "basis": "样例"},
            Idempotency_Key="change-000",
        )
        assert wrong.status_code == 409, "it is in force: what cannot be is not asked for"
        made = li.ask("POST", f"{path}/change-requests", change, Idempotency_Key="change-001")
        assert made.status_code == 201, words_of(made)
        request = made.headers["location"]
        again = li.ask("POST", f"{path}/change-requests", change, Idempotency_Key="change-001")
        assert again.json()["id"] == made.json()["id"]
        theirs = sun.ask("POST", f"{path}/change-requests", change, Idempotency_Key="change-001")
        assert theirs.status_code == 404
        assert li.ask("POST", f"{request}/licence").status_code == 403
        content = wang.ask("GET", f"{request}/content").json()
        assert content["change"] == {
            "licence": licence["identifier"],
            "change": "suspend",
            "reason": "UNDER_REVIEW",
            "document_number": None,
            "until": None,
        }
        stale = wang.ask("POST", f"{request}/approval", {"reason": "属实"}, If_Match='"another"')
        assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
        tag = wang.ask("GET", request).headers["etag"]
        approved = wang.ask("POST", f"{request}/approval", {"reason": "属实"}, If_Match=tag)
        assert approved.json()["state"] == "APPROVED", words_of(approved)
        done = li.ask("POST", f"{request}/licence")
        assert (done.status_code, done.json()["state"]) == (200, "SUSPENDED"), words_of(done)
        assert li.ask("POST", f"{request}/licence").status_code == 409
        assert li.ask("GET", request).json()["state"] == "DONE"
    finally:
        _second_person(desk, needed=False)
    back = li.ask("POST", f"{path}/changes", {"change": "reinstate", "basis": "查无实据"})
    assert back.json()["state"] == "IN_FORCE", words_of(back)


def test_an_approval_is_for_one_definition_of_the_type(desk: RunningDesk) -> None:
    li, wang, zhao = (desk.person(one) for one in ("li", "wang", "zhao"))
    made = li.ask("POST", f"{V1}/requests", body(25), Idempotency_Key="request-type")
    request = f"{V1}/requests/{made.json()['id']}"
    wang.ask("POST", f"{request}/approval", {"reason": "材料齐全"})
    _second_person(desk, needed=True)
    try:
        refused = zhao.ask("POST", f"{request}/licence")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        again = li.ask("POST", f"{V1}/requests", body(25), Idempotency_Key="request-type")
        assert again.json()["id"] == made.json()["id"], words_of(again)
    finally:
        _second_person(desk, needed=False)
    granted = zhao.ask("POST", f"{request}/licence")
    assert granted.status_code == 201, words_of(granted)


def test_lists_come_in_pages(desk: RunningDesk) -> None:
    """In the order of time, each once, whatever is made meanwhile."""
    li = desk.person("li")
    for number in range(5):
        li.ask("POST", f"{V1}/requests", body(20), Idempotency_Key=f"paged-list-{number}")
    for what in ("requests", "licences", "jobs"):
        whole = li.ask("GET", f"{V1}/{what}?limit=500").json()[what]
        seen, address = [], f"{V1}/{what}?limit=2"
        while address is not None:
            page = li.ask("GET", address)
            seen += page.json()[what]
            address = page.json()["next"]
            assert ("link" in page.headers) == (address is not None)
        assert seen == whole
    times = [one["requested_at"] for one in li.ask("GET", f"{V1}/requests").json()["requests"]]
    assert times == sorted(times)
    waiting = li.ask("GET", f"{V1}/requests?state=WAITING&limit=1").json()["next"]
    assert "state=WAITING" in waiting
    for cursor in (
        "x",
        "AAAA",
        base64.urlsafe_b64encode(b'["2026-01-01", "x"]').decode(),
        "[" * 99,
    ):
        answer = li.ask("GET", f"{V1}/requests?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "usage"), cursor
    assert li.ask("GET", f"{V1}/requests?limit=501").status_code == 422


def test_what_is_known_is_not_sent_again(desk: RunningDesk) -> None:
    li = desk.person("li")
    licence = li.ask("GET", f"{V1}/licences?state=IN_FORCE").json()["licences"][0]
    path = f"{V1}/licences/{licence['identifier']}"
    for address in (path, f"{path}/document"):
        tag = li.ask("GET", address).headers["etag"]
        assert li.ask("GET", address, If_None_Match=f'"x", {tag}').status_code == 304
        assert li.ask("GET", address, If_None_Match='"x"').status_code == 200
    found = li.ask("GET", f"{V1}/licences?number={licence['number']}").json()["licences"]
    assert [one["identifier"] for one in found] == [licence["identifier"]]
    change = {"change": "suspend", "reason": "UNDER_REVIEW", "basis": "样例"}
    stale = li.ask("POST", f"{path}/changes", change, If_Match='"x"')
    assert stale.status_code == 412


def _second_person(desk: RunningDesk, *, needed: bool) -> None:
    """Let the type need a second person, or none."""

    home = desk.home
    with home.database.reading() as connection:
        source = home.catalogue.find(connection, TYPE).source
    line = "\n[desk]\nsecond_person = true\n"
    source = source.replace(line, "") + (line if needed else "")
    with home.database.writing() as connection:
        permit = home.permit(Action.MANAGE_AUTHORITY)
        put_type(connection, parse_type(source), permit, home.clock.now())
