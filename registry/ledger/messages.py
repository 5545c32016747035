"""Messages of `registry.ledger` in Chinese and English."""

from datetime import datetime
from pathlib import Path
from typing import Final

from core.text import Text, counted

DRAFT_UNREADABLE: Final = Text(
    "草稿无法读取。用 xinyin trust discard 丢弃它。",
    "The draft cannot be read. Drop it with: xinyin trust discard",
)
NO_CERTIFICATE_IN_REQUIRED_STATE: Final = Text(
    "证书台账中没有处于相应状态的这张证书。",
    "The ledger holds no such certificate in the state that this needs.",
)
NO_TRUST_LIST: Final = Text(
    "没有信任列表。先用 xinyin trust add 和 xinyin trust sign 制作。",
    "There is no trust list. Make one with: xinyin trust add, xinyin trust sign",
)
SERIAL_NUMBER_TAKEN: Final = Text(
    "证书序列号已被占用。", "That certificate serial number is taken."
)
STATUS_CHANGE_NOT_KEPT: Final = Text(
    "数据库没有保存证书状态的变更，证书状态未变。请检查数据库的触发器、规则与权限后重试。",
    "The database did not keep the change, so that the certificate stands as before. Look "
    "for triggers, rules and policies in the database, then try again.",
)


def directory_creation_failed(
    *, directory: Path, cause_zh: str, remedy: Text, strerror: str | None
) -> Text:
    return Text(
        f"无法建立目录“{directory}”：{cause_zh}。{remedy.zh}",
        f"Could not make the directory “{directory}”: {strerror}. {remedy.en}",
    )


def fingerprint_ambiguous(fingerprint: str) -> Text:
    return Text(
        f"有多张证书的指纹以“{fingerprint}”开头，请多写几位。",
        f"Several certificates' fingerprints begin with “{fingerprint}”: write more of it.",
    )


def fingerprint_not_listed(fingerprint: str) -> Text:
    return Text(
        f"列表中没有指纹以“{fingerprint}”开头的证书。",
        f"No certificate in the list has a fingerprint that begins with “{fingerprint}”.",
    )


def key_needed_for_crls(not_after: datetime) -> Text:
    return Text(
        f"此密钥的 CA 证书至 {not_after:%Y-%m-%d} 才到期，其间仍须签发证书撤销列表。",
        f"This key's CA certificate ends on {not_after:%Y-%m-%d}; until then the key is "
        "needed for CRLs.",
    )


def key_state_just_changed(key_id: str) -> Text:
    return Text(
        f"密钥“{key_id}”的状态刚被另一操作更改，未作改动。",
        f"The state of the key “{key_id}” was just changed by another; nothing was done.",
    )


def key_state_unsuitable(
    *, key_id: str, state_label: Text, wanted_zh: str, state: str, wanted_en: str
) -> Text:
    return Text(
        f"密钥“{key_id}”{state_label.zh}，此操作要求密钥{wanted_zh}。请用 xinyin key list 查看。",
        f"The key “{key_id}” is {state}; this needs {wanted_en}.",
    )


def key_used_by_active_ca(issuer: str) -> Text:
    return Text(
        f"签发CA“{issuer}”仍在使用此密钥。请先停用该签发CA。",
        f"The CA “{issuer}” is active and uses this key. Retire the CA first.",
    )


def root_file_unreadable(file_name: str) -> Text:
    return Text(
        f"无法读取根证书文件“{file_name}”。",
        f"Could not read the root certificate file “{file_name}”.",
    )


def signers_file_unreadable(*, path: str, cause_zh: str, strerror: str | None) -> Text:
    return Text(f"无法读取“{path}”：{cause_zh}。", f"Could not read “{path}”: {strerror}.")


def validity_out_of_range(max_days: int) -> Text:
    return Text(
        f"有效期须在 1 到 {max_days} 天之间（ETSI TS 119 612 5.3.15）。",
        f"It may hold for 1 to {counted(max_days, 'day')} (ETSI TS 119 612 5.3.15).",
    )


def wrong_trust_list_file(problem: Text) -> Text:
    return Text(
        f"{problem.zh}请先恢复正确的列表文件，或移走它。",
        f"{problem.en} Put the right list file in its place first, or move it away.",
    )
