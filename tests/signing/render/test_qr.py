import random

import pytest
import segno
import zxingcpp
from PIL import Image

from signing.qr import CAPACITY, LEVEL, MASK, QUIET_ZONE, QrCode, QrTooLongError, qr_code
from tests.signing.faces import LINK


def _rows(code: QrCode) -> tuple[bytearray, ...]:
    """Return the rows of modules, 1 being dark, from the top."""
    rows = (code.bits[at : at + code.width] for at in range(0, len(code.bits), code.width))
    return tuple(
        bytearray(map(int, f"{int.from_bytes(row):0{8 * code.width}b}"[: code.side]))
        for row in rows
    )


def _picture(
    rows: tuple[bytearray, ...], *, lost: int | None = None, scale: int = 4
) -> Image.Image:
    """Draw modules; a fold has taken the row `lost`."""
    edge, side = b"\xff" * QUIET_ZONE, len(rows) + 2 * QUIET_ZONE
    blank = b"\xff" * side * QUIET_ZONE
    drawn = (bytes(0 if dark and y != lost else 255 for dark in row) for y, row in enumerate(rows))
    data = blank + b"".join(edge + row + edge for row in drawn) + blank
    picture = Image.frombytes("L", (side, side), data)
    return picture.resize((side * scale, side * scale), Image.Resampling.NEAREST)


def _read(rows: tuple[bytearray, ...]) -> str:
    (code,) = zxingcpp.read_barcodes(_picture(rows))
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.ec_level == "Q"
    return str(code.text)


def test_every_length_has_the_modules_that_segno_makes() -> None:
    """Texts of any bytes: all of ASCII, and Chinese where there is room."""
    chance = random.Random(36904)
    for length in range(1, CAPACITY[-1] + 1):
        text = "".join(chr(chance.randrange(128)) for _ in range(length))
        text = ("证照" + text)[: length - 4] if length > 10 else text
        data = text.encode()
        version = next(at for at, room in enumerate(CAPACITY, start=1) if len(data) <= room)
        other = segno.make_qr(
            data, error=LEVEL, version=version, mask=MASK, mode="byte", boost_error=False
        )
        assert _rows(qr_code(text)) == tuple(other.matrix), length


def test_what_fills_a_row_up_is_light() -> None:
    code = qr_code(LINK)
    spare = (1 << 8 * code.width - code.side) - 1
    last = (code.bits[at + code.width - 1] for at in range(0, len(code.bits), code.width))
    assert not any(octet & spare for octet in last)


@pytest.mark.parametrize("length", [1, 11, 12, 60, 61, *CAPACITY[5:]])
def test_every_version_is_read_back(length: int) -> None:
    text = (LINK * 12)[:length]
    assert _read(_rows(qr_code(text))) == text


@pytest.mark.parametrize("way", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
def test_a_viewer_that_smooths_pictures_does_not_matter(way: Image.Resampling) -> None:
    small = _picture(_rows(qr_code(LINK)), scale=1)
    shown = small.resize((small.width * 9, small.height * 9), way)
    assert [code.text for code in zxingcpp.read_barcodes(shown)] == [LINK]


@pytest.mark.parametrize("link", [LINK, LINK[:59], LINK[:46]])
def test_a_row_lost_to_a_fold_does_not_matter(link: str) -> None:
    """Any row that holds data alone: nine at each end are for finding the code."""
    rows = _rows(qr_code(link))
    for lost in range(9, len(rows) - 9):
        found = zxingcpp.read_barcodes(_picture(rows, lost=lost))
        assert [code.text for code in found] == [link], lost


def test_a_text_that_needs_too_small_modules_is_refused() -> None:
    with pytest.raises(QrTooLongError, match="292"):
        qr_code("x" * (CAPACITY[-1] + 1))
