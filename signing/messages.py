"""Messages of `signing` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CONTROL_CHARACTERS_IN_PROPERTIES: Final = Text(
    "文件属性中含有控制字符，无法写入。请更正证照名称或颁发机构名称。",
    "The document's properties hold control characters. Mend the names that they are made from.",
)


def qr_code_too_long(*, count: int, capacity: int) -> Text:
    return Text(
        f"二维码内容长 {count} 字节，超过 {capacity} 字节。请使用较短的核验网址。",
        f"The QR code's text has {counted(count, 'byte')}, more than {capacity}. Use a shorter "
        "verification address.",
    )
