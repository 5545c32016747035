"""What a batch says of its rows."""

from collections import Counter
from types import SimpleNamespace

import pytest

from cli.licences.batches import messages
from cli.licences.batches.report import report_plan, report_problems
from cli.shell.output import Output
from core.text import Language, Text
from registry.granting.recognising import RowKind
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


@pytest.mark.parametrize(("count", "named"), [(3, 3), (16, 16), (17, 0)])
def test_rows_granted_before_are_counted_where_they_are_many(
    count: int, named: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mended sheet of ten thousand rows says what is new, not what is known."""

    def row(number: int, kind: RowKind) -> SimpleNamespace:
        source = SimpleNamespace(source=f"row {number}")
        return SimpleNamespace(
            kind=kind, application=source, licence=SimpleNamespace(identifier=f"L{number}")
        )

    rows = [row(number, RowKind.GRANTED) for number in range(2, 2 + count)]
    rows.append(row(2 + count, RowKind.CLOSED))
    judged = SimpleNamespace(
        some=lambda _, kinds: [one for one in rows if one.kind in kinds],
        kinds=Counter(one.kind for one in rows),
        checked=Plan((), ()),
    )
    report_plan(Output(as_json=False, language="en"), judged)  # type: ignore[arg-type]
    *lines, closing = capsys.readouterr().err.splitlines()
    assert len(lines) == named + 1
    assert lines[-1].startswith(f"row {2 + count}: granted before as L{2 + count} and out of force")
    assert f"; {count} granted before, 1 granted and out of force," in closing
