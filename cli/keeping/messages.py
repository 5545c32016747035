"""Messages of `cli.keeping` in Chinese and English."""

from datetime import datetime
from pathlib import Path
from typing import Final

from core.text import Text, counted

ANNOUNCE_FINGERPRINTS: Final = Text(
    "请通过另一渠道（公告、公文、电话）告知指纹，供对方比对。",
    "Tell people the fingerprints by another way (a notice, a letter, a call) to compare.",
)
ARCHIVED_DOCUMENTS: Final = Text("存档文件", "documents in the archive")
AUDIT_INTACT: Final = Text("✓ 审计完整。", "✓ The audit holds.")
AWAITING_TSA_CERTIFICATE: Final = Text("等待新的时间戳证书", "waiting for a new TSA certificate")
BACKUP_WITHIN_HOME: Final = Text(
    "备份不能放在数据目录之内。请选择另一块磁盘。",
    "A backup cannot lie within the home. Choose another disk.",
)
CERTIFICATE_EXPIRED: Final = Text("注意：这张证书已过期。", "Note: this certificate has expired.")
CHECKING: Final = Text("核对", "Checking")
CHECK_IS_FULL: Final = Text(
    "--check 总是核对全部内容，不与 --full 同用。请去掉其中一个。",
    "--check always looks at everything and goes without --full. Leave one of them out.",
)
CHOOSE_WHAT_TO_PACK: Final = Text(
    "请指明一份证照，或用 --state、--type、--authority、--before 选择，或用 --all 选择全部。",
    "Name one licence, or choose by --state, --type, --authority or --before, or all by --all.",
)
ONE_PACKAGE_AT_SERVER: Final = Text(
    "从服务器一次取一份证照的归档包，且不带 --basis。请指明证照。",
    "A server hands out the package of one licence, without --basis. Name the licence.",
)
OTHER_PACKAGE_SENT: Final = Text(
    "服务器发来的是另一份证照的归档包，未写出。请向服务器管理员核实。",
    "The server sent the package of another licence, which was not written. Ask who runs it.",
)
CONFIRM_LOSS: Final = Text(
    "将确认备份之后的记录已经缺失，并恢复签发和核验。",
    "Accept that what came after the backup is lost, and go on signing and verifying.",
)
COPYING: Final = Text("复制文件", "Copying")
REMOVING: Final = Text("清除原处", "Removing")
DRAFT_DROPPED: Final = Text("已丢弃草稿。", "The draft was dropped.")
EARLIER_VERSION_UNREAD: Final = Text(
    "旧版本登记、尚未检查", "from an earlier version, not read yet"
)
FIRST_END: Final = Text("最早到期", "the first ends on")
JOURNAL_INCOMPLETE: Final = Text(
    "没有备份之后的完整恢复日志：此后的变化可能丢失。确认之前不能签发、服务和核验（xinyin "
    "journal accept-loss）。",
    "There was no complete journal: what happened after the backup may be lost. Nothing is "
    "signed, served or verified until you accept that (xinyin journal accept-loss).",
)
KEYS_IN_EARLIER_LAYOUT: Final = Text(
    "密钥还按旧版本存放；下一条使用密钥的命令会整理。",
    "The keys lie as an earlier version left them; the next command that uses them will put "
    "them in order.",
)
KEY_ID_NOT_CONFIRMED: Final = Text(
    "未确认：请在终端输入密钥名，或用 --yes 再写一遍密钥名。",
    "Not confirmed: type the key's id at the terminal, or give it again with --yes.",
)
LOSS_ACCEPTED: Final = Text("数据缺失已确认并记录在案。", "The loss is accepted, and on record.")
NAME_MALFORMED: Final = Text(
    "名称须为 1 到 200 个可显示的字符。", "A name has 1 to 200 printable characters."
)
NEW_JOURNAL_BEGUN: Final = Text(
    "恢复日志已新建。请立即备份：此前的备份无法再与它衔接。",
    "A new journal has begun. Back up now: earlier backups cannot be merged with it.",
)
NO_DRAFT: Final = Text("没有草稿。", "There is no draft.")
NO_EVENT_SINCE_HEAD: Final = Text(
    "自上次签署以来没有新事件。", "No event has come since the last head."
)
NO_ROOT_YET: Final = Text(
    "还没有根证书。先运行 xinyin init。", "There is no root yet. Run xinyin init first."
)
OVERDUE: Final = Text("已过期（证明有缺口）", "overdue (the proof has a gap)")
PUBLIC_KEY_FILE_NEEDED: Final = Text(
    "--key 须为公钥文件（PEM）。", "--key must be a file with a public key (PEM)."
)
PACKING: Final = Text("归档", "Packing")
RENEWING: Final = Text("存档续期", "Renewing")
RESTORING: Final = Text("恢复文件", "Restoring")
VERIFYING_AUDIT: Final = Text("核验审计链", "Verifying the audit")


def audit_exported(*, events: int, heads: int) -> Text:
    return Text(
        f"已导出 {events} 条事件、{heads} 个链尾。",
        f"Wrote {counted(events, 'event')} and {counted(heads, 'head')}.",
    )


def audit_head_signed(*, sequence: int, places: str) -> Text:
    return Text(
        f"已签署第 {sequence} 条处的链尾，另存于：{places}。",
        f"Signed the head at event {sequence}; kept outside the database in: {places}.",
    )


def audit_holds_since(event: int) -> Text:
    return Text(
        f"✓ 第 {event} 条之后的审计完整；此前的以其已签署的链尾为准，未再核验。",
        f"✓ The audit holds after event {event}; what came before was believed, as its head "
        "signed it.",
    )


def audit_summary(*, events: int, unsigned_events: int, heads: str) -> Text:
    return Text(
        f"事件 {events} 条，其中 {unsigned_events} 条在最近链尾之后；链尾：{heads}",
        f"{counted(events, 'event')}, {unsigned_events} of them after the newest head; "
        f"heads: {heads}",
    )


def backup_rests_on(at: str) -> Text:
    return Text(
        f"未变化的部分沿用上一份备份，最近一次全部读回核对是在 {at}。",
        f"What did not change is that of the backup before; everything was last read back at {at}.",
    )


def backup_verified(
    *, licences: object, certificates: object, files: object, audit_head: str
) -> Text:
    return Text(
        f"已核对：证照 {licences}，证书 {certificates}，文件 {files}，审计至 {audit_head}。",
        f"Verified: {counted(licences, 'licence')}, {counted(certificates, 'certificate')}, "
        f"{counted(files, 'file')}, audit up to {audit_head}.",
    )


def confirm_key_retirement(key_id: str) -> Text:
    return Text(f"将停用密钥“{key_id}”。", f"Retire the key “{key_id}”.")


def directory_creation_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立目录“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not make the directory “{directory}”: {strerror}. {remedy.en}",
    )


def directory_exists(directory: Path) -> Text:
    return Text(
        f"“{directory}”已存在。用 --force 覆盖。",
        f"“{directory}” exists. Use --force to overwrite it.",
    )


def doctor_result(*, ok: int, warned: int, failed: int, unknown: int) -> Text:
    return Text(
        f"正常 {ok}，警告 {warned}，失败 {failed}，无法检查 {unknown}。",
        f"{ok} ok, {warned} warned, {failed} failed, {unknown} could not be looked at.",
    )


def documents_due(count: int) -> Text:
    return Text(f"到期待续：{count} 份。", f"{count} due.")


def documents_still_due(due: int) -> Text:
    return Text(
        f"还有 {due} 份待续（未完成、失败，或正由另一进程处理）。请稍后再次运行。",
        f"{counted(due, 'document', 'is', 'are')} still due (not reached, failed, or another "
        "process is at them). Run this again later.",
    )


def draft_unsigned(*, added: int, removed: int) -> Text:
    return Text(
        f"草稿：新增 {added} 项，移除 {removed} 项，尚未签署。",
        f"The draft adds {added} and removes {removed}; it is not signed yet.",
    )


def due_by_day(day: str) -> Text:
    return Text(f"{day} 前到期、可续期", f"due by {day}, to be renewed")


def export_directory_unwritable(*, cause_zh: str, remedy: Text, strerror: str | None) -> Text:
    return Text(
        f"无法写入导出目录：{cause_zh}。{remedy.zh}",
        f"Could not write into the directory: {strerror}. {remedy.en}",
    )


def export_files_exist(*, directory: Path, existing: str) -> Text:
    return Text(
        f"“{directory}”中已有 {existing}。用 --force 覆盖。",
        f"{existing} is in “{directory}” already. Overwrite it with --force.",
    )


def no_home_to_look_at(directory: Path) -> Text:
    return Text(
        f"“{directory}”中没有数据目录，无可检查。在别处的，用 --home 或 XINYIN_HOME 指明；新建用 "
        "xinyin init。",
        f"There is no home in “{directory}” to look at. Name one that is elsewhere by --home or "
        "XINYIN_HOME; xinyin init makes a new one.",
    )


CONFIRM_UNSHARE: Final = Text(
    "不再共用恢复日志：其他服务器将拒绝写入。继续吗？",
    "Share the journal no more: the other machines will refuse to write. Go on?",
)
JOURNAL_SHARED: Final = Text(
    "恢复日志已共用。请把 privacy/journal.key 复制到其他服务器，在那里设置 "
    "[journal] shared = true，再运行 xinyin journal join。",
    "The journal is shared. Copy privacy/journal.key to the other machines, set [journal] shared = "
    "true there, and run xinyin journal join.",
)
JOURNAL_SHARED_NO_MORE: Final = Text(
    "恢复日志不再共用。请在本机设置 [journal] shared = false。",
    "The journal is shared no more. Set [journal] shared = false on this machine.",
)


def journal_end(until: str) -> Text:
    return Text(f"恢复日志止于 {until}。", f"The journal ends at {until}.")


def key_destroyed(key_id: str) -> Text:
    return Text(f"密钥“{key_id}”已销毁。", f"The key “{key_id}” is destroyed.")


def key_retired(key_id: str) -> Text:
    return Text(f"密钥“{key_id}”已停用。", f"The key “{key_id}” is retired.")


def keys_not_on_record(command: str) -> Text:
    return Text(
        f"有密钥未登记；{command} 将予登记。",
        f"Some keys are not on record; {command} records them.",
    )


def list_imported(
    *, taken: int, added: int, removed: int, left_out: int, next_update: datetime
) -> Text:
    return Text(
        f"已取 {taken} 项：新增 {added}，移除 {removed}，未取 {left_out}。草稿用 xinyin trust "
        f"sign 签署后生效；原列表至 {next_update:%Y-%m-%d} 有效，届时请重新导入。",
        f"Took {counted(taken, 'entry')}: {added} new, {removed} removed, {left_out} left out. The "
        "draft counts once signed with: xinyin trust sign. That list holds until "
        f"{next_update:%Y-%m-%d}: import it again by then.",
    )


def list_not_newer(*, known_sequence: int, sequence: int) -> Text:
    return Text(
        f"已导入过更新的第 {known_sequence} 号列表，这是第 {sequence} 号。确要导入请加 --force。",
        f"List no. {known_sequence} was taken before, and this is no. {sequence}. Use --force "
        "to take it all the same.",
    )


def more_findings(unlisted: int) -> Text:
    return Text(f"另有 {unlisted} 处问题。", f"{counted(unlisted, 'more finding')}.")


def no_such_file(file: Path) -> Text:
    return Text(f"没有文件“{file}”。", f"There is no file “{file}”.")


def renewal_needs_new_tsa_certificate(waiting: int) -> Text:
    return Text(
        f"另有 {waiting} 份即将到期，但现用时间戳证书的到期日不晚于这些文件。请先更换时间戳密"
        "钥和证书：xinyin ca renew --force-renewal。",
        f"{waiting} more end soon, but the TSA's present certificate lasts no longer. Give "
        "the TSA a new key and certificate first: xinyin ca renew --force-renewal.",
    )


def renewal_result(*, renewed: int, up_to_date: int, failed: int) -> Text:
    return Text(
        f"已续期 {renewed} 份，无需续期 {up_to_date} 份，失败 {failed} 份。",
        f"{renewed} renewed, {up_to_date} needed nothing, {failed} failed.",
    )


def restore_done(
    *, directory: Path, revoked: int, released: int, changed: int, voided: int, counters: int
) -> Text:
    return Text(
        f"已恢复到 {directory}。备份之后：撤销或暂停的证书 {revoked}，解除暂停 {released}，变"
        f"更的证照 {changed}；作废的办理中证照 {voided}；前移的计数器 {counters}。",
        f"Restored into {directory}. Since the backup: certificates revoked or held {revoked}"
        f", released {released}; licences changed {changed}; pending ones voided {voided}; "
        f"counters moved on {counters}.",
    )


def restore_lives(*, keys: str, cas: str, roles: int, identities: int) -> Text:
    """Return counts of roles and identities, and names of keys and CAs (`-` for none)."""
    return Text(
        f"停用或销毁的密钥：{keys}；投入使用或停用的CA：{cas}；结束的角色 {roles}，"
        f"状态变更的身份 {identities}。",
        f"Keys retired or destroyed: {keys}; CAs put to use or retired: {cas}; roles ended "
        f"{roles}, identities changed {identities}.",
    )


def restore_emergency(use_id: str) -> Text:
    return Text(
        f"应急凭据曾被使用（{use_id}），尚无他人确认：见 xinyin break-glass list。",
        f"The emergency credential was used ({use_id}), and nobody else has acknowledged it: see "
        "xinyin break-glass list.",
    )


def restore_lapsed(count: int) -> Text:
    return Text(
        f"备份时待办的 {count} 份申请已失效，请申请人重新提出。",
        f"Lapsed: {counted(count, 'request')} open at the backup; their askers make them again.",
    )


def schema_current(version: str) -> Text:
    return Text(f"数据库结构已是 {version}。", f"The schema is {version} already.")


def schema_upgraded(*, before: str, after: str) -> Text:
    return Text(
        f"数据库结构已从 {before} 更新到 {after}。", f"The schema went from {before} to {after}."
    )


def trust_list_published(*, version: int, count: int, next_update: datetime) -> Text:
    return Text(
        f"已发布第 {version} 版，共 {count} 项，须在 {next_update:%Y-%m-%d} 前重新签署。",
        f"Published version {version} with {counted(count, 'entry')}; sign the next one before "
        f"{next_update:%Y-%m-%d}.",
    )


def client_key_made(name: str) -> Text:
    return Text(
        f'请把上面的公钥集登记到身份服务，再在 identity.toml 中写 client_key = "custody:{name}"。',
        "Register the key set above with the identity provider, then write client_key = "
        f'"custody:{name}" into identity.toml.',
    )


def keys_for_packages(names_zh: str, names_en: str) -> Text:
    return Text(
        f"请将公钥 {names_zh} 通过另一渠道交给接收方：凭它验证归档包。",
        f"Hand {names_en} over by another way: packages are checked with the public key.",
    )


def packing_result(*, written: int, unchanged: int, failed: int) -> Text:
    return Text(
        f"写出 {written} 份归档包；已有且未变 {unchanged} 份；未成 {failed} 份。",
        f"Packages written: {written}; there already: {unchanged}; failed: {failed}.",
    )


def reindexed(count: int) -> Text:
    return Text(
        f"已为 {count} 份证照重建查找索引。", f"The index was made anew; licences in it: {count}."
    )


def restore_erased(count: int) -> Text:
    return Text(
        f"备份之后已删除内容的 {count} 份证照，内容再次删除。",
        f"Licences whose contents were erased after the backup were erased again: {count}.",
    )


def codes_sealed(*, first: int, anew: int) -> Text:
    return Text(
        f"持证主体代码已全部加密：新加密 {first} 条，换密钥 {anew} 条。",
        f"All codes of holders are sealed: {first} that were in the clear, {anew} under an older "
        "key.",
    )


def codes_rotated(*, name: str, forgotten: str) -> Text:
    return Text(
        f"现用密钥：{name}；已销毁：{forgotten}。请复制 privacy 文件夹到颁发服务的主目录，并备份。",
        f"Key in use: {name}; destroyed: {forgotten}. Copy the folder privacy to the home of the "
        "issuing service, and back up.",
    )


ROTATE_CODES: Final = Text(
    "换用新的代码密钥并销毁旧的？只存在于旧备份中的密钥不受影响。",
    "Seal all codes under a new key and destroy the old ones? Those in older backups stay there.",
)


def objects_moved(*, copied: int, there: int, removed: int) -> Text:
    files = counted(copied, "file")
    return Text(
        f"已复制 {copied} 个文件，原已存在 {there} 个，从原处清除 {removed} 个。",
        f"Copied {files}. There before: {there}. Removed from the old place: {removed}.",
    )


def set_place(target: str) -> Text:
    return Text(
        f'尚未启用：停止服务后再运行一次，然后在 [objects] 中设置 place = "{target}" 并启动服务。',
        f'Not in use yet: stop the services, run this once more, then set place = "{target}" in '
        "[objects] and start them.",
    )
