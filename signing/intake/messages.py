"""Messages of `signing.intake` in Chinese and English."""

from typing import Final

from core.text import Text
from signing.intake.report import Hazard

HAZARDS: Final[dict[Hazard, Text]] = {
    Hazard.ACTIVE: Text(
        "含有脚本、动作或多媒体，打开时可能改变显示的内容",
        "scripts, actions or multimedia, which may change what is shown",
    ),
    Hazard.LAYERS: Text("含有可显示、可隐藏的图层", "layers that can be shown and hidden"),
    Hazard.EXTERNAL: Text("引用了文件以外的内容", "a reference to something outside the file"),
    Hazard.ENCRYPTED: Text("文件已加密", "it is encrypted"),
    Hazard.FORM: Text("含有可填写、可改变的表单域", "a form field, whose content can change"),
    Hazard.XFA: Text("含有 XFA 表单", "an XFA form"),
    Hazard.ATTACHMENT: Text("夹带附件，页面上看不到", "an attachment, which no page shows"),
    Hazard.ANNOTATION: Text(
        "含有批注，各阅读器显示不一", "a comment or mark, which readers show as they like"
    ),
    Hazard.ALTERNATE: Text("含有替换图像", "a picture with an alternate to it"),
    Hazard.DIFFERS: Text(
        "含有各阅读器显示不一的颜色或叠加方式",
        "a colour or an overlay that readers show each in its own way",
    ),
    Hazard.SIGNED: Text(
        "文件已有他人的签名，重写会使其失效",
        "somebody signed it already; writing it anew would break that",
    ),
    Hazard.DAMAGED: Text(
        "文件结构不合规范，各阅读器可能读出不同内容",
        "its structure is damaged: readers may show different things",
    ),
    Hazard.LIMIT: Text("文件过大或过于复杂", "it is too large or too intricate"),
}

NO_SUCH_PAGE: Final = Text("没有这一页", "there is no such page")
OUTSIDE_THE_PAGE: Final = Text(
    "印章会超出页面，请换一个位置", "the seal would reach beyond the page; choose another place"
)


def place(page: int) -> Text:
    """Name where a hazard is."""
    if page == 0:
        return Text("整个文件", "document")
    return Text(f"第 {page} 页", f"page {page}")


def word_not_found(word: str) -> Text:
    """Return the message for a word that no page shows."""
    return Text(f"页面上没有“{word}”", f"no page shows “{word}”")


def field_not_found(name: str, known: str) -> Text:
    """Return the message for a signature field that is not there."""
    return Text(
        f"没有名为“{name}”的空白签名域（文件中有：{known or '无'}）",
        f"there is no empty signature field “{name}” (the file has: {known or 'none'})",
    )
