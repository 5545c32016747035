"""The examples are fictional, right to the last check character, and made by their script."""

import re
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import signing
from examples.make_examples import HOLDERS, main
from registry.identifiers import is_uscc
from registry.importing.plans import Plan
from registry.importing.sheet_judging import plan, read_table
from registry.model import SealLevel
from tests.pictures import all_anew
from tests.registry.type_samples import EXAMPLES, TODAY, example_type

SLUGS = ["food-operation", "construction-qualification", "disability"]
ENCODINGS = {
    "food-operation": "utf-8-sig",
    "construction-qualification": "utf-8",
    "disability": "gb18030",
}


def planned(slug: str) -> Plan:
    table = read_table(EXAMPLES / "data" / f"{slug}.csv")
    assert table.encoding == ENCODINGS[slug]
    return plan(example_type(slug), table, today=TODAY, read_photos=all_anew)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_example_can_be_granted(slug: str) -> None:
    found = planned(slug)
    assert not found.problems
    assert len(found.applications) == HOLDERS
    has_photo = slug == "disability"
    assert all((one.photo is not None) == has_photo for one in found.applications)


@pytest.mark.parametrize("slug", SLUGS)
def test_holders_are_fictional_and_all_different(slug: str) -> None:
    codes = [one.holders[0].code for one in planned(slug).applications]
    assert len(set(codes)) == HOLDERS
    for code in codes:
        assert "99" in (code[:2], code[2:4])  # no province of GB/T 2260


def test_the_script_makes_the_same_tables(tmp_path: Path) -> None:
    main(tmp_path)
    for path in sorted((EXAMPLES / "data").glob("*.csv")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    photos = sorted(path.name for path in (EXAMPLES / "data" / "photos").iterdir())
    assert photos == sorted(path.name for path in (tmp_path / "photos").iterdir())


def test_portraits_are_small() -> None:
    sizes = [path.stat().st_size for path in (EXAMPLES / "data" / "photos").iterdir()]
    assert len(sizes) == HOLDERS
    assert max(sizes) < 16 * 1024


def test_authorities_can_be_registered() -> None:
    with (EXAMPLES / "authorities.toml").open("rb") as file:
        authorities = tomllib.load(file)["authorities"]
    assert sorted(slug for one in authorities for slug in one["types"]) == sorted(SLUGS)
    for one in authorities:
        assert is_uscc(one["uscc"])
        assert one["uscc"][2:4] == "99"
        assert SealLevel(one["level"])
        assert {"slug", "name", "uscc", "level", "seal", "types"} == set(one)


def test_data_vary_and_can_be_printed() -> None:
    """Rare characters, separators in names occur, and have glyphs."""
    everything = "".join(
        value
        for slug in SLUGS
        for one in planned(slug).applications
        for value in (*one.data.values(), example_type(slug).name.zh)
    )
    font = Path(str(signing.__file__)).with_name("fonts") / "NotoSerifSC-Regular.ttf"
    with TTFont(font, lazy=True) as opened:
        glyphs = opened.getBestCmap()
    assert {one for one in everything if ord(one) not in glyphs} == set()
    assert "䶮" in everything
    assert re.search(r"\w·\w", everything)
    kinds = {one.holders[0].code_type for one in planned("food-operation").applications}
    assert kinds == {"001"}
    lengths = {len(one.holders[0].name) for one in planned("disability").applications}
    assert min(lengths) == 2
    assert max(lengths) > 8


ITEMS_OF_BUSINESS = {
    "散装食品销售", "散装食品和预包装食品销售", "热食类食品制售", "冷食类食品制售",
    "生食类食品制售", "半成品制售", "自制饮品制售", "食品销售连锁管理", "餐饮服务连锁管理",
    "餐饮服务管理",
}  # fmt: skip
"""食品经营许可和备案管理办法 (2023) 12."""
LEVELS = {
    "建筑工程施工总承包": "一二三",
    "市政公用工程施工总承包": "一二三",
    "水利水电工程施工总承包": "一二三",
    "地基基础工程专业承包": "一二三",
    "建筑装修装饰工程专业承包": "一二",
    "消防设施工程专业承包": "一二",
    "电子与智能化工程专业承包": "一二",
    "钢结构工程专业承包": "一二三",
}
"""建筑业企业资质标准 (建市〔2014〕159号), beside the special level."""


def test_food_businesses_do_what_is_licensed() -> None:
    for one in planned("food-operation").applications:
        whole = re.sub("（[^）]*）", "", one.data["scope"])
        assert set(whole.split("、")) <= ITEMS_OF_BUSINESS, whole
        kitchen = "中央厨房" in one.data["main_form"]
        assert ("半成品制售" in whole) is kitchen  # nobody else may


def test_builders_have_levels_that_there_are() -> None:
    for one in planned("construction-qualification").applications:
        for line in one.data["qualifications"].split("；"):
            kind, level = line[:-2], line[-2]
            assert line == "施工劳务不分等级" or level in LEVELS[kind], line
