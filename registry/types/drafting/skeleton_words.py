"""Comments of a new definition, in the language of who writes it."""

from typing import Final

from core.text import Text

HEAD: Final = Text(
    "证照类型定义。以 # 开头的行是说明，可以删除。所有键见 docs/licence-types.zh.md。\n"
    "检查：xinyin type lint 本文件；预览：xinyin type preview 本文件。",
    "A licence type. Lines that begin with # explain, and may go. docs/licence-types.md has all "
    "keys.\nTo check it: xinyin type lint FILE; to see it: xinyin type preview FILE.",
)
CODE: Final = Text(
    "定义单位的统一社会信用代码加 3 位数字（GB/T 36904）；登记后不再更改。",
    "The defining body's USCC and 3 digits (GB/T 36904); never changed once it is on record.",
)
SLUG: Final = Text("命令中使用的短名。", "Short name for commands.")
DESIGN: Final = Text(
    "页面：portrait 竖版或 landscape 横版；colour 为边框和标题的颜色。可加 statement（页脚说明）。",
    "The page: portrait or landscape; colour of border and title. statement may be added: a "
    "sentence at its foot.",
)
NUMBER_ASSIGNED: Final = Text(
    "编号由系统按 template 编制。{sequence:6} 是 6 位流水号，{字段} 是字段的值，{字段.code} 是\n"
    "所选项的代码，{mod11_10} 是校验位。scope 相同的证照共用一个流水号。",
    "Numbers are made by template: {sequence:6} is a counter of six digits, {field} a field's "
    "value,\n{field.code} the code of its chosen word, {mod11_10} a check digit. Licences with the "
    "same scope share a counter.",
)
NUMBER_DERIVED: Final = Text(
    "编号由持证主体的数据得出，公众看到时遮盖。",
    "Numbers follow from the holder's data; the public sees them masked.",
)
NUMBER_GIVEN: Final = Text(
    "编号随申请给出，pattern 是它的格式（正则表达式）。",
    "Numbers come with each application; pattern is their form, a regular expression.",
)
VALIDITY: Final = Text(
    "有效期：years（自颁发日起若干年）、long_term（长期）或 given（随申请填写）。",
    "The term: years (so many from the day of grant), long_term, or given (with each application).",
)
HOLDER: Final = Text(
    "哪两个字段是持证主体的名称和代码。licences 为 one 时，同一主体只能有一份；\n"
    "为 many 时须写 told_apart_by。",
    "The fields that hold the holder's name and code. licences = “one”: one licence each; with "
    "“many”, told_apart_by names what tells them apart.",
)
FIELDS: Final = Text(
    "字段，按证照页面的顺序。public = true：扫码的人能看到；个人信息须有 mask。\n"
    "kind：text、person、date、choice、code、area、number、photo。",
    "Fields, in the order of the page. public = true: who scans the code sees it; personal data "
    "need a mask.\nkind: text, person, date, choice, code, area, number, photo.",
)
REASONS: Final = Text(
    "注销、撤销、换发等原因在本行业的代码。请换成本行业的代码。",
    "Reasons for which licences leave force or are replaced: put your branch's codes in.",
)
DESK: Final = Text(
    "去掉 # 后，颁发前须由另一人批准。",
    "Without the #, a second person approves before anything is granted.",
)
HOLDER_NAME: Final = Text("名称", "Name")
PERSON_NAME: Final = Text("姓名", "Name")
CREDIT_CODE: Final = Text("统一社会信用代码", "Unified social credit code")
RESIDENT_ID: Final = Text("公民身份号码", "Resident ID number")
EITHER_CODE: Final = Text("统一社会信用代码", "Unified social credit code")
REPRESENTATIVE: Final = Text("法定代表人", "Legal representative")
SEX: Final = Text("性别", "Sex")
BIRTH: Final = Text("出生日期", "Date of birth")
ADDRESS: Final = Text("住所", "Address")
PHOTO: Final = Text("照片", "Photo")
NUMBER: Final = Text("证书编号", "Number")
