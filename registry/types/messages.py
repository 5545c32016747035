"""Messages of `registry.types` in Chinese and English."""

from typing import Final

from core.text import Text, counted

AREA_CODE_MALFORMED: Final = Text("行政区划代码应为 6 位数字。", "An area code has 6 digits.")
BIRTH_DATE_IN_FUTURE: Final = Text(
    "公民身份号码中的出生日期晚于今天。请核对。",
    "The birth date in the resident ID number lies in the future. Look at it again.",
)
DATE_IN_FUTURE: Final = Text(
    "日期晚于今天。请核对。", "The date lies in the future. Look at it again."
)
DOCUMENT_TYPE: Final = Text(
    "这是公文类型：请用 xinyin document sign 签发文件。",
    "This is a type of official documents: sign a file with xinyin document sign.",
)
DUPLICATE_FIELD: Final = Text("字段重复。", "The field is given twice.")
KIND_STAYS: Final = Text(
    "已登记类型的种类（kind）不能改变：证照类型与公文类型不能互换。请另立一个类型。",
    "The kind of a type on record stays: one of licences does not become one of documents, nor the "
    "other way. Add another type.",
)
LICENCE_NUMBER_MALFORMED: Final = Text(
    "证照编号的格式不符。请对照原件。",
    "The licence number has another form. Compare it with the original.",
)
NOT_NUMBER: Final = Text(
    "应为数字，如 5000 或 1200.5。", "Must be a number such as 5000 or 1200.5."
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
PHOTO_UNREAD: Final = Text(
    "照片无法读取：读取它的进程中断或超时。请再试一次；仍不行的，请换一张。",
    "The photo cannot be read: what reads it broke off or took too long. Try again; if that does "
    "not help, use another.",
)
PHOTO_TOO_LARGE: Final = Text(
    "照片超过 2 MiB。请缩小后再用。", "The photo is larger than 2 MiB. Scale it down."
)
REQUIRED_FIELD_EMPTY: Final = Text("必填，未填写。", "Required, and empty.")
RESIDENT_ID_MISMATCH: Final = Text(
    "与公民身份号码不一致。请核对两者。",
    "Differs from what the resident ID number says. Look at both again.",
)
PUBLIC_VIEW_NEEDS_SECOND_PERSON: Final = Text(
    "新定义改变了公众能看到的内容，已有证照的类型须由另一人批准。",
    "The newer definition changes what the public may see; of a type with licences, a second "
    "person must approve it.",
)
SEE_TYPE_DESCRIPTION: Final = Text("请对照说明填写", "see the description of the type")
TERM_ALREADY_OVER: Final = Text(
    "有效期在开始之前或今天之前已届满。请核对。",
    "The term ends before it begins or before today. Look at it again.",
)
TERM_BELONGS_ON_PAGE: Final = Text(
    'without_term 只用于 rule = "long_term" 的证照：其他的须印出有效期。请删除。',
    "without_term is for licences without a last day (rule = “long_term”): others must show their "
    "term. Take it out.",
)

CHECK_BELONGS_TO_CODE: Final = Text(
    'check 只用于 kind = "code"，且该类字段必须有 check。请补写 check，或删除它。',
    "check belongs to kind “code”, and that kind needs it. Add check, or take it out.",
)
CHECK_PATTERN_NEEDS_PATTERN: Final = Text(
    'check = "pattern" 须同时写 pattern 和 hint。',
    "check “pattern” needs pattern and hint: write both.",
)
CHOICES_BELONG_TO_CHOICE: Final = Text(
    'choices 只用于 kind = "choice"，且该类字段必须有 choices。请补写，或删除它。',
    "choices belong to kind “choice”, and it needs them. Add choices, or take them out.",
)
COLOUR_SHAPE: Final = Text(
    "colour 写作 #rrggbb，用小写字母，如 #8c2f1b。",
    "colour must be written as #rrggbb, in small letters, such as #8c2f1b.",
)
COLUMNS_BELONG_TO_WIDE_TEXT: Final = Text(
    'columns 只用于 kind = "text"、wide = true、不带 listed 的字段。请改正该字段，或删除 columns。',
    "columns belong to kind “text” with wide = true, and not to a list. Mend the field, or take "
    "columns out.",
)
DESK_ROLES: Final = Text(
    "只能写 operator、sealer 中的一个或两个。", "Names one or both of operator and sealer."
)
HOLDER_CODE_CHECK: Final = Text(
    "持证主体代码须为统一社会信用代码或公民身份号码：该字段的 check 应为 uscc、resident_id 或 "
    "uscc_or_resident_id。",
    "The holder's code must be a USCC or a resident ID: give that field check uscc, resident_id "
    "or uscc_or_resident_id.",
)
MUST_BE_LIST: Final = Text("须为列表，写在 [ ] 里。", "Must be a list, in [ ].")
MUST_BE_TABLE: Final = Text(
    "须为表，写作 { 键 = 值 } 或 [标题]。", "Must be a table, as { key = value } or [heading]."
)
MUST_BE_TEXT: Final = Text("须为文字，写在引号里。", "Must be text, in quotes.")
MUST_BE_TRUE_OR_FALSE: Final = Text(
    "须为 true 或 false，不加引号。", "Must be true or false, without quotes."
)
MUST_BE_WHOLE_NUMBER: Final = Text(
    "须为整数，不加引号。", "Must be a whole number, without quotes."
)
MUST_BE_NUMBER: Final = Text("须为数字。", "Must be a number.")
ONE_PHOTO: Final = Text(
    "一种证照最多一张照片。请删除其余的照片字段。",
    "A type has one photo at most. Take the others out.",
)
PATTERN_OR_TEMPLATE: Final = Text(
    'rule = "given" 须写 pattern，不写 template；assigned 和 derived 须写 template，不写 pattern。',
    "rule “given” takes a pattern and no template, the others a template and no pattern.",
)
PUBLIC_PERSON_NEEDS_MASK: Final = Text(
    "公开的字段可能含有个人信息，须写 mask：person、holder 或 code；或删除 public。",
    "A public field that may hold personal data needs a mask (person, holder or code); or take "
    "public out.",
)
SCOPE_BELONGS_TO_ASSIGNED: Final = Text(
    'scope 只用于 rule = "assigned"，且该规则必须有 scope：哪些证照共用一个流水号。',
    "scope belongs to rule “assigned”, and it needs it: whose licences share a counter.",
)
SEQUENCE_ONCE: Final = Text(
    "{sequence:N} 只用于 assigned 规则的 template，且恰好一次；scope 里不能有它和 {mod11_10}。",
    "{sequence:N} stands once in the template of an assigned number only; a scope has neither it "
    "nor {mod11_10}.",
)
SHAPE_CHOICE_CODE: Final = Text(
    "须为最多 10 位数字和大写字母。", "Has at most 10 digits and capital letters."
)
SHAPE_KEY: Final = Text(
    "须以小写字母开头，只含小写字母、数字和 _，最多 40 位，如 holder_name。",
    "Begins with a small letter and has small letters, digits and _ alone, at most 40, such as "
    "holder_name.",
)
SHAPE_REASON_CODE: Final = Text(
    "须为 1 至 8 位数字和大写字母。", "Has 1 to 8 digits and capital letters."
)
SHAPE_SLUG: Final = Text(
    "须以小写字母开头，只含小写字母、数字和 -，2 至 40 位，如 food-operation。",
    "Begins with a small letter and has small letters, digits and - alone, 2 to 40, such as "
    "food-operation.",
)
TEMPLATE_IS_TEXT: Final = Text("template 须为文字。", "A template is text in quotes.")
TOLD_APART_BELONGS_TO_MANY: Final = Text(
    'told_apart_by 只用于 licences = "many"，且该设置必须有它：哪些字段区分同一主体的多份证照。',
    "told_apart_by belongs to licences = “many”, and it needs it: the fields that tell one "
    "holder's licences apart.",
)
TYPE_CODE_SHAPE: Final = Text(
    "证照类型代码为定义单位的 18 位统一社会信用代码（校验位须正确）加 3 位数字，共 21 位"
    "（GB/T 36904）。",
    "The type's code is the defining body's USCC of 18 characters, check included, and 3 digits: "
    "21 in all (GB/T 36904).",
)
YEARS_NEEDED: Final = Text(
    'rule = "years" 须写 years，如 years = 5。', "rule “years” needs years, such as years = 5."
)
NEW_NUMBER_REASONS: Final = Text(
    "只能列出 RENEWED、CHANGED、CORRECTED、REISSUED，每项一次。",
    "lists RENEWED, CHANGED, CORRECTED and REISSUED alone, each once",
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


def licence_numbers_exhausted(digits: int) -> Text:
    return Text(
        f"证照编号已用完：流水号只有 {digits} 位。请与证照类型的定义单位联系。",
        f"The licence numbers are used up: the sequence has {counted(digits, 'digit')}. "
        "Ask the body that defined the licence type.",
    )


def no_such_licence_type(code_or_slug: str) -> Text:
    return Text(
        f"未登记证照类型“{code_or_slug}”。请用 xinyin type list 查看。",
        f"There is no licence type “{code_or_slug}” on record. See xinyin type list.",
    )


def no_such_version(*, type_name: str, version: int) -> Text:
    return Text(
        f"“{type_name}”没有第 {version} 版定义。请用 xinyin type show {type_name} 查看各版。",
        f"“{type_name}” has no version {version}. See its versions: xinyin type show {type_name}.",
    )


def not_allowed_word(allowed_words: str) -> Text:
    return Text(f"只能填：{allowed_words}。", f"Must be one of: {allowed_words}.")


def number_out_of_range(*, bounds_zh: str, bounds_en: str) -> Text:
    return Text(f"超出范围（{bounds_zh}）。", f"Out of range ({bounds_en}).")


def photo_side_out_of_range(*, min_side: int, max_side: int) -> Text:
    return Text(
        f"照片每边应为 {min_side} 至 {max_side} 像素。",
        f"Each side of the photo must have {min_side} to {counted(max_side, 'pixel')}.",
    )


def short_name_taken(short_name: str) -> Text:
    return Text(
        f"短名“{short_name}”已属于另一证照类型，未作改动。请换一个短名。",
        f"The short name “{short_name}” is another type's; nothing was changed. Take another.",
    )


def term_too_long(max_years: int) -> Text:
    return Text(
        f"有效期超过 {max_years} 年。请核对。",
        f"The term is longer than {counted(max_years, 'year')}. Look at it again.",
    )


def too_many_decimals(max_decimals: int) -> Text:
    return Text(f"小数最多 {max_decimals} 位。", f"At most {counted(max_decimals, 'decimal')}.")


def type_definition_invalid(*, zh: str, en: str) -> Text:
    return Text(
        f"证照类型的定义有误，请更正下列各项：\n{zh}",
        f"The definition of the licence type cannot hold; correct these:\n{en}",
    )


def value_too_long(max_length: int) -> Text:
    return Text(
        f"超过 {max_length} 个字。请缩短。",
        f"Longer than {counted(max_length, 'character')}. Shorten it.",
    )


def value_too_short(min_length: int) -> Text:
    return Text(
        f"不足 {min_length} 个字。请填写完整。",
        f"Shorter than {counted(min_length, 'character')}. Write it in full.",
    )


def wrong_form(hint: Text) -> Text:
    return Text(f"格式不符：{hint.zh}。", f"Not in the right form: {hint.en}.")


def too_many_rows(most: int) -> Text:
    return Text(
        f"表格最多 {most} 行。请精简。", f"A table has {counted(most, 'row')} at most. Shorten it."
    )


def wrong_table(columns: tuple[Text, ...]) -> Text:
    zh = "｜".join(one.zh for one in columns)
    en = " | ".join(one.en for one in columns)
    return Text(
        f"表格每行应为 {len(columns)} 格，依次为“{zh}”，格间用“|”，行间用“；”或换行。",
        f"Each row of the table has {len(columns)} cells: “{en}”, with | between cells, and ； or "
        "a line break between rows.",
    )


def definition_too_long(limit: int) -> Text:
    return Text(
        f"文件超过 {limit} 个字。请缩短。",
        f"The file is longer than {counted(limit, 'character')}. Shorten it.",
    )


def flaw_at(*, line: int, place: str, told: Text) -> Text:
    where_zh = f"第 {line} 行 {place}" if line else place
    where_en = f"line {line} {place}" if line else place
    return Text(f"{where_zh}：{told.zh}", f"{where_en}: {told.en}")


def holder_field_unfit(key: str) -> Text:
    return Text(
        f"“{key}”须为 [[fields]] 中的必填字段。请改写，或补上该字段。",
        f"“{key}” must be a required field of [[fields]]. Name another, or add it.",
    )


def key_missing(key: str) -> Text:
    return Text(f"缺少 {key}。请补写。", f"{key} is missing. Add it.")


def key_reserved(key: str) -> Text:
    return Text(
        f"“{key}”另有用途，不能作字段的 key。请换一个。",
        f"“{key}” has another use and is no key of fields. Take another.",
    )


def key_twice(key: str) -> Text:
    return Text(
        f"key“{key}”已用过，每个只能用一次。请换一个。",
        f"Each key may stand once in fields; “{key}” stands there already. Take another.",
    )


def key_unknown(*, key: str, near: str) -> Text:
    if near:
        return Text(
            f"没有“{key}”这个键。是否指 {near}？", f"There is no key “{key}”. Is it {near}?"
        )
    return Text(f"没有“{key}”这个键。请删除。", f"There is no key “{key}”. Take it out.")


def label_twice(label: str) -> Text:
    return Text(
        f"名称“{label}”已用过，或与某个 key 相同；表头靠它区分。请换一个。",
        f"Each label may stand once, and none may equal a key: “{label}” heads another column "
        "already. Take another.",
    )


def length_at_least(least: int) -> Text:
    return Text(f"至少 {least} 个。", f"Needs {least} at least.")


def length_at_most(most: int) -> Text:
    return Text(f"最多 {most} 个。", f"Has {most} at most.")


def not_one_of(*, words: str, near: str) -> Text:
    meant_zh, meant_en = (f"是否指 {near}？", f" Is it {near}?") if near else ("", "")
    return Text(f"只能是：{words}。{meant_zh}", f"Must be one of: {words}.{meant_en}")


def no_page_shows(key: str) -> Text:
    return Text(
        f"没有一页显示“{key}”。请加入某页的 fields，或在该字段写 on_face = false。",
        f"No page shows “{key}”. Add it to the fields of one, or write on_face = false there.",
    )


def page_shows_no_field(page: int, key: str) -> Text:
    return Text(
        f"第 {page} 页的“{key}”不是证照面上的字段。请改写或删除。",
        f"Page {page} shows “{key}”, which is no field of the face. Name another, or take it out.",
    )


def page_shows_twice(page: int) -> Text:
    return Text(
        f"第 {page} 页有字段列了两次。请删除一处。",
        f"Page {page} shows a field twice. Take one out.",
    )


def too_many_pages(most: int) -> Text:
    return Text(
        f"最多 {most} 页。请合并或删除。",
        f"A design has {counted(most, 'page')} at most. Take some out.",
    )


def number_at_least(least: object) -> Text:
    return Text(f"不能小于 {least}。", f"Must be {least} at least.")


def number_at_most(most: object) -> Text:
    return Text(f"不能大于 {most}。", f"Must be {most} at most.")


def other_flaw(told: str) -> Text:
    return Text(f"不符合要求（{told}）。", f"Cannot stand: {told}.")


def pattern_length(longest: int) -> Text:
    return Text(
        f"pattern 为 1 至 {longest} 个字符。",
        f"A pattern has 1 to {counted(longest, 'character')}.",
    )


def pattern_unreadable(*, pattern: str, error: object) -> Text:
    return Text(
        f"pattern“{pattern}”不是正确的正则表达式（{error}）。",
        f"pattern “{pattern}” is no regular expression: {error}.",
    )


def refers_to_no_code(*, field: str, key: str) -> Text:
    return Text(
        f'“{field}”引用的“{key}”不是 kind = "code" 的字段。',
        f"“{field}” refers to “{key}”, which is no code field.",
    )


def statement_length(key: str, longest: int) -> Text:
    return Text(
        f"{key} 为 1 至 {longest} 个字。", f"{key} has 1 to {counted(longest, 'character')}."
    )


def template_code_unfit(key: str) -> Text:
    return Text(
        f"{{{key}.code}} 须为 choice 字段，且每个选项都有 code。",
        f"{{{key}.code}} needs a code for each of the field's choices.",
    )


def template_key_unfit(key: str) -> Text:
    return Text(
        f"{{{key}}} 须为 [[fields]] 中的必填字段。", f"{{{key}}} must name a required field."
    )


def template_length(longest: int) -> Text:
    return Text(
        f"template 最多 {longest} 个字符。",
        f"A template has at most {counted(longest, 'character')}.",
    )


def template_unreadable(rest: str) -> Text:
    return Text(
        f"从“{rest}”起无法识别。可用：{{字段}}、{{字段.code}}、{{sequence:6}}、{{mod11_10}} "
        "和其他文字。",
        f"It cannot be read from “{rest}” on. There are {{field}}, {{field.code}}, {{sequence:6}}, "
        "{mod11_10} and plain text.",
    )


def template_value_unfit(key: str) -> Text:
    return Text(
        f'{{{key}}} 须为 kind = "code" 或 "area" 的字段；choice 字段写作 {{{key}.code}}。',
        f"{{{key}}} must name a code or an area; of a choice, write {{{key}.code}}.",
    )


_OF_TOML: Final = {
    "Invalid value": "等号后面的值无法识别",
    "Illegal character": "含有不能使用的字符，或引号没有成对",
    "Expected '=' after": "键后面缺少等号",
    "Cannot overwrite a value": "同一个键写了两次",
    "Cannot declare": "同一个表写了两次",
    "Cannot mutate": "已经写完的表又被改写",
    "Expected newline or end of document": "一行中有两条内容",
    "Expected ']": "缺少右方括号",
    "Invalid statement": "这一行无法识别",
    "Invalid initial character": "键的第一个字符不能使用",
    "Unclosed array": "列表缺少右方括号",
    "Unclosed inline table": "内联表缺少右花括号",
    "Duplicate inline table key": "内联表中同一个键写了两次",
    "Unterminated string": "引号没有成对",
    "Unescaped": "字符串中的反斜杠须写成两个",
    "Invalid date": "日期或时间有误",
    "Found invalid character": "含有不能使用的字符",
    "Expected": "缺少引号或括号",
    "maximum recursion": "括号套得太深",
}
"""Faults that tomllib tells, by how its sentence begins."""


def toml_unreadable(told: str) -> Text:
    why = next((zh for en, zh in _OF_TOML.items() if told.startswith(en)), told)
    return Text(
        f"不是正确的 TOML（{why}）。请查看该行的引号、括号和等号。",
        f"This is no TOML: {told}. Look at the quotes, brackets and equals signs of that line.",
    )


def told_apart_unfit(key: str) -> Text:
    return Text(
        f"told_apart_by 中的“{key}”不是可填写文字的字段。",
        f"told_apart_by names “{key}”, which is no field of text.",
    )


def words_must_be_one_line(longest: int) -> Text:
    return Text(
        f"须为一行，1 至 {longest} 个字，首尾无空格。",
        f"Must be one line of 1 to {counted(longest, 'character')}, with no blanks at its ends.",
    )
