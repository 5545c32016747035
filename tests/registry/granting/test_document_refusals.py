"""Refusals of files: what, where, why, and what to do about it where people make their files."""

import pytest

from registry.granting.document_orders import RefusedFileError
from signing.intake.messages import HAZARDS, REMEDIES
from signing.intake.report import Hazard, IntakeFinding


@pytest.mark.parametrize("hazard", Hazard)
def test_every_hazard_has_its_remedy_in_both_languages(hazard: Hazard) -> None:
    said = RefusedFileError((IntakeFinding(hazard, 3, "/X"),)).text
    remedy = REMEDIES[hazard]
    assert f"第 3 页：{HAZARDS[hazard].zh}（/X）" in said.zh
    assert f"page 3: {HAZARDS[hazard].en} (/X)" in said.en
    assert f"处理：{remedy.zh}。" in said.zh
    assert f"Remedy: {remedy.en}." in said.en


def test_a_remedy_is_said_once_and_what_is_more_is_counted() -> None:
    found = tuple(IntakeFinding(Hazard.FORM, page, "/Tx") for page in range(1, 23))
    said = RefusedFileError(found).text
    assert said.en.count("Remedy:") == 1
    assert "page 20:" in said.en
    assert "page 21:" not in said.en
    assert "And 2 more places." in said.en
    assert "另有 2 处。" in said.zh
