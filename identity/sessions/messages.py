"""Messages of `identity.sessions` in Chinese and English."""

from typing import Final

from core.text import Text

SIGNED_OUT_MEANWHILE: Final = Text(
    "登录期间账户有变更，会话未建立。请重新登录。",
    "The account changed while you were signing in, so no session was opened. Sign in again.",
)
