"""Words on signatures: why one was not judged, what was changed after it, why its signer's
certificate is not accepted.
"""

from collections.abc import Iterable

from core.sanitize import shown
from core.text import Text
from signing.report import Indication, LaterChanges, SignatureKind, SignatureReport

NOT_JUDGED: dict[str, Text] = {
    "unsupported_algorithm": Text("签名算法不支持", "its signature algorithm is not supported"),
    "unsupported_subfilter": Text("签名格式不支持", "its signature format is not supported"),
    "malformed_signature": Text("签名的编码不合规范", "its signature is not encoded as it must be"),
    "certificate_unreadable": Text(
        "签名者的证书无法解读", "its signer's certificate cannot be read"
    ),
    "certificate_missing": Text("没有签名者的证书", "its signer's certificate is not in it"),
    "certificate_mismatch": Text(
        "签名者的证书与签名所指的不符", "its certificate is not the one that the signature names"
    ),
    "weak_key": Text("签名密钥过短，已不安全", "its signer's key is too short to be safe"),
    "weak_hash": Text("签名采用的摘要算法已不安全", "its hash algorithm is no longer safe"),
    "structure_unclear": Text(
        "文件结构或签名后追加的内容无法完整解读",
        "its structure, or what was added after signing, cannot be read in full",
    ),
    "covers_part": Text("签名只覆盖文件的一部分", "its signature covers a part of it only"),
    "limit_bytes": Text("文件过大", "it is too large"),
    "limit_signatures": Text("签名过多", "it has too many signatures"),
    "limit_revisions": Text("修订版过多", "it has too many revisions"),
    "limit": Text("超出核验的限度", "it exceeds the limits of checking"),
    "not_judged": Text("格式或算法不支持", "its format or algorithm is not supported"),
}
"""Why integrity is `error` for a file that is not ours, by code; most telling first."""

SM2_SM3 = Text("采用国密算法 SM2/SM3，尚不支持", "it is signed with SM2 and SM3, not supported yet")
"""The note `sm2_sm3`: the common case in China, recognised and named, not judged."""

CHANGES: dict[str, Text] = {
    "page_content_changed": Text("页面内容", "page content"),
    "page_added": Text("新增的页面", "a page added"),
    "page_removed": Text("删除的页面", "a page removed"),
    "field_changed": Text("表单内容", "a form field"),
    "annotation_changed": Text("批注或签章外观", "an annotation or a seal's appearance"),
    "catalogue_changed": Text("文件目录", "the document's catalogue"),
    "info_changed": Text("文件属性", "the document's properties"),
}
"""What was changed after signing, by note."""

SUB_INDICATIONS: dict[str, Text] = {
    "FORMAT_FAILURE": Text("签名格式不合规范", "The signature's format does not conform."),
    "HASH_FAILURE": Text("文件内容与签名时不一致", "The content is not what was signed."),
    "SIG_CRYPTO_FAILURE": Text("签名值不成立", "The signature value does not hold."),
    "REVOKED": Text("签名前证书已撤销", "The certificate was revoked before signing."),
    "EXPIRED": Text("签名前证书已过期", "The certificate had expired before signing."),
    "NOT_YET_VALID": Text("签名时证书尚未生效", "The certificate was not yet valid at signing."),
    "SIG_CONSTRAINTS_FAILURE": Text("签名不满足要求", "The signature misses a requirement."),
    "CHAIN_CONSTRAINTS_FAILURE": Text("证书链不满足要求", "The chain misses a requirement."),
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": Text(
        "证书链无法验证", "The certificate chain could not be verified."
    ),
    "CRYPTO_CONSTRAINTS_FAILURE": Text("所用算法已不安全", "An algorithm is no longer safe."),
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": Text(
        "所用算法已不安全，且不能证明在此之前签名",
        "An algorithm is no longer safe, and nothing proves that it was signed before that.",
    ),
    "REVOKED_NO_POE": Text(
        "证书已撤销，且不能证明在撤销之前签名",
        "The certificate was revoked, and nothing proves that it was signed before that.",
    ),
    "REVOKED_CA_NO_POE": Text(
        "签发证书的 CA 已撤销，且不能证明在撤销之前签名",
        "A CA above was revoked, and nothing proves that it was signed before that.",
    ),
    "OUT_OF_BOUNDS_NO_POE": Text(
        "证书已过期或尚未生效，且不能证明在有效期内签名",
        "The certificate has expired or is not yet valid, and nothing proves when it was signed.",
    ),
    "OUT_OF_BOUNDS_NOT_REVOKED": Text(
        "证书已过期，过期前未见撤销", "The certificate has expired; it had not been revoked."
    ),
    "NO_SIGNING_CERTIFICATE_FOUND": Text("没有签名者的证书", "There is no signer's certificate."),
    "NO_CERTIFICATE_CHAIN_FOUND": Text(
        "证书不属于受信任的证书体系", "No path leads from the certificate to a trusted root."
    ),
    "NO_POE": Text("不能证明签名的时间", "Nothing proves when it was signed."),
    "TIMESTAMP_ORDER_FAILURE": Text("时间戳的先后不符", "The timestamps are out of order."),
    "TRY_LATER": Text(
        "缺少证书状态信息（是否撤销）", "It is not known whether the certificate was revoked."
    ),
    "SIGNED_DATA_NOT_FOUND": Text("找不到被签名的内容", "What was signed cannot be found."),
    "GENERIC": Text("未能判断", "It was not judged."),
}
"""Sub-indications of EN 319 102-1 (5.1.3, tables 5 and 6) as people read them."""

_SINCE_UNCHANGED = (LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES)
_MOST_SIGNERS = 3
"""Names in one sentence."""


def reason_of(code: str) -> Text | None:
    """Return why integrity was not judged, by code; None for codes of another kind."""
    return NOT_JUDGED.get(code) or (NOT_JUDGED["limit"] if code.startswith("limit") else None)


def changes_in_words(signatures: Iterable[SignatureReport]) -> Text | None:
    """Return the changes after signing, where the reading tells them."""
    notes = {note for one in signatures for note in one.notes}
    found = [text for note, text in CHANGES.items() if note in notes]
    if not found:
        return None
    return Text(
        f"改动之处：{'、'.join(text.zh for text in found)}。",
        f"Changed: {', '.join(text.en for text in found)}.",
    )


def signers_of(signatures: Iterable[SignatureReport]) -> Text | None:
    """Return the signers, each once, in quotes and safe to show; None where no name is known.

    The name is the certificate's own claim.
    """
    names = dict.fromkeys(
        shown(one.signer)
        for one in signatures
        if one.signer and one.kind is not SignatureKind.TIMESTAMP
    )
    quoted = [f"“{name}”" for name in list(names)[:_MOST_SIGNERS]]
    return Text("、".join(quoted), ", ".join(quoted)) if quoted else None


def signer_in_words(signature: SignatureReport, *, only_claims: bool) -> Text:
    """Name who made a signature, as a fact or as what the file says of itself."""
    if signature.kind is SignatureKind.SIGNATURE:
        return person_in_words(signature, only_claims=only_claims)
    name = shown(signature.signer)
    return _claimed(name) if only_claims else Text(name, name)


def _claimed(name: str) -> Text:
    return Text(f"文件自称“{name}”", f"claims to be “{name}”")


def person_in_words(signature: SignatureReport, *, only_claims: bool) -> Text:
    """Name the person, their body, and the identity service that vouched for them.

    What the file only says of itself names no voucher: nobody's word was checked.
    """
    name, body = shown(signature.signer), shown(signature.organization)
    if only_claims:
        return _claimed(f"{name}（{body}）" if body else name)
    who = Text(f"{name}（{body}）", f"{name} ({body})") if body else Text(name, name)
    if signature.identity_issuer is None:
        return Text(f"{who.zh}，证书未载明由谁认定身份", f"{who.en}; who vouched is not stated")
    issuer = shown(signature.identity_issuer)
    return Text(f"{who.zh}，身份由 {issuer} 认定", f"{who.en}, vouched for by {issuer}")


def person_verdict(signature: SignatureReport) -> Text:
    """Say what a person's signature is worth; the seal and the record are judged apart."""
    if signature.indication is Indication.TOTAL_PASSED:
        if signature.later_changes in _SINCE_UNCHANGED:
            return Text("签名成立。", "The signature holds.")
        return Text(
            "签名只对签名时的内容成立，文件此后有改动。",
            "The signature holds for what was signed; the file was changed since.",
        )
    why = sub_indication_in_words(signature.sub_indication)
    failed = signature.indication is Indication.TOTAL_FAILED
    zh = "签名不成立" if failed else "不能确定签名是否成立"
    en = "The signature does not hold" if failed else "It cannot be told whether it holds"
    return Text(
        f"{zh}{f'：{why.zh}' if why else ''}。不能据此认为该人签署了这份文件；"
        "印章和登记的结论见上。",
        f"{en}{f': {why.en}' if why else '.'} Do not take it that this person signed the document; "
        "what seal and record are worth is said above.",
    )


def sub_indication_in_words(sub_indication: str | None) -> Text | None:
    """Return a sub-indication in words, if it is one of the standard's."""
    return SUB_INDICATIONS.get(sub_indication or "")
