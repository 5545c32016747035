"""Messages of `core.web` in Chinese and English."""

from typing import Final

from core.text import Text, counted

BAD_REQUEST: Final = Text(
    "请求有误，无法处理。请返回上一页重试。", "The request cannot be used. Go back and try again."
)
CALL_UNUSABLE: Final = Text(
    "请求不符合接口定义：errors 逐项指出位置和问题，接口定义见 openapi.json。",
    "The call does not fit the interface: `errors` says what is wrong where, openapi.json what "
    "fits.",
)
FORM_UNREADABLE: Final = Text(
    "无法读取表单。请返回页面重新填写。",
    "The form could not be read. Go back to the page and fill it in again.",
)
METHOD_NOT_ALLOWED: Final = Text(
    "这个地址不支持该请求方法。", "This address does not take that method."
)
NO_FILE_UPLOADED: Final = Text(
    "没有收到文件。请选择一份 PDF 文件后再提交。",
    "No file was received. Choose one PDF and submit again.",
)
PAGE_NOT_FOUND: Final = Text(
    "页面不存在。请返回首页重新核验。",
    "There is nothing at this address. Start from the first page.",
)
TOO_MANY_MEMBERS: Final = Text(
    "请求内容的字段或元素过多，未处理。",
    "What was sent has too many fields or elements, so it was not looked at.",
)
UPLOAD_MALFORMED: Final = Text(
    "上传的内容不完整或格式有误。请重新选择文件后再提交。",
    "The upload is incomplete or malformed. Choose the file again and resubmit.",
)
TLS_FILES_UNUSABLE: Final = Text(
    "TLS 证书、私钥或客户端根证书文件无法使用：须为 PEM，私钥不加密且与证书匹配。",
    "The files of TLS cannot be used: PEM, the key unencrypted and that of the certificate.",
)
UPLOAD_TIMED_OUT: Final = Text(
    "上传用时过长，已中断。请检查网络后重试。",
    "The upload took too long and was ended. Check the connection and try again.",
)


def service_unavailable(code: str, request_id: str) -> Text:
    return Text(
        f"服务暂时不可用，操作未完成。请稍后重试；仍不行的，请把错误代码 {code} 和请求编号 "
        f"{request_id} 告诉管理员。",
        f"The service is not available just now, and this was not done. Try again later; if it "
        f"stays so, tell an administrator the code {code} and the request id {request_id}.",
    )


def outcome_unknown(request_id: str) -> Text:
    return Text(
        f"服务中断，不知道操作是否已经生效。请先查看结果，再决定是否重做；请求编号 {request_id}。",
        f"The service broke off, and whether this took effect is not known. Look first, before "
        f"doing it again; the request id is {request_id}.",
    )


def address_not_http(url: str) -> Text:
    return Text(f"“{url}”不是 http(s) 地址。", f"“{url}” is not an http(s) address.")


def no_answer_from_host(*, host: str, why: str) -> Text:
    return Text(
        f"暂时无法从 {host} 得到应答（{why}）。请稍后重试或检查该服务。",
        f"No answer to be had from {host} just now ({why}). Try again, or check that service.",
    )


def port_unavailable(*, host: str, port: int, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法监听 {host} 的端口 {port}：{cause_zh}。请换一个端口或停止占用它的程序。",
        f"Could not listen on {host}, port {port}: {strerror}. Choose another port, or stop "
        "the program that has it.",
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
