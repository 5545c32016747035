"""Files are whole or not there, and secrets are private."""

import ctypes
import errno
import io
import os
from pathlib import Path

import pytest

from core.errors import ConfigurationError, StorageError
from core.files import (
    MAX_SECRET_BYTES,
    _syncfs,
    locked_at_once,
    read_secret_file,
    write_atomically,
    write_together,
)


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"one")
    write_atomically(path, io.BytesIO(b"two"), mode=0o600)
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"one")
    with pytest.raises(FileExistsError):
        write_atomically(path, b"two", overwrite=False)
    assert path.read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"one")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StorageError, match="No space"):
            write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(b"secret\r\n")
    path.chmod(0o600)
    assert read_secret_file(path) == b"secret"


def test_a_secret_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read_secret_file(tmp_path / "missing")
    path = tmp_path / "s"
    path.write_bytes(b"x" * (MAX_SECRET_BYTES + 1))
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="larger"):
        read_secret_file(path)


def _together(tmp_path: Path) -> list[tuple[Path, bytes | None]]:
    write_atomically(tmp_path / "there", b"old")
    return [(tmp_path / "a", b"1"), (tmp_path / "there", None), (tmp_path / "b", b"2" * 200_000)]


def test_several_files_are_written_whole(tmp_path: Path) -> None:
    write_together([*_together(tmp_path), (tmp_path / "c", b"3")], mode=0o640)
    write_together([(tmp_path / "c", b"4")])
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {"a": b"1", "there": b"old", "b": b"2" * 200_000, "c": b"4"}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o600
    write_together([])


@pytest.mark.parametrize("together", [True, False])
def test_several_files_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, together: bool
) -> None:
    """With one flush of their file system once they bear their names, else each with its folder."""
    files, flushed = _together(tmp_path), []

    def note(descriptor: int) -> int:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        assert (tmp_path / "a").read_bytes() == b"1"
        flushed.append(path.name)
        return 0

    monkeypatch.setattr("core.files._syncfs", lambda: note if together else None)
    monkeypatch.setattr(os, "fsync", note)
    write_together(files)
    assert flushed == ([tmp_path.name] if together else ["a", "there", "b", tmp_path.name])


def test_a_flush_that_failed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> int:
        ctypes.set_errno(errno.EIO)
        return -1

    monkeypatch.setattr("core.files._syncfs", lambda: refuse)
    with pytest.raises(StorageError, match="Input/output error"):
        write_together([(tmp_path / "a", b"1")])


def test_several_files_on_a_full_disk_leave_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.write, [150_000]

    def write(descriptor: int, data: bytes) -> int:
        if left[0] < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= len(data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(StorageError, match="No space"):
        write_together([(tmp_path / "a", bytes(100_000)), (tmp_path / "b", bytes(100_000))])
    assert list(tmp_path.iterdir()) == []


def test_an_older_kernel_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for release, known in (("5.7.9", False), ("5.8.0-1", True), ("10.1", True), ("odd", False)):
        _syncfs.cache_clear()
        monkeypatch.setattr("platform.release", lambda release=release: release)
        assert (_syncfs() is not None) == known, release
    _syncfs.cache_clear()


def test_a_fork_has_no_share_in_a_lock(tmp_path: Path) -> None:
    """What it outlives must not seem to be at work still."""
    path = tmp_path / "lock"
    (begun, begins), (heard, told) = os.pipe(), os.pipe()
    with locked_at_once(path) as held:
        assert held
        if (child := os.fork()) == 0:
            os.write(begins, b"!")
            os.read(heard, 1)
            os._exit(0)
        os.read(begun, 1)
        with locked_at_once(path) as again:
            assert not again, "still the parent's"
    try:
        with locked_at_once(path) as free:
            assert free, "while the fork lives"
    finally:
        os.write(told, b"!")
        os.waitpid(child, 0)
        for one in (begun, begins, heard, told):
            os.close(one)
