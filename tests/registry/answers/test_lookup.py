"""Licences as operators name them: a slip in a check character is named, a miss is not a slip."""

import pytest

from registry.answers.lookup import find_named, has_slip
from registry.identifiers import MalformedIdentifierError
from registry.licences.licences import NoSuchLicenceError
from registry.model import Licence
from tests.registry.type_samples import example_type
from tests.world import World

FOOD = "JY19901210000017"  # check digit by hand, GB/T 17710: 1990121000001 → 7
CARD = "11010519491231002X11"  # the resident ID of GB 11643, class 1, degree 1
CARD_SLIP = "11010519491231002011"
QUALIFICATION = "D299000001"  # has no check digit


def find(world: World, text: str) -> Licence:
    with world.home.database.reading() as connection:
        types = world.home.catalogue.list_types(connection)
        return find_named(connection, text, world.home.settings.service.public_url, types)


@pytest.mark.parametrize(
    "text", ["JY19901210000018", "jy1 990121 000001 8", "许可证编号：JY19901210000018"]
)
def test_a_wrong_check_digit_is_named_and_nothing_is_said_of_the_record(
    text: str, sqlite_world: World
) -> None:
    with pytest.raises(MalformedIdentifierError) as caught:
        find(sqlite_world, text)
    said = caught.value.text
    assert said.zh == "输入的编号或标识校验位不符，可能抄错了一位。请对照证照或文件重新输入。"
    assert "没有这份证照" not in said.zh
    assert "no such" not in said.en.lower()


def test_the_public_answer_names_it_in_the_same_words(sqlite_world: World) -> None:
    for text in ("JY19901210000018", "许可证编号：JY19901210000018"):
        answer = sqlite_world.home.verifier.by_code(text)
        with pytest.raises(MalformedIdentifierError) as caught:
            find(sqlite_world, text)
        assert answer.summary == caught.value.text


@pytest.mark.parametrize("text", ["JY19999990000012", QUALIFICATION, CARD, "nonsense"])
def test_a_miss_is_no_slip(text: str, sqlite_world: World) -> None:
    with pytest.raises(NoSuchLicenceError):
        find(sqlite_world, text)


def test_a_number_on_record_is_found_even_if_its_check_digit_were_of_another_rule(
    sqlite_world: World,
) -> None:
    granted = sqlite_world.grant().licence
    assert find(sqlite_world, granted.number).identifier == granted.identifier


@pytest.mark.parametrize(
    ("slug", "number", "slips"),
    [
        ("food-operation", FOOD, False),
        ("food-operation", FOOD[:-1] + "1", True),
        ("disability", CARD, False),
        ("disability", CARD_SLIP, True),
        ("disability", "1101051949123100", False),  # of another shape altogether
        ("construction-qualification", QUALIFICATION, False),
    ],
)
def test_where_a_number_has_a_check_character(slug: str, number: str, slips: bool) -> None:  # noqa: FBT001
    assert has_slip([example_type(slug)], (number,)) is slips


def test_one_spelling_that_fits_is_no_slip() -> None:
    assert not has_slip([example_type("food-operation")], (FOOD, FOOD[:-1] + "1"))
    assert not has_slip([example_type("food-operation")], ())
