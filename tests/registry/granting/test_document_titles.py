"""Titles of documents: whose word counts."""

import pytest

from registry.granting.document_titles import is_plausible, title_for

MADE_UP = (
    "Microsoft Word - 文档1", "Microsoft Word - 关于检查的通知.docx", "文档1", "Document1",
    "新建 Microsoft Word 文档", "Untitled", "untitled-2", "无标题", "未命名", "notice.pdf",
    "关于检查的通知.docx", "WPS 文字 - 通知.wps", "", "  ", "12345", "2026-01-01", "(anonymous)",
    "unspecified", "PowerPoint Presentation", "http://10.0.0.1/print", "C:\\Users\\a\\b.doc",
    "\xce\xc4\xb5\xb5\xa1\xa1\xb1\xa8\xb8\xe6", "扫描_0001", "Print", "a", "甲", "标题",
    "\ufffd\ufffd通知", "D:\\公文\\通知", "Scan 12",
)  # fmt: skip
TITLES = (
    "A notice", "关于开展检查的通知", "青岚市市场监督管理局关于印发《办法》的通知", "通知",
    "Notice No. 12 (2026)", "文件管理办法", "Décision relative à l’agrément",
    "新建住宅区管理办法（试行）", "打印店监督管理规定", "Documents to be kept",
)  # fmt: skip


@pytest.mark.parametrize("title", MADE_UP)
def test_what_programs_write_is_no_title(title: str) -> None:
    assert not is_plausible(title)
    assert title_for("", title, "关于检查的通知") == "关于检查的通知"


@pytest.mark.parametrize("title", TITLES)
def test_what_may_be_a_title_is_taken_before_the_files_name(title: str) -> None:
    assert is_plausible(title)
    assert title_for("", title, "a3") == title


def test_what_was_said_comes_first() -> None:
    assert title_for("关于检查的通知", "A notice", "a3") == "关于检查的通知"


def test_it_is_no_longer_than_the_record_holds() -> None:
    assert len(title_for("长" * 300, "", "a3")) == 200
