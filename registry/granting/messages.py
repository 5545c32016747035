"""Messages of `registry.granting` in Chinese and English."""

from typing import Final

from core.text import Text, counted

AWAITS_SIGNATURE: Final = Text(
    "这份证照在等待签发人本人签名，签名之前不加盖印章。请签发人用 xinyin request sign 签名。",
    "The licence waits for its officer's own signature and is not sealed before. The officer signs "
    "with xinyin request sign.",
)
LICENCE_NOT_PENDING: Final = Text(
    "该证照不是待发状态，或正由另一进程办理。请用 xinyin licence show 查看。",
    "The licence is not pending, or another process is finishing it. See xinyin licence show.",
)
LICENCE_NUMBER_IN_USE: Final = Text(
    "该编号已有待发、有效或暂停使用的同类证照。请先注销，或换发新证。",
    "That number is held by a licence of the same type that is pending, in force or "
    "suspended. Cancel or replace that one.",
)
PENDING_LICENCE_NOT_RESERVED: Final = Text(
    "恢复日志中没有这份待发证照的预留：不是本系统预留的，或之后被改动、已作废，因此不签章。请"
    "执行 xinyin audit verify 查明，用 xinyin licence void 作废；确需颁发的，请重新申请。",
    "The journal knows of no reservation of this pending licence as it stands: it was not "
    "reserved here, was changed since, or was given up; it is not sealed. Look into it with "
    "xinyin audit verify, close it with xinyin licence void, and grant anew what is to be "
    "granted.",
)
REPLACED_LICENCE_NOT_IN_FORCE: Final = Text(
    "原证照已不再有效，换发的新证已作废。请用 xinyin licence show 查看原证照。",
    "The licence to be replaced is no longer in force; the new version was voided. See "
    "xinyin licence show.",
)
REQUEST_IN_PROGRESS: Final = Text(
    "同一请求或同一证照正由另一进程办理。",
    "Another process is working on the same request or the same licence.",
)
ROW_COMMIT_OUTCOME_UNKNOWN: Final = Text(
    "提交时与数据库的连接中断，不知道这一行是否已经颁发。重新执行同一批次即可办完，不会重复颁发。",
    "The connection to the database broke while committing; whether this row was granted is "
    "not known. Run the same batch again: it finishes it, and grants nothing twice.",
)


SIGNATURE_LAPSED: Final = Text(
    "这次待签的文件已失效：超过时限、已经签过，或版式此后有变化。请重新取待签文件并签名。",
    "The page that was handed out to be signed counts no more: its time is over, it was signed "
    "before, or its layout has changed since. Get it anew and sign that.",
)
SIGNATURE_OF_ANOTHER: Final = Text(
    "这份证照不等待您的签名。", "The licence does not wait for a signature of yours."
)
SIGNER_LEFT: Final = Text(
    "应签名的签发人已停用或离开，这份证照不再颁发，编号作废。请重新申请。",
    "The officer who was to sign was disabled or left: the licence is not granted and its number "
    "given up. Ask for it anew.",
)
SIGNER_SILENT: Final = Text(
    "签发人在时限内没有签名，这份证照不再颁发，编号作废。请重新申请。",
    "The officer did not sign in time: the licence is not granted and its number given up. Ask for "
    "it anew.",
)


TERMS_UNREADABLE: Final = Text(
    "登记的签章要求无法读取，请先核查审计记录。",
    "The terms of signing on record cannot be read; look at the audit first.",
)


EDGE_NEEDS_PAGES: Final = Text(
    "只有一页，不能盖骑缝章。", "A seal across the edges needs two pages or more."
)
SAMPLE_CAPTION: Final = Text("样例，无法律效力", "Sample, of no legal effect")


PAPER_CLOSED: Final = Text(
    "该纸质证照已不是有效状态，不能升级为电子证照。请重新申请颁发。",
    "The licence on paper is not in force, so that no electronic one takes its place. Grant a new "
    "licence instead.",
)
PAPER_OF_ANOTHER_HOLDER: Final = Text(
    "持证主体与所登记的纸质证照不同，未颁发。请核对编号和申请内容。",
    "The licence on paper is another holder's, and nothing was granted. Compare number and record.",
)


NUMBER_ON_PAPER: Final = Text(
    "该编号属于已接收入库的有效纸质证照，未颁发。把它升级为电子证照的，请加 --from-paper "
    "和该编号。",
    "That number is held by a licence on paper which was taken over and is valid; nothing was "
    "granted. Where the electronic licence takes its place, add --from-paper with the number.",
)
PAPER_NOT_FOUND: Final = Text(
    "该颁发机构没有此编号的同类纸质证照入库。请用 xinyin licence taken-over 查看。",
    "No licence on paper of that type, authority and number was taken over. See xinyin licence "
    "taken-over.",
)


def paper_replaced(identifier: str) -> Text:
    return Text(
        f"该纸质证照已由电子证照 {identifier} 取代。",
        f"The electronic licence {identifier} took the place of the one on paper.",
    )


def document_left_force(identifier: str) -> Text:
    return Text(
        f"这份文件签发过（{identifier}），现已失效，未再签发。确需重签，请给出新的 --request-key。",
        f"This file was signed before ({identifier}) and is no longer in force; it was not signed "
        "again. To sign it anew, give another --request-key.",
    )


def file_refused(found: list[Text]) -> Text:
    zh = "\n".join(f"  {one.zh}" for one in found)
    en = "\n".join(f"  {one.en}" for one in found)
    return Text(
        f"文件未签章，其中有不能签章的内容：\n{zh}\n处理后重新导出，再执行一次。",
        f"The file is not signed, for what it holds:\n{en}\n"
        "Mend it, export it again, and run this again.",
    )


def to_mend(remedy: Text) -> Text:
    return Text(f"  处理：{remedy.zh}。", f"  Remedy: {remedy.en}.")


def and_more(count: int) -> Text:
    return Text(f"另有 {count} 处。", f"And {counted(count, 'more place')}.")


def not_a_document_type(slug: str) -> Text:
    return Text(
        f"“{slug}”是证照类型，不是公文类型。",
        f"“{slug}” is a type of licences, not of official documents.",
    )


def signed_otherwise(identifier: str) -> Text:
    return Text(
        f"这份文件已签发（{identifier}），但当时的签章要求不同。需要原文件，请用 xinyin licence "
        "export；确需重签，请先用 xinyin document cancel 撤回或废止原件，再以新的 --request-key "
        "签发。",
        f"This file was signed before ({identifier}), on other terms. xinyin licence export hands "
        "that out; to sign it anew, first withdraw it with xinyin document cancel, then give "
        "another --request-key.",
    )


def authority_not_in_being(authority_id: str) -> Text:
    return Text(
        f"颁发机构“{authority_id}”尚未设立或已撤并，不能再颁发新证照；原证照由承继机构管理。",
        f"The authority “{authority_id}” does not exist yet or is no more, and grants nothing new; "
        "its successor administers what it granted.",
    )


def granted_licence_differs(*, identifier: str, fields: str) -> Text:
    return Text(
        f"已颁发过，但内容与证照 {identifier} 不同（{fields}）。请用 --changed 决定：skip 不改，"
        "correct 更正，replace 变更，renew 延续。",
        f"Granted before, and differs from licence {identifier} ({fields}). Decide with "
        "--changed: skip, correct, replace or renew.",
    )


def holder_has_unlisted_licence(identifier: str) -> Text:
    return Text(
        f"该持证主体另有一份此类证照 {identifier}，表中没有它的行。若是它的变更，请用 xinyin "
        "licence replace；确需再颁发一份，请加 --further。",
        f"The holder has another licence of this type, {identifier}, of which no row speaks. "
        "If the row is a change of it, use xinyin licence replace; to grant one more, add "
        "--further.",
    )
