"""Messages of `cli.licences.types` in Chinese and English."""

from pathlib import Path
from typing import Final

from core.text import Text, counted

ASK_CHOICES: Final = Text("可选的词，用 | 分开", "Its words, with | between them")
ASK_FIELD: Final = Text(
    "再加一个字段，中文名称（没有则回车）", "One more field, Chinese label (none: Enter)"
)
ASK_FIELD_EN: Final = Text("该字段的英文名称", "Its English label")
ASK_FIELD_KIND: Final = Text("该字段的种类", "Its kind")
ASK_HOLDER: Final = Text(
    "持证主体：body 单位、person 个人、either 均可",
    "Who holds it: a body, a person, or either",
)
ASK_NAME_EN: Final = Text("证照的英文名称", "English name of the licence")
ASK_NAME_ZH: Final = Text("证照的中文名称", "Chinese name of the licence")
ASK_NUMBER: Final = Text(
    "编号：assigned 由系统编、derived 由持证主体代码得出、given 随申请给出",
    "Numbers: assigned by a counter, derived from the holder's code, given with each application",
)
ASK_PATTERN: Final = Text("编号的格式（正则表达式）", "Form of the numbers, a regular expression")
ASK_PHOTO: Final = Text("是否有照片？", "With a portrait?")
ASK_PREFIX: Final = Text("编号以什么字母开头（可空）", "What numbers begin with (may be nothing)")
ASK_PUBLIC: Final = Text("扫码核验的人能否看到？", "May who scans the code see it?")
ASK_SLUG: Final = Text("命令中使用的短名", "Short name for commands")
ASK_USCC: Final = Text(
    "定义单位的统一社会信用代码", "Unified social credit code of the body that defines the type"
)
ASK_VALIDITY: Final = Text(
    "有效期：years 若干年、long_term 长期、given 随申请填写",
    "Term: so many years, long_term, or given with each application",
)
ASK_YEARS: Final = Text("有效期几年", "Years of the term")
FIELD: Final = Text("字段", "Field")
FOR_HOLDERS: Final = Text("对持证主体：", "For holders:")
FOR_OFFICERS: Final = Text("对工作人员：", "For officers:")
FOR_VERIFIERS: Final = Text(
    "对核验的人（公众能看到的）：", "For verifiers (what the public may see):"
)
KEY: Final = Text("key", "Key")
KIND: Final = Text("种类", "Kind")
MUST_BE_ENTERED: Final = Text("必填", "Required")
NO_DIFFERENCE: Final = Text("没有区别。", "They say the same.")
ON_THE_PAGE: Final = Text("证照页面", "On the page")
THE_PUBLIC_SEES: Final = Text("公众看到", "The public sees")
VERSION_MALFORMED: Final = Text(
    "版本写作 类型@数字，如 food-operation@1。", "A version is written TYPE@2, a whole number."
)
USCC_WRONG: Final = Text(
    "统一社会信用代码不正确：应为 18 位，校验位须相符。请核对。",
    "This is no unified social credit code: 18 characters with the right check. Look at it again.",
)


def definition_holds(*, path: Path, advice: int) -> Text:
    more_zh, more_en = (
        (f"，另有 {advice} 条建议", f", with {advice} advice") if advice else ("", "")
    )
    return Text(
        f"{path} 可以登记{more_zh}。下一步：xinyin type preview {path}",
        f"{path} can be recorded{more_en}. Next: xinyin type preview {path}",
    )


def definition_refused(*, path: Path, flaws: int) -> Text:
    return Text(
        f"{path} 有 {flaws} 处错误，请逐项更正后再检查。",
        f"{path} has {counted(flaws, 'flaw')}: mend each, and check again.",
    )


def field_option_malformed(written: str) -> Text:
    return Text(
        f"--field“{written}”应写作：中文名、英文名、kind，以 , 分开，"
        "如 床位数 , Beds , number , public；"
        "choice 后面写 : 和可选的词，用 | 分开。",
        f"--field “{written}” must be written ZH,EN,KIND, such as 床位数,Beds,number,public; a "
        "choice as choice:甲|乙.",
    )


def options_missing(options: str) -> Text:
    return Text(
        f"缺少：{options}。请补写，或在终端中运行以逐项询问。",
        f"Missing: {options}. Give them, or run it on a terminal, where it asks.",
    )


def preview_written(*, pdf: Path, png: Path) -> Text:
    return Text(f"已写入 {pdf} 和 {png}。", f"Wrote {pdf} and {png}.")


def record_next(path: str) -> Text:
    return Text(
        f"下一步：xinyin type add {path} --seal 印章（xinyin seal list 列出印章）",
        f"Next: xinyin type add {path} --seal SEAL (xinyin seal list names the seals)",
    )


def type_change_asked(*, request: str, path: Path) -> Text:
    return Text(
        f"新定义改变了公众能看到的内容，已提出申请 {request}，尚未登记。由另一名管理员批准后："
        f"xinyin type add {path} --request {request}",
        f"It changes what the public may see, so it was asked for ({request}) and is not recorded "
        "yet. Once another administrator has approved it: "
        f"xinyin type add {path} --request {request}",
    )


def type_needs_seal(slug: str) -> Text:
    return Text(
        f"尚无印章可以颁发它。下一步：xinyin type add 文件 --seal 印章（见 xinyin seal list）；"
        f"随后 xinyin type sample {slug} 打印样例数据。",
        "No seal may grant it yet. Next: xinyin type add FILE --seal SEAL (see xinyin seal list); "
        f"then xinyin type sample {slug} prints a record to fill in.",
    )


def document_type_needs_seal(slug: str) -> Text:
    return Text(
        f"尚无印章可以签发它。下一步：xinyin type add 文件 --seal 印章（见 xinyin seal list）；"
        f"随后 xinyin document sign 文件.pdf --type {slug} --out 签发后.pdf",
        "No seal may sign it yet. Next: xinyin type add FILE --seal SEAL (see xinyin seal list); "
        f"then xinyin document sign FILE.pdf --type {slug} --out signed.pdf",
    )


def document_type_ready(slug: str) -> Text:
    return Text(
        f"下一步：xinyin document sign 文件.pdf --type {slug} --out 签发后.pdf",
        f"Next: xinyin document sign FILE.pdf --type {slug} --out signed.pdf",
    )


def type_recorded(*, type_name: Text, slug: str) -> Text:
    return Text(f"已登记类型 {type_name.zh}。", f"Type {slug} recorded.")


def type_ready(slug: str) -> Text:
    return Text(
        f"下一步：xinyin type sample {slug} >record.json，填写后 "
        f"xinyin licence issue --type {slug} --data record.json --out licence.pdf",
        f"Next: xinyin type sample {slug} >record.json, fill it in, and "
        f"xinyin licence issue --type {slug} --data record.json --out licence.pdf",
    )


def type_written(path: Path) -> Text:
    return Text(
        f"已写入 {path}。请对照说明补充，然后：xinyin type lint {path}",
        f"Wrote {path}. Go on with it as its comments say, then: xinyin type lint {path}",
    )


SHEET_ENDING: Final = Text(
    "--out 应以 .xlsx 或 .csv 结尾。", "--out names a file that ends in .xlsx or .csv."
)
