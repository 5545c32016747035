"""Files that commands read: what is ambiguous is refused."""

from pathlib import Path

import pytest

from cli.shell.reading import read_json_record
from core.errors import UnreadableInputError


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
