"""Messages of `signing.render` in Chinese and English."""

from typing import Final

from core.text import Text, counted

PHOTO_READ_ALOUD: Final = Text("持证人照片。", "Photo of the holder.")
PHOTO_UNDECODABLE: Final = Text("无法解码，应为 JPEG 或 PNG", "cannot be decoded as JPEG or PNG")

SITE_READ_ALOUD: Final = Text("打开核验网站。", "Open the verification site.")


def character_not_in_font(*, label: Text, character_zh: str, character: str) -> Text:
    return Text(
        f"“{label.zh}”中的字符{character_zh}不在内嵌字体中，无法印出。请改用字体所含的字，或联"
        "系管理员补字。",
        f"The character {character} in “{label.en}” is not in the embedded font and cannot be "
        "printed. Use a character that the font has, or have the font extended.",
    )


def character_needs_shaping(*, label: Text, character_zh: str, character: str) -> Text:
    return Text(
        f"“{label.zh}”中的字符{character_zh}属于字母连写、叠写或自右向左书写的文字，证照页尚不能"
        "正确排印。请改用汉字或拉丁字母转写。",
        f"The character {character} in “{label.en}” is of a script whose letters join, stack or "
        "run leftward, which pages cannot set yet. Write it in Chinese or Latin letters.",
    )


def code_read_aloud(link: str) -> Text:
    return Text(f"用于核验本证照的二维码：{link}", "QR code to verify this licence by.")


def field_does_not_fit(*, label: Text, length: int) -> Text:
    return Text(
        f"“{label.zh}”共 {length} 个字符，缩到最小字号仍排不下。请缩短内容。",
        f"“{label.en}” has {counted(length, 'character')} and does not fit even at the "
        "smallest size. Shorten it.",
    )


def photo_too_many_bytes(max_bytes: int) -> Text:
    return Text(f"超过 {max_bytes} 字节", f"is larger than {counted(max_bytes, 'byte')}")


def photo_too_many_pixels(max_pixels: int) -> Text:
    return Text(f"超过 {max_pixels} 像素", f"has more than {counted(max_pixels, 'pixel')}")


def photo_too_small(min_side: int) -> Text:
    return Text(f"边长不足 {min_side} 像素", f"is less than {counted(min_side, 'pixel')} across")


def photo_unusable(problem: Text) -> Text:
    return Text(
        f"照片{problem.zh}。请提供证件照原图（JPEG 或 PNG）后重试。",
        f"The photo {problem.en}. Give the original ID photo (JPEG or PNG) and try again.",
    )
