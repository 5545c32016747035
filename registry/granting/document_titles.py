"""Titles of documents: what somebody said, what the file says where that is plausible, its name.

Programs fill in a title of their own, or keep the one of the file that somebody began with, so that
a file's own word counts only where it could be a title. Headings are not guessed from the page: the
largest line of an official document is its issuer's name.
"""

import re
from typing import Final

from registry.types.document_type import LONGEST_TITLE

_MADE_BY_PROGRAMS: Final = re.compile(
    r"""
    microsoft\s|wps\s|libreoffice|openoffice|pages\s-|adobe\s     # “Microsoft Word - 文档1”
    |(untitled|document|doc|new|presentation|slide|sheet|scan|print|image|img|page|title)[\s_\-\d()]*$
    |(powerpoint|word)\s+(presentation|document)$|(anonymous|unspecified|none|null|unknown)$
    |(无标题|未命名|未知|标题|新建|文档|文稿|文件|演示文稿|扫描|打印|幻灯片)[^\u4e00-\u9fff]*$
    |新建\s?(microsoft|wps|文本|文件|文档|doc)|\(anonymous\)|.*\.(docx?|wps|wpt|odt|rtf|txt|xlsx?|et|pptx?|dps|pdf|html?|tex|indd|ofd)$
    |https?:|file:|about:|[a-z]:\\|/|.*[\\/][^\\/]*\.\w+$
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Names of programs, of files and of nothing."""
_WORD: Final = re.compile(r"[\u3400-\u9fff]{2}|[^\W\d_]{3}")
"""Least content of a title: two ideographs, or a word."""


def title_for(said: str, in_file: str, name: str) -> str:
    """Return a document's title: as it was said, as the file states it, or the file's name."""
    title = said.strip() or (in_file.strip() if is_plausible(in_file) else "") or name.strip()
    return title[:LONGEST_TITLE]


def is_plausible(title: str) -> bool:
    """Tell whether a file's own title may be one, and is not what a program made up."""
    text = title.strip()
    broken = "\ufffd" in text or any("\x80" <= one <= "\xff" and not one.isalpha() for one in text)
    return bool(_WORD.search(text)) and not _MADE_BY_PROGRAMS.match(text) and not broken
