"""Messages of `registry.facts` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

NO_LOSS_TO_ACCEPT: Final = Text(
    "没有待确认的数据缺失。", "There is no loss to accept; nothing was changed."
)


JOURNAL_LINE_NOT_BEGUN: Final = Text(
    "恢复日志尚未共用。请在已有恢复日志的服务器上运行 xinyin journal share，再在其他服务器上"
    "运行 xinyin journal join。",
    "The journal is not shared yet. Run xinyin journal share on the machine that has it, then "
    "xinyin journal join on the others.",
)
JOURNAL_IN_STORE: Final = Text(
    "共用的恢复日志仍在对象存储中，未作任何更改。请运行 xinyin journal join 取得本机的副本。",
    "The shared journal is still in the object store; nothing was changed. Run xinyin journal join "
    "to copy it to this machine.",
)
JOURNAL_IS_SHARED: Final = Text(
    "该登记库的恢复日志由多台服务器共用，而本机的设置没有。请设置 [journal] shared = true 并运行 "
    "xinyin journal join；不再共用的，停止各台服务器后运行 xinyin journal share --stop。",
    "This register's journal is shared by several machines, and this machine's settings are "
    "not. Set [journal] shared = true and run xinyin journal join; to share it no more, stop all "
    "machines and run xinyin journal share --stop.",
)
STORE_OVERWRITES: Final = Text(
    "该对象存储会用后写的对象替换同名对象（不遵守 If-None-Match），不能用来共用恢复日志。请换用"
    "遵守的存储或存储桶（有的存储仅在不启用版本控制的桶中遵守）。",
    "This object store lets a second object take the place of the first (it ignores "
    "If-None-Match): the journal cannot be shared in it. Take a store or bucket that does not; "
    "some stores heed it in buckets without versions only.",
)
SHARING_WANTS_BUCKET_AND_POSTGRESQL: Final = Text(
    "多台服务器共用恢复日志（[journal] shared）须使用 PostgreSQL，并把文件放在对象存储中"
    '（[objects] place = "bucket"）。',
    "Several machines share a journal ([journal] shared) on PostgreSQL, with documents in a bucket "
    '([objects] place = "bucket") alone.',
)


def journal_key_missing(path: Path) -> Text:
    return Text(
        f"缺少共用恢复日志的密钥“{path}”。第一台服务器由 xinyin journal share 生成；其他服务器须"
        "从它复制，权限 0600。",
        f"The key of the shared journal, “{path}”, is missing. On the first machine xinyin "
        "journal share makes it; copy it from there to the others, mode 0600.",
    )


def journal_copy_behind(own: int, known: int) -> Text:
    return Text(
        f"本机的恢复日志副本止于第 {own} 条，共用的恢复日志已到第 {known} 条。请在副本最新的"
        "服务器上运行本命令。",
        f"This machine's copy of the journal ends at entry {own}, and the shared one reached "
        f"{known}. Run this on the machine whose copy goes furthest.",
    )


def journal_went_on_elsewhere(own: int, known: int) -> Text:
    return Text(
        f"恢复日志停止共用后（第 {known} 条），由另一台服务器单独接着写；本机的副本止于第 "
        f"{own} 条，或与之不同，未予采用，也未作任何更改。请在停止共用时留用的那台服务器上运行 "
        "xinyin journal share，再在本机运行 xinyin journal join；那台服务器的恢复日志已丢失的，见"
        "运维指南“多台服务器”。",
        f"When the journal was shared no more (entry {known}), another machine went on with it "
        f"alone; this machine's copy ends at entry {own}, or is another: it was not used, and "
        "nothing was changed. Run xinyin journal share on the machine that the journal stayed "
        "with, then xinyin journal join here; if that machine's journal is lost, see the "
        "operator's guide on several machines.",
    )


def journal_group_differs(sequence: int) -> Text:
    return Text(
        f"对象存储中的共用恢复日志在第 {sequence} 条处与本机的副本不同。请保全现场，停止服务，"
        "在各台服务器上运行 xinyin audit verify，查明以哪一份为准。",
        f"The shared journal in the object store is another than this machine's copy at entry "
        f"{sequence}. Keep everything as it is, stop the services, and find out by xinyin audit "
        "verify on each machine which one agrees.",
    )


def journal_group_forged(sequence: int) -> Text:
    return Text(
        f"对象存储中自第 {sequence} 条起的一组恢复日志不是本登记库的服务器写入的，或已损坏，"
        "未予采用。请核对各台服务器的 privacy/journal.key 是否相同；相同的，查明谁改动了对象存储。",
        f"The group of journal entries from {sequence} on in the object store is damaged, or was "
        "put by none of this register's machines: it was not used. See that privacy/journal.key "
        "is the same on all machines; if it is, find out who changed the store.",
    )


def journal_group_lost(sequence: int) -> Text:
    return Text(
        f"对象存储缺少共用恢复日志自第 {sequence} 条起的内容，本机的副本也没有。请在副本最新的"
        "服务器上运行 xinyin journal share 补齐，再运行本命令。",
        f"The object store lacks the shared journal from entry {sequence} on, and so does this "
        "machine's copy. Run xinyin journal share on the machine whose copy goes furthest, then "
        "this again.",
    )


def journal_group_missing(sequence: int) -> Text:
    return Text(
        f"对象存储缺少共用恢复日志自第 {sequence} 条起的内容。请在本机运行 xinyin journal share "
        "补齐，并查明原因。",
        f"The object store lacks the shared journal from entry {sequence} on. Run xinyin journal "
        "share on this machine, and find out why.",
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
