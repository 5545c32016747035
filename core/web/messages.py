"""Messages of `core.web` in Chinese and English."""

from core.text import Text


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
        f"Too many requests. Try again in {retry_after} seconds.",
    )
