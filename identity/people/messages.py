"""Messages of `identity.people` in Chinese and English."""

from typing import Final

from core.text import Text, counted

NOT_PERMITTED: Final = Text(
    "您在该机构的角色不能办理此事。请由有此角色的人员办理，或请管理员分配角色。",
    "None of your roles in that authority lets you do this. Let somebody do it whose role does, "
    "or ask an administrator for the role.",
)
OWN_REQUEST: Final = Text(
    "不能批准自己提出的申请，包括经合并的身份或本人负责的服务账户提出的。请由他人批准。",
    "Nobody approves a request of their own, nor one of an identity merged into theirs or of a "
    "service account that they own. Let somebody else decide.",
)
SECOND_PERSON_NEEDED: Final = Text(
    "此事须先提出申请，经他人批准后再办理。",
    "This needs a second person: make a request, and let somebody else approve it first.",
)
SERVICE_CANNOT_STEP_UP: Final = Text(
    "此事须由人员重新登录后办理，服务账户不能办理。",
    "This needs a person who signs in afresh; a service account cannot do it.",
)
STEP_UP_NEEDED: Final = Text(
    "此事须重新登录，用更强的方式验证身份后再办理（命令行：xinyin login --strong）。",
    "Sign in again, by the stronger means, before you do this (on the command line: xinyin login "
    "--strong).",
)
UNKNOWN_IDENTITY: Final = Text(
    "此身份未登记，没有任何权限。", "This identity is not on record and may do nothing."
)


def role_not_permitted(role: str) -> Text:
    return Text(f"角色“{role}”无权办理此事。", f"The role “{role}” may not do this.")


def too_many_groups(most: int) -> Text:
    return Text(
        f"身份服务给出的用户组超过 {most} 个，无法判断权限。请在该服务上只传递与本系统有关的组。",
        f"The identity provider names more than {counted(most, 'group')}, so rights "
        "cannot be told. Let it pass on only the groups that concern this service.",
    )
