"""Messages of `ca.ceremony` in Chinese and English."""

from typing import Final

from core.text import Text, counted

PKI_URL_HOME_MISMATCH: Final = Text(
    "仪式文件的 pki_url 与数据目录的不同。", "The ceremony's pki_url is not the home's."
)
REQUEST_NEEDED: Final = Text(
    "须有 request：离线根CA不保管签发CA的密钥",
    "needs a request: an offline root does not keep issuing CAs' keys",
)
REQUEST_PKI_URL_DIFFERS: Final = Text("申请中的 pki_url 不同", "the request has another pki_url")
REQUEST_SHA256_NEEDED: Final = Text(
    "须写明 request_sha256，由审阅者核对", "needs request_sha256: those who review compare it"
)
REVOCATIONS_DIFFER_FROM_REQUEST: Final = Text(
    "revoke 与申请所列不一致", "does not revoke what its request lists"
)
ROOT_CROSS_CERTIFIES_ITSELF: Final = Text("根不能为自己交叉认证", "names one root twice")
STEP_REPEATED: Final = Text("与前面的一步重复", "repeats an earlier step")
TRANSCRIPT_ALTERED: Final = Text(
    "与其条目不符，被改动过", "is not what its entries make: it was changed"
)
TRANSCRIPT_CLOSED: Final = Text("已结束，不能再添加", "is closed; nothing can be added")
TRANSCRIPT_LINE_NOT_PRINTABLE: Final = Text(
    "中的内容须为可显示的一行文字", "holds one printable line a fact, no more"
)
TRANSCRIPT_NOT_UTF8: Final = Text("不是 UTF-8 文本", "is not UTF-8 text")


def ceremony_file_differs(directory_name: str) -> Text:
    return Text(
        f"仪式“{directory_name}”是按另一个文件开始的；文件被改动过，或标识已用过。",
        f"The ceremony “{directory_name}” was begun with another file: it was changed since, "
        "or the id was used before.",
    )


def ceremony_not_runnable(*, path_name: str, reason: Text) -> Text:
    return Text(
        f"仪式文件“{path_name}”不能执行：{reason.zh}。",
        f"The ceremony “{path_name}” cannot be run: {reason.en}.",
    )


def entry_file_name_wrong(number: int) -> Text:
    return Text(f"第 {number} 条所记文件名不正确。", f"Entry {number} names a file wrongly.")


def file_entry_mismatch(*, file_name: str, number: int) -> Text:
    return Text(
        f"文件“{file_name}”不是第 {number} 条所记录的文件。",
        f"The file “{file_name}” is not the one that entry {number} describes.",
    )


def file_too_large(path_name: str) -> Text:
    return Text(f"“{path_name}”过大。", f"“{path_name}” is too large.")


def file_unreadable(*, path_name: str, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法读取“{path_name}”：{cause_zh}。", f"Could not read “{path_name}”: {strerror}."
    )


def no_such_ca(name: str) -> Text:
    return Text(f"没有签发CA“{name}”", f"there is no CA “{name}”")


def no_such_root(name: str) -> Text:
    return Text(f"没有根“{name}”", f"there is no root “{name}”")


def profile_refuses_algorithm(*, profile: str, algorithm: str) -> Text:
    return Text(
        f"“{profile}”证书不用算法 {algorithm}。",
        f"A certificate of the profile “{profile}” does not take {algorithm}.",
    )


def request_for_another_ca(issuer: str) -> Text:
    return Text(
        f"申请不是为“{issuer}”申请证书", f"its request does not ask for a certificate of “{issuer}”"
    )


def size_limit_exceeded(max_file_bytes: int) -> Text:
    return Text(f"超过 {max_file_bytes} 字节", f"over {counted(max_file_bytes, 'byte')}")


def step_declined(number: int) -> Text:
    return Text(
        f"第 {number} 步未获同意。以前各步保留，可用同一文件继续。",
        f"Step {number} was not agreed to. What was done before stays; run the same file to "
        "continue.",
    )


def step_not_possible(*, number: int, reason: Text) -> Text:
    return Text(
        f"仪式文件的第 {number} 步不能执行：{reason.zh}。",
        f"Step {number} of the ceremony cannot be done: {reason.en}.",
    )


def step_result_exists(number: int) -> Text:
    return Text(
        f"第 {number} 步要建立的 CA 已存在，未作改动。",
        f"What step {number} is to make is there already; nothing was changed.",
    )


def transcript_chain_broken(number: int) -> Text:
    return Text(
        f"的第 {number} 条被改动、移动或其前有条目被删除",
        f"was changed: entry {number} does not follow from what precedes it",
    )


def transcript_malformed(heading: str) -> Text:
    return Text(f"的“{heading}”格式不正确", f"is malformed at “{heading}”")


def transcript_too_large(max_bytes: int) -> Text:
    return Text(f"超过 {max_bytes} 字节", f"has over {counted(max_bytes, 'byte')}")


def transcript_unusable(reason: Text) -> Text:
    return Text(f"仪式记录{reason.zh}。", f"The transcript {reason.en}.")
