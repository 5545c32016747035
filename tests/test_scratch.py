"""Temporary files go into memory only where it has room and nobody names another folder."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests import scratch
from tests.scratch import use_memory


@pytest.fixture(autouse=True)
def _asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    monkeypatch.setattr(scratch, "_free_memory", lambda: 8 << 30)


def _room(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


def test_in_memory_with_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _room(monkeypatch, 4 << 30)
    use_memory(tmp_path)
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)
    del os.environ["TMPDIR"]


def test_not_in_a_container_s_few_megabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _room(monkeypatch, 64 << 20)
    use_memory(tmp_path)
    assert "TMPDIR" not in os.environ


def test_not_where_memory_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _room(monkeypatch, 4 << 30)
    monkeypatch.setattr(scratch, "_free_memory", lambda: 4 << 30)
    use_memory(tmp_path)
    assert "TMPDIR" not in os.environ


def test_a_folder_that_is_named_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _room(monkeypatch, 4 << 30)
    monkeypatch.setenv("TMPDIR", "/var/tmp")
    use_memory(tmp_path)
    assert os.environ["TMPDIR"] == "/var/tmp"
