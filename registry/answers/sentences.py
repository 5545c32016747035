"""The sentences of public answers, by code: what is so, and what to do next. The words of a
licence's state stand in `registry.state_words`.

"Could not check" is never worded as invalid, "not registered here" never as forged; altered and
unknown issuer are never one warning; nobody is told to try again what will never work.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.text import Text
from registry.accession.grades import WORDS, Grade
from registry.answers.answers import Outcome
from registry.answers.signature_words import reason_of
from registry.model import LicenceState, TypeKind
from registry.state_words import StateWords, words_of

_ASK_FOR_PDF = Text("请对方提供原始 PDF 文件。", "Ask for the original PDF file.")
_OUR_CAUSE = Text(
    "这是本平台的原因，不说明文件有问题。请联系颁发机构核实。",
    "The cause is on our side and says nothing against the document. Ask the authority.",
)


def join(*texts: Text | None) -> Text:
    """Return sentences one after the other."""
    some = [text for text in texts if text is not None]
    return Text("".join(text.zh for text in some), " ".join(text.en for text in some))


def _taken_over(grade: Grade) -> Text:
    words = WORDS[grade]
    return Text(
        f"由纸质证照接收入库，没有本平台的电子签章；{words.zh}。",
        f"Taken over from paper, without a seal of ours; {words.en}.",
    )


CHECKS: dict[str, Text] = {
    # integrity, passed
    "registered_document": Text(
        "文件与登记的内容完全一致。", "The file is exactly the one that was registered."
    ),
    "signatures_intact": Text(
        "文件签章后未被改动。", "The file has not changed since it was signed."
    ),
    # integrity, skipped
    "scan_on_record": Text(
        "文件与留存的扫描件完全一致。", "The file is exactly the scan that was kept."
    ),
    "taken_over_file": Text(
        "文件与接收入库的文件完全一致；签章当时已核验。",
        "The file is exactly the one that was taken over; its seal was checked then.",
    ),
    # integrity, failed: each with proof
    "changed_after_sealing": join(
        Text("文件在签章之后被改动过。", "The file was changed after it was signed."), _ASK_FOR_PDF
    ),
    "signature_broken": join(
        Text(
            "文件内容与签章时不一致。",
            "The file is not as it was signed: its signature does not hold.",
        ),
        _ASK_FOR_PDF,
    ),
    "signature_removed": join(
        Text("文件中原有的签名已被移除。", "A signature that the file had was removed from it."),
        _ASK_FOR_PDF,
    ),
    "docmdp_violated": join(
        Text(
            "签名者限定了签名后允许的改动，文件此后的改动超出了限定。",
            "The signer limited what may follow the signature, and what follows exceeds it.",
        ),
        _ASK_FOR_PDF,
    ),
    "not_the_sealed_bytes": join(
        Text(
            "签章所用的电子印章在本平台登记过，但文件内容不是登记的内容。",
            "The seal is one on record here, but the file is not what was registered.",
        ),
        _ASK_FOR_PDF,
    ),
    "not_the_registered_bytes": join(
        Text(
            "文件带有在本平台登记的标识或签章，但不是登记的文件。",
            "The file bears an identifier or a seal on record here, but is not the file "
            "that was registered.",
        ),
        _ASK_FOR_PDF,
    ),
    "unparseable": join(
        Text(
            "文件带有已登记文件的标识或签章痕迹，但已损坏，无法解读。",
            "The file bears traces of a document on record but is damaged.",
        ),
        _ASK_FOR_PDF,
    ),
    "signature_missing": join(
        Text(
            "文件带有已登记文件的标识，却没有电子签章：可能是截取、打印或转存的副本。",
            "The file bears the identifier of a document on record but no seal: a printout or a "
            "re-saved copy perhaps.",
        ),
        _ASK_FOR_PDF,
    ),
    # integrity, skipped
    "no_signature": Text(
        "文件中没有电子签章。请提供颁发机构发出的 PDF 文件。",
        "The file has no electronic signature. Provide the PDF that the authority gave out.",
    ),
    "never_signed": Text(
        "文件预留了签名位置，但没有签名。请提供颁发机构发出的 PDF 文件。",
        "The file was prepared for a signature and never signed. Provide the PDF that the "
        "authority gave out.",
    ),
    "scan": Text(
        "这是扫描件或照片，不是电子文件。请提供颁发机构发出的 PDF 文件，或扫描其上的二维码。",
        "This is a picture of a page, not the electronic file. Provide the PDF that the authority "
        "gave out, or scan the QR code on it.",
    ),
    "no_document": Text(
        "仅查询登记信息，未核验文件。请与手中证照逐项比对，或上传 PDF 文件。",
        "Only the record was looked at, no document. Compare it with the licence "
        "in your hands, or upload the PDF.",
    ),
    "unknown_digest": Text(
        "未查到这一摘要值的登记。请上传文件核验。",
        "That digest is not on record. Check the file itself.",
    ),
    # integrity, error: the cause is on our side, or nothing can be concluded
    "unregistered_addition": Text(
        "证照的登记部分真实；其后附加了本平台不能担保的内容。请以登记的部分为准。",
        "The registered part of the licence is genuine; what was added after it we cannot vouch "
        "for. Go by the registered part.",
    ),
    "record_disagrees": join(
        Text("登记信息与审计记录不一致，未能核验。", "The record disagrees with the audit."),
        _OUR_CAUSE,
    ),
    "registered_seal_does_not_hold": join(
        Text(
            "文件有登记，但其签章未能通过本平台的复核。",
            "The file is registered, but its seal did not pass our own check.",
        ),
        _OUR_CAUSE,
    ),
    "seal_not_judged": join(
        Text(
            "文件有登记，但本平台未能复核其签章。",
            "The file is registered, but we could not check its seal.",
        ),
        _OUR_CAUSE,
    ),
    "filled_after_signing": Text(
        "签名时的内容未被改动，签名后填写过表单：签名者允许填写，但不为填写的内容"
        "担保。这不说明文件有问题。",
        "What was signed is unchanged; form fields were filled in after it was signed. The signer "
        "allows that, and does not vouch for it. That says nothing against the file.",
    ),
    "annotated_after_signing": Text(
        "签名时的内容未被改动，签名后添加过批注：批注不是签名者所签的内容。这不说明文件有问题。",
        "What was signed is unchanged; it was annotated after it was signed. The annotations are "
        "not what the signer signed. That says nothing against the file.",
    ),
    "judging_failed": Text(
        "核验此文件时出错，原因在本平台，已记录。这不说明文件有问题。请向出具单位核实。",
        "Judging this file failed; the cause is on our side and was recorded. It says nothing "
        "against the file. Ask the body that issued it.",
    ),
    # issuer
    "registered_here": Text(
        "由在本平台登记的机构颁发并签章。", "Granted and sealed by an authority on record here."
    ),
    "seal_without_record": Text(
        "签章所用的电子印章在本平台登记过，但没有这份文件的登记信息。此情况已记录，请勿据此办理，"
        "并联系所载颁发机构。",
        "The seal is one on record here, but no such file is. This was recorded; do not accept the "
        "file, and contact the authority it names.",
    ),
    "record_lost": Text(
        "这份文件曾在本平台登记，但登记信息在一次备份恢复中缺失。请向颁发机构核实。",
        "This file was registered here, but its record was lost when the register was restored. "
        "Ask the authority.",
    ),
    "recognised_issuer": Text(
        "未在本平台登记，但签名者的证书属于受认可的证书体系。",
        "Not registered here, but the signer's certificate belongs to a recognised hierarchy.",
    ),
    "trusted_root": Text(
        "签名者的证书可追溯到您指定的根证书。",
        "The signer's certificate leads to the root that you gave.",
    ),
    "not_under_root": Text(
        "签名者的证书不能追溯到您指定的根证书。",
        "No path leads from the signer's certificate to the root that you gave.",
    ),
    "unknown_issuer": Text(
        "签名者未在本平台登记，身份由其证书自称。请向签名者所属机构核实。",
        "The signer is not on record here; the name is what its certificate claims. Ask the "
        "signer's own organisation.",
    ),
    "not_established": Text(
        "未能由这份文件确认颁发机构。", "The file does not show who issued it."
    ),
    "taken_over_package": Text(
        "由其他登记库颁发，经归档包接收入库；本平台未颁发，也未签章。",
        "Granted in another register, and taken over from its archive package; it was neither "
        "granted nor sealed here.",
    ),
    "taken_over_a": _taken_over(Grade.A),
    "taken_over_b": _taken_over(Grade.B),
    "taken_over_c": _taken_over(Grade.C),
    "taken_over_d": _taken_over(Grade.D),
    "taken_over_scan": Text(
        "该文件是接收入库时留存的纸质证照扫描件，没有本平台的电子签章；扫描件本身不能证明证照真实。",
        "The file is the scan that was kept when a paper licence was taken over. It has no seal of "
        "ours, and a scan by itself proves nothing.",
    ),
    "no_record": Text(
        "未查到登记信息。请检查输入是否正确。",
        "No record of it was found. Check what was entered.",
    ),
    "mistyped": Text(
        "输入的编号或标识校验位不符，可能抄错了一位。请对照证照或文件重新输入。",
        "The check character does not match: a character was probably copied wrongly. Compare it "
        "with the original and enter it again.",
    ),
    "foreign_link": Text(
        "这个链接不是本平台的核验链接。请勿打开；已打开的，请勿输入任何信息。",
        "That link does not lead to this service. Do not open it; if you did, enter nothing there.",
    ),
    "ambiguous_number": Text(
        "有多份登记使用此编号。请改用标识或二维码查询。",
        "Several records bear that number. Use the identifier or the QR code.",
    ),
    "registry_unavailable": Text(
        "暂时无法查询登记信息，这不说明文件有问题。请稍后再试。",
        "The register cannot be reached just now; this says nothing against the document. "
        "Try again shortly.",
    ),
    # status
    "no_register": Text(
        "没有查询登记信息，当前状态未知。", "No register was asked, so its state is not known."
    ),
    "not_checked": Text("未进行此项核验。", "This was not checked."),
}
"""By a check's code. What integrity could not judge of a foreign file has its words in
`registry.answers.signature_words.NOT_JUDGED`, and states have theirs in
`registry.state_words`."""

NOTHING_LOOKED_AT = Text("未核验文件。", "No document was looked at.")
"""Sentence about the document where a record alone was asked for, and there is none."""
NOBODY_SIGNED = Text(
    "文件没有签章，不能由它确认颁发机构。", "Nobody signed it, so it does not show who issued it."
)
"""What is said of the issuer where nobody signed."""
_VALID = words_of(LicenceState.IN_FORCE, None)
_IN_FORCE = Text(
    f"核验通过：文件与登记内容一致、未被改动，{_VALID.meaning.zh}。",
    f"Verified: the file is as registered and unaltered, and the licence is {_VALID.word.en}.",
)
_RECORD_IN_FORCE = Text(
    f"登记的这份证照{_VALID.meaning.zh}。未核验文件：请与手中证照逐项比对，或上传 PDF 文件核验。",
    f"The licence on record is {_VALID.word.en}. No document was looked at: compare it with the "
    "licence in your hands, or upload the PDF.",
)
_COMPARE = Text(
    "未核验文件：请与手中证照逐项比对。",
    "No document was looked at: compare it with the licence in your hands.",
)
_THINGS = {
    TypeKind.LICENCE: Text("证照", "licence"),
    TypeKind.DOCUMENT: Text("文件", "document"),
}
_DOCUMENT_IN_FORCE = Text(
    "核验通过：文件由登记的机构签发，与登记内容一致、未被改动，登记状态有效。",
    "Verified: the document is as registered by the body that issued it, unaltered, and has not "
    "been withdrawn.",
)
_DOCUMENT_RECORD_IN_FORCE = Text(
    "登记的这份文件状态有效。未核验文件本身：请上传 PDF 文件核验，文字内容以 PDF 文件为准。",
    "The document on record is in force. The file itself was not looked at: upload the PDF, since "
    "only that says what was signed.",
)
_COMPARE_DOCUMENT = Text(
    "未核验文件本身：请上传 PDF 文件核验。",
    "The file itself was not looked at: upload the PDF.",
)
_SAMPLE_IN_FORCE = Text(
    "样例文件，核验通过：与登记内容一致、未被改动。样例没有法律效力，不得用于办理业务。",
    "A sample, verified: as registered and unaltered. Samples have no legal effect and must not be "
    "accepted for anything.",
)
_SAMPLE = Text(
    "这是样例，没有法律效力，不得用于办理业务。",
    "It is a sample of no legal effect; it must not be accepted for anything.",
)
_ALTERED = Text(
    "此文件与签章时不一致，请勿据此办理。请对方提供颁发机构发出的原始 PDF 文件。",
    "This file is not as it was sealed; do not accept it. Ask for the original PDF that the "
    "authority gave out.",
)
_NOT_THE_ORIGINAL = Text(
    "这不是原始电子文件，请勿据此办理。请对方提供颁发机构发出的原始 PDF 文件。",
    "This is not the original electronic file; do not accept it. Ask for the PDF that the "
    "authority gave out.",
)
_REGISTERED_PART = Text(
    "文件开头的登记部分完好：请单独取出，再核验一次。",
    "The registered part that it begins with is whole: take it out and verify that.",
)
_REGISTERED_PART_INCOMPLETE = Text(
    "文件开头的登记部分未被改动，但没有盖齐全部印章，不是有效文件：请向发文机关索取签齐的文件。",
    "The registered part that it begins with is unaltered, but does not bear all its seals and is "
    "not in force: ask its issuer for the complete document.",
)
_NOT_REGISTERED = Text("这份文件未在本平台登记。", "This file is not registered here.")
_ASK_SIGNER = Text("请向该单位核实。", "Ask that body.")
_ASK_WHO_SIGNED = Text("请向签名者核实。", "Ask who signed it.")
_TRY_AGAIN = Text(
    "暂时无法核验，这不说明文件有问题。请稍后再试，或联系颁发机构。",
    "It could not be checked just now; this says nothing against the document. "
    "Try again shortly, or ask the authority.",
)
NOT_THE_ORIGINAL = frozenset({"signature_missing", "unparseable"})
"""Codes of copies and damaged downloads: they accuse nobody of having changed anything."""
ADDED_BY_OTHERS = frozenset({"filled_after_signing", "annotated_after_signing"})
"""Codes of signatures that hold, with something that nobody signed beside what they cover."""
_SAYS_IT_ALL = frozenset(
    {"no_signature", "never_signed", "scan", "unknown_digest", "judging_failed"}
)
"""Codes of integrity whose sentence is the whole answer."""
_SAYS_IT_ALL_OF_ISSUER = frozenset(
    {"seal_without_record", "record_lost", "foreign_link", "ambiguous_number", "mistyped"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """Facts that the sentence at the top is made of."""

    outcome: Outcome
    integrity_code: str
    integrity_message: Text
    issuer_code: str
    issuer_message: Text
    state: LicenceState | None
    reason: str | None
    document_checked: bool
    sample: bool
    signers: Text | None
    """Whose names the signatures bear, in quotes."""
    registered_part: bool
    """The file begins with a registered one."""
    kind: TypeKind = TypeKind.LICENCE
    """Of what was found; official documents have words of their own."""
    asked: str = ""
    """What was looked up by: `number`, `identifier`, `link`; empty where a file was."""
    words: StateWords | None = None
    """Of a state that is not the record's: of a document that does not bear all its seals."""


def check_message(code: str, details: Iterable[Text | None] = ()) -> Text:
    """Return the sentence for a check's code, with what is special about the file after it."""
    known = CHECKS.get(code)
    if known is None:
        reason = reason_of(code)
        assert reason is not None, code
        known = not_judged(reason)
    return join(known, *details)


def document_message(code: str, message: Text) -> Text:
    """Return the sentence of a check of an official document."""
    own = _OF_DOCUMENTS.get(code)
    return own if own is not None and message == CHECKS[code] else message


_OF_DOCUMENTS: dict[str, Text] = {
    "registered_here": Text(
        "由在本平台登记的机构签发并签章。", "Issued and sealed by an authority on record here."
    ),
    "no_document": Text(
        "仅查询登记信息，未核验文件。请上传 PDF 文件。",
        "Only the record was looked at, not the file. Upload the PDF.",
    ),
    "unregistered_addition": Text(
        "文件的登记部分真实；其后附加了本平台不能担保的内容。请以登记的部分为准。",
        "The registered part of the document is genuine; what was added after it we cannot vouch "
        "for. Go by the registered part.",
    ),
}


def summarise(said: Said) -> Text:
    """Return the one sentence that stands at the top of an answer."""
    match said.outcome:
        case Outcome.ALTERED:
            original = said.integrity_code in NOT_THE_ORIGINAL
            part = _REGISTERED_PART if said.registered_part else None
            if part is not None and said.words is not None:
                part = _REGISTERED_PART_INCOMPLETE
            return join(_NOT_THE_ORIGINAL if original else _ALTERED, part)
        case Outcome.NOT_ISSUED_HERE:
            return _not_issued_here(said)
        case Outcome.COULD_NOT_CHECK:
            return _could_not_check(said)
        case Outcome.NOT_IN_FORCE:
            return _not_in_force(said)
        case Outcome.IN_FORCE:
            return _in_force(said)


def _not_issued_here(said: Said) -> Text:
    if said.issuer_code == "no_record":
        return _no_record(said.asked)
    if said.issuer_code in _SAYS_IT_ALL_OF_ISSUER:
        return said.issuer_message
    if said.integrity_code in _SAYS_IT_ALL:
        return said.integrity_message
    added = said.integrity_code in ADDED_BY_OTHERS
    if added or reason_of(said.integrity_code) is not None:
        ask = _ASK_WHO_SIGNED if added else None
        return join(_NOT_REGISTERED, said.integrity_message, ask)
    if said.signers is None:
        return join(
            _NOT_REGISTERED,
            Text("文件自签名以来未被改动。", "It has not changed since it was signed."),
            Text("请向文件所载颁发机构核实。", "Ask the body whose name it bears."),
        )
    signed = Text(
        f"文件自署名{said.signers.zh}的签名以来未被改动。",
        f"It has not changed since it was signed under the name {said.signers.en}.",
    )
    return join(_NOT_REGISTERED, signed, _ASK_SIGNER)


def _could_not_check(said: Said) -> Text:
    if said.issuer_code in _SAYS_IT_ALL_OF_ISSUER:
        return said.issuer_message
    if said.issuer_code == "registry_unavailable":
        return _TRY_AGAIN
    if said.issuer_code == "trusted_root":
        return join(said.integrity_message, said.issuer_message, CHECKS["no_register"])
    return join(said.integrity_message, _lapsed(said))


def _lapsed(said: Said) -> Text | None:
    """Say that the licence is not in force, which “genuine” must not hide."""
    if said.state is None or (said.state is LicenceState.IN_FORCE and said.words is None):
        return None
    thing = _THINGS[said.kind]
    words = said.words or words_of(said.state, said.reason, said.kind)
    return words.after(Text(f"但这份{thing.zh}", f"But the {thing.en} is"))


def _not_in_force(said: Said) -> Text:
    assert said.state is not None
    words = said.words or words_of(said.state, said.reason, said.kind)
    thing = _THINGS[said.kind]
    if said.document_checked:
        lead = f"The file is as registered, but the {thing.en} is"
        text = words.after(Text("文件与登记一致，但", lead))
    else:
        lead = f"The {thing.en} on record is"
        compare = _COMPARE if said.kind is TypeKind.LICENCE else _COMPARE_DOCUMENT
        text = join(words.after(Text(f"登记的这份{thing.zh}", lead)), compare)
    return join(text, _SAMPLE if said.sample else None)


def _in_force(said: Said) -> Text:
    of_document = said.kind is TypeKind.DOCUMENT
    if said.document_checked:
        whole = _DOCUMENT_IN_FORCE if of_document else _IN_FORCE
        return _SAMPLE_IN_FORCE if said.sample else whole
    record = _DOCUMENT_RECORD_IN_FORCE if of_document else _RECORD_IN_FORCE
    return join(record, _SAMPLE if said.sample else None)


def not_judged(reason: Text) -> Text:
    """Say that the signatures could not be judged, and why."""
    return Text(
        f"本平台无法判断此文件的签名（{reason.zh}），这不说明文件有问题。请用出具单位的核验渠道。",
        f"The signatures of this file could not be judged here ({reason.en}); that says nothing "
        "against the file. Ask by the issuing body's own means.",
    )


_ASKED = {
    "number": Text("这个编号", "this number"),
    "identifier": Text("这个标识", "this identifier"),
    "link": Text("这个链接", "this link"),
}


def _no_record(asked: str) -> Text:
    """Say that there is no record, never that the paper is false."""
    what = _ASKED.get(asked, Text("它", "it"))
    return Text(
        f"本平台没有{what.zh}的登记信息。请与手中的证照或文件核对后重新输入；"
        "仍查不到的，不能据此判断真伪，请向所载机构核实。",
        f"There is no record of {what.en} here. Compare it with the original in your hands and "
        "enter it again; if it is still not found, that does not show whether the original is "
        "genuine: ask the authority that it names.",
    )
