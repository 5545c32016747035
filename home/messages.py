"""Messages of `home` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text

CA_OPERATOR_NOT_CONFIGURED: Final = Text(
    "请在 xinyin.toml 的 [ca] 中写明 organization 和 uscc。",
    "Say under [ca] in xinyin.toml who runs the CA: organization and uscc.",
)
NO_ACTIVE_ISSUING_CA: Final = Text("还没有启用的签发CA。", "No issuing CA is in use yet.")
REHEARSAL_NEEDS_LOCAL_DATABASE: Final = Text(
    "数据目录的数据库在别处，不能在此预演；请用 --root 指定离线根CA的目录。",
    "The home's database is elsewhere and cannot be copied for a rehearsal; name an offline "
    "root's directory with --root.",
)
ROOT_PASSPHRASE_NOT_APPLICABLE: Final = Text(
    "根密钥与其他密钥在同一令牌，由同一 PIN 打开：--root-passphrase-file 和 "
    "--root-passphrase-fd 不起作用，请去掉；要分开保管，请设 keys.root_uri。",
    "The root's key is on the token of the others and opened by the same PIN: "
    "--root-passphrase-file and --root-passphrase-fd would do nothing, leave them out. To "
    "keep it apart set keys.root_uri.",
)
JOURNAL_IS_OWN: Final = Text("恢复日志由本机专用。", "the journal is this machine's own.")
SHARE_FURTHEST: Final = Text(
    "在副本最新的服务器上运行 xinyin journal share。",
    "Run xinyin journal share on the machine whose copy goes furthest.",
)
MEND_IDENTITY_FILE: Final = Text(
    "请改正 identity.toml，再重新启动颁发服务。",
    "Correct identity.toml, then start the issuing service anew.",
)
FILES_ARE_CONFINED: Final = Text(
    "读取外来文件的进程由内核约束（seccomp）。服务在容器中或由 systemd 运行时，"
    "以其指标 xinyin_sandbox_confined 为准。",
    "The kernel confines what reads files of others (seccomp). Of a service in a container or "
    "under systemd its own metric tells, xinyin_sandbox_confined.",
)
LET_THE_KERNEL_CONFINE: Final = Text(
    "核验和公文接收因此停用。请让运行环境允许 prctl(PR_SET_SECCOMP)；"
    '没有这一机制的系统，可设 sandbox.confinement = "prefer"，自担风险。',
    "Nothing is judged or taken in therefore. Let whoever runs the service allow "
    'prctl(PR_SET_SECCOMP); on a system without it set sandbox.confinement = "prefer", at your '
    "own risk.",
)
PREFERRED_ONLY: Final = Text(
    "只有资源限额约束这些进程：攻破解析器的文件，可以做本账户能做的事。"
    '请换用有 seccomp 的系统，再设 sandbox.confinement = "require"。',
    "Limits of resources alone hold those processes: a file that takes the parser over may do what "
    'this account may. Move to a system with seccomp, then set sandbox.confinement = "require".',
)
NOBODY_SIGNS_IN: Final = Text(
    "没有 identity.toml：无人登录，一切由本机操作员办理。",
    "No identity.toml: nobody signs in, and the local operator does everything.",
)


def journal_copy(own: int, known: int) -> Text:
    return Text(
        f"本机副本到第 {own} 条，共用的到第 {known} 条（用到时自动补齐）。",
        f"this machine's copy ends at entry {own}, the shared one at {known} (a copy catches up "
        "when it is used).",
    )


def account_not_operator(account: str) -> Text:
    return Text(
        f"账户“{account}”不是此数据目录的操作员。请用建立数据目录的账户运行。",
        f"The account “{account}” is not the operator of this home. Use the one that made it.",
    )


def ceremony_keys_invalid(keys: str) -> Text:
    return Text(
        f"仪式文件的 keys 不正确：{keys}。", f"keys in the ceremony's file cannot hold: {keys}."
    )


def directory_lacks_ledger(*, directory: Path, ledger_file: str) -> Text:
    return Text(
        f"“{directory}”不是空目录，却没有 {ledger_file}。请用空目录，或从备份恢复。",
        f"“{directory}” is not empty and has no {ledger_file}. Name an empty directory, or "
        "restore it.",
    )


def group_of_unknown_authority(group: str, authority: str) -> Text:
    return Text(
        f"identity.toml 中组“{group}”所指的机构“{authority}”没有登记。",
        f"The group “{group}” in identity.toml names the authority “{authority}”, which is not on "
        "record.",
    )


def files_are_not_confined(why: str) -> Text:
    return Text(
        f"内核不能约束读取外来文件的进程（{why}）。",
        f"The kernel does not confine what reads files of others ({why}).",
    )


CODE_KEYS_LOST: Final = Text(
    "本登记库的持证主体代码已加密，但主目录中没有密钥。请从原主目录或备份取回 privacy "
    "文件夹（所有者专用）；没有它，代码读不出来，也不能再颁发。",
    "The codes of holders in this register are sealed, and the home lacks the keys. Bring the "
    "folder privacy back from the home it was made in, or from a backup, for its owner alone; "
    "without it no code can be read and nothing more be granted.",
)
OTHER_CODE_INDEX: Final = Text(
    "privacy/index.key 不是本登记库的代码索引密钥：用它会把每个持证主体都当作新的。"
    "请从原主目录或备份取回 privacy 文件夹。",
    "privacy/index.key is not the key of this register's index of codes: with it every holder "
    "would be taken for a new one. Bring the folder privacy back from the home it was made in, or "
    "from a backup.",
)


def code_keys_unreadable(directory: Path) -> Text:
    return Text(
        f"无法读取“{directory}”：持证主体代码的密钥在其中。",
        f"“{directory}” cannot be read: the keys of holders' codes are in it.",
    )
