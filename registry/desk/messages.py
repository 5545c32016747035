"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text

APPROVAL_OF_OTHER_TYPE: Final = Text(
    "提出申请后，证照类型的定义已更改，原批准不再有效。请重新提出申请。",
    "The licence type was changed since this was asked for, so no approval of it counts. Make the "
    "request again.",
)
BASIS_NEEDED: Final = Text(
    "更正、变更或延续已颁发的证照须写明依据（basis）。",
    "Correcting, replacing or renewing granted licences needs a legal basis (basis).",
)
CONTENT_CHANGED: Final = Text(
    "批量申请的内容与批准的不同，已停止。请重新提出申请。",
    "The batch is not what was approved, so it was stopped. Ask for it again.",
)
CONTENT_GONE: Final = Text(
    "该申请已结束，其内容不再保存。", "That request has ended, and what it asked for is not kept."
)
GRANT_UNFINISHED: Final = Text(
    "该申请已执行，但证照未颁发完成，或已作废。请用 xinyin licence list 查看。",
    "That request was carried out, but its licence is not finished yet, or was made void. Look "
    "with xinyin licence list.",
)
JOB_GONE: Final = Text(
    "该批量申请已执行，但任务已不在（登记库已从备份恢复）。请用同一张表重新提出；已颁发的不会重复颁发。",
    "That batch was carried out, but its job is gone: the register was restored from a backup. Ask "
    "for it again with the same sheet; nothing is granted twice.",
)
NO_DOCUMENT: Final = Text("该证照没有文件。", "That licence has no document.")
NOTHING_LEFT: Final = Text("该批量任务没有未办的行。", "That job has no rows left to be granted.")
NO_ROWS: Final = Text("表中没有可颁发的行。", "The sheet has no rows to grant.")
NOT_YOUR_AUTHORITY: Final = Text(
    "您所在的机构不颁发这种证照。请核对证照类型。",
    "Your authority does not grant this type of licence. Look at the type again.",
)
OTHER_KIND_OF_REQUEST: Final = Text(
    "该申请是另一类申请（颁发、变更或批量），请用对应的操作。",
    "That request is of another kind (a grant, a change, a batch). Use what is made for it.",
)
PHOTO_NOT_NAMED: Final = Text(
    "附有照片，但申请内容的照片字段为空。请填写照片字段，或不附照片。",
    "There is a photo, but the record's field for it is empty. Fill in that field, or send no "
    "photo.",
)
RECORD: Final = Text("申请内容", "the request")


def row_content_changed(number: int) -> Text:
    return Text(
        f"第 {number} 行的内容与批准的不同，未颁发。",
        f"Row {number} is not what was approved, so it was not granted.",
    )


def rows_to_mend(count: int) -> Text:
    return Text(
        f"表中有 {count} 处需要更正，未颁发。请逐处更正后重新提交。",
        f"The sheet has {count} things to mend; nothing was granted. Mend them and send it again.",
    )


def too_many_open(most: int) -> Text:
    return Text(
        f"本机构已有 {most} 个未完成的批量任务。请等其中一个完成或取消。",
        f"Your authority has {most} jobs under way. Wait for one to finish, or cancel one.",
    )


def too_many_rows(most: int) -> Text:
    return Text(
        f"一批最多 {most} 行。请拆分表格。", f"A batch has {most} rows at most. Split the sheet."
    )
