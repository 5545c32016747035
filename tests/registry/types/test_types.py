"""Licence types: what a row must hold, how numbers and terms come about, what others see."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import LicenceNumber
from registry.answers.public import public_fields, public_number
from registry.identifiers import mod11_10
from registry.model import Holder, Reason
from registry.types.faces import face_fields, face_of
from registry.types.fields import BLANK
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumbersExhaustedError
from registry.types.row_check import check_row
from registry.types.row_problems import RowProblems
from registry.types.types import BadTypeError, parse_type
from signing.face import Orientation
from tests.pictures import anew
from tests.registry.type_samples import (
    CONSTRUCTION_ROW,
    DISABILITY_ROW,
    EXAMPLES,
    FOOD_ROW,
    GIVEN_ROW,
    GIVEN_TERM,
    PORTRAIT,
    TODAY,
    example_type,
    licence_of,
)

FOOD = example_type("food-operation")
CONSTRUCTION = example_type("construction-qualification")
DISABILITY = example_type("disability")
GIVEN = parse_type(GIVEN_TERM)


def flaws(
    licence_type: LicenceType, row: dict[str, str], photo: bytes | None = PORTRAIT
) -> dict[str, str]:
    """Return flaw by field of a row that must be refused."""
    with pytest.raises(RowProblems) as caught:
        check_row(licence_type, row, photo, TODAY, "row 7", read_photo=anew)
    assert {problem.source for problem in caught.value.problems} == {"row 7"}
    for problem in caught.value.problems:
        assert problem.text.zh
        assert problem.text.en
    return {problem.field: problem.code for problem in caught.value.problems}


def test_a_sound_row_becomes_an_application() -> None:
    application = check_row(FOOD, FOOD_ROW, None, TODAY, "row 2")
    assert application.type_code == FOOD.code
    assert application.data == FOOD_ROW
    assert application.number is None
    assert application.holders == (Holder("青岚市云上面馆", "111", "11010519491231002X"),)
    assert (application.valid_from, application.valid_until) == (TODAY, date(2031, 2, 28))
    assert application.source == "row 2"


def test_columns_may_be_headed_by_key_or_label() -> None:
    labelled = {FOOD.fields[key].label.zh: value for key, value in FOOD_ROW.items()}
    assert check_row(FOOD, labelled, None, TODAY, "") == check_row(FOOD, FOOD_ROW, None, TODAY, "")


def test_bodies_and_people_are_told_apart_by_their_codes() -> None:
    row = FOOD_ROW | {"operator_code": "91350100M000100Y43"}
    assert check_row(FOOD, row, None, TODAY, "").holders[0].code_type == "001"


def test_all_problems_of_a_row_are_told_at_once() -> None:
    row = FOOD_ROW | {
        "operator": "",
        "operator_code": "110105194912310021",
        "main_form": "餐厅",
        "area": "99010",
        "hotline": "电话",
        "colour": "red",
    }
    assert flaws(FOOD, row) == {
        "经营者名称": "missing",
        "统一社会信用代码": "wrong_check",
        "主体业态": "unknown_choice",
        "行政区划代码": "wrong_shape",
        "投诉举报电话": "wrong_shape",
        "colour": "unknown_field",
    }


def test_problems_never_repeat_what_the_row_says() -> None:
    row = FOOD_ROW | {"operator_code": "110105194912310021", "representative": "张\x00小三"}
    with pytest.raises(RowProblems) as caught:
        check_row(FOOD, row, None, TODAY, "row 7")
    told = str(caught.value) + caught.value.text.zh
    assert "110105194912310021" not in told
    assert "小三" not in told


def test_a_field_given_by_key_and_by_label_is_refused() -> None:
    assert flaws(FOOD, FOOD_ROW | {"投诉举报电话": "12345"}) == {"投诉举报电话": "duplicate_field"}


@pytest.mark.parametrize(
    ("code", "flaw"),
    [
        ("1.10E+17", "mangled_number"),
        ("1.10105E+17", "mangled_number"),
        ("1.10105194912310e+17", "mangled_number"),
        ("110105194912310000", "mangled_number"),
        ("10105194912310020", "wrong_length"),
        ("110105491231002", "old_resident_id"),
        ("11010519491231", "wrong_length"),
        ("110105194902300025", "wrong_check"),
        ("91350100M000100Y44", "wrong_check"),
    ],
)
def test_wrong_codes_are_named_for_what_they_are(code: str, flaw: str) -> None:
    assert flaws(FOOD, FOOD_ROW | {"operator_code": code}) == {"统一社会信用代码": flaw}


@pytest.mark.parametrize("code", ["１１０１０５19491231002ｘ", " 110105 19491231 002x　"])
def test_codes_are_put_right_where_it_is_safe(code: str) -> None:
    application = check_row(FOOD, FOOD_ROW | {"operator_code": code}, None, TODAY, "")
    assert application.data["operator_code"] == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("云上\u202e馆面", "unseen_character"),
        ("云上\u200b面馆", "unseen_character"),
        ("云上\ue000面馆", "unseen_character"),
        ("云上\ufffd面馆", "unseen_character"),
        ("云上\x07面馆", "unseen_character"),
        ("云上\n面馆", "line_break"),
        ("馆" * 61, "too_long"),
        ("1.10E+17", "mangled_number"),
    ],
)
def test_text_shows_what_it_holds(text: str, flaw: str) -> None:
    assert flaws(FOOD, FOOD_ROW | {"operator": text}) == {"经营者名称": flaw}


def test_wide_fields_keep_their_lines() -> None:
    row = FOOD_ROW | {"scope": " 热食 \r\n\n冷食\n"}
    assert check_row(FOOD, row, None, TODAY, "").data["scope"] == "热食\n冷食"


@pytest.mark.parametrize("name", ["买买提•江", "买买提 · 江", "买买提・江", "买买提·江"])
def test_names_have_one_separator(name: str) -> None:
    row = FOOD_ROW | {"representative": name}
    assert check_row(FOOD, row, None, TODAY, "").data["representative"] == "买买提·江"


def test_assigned_numbers_carry_form_area_sequence_and_check() -> None:
    data = check_row(FOOD, FOOD_ROW, None, TODAY, "").data
    assert FOOD.number_scope(data) == "JY2|990102"
    number = FOOD.assign_number(data, 12)
    assert number == "JY2990102000012" + mod11_10("2990102000012")
    assert FOOD.matches_number(number)
    assert not FOOD.matches_number(number[:-1])


@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_assigned_numbers_differ(one: int, other: int) -> None:
    numbers = {FOOD.assign_number(FOOD_ROW, one), FOOD.assign_number(FOOD_ROW, other)}
    assert len(numbers) == len({one, other})


@pytest.mark.parametrize("sequence", [0, -1, 1_000_000])
def test_a_counter_that_outgrew_its_digits_stops(sequence: int) -> None:
    with pytest.raises(NumbersExhaustedError):
        FOOD.assign_number(FOOD_ROW, sequence)


def test_derived_numbers_follow_from_the_holder() -> None:
    application = check_row(DISABILITY, DISABILITY_ROW, PORTRAIT, TODAY, "", read_photo=anew)
    assert application.number == "11010519491231002X43"
    assert application.valid_until == date(2036, 2, 29)
    assert DISABILITY.number_holds_holder_code
    assert DISABILITY.number_scope(application.data) == ""
    assert DISABILITY.matches_number(application.number)
    assert not FOOD.number_holds_holder_code


def test_given_numbers_keep_their_shape() -> None:
    assert check_row(CONSTRUCTION, CONSTRUCTION_ROW, None, TODAY, "").number == "D299000001"
    assert flaws(CONSTRUCTION, CONSTRUCTION_ROW | {"number": "D299"}) == {"证书编号": "wrong_shape"}
    assert flaws(CONSTRUCTION, CONSTRUCTION_ROW | {"number": ""}) == {"证书编号": "missing"}
    spoilt = CONSTRUCTION_ROW | {"number": "2.99E+08"}
    assert flaws(CONSTRUCTION, spoilt) == {"证书编号": "mangled_number"}


def test_lost_leading_zeros_are_told_where_zeros_make_the_number_right() -> None:
    numbered = parse_type(GIVEN_TERM.replace('"T[0-9]{4}"', '"0[0-9]{7}"'))
    assert flaws(numbered, GIVEN_ROW | {"number": "1234567"}) == {"编号": "mangled_number"}
    assert flaws(numbered, GIVEN_ROW | {"number": "12345678"}) == {"编号": "wrong_shape"}


@pytest.mark.parametrize(
    ("written", "value", "shown"),
    [
        ("5,000.50万元", "5000.5", "5000.5万元"),
        ("５０００", "5000", "5000万元"),
        ("1200.0000", "1200", "1200万元"),
        ("100", "100", "100万元"),
    ],
)
def test_amounts_are_read_as_they_are_written(written: str, value: str, shown: str) -> None:
    application = check_row(CONSTRUCTION, CONSTRUCTION_ROW | {"capital": written}, None, TODAY, "")
    assert application.data["capital"] == value
    assert CONSTRUCTION.fields["capital"].shown(value) == shown


@pytest.mark.parametrize(
    ("written", "flaw"),
    [
        ("五千", "bad_number"),
        ("50,00", "bad_number"),
        ("-5", "bad_number"),
        ("NaN", "bad_number"),
        ("1e3", "mangled_number"),
        ("5.00E+17", "mangled_number"),
        ("0", "out_of_range"),
        ("100000000", "out_of_range"),
        ("1.00001", "too_precise"),
        ("9" * 5000, "bad_number"),
    ],
)
def test_other_amounts_are_refused(written: str, flaw: str) -> None:
    assert flaws(CONSTRUCTION, CONSTRUCTION_ROW | {"capital": written}) == {"注册资本": flaw}


def test_birth_and_sex_agree_with_the_resident_id() -> None:
    row = DISABILITY_ROW | {"sex": "男", "birth": "1949-12-30"}
    assert flaws(DISABILITY, row) == {"性别": "differs_from_id", "出生年月": "differs_from_id"}


def test_nobody_is_born_after_today() -> None:
    with pytest.raises(RowProblems) as caught:
        check_row(DISABILITY, DISABILITY_ROW, PORTRAIT, date(1949, 12, 30), "", read_photo=anew)
    found = {problem.field: problem.code for problem in caught.value.problems}
    assert found == {"出生年月": "future_date", "公民身份号码": "future_date"}


def test_a_photo_is_demanded_and_looked_at() -> None:
    assert flaws(DISABILITY, DISABILITY_ROW, None) == {"照片": "missing"}
    assert flaws(DISABILITY, DISABILITY_ROW, b"GIF89a") == {"照片": "bad_photo"}


def test_terms_are_as_given_within_the_types_bounds() -> None:
    application = check_row(GIVEN, GIVEN_ROW, None, TODAY, "")
    assert (application.valid_from, application.valid_until) == (TODAY, date(2028, 12, 31))
    later = GIVEN_ROW | {"valid_from": "2026年4月1日", "valid_until": "长期"}
    application = check_row(GIVEN, later, None, TODAY, "")
    assert (application.valid_from, application.valid_until) == (date(2026, 4, 1), None)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "flaw"),
    [
        ("", "", {"有效期至": "missing"}),
        ("", "2026-02-28", {"有效期至": "term_over"}),
        ("2027-01-01", "2026-12-31", {"有效期至": "term_over"}),
        ("", "2029-03-01", {"有效期至": "term_too_long"}),
        ("2026-02-30", "2027-01-01", {"有效期起": "no_such_date"}),
        ("", "永久", {"有效期至": "bad_date"}),
    ],
)
def test_other_terms_are_refused(valid_from: str, valid_until: str, flaw: dict[str, str]) -> None:
    row = GIVEN_ROW | {"valid_from": valid_from, "valid_until": valid_until}
    assert flaws(GIVEN, row) == flaw


def test_the_face_keeps_the_official_order_and_shows_words() -> None:
    application = check_row(DISABILITY, DISABILITY_ROW, PORTRAIT, TODAY, "", read_photo=anew)
    licence = licence_of(DISABILITY, application, "11010519491231002X43")
    face = face_of(DISABILITY, licence, "https://example.test/v/t", application.photo)
    assert [(field.label.zh, field.value) for field in face.fields] == [
        ("姓名", "张小三"),
        ("性别", "女"),
        ("民族", "汉族"),
        ("出生年月", "1949年12月"),
        ("残疾类别", "肢体残疾"),
        ("残疾等级", "三级"),
        ("住址", "青岚市揽月县稻香巷9号"),
        ("监护人", BLANK),
        ("联系电话", BLANK),
    ]
    assert face.number == "11010519491231002X43"
    assert face.design.orientation is Orientation.PORTRAIT
    assert face.photo == application.photo
    assert face.link == "https://example.test/v/t"


def test_an_owners_birthday_is_not_on_the_wall() -> None:
    application = check_row(FOOD, FOOD_ROW, None, TODAY, "")
    face = face_of(FOOD, licence_of(FOOD, application, "JY1"), "", None)
    shown = {field.key: field.value for field in face.fields}
    assert shown["operator_code"] == "1101051949****002X"
    assert "area" not in shown
    body = check_row(FOOD, FOOD_ROW | {"operator_code": "91350100M000100Y43"}, None, TODAY, "")
    shown = {f.key: f.value for f in face_of(FOOD, licence_of(FOOD, body, "JY1"), "", None).fields}
    assert shown["operator_code"] == "91350100M000100Y43"


def test_the_face_names_the_code_that_stands_there() -> None:
    for code, label in (
        ("91350100M000100Y43", "统一社会信用代码"),
        ("11010519491231002X", "公民身份号码"),
    ):
        application = check_row(FOOD, FOOD_ROW | {"operator_code": code}, None, TODAY, "")
        fields = face_fields(FOOD, licence_of(FOOD, application, "JY1"))
        assert [one.label.zh for one in fields if one.key == "operator_code"] == [label]


def test_public_answers_mask_the_holder() -> None:
    application = check_row(DISABILITY, DISABILITY_ROW, PORTRAIT, TODAY, "", read_photo=anew)
    licence = licence_of(DISABILITY, application, "11010519491231002X43")
    public = {field.label.zh: field.value for field in public_fields(DISABILITY, licence)}
    assert public == {"姓名": "张*三"}  # class and degree are sensitive (个人信息保护法 28)
    assert public_number(DISABILITY, licence) == "110***************" + "**"
    prefixed = dataclasses.replace(licence, number=LicenceNumber("43" + licence.number))
    assert public_number(DISABILITY, prefixed) == "**110***************" + "**"
    other = dataclasses.replace(licence, holders=(Holder("李四", "111", "x"),))
    assert "19491231" not in public_number(DISABILITY, other)


def test_the_public_sees_no_more_than_the_present_definition_allows() -> None:
    """Of two definitions the one that shows less counts, whichever is the licence's own."""
    source = (EXAMPLES / "types" / "food-operation.toml").read_text("utf-8")
    shows_less = parse_type(
        source.replace('wide = true\npublic = true\n\n[[fields]]\nkey = "main_form"',
                       'wide = true\n\n[[fields]]\nkey = "main_form"')
        .replace('key = "hotline"', 'key = "telephone"')
        .replace('mask = "holder"', 'mask = "person"')
    )  # fmt: skip
    body = check_row(FOOD, FOOD_ROW | {"operator_code": "91350100M000100Y43"}, None, TODAY, "")
    licence = licence_of(FOOD, body, "JY1")
    shown = {one.label.zh: one.value for one in public_fields(FOOD, licence, shows_less)}
    assert shown["经营者名称"] == "青*****馆"
    assert shown.keys().isdisjoint({"经营场所", "投诉举报电话"})
    assert "主体业态" in shown
    back = {one.label.zh: one.value for one in public_fields(shows_less, licence, FOOD)}
    assert back["经营者名称"] == "青*****馆"
    assert "经营场所" not in back
    assert public_number(FOOD, licence, DISABILITY) != "JY1"


def test_faces_follow_their_forms() -> None:
    food = check_row(FOOD, FOOD_ROW, None, TODAY, "")
    design = face_of(FOOD, licence_of(FOOD, food, "JY1"), "https://x.cn/v/1", None).design
    assert (design.validity_label.zh, design.until_only) == ("有效期至", True)
    assert [rule.label.zh for rule in FOOD.fields.values() if rule.on_face] == [
        "经营者名称", "统一社会信用代码", "法定代表人（负责人）", "住所", "经营场所", "主体业态",
        "经营项目", "投诉举报电话",
    ]  # fmt: skip
    assert DISABILITY.design.authority_label.zh == "批准残联"
    assert CONSTRUCTION.design.validity_label.zh == "有效期"
    assert Reason.WITHHELD not in CONSTRUCTION.reasons  # 行政处罚 of builders are others


@pytest.mark.parametrize(("kind", "colour"), [("视力残疾", "#9b2b23"), ("听力残疾", "#2f6b45")])
def test_the_card_s_colour_goes_by_its_class(kind: str, colour: str) -> None:
    row = DISABILITY_ROW | {"disability_class": kind}
    licence = licence_of(
        DISABILITY, check_row(DISABILITY, row, PORTRAIT, TODAY, "", read_photo=anew), "1"
    )
    assert face_of(DISABILITY, licence, "https://x.cn/v/1", PORTRAIT).design.colour == colour


def test_a_short_list_stands_one_to_a_line() -> None:
    rule = CONSTRUCTION.fields["qualifications"]
    assert rule.printed("甲一级；乙二级") == "甲一级\n乙二级"
    long = "；".join(["甲一级"] * 9)
    assert rule.printed(long) == long
    assert rule.shown("甲一级；乙二级") == "甲一级；乙二级"


def test_public_answers_name_bodies_and_mask_owners() -> None:
    person = check_row(FOOD, FOOD_ROW, None, TODAY, "")
    body = check_row(FOOD, FOOD_ROW | {"operator_code": "91350100M000100Y43"}, None, TODAY, "")
    names = [
        {field.label.zh: field.value for field in public_fields(FOOD, licence_of(FOOD, one, "JY1"))}
        for one in (person, body)
    ]
    assert [one["经营者名称"] for one in names] == ["青*****馆", "青岚市云上面馆"]
    assert [one["法定代表人（负责人）"] for one in names] == ["张*三", "张*三"]
    assert public_number(FOOD, licence_of(FOOD, person, "JY1")) == "JY1"


def test_reasons_have_each_types_own_codes() -> None:
    assert FOOD.reasons[Reason.ANNULLED].code == "03"
    assert CONSTRUCTION.reasons[Reason.ANNULLED].code == "04"
    assert CONSTRUCTION.reasons[Reason.FORFEITED].name.zh == "吊销"
    assert Reason.WITHHELD not in DISABILITY.reasons


def test_a_type_keeps_the_text_it_was_read_from() -> None:
    assert GIVEN.source == GIVEN_TERM
    assert parse_type(GIVEN.source) == GIVEN


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('slug = "given-term"', "", "slug"),
        ('slug = "given-term"', 'slug = "given-term"\ncolour = 1', "colour"),
        ("11990000999000101N009", "11990000999000101M009", "GB/T 36904"),
        ('check = "uscc"', "", "check"),
        ('check = "uscc"', 'check = "luhn"', "fields.1.check"),
        ('"T[0-9]{4}"', '"T[0-9"', "pattern"),
        (', pattern = "T[0-9]{4}"', "", "number"),
        ('name = "body"', 'name = "nobody"', "nobody"),
        ('key = "body"', 'key = "number"', "number"),
        ('key = "body"', 'key = "code"', "“code”"),
        ('kind = "text"', 'kind = "person"\npublic = true', "mask"),
        ('kind = "text"', 'kind = "choice"', "choices"),
        ('label = { zh = "名称"', 'label = { zh = "代码"', "“代码”"),
        ("#000000", "black", "colour"),
        ('"portrait"', '"round"', "portrait, landscape"),
        ('colour = "#000000"', 'colour = "#000000", size = 1', "design.size"),
        ('colour = "#000000"', 'colour = "#000000", statement = ""', "statement"),
        ("colour =", 'title = { zh = "", en = "Test" }, colour =', "title.zh"),
        ('zh = "名称"', 'zh = " 名称"', "fields.0.label"),
        ('zh = "名称"', 'zh = "名称", fr = "nom"', "fields.0.label.fr"),
        ('slug = "given-term"', 'slug = "given-term"\nsource = ""', "source"),
        ("years = 3", "years = 300", "validity.years"),
        ("[reasons]", '[reasons]\nLOST = { code = "1" }', "LOST"),
        ('slug = "given-term"', "slug = ", "TOML"),
    ],
)
def test_a_wrong_definition_names_the_key(before: str, after: str, told: str) -> None:
    assert before in GIVEN_TERM
    with pytest.raises(BadTypeError) as caught:
        parse_type(GIVEN_TERM.replace(before, after, 1))
    assert told in caught.value.text.zh
    assert told in caught.value.text.en


@pytest.mark.parametrize(
    ("template", "scope", "told"),
    [
        ("T{sequence:4}", "", "scope"),
        ("T{code}", "T", "sequence"),
        ("T{sequence:4}{sequence:4}", "T", "sequence"),
        ("T{nothing}{sequence:4}", "T", "nothing"),
        ("T{body}{sequence:4}", "T", "body"),
        ("T{body.code}{sequence:4}", "T", "body.code"),
        ("T{sequence:99}", "T", "sequence:99"),
        ("T{sequence:4", "T", "sequence:4"),
        ("T{sequence:4}", "T{sequence:4}", "sequence"),
    ],
)
def test_a_wrong_template_is_told(template: str, scope: str, told: str) -> None:
    number = f'rule = "assigned", template = "{template}", scope = "{scope}"'
    source = GIVEN_TERM.replace('rule = "given"', number, 1).replace(
        ', pattern = "T[0-9]{4}"', "", 1
    )
    with pytest.raises(BadTypeError, match="cannot hold") as caught:
        parse_type(source)
    assert told in caught.value.text.en


def test_a_definition_of_endless_length_is_not_read() -> None:
    with pytest.raises(BadTypeError, match="longer"):
        parse_type("#" * 300_000)


@given(st.dictionaries(st.sampled_from([*FOOD_ROW, "other"]), st.text(max_size=30)))
def test_whatever_a_row_says_it_is_judged(row: dict[str, str]) -> None:
    with pytest.raises(RowProblems):
        check_row(FOOD, row, b"", TODAY, "", read_photo=anew)
