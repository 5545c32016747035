"""Messages of `ca` in Chinese and English."""

from core.text import Text


def ca_not_certified_yet(issuer: str) -> Text:
    return Text(f"签发CA“{issuer}”还没有证书。", f"The CA “{issuer}” has no certificate yet.")


def pki_url_unusable(pki_url: str) -> Text:
    return Text(
        f"证书服务地址“{pki_url}”不可用：须为 http:// 开头、不含参数的地址（RFC 5280 第 8 节："
        "撤销信息不经 HTTPS 发布）。",
        f"The PKI address “{pki_url}” cannot be used: it must start with http:// and have no "
        "query (RFC 5280 8: revocation data is not published over HTTPS).",
    )
