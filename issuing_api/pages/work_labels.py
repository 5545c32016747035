"""Words of the pages of batches, changes, seals and one's own certificates."""

from typing import Final

from core.text import Text

WORK: Final[dict[str, Text]] = {
    # forms that were not taken
    "ended_title": Text("登录已结束，尚未提交", "Your sign-in ended; nothing was sent"),
    "ended_lead": Text(
        "您填写的内容仍在本页，没有丢失。请不要关闭本页：",
        "What you typed is still on this page. Leave the page open:",
    ),
    "ended_sign_in": Text("在新标签页中登录", "Sign in, in a new tab"),
    "ended_go_on": Text("已登录，继续填写", "Signed in: go on"),
    "ended_hint": Text(
        "继续后先核对，再由您提交。",
        "You look it through before anything is sent.",
    ),
    "files_lost": Text(
        "所选的照片或文件没有保留：登录之前本系统不保存文件。继续后请重新选择。",
        "The photo or file that you chose was not kept: nothing is stored for who is not signed "
        "in. Choose it again when you go on.",
    ),
    "step_up_kept": Text(
        "办理此事，须在最近 {minutes} 分钟内用规定的方式登录过。您填写的内容仍在本页，请不要关闭："
        "先在新标签页中登录，再回到本页继续。",
        "This needs a sign-in of the last {minutes} minutes, by the means prescribed. What you "
        "typed is on this page, so leave it open: sign in in a new tab, then come back and go on.",
    ),
    # a strong sign-in without the means
    "no_passkey_lead": Text(
        "密码登录不够，须用通行密钥登录；您的账户还没有通行密钥，请先添加：",
        "A password will not do, and your account has no passkey yet: add one first.",
    ),
    "no_passkey_code": Text(
        "向管理员索取注册码（一次有效）。",
        "Ask your administrator for an enrolment code; it serves once.",
    ),
    "no_passkey_add": Text(
        "在“我的账户”（新标签页）中凭注册码添加通行密钥",
        "Add a passkey by that code on “My account” (in a new tab)",
    ),
    # what cannot be granted any more
    "expiring": Text("即将到期的证照", "Licences about to expire"),
    "expiring_within": Text("多少天之内", "Within how many days"),
    "expiring_more": Text(
        "还有更多，请缩短天数，或用接口分页查询。",
        "There are more: take fewer days, or ask the API page by page.",
    ),
    "would_fail": Text(
        "按目前情况不能签发，请先处理原证照，或不再办理：",
        "As things stand it cannot be granted; deal with that licence first, or do not go on: ",
    ),
    "to_step": Text("看过各行，到页末办理", "Seen the rows? Act at the end of the page"),
    "close_title": Text("不再办理", "Close it without granting"),
    "close_lead": Text(
        "已不能或不应办理的，写明理由后关闭；申请人在申请中看到理由。",
        "For what cannot or should not be done any more. Who asked sees the reason.",
    ),
    "close": Text("关闭申请", "Close the request"),
    # kinds of requests
    "kind_batch": Text("批量申请：{name}（{rows} 份）", "Batch: {name} ({rows})"),
    "kind_change": Text("变更状态：{name}", "Change of state: {name}"),
    "kind_seal": Text("印章", "Seal"),
    "kind_key": Text("人员长期证书", "Officer's certificate of years"),
    "kind_type": Text("证照类型的变更：{name}", "Change of a licence type: {name}"),
    "kind_other": Text("其他申请", "Other request"),
    # batches
    "sheet_upload": Text("批量申请", "Request by sheet"),
    "batch_link": Text("有多份的，可用表格批量申请", "Several at once? Request them by a sheet"),
    "batch_title": Text("用表格批量申请证照", "Request licences by a sheet"),
    "batch_lead": Text(
        "每行一份证照，首行为列名。逐行检查，有一行不合格就都不受理。",
        "One licence a row, below a row of headings. Every row is judged; where one is to be "
        "mended, none is taken.",
    ),
    "batch_what": Text("证照与颁发机构", "Licence and authority"),
    "batch_sheet": Text("表格", "Sheet"),
    "batch_sheet_hint": Text("CSV 或 Excel（.xlsx），不超过 8 MB。", "CSV or .xlsx, at most 8 MB."),
    "batch_template": Text("下载空白表格", "Download an empty sheet"),
    "row_preview": Text("这一份的预览（PDF，新窗口）", "Preview of this one (PDF, new window)"),
    "batch_photos": Text("照片压缩包", "Photos"),
    "batch_photos_hint": Text(
        "“照片”一列填文件名，照片文件放在一个 .zip 中，不超过 16 MB；嵌入单元格的照片无法读取。",
        "The photo column names files; put those into one .zip of 16 MB at most. Photos embedded "
        "in cells cannot be read.",
    ),
    "batch_more": Text(
        "表格中有以前签发过的、隐藏的或待确认的行", "Rows granted before, hidden or to be confirmed"
    ),
    "batch_changed": Text(
        "与现有证照不同的行", "Rows that differ from the licence that they speak of"
    ),
    "batch_changed_none": Text("先指出，由我决定", "name them, and let me decide"),
    "changed_skip": Text("跳过，保留现有证照", "leave the licence as it is"),
    "changed_correct": Text("更正（换发）", "correct it (a new version)"),
    "changed_replace": Text("变更（换发）", "record the change (a new version)"),
    "changed_renew": Text("延续（换发）", "renew it (a new version)"),
    "batch_further": Text(
        "持证人已有同类证照的，再发一份", "Holders that have one of the type get one more"
    ),
    "batch_codes_compared": Text(
        "以多个 0 结尾的号码，已对照原件无误",
        "Codes that end in zeros were compared with the originals",
    ),
    "batch_name": Text("批次名称", "Name of the batch"),
    "batch_name_hint": Text(
        "只在重新签发已失效的证照时需要。",
        "Only for granting anew what was granted and left force.",
    ),
    "batch_sheet_name": Text("工作表名称", "Name of the worksheet"),
    "batch_hidden": Text("隐藏或筛掉的行", "Rows that are hidden or filtered out"),
    "batch_hidden_none": Text("先指出，由我决定", "name them, and let me decide"),
    "hidden_include": Text("包括在内", "include them"),
    "hidden_skip": Text("不包括", "leave them out"),
    "batch_check": Text("只检查", "Check only"),
    "batch_ask": Text("检查并提出申请", "Check, and send the request"),
    "batch_remarks": Text("下载批注表", "Download the sheet with remarks"),
    "batch_remarks_hint": Text(
        "可在表中逐行更正：重新选择同一文件，按“{button}”，得到每行旁写明问题的副本；"
        "更正后直接提交副本，批注一列不算表中内容。",
        "To mend it in the sheet itself, choose the same file again and press “{button}”: you get "
        "a copy with what is wrong beside each row. Mend and send that copy; its column of remarks "
        "is no part of the table.",
    ),
    "batch_choose_again": Text(
        "浏览器不保留所选文件，请重新选择。",
        "Browsers do not keep chosen files: choose them again.",
    ),
    "batch_problems": Text("需要更正的行", "Rows to mend"),
    "batch_problems_cut": Text("仅列出前 {most} 处。", "The first {most} are listed."),
    "batch_good": Text("检查通过：共 {rows} 行", "Every row is good: {rows} in all"),
    "batch_good_next": Text(
        "尚未提出申请。请重新选择文件，按“检查并提出申请”。",
        "Nothing was sent yet. Choose the files again and send the request.",
    ),
    "row_kind_new": Text("新发", "new"),
    "row_kind_pending": Text("上次中断，继续签发", "cut short before: will be finished"),
    "row_kind_granted": Text("已签发过，不再重复", "granted before: not granted twice"),
    "row_kind_changed": Text("与现有证照不同", "differ from their licence"),
    "row_kind_further": Text("持证人另有证照", "holder has others"),
    "row_kind_closed": Text("已失效，不再签发", "granted before and out of force: stay so"),
    "row_n": Text("第 {row} 行", "Row {row}"),
    "row_number": Text("行", "Row"),
    "row_column": Text("列", "Column"),
    "row_problem": Text("问题", "Problem"),
    "row_identifier": Text("证照标识", "Identifier"),
    "row_whole": Text("整行", "the whole row"),
    "row_sheet": Text("整个表格", "the sheet"),
    "row_licence": Text("所涉证照", "Licence concerned"),
    "row_content": Text("内容", "Content"),
    "row_result": Text("结果", "Result"),
    "row_forgotten": Text("内容不再保存", "content not kept any more"),
    "row_photo": Text("第 {row} 行的照片", "Photo of row {row}"),
    "rows_title": Text("各行", "Rows"),
    "rows_more": Text("下一页", "Next rows"),
    "rows_all": Text("全部", "all"),
    "row_state_WAITING": Text("未办", "waiting"),
    "row_state_GRANTED": Text("已签发", "granted"),
    "row_state_SKIPPED": Text("已跳过", "skipped"),
    "row_state_FAILED": Text("未成功", "failed"),
    "rows_known": Text("以前签发过的各行", "The rows that were granted before"),
    "row_before": Text("早先已签发，不再重复", "granted before, not again"),
    "batch_before": Text(
        "其中 {before} 行早先已签发，不会再签发；新签发 {new} 行。",
        "{before} of these rows were granted before and are not granted again; {new} are new.",
    ),
    "batch_terms": Text("签发方式", "How it is to be granted"),
    "samples_title": Text("样页", "Sample of the pages"),
    "samples_lead": Text(
        "各行的证照将按此样式签发。请先核对样页，再同意或用印：同意、用印即表示认可。",
        "The licences will look like this. Look at these pages before you approve or seal: by "
        "either you agree to them.",
    ),
    "sample_first": Text("第一份", "the first"),
    "sample_longest": Text("内容最多的一份", "the one with most to say"),
    "sample_chance": Text("随机抽取的一份", "one by chance"),
    "begin_job_title": Text("执行批量签发", "Carry the batch out"),
    "begin_job_lead": Text(
        "将使用本机构的印章逐份签章（共 {rows} 份）。可随时取消未办的部分。",
        "This seals one licence after the other ({rows}). What is left can be cancelled any time.",
    ),
    "begin_job": Text("用印签发全部", "Seal and grant them all"),
    "to_job": Text("查看进度", "See how far it is"),
    # jobs
    "job_gone": Text("任务已不在", "job is gone"),
    "job_paused": Text("暂停，将自动继续", "paused, goes on by itself"),
    "job_progress": Text(
        "{state}（已签发 {done}，共 {total} 份）", "{state}, {done} of {total} granted"
    ),
    "job_progress_before": Text(
        "{state}（已签发 {done}，共 {total} 份；其中 {before} 份早先已签发，不再重复）",
        "{state}, {done} of {total} granted; {before} were granted before, not again",
    ),
    "job_title": Text("批量签发进度", "Progress of the batch"),
    "job_by": Text("执行人", "Carried out by"),
    "job_since": Text("开始时间", "Begun at"),
    "job_changed": Text("状态变更时间", "In this state since"),
    "job_last_row": Text("最近进展时间", "Last progress at"),
    "job_why": Text("原因", "Why"),
    "job_counts": Text("进度", "How far it is"),
    "job_reload": Text("刷新进度", "Look again"),
    "job_done": Text("已处理 {done} 行，共 {rows} 行", "{done} of {rows} rows done"),
    "job_pace": Text("速度", "Pace"),
    "job_rows_a_second": Text("每秒 {rows} 行", "{rows} rows a second"),
    "job_left": Text("预计剩余时间", "Time left, about"),
    "job_reloads": Text(
        "本页每五秒自动更新；离开本页不影响签发。",
        "This page renews itself every five seconds; the batch goes on if you leave it.",
    ),
    "job_goes_on": Text("离开本页不影响签发。", "The batch goes on if you leave this page."),
    "job_follow": Text("自动更新本页", "Renew this page by itself"),
    "job_stay": Text("停止自动更新", "Stop renewing"),
    "job_errors": Text("未成功的行，按原因", "Rows that failed, by reason"),
    "job_error_rows": Text("{rows} 行", "{rows}"),
    "job_see_failed": Text("查看未成功的行", "Look at the rows that failed"),
    "job_request": Text("原申请", "The request"),
    "job_files": Text("下载", "Downloads"),
    "job_results": Text("各行结果（CSV）", "What became of each row (CSV)"),
    "job_results_workbook": Text("各行结果（Excel）", "What became of each row (.xlsx)"),
    "job_documents_all": Text("证照文件（ZIP）", "Documents (ZIP)"),
    "job_documents_parts": Text(
        "证照文件（ZIP，每份 {size} 张，共 {parts} 份）", "Documents (ZIP, {parts} files of {size})"
    ),
    "job_documents": Text("第 {first}–{last} 张", "{first}–{last}"),
    "job_documents_later": Text(
        "任务结束或暂停后，可在此下载证照文件和各行结果。",
        "Documents and results are for download here once the batch is over or paused.",
    ),
    "job_failed": Text(
        "未成功的行，可改正后重新提交（CSV）", "Rows that failed, to be mended (CSV)"
    ),
    "job_pause_title": Text("暂停", "Pause"),
    "job_pause_lead": Text(
        "已开始的一两组签完后停下；之后可继续，不会重复签发。",
        "One or two groups that were begun are finished. It can go on later; nothing is granted "
        "twice.",
    ),
    "job_pause": Text("暂停签发", "Pause it"),
    "job_go_on_title": Text("继续", "Go on"),
    "job_go_on_lead": Text(
        "以您的名义继续办理未办和未成功的行。",
        "This goes on, in your name, with the rows that wait or failed.",
    ),
    "job_go_on": Text("继续签发", "Go on"),
    "job_cancel_title": Text("取消未办的部分", "Cancel what is left"),
    "job_cancel": Text("取消", "Cancel the rest"),
    # changes
    "change_what": Text("变更", "Change"),
    "change_out_lead": Text(
        "将变更此证照的状态，即时生效。", "This changes the licence's state at once."
    ),
    "change_out": Text("执行变更", "Make the change"),
    # seals and keys
    "seal_ask": Text("申请印章", "Ask for a seal"),
    "seal_ask_lead": Text(
        "由另一名登记人或管理员批准后制作。印章的名称、机构从登记信息取得。",
        "Another registrar or an administrator approves it; then it is made.",
    ),
    "seal_again_lead": Text(
        "为现有印章换发密钥和证书。",
        "This seal gets another key and certificate.",
    ),
    "seal_again": Text("换发证书", "New certificate"),
    "seal_id": Text("印章代号", "Short name of the seal"),
    "seal_id_hint": Text(
        "如 market-food：小写字母、数字、点、连字符。填现有印章的代号则为换发证书。",
        "Such as market-food: lower-case letters, digits, dots, hyphens. That of a seal there is "
        "asks for another certificate of it.",
    ),
    "seal_name": Text("专用章名称", "Name of a special seal"),
    "seal_name_hint": Text(
        "印在五角星下，如“食品经营许可专用章”。机构印章不填。",
        "Below the star, such as 食品经营许可专用章. Empty for the body's own seal.",
    ),
    "seal_send": Text("提出申请", "Send the request"),
    "no_seal_bodies": Text("您的角色不能申请印章。", "Your role does not let you ask for seals."),
    "k_seal": Text("印章代号", "Seal"),
    "k_name": Text("专用章名称", "Name below the star"),
    "k_body": Text("机构名称", "Name on the ring"),
    "k_uscc": Text("统一社会信用代码", "Credit code"),
    "k_replaces": Text("所替换证书的 SHA-256", "SHA-256 of the certificate that it replaces"),
    "k_kind": Text("种类", "Kind"),
    "k_new": Text("新印章", "a new seal"),
    "k_officer": Text("人员", "Officer"),
    "k_profile": Text("证书种类", "Kind of certificate"),
    "k_fingerprint": Text("公钥指纹（SHA-256）", "Fingerprint of the key (SHA-256)"),
    "k_compare": Text(
        "批准前，请与该人员当面核对其令牌的指纹，逐字相同才可同意。",
        "Before you approve, see the officer and compare this with the fingerprint that their "
        "command showed for the token in hand.",
    ),
    "k_then": Text(
        "批准后，由该人员再次运行 xinyin enrol 取得证书。",
        "Once approved, the officer runs xinyin enrol again and gets the certificate.",
    ),
    "seal_make_title": Text("制作印章", "Make the seal"),
    "seal_make_lead": Text(
        "将生成密钥并签发印章证书；须由登记人在最近登录验证后执行。",
        "This makes the key and has it certified; a registrar does it after a fresh sign-in.",
    ),
    "seal_make": Text("制作", "Make it"),
    # what was done
    "nav_events": Text("操作记录", "What was done"),
    "events_found": Text("查到的操作", "What was found"),
    "event_kind": Text("种类", "Kind"),
    "event_person": Text("操作人", "Done by"),
    "event_what": Text("操作", "Done"),
    "event_subject": Text("对象", "Concerning"),
    "event_first": Text("起始日期", "From"),
    "event_last": Text("截止日期", "Through"),
    "event_licence": Text("证照", "licences"),
    "event_request": Text("申请", "requests"),
    "event_job": Text("批量任务", "batches"),
    "event_role": Text("角色", "roles"),
    "event_identity": Text("人员", "people"),
    "event_seal": Text("印章", "seals"),
    "event_authority": Text("机构", "authorities"),
    "event_record": Text("查看", "readings"),
    # one's own
    "me_title": Text("我的账户", "My account"),
    "me_certificates": Text("我的证书", "My certificates"),
    "me_none": Text("目前没有证书。", "You have no certificate at present."),
    "me_serial": Text("序列号", "Serial number"),
    "me_profile": Text("种类", "Kind"),
    "me_until": Text("有效期至", "Valid until"),
    "me_state": Text("状态", "State"),
    "me_usable": Text("可用", "usable"),
    "me_ended": Text("已停用", "ended"),
    "me_enrol": Text("申领签名证书", "Have a key certified"),
    "me_enrol_lead": Text(
        "密钥由您本人保管，不经本系统。在您自己的电脑上运行：",
        "The key stays with you and never passes through this service. On your own computer, run:",
    ),
    "me_enrol_note": Text(
        "证书有效一个工作日，次日再运行一次。长期证书须用令牌（加 --years 和 --keys），由登记人批准"
        "。",
        "The certificate holds for a working day; run it again the next. One of years needs a "
        "token (--years and --keys) and a registrar's approval.",
    ),
    "me_enrol_none": Text(
        "您的角色不需要签名证书，或本系统未开通申领。",
        "Your role needs no certificate, or enrolment is not set up here.",
    ),
    "me_account": Text("本地账户：通行密钥与密码", "Local account: passkeys and password"),
}
