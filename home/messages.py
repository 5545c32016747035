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


def identity_file_malformed(path: str) -> Text:
    return Text(
        f"无法读取“{path}”，或它不是 TOML。请对照文档修改。",
        f"“{path}” cannot be read, or is no TOML. Compare it with the guide.",
    )


def identity_setting_wrong(*, path: str, key: str, what: str) -> Text:
    return Text(
        f"“{path}”中的 {key} 不能成立（{what}）。", f"{key} in “{path}” cannot hold: {what}."
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
