"""Messages of `issuing_api` in Chinese and English."""

from typing import Final

from core.text import Text

FORGED_REQUEST: Final = Text(
    "此请求不是从本系统的页面发出的，未执行。请返回页面重试。",
    "This request did not come from a page of this service, so it was not carried out. Go back to "
    "the page and try again.",
)
NOT_BASE64: Final = Text("内容不是 base64 编码。", "The content is not base64.")
NO_PHOTO: Final = Text("该申请没有照片。", "That request has no photo.")
NOT_SIGNED_IN: Final = Text("请先登录。", "Sign in first.")
REQUEST_KEY_UNUSABLE: Final = Text(
    "请求头 Idempotency-Key 须为 8 至 128 个可见的 ASCII 字符。同一请求重发时用同一个键。",
    "The header Idempotency-Key must be 8 to 128 visible ASCII characters. Send the same key when "
    "you repeat a request.",
)
PROOF_NEEDED: Final = Text(
    "访问令牌须与密钥绑定，每个请求附 DPoP 证明（RFC 9449）。",
    "The access token must be bound to a key, and each request carry a DPoP proof (RFC 9449).",
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


def no_such_provider(alias: str) -> Text:
    return Text(f"没有身份服务“{alias}”。", f"There is no identity provider “{alias}”.")


def too_many_groups(most: int) -> Text:
    return Text(
        f"身份服务给出的用户组超过 {most} 个，无法判断权限。请在该服务上只传递与本系统有关的组。",
        f"The identity provider names more than {most} groups, so rights cannot be told. Let it "
        "pass on only the groups that concern this service.",
    )


def scope_missing(scope: str) -> Text:
    return Text(
        f"访问令牌没有“{scope}”范围。请在身份服务上为此客户端授予该范围。",
        f"The access token lacks the scope “{scope}”. Let the identity provider give it to this "
        "client.",
    )
