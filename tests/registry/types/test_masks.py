"""Masks: enough to compare with the paper, too little to know the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.types.masks import mask_birthday, mask_code, mask_person


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张小三", "张*三"), ("李四", "李*"), ("王", "*"), ("买买提·江", "买***江"), ("", "*")],
)
def test_names(name: str, masked: str) -> None:
    assert mask_person(name) == masked


@given(st.text("张李王·", min_size=2, max_size=20))
def test_a_name_never_stands_there_whole(name: str) -> None:
    masked = mask_person(name)
    assert "*" in masked
    assert len(masked) == len(name)


@pytest.mark.parametrize(
    ("code", "masked"),
    [("11010519491231002X", "110***************"), ("12345", "*****"), ("123456", "123***")],
)
def test_codes(code: str, masked: str) -> None:
    assert mask_code(code) == masked


def test_birthdays() -> None:
    assert mask_birthday("11010519491231002X") == "1101051949****002X"
    assert mask_birthday("123") == "123"
