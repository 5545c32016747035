"""Messages of `cli.bodies` in Chinese and English."""

from datetime import datetime
from pathlib import Path
from typing import Final

from core.text import Text, counted

ACCOUNT_NEXT: Final = Text(
    "接下来：运行 xinyin serve，打开上面 sign_in 的地址登录；再打开 /issuing/account，用注册码"
    "（code，一天内有效）添加通行密钥。",
    "Next: run xinyin serve and sign in at the address after sign_in; then add a passkey at "
    "/issuing/account by the enrolment code, which is good for a day.",
)
AUTHORITY_OR_EVERYWHERE: Final = Text(
    "请用 --authority 指明机构，或用 --everywhere 表示所有机构。",
    "Name an authority with --authority, or all of them with --everywhere.",
)
BASIS_NEEDED: Final = Text("请用 --basis 写明依据。", "State the ground with --basis.")
BREAK_GLASS_NOT_READY: Final = Text(
    "没有可用的应急凭据。请运行 xinyin break-glass prepare。",
    "No emergency credential is prepared. Run xinyin break-glass prepare.",
)
BREAK_GLASS_PREPARED: Final = Text(
    "凭据只显示这一次。请密封并离线保管，删除电子副本；此前准备而未用的凭据已作废。使用地址："
    "颁发服务的 /issuing/break-glass。",
    "The credential is shown this once. Seal it, keep it offline, delete other copies; one "
    "prepared before serves no more. It is used at /issuing/break-glass of the issuing service.",
)
BREAK_GLASS_READY: Final = Text("有一份可用的应急凭据。", "An emergency credential is prepared.")
COMPROMISE_START_NEEDED: Final = Text(
    "请用 --since 写明密钥何时起可能落入他人之手；不能确定的，写证书的起始时间。",
    "Say with --since from when the key may have been in other hands; if that is not known, "
    "the beginning of its certificate.",
)
LEFT_FORCE: Final = Text("已暂停使用", "left")
NEW_PASSWORD: Final = Text("新密码（至少 12 个字符）", "New password (12 characters or more)")
PASSWORD_NEEDED: Final = Text(
    "没有终端可以输入密码。请用 --password-stdin 从标准输入给出。",
    "There is no terminal to ask for the password at. Hand it in by --password-stdin.",
)
RESEALING: Final = Text("重新签章", "Sealing anew")
TSA_URL_NEEDS_CHAIN: Final = Text(
    "--tsa-url 须与 --tsa-chain 同用。", "--tsa-url goes with --tsa-chain."
)
WOULD_LEAVE_FORCE: Final = Text("将暂停使用", "would leave")
CONTENT_AT_SERVER: Final = Text(
    "本机命令不显示申请内容。请登录服务器后加 --server 查看。",
    "What a request asks for is shown at a server alone: sign in there, and add --server.",
)
NO_AFTER_AT_SERVER: Final = Text(
    "连接服务器时不支持 --after。请用 --state 和 --limit。",
    "At a server there is no --after. Use --state and --limit.",
)
LEAVING_UNFINISHED: Final = Text(
    "尚有未办完的（见 failed），请再次执行同一命令。",
    "Something has not ended yet (see “failed”): give the same command again.",
)
NO_ADMINISTRATOR_LEFT: Final = Text(
    "登记中已无其他人管理所有机构。",
    "Nobody else on record administers all authorities now.",
)


def public_url_unused(path: str, public_url: str) -> Text:
    return Text(
        f"“{path}”已有 public_url = {public_url}，未采用 --public-url；要改请改该文件。",
        f"“{path}” says public_url = {public_url} already; --public-url was not used. To change "
        "it, edit that file.",
    )


def accounts_not_served(path: str) -> Text:
    return Text(
        f"“{path}”没有启用本地账户，此账户还不能登录。请加上 [local] 一节，写 accounts = true。",
        f"“{path}” lets no local account sign in, so this one cannot yet. Add a table [local] with "
        "accounts = true to it.",
    )


def authority_recorded(authority_id: str) -> Text:
    return Text(
        f"已登记颁发机构 {authority_id}。下一步：xinyin seal add 印章 --authority {authority_id}",
        f"Authority {authority_id} recorded. Next: xinyin seal add SEAL --authority {authority_id}",
    )


def authority_changed(authority_id: str) -> Text:
    return Text(f"已更改颁发机构 {authority_id}。", f"Authority {authority_id} changed.")


def certificate_of_another_seal(seal_id: str) -> Text:
    return Text(
        f"这张证书不属于印章“{seal_id}”。", f"That certificate is not one of the seal “{seal_id}”."
    )


def confirm_disabling(identity_id: str) -> Text:
    return Text(
        f"将结束身份“{identity_id}”及其负责的服务账户的角色、申请和证书。",
        f"End the roles, requests and certificates of “{identity_id}” and of the service accounts "
        "that it owns.",
    )


def confirm_merging(*, identity_id: str, into: str) -> Text:
    return Text(
        f"将把身份“{identity_id}”并入“{into}”，并结束前者的角色、申请和证书。",
        f"Merge “{identity_id}” into “{into}”, and end the roles, requests and certificates of the "
        "former.",
    )


def confirm_reconciling(count: int) -> Text:
    return Text(
        f"将停用 {count} 人，结束其角色、申请、会话和证书。",
        f"Disable {count} people, and end their roles, requests, sessions and certificates.",
    )


def confirm_seal_compromise(*, seal_id: str, since: str) -> Text:
    return Text(
        f"将撤销印章“{seal_id}”的证书，并暂停使用不能证明在 {since} 之前签章的证照。",
        f"Revoke the certificate of the seal “{seal_id}”, and take out of force what nothing "
        f"proves to have been sealed before {since}.",
    )


def licences_judged(*, count: int, proven: int, verb: Text, left: int) -> Text:
    return Text(
        f"核查 {count} 份：有事前时间戳而保持有效的 {proven} 份，{verb.zh} {left} 份。",
        f"{count} judged: {proven} stay, proven by a timestamp from before; {left} {verb.en} "
        "force.",
    )


def no_unfinished_case(seal_id: str) -> Text:
    return Text(
        f"印章“{seal_id}”没有未办完的泄露处置。",
        f"There is no unfinished case of the seal “{seal_id}”.",
    )


def other_key_licences_unaffected(others: int) -> Text:
    return Text(
        f"其中 {others} 份由该印章的另一密钥签章，不受影响；若指那把密钥，请用 --certificate "
        "指明其证书。",
        f"Not concerned: {counted(others, 'licence')} sealed with another key of this "
        "seal; name that key's certificate with --certificate if it is the one.",
    )


def output_exists(out: Path) -> Text:
    return Text(f"“{out}”已存在。", f"“{out}” is there already.")


def request_written(out: Path) -> Text:
    return Text(f"申请已写入 {out}。", f"The request stands in {out}.")


def resealing_result(*, count: int, failures: int) -> Text:
    return Text(
        f"重新签章 {count} 份，未成 {failures} 份。", f"{count} sealed anew, {failures} failed."
    )


def seal_certificate_renewed(*, seal_id: str, end: datetime) -> Text:
    return Text(
        f"印章 {seal_id} 已换发证书，有效至 {end:%Y-%m-%d}。",
        f"Seal {seal_id} has a new certificate, valid until {end:%Y-%m-%d}.",
    )


def seal_in_use(seal_id: str) -> Text:
    return Text(f"印章 {seal_id} 已启用。", f"Seal {seal_id} is in use.")


def seal_asked(request: str) -> Text:
    return Text(
        f"已提出申请 {request}。由另一名登记人或管理员批准后，运行 "
        f"xinyin request carry-out {request}。",
        f"Asked for: {request}. Another registrar or an administrator approves it; then run "
        f"xinyin request carry-out {request}.",
    )


def seal_made(seal_id: str) -> Text:
    return Text(
        f"印章 {seal_id} 已制作。下一步：自定证照类型用 xinyin type init；已有定义的，"
        f"xinyin type add 文件 --seal {seal_id}",
        f"Seal {seal_id} made. Next: xinyin type init for a licence type of your own; with a "
        f"definition at hand, xinyin type add FILE --seal {seal_id}",
    )


def waiting_for_other_process(seal_id: str) -> Text:
    return Text(
        f"另一进程正在处理印章“{seal_id}”，等它办完后继续。",
        f"Another process is working on the seal “{seal_id}”; waiting for it to end.",
    )


def no_date(typed: str) -> Text:
    return Text(
        f"“{typed}”不是日期，请写作 2026-03-01。", f"“{typed}” is no date; write 2026-03-01."
    )


def officer_enabled(identity_id: str) -> Text:
    return Text(
        f"已重新启用身份 {identity_id}；角色须另行分配。",
        f"{identity_id} may sign in again; give roles anew.",
    )


def request_approved(request_id: str) -> Text:
    return Text(f"已批准申请 {request_id}。", f"Request {request_id} approved.")


def request_rejected(request_id: str) -> Text:
    return Text(f"已驳回申请 {request_id}。", f"Request {request_id} rejected.")


def account_without_role(officer: str) -> Text:
    return Text(
        f"此账户还没有角色，登录后什么也办不了。分配：xinyin officer assign {officer} 角色 "
        "--authority 机构",
        "The account has no role yet: whoever signs in can do nothing. Give one with xinyin "
        f"officer assign {officer} ROLE --authority AUTHORITY",
    )


def role_given(*, name: str, role: Text, authority: str | None, until: str | None) -> Text:
    where = Text("全部机构", "all authorities") if authority is None else Text(authority, authority)
    last = Text("无期限", "without an end")
    if until is not None:
        last = Text(f"至 {until}", f"until {until}")
    return Text(
        f"{name}：{where.zh}的{role.zh}，{last.zh}。",
        f"{name}: {role.en} in {where.en}, {last.en}.",
    )


def request_closed(request_id: str) -> Text:
    return Text(f"已关闭申请 {request_id}。", f"Request {request_id} closed.")


def request_withdrawn(request_id: str) -> Text:
    return Text(f"已撤销申请 {request_id}。", f"Request {request_id} withdrawn.")


def people_line_wrong(*, path: Path, line: int) -> Text:
    return Text(
        f"{path} 第 {line} 行有误：每人一行，须有不重复的 sub，active 为 true 或 false。"
        "未停用任何人。",
        f"Line {line} of {path} is wrong: one line for each person, with a sub that no other has, "
        "and active as true or false. Nobody was disabled.",
    )


def role_ended(assignment_id: str) -> Text:
    return Text(f"已结束角色分配 {assignment_id}。", f"Role {assignment_id} ended.")


def break_glass_acknowledged(use_id: str) -> Text:
    return Text(f"已确认 {use_id}。", f"{use_id} acknowledged.")


def passkey_removed(passkey_id: str) -> Text:
    return Text(
        f"已删除通行密钥 {passkey_id}，该账户的会话已结束。",
        f"Passkey {passkey_id} removed; the account's sessions have ended.",
    )


def password_set(login: str) -> Text:
    return Text(
        f"已重设 {login} 的密码，其会话已结束。",
        f"The password of {login} is set; its sessions have ended.",
    )


SEAL_OR_LICENCE: Final = Text(
    "请指明印章（可加 --at），或者用 --licence 指明证照。",
    "Name a seal, with --at if need be, or a licence with --licence.",
)
NOT_SEALED_YET: Final = Text("这份证照还没有签章。", "This licence has not been sealed yet.")
TABLE_FORMAT: Final = Text(
    "文件名须以 .csv、.xlsx 或 .jsonl 结尾。",
    "The file's name must end with .csv, .xlsx or .jsonl.",
)


def filing_written(*, path: object, count: int) -> Text:
    return Text(f"已写入 {path}：{count} 行。", f"Written to {path}, rows: {count}.")
