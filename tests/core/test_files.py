"""Files are whole or not there, and secrets are private."""

import io
import os
from pathlib import Path

import pytest

from core.errors import ConfigurationError, StorageError
from core.files import MAX_SECRET_BYTES, read_secret_file, write_atomically


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
