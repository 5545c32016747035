"""Messages of `registry.licences` in Chinese and English."""

from typing import Final

from core.text import Text, counted
from registry.model import TypeKind

EXPIRED_LICENCE_NEEDS_RENEWAL: Final = Text(
    "证照已过有效期，只能以延续（RENEWED）换发新证。",
    "The licence has expired; only a renewal (RENEWED) can follow it.",
)
ROUND_IS_OVER: Final = Text(
    "这份公文不在等待会签：已经签齐、被拒绝、被撤回，或签章须先处理。"
    "请用 xinyin document show 查看。",
    "This document does not wait for seals: all have sealed it, somebody refused, it was "
    "withdrawn, or its seals have to be dealt with. See xinyin document show.",
)
GRANT_UNFINISHED: Final = Text(
    "颁发尚未完成：请运行 xinyin licence resume 续办，或 xinyin licence void 作废",
    "its grant has not finished: run xinyin licence resume, or xinyin licence void",
)
CONTENTS_ERASED: Final = Text(
    "这份证照的内容已按留存期限或决定删除，没有文件可以给出。",
    "The contents of this licence were erased, by its retention rule or a decision; there is no "
    "document to hand out.",
)
HOLDER_CODE_DIFFERS: Final = Text(
    "新证的持证主体代码与原证照不同：换发不能改换持证主体。请核对代码；确属他人的，另行颁发。",
    "The holder's code is not that of the licence: a new version stays with its holder. "
    "Compare the code; for another holder, grant another licence.",
)
HOLDER_LICENSED_ELSEWHERE: Final = Text(
    "该持证主体已有另一机构颁发的此类证照，不能再颁发。请与该持证主体核实。",
    "The holder has a licence of this kind from another authority already, so no second one can be "
    "granted. Ask the holder.",
)
SAMPLE_FIRST: Final = Text("第一行", "the first row")
SAMPLE_LONGEST: Final = Text("文字最多", "the most text")
SAMPLE_LONGEST_FIELD: Final = Text("单项最长", "the longest field")
SAMPLE_RARE: Final = Text("含生僻字", "rare characters")
SAMPLE_PHOTO: Final = Text("有照片", "with a photo")
SAMPLE_NO_PHOTO: Final = Text("无照片", "without a photo")
SAMPLE_RANDOM: Final = Text("随机抽取", "by chance")
IDENTIFIER_TO_COME: Final = Text("（签发后生成）", "(made at granting)")
NUMBER_TO_COME: Final = Text("（签发时编号）", "(given at granting)")
INSTANT_TO_COME: Final = Text(
    "这一时刻还没有到，不能查询当时的状态。", "That instant is yet to come; nothing was told then."
)
LICENCE_NOT_REPLACEABLE: Final = Text(
    "只能由原颁发机构换发，且新证与原证照的类型、编号相同，原证照须有效。请用 xinyin licence "
    "show 查看原证照。",
    "Only a licence in force can be replaced, by its own authority, with one of the same "
    "type and number. See xinyin licence show.",
)
LICENCE_NUMBER_CONTRADICTED: Final = Text(
    "新证的内容与证照编号所含的信息（如业态、类别、区划）不符，编号不变时不能更改。请核对；确"
    "需更改的，注销后重新颁发。",
    "What the licence's number says (form, class, area) is not what the new version says, "
    "and the number stays. Compare them; where it must change, cancel the licence and grant "
    "another.",
)
LICENCE_TERM_DIFFERS: Final = Text(
    "数据中的有效期与原证照不同：更正、变更、补办不改变有效期，延续（RENEWED）才重新起算。",
    "The term in the data is not that of the licence: CORRECTED, CHANGED and REISSUED keep "
    "the term, only RENEWED begins another.",
)
NEW_NUMBER_NEEDED: Final = Text(
    "该类证照以此事由换发须用新的编号，请填写新编号。",
    "For this reason a new version of this type takes a new number; give one.",
)
NOT_ON_RECORD_THEN: Final = Text(
    "当时查不到这份证照的登记信息。", "There was no record of this licence then."
)
NO_SUCH_LICENCE: Final = Text(
    "没有这份证照。请核对证照标识、编号或链接；可用 xinyin licence search 查找。",
    "There is no such licence. Check the identifier, number or link; xinyin licence search "
    "looks for it.",
)
RENEWAL_LEAVES_GAP: Final = Text(
    "新证的有效期尚未开始，现在换发会使持证主体在此之前没有有效证照。请在有效期开始之日办理，"
    "或将有效期起填为今天。",
    "The new term has not begun: replaced now, its holder would have no licence in force until "
    "then. Renew it on the first day, or let the term begin today.",
)
RESEALING_CHANGES_CONTENT: Final = Text(
    "重新签章不能改变证照内容。", "Sealing anew cannot change what a licence says."
)
AWAITS_SEALS: Final = Text(
    "这份公文会签未完成，不能办理此操作；撤回用 xinyin document cancel。",
    "This document awaits seals; this cannot be done to it now. Withdraw it with xinyin document "
    "cancel.",
)
DOCUMENT_SEAL_COMPROMISED: Final = Text(
    "此公文因印章密钥泄露暂停使用，须重新签章：xinyin seal reseal。",
    "The document is out of force because its seal's key was compromised; it comes back by being "
    "sealed anew: xinyin seal reseal.",
)
NO_DOCUMENT_THEN: Final = Text(
    "当时查不到这份公文的登记信息。", "There was no record of this document then."
)
SEAL_KEY_COMPROMISED: Final = Text(
    "此证照因印章密钥泄露暂停使用，须重新签章：xinyin seal reseal。",
    "The licence is out of force because its seal's key was compromised; it comes back by "
    "being sealed anew: xinyin seal reseal.",
)
SUSPENSION_CHANGED: Final = Text(
    "这份证照的暂停刚被改动，请重试。", "The suspension was changed meanwhile; try again."
)
SUSPENSION_MUST_BE_OPEN: Final = Text(
    "此证照的印章密钥曾经泄露，暂停不能自行届满；请不填截止日。",
    "The key of this licence's seal was compromised, so no suspension of it may end by itself; "
    "leave the date out.",
)
UNTIL_OF_SUSPENSION_ALONE: Final = Text(
    "只有暂停可以指定截止日。", "Only a suspension takes a last day."
)


def suspension_end_unfit(most: int) -> Text:
    return Text(
        f"暂停的截止日须是今天或以后的日期，最多 {most} 天之后。",
        f"The last day of a suspension is today or later, at most {counted(most, 'day')} ahead.",
    )


def document_number_required(reason: Text) -> Text:
    return Text(
        f"“{reason.zh}”须注明文书的文号（--document-number）。",
        f"The reason “{reason.en}” needs the number of the document of record (document_number).",
    )


def document_number_unfit(most: int) -> Text:
    return Text(
        f"文号须为一行文字，1 到 {most} 字，首尾不留空格。",
        f"The number of the document of record is one line without blanks around it, its length "
        f"up to {most}.",
    )


def holder_already_licensed(*, identifier: str, situation: Text) -> Text:
    return Text(
        f"该持证主体已有一份此类证照：{identifier}，{situation.zh}。",
        f"The holder has a licence of this kind already: {identifier}, {situation.en}.",
    )


def legal_basis_required(max_characters: int) -> Text:
    return Text(
        f"须写明依据（1 到 {max_characters} 字）。",
        f"State the legal basis (1 to {counted(max_characters, 'character')}).",
    )


def licence_record_unreadable(identifier: str) -> Text:
    return Text(
        f"登记库中证照 {identifier} 的内容无法读取：不是本系统写入的。请保全现场，执行 xinyin "
        "audit verify 查明；待发的，用 xinyin licence void 作废。",
        f"What the register holds of the licence {identifier} cannot be read: nothing here "
        "has written it. Keep everything as it is and look into it with xinyin audit verify; "
        "one that is pending, close with xinyin licence void.",
    )


def licence_state_unsuitable(*, standing: Text, state: str, kind: TypeKind) -> Text:
    if kind is TypeKind.DOCUMENT:
        return Text(
            f"公文当前为“{standing.zh}”，不能办理此操作。请用 xinyin document show 查看。",
            f"The document is {standing.en}; this cannot be done to it now. See xinyin document "
            "show.",
        )
    return Text(
        f"证照当前为“{standing.zh}”，不能办理此操作。请用 xinyin licence show 查看。",
        f"The licence is {state}; this cannot be done to it now. See xinyin licence show.",
    )


def licence_suspended(*, standing: Text, reason: object, kind: TypeKind) -> Text:
    if kind is TypeKind.DOCUMENT:
        return Text(
            f"公文当前为“{standing.zh}”，不能办理此操作。",
            f"The document is {standing.en}; this cannot be done to it now.",
        )
    return Text(
        f"证照当前为“{standing.zh}”，不能办理此操作。请先恢复使用：xinyin licence reinstate。",
        f"The licence is suspended ({reason}); this cannot be done to it now. Reinstate it "
        "first: xinyin licence reinstate.",
    )


def reason_not_listed(*, said: str, listed: Text, branch: Text) -> Text:
    return Text(
        f"此类证照办理此操作没有事由“{said}”，可用：{listed.zh}；或本行业代码：{branch.zh}。",
        f"“{said}” is no reason for this with licences of this type. There are: {listed.en}; or "
        f"the branch's own codes: {branch.en}.",
    )


def reason_required(allowed_reasons: Text) -> Text:
    return Text(
        f"此操作须注明事由：{allowed_reasons.zh}。",
        f"This needs a reason, one of: {allowed_reasons.en}.",
    )


def replace_or_cancel_first(state: Text) -> Text:
    return Text(
        f"{state.zh}。要更改内容、补办或延续，请用 xinyin licence replace；确需另发的，先注销"
        "原证照",
        f"{state.en}. To change, reissue or renew it use xinyin licence replace; to grant "
        "another, cancel that one first",
    )


def replacement_basis_required(reasons: Text) -> Text:
    return Text(
        f"换发须写明依据和事由：{reasons.zh}。",
        f"Replacing needs a basis and a reason: {reasons.en}.",
    )


def replacement_would_duplicate(state: Text) -> Text:
    return Text(
        f"{state.zh}，换发后会有两份。请核对数据；数据无误的，先注销其中一份",
        f"{state.en}, and this would make two. Compare the data; if they are right, cancel "
        "one of the two first",
    )


def type_lists_no_reason(slug: str) -> Text:
    return Text(
        f"证照类型 {slug} 的 [reasons] 没有列出此操作的事由，不能办理。确有依据的，由类型管理人员"
        "补入后用 xinyin type add 登记。",
        f"The [reasons] of the licence type {slug} list none for this, so it cannot be done. Where "
        "the law has one, add it to the definition and record that with xinyin type add.",
    )


def request_key_reused(identifier: str) -> Text:
    return Text(
        f"此请求号已用于另一请求（证照 {identifier}），未作任何更改。请换用新的请求号。",
        f"This request key was used for another request (licence {identifier}); nothing was "
        "changed. Take a new key for a new request.",
    )
