"""Messages of `signing` in Chinese and English."""

from datetime import datetime
from typing import Final

from core.text import Text, counted

CONTROL_CHARACTERS_IN_PROPERTIES: Final = Text(
    "文件属性中含有控制字符，无法写入。请更正证照名称或颁发机构名称。",
    "The document's properties hold control characters. Mend the names that they are made from.",
)
LIST_OF_LISTS: Final = Text(
    "是列表的列表，请导入各国自己的列表", "a list of lists: import the lists that it names"
)
LIST_SIGNER_MISMATCH: Final = Text(
    "签名无效，或不是由所给的证书签署", "not signed by the given certificate"
)
NOTHING_TO_RENEW: Final = Text(
    "存档文件中没有可以延续的签名或时间戳。",
    "The archived file holds no signature or timestamp to be renewed.",
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
NOT_A_PERSONS_CERTIFICATE: Final = Text(
    "此证书不是个人的签名证书，不能用于签名人签名。",
    "This certificate is not one of a person's, for signatures: an officer cannot sign with it.",
)
PERSON_NEEDS_VALIDATION_DATA: Final = Text(
    "有签名人签名的证照须带验证数据：请使用 B-LT 或 B-LTA 级别。",
    "A licence that an officer signs carries its validation data: use level B-LT or B-LTA.",
)
PERSON_SIGNATURE_MISMATCH: Final = Text(
    "签名不成立：不是用该证书的密钥对这份文件所签。没有保存。请重新签名。",
    "The signature does not hold: it was not made over this document with the key of this "
    "certificate. Nothing was kept. Sign again.",
)
SEAL_KEY_MISMATCH: Final = Text(
    "密钥不是此印章的密钥。", "The key is not the one of this seal's certificate."
)
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


def page_structure_unsuitable(why: str) -> Text:
    return Text(
        f"版式文件的结构不适合加盖印章：{why}。",
        f"The page is not built in the way that sealing needs: {why}.",
    )


def page_not_to_be_signed(why: str) -> Text:
    return Text(
        f"这份文件不是待签名的证照，请勿签名：{why}。",
        f"This is no licence that waits for a signature; do not sign it: {why}.",
    )


def qr_code_too_long(*, count: int, capacity: int) -> Text:
    return Text(
        f"二维码内容长 {count} 字节，超过 {capacity} 字节。请使用较短的核验网址。",
        f"The QR code's text has {counted(count, 'byte')}, more than {capacity}. Use a shorter "
        "verification address.",
    )


def seal_read_aloud(authority: str) -> Text:
    return Text(f"{authority}的电子印章。", f"Electronic seal of {authority}.")


def seal_design_invalid(*, min_diameter: float, max_diameter: float) -> Text:
    return Text(
        f"印章需有名称，直径应在 {min_diameter:g} 至 {max_diameter:g} 毫米之间。",
        f"A seal needs a name and a diameter of {min_diameter:g} to {max_diameter:g} mm.",
    )


def signature_exceeds_reserved_space(*, count: int, reserved: int) -> Text:
    return Text(
        f"签名占 {count} 字节，超过预留的 {reserved} 字节。时间戳服务的证书链可能已更换，请重"
        "新启动服务后重试。",
        f"The signature takes {counted(count, 'octet')}, with {reserved} reserved. The "
        "timestamping chain may have changed; restart the service and try again.",
    )
