"""The metadata attachment: the wire's names, no more than the face, XML that others can read."""

import dataclasses
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import lxml.etree
import pytest

from core.ids import LicenceIdentifier
from registry.model import Licence
from registry.types.faces import face_fields
from registry.types.licence_type import LicenceType
from registry.types.metadata import gbt36903
from registry.types.row_check import check_row
from tests.pictures import anew
from tests.registry.type_samples import (
    AUTHORITY,
    DISABILITY_ROW,
    FOOD_ROW,
    PORTRAIT,
    TODAY,
    example_type,
    licence_of,
)

FOOD = example_type("food-operation")
DISABILITY = example_type("disability")
SEALED_AT = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


def food_licence(**changed: str) -> Licence:
    application = check_row(FOOD, FOOD_ROW | changed, None, TODAY, "")
    return licence_of(FOOD, application, "JY29901020000018")


def document(licence: Licence, licence_type: LicenceType = FOOD) -> bytes:
    return gbt36903(licence, licence_type, AUTHORITY, "食品经营许可专用章", SEALED_AT)


def values(data: bytes) -> dict[str, str]:
    return {element.tag: element.text or "" for element in ET.fromstring(data).iter()}


def test_each_fact_has_its_wire_name() -> None:
    found = values(document(food_licence()))
    assert {name: found[name] for name in found if not name.startswith("KZ")} == {
        "DZZZ": found["DZZZ"],
        "ZZMC": "食品经营许可证",
        "ZZLXDM": "11990000999000101N001",
        "ZZBH": "JY29901020000018",
        "ZZBS": "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000000001.001.X",
        "ZZBFJG": "青岚市市场监督管理局",
        "ZZBFJGDM": "11990100MB00990250",
        "ZZBFRQ": "2026-03-01",
        "ZZYXQQSRQ": "2026-03-01",
        "ZZYXQJZRQ": "2031-02-28",
        "ZZQZR": "青岚市市场监督管理局",
        "ZZQZMC": "食品经营许可专用章",
        "ZZQZSJ": "2026-03-02T02:30:00+08:00",
        "CZZTXX": found["CZZTXX"],
        "CZZTX": found["CZZTX"],
        "CZZT": "青岚市云上面馆",
        "CZZTDM": "1101051949****002X",
        "CZZTDMLX": "公民身份号码",
        "CZZTDMLXDM": "111",
    }


def test_it_says_no_more_than_the_face() -> None:
    licence = food_licence()
    data = document(licence)
    face = {field.key: field.value for field in face_fields(FOOD, licence)}
    told = {name[3:]: text for name, text in values(data).items() if name.startswith("KZ_")}
    assert told == face
    assert b"11010519491231002X" not in data
    assert b"990102</KZ_area" not in data


def test_a_holders_code_is_told_only_where_the_number_shows_it() -> None:
    application = check_row(DISABILITY, DISABILITY_ROW, PORTRAIT, TODAY, "", read_photo=anew)
    licence = licence_of(DISABILITY, application, "11010519491231002X43")
    assert values(document(licence, DISABILITY))["CZZTDM"] == "11010519491231002X"
    other = licence_of(DISABILITY, application, "残字001号")
    assert "CZZTDM" not in values(document(other, DISABILITY))


def test_a_replacement_names_what_it_replaces_and_long_terms_are_said() -> None:
    before = LicenceIdentifier("1.2.156.3005.2.x")
    licence = dataclasses.replace(food_licence(), replaces=before, valid_until=None)
    found = values(document(licence))
    assert found["GLZZBS"] == before
    assert found["ZZYXQJZRQ"] == "长期"
    assert "GLZZBS" not in values(document(food_licence()))


def test_the_bodys_own_seal_goes_by_its_name() -> None:
    data = gbt36903(food_licence(), FOOD, AUTHORITY, "", SEALED_AT)
    assert values(data)["ZZQZMC"] == AUTHORITY.name


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        gbt36903(food_licence(), FOOD, AUTHORITY, "", datetime(2026, 3, 1))  # noqa: DTZ001


def test_markup_in_a_name_stays_text() -> None:
    name = """</CZZT><x a="1">&amp; ]]> <!-- '张' -->"""
    data = document(food_licence(operator=name))
    assert data.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert values(data)["CZZT"] == name
    independent = lxml.etree.fromstring(data)  # libxml2
    assert [element.text for element in independent.iter("CZZT")] == [name]


def test_it_is_written_as_the_library_would_write_it() -> None:
    lines = {"operator": "云上\n", "premises": "一号\n<二>\t号 & \x0b", "legal": ""}
    said = dataclasses.replace(food_licence(), data=food_licence().data | lines)
    for licence in (said, dataclasses.replace(said, holders=())):
        data = document(licence)
        assert ET.tostring(ET.fromstring(data), encoding="utf-8", xml_declaration=True) == data
        assert "一号\n<二>\t号 & \ufffd" in [one.text for one in ET.fromstring(data)[-1]]


def test_the_same_licence_gives_the_same_bytes() -> None:
    assert document(food_licence()) == document(food_licence())
    assert food_licence().valid_until == date(2031, 2, 28)
