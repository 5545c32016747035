"""What no page can hold is found in the plan: characters without a glyph, texts that do not fit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.ids import AuthorityId
from registry.importing.sheet_judging import plan, read_table
from registry.licences.printability import Printability
from registry.model import Authority, SealLevel
from signing.render.renderer import LicenceRenderer
from tests.pictures import all_anew
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

SLUGS = ("food-operation", "construction-qualification", "disability")
AUTHORITY = Authority(
    AuthorityId("body"),
    "青岚市市场监督管理局",
    "11990100MB00990250",
    SealLevel.CITY_OR_COUNTY,
    datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def renderer() -> LicenceRenderer:
    return LicenceRenderer()


def printability(renderer: LicenceRenderer, slug: str) -> Printability:
    return Printability(renderer, example_type(slug), AUTHORITY, "https://a.example.gov.cn", TODAY)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_examples_can_be_printed(slug: str, renderer: LicenceRenderer) -> None:
    table = read_table(EXAMPLES / "data" / f"{slug}.csv")
    found = plan(example_type(slug), table, today=TODAY, read_photos=all_anew).applications[:6]
    pages = printability(renderer, slug)
    assert [pages.problem(one) for one in found] == [None] * len(found)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"operator": "青岚\U00030ede面馆"}, "missing_glyph"),
        ({"premises": "路" * 2000}, "field_too_long"),
    ],
)
def test_what_cannot_be_printed_is_named_with_its_row(
    changed: dict[str, str], code: str, renderer: LicenceRenderer
) -> None:
    table = read_table(EXAMPLES / "data" / "food-operation.csv")
    good, other = plan(example_type("food-operation"), table, today=TODAY).applications[:2]
    bad = replace(other, data=other.data | changed)
    pages = printability(renderer, "food-operation")
    assert pages.problem(good) is None
    problem = pages.problem(bad)
    assert problem is not None
    assert (problem.source, problem.code) == ("row 3", code)
