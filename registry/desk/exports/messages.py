"""Messages of `registry.desk.exports` in Chinese and English."""

from typing import Final

from core.text import Text, counted


def too_many_to_export(most: int) -> Text:
    return Text(
        f"符合条件的证照超过 {most} 份，不能当场导出。请改为后台导出，或缩小范围。",
        f"Too many were found to export at once: the limit is {most}. "
        "Ask for an export in the background, or narrow the search.",
    )


def no_such_export(export_id: str) -> Text:
    return Text(
        f"没有您的导出 {export_id!r}，或其文件已删除。",
        f"No export {export_id!r} is yours, or its file was deleted.",
    )


def too_many_exports(most: int) -> Text:
    return Text(
        f"您已有 {most} 个导出在进行或保留中。请等待、取消或删除其中一个。",
        f"You have {counted(most, 'export')} under way or kept. Wait for one, cancel or delete it.",
    )


def export_too_large(most: int) -> Text:
    return Text(
        f"导出文件超过 {most // 2**30} GiB 的上限。请缩小范围，分几次导出。",
        f"The file grew beyond {most // 2**30} GiB. Narrow the search, and export in turns.",
    )


EXPORT_NOT_READY: Final = Text(
    "导出还没有完成，或已停止、取消。请查看其状态。",
    "That export is not complete, or was stopped or cancelled. Look at its state.",
)
EXPORT_IS_OVER: Final = Text("该导出已经结束。", "That export is over.")
EXPORT_BEYOND_REACH: Final = Text(
    "该导出含有您现在无权查看的机构的证照。请按现在的权限重新导出。",
    "That export has licences of authorities that you may not see any more. Export them anew.",
)
EXPORT_UNREADABLE: Final = Text(
    "导出文件的一部分无法读取。请重新导出，并告知运维人员。",
    "Part of the export's file cannot be read. Export it anew, and tell the operator.",
)


NOTHING_GRANTED: Final = Text("没有颁发记录。", "Nothing was granted.")


def months_described(*, first: str, last: str, count: int, best: str, most: int) -> Text:
    return Text(
        f"{first} 至 {last} 共颁发 {count:,} 份，最多的是 {best}，{most:,} 份。"
        "各月数量见旁边的表格。",
        f"Granted from {first} to {last}: {count:,}; most in {best}: {most:,}. "
        "The table beside it has each month.",
    )
