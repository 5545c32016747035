"""Flaws of a definition: all at once, each on its line, in both languages."""

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from registry.types.flaws import read_definition
from registry.types.toml_lines import line_at, lines_of
from tests.registry.type_samples import EXAMPLES, GIVEN_TERM

FOOD = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")


def told(source: str) -> dict[str, int]:
    """Return line by place of a definition that cannot stand."""
    licence_type, flaws = read_definition(source)
    assert licence_type is None
    for flaw in flaws:
        assert flaw.text.zh
        assert flaw.text.en
        assert flaw.text.zh != flaw.text.en
    return {flaw.place: flaw.line for flaw in flaws}


def line(source: str, text: str) -> int:
    return source.splitlines().index(text) + 1


def test_all_flaws_are_told_at_once_each_on_its_line() -> None:
    source = (
        FOOD.replace('kind = "area"', 'kind = "aera"')
        .replace("years = 5", "years = 500")
        .replace('name = "operator"', 'name = "nobody"')
        .replace('key = "hotline"', 'key = "scope"')
        .replace("ANNULLED", "LOST")
        .replace(
            '{ value = "餐饮服务经营者", code = "2" }', '{ value = "餐饮服务经营者", cod = "2" }'
        )
    )
    assert told(source) == {
        "validity.years": line(source, "years = 500"),
        "holder.name": line(source, 'name = "nobody"'),
        "fields.5.choices.1.cod": line(source, '  { value = "餐饮服务经营者", cod = "2" },'),
        "fields.7.key": line(source, 'key = "scope"') + 8,
        "fields.8.kind": line(source, 'kind = "aera"'),
        "reasons.LOST": next(
            n for n, one in enumerate(source.splitlines(), 1) if one.startswith("LOST")
        ),
    }


def test_a_field_that_cannot_be_read_spoils_no_reference_to_it() -> None:
    source = GIVEN_TERM.replace('kind = "text"', 'kind = "txt"')
    assert list(told(source)) == ["fields.0.kind"]


def test_a_term_that_ends_stays_on_the_page() -> None:
    source = FOOD.replace("until_only = true", "without_term = true")
    assert told(source) == {"design.without_term": line(source, "without_term = true")}


def test_a_near_word_of_a_page_is_offered() -> None:
    source = FOOD.replace("\n[number]", "\n[[design.pages]]\nheadings = 1\n\n[number]", 1)
    _, (flaw,) = read_definition(source)
    assert (flaw.place, "heading" in flaw.text.zh) == ("design.pages.0.headings", True)


def test_a_near_word_is_offered() -> None:
    _, (flaw,) = read_definition(FOOD.replace("until_only", "untilonly"))
    assert "until_only" in flaw.text.zh
    _, (flaw,) = read_definition(FOOD.replace('kind = "area"', 'kind = "aera"'))
    assert flaw.text.en.endswith("Is it area?")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("years = 5", "years = 5\nyears = 6"),
        ('"landscape"', '"landscape'),
        ("[validity]", "[valid"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(before: str, after: str) -> None:
    (place,) = told(FOOD.replace(before, after)).items()
    assert place[0] == "TOML"
    assert place[1] > 1


DOCUMENT = '''# [no.table]
a = "x = 1" # b = 2
"b.c" = [ # one
  1, [2,
  3], { d = 4, e = { f = "}]" } },
]
g.h = \'\'\'
i = 5 \'\'\'
[t]
j = """\\"""
k = 1""""
[[u]]
[[u.v]]
w = 1
[[u.v]]
w = 2
[[u]]
x = 1979-05-27 07:32:00
'''


def test_lines_of_everything_in_a_document() -> None:
    assert tomllib.loads(DOCUMENT)
    lines = lines_of(DOCUMENT)
    assert lines[("a",)] == 2
    assert lines[("b.c", 1, 1)] == 5
    assert lines[("b.c", 2, "e", "f")] == 5
    assert lines[("g", "h")] == 7
    assert lines[("t", "j")] == 10
    assert ("t", "k") not in lines
    assert lines[("u", 0, "v", 1, "w")] == 16
    assert lines[("u", 1, "x")] == 18
    assert line_at(lines, ("u", 1, "missing", 3)) == 17
    assert line_at(lines, ("nowhere",)) == 0


_NAMES = st.sampled_from(["a", "b", "fields", "key"])
_VALUES = st.recursive(
    st.integers() | st.text(max_size=6) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_whatever_toml_says_its_lines_are_found(content: dict[str, object]) -> None:
    source = tomli_w.dumps(content)
    lines = lines_of(source)
    for key in content:
        assert lines[(key,)] >= 1
    read_definition(source)
