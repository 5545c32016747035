"""Messages of `signing.render.type` in Chinese and English."""

from pathlib import Path

from core.text import Text


def font_not_the_pinned_one(path: Path) -> Text:
    return Text(
        f"字体文件 {path} 的 SHA-256 与设置不符。请换回原文件；确要更换时，先核对新文件，再改"
        "设置。",
        f"The font {path} is not the one whose SHA-256 is set. Put that one back, or look at the "
        "new one and change the setting.",
    )


def font_unreadable(path: Path) -> Text:
    return Text(
        f"字体文件 {path} 无法读取，应为 TrueType 轮廓的 .ttf 文件。",
        f"The font {path} cannot be read. It must be a .ttf file with TrueType outlines.",
    )
