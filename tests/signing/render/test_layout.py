"""What fits, what is refused, and that nothing overlaps."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import Text
from signing.face import Box, FaceField, LicenceFace, Orientation
from signing.render.body import SMALLEST_SHARED, SMALLEST_WIDE
from signing.render.errors import BadDesignError, FieldTooLongError, MissingGlyphError
from signing.render.geometry import SEAL_RADIUS, overlaps
from signing.render.page_parts import PageLayout
from signing.render.renderer import LicenceRenderer
from tests.signing import faces

RENDERER = LicenceRenderer()


def _check(layout: PageLayout) -> None:
    """Every block lies within the margins, overlaps no other, and keeps clear of the seal."""
    margin = layout.shape.margin
    for block in layout.blocks:
        assert margin.x1 - 0.1 <= block.box.x1, block
        assert block.box.x2 <= margin.x2 + 0.1, block
        assert margin.y1 - 2 <= block.box.y1, block
        assert block.box.y2 <= margin.y2 + 0.1, block
    for first, second in combinations(layout.blocks, 2):
        assert not overlaps(first.box, second.box), (first, second)
    x, y = layout.seal_centre
    seal = Box(x - SEAL_RADIUS, y - SEAL_RADIUS, x + SEAL_RADIUS, y + SEAL_RADIUS)
    for block in layout.blocks:
        assert block.name in {"authority", "granted"} or not overlaps(block.box, seal), block


def _turned(face: LicenceFace, orientation: Orientation) -> LicenceFace:
    return replace(face, design=replace(face.design, orientation=orientation))


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("kind", ["food", "construction", "disability"])
def test_nothing_overlaps(kind: str, orientation: Orientation) -> None:
    face = _turned(getattr(faces, kind)(), orientation)
    _check(RENDERER.layout(face)[0])
    _check(RENDERER.layout(replace(face, photo=faces.portrait(), valid_until=None))[0])


def test_nothing_overlaps_on_several_pages() -> None:
    layouts = RENDERER.layout(replace(faces.copies(), photo=faces.portrait()))
    assert [one.shape.width > one.shape.height for one in layouts] == [True, False]
    for layout in layouts:
        _check(layout)


_TEXTS = st.text(alphabet="青禾市（）“”，。、；1aW -", max_size=160)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.tuples(_TEXTS, st.booleans()), max_size=9),
    authority=st.text(alphabet="青禾市监局", min_size=1, max_size=48),
    photo=st.sampled_from([None, b"-"]),
    orientation=st.sampled_from(Orientation),
    bilingual=st.booleans(),
)
def test_whatever_is_not_refused_stays_in_its_place(
    values: list[tuple[str, bool]],
    authority: str,
    photo: bytes | None,
    orientation: Orientation,
    bilingual: bool,  # noqa: FBT001
) -> None:
    fields = tuple(
        FaceField(f"f{i}", Text("字段名称"[: 2 + i % 3], "Field"), value, wide)
        for i, (value, wide) in enumerate(values)
    )
    turned = _turned(faces.food(), orientation)
    face = replace(
        turned,
        design=replace(turned.design, bilingual=bilingual),
        fields=fields,
        authority=authority,
        photo=photo,
    )
    try:
        layout = RENDERER.layout(face)[0]
    except FieldTooLongError:
        return
    _check(layout)


def test_long_names_wrap_or_shrink_within_the_limits() -> None:
    face = faces.with_value(faces.food(), "operator", "青禾市" + "长" * 90 + "有限公司")
    layout = RENDERER.layout(face)[0]
    _check(layout)
    assert all(text.size >= SMALLEST_WIDE for text in layout.texts if text.y > 250)


def test_long_texts_shrink_alone_below_the_shared_minimum() -> None:
    face = faces.with_value(faces.construction(), "grades", faces.QUALIFICATIONS * 2)
    sizes = {text.text[:4]: text.size for text in RENDERER.layout(face)[0].texts}
    assert sizes["建筑工程"] < SMALLEST_SHARED == sizes["913700007062345Q1N"[:4]]
    _check(RENDERER.layout(face)[0])


def test_an_authority_s_name_shrinks_before_it_wraps() -> None:
    face = replace(faces.disability(), authority="青岚市揽月县残疾人联合会")
    line = next(one for one in RENDERER.layout(face)[0].texts if one.text.startswith("发证机关"))
    assert line.text == "发证机关：青岚市揽月县残疾人联合会"
    assert line.size < 13
    assert line.font.name == "NotoSerifSC-Regular"  # the seal's characters cross it


def test_what_cannot_fit_names_the_field() -> None:
    face = faces.with_value(faces.construction(), "grades", faces.QUALIFICATIONS * 9)
    with pytest.raises(FieldTooLongError) as caught:
        RENDERER.render(face)
    assert caught.value.details["field"] == "资质类别及等级"
    assert "资质类别及等级" in caught.value.text.zh
    assert "施工" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"authority": "局" * 60}, "发证机关"),
        ({"number": "9" * 200}, "许可证编号"),
        ({"identifier": "9" * 400}, "证照标识"),
        ({"link": f"https://{'a' * 300}.cn/v/x"}, "核验网址"),
    ],
)
def test_other_texts_have_limits_too(change: dict[str, str], label: str) -> None:
    with pytest.raises(FieldTooLongError) as caught:
        RENDERER.layout(replace(faces.food(), **change))[0]  # type: ignore[arg-type]
    assert caught.value.details["field"] == label


@pytest.mark.parametrize(
    ("character", "point"),
    [
        ("𰻞", "U+30EDE"),
        ("\t", "U+0009"),
        ("\u200b", "U+200B"),
        ("\ue000", "U+E000"),
        ("\u202e", "U+202E"),
        ("\u0301", "U+0301"),
        ("😀", "U+1F600"),
        ("\r", "U+000D"),
    ],
)
def test_a_missing_glyph_names_field_and_character(character: str, point: str) -> None:
    face = faces.with_value(faces.disability(), "name", f"李{character}")
    with pytest.raises(MissingGlyphError) as caught:
        RENDERER.render(face)
    assert caught.value.details == {"field": "姓名", "character": character, "code_point": point}
    assert point in caught.value.text.zh
    assert "李" not in str(caught.value)


@pytest.mark.parametrize("name", ["㼆", "䶮", "龘", "㛃", "𬭶"])
def test_rare_characters_are_drawn(name: str) -> None:
    face = faces.with_value(faces.disability(), "name", name)
    assert any(text.text == name for text in RENDERER.layout(face)[0].texts)


@pytest.mark.parametrize("part", ["authority", "number", "identifier"])
def test_every_text_is_checked_for_glyphs(part: str) -> None:
    face = faces.food()
    with pytest.raises(MissingGlyphError):
        RENDERER.layout(replace(face, **{part: "𰻞\n"}))[0]  # type: ignore[arg-type]
    with pytest.raises(MissingGlyphError):
        RENDERER.layout(replace(face, **{part: "1\n2"}))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["title", "authority_label", "validity_label", "granted_label"])
def test_every_word_of_the_design_is_checked_for_glyphs(part: str) -> None:
    face = faces.food()
    words = Text("发证日期😀", "Granted on")
    with pytest.raises(MissingGlyphError):
        RENDERER.layout(replace(face, design=replace(face.design, **{part: words})))  # type: ignore[arg-type]


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", "#12345g", "#123456\n"])
def test_a_bad_colour_is_refused(colour: str) -> None:
    face = faces.food()
    with pytest.raises(BadDesignError):
        RENDERER.layout(replace(face, design=replace(face.design, colour=colour)))[0]


def test_a_pale_colour_still_gives_readable_words() -> None:
    face = faces.food()
    layout = RENDERER.layout(replace(face, design=replace(face.design, colour="#ffff99")))[0]
    assert max(layout.tones.ink) < 0.45


def test_a_long_term_says_so() -> None:
    face = replace(faces.food(), valid_from=date(2026, 1, 2), valid_until=None)
    assert any(text.text == "2026年1月2日起长期有效" for text in RENDERER.layout(face)[0].texts)
