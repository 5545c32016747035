"""Messages of `core.web.limits` in Chinese and English."""

from typing import Final

from core.text import Text, counted

FORM_UNREADABLE: Final = Text(
    "无法读取表单。请返回页面重新填写。",
    "The form could not be read. Go back to the page and fill it in again.",
)
NO_FILE_UPLOADED: Final = Text(
    "没有收到文件。请选择一份 PDF 文件后再提交。",
    "No file was received. Choose one PDF and submit again.",
)
TOO_MANY_MEMBERS: Final = Text(
    "请求内容的字段或元素过多，未处理。",
    "What was sent has too many fields or elements, so it was not looked at.",
)
UPLOAD_MALFORMED: Final = Text(
    "上传的内容不完整或格式有误。请重新选择文件后再提交。",
    "The upload is incomplete or malformed. Choose the file again and resubmit.",
)
UPLOAD_TIMED_OUT: Final = Text(
    "上传用时过长，已中断。请检查网络后重试。",
    "The upload took too long and was ended. Check the connection and try again.",
)


def too_many_requests(retry_after: int) -> Text:
    return Text(
        f"请求过多，请在 {retry_after} 秒后重试。",
        f"Too many requests. Try again in {counted(retry_after, 'second')}.",
    )


def content_type_unsupported(media_type: str) -> Text:
    return Text(
        f"请求正文的 Content-Type 应为 {media_type}。",
        f"The body's Content-Type must be {media_type}.",
    )


def upload_too_large(limit: str) -> Text:
    return Text(
        f"提交的内容超过 {limit} 的上限。请压缩或另选文件后重试。",
        f"What was sent exceeds the limit of {limit}. Compress it or choose another file.",
    )
