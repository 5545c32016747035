"""How an answer stands at the top of the page: tone, icon, headline, and what to do next.

A record in force is not a document in force: green and the tick are kept for the latter.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text
from registry.answers import Outcome, VerificationAnswer
from registry.model import LicenceState, Reason


class Tone(StrEnum):
    """Names a colour pair in the style sheet and an icon; the headline says the same in words."""

    GOOD = "good"
    RECORD = "record"
    SAMPLE = "sample"
    LAPSED = "lapsed"
    BAD = "bad"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The top of the result page."""

    tone: Tone
    headline: Text
    next_step: Text


_RELY = Text(
    "可以采信。办理业务前，请确认出示证照的人就是持证主体。",
    "You may rely on it. Make sure that whoever presents it is its holder.",
)
_COMPARE = Text(
    "把下面的内容与手中的证照逐项比对；有 PDF 的，再核验文件本身。",
    "Compare what stands below with the licence in your hands; if you have the PDF, verify it too.",
)
_SAMPLE = Text(
    "不要用它办理任何业务：样例只用于演示和测试。",
    "Do not accept it for anything: samples serve demonstrations and tests only.",
)
_LAPSED = Text(
    "不要再凭它办理业务。请持证人出示现行有效的证照，或向颁发机构了解情况。",
    "Do not accept it any more. Ask the holder for one in force, or ask the authority.",
)
_SUSPENDED = Text(
    "目前不能凭它办理业务。恢复后会重新有效；详情请向颁发机构了解。",
    "Do not accept it for now. It may be reinstated; ask the authority.",
)
_REPLACED = Text(
    "请持证人出示替换它的新版证照。",
    "Ask the holder for the newer licence that replaced it.",
)
_PENDING = Text("请在生效日期之后再使用。", "It may be used from its first day of validity on.")
_ALTERED = Text(
    "不要采信这份文件。请持证人重新提供原件，或扫描证照上的二维码查看登记内容。",
    "Do not rely on this file. Ask for the original again, or scan the licence's QR code to see "
    "what is on record.",
)
_FOREIGN = Text(
    "这不等于文件是假的：它可能由其他机构颁发，请到该机构的平台核验。"
    "如果它自称由本平台颁发，请不要采信，并联系所写的颁发机构。",
    "That does not make it a forgery: another body may have made it, so ask that body. If it "
    "claims to come from here, do not rely on it and contact the authority it names.",
)
_NO_RECORD = Text(
    "请检查有没有输错。确认无误仍查不到的，不要采信这份证照，并联系所写的颁发机构。",
    "Check for typing errors. If there are none, do not rely on the licence and contact the "
    "authority it names.",
)
_UNKNOWN = Text(
    "这是我们一方的原因，不说明证照有问题。请稍后再试；急用请联系颁发机构。",
    "The cause is on our side and says nothing against the licence. Try again later; if it is "
    "urgent, contact the authority.",
)
_LAPSES: dict[LicenceState, tuple[Text, Text]] = {
    LicenceState.PENDING: (Text("但尚未生效", "but not yet valid"), _PENDING),
    LicenceState.SUSPENDED: (Text("但已暂停", "but suspended"), _SUSPENDED),
    LicenceState.CANCELLED: (Text("但已注销", "but cancelled"), _LAPSED),
    LicenceState.EXPIRED: (Text("但已过期", "but expired"), _LAPSED),
    LicenceState.REPLACED: (Text("但已被新版替换", "but replaced"), _REPLACED),
}
_LAPSED_ANYHOW = (Text("但已失效", "but no longer in force"), _LAPSED)
_RESEAL = (
    Text("但须重新签章", "but to be sealed anew"),
    Text(
        "印章的密钥曾经泄露，这份文件不能再单独作为凭据；证照权利不受影响。"
        "请持证人领取重新签章的文件，或凭证照编号向颁发机构核实。",
        "The seal's key was compromised, so this file alone proves nothing any more; the right it "
        "attests stands. Ask the holder for the file that was sealed anew, or ask the authority.",
    ),
)
_CANCELLED_BY: dict[str, Text] = {
    Reason.ANNULLED: Text("但已被撤销", "but annulled"),
    Reason.FORFEITED: Text("但已被吊销", "but forfeited"),
    Reason.RECALLED: Text("但已被撤回", "but recalled"),
}


def verdict_of(answer: VerificationAnswer) -> Verdict:
    """Return how `answer` stands at the top of the page."""
    match answer.outcome:
        case Outcome.ALTERED:
            return Verdict(Tone.BAD, Text("文件已被改动", "The file was altered"), _ALTERED)
        case Outcome.NOT_ISSUED_HERE:
            return _not_issued_here(answer)
        case Outcome.COULD_NOT_CHECK:
            headline = Text("暂时无法核验", "Could not be verified just now")
            return Verdict(Tone.UNKNOWN, headline, _UNKNOWN)
        case Outcome.NOT_IN_FORCE:
            return _not_in_force(answer)
        case Outcome.IN_FORCE:
            return _in_force(answer)


def _in_force(answer: VerificationAnswer) -> Verdict:
    if answer.licence is not None and answer.licence.sample:
        return Verdict(Tone.SAMPLE, Text("样例证照", "A sample, not a licence"), _SAMPLE)
    if answer.by_document:
        return Verdict(Tone.GOOD, Text("有效", "In force"), _RELY)
    headline = Text("登记有效，文件未核对", "On record, in force; no document was checked")
    return Verdict(Tone.RECORD, headline, _COMPARE)


def _not_in_force(answer: VerificationAnswer) -> Verdict:
    lapse, step = _LAPSED_ANYHOW
    if answer.licence is not None:
        lapse, step = _LAPSES.get(answer.licence.state, _LAPSED_ANYHOW)
        if answer.licence.state is LicenceState.CANCELLED:
            lapse = _CANCELLED_BY.get(answer.licence.reason or "", lapse)
        if answer.licence.state is LicenceState.SUSPENDED and (
            answer.licence.reason == Reason.SEAL_COMPROMISED
        ):
            lapse, step = _RESEAL
    if answer.by_document:
        headline = Text(f"真实，{lapse.zh}", f"Genuine, {lapse.en}")
    else:
        headline = Text(f"登记真实，{lapse.zh}", f"On record, {lapse.en}")
    return Verdict(Tone.LAPSED, headline, step)


def _not_issued_here(answer: VerificationAnswer) -> Verdict:
    if answer.by_document or answer.sha256 is not None:
        return Verdict(Tone.FOREIGN, Text("非本平台颁发", "Not issued here"), _FOREIGN)
    return Verdict(Tone.FOREIGN, Text("没有查到记录", "No record found"), _NO_RECORD)
