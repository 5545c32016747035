"""What is proven to fit is laid out without a complaint; the rest is left to the layout."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from unittest import mock

import pytest

from core.text import Text
from signing.face import LicenceFace, Orientation
from signing.render.errors import FieldTooLongError, MissingGlyphError
from signing.render.layout import lay_out
from signing.render.renderer import LicenceRenderer
from signing.render.type.typefaces import load_fonts
from tests.signing import faces

RENDERER = LicenceRenderer()
WORDS = (
    "青岚市",
    "（含冷藏）",
    "、",
    "。",
    "“",
    "a",
    "ABC-123/45",
    "W" * 14,
    " ",
    "路" * 9,
    "1200.3",
)
FACES = (faces.food(), faces.disability(), faces.copies(), faces.construction())


def text(random_: random.Random) -> str:
    """Return words whose length says little of the room that they take."""
    count = random_.choice((0, 1, 2, 4, 12, 30, 60))
    words = "".join(random_.choice(WORDS) for _ in range(random_.randrange(count + 1)))
    return words if random_.random() < 0.9 else f"{words}\n{words}"


def face(random_: random.Random) -> LicenceFace:
    """Return one of the faces with other values, another page, another term."""
    one = random_.choice(FACES)
    many = random_.choice((3, 9, 18))
    fields = tuple(
        replace(field, value=text(random_), wide=random_.random() < 0.5)
        for field in (one.fields * 9)[:many]
        if not field.columns
    )
    if random_.random() < 0.1:
        fields = (*fields[:-1], replace(fields[-1], value="𰻞\ue123"))
    design = replace(
        one.design,
        orientation=random_.choice(list(Orientation)),
        continued=random_.random() < 0.4,
        bilingual=random_.random() < 0.1,
        validity_label=random_.choice((Text("有效期至", "Until"), one.design.validity_label)),
        statement="特" * random_.choice((10, 60, 250)),
    )
    return replace(
        one,
        design=design,
        fields=fields,
        number=random_.choice(("JY1", "9" * 40, "1" * 64, "W" * 90, "\n", "字" * 40)),
        authority="局" * random_.choice((4, 20, 34)),
        valid_until=random_.choice((None, date(2030, 12, 31))),
        photo=random_.choice((None, faces.portrait())),
    )


def test_it_refuses_what_the_layout_refuses() -> None:
    fonts, told = load_fonts(), Counter[tuple[bool, str]]()
    for seed in range(300):
        one = face(random.Random(seed))
        try:
            lay_out(one, fonts)
        except (FieldTooLongError, MissingGlyphError) as error:
            assert not RENDERER._fit.holds(one), seed
            told[False, error.code] += 1
        else:
            told[RENDERER._fit.holds(one), "fits"] += 1
    assert told[False, "field_too_long"] > 40
    assert told[False, "missing_glyph"] > 10
    assert told[True, "fits"] > 50


@pytest.mark.parametrize("one", [faces.food(), faces.disability()])
def test_what_fits_is_not_laid_out(one: LicenceFace) -> None:
    with mock.patch.object(LicenceRenderer, "layout", side_effect=AssertionError):
        RENDERER.refuse_unfit(one)
        RENDERER.refuse_unfit(replace(one, number=f"{one.number}9"))


def test_what_may_not_fit_is_laid_out() -> None:
    one = faces.food()
    with pytest.raises(MissingGlyphError):
        RENDERER.refuse_unfit(replace(one, authority="青岚\U00030ede局"))
    with pytest.raises(FieldTooLongError):
        RENDERER.refuse_unfit(faces.with_value(one, "premises", "路" * 3000))


@pytest.mark.parametrize("orientation", list(Orientation))
def test_beside_a_photo_nothing_too_long_is_proven(orientation: Orientation) -> None:
    fonts, plain = load_fonts(), replace(faces.disability(), photo=faces.portrait())
    design = replace(plain.design, orientation=orientation)

    def long(count: int) -> LicenceFace:
        first = replace(plain.fields[0], value="路" * count, wide=True)
        return replace(plain, design=design, fields=(first, *plain.fields[1:]))

    def fits(count: int) -> bool:
        try:
            lay_out(long(count), fonts)
        except FieldTooLongError:
            return False
        return True

    low, high = 1, 4000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    assert not any(RENDERER._fit.holds(long(high + more)) for more in range(0, 400, 5))
    assert RENDERER._fit.holds(long(low // 8))
