"""Messages of `registry.desk.sign_in` in Chinese and English."""

from typing import Final

from core.text import Text

ACKNOWLEDGED_BY_ANOTHER: Final = Text(
    "应急凭据的使用须由他人确认。",
    "A use of the emergency credential is for others to acknowledge.",
)
ENDED_BY_ANOTHER: Final = Text(
    "应急会话须由他人结束；本人可以退出登录。",
    "An emergency is for others to end; whoever is in it signs out.",
)
LOGIN_UNUSABLE: Final = Text(
    "账户名须为 1 至 64 个可见字符，不含空格。",
    "An account's name has 1 to 64 visible characters, none of them a space.",
)
NOT_A_LOCAL_IDENTITY: Final = Text(
    "该人员不是本地账户的人员，由其身份服务登录。",
    "That officer has no local account: they sign in with their identity provider.",
)
NO_SUCH_ACCOUNT: Final = Text("没有这个账户。", "There is no such account.")


def account_known(login: str) -> Text:
    return Text(f"账户“{login}”已存在。", f"There is an account “{login}” already.")


def no_such_passkey(passkey_id: str) -> Text:
    return Text(
        f"该账户没有通行密钥“{passkey_id}”。请用 xinyin account list 查看。",
        f"That account has no passkey “{passkey_id}”. Look with xinyin account list.",
    )


EMERGENCY_NEVER_USED: Final = Text(
    "应急凭据从未使用过，没有需要确认的。使用之后才有记录（xinyin break-glass list）。",
    "The emergency credential was never used: there is nothing to acknowledge. Only a use makes a "
    "record (xinyin break-glass list).",
)


def no_such_use(use_id: str) -> Text:
    return Text(
        f"没有应急凭据的使用记录“{use_id}”。用 xinyin break-glass list 查看使用记录及编号。",
        f"There is no use “{use_id}” of an emergency credential. xinyin break-glass list has the "
        "uses and their ids.",
    )


def emergency_disabled(identity_id: str) -> Text:
    return Text(
        f"应急操作员的身份已停用，凭据不能登录。请先启用：xinyin officer enable {identity_id}。",
        "The emergency's identity is disabled, so no credential would sign anybody in. Enable it "
        f"first: xinyin officer enable {identity_id}.",
    )


def use_acknowledged(use_id: str) -> Text:
    return Text(f"“{use_id}”已经确认过。", f"“{use_id}” was acknowledged before.")
