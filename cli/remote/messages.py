"""Messages of `cli.remote` in Chinese and English."""

from typing import Final

from core.text import Text

BROWSER_OPENED: Final = Text(
    "请在浏览器中完成登录。没有打开浏览器的，请访问上面的地址；或按 Ctrl+C 后用 --device。",
    "Finish signing in in your browser. If none has opened, go to the address above; or press "
    "Ctrl+C and use --device.",
)
NO_COMMAND_LINE_SIGN_IN: Final = Text(
    "该服务没有为命令行设置身份服务（command_line_client）。请联系管理员。",
    "That server names no identity provider for command lines (command_line_client). Ask its "
    "administrator.",
)
SIGN_OUT_UNFINISHED: Final = Text(
    "本机已退出登录，但身份服务未能收回令牌；令牌到期前请勿泄露本机文件的副本。",
    "You are signed out here, but the identity provider could not take the tokens back: copies of "
    "this machine's file stay good until they end.",
)


CERTIFICATE_UNREADABLE: Final = Text(
    "证书文件无法解读（应为 DER 或 PEM）。",
    "The certificate's file cannot be read (DER or PEM is needed).",
)
KEY_OF_ANOTHER_CERTIFICATE: Final = Text(
    "密钥与证书不是一对。请核对 --key 与 --certificate。",
    "Key and certificate do not belong together. Look at --key and --certificate.",
)
NOT_THE_PAGE: Final = Text(
    "服务器要求签署的内容与它给出的文件不符，没有签名。请勿重试，并报告管理员：服务器或您的登录可"
    "能已被他人控制。",
    "What the server asks to be signed is not the document that it sent: nothing was signed. Do "
    "not try again, and tell your administrator: the server, or your sign-in, may be in other "
    "hands.",
)


def answer_unusable(server: str) -> Text:
    return Text(
        f"{server} 的应答无法使用。请检查地址是否为颁发服务。",
        f"The answer of {server} cannot be used. Check that this is the issuing service.",
    )


def device_code(*, address: str, code: str) -> Text:
    return Text(
        f"请在另一台设备上打开 {address}，输入 {code}。",
        f"Open {address} on another device and enter {code}.",
    )


def no_such_provider(*, alias: str, known: str) -> Text:
    return Text(
        f"没有身份服务“{alias}”；有：{known}。",
        f"There is no identity provider “{alias}”; there are: {known}.",
    )


def not_signed_in(server: str) -> Text:
    return Text(
        f"尚未登录 {server}。请运行 xinyin login --server {server}。",
        f"You are not signed in at {server}. Run xinyin login --server {server}.",
    )


def signed_in(*, name: str, server: str) -> Text:
    return Text(f"{name} 已登录 {server}。", f"{name} is signed in at {server}.")


def signed_out(server: str) -> Text:
    return Text(f"已退出登录 {server}。", f"Signed out at {server}.")


def sign_ins_malformed(path: str) -> Text:
    return Text(
        f"“{path}”无法读取。请删除它，然后重新登录。",
        f"“{path}” cannot be read. Delete it, and sign in again.",
    )


def server_address_unusable(address: str) -> Text:
    return Text(
        f"“{address}”不能用作服务器地址。请写成 https://主机名，不带路径。",
        f"“{address}” will not do as a server's address. Write https:// and the host, without a "
        "path.",
    )


def server_away(server: str) -> Text:
    return Text(
        f"暂时无法连接 {server}。请稍后重试。", f"{server} is away just now. Try again later."
    )


def sign_page(*, identifier: str, place: str) -> Text:
    return Text(
        f"待签文件在 {place}。请打开通读：您将以本人名义签署证照 {identifier}",
        f"The document to be signed is in {place}. Open it and read it: you will sign licence "
        f"{identifier} in your own name",
    )
