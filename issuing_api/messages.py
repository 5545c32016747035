"""Messages of `issuing_api` in Chinese and English."""

from typing import Final

from core.text import Text
from identity.addresses import public_address

NOT_SIGNED_IN: Final = Text("请先登录。", "Sign in first.")
REQUEST_KEY_UNUSABLE: Final = Text(
    "请求头 Idempotency-Key 须为 8 至 128 个可见的 ASCII 字符。同一请求重发时用同一个键。",
    "The header Idempotency-Key must be 8 to 128 visible ASCII characters. Send the same key when "
    "you repeat a request.",
)
PROOF_NEEDED: Final = Text(
    "访问令牌须与密钥绑定，每个请求附 DPoP 证明（RFC 9449）；或与连接的客户端证书绑定"
    "（RFC 8705）。",
    "The access token must be bound to a key, and each request carry a DPoP proof (RFC 9449); or "
    "to the connection's client certificate (RFC 8705).",
)
SESSION_UNKNOWN: Final = Text(
    "登录未完成：浏览器没有带来登录记录。请允许 Cookie 后重新登录。",
    "The sign-in was not completed: the browser brought no record of it. Allow cookies and sign in "
    "again.",
)
TOKEN_OF_UNKNOWN_ISSUER: Final = Text(
    "令牌不是由设置中的身份服务签发的。",
    "The token was not issued by an identity provider in the settings.",
)
CHANGED_MEANWHILE: Final = Text(
    "您查看之后，内容已有变化，未执行。请重新查看后再办理。",
    "It has changed since you looked at it; nothing was done. Look again, then decide.",
)
CURSOR_UNUSABLE: Final = Text(
    "参数 cursor 有误。请使用上一页应答中的 next。",
    "The parameter cursor is not one of ours. Use `next` of the page before.",
)
NO_PROVISIONING: Final = Text(
    "此客户端不能登记或停用人员。请在 identity.toml 的 [providers.scim] 中写明其 client。",
    "This client may not record or disable people. Name it as client of [providers.scim] in "
    "identity.toml.",
)


def forged_request(public_url: str) -> Text:
    page = public_address(public_url, "/issuing/")
    return Text(
        f"此请求不是从本系统的页面发出的，未执行。请在 {page} 打开页面后重试。",
        "This request did not come from a page of this service, so it was not carried out. Open "
        f"the page at {page} and try again.",
    )


def no_such_provider(alias: str) -> Text:
    return Text(f"没有身份服务“{alias}”。", f"There is no identity provider “{alias}”.")


def scope_missing(scope: str) -> Text:
    return Text(
        f"访问令牌没有“{scope}”范围。请在身份服务上为此客户端授予该范围。",
        f"The access token lacks the scope “{scope}”. Let the identity provider give it to this "
        "client.",
    )
