"""Messages of `identity.accounts` in Chinese and English."""

from typing import Final

from core.text import Text, counted

BREAK_GLASS_REFUSED: Final = Text(
    "应急凭据无效，或已经用过。请改用另行准备的凭据。",
    "That emergency credential does not hold, or was used before. Prepare another one.",
)
BREAK_GLASS_USED: Final = Text(
    "应急凭据已被使用：在一小时内，持有人在所有机构拥有管理员权限。",
    "The emergency credential was used: for up to an hour somebody administers everything.",
)
CODE_REFUSED: Final = Text(
    "注册码不正确、已过期或已用过。请向管理员索取新的注册码。",
    "The enrolment code is wrong, has ended or was used. Ask an administrator for another one.",
)
LOCAL_ACCOUNTS_WARNING: Final = Text(
    "本地账户只适用于单台机器：没有统一身份服务核实人员，人员离职也不会自动停用。正式使用请接入身份服务。",
    "Local accounts are for one machine: no identity provider vouches for people, and nobody's "
    "leaving ends them by itself. Connect an identity provider before real use.",
)
NO_LOCAL_ACCOUNT: Final = Text("没有这个本地账户。", "There is no such local account.")
PASSKEY_REFUSED: Final = Text(
    "通行密钥未被接受。请重试；仍不行的，改用密码登录，或联系管理员。",
    "The passkey was not accepted. Try again; else sign in by password, or ask an administrator.",
)
PASSWORD_COMMON: Final = Text(
    "这个密码太容易被猜到。请用几个互不相关的词，或由密码管理器生成。",
    "That password is among the first that somebody would try. Use several unrelated words, or "
    "let a password manager make one.",
)
REASON_NEEDED: Final = Text(
    "请写明启用应急凭据的原因（10 至 500 个字符）。",
    "Say why the emergency credential is used (10 to 500 characters).",
)
WRONG_NAME_OR_PASSWORD: Final = Text(
    "账户名或密码不正确。", "The account name or the password is wrong."
)


def passkeys_too_many(most: int) -> Text:
    return Text(
        f"一个账户最多 {most} 把通行密钥。请先删除不用的。",
        f"An account has at most {counted(most, 'passkey')}. Remove one that is not used first.",
    )


def password_too_short(least: int) -> Text:
    return Text(
        f"密码至少 {least} 个字符。",
        f"A password must have at least {counted(least, 'character')}.",
    )


def password_unusable(most: int) -> Text:
    return Text(
        f"密码最多 {most} 个字符，不能含控制字符。",
        f"A password has at most {counted(most, 'character')}, none of them a control character.",
    )


def wait(seconds: int) -> Text:
    return Text(
        f"登录失败次数过多，请 {seconds} 秒后再试；有通行密钥的可立即用它登录。",
        f"Too many failed sign-ins: try again in {seconds} s. A passkey signs you in at once.",
    )
