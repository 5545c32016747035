"""Hostile pictures meet a process that can be lost; what they are is told by Pillow's own words."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from signing.pictures.reader import (
    LIMITS,
    BrokenPictureError,
    OutOfBoundsError,
    PictureReader,
    UnconfinedReaderError,
    UnreadPictureError,
)
from signing.pictures.wire import Bounds, Pixels, decode_pixels
from signing.workers.confinement import Confinement
from tests.signing.hostile_code import NO_SECCOMP

BOUNDS = Bounds(20, 4000, 16_000_000, (60, 80))
CODE = b"code:"
_POPEN: Callable[..., Any] = subprocess.Popen
_RUNS_CODE = """
import ctypes, os, signal, sys, time
from signing.pictures import worker
decode = worker.answer_for
def run(kind, bounds, data):
    if data.startswith(b"code:"):
        exec(data[5:], globals())
    return decode(kind, bounds, data)
worker.answer_for = run
worker.main(sys.argv[1:])
"""


def start_with(patch: pytest.MonkeyPatch, before: str = "") -> None:
    """Let workers that are started from now on run files that are code, as a taken-over decoder."""

    def popen(command: list[str], **more: Any) -> Any:
        assert "-m" in command
        script = before + _RUNS_CODE
        return _POPEN([sys.executable, "-I", "-c", script, command[-1]], **more)

    patch.setattr("signing.workers.process.subprocess.Popen", popen)


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with pytest.MonkeyPatch.context() as patch:
        start_with(patch)
        with PictureReader(limits=replace(LIMITS, seconds=2.0), processes=1) as made:
            yield made


def written(picture: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def plain(colour: tuple[int, ...] = (200, 30, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (30, 40), colour)


GOOD = written(plain(), "PNG")


def bomb() -> bytes:
    """Return a PNG of 60,000 × 60,000, 14 GB once decoded, in 10 KB."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bomb(), BrokenPictureError),
        (written(Image.new("1", (4100, 30)), "PNG"), OutOfBoundsError),
        (written(Image.new("1", (4100, 4100)), "PNG"), OutOfBoundsError),
        (written(plain(), "JPEG")[:300], BrokenPictureError),
        (GOOD[:60], BrokenPictureError),
        (written(plain(), "GIF"), BrokenPictureError),
        (written(plain(), "TIFF"), BrokenPictureError),
        (b"", BrokenPictureError),
        (CODE + b"os.kill(os.getpid(), 11)", UnreadPictureError),
        (CODE + b"ctypes.string_at(0)", UnreadPictureError),
        (CODE + b"os._exit(0)", UnreadPictureError),
        (CODE + b"os.write(0, b'\\0\\0\\0\\7AP\\0\\0\\0\\1x'); os._exit(0)", UnreadPictureError),
        (CODE + b"try: open('/etc/passwd')\nexcept OSError: pass", UnreadPictureError),
        (CODE + b"os.write(0, b'\\0\\0\\0\\2AB')", UnreadPictureError),
        (CODE + b"bytearray(1 << 30)", UnreadPictureError),
    ],
)
def test_a_picture_is_refused_and_the_next_is_read(
    reader: PictureReader, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        reader.pixels(data, BOUNDS)
    assert reader.pixels(GOOD, BOUNDS).width == 30


@pytest.mark.parametrize(
    "data",
    [
        written(plain((0, 226, 204, 55), "CMYK"), "JPEG", quality=95),
        written(plain(), "JPEG", quality=95, progressive=True),
        written(plain(), "PNG", save_all=True, append_images=[plain((0, 0, 0))]),
        written(plain(), "JPEG", quality=95, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff broken"),
    ],
)
def test_other_kinds_of_picture_come_out_as_colours(reader: PictureReader, data: bytes) -> None:
    """Of an animation the first picture."""
    found = reader.pixels(data, BOUNDS)
    assert (found.width, found.height, len(found.rgb)) == (30, 40, 3600)
    expected = (200, 30, 40)
    assert all(abs(one - other) < 12 for one, other in zip(found.rgb[:3], expected, strict=True))


def test_a_picture_takes_only_its_own_from_a_group(reader: PictureReader) -> None:
    """One that ends its fork, or opens what it must not, costs the others nothing."""
    black = written(plain((0, 0, 0)), "PNG")
    files = [GOOD, CODE + b"os.kill(os.getpid(), 9)", b"none", black]
    good, killed, broken, other = reader.pixels_of(files, BOUNDS)
    assert isinstance(good, Pixels)
    assert isinstance(other, Pixels)
    assert (bytes(good.rgb[:3]), bytes(other.rgb[:3])) == (bytes((200, 30, 40)), bytes(3))
    assert isinstance(killed, UnreadPictureError)
    assert isinstance(broken, BrokenPictureError)


def test_an_answer_too_many_is_taken_for_nobody_else_s(reader: PictureReader) -> None:
    forged = CODE + b"os.write(0, b'\\0\\0\\0\\x0dAP\\0\\0\\0\\1\\0\\0\\0\\1xyz')"
    forger, other = reader.pixels_of([forged, GOOD], BOUNDS)
    assert isinstance(forger, UnreadPictureError)
    assert isinstance(other, Pixels)
    assert other.width == 30


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"P",
        b"O",
        b"P" + struct.pack(">II", 2, 1) + bytes(5),
        b"P" + struct.pack(">II", 2, 1) + bytes(7),
        b"P" + struct.pack(">II", 0, 1),
        b"P" + struct.pack(">II", 61, 1) + bytes(183),
        b"P" + struct.pack(">II", 1, 81) + bytes(243),
        b"Q" + struct.pack(">II", 2, 1) + bytes(6),
    ],
)
def test_nothing_but_a_picture_in_bounds_is_pixels(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"not|bounds"):
        decode_pixels(memoryview(answer), BOUNDS)


def test_many_pictures_come_back_in_their_order(reader: PictureReader) -> None:
    files = [written(plain((n, n, n)), "PNG") for n in range(40)]
    found = reader.pixels_of(files, BOUNDS)
    assert [one.rgb[0] for one in found if isinstance(one, Pixels)] == list(range(40))


def test_a_picture_that_takes_too_long_is_given_up(reader: PictureReader) -> None:
    begun = time.monotonic()
    with pytest.raises(UnreadPictureError):
        reader.pixels(CODE + b"time.sleep(60)", BOUNDS)
    assert time.monotonic() - begun < 30
    assert reader.pixels(GOOD, BOUNDS).height == 40


def test_a_worker_killed_while_it_reads_is_replaced(reader: PictureReader) -> None:
    """The picture is asked for again: here it is one that ends well the second time too."""
    reader.pixels(GOOD, BOUNDS)
    (before,) = reader.pids
    killing = threading.Timer(0.5, lambda: os.kill(before, signal.SIGKILL))
    killing.start()
    slow = CODE + b"time.sleep(1)"
    with pytest.raises(BrokenPictureError):  # read to its end: it is no picture
        reader.pixels(slow, BOUNDS)
    killing.join()
    assert reader.pids != [before]


def test_after_it_was_closed_a_reader_starts_anew() -> None:
    reader = PictureReader(processes=1)
    assert reader.pids == []
    reader.pixels(GOOD, BOUNDS)
    (pid,) = reader.pids
    reader.close()
    assert reader.pids == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert reader.pixels(GOOD, BOUNDS).width == 30
    reader.close()


def test_without_the_kernels_filter_pictures_are_read_only_where_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_with(monkeypatch, NO_SECCOMP)
    with PictureReader(processes=1) as strict, pytest.raises(UnconfinedReaderError) as refused:
        strict.pixels(GOOD, BOUNDS)
    assert "doctor --check sandbox" in refused.value.text.en
    with PictureReader(Confinement.PREFER, processes=1) as lax:
        assert lax.pixels(GOOD, BOUNDS).width == 30
