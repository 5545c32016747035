"""Both editions of the table beside EU DSS say what `make dss-table` would."""

import re

import pytest

from core.text import Language
from tests.corpus.cases import CASES
from tests.dss_document import EDITIONS, OURS, THEIRS, Comparison, Difference, document
from tests.dss_table import EXPLANATIONS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_is_one_of_the_program_s(language: Language) -> None:
    known = {text.to(language) for text, _ in EXPLANATIONS}
    text = EDITIONS[language].read_text("utf-8")
    told = re.findall(r" \d+ × .+? \| (.+?)[.。] \|$", text, re.MULTILINE)
    assert len(told) > 20
    assert set(told) <= known
    assert f" {len(CASES)} " in text.splitlines()[4], "the corpus has grown: make dss-table"


def test_a_difference_stands_in_both_with_its_count() -> None:
    [(why, _), *_] = EXPLANATIONS
    found = Comparison(
        {("failed", "warned"): 3, ("passed", "sound"): 5},
        5,
        (Difference("`a`, saving (2)", 3, "failed", "warned", why),),
    )
    english, chinese = document(found, "en"), document(found, "zh")
    assert f"| `a`, saving (2) | 3 × altered, warned | {why.en}. |\n" in english
    assert f"| `a`, saving (2) | 3 × 已被改动，警告 | {why.zh}。 |\n" in chinese
    assert ("Agreed on 5 of 8." in english, "8 个文件中，判断一致的有 5 个" in chinese) == (
        True,
        True,
    )
    for edition in (english, chinese):
        assert edition.count("\n| ") == 5
    words = [*OURS.values(), *THEIRS.values()]
    assert all(text.zh and text.en for text in words)
