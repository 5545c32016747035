"""Messages of `issuing_api.routes` in Chinese and English."""

from typing import Final

from core.text import Text

NOT_BASE64: Final = Text("内容不是 base64 编码。", "The content is not base64.")
NO_PHOTO: Final = Text("该申请没有照片。", "That request has no photo.")
NAME_THE_AUTHORITY: Final = Text(
    "导出未遮盖的个人信息，须用 authority 指明一个颁发机构。",
    "To export personal data unmasked, name one authority with authority.",
)
