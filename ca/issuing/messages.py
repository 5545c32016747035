"""Messages of `ca.issuing` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CA_CERTIFICATE_NOT_HOLDABLE: Final = Text(
    "签发CA的证书不能暂停，只能撤销。", "A CA's certificate cannot be put on hold, only revoked."
)
CERTIFICATE_ALREADY_ON_HOLD: Final = Text(
    "该证书已处于暂停状态，未作改动。", "The certificate is on hold already; nothing was changed."
)
CERTIFICATE_ALREADY_REVOKED: Final = Text(
    "该证书已撤销，撤销后不能恢复，日期不可更改；只能改为密钥泄露（keyCompromise），或把密钥"
    "可疑起始时间提前。",
    "The certificate is revoked already. A revocation is not undone and its date does not "
    "move; it can only become keyCompromise, or get an earlier invalidity date.",
)
CERTIFICATE_NOT_ON_HOLD: Final = Text(
    "该证书没有被暂停；撤销后不能恢复。",
    "The certificate is not on hold; a revocation cannot be undone.",
)
CERTIFICATE_SIGNATURE_INVALID: Final = Text(
    "签出的证书签名无效，未予登记。请检查密钥存储。",
    "The signature on the certificate does not hold; it was not recorded. Check the key store.",
)
CRL_SIGNATURE_INVALID: Final = Text(
    "签出的证书撤销列表签名无效，未予登记。请检查密钥存储。",
    "The signature on the CRL does not hold; it was not recorded. Check the key store.",
)
CSR_UNREADABLE: Final = Text(
    "无法读取，或其密钥、算法不受支持", "cannot be read, or its key or algorithm is unknown"
)
INVALIDITY_DATE_NEEDS_COMPROMISE: Final = Text(
    "只有密钥泄露才写明密钥可疑起始时间。", "Only a compromise takes an invalidity date."
)
ISSUER_CERTIFICATE_EXPIRED: Final = Text(
    "签发CA的证书已到期", "the issuer's own certificate has ended"
)
KEY_OF_ANOTHER_SUBJECT: Final = Text("已为另一主体签发证书", "is certified for another subject")
KEY_REVOKED_FOR_COMPROMISE: Final = Text(
    "曾因密钥泄露被撤销证书", "had a certificate revoked for compromise"
)
KEY_SERVES_ANOTHER_PURPOSE: Final = Text("已用于其他用途", "is certified for another purpose")
POSSESSION_NOT_PROVEN: Final = Text(
    "没有证明申请者持有该私钥：签名无效或摘要算法过弱",
    "does not prove possession of the key: its signature is invalid or its digest weak",
)
ROOT_NOT_SELF_SIGNED: Final = Text("根证书须为自签名", "a root certificate must be self-signed")
SHORT_LIVED_CERTIFICATE_NOT_HOLDABLE: Final = Text(
    "短期证书不能暂停：依赖方不查询其状态（RFC 9608），当天自行到期。",
    "A short-lived certificate cannot be put on hold: nobody asks for its status (RFC 9608), "
    "and it ends by itself within a day.",
)
SIGNED_CERTIFICATE_DIFFERS: Final = Text(
    "签出的证书与检查过的内容不一致，未予登记。",
    "What was signed differs from what was linted; it was not recorded.",
)
TOKEN_ALREADY_USED: Final = Text("签发许可已使用过", "the token was used already")
TOKEN_OF_ANOTHER_CA: Final = Text("签发许可属于另一签发CA", "the token belongs to another CA")
TOKEN_STALE: Final = Text("签发许可已过期，请重新准备", "the token is stale: prepare again")


def ca_cannot_issue_profile(*, profile_zh: str, profile: str) -> Text:
    return Text(
        f"此签发CA不能签发{profile_zh}证书",
        f"this CA cannot issue a certificate of the profile “{profile}”",
    )


def certificate_state_not_holdable(*, state_zh: str, state: str) -> Text:
    return Text(
        f"证书状态为“{state_zh}”，只有已签发且未撤销的证书可以暂停。",
        f"The certificate is {state}; only one that is issued and not revoked can be put on hold.",
    )


def crl_lacks_certificate(*, number: int, serial: int, recorded_number: int) -> Text:
    return Text(
        f"证书撤销列表 {number} 缺少证书 {serial:x}（{recorded_number} 号列表中已有），未予登"
        "记。请重新签发；仍如此时运行 xinyin doctor。",
        f"CRL {number} lacks certificate {serial:x}, which CRL {recorded_number} lists; it "
        "was not recorded. Sign it again; if that fails too, run xinyin doctor.",
    )


def crl_number_not_increasing(*, number: int, recorded_number: int) -> Text:
    return Text(
        f"证书撤销列表编号 {number} 不大于已登记的 {recorded_number}，未予登记。请重新签发。",
        f"CRL {number} does not follow {recorded_number}, which is on record; it was not "
        "recorded. Sign it again.",
    )


def csr_rejected(reason: Text) -> Text:
    return Text(
        f"证书申请（PKCS#10）{reason.zh}。请重新生成后再提交。",
        f"The certification request (PKCS#10) {reason.en}. Make another and hand that in.",
    )


def csr_too_large(max_request_octets: int) -> Text:
    return Text(
        f"超过 {max_request_octets} 字节", f"has over {counted(max_request_octets, 'octet')}"
    )


def invalidity_date_out_of_range(not_before: str) -> Text:
    return Text(
        f"密钥可疑起始时间须在证书起始时间 {not_before} 与现在之间。",
        f"The invalidity date must lie between the certificate's beginning, {not_before}, and now.",
    )


def issuance_refused(reason: Text) -> Text:
    return Text(f"证书没有签发：{reason.zh}。", f"The certificate was not issued: {reason.en}.")


def last_crl_too_early(*, issuer: str, count: int) -> Text:
    return Text(
        f"{issuer} 还有 {count} 张证书既未到期也未撤销，不能签发最后的证书撤销列表。",
        f"Of {issuer}, {counted(count, 'certificate', 'is', 'are')} neither expired nor "
        "revoked; its last CRL cannot be signed yet.",
    )


def public_key_not_certifiable(reason: Text) -> Text:
    return Text(
        f"此公钥{reason.zh}，不能签发。请生成新的密钥。",
        f"This public key {reason.en} and is not certified. Generate another one.",
    )


def revocation_reason_not_allowed(
    *, profile_zh: str, reasons_zh: str, hold_zh: str, profile: str, reasons_en: str, hold_en: str
) -> Text:
    return Text(
        f"{profile_zh}证书的撤销原因须为：{reasons_zh}。{hold_zh}",
        f"A certificate of the profile “{profile}” is revoked for one of: {reasons_en}.{hold_en}",
    )
