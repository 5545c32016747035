"""Words of what is to be mended in a sheet, for who sends it to a desk: there are no options."""

from typing import Final

from core.text import Text
from registry.desk import messages
from registry.granting.recognising import RowKind

_OPTION: Final = "--"
_COMMAND: Final = "xinyin "
_REMEDIES: Final = {
    "hidden_rows": messages.SAY_HIDDEN,
    "other_sheet": messages.SAY_SHEET,
    "ends_in_zeros": messages.SAY_CODES_COMPARED,
    "embedded_photo": messages.PHOTOS_IN_ARCHIVE,
    "unsure_picture": messages.PHOTOS_IN_ARCHIVE,
    RowKind.CHANGED.value: messages.SAY_CHANGED,
    RowKind.FURTHER.value: messages.SAY_FURTHER,
}
"""By code of the problem."""


def for_desk(code: str, text: Text) -> Text:
    """Return a problem's words, with what the desk offers in the place of a command's options."""
    remedy = _REMEDIES.get(code)
    if remedy is None:
        return text
    told = without(text, _OPTION, _COMMAND, "文件夹", "folder")
    return Text(f"{told.zh}{remedy.zh}", f"{told.en} {remedy.en}".strip())


def without_commands(text: Text) -> Text:
    """Return a message without the sentences that name a command."""
    return without(text, _COMMAND) if _COMMAND in text.en else text


def without(text: Text, *words: str) -> Text:
    """Return a message without the sentences that have one of some words in them."""

    def stays(sentence: str) -> bool:
        return bool(sentence) and not any(word in sentence for word in words)

    zh = "".join(f"{one}。" for one in text.zh.split("。") if stays(one))
    return Text(zh, " ".join(one for one in text.en.replace(". ", ".\n").split("\n") if stays(one)))
