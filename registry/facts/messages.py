"""Messages of `registry.facts` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

NO_LOSS_TO_ACCEPT: Final = Text(
    "没有待确认的数据缺失。", "There is no loss to accept; nothing was changed."
)


def database_journal_mismatch(directory: Path) -> Text:
    return Text(
        f"数据库中的登记库与“{directory}”中的恢复日志不属于同一登记库。请检查数据库地址（"
        "XINYIN_DATABASE_URL、[database] url）和 [journal] directory。",
        f"The register in the database is not the one of the journal in “{directory}”. Check "
        "the database's address (XINYIN_DATABASE_URL, [database] url) and [journal] "
        "directory.",
    )


def journal_already_present(directory: Path) -> Text:
    return Text(
        f"“{directory}”中已有恢复日志，未作改动。",
        f"There is a journal in “{directory}”; nothing was changed.",
    )


def journal_of_another_register(directory: Path) -> Text:
    return Text(
        f"“{directory}”中的恢复日志属于另一个登记库。请检查 [journal] directory。",
        f"The journal in “{directory}” is another register's. Check [journal] directory.",
    )


def register_unexpectedly_empty(directory: Path) -> Text:
    return Text(
        f"数据库中的登记库是空的，而“{directory}”中的恢复日志表明原来另有登记库，未作任何更改。"
        "请检查数据库地址（XINYIN_DATABASE_URL、[database] url）；登记库已丢失的，请从备份恢"
        "复（xinyin restore）。",
        f"The register in the database is empty, while by the journal in “{directory}” there "
        "was another; nothing was changed. Check the database's address "
        "(XINYIN_DATABASE_URL, [database] url); if the register is lost, restore a backup "
        "(xinyin restore).",
    )


def restore_loss_not_accepted(made_at: str) -> Text:
    return Text(
        f"登记库恢复自 {made_at} 的备份，此后的证书撤销、证照注销和颁发可能已丢失。请用原恢复"
        "日志重新恢复（xinyin restore --journal），或执行 xinyin journal accept-loss 确认数据"
        "缺失。",
        f"This register was restored from a backup of {made_at}; what was revoked, cancelled "
        "and granted since may be lost. Restore again with the journal (xinyin restore "
        "--journal), or accept the loss: xinyin journal accept-loss.",
    )
