"""Words of the pages of official documents."""

from typing import Final

from core.text import Text

DOCUMENT_WORDS: Final[dict[str, Text]] = {
    "nav_documents": Text("公文", "Documents"),
    "doc_new": Text("上传公文", "Hand documents in"),
    "doc_drafts": Text("待提交的文件", "Not yet asked for"),
    "doc_no_files": Text("还没有文件", "No files yet"),
    "doc_draft_until": Text("{count} 个文件，保留至 {until}", "{count} files, kept until {until}"),
    "doc_q": Text("标题或编号", "Title or number"),
    "doc_found": Text("已签章的公文", "Sealed documents"),
    "doc_title": Text("标题", "Title"),
    "doc_unnamed": Text("未命名的文件", "A file without a name"),
    "doc_choose_again": Text(
        "文件没有收到：浏览器不保留所选的文件，请重新选择。",
        "The files were not taken, and browsers do not keep what was chosen: choose them again.",
    ),
    "doc_refused": Text("{count} 个文件未收下", "Files that were not taken: {count}"),
    "doc_remedy": Text("处理", "Remedy"),
    "doc_more_findings": Text("另有 {count} 处", "and {count} more"),
    "doc_taken": Text("已收下 {count} 个文件。", "Files taken: {count}."),
    "doc_to_draft": Text("查看已收下的文件", "To the files that were taken"),
    "doc_nothing_to_ask": Text(
        "您没有可以提交公文签章的机构。",
        "There is no authority for which you may hand documents in.",
    ),
    "doc_lead": Text(
        "上传要加盖印章的 PDF。系统先逐项检查，您确认样张之后才会签章。",
        "Hand in the PDFs that are to be sealed. Each is checked first, and nothing is sealed "
        "before you have agreed to a sample.",
    ),
    "doc_what": Text("公文种类和机关", "Kind of document, and authority"),
    "doc_files": Text("PDF 文件", "PDF files"),
    "doc_files_hint": Text(
        "可选多个文件，一次合计不超过 {most} MB，最多 {most_files} 个；也可把文件拖到这里。",
        "You may choose several, {most} MB together and {most_files} at most; or drop them here.",
    ),
    "doc_send": Text("上传并检查", "Hand in and check"),
    "doc_draft": Text("待签章的文件", "Files to be sealed"),
    "doc_draft_lead": Text(
        "{kind}，{body}。提交之前只有您能看到，保留至 {until}，到期自动删除。",
        "{kind}, {body}. You alone see them until you ask for the seal; they are deleted at "
        "{until}.",
    ),
    "doc_draft_files": Text("文件", "Files"),
    "doc_file_facts": Text("{pages} 页，{size} KB", "{pages} pages, {size} KB"),
    "doc_before": Text(
        "这份文件此前已签章，不会再签一次：", "It was sealed before, and is not sealed again:"
    ),
    "doc_to_clean": Text(
        "以下内容不能签章。可以由系统清理（页面显示不变），也可以移除该文件，改好后重新上传。",
        "This cannot be sealed. It can be taken out here, with the pages shown as they are; or "
        "take the file away, mend it and hand it in again.",
    ),
    "doc_cleaned": Text("签章前将清理：", "Taken out before it is sealed:"),
    "doc_fonts": Text(
        "以下字体没有嵌入，各阅读器显示可能不同：{names}",
        "These fonts are not embedded, so that readers may show it differently: {names}",
    ),
    "doc_clean": Text("同意清理", "Agree to clean it"),
    "doc_drop": Text("移除", "Take out"),
    "doc_add": Text("再添加文件", "Add more files"),
    "doc_place": Text("印章的位置", "Where the seal stands"),
    "doc_page_alt": Text("第 {page} 页，尚未签章", "Page {page}, not sealed"),
    "doc_page_caption": Text(
        "第 {page} 页，共 {pages} 页；{width} × {height} 毫米。",
        "Page {page} of {pages}; {width} × {height} mm.",
    ),
    "doc_click": Text(
        "在图上点一下，即以该点为印章中心。", "Click on the picture to put the seal's middle there."
    ),
    "doc_pages": Text("页和文件", "Pages and files"),
    "doc_previous": Text("上一页", "Page before"),
    "doc_next": Text("下一页", "Next page"),
    "doc_f_way": Text("位置", "Place"),
    "doc_way_usual": Text("右下角（落款处）", "Lower right, where a letter is signed"),
    "doc_way_bottom_left": Text("左下角", "Lower left"),
    "doc_way_top_left": Text("左上角", "Upper left"),
    "doc_way_top_right": Text("右上角", "Upper right"),
    "doc_way_centre": Text("页面中央", "Middle of the page"),
    "doc_way_point": Text("指定坐标", "At a point"),
    "doc_way_word": Text("压在指定文字上", "Over words"),
    "doc_way_field": Text("在空白签名域中", "In an empty signature field"),
    "doc_f_page": Text("页码", "Page"),
    "doc_page_hint": Text("不填为末页；-1 也是末页。", "Empty: the last one, and so is -1."),
    "doc_f_left": Text("距左边（毫米）", "From the left (mm)"),
    "doc_f_top": Text("距上边（毫米）", "From the top (mm)"),
    "doc_point_hint": Text(
        "指定坐标时填写，为印章中心。", "For a point: of the middle of the seal."
    ),
    "doc_f_word": Text("文字", "Words"),
    "doc_word_hint": Text("压在文字上时填写，例如 盖章。", "For words: as the page shows them."),
    "doc_f_occurrence": Text("文字多次出现时", "Where the words come several times"),
    "doc_occurrence_last": Text("取最后一处", "The last place"),
    "doc_occurrence_first": Text("取第一处", "The first place"),
    "doc_f_field": Text("签名域名称", "Name of the signature field"),
    "doc_edge": Text("另盖骑缝章", "Also across the edges of all pages (骑缝章)"),
    "doc_show": Text("印章下方显示", "Words below the seal"),
    "doc_show_name": Text("机关名称", "The authority's name"),
    "doc_show_date": Text("日期", "The date"),
    "doc_show_reason": Text("事由", "The reason"),
    "doc_more": Text("更多要求", "More"),
    "doc_f_reason": Text("事由", "Reason"),
    "doc_f_basis": Text("依据", "Basis"),
    "doc_f_further": Text("同一印章的其他位置", "Further places of the same seal"),
    "doc_further_hint": Text(
        "每行一处，依次为页码、距左边、距上边（毫米），例如 1:150,40。",
        "One place a line, as page:left,top in millimetres, such as 1:150,40.",
    ),
    "doc_approval": Text("批准签章：之后他人还可以签", "An approval: others may sign after it"),
    "doc_level": Text("签名级别", "Level of the signature"),
    "doc_f_anew": Text("重签批次", "Name of a batch that seals anew"),
    "doc_anew_hint": Text(
        "原件已撤回或废止、确需重签时填写。",
        "Only where what was sealed before left force, and is to be sealed again.",
    ),
    "doc_choose": Text("保存并查看样张", "Keep, and show the sample"),
    "doc_sample": Text("样张", "Sample"),
    "doc_sample_not_ready": Text(
        "还有文件须先清理或移除，才能出样张。",
        "A file has to be cleaned or taken out before there is a sample.",
    ),
    "doc_no_sample": Text("不能出样张", "There is no sample"),
    "doc_sample_lead": Text(
        "签章后将是这个样子。请逐页核对。",
        "This is how it will look once sealed. Look each page over.",
    ),
    "doc_seal": Text("印章", "Seal"),
    "doc_where": Text("位置", "Place"),
    "doc_where_words": Text(
        "第 {page} 页，中心距左边 {left} 毫米、距上边 {top} 毫米",
        "page {page}, its middle {left} mm from the left and {top} mm from the top",
    ),
    "doc_falls_on": Text("有印章的页", "Pages with the seal"),
    "doc_all_files": Text("其他文件", "The other files"),
    "doc_all_files_words": Text(
        "共 {count} 个文件，按同样的要求签章", "{count} files in all, sealed on the same terms"
    ),
    "doc_sealed_alt": Text("第 {page} 页，含印章的样张", "Page {page} with the seal, a sample"),
    "doc_sealed_caption": Text("第 {page} 页", "Page {page}"),
    "doc_agree_once": Text(
        "同意后立即签章并登记，不能恢复。", "Once you agree it is sealed and registered, for good."
    ),
    "doc_agree_second": Text(
        "同意后提交审批；他人批准之后才签章。",
        "Once you agree it waits for somebody else's approval, and is sealed after that.",
    ),
    "doc_agree_sealer": Text(
        "同意后提交，由用印人员签章。", "Once you agree it waits for who uses the seal."
    ),
    "doc_agree_seal": Text("同意样张并签章（{count} 个文件）", "Agree and seal ({count} files)"),
    "doc_agree_ask": Text("同意样张并提交（{count} 个文件）", "Agree and ask ({count} files)"),
    "doc_discard": Text("删除全部", "Delete all of it"),
    "doc_discard_lead": Text(
        "删除这些文件，不签章。", "The files are deleted, and nothing is sealed."
    ),
    "doc_requested": Text("要签章的页面", "Pages to be sealed"),
    "doc_requested_lead": Text(
        "以下是签章后的样子，批准之前请逐页查看。",
        "This is how they will look once sealed. Look at each page before you approve.",
    ),
    "doc_page_of": Text("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "doc_requested_files": Text("文件", "Files"),
    "doc_more_pages": Text("以后各页", "Following pages"),
    "doc_earlier_pages": Text("以前各页", "Pages before"),
    "doc_cleaned_row": Text("清理", "Cleaned"),
    "doc_link": Text("公众核验链接", "Public link"),
    "kind_documents": Text("{name}：{rows} 个文件", "{name}: {rows} files"),
}
