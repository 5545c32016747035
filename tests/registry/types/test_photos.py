"""Portraits: hostile pictures are refused, sound ones lose what they hide."""

import io
from collections.abc import Callable, Sequence

import pytest
from PIL import Image
from PIL.ExifTags import Base

from registry.types.photos import MAX_PHOTO_BYTES, read_photo, read_photos, refuse_photo
from registry.types.row_problems import BadValueError
from signing.pictures.reader import BadPictureError, UnreadPictureError
from signing.pictures.wire import Bounds, Pixels
from tests.pictures import LentPictures, anew
from tests.registry.type_samples import PORTRAIT


def picture(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


def shaded(size: tuple[int, int]) -> Image.Image:
    """Return light and shade, as a portrait has."""
    return Image.linear_gradient("L").resize(size)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (lambda: b"", "bad_photo"),
        (lambda: b"%PDF-1.7", "bad_photo"),
        (lambda: PORTRAIT[:2000], "bad_photo"),
        (lambda: picture((300, 400), "GIF"), "bad_photo"),
        (lambda: picture((300, 400), "BMP"), "bad_photo"),
        (lambda: picture((100, 400)), "photo_size"),
        (lambda: picture((4001, 400)), "photo_size"),
        (lambda: picture((20000, 20000), mode="1"), "bad_photo"),
        (lambda: picture((300, 400)), "blank_photo"),
        (lambda: picture((300, 400), "JPEG"), "blank_photo"),
        (lambda: picture((4000, 130)), "photo_shape"),
        (lambda: b"\xff\xd8" + bytes(MAX_PHOTO_BYTES), "photo_too_large"),
    ],
)
def test_other_files_are_refused(data: Callable[[], bytes], flaw: str) -> None:
    with pytest.raises(BadValueError) as caught:
        anew(data())
    assert caught.value.flaw == flaw


def test_metadata_is_left_out_and_the_picture_stands_upright() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make] = "a telephone"
    shaded((400, 300)).save(out, "JPEG", exif=exif, comment=b"secret")
    kept = anew(out.getvalue())
    assert b"telephone" not in kept
    assert b"secret" not in kept
    assert opened(kept).size == (300, 400)


def test_large_portraits_are_scaled_and_transparent_ones_laid_on_white() -> None:
    out = io.BytesIO()
    large = Image.new("RGBA", (3000, 4000))
    large.paste(shaded((1000, 1000)), (1000, 1000))
    large.save(out, "PNG")
    kept = opened(anew(out.getvalue()))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (480, 640))
    assert kept.getpixel((10, 10)) == (255, 255, 255)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    rows = b"".join((y * 204).to_bytes(2, "little") * 240 for y in range(320))  # 0 to 65,076
    out = io.BytesIO()
    Image.frombytes("I;16", (240, 320), rows).save(out, "PNG")
    kept = opened(anew(out.getvalue())).convert("L")
    for y, shade in ((2, 2), (160, 127), (318, 252)):
        seen = kept.getpixel((120, y))
        assert isinstance(seen, int | float)
        assert abs(seen - shade) < 6


class Failing:
    """Decodes the first picture it is given, and loses its process at the others."""

    def pixels(self, data: bytes, bounds: Bounds) -> Pixels:
        """Lose it."""
        del data, bounds
        raise UnreadPictureError

    def pixels_of(self, files: Sequence[bytes], bounds: Bounds) -> list[Pixels | BadPictureError]:
        """Return the first."""
        good = LentPictures().pixels(files[0], bounds)
        return [good, *(UnreadPictureError() for _ in files[1:])]


def test_each_photo_of_several_has_its_own_finding() -> None:
    large = bytes(MAX_PHOTO_BYTES + 1)
    found = read_photos([large, PORTRAIT, PORTRAIT], Failing())
    assert found[1] == anew(PORTRAIT)
    flaws = [one.flaw for one in found if isinstance(one, BadValueError)]
    assert flaws == ["photo_too_large", "unread_photo"]


def test_a_photo_that_nothing_reads_is_no_photo() -> None:
    for read in (lambda data: read_photo(data, Failing()), refuse_photo):
        with pytest.raises(BadValueError) as caught:
            read(PORTRAIT)
        assert caught.value.flaw == "unread_photo"
