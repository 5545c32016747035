"""The pages' own words, in Chinese and English. Answers bring theirs (`registry.wording`)."""

from core.text import Text
from registry.answers import CheckResult
from registry.model import LicenceState, Reason
from signing.report import Coverage, Indication, LaterChanges, SignatureKind

PAGE: dict[str, Text] = {
    "skip": Text("跳到正文", "Skip to content"),
    "other_language": Text("English", "中文"),
    "language": Text("语言", "Language"),
    "home": Text("返回首页", "Start page"),
    "again": Text("再核验一份", "Verify another"),
    "print": Text("可以打印本页留存。", "You may print this page for your files."),
    # the start page
    "headline": Text("这份证照是真的吗？现在有效吗？", "Is this licence genuine? Is it in force?"),
    "intro": Text(
        "任何人都可以免费核验，不用登录。三种办法任选一种。",
        "Anyone can verify, free, without signing in. Choose any of three ways.",
    ),
    "file_title": Text("核验 PDF 文件", "Verify a PDF"),
    "file_best": Text("最可靠", "Most reliable"),
    "file_lead": Text(
        "逐字节核对内容、颁发机构和当前状态。",
        "Checks content, issuer and current state, byte for byte.",
    ),
    "file_label": Text("选择 PDF 文件", "Choose a PDF"),
    "file_drop": Text("或把文件拖到本页任意位置", "or drop it anywhere on this page"),
    "file_limit": Text("不超过 {mib} MiB", "at most {mib} MiB"),
    "file_submit": Text("核验这份文件", "Verify this file"),
    "file_busy": Text("正在核验，请稍候…", "Verifying, one moment…"),
    "file_too_large": Text("文件超过上限，请另选一份。", "The file is too large. Choose another."),
    "file_privacy": Text(
        "文件只在内存中核验，核验后即丢弃，不留存。",
        "The file is held in memory only, and dropped once verified.",
    ),
    "code_title": Text("输入编号或链接", "Enter a number or link"),
    "code_label": Text("证照编号、证照标识或核验链接", "Licence number, identifier or link"),
    "code_hint": Text(
        "印在证照上，例如 JY13707810000018",
        "Printed on the licence, such as JY13707810000018",
    ),
    "code_submit": Text("查询登记", "Look up the record"),
    "code_note": Text(
        "只查登记，不核对文件：请再与手中证照逐项比对。",
        "Looks up the record only: compare it with the licence in your hands.",
    ),
    "qr_title": Text("扫描二维码", "Scan the QR code"),
    "qr_lead": Text(
        "用手机相机对准证照上的二维码，打开其中的链接。",
        "Point your phone's camera at the code on the licence and open the link.",
    ),
    "qr_origin": Text("真正的链接以此开头：", "A genuine link begins with:"),
    "qr_button": Text("从照片中识别二维码", "Read the code from a photo"),
    "qr_none": Text("照片中没有识别到二维码。", "No QR code was found in the photo."),
    "how_title": Text("核验回答三个问题", "Verification answers three questions"),
    "how_note": Text(
        "三个问题分开回答。无法核验时会如实说明，不会说证照无效。",
        "Each is answered on its own. What could not be checked is said to be so, "
        "never called invalid.",
    ),
    # the result page
    "by_file": Text("核验方式：PDF 文件", "Looked at: the PDF itself"),
    "by_record": Text("核验方式：仅查登记，未核对文件", "Looked at: the record only, no document"),
    "next": Text("接下来", "What to do next"),
    "questions": Text("三项核对", "Three questions"),
    "q_integrity": Text("内容完整吗？", "Is the content intact?"),
    "q_issuer": Text("谁颁发的？", "Who granted it?"),
    "q_status": Text("现在有效吗？", "Is it in force now?"),
    "licence": Text("登记内容", "What is on record"),
    "compare": Text("请与手中证照逐项比对", "Compare with the licence in your hands"),
    "compare_note": Text(
        "以下任何一项与证照不一致，请不要采信。姓名等信息已部分遮盖。",
        "If anything differs from the licence, do not rely on it. Names are partly masked.",
    ),
    "f_type": Text("证照名称", "Licence"),
    "f_number": Text("证照编号", "Number"),
    "f_identifier": Text("证照标识", "Identifier"),
    "f_authority": Text("颁发机构", "Authority"),
    "f_state": Text("当前状态", "State"),
    "f_from": Text("有效期自", "Valid from"),
    "f_until": Text("有效期至", "Valid through"),
    "f_replaced_by": Text("替换它的证照", "Replaced by"),
    "long_term": Text("长期", "Long-term"),
    "signatures": Text("签名与时间戳（{count}）", "Signatures and timestamps ({count})"),
    "s_field": Text("签名域", "Field"),
    "s_signer": Text("签名者", "Signer"),
    "s_level": Text("签名等级", "Level"),
    "s_indication": Text("验证结论", "Indication"),
    "s_claimed": Text("声称时间", "Claimed time"),
    "s_best": Text("可证明时间", "Proven time"),
    "s_coverage": Text("覆盖范围", "Covers"),
    "s_later": Text("其后变动", "Added later"),
    "technical": Text("技术信息", "Technical details"),
    "t_digest": Text("文件 SHA-256", "File's SHA-256"),
    "t_policy": Text("核验规则", "Policy"),
    "t_receipt": Text("核验回执", "Receipt"),
    "checked_at": Text("核验时间", "Verified at"),
    "readers": Text("阅读器为什么报黄或报红？", "Why does my reader show yellow or red?"),
    "api": Text("供程序使用的接口", "Interface for programs"),
    "file_also": Text("手上有 PDF？再核验文件本身", "Have the PDF? Verify the file itself"),
    "file_also_lead": Text(
        "编号和二维码可以被抄到假证上；盖了章的 PDF 改动一个字节也会被发现。",
        "Numbers and QR codes can be copied onto a forgery; in a sealed PDF the change of a single "
        "byte is noticed.",
    ),
    "sample": Text("样例", "Sample"),
    "sample_note": Text(
        "这是演示用的样例证照，没有法律效力。",
        "A sample made for demonstration, of no legal effect.",
    ),
    "problems_title": Text("错误代码说明", "Error codes"),
    "problems_lead": Text(
        "接口的每个错误都带有稳定的代码（RFC 9457）。",
        "Every error of the interface bears a stable code (RFC 9457).",
    ),
    "footer": Text(
        "核验不需要登录，不记录是谁在核验，不使用 Cookie。",
        "No sign-in, no cookies; who verifies is not recorded.",
    ),
}
"""By key; a template that names an unknown one fails its test."""

CHECK_RESULTS: dict[CheckResult, Text] = {
    CheckResult.PASSED: Text("已确认", "Confirmed"),
    CheckResult.FAILED: Text("不符", "Not so"),
    CheckResult.SKIPPED: Text("未核对", "Not checked"),
    CheckResult.ERROR: Text("暂时无法核对", "Could not check"),
}
STATES: dict[LicenceState, Text] = {
    LicenceState.PENDING: Text("尚未生效", "Not yet valid"),
    LicenceState.IN_FORCE: Text("有效", "In force"),
    LicenceState.SUSPENDED: Text("已暂停", "Suspended"),
    LicenceState.CANCELLED: Text("已注销", "Cancelled"),
    LicenceState.EXPIRED: Text("已过期", "Expired"),
    LicenceState.REPLACED: Text("已被新版替换", "Replaced"),
    LicenceState.VOID: Text("已作废", "Void"),
}
REASONS: dict[str, Text] = {
    Reason.ANNULLED: Text("撤销", "annulled"),
    Reason.FORFEITED: Text("吊销", "forfeited"),
    Reason.RECALLED: Text("撤回", "recalled"),
    Reason.SURRENDERED: Text("持证人交回", "surrendered"),
    Reason.DEREGISTERED: Text("注销", "deregistered"),
    Reason.WITHHELD: Text("暂扣", "withheld"),
    Reason.UNDER_REVIEW: Text("核查中", "under review"),
    Reason.SEAL_COMPROMISED: Text("印章密钥泄露", "the seal's key was compromised"),
    Reason.CHANGED: Text("变更", "changed"),
    Reason.RENEWED: Text("延续", "renewed"),
    Reason.REISSUED: Text("补发", "reissued"),
    Reason.CORRECTED: Text("更正", "corrected"),
    Reason.RESEALED: Text("重新签章", "sealed anew"),
}
KINDS: dict[SignatureKind, Text] = {
    SignatureKind.SEAL: Text("电子印章", "Seal"),
    SignatureKind.SIGNATURE: Text("电子签名", "Signature"),
    SignatureKind.TIMESTAMP: Text("时间戳", "Timestamp"),
}
INDICATIONS: dict[Indication, Text] = {
    Indication.TOTAL_PASSED: Text("通过", "Passed"),
    Indication.INDETERMINATE: Text("不能确定", "Indeterminate"),
    Indication.TOTAL_FAILED: Text("未通过", "Failed"),
}
COVERAGES: dict[Coverage, Text] = {
    Coverage.WHOLE_FILE: Text("整个文件", "the whole file"),
    Coverage.REVISION: Text("文件的一个版本", "a revision of the file"),
    Coverage.PART: Text("文件的一部分", "part of the file"),
}
LATER_CHANGES: dict[LaterChanges, Text] = {
    LaterChanges.NONE: Text("没有", "nothing"),
    LaterChanges.VALIDATION_DATA: Text("仅验证数据", "validation data only"),
    LaterChanges.SIGNATURES: Text("仅有后续签名或时间戳", "further signatures or timestamps"),
    LaterChanges.FORM_FILL: Text("签名后填写了表单", "form fields filled after signing"),
    LaterChanges.PERMITTED: Text("签名后添加了批注", "annotations added after signing"),
    LaterChanges.CONTENT_CHANGED: Text("签名后内容被改动", "content changed after signing"),
    LaterChanges.UNCLEAR: Text("有无法判断的改动", "changes that cannot be judged"),
}
