"""Messages of `signing.render.design` in Chinese and English."""

from core.text import Text


def invalid_design_colour(colour: str) -> Text:
    return Text(
        f"证照样式的颜色“{colour}”不正确，应为 #rrggbb。",
        f"The design's colour “{colour}” is not of the form #rrggbb.",
    )
