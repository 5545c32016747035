"""Words of the pages of exports."""

from typing import Final

from core.text import Text
from registry.licences.exported import ExportState

EXPORT_WORDS: Final[dict[str, Text]] = {
    "exports": Text("导出", "Exports"),
    "export": Text("导出", "Export"),
    "export_new": Text("后台导出全部查找结果", "Export all that is found, in the background"),
    "export_lead": Text(
        "由系统在后台写成一个文件，不限份数；完成后只有您本人可以下载。",
        "Written by the server, however many there are; nobody but you can download it.",
    ),
    "export_form": Text("文件格式", "Format"),
    "export_csv": Text("CSV（表格软件、程序）", "CSV (spreadsheets, programs)"),
    "export_xlsx": Text("XLSX（表格软件）", "XLSX (spreadsheets)"),
    "export_jsonl": Text("JSONL（程序）", "JSON lines (programs)"),
    "export_personal": Text("姓名、号码不遮盖", "Names and codes not masked"),
    "export_personal_hint": Text(
        "须先按一个颁发机构查询，且有权变更该机构的证照。",
        "Needs a search in one authority, whose licences you may change.",
    ),
    "export_begin": Text("开始导出", "Begin the export"),
    "export_none": Text(
        "还没有导出。请在证照页查询后导出。", "None yet. Search for licences first."
    ),
    "export_asked": Text("申请时间", "Asked for"),
    "export_rows": Text("已写份数", "Licences written"),
    "export_taken": Text("数据时点", "As of"),
    "export_masked": Text("个人信息", "Personal data"),
    "export_is_masked": Text("已遮盖", "masked"),
    "export_is_personal": Text("未遮盖", "not masked"),
    "export_size": Text("文件大小", "Size"),
    "export_digest": Text("文件摘要值（SHA-256）", "Digest of the file (SHA-256)"),
    "export_ends": Text("文件保留至", "File kept until"),
    "export_reloads": Text(
        "本页每五秒自动更新；离开本页不影响导出。",
        "This page renews itself every five seconds; the export goes on if you leave it.",
    ),
    "export_goes_on": Text("离开本页不影响导出。", "The export goes on if you leave this page."),
    "export_follow": Text("自动更新本页", "Renew this page by itself"),
    "export_stay": Text("停止自动更新", "Stop renewing"),
    "export_reload": Text("立即更新", "Look again"),
    "export_download": Text("下载文件", "Download the file"),
    "export_cancel": Text("取消导出", "Cancel the export"),
    "export_delete": Text("删除文件", "Delete the file"),
    "export_snapshot": Text(
        "文件中的证照都是同一时点的状态；之后的变化不在其中。",
        "All licences in it are as they stood at one moment; what changed since is not in it.",
    ),
}
EXPORT_STATES: Final[dict[ExportState, Text]] = {
    ExportState.WAITING: Text("等待中", "waiting"),
    ExportState.RUNNING: Text("正在导出", "being written"),
    ExportState.DONE: Text("已完成", "done"),
    ExportState.STOPPED: Text("已停止", "stopped"),
    ExportState.CANCELLED: Text("已取消", "cancelled"),
    ExportState.EXPIRED: Text("文件已删除", "file deleted"),
}
EXPORT_TONES: Final[dict[ExportState, str]] = {
    ExportState.WAITING: "waiting",
    ExportState.RUNNING: "waiting",
    ExportState.DONE: "good",
    ExportState.STOPPED: "bad",
    ExportState.CANCELLED: "lapsed",
    ExportState.EXPIRED: "lapsed",
}
EXPORT_WHY: Final[dict[str, Text]] = {
    "right_ended": Text(
        "您的权限已变化，不再能查看其中的证照", "you may not see all of these licences any more"
    ),
    "identity_ended": Text("申请人已停用", "who asked for it was disabled"),
    "too_large": Text("文件过大，请缩小范围", "the file is too large: narrow the search"),
    "erased": Text(
        "其后有证照的内容被清除，请重新导出", "contents of a licence were erased since: export anew"
    ),
}
