"""Words of what is to be mended in a sheet, for who sends it to a desk: there are no options."""

from typing import Final

from core.text import Text
from registry.desk import messages
from registry.granting.recognising import RowKind

_OPTION: Final = "--"
_REMEDIES: Final = {
    "hidden_rows": messages.SAY_HIDDEN,
    "other_sheet": messages.SAY_SHEET,
    "embedded_photo": messages.PHOTOS_IN_ARCHIVE,
    RowKind.CHANGED.value: messages.SAY_CHANGED,
    RowKind.FURTHER.value: messages.SAY_FURTHER,
}
"""By code of the problem."""


def for_desk(code: str, text: Text) -> Text:
    """Return a problem's words, with what the desk offers in the place of a command's options."""
    remedy = _REMEDIES.get(code)
    if remedy is None:
        return text
    zh = "".join(f"{one}。" for one in text.zh.split("。") if one and not _is_remedy(one))
    en = " ".join(one for one in text.en.replace(". ", ".\n").split("\n") if not _is_remedy(one))
    return Text(f"{zh}{remedy.zh}", f"{en} {remedy.en}".strip())


def _is_remedy(sentence: str) -> bool:
    return any(word in sentence for word in (_OPTION, "xinyin", "文件夹", "folder"))
