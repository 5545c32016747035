"""Messages of `core.web` in Chinese and English."""

from typing import Final

from core.text import Text

BAD_REQUEST: Final = Text(
    "请求有误，无法处理。请返回上一页重试。", "The request cannot be used. Go back and try again."
)
CALL_UNUSABLE: Final = Text(
    "请求不符合接口定义：errors 逐项指出位置和问题，接口定义见 openapi.json。",
    "The call does not fit the interface: `errors` says what is wrong where, openapi.json what "
    "fits.",
)
METHOD_NOT_ALLOWED: Final = Text(
    "这个地址不支持该请求方法。", "This address does not take that method."
)
PAGE_NOT_FOUND: Final = Text(
    "页面不存在。请返回首页重新核验。",
    "There is nothing at this address. Start from the first page.",
)
TLS_FILES_UNUSABLE: Final = Text(
    "TLS 证书、私钥或客户端根证书文件无法使用：须为 PEM，私钥不加密且与证书匹配。",
    "The files of TLS cannot be used: PEM, the key unencrypted and that of the certificate.",
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


ANSWER_BROKE_OFF: Final = Text("应答中断", "the answer broke off")
TIMED_OUT: Final = Text("超时", "timed out")


def no_answer_from_host(*, host: str, why: Text) -> Text:
    return Text(
        f"暂时无法从 {host} 得到应答（{why.zh}）。请稍后重试或检查该服务。",
        f"No answer to be had from {host} just now ({why.en}). Try again, or check that service.",
    )


def port_unavailable(*, host: str, port: int, cause_zh: str, strerror: str | None) -> Text:
    return Text(
        f"无法监听 {host} 的端口 {port}：{cause_zh}。请换一个端口或停止占用它的程序。",
        f"Could not listen on {host}, port {port}: {strerror}. Choose another port, or stop "
        "the program that has it.",
    )
