"""Messages of `signing.seal_check` in Chinese and English."""

from typing import Final

from core.text import Text

NOTHING_TO_RENEW: Final = Text(
    "存档文件中没有可以延续的签名或时间戳。",
    "The archived file holds no signature or timestamp to be renewed.",
)
