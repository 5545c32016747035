"""Messages of `home.identity` in Chinese and English."""

from typing import Final

from core.text import Text

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
