"""Strangers are told that the service is away; operators, in the log, why and what to do."""

import json
import logging
import re
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.errors import StorageError, UnreachableError, UsageError, XinyinError
from core.text import Text
from core.web.problem_answers import ProblemHandlers
from core.web.problems import OPERATORS, PROBLEMS, Problem
from registry.db.faults import UnknownOutcomeError

SAID = Text("磁盘已满：/var/lib/xinyin/registry.db", "Full: /var/lib/xinyin/registry.db. xinyin x")


def _page(request: Request, problem: Problem, detail: Text) -> Response:
    return PlainTextResponse(f"{detail.zh} {detail.en}", problem.status)


def _answer(error: XinyinError, path: str, accept: str) -> Response:
    headers = [(b"accept", accept.encode())]
    scope = {"type": "http", "path": path, "method": "GET", "query_string": b"", "headers": headers}
    return ProblemHandlers("https://x.example", _page).known(Request(scope), error)


@pytest.mark.parametrize("error", [UnreachableError(SAID), StorageError(SAID)])
@pytest.mark.parametrize(("path", "accept"), [("/v1/x", "*/*"), ("/issuing/", "text/html")])
def test_no_path_and_no_command_is_told_to_strangers(
    error: XinyinError, path: str, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = _answer(error, path, accept)
    told = bytes(answer.body).decode()
    assert answer.status_code == PROBLEMS[error.code].status
    assert "/var/lib" not in told
    assert "xinyin x" not in told
    assert error.code in told
    (record,) = caplog.records
    assert "/var/lib/xinyin/registry.db" in record.getMessage()
    assert record.__dict__["code"] == error.code


def test_an_unknown_outcome_is_told_as_one() -> None:
    error = UnknownOutcomeError(Text("看 xinyin licence list", "see xinyin licence list"))
    told = json.loads(bytes(_answer(error, "/v1/x", "*/*").body))
    assert "not known" in told["detail"] or "不知道" in told["detail"]
    assert "xinyin" not in told["detail"]


def test_what_the_asker_can_mend_is_told_as_it_is() -> None:
    told = json.loads(bytes(_answer(UsageError(SAID), "/v1/x", "*/*").body))
    assert told["detail"] in (SAID.zh, SAID.en)


def test_every_such_code_is_in_the_table() -> None:
    assert OPERATORS - set(PROBLEMS) == set()


def test_pages_show_errors_by_what_may_be_shown() -> None:
    """A page that repeats an error's own sentence would show paths; what cannot be one may."""
    pages = sorted((Path(__file__).parents[3] / "issuing_api").rglob("*.py"))
    within = r"(?:(?!\n    def |\n\ndef ).)*?"
    caught = re.compile(rf"except XinyinError as error:{within}error\.text\b", re.DOTALL)
    found = [path.name for path in pages if caught.search(path.read_text("utf-8"))]
    assert found == []
