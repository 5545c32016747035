"""Language, hostile text, and words for every member of every closed set."""

from dataclasses import fields, is_dataclass, replace

import pytest

from core.sanitize import MAX_SHOWN, has_controls, shown
from core.text import Language
from core.web.language import accepted_language
from registry.answers.answers import CheckResult, Outcome
from registry.answers.sentences import CHECKS
from registry.answers.signature_words import NOT_JUDGED
from signing.report import Coverage, Indication, LaterChanges, SignatureKind
from tests.verify_api import world
from verify_api import texts, verdicts
from verify_api.verdicts import Tone, verdict_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("fr, en;q=0.5", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nan", "zh"),
        ("en;q=x", "zh"),
        ("en;q=7", "zh"),
        ("EN", "en"),
        ("zh-Hant;q=0.3, zh-CN;q=0.9, en;q=0.5", "zh"),
        ("," * 100_000 + "en", "zh"),
        ("\x00;q=;;;=,", "zh"),
    ],
)
def test_accept_language(header: str, language: Language) -> None:
    assert accepted_language(header) == language


def test_shown_keeps_honest_names() -> None:
    for name in ("青云市临海区市场监督管理局", "O'Brien & Søn", "𠮷野家", "नेपाल"):
        assert shown(name) == name
    assert len(shown("x" * 10_000)) == MAX_SHOWN + 1


def test_controls_are_found() -> None:
    assert has_controls("a\x00")
    assert has_controls("\ud800")
    assert not has_controls("张三 JY1")


def test_every_closed_set_has_words() -> None:
    for members, table in (
        (CheckResult, texts.CHECK_RESULTS),
        (SignatureKind, texts.KINDS),
        (Indication, texts.INDICATIONS),
        (Coverage, texts.COVERAGES),
        (LaterChanges, texts.LATER_CHANGES),
    ):
        assert set(members) == set(table)


def test_what_differs_looks_different() -> None:
    """Colour, icon and words: no two of these may be taken for one another."""
    answers = [*world.BY_OUTCOME.values(), world.BY_RECORD, world.ADDED, world.SCAN, world.MISTYPED]
    verdicts = [verdict_of(answer) for answer in answers]
    assert len({one.tone for one in verdicts}) == len(answers) == len(Outcome) + 4
    assert len({one.headline for one in verdicts}) == len(answers)


def test_good_is_kept_for_a_document_that_was_looked_at() -> None:
    assert verdict_of(world.BY_RECORD).tone is Tone.RECORD
    assert verdict_of(world.BY_LINK).tone is Tone.RECORD
    assert verdict_of(world.IN_FORCE).tone is Tone.GOOD
    assert verdict_of(world.SAMPLE).tone is Tone.GOOD
    assert "样例" in verdict_of(world.SAMPLE).headline.zh


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.IN_FORCE])
@pytest.mark.parametrize("code", [*CHECKS, *NOT_JUDGED])
def test_nothing_but_a_document_in_force_is_green(outcome: Outcome, code: str) -> None:
    for checked, length in ((True, None), (True, 7), (False, None)):
        check = replace(world.IN_FORCE.integrity, code=code)
        answer = replace(
            world.IN_FORCE,
            outcome=outcome,
            integrity=check,
            issuer=check,
            document_checked=checked,
            registered_length=length,
        )
        assert verdict_of(answer).tone is not Tone.GOOD


def test_verdicts_are_frozen_data() -> None:
    assert is_dataclass(verdicts.Verdict)
    assert [one.name for one in fields(verdicts.Verdict)] == ["tone", "headline", "next_step"]
