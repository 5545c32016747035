"""Continuation pages: nothing lost, nothing small, and an end to them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import Text
from signing.face import FaceField, LicenceFace, Orientation, PageDesign
from signing.render import continuing
from signing.render.body import ROOMY
from signing.render.errors import FieldTooLongError
from signing.render.page_parts import PageLayout
from signing.render.renderer import LicenceRenderer
from tests.signing import faces
from tests.signing.render.test_layout import _check

RENDERER = LicenceRenderer()
COLUMNS = (Text("名称", "Name"), Text("数量", "Number"))


def _long(rows: int, *, continued: bool = True) -> LicenceFace:
    food = faces.food()
    table = FaceField(
        "facilities",
        Text("设备", "Facilities"),
        "",
        wide=True,
        columns=COLUMNS,
        rows=tuple((f"第{n}号设备", str(n)) for n in range(rows)),
    )
    design = replace(food.design, continued=continued)
    return replace(food, fields=(*food.fields, table), design=design)


def _rows(layout: PageLayout) -> list[str]:
    return [
        cell[0][0].text
        for block in layout.blocks
        if block.part and block.part.table
        for cell in block.part.table.rows
    ]


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 60))
def test_all_rows_are_there_in_their_order(rows: int) -> None:
    layouts = RENDERER.layout(_long(rows))
    for layout in layouts:
        _check(layout)
        assert min(b.texts[0].size for b in layout.by_kind()["field"]) >= ROOMY
    assert [row for one in layouts for row in _rows(one)] == [f"第{n}号设备" for n in range(rows)]
    counted = [text.text for one in layouts for text in one.texts if text.text.startswith("第 ")]
    count = len(layouts)
    assert counted == [f"第 {at} 页，共 {count} 页" for at in range(1, count + 1)] * (count > 1)


def test_a_further_page_says_what_it_is_and_repeats_the_heads() -> None:
    face = _long(40)
    pages = (PageDesign(heading=Text("副本", "Duplicate")),)
    first, second, *_ = RENDERER.layout(replace(face, design=replace(face.design, pages=pages)))
    assert "（副本）" in {one.text for one in first.texts}
    assert {"（副本续页）", "名称", face.authority, face.number} <= {
        part for one in second.texts for part in (one.text, *one.text.split("："))
    }
    assert len(RENDERER.render(face).pdf) < 150_000


def test_what_fits_one_page_stays_there() -> None:
    face = _long(5)
    upright = replace(face, design=replace(face.design, orientation=Orientation.PORTRAIT))
    assert [len(RENDERER.layout(one)) for one in (_long(1), upright, face)] == [1, 1, 2]


def test_without_it_what_does_not_fit_is_refused() -> None:
    with pytest.raises(FieldTooLongError):
        RENDERER.layout(_long(40, continued=False))


def test_text_that_needs_small_type_even_alone_gets_it() -> None:
    face = faces.construction()
    face = replace(face, design=replace(face.design, continued=True))
    long = faces.with_value(face, "grades", faces.QUALIFICATIONS * 2)
    (only,) = RENDERER.layout(long)
    assert min(text.size for block in only.by_kind()["field"] for text in block.texts) < ROOMY


def test_there_is_an_end_to_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuing, "MOST_PAGES", 2)
    with pytest.raises(FieldTooLongError):
        RENDERER.layout(_long(60))
