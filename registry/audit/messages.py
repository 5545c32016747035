"""Messages of `registry.audit` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

CHAIN_END_MISMATCH: Final = Text(
    "审计链末端与记录不符，未签署。请运行 xinyin audit verify。",
    "The audit does not end where it is recorded to, so it was not signed. Run xinyin audit "
    "verify.",
)
CHAIN_END_MISSING: Final = Text(
    "审计链的末端记录缺失。请运行 xinyin audit verify。",
    "The record of where the audit chain ends is missing. Run xinyin audit verify.",
)
CHAIN_END_MISSING_NOTHING_DONE: Final = Text(
    "审计链的末端记录缺失，未作任何更改。请运行 xinyin audit verify 查明。",
    "The record of where the audit chain ends is missing; nothing was done. Look into it "
    "with xinyin audit verify.",
)


def audit_write_failed(reason: Text) -> Text:
    return Text(
        f"无法写入审计记录，未作签名。{reason.zh}",
        f"The audit could not be written, so nothing was signed. {reason.en}",
    )


def broken_chain_not_signed(finding_text: Text) -> Text:
    return Text(
        f"审计链不完整，未签署：{finding_text.zh}请运行 xinyin audit verify。",
        f"The audit does not hold, so its end was not signed: {finding_text.en} Run xinyin "
        "audit verify.",
    )


def file_unreadable(*, path: Path, cause_zh: str, strerror: str | None) -> Text:
    return Text(f"无法读取“{path}”：{cause_zh}。", f"Could not read “{path}”: {strerror}.")


def heads_file_missing(path: Path) -> Text:
    return Text(
        f"没有找到数据库之外的链尾文件“{path}”。请接上存放它的磁盘，或从副本恢复；若刚设置 "
        "audit.heads_file，运行 xinyin audit sign。",
        f"There is no file of heads outside the database at “{path}”. Attach the disk that "
        "holds it, or bring it back from a copy; where audit.heads_file was set just now, "
        "run xinyin audit sign.",
    )


def heads_file_write_failed(
    *, path: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法写入审计链尾签名文件“{path}”：{cause_zh}。{remedy.zh}",
        f"Could not write the file of audit heads “{path}”: {strerror}. {remedy.en}",
    )


def journal_unusable_for_comparison(error_text: Text) -> Text:
    return Text(
        f"恢复日志无法使用，其中的链尾和记录未作比对。{error_text.zh}",
        "The journal cannot be used, so that neither its heads nor its records were "
        f"compared. {error_text.en}",
    )
