"""What a batch says of its rows."""

import pytest

from cli.licences.batches import messages
from cli.licences.batches.report import report_problems
from cli.shell.output import Output
from core.text import Language, Text
from registry.importing.plans import Plan
from registry.types.row_problems import FieldProblem


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "第 12 行 · 照片：缺。\n"), ("en", "row 12 · 照片: Missing.\n")]
)
def test_a_row_is_named_in_the_reader_s_language(
    language: Language, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = FieldProblem("row 12", "照片", Text("缺。", "Missing."), "missing")
    report_problems(Output(as_json=False, language=language), Plan((), (problem,)))
    assert capsys.readouterr().err == said


def test_one_row_and_one_problem_are_counted_as_one() -> None:
    one, many = (messages.sheet_counts(good=count, problems=count).en for count in (1, 0))
    assert one == "1 row can be granted; 1 problem"
    assert many == "0 rows can be granted; 0 problems"
