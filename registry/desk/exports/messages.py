"""Messages of `registry.desk.exports` in Chinese and English."""

from typing import Final

from core.text import Text


def too_many_to_export(most: int) -> Text:
    return Text(
        f"符合条件的证照超过 {most} 份，不能一次导出。请缩小范围，或由运维人员在本机导出。",
        f"Too many were found to export at once: the limit is {most}. "
        "Narrow the search, or ask the operator to export them.",
    )


NOTHING_GRANTED: Final = Text("没有颁发记录。", "Nothing was granted.")


def months_described(*, first: str, last: str, count: int, best: str, most: int) -> Text:
    return Text(
        f"{first} 至 {last} 共颁发 {count:,} 份，最多的是 {best}，{most:,} 份。"
        "各月数量见旁边的表格。",
        f"Granted from {first} to {last}: {count:,}; most in {best}: {most:,}. "
        "The table beside it has each month.",
    )
