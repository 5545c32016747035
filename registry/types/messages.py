"""Messages of `registry.types` in Chinese and English."""

from typing import Final

from core.text import Text

AREA_CODE_MALFORMED: Final = Text("行政区划代码应为 6 位数字。", "An area code has 6 digits.")
BIRTH_DATE_IN_FUTURE: Final = Text(
    "公民身份号码中的出生日期晚于今天。请核对。",
    "The birth date in the resident ID number lies in the future. Look at it again.",
)
DATE_IN_FUTURE: Final = Text(
    "日期晚于今天。请核对。", "The date lies in the future. Look at it again."
)
DATE_UNREADABLE: Final = Text(
    "日期无法识别。请写成 2026-01-01 或 2026年1月1日。",
    "The date cannot be read. Write 2026-01-01 or 2026年1月1日.",
)
DOCUMENT_TYPE: Final = Text(
    "这是公文类型：请用 xinyin document sign 签发文件。",
    "This is a type of official documents: sign a file with xinyin document sign.",
)
DUPLICATE_FIELD: Final = Text("字段重复。", "The field is given twice.")
LEADING_ZEROS_DROPPED: Final = Text(
    "开头的 0 被表格软件丢掉", "dropped the zeros that the code begins with"
)
LICENCE_NUMBER_MALFORMED: Final = Text(
    "证照编号的格式不符。请对照原件。",
    "The licence number has another form. Compare it with the original.",
)
LINE_BREAK_IN_CELL: Final = Text(
    "单元格内有换行。请删除换行，写成一行。",
    "There is a line break within the cell. Remove it and write one line.",
)
NOT_NUMBER: Final = Text(
    "应为数字，如 5000 或 1200.5。", "Must be a number such as 5000 or 1200.5."
)
NO_SUCH_DAY: Final = Text(
    "没有这一天。请核对年、月、日。", "There is no such day. Look at year, month and day again."
)
NO_SUCH_FIELD: Final = Text("没有这个字段。", "There is no such field.")
OLD_RESIDENT_ID: Final = Text(
    "这是 15 位旧公民身份号码。请填写 18 位号码。",
    "This is an old resident ID number of 15 digits. Enter the one of 18.",
)
PHOTO_DAMAGED: Final = Text(
    "照片不是完好的 JPEG 或 PNG 图片。请换一张。",
    "The photo is not a sound JPEG or PNG picture. Use another.",
)
PHOTO_MISSING: Final = Text("缺少照片。", "The photo is missing.")
PHOTO_NEARLY_BLANK: Final = Text(
    "照片几乎只有一种颜色，看不出人像。请换一张。",
    "The photo is of nearly one colour and shows nobody. Use another.",
)
PHOTO_NOT_PORTRAIT_SHAPED: Final = Text(
    "照片过宽或过长，缩放后看不清人像。请按证件照的比例裁剪。",
    "The photo is too wide or too tall for a portrait. Cut it to a portrait's shape.",
)
PHOTO_TOO_LARGE: Final = Text(
    "照片超过 2 MiB。请缩小后再用。", "The photo is larger than 2 MiB. Scale it down."
)
REQUIRED_FIELD_EMPTY: Final = Text("必填，未填写。", "Required, and empty.")
RESIDENT_ID_MISMATCH: Final = Text(
    "与公民身份号码不一致。请核对两者。",
    "Differs from what the resident ID number says. Look at both again.",
)
SCIENTIFIC_NOTATION: Final = Text(
    "被表格软件改写成科学计数", "wrote the code in scientific notation"
)
SEE_TYPE_DESCRIPTION: Final = Text("请对照说明填写", "see the description of the type")
SPREADSHEET_DATE_NUMBER: Final = Text(
    "这是表格软件内部的日期数字。请把该列设为“日期”格式，另存后再导入。",
    "This is a spreadsheet's inner number for a date. Format the column as a date and save again.",
)
TERM_ALREADY_OVER: Final = Text(
    "有效期在开始之前或今天之前已届满。请核对。",
    "The term ends before it begins or before today. Look at it again.",
)
TRAILING_DIGITS_ZEROED: Final = Text(
    "第 15 位之后被表格软件改成了 0", "wrote 0 for all digits after the 15th"
)
UNPRINTABLE_CHARACTERS: Final = Text(
    "含有不可见字符、控制字符或造字区字符。请删除后重新输入；生僻字请使用 GB 18030 收录的汉字。",
    "Holds characters that do not print, or private ones. Delete them and type the text "
    "again; write rare characters as the standard encodes them.",
)


def code_incorrect(code_name: Text) -> Text:
    return Text(
        f"不是正确的{code_name.zh}：校验位、日期或字符不符，可能抄错了一位。请对照原件。",
        f"Not a correct {code_name.en}: check character, date or a letter does not match, so "
        "it was probably copied wrongly. Compare it with the original.",
    )


def code_length_wrong(*, code_name: Text, count: int) -> Text:
    return Text(
        f"应为 18 位{code_name.zh}，现有 {count} 位。请对照原件补正。",
        f"A {code_name.en} has 18 characters, this has {count}. Compare it with the original.",
    )


def code_mangled_by_spreadsheet(damage: Text) -> Text:
    return Text(
        f"号码{damage.zh}。请把该列设为“文本”格式，重新填写完整号码后另存。",
        f"A spreadsheet {damage.en}. Format the column as text, enter the whole code again "
        "and save.",
    )


def licence_numbers_exhausted(digits: int) -> Text:
    return Text(
        f"证照编号已用完：流水号只有 {digits} 位。请与证照类型的定义单位联系。",
        f"The licence numbers are used up: the sequence has {digits} digits. Ask the body "
        "that defined the licence type.",
    )


def no_such_licence_type(code_or_slug: str) -> Text:
    return Text(
        f"未登记证照类型“{code_or_slug}”。请用 xinyin type list 查看。",
        f"There is no licence type “{code_or_slug}” on record. See xinyin type list.",
    )


def not_allowed_word(allowed_words: str) -> Text:
    return Text(f"只能填：{allowed_words}。", f"Must be one of: {allowed_words}.")


def number_out_of_range(*, bounds_zh: str, bounds_en: str) -> Text:
    return Text(f"超出范围（{bounds_zh}）。", f"Out of range ({bounds_en}).")


def photo_side_out_of_range(*, min_side: int, max_side: int) -> Text:
    return Text(
        f"照片每边应为 {min_side} 至 {max_side} 像素。",
        f"Each side of the photo must have {min_side} to {max_side} pixels.",
    )


def short_name_taken(short_name: str) -> Text:
    return Text(
        f"短名“{short_name}”已属于另一证照类型，未作改动。请换一个短名。",
        f"The short name “{short_name}” is another type's; nothing was changed. Take another.",
    )


def term_too_long(max_years: int) -> Text:
    return Text(
        f"有效期超过 {max_years} 年。请核对。",
        f"The term is longer than {max_years} years. Look at it again.",
    )


def too_many_decimals(max_decimals: int) -> Text:
    return Text(f"小数最多 {max_decimals} 位。", f"At most {max_decimals} decimals.")


def type_definition_invalid(problems: str) -> Text:
    return Text(
        f"证照类型的定义有误，请更正下列各项：\n{problems}",
        f"The definition of the licence type cannot hold; correct these:\n{problems}",
    )


def value_too_long(max_length: int) -> Text:
    return Text(
        f"超过 {max_length} 个字。请缩短。", f"Longer than {max_length} characters. Shorten it."
    )


def value_too_short(min_length: int) -> Text:
    return Text(
        f"不足 {min_length} 个字。请填写完整。",
        f"Shorter than {min_length} characters. Write it in full.",
    )


def wrong_form(hint: Text) -> Text:
    return Text(f"格式不符：{hint.zh}。", f"Not in the right form: {hint.en}.")
