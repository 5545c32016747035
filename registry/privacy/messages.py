"""Words of this room."""

from pathlib import Path
from typing import Final

from core.text import Text

CODE_KEY_MISSING: Final = Text(
    "本进程没有持证主体代码的加密密钥，不能登记或读出代码。请从原主目录或备份取回 privacy "
    "文件夹（所有者专用），再试。",
    "This process has no key for holders' codes, so it can neither record nor read one. Bring the "
    "folder privacy back from the home it was made in, or from a backup, for its owner alone, and "
    "try again.",
)
INDEX_KEY_MISSING: Final = Text(
    "本进程没有代码索引密钥（privacy/index.key），不能按持证主体代码查找或核对。",
    "This process lacks the key of the index of codes (privacy/index.key), so it can neither look "
    "for a holder's code nor compare one.",
)
CODE_UNREADABLE: Final = Text(
    "一条记录中加密的代码无法读出：密钥不符，或记录被改动或移到了别处。"
    "请运行 xinyin doctor --full。",
    "The sealed codes of a record cannot be read: it is another key, or the record was changed or "
    "moved. Run xinyin doctor --full.",
)


def no_key_in(path: Path) -> Text:
    return Text(
        f"“{path}”中不是一个密钥（应为 64 位十六进制数字）。请从备份取回此文件。",
        f"“{path}” holds no key (64 hexadecimal digits). Bring the file back from a backup.",
    )
