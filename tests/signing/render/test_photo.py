"""Photos are hostile until they have been decoded under limits."""

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from signing.render.errors import BadPhotoError
from signing.render.photo import MAX_BYTES, WIDTH, photo_stream
from signing.render.renderer import LicenceRenderer
from tests.signing import faces

ASPECT = 35 / 45


def _decoded(data: bytes) -> Image.Image:
    face = replace(faces.disability(), photo=data)
    with pikepdf.open(BytesIO(LicenceRenderer().render(face).pdf)) as pdf:
        image = pdf.pages[0].Resources.XObject["/FormXob.Photo"]
        assert image.ColorSpace == "/DeviceRGB"
        jpeg = Image.open(BytesIO(image.read_raw_bytes()))
        assert jpeg.size == (int(image.Width), int(image.Height)) == (WIDTH, 531)
        return jpeg.copy()


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    body = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">L", 13) + body + struct.pack(">L", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(413, 531), (90, 90), (1500, 900)])
def test_photos_of_any_size_become_one_bounded_jpeg(kind: str, size: tuple[int, int]) -> None:
    assert _decoded(faces.portrait(size, kind)).format is None  # decoded by its raw bytes


def test_exif_is_applied_and_left_behind() -> None:
    image = Image.new("RGB", (500, 400), "white")
    image.paste("red", (0, 0, 500, 120))  # the stored top …
    exif = Image.Exif()
    exif[0x0112] = 6  # … is the right side of what was seen
    exif[0x010F] = "camera of a private person"
    data = _saved(image, "JPEG", exif=exif)
    assert b"private" in data
    decoded = _decoded(data)
    left, right = decoded.getpixel((20, 265)), decoded.getpixel((WIDTH - 20, 265))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[1] > 200
    assert right[1] < 60
    assert b"private" not in photo_stream(data, ASPECT)


def test_transparency_becomes_white() -> None:
    pixel = _decoded(_saved(Image.new("RGBA", (200, 260), (0, 0, 0, 0)), "PNG")).getpixel((9, 9))
    assert pixel == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "I;16"])
def test_other_pixel_formats_are_taken(mode: str) -> None:
    assert _decoded(_saved(Image.new(mode, (200, 260)), "PNG")).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        faces.portrait()[:2000],
        faces.portrait(kind="PNG")[:300],
        faces.portrait(kind="GIF"),
        faces.portrait(kind="TIFF"),
        faces.portrait((40, 50)),
        _png_header(60_000, 60_000),
        _png_header(5_000, 5_000),
        _png_header(0, 10),
        b"\xff\xd8\xff\xe0" + bytes(2000),
        faces.portrait() + bytes(MAX_BYTES),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n",
    ],
    ids=[
        "empty", "text", "cut JPEG", "cut PNG", "GIF", "TIFF", "too small", "bomb", "too large",
        "no size", "broken JPEG", "too many bytes", "EPS",
    ],
)  # fmt: skip
def test_a_hostile_photo_is_refused(data: bytes) -> None:
    with pytest.raises(BadPhotoError):
        LicenceRenderer().render(replace(faces.disability(), photo=data))
