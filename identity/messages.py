"""Messages of `identity` in Chinese and English."""

from core.text import Text


def insecure_address(address: str) -> Text:
    return Text(
        f"身份服务的地址“{address}”不安全。请用不带用户名和片段的 https:// 地址。",
        f"The identity provider's address “{address}” is not secure. Use an https:// address "
        "without user name or fragment.",
    )
