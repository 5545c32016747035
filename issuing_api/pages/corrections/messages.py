"""Messages of `issuing_api.pages.corrections` in Chinese and English."""

from typing import Final

from core.text import Text

NO_SUCH_STEP: Final = Text(
    "没有这个页面或操作。请从更正申请的页面办理。",
    "There is no such page or step. Go on from the page of the request.",
)
