"""Messages of `cli.bodies` in Chinese and English."""

from datetime import datetime
from pathlib import Path
from typing import Final

from core.text import Text

AUTHORITY_OR_EVERYWHERE: Final = Text(
    "请用 --authority 指明机构，或用 --everywhere 表示所有机构。",
    "Name an authority with --authority, or all of them with --everywhere.",
)
BASIS_NEEDED: Final = Text("请用 --basis 写明依据。", "State the ground with --basis.")
COMPROMISE_START_NEEDED: Final = Text(
    "请用 --since 写明密钥何时起可能落入他人之手；不能确定的，写证书的起始时间。",
    "Say with --since from when the key may have been in other hands; if that is not known, "
    "the beginning of its certificate.",
)
LEFT_FORCE: Final = Text("已暂停使用", "left")
RESEALING: Final = Text("重新签章", "Sealing anew")
TSA_URL_NEEDS_CHAIN: Final = Text(
    "--tsa-url 须与 --tsa-chain 同用。", "--tsa-url goes with --tsa-chain."
)
WOULD_LEAVE_FORCE: Final = Text("将暂停使用", "would leave")


def authority_recorded(authority_id: str) -> Text:
    return Text(f"已登记颁发机构 {authority_id}。", f"Authority {authority_id} recorded.")


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
        f"{others} were sealed with another key of this seal and are not concerned; name that "
        "key's certificate with --certificate if it is the one.",
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


def seal_made(seal_id: str) -> Text:
    return Text(f"印章 {seal_id} 已制作。", f"Seal {seal_id} made.")


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


def request_withdrawn(request_id: str) -> Text:
    return Text(f"已撤销申请 {request_id}。", f"Request {request_id} withdrawn.")


def role_ended(assignment_id: str) -> Text:
    return Text(f"已结束角色分配 {assignment_id}。", f"Role {assignment_id} ended.")


def list_at_server_bounded(most: int) -> Text:
    return Text(
        f"连接服务器时不支持 --after，--limit 最多 {most}。请用 --state 缩小范围。",
        f"At a server there is no --after, and --limit is {most} at most. Narrow it by --state.",
    )


def page_signed(*, request: str, identifier: str) -> Text:
    return Text(
        f"已签名：证照 {identifier}。用 xinyin request carry-out {request} 加盖印章。",
        f"Signed: licence {identifier}. xinyin request carry-out {request} puts the seal on.",
    )


def request_carried_out(*, request: str, identifier: str) -> Text:
    return Text(
        f"申请 {request} 已办结：证照 {identifier}。",
        f"Request {request} was carried out: licence {identifier}.",
    )
