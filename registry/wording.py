"""The sentences of public answers, by code: what is so, and what to do next.

"Could not check" is never worded as invalid; altered and unknown issuer are never one warning.
"""

from core.text import Text
from registry.answers import Outcome
from registry.model import LicenceState, Reason

CHECKS: dict[str, Text] = {
    "registered_document": Text(
        "文件与登记的内容逐字节一致。",
        "The file is, byte for byte, one that was registered.",
    ),
    "explained_additions": Text(
        "文件以登记的内容开头，其后只增加了时间戳和验证数据。",
        "The file begins with the registered one; only timestamps and validation data follow.",
    ),
    "signatures_intact": Text(
        "文件自签名以来没有改动。", "The file has not changed since it was signed."
    ),
    "changed_after_sealing": Text(
        "文件在盖章之后被添加或改动过。请索要原件。",
        "The file was added to or changed after it was sealed. Ask for the original.",
    ),
    "signature_broken": Text(
        "文件内容与签名不符，已被改动。请索要原件。",
        "The file does not match its signature: it was changed. Ask for the original.",
    ),
    "not_the_sealed_bytes": Text(
        "文件带有本平台的印章，但与登记的内容不一致。请索要原件。",
        "The file bears a seal of ours but is not what was registered. Ask for the original.",
    ),
    "unparseable": Text(
        "文件带有签名的痕迹，但已损坏，无法解读。请索要原件。",
        "The file bears traces of a signature but is damaged. Ask for the original.",
    ),
    "signature_missing": Text(
        "文件带有证照标识，却没有印章：可能是截取、打印或转存的副本。请索要原件。",
        "The file bears a licence identifier but no seal: a printout or a re-saved copy perhaps. "
        "Ask for the original.",
    ),
    "no_signature": Text("文件没有任何签名或印章。", "The file has no signature or seal."),
    "no_document": Text(
        "只查了登记，没有核对文件。请与手中证照逐项比对，或上传 PDF 文件。",
        "Only the record was looked at, no document. Compare it with the paper, or upload the PDF.",
    ),
    "unknown_digest": Text(
        "没有登记过这一摘要。请直接核验文件本身。",
        "That digest is not on record. Check the file itself.",
    ),
    "unsupported_algorithm": Text(
        "文件使用了暂不支持的签名算法，未能判断。",
        "The file uses a signature algorithm that is not supported, so this was not judged.",
    ),
    "limit": Text(
        "文件过于复杂，超出核验限度，未能判断。",
        "The file is too complex for the limits of checking, so this was not judged.",
    ),
    "registered_here": Text(
        "由登记的颁发机构颁发并盖章。", "Granted and sealed by an authority on record."
    ),
    "seal_without_record": Text(
        "印章属于本平台，但登记簿中没有这份证照。已通知管理人员，请勿采信。",
        "The seal is ours, but no such licence is on record. The operators have been alerted; "
        "do not rely on it.",
    ),
    "unknown_issuer": Text(
        "签名者不是本平台的颁发机构。请向签名者所属机构核实。",
        "The signer is not an authority of this service. Ask the signer's own organisation.",
    ),
    "not_established": Text(
        "文件已被改动，无法由它确认颁发者。",
        "The file was altered, so it cannot show who issued it.",
    ),
    "no_record": Text(
        "登记簿中没有这份证照。请核对输入的内容。",
        "No such licence is on record. Check what was entered.",
    ),
    "foreign_link": Text(
        "这个链接不是本平台的核验地址。请勿在其页面输入任何信息。",
        "That link does not lead to this service. Enter nothing on the page it opens.",
    ),
    "ambiguous_number": Text(
        "多份证照使用此编号。请改用证照标识或二维码查询。",
        "Several licences bear that number. Use the licence identifier or the QR code.",
    ),
    "registry_unavailable": Text(
        "暂时无法查询登记簿，这不说明证照有问题。请稍后再试。",
        "The register cannot be reached just now; this says nothing against the licence. "
        "Try again shortly.",
    ),
    "not_checked": Text("没有进行此项核对。", "This was not checked."),
    "in_force": Text("现行有效。", "In force."),
}

STATES: dict[LicenceState, Text] = {
    LicenceState.IN_FORCE: Text("现行有效", "in force"),
    LicenceState.PENDING: Text("尚未到生效日期", "not yet valid"),
    LicenceState.SUSPENDED: Text("已被暂扣，目前无效", "suspended for the time being"),
    LicenceState.CANCELLED: Text("已被注销、撤销或吊销", "cancelled"),
    LicenceState.EXPIRED: Text("已过有效期", "expired"),
    LicenceState.REPLACED: Text("已被新版本替换", "replaced by a newer version"),
}

_SEAL_COMPROMISED = Text(
    "因印章密钥泄露暂停使用：证照权利不受影响，须由颁发机构重新签章",
    "out of use because its seal's key was compromised: the right it attests stands, and the "
    "authority will seal it anew",
)

_DOCUMENT_IN_FORCE = Text(
    "此证照真实、未被改动，现行有效。",
    "This licence is genuine, unaltered and in force.",
)
_RECORD_IN_FORCE = Text(
    "登记簿中的这份证照现行有效。尚未核对文件：请与手中证照逐项比对，或上传 PDF 文件核验。",
    "The licence on record is in force. No document was looked at: compare it with the paper, "
    "or upload the PDF.",
)
_SAMPLE = Text("这是演示用的样例，没有法律效力。", "It is a sample, of no legal effect.")
_SUMMARIES: dict[Outcome, Text] = {
    Outcome.ALTERED: Text(
        "此文件已被改动，请勿采信。请索要颁发机构出具的原件。",
        "This file has been altered; do not rely on it. Ask for the original from the authority.",
    ),
    Outcome.NOT_ISSUED_HERE: Text(
        "这不是本平台颁发的证照。请向其出具单位核实。",
        "This was not issued here. Ask the body whose name it bears.",
    ),
    Outcome.COULD_NOT_CHECK: Text(
        "暂时无法核验，这不说明证照有问题。请稍后再试，或联系颁发机构。",
        "It could not be checked just now; this says nothing against the document. "
        "Try again shortly, or ask the authority.",
    ),
}


def check_message(code: str) -> Text:
    """Return the sentence for a check's code."""
    return CHECKS["limit"] if code.startswith("limit") else CHECKS[code]


def state_text(state: LicenceState, reason: Reason | None) -> Text:
    """Return a licence's state in words; the reason counts where the law tells it apart."""
    if state is LicenceState.SUSPENDED and reason is Reason.SEAL_COMPROMISED:
        return _SEAL_COMPROMISED
    return STATES[state]


def state_message(state: LicenceState, reason: Reason | None) -> Text:
    """Return a licence's state as a sentence."""
    text = state_text(state, reason)
    return Text(f"{text.zh}。", f"{text.en[0].upper()}{text.en[1:]}.")


def summarise(
    outcome: Outcome,
    *,
    state: LicenceState | None,
    reason: Reason | None,
    by_document: bool,
    sample: bool,
) -> Text:
    """Return the one sentence that stands at the top of an answer."""
    summary = _SUMMARIES.get(outcome)
    if summary is None and outcome is Outcome.IN_FORCE:
        summary = _DOCUMENT_IN_FORCE if by_document else _RECORD_IN_FORCE
    if summary is None:
        assert state is not None
        what = state_text(state, reason)
        summary = (
            Text(f"此证照真实，但{what.zh}。", f"This licence is genuine but {what.en}.")
            if by_document
            else Text(f"登记簿中的这份证照{what.zh}。", f"The licence on record is {what.en}.")
        )
    if sample:
        return Text(summary.zh + _SAMPLE.zh, f"{summary.en} {_SAMPLE.en}")
    return summary
