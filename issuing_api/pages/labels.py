"""Words of the pages themselves, in Chinese and English."""

from typing import Final

from core.text import Text
from issuing_api.pages.corrections.labels import CORRECTIONS
from issuing_api.pages.find_labels import FIND
from issuing_api.pages.papers.labels import DOCUMENT_WORDS
from issuing_api.pages.papers.round_labels import ROUND_WORDS
from issuing_api.pages.records.labels import EXPORT_WORDS
from issuing_api.pages.work_labels import WORK

PAGE: Final[dict[str, Text]] = {
    # around every page
    "desk": Text("证照颁发工作台", "Licence desk"),
    "skip": Text("跳到正文", "Skip to content"),
    "other_language": Text("English", "中文"),
    "sections": Text("栏目", "Sections"),
    "pages": Text("翻页", "Pages"),
    "nav_home": Text("待办", "To do"),
    "nav_awaiting": Text("（{count} 件等您办理）", "({count} awaiting you)"),
    "nav_ask": Text("申请证照", "Request a licence"),
    "nav_requests": Text("申请列表", "Requests"),
    "nav_licences": Text("证照", "Licences"),
    "nav_corrections": Text("更正", "Corrections"),
    "nav_seals": Text("印章", "Seals"),
    "nav_people": Text("人员", "People"),
    "sign_out": Text("退出", "Sign out"),
    "supervising": Text(
        "您以监督人身份查看：可看全部记录，不能办理；每次查看均留有记录。",
        "You are here as a supervisor: you see everything and change nothing, and each reading is "
        "recorded.",
    ),
    "footer": Text(
        "办理的事项以登录者本人的名义记入审计，不可更改。",
        "What you do here is recorded in your own name, and the record cannot be changed.",
    ),
    "verify": Text("公众核验", "Public verification"),
    "error_prefix": Text("有误：", "Error: "),
    "errors_title": Text("有内容需要更正", "Some things need to be put right"),
    "not_done": Text("未执行", "Not done"),
    "colon": Text("：", ": "),
    "comma": Text("、", ", "),
    "optional": Text("（选填）", "(optional)"),
    "choose": Text("请选择", "Choose"),
    "any": Text("全部", "Any"),
    "show": Text("查看", "Show"),
    "search": Text("查询", "Search"),
    "newest": Text("回到最新", "Newest"),
    "older": Text("更早的", "Older"),
    "none_found": Text("没有符合条件的记录。", "Nothing was found."),
    "request_id": Text(
        "如需咨询，请提供请求编号：", "If you ask about it, give the request's number:"
    ),
    "to_start": Text("返回首页", "Start page"),
    "long_term": Text("长期", "long-term"),
    "never": Text("从未使用", "never"),
    "no_end": Text("未设期限", "no end"),
    "all_bodies": Text("全部机构", "all authorities"),
    "unknown_person": Text("身份 {id}…", "identity {id}…"),
    # signing in
    "sign_in": Text("登录", "Sign in"),
    "sign_in_lead": Text(
        "请用您单位的统一身份登录。登录后只能看到和办理本人权限范围内的事项。",
        "Sign in with your organisation's identity. You will see and do what your role allows, and "
        "nothing else.",
    ),
    "sign_in_with": Text("用“{label}”登录", "Sign in with {label}"),
    "sign_in_hint": Text(
        "没有账户或权限的，请联系本单位管理员。",
        "No account, or no role? Ask your organisation's administrator.",
    ),
    "sign_in_locally": Text("用本地账户登录", "Sign in with a local account"),
    "emergency_way": Text("应急登录", "Emergency sign-in"),
    "emergency_on": Text(
        "应急会话：您的操作正被记录并已报警；会话最长一小时。",
        "Emergency session: what you do is recorded, an alarm was raised, and it lasts an hour at "
        "most.",
    ),
    "emergency_unanswered": Text(
        "应急凭据已被使用，尚无人核实。请与使用者核对，并由管理员确认：",
        "The emergency credential was used, and nobody has answered for it yet. Ask who used it, "
        "and acknowledge it:",
    ),
    "session_over": Text(
        "登录已结束，刚才的操作未执行。请重新登录后再办理。",
        "Your sign-in has ended, so what you did was not carried out. Sign in again and repeat it.",
    ),
    "step_up_title": Text("请重新登录验证", "Prove once more that it is you"),
    "step_up_lead": Text(
        "办理此事，须在最近 {minutes} 分钟内用规定的方式登录过。登录后回到刚才的页面，请再操作一次"
        "。",
        "This needs a sign-in of the last {minutes} minutes, by the means prescribed. Afterwards "
        "you come back to the page where you were; then repeat what you did.",
    ),
    "step_up_button": Text("重新登录", "Sign in again"),
    "step_up_back": Text("不办理，返回", "Go back without doing it"),
    "signed_out": Text("已退出本系统", "You are signed out here"),
    "signed_out_lead": Text(
        "正在转到统一身份服务，以便在那里也退出。",
        "Now you are led to your identity provider, to sign out there too.",
    ),
    "signed_out_provider": Text("到统一身份服务退出", "Sign out at the provider"),
    # the first page
    "hello": Text("{name}，您好", "Hello, {name}"),
    "to_decide": Text("等我审批", "Waiting for my decision"),
    "none_to_decide": Text("没有等您审批的申请。", "Nothing waits for your decision."),
    "to_carry_out": Text("已批准，可以签发", "Approved, to be sealed"),
    "none_to_carry_out": Text("没有等您签发的申请。", "Nothing waits to be sealed by you."),
    "mine": Text("我提出的申请", "My own open requests"),
    "none_mine": Text("您没有未办结的申请。", "You have no open requests."),
    "more_requests": Text("还有更多，查看全部申请", "There are more: see all requests"),
    "me": Text("本人信息", "Who you are"),
    "m_name": Text("姓名", "Name"),
    "m_provider": Text("登录方式", "Signed in with"),
    "m_since": Text("登录时间", "Signed in at"),
    "my_roles": Text("本人角色", "Your roles"),
    "no_roles": Text(
        "您目前没有任何角色，因此看不到任何记录。请联系本单位管理员。",
        "You have no role at present, so there is nothing to see. Ask your administrator.",
    ),
    # asking
    "choose_title": Text("申请哪一种证照？", "Which licence do you request?"),
    "nothing_to_ask": Text(
        "您的角色不能提出申请。", "Your role does not let you request licences."
    ),
    "second_needed": Text("须经另一人审批", "a second person approves"),
    "at_once_possible": Text("可直接签发", "may be granted at once"),
    "sealer_follows": Text("提交后由有权人员办理", "others carry it out"),
    "ask_title": Text("申请{name}", "Request: {name}"),
    "ask_lead": Text("颁发机构：{body}", "Authority: {body}"),
    "to_preview": Text("下一步：预览", "Next: preview"),
    "nothing_sent_yet": Text(
        "下一步先看预览，确认后才提交。", "You see a preview first; nothing is sent yet."
    ),
    "photo_kept": Text(
        "照片已选好。如需更换，请另选一张。", "The photo is kept. To replace it, choose another."
    ),
    "photo_old": Text(
        "沿用原证照的照片。如需更换，请另选一张。",
        "The photo of the licence that is replaced is kept. To replace it, choose another.",
    ),
    "photo_drop": Text("不用照片", "Use no photo"),
    "photo": Text("照片", "Photo"),
    "photo_chosen": Text("已选好，见 PDF 预览", "chosen; the PDF shows it"),
    "preview_title": Text("请核对预览", "Check the preview"),
    "preview_lead": Text(
        "{name} · {body}。尚未提交，也未签章。",
        "{name} · {body}. Nothing was sent or sealed yet.",
    ),
    "preview_next": Text("确认无误？", "Is it right?"),
    "submit_lead": Text(
        "提交后，由有权人员审批、签发。", "Once sent, others decide on it and seal it."
    ),
    "submit_or_grant_lead": Text(
        "可以提交给他人审批，也可以由您直接用印签发。",
        "You may send it to be decided by others, or use the seal yourself now.",
    ),
    "submit": Text("提交申请", "Send the request"),
    "grant_at_once": Text("直接签发", "Grant at once"),
    "edit": Text("返回修改", "Change it"),
    "open_pdf": Text("打开 PDF 预览（新窗口）", "Open the preview as PDF (new window)"),
    "sheet_title": Text("签章前的页面", "The page before it is sealed"),
    "sheet_label": Text(
        "证照页面预览，未签章；所载内容见上方各项。",
        "Preview of the page, not sealed; what it says stands in the fields.",
    ),
    "sheet_caption": Text(
        "未签章预览，没有法律效力。编号、标识、二维码在签发时产生；底纹从略，完整版式见 PDF 预览。",
        "A preview without a seal and without effect. Number, identifier and code come at "
        "granting; ornaments are left out here, the PDF has them.",
    ),
    # requests
    "requests_found": Text("申请列表", "Requests"),
    "c_type": Text("证照", "Licence"),
    "c_authority": Text("颁发机构", "Authority"),
    "c_by": Text("申请人", "Requested by"),
    "c_at": Text("申请时间", "Requested at"),
    "c_state": Text("状态", "State"),
    "request_title": Text("申请：{name}", "Request: {name}"),
    "request_facts": Text("申请情况", "The request"),
    "lapses_at": Text("办理期限", "To be done by"),
    "decided_by": Text("审批人", "Decided by"),
    "decided_at": Text("审批时间", "Decided at"),
    "asked_for": Text("申请内容", "What it asks for"),
    "photo_alt": Text("持证人照片", "Photo of the holder"),
    "led_to": Text("已签发证照：", "The licence that was granted:"),
    "decide_title": Text("审批", "Decide"),
    "withdraw_title": Text("撤回我的申请", "Withdraw my request"),
    "reason": Text("理由", "Reason"),
    "reason_hint": Text(
        "记入审计，请勿写入证件号码等个人信息。",
        "It goes on record: write no personal data here.",
    ),
    "approve": Text("同意", "Approve"),
    "reject": Text("不同意", "Reject"),
    "withdraw": Text("撤回", "Withdraw"),
    "carry_out_title": Text("签发", "Grant it"),
    "carry_out_lead": Text(
        "将使用本机构的印章签章，证照随即生效。",
        "This uses your authority's seal; the licence is in force from then on.",
    ),
    "sign_first_lead": Text(
        "此类证照须由您用本人的密钥签名后才能加盖印章。密钥在您的电脑或令牌上，请在那里运行：",
        "You sign a licence of this type with a key of your own before it is sealed. The key is on "
        "your computer or token; run this there:",
    ),
    "carry_out": Text("用印签发", "Seal and grant"),
    "history": Text("办理记录", "History"),
    "c_when": Text("时间", "When"),
    "c_what": Text("事项", "What"),
    "c_who": Text("办理人", "Who"),
    "c_why": Text("理由或依据", "Reason or basis"),
    # licences
    "search_label": Text("编号、持证主体、标题或证照类型", "Number, holder, title or type"),
    "search_hint": Text(
        "名称可以只写一部分；编号可以只写开头或末尾（至少四位）；几个词用空格隔开。",
        "Part of a name will do, and the beginning or end of a number (four characters at least). "
        "Words with blanks between must all be found.",
    ),
    "licences_found": Text("证照列表", "Licences"),
    "c_number": Text("证照编号", "Number"),
    "c_holder": Text("持证主体", "Holder"),
    "c_granted": Text("颁发日期", "Granted on"),
    "c_until": Text("有效期至", "Valid through"),
    "sample": Text("样例证照，没有法律效力。", "A sample of no legal effect."),
    "download_package": Text("下载归档包", "Download its package for an archive"),
    "download": Text("下载证照（PDF）", "Download the licence (PDF)"),
    "licence_facts": Text("登记信息", "On record"),
    "licence_content": Text("证照内容", "What it says"),
    "identifier": Text("证照标识", "Identifier"),
    "validity": Text("有效期", "Validity"),
    "legal_reason": Text("法定事由", "Reason in law"),
    "basis": Text("依据", "Legal basis"),
    "document_number": Text("文号", "Number of the document"),
    "document_number_hint": Text(
        "决定书等文书的文号，例如 青市监罚〔2026〕12号",
        "Of the decision on record, as printed on it",
    ),
    "replaced_by": Text("换发后的证照", "Replaced by"),
    "past": Text("当时的状态", "How it stood then"),
    "past_at": Text("时刻", "Date and time"),
    "past_hint": Text("当时核验的人得到的答复。", "What whoever verified it then was told."),
    "new_version": Text("换发新证", "A new version"),
    "new_version_lead": Text(
        "填写新证的全部内容；新证登记之前，原证照一直有效，登记后即被换发。",
        "Give all that the new one shall say. Until it is registered this licence stays in force; "
        "then it is replaced.",
    ),
    "version_of": Text("{why}，换发原证照：", "A new version ({why}) of"),
    "replaces": Text("原证照", "Version before"),
    "versions": Text("各版本", "Versions"),
    "files": Text("登记的文件", "Registered files"),
    "file_of": Text("登记于 {at}", "registered {at}"),
    "changes_title": Text("变更状态", "Change its state"),
    "change_basis_hint": Text(
        "如决定书的文号。记入审计，请勿写入个人信息。",
        "Such as the number of the decision. It goes on record: write no personal data here.",
    ),
    "change_suspend": Text("暂停使用", "Suspend"),
    "change_suspension": Text("调整暂停的期限或原因", "Change the suspension"),
    "suspended_until": Text("暂停至", "Suspended through"),
    "suspended_until_hint": Text(
        "含当日；次日自行恢复有效。不填则须另行恢复。",
        "This day included; in force again by itself the day after. Left empty, until it is "
        "reinstated.",
    ),
    "change_suspend_lead": Text(
        "暂停期间核验结果显示“暂停使用”，以后可以恢复。",
        "While suspended it verifies as suspended; it can be reinstated.",
    ),
    "change_suspend_button": Text("暂停", "Suspend"),
    "change_reinstate": Text("恢复使用", "Reinstate"),
    "change_reinstate_lead": Text("恢复后证照重新有效。", "The licence is in force again."),
    "change_reinstate_button": Text("恢复", "Reinstate"),
    "change_cancel": Text("注销、撤销或吊销", "Cancel"),
    "change_cancel_lead": Text(
        "此后证照不再有效，不能恢复。下一步再次确认。",
        "The licence leaves force for good. You are asked once more before that.",
    ),
    "change_cancel_button": Text("下一步：确认", "Next: confirm"),
    "change_needs_second": Text(
        "这种证照的状态变更须经另一人批准：在此提出，批准后再办理。",
        "Changes of this type need another person's approval: ask for one here; it is made once "
        "they approved.",
    ),
    "change_ask_button": Text("提出变更申请", "Ask for the change"),
    "cancel_title": Text("确认：使证照失效", "Confirm: end this licence"),
    "cancel_what": Text("将要失效的证照", "The licence that will end"),
    "cancel_warning": Text(
        "此操作不能撤回。请逐项核对后确认。",
        "This cannot be undone. Check each line before you confirm.",
    ),
    "cancel_back": Text("返回，不执行", "Go back, do nothing"),
    "cancel_confirm": Text("确认失效", "End it for good"),
    # seals and people
    "seals_title": Text("印章及其使用", "Seals and their use"),
    "no_seals": Text("权限范围内没有印章。", "There are no seals within your reach."),
    "seals_of": Text("{body}的印章", "Seals of {body}"),
    "seal": Text("印章", "Seal"),
    "seal_plain": Text("机构印章", "the body's own seal"),
    "seal_for": Text("用于", "For"),
    "seal_count": Text("签章证照数", "Licences sealed"),
    "seal_last": Text("最近使用", "Last used"),
    "certificate": Text("证书状态", "Certificate"),
    "certificate_until": Text("证书有效期至", "Certificate until"),
    "people_title": Text("人员与角色", "People and roles"),
    "people_groups": Text(
        "此处是登记的角色；由身份服务的用户组带来的角色随登录取得，不在此列。",
        "These are roles on record; roles that come from groups of the identity provider last for "
        "a sign-in and are not listed.",
    ),
    "people_cut": Text("角色较多，仅显示一部分。", "There are many; some are not shown."),
    "no_people": Text("权限范围内没有登记的角色。", "No roles are on record within your reach."),
    "people_of": Text("{body}的人员与角色", "People and roles of {body}"),
    "role": Text("角色", "Role"),
    "role_from": Text("起", "From"),
    "role_until": Text("止", "Until"),
    "role_over": Text("已到期", "over"),
    "given_by": Text("分配人", "Given by"),
    **WORK,
    **DOCUMENT_WORDS,
    **EXPORT_WORDS,
    **ROUND_WORDS,
    **CORRECTIONS,
    **FIND,
}
"""By key; a template that names an unknown one fails its test."""
