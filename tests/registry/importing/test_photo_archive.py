"""Photos in a .zip: looked up by name, within limits, nothing else."""

import io
import zipfile

import pytest

from registry.importing.photo_archive import PhotoArchive
from registry.importing.sheets import BadTableError
from registry.types.photos import MAX_PHOTO_BYTES
from registry.types.row_problems import BadValueError


def packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_photos_are_found_by_name() -> None:
    archive = PhotoArchive(packed({"photos/0012.jpg": b"a", "照片/一.jpg": b"b", "dir/": b""}))
    assert (archive.load("photos/0012.jpg"), archive.load("照片/一.jpg ")) == (b"a", b"b")
    for name in ("0012.jpg", "../photos/0012.jpg", "dir/", ""):
        with pytest.raises(BadValueError) as raised:
            archive.load(name)
        assert raised.value.flaw == "photo_missing"


def test_a_folder_may_be_packed_instead_of_what_is_in_it() -> None:
    files = {"批次/photos/1.jpg": b"a", "批次/2.jpg": b"b", "__MACOSX/批次/._2.jpg": b"x"}
    archive = PhotoArchive(packed(files))
    for name in ("photos/1.jpg", "photos\\1.jpg", "批次/photos/1.jpg"):
        assert archive.load(name) == b"a"
    assert archive.load("2.jpg") == b"b"
    with pytest.raises(BadValueError):
        archive.load("1.jpg")


def test_names_of_a_chinese_windows_are_read() -> None:
    name = "照片一.jpg"
    raw = packed({"x" * len(name.encode("gb18030")): b"a"})
    raw = raw.replace(b"x" * len(name.encode("gb18030")), name.encode("gb18030"))
    assert PhotoArchive(raw).load(name) == b"a"


def test_hostile_archives_cost_little() -> None:
    bomb = PhotoArchive(packed({"a.jpg": b"\0" * (MAX_PHOTO_BYTES + 1)}))
    with pytest.raises(BadValueError) as raised:
        bomb.load("a.jpg")
    assert raised.value.flaw == "photo_too_large"
    twice = packed({"a.jpg": b"1", "b.jpg": b"2"}).replace(b"b.jpg", b"a.jpg")
    for data in (twice, b"", b"PK\x03\x04", b"no archive"):
        with pytest.raises(BadTableError):
            PhotoArchive(data)
    spoilt = bytearray(packed({"a.jpg": b"a photo of somebody" * 9}))
    spoilt[45:55] = b"\xff" * 10
    with pytest.raises(BadValueError):
        PhotoArchive(bytes(spoilt)).load("a.jpg")
