"""Messages of `registry.licences.corrections` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CORRECTION_DECIDED: Final = Text(
    "该更正申请刚被处理，请刷新后查看。",
    "The request was dealt with meanwhile; look at it again.",
)
CORRECTION_EXTENDED_ALREADY: Final = Text(
    "该更正申请已延期一次，不能再延。", "The request was given more time once, and gets no more."
)
DOCUMENTS_ARE_NOT_CORRECTED: Final = Text(
    "公文不办理更正。公文有误的，请与发文机关联系：由其撤回或废止原件，另行印发。",
    "Official documents are not corrected. If one is wrong, tell its issuer, who withdraws or "
    "repeals it and issues another.",
)
EVIDENCE_UNKNOWN: Final = Text(
    "证明材料须为 PDF、JPEG 或 PNG 文件。", "Evidence is a file in PDF, JPEG or PNG."
)
NOTHING_TO_CORRECT: Final = Text(
    "这份证照没有颁发，不能申请更正。", "The licence was not granted; there is nothing to correct."
)
NO_SUCH_CORRECTION: Final = Text(
    "没有这项更正申请。请核对编号或查询码。",
    "There is no such request for a correction. Check its id or code.",
)
TOO_MANY_CORRECTIONS: Final = Text(
    "这份证照已有多项更正申请待处理，请等待答复，或到颁发机构窗口办理。",
    "Several requests about this licence await an answer; wait for it, or ask its authority.",
)


def correction_key_reused(correction_id: str) -> Text:
    return Text(
        f"此请求编号已用于另一项更正申请（{correction_id}），未作登记。",
        f"This request key was used for another request for a correction ({correction_id}); "
        "nothing was recorded.",
    )


def correction_line_unfit(most: int) -> Text:
    return Text(
        f"每项须为一行可显示的文字，1 到 {most} 字。",
        f"Each item is one line of text that prints, of 1 to {counted(most, 'character')}.",
    )


def evidence_too_large(files: int, mib: int) -> Text:
    return Text(
        f"证明材料最多 {files} 个文件，共 {mib} MiB。",
        f"Evidence is at most {counted(files, 'file')}, {mib} MiB in all.",
    )
