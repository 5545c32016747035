"""Messages of `registry.bodies` in Chinese and English."""

from typing import Final

from core.text import Text, counted

AUTHORITY_ALREADY_ENTITLED: Final = Text(
    "该颁发机构已可颁发此类证照。", "That authority may grant licences of this type already."
)
AUTHORITY_ALREADY_REGISTERED: Final = Text(
    "此颁发机构或其统一社会信用代码已登记。请用 xinyin authority list 查看。",
    "That authority or its credit code is on record already.",
)
CERTIFICATE_KEY_MISMATCH: Final = Text(
    "证书不是为此印章申请时生成的密钥签发的",
    "the certificate is not for the key that this seal's request was made with",
)
CIRCLE_OF_AUTHORITIES: Final = Text(
    "颁发机构不能是自己的上级或承继机构，也不能绕成一圈。",
    "An authority is not its own parent or successor, nor that of one above or after it.",
)
ENDS_BEFORE_IT_BEGINS: Final = Text(
    "撤并日期不能早于设立日期。", "An authority does not end before it begins."
)
KEY_BELONGS_TO_ANOTHER_SEAL: Final = Text(
    "该密钥或证书已属于另一枚印章，未作改动。请用 xinyin seal list 查看。",
    "That key or certificate is another seal's; nothing was changed. See xinyin seal list.",
)
SEVERAL_AUTHORITIES_FOR_TYPE: Final = Text(
    "有多个机构可颁发此类证照，请用 --authority 指明。",
    "Several authorities may grant licences of this type; name one with --authority.",
)
USCC_CHECK_DIGIT_WRONG: Final = Text(
    "统一社会信用代码的校验位不正确，请核对。",
    "The unified social credit code's check digit is wrong; check the code.",
)


def invalid_authority_name(max_characters: int) -> Text:
    return Text(
        f"颁发机构名称须为 1 到 {max_characters} 个可显示的字符。",
        f"An authority's name has 1 to {counted(max_characters, 'printable character')}.",
    )


def no_authority_for_type(type_code: str) -> Text:
    return Text(
        f"没有机构可颁发类型为“{type_code}”的证照。请先登记类型和颁发机构。",
        f"No authority may grant licences of type “{type_code}”. Record the type and its "
        "authority first.",
    )


def no_such_authority(authority_id: str) -> Text:
    return Text(
        f"未登记颁发机构“{authority_id}”。用 xinyin authority list 查看。",
        f"There is no authority “{authority_id}” on record.",
    )


def no_such_licence_type(type_code: str) -> Text:
    return Text(
        f"未登记证照类型“{type_code}”。用 xinyin type list 查看。",
        f"There is no licence type “{type_code}” on record.",
    )


def no_such_seal(seal_id: str) -> Text:
    return Text(
        f"未登记印章“{seal_id}”。用 xinyin seal list 查看。",
        f"There is no seal “{seal_id}” on record.",
    )


def seal_already_registered(seal_id: str) -> Text:
    return Text(
        f"印章“{seal_id}”已登记。请用 xinyin seal list 查看。",
        f"The seal “{seal_id}” is on record already. See xinyin seal list.",
    )


def seal_certificate_just_changed(seal_id: str) -> Text:
    return Text(
        f"印章“{seal_id}”刚被另一操作更换过证书，未作改动。请用 xinyin seal list 查看后再操作。",
        f"The seal “{seal_id}” was just given another certificate; nothing was changed. See "
        "xinyin seal list.",
    )


def matter_columns_missing(columns: str) -> Text:
    return Text(f"表格缺少列：{columns}。", f"The table lacks these columns: {columns}.")


def matter_flaw(*, place: str, told: str) -> Text:
    return Text(
        f"{place}：未登记或不符合要求（{told}）。", f"{place}: unknown, or cannot stand: {told}."
    )


def matter_of_another(code: str) -> Text:
    return Text(
        f"事项 {code} 属于另一机构，未作改动。", f"The matter {code} is another authority's."
    )


def matter_twice(code: str) -> Text:
    return Text(f"事项 {code} 出现两次。", f"The matter {code} stands there twice.")


def matters_invalid(*, zh: str, en: str) -> Text:
    return Text(
        f"事项表有误，未作改动，请更正：\n{zh}",
        f"The matters cannot be taken, and nothing was changed; correct these:\n{en}",
    )


def matters_too_long(limit: int) -> Text:
    return Text(
        f"文件超过 {limit} 个字。", f"The file is longer than {counted(limit, 'character')}."
    )


def no_such_matter(code: str) -> Text:
    return Text(
        f"未登记事项“{code}”。请用 xinyin matter list 查看。",
        f"There is no matter “{code}” on record. See xinyin matter list.",
    )
