"""Errors of rendering. Values never stand in the messages: they may be logged."""

from core.errors import XinyinError
from core.text import Text


class RenderingError(XinyinError):
    """Base of this package's errors."""

    code = "rendering"


class MissingGlyphError(RenderingError):
    """A character cannot be drawn with the embedded font; `details` has field and code point."""

    code = "missing_glyph"

    def __init__(self, label: Text, character: str) -> None:
        point = f"U+{ord(character):04X}"
        printable = character.isprintable()
        shown = f"“{character}” ({point})" if printable else point
        shown_zh = f"“{character}”（{point}）" if printable else f" {point} "
        super().__init__(
            f"“{label.zh}”中的字符{shown_zh}不在内嵌字体中，无法印出。请改用字体所含的字，或联系管理员补字。",
            f"The character {shown} in “{label.en}” is not in the embedded font and cannot be "
            "printed. Use a character that the font has, or have the font extended.",
            field=label.zh,
            character=character,
            code_point=point,
        )


class FieldTooLongError(RenderingError):
    """A text does not fit its place even at the smallest legible size."""

    code = "field_too_long"

    def __init__(self, label: Text, length: int) -> None:
        super().__init__(
            f"“{label.zh}”共 {length} 个字符，缩到最小字号仍排不下。请缩短内容。",
            f"“{label.en}” has {length} characters and does not fit even at the smallest size. "
            "Shorten it.",
            field=label.zh,
            length=length,
        )


class BadPhotoError(RenderingError):
    """The holder's photo is no usable JPEG or PNG."""

    code = "bad_photo"


class BadDesignError(RenderingError):
    """A licence type's design cannot be drawn."""

    code = "bad_design"


class BadSealError(RenderingError):
    """A seal's measures are not those of an official seal."""

    code = "bad_seal"
