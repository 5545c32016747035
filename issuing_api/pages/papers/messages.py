"""Messages of `issuing_api.pages.papers` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CHOICE_MISSING: Final = Text("请选择公文种类。", "Choose the kind of document.")
DOCUMENT_MISSING: Final = Text("请选择 PDF 文件。", "Choose a PDF.")
PAGE_NUMBER_WRONG: Final = Text(
    "请填写页码，例如 1；从末页数起用负数，-1 为末页。",
    "Give a page's number, such as 1; from the end a negative one, -1 being the last.",
)
MILLIMETRES_WRONG: Final = Text("请填写毫米数，例如 150。", "Give millimetres, such as 150.")
WORD_WRONG: Final = Text(
    "请填写页面上的文字，不超过 200 个字。", "Give words that a page shows, at most 200 characters."
)
FURTHER_WRONG: Final = Text(
    "每行一处，依次为页码、距左边、距上边（毫米），例如 1:150,40；最多 50 处。",
    "One place a line, as page:left,top in millimetres, such as 1:150,40; at most 50.",
)
DAY_MISSING: Final = Text("请选择日期。", "Choose a day.")
SIGNER_UNNAMED: Final = Text(
    "请选择单位；在外签署的，填写名称和代码（或证书的 SHA-256）。",
    "Choose a body; of one that signs elsewhere, give its name, and its code or its certificate's "
    "SHA-256.",
)
SIGNER_UNPLACED: Final = Text(
    "请指定印章位置：页面上的文字，或距左、距上的毫米数。",
    "Say where its seal stands: words that a page shows, or millimetres from the left and the top.",
)
STEP_UNKNOWN: Final = Text("没有这个页面。", "There is no such page.")


def too_many_documents(most: int) -> Text:
    return Text(f"一次最多 {most} 个文件。", f"At most {counted(most, 'file')} at once.")


def file_too_large(most: int) -> Text:
    size = most // (1024 * 1024)
    return Text(f"文件超过 {size} MB。", f"The file has more than {size} MB.")


def line_too_long(most: int) -> Text:
    return Text(f"不超过 {most} 个字。", f"At most {counted(most, 'character')}.")
