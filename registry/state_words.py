"""A licence's state in words: the one table for pages, answers, commands and the audit.

The law tells apart why a licence left force, so the word follows from state and reason together:
撤销, 吊销 and 撤回 are causes, 注销 is the procedure after them (行政许可法 art. 70), and 暂扣 is a
penalty (行政处罚法 art. 9) that must not be said of a licence that is only under review.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from core.text import Text
from registry.model import Licence, LicenceState, Reason, TypeKind


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state as a word, and what it means for whoever stands at the counter."""

    word: Text
    """Fits behind “文件与登记一致，但…” and “The licence on record is …”."""
    meaning: Text
    """The rest of the sentence."""
    step: Text
    """What to do next, in sentences of their own."""

    def after(self, lead: Text) -> Text:
        """Return the sentence that begins with `lead` and goes on with word and meaning."""
        return Text(
            f"{lead.zh}{self.word.zh}，{self.meaning.zh}。",
            f"{lead.en} {self.word.en}; {self.meaning.en}.",
        )


def _lapsed(text: Text) -> StateWords:
    return StateWords(
        text,
        Text("不能凭它办理业务", "it cannot be used"),
        Text(
            "不能凭此办理业务。请持证主体提供有效证照，或向颁发机构核实。",
            "Do not accept it. Ask the holder for a licence in force, or ask the authority.",
        ),
    )


def _suspended(text: Text) -> StateWords:
    return StateWords(
        text,
        Text("目前不能凭它办理业务", "it cannot be used for now"),
        Text(
            "目前不能凭它办理业务；是否恢复由颁发机构决定。详情请向颁发机构核实。",
            "Do not accept it for now; whether it is reinstated is for the authority to decide. "
            "Ask there.",
        ),
    )


LAPSED: Final = _lapsed(Text("已不再有效", "no longer in force"))
"""Words for a licence of which it is not known, or not told, why it left force."""
_WORDS: Final[dict[LicenceState, dict[str | None, StateWords]]] = {
    LicenceState.PENDING: {
        None: StateWords(
            Text("尚未生效", "not yet valid"),
            Text("请自生效之日起使用", "it may be used from its first day of validity on"),
            Text("请自生效之日起使用。", "It may be used from its first day of validity on."),
        )
    },
    LicenceState.IN_FORCE: {
        None: StateWords(
            Text("有效", "in force"),
            Text("在有效期内，状态有效", "within its term"),
            Text(
                "核验通过。办理业务前，请核对办事人身份；单位证照还须核对经办人的授权。",
                "Verified. Before you proceed, check who presents it; for a body's licence, check "
                "also that this person may act for it.",
            ),
        )
    },
    LicenceState.SUSPENDED: {
        None: _suspended(Text("暂停使用", "suspended")),
        Reason.WITHHELD: _suspended(Text("已被暂扣", "withheld (as a penalty)")),
        Reason.SEAL_COMPROMISED: StateWords(
            Text("须重新签章", "to be sealed anew"),
            Text(
                "签章所用的密钥曾经泄露，证照所载事项不受影响",
                "its seal's key was compromised; what the licence attests is not affected",
            ),
            Text(
                "签章所用的密钥曾经泄露，这份文件不能再单独作为凭证；证照所载事项不受影响。"
                "请持证主体提供重新签章的文件，或持证照编号向颁发机构核实。",
                "The seal's key was compromised, so this file is no longer sufficient on its own; "
                "what the licence attests is not affected. Ask the holder for the file that was "
                "sealed anew, or ask the authority, quoting the number.",
            ),
        ),
    },
    LicenceState.CANCELLED: {
        None: _lapsed(Text("已注销", "cancelled")),
        Reason.ANNULLED: _lapsed(Text("已被撤销", "annulled (it should not have been granted)")),
        Reason.FORFEITED: _lapsed(Text("已被吊销", "forfeited (as a penalty)")),
        Reason.RECALLED: _lapsed(Text("已被撤回", "recalled (circumstances changed)")),
        Reason.DEREGISTERED: _lapsed(Text("已注销", "deregistered")),
        Reason.SURRENDERED: _lapsed(Text("已依申请注销", "deregistered at its holder's request")),
    },
    LicenceState.EXPIRED: {None: _lapsed(Text("已过有效期", "expired"))},
    LicenceState.REPLACED: {
        None: StateWords(
            Text("已换发新证", "replaced by a newer licence"),
            Text("请查验新证", "ask for the newer one"),
            Text("请持证主体提供换发的新证。", "Ask the holder for the newer licence."),
        ),
        Reason.RESEALED: StateWords(
            Text("已重新签章", "replaced by the same licence, sealed anew"),
            Text("请使用重新签章的文件", "ask for the file that was sealed anew"),
            Text(
                "请持证主体提供重新签章的文件。",
                "Ask the holder for the file that was sealed anew.",
            ),
        ),
    },
    LicenceState.VOID: {None: _lapsed(Text("已作废", "void"))},
}


def effective_reason(state: LicenceState, reason: Reason | None) -> Reason | None:
    """Return the reason that goes with a state: none with one that follows from a date alone."""
    dated = (LicenceState.EXPIRED, LicenceState.PENDING, LicenceState.IN_FORCE)
    return None if state in dated else reason


def _withdrawn(text: Text) -> StateWords:
    return StateWords(
        text,
        Text("不能再作为依据", "it can no longer be relied on"),
        Text(
            "不能再作为依据。请向发文机关核实现行文件。",
            "Do not rely on it. Ask the body that issued it which document holds now.",
        ),
    )


AWAITS_SEALS: Final = StateWords(
    Text("会签未完成", "not complete: it awaits seals"),
    Text("尚未生效", "it is not in force yet"),
    Text(
        "会签未完成，尚未生效，请勿据此办理。请在全部单位盖章后取得完整文件。",
        "It is not complete and not in force yet: do not rely on it. Ask for the document once "
        "all have sealed it.",
    ),
)
LATER_REVISION: Final = StateWords(
    Text("不是盖齐印章的文件", "not the complete document"),
    Text(
        "其后另有盖齐全部印章的文件",
        "there is a later one that bears the seals of all",
    ),
    Text("请取得盖齐全部印章的文件。", "Ask for the one that bears the seals of all."),
)
"""Of a file to which others added their seals since."""


def awaits_seals(names: Sequence[str]) -> StateWords:
    """Return the words for a document that awaits the seals of these bodies."""
    listed = "、".join(names)
    last = f" and {names[-1]}" if len(names) > 1 else ""
    some = ", ".join(names[:-1] if last else names)
    return replace(
        AWAITS_SEALS,
        word=Text(f"还差{listed}的盖章", f"not complete: it awaits the seal of {some}{last}"),
    )


_DOCUMENT_WORDS: Final[dict[LicenceState, dict[str | None, StateWords]]] = {
    LicenceState.PENDING: {
        None: StateWords(
            Text("尚未生效", "not yet in force"),
            Text("请自生效之日起使用", "it may be used from its first day on"),
            Text("请自生效之日起使用。", "It may be used from its first day on."),
        )
    },
    LicenceState.IN_FORCE: {
        None: StateWords(
            Text("有效", "in force"),
            Text("登记状态有效", "it has not been withdrawn"),
            Text(
                "核验通过。请以文件正文为准办理。",
                "Verified. Go by what the document itself says.",
            ),
        )
    },
    LicenceState.SUSPENDED: {
        None: StateWords(
            Text("暂停使用", "suspended"),
            Text("目前不能作为依据", "it cannot be relied on for now"),
            Text(
                "目前不能作为依据；是否恢复由发文机关决定。",
                "Do not rely on it for now; whether it is reinstated is for its issuer to decide.",
            ),
        ),
        Reason.AWAITING_SIGNATURES: AWAITS_SEALS,
        Reason.SEAL_COMPROMISED: StateWords(
            Text("须重新签章", "to be sealed anew"),
            Text("签章所用的密钥曾经泄露", "its seal's key was compromised"),
            Text(
                "签章所用的密钥曾经泄露，这份文件不能再单独作为凭证。请取得重新签章的文件。",
                "The seal's key was compromised, so this file is no longer sufficient on its own. "
                "Ask for the file that was sealed anew.",
            ),
        ),
    },
    LicenceState.CANCELLED: {
        None: _withdrawn(Text("已废止", "repealed")),
        Reason.REFUSED: StateWords(
            Text("未获会签", "refused by one of those who were to seal it"),
            Text("从未生效", "it never came into force"),
            Text(
                "有单位拒绝会签，这份文件从未生效。请向发文机关核实。",
                "One of those who were to seal it refused, so it never came into force. Ask the "
                "body that issued it.",
            ),
        ),
        Reason.ANNULLED: _withdrawn(Text("已被撤销", "annulled")),
        Reason.RECALLED: _withdrawn(Text("已撤回", "withdrawn")),
    },
    LicenceState.EXPIRED: {None: _withdrawn(Text("已过有效期", "expired"))},
    LicenceState.REPLACED: {
        None: StateWords(
            Text("已由新文件代替", "replaced by a newer document"),
            Text("请查验新文件", "ask for the newer one"),
            Text("请取得新文件。", "Ask for the newer document."),
        ),
        Reason.RESEALED: StateWords(
            Text("已重新签章", "replaced by the same document, sealed anew"),
            Text("请使用重新签章的文件", "ask for the file that was sealed anew"),
            Text("请取得重新签章的文件。", "Ask for the file that was sealed anew."),
        ),
    },
    LicenceState.VOID: {None: _withdrawn(Text("已作废", "void"))},
}
"""Of an official document (公文), which nobody holds and no law of licences speaks of."""


def words_of(
    state: LicenceState, reason: str | None, kind: TypeKind = TypeKind.LICENCE
) -> StateWords:
    """Return a state's words; a reason that the law does not tell apart changes nothing."""
    words = (_DOCUMENT_WORDS if kind is TypeKind.DOCUMENT else _WORDS)[state]
    return words.get(reason) or words[None]


_TERM: Final = {TypeKind.LICENCE: "within its term", TypeKind.DOCUMENT: "not withdrawn"}
_UNFINISHED = Text("待发（颁发未完成）", "pending (its grant has not finished)")


def standing_of(state: LicenceState, reason: str | None, kind: TypeKind = TypeKind.LICENCE) -> Text:
    """Return a stored state as operators read it.

    PENDING as stored is a grant that has not finished; the public's PENDING is a licence whose
    first day is yet to come.
    """
    return _UNFINISHED if state is LicenceState.PENDING else words_of(state, reason, kind).word


def standing_on(licence: Licence, today: date, kind: TypeKind | None = None) -> Text:
    """Return a licence's state on a day as operators read it; a document's in its own words."""
    if licence.state is LicenceState.PENDING:
        return _UNFINISHED
    state = licence.effective_state(today)
    return words_of(state, effective_reason(state, licence.reason), kind or licence.kind).word


def state_sentence(
    state: LicenceState, reason: str | None, kind: TypeKind = TypeKind.LICENCE
) -> Text:
    """Return a licence's state as a sentence of its own."""
    words = words_of(state, reason, kind)
    if state is LicenceState.IN_FORCE:
        return Text(f"{words.meaning.zh}。", f"In force, {_TERM[kind]}.")
    return sentence_of(words)


def sentence_of(words: StateWords) -> Text:
    """Return a state's words as a sentence of its own."""
    said = words.after(Text("", ""))
    return Text(said.zh, said.en[1:2].upper() + said.en[2:])
