"""Messages of `issuing_api.local` in Chinese and English."""

from typing import Final

from core.text import Text

NOT_SIGNED_IN: Final = Text("请先用本地账户登录。", "Sign in with a local account first.")
ONLY_FROM_THIS_MACHINE: Final = Text(
    "本地账户只能在服务所在的机器上登录。",
    "Local accounts sign in at the machine of the service only.",
)
STRONG_SIGN_IN_NEEDED: Final = Text(
    "请先重新用通行密钥登录，再做这一步。",
    "Sign in again with a passkey before you do this.",
)
UNUSABLE: Final = Text("请求内容无法使用。", "What was sent cannot be used.")
