"""Messages of `registry.journal` in Chinese and English."""

from pathlib import Path

from core.text import Text


def change_not_journalled(error_text: Text) -> Text:
    return Text(
        f"更改已生效，但未能记入恢复日志：{error_text.zh}如从备份恢复，须再做一次。",
        f"The change took effect, but is not in the journal: {error_text.en} After a restore "
        "it would have to be made again.",
    )


def counter_behind_journal(*, scope: str, next_number: int, journal_number: int) -> Text:
    return Text(
        f"计数器 {scope} 将给出 {next_number}，而恢复日志表明已用到 {journal_number}：数据库被"
        "改动，或不是用 xinyin restore 恢复的。未发号。请停止服务，运行 xinyin audit verify，"
        "用该恢复日志从备份恢复（xinyin restore --journal）。",
        f"The counter {scope} would give {next_number}, and by the journal {journal_number} "
        "was given: the database was edited, or brought back by other means than xinyin "
        "restore. No number was given. Stop the service, run xinyin audit verify, and "
        "restore a backup with this journal (xinyin restore --journal).",
    )


def journal_emptied(directory: Path) -> Text:
    return Text(
        f"“{directory}”中的恢复日志已被清空，没有任何条目。请从其副本恢复这些文件；没有副本的，"
        "请将其移开保存，再执行 xinyin journal start。",
        f"The journal in “{directory}” was emptied: its files hold no entry. Restore them "
        "from their copy; if there is none, move them away, keep them, and run xinyin "
        "journal start.",
    )


def journal_entry_damaged(*, entry_zh: str, entry_en: str) -> Text:
    return Text(
        f"恢复日志在第{entry_zh}条处已损坏。请从其副本恢复该文件。",
        f"The journal is damaged at entry{entry_en}. Restore that file from its copy.",
    )


def journal_missing(directory: Path) -> Text:
    return Text(
        f"“{directory}”中没有恢复日志。请接上存放恢复日志的磁盘；若已丢失，请执行 xinyin "
        "journal start。",
        f"There is no journal in “{directory}”. Attach the disk that holds it; if it is lost, "
        "run xinyin journal start.",
    )


def line_contradicts(sequence: int) -> Text:
    return Text(
        f"多台服务器共用的恢复日志在第 {sequence} 条处与本机的副本不符，未写入内容。请保全现场，"
        "停止服务，在各台服务器上运行 xinyin audit verify，以相符的副本为准。",
        f"The journal that the machines share is not the one of this machine's copy at entry "
        f"{sequence}; nothing was put. Keep everything as it is, stop the services, run "
        "xinyin audit verify on each machine, and go by the copy that agrees.",
    )


def line_lacks(sequence: int) -> Text:
    return Text(
        f"对象存储缺少共用恢复日志自第 {sequence} 条起的内容，未写入内容。请在副本最新的服务器上"
        "运行 xinyin journal share 补齐。",
        f"The object store lacks the shared journal from entry {sequence} on; nothing was "
        "put. Run xinyin journal share on the machine whose copy goes furthest.",
    )


def journal_write_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法写入恢复日志“{directory}”：{cause_zh}，未作任何更改。{remedy.zh}",
        f"Could not write the journal in “{directory}”: {strerror}; nothing was changed. "
        f"{remedy.en}",
    )
