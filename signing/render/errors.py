"""Errors of rendering. Values never stand in the messages: they may be logged."""

from core.errors import XinyinError
from core.text import Text
from signing.render import messages


class RenderingError(XinyinError):
    """Base of this package's errors."""

    code = "rendering"


class MissingGlyphError(RenderingError):
    """A character cannot be drawn with the embedded font; `details` has field and code point."""

    code = "missing_glyph"

    def __init__(self, label: Text, character: str, *, shaped: bool = False) -> None:
        """`shaped`: no font would help, since its script needs more than glyphs."""
        point = f"U+{ord(character):04X}"
        printable = character.isprintable()
        shown = f"“{character}” ({point})" if printable else point
        shown_zh = f"“{character}”（{point}）" if printable else f" {point} "
        told = messages.character_needs_shaping if shaped else messages.character_not_in_font
        super().__init__(
            told(label=label, character_zh=shown_zh, character=shown),
            field=label.zh,
            character=character,
            code_point=point,
        )


class FieldTooLongError(RenderingError):
    """A text does not fit its place even at the smallest legible size."""

    code = "field_too_long"

    def __init__(self, label: Text, length: int) -> None:
        super().__init__(
            messages.field_does_not_fit(label=label, length=length),
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
