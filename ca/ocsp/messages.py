"""Messages of `ca.ocsp` in Chinese and English."""

from typing import Final

from core.text import Text

OCSP_CERTIFICATE_OUT_OF_VALIDITY: Final = Text(
    "OCSP 响应证书不在有效期内。请执行 xinyin ca renew。",
    "The OCSP responder's certificate is not within its validity. Run xinyin ca renew.",
)
OCSP_COUNTS_NOT_WRITTEN: Final = Text(
    "OCSP 应答数长时间无法写入审计，暂停签发应答。请检查数据库。",
    "The numbers of OCSP answers could not be written to the audit for too long, so none is "
    "signed. Check the database.",
)
OCSP_KEY_MISMATCH: Final = Text(
    "OCSP 密钥与其证书不符。", "The OCSP key does not belong to its certificate."
)
