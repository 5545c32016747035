"""Messages of `registry.importing` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CELL_ERROR_VALUE: Final = Text(
    "单元格是错误值（如 #N/A）。请更正。", "The cell holds an error such as #N/A. Correct it."
)
CELL_FORMULA: Final = Text(
    "单元格是公式。请复制后“选择性粘贴为数值”，再保存。",
    "The cell holds a formula. Copy it and paste it as a value, then save.",
)
CONTAINS_NUL_BYTES: Final = Text(
    "含有空字节，不是 CSV 文本", "holds NUL bytes, so it is no CSV text"
)
DUPLICATE_COLUMN: Final = Text("列名重复。请只保留一列。", "The column stands twice. Keep one.")
ENCODING_AMBIGUOUS: Final = Text(
    "无法确定是 UTF-8 还是 GB18030", "could be UTF-8 or GB18030, which differ"
)
ENCODING_NOT_READ: Final = Text(
    "的编码不是 UTF-8、UTF-16 或 GB18030（可能是 Big5、Shift-JIS 等），无法读取",
    "is in another encoding than UTF-8, UTF-16 or GB18030, such as Big5 or Shift-JIS, and cannot "
    "be read",
)
PHOTOS_TOTAL_TOO_LARGE: Final = Text(
    "照片总量超过 512 MiB。请拆分表格。", "The photos come to more than 512 MiB. Split the table."
)
PHOTO_ARCHIVE_UNREADABLE: Final = Text(
    "照片压缩包无法读取，或有重名文件。请重新压缩为 .zip。",
    "The archive of photos cannot be read, or names a file twice. Pack it anew as .zip.",
)
PHOTO_EMBEDDED_IN_CELL: Final = Text(
    "照片嵌入在单元格中，无法读取。请把照片另存为文件，放在表格所在的文件夹内，并在此填写文件名。",
    "The photo is embedded in the cell and cannot be read. Save it as a file in the table's "
    "folder and write the file's name here.",
)
PICTURE_UNSURE: Final = Text(
    "表格中的图片压在多行上，或不在照片一列，或同一格有多张，无法确定是哪一行的照片。请把每张图片缩放到"
    "所在行的照片单元格之内；或另存为文件，放在表格所在的文件夹内，并在此填写文件名。",
    "A picture lies across several rows, in another column than the photo's, or with another in "
    "one cell: whose it is is not certain. Shrink each into its own row's cell for the photo. "
    "Or save it as a file in the table's folder and write the file's name here.",
)
PHOTO_FILE_UNREADABLE: Final = Text(
    "找不到或无法读取照片文件。照片应放在表格所在的文件夹内。",
    "The photo file is missing or cannot be read. Put it into the table's folder.",
)
PHOTO_NOT_IN_ARCHIVE: Final = Text(
    "照片压缩包中没有这个文件，或无法读取。请核对文件名（含文件夹）。",
    "The archive of photos has no such file, or it cannot be read. Check the name, with its "
    "folder.",
)
PHOTO_PATH_OUTSIDE_FOLDER: Final = Text(
    "照片文件名不符：只能写表格所在文件夹内的相对路径，如 photos/0012.jpg。",
    "The photo's name must be a path within the table's folder, such as photos/0012.jpg.",
)
PHOTO_TOO_LARGE: Final = Text(
    "照片超过 2 MiB。请缩小后再用。", "The photo is larger than 2 MiB. Scale it down."
)
PDF: Final = Text("PDF 文档", "a PDF")
OLD_OFFICE: Final = Text(
    "旧版 Office 文件（.xls、.doc 等）或加了密码的工作簿",
    "a file of an old Office (.xls, .doc, ...), or a workbook with a password",
)
PICTURE: Final = Text("图片", "a picture")
ARCHIVE: Final = Text("压缩包", "an archive")
RTF: Final = Text("RTF 文档", "an RTF document")
MARKUP: Final = Text("网页或 XML 文件", "a web page or XML")
BINARY_WORKBOOK: Final = Text("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)")
WORD: Final = Text("Word 文档", "a Word document")
PRESENTATION: Final = Text("演示文稿", "a presentation")
OPEN_DOCUMENT: Final = Text("OpenDocument 文件（.ods、.odt）", "an OpenDocument file (.ods, .odt)")
COLUMN_MISSING: Final = Text(
    "缺少这一列。请补上，列名须与此完全一致。",
    "The column is missing. Add it under this very name.",
)
HEADER_BELOW: Final = Text(
    "列名似乎在这一行，上面还有标题。请删除列名以上的各行。",
    "The names of the columns seem to stand in this row, below a title. Remove what stands above.",
)
CODE_IN_NUMERIC_CELL: Final = Text(
    "单元格是数值：表格软件只保留号码的前 15 位。请把该列设为“文本”格式，对照原件重新填写。",
    "The cell is a number: a spreadsheet keeps 15 digits of a code. Format the column as text and "
    "enter the code again from the original.",
)
CODE_ENDS_IN_ZEROS: Final = Text(
    "号码第 16 位起全是 0，可能是表格软件改的（只保留前 15 位）。请对照原件：不符的，重新填写；"
    "各行都相符的，加 --codes-compared 再执行。",
    "The code has nothing but zeros after its 15th digit: a spreadsheet may have made them. "
    "Compare it with the original and correct it; where every such row is right, add "
    "--codes-compared.",
)
BECAME_DATE: Final = Text(
    "文字被表格软件改成了日期（如 1-2 变成 1月2日）。请把该列设为“文本”格式，重新填写。",
    "A spreadsheet made a date of the text (1-2 became 2 January). Format the column as text "
    "and enter it again.",
)
BECAME_TIME: Final = Text(
    "文字被表格软件改成了时间。请把该列设为“文本”格式，重新填写。",
    "A spreadsheet made a time of the text. Format the column as text and enter it again.",
)
BECAME_BOOLEAN: Final = Text(
    "文字被表格软件改成了逻辑值（TRUE 或 FALSE）。请把该列设为“文本”格式，重新填写。",
    "A spreadsheet made TRUE or FALSE of the text. Format the column as text and enter it again.",
)
DAY_IN_FUTURE: Final = Text("日期晚于今天。", "The day is still to come.")
GRADE_NEEDED: Final = Text("可信等级须为 A、B、C 或 D。", "The grade of trust is A, B, C or D.")
NOT_EXPIRED: Final = Text(
    "状态写为已过有效期，但有效期至一栏为空或尚未到期。",
    "It is said to have expired, but its last day is missing or still to come.",
)
PAPER_FIELD_EMPTY: Final = Text("必填项为空。", "The field is required, and empty.")
PAPER_NUMBER: Final = Text(
    "请填写证照编号，最多 64 个字符。", "Enter the licence number, of at most 64 characters."
)
PAPER_REASON: Final = Text(
    "事由无法识别，请填写撤销、吊销、撤回、注销、依申请注销、暂扣或核查中。",
    "The reason is unknown. Enter 撤销, 吊销, 撤回, 注销, 依申请注销, 暂扣 or 核查中.",
)
PAPER_STATE: Final = Text(
    "证照状态无法识别或与事由不符。请填写有效、已过有效期、暂停使用（并填事由），或失效的事由。",
    "The state is unknown, or does not fit the reason. Enter 有效, 已过有效期, 暂停使用 with its "
    "reason, or why it left force.",
)
SCAN_DAMAGED: Final = Text(
    "扫描件无法打开。请使用 PDF、JPEG、PNG 或 TIFF，不得加密。",
    "The scan cannot be opened. Use PDF, JPEG, PNG or TIFF, without a password.",
)
SCAN_NOT_JUDGED: Final = Text(
    "现在无法检查扫描件，这是本软件的原因，不说明文件有问题。"
    "请运行 xinyin doctor，然后再执行一次。",
    "The scan could not be looked at just now: that is our failure, and says nothing of the file. "
    "Run xinyin doctor, then the same command again.",
)
SCAN_BEYOND_LIMITS: Final = Text(
    "扫描件超出本软件的处理限度，不说明文件有问题。请以图片或更简单的 PDF 提供。",
    "The scan is beyond what is looked at here, which says nothing against it. Give it as a "
    "picture or as a plainer PDF.",
)
SCAN_MISSING: Final = Text(
    "找不到扫描件，请填写文件名。", "There is no such scan: enter the name of its file."
)
SCAN_SIZE: Final = Text(
    "扫描件过小或过大：每边至少 200 像素，总数不超过 4000 万像素。",
    "The scan is too small or too large: at least 200 pixels a side, 40 million at most.",
)
TERM_ENDS_BEFORE: Final = Text("有效期至早于有效期起。", "The term ends before it begins.")


def cell_limit(max_characters: int) -> Text:
    return Text(f"每格 {max_characters} 字", f"{counted(max_characters, 'character')} a cell")


def cell_too_long(max_characters: int) -> Text:
    return Text(
        f"有单元格超过 {max_characters} 字。请缩短；若引号不成对，请补上。",
        f"Has a cell longer than {counted(max_characters, 'character')}. Shorten it, or "
        "close its quotes.",
    )


def column_limit(max_columns: int) -> Text:
    return Text(f"{max_columns} 列", f"{counted(max_columns, 'column')}")


def conflicting_row(first_row: int) -> Text:
    return Text(
        f"与第 {first_row} 行是同一持证主体的同一证照，内容不同。请只保留一行。",
        f"The same licence of the same holder as row {first_row}, with other content. Keep "
        "one of the two.",
    )


def duplicate_row(first_row: int) -> Text:
    return Text(
        f"与第 {first_row} 行重复。请删除其中一行。",
        f"Repeats row {first_row}. Remove one of the two.",
    )


def encoding_damaged_at_line(line: int) -> Text:
    return Text(
        f"第 {line} 行的编码已损坏，既不是完整的 UTF-8 也不是 GB18030",
        f"is damaged at line {line}: neither UTF-8 nor GB18030 throughout",
    )


def file_encoding_unusable(*, file_name: str, problem: Text) -> Text:
    return Text(
        f"“{file_name}”{problem.zh}。请在表格软件中打开原表，另存为“CSV UTF-8（逗号分隔）”或 "
        ".xlsx。",
        f"“{file_name}” {problem.en}. Open the original in the spreadsheet and save it as "
        "“CSV UTF-8 (comma delimited)” or .xlsx.",
    )


def file_kind_unsupported(file_name: str) -> Text:
    return Text(
        f"“{file_name}”的类型不支持。请另存为 .csv（UTF-8）或 .xlsx。",
        f"“{file_name}” is of a kind that is not supported. Save it as .csv (UTF-8) or .xlsx.",
    )


def file_unreadable(*, file_name: str, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法读取“{file_name}”：{cause_zh}。", f"Could not read “{file_name}”: {strerror}."
    )


def no_such_column(*, hint_zh: str, hint_en: str) -> Text:
    return Text(
        f"该证照类型没有此字段。{hint_zh}", f"The licence type has no such column. {hint_en}"
    )


def no_such_sheet(*, file_name: str, sheet: str, sheet_names: str) -> Text:
    return Text(
        f"“{file_name}”中没有工作表“{sheet}”；现有：{sheet_names}。",
        f"There is no sheet “{sheet}” in “{file_name}”; there are: {sheet_names}.",
    )


def row_limit(max_rows: int) -> Text:
    return Text(f"{max_rows} 行", f"{counted(max_rows, 'row')}")


def row_not_splittable(*, file_name: str, row_number: int) -> Text:
    return Text(
        f"“{file_name}”第 {row_number} 行无法拆分成列：引号不成对，或单元格过长。请在表格软件"
        "中打开原表后另存。",
        f"Row {row_number} of “{file_name}” cannot be split into columns: quotes without "
        "their pair, or a cell too long. Open the original in the spreadsheet and save it "
        "again.",
    )


def rows_hidden(*, sheet: str, count: int, row_numbers: str) -> Text:
    return Text(
        f"工作表“{sheet}”有 {count} 行被隐藏或筛选掉（第 {row_numbers} 行）。请用 --hidden "
        "include（一并办理）或 --hidden skip（略过）决定。",
        f"In the sheet “{sheet}”, {counted(count, 'row', 'is', 'are')} hidden or filtered out "
        f"({row_numbers}). Decide with --hidden include or --hidden skip.",
    )


def several_matching_sheets(*, sheet: str, other_sheets: str) -> Text:
    return Text(
        f"读取的是工作表“{sheet}”，但{other_sheets}也有同样的列名。请用 --sheet 指明要办理的工"
        "作表。",
        f"The sheet “{sheet}” was read; {other_sheets} has the same columns. Name the one to "
        "be granted with --sheet.",
    )


def surplus_cells(*, count: int, column_count: int) -> Text:
    return Text(
        f"有 {count} 格，列名只有 {column_count} 个。请检查是否多了分隔符，或引号不成对。",
        f"Has {counted(count, 'cell')} under {counted(column_count, 'column name')}. Look for a "
        "separator too many, or for quotes without their pair.",
    )


def table_empty(file_name: str) -> Text:
    return Text(
        f"“{file_name}”是空的。第一行应为列名。",
        f"“{file_name}” is empty. Its first row should hold the names of the columns.",
    )


def size_limit(mib: int) -> Text:
    return Text(f" {mib} MiB ", f"{mib} MiB")


def table_too_large(*, file_name: str, limit: Text) -> Text:
    return Text(
        f"“{file_name}”超过{limit.zh}的上限。请拆分后再导入。",
        f"“{file_name}” holds more than {limit.en}. Split it.",
    )


def unpacked_workbook_too_large(*, file_name: str, max_mib: int) -> Text:
    return Text(
        f"“{file_name}”解压后过大（上限 {max_mib} MiB）。请只保留要导入的工作表，另存后再导入。",
        f"“{file_name}” is too large once unpacked ({max_mib} MiB at most). Keep only the "
        "sheet to be read and save it again.",
    )


def workbook_damaged(file_name: str) -> Text:
    return Text(
        f"“{file_name}”不是完好的 .xlsx 工作簿（可能加了密码或已损坏）。请另存为 .xlsx 或“CSV "
        "UTF-8”。",
        f"“{file_name}” is not a sound .xlsx workbook (it may be protected or damaged). Save "
        "it as .xlsx or “CSV UTF-8”.",
    )


def no_sheet_but(kind: Text) -> Text:
    return Text(
        f"所选文件是{kind.zh}，不是表格。请选择 Excel 工作簿（.xlsx）或 CSV 文件；其他格式请在表格"
        "软件中打开后另存。",
        f"The file is {kind.en}, not a sheet. Choose an Excel workbook (.xlsx) or a CSV file; open "
        "anything else in the spreadsheet and save it as one.",
    )


def no_headings(names: str, *, guessed: bool = False) -> Text:
    zh, en = "", ""
    if guessed:
        zh = "文件按 GB18030 读取；如为其他编码，请另存为“CSV UTF-8（逗号分隔）”。"
        en = " The file was read as GB18030; if it is in another encoding, save it as “CSV UTF-8”."
    return Text(
        f"第一行没有一个列名与该证照类型相符。第一行应写列名，从第二行起一行一份：{names}。{zh}",
        "No name in the first row is one of the type's columns. The first row holds the names, "
        f"each row below it one licence: {names}.{en}",
    )


def photo_archive_too_large(max_entries: int) -> Text:
    return Text(
        f"照片压缩包中的文件超过 {max_entries} 个。请拆分表格。",
        f"The archive of photos has more than {counted(max_entries, 'file')}. Split the table.",
    )


def photos_unpacked_too_large(max_mib: int) -> Text:
    return Text(
        f"照片解压后超过 {max_mib} MiB。请拆分表格。",
        f"The photos come to more than {max_mib} MiB. Split the table.",
    )


def number_repeated(first: int) -> Text:
    return Text(
        f"与第 {first} 行的证照编号相同。", f"It has the same licence number as row {first}."
    )


def paper_columns(names: str) -> Text:
    return Text(
        f"列名无法识别或重复：{names}。请使用证照类型的字段名以及证照编号、颁发日期、有效期起、"
        "有效期至、证照状态、事由、扫描件、可信等级。",
        f"Columns are unknown or stand twice: {names}. Use the fields of the type, and 证照编号, "
        "颁发日期, 有效期起, 有效期至, 证照状态, 事由, 扫描件, 可信等级.",
    )


def paper_columns_missing(names: str) -> Text:
    return Text(f"缺少这些列：{names}。", f"These columns are missing: {names}.")


def scan_too_large(megabytes: int) -> Text:
    return Text(
        f"扫描件为空或超过 {megabytes} MiB。", f"The scan is empty or over {megabytes} MiB."
    )


REMARKS: Final = Text("批注（系统添加）", "Remarks (added by the system)")
ROWS_SHEET: Final = "填表"
EXPLAINED_SHEET: Final = "填写说明"
EXPLAINED_HEADINGS: Final = (
    Text("列名", "Column"),
    Text("是否必填", "Required"),
    Text("填写内容", ""),
    Text("English", "What to enter"),
    Text("示例", "Example"),
)
CHOICES_OF: Final = Text("可选项", "Choices")
REQUIRED_WORD: Final = Text("必填", "required")
OPTIONAL_WORD: Final = Text("选填", "optional")
GIVEN_NUMBER: Final = Text(
    "证照编号，照原件填写。", "The licence's number, as the original has it."
)
ENTER_DATE: Final = Text("日期，如 2026-01-31。", "A date such as 2026-01-31.")
ENTER_MONTH: Final = Text(
    "年月或日期，如 1940-09 或 1940-09-17。", "A month or a date such as 1940-09 or 1940-09-17."
)
ENTER: Final = {
    "choice": Text("从下拉列表中选一项。", "One of the list that drops down."),
    "code": Text(
        "号码，按文本填写，照原件核对。", "The code, as text; compare it with the original."
    ),
    "area": Text("六位行政区划代码。", "The six digits of the administrative division."),
    "number": Text("数字，如 5000 或 1200.5。", "A number such as 5000 or 1200.5."),
    "photo": Text(
        "照片：把图片放进本行的单元格（不要压到别的行），或填写照片的文件名。",
        "The photo: place the picture inside this row's cell, over no other row, or write the "
        "name of its file.",
    ),
}
"""By kind of the field."""


def enter_text(max_length: int) -> Text:
    return Text(
        f"文字，最多 {max_length} 字。", f"Text of at most {counted(max_length, 'character')}."
    )
