"""Messages of `signing.intake` in Chinese and English."""

from typing import Final

from core.text import Text
from signing.intake.report import Hazard

HAZARDS: Final[dict[Hazard, Text]] = {
    Hazard.ACTIVE: Text(
        "含有脚本、动作或多媒体，打开时可能改变显示的内容",
        "scripts, actions or multimedia, which may change what is shown",
    ),
    Hazard.LAYERS: Text(
        "含有可显示、可隐藏的图层，各人看到的内容可能不同",
        "layers that can be shown and hidden, so that not all see the same",
    ),
    Hazard.EXTERNAL: Text(
        "引用了文件以外的内容，签章管不到它",
        "a reference to something outside the file, which no seal covers",
    ),
    Hazard.ENCRYPTED: Text(
        "文件已加密，收到的人打不开，签章前也无法检查",
        "it is encrypted: it can neither be checked here nor opened by everybody",
    ),
    Hazard.FORM: Text(
        "含有可填写的表单域，签章后内容还会改变",
        "a form field, whose content can change after sealing",
    ),
    Hazard.XFA: Text("含有 XFA 表单，只有个别阅读器能显示", "an XFA form, which few readers show"),
    Hazard.ATTACHMENT: Text("夹带附件，页面上看不到", "an attachment, which no page shows"),
    Hazard.ANNOTATION: Text(
        "含有批注，各阅读器显示不一", "a comment or mark, which readers show as they like"
    ),
    Hazard.ALTERNATE: Text(
        "含有替换图像，打印的可能与显示的不同",
        "a picture with an alternate to it: what is printed may not be what is shown",
    ),
    Hazard.DIFFERS: Text(
        "含有各阅读器显示不一的颜色或叠加方式",
        "a colour or an overlay that readers show each in its own way",
    ),
    Hazard.BORROWED: Text(
        "页面的某一部分使用了自身资源中没有的字体、图像或颜色，各阅读器显示不一",
        "a part of a page uses a font, picture or colour that its own resources lack, so that "
        "readers show it each in its own way",
    ),
    Hazard.SIGNED: Text(
        "文件已有他人的签名，重写会使其失效",
        "somebody signed it already; writing it anew would break that",
    ),
    Hazard.UNDRAWN: Text(
        "此页过于复杂，在时限内画不成图像，审批人看不到它",
        "a page so intricate that no picture of it can be drawn in time, so that nobody who "
        "approves could see it",
    ),
    Hazard.DAMAGED: Text(
        "文件结构不合规范，各阅读器可能读出不同内容",
        "its structure is damaged: readers may show different things",
    ),
    Hazard.LIMIT: Text(
        "文件过大或过于复杂，无法逐项检查",
        "it is too large or too intricate to be checked",
    ),
}

REMEDIES: Final[dict[str, Text]] = {
    "active_content": Text(
        "从 Word、WPS 另存为 PDF，不要使用带按钮或宏的模板；Acrobat 用“标记密文”中的“净化文档”；"
        "也可加 --clean",
        "save it as PDF from Word or WPS without buttons or macros; in Acrobat use Redact, "
        "Sanitize "
        "Document; or add --clean",
    ),
    "hidden_layers": Text(
        "制图、排版软件导出 PDF 时不要保留图层；Acrobat 在“图层”面板中“合并图层”；图层都显示的"
        "，也可加 "
        "--clean",
        "export it without layers from the drawing or layout program; in Acrobat flatten the "
        "layers; where all of them are shown, add --clean",
    ),
    "external_reference": Text(
        "Word、WPS 把链接的图片改为嵌入；LibreOffice 在“编辑 → 外部链接”中断开；或“打印”成 PDF",
        "embed linked pictures in Word or WPS; break the links in LibreOffice (Edit, External "
        "Links); or print it to PDF",
    ),
    "encrypted": Text(
        "导出时不设密码；Acrobat 在“文件 → 属性 → 安全性”中改为“无安全性设置”",
        "export it without a password; in Acrobat choose File, Properties, Security, No Security",
    ),
    "changing_form": Text(
        "LibreOffice 导出时不选“创建 PDF 表单”；Word、WPS 把控件改为普通文字；Acrobat "
        "“打印”成 PDF；"
        "也可加 --clean",
        "in LibreOffice export it without “Create PDF form”; in Word or WPS replace controls by "
        "text; from Acrobat print it to PDF; or add --clean",
    ),
    "xfa_form": Text("从 Acrobat 打印成 PDF", "print it to PDF from Acrobat"),
    "attachment": Text(
        "LibreOffice 导出时不选“混合 PDF”；Word、WPS 把嵌入的对象改为图片；Acrobat 在“附件”面"
        "板中删除；"
        "也可加 --clean",
        "in LibreOffice export it without “Hybrid PDF”; in Word or WPS turn embedded objects into "
        "pictures; in Acrobat delete it in the panel of attachments; or add --clean",
    ),
    "annotation": Text(
        "Word、WPS 接受修订、删除批注后再导出；LibreOffice 导出时不选“批注作为 PDF 批注”；"
        "Acrobat 删除"
        "批注；也可加 --clean（批注将成为页面的一部分）",
        "in Word or WPS accept changes and delete comments before the export; in LibreOffice "
        "export "
        "it without comments; in Acrobat delete them; or add --clean, which makes them part of the "
        "page",
    ),
    "alternate_picture": Text(
        "从制作文件的软件重新导出，或“打印”成 PDF", "export it again, or print it to PDF"
    ),
    "shown_differently": Text(
        "导出时选用 RGB 颜色、不用叠印和专色，或“打印”成 PDF",
        "export it in RGB, without overprinting and spot colours, or print it to PDF",
    ),
    "missing_resource": Text(
        "从制作文件的软件重新导出，或“打印”成 PDF", "export it again, or print it to PDF"
    ),
    "signed_already": Text(
        "请改用签名之前的文件；需要他人签名的，先在这里签章（加 --approval），再请他人签",
        "take the file as it was before; where others are to sign, seal it here first with "
        "--approval, and have them sign after that",
    ),
    "undrawable_page": Text(
        "简化此页的图形（渐变、图案、矢量地图），或把此页导出为图片后重新生成 PDF",
        "make the page's graphics simpler (gradients, patterns, maps of vectors), or export the "
        "page as a picture and make the PDF anew",
    ),
    "damaged": Text(
        "从制作文件的软件重新导出；Acrobat 用“另存为其他 → 优化的 PDF”；也可加 --clean",
        "export it again from the program that made it; in Acrobat save it as an optimized PDF; or "
        "add --clean",
    ),
    "limit": Text(
        "降低图片的分辨率，或拆成几个文件", "lower the resolution of its pictures, or split it"
    ),
}
"""Remedy of each hazard, where people make their files, by its code."""

UNCONFINED: Final = Text(
    "内核不能约束读取文件的进程，因此不读取任何文件。请运行 xinyin doctor --check sandbox。",
    "The kernel does not confine what reads files, so that none is read. "
    "Run xinyin doctor --check sandbox.",
)
NOT_LOOKED_FOR: Final = Text(
    "现在无法查找文字的位置，这是本软件的原因。请再执行一次，或用 --at 指定位置。",
    "The text could not be looked for just now, which is our failure. Run the same command again, "
    "or place the seal by --at.",
)
NOT_DRAWN: Final = Text(
    "现在无法显示该页的图像。请稍后再试。",
    "No picture of the page can be drawn just now. Try again.",
)
ALL_BUSY: Final = Text(
    "正在检查其他文件，请稍后再试。",
    "Other files are being looked at just now. Try again in a while.",
)
NOT_LOOKED_INTO: Final = Text(
    "现在无法读取文件中的附件，这是本软件的原因。请再执行一次。",
    "What is attached to the file could not be read just now, which is our failure. Run the same "
    "command again.",
)
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
