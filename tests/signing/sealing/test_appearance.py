import re
from functools import cache
from io import BytesIO
from math import cos, radians, sin

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from signing.face import SealAppearance
from signing.render.errors import BadSealError, FieldTooLongError, MissingGlyphError
from signing.sealing.appearance import (
    BOTTOM_LIMIT,
    GRAPHICS_STATE,
    NAME_LIMIT,
    make_seal_appearance,
)

NAME = "青禾市市场监督管理局"
LONG_NAME = "岱州省青禾市国家现代农业综合试验区管理委员会行政审批服务与政务信息化局"
RESOLUTION = 4
"""Pixels a point."""


def _picture(seal: SealAppearance, *, ground: str = "white") -> Image.Image:
    """Draw the seal alone on a page just as large."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(seal.diameter, seal.diameter))
    states = {f"/{n}": pikepdf.Dictionary(ca=opacity) for n, opacity in seal.ext_gstate}
    page.Resources = pikepdf.Dictionary(ExtGState=pikepdf.Dictionary(states))
    black = b"0 g 0 0 999 999 re f " if ground == "black" else b""
    page.Contents = pdf.make_stream(black + seal.content)
    buffer = BytesIO()
    pdf.save(buffer)
    bitmap = pypdfium2.PdfDocument(buffer.getvalue())[0].render(scale=RESOLUTION)
    picture: Image.Image = bitmap.to_pil().convert("RGB")
    return picture


def _ink(picture: Image.Image, share_x: float, share_y: float) -> bool:
    pixel = picture.getpixel((int(picture.width * share_x), int(picture.height * share_y)))
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[1] < 120


@cache
def _seal(name: str, bottom: str, diameter_mm: float) -> SealAppearance:
    return make_seal_appearance(name=name, bottom=bottom, diameter_mm=diameter_mm)


@pytest.mark.parametrize("diameter_mm", [42, 45, 50])
def test_the_seal_has_the_size_of_its_level(diameter_mm: float) -> None:
    seal = _seal(NAME, "", diameter_mm)
    assert seal.diameter == pytest.approx(diameter_mm / 25.4 * 72)
    left, top, right, bottom = _red_box(_picture(seal))
    assert right - left == pytest.approx(seal.diameter * RESOLUTION, abs=4)
    assert bottom - top == pytest.approx(seal.diameter * RESOLUTION, abs=4)


def _red_box(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.getchannel("G").point(lambda value: 255 if value < 200 else 0).getbbox()
    assert box is not None
    return box


def test_ring_star_and_white_between() -> None:
    picture = _picture(_seal(NAME, "", 45))
    assert _ink(picture, 0.012, 0.5)
    assert _ink(picture, 0.5, 0.5)
    assert _ink(picture, 0.5, 0.36)  # the star points up
    assert not _ink(picture, 0.5, 0.75)


def test_the_special_seals_name_stands_below_the_star() -> None:
    plain = _seal(NAME, "", 45)
    special = _seal(NAME, "食品经营许可专用章", 45)
    area = (0.28, 0.72, 0.72, 0.84)
    assert _darkness(plain, area) == 0
    assert _darkness(special, area) > 0.1


def _darkness(seal: SealAppearance, area: tuple[float, float, float, float]) -> float:
    picture = _picture(seal)
    side = picture.width
    left, top, right, bottom = (round(side * share) for share in area)
    part = picture.crop((left, top, right, bottom)).getchannel("G")
    dark = part.point(lambda value: 1 if value < 200 else 0)
    return sum(dark.tobytes()) / (part.width * part.height)


@pytest.mark.parametrize("name", ["青禾市公安局", NAME, LONG_NAME[:22], LONG_NAME])
@pytest.mark.parametrize("bottom", ["", "工程建设项目审批业务专用章（1）"])
def test_the_name_touches_neither_ring_nor_star(name: str, bottom: str) -> None:
    picture = _picture(_seal(name, bottom, 42))
    middle = picture.width / 2
    for radius_share in (0.463, 0.168):  # just inside the ring, just outside the star
        for degree in range(0, 360, 1):
            x, y = _polar(middle, radius_share * picture.width, degree)
            assert not _ink(picture, x / picture.width, y / picture.height), (radius_share, degree)


def _polar(middle: float, radius: float, degree: int) -> tuple[float, float]:
    return middle + radius * cos(radians(degree)), middle - radius * sin(radians(degree))


def test_what_lies_under_the_seal_stays_readable() -> None:
    picture = _picture(_seal(NAME, "", 45), ground="black")
    over_black = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(over_black, tuple)
    assert over_black[0] < 200  # darker than the seal on white


def test_it_is_vector_only_and_needs_nothing_but_the_named_state() -> None:
    seal = _seal(NAME, "便民服务专用章", 42)
    names = re.findall(rb"/(\w+)", seal.content)
    assert names == [GRAPHICS_STATE.encode()]
    assert [name for name, _ in seal.ext_gstate] == [GRAPHICS_STATE]
    operators = set(re.findall(rb"(?<![\w.])[a-zA-Z]+\*?", seal.content)) - {b"XinyinSeal"}
    assert operators <= {b"q", b"Q", b"gs", b"rg", b"m", b"l", b"c", b"h", b"f", b"f*"}


def test_the_same_seal_has_the_same_bytes() -> None:
    again = make_seal_appearance(name=NAME, bottom="", diameter_mm=45)
    assert again == _seal(NAME, "", 45)


@pytest.mark.parametrize(
    ("name", "bottom", "character"), [("青禾市𠮷局", "", "𠮷"), (NAME, "专 用章", " ")]
)
def test_a_character_without_outline_is_named(name: str, bottom: str, character: str) -> None:
    with pytest.raises(MissingGlyphError) as caught:
        _seal(name, bottom, 45)
    assert caught.value.details["code_point"] == f"U+{ord(character):04X}"


def test_limits() -> None:
    with pytest.raises(FieldTooLongError):
        make_seal_appearance(name="长" * (NAME_LIMIT + 1), bottom="", diameter_mm=45)
    with pytest.raises(FieldTooLongError):
        _seal(NAME, "长" * (BOTTOM_LIMIT + 1), 45)
    for name, diameter in (("", 45.0), (NAME, 29.9), (NAME, 61.0), (NAME, float("nan"))):
        with pytest.raises(BadSealError):
            _seal(name, "", diameter)
