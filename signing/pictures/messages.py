"""Messages of `signing.pictures` in Chinese and English."""

from typing import Final

from core.text import Text

UNCONFINED: Final = Text(
    "内核不能约束读取图片的进程，因此不读取任何图片。请运行 xinyin doctor --check sandbox。",
    "The kernel does not confine what reads pictures, so that none is read. "
    "Run xinyin doctor --check sandbox.",
)
ALL_BUSY: Final = Text(
    "正在读取其他图片，请稍后再试。",
    "Other pictures are being read just now. Try again in a while.",
)
