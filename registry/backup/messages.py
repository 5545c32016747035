"""Messages of `registry.backup` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

CRL_ISSUER_NOT_REGISTERED: Final = Text(
    "此证书撤销列表不是本登记库的签发CA签发的。",
    "This CRL was not signed by a CA of this register.",
)
JOURNAL_IS_BACKUP_COPY: Final = Text(
    "这是备份自带的恢复日志副本，不含此后的变化。请用原恢复日志，没有则省略 --journal。",
    "That is the backup's own copy of the journal, which knows of nothing after it. Give the "
    "one that outlived the database, or leave --journal out.",
)
TARGET_DATABASE_NOT_EMPTY: Final = Text(
    "目标数据库中已有数据，未作改动。请恢复到一个空的数据库。",
    "The database holds data already; nothing was changed. Restore into an empty one.",
)


def backup_part_damaged(part: str) -> Text:
    return Text(
        f"备份中的“{part}”缺失或已损坏。请使用另一份备份。",
        f"“{part}” of the backup is missing or damaged. Use another backup.",
    )


def no_backup_there(directory: Path, newest: Path | None) -> Text:
    if newest is not None:
        return Text(
            f"“{directory}”本身不是备份，其中的备份须逐个指明，最新的是“{newest}”。未作任何更改。",
            f"“{directory}” is no backup itself; name one of those in it, of which the newest is "
            f"“{newest}”. Nothing was changed.",
        )
    return Text(
        f"“{directory}”中没有备份，未作任何更改。请指明 xinyin backup 输出的那个文件夹。",
        f"There is no backup in “{directory}”; nothing was changed. Name the folder that xinyin "
        "backup printed.",
    )


def backup_schema_too_new(revision: str) -> Text:
    return Text(
        f"备份的数据库结构 {revision} 属于更新的版本，未作改动。请先升级本程序。",
        f"The backup's schema {revision} is of a newer version of this program; nothing was "
        "changed. Upgrade first.",
    )


def backup_table_damaged(table: str) -> Text:
    return Text(f"备份中的表“{table}”已损坏。", f"The table “{table}” of the backup is damaged.")


def backup_write_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法写入备份“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not write the backup in “{directory}”: {strerror}. {remedy.en}",
    )


def journal_already_present(directory: Path) -> Text:
    return Text(
        f"“{directory}”中已有恢复日志，未作改动。请用 --journal 指明它，或将其移开。",
        f"There is a journal in “{directory}”; nothing was changed. Name it with --journal, "
        "or move it away.",
    )


def journal_discontinuous_with_backup(source: Path) -> Text:
    return Text(
        f"“{source}”中的恢复日志不能与此备份衔接，未作改动。",
        f"The journal in “{source}” does not go on from this backup; nothing was changed.",
    )


def target_directory_not_empty(directory: Path) -> Text:
    return Text(
        f"“{directory}”不是空目录，未作改动。请恢复到新的目录。",
        f"“{directory}” is not empty; nothing was changed. Restore into a new directory.",
    )
