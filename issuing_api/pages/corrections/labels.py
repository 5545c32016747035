"""Words of the pages of requests for a correction."""

from typing import Final

from core.text import Text

CORRECTIONS: Final[dict[str, Text]] = {
    "corrections": Text("更正申请", "Corrections asked for"),
    "corrections_await": Text(
        "待处理的更正申请 {open} 件，其中超期 {overdue} 件",
        "Corrections that await an answer: {open}, of which overdue: {overdue}",
    ),
    "correction_title": Text("更正申请", "Correction asked for"),
    "correction_ask": Text("申请更正", "Ask for a correction"),
    "correction_ask_lead": Text(
        "替持证主体或本机关提出；由颁发机构在期限内处理。提出申请不改变证照。",
        "For a holder, or for your own office; the licence's authority decides within the time "
        "that is set. The licence does not change by it.",
    ),
    "correction_licence": Text("证照标识或核验链接", "The licence's identifier or link"),
    "correction_licence_hint": Text(
        "他人颁发的证照请填核验链接（扫二维码可得）。",
        "For a licence of another authority give its link, as its QR code has it.",
    ),
    "correction_source": Text("提出方", "Who asks"),
    "source_public": Text(
        "凭核验链接提出（身份未核实）", "by the licence's link; nobody checked who"
    ),
    "source_holder": Text("持证主体（本机关已核实）", "the holder, whom the office saw"),
    "source_office": Text("使用数据的机关", "an office that found an error"),
    "correction_field": Text("哪一项有误", "What is wrong"),
    "correction_field_hint": Text("如：经营者名称", "Such as: the operator's name"),
    "correction_wanted": Text("应当是什么", "What it should say"),
    "correction_reason": Text("理由", "Why"),
    "correction_contact": Text("联系方式", "Where to reach you"),
    "correction_contact_hint": Text(
        "仅用于办理本申请；办结后按规定期限删除。",
        "Used for this request alone, and erased some time after it is decided.",
    ),
    "correction_evidence": Text("证明材料", "Evidence"),
    "correction_evidence_hint": Text(
        "PDF、JPEG 或 PNG，共不超过 2 MB。", "PDF, JPEG or PNG; 2 MB in all."
    ),
    "correction_evidence_stranger": Text(
        "他人提交的文件，系统没有打开过，请在安全的电脑上查看。",
        "Files that somebody sent and nothing here has opened; look at them on a machine that may.",
    ),
    "correction_send": Text("提交申请", "Send the request"),
    "correction_sent": Text("申请已登记", "The request is recorded"),
    "correction_receipt": Text("查询码", "Code"),
    "correction_receipt_lead": Text(
        "请记下查询码：凭它查询办理情况或撤回申请，只显示这一次。",
        "Keep this code: by it you follow or withdraw the request. It is shown this once.",
    ),
    "correction_due": Text("办理期限", "To be decided by"),
    "correction_overdue": Text("已超期", "overdue"),
    "correction_overdue_only": Text("只看超期的", "Only those overdue"),
    "correction_extended": Text("期限已延长", "The time was extended"),
    "correction_answer": Text("答复", "Answer"),
    "correction_by": Text("更正后的证照", "The corrected version"),
    "correction_gone": Text(
        "申请内容已按规定删除，或恢复备份时丢失。",
        "What was asked for was erased as it must be, or lost when a backup was restored.",
    ),
    "correction_decide": Text("处理", "Decide"),
    "correction_decide_hint": Text(
        "答复会显示给申请人，请勿写入他人的个人信息。",
        "Who asked will read it; write nothing about other people into it.",
    ),
    "correction_accept": Text("受理，换发更正后的证照", "Accept; a corrected version follows"),
    "correction_refuse": Text("不予更正", "Refuse"),
    "correction_extend": Text("延长期限（一次）", "Extend the time (once)"),
    "correction_withdraw": Text("撤回申请", "Withdraw"),
    "correction_next": Text("接着换发更正后的证照", "Go on to the corrected version"),
    "correction_OPEN": Text("待处理", "open"),
    "correction_ACCEPTED": Text("已受理", "accepted"),
    "correction_REFUSED": Text("不予更正", "refused"),
    "correction_WITHDRAWN": Text("已撤回", "withdrawn"),
    "c_asked": Text("提出时间", "Asked"),
    "public_correction_lead": Text(
        "您认为这份证照登记有误时，可在此提出，由颁发机构核实。本页不显示证照内容，也不能证明您是持"
        "证主体：颁发机构会按您留下的联系方式核实。",
        "If what this licence says is wrong, say so here; its authority will look into it. This "
        "page shows nothing of the licence and proves nothing of who you are: the authority will "
        "check with you where you say that you can be reached.",
    ),
    "public_correction_state": Text("查询更正申请", "Follow a request for a correction"),
    "public_correction_state_lead": Text(
        "请输入提交时得到的查询码。", "Enter the code that you got when you sent it."
    ),
    "public_correction_follow": Text("查询", "Look it up"),
}
