"""Messages of `ca.validation` in Chinese and English."""

from datetime import datetime
from typing import Final

from core.text import Text

CERTIFICATE_OF_ANOTHER_SEAL: Final = Text(
    "这不是此印章的证书。", "That is not this seal's certificate."
)
OUTSIDE_CA_DENIES_CERTIFICATE: Final = Text(
    "外部 CA 称此证书已撤销或未知，不能用于签章。",
    "The CA outside says that this certificate is revoked or unknown; it may not seal.",
)
ROOT_CRL_OR_OCSP_EXPIRED: Final = Text(
    "根 CA 的证书撤销列表或 OCSP 证书已过期，现在续期没有意义。请先签发新的，见 xinyin doctor。",
    "The root's CRL or the OCSP responder's certificate has ended; renewing now would prove "
    "nothing. Sign new ones first; see xinyin doctor.",
)
PERSON_CERTIFICATE_OUT_OF_VALIDITY: Final = Text(
    "签名人的证书已过期或尚未生效，不能用于签名。请重新登录并申领证书。",
    "The signer's certificate has ended or is not yet valid, and may not sign. Sign in anew and "
    "have one issued.",
)
PERSON_CERTIFICATE_UNUSABLE: Final = Text(
    "签名人的证书已撤销或未登记，不能用于签名。",
    "The signer's certificate is revoked or not on record, and may not sign.",
)
SEAL_ON_HOLD: Final = Text(
    "此印章已暂停使用，没有签章。请先恢复印章（xinyin seal reinstate），再办理一次。",
    "This seal is suspended, and nothing was sealed. Have it reinstated (xinyin seal reinstate), "
    "then do this again.",
)
SEAL_CERTIFICATE_UNUSABLE: Final = Text(
    "此印章证书已撤销或未登记，不能用于签章。请为该机构换发印章证书。",
    "This seal's certificate is revoked or not on record and may not seal. Issue the "
    "authority a new one.",
)
TSA_CERTIFICATE_CHANGED: Final = Text(
    "时间戳服务更换了证书，没有签章。请重试。",
    "The time-stamping unit has another certificate now; nothing was sealed. Try again.",
)


def no_root_crl_yet(issuer: str) -> Text:
    return Text(
        f"还没有根“{issuer}”的证书撤销列表。", f"There is no CRL of the root “{issuer}” yet."
    )


def no_such_outside_ca(ca_id: str) -> Text:
    return Text(f"未登记外部 CA“{ca_id}”。", f"There is no CA “{ca_id}” outside on record.")


def root_crl_expired(*, name: str, end: datetime, issuer: str) -> Text:
    return Text(
        f"根“{name}”的证书撤销列表已于 {end:%Y-%m-%d %H:%M} UTC 到期，未作签章：此时所盖的章将"
        f"始终缺少证明。根密钥在此时运行 xinyin ca crl --issuer {issuer}；根在别处时由它签发新"
        "的，再用 xinyin ca import 导入。确有急需可用 --level B-T 降级签章。",
        f"The CRL of the root “{name}” ended on {end:%Y-%m-%d %H:%M} UTC, so nothing was "
        "sealed: the seal would lack its proof for ever. Where the root's key is here, run "
        f"xinyin ca crl --issuer {issuer}; where it is elsewhere, have it sign a new one and "
        "take that in with xinyin ca import. If it cannot wait, --level B-T seals at a lower "
        "level.",
    )


def service_answer_unusable(detail: str) -> Text:
    return Text(
        f"服务的应答不可用（{detail}），没有签章。请检查该服务和本机时间。",
        f"A service's answer cannot be used ({detail}); nothing was sealed. Check that "
        "service and this machine's clock.",
    )
