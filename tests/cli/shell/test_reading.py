"""Files that commands read: what is ambiguous is refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.shell.reading import read_file, read_json_record
from core.errors import UnreadableInputError, XinyinError
from core.files import read_secret_file
from registry.importing.sheets import read_limited


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"经营者名称": "甲", "住所": "乙", "经营者名称": "丙"}', "utf-8")
    with pytest.raises(UnreadableInputError) as caught:
        read_json_record(path)
    assert "“经营者名称”出现两次" in caught.value.text.zh


def test_an_object_of_strings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": "1", "b": "2"}', "utf-8")
    assert read_json_record(path) == {"a": "1", "b": "2"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("read", [lambda path: read_file(path, 10), read_limited, read_secret_file])
def test_a_pipe_is_refused_and_not_waited_for(
    tmp_path: Path, read: Callable[[Path], bytes]
) -> None:
    """Nobody writes into it: whoever opened it would wait for ever."""
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    with pytest.raises(XinyinError, match="Not a regular file") as caught:
        read(path)
    assert "不是普通文件" in caught.value.text.zh
    path.unlink()
    path.write_bytes(b"told")
    path.chmod(0o600)
    assert read(path) == b"told"
