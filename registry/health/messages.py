"""Messages of `registry.health` in Chinese and English."""

from datetime import datetime
from pathlib import Path
from typing import Final

from core.text import Text, counted

BREAK_GLASS_WORTHLESS: Final = Text(
    "应急操作员的身份已停用，应急凭据不能登录。",
    "The emergency's identity is disabled: its credential signs nobody in.",
)
AUDIT_NEVER_SIGNED: Final = Text("审计链尾签名从未签署。", "No head of the audit was ever signed.")
CHAIN_END_MISMATCH: Final = Text(
    "审计链的末端与记录不符。", "The chain does not end where it should."
)
CHAIN_END_MISSING: Final = Text(
    "缺少审计链末端的记录。", "The record of the chain's end is missing."
)
CHECK_JOURNAL_DIRECTORY: Final = Text("检查 [journal] directory。", "Check [journal] directory.")
CLEAR_OR_ENLARGE_DISK: Final = Text("请清理或扩容磁盘。", "Free some, or enlarge the disk.")
CLOCK_UNSYNCHRONISED: Final = Text(
    "内核报告时钟未同步。", "The kernel says that nothing keeps the clock in step."
)
COMPARISON_NEEDS_FULL: Final = Text("仅在 --full 时核对。", "compared with --full only.")
CORRECT_CLOCK_BEFORE_SIGNING: Final = Text(
    "核对时间后再签发任何东西。", "Set it right before anything is signed."
)
CREATE_PASSPHRASE_FILE: Final = Text("建立它，或改正设置。", "Make it, or correct the setting.")
DATABASE_DAMAGED: Final = Text("数据库文件已损坏。", "The database file is damaged.")
DEMO_HOME: Final = Text("演示数据目录。", "a demo home.")
EXAMPLE_OIDS_ALLOWED: Final = Text(
    "演示数据目录可用示例 OID。", "a demo home may use example OIDs."
)
DOCUMENTS_IN_FILES: Final = Text("文件存放在数据目录中。", "files in the home.")
STORE_KEEPS_NO_VERSIONS: Final = Text(
    "存储桶不保留历史版本：误删或密钥被盗后删除的文件无法找回。",
    "The bucket keeps no versions: what a mistake or a stolen key deletes is gone.",
)
KEEP_VERSIONS: Final = Text(
    "请在对象存储中为该桶启用版本控制。", "Switch versioning on for the bucket, at the store."
)
STORE_HAS_NO_LOCK: Final = Text(
    "存储桶没有对新文件设置锁定期（对象锁），或该存储不支持。",
    "The bucket locks no new objects (object lock), or the store cannot.",
)
LOCK_NEW_OBJECTS: Final = Text(
    "支持对象锁的存储：请为该桶设置默认锁定期。不支持的：更勤地备份到异地。",
    "Where the store can, give the bucket a default retention; where it cannot, back up to another "
    "site more often.",
)
FETCH_CRLS: Final = Text("运行 xinyin ca fetch-crls。", "Run xinyin ca fetch-crls.")
FINISH_INTERRUPTED_GRANTS: Final = Text(
    "运行 xinyin licence resume 续办，或 licence void 作废。",
    "Finish them with xinyin licence resume, or close them with licence void.",
)
FURTHER_DISAGREEMENTS: Final = Text("另有更多不符。", "More does not agree.")
HEALTHY: Final = Text("正常。", "well.")
INVESTIGATE_DATABASE_OBJECT: Final = Text(
    "查明由谁建立，保存其定义后删除，再运行 xinyin audit verify。",
    "Find out who made it, keep its definition, drop it, and run xinyin audit verify.",
)
JOURNAL_BEGINS_ON_NEXT_WRITE: Final = Text(
    "下一条写入的命令会建立它。", "The next command that writes will begin one."
)
JOURNAL_COMPARISON_SKIPPED: Final = Text(
    "未与恢复日志比对，见“审计”。", "not compared with the journal: see “audit”."
)
JOURNAL_OF_ANOTHER_REGISTER: Final = Text(
    "恢复日志属于另一个登记库。", "The journal is another register's."
)
MIGRATE_DATABASE: Final = Text(
    "请停止服务、备份，然后运行 xinyin database migrate。",
    "Stop the services, back up, then run xinyin database migrate.",
)
MOVE_PASSPHRASE_FILE: Final = Text(
    "把它移到别处：备份或丢失的数据目录不应带有口令。",
    "Move it elsewhere: a stolen home or backup must not bring its passphrase.",
)
NO_JOURNAL_YET: Final = Text("登记库还没有恢复日志。", "The register has no journal yet.")
NO_TIMESTAMPING_UNIT: Final = Text(
    "没有时间戳证书，存档无法续期。",
    "There is no time-stamping unit, so that nothing can be renewed.",
)
PIN_ROOT_AFTER_COMPARISON: Final = Text(
    "与仪式记录核对后运行 xinyin ca pin-root。",
    "Compare it with the ceremony's transcript, and run xinyin ca pin-root.",
)
REGISTER_OWN_OID: Final = Text(
    "登记自己的 OID 并写入设置。", "Register an OID of your own and set it."
)
REISSUE_CERTIFICATE: Final = Text("换发新证书。", "Have a new one issued.")
REMAKE_HOME_WITH_REAL_ADDRESS: Final = Text(
    "它印在二维码和证书里；请用正式地址新建数据目录。",
    "It stands in QR codes and certificates: make a new home with a real address.",
)
REMOVE_TEST_ENTRIES: Final = Text(
    "用 xinyin trust remove 移除。", "Take them out with: xinyin trust remove"
)
RENEW_ARCHIVE: Final = Text("运行 xinyin archive renew。", "Run xinyin archive renew.")
RENEW_CERTIFICATES: Final = Text(
    "运行 xinyin ca renew；不行则检查密钥存储。",
    "Run xinyin ca renew; if that fails, look at the key store.",
)
RENEW_TSA_KEY: Final = Text(
    "为时间戳服务更换密钥和证书：xinyin ca renew --force-renewal。",
    "Give the TSA a new key and certificate: xinyin ca renew --force-renewal.",
)
RERUN_INIT: Final = Text("再次运行 xinyin init。", "Run xinyin init again.")
RESTART_STUCK_SERVICE: Final = Text(
    "有进程长期未结束读取；请重启服务。",
    "Some process keeps reading an old state; restart the service.",
)
RESTORE_FILE_FROM_BACKUP: Final = Text("从备份恢复该文件。", "Restore that file from a backup.")
RESTORE_FROM_BACKUP: Final = Text("从备份恢复。", "Restore it from a backup.")
RESTORE_PKI_URL: Final = Text(
    "改回原地址；它在证书有效期内不能变。",
    "Set it back: it cannot change while the certificates last.",
)
RESTORE_WITH_JOURNAL: Final = Text(
    "用原恢复日志重新恢复，或执行 xinyin journal accept-loss。",
    "Restore again with the journal, or run xinyin journal accept-loss.",
)
RUN_AS_HOME_OWNER: Final = Text("请以数据目录的属主运行。", "Run as the owner of the home.")
SEARCH_NEEDS_FULL: Final = Text("仅在 --full 时检查。", "looked for with --full only.")
SEE_KEY_LIST_HELP: Final = Text("见 xinyin key list --help。", "See xinyin key list --help.")
RESTORE_INTO_NEW_HOME: Final = Text(
    "请停止服务，运行 xinyin backup，再用 xinyin restore --journal 恢复到新的数据目录；"
    "更新命令不能补齐。",
    "Stop the services, run xinyin backup, and restore that into a new home with xinyin restore "
    "--journal; migrating cannot mend it.",
)
SIGN_AUDIT: Final = Text(
    "运行 xinyin audit sign。", "Run xinyin audit sign, or let the service run."
)
SIGN_OR_DISCARD_DRAFT: Final = Text(
    "用 xinyin trust list 查看，再签署或丢弃。", "See xinyin trust list, then sign or discard it."
)
START_TIME_SERVICE: Final = Text(
    "启用 chrony 等时间同步服务。", "Run chrony or another time service."
)
STOP_AND_RESTORE_BACKUP: Final = Text(
    "停止服务，从备份恢复。", "Stop the service and restore a backup."
)
TIMESTAMPING_UNIT: Final = Text("时间戳服务", "the time-stamping unit")
TRUST_LIST_DRAFT_UNSIGNED: Final = Text(
    "信任列表有未签署的草稿。", "There is a draft of the trust list, not signed."
)
UNREFERENCED_OBJECTS_HARMLESS: Final = Text(
    "多为中断操作所留，无害；确认没有正在进行的颁发后可以删除。",
    "Left by work that was cut short, and harmless; may go while nothing is granted.",
)
USE_NEWER_VERSION: Final = Text("请使用更新的信印版本。", "Use the newer Xinyin that made it.")
VERIFY_AUDIT: Final = Text("运行 xinyin audit verify 查明。", "Run xinyin audit verify.")
WAL_TOO_LARGE: Final = Text("数据库的 WAL 文件过大。", "The database's WAL has grown large.")


def archive_proofs_expired(count: int) -> Text:
    return Text(
        f"{count} 份存档文件的证明已过期。",
        f"The proof of {counted(count, 'archived document')} has run out.",
    )


def archive_renewal_due(*, due: int, unread: int) -> Text:
    return Text(
        f"{due} 份存档文件待续期，{unread} 份尚未检查。",
        f"{counted(due, 'archived document', 'is', 'are')} due for renewal, {unread} not read.",
    )


def certificate_label(*, profile_zh: str, name: str, profile: str) -> Text:
    return Text(f"{profile_zh}证书 {name}", f"The {profile} certificate {name}")


def certificate_outcome_unknown(name: str) -> Text:
    return Text(
        f"证书 {name} 有签发登记，无签发结果。",
        f"The certificate {name} was intended, and nothing more is known of it.",
    )


def check_failed(reason: Text) -> Text:
    return Text(f"无法检查：{reason.zh}", f"could not look: {reason.en}")


def clock_behind_records(newest: datetime) -> Text:
    return Text(
        f"时钟早于最新记录（{newest:%Y-%m-%d %H:%M}Z）。",
        f"The clock is behind the newest record ({newest:%Y-%m-%d %H:%M}Z).",
    )


def correct_clock_then(advice: Text) -> Text:
    return Text(f"校准时钟，然后{advice.zh}", f"Set the clock right; then: {advice.en}")


def crl_dated_in_future(*, issuer: str, last_update_utc: datetime) -> Text:
    return Text(
        f"{issuer} 的证书撤销列表日期在将来（{last_update_utc:%Y-%m-%d %H:%M} UTC），尚无人接受。",
        f"The CRL of {issuer} is dated in the future ({last_update_utc:%Y-%m-%d %H:%M} UTC); "
        "nobody accepts it yet.",
    )


def crl_lacks_revocations(issuer: str) -> Text:
    return Text(
        f"{issuer} 的证书撤销列表缺少此后的证书撤销或暂停。",
        f"The CRL of {issuer} lacks revocations or holds that came after it.",
    )


def crl_predates_restore(issuer: str) -> Text:
    return Text(
        f"{issuer} 的证书撤销列表签于登记库恢复之前（或此后只改了撤销原因）：已知的撤销它都列"
        "有，但备份之后可能还公布过更新的列表。",
        f"The CRL of {issuer} was signed before this register was restored, or before a "
        "reason was changed: it lists all revocations that are known here, but a newer one "
        "may have been published after the backup.",
    )


def disk_space_left(*, directory: Path, free_gib: float) -> Text:
    return Text(
        f"“{directory}”所在磁盘剩余 {free_gib:.1f} GiB。",
        f"{free_gib:.1f} GiB are free where “{directory}” is.",
    )


def document_damaged(identifier: str) -> Text:
    return Text(
        f"{identifier} 的文件缺失或已损坏。", f"The document of {identifier} is missing or damaged."
    )


def acknowledge_break_glass(use_id: str) -> Text:
    return Text(
        f"请由他人核对当时所做的事，再运行 xinyin break-glass acknowledge {use_id} --basis ……；"
        "然后重新准备凭据（xinyin break-glass prepare）。",
        "Let somebody else look at what was done, then run xinyin break-glass acknowledge "
        f"{use_id} --basis …; and prepare another (xinyin break-glass prepare).",
    )


def enable_emergency(identity_id: str) -> Text:
    return Text(
        f"请启用：xinyin officer enable {identity_id}。",
        f"Enable it: xinyin officer enable {identity_id}.",
    )


def break_glass_used(use_id: str) -> Text:
    return Text(
        f"应急凭据曾被使用（{use_id}），尚无他人确认。",
        f"The emergency credential was used ({use_id}), and nobody else has acknowledged it.",
    )


def finish_leaving(identity_id: str) -> Text:
    return Text(
        f"请再次执行同一命令（xinyin officer disable {identity_id} 或 merge），办完余下的。",
        f"Give the same command again (xinyin officer disable {identity_id}, or merge): it ends "
        "what is left.",
    )


def foreign_database_object(*, table: str, object_name: str, object_kind: str) -> Text:
    return Text(
        f"表 {table} 上有不属于本系统的对象“{object_name}”（{object_kind}）：它能自行改动或隐"
        "瞒登记内容。",
        f"There is a {object_kind} “{object_name}” on the table {table}, which is not of our "
        "making: it can change or hide records by itself.",
    )


def further_documents(count: int) -> Text:
    return Text(f"另有 {count} 份。", f"{count} more.")


def grants_interrupted(count: int) -> Text:
    return Text(
        f"{count} 份颁发中断超过一小时。",
        f"{counted(count, 'grant', 'was', 'were')} cut short over an hour ago.",
    )


def item_expired(*, item: Text, ends: datetime) -> Text:
    return Text(f"{item.zh}已于 {ends:%Y-%m-%d} 到期。", f"{item.en} ended on {ends:%Y-%m-%d}.")


def item_expires_soon(*, item: Text, days: int, ends: datetime) -> Text:
    return Text(
        f"{item.zh}还有 {days} 天到期（{ends:%Y-%m-%d}）。",
        f"{item.en} ends in {counted(days, 'day')} ({ends:%Y-%m-%d}).",
    )


def key_store_mismatch(*, key_id: str, finding_zh: str, finding_en: str) -> Text:
    return Text(
        f"密钥 {key_id}：存储与登记不一致（{finding_zh}）。",
        f"Key {key_id}: store and register do not agree ({finding_en}).",
    )


def leaving_unfinished(identity_id: str) -> Text:
    return Text(
        f"身份 {identity_id} 已停用或离开机构，其证书尚未撤销。",
        f"{identity_id} was disabled, merged or left an authority, and certificates of it are not "
        "revoked yet.",
    )


def loopback_address_configured(*, setting: str, address: str) -> Text:
    return Text(
        f"{setting} 是本机地址 {address}。", f"{setting} is the loopback address {address}."
    )


def make_file_private(path: Path) -> Text:
    return Text(f"请执行 chmod 600 {path}", f"Run: chmod 600 {path}")


def no_certificate_in_use(*, profile_zh: str, profile: str) -> Text:
    return Text(f"没有在用的{profile_zh}证书。", f"There is no {profile} certificate in use.")


def no_usable_certificate(service: Text) -> Text:
    return Text(
        f"{service.zh}没有密钥在此且有效的证书。",
        f"There is no valid certificate with its key here for {service.en}.",
    )


def ocsp_responder(issuer: str) -> Text:
    return Text(f"{issuer} 的 OCSP", f"the OCSP responder of {issuer}")


def oid_not_configured(setting: str) -> Text:
    return Text(
        f"未设置 ca.{setting}，证书中是文档示例 OID（RFC 5612）。",
        f"ca.{setting} is not set: an OID for documentation (RFC 5612) is stated.",
    )


def outside_crl(issuer: str) -> Text:
    return Text(f"“{issuer}”的证书撤销列表", f"The CRL of “{issuer}”")


def outside_crl_missing(issuer: str) -> Text:
    return Text(f"没有“{issuer}”的证书撤销列表。", f"There is no CRL of “{issuer}”.")


def own_crl(issuer: str) -> Text:
    return Text(f"{issuer} 的证书撤销列表", f"The CRL of {issuer}")


def own_crl_missing(issuer: str) -> Text:
    return Text(f"{issuer} 没有证书撤销列表。", f"{issuer} has no CRL.")


def passphrase_file_inside_home(setting: str) -> Text:
    return Text(f"口令文件 {setting} 在数据目录之内。", f"{setting} lies inside the home.")


def passphrase_file_missing(*, path: Path, setting: str) -> Text:
    return Text(f"没有口令文件 {path}。", f"There is no file {path} ({setting}).")


def passphrase_file_open_to_others(*, path: Path, setting: str) -> Text:
    return Text(f"口令文件 {path} 对他人可读。", f"{path} ({setting}) is open to others.")


def path_open_to_others(path: str) -> Text:
    return Text(f"“{path}”对他人开放。", f"“{path}” is open to others.")


def path_owned_by_another(*, path: str, owner: int) -> Text:
    return Text(
        f"“{path}”属于用户 {owner}，不是当前用户。",
        f"“{path}” belongs to user {owner}, not to who runs this.",
    )


def pki_url_mismatch(*, certificate_url: str, pki_url: str) -> Text:
    return Text(
        f"证书中写的是 {certificate_url}，而 service.pki_url 是 {pki_url}。",
        f"Certificates name {certificate_url}, but service.pki_url is {pki_url}.",
    )


def record_with_command(command: str) -> Text:
    return Text(f"运行 {command} 予以登记。", f"Run {command}, which records it.")


def restrict_permissions(*, mode: str, path: Path) -> Text:
    return Text(f"请执行 chmod {mode} {path}", f"Run: chmod {mode} {path}")


def revoke_escaped_certificate(serial: int) -> Text:
    return Text(
        f"若签名可能已流出，请撤销：xinyin ca revoke {serial:x} --reason …",
        f"Where its signature may have escaped, revoke it: xinyin ca revoke {serial:x} --reason …",
    )


def root_file_unreadable(name: str) -> Text:
    return Text(f"根证书文件“{name}”无法读取。", f"The root file “{name}” cannot be read.")


def root_not_pinned(name: str) -> Text:
    return Text(
        f"根证书“{name}”未固定为文件，其下的证照无法核验。",
        f"The root “{name}” is not pinned as a file: licences below it cannot be checked.",
    )


def run_command(command: str) -> Text:
    return Text(f"运行 {command}。", f"Run {command}.")


def sampled_objects_intact(count: int) -> Text:
    return Text(
        f"抽查 {count} 份，均完好（--full 检查全部）。",
        f"{count} looked at, all whole (--full looks at all).",
    )


def schema_incomplete(revision: str, missing: str) -> Text:
    return Text(
        f"数据库结构标为 {revision}，却缺少：{missing}。",
        f"The database's schema says {revision} and lacks: {missing}.",
    )


def schema_of_other_version(revision: str | None) -> Text:
    return Text(
        f"数据库结构（{revision}）不属于本版本。", f"The schema ({revision}) is not this version's."
    )


def schema_outdated(revision: str) -> Text:
    return Text(
        f"数据库结构较旧（{revision}）。", f"The database has an older schema ({revision})."
    )


def sign_new_root_crl(command: str) -> Text:
    return Text(
        f"不必停止服务。下次取出根密钥时签发新的列表：{command}（离线根见《运维指南》“离线根CA"
        "与密钥仪式”）；其编号会大于以往各份。",
        f"Nothing need stop. Sign a new one when the root's key is next at hand: {command} "
        "(an offline root: see “An offline root” in the operator's guide). Its number will "
        "be above all earlier ones.",
    )


def trust_list_summary(*, version: int, count: int, next_update: datetime) -> Text:
    return Text(
        f"信任列表第 {version} 版，{count} 项，有效至 {next_update:%Y-%m-%d}。",
        f"version {version} of the trust list, {counted(count, 'entry')}, holds until "
        f"{next_update:%Y-%m-%d}.",
    )


def trust_list_test_entries(count: int) -> Text:
    return Text(
        f"信任列表中有 {count} 项测试证书，不予认可。",
        f"Entries of the trust list for tests, which count for nothing here: {count}.",
    )


def tsa_certificate_ends_too_soon(count: int) -> Text:
    return Text(
        f"{count} 份即将到期，而时间戳证书的到期日不晚于这些文件。",
        f"{count} end soon, and the TSA's certificate lasts no longer.",
    )


def unreferenced_objects(count: int) -> Text:
    return Text(
        f"存储中有 {count} 个未被引用的文件。",
        f"{counted(count, 'stored object', 'is', 'are')} named by nothing.",
    )


def search_diverges(*, missing: int, differing: int) -> Text:
    return Text(
        f"查找索引与登记不一致：缺少 {missing} 份，内容不同 {differing} 份；这些证照可能查不到。",
        f"The index of the search does not agree with the register: {missing} missing, "
        f"{differing} different. These licences may not be found.",
    )


REINDEX: Final = Text(
    "请运行 xinyin database reindex。",
    "Run xinyin database reindex.",
)


CODE_KEYS_MISSING: Final = Text(
    "主目录缺少持证主体代码的密钥。", "The home lacks the keys of holders' codes."
)
CODE_KEYS_OTHER: Final = Text(
    "privacy/index.key 属于另一登记库。", "privacy/index.key is another register's."
)
BRING_CODE_KEYS_BACK: Final = Text(
    "从原主目录或备份取回 privacy 文件夹。",
    "Bring the folder privacy back from the home it was made in, or from a backup.",
)
SEAL_CODES: Final = Text("运行 xinyin privacy seal。", "Run xinyin privacy seal.")
ROTATE_CODES: Final = Text("运行 xinyin privacy rotate。", "Run xinyin privacy rotate.")
FINISH_ERASURES: Final = Text(
    "服务会自行完成，或运行 xinyin licence erase --due。",
    "The service finishes them by itself, or run xinyin licence erase --due.",
)
ERASE_DUE: Final = Text(
    "查看并删除：xinyin licence erase --due。", "Look and erase: xinyin licence erase --due."
)
RETENTION_NEEDS_FULL: Final = Text(
    "只查了部分证照；全部检查用 --full。", "Some licences were looked at; --full looks at all."
)


def codes_in_the_clear(count: int) -> Text:
    return Text(
        f"{count} 条记录的持证主体代码还未加密。",
        f"Records whose holders' codes are not sealed yet: {count}.",
    )


def codes_under_older_key(count: int) -> Text:
    return Text(
        f"{count} 条记录的代码用旧密钥加密。",
        f"Records whose codes are sealed under an older key: {count}.",
    )


def erasures_unfinished(count: int) -> Text:
    return Text(
        f"{count} 份证照的文件还未删完。", f"Erased licences whose files are not all gone: {count}."
    )


def erasures_due(count: int) -> Text:
    return Text(f"{count} 份证照已过留存期限。", f"Licences past their types' retention: {count}.")


NO_QUEUE_HERE: Final = Text("使用 SQLite，批量任务不经队列。", "SQLite: batches need no queue.")
START_ISSUING: Final = Text(
    "启动 xinyin serve --role issuing；已在运行的，查看其运行记录和定时任务 jobs。",
    "Start xinyin serve --role issuing; where it runs, look at its log and its duty jobs.",
)


def chunks_wait_for_nobody(waiting: int) -> Text:
    return Text(
        f"批量任务有 {waiting} 块待办，没有服务器在办理。",
        f"In the queue of batches, chunks that wait: {waiting}. No worker is alive.",
    )


def queue_is_served(*, waiting: int, workers: int) -> Text:
    return Text(
        f"待办 {waiting} 块，在办的工作进程 {workers} 个。",
        f"chunks that wait: {waiting}; workers alive: {workers}.",
    )


def store_answers(milliseconds: int) -> Text:
    return Text(f"可访问，{milliseconds} 毫秒内应答。", f"answers within {milliseconds} ms.")


def store_locks(lock: str) -> Text:
    return Text(f"可访问，保留版本，锁定期 {lock}。", f"answers, keeps versions, locks: {lock}.")
