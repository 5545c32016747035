"""Pages of a licence type, and tables on its face: what a designer writes in TOML."""

import re
from pathlib import Path

import pytest

from registry.answers.public import public_fields
from registry.model import PublicField
from registry.types.faces import face_fields, face_of
from registry.types.fields import BLANK
from registry.types.row_check import check_row
from registry.types.row_problems import RowProblems
from registry.types.types import BadTypeError, parse_type
from signing.face import Orientation
from signing.render.renderer import LicenceRenderer
from tests.registry.type_samples import FOOD_ROW, TODAY, example_type, licence_of

PAGES = """
[[design.pages]]
heading = { zh = "正本", en = "Main copy" }
fields = ["operator", "operator_code", "representative", "premises"]

[[design.pages]]
heading = { zh = "副本", en = "Duplicate" }
orientation = "portrait"
statement = "副本与正本具有同等法律效力。"
"""
TABLE = """
[[fields]]
key = "facilities"
label = { zh = "设备设施", en = "Facilities" }
kind = "text"
wide = true
required = false
columns = [{ zh = "名称", en = "Name" }, { zh = "数量", en = "Number" }]
"""
SOURCE = example_type("food-operation").source


def _with(pages: str = PAGES, table: str = TABLE) -> str:
    source = SOURCE.replace("\n[number]", f"{pages}\n[number]", 1)
    return source.replace("\n[reasons]", f"{table}\n[reasons]", 1)


KIND = parse_type(_with())
NUMBER = "JY19901010024681"


def test_pages_are_read_and_drawn() -> None:
    application = check_row(KIND, FOOD_ROW | {"facilities": "冷柜|2"}, None, TODAY, "")
    licence = licence_of(KIND, application, NUMBER)
    face = face_of(KIND, licence, "https://verify.example.gov.cn/v/abc", None)
    main, duplicate = face.pages()
    assert [one.key for one in main.fields] == [
        "operator", "operator_code", "representative", "premises",
    ]  # fmt: skip
    assert duplicate.fields == face.fields
    assert main.design.orientation is Orientation.LANDSCAPE
    assert duplicate.design.orientation is Orientation.PORTRAIT
    assert main.design.statement == KIND.design.statement
    assert duplicate.design.statement == "副本与正本具有同等法律效力。"
    assert len(LicenceRenderer().layout(face)) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"premises"]', '"nothing"]', "line 24 design.pages.0.fields: Page 1 shows “nothing”"),
        ('"premises"]', '"area"]', "Page 1 shows “area”"),
        ('"premises"]', '"operator"]', "Page 1 shows a field twice"),
        ('zh = "正本"', 'zh = " 正本"', "design.pages.0.heading.zh"),
        (
            'orientation = "portrait"',
            'orientation = "upright"',
            "design.pages.1.orientation: Must be one of: portrait, landscape",
        ),
        ('orientation = "portrait"', 'fields = ["scope"]', "No page shows “facilities”"),
        (
            'orientation = "portrait"',
            'colour = "#000000"',
            "design.pages.1.colour: There is no key",
        ),
        ("wide = true", "wide = false", "columns belong to kind “text”"),
        ("[[design.pages]]", "[[design.pages]]\n" * 9, "8 pages at most"),
        ("副本与正本具有同等法律效力。", "长" * 301, "design.pages.1.statement: statement has"),
    ],
)
def test_what_is_wrong_with_pages_is_told(old: str, new: str, said: str) -> None:
    pages, table = PAGES.replace(old, new, 1), TABLE.replace(old, new, 1)
    with pytest.raises(BadTypeError) as caught:
        parse_type(_with(pages, table))
    assert said in caught.value.text.en


@pytest.mark.parametrize(
    "typed", ["冷柜|2；灭菌灯|1", "冷柜 ｜ 2\n灭菌灯| 1", "冷柜|2；灭菌灯|1；"]
)
def test_a_table_has_one_spelling(typed: str) -> None:
    application = check_row(KIND, FOOD_ROW | {"facilities": typed}, None, TODAY, "")
    assert application.data["facilities"] == "冷柜|2；灭菌灯|1"
    field = face_fields(KIND, licence_of(KIND, application, NUMBER))[-1]
    assert field.rows == (("冷柜", "2"), ("灭菌灯", "1"))
    assert [one.en for one in field.columns] == ["Name", "Number"]


def test_the_public_sees_a_table_as_a_table() -> None:
    seen = _seen(TABLE + "public = true\n")
    assert seen.rows == (("冷柜", "2"), ("灭菌灯", "1"))
    assert [one.en for one in seen.columns] == ["Name", "Number"]


def test_what_hides_a_value_hides_its_rows_too() -> None:
    seen = _seen(TABLE + 'public = true\nmask = "code"\n')
    assert (seen.columns, seen.rows) == ((), ())
    assert "灭菌灯" not in seen.value


def _seen(table: str) -> PublicField:
    kind = parse_type(_with(table=table))
    row = FOOD_ROW | {"facilities": "冷柜|2；灭菌灯|1"}
    licence = licence_of(kind, check_row(kind, row, None, TODAY, ""), NUMBER)
    return public_fields(kind, licence)[-1]


@pytest.mark.parametrize("typed", ["冷柜", "冷柜|2|甲", "冷柜|2；灭菌灯", "a|b；" * 41])
def test_a_table_of_another_shape_is_refused(typed: str) -> None:
    kind = parse_type(_with(table=TABLE + "max_length = 400\n"))
    with pytest.raises(RowProblems) as caught:
        check_row(kind, FOOD_ROW | {"facilities": typed}, None, TODAY, "")
    (problem,) = caught.value.problems
    assert (problem.field, problem.code) in {
        ("设备设施", "wrong_table"),
        ("设备设施", "too_long"),
    }
    assert re.search("行|rows?", problem.text.zh + problem.text.en)


def test_an_empty_table_cannot_be_added_to() -> None:
    application = check_row(KIND, FOOD_ROW, None, TODAY, "")
    field = face_fields(KIND, licence_of(KIND, application, NUMBER))[-1]
    assert field.rows == ((BLANK, BLANK),)


@pytest.mark.parametrize("edition", ["designers-guide.md", "designers-guide.zh.md"])
def test_the_designers_guide_is_true(edition: str) -> None:
    """Its examples, put into a type, make the pages that it speaks of."""
    text = (Path(__file__).parents[3] / "docs" / edition).read_text("utf-8")
    design, pages, table = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    body = SOURCE[SOURCE.index("\n[number]") :].replace("\n[reasons]", f"\n{table}\n[reasons]", 1)
    kind = parse_type(f"{SOURCE[: SOURCE.index('[design]')]}{design}\n{pages}{body}")
    row = FOOD_ROW | {"facilities": "冷柜|2|大厅"}
    licence = licence_of(kind, check_row(kind, row, None, TODAY, ""), NUMBER)
    face = face_of(kind, licence, "https://verify.example.gov.cn/v/abc", None)
    main, duplicate = LicenceRenderer().layout(face)
    assert {"（正本）", "Main copy"} <= {one.text for one in main.texts}
    assert {"（副本）", "冷柜", "大厅"} <= {one.text for one in duplicate.texts}


def test_types_of_before_have_one_page_as_ever() -> None:
    kind = example_type("food-operation")
    licence = licence_of(kind, check_row(kind, FOOD_ROW, None, TODAY, ""), NUMBER)
    face = face_of(kind, licence, "https://verify.example.gov.cn/v/abc", None)
    assert face.pages() == (face,)
