"""The reference of licence types: as the models are, whole in both languages, its examples read."""

from typing import Any

import pytest

from registry.types.drafting.advice import advise
from registry.types.types import parse_type
from tests.licence_types import EDITIONS, TODAY, examples, render, untranslated, unused


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_committed_is_what_make_reference_writes(language: Any) -> None:
    assert EDITIONS[language].read_text("utf-8") == render(language), "run: make reference"


def test_everything_is_told_in_both_languages() -> None:
    assert untranslated() == []
    assert unused() == set(), "words of keys that are gone"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_definitions_hold_and_need_no_advice(language: Any) -> None:
    blocks = list(examples(EDITIONS[language].read_text("utf-8")))
    assert blocks
    for source in blocks:
        assert advise(parse_type(source), TODAY) == ()
