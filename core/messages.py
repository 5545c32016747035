"""Messages of `core` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

PERMISSION_MISSING: Final = Text(
    "没有办理此事的权限，未作改动。请由有权的人员办理。",
    "There is no right to do this; nothing was changed. Ask somebody who has it.",
)
HTTP_ADDRESS_NEEDED: Final = Text(
    "须为 http(s) 地址，不带查询串", "must be an http(s) address without a query"
)
STORE_NEEDS_TLS: Final = Text(
    "须为 https 地址；只有本机地址可用 http",
    "must be https; http is for this machine’s own addresses",
)


def file_delete_failed(*, path: Path, cause_zh: str, remedy: Text, strerror: str | None) -> Text:
    return Text(
        f"无法删除文件“{path}”：{cause_zh}。{remedy.zh}",
        f"Could not delete the file “{path}”: {strerror}. {remedy.en}",
    )


def file_write_failed(*, path: Path, cause_zh: str, remedy: Text, strerror: str | None) -> Text:
    return Text(
        f"无法写入文件“{path}”：{cause_zh}。{remedy.zh}",
        f"Could not write the file “{path}”: {strerror}. {remedy.en}",
    )


def home_not_initialized(home: Path) -> Text:
    return Text(
        f"“{home}”还不是信印的数据目录。请先运行 xinyin init；在别处的，用 --home 或 XINYIN_HOME "
        "指明。",
        f"“{home}” is not a home of Xinyin yet. Run xinyin init first, or name the one that is "
        "elsewhere by --home or XINYIN_HOME.",
    )


def post_quantum_needs_software_keys(source: str) -> Text:
    return Text(
        f"{source} 中的 ca.algorithms 不能为 ml-dsa：后量子密钥目前只能用软件密钥（keys.uri = "
        "software:），尚无可用的 PKCS#11 机制。",
        f"ca.algorithms in {source} cannot be ml-dsa: post-quantum keys are software keys "
        "(keys.uri = software:) for now; no PKCS#11 mechanism that we could test has them.",
    )


def restore_unfinished(home: Path) -> Text:
    return Text(
        f"恢复到“{home}”的过程未完成。请删除该目录（PostgreSQL 数据库也要清空），再重新执行 "
        "xinyin restore。",
        f"A restore into “{home}” was cut off or still runs. Delete that directory (and empty "
        "the PostgreSQL database), then run xinyin restore again.",
    )


def secret_file_exposed(path: Path) -> Text:
    return Text(
        f"机密文件“{path}”对他人可读。请执行 chmod 600。",
        f"The secret file “{path}” is open to others. Run chmod 600 on it.",
    )


def secret_file_too_large(*, path: Path, max_secret_bytes: int) -> Text:
    return Text(
        f"机密文件“{path}”超过 {max_secret_bytes} 字节。",
        f"The secret file “{path}” is larger than {counted(max_secret_bytes, 'byte')}.",
    )


def secret_file_unreadable(*, path: Path, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法读取机密文件“{path}”：{cause_zh}。",
        f"Could not read the secret file “{path}”: {strerror}.",
    )


def setting_invalid(*, place: str, key: str, fault_zh: str, fault_en: str) -> Text:
    return Text(
        f"{place} 中的 {key} 不正确：{fault_zh}。", f"{key} in {place} cannot hold: {fault_en}"
    )


def toml_malformed(*, path: Path, error: object) -> Text:
    return Text(f"“{path}”不是正确的 TOML（{error}）。", f"Could not read “{path}”: {error}")


def no_network(value: str) -> Text:
    return Text(
        f"其中的“{value}”不是 IP 地址或网络",
        f"holds “{value}”, which is no IP address or network",
    )
