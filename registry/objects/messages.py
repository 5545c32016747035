"""Messages of `registry.objects` in Chinese and English."""

from pathlib import Path

from core.text import Text


def store_creation_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立存储目录“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not make the store’s folder “{directory}”: {strerror}. {remedy.en}",
    )


def stored_file_damaged(sha256: str) -> Text:
    return Text(
        f"存储的文件 {sha256}… 缺失或已损坏。请从备份恢复。",
        f"The stored file {sha256}… is missing or damaged. Restore it from a backup.",
    )
