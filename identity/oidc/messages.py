"""Messages of `identity.oidc` in Chinese and English."""

from typing import Final

from core.text import Text

ANOTHER_PROVIDER: Final = Text(
    "应答来自另一个身份服务，登录已中止。请重新登录；若再次出现，请通知管理员。",
    "The answer came from another identity provider, so the sign-in was stopped. Sign in again; "
    "if this comes back, tell the administrator.",
)
ANSWER_MALFORMED: Final = Text(
    "身份服务的应答无法理解。请重新登录。",
    "The identity provider's answer cannot be understood. Sign in again.",
)
NO_CODE: Final = Text(
    "身份服务没有给出登录码。请重新登录。",
    "The identity provider gave no code. Sign in again.",
)
NO_DEVICE_SIGN_IN: Final = Text(
    "该身份服务不支持在另一设备上登录。请改用浏览器登录。",
    "That identity provider offers no sign-in on another device. Use the browser.",
)
NO_ID_TOKEN: Final = Text(
    "身份服务没有说明是谁登录的。请检查其客户端设置（openid 范围）。",
    "The identity provider did not say who signed in. Check its settings of our client (scope "
    "openid).",
)
SETTINGS_MALFORMED: Final = Text(
    "身份服务公布的设置无法读取。请检查 issuer 地址。",
    "The settings that the identity provider publishes cannot be read. Check the issuer's address.",
)
SIGN_IN_DECLINED: Final = Text(
    "登录被拒绝或取消。如是误操作，请重新登录。",
    "The sign-in was declined or cancelled. Sign in again if that was a slip.",
)
SIGN_IN_ENDED: Final = Text("登录已失效。请重新登录。", "Your sign-in has ended. Sign in again.")
SIGN_IN_PENDING: Final = Text(
    "尚未在另一设备上完成登录。",
    "The sign-in on the other device is not finished yet.",
)
SIGN_IN_TOO_LATE: Final = Text(
    "登录用时过长，已作废。请重新登录。",
    "The sign-in took too long and lapsed. Sign in again.",
)
STATE_DIFFERS: Final = Text(
    "这不是此浏览器发起的登录，或该登录已经用过。请重新登录。",
    "This sign-in was not begun in this browser, or was used already. Sign in again.",
)


def answer_unusable(issuer: str) -> Text:
    return Text(
        f"身份服务 {issuer} 的应答无法使用。请稍后重试；若再次出现，请通知其管理员。",
        f"The answer of the identity provider {issuer} cannot be used. Try again later; if this "
        "comes back, tell its administrator.",
    )


def directory_unusable(address: str) -> Text:
    return Text(
        f"暂时无法从 {address} 取得人员名单，未停用任何人。请检查该服务及 identity.toml 的设置。",
        f"The list of people at {address} is not to be had just now; nobody was disabled. Check "
        "that service, and its settings in identity.toml.",
    )


def events_unusable(address: str) -> Text:
    return Text(
        f"暂时无法从 {address} 取得安全事件。请检查该服务及 identity.toml 的设置。",
        f"Security events are not to be had from {address} just now. Check that service, and its "
        "settings in identity.toml.",
    )


def list_incomplete(address: str) -> Text:
    return Text(
        f"{address} 的人员名单不完整或前后不一致，未停用任何人。持续出现的，请联系该服务的管理员。",
        f"The list of people at {address} is incomplete, or contradicts itself; nobody was "
        "disabled. If it stays so, ask the administrator of that service.",
    )


def issuer_differs(issuer: str) -> Text:
    return Text(
        f"该地址公布的身份服务不是 {issuer}。请检查设置中的 issuer，须一字不差。",
        f"The identity provider at that address is not {issuer}. Check the issuer in the "
        "settings, to the letter.",
    )


def provider_refused(error: str) -> Text:
    return Text(
        f"身份服务拒绝了请求（{error}）。请检查客户端在该服务上的登记。",
        f"The identity provider refused ({error}). Check how our client is registered there.",
    )


def provider_unreachable(issuer: str) -> Text:
    return Text(
        f"暂时无法使用身份服务 {issuer}，不能新登录；已登录的会话和核验不受影响。请稍后重试。",
        f"The identity provider {issuer} cannot be used just now, so nobody can sign in anew; "
        "sessions and verification go on. Try again later.",
    )


def setting_insecure(name: str) -> Text:
    return Text(
        f"身份服务公布的 {name} 不是安全的地址。",
        f"The identity provider's {name} is not a secure address.",
    )


def setting_lacks(name: str, value: str) -> Text:
    return Text(
        f"身份服务公布的 {name} 中没有 {value}，而本系统需要它。",
        f"The identity provider's {name} lacks {value}, which is needed.",
    )


def setting_missing(name: str) -> Text:
    return Text(
        f"身份服务没有公布可用的 {name}。",
        f"The identity provider publishes no usable {name}.",
    )


def token_not_bound(issuer: str) -> Text:
    return Text(
        f"身份服务 {issuer} 没有把令牌绑定到密钥（DPoP），令牌未被使用。请在该服务上启用 DPoP。",
        f"The identity provider {issuer} did not bind the token to our key (DPoP), so it was not "
        "used. Enable DPoP there.",
    )
