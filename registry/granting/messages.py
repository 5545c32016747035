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


ALL_HAVE_SEALED: Final = Text("会签完成", "all have sealed it")
SEALED_MEANWHILE: Final = Text(
    "另一方正在同一份公文上盖章。请稍后再执行一次，已盖的章不会重复。",
    "Somebody else is sealing the same document. Run this again shortly; nothing is sealed twice.",
)
NOBODY_ELSE_SEALS: Final = Text("这份公文没有会签单位。", "Nobody else is to seal this document.")
ROUND_IS_OVER: Final = Text(
    "这份公文不在等待会签：已经签齐、被拒绝、被撤回，或签章须先处理。"
    "请用 xinyin document show 查看。",
    "This document does not wait for seals: all have sealed it, somebody refused, it was "
    "withdrawn, or its seals have to be dealt with. See xinyin document show.",
)
ROUND_OVERDUE: Final = Text(
    "会签期限已过，未盖章。请发文机关延长期限，或撤回后重新发起。",
    "The last day for sealing has passed, so it was not sealed. Its issuer may move that day, or "
    "withdraw the document and begin anew.",
)
REFUSAL_NEEDS_REASON: Final = Text(
    "请写明拒绝会签的理由（不超过 500 字）。",
    "Say why it will not be sealed, in at most 500 characters.",
)
DAY_NEEDS_REASON: Final = Text(
    "请写明更改会签期限的理由（不超过 500 字）。",
    "Say why the last day is moved, in at most 500 characters.",
)
APPROVAL_IS_NOT_FOR_ROUNDS: Final = Text(
    "会签公文的首次签章必须是认证签名，不能与 --approval 同用。",
    "The first seal of a document that others seal certifies it; leave out --approval.",
)
ROUND_NEEDS_VALIDATION_DATA: Final = Text(
    "会签公文每一步都须带时间戳和验证数据，级别只能是 B-LT 或 B-LTA。",
    "Each seal of a document that several seal has a timestamp and validation data: its level is "
    "B-LT or B-LTA.",
)
SIGNERS_REPEATED: Final = Text(
    "会签单位重复，或把发文机关列为会签单位。",
    "A countersigner stands there twice, or is the issuer itself.",
)
TOO_MUCH_TO_SIGN: Final = Text(
    "会签单位过多或名称过长，请减少。", "There are too many countersigners, or too long names."
)
DEADLINE_PASSED: Final = Text("会签期限早于今天。", "The last day for sealing is past.")


FOREIGN_UNKNOWN: Final = Text(
    "文件不是以本平台登记的公文开头：可能签署的是另一个文件，或签署软件重新保存了整个文件。"
    "请用本平台发出的最新文件，以增量方式签署。",
    "The file does not begin with a document on record: another file was signed, or the software "
    "wrote the whole file anew. Sign the file that was handed out, by an incremental update.",
)
FOREIGN_OTHER: Final = Text("文件是另一份公文的。", "The file is of another document.")
FOREIGN_BASE: Final = Text(
    "文件是在较早的版本上签署的，其后已有他人盖章。请取得最新的文件，重新签署。",
    "An earlier revision was signed; others have sealed the document since. Take the newest file "
    "and sign that.",
)
FOREIGN_UNREADABLE: Final = Text(
    "文件的签名或改动无法判断，不能接收。请用其他签署软件，以增量方式签署。",
    "The signature, or what was added, cannot be judged, so it is not taken in. Sign with other "
    "software, by an incremental update.",
)
FOREIGN_NOT_SIGNED: Final = Text(
    "文件中没有新的签名。", "The file bears no signature that was not there before."
)
FOREIGN_SEVERAL: Final = Text(
    "文件中新增了不止一个签名；一次只能接收一个。",
    "More than one signature was added; one is taken in at a time.",
)
FOREIGN_BROKEN: Final = Text(
    "新的签名不成立：文件内容与签名时不一致。",
    "The new signature does not hold: the file is not as it was signed.",
)
FOREIGN_EARLIER_BROKEN: Final = Text(
    "原有的签章不再成立，文件被改动过。", "An earlier seal does not hold: the file was altered."
)
FOREIGN_CHANGED: Final = Text(
    "签署时改动了文件所显示的内容，或作了首次签章不允许的改动。",
    "What the file shows was changed when it was signed, or what the first seal forbids was added.",
)
FOREIGN_ANNOTATED: Final = Text(
    "签署时添加了批注；只能签名，不能添加其他内容。",
    "Annotations were added; nothing but a signature may be.",
)
FOREIGN_FILLED: Final = Text(
    "签署时填写了表单；只能签名，不能添加其他内容。",
    "Form fields were filled in; nothing but a signature may be added.",
)
FOREIGN_PART: Final = Text(
    "新的签名只覆盖文件的一部分。", "The new signature covers only part of the file."
)
FOREIGN_STUFFED: Final = Text(
    "新的签名所占的位置里还有别的内容，不在签名范围内。请取得未经改动的文件。",
    "The place of the new signature holds something else, which nobody signed. Ask for the file as "
    "it was signed.",
)
FOREIGN_FOLLOWED: Final = Text(
    "新的签名之后又有改动；其后只能有验证数据和时间戳。",
    "Something follows the new signature; only validation data and timestamps may.",
)
FOREIGN_TABLE: Final = Text(
    "签署软件以交叉引用流保存了文件，本平台不能续存。请让其沿用原文件的交叉引用表。",
    "The software saved the file with a cross-reference stream, which cannot be kept here. Let it "
    "write a cross-reference table as the file has.",
)
FOREIGN_NO_ANCHOR: Final = Text(
    "签名证书不能追溯到本平台信任的根证书。请先由运维人员把其根证书加入信任列表"
    "（xinyin trust add）。",
    "The signing certificate leads to no anchor that is trusted here. Have an operator add its "
    "root to the trust list first (xinyin trust add).",
)


def foreign_not_valid(why: str | None) -> Text:
    said = "" if why is None else why
    return Text(
        f"新的签名核验不通过（{said}）：证书可能已过期、被吊销，或缺少时间戳、吊销信息。"
        "请换用有效证书，并在签名中带上时间戳和验证数据。",
        f"The new signature is not valid ({said}): its certificate may have expired or been "
        "revoked, or a timestamp or revocation data may be missing. Sign with a valid certificate, "
        "a timestamp and validation data.",
    )


def foreign_field(field: str, wanted: list[str]) -> Text:
    return Text(
        f"签名在签名域“{field}”中，应签在预留的签名域：{'、'.join(wanted) or '无'}。",
        f"It was signed in the field “{field}”, not in the one that was prepared: "
        f"{', '.join(wanted) or 'none'}.",
    )


def foreign_not_its_turn(names: list[str]) -> Text:
    return Text(
        f"还没有轮到该单位，现在等待的是：{'、'.join(names) or '无'}。",
        f"It is not its turn; awaited now: {', '.join(names) or 'nobody'}.",
    )


def foreign_certificate(signer: str, name: str) -> Text:
    return Text(
        f"签名证书（{signer}）不是“{name}”登记的证书。",
        f"The signing certificate ({signer}) is not the one on record for {name}.",
    )


def countersigner_unusable(name: str) -> Text:
    return Text(
        f"会签单位“{name}”写得不全：本平台的单位写 authority；在外签署的写 name，并写 "
        "certificate（签名证书的 SHA-256）或 uscc（统一社会信用代码）。",
        f"The countersigner “{name}” is not named in full: one that is here by authority, one that "
        "signs elsewhere by name, and by certificate (SHA-256 of its signing certificate) or uscc.",
    )


def place_of_seal(name: str) -> Text:
    return Text(f"{name}盖章处", f"Place of the seal of {name}")


def seals_touch(name: str) -> Text:
    return Text(
        f"“{name}”的印章会与同页的另一枚印章相交或相切，请换一个位置。",
        f"The seal of {name} would touch another one on the page; choose another place.",
    )


def several_await(ids: list[str]) -> Text:
    return Text(
        f"有多个单位待盖章，请用 --authority 指明：{'、'.join(ids)}。",
        f"Several are to seal it; name one with --authority: {', '.join(ids)}.",
    )


def not_its_turn(name: str) -> Text:
    return Text(
        f"还没有轮到：须先由“{name}”盖章。",
        f"It is not its turn yet: {name} has to seal it first.",
    )


def awaits_others(names: list[str]) -> Text:
    return Text(
        f"这份公文现在不等待该单位盖章，等待的是：{'、'.join(names)}。",
        f"The document does not await this seal now, but that of {', '.join(names)}.",
    )


def document_has_ended(identifier: str) -> Text:
    return Text(
        f"公文 {identifier} 已不再有效，不能再盖章。",
        f"Document {identifier} has left force, and gets no seal any more.",
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
