"""Drafting of types: what is written holds, is shown without a grant, and is compared in words."""

import io
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.text import Text
from registry.licences.reason_words import REASON_NAMES
from registry.types.drafting.advice import advise
from registry.types.drafting.differences import Audience, differences, public_differences
from registry.types.drafting.messages import HOLDER_RULE_CHANGES
from registry.types.drafting.pattern_samples import sample_of
from registry.types.drafting.preview import preview_of
from registry.types.drafting.samples import (
    longest_value,
    sample_portrait,
    sample_row,
    sample_value,
)
from registry.types.drafting.skeleton import (
    DraftField,
    HolderKind,
    TypeDraft,
    short_name_of,
    write_skeleton,
)
from registry.types.fields import FieldKind
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumberKind
from registry.types.row_check import check_row
from registry.types.row_problems import RowProblems
from registry.types.types import parse_type
from registry.types.validity import ValidityKind
from registry.types.values import read_value
from signing.render.picture import PIXELS_PER_POINT, png_of
from signing.render.renderer import LicenceRenderer
from tests.pictures import anew
from tests.registry.type_samples import EXAMPLES, GIVEN_TERM, TODAY

EVERY = {path.stem: path.read_text("utf-8") for path in (EXAMPLES / "types").glob("*.toml")}
FOOD = EVERY["food-operation"]
COLUMNS = 'columns = [{ zh = "代码", en = "Code" }, { zh = "项目", en = "Item" }]\n'
ADDED = (
    DraftField(Text("床位数", "Beds"), FieldKind.NUMBER, public=True),
    DraftField(Text("类型", "Form"), FieldKind.CHOICE, choices=("公办", "民办")),
    DraftField(Text("负责人", "Head"), FieldKind.PERSON, public=True),
    DraftField(Text("内部编号", "Own code"), FieldKind.CODE),
    DraftField(Text("地区", "Area"), FieldKind.AREA),
    DraftField(Text("成立日期", "Founded"), FieldKind.DATE),
    DraftField(Text("备注", "Notes"), FieldKind.TEXT),
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("holder", "number", "validity"),
    list(itertools.product(HolderKind, NumberKind, ValidityKind)),
)
def test_whatever_is_answered_the_definition_holds(
    holder: HolderKind, number: NumberKind, validity: ValidityKind, language: str
) -> None:
    draft = TypeDraft(
        code="11990000MB00990170001", slug="some-type", name=Text("测试证", "Test licence"),
        holder=holder, number=number, validity=validity, prefix="T", pattern="T[0-9]{6}",
        photo=holder is HolderKind.PERSON, fields=ADDED,
        told_apart_by=("beds",) if number is NumberKind.ASSIGNED else (),
    )  # fmt: skip
    source = write_skeleton(draft, "zh" if language == "zh" else "en", REASON_NAMES)
    licence_type = parse_type(source)
    assert max(map(len, source.splitlines())) <= 110
    row = sample_row(licence_type, TODAY)
    photo = sample_portrait() if licence_type.photo_field else None
    assert check_row(licence_type, row, photo, TODAY, "", read_photo=anew).data


def test_short_names() -> None:
    assert short_name_of("Elderly Care: Registration (2026)") == "elderly-care-registration"
    assert short_name_of("养老") == ""


@pytest.mark.parametrize("slug", sorted(EVERY))
def test_the_examples_need_no_advice_and_can_be_shown(slug: str) -> None:
    licence_type = parse_type(EVERY[slug])
    assert advise(licence_type, TODAY) == ()
    if licence_type.is_document:
        with pytest.raises(RowProblems, match="document sign"):
            preview_of(licence_type, TODAY)
        return
    assert preview_of(licence_type, TODAY).face.sample


def test_a_preview_is_a_page_and_a_picture() -> None:
    licence_type = parse_type(FOOD)
    shown = preview_of(licence_type, TODAY, row={"经营者名称": "青岚市云上面馆"}, authority="某局")
    assert shown.face.authority == "某局"
    assert "青岚市云上面馆" in [field.value for field in shown.face.fields]
    assert licence_type.matches_number(shown.face.number)
    pdf = LicenceRenderer().render(shown.face).pdf
    assert png_of(pdf).startswith(b"\x89PNG")


def test_the_picture_has_every_page() -> None:
    shown = preview_of(parse_type(EVERY["business-licence"]), TODAY)
    picture = Image.open(io.BytesIO(png_of(LicenceRenderer().render(shown.face).pdf)))
    (wide, high), (narrow, higher) = (round_size(one) for one in ((842, 595), (595, 842)))
    assert narrow < wide == picture.width
    assert high + higher < picture.height < high + higher + 100
    assert (
        picture.getpixel((wide // 2, 20))
        == picture.getpixel((wide // 2, high + higher))
        == (
            255,
            255,
            255,
        )
    )  # paper, and nothing between pages


def round_size(points: tuple[int, int]) -> tuple[int, int]:
    """Return a page's size as pixels; pages have fractions of a point."""
    wide, high = points
    return (round(wide * PIXELS_PER_POINT), round(high * PIXELS_PER_POINT))


def test_a_term_may_stay_off_the_page() -> None:
    licence_type = parse_type(EVERY["degree-certificate"])
    with_term = parse_type(EVERY["degree-certificate"].replace("without_term = true\n", ""))
    pages = [
        LicenceRenderer().layout(preview_of(one, TODAY).face) for one in (licence_type, with_term)
    ]
    words = [{text.text for text in page.texts} for (page,) in pages]
    assert not any("长期有效" in one for one in words[0])
    assert any("长期有效" in one for one in words[1])


def test_a_table_has_samples() -> None:
    source = FOOD.replace("120\nwide = true\n", f"120\nwide = true\n{COLUMNS}", 1)
    (rule,) = (one for one in parse_type(source).ordered if one.columns)
    longest = longest_value(rule)
    assert longest is not None
    assert rule.max_length - len(longest) < 30
    for value in (longest, sample_value(rule.model_copy(update={"example": None}), TODAY)):
        assert value is not None
        assert read_value(rule, value, TODAY) == value
    tiny = rule.model_copy(update={"example": None, "max_length": 2})
    assert (sample_value(tiny, TODAY), longest_value(tiny)) == (None, None)


def test_the_page_that_does_not_fit_is_named() -> None:
    pages = '\n[[design.pages]]\n\n[[design.pages]]\nheading = { zh = "HHH", en = "b" }\n'
    source = FOOD.replace("\n[number]", f"{pages}\n[number]", 1).replace("HHH", "长" * 60)
    (flaw,) = advise(parse_type(source), TODAY)
    assert (flaw.place, "第 2 页" in flaw.text.zh) == ("design.pages.1", True)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("120\nwide = true\npublic", "4000\nwide = true\npublic", "fields.4.max_length"),
        ('kind = "area"', 'kind = "area"\nmonth_only = true', "fields.8.month_only"),
        ("max_length = 60", "max_length = 60\nmin_length = 61", "fields.0.min_length"),
        ('hint = { zh = "写作', '# { zh = "', "fields.7.pattern"),
        ("max_length = 40\n", 'max_length = 40\nexample = "a\\u200bb"\n', "fields.2.example"),
        ("on_face = false", "on_face = false\npublic = true", "fields.8.public"),
        ('statement = "', 'statement = "\U0001f600', "design.statement"),
        ('value = "集中用餐', 'value = "\U0001f600集中用餐', "fields.5.choices.2.value"),
        ('{ zh = "发证日期"', '{ zh = "\U0001f600发证日期"', "design.granted_label.zh"),
        ('"集中用餐单位食堂", code', '"餐饮服务经营者", code', "fields.5.choices.2"),
    ],
)  # fmt: skip
def test_advice_names_the_place(before: str, after: str, place: str) -> None:
    assert before in FOOD
    source = FOOD.replace(before, after, 1)
    found = {one.place: one.line for one in advise(parse_type(source), TODAY)}
    assert place in found
    assert found[place] > 1


@pytest.mark.parametrize(
    "pattern",
    [
        "T[0-9]{4}", "D[1-3][0-9]{8}", "1[0-9]{10}|0[0-9]{2,3}-[0-9]{7,8}", "[一-鿿]{1,10}",
        r"\d{4}-\w+", "[^0]A?", "(?:甲|乙)第[0-9]+号", "^[A-Z]{2}$", "[^0-9A-Z]", ".x*", "a{300}",
    ],
)  # fmt: skip
def test_samples_of_patterns_fit_them(pattern: str) -> None:
    sample = sample_of(re.compile(pattern))
    assert sample is None or re.fullmatch(pattern, sample)
    assert (sample is None) == (pattern == "a{300}")


@pytest.mark.filterwarnings("ignore:Possible")
@given(st.from_regex(r"[a-z0-9\[\]{}()|*+?.^$\\-]{0,12}", fullmatch=True))
def test_whatever_a_pattern_says_a_sample_is_tried(pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    sample = sample_of(compiled)
    assert sample is None or compiled.fullmatch(sample)


def changed(*pairs: tuple[str, str]) -> LicenceType:
    source = FOOD
    for before, after in pairs:
        assert before in source
        source = source.replace(before, after, 1)
    return parse_type(source)


@pytest.mark.parametrize(
    ("before", "after", "audiences"),
    [
        ("# Not on the face", "# not on the face", ()),
        ('mask = "holder"', 'mask = "person"', ("verifiers",)),
        ("120\nwide = true\npublic = true", "120\nwide = true", ("verifiers",)),
        ("on_face = false", "on_face = true", ("holders",)),
        ("years = 5", "years = 3", ("holders",)),
        ("max_length = 60", "max_length = 50", ("officers",)),
        ('value = "集中用餐单位食堂", code', 'value = "食堂", code', ("officers",)),
        ('colour = "#8c2f1b"', 'colour = "#8c2f1c"', ("holders",)),
        ("{sequence:6}", "{sequence:7}", ("holders", "officers")),
        ('label = { zh = "经营场所"', 'label = { zh = "经营地点"', ("holders", "verifiers")),
        ('code = "03", name', 'code = "93", name', ("officers",)),
        ("[holder]", "[desk]\nsecond_person = true\n[holder]", ("officers",)),
        ("[holder]", "[retention]\nyears = 10\n[holder]", ("holders",)),
        ('name = { zh = "食品经营许可证"', 'name = { zh = "食品许可证"', ("holders", "verifiers")),
    ],
)  # fmt: skip
def test_differences_are_told_to_whom_they_concern(
    before: str, after: str, audiences: tuple[str, ...]
) -> None:
    found = differences(parse_type(FOOD), changed((before, after)))
    assert {one.audience for one in found} == set(map(Audience, audiences))
    for one in found:
        assert one.text.zh != one.text.en


def test_for_how_long_it_is_kept_is_told_and_judged() -> None:
    """The example is valid for 5 years: what is kept for less is gone while the next one holds."""

    def kept(years: int, *pairs: tuple[str, str]) -> LicenceType:
        return changed(("[holder]", f"[retention]\nyears = {years}\n[holder]"), *pairs)

    def advice(kind: LicenceType) -> list[str]:
        return [one.text.en for one in advise(kind, TODAY) if one.place == "retention.years"]

    (told,) = differences(kept(1), kept(30))
    assert "“erased after 1 year” becomes “erased after 30 years”" in told.text.en
    (told,) = differences(kept(5), parse_type(FOOD))
    assert "“erased after 5 years” becomes “for good”" in told.text.en
    assert advice(parse_type(FOOD)) == advice(kept(5)) == []
    assert ["less than its term of 5 years" in one for one in advice(kept(4))] == [True]
    long = kept(5, ('rule = "years"\nyears = 5', 'rule = "long_term"'))
    assert ["no last day" in one for one in advice(long)] == [True]


def test_a_field_more_and_a_field_less() -> None:
    less = changed(('key = "hotline"', 'key = "telephone"'))
    told = [one.text.en for one in differences(parse_type(FOOD), less)]
    assert "The public no longer sees “Hotline for complaints”." in told
    assert "The public sees “Hotline for complaints” in full." in told
    assert len(public_differences(parse_type(FOOD), less)) == 2


PREMISES = 'kind = "text"\nmax_length = 120\nwide = true\npublic = true'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PREMISES, 'kind = "date"\npublic = true'),
        ('kind = "date"\nmonth_only = true\npublic = true', 'kind = "date"\npublic = true'),
        ('kind = "number"\ndecimals = 2\npublic = true', 'kind = "number"\npublic = true'),
        (PREMISES + "\nlisted = true", PREMISES),
    ],
)
def test_what_shows_the_public_more_of_a_value_is_told(before: str, after: str) -> None:
    """A month becomes a day of birth; nobody else need see it happen."""
    older, newer = (changed((PREMISES, one)) for one in (before, after))
    assert [one for one in public_differences(older, newer) if "Premises" in one.en]


def test_whoever_becomes_the_holder_is_told() -> None:
    (told,) = public_differences(
        parse_type(FOOD), changed(('name = "operator"', 'name = "representative"'))
    )
    assert told == HOLDER_RULE_CHANGES


def test_a_number_that_comes_to_hold_the_holder_s_code_is_told() -> None:
    newer = changed(
        ('rule = "assigned"', 'rule = "derived"'),
        ('"JY{main_form.code}{area}{sequence:6}{mod11_10}"', '"{operator_code}"'),
        ('scope = "JY{main_form.code}|{area}"\n', ""),
    )  # fmt: skip
    (told,) = public_differences(parse_type(FOOD), newer)
    assert "masked" in told.en


def test_another_type_is_told() -> None:
    told = [one.text.en for one in differences(parse_type(FOOD), parse_type(GIVEN_TERM))]
    assert "The codes differ: this is another type." in told
