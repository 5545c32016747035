"""Messages of `signing.trust` in Chinese and English."""

from datetime import datetime
from typing import Final

from core.text import Text

LIST_OF_LISTS: Final = Text(
    "是列表的列表，请导入各国自己的列表", "a list of lists: import the lists that it names"
)
LIST_SIGNER_MISMATCH: Final = Text(
    "签名无效，或不是由所给的证书签署", "not signed by the given certificate"
)
NOT_TRUSTED_LIST: Final = Text("不是受信任列表", "not a trusted list")
NOT_TRUST_LIST_FILE: Final = Text(
    "这不是信任列表文件，或其内容与所签署的不一致。",
    "This is no trust list file, or it holds something beside what was signed.",
)
NO_GRANTED_SERVICE: Final = Text("没有可用的合格服务", "no granted service that could be taken")
NO_READABLE_CERTIFICATE: Final = Text(
    "文件中没有一张可读的证书（DER 或 PEM）。",
    "The file holds no certificate that can be read (DER or PEM).",
)
OPERATOR_NAME_MISSING: Final = Text("没有运营者名称", "without its operator's name")
SEQUENCE_NUMBER_MALFORMED: Final = Text("序号有误", "with a malformed number")
SIGNATURE_COVERAGE_PARTIAL: Final = Text(
    "签名没有覆盖整个列表", "its signature does not cover the list"
)
TIME_MALFORMED: Final = Text("时间有误", "with a malformed time")
TOO_LARGE_OR_DTD: Final = Text("过大，或含有 DTD", "too large, or with a DTD")
TS_119_612_VIOLATED: Final = Text("内容不符合 TS 119 612", "not as TS 119 612 has it")


def ca_certificate_required(subject: str) -> Text:
    return Text(
        f"“{subject}”不是 CA 证书。只有时间戳服务可以列入非 CA 证书。",
        f"“{subject}” is no CA's certificate. Only a time-stamping unit may be listed by one "
        "that is not.",
    )


def list_expired(next_update: datetime) -> Text:
    return Text(
        f"已于 {next_update:%Y-%m-%d} 过期，请取得最新的列表",
        f"expired on {next_update:%Y-%m-%d}: get the current one",
    )


def list_not_importable(problem: Text) -> Text:
    return Text(f"此列表不能导入：{problem.zh}。", f"This list cannot be imported: {problem.en}.")


def list_part_missing(part: str) -> Text:
    return Text(f"缺少 {part}", f"without {part}")
