"""The example types, a sound row for each, and a type with what they lack: given dates."""

from datetime import UTC, date, datetime
from pathlib import Path

from core.ids import AuthorityId, LicenceIdentifier, LicenceNumber, LinkToken
from registry.model import Application, Authority, Licence, LicenceState, SealLevel
from registry.types.licence_type import LicenceType
from registry.types.types import parse_type

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 3, 1)
PORTRAIT = (EXAMPLES / "data" / "photos" / "0001.jpg").read_bytes()

AUTHORITY = Authority(
    AuthorityId("a-1"),
    "青岚市市场监督管理局",
    "11990100MB00990250",
    SealLevel.CITY_OR_COUNTY,
    datetime(2026, 1, 1, tzinfo=UTC),
)

FOOD_ROW = {
    "operator": "青岚市云上面馆",
    "operator_code": "11010519491231002X",
    "representative": "张小三",
    "residence": "青岚市听松区石桥街1号",
    "premises": "青岚市听松区石桥街1号一层",
    "main_form": "餐饮服务经营者",
    "scope": "热食类食品制售",
    "hotline": "12315",
    "area": "990102",
}
DISABILITY_ROW = {
    "holder_name": "张小三",
    "sex": "女",
    "ethnicity": "汉族",
    "birth": "1949-12-31",
    "resident_id": "11010519491231002X",
    "disability_class": "肢体残疾",
    "disability_degree": "三级",
    "address": "青岚市揽月县稻香巷9号",
}
CONSTRUCTION_ROW = {
    "number": "D299000001",
    "enterprise": "云泽云上建设工程有限公司",
    "address": "青岚市望川区晴川路1号",
    "credit_code": "91350100M000100Y43",
    "representative": "欧阳䶮",
    "capital": "5,000.50万元",
    "economic_form": "有限责任公司",
    "qualifications": "建筑工程施工总承包一级",
}

GIVEN_TERM = """
code = "11990000999000101N009"
slug = "given-term"
name = { zh = "测试证", en = "Test licence" }
design = { orientation = "portrait", colour = "#000000" }
number = { rule = "given", label = { zh = "编号", en = "No." }, pattern = "T[0-9]{4}" }
validity = { rule = "given", years = 3, long_term_allowed = true }
holder = { name = "body", code = "code" }
[reasons]
CHANGED = { code = "11", name = { zh = "变更", en = "Changed" } }
RENEWED = { code = "12", name = { zh = "延续", en = "Renewed" } }
REISSUED = { code = "13", name = { zh = "补办", en = "Reissued" } }
CORRECTED = { code = "14", name = { zh = "更正", en = "Corrected" } }
[[fields]]
key = "body"
label = { zh = "名称", en = "Name" }
kind = "text"
[[fields]]
key = "code"
label = { zh = "代码", en = "Code" }
kind = "code"
check = "uscc"
"""
GIVEN_ROW = {
    "number": "T0001",
    "valid_until": "2028-12-31",
    "body": "某机构",
    "code": "91350100M000100Y43",
}


def example_type(slug: str) -> LicenceType:
    return parse_type((EXAMPLES / "types" / f"{slug}.toml").read_text(encoding="utf-8"))


def licence_of(licence_type: LicenceType, application: Application, number: str) -> Licence:
    return Licence(
        identifier=LicenceIdentifier(
            "1.2.156.3005.2.11990000999000101N001.11990100MB00990250.000000001.001.X"
        ),
        number=LicenceNumber(number),
        type_code=licence_type.code,
        type_name=licence_type.name,
        authority_id=AUTHORITY.authority_id,
        authority_name=AUTHORITY.name,
        state=LicenceState.IN_FORCE,
        reason=None,
        basis=None,
        holders=application.holders,
        data=application.data,
        granted_on=TODAY,
        valid_from=application.valid_from,
        valid_until=application.valid_until,
        link_token=LinkToken("t"),
        replaces=None,
        replaced_by=None,
        sample=False,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
