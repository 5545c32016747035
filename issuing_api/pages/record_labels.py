"""Words for inputs, and for what the register and its audit hold."""

from typing import Final

from core.text import Text
from registry.ledger.certificates import Standing

FIELD_LABELS: Final[dict[str, Text]] = {
    "basis": Text("依据", "Legal basis"),
    "basis_hint": Text(
        "如许可决定书的文号。记入审计，请勿写入个人信息。",
        "Such as the number of the decision. It goes on record: write no personal data here.",
    ),
    "document_number": Text("文号", "Number of the document"),
    "document_number_hint": Text(
        "决定书等文书的文号，单独登记。", "Of the decision on record, kept apart from the basis."
    ),
    "from_paper_hint": Text(
        "已入库的纸质证照换成电子证照时填写；沿用其编号，纸质证照随即被替换。",
        "Where it takes the place of a licence on paper that was taken over: it keeps its number, "
        "and the paper's record says so.",
    ),
    "valid_from": Text("有效期起", "Valid from"),
    "valid_until": Text("有效期至", "Valid through"),
    "from_hint": Text("不填则自签发之日起。", "Left empty: from the day of granting."),
    "until_hint": Text(
        "如 2030-12-31；长期有效的填“长期”。", "Such as 2030-12-31; write 长期 for long-term."
    ),
    "area_hint": Text("六位行政区划代码。", "Code of the area, six digits."),
    "photo_hint": Text("JPEG 或 PNG，不超过 2 MB。", "JPEG or PNG, at most 2 MB."),
    "listed_hint": Text("有多项的，用“；”分开。", "Put ； between several."),
    "unit_hint": Text("单位：", "Unit: "),
    "uscc_hint": Text("18 位统一社会信用代码。", "Unified social credit code, 18 characters."),
    "resident_hint": Text("18 位公民身份号码。", "Resident ID number, 18 characters."),
    "either_hint": Text(
        "18 位统一社会信用代码或公民身份号码。",
        "Unified social credit code or resident ID number, 18 characters.",
    ),
}
CERTIFICATE_LABELS: Final[dict[Standing | None, Text]] = {
    Standing.INTENDED: Text("待签发", "being issued"),
    Standing.VALID: Text("有效", "valid"),
    Standing.EXPIRED: Text("已过期", "expired"),
    Standing.REVOKED: Text("已撤销或暂停", "revoked or on hold"),
    None: Text("由外部 CA 签发", "of an outside CA"),
}
JOB_WHY: Final[dict[str, Text]] = {
    "paused": Text("有人暂停，可随时继续", "somebody paused it; it can go on any time"),
    "right_ended": Text(
        "执行人的权限已变化或已收回", "the right of who carried it out has changed or ended"
    ),
    "identity_ended": Text("执行人已停用", "who carried it out was disabled"),
    "approval_ended": Text("批准已失效", "the approval has ended"),
    "lapsed": Text("已逾期", "it lapsed"),
}
"""By code; the rest are errors of the surroundings, after which it goes on by itself."""
OTHER_ACTORS: Final[dict[str, Text]] = {
    "local": Text("本机操作员", "operator of this machine"),
    "service": Text("系统", "the system"),
    "public": Text("持有核验链接的人", "who has the licence's link"),
}
EVENT_LABELS: Final[dict[str, Text]] = {
    "document.awaits_seal": Text("等待本机关会签", "a document awaits a seal"),
    "document.countersigning": Text("开始会签盖章", "countersigning begun"),
    "document.countersigned": Text("会签盖章", "countersigned"),
    "document.refused": Text("拒绝会签", "countersigning refused"),
    "document.day_moved": Text("更改会签期限", "last day moved"),
    "request.added": Text("提出申请", "requested"),
    "request.approved": Text("同意", "approved"),
    "request.reopened": Text("退回待重新批准", "put back for another decision"),
    "request.rejected": Text("不同意", "rejected"),
    "request.withdrawn": Text("撤回", "withdrawn"),
    "request.lapsed": Text("逾期失效", "lapsed"),
    "request.done": Text("签发", "carried out"),
    "job.asked": Text("开始执行", "job begun"),
    "licence.reserved": Text("取得编号", "number taken"),
    "licence.resumed": Text("继续签发", "granting resumed"),
    "licence.granted": Text("签发", "granted"),
    "licence.voided": Text("作废（未签发）", "made void"),
    "licence.suspended": Text("暂停", "suspended"),
    "licence.reinstated": Text("恢复", "reinstated"),
    "licence.cancelled": Text("失效", "cancelled"),
    "licence.replaced": Text("换发", "replaced"),
    "licence.expires_in_60": Text("60 天内到期提醒", "notice: expires within 60 days"),
    "licence.expires_in_30": Text("30 天内到期提醒", "notice: expires within 30 days"),
    "licence.restored": Text("从备份恢复", "restored from a backup"),
    "correction.added": Text("提出更正申请", "correction asked for"),
    "correction.accepted": Text("受理更正", "correction accepted"),
    "correction.refused": Text("不予更正", "correction refused"),
    "correction.withdrawn": Text("撤回更正申请", "correction withdrawn"),
    "correction.extended": Text("延长办理期限", "time extended"),
    "correction.due_soon": Text("临近期限提醒", "notice: due soon"),
    "correction.overdue": Text("超期提醒", "notice: overdue"),
    "correction.restored": Text("从备份恢复", "restored from a backup"),
    "correction.receipt_renewed": Text("换发查询码", "given another code"),
    "correction.corrected": Text("已更正", "corrected"),
    "archive.renewed": Text("延长存档证明", "archive proof renewed"),
    "archive.exported": Text("导出归档包", "packed for an archive"),
    "record.read": Text("监督人查看", "read by a supervisor"),
}
