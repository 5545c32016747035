"""Verdicts at the top of the page: tone, icon, headline, and what to do next.

A record in force is not a document in force: green and the tick are kept for the latter.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text
from registry.answers.answers import CheckResult, Outcome, VerificationAnswer
from registry.answers.sentences import ADDED_BY_OTHERS, NOT_THE_ORIGINAL
from registry.answers.signature_words import reason_of
from registry.model import LicenceState, TypeKind
from registry.state_words import LAPSED, words_of


class Tone(StrEnum):
    """Names a colour pair in the style sheet and an icon; the headline says the same in words."""

    GOOD = "good"
    RECORD = "record"
    LAPSED = "lapsed"
    BAD = "bad"
    FOREIGN = "foreign"
    SCAN = "scan"
    """A picture or an unsigned file: not the electronic licence."""
    ADDED = "added"
    """A registered licence with something after it."""
    INPUT = "input"
    """What was entered has to be put right."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The top of the result page."""

    tone: Tone
    headline: Text
    next_step: Text


_COMPARE = Text(
    "请将以下内容与手中证照逐项比对；有 PDF 文件的，请再核验文件。",
    "Compare what stands below with the licence in your hands; if you have the PDF, verify it too.",
)
_COMPARE_DOCUMENT = Text(
    "请上传 PDF 文件核验：登记信息只说明有这份文件，文字内容以 PDF 文件为准。",
    "Verify the PDF: the record says that there is such a document, only the file what it says.",
)
_SAMPLE = Text(
    "不得用于办理任何业务：样例只用于演示和测试。",
    "Do not accept it for anything: samples serve demonstrations and tests only.",
)
_ALTERED = Text(
    "请勿据此办理。请对方提供原始 PDF 文件（颁发机构发出的电子文件），"
    "或扫描其上的二维码查看登记内容。",
    "Do not accept this file. Ask for the original PDF, the electronic file that the authority "
    "gave out, or scan the QR code on it to see what is on record.",
)
_REGISTERED_PART = Text(
    "请取出文件中登记的部分（见下），再核验一次，以其结果为准；附加的内容请勿采用。",
    "Take out the registered part of the file (see below), verify that and go by its result; "
    "disregard the addition.",
)
_FOREIGN = Text(
    "未在本平台登记，不等于文件是假的：它可能由其他平台的机构颁发，请到该机构的平台核验。"
    "如果它自称在本平台登记，请勿据此办理，并联系文件所载颁发机构。",
    "Not registered here does not mean forged: it may come from a body that uses another service, "
    "so verify it there. If it claims to be registered here, do not accept it, and contact the "
    "authority that it names.",
)
_NOT_JUDGED = Text(
    "请用出具单位的核验渠道核验。本平台再次核验，结果仍会相同。",
    "Verify it by the issuing body's own means. Trying again here will give the same result.",
)
_ADDED_BY_OTHERS = Text(
    "请分清签名时的内容与后来填写、批注的内容：后者请向签名者核实。",
    "Tell what was signed from what was filled in or noted later: ask the signer about the latter.",
)
_ASK_FOR_FILE = Text(
    "请对方提供颁发机构发出的 PDF 文件，或扫描其上的二维码、按编号查询登记信息。",
    "Ask for the PDF that the authority gave out, or scan the QR code on it or look its number up.",
)
_CHECK_FILE = Text(
    "请上传文件核验：只有核验文件本身，才能分辨它是被改动过，还是未在本平台登记。",
    "Upload the file: only the file itself can tell whether it was altered or is not registered "
    "here.",
)
_NO_RECORD = Text(
    "请检查输入是否正确。确认无误仍查不到的，不能据此判断真伪：它可能不在本平台登记。"
    "请向所载机构核实。",
    "Check for typing errors. If there are none, this does not show whether the original is "
    "genuine: it may not be registered here. Ask the authority that it names.",
)
_MISTYPED = Text(
    "请对照证照或文件逐位核对后重新输入，或扫描其上的二维码。",
    "Compare it with the original character by character and enter it again, or scan its QR code.",
)
_FOREIGN_LINK = Text(
    "请勿打开该链接。请用手机相机重新扫描其上的二维码，并核对链接开头是否为本平台网址。",
    "Do not open the link. Scan its QR code again and check that the link begins with "
    "this service's address.",
)
_SEAL_WITHOUT_RECORD = Text(
    "请勿据此办理，并联系文件所载颁发机构。此情况已记录。",
    "Do not accept it, and contact the authority that it names. This was recorded.",
)
_UNKNOWN = Text(
    "这是本平台的原因，不代表文件有问题。请稍后再试；急需办理的，请联系颁发机构。",
    "The cause is on our side and says nothing against the document. Try again later; if it is "
    "urgent, contact the authority.",
)
_UNKNOWN_FOR_GOOD = Text(
    "这是本平台的原因，不代表文件有问题。请联系颁发机构核实。",
    "The cause is on our side and says nothing against the document. Ask the authority.",
)
_PASSING = frozenset({"registry_unavailable"})
"""Codes of what may work later."""


def verdict_of(answer: VerificationAnswer) -> Verdict:
    """Return how `answer` stands at the top of the page."""
    match answer.outcome:
        case Outcome.ALTERED:
            return _altered(answer)
        case Outcome.NOT_ISSUED_HERE:
            return _not_issued_here(answer)
        case Outcome.COULD_NOT_CHECK:
            return _could_not_check(answer)
        case Outcome.NOT_IN_FORCE:
            return _not_in_force(answer)
        case Outcome.IN_FORCE:
            return _in_force(answer)


def _altered(answer: VerificationAnswer) -> Verdict:
    """A re-saved copy or a damaged download accuses nobody of having changed anything."""
    headline = Text("文件内容与签章时不一致", "The file is not as it was sealed")
    if answer.integrity.code in NOT_THE_ORIGINAL:
        headline = Text("不是原始电子文件", "Not the original electronic file")
    if answer.registered_length is not None:
        headline = Text("登记内容之后被改动", "Changed after the registered content")
    step = _ALTERED if answer.registered_length is None else _REGISTERED_PART
    return Verdict(Tone.BAD, headline, step)


def _in_force(answer: VerificationAnswer) -> Verdict:
    sample = answer.licence is not None and answer.licence.sample
    kind = TypeKind.LICENCE if answer.licence is None else answer.licence.kind
    words = words_of(LicenceState.IN_FORCE, None, kind)
    compare = _COMPARE if kind is TypeKind.LICENCE else _COMPARE_DOCUMENT
    step = _SAMPLE if sample else words.step if answer.document_checked else compare
    if answer.document_checked:
        headline = Text(words.word.zh, words.word.en.capitalize())
        if sample:
            headline = Text("样例，核验通过", "A sample, verified")
        return Verdict(Tone.GOOD, headline, step)
    headline = Text("登记信息有效，未核验文件", "On record, in force; no document was checked")
    return Verdict(Tone.RECORD, headline, step)


def _not_in_force(answer: VerificationAnswer) -> Verdict:
    if answer.document_checked:
        return _lapsed(answer, Text("文件与登记一致", "As registered"))
    return _lapsed(answer, Text("已登记", "On record"))


def _lapsed(answer: VerificationAnswer, so_far: Text) -> Verdict:
    """Say what holds, and that the licence is not in force all the same."""
    words, licence = LAPSED, answer.licence
    if licence is not None:
        words = words_of(licence.state, licence.reason, licence.kind)
    headline = Text(f"{so_far.zh}，但{words.word.zh}", f"{so_far.en}, but {words.word.en}")
    return Verdict(Tone.LAPSED, headline, words.step)


_NOT_HERE = Text("未在本平台登记", "Not registered here")
_BY_ISSUER: dict[str, Verdict] = {
    "no_record": Verdict(Tone.FOREIGN, Text("未查到登记信息", "No record found"), _NO_RECORD),
    "mistyped": Verdict(Tone.INPUT, Text("输入可能有误", "Probably mistyped"), _MISTYPED),
    "foreign_link": Verdict(
        Tone.BAD, Text("不是本平台的链接", "Not a link of this service"), _FOREIGN_LINK
    ),
    "seal_without_record": Verdict(
        Tone.BAD, Text("没有这份文件的登记信息", "No such file is on record"), _SEAL_WITHOUT_RECORD
    ),
}
_BY_INTEGRITY: dict[str, Verdict] = {
    "scan": Verdict(
        Tone.SCAN,
        Text("这是扫描件，不是电子文件", "A scan, not the electronic original"),
        _ASK_FOR_FILE,
    ),
    "no_signature": Verdict(
        Tone.SCAN, Text("文件中没有电子签章", "The file has no signature"), _ASK_FOR_FILE
    ),
    "never_signed": Verdict(
        Tone.SCAN, Text("文件尚未签章", "The file was never signed"), _ASK_FOR_FILE
    ),
    "unknown_digest": Verdict(
        Tone.INPUT, Text("未查到这一摘要值", "That digest is not on record"), _CHECK_FILE
    ),
}


def _not_issued_here(answer: VerificationAnswer) -> Verdict:
    known = _BY_ISSUER.get(answer.issuer.code) or _BY_INTEGRITY.get(answer.integrity.code)
    if known is not None:
        return known
    if answer.integrity.code in ADDED_BY_OTHERS:
        return Verdict(Tone.FOREIGN, _NOT_HERE, _ADDED_BY_OTHERS)
    if answer.integrity.result is CheckResult.ERROR and reason_of(answer.integrity.code):
        return Verdict(Tone.FOREIGN, _NOT_HERE, _NOT_JUDGED)
    return Verdict(Tone.FOREIGN, _NOT_HERE, _FOREIGN)


def _could_not_check(answer: VerificationAnswer) -> Verdict:
    if answer.integrity.code == "unregistered_addition":
        if answer.status.result is CheckResult.FAILED:
            return _lapsed(answer, Text("登记部分真实", "Registered part genuine"))
        headline = Text(
            "登记部分真实，附加内容不能担保", "Registered part genuine; addition unknown"
        )
        return Verdict(Tone.ADDED, headline, _REGISTERED_PART)
    if answer.issuer.code == "ambiguous_number":
        headline = Text("有多份登记使用此编号", "Several records bear that number")
        return Verdict(Tone.INPUT, headline, answer.issuer.message)
    if {answer.issuer.code, answer.status.code} & _PASSING:
        headline = Text("暂时无法核验", "Could not be verified just now")
        return Verdict(Tone.UNKNOWN, headline, _UNKNOWN)
    return Verdict(Tone.UNKNOWN, Text("未能核验", "Could not be verified"), _UNKNOWN_FOR_GOOD)
