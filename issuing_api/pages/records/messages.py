"""Messages of `issuing_api.pages.records` in Chinese and English."""

from typing import Final

from core.text import Text

FORMAT_UNKNOWN: Final = Text("没有这种导出格式。", "There is no such format of exports.")
STEP_UNKNOWN: Final = Text("没有这一步。", "There is no such step.")
NAME_THE_AUTHORITY: Final = Text(
    "导出未遮盖的个人信息，请先按一个颁发机构查询。",
    "To export personal data unmasked, name one authority in the search first.",
)
