"""A licence's state in words: the one table that pages, answers and commands take theirs from.

The law tells apart why a licence left force, so the word follows from state and reason together:
撤销, 吊销 and 撤回 are causes, 注销 is the procedure after them (行政许可法 art. 70), and 暂扣 is a
penalty (行政处罚法 art. 9) that must not be said of a licence that is only under review.
"""

from dataclasses import dataclass
from datetime import date

from core.text import Text
from registry.model import Licence, LicenceState, Reason


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state as a word, and what it means for whoever stands at the counter."""

    word: Text
    """Fits behind “文件与登记一致，但…” and “The licence on record is …”."""
    meaning: Text
    """The rest of the sentence; empty where the word says it all."""


_NOT_USABLE = Text("不能凭它办理业务", "it cannot be used")
_NOT_NOW = Text("目前不能凭它办理业务", "it cannot be used for now")

_WORDS: dict[tuple[LicenceState, str | None], StateWords] = {
    (LicenceState.PENDING, None): StateWords(
        Text("尚未生效", "not yet valid"),
        Text("请自生效之日起使用", "it may be used from its first day of validity on"),
    ),
    (LicenceState.IN_FORCE, None): StateWords(
        Text("有效", "in force"), Text("在有效期内，状态有效", "within its term")
    ),
    (LicenceState.SUSPENDED, None): StateWords(Text("暂停使用", "suspended"), _NOT_NOW),
    (LicenceState.SUSPENDED, Reason.WITHHELD): StateWords(
        Text("已被暂扣", "withheld (as a penalty)"), _NOT_NOW
    ),
    (LicenceState.SUSPENDED, Reason.SEAL_COMPROMISED): StateWords(
        Text("须重新签章", "to be sealed anew"),
        Text(
            "签章所用的密钥曾经泄露，证照所载事项不受影响",
            "its seal's key was compromised; what the licence attests is not affected",
        ),
    ),
    (LicenceState.CANCELLED, None): StateWords(Text("已注销", "cancelled"), _NOT_USABLE),
    (LicenceState.CANCELLED, Reason.ANNULLED): StateWords(
        Text("已被撤销", "annulled (it should not have been granted)"), _NOT_USABLE
    ),
    (LicenceState.CANCELLED, Reason.FORFEITED): StateWords(
        Text("已被吊销", "forfeited (as a penalty)"), _NOT_USABLE
    ),
    (LicenceState.CANCELLED, Reason.RECALLED): StateWords(
        Text("已被撤回", "recalled (circumstances changed)"), _NOT_USABLE
    ),
    (LicenceState.CANCELLED, Reason.DEREGISTERED): StateWords(
        Text("已注销", "deregistered"), _NOT_USABLE
    ),
    (LicenceState.CANCELLED, Reason.SURRENDERED): StateWords(
        Text("已依申请注销", "deregistered at its holder's request"), _NOT_USABLE
    ),
    (LicenceState.EXPIRED, None): StateWords(Text("已过有效期", "expired"), _NOT_USABLE),
    (LicenceState.REPLACED, None): StateWords(
        Text("已换发新证", "replaced by a newer licence"),
        Text("请查验新证", "ask for the newer one"),
    ),
    (LicenceState.REPLACED, Reason.RESEALED): StateWords(
        Text("已重新签章", "replaced by the same licence, sealed anew"),
        Text("请使用重新签章的文件", "ask for the file that was sealed anew"),
    ),
    (LicenceState.VOID, None): StateWords(Text("已作废", "void"), _NOT_USABLE),
}


def effective_reason(state: LicenceState, reason: Reason | None) -> Reason | None:
    """Return the reason that goes with a state: none with one that follows from a date alone."""
    dated = (LicenceState.EXPIRED, LicenceState.PENDING, LicenceState.IN_FORCE)
    return None if state in dated else reason


def words_of(state: LicenceState, reason: str | None) -> StateWords:
    """Return a state's words; a reason that the law does not tell apart changes nothing."""
    return _WORDS.get((state, reason)) or _WORDS[state, None]


_UNFINISHED = Text("待发（颁发未完成）", "pending (its grant has not finished)")


def standing_of(state: LicenceState, reason: str | None) -> Text:
    """Return a stored state as operators read it.

    PENDING as stored is a grant that has not finished; the public's PENDING is a licence whose
    first day is yet to come.
    """
    return _UNFINISHED if state is LicenceState.PENDING else words_of(state, reason).word


def standing_on(licence: Licence, today: date) -> Text:
    """Return a licence's state on a day as operators read it."""
    if licence.state is LicenceState.PENDING:
        return _UNFINISHED
    state = licence.effective_state(today)
    return words_of(state, effective_reason(state, licence.reason)).word


def state_sentence(state: LicenceState, reason: str | None) -> Text:
    """Return a licence's state as a sentence of its own."""
    words = words_of(state, reason)
    if state is LicenceState.IN_FORCE:
        return Text(f"{words.meaning.zh}。", "In force, within its term.")
    return Text(
        f"{words.word.zh}，{words.meaning.zh}。",
        f"{words.word.en[0].upper()}{words.word.en[1:]}; {words.meaning.en}.",
    )
