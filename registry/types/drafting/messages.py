"""Messages of `registry.types.drafting` in Chinese and English."""

from typing import Final

from core.text import Text, counted

ANOTHER_TYPE: Final = Text(
    "证照类型代码不同：这是另一种证照。", "The codes differ: this is another type."
)
COUNTERS_CHANGE: Final = Text(
    "共用流水号的范围改变，新范围从 1 起计数。",
    "Other licences share a counter: each new one begins at 1.",
)
FIELDS_REORDERED: Final = Text(
    "证照页面上字段的顺序改变。", "The fields stand in another order on the page."
)
HOLDER_RULE_CHANGES: Final = Text(
    "识别同一持证主体和同一证照的规则改变（[holder]）。",
    "Holders, and which of their licences is which, are known by another rule ([holder]).",
)
MASK_CODE: Final = Text("仅显示前 3 位", "its first three characters alone")
MASK_HOLDER: Final = Text("自然人的名称遮盖显示", "masked where the holder is a person")
MASK_PERSON: Final = Text("姓名遮盖显示，如张*三", "masked as a name, such as 张*三")
NAME: Final = Text("证照名称", "The licence's name")
NOTHING_FITS: Final = Text(
    "下限大于上限，任何值都不能填写。请更正其中之一。",
    "The lower limit is above the upper one, so that no value can be entered. Mend one of them.",
)
NOTHING_PUBLIC: Final = Text(
    "没有公开的字段：扫码的人只能看到编号和状态，不能与持证人核对。请考虑公开名称（姓名须遮盖）。",
    "No field is public: who scans the code sees number and state, and cannot compare the holder. "
    "Consider a public name (masked, if a person's).",
)
NO_REASONS: Final = Text(
    "没有写明注销、撤销等原因的行业代码。请补写 [reasons]。",
    "No reasons with your branch's codes are given. Add [reasons].",
)
NO_SAMPLE: Final = Text(
    "无法由 pattern 得出样例值。请用 example 写一个虚构的值。",
    "No sample follows from the pattern. Write a made-up value as example.",
)
NO_SAMPLE_NUMBER: Final = Text(
    "无法由 pattern 得出样例编号，预览不可用。请写得简单些，如 T[0-9]{8}。",
    "No sample number follows from the pattern, so there is no preview. Write it plainer, such as "
    "T[0-9]{8}.",
)
NUMBERS_CHANGE: Final = Text(
    "新颁发证照的编号按新规则编制；已颁发证照的编号不变。",
    "New licences are numbered by another rule; those that were granted keep their numbers.",
)
NEW_NUMBER_FOR: Final = Text(
    "换发时取新编号的事由", "Reasons for which a new version is renumbered"
)
NUMBER_LABEL: Final = Text("编号的名称", "The number's label")
NUMBER_MASKED: Final = Text(
    "编号含有持证主体代码，公众看到的是遮盖后的编号。",
    "The number holds the holder's code: the public sees it masked.",
)
NUMBER_RULE: Final = Text("编号规则", "The rule of numbers")
NUMBER_SHOWN: Final = Text("公众可以看到完整编号。", "The public sees the whole number.")
PATTERN_WITHOUT_HINT: Final = Text(
    "pattern 没有 hint：填错的人不知道该怎么写。请补写。",
    "pattern without hint: who enters it wrongly is not told how to write it. Add one.",
)
PUBLIC_NOT_ON_FACE: Final = Text(
    "公开但不在证照页面上：扫码的人会看到证照上没有的内容。请确认。",
    "Public, but not on the page: who scans the code sees more than the licence says. Is it meant?",
)
SAMPLE: Final = Text("样例", "sample")
SAMPLE_AUTHORITY: Final = Text("样例市样例管理局", "Sample authority")
SHORT_NAME: Final = Text("短名", "The short name")
TERM: Final = Text("有效期", "The term")
TERM_GIVEN: Final = Text("按申请填写", "as the row says")
TERM_LONG: Final = Text("长期", "long-term")


def birthday_hidden(label: Text) -> Text:
    return Text(
        f"“{label.zh}”中的出生月日不再显示。", f"“{label.en}” no longer shows the day of birth."
    )


def birthday_of(label: Text) -> Text:
    return Text(f"“{label.zh}”遮盖出生月日", f"“{label.en}” hides the day of birth")


def birthday_shown(label: Text) -> Text:
    return Text(f"“{label.zh}”显示出生月日。", f"“{label.en}” shows the day of birth.")


def changed(*, what: Text, old: Text, new: Text) -> Text:
    return Text(
        f"{what.zh}：由“{old.zh}”改为“{new.zh}”。", f"{what.en}: “{old.en}” becomes “{new.en}”."
    )


def choice_added(*, label: Text, word: str) -> Text:
    return Text(f"“{label.zh}”可以填“{word}”。", f"“{label.en}” may be “{word}” from now on.")


def choice_code_changed(*, label: Text, word: str) -> Text:
    return Text(
        f"“{label.zh}”的“{word}”在编号中的代码改变。",
        f"“{word}” of “{label.en}” has another code in numbers.",
    )


def choice_colour_changed(*, label: Text, word: str) -> Text:
    return Text(
        f"“{label.zh}”为“{word}”的证照颜色改变。",
        f"Licences whose “{label.en}” is “{word}” have another colour.",
    )


def choice_gone(*, label: Text, word: str) -> Text:
    return Text(f"“{label.zh}”不能再填“{word}”。", f"“{label.en}” may no longer be “{word}”.")


def choice_twice(word: str) -> Text:
    return Text(f"选项“{word}”重复。请删除一个。", f"“{word}” stands twice. Take one out.")


def design_of(key: str) -> Text:
    return Text(f"页面设计 {key}", f"The page's {key}")


RETENTION: Final = Text("失效后的留存期限", "How long it is kept after it has ended")
KEPT_FOR_EVER: Final = Text("不删除", "for good")
NEVER_ENDS: Final = Text(
    "证照长期有效，只有注销、撤销或被替换后才开始计算留存期限。",
    "Licences of this type have no last day: their time to be kept begins only when one is "
    "cancelled or replaced.",
)


def kept_for(years: int) -> Text:
    return Text(f"{years} 年后删除", f"erased after {counted(years, 'year')}")


def kept_shorter(*, years: int, term: int) -> Text:
    return Text(
        f"留存期限（{years} 年）短于证照的有效期（{term} 年）：续期后的证照仍有效时，"
        "其前一版的内容可能已删除。",
        f"It is kept for {counted(years, 'year')}, less than its term of "
        f"{counted(term, 'year')}: the contents of an earlier version may be erased while the one "
        "that followed it is still in force.",
    )


def desk_of(key: str) -> Text:
    return Text(f"办理规则 {key}", f"The desk's rule {key}")


def example_refused(told: Text) -> Text:
    return Text(
        f"样例值不符合本字段自己的规则：{told.zh}请更正 example 或规则。",
        f"The sample does not keep to the field's own rules: {told.en} Mend example or the rule.",
    )


def field_hidden(label: Text) -> Text:
    return Text(f"公众不再看到“{label.zh}”。", f"The public no longer sees “{label.en}”.")


def field_leaves_page(label: Text) -> Text:
    return Text(f"“{label.zh}”不再印在证照上。", f"“{label.en}” no longer stands on the page.")


def field_may_be_entered(label: Text) -> Text:
    return Text(f"“{label.zh}”可填可不填。", f"“{label.en}” may be entered or left out.")


def field_must_be_entered(label: Text) -> Text:
    return Text(
        f"“{label.zh}”必须填写；没有它的表格将被拒绝。",
        f"“{label.en}” must be entered; tables without it are refused.",
    )


def field_not_entered(label: Text) -> Text:
    return Text(
        f"“{label.zh}”不再填写；带有该列的表格将被拒绝。",
        f"“{label.en}” is no longer entered; tables with that column are refused.",
    )


def field_on_page(label: Text) -> Text:
    return Text(f"“{label.zh}”印在证照上。", f"“{label.en}” stands on the page.")


def field_shown_masked(*, label: Text, mask: Text) -> Text:
    return Text(f"公众看到“{label.zh}”（{mask.zh}）。", f"The public sees “{label.en}”, {mask.en}.")


def field_shown_whole(label: Text) -> Text:
    return Text(f"公众看到完整的“{label.zh}”。", f"The public sees “{label.en}” in full.")


def key_of(*, label: Text, key: str) -> Text:
    return Text(f"“{label.zh}”的 {key}", f"{key} of “{label.en}”")


def key_without_effect(*, key: str, kind: str) -> Text:
    return Text(
        f"{key} 对 {kind} 类字段不起作用。请删除，或改正 kind。",
        f"{key} has no effect on a field of kind {kind}. Take it out, or mend the kind.",
    )


def label_of(label: Text) -> Text:
    return Text(f"“{label.zh}”的名称", f"The label of “{label.en}”")


def longest_does_not_fit(*, label: Text, characters: int) -> Text:
    return Text(
        f"“{label.zh}”写满 {characters} 个字时页面放不下。请减小 max_length，或设 wide = true。",
        f"With {counted(characters, 'character')} in “{label.en}” the page does not "
        "fit. Lower max_length, or set wide = true.",
    )


def month_of(label: Text) -> Text:
    return Text(f"“{label.zh}”只写年月", f"“{label.en}” shows year and month alone")


def number_too_long(most: int) -> Text:
    return Text(
        f"编号最多 {most} 位。请缩短。", f"A number has {counted(most, 'character')}. Shorten it."
    )


def page_refused(told: Text, page: int = 0) -> Text:
    zh, en = (f"第 {page} 页", f" {page}") if page else ("页面", "")
    return Text(f"用样例数据排不出{zh}：{told.zh}", f"No page{en} with sample data: {told.en}")


def reason_of(code: str) -> Text:
    return Text(f"原因 {code}", f"The reason {code}")


def table_of(label: Text) -> Text:
    return Text(f"“{label.zh}”的表头", f"The columns of “{label.en}”")


def term_given(years: int) -> Text:
    return Text(
        f"按申请填写，最长 {years} 年", f"as the row says, {counted(years, 'year')} at most"
    )


def term_years(years: int) -> Text:
    return Text(f"{years} 年", f"{counted(years, 'year')}")


def unit_of(label: Text) -> Text:
    return Text(f"“{label.zh}”的单位", f"The unit of “{label.en}”")


def width_of(label: Text) -> Text:
    return Text(f"“{label.zh}”的排法", f"The setting of “{label.en}”")
