"""Records as JSON: what is wrong with one is told with its line and its key."""

from pathlib import Path

import pytest

from cli.shell.reading import read_json_record
from core.errors import UnreadableInputError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n  "operator": "x",\n  "seats": 12\n}', "line 3 “seats”"),
        ('{"a": null,\n"b": true,\n"c": "x"}', "line 1 “a”, line 2 “b”"),
        ('{"a": "x",\n"holder": {"name": "x"}}', "line 2 “holder.name”"),
        ('{"a": {"b": {"c": 1}}}', "line 1 “a.b.c”"),
        ('{"a": ["x"]}', "line 1 “a.0”"),
        ('{\n"\\u5e8a\\u4f4d": 3}', "line 2 “床位”"),
        ('{"a": "x",\n"b": "y",\n"a": "z"}', "line 3: “a” stands there twice"),
        ('{"a": "x"\n"b": "y"}', "line 2, character 1"),
        ('{"a": “x”}', "line 1, character 7"),
        ("", "line 1, character 1"),
        ("[" * 100_000, "not well-formed"),
        ('["a"]', "must be one JSON object"),
    ],
)
def test_line_and_key_are_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UnreadableInputError) as caught:
        read_json_record(path)
    assert said in caught.value.text.en
    assert str(path) in caught.value.text.zh


def test_a_record_of_strings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('\ufeff{"a": "1"}', "utf-8")
    assert read_json_record(path) == {"a": "1"}
