"""Messages of `signing.sealing` in Chinese and English."""

from typing import Final

from core.text import Text, counted

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
