"""Messages of `verify_api` in Chinese and English."""

from typing import Final

from core.text import Text

BAD_REQUEST: Final = Text(
    "请求有误，无法处理。请返回上一页重试。", "The request cannot be used. Go back and try again."
)
FILE_NOT_FOUND: Final = Text("没有这个文件。", "There is no such file.")
FORM_UNREADABLE: Final = Text(
    "无法读取表单。请返回页面重新填写。",
    "The form could not be read. Go back to the page and fill it in again.",
)
LICENCE_QUERY_EMPTY: Final = Text(
    "请输入证照上印的编号、标识或链接。",
    "Enter the number, identifier or link printed on the licence.",
)
METHOD_NOT_ALLOWED: Final = Text(
    "这个地址不支持该请求方法。", "This address does not take that method."
)
NO_FILE_UPLOADED: Final = Text(
    "没有收到文件。请选择一份 PDF 文件后再提交。",
    "No file was received. Choose one PDF and submit again.",
)
NO_LICENCE_FOR_LINK: Final = Text(
    "本平台没有这个链接对应的证照的登记信息。请检查链接是否完整；若它来自证照上的二维码，请勿"
    "据此办理，并向证照所载颁发机构核实。",
    "No licence is on record for this link. Check that the link is complete; if it came from "
    "the QR code on a licence, do not accept that licence before you have asked the "
    "authority.",
)
NO_REGISTERED_PART: Final = Text(
    "这份文件中没有登记的部分。请选择刚才核验的那份文件。",
    "There is no registered part in this file. Choose the file that you verified.",
)
PAGE_NOT_FOUND: Final = Text(
    "页面不存在。请返回首页重新核验。",
    "There is nothing at this address. Start from the first page.",
)
REQUEST_BODY_INVALID: Final = Text(
    "请求正文不符合接口文档，见 errors。", "The body does not fit the interface; see errors."
)
UPLOAD_MALFORMED: Final = Text(
    "上传的内容不完整或格式有误。请重新选择文件后再提交。",
    "The upload is incomplete or malformed. Choose the file again and resubmit.",
)
UPLOAD_TIMED_OUT: Final = Text(
    "上传用时过长，已中断。请检查网络后重试。",
    "The upload took too long and was ended. Check the connection and try again.",
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
