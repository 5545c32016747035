import pytest
import zxingcpp
from PIL import Image

from signing.qr import CAPACITY, MIN_SIDE, QUIET_ZONE, QrTooLongError, modules, qr_path
from tests.signing.faces import LINK


def _picture(rows: tuple[bytearray, ...], *, lost: int | None = None) -> Image.Image:
    """Draw modules; a fold has taken the row `lost`."""
    edge, side = b"\xff" * QUIET_ZONE, len(rows) + 2 * QUIET_ZONE
    blank = b"\xff" * side * QUIET_ZONE
    drawn = (bytes(0 if dark and y != lost else 255 for dark in row) for y, row in enumerate(rows))
    data = blank + b"".join(edge + row + edge for row in drawn) + blank
    picture = Image.frombytes("L", (side, side), data)
    return picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def _read(rows: tuple[bytearray, ...]) -> str:
    (code,) = zxingcpp.read_barcodes(_picture(rows))
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.ec_level == "Q"
    return str(code.text)


@pytest.mark.parametrize("length", [1, 11, 12, 60, 61, *CAPACITY[5:]])
def test_every_version_is_read_back(length: int) -> None:
    text = (LINK * 12)[:length]
    assert _read(modules(text)) == text


@pytest.mark.parametrize("link", [LINK, LINK[:59], LINK[:46]])
def test_a_row_lost_to_a_fold_does_not_matter(link: str) -> None:
    """Any row that holds data alone: nine at each end are for finding the code."""
    rows = modules(link)
    for lost in range(9, len(rows) - 9):
        found = zxingcpp.read_barcodes(_picture(rows, lost=lost))
        assert [code.text for code in found] == [link], lost


def test_a_text_that_needs_too_small_modules_is_refused() -> None:
    with pytest.raises(QrTooLongError, match="292"):
        modules("x" * (CAPACITY[-1] + 1))


def test_the_same_text_gives_the_same_path() -> None:
    assert qr_path(LINK, 1, 2, 90) == qr_path(LINK, 1, 2, 90)


def test_the_path_covers_the_dark_modules_and_no_others() -> None:
    rows = modules(LINK)
    numbers = qr_path(LINK, 0, 0, MIN_SIDE).split(" cm ")[1].removesuffix(" f Q").split(" re")
    drawn: set[tuple[int, int]] = set()
    for rectangle in filter(None, numbers):
        x, y, width, height = map(int, rectangle.split())
        assert height == 1
        run = {(x + step, y) for step in range(width)}
        assert not run & drawn
        drawn |= run
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_the_path_leaves_the_quiet_zone_free() -> None:
    scale, _, _, _, left, top = map(float, qr_path(LINK, 10, 20, 90).split(" cm ")[0][2:].split())
    side = len(modules(LINK)) * scale
    assert left - 10 == pytest.approx(QUIET_ZONE * scale, abs=1e-3)
    assert 10 + 90 - (left + side) == pytest.approx(QUIET_ZONE * scale, abs=1e-2)
    assert 20 + 90 - top == pytest.approx(QUIET_ZONE * scale, abs=1e-3)
