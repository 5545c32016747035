"""Messages of `registry` in Chinese and English."""

from typing import Final

from core.text import Text

AUTHORITY_CODE: Final = Text("颁发机构代码", "the authority's code")
IDENTIFIER_CHECK_CHARACTER_WRONG: Final = Text(
    "电子证照标识的校验位不符，可能抄错了一位。请对照证照重新输入。",
    "The check character of the licence identifier does not match; a character was probably "
    "copied wrongly. Compare it with the licence and enter it again.",
)
MALFORMED_LICENCE_IDENTIFIER: Final = Text(
    "这不是电子证照标识。标识以 1.2.156.3005.2 开头，共十段，请完整复制。",
    "This is not a licence identifier. One starts with 1.2.156.3005.2 and has ten parts; "
    "copy it whole.",
)
SEQUENCE_NUMBER: Final = Text("流水号", "the sequence")
TYPE_CODE: Final = Text("证照类型代码", "the type code")
VERSION_NUMBER: Final = Text("版本号", "the version")


def identifier_part_nonconforming(part: Text) -> Text:
    return Text(
        f"无法生成电子证照标识：{part.zh}不符合 GB/T 36904。请更正登记的信息。",
        f"Could not make a licence identifier: {part.en} does not conform to GB/T 36904. "
        "Correct what is registered.",
    )
