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
MEND_IDENTITY_FILE: Final = Text(
    "请改正 identity.toml，再重新启动颁发服务。",
    "Correct identity.toml, then start the issuing service anew.",
)
ALIAS_OF_OUR_OWN: Final = Text(
    "local 和 break-glass 由本系统占用，请另取名称",
    "local and break-glass are aliases of our own; choose another one",
)
CLIENT_OF_ITS_OWN: Final = Text(
    "须是单独登记的客户端，不能与 client_id、command_line_client 相同或为空",
    "must be a client of its own: neither empty, nor client_id or command_line_client",
)
GROUP_SAYS_WHERE: Final = Text(
    "须写明 authority（机构），或 everywhere = true，二者取一",
    "a group names authority, or everywhere = true, and not both",
)
HTTPS_NEEDED: Final = Text(
    "须为 https:// 地址；身份服务在本机的，可用 http://127.0.0.1 并设 plain_loopback = true",
    "must be an https:// address; for a provider on this machine http://127.0.0.1 will do with "
    "plain_loopback = true",
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
KEY_ID_NEEDED: Final = Text(
    "用 client_key_file 时，须写明它在身份服务登记的 kid",
    "must be said with client_key_file: the kid under which it is registered",
)
LOCAL_STAYS_LOCAL: Final = Text(
    "本地账户只供单机使用，而 public_url 不是本机地址。请写明身份服务（[[providers]]），"
    "或设 beyond_this_machine = true",
    "local accounts are for one machine, and public_url is not loopback: name a provider "
    "([[providers]]), or set beyond_this_machine = true",
)
NOBODY_CAN_SIGN_IN: Final = Text(
    "没有人能登录。请写明身份服务（[[providers]]），或在 [local] 中设 accounts = true",
    "nobody could sign in: name a provider ([[providers]]), or set accounts = true under [local]",
)
NO_ORIGIN: Final = Text(
    "须为 https:// 加主机名，不带路径（本机可用 http://）",
    "must be https:// and a host, without a path (http:// on this machine)",
)
NO_SUCH_PROVIDER: Final = Text(
    "没有这个 alias 的身份服务（[[providers]]）", "is the alias of no provider ([[providers]])"
)
ONE_CLIENT_KEY: Final = Text(
    "须写明 client_key 或 client_key_file，二者取一",
    "a provider has client_key, or client_key_file, and not both",
)
OPENID_NEEDED: Final = Text("须含 openid", "must hold openid")
TWO_PROVIDERS: Final = Text(
    "与另一身份服务相同，两者不能相同", "is another provider's; no two providers have the same"
)
NOBODY_SIGNS_IN: Final = Text(
    "没有 identity.toml：无人登录，一切由本机操作员办理。",
    "No identity.toml: nobody signs in, and the local operator does everything.",
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


def client_key_unusable(alias: str) -> Text:
    return Text(
        f"身份服务“{alias}”的客户端密钥无法使用：须为未加密的 PEM 私钥（P-256、P-384 或 RSA-2048"
        " 以上）。",
        f"The client key of the identity provider “{alias}” cannot be used: it must be an "
        "unencrypted PEM private key (P-256, P-384, or RSA of 2048 bits or more).",
    )


def identity_file_malformed(path: str, line: int | None, column: int | None) -> Text:
    """Say that a file is no TOML, and where it stops to be, if that is known."""
    zh = "" if line is None else f"（第 {line} 行第 {column} 列）"
    en = "" if line is None else f" at line {line}, column {column}"
    return Text(
        f"“{path}”不是 UTF-8 的 TOML{zh}。请对照《运维指南》的示例改正此处。",
        f"“{path}” is no TOML in UTF-8{en}. Correct it there; the operator's guide has a sample.",
    )


def identity_file_too_large(path: str, limit: int) -> Text:
    return Text(
        f"“{path}”超过 {limit // 1024} KiB。请精简。",
        f"“{path}” is larger than {limit // 1024} KiB. Make it shorter.",
    )


def identity_file_unreadable(*, path: str, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法读取“{path}”：{cause_zh}。请检查文件和权限。",
        f"“{path}” cannot be read: {strerror}. Check the file and its mode.",
    )


def identity_setting_wrong(
    *, path: str, line: int | None, table: str, key: str, why_zh: str, why_en: str
) -> Text:
    """Name the place of a setting that cannot hold: line, table and key, as far as known."""
    named = " ".join(one for one in (table, key) if one) or "-"
    zh = "" if line is None else f"第 {line} 行，"
    en = "" if line is None else f", line {line}"
    return Text(
        f"“{path}”：{zh}{named}：{why_zh.rstrip('。')}。",
        f"“{path}”{en}: {named}: {why_en.rstrip('.')}.",
    )


def identity_file_writable(path: str) -> Text:
    return Text(
        f"“{path}”可被他人修改，而它决定谁有权办理。请运行 chmod go-w。",
        f"“{path}” can be changed by others, and it says who may do what. Run chmod go-w on it.",
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
