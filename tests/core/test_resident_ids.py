"""Resident identity numbers: the standard's vectors, wrong ones, and numbers within text."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.resident_ids import (
    holds_resident_id,
    is_resident_id,
    resident_birth,
    resident_id_check,
    resident_is_male,
)

areas = st.text(string.digits, min_size=6, max_size=6)
resident_ids = st.builds(
    lambda area, birth, order: (
        f"9{area[1:]}{birth:%Y%m%d}{order}" + resident_id_check(f"9{area[1:]}{birth:%Y%m%d}{order}")
    ),
    areas,
    st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    st.text(string.digits, min_size=3, max_size=3),
)


def exchanged(text: str, position: int, character: str) -> str:
    return text[:position] + character + text[position + 1 :]


@pytest.mark.parametrize("code", ["11010519491231002X", "440524188001010014"])
def test_the_standards_own_resident_ids_are_right(code: str) -> None:
    """The examples of GB 11643."""
    assert is_resident_id(code)


def with_check(first17: str) -> str:
    return first17 + resident_id_check(first17)


@pytest.mark.parametrize(
    "code",
    [
        "110105194912310021",  # check
        "11010519491231002x",
        "110105491231002",  # the old 15 digits
        with_check("11010519490229002"),  # 1949 was no leap year
        with_check("11010519491331002"),
        with_check("11010517491231002"),  # nobody is as old
        "１１010519491231002X",
        "",
    ],
)
def test_wrong_resident_ids_are_noticed(code: str) -> None:
    assert not is_resident_id(code)


@given(resident_ids, st.data())
def test_any_wrong_character_of_a_resident_id_is_noticed(code: str, data: st.DataObject) -> None:
    assert is_resident_id(code)
    position = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(string.digits + "X").filter(lambda c: c != code[position]))
    assert not is_resident_id(exchanged(code, position, other))


def test_a_resident_id_tells_birth_and_sex() -> None:
    assert resident_birth("11010519491231002X") == date(1949, 12, 31)
    assert not resident_is_male("11010519491231002X")
    assert resident_is_male("440524188001010014")


@pytest.mark.parametrize("length", [0, 16, 18])
def test_a_check_is_of_seventeen_digits(length: int) -> None:
    with pytest.raises(ValueError, match="17"):
        resident_id_check("1" * length)


@pytest.mark.parametrize("around", ["{}", "PI:CN-{}", "9{}", "{}7", "工号{}号", "1{}1"])
@pytest.mark.parametrize("code", ["11010519491231002X", "11010519491231002x", "440524188001010014"])
def test_a_number_is_found_wherever_it_stands(around: str, code: str) -> None:
    assert holds_resident_id(around.format(code))


@pytest.mark.parametrize("text", ["", "PI:CN-370100-0042", "110105194912310021", "1" * 40])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not holds_resident_id(text)
