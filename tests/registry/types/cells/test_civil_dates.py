"""Dates as people write them, and terms that end on the right day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.types.cells.civil_dates import chinese_date, parse_date, years_later
from registry.types.row_problems import BadValueError


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-02",
        "2026-1-2",
        "2026/1/2",
        "2026/01/02",
        "2026.1.2",
        "2026年1月2日",
        "2026年01月02日",
        "２０２６年１月２日",
        "2026 年 1 月 2 日",
        "20260102",
        " 2026-01-02\u3000",
        "2026-01-02 00:00:00",
        "2026/1/2 0:00",
    ],
)
def test_usual_forms_are_read(written: str) -> None:
    assert parse_date(written) == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("written", "flaw"),
    [
        ("2026-02-29", "no_such_date"),
        ("2026-13-01", "no_such_date"),
        ("2026-00-10", "no_such_date"),
        ("0001-01-01", "no_such_date"),
        ("9999-12-31", "no_such_date"),
        ("46023", "serial_date"),
        ("46023.5", "serial_date"),
        ("26/1/2", "bad_date"),
        ("01/02/2026", "bad_date"),
        ("2026-01/02", "bad_date"),
        ("2026-01-02 13:00", "bad_date"),
        ("2026年1月", "bad_date"),
        ("一月二日", "bad_date"),
        ("", "bad_date"),
    ],
)
def test_other_forms_are_refused_not_guessed(written: str, flaw: str) -> None:
    with pytest.raises(BadValueError) as caught:
        parse_date(written)
    assert caught.value.flaw == flaw


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_the_face_can_be_read_again(day: date) -> None:
    assert parse_date(chinese_date(day)) == parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2026, 3, 2), date(2031, 3, 1)),
        (date(2026, 1, 1), date(2030, 12, 31)),
        (date(2023, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2029, 2, 28)),  # no corresponding day: the month's last
    ],
)
def test_five_years_end_on_the_right_day(start: date, last: date) -> None:
    assert years_later(start, 5) == last
