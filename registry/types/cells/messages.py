"""Messages of `registry.types.cells` in Chinese and English."""

from typing import Final

from core.text import Text

DATE_UNREADABLE: Final = Text(
    "日期无法识别。请写成 2026-01-01 或 2026年1月1日。",
    "The date cannot be read. Write 2026-01-01 or 2026年1月1日.",
)
ERROR_VALUE_AS_TEXT: Final = Text(
    "内容是表格软件的错误值（如 #N/A）。请更正。",
    "That is a spreadsheet's error value such as #N/A. Correct it.",
)
FORMULA_AS_TEXT: Final = Text(
    "内容是公式。请在表格软件中复制后“选择性粘贴为数值”，再保存。",
    "That is a formula. In the spreadsheet, copy the cell and paste it as a value, then save.",
)
LEADING_ZEROS_DROPPED: Final = Text(
    "开头的 0 被表格软件丢掉", "dropped the zeros that the code begins with"
)
LINE_BREAK_IN_CELL: Final = Text(
    "单元格内有换行。请删除换行，写成一行。",
    "There is a line break within the cell. Remove it and write one line.",
)
LOST_CHARACTER: Final = Text(
    "含有“?”：可能是表格软件保存时丢失的生僻字。请重新输入，另存为 .xlsx 或“CSV UTF-8”；"
    "确为问号的写“？”。",
    "Holds “?”, which may be a rare character that was lost when a spreadsheet saved the file. "
    "Enter it again and save as .xlsx or “CSV UTF-8”; a question mark is written “？”.",
)
NO_SUCH_DAY: Final = Text(
    "没有这一天。请核对年、月、日。", "There is no such day. Look at year, month and day again."
)
SCIENTIFIC_NOTATION: Final = Text(
    "被表格软件改写成科学计数", "wrote the code in scientific notation"
)
SPREADSHEET_DATE_NUMBER: Final = Text(
    "这是表格软件内部的日期数字。请把该列设为“日期”格式，另存后再导入。",
    "This is a spreadsheet's inner number for a date. Format the column as a date and save again.",
)
TRAILING_DIGITS_ZEROED: Final = Text(
    "第 15 位之后被表格软件改成了 0", "wrote 0 for all digits after the 15th"
)
UNPRINTABLE_CHARACTERS: Final = Text(
    "含有不可见字符、控制字符或造字区字符。请删除后重新输入；生僻字请使用 GB 18030 收录的汉字。",
    "Holds characters that do not print, or private ones. Delete them and type the text "
    "again; write rare characters as the standard encodes them.",
)


def code_mangled_by_spreadsheet(damage: Text) -> Text:
    return Text(
        f"号码{damage.zh}。请把该列设为“文本”格式，重新填写完整号码后另存。",
        f"A spreadsheet {damage.en}. Format the column as text, enter the whole code again "
        "and save.",
    )
