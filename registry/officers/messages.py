"""Messages of `registry.officers` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CERTIFICATE_OF_NOBODY: Final = Text(
    "此证书没有登记为任何人员所有。", "That certificate is on record as nobody's."
)
SIGNER_ENDED: Final = Text(
    "此证书的持有人已停用或调离，或证书已失效，不再接受其新的签名。",
    "Whoever has that certificate was disabled or left, or the certificate has ended: nothing new "
    "that it signs is taken.",
)
CERTIFICATE_OF_ANOTHER: Final = Text(
    "此证书已登记为另一身份所有。", "That certificate is on record as another identity's."
)
DEPARTURE_INCOMPLETE: Final = Text(
    "离开机构须写明机构，并入他人须写明并入的身份；停用时两者都不写。",
    "Leaving an authority names it, merging names whom into; disabling names neither.",
)
APPROVAL_ENDED: Final = Text(
    "批准人已停用、离开该机构或不再有审批权限，其批准不再有效。须由有权限的其他人员重新批准。",
    "Whoever approved it was disabled, left the authority or may decide no longer, so the approval "
    "does not count. It needs a new decision: let somebody else who may decide approve it.",
)
EMERGENCY_ENDS_OTHERWISE: Final = Text(
    "应急操作员的身份不停用，否则以后的应急凭据都不能登录。"
    "要结束应急会话，请运行 xinyin break-glass end。",
    "The emergency's identity is not disabled: no later credential would sign anybody in. To end "
    "an emergency, run xinyin break-glass end.",
)
ENDED_HERE: Final = Text(
    "此身份不是由该身份服务停用的。请由管理员用 xinyin officer enable 启用。",
    "It was not that identity provider that disabled this identity. Let an administrator enable "
    "it: xinyin officer enable.",
)
IDENTITY_ENDED: Final = Text(
    "此身份已停用或已并入他人，不能办理业务。请联系管理员。",
    "This identity was disabled or merged into another and may do nothing. Ask an administrator.",
)
IDENTITY_KNOWN: Final = Text(
    "此身份（签发方和标识）已登记。请用 xinyin officer list 查看。",
    "This identity (issuer and subject) is on record already. See xinyin officer list.",
)
KIND_DIFFERS: Final = Text(
    "此身份登记的类别（人员或服务账户）与登录的不符。请联系管理员。",
    "This identity is on record as another kind (a person, a service account) than it signed in "
    "as. Ask an administrator.",
)
LEASE_LOST: Final = Text(
    "任务已停止，或已由另一进程接手。",
    "The job was stopped, or another process has it by now.",
)
MERGE_INTO_ANOTHER: Final = Text(
    "须并入另一个同类且在用的身份；已并入他人的不能再并入别的身份。",
    "Merge it into another identity of the same kind that is in use; one that was merged stays so.",
)
NAME_INVALID: Final = Text(
    "名称须为 1 到 128 个可显示的字符，签发方和标识各为 1 到 255 个。",
    "A name has 1 to 128 printable characters, issuer and subject 1 to 255 each.",
)
NOT_TO_ONESELF: Final = Text(
    "不能给自己（包括已并入自己的身份和自己负责的服务账户）分配角色。请由另一位管理员办理。",
    "Nobody gives a role to themselves, nor to an identity merged into theirs or a service account "
    "that they own. Let another administrator do it.",
)
OWN_REQUEST: Final = Text(
    "不能审批自己提出的申请，包括经合并的身份或本人负责的服务账户提出的。请由他人审批。",
    "Nobody decides on a request of their own, nor on one of an identity merged into theirs or of "
    "a service account that they own. Let somebody else decide.",
)
OWNER_ENDED: Final = Text(
    "该服务账户的负责人已停用。请先启用负责人，或为其另行登记。",
    "The person who answers for that service account was disabled. Enable them first, or record "
    "the account anew under another.",
)
OWNER_NEEDED: Final = Text(
    "服务账户须有在用的人员身份负责；人员身份没有负责人。",
    "A service account needs an owner, a person's identity in use; a person has none.",
)
REQUEST_CHANGED: Final = Text(
    "申请的内容与批准的不同，未执行。请重新提出申请。",
    "What the request holds is not what was asked for and approved; nothing was done. Make it "
    "again.",
)
REQUEST_KEY_REUSED: Final = Text(
    "此请求号已用于另一申请。请换用新的请求号。",
    "That request key was used for another request. Use a new one.",
)
REQUEST_UNDECIDED: Final = Text(
    "此申请还没有人批准，未作改动。请等待批准后再执行。",
    "Nobody has approved this request yet; nothing was changed. Carry it out once it is approved.",
)
REQUEST_LAPSED: Final = Text(
    "此申请已过期，请重新提出。", "This request has lapsed. Make it again."
)
ASK_BATCH_AGAIN: Final = Text(
    "请申请人用同一张表重新提出；已颁发的行会被认出，不会重复颁发。",
    "Let who asked ask again with the same sheet; rows that were granted are recognised.",
)
RESTORED: Final = Text("从备份恢复", "Restored from a backup")
RESTORED_USE: Final = Text(
    "从备份恢复：尚无他人确认", "Restored from a backup: nobody else has acknowledged it"
)
ROLE_BOUNDS_WRONG: Final = Text(
    "角色的起始时间须早于结束时间，且结束时间在将来。",
    "A role must begin before it ends, and end in the future.",
)
ROLE_HELD: Final = Text("此身份在该机构已有此角色。", "This identity has that role there already.")
SERVICE_CANNOT_ADMINISTER: Final = Text(
    "服务账户不能担任审批人、登记人或管理员。",
    "A service account is no approver, registrar or administrator.",
)
SERVICE_UNKNOWN: Final = Text(
    "此服务账户未登记。请由管理员用 xinyin officer add 登记并写明负责人。",
    "This service account is not on record. Let an administrator record it with its owner: "
    "xinyin officer add.",
)
WHY_NEEDED: Final = Text("请写明原因（不超过 500 字）。", "Say why, in at most 500 characters.")


def batch_lost(
    request_id: str, *, type_code: str, authority_id: str, rows: int, by: str, begun: bool
) -> Text:
    """Say which batch a restore cut off: one whose job had begun, or an open request."""
    zh, en = ("任务已不在", "its job is gone") if begun else ("已失效", "it lapsed")
    return Text(
        f"批量申请 {request_id}（{authority_id}，{type_code}，{rows} 行，申请人 {by}）"
        f"因恢复而中断：{zh}。",
        f"The batch {request_id} ({authority_id}, {type_code}, {counted(rows, 'row')}, "
        f"asked for by {by}) was cut off by the restore: {en}.",
    )


def already_decided(*, state_zh: str, state: str, by: str, at: str) -> Text:
    return Text(
        f"此申请已由 {by} 于 {at} 办理（{state_zh}），未作改动。",
        f"{by} was first: this request is {state} since {at}. Nothing was changed.",
    )


def request_ended(*, state_zh: str, state: str, at: str) -> Text:
    return Text(
        f"此申请{state_zh}（{at}），未作改动。",
        f"This request is {state} since {at}. Nothing was changed.",
    )


def job_in_state(state: Text) -> Text:
    return Text(
        f"批量任务{state.zh}，不能这样办理。请先查看任务。",
        f"The job is {state.en}, so this cannot be done. Look at the job first.",
    )


def no_such_authority(authority_id: str) -> Text:
    return Text(
        f"未登记颁发机构“{authority_id}”。用 xinyin authority list 查看。",
        f"There is no authority “{authority_id}” on record. See xinyin authority list.",
    )


def no_such_identity(identity_id: str) -> Text:
    return Text(
        f"未登记身份“{identity_id}”。用 xinyin officer list 查看。",
        f"There is no identity “{identity_id}” on record. See xinyin officer list.",
    )


def no_such_job(job_id: str) -> Text:
    return Text(f"没有批量任务“{job_id}”。", f"There is no job “{job_id}” on record.")


def no_such_request(request_id: str) -> Text:
    return Text(
        f"没有申请“{request_id}”。用 xinyin request list 查看。",
        f"There is no request “{request_id}” on record. See xinyin request list.",
    )


def no_such_role(assignment_id: str) -> Text:
    return Text(
        f"没有在用的角色分配“{assignment_id}”。用 xinyin officer show 查看。",
        f"There is no role “{assignment_id}” in force on record. See xinyin officer show.",
    )


def person_unknown(*, iss: str, sub: str) -> Text:
    return Text(
        f"您尚未登记，也不属于任何有角色的组。请把签发方 {iss} 和标识 {sub} 告知管理员。",
        f"You are not on record here, nor in a group that has a role. Give your administrator the "
        f"issuer {iss} and the subject {sub}.",
    )


def merged_already(identity_id: str) -> Text:
    return Text(
        f"该身份已合并入 {identity_id}。请停用 {identity_id}。",
        f"That identity was merged into {identity_id}: disable {identity_id}.",
    )
