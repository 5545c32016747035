"""Messages of `registry.desk.batch` in Chinese and English."""

from collections.abc import Sequence
from typing import Final

from core.text import Text, counted

SIGNED_ONE_BY_ONE: Final = Text(
    "此类证照须由签发人逐份本人签名后才能加盖印章，不能批量颁发。请逐份提出申请。",
    "Licences of that type are each signed in person by their officer before the seal, so that "
    "none is granted by a batch. Ask for each by itself.",
)
CONTENT_CHANGED: Final = Text(
    "批量申请的内容与批准的不同，已停止。请重新提出申请。",
    "The batch is not what was approved, so it was stopped. Ask for it again.",
)
JOB_GONE: Final = Text(
    "该批量申请已执行，但任务已不在（登记库已从备份恢复）。请用同一张表重新提出；已颁发的不会重复颁发。",
    "That batch was carried out, but its job is gone: the register was restored from a backup. Ask "
    "for it again with the same sheet; nothing is granted twice.",
)
NOTHING_LEFT: Final = Text("该批量任务没有未办的行。", "That job has no rows left to be granted.")
NO_SUCH_ROW: Final = Text(
    "没有这一行，或其内容不再保存。",
    "There is no such row, or what it said is not kept any more.",
)


def row_content_changed(number: int) -> Text:
    return Text(
        f"第 {number} 行的内容与批准的不同，未颁发。",
        f"Row {number} is not what was approved, so it was not granted.",
    )


def too_many_open(most: int) -> Text:
    return Text(
        f"本机构已有 {most} 个未完成的批量任务。请等其中一个完成或取消。",
        f"Your authority has {counted(most, 'job')} under way. Wait for one to finish, or cancel "
        "one.",
    )


def row_failed(number: int) -> Text:
    return Text(f"原第 {number} 行：", f"Row {number} before: ")


QUEUE_OUT_OF_REACH: Final = Text(
    "批量任务的队列暂时无法访问，未作任何更改。稍后会自动重试；请检查 PostgreSQL。",
    "The queue of batches is out of reach just now; nothing was changed. It is tried again by "
    "itself; check PostgreSQL.",
)


ROWS_GRANTED: Final = Text("新签发", "granted")
ROWS_BEFORE: Final = Text("早先已签发", "granted before")
ROWS_SKIPPED: Final = Text("跳过", "skipped")
ROWS_FAILED: Final = Text("未成功", "failed")
ROWS_LEFT: Final = Text("未办", "not done")


def counted_rows(outcome: Text, rows: int) -> Text:
    return Text(f"{outcome.zh} {rows:,} 行", f"{rows:,} {outcome.en}")


def job_came_to(parts: Sequence[Text], lasted: Text) -> Text:
    zh, en = "，".join(one.zh for one in parts), ", ".join(one.en for one in parts)
    return Text(f"{zh}，用时 {lasted.zh}", f"{en}, in {lasted.en}")


def seconds_long(seconds: int) -> Text:
    return Text(f"{seconds} 秒", f"{seconds} s")


def minutes_long(minutes: int, seconds: int) -> Text:
    return Text(f"{minutes} 分 {seconds} 秒", f"{minutes} min {seconds} s")


def hours_long(hours: int, minutes: int) -> Text:
    return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
