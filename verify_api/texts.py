"""The pages' own words, in Chinese and English. Answers bring theirs
(`registry.answers.sentences`).
"""

from core.text import Text
from registry.answers.answers import CheckResult
from signing.report import Coverage, Indication, LaterChanges, SignatureKind

PAGE: dict[str, Text] = {
    "skip": Text("跳到正文", "Skip to content"),
    "other_language": Text("English", "中文"),
    "language": Text("语言", "Language"),
    "home": Text("返回首页", "Start page"),
    "request_id": Text(
        "如需咨询，请提供请求编号：", "If you ask about it, give the request's number:"
    ),
    "again": Text("再核验一份", "Verify another"),
    "in_app": Text(
        "您正在微信中打开本页。请点右上角“…”，选择“在浏览器打开”，以便核对网址、上传文件。",
        "You opened this page within WeChat. Tap “…” at the upper right and open it in your "
        "browser, where you can see its address and upload files.",
    ),
    "print": Text("可以打印本页留存。", "You may print this page for your files."),
    # the start page
    "headline": Text(
        "核验电子证照：是否真实，是否有效", "Is this licence genuine? Is it in force?"
    ),
    "intro": Text(
        "无需登录，免费核验。以下三种方式任选其一。",
        "Anyone can verify, free, without signing in. Choose any of three ways.",
    ),
    "file_title": Text("核验 PDF 文件", "Verify a PDF"),
    "file_best": Text("最可靠", "Most reliable"),
    "file_lead": Text(
        "核验文件内容是否改动、由谁颁发、当前是否有效。",
        "Checks whether the content was changed, who granted it, and whether it is in force.",
    ),
    "file_label": Text("选择 PDF 文件", "Choose a PDF"),
    "file_drop": Text("或把文件拖到本页任意位置", "or drop it anywhere on this page"),
    "file_limit": Text("不超过 {mib} MB", "at most {mib} MB"),
    "file_submit": Text("核验这份文件", "Verify this file"),
    "file_busy": Text("正在核验，请稍候…", "Verifying, one moment…"),
    "file_too_large": Text("文件超过上限，请另选一份。", "The file is too large. Choose another."),
    "file_privacy": Text(
        "文件仅用于本次核验，核验完成后不留存。",
        "The file is used for this verification only, and not kept.",
    ),
    "code_title": Text("输入编号或链接", "Enter a number or link"),
    "code_label": Text("证照编号、证照标识或核验链接", "Licence number, identifier or link"),
    "code_hint": Text(
        "印在证照上，例如 JY19901210000017；证照标识以 1.2.156.3005.2 开头。"
        "大小写、空格不影响查询。",
        "Printed on the licence, such as JY19901210000017; identifiers begin with 1.2.156.3005.2. "
        "Case and blanks do not matter.",
    ),
    "code_submit": Text("查询登记", "Look up the record"),
    "code_note": Text(
        "仅查询登记信息，未核验文件，请与手中证照逐项比对。",
        "Looks up the record only: compare it with the licence in your hands.",
    ),
    "qr_title": Text("扫描二维码", "Scan the QR code"),
    "qr_lead": Text(
        "用手机相机对准证照上的二维码，打开其中的链接。",
        "Point your phone's camera at the code on the licence and open the link.",
    ),
    "qr_origin": Text("本平台的核验链接均以此开头：", "A genuine link begins with:"),
    "qr_button": Text("从照片中识别二维码", "Read the code from a photo"),
    "qr_none": Text("照片中没有识别到二维码。", "No QR code was found in the photo."),
    "how_title": Text("核验回答三个问题", "Verification answers three questions"),
    "how_note": Text(
        "三项结果分别给出。暂时无法核验的会如实说明，不等于证照无效。",
        "Each is answered on its own. What could not be checked is said to be so, "
        "never called invalid.",
    ),
    # the result page
    "by_file": Text("核验方式：PDF 文件", "Looked at: the PDF itself"),
    "by_record": Text(
        "核验方式：仅查询登记信息，未核验文件", "Looked at: the record only, no document"
    ),
    "next": Text("下一步", "What to do next"),
    "questions": Text("核验结果", "Three questions"),
    "q_integrity": Text("内容完整吗？", "Is the content intact?"),
    "q_issuer": Text("谁颁发的？", "Who granted it?"),
    "q_status": Text("现在有效吗？", "Is it in force now?"),
    "compare": Text("请与手中证照逐项比对", "Compare with the licence in your hands"),
    "compare_note": Text(
        "如有任何一项与证照不一致，请勿据此办理，并向颁发机构核实。姓名等信息已部分隐藏。",
        "If anything differs from the licence, do not accept it, and ask the authority. Names are "
        "partly masked.",
    ),
    "f_type": Text("证照名称", "Licence"),
    "f_number": Text("证照编号", "Number"),
    "f_identifier": Text("证照标识", "Identifier"),
    "f_authority": Text("颁发机构", "Authority"),
    "f_state": Text("当前状态", "State"),
    "f_from": Text("有效期起", "Valid from"),
    "f_until": Text("有效期至", "Valid through"),
    "f_replaced_by": Text("换发后的证照标识", "Identifier of the newer licence"),
    "d_by_record": Text(
        "仅查询登记信息，未核验文件本身。", "Looks up the record only, not the file itself."
    ),
    "d_record": Text("登记内容", "What is on record"),
    "d_record_note": Text(
        "文字内容以 PDF 文件为准。", "What the document says, only the PDF file says."
    ),
    "d_type": Text("文件种类", "Kind of document"),
    "d_number": Text("文件编号", "Number"),
    "d_authority": Text("发文机关", "Issued by"),
    "d_from": Text("签发日期", "Issued on"),
    "d_identifier": Text("文件标识", "Identifier"),
    "d_replaced_by": Text("新文件的标识", "Identifier of the newer document"),
    "long_term": Text("长期有效", "Long-term"),
    "persons": Text("个人签名", "Signed by a person"),
    "persons_note": Text(
        "除机构的电子签章外，这份文件还有个人的电子签名：谁签的、由谁认定其身份、签名是否成立。",
        "Beside the body's seal the file bears a person's own signature: who signed, who vouched "
        "for them, and whether it holds.",
    ),
    "signatures": Text("签名与时间戳（{count}）", "Signatures and timestamps ({count})"),
    "s_field": Text("签名域", "Field"),
    "s_signer": Text("签名者", "Signer"),
    "s_organization": Text("所属机构", "Body"),
    "s_vouched": Text("身份认定服务", "Vouched for by"),
    "c_signer": Text("签名者（文件自称）", "Signer (as the file claims)"),
    "c_organization": Text("所属机构（文件自称）", "Body (as the file claims)"),
    "c_vouched": Text("身份认定服务（文件自称）", "Vouched for by (as the file claims)"),
    "s_level": Text("签名等级", "Level"),
    "s_indication": Text("签名验证结果", "Indication"),
    "s_claimed": Text("签名时间（签名方声明）", "Time (as the signer claims)"),
    "s_best": Text("时间戳证明的时间", "Time (proven by a timestamp)"),
    "s_coverage": Text("签名覆盖范围", "Covers"),
    "s_later": Text("签名后的改动", "Added later"),
    "technical": Text("技术信息", "Technical details"),
    "t_digest": Text("摘要值（SHA-256）", "File's SHA-256"),
    "t_policy": Text("核验规则", "Policy"),
    "t_receipt": Text("核验回执", "Receipt"),
    "checked_at": Text("核验时间", "Verified at"),
    "readers": Text("阅读器为什么显示黄色或红色提示？", "Why does my reader show yellow or red?"),
    "api": Text("供程序使用的接口", "Interface for programs"),
    "compare_file": Text(
        "登记内容（请与文件逐项比对）", "What is on record (compare with the file)"
    ),
    "extract_title": Text("取出登记的部分", "Take out the registered part"),
    "extract_lead": Text(
        "文件的前 {length} 字节是登记的证照，其后是附加的内容。本平台不留存文件：请再次选择同一份"
        "文件，取回其中登记的部分。",
        "The first {length} bytes of the file are the registered licence; what follows was added. "
        "Files are not kept here: choose the same file again to get its registered part.",
    ),
    "d_extract_lead": Text(
        "文件的前 {length} 字节是登记的公文，其后是附加的内容。本平台不留存文件：请再次选择同一份"
        "文件，取回其中登记的部分。",
        "The first {length} bytes of the file are the registered document; what follows was added. "
        "Files are not kept here: choose the same file again to get its registered part.",
    ),
    "extract_submit": Text("取出登记的部分（PDF）", "Get the registered part (PDF)"),
    "s_notes": Text("说明代码", "Notes"),
    "file_also": Text("有 PDF 文件的，请再核验文件", "Have the PDF? Verify the file itself"),
    "file_also_lead": Text(
        "编号和二维码可能被挪用到其他文件上；核验 PDF 文件，可以发现文件的任何改动。",
        "Numbers and QR codes can be copied onto something else; verifying the PDF shows any "
        "change to it.",
    ),
    "sample": Text("样例", "Sample"),
    "sample_note": Text(
        "这是样例，没有法律效力，不得用于办理业务。",
        "A sample of no legal effect; not to be accepted for anything.",
    ),
    "problems_title": Text("错误代码说明", "Error codes"),
    "problems_lead": Text(
        "接口返回的每种错误都有固定代码（RFC 9457）。",
        "Every error of the interface bears a stable code (RFC 9457).",
    ),
    "footer": Text(
        "不要求登录，不使用 Cookie；除依法留存的网络日志外，不记录核验人信息。",
        "No sign-in, no cookies; apart from network logs that the law asks for, it is not recorded "
        "who verifies.",
    ),
}
"""By key; a template that names an unknown one fails its test."""

CHECK_RESULTS: dict[CheckResult, Text] = {
    CheckResult.PASSED: Text("通过", "Passed"),
    CheckResult.FAILED: Text("未通过", "Not passed"),
    CheckResult.SKIPPED: Text("未核验", "Not checked"),
    CheckResult.ERROR: Text("未能判断", "Could not tell"),
}
KINDS: dict[SignatureKind, Text] = {
    SignatureKind.SEAL: Text("电子签章", "Seal"),
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
    Coverage.REVISION: Text("文件的一个修订版", "a revision of the file"),
    Coverage.PART: Text("文件的一部分", "part of the file"),
}
LATER_CHANGES: dict[LaterChanges, Text] = {
    LaterChanges.NONE: Text("没有", "nothing"),
    LaterChanges.VALIDATION_DATA: Text("仅验证数据", "validation data only"),
    LaterChanges.SIGNATURES: Text("仅有后续签名或时间戳", "further signatures or timestamps"),
    LaterChanges.FORM_FILL: Text("签名后填写了表单", "form fields filled after signing"),
    LaterChanges.PERMITTED: Text("签名后添加了批注", "annotations added after signing"),
    LaterChanges.CONTENT_CHANGED: Text("签名后内容被改动", "content changed after signing"),
    LaterChanges.UNCLEAR: Text("有无法解释的改动", "changes that cannot be explained"),
}
