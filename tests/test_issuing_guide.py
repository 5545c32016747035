"""The guide to the issuing API is true: addresses, error codes, limits, examples."""

import json
import re
from pathlib import Path

import pytest

from core.permits import Action
from core.web.problem_answers import edge_problem_of
from identity.people.rules import MANY_AT_ONCE, RULES
from issuing_api.app import MAX_BODY, IssuingLimits
from issuing_api.description import CODES
from issuing_api.errors import ForgedRequestError
from issuing_api.examples import EXAMPLES
from issuing_api.providers.events import MAX_BODY as MAX_EVENT
from issuing_api.providers.scim_filters import MAX_CHARACTERS, MAX_DEPTH, MAX_TERMS
from issuing_api.providers.scim_model import MAX_RESULTS
from issuing_api.routes.batch_wire import MAX_BATCH_BODY, MAX_PHOTOS, MAX_SHEET
from issuing_api.routes.jobs import DOCUMENTS_AT_ONCE
from issuing_api.routes.papers.drafts import MAX_DOCUMENT
from registry.desk.batch.batches import MOST_UNDER_WAY
from registry.desk.documents.drafting import MOST_FILES, MOST_TOGETHER
from registry.desk.judging import MAX_ROWS

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "issuing-api.md").read_text("utf-8")
EVERY = {"not_signed_in", "token_refused", "identity_ended", "too_many_requests"}
"""Codes that every call may be answered with (`issuing_api.description`)."""
MIB = 1024 * 1024


def rows(heading: str) -> dict[str, list[str]]:
    """Return the table below a heading by its first cell."""
    section = re.split(r"\n## ", GUIDE.split(f"\n## {heading}", 1)[1], maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {one[0]: one[1:] for one in cells}


def blocks() -> list[object]:
    """Return the JSON that the guide shows."""
    shown = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return [json.loads(block) for block in shown]


def test_every_call_has_its_row_and_no_other() -> None:
    told = {address.strip("`") for address in rows("Addresses")}
    wanted = {f"{method.upper()} {re.sub(r'{[a-z_]+}', 'ID', path)}" for method, path in CODES}
    assert told == wanted


def test_every_error_is_told_with_its_status() -> None:
    told = {
        code: int(status)
        for codes, (status, _) in rows("Errors").items()
        for code in re.findall("`([a-z_]+)`", codes)
    }
    codes = {code for found in CODES.values() for code in found}
    wanted = codes | EVERY | {ForgedRequestError.code}
    assert told == {code: edge_problem_of(code).status for code in wanted}


def test_examples_are_those_of_the_description() -> None:
    """What is shown of a shape is its example; of a list, one of its rows."""
    known = [*EXAMPLES.values(), EXAMPLES["RowsWire"]["rows"][0]]
    left = [one for one in blocks() if one not in known]
    kinds = ("code", "schemas", "events", "next")
    assert [one for one in left if not any(kind in one for kind in kinds)] == []  # type: ignore[operator]
    assert len(blocks()) - len(left) >= 20


def test_problems_shown_have_their_own_titles_and_statuses() -> None:
    shown = [one for one in blocks() if isinstance(one, dict) and "/problems#" in str(one)]
    assert len(shown) == 2
    for one in shown:
        problem = edge_problem_of(one["code"])
        assert (one["status"], one["title"]) == (problem.status, problem.title.en)
        assert one["type"].endswith(f"/problems#{one['code']}")


@pytest.mark.parametrize(
    "told",
    [
        f"{MAX_BODY // MIB} MiB at most ({MAX_BATCH_BODY // MIB} MiB for a sheet)",
        f"{MAX_SHEET // MIB} MiB and {MAX_ROWS:,} rows at most",
        f"`photos`, {MAX_PHOTOS // MIB} MiB",
        f"{MAX_DOCUMENT // MIB} MiB at most, 415 and 413 otherwise",
        f"{MOST_FILES} files and {MOST_TOGETHER // MIB} MiB at most",
        f"jobs of more than {MANY_AT_ONCE} rows",
        f"{IssuingLimits().requests.per_minute:,g} calls a minute",
        f"the token as the body, {MAX_EVENT // 1024} KiB at most",
        f"{MAX_TERMS} conditions, {MAX_CHARACTERS:,} characters, {MAX_DEPTH} brackets",
        f"Pages of {MAX_RESULTS} at most",
    ],
)
def test_limits_are_the_ones_told(told: str) -> None:
    assert told in GUIDE


def test_limits_in_words_are_the_ones_told() -> None:
    assert (DOCUMENTS_AT_ONCE, MOST_UNDER_WAY) == (100, 5)
    assert "a hundred a .zip" in GUIDE
    assert "five jobs under way" in GUIDE
    step_up = RULES[Action.GRANT].step_up
    assert step_up is not None
    assert step_up.max_age.total_seconds() == 600
    assert "a strong sign-in of the last ten minutes" in GUIDE
