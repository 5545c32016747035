"""Messages of `ca.hierarchy` in Chinese and English."""

from typing import Final

from core.text import Text

CERTIFICATE_OF_ANOTHER_HIERARCHY: Final = Text(
    "此证书不是由本体系的签发CA签发的。",
    "This certificate was not issued by a CA of this hierarchy.",
)
ISSUING_CA_CERTIFICATE_PENDING: Final = Text(
    "签发CA的密钥已生成，正等待根签发其证书，或尚未启用。根签发后请用 xinyin ca import 导入（"
    "申请见 xinyin ca request）。",
    "The issuing CA's key is made; it waits for its certificate, or to be put to use. Once "
    "the root has signed, take that in with xinyin ca import (xinyin ca request writes the "
    "request again).",
)
NO_SUCH_SERVICE_CERTIFICATE: Final = Text(
    "申请的证书类型有误。", "No service has such a certificate."
)
REQUEST_ID_MISMATCH: Final = Text(
    "申请的编号与其公钥不符：登记库中的申请被改动过。",
    "The request's id is not of its key: it was altered in the register.",
)


def ca_not_certified_yet(issuer: str) -> Text:
    return Text(
        f"签发CA“{issuer}”还没有证书，不能启用。",
        f"The CA “{issuer}” has no certificate yet and cannot be put to use.",
    )


def ca_retired(issuer: str) -> Text:
    return Text(
        f"签发CA“{issuer}”已停用，不再签发证书。",
        f"The CA “{issuer}” is retired and issues nothing any more.",
    )


def certificate_key_missing(*, issuer: str, purpose_words: Text, purpose: str) -> Text:
    return Text(
        f"这里没有“{issuer}”的{purpose_words.zh}证书所对应的密钥。",
        f"The key of the {purpose} certificate of “{issuer}” is not here.",
    )


def hierarchy_not_founded(*, profile_zh: str, profile: str) -> Text:
    return Text(
        f"证书体系尚未建立：缺少{profile_zh}证书。请执行（或再次执行）xinyin init。",
        f"The hierarchy is not founded: the “{profile}” certificate is missing. Run xinyin "
        "init (again).",
    )


def no_such_ca(issuer: str) -> Text:
    return Text(f"没有签发CA“{issuer}”。", f"There is no CA “{issuer}”.")


def no_such_issuing_ca(issuer: str) -> Text:
    return Text(f"没有签发CA“{issuer}”。", f"There is no issuing CA “{issuer}”.")


def no_usable_certificate(*, profile_zh: str, profile: str) -> Text:
    return Text(
        f"没有可用的{profile_zh}证书：从未签发，或已撤销、暂停。请执行 xinyin ca renew（尚未建"
        "立完成的，再次执行 xinyin init）。",
        f"There is no “{profile}” certificate in use: it was never made, or is revoked or "
        "held. Run xinyin ca renew (xinyin init again, where that was cut off).",
    )


def request_key_not_vouched(*, service_zh: str, service: str) -> Text:
    return Text(
        f"没有在用的{service_zh}密钥为申请的密钥担保：申请可能是他人放入登记库的。如在用密钥已"
        "丢失，请先撤销其证书，再执行 xinyin ca renew --force-renewal。",
        f"No “{service}” key in use vouches for the one in the request, which others may have "
        "put into the register. If the keys in use are lost, revoke their certificates, then "
        "run xinyin ca renew --force-renewal.",
    )


def service_name_unknown(*, service_zh: str, service: str) -> Text:
    return Text(
        f"从未有过{service_zh}证书，无从得知其名称。请执行 xinyin init。",
        f"The service “{service}” never had a certificate, so its name is not known. Run "
        "xinyin init.",
    )
