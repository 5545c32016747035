"""At a desk there are no options of a command: a problem's words say what to choose instead."""

import pytest

from core.text import Text
from registry.desk.row_words import for_desk, without_commands
from registry.granting import messages as granting
from registry.importing import messages as importing


@pytest.mark.parametrize(
    ("code", "text", "kept"),
    [
        ("hidden_rows", importing.rows_hidden(sheet="一", count=2, row_numbers="3"), "2"),
        ("other_sheet", importing.several_matching_sheets(sheet="一", other_sheets="二"), "一"),
        ("ends_in_zeros", importing.CODE_ENDS_IN_ZEROS, "15"),
        ("embedded_photo", importing.PHOTO_EMBEDDED_IN_CELL, ".zip"),
        ("changed", granting.granted_licence_differs(identifier="1.2", fields="住所"), "1.2"),
        ("further", granting.holder_has_unlisted_licence("1.2"), "1.2"),
    ],
)
def test_a_problem_says_what_to_choose(code: str, text: Text, kept: str) -> None:
    told = for_desk(code, text)
    for words in (told.zh, told.en):
        assert kept in words
        assert not any(one in words for one in ("--", "xinyin", "文件夹", "folder"))
    assert for_desk("other", text) == text


def test_a_message_leaves_out_what_it_says_of_commands() -> None:
    text = Text("没有完成。请用 xinyin licence list 查看。", "Not done. See xinyin licence list.")
    assert without_commands(text) == Text("没有完成。", "Not done.")
    plain = Text("没有完成：a", "Not done: a")
    assert without_commands(plain) == plain
