"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text

CONTENT_GONE: Final = Text(
    "该申请已结束，其内容不再保存。", "That request has ended, and what it asked for is not kept."
)
NOT_YOUR_AUTHORITY: Final = Text(
    "您所在的机构不颁发这种证照。请核对证照类型。",
    "Your authority does not grant this type of licence. Look at the type again.",
)
RECORD: Final = Text("申请内容", "the request")
