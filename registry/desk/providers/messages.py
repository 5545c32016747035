"""Messages of `registry.desk.providers` in Chinese and English."""

from typing import Final

from core.text import Text

CHANGED_MEANWHILE: Final = Text(
    "该人员在读取之后已被更改，未作改动。请重新读取后再改。",
    "It was changed since it was read, so nothing was done. Read it again first.",
)
FILTER_UNUSABLE: Final = Text(
    "该筛选条件不可用。可按 userName、externalId、id（eq、ne、co、sw、ew、pr）"
    "和 active（eq、ne、pr）筛选，最多 20 个条件。",
    "That filter cannot be used. Filter by userName, externalId, id (eq, ne, co, sw, ew, pr) and "
    "active (eq, ne, pr), by 20 conditions at most.",
)
NOT_PROVISIONED: Final = Text(
    "此身份服务没有登记过该人员。", "That identity provider recorded nobody of that id."
)
PROVISIONED_ALREADY: Final = Text(
    "该标识或用户名已登记。", "That subject or user name is on record already."
)
PROVISIONED_NAME_INVALID: Final = Text(
    "userName、externalId 各为 1 到 255 个可显示的字符。",
    "userName and externalId have 1 to 255 printable characters each.",
)
LEAVING_UNFINISHED: Final = Text(
    "已停用的身份还有未能结束的事项，系统会自动重试。",
    "Something of an identity that was disabled could not be ended just now; it is tried again.",
)


def reconcile_stopped(*, known: int, gone: int) -> Text:
    return Text(
        f"名单会停用在用的 {known} 人中的 {gone} 人，超过限度，未停用任何人。请核对身份服务的名单；"
        "确属离开的，用 xinyin officer reconcile --most 人数 办理。",
        f"By that list {gone} of {known} people in use would be disabled, which is too many, so "
        "nobody was. Look at the provider's list; if they did leave, use xinyin officer reconcile "
        "--most NUMBER.",
    )
