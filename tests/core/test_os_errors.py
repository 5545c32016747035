"""Causes that operators meet are told in Chinese."""

import errno
import os

import pytest

from core.os_errors import cause_zh, is_refusal


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ENOENT, "文件或目录不存在"),
        (errno.EACCES, "没有权限"),
        (errno.ENOSPC, "磁盘已满"),
        (errno.EROFS, "磁盘只读"),
        (errno.EADDRINUSE, "端口已被占用"),
    ],
)
def test_common_causes_have_words(number: int, cause: str) -> None:
    assert cause_zh(OSError(number, os.strerror(number))) == cause


def test_a_rare_cause_keeps_the_system_s_words() -> None:
    assert cause_zh(OSError(errno.EXDEV, "Invalid cross-device link")) == (
        "系统错误（Invalid cross-device link）"
    )
    assert cause_zh(OSError("odd")) == "系统错误（OSError）"


def test_what_is_about_a_named_file_is_no_fault_of_the_programs() -> None:
    named = [FileNotFoundError(2, "no", "/x"), NotADirectoryError(20, "no", "/x/y")]
    assert all(is_refusal(one) for one in [*named, OSError(28, "full")])
    assert not is_refusal(FileNotFoundError(2, "no"))
    assert not is_refusal(ProcessLookupError(3, "no", "/x"))
