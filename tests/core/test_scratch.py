"""Lists and look-ups on disk: as those in memory, and nothing of them is left."""

import errno
import hashlib
import io
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import IO
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageError
from core.scratch import Scratch, whole
from core.text import Text


class Kind(StrEnum):
    """A kind."""

    ONE = "one"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet."""

    number: int
    cells: tuple[str, ...]
    text: Text | None = None
    kind: Kind = Kind.ONE
    day: date | None = None


ROWS = st.builds(
    Row,
    st.integers(0, 2**40),
    st.lists(st.text(max_size=9)).map(tuple),
    st.none() | st.builds(Text, st.text(), st.text()),
    day=st.none() | st.dates(),
)


def held(process: int, folder: Path) -> list[Path]:
    """Return the open files of a process that are, or were, in a folder."""
    found = []
    for one in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            if str(folder) in str(one.readlink()):
                found.append(one)
    return found


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    with Scratch(tmp_path_factory.mktemp("scratch") / "batches") as opened:
        yield opened


@given(st.lists(ROWS, max_size=9), st.integers(1, 50))
def test_a_list_gives_back_what_was_put_in(scratch: Scratch, rows: list[Row], times: int) -> None:
    kept, expected = scratch.items(), rows * times
    kept.extend(expected)
    assert list(kept) == expected
    assert len(kept) == len(expected)
    assert [kept[at] for at in range(-len(expected), len(expected))] == expected * 2
    assert kept[3:7] == expected[3:7]
    for beyond in (len(expected), -len(expected) - 1):
        with pytest.raises(IndexError):
            kept[beyond]
    assert whole(kept) is kept


def test_a_list_is_gone_through_while_it_grows(scratch: Scratch) -> None:
    kept = scratch.items()
    kept.append(0)
    for one in kept:
        if one < 200:
            kept.append(one + 1)
    assert list(kept) == list(range(201))


@given(st.lists(st.text(max_size=2) | st.tuples(st.text(max_size=1), st.text(max_size=1))))
def test_a_look_up_tells_where_something_was_first(scratch: Scratch, what: list[object]) -> None:
    found, expected = scratch.firsts(), dict[object, int]()
    with patch("core.scratch._TOGETHER", 3):  # most are on disk, some not yet
        for at, one in enumerate(what):
            assert found.setdefault(one, at) == expected.setdefault(one, at)


def test_a_look_up_holds_more_than_is_written_together(scratch: Scratch) -> None:
    found = scratch.firsts()
    for at in range(5000):
        assert found.setdefault(("甲", str(at)), at) == at
    # As one string and another of the same content, and however often it is referred to.
    assert [found.setdefault(("甲", "".join(str(at))), -1) for at in range(5000)] == [*range(5000)]


def test_a_copy_stays_as_the_file_was(scratch: Scratch, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    for data in (b"a,b\n", b"a" * (5 << 20)):
        path.write_bytes(data)
        with path.open("rb") as source:
            copy = scratch.copy(source, 8 << 20)
        assert copy is not None
        path.write_bytes(b"other")
        assert copy.file.read() == data
        assert (copy.size, copy.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert scratch.copy(io.BytesIO(b"12345"), 4) is None


@pytest.mark.parametrize("size", [(4 << 20) + 1, 5 << 20, (5 << 20) + 12345])
def test_a_large_copy_is_read_from_anywhere(scratch: Scratch, size: int) -> None:
    chance = Random(size)
    data = chance.randbytes(size)
    copy = scratch.copy(io.BytesIO(data), size)
    assert copy is not None
    for _ in range(200):
        at, length = chance.randrange(size + 10), chance.choice([1, 100, 70_000, 600_000])
        assert copy.file.seek(at) == at
        assert copy.file.read(length) == data[at : at + length]
    assert copy.file.seek(-5, io.SEEK_END) == size - 5
    assert copy.file.read() == data[-5:]
    copy.file.seek(0)
    assert copy.file.read() == data


def test_a_killed_process_leaves_neither_a_file_nor_anything_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "batches"
    ready, told = os.pipe()
    child = os.fork()
    if not child:
        opened = Scratch(folder)
        kept = opened.items()
        kept.extend(["样本姓名"] * 1000)
        opened.firsts().setdefault("样本姓名", 1)
        opened.copy(io.BytesIO("样本姓名".encode() * (1 << 19)), 8 << 20)
        os.write(told, b"!")
        signal.pause()
    os.read(ready, 1)
    ours = held(child, folder)
    assert len(ours) == 2, "lists and copies share one"
    assert max(one.stat().st_size for one in ours) > 6 << 20
    assert not any("样本姓名".encode() in one.read_bytes() for one in ours)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_what_was_changed_on_the_disk_is_not_taken(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        kept = scratch.items()
        kept.extend(["甲"] * 64)
        (ours,) = held(os.getpid(), tmp_path)
        with ours.open("r+b") as file:
            file.seek(20)
            file.write(b"\0")
        with pytest.raises(StorageError):
            list(kept)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with Scratch(tmp_path) as scratch:
        kept = scratch.items()
        with patch("core.scratch.os.pwrite", side_effect=full), pytest.raises(StorageError) as told:
            kept.extend(["甲"] * 64)
    assert "No space left" in told.value.text.en
    assert "磁盘已满" in told.value.text.zh


def test_a_full_disk_is_told_by_a_file_without_a_name(tmp_path: Path) -> None:
    def full(**_: object) -> IO[bytes]:
        return Path("/dev/full").open("w+b", buffering=0)

    with patch("core.scratch.tempfile.TemporaryFile", full), Scratch(tmp_path) as scratch:
        file = scratch.temporary()
        with pytest.raises(StorageError) as told:
            file.write(b"0" * (1 << 20))
    assert "No space left" in told.value.text.en
