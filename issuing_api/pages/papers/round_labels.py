"""Words of the pages of documents that several seal."""

from typing import Final

from core.text import Text

ROUND_WORDS: Final[dict[str, Text]] = {
    "cs_title": Text("会签", "Countersigning"),
    "cs_nav": Text("（{count} 份等您申请会签）", "({count} await your authority's seal)"),
    "cs_home": Text(
        "有 {count} 份公文等待本机关会签", "Documents that await your authority's seal: {count}"
    ),
    "cs_to_lists": Text("会签公文", "Documents that several seal"),
    "cs_list_awaiting": Text("等待本机关会签", "Awaiting your authority's seal"),
    "cs_list_issued": Text("本机关发起，等待他人会签", "Yours, awaiting others' seals"),
    "cs_list_settled": Text("本机关已办理", "Dealt with by your authority"),
    "cs_none": Text("没有", "None"),
    "cs_to_start": Text("回到开头", "To the beginning"),
    "cs_next_page": Text("下一页", "Next page"),
    "cs_issuer": Text("发文机关", "Issued by"),
    "cs_deadline": Text("会签期限", "Last day"),
    "cs_no_deadline": Text("未定", "none"),
    "cs_overdue": Text("已过期", "passed"),
    "cs_step": Text("本机关", "Your authority"),
    "cs_step_now": Text("待申请会签", "to be asked for"),
    "cs_step_later": Text("等待前面的单位", "another comes first"),
    "cs_step_asked": Text("已申请", "asked for"),
    "cs_step_SIGNED": Text("已盖章", "sealed"),
    "cs_step_REFUSED": Text("已拒绝", "refused"),
    "cs_step_BEGUN": Text("正在盖章", "being sealed"),
    "cs_step_turn": Text("等待盖章", "awaited"),
    "cs_number": Text("编号", "Number"),
    "cs_kind": Text("种类", "Kind"),
    "cs_issued": Text("签发日期", "Issued on"),
    "cs_outside_lead": Text(
        "登记后会签终止，公文不会生效。理由留存在案。",
        "The round ends and the document never comes into force. The reason is kept on record.",
    ),
    "cs_step_AWAITED": Text("未盖章", "not sealed"),
    "cs_facts": Text("公文", "The document"),
    "cs_round": Text("会签情况", "Who seals it"),
    "cs_order_given": Text("按次序会签", "one after the other"),
    "cs_order_any": Text("不分先后", "in any order"),
    "cs_order": Text("次序", "Order"),
    "cs_c_position": Text("序号", "No."),
    "cs_c_body": Text("单位", "Body"),
    "cs_c_when": Text("时间", "When"),
    "cs_c_place": Text("位置", "Place"),
    "cs_page": Text("第 {page} 页", "page {page}"),
    "cs_since": Text("{at} 起等待", "awaited since {at}"),
    "cs_outside": Text("（在外签署）", "(signs elsewhere)"),
    "cs_first": Text("发起", "issued and sealed"),
    "cs_by_request": Text("申请", "request"),
    "cs_look": Text("页面", "Pages"),
    "cs_look_lead": Text(
        "已盖的章如实显示；本机关的章（未签章预览）在第 {page} 页。",
        "Seals that it bears are shown; yours stands on page {page}, as a preview.",
    ),
    "cs_look_plain": Text("已盖的章如实显示。", "Seals that it bears are shown."),
    "cs_to_our_page": Text("转到本机关盖章的页", "To the page of your seal"),
    "cs_page_alt": Text("第 {page} 页", "Page {page}"),
    "cs_download": Text("下载最新文件（PDF）", "Download its newest file (PDF)"),
    "cs_ask_title": Text("申请加盖本机关印章", "Ask for your authority's seal"),
    "cs_ask_once": Text(
        "提交后立即盖章并登记，不能恢复。", "It is sealed and registered at once, for good."
    ),
    "cs_ask_second": Text(
        "提交后由本机关他人审批，批准后才盖章。",
        "Somebody else of your authority decides on it; it is sealed after that.",
    ),
    "cs_ask_sealer": Text(
        "提交后由本机关用印人员盖章。", "Whoever uses your authority's seal seals it then."
    ),
    "cs_ask": Text("申请会签（{body}）", "Ask for the seal of {body}"),
    "cs_asked_lead": Text("已申请，尚未盖章：", "It was asked for, and is not sealed yet:"),
    "cs_to_request": Text("查看申请", "To the request"),
    "cs_refuse_title": Text("拒绝会签", "Refuse"),
    "cs_refuse_lead": Text(
        "拒绝后会签终止，公文不会生效。理由留存并告知发文机关，不对外公布。",
        "The round ends and the document never comes into force. Your reason is kept and told to "
        "its issuer, and to nobody outside.",
    ),
    "cs_refuse": Text("拒绝会签（{body}）", "Refuse for {body}"),
    "cs_refuse_sure": Text(
        "拒绝后不能恢复：会签终止，这份公文不会生效。",
        "This cannot be undone: the round ends, and the document never comes into force.",
    ),
    "cs_refuse_confirm": Text("确认拒绝", "Refuse it"),
    "cs_day_title": Text("更改会签期限", "Move the last day"),
    "cs_day_lead": Text(
        "新的期限和理由留存在案，会签单位随即看到新的期限。",
        "The new day and the reason are put on record, and all who are to seal it see the new day.",
    ),
    "cs_day": Text("更改期限", "Move it"),
    "cs_new_day": Text("新的期限", "New last day"),
    "cs_take_title": Text("接收“{name}”在外签署的文件", "Take in what {name} signed"),
    "cs_take_lead": Text(
        "请下载最新文件，交该单位用自己的软件在预留的签名域中签署，再在此上传。系统核验签名、"
        "加盖本机关（不可见）的签章并登记。",
        "Download the newest file and have them sign it with their own software in the field that "
        "was prepared; hand it in here. It is judged, sealed over by your authority (unseen), and "
        "registered.",
    ),
    "cs_take_file": Text("签署后的 PDF", "The signed PDF"),
    "cs_take": Text("上传并接收", "Hand in and take in"),
    "cs_outside_title": Text("登记“{name}”拒绝会签", "Record that {name} refuses"),
    "cs_withdraw": Text(
        "需要撤回的，在公文页面上办理撤回。", "To withdraw the document, go to its own page."
    ),
    "cs_to_document": Text("公文页面", "The document's own page"),
    "cs_over": Text("会签已结束。", "The round is over."),
    "cs_waits_other": Text(
        "还没有轮到本机关，先由“{name}”盖章。", "{name} seals it first; then it is your turn."
    ),
    "cs_request": Text("申请会签的公文", "The document to be countersigned"),
    "cs_request_lead": Text(
        "以下是盖章后的样子，批准之前请逐页查看。",
        "This is how it will look once sealed. Look at each page before you approve.",
    ),
    "cs_f_reason": Text("理由", "Reason"),
    "cs_f_signed": Text("签署后的 PDF", "The signed PDF"),
    "cs_f_deadline": Text("新的期限", "New last day"),
    "kind_countersign": Text("会签：{name}", "Countersigning: {name}"),
    "rd_title": Text("会签单位", "Countersigners"),
    "rd_lead": Text(
        "签章后还须其他单位盖章的，在此列出。全部盖章后公文才生效。首次签章时即确定，之后不能增减。",
        "Who else is to seal it. It comes into force once all have; nobody is added or left out "
        "after the first seal.",
    ),
    "rd_signer": Text("会签单位 {number}", "Countersigner {number}"),
    "rd_who": Text("单位", "Body"),
    "rd_nobody": Text("（无）", "(nobody)"),
    "rd_outside": Text("其他单位，用自己的软件签署", "Another, which signs with its own software"),
    "rd_name": Text("名称（在外签署的填写）", "Name, of one that signs elsewhere"),
    "rd_uscc": Text("统一社会信用代码", "Unified social credit code"),
    "rd_uscc_hint": Text(
        "在外签署的，填写代码或证书的 SHA-256 之一。",
        "Of one that signs elsewhere: this, or the SHA-256 of its certificate.",
    ),
    "rd_certificate": Text("签名证书的 SHA-256", "SHA-256 of its signing certificate"),
    "rd_place_hint": Text(
        "印章盖在文字上，或填写中心距左、距上的毫米数。各印章不能相交或相切。",
        "Over words, or by the millimetres of its middle from the left and the top. No two seals "
        "may touch.",
    ),
    "rd_page": Text("页码", "Page"),
    "rd_word": Text("压在文字上", "Over words"),
    "rd_left": Text("距左边（毫米）", "From the left (mm)"),
    "rd_top": Text("距上边（毫米）", "From the top (mm)"),
    "rd_order": Text("次序", "Order"),
    "rd_order_given": Text("按上面的次序，逐个盖章", "One after the other, as they are listed"),
    "rd_order_any": Text("不分先后", "In any order"),
    "rd_deadline": Text("会签期限", "Last day"),
    "rd_more": Text("先保存，再添加下一个单位。", "Keep this to get room for another."),
    "rd_sample": Text("还将请以下单位盖章", "To be sealed then by"),
    "rd_sample_line": Text(
        "{name}：第 {page} 页，中心距左边 {left} 毫米、距上边 {top} 毫米",
        "{name}: page {page}, its middle {left} mm from the left and {top} mm from the top",
    ),
}
