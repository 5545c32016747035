"""Messages of `cli.licences` in Chinese and English."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from core.text import Text, counted

CHANGE_ASKED_FOR: Final = Text(
    "该类证照的变更须经他人批准，已提出申请（xinyin request show 查看）。",
    "For this type a second person must approve it, so it was asked for: see xinyin request show.",
)
FILTERS_AT_SERVER: Final = Text(
    "连接服务器时只能按 --state、--type（类型代码）和 --number（完整编号）查询。",
    "At a server, licences are listed by --state, --type (a code) and --number (whole) alone.",
)
AUTHORITY: Final = Text("颁发机构", "Authority")
DOCUMENT_NUMBER: Final = Text("文号", "document of record")
BASIS: Final = Text("依据", "Basis")
GRANTED_ON: Final = Text("颁发日期", "Granted on")
IDENTIFIER: Final = Text("证照标识", "Identifier")
LICENCE_DOCUMENT_MISSING: Final = Text(
    "该证照尚未颁发完成，没有文件。请先运行 xinyin licence resume。",
    "The licence has no document yet. Run xinyin licence resume first.",
)
LICENCE_NAME: Final = Text("证照名称", "Licence")
NOTHING_TO_VERIFY: Final = Text(
    "没有给出核验对象。请给出文件、编号、标识、链接或摘要值。",
    "Nothing to verify was given. Give a file, number, identifier, link or digest.",
)
NO_MATCHING_LICENCE: Final = Text("没有符合条件的证照。", "No licence fits.")
NO_REGISTERED_PART: Final = Text(
    "文件中没有登记的部分。", "There is no registered part in this file."
)
NUMBER: Final = Text("证照编号", "Number")
OPTIONS_NEED_FILE: Final = Text(
    "--root、--extract 和 --at 只用于文件。请给出 PDF 文件。",
    "--root, --extract and --at go with a file. Give a PDF file.",
)
PASSED_FOR_WHAT_WAS_SIGNED: Final = Text(
    "只就签名时的内容通过", "passed for what was signed, not for this file"
)
REGISTERED_PART_IS: Final = Text(
    "文件开头的登记部分（不含改动的内容）是：",
    "The registered part that the file begins with, and not what was changed, is:",
)
REPLACED_BY: Final = Text("换发后的证照标识", "Replaced by")
REPLACES: Final = Text("原证照标识", "Replaces")
REQUEST_KEY_MALFORMED: Final = Text(
    "请求号须为 8 到 64 个字母、数字、- 或 _。",
    "A request key has 8 to 64 letters, digits, - or _.",
)
RESUMING: Final = Text("续办", "Resuming")
STATE: Final = Text("当前状态", "State")
SUSPENDED_UNTIL: Final = Text("暂停至", "Suspended through")
VALIDITY: Final = Text("有效期", "Valid")
VERIFICATION_LINK: Final = Text("核验链接", "Link")

CORRECTION_RECEIPT: Final = Text(
    "请把查询码（receipt）交给申请人：凭它查询办理情况，此处只显示一次。",
    "Hand the code (receipt) to who asked: by it they follow the request; it is shown this once.",
)
FIELDS_THAT_SAY_IT: Final = Text("可核对的字段", "Fields that say it")
MATERIAL: Final = Text("材料", "Material")
NO_PHOTO_OF_TYPE: Final = Text(
    "该类型没有照片，或原证照没有照片可以沿用。",
    "The type has no photo, or the licence has none that could be kept.",
)
ONE_PHOTO_ALONE: Final = Text(
    "--photo 与 --keep-photo 只能选一个。", "Give --photo or --keep-photo, not both."
)
PAPER: Final = Text("（须提交纸质材料）", "(paper is needed)")
NO_PAPER_DOCUMENTS: Final = Text(
    "公文没有可信等级，不能入库。请用 xinyin document sign。",
    "Official documents have no grade of trust. Use xinyin document sign.",
)
TAKING_IN: Final = Text("接收", "Taking in")


def licence_stands(*, identifier: str, standing: str) -> Text:
    return Text(f"证照 {identifier}：{standing}。", f"Licence {identifier}: {standing}.")


def confirm_cancellation(licence: str) -> Text:
    return Text(f"将注销证照 {licence}。", f"Cancel licence {licence}.")


def confirm_voiding(identifier: str) -> Text:
    return Text(f"将作废未完成的颁发 {identifier}。", f"Void {identifier}.")


def date_malformed(text: str) -> Text:
    return Text(
        f"“{text}”不是日期。请写成 2026-06-30 的形式。",
        f"“{text}” is not a date. Write it like 2026-06-30.",
    )


def file_not_certificate(path: Path) -> Text:
    return Text(
        f"“{path}”不是证书（DER 或 PEM）。", f"“{path}” is not a certificate in DER or PEM."
    )


def grant_outcome_unknown(*, look_command: str, retry_command: str) -> Text:
    return Text(
        f"提交时与数据库的连接中断，不知道证照是否已经颁发。请先查看：\n  {look_command}\n再以"
        f"同一请求号重新执行，可办完而不会重复颁发：\n  {retry_command}",
        "The connection to the database broke while committing; whether the licence was "
        f"granted is not known. Look:\n  {look_command}\nthen repeat with the same key, which "
        f"finishes it and grants nothing twice:\n  {retry_command}",
    )


def grant_voided(identifier: str) -> Text:
    return Text(f"已作废未完成的颁发 {identifier}。", f"Voided {identifier}.")


def basis_then(basis: str) -> Text:
    return Text(f"依据：{basis}", f"Basis: {basis}")


def days_unusable(most: int) -> Text:
    return Text(
        f"请写天数，例如 60d，最多 {most}。", f"Give a number of days such as 60d, at most {most}."
    )


def licence_list_truncated(limit: int) -> Text:
    return Text(
        f"只列出了前 {limit} 份；用 --limit 或条件查看其余。",
        f"Shown are only the first {limit}; use --limit or narrow the search.",
    )


def licence_reference(identifier: str) -> Text:
    return Text(f"证照 {identifier}。", f"Licence {identifier}.")


def licence_state_changed(*, identifier: str, state: Text) -> Text:
    return Text(f"证照 {identifier}：{state.zh}。", f"Licence {identifier}: {state.en}.")


def licence_suspended_until(identifier: str, state: Text, until: date) -> Text:
    return Text(
        f"证照 {identifier}：{state.zh}，至 {until} 止（含当日），次日自行恢复有效。",
        f"Licence {identifier}: {state.en} through {until}; in force again by itself the day "
        "after.",
    )


def correction_accepted(correction_id: str, identifier: str) -> Text:
    return Text(
        f"已受理更正申请 {correction_id}。接着用 xinyin licence correct {identifier} 换发更正后的"
        "证照。",
        f"Request {correction_id} is accepted. Next: xinyin licence correct {identifier} makes the "
        "corrected version.",
    )


def correction_extended(correction_id: str, due_on: str) -> Text:
    return Text(
        f"更正申请 {correction_id} 的办理期限延至 {due_on}。",
        f"Request {correction_id} is now to be decided by {due_on}.",
    )


def correction_refused(correction_id: str) -> Text:
    return Text(f"不予更正：{correction_id}。", f"Request {correction_id} is refused.")


def correction_withdrawn(correction_id: str) -> Text:
    return Text(f"更正申请 {correction_id} 已撤回。", f"Request {correction_id} is withdrawn.")


def registered_part_written(out: Path) -> Text:
    return Text(f"登记的部分已写入“{out}”。", f"The registered part was written to “{out}”.")


def resume_result(finished: int) -> Text:
    return Text(f"续办完成：{finished} 份。", f"{finished} finished.")


def confirm_matter_removal(*, code: str, name: Text) -> Text:
    return Text(
        f"将删除事项 {code}“{name.zh}”。", f"The matter {code}, “{name.en}”, will be taken out."
    )


def matter_removed(code: str) -> Text:
    return Text(f"已删除事项 {code}。", f"Matter {code} taken out.")


def matters_recorded(*, changed: int, whole: int) -> Text:
    return Text(
        f"文件中有 {whole} 个事项，登记或更新了 {changed} 个。",
        f"{counted(whole, 'matter')} in the file, {changed} of them new or changed.",
    )


def key_file_unreadable(name: str) -> Text:
    return Text(
        f"无法读取 {name}：应为公钥或证书文件。",
        f"{name} cannot be read as a public key or certificate.",
    )


def rows_recorded(done: int, failed: int) -> Text:
    return Text(f"入库 {done} 行；未成 {failed} 行。", f"Rows recorded: {done}; refused: {failed}.")


def scans_too_large(megabytes: int) -> Text:
    return Text(
        f"扫描件压缩包超过 {megabytes} MiB。请解压后用 --scans 指定文件夹。",
        f"The archive of scans is over {megabytes} MiB. Unpack it and name the folder by --scans.",
    )


def scans_unreadable(name: str, cause: str, strerror: str) -> Text:
    return Text(f"无法读取 {name}：{cause}。", f"{name} cannot be read: {strerror}.")


def no_day(typed: str) -> Text:
    return Text(
        f"“{typed}”不是日期。请写成 2026-01-31 的样子。",
        f"“{typed}” is no date. Write it as 2026-01-31.",
    )


EXPORT_FORMAT: Final = Text(
    "文件名须以 .csv、.xlsx 或 .jsonl 结尾。",
    "The file's name must end with .csv, .xlsx or .jsonl.",
)
STATISTICS_FORMAT: Final = Text(
    "文件名须以 .csv、.xlsx、.jsonl 或 .svg 结尾。",
    "The file's name must end with .csv, .xlsx, .jsonl or .svg.",
)


def table_written(path: object, count: int) -> Text:
    return Text(f"已写入 {path}：{count} 行。", f"Written to {path}, rows: {count}.")


ERASE_ONE_OR_DUE: Final = Text(
    "请给出一份证照和 --basis，或只用 --due。",
    "Name one licence with --basis, or give --due alone.",
)


def several_taken_over(names: Sequence[str]) -> Text:
    listed = ", ".join(names)
    return Text(
        f"接收入库的证照中有几份是这个编号，请用登记名：{listed}。",
        "Several licences that were taken over have this number; name one by its record: "
        f"{listed}.",
    )


def confirm_erasing(named: str) -> Text:
    return Text(
        f"删除 {named} 的文件和持证主体信息？不可恢复。",
        f"Erase the document of {named}, and what it says of its holder? Nothing brings it back.",
    )


def confirm_erasing_due(count: int) -> Text:
    return Text(
        f"删除以上 {count} 份证照的文件和持证主体信息？不可恢复。",
        f"Erase the documents of {counted(count, 'licence')}, and what is said there of the "
        "holders? Nothing brings them back.",
    )


def due_since(named: str, day: object) -> Text:
    return Text(f"{named}：自 {day} 起应删除。", f"{named}: due since {day}.")


def retention_basis(years: int) -> Text:
    return Text(f"留存期限已满（{years} 年）", f"kept for {counted(years, 'year')}")


def licences_erased(count: int, kept: int) -> Text:
    left = (f"，保留 {kept} 份", f"; kept: {kept}") if kept else ("", "")
    return Text(f"已删除 {count} 份证照的内容{left[0]}。", f"Licences erased: {count}{left[1]}.")


def hold_changed(identifier: str, *, lifted: bool) -> Text:
    if lifted:
        return Text(f"{identifier}：保全已解除。", f"{identifier}: the hold was lifted.")
    return Text(f"{identifier}：已保全，不会删除。", f"{identifier}: on hold, not to be erased.")
