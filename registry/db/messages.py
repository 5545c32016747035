"""Messages of `registry.db` in Chinese and English."""

from typing import Final

from core.text import Text

COMMIT_OUTCOME_UNKNOWN: Final = Text(
    "提交时与数据库的连接中断，不知道是否已经生效。请先查看（xinyin licence list、xinyin "
    "audit list），再决定是否重做。",
    "The connection to the database broke while committing; whether it took effect is not "
    "known. Look first (xinyin licence list, xinyin audit list) before doing it again.",
)
