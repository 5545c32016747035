"""Messages of `issuing_api.pages` in Chinese and English."""

from typing import Final

from core.text import Text, counted

ASK_OPERATOR: Final = Text(
    "未能办理。请把请求编号告知系统管理员。",
    "This could not be done. Give the request's number to whoever operates this service.",
)
CHOICE_MISSING: Final = Text("请选择一项。", "Choose one.")
CONTENT_KEPT_NO_LONGER: Final = Text(
    "该申请已结束，所填内容按规定不再保存。",
    "This request has ended; what it asked for is not kept any longer.",
)
FORM_NOT_OURS: Final = Text(
    "您重新登录过，刚才的操作未执行。所填内容仍在本页，请核对后再次提交。",
    "You have signed in anew since this form was opened, so nothing was done. What you typed is on "
    "this page: look it through and send it again.",
)
INSTANT_UNREADABLE: Final = Text(
    "请填写日期和时刻，例如 2026-11-30T09:00。", "Give a date and time, such as 2026-11-30T09:00."
)
LINE_MISSING: Final = Text("请填写。", "Fill this in.")
LINE_UNPRINTABLE: Final = Text(
    "含有不可显示的字符，请删除后重试。", "It holds characters that do not print. Delete them."
)
NOT_FOUND: Final = Text(
    "没有找到。可能地址有误，或者属于其他机构，不在您的权限范围内。请从列表或查询中打开。",
    "It was not found. The address may be wrong, or it is another authority's and not within your "
    "reach. Open it from a list or a search.",
)
NO_SUCH_CHOICE: Final = Text("没有这种申请。", "There is nothing of that kind to ask for.")
PAGE_NOT_FOUND: Final = Text("没有这个页面。", "There is no such page.")
SEAL_NAME_UNUSABLE: Final = Text(
    "只用小写字母、数字、点和连字符，以字母或数字开头，不超过 48 个字符。",
    "Lower-case letters, digits, dots and hyphens, beginning with a letter or digit; at most 48.",
)
SENT_BEFORE: Final = Text(
    "您用此页面提交过的另一份申请仍然有效，见申请列表。这是一份新的申请：核对后请再次提交。",
    "What you sent from this page before stands, and is among the requests. This is another one: "
    "look it through and send it again.",
)
SHEET_MISSING: Final = Text("请选择表格文件。", "Choose the sheet's file.")
PHOTO_AGAIN: Final = Text(
    "照片没有收到。请重新选择：JPEG 或 PNG，不超过 2 MB。",
    "The photo was not taken. Choose it again: JPEG or PNG, at most 2 MB.",
)
PHOTO_LOST: Final = Text(
    "照片未能读取，请重新选择。", "The photo could not be read. Choose it once more."
)
DAY_UNREADABLE: Final = Text("请填写日期，如 2026-12-31。", "Give a date, as 2026-12-31.")


def decided_already(*, state: Text, by: str, at: str) -> Text:
    return Text(
        f"已有人先办理：此申请由 {by} 于 {at} 办理，现为“{state.zh}”。您的操作未执行。",
        f"Somebody was first: {by} dealt with this request on {at}; it is “{state.en}” now. What "
        "you did was not carried out.",
    )


def file_too_large(most: int) -> Text:
    size = most // (1024 * 1024)
    return Text(f"文件超过 {size} MB。", f"The file has more than {size} MB.")


def line_too_long(most: int) -> Text:
    return Text(f"不超过 {most} 个字。", f"At most {counted(most, 'character')}.")
