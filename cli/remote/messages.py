"""Messages of `cli.remote` in Chinese and English."""

from typing import Final

from core.text import Text
from core.web.problems import PROBLEMS

BROWSER_OPENED: Final = Text(
    "请在浏览器中完成登录。没有打开浏览器的，请访问上面的地址；或按 Ctrl+C 后用 --device。",
    "Finish signing in in your browser. If none has opened, go to the address above; or press "
    "Ctrl+C and use --device.",
)
NO_COMMAND_LINE_SIGN_IN: Final = Text(
    "该服务没有可供命令行使用的身份服务（command_line_client）。本地账户只在浏览器中登录；在服务所在"
    "的机器上，命令无需 --server，直接运行即可。",
    "That server has no identity provider for command lines (command_line_client). Local accounts "
    "sign in in the browser only; at the server's own machine, commands work without --server.",
)
SIGN_OUT_UNFINISHED: Final = Text(
    "本机已退出登录，但身份服务未能收回令牌；令牌到期前请勿泄露本机文件的副本。",
    "You are signed out here, but the identity provider could not take the tokens back: copies of "
    "this machine's file stay good until they end.",
)
CERTIFICATE_UNREADABLE: Final = Text(
    "证书文件无法解读（应为 DER 或 PEM）。",
    "The certificate's file cannot be read (DER or PEM is needed).",
)
KEY_OF_ANOTHER_CERTIFICATE: Final = Text(
    "密钥与证书不是一对。请核对 --key 与 --certificate。",
    "Key and certificate do not belong together. Look at --key and --certificate.",
)
NOT_THE_PAGE: Final = Text(
    "服务器要求签署的内容与它给出的文件不符，没有签名。请勿重试，并报告管理员：服务器或您的登录可"
    "能已被他人控制。",
    "What the server asks to be signed is not the document that it sent: nothing was signed. Do "
    "not try again, and tell your administrator: the server, or your sign-in, may be in other "
    "hands.",
)
KEYRING_KEPT: Final = Text(
    "系统密钥环暂时无法使用，其中的令牌没有删除。请打开密钥环，删除名为 xinyin 的条目。",
    "The operating system's keyring is away just now, and its tokens were not removed. Open it and "
    "remove the entry xinyin.",
)
CONTEXT_REMOVED: Final = Text(
    "已取消选定：未指定 --server 的命令在本机执行。",
    "No server is chosen any more: commands without --server are for this machine.",
)
GRANTING: Final = Text("颁发", "Granting")
EXPORTING: Final = Text("导出", "Exporting")
EXPORT_NOT_WHOLE: Final = Text(
    "下载的文件不完整，或与服务器记录的摘要值不符，没有保存。请重新下载（xinyin export fetch）。",
    "What was downloaded is not whole, or not the file on record, and was not kept. Download it "
    "again with xinyin export fetch.",
)
REQUEST_WAITS: Final = Text(
    "申请已提出，等待审批（xinyin request show 查看）。",
    "The request waits for its decision; look with xinyin request show.",
)
SERVER_NEEDED: Final = Text(
    "请用 --server 指明服务器，或用 xinyin context use 选定一个。",
    "Name the server with --server, or choose one with xinyin context use.",
)
CERTIFICATE_UNUSABLE: Final = Text(
    "服务器返回的证书不是为您的密钥签发的，未保存。请联系管理员。",
    "The certificate that the server answered is not for your key, and was not kept. Ask its "
    "administrator.",
)
ENROL_IN_BROWSER: Final = Text(
    "请在浏览器中登录，为您的密钥申领证书。没有打开浏览器的，请访问上面的地址。",
    "Sign in in your browser to have your key certified. If none has opened, go to the address "
    "above.",
)
NO_ENROLMENT: Final = Text(
    "该服务没有为申领证书设置身份服务（enrolment_client）。请联系管理员。",
    "That server names no identity provider for enrolments (enrolment_client). Ask its "
    "administrator.",
)
STRONG_IN_BROWSER: Final = Text(
    "强验证登录须在浏览器中进行，不能与 --device 同用。",
    "A strong sign-in is made in the browser: leave out --device.",
)
YEARS_ON_TOKEN: Final = Text(
    "长期证书的密钥须在令牌上。请用 --keys pkcs11:… 指定令牌。",
    "A key that is certified for years is on a token: name it by --keys pkcs11:….",
)


def answer_unusable(server: str) -> Text:
    return Text(
        f"{server} 的应答无法使用。请检查地址是否为颁发服务。",
        f"The answer of {server} cannot be used. Check that this is the issuing service.",
    )


def device_code(*, address: str, code: str) -> Text:
    return Text(
        f"请在另一台设备上打开 {address}，输入 {code}。",
        f"Open {address} on another device and enter {code}.",
    )


def no_such_provider(*, alias: str, known: str) -> Text:
    return Text(
        f"没有身份服务“{alias}”；有：{known}。",
        f"There is no identity provider “{alias}”; there are: {known}.",
    )


def not_signed_in(server: str) -> Text:
    return Text(
        f"尚未登录 {server}。请运行 xinyin login --server {server}。",
        f"You are not signed in at {server}. Run xinyin login --server {server}.",
    )


def signed_in(*, name: str, server: str) -> Text:
    return Text(f"{name} 已登录 {server}。", f"{name} is signed in at {server}.")


def signed_out(server: str) -> Text:
    return Text(f"已退出登录 {server}。", f"Signed out at {server}.")


def sign_ins_malformed(path: str) -> Text:
    return Text(
        f"“{path}”无法读取。请删除它，然后重新登录。",
        f"“{path}” cannot be read. Delete it, and sign in again.",
    )


def server_address_unusable(address: str) -> Text:
    return Text(
        f"“{address}”不能用作服务器地址。请写成 https://主机名，不带路径。",
        f"“{address}” will not do as a server's address. Write https:// and the host, without a "
        "path.",
    )


def effect_unknown(server: str) -> Text:
    return Text(
        f"已发送给 {server}，但没有收到完整的应答：可能已经办理。请先查看（xinyin request list、"
        "licence search），没有办理的再执行一次同样的命令。",
        f"This was sent to {server}, but no whole answer came: it may have been done. Look (xinyin "
        "request list, licence search), and if it was not, run the same command again.",
    )


def server_away(server: str) -> Text:
    return Text(
        f"暂时无法连接 {server}。请稍后重试。", f"{server} is away just now. Try again later."
    )


def sign_page(*, identifier: str, place: str) -> Text:
    return Text(
        f"待签文件在 {place}。请打开通读：您将以本人名义签署证照 {identifier}",
        f"The document to be signed is in {place}. Open it and read it: you will sign licence "
        f"{identifier} in your own name",
    )


def keyring_away(server: str) -> Text:
    return Text(
        f"{server} 的令牌存放在系统密钥环中，现在读不到。请先解锁密钥环，或重新登录。",
        f"The tokens for {server} are in the operating system's keyring, which does not give them "
        "out just now. Unlock it, or sign in again.",
    )


def context_chosen(server: str) -> Text:
    return Text(
        f"已选定 {server}。未指定 --server 的命令都在此办理；--server local 仍在本机执行。",
        f"{server} is chosen: commands without --server are for it. With --server local they are "
        "for this machine.",
    )


def context_malformed(path: str) -> Text:
    return Text(
        f"“{path}”无法读取。请删除它，然后重新选定服务器。",
        f"“{path}” cannot be read. Delete it, and choose a server again.",
    )


def job_cancelled(job_id: str) -> Text:
    return Text(
        f"任务 {job_id} 已取消；已颁发的证照不受影响。",
        f"Job {job_id} is cancelled; what was granted stands.",
    )


def job_stands(*, job_id: str, state: Text, came_to: Text, why: str | None) -> Text:
    because = "" if why is None else f"（{why}）"
    reason = "" if why is None else f" ({why})"
    return Text(
        f"任务 {job_id} {state.zh}{because}：{came_to.zh}。",
        f"Job {job_id} is {state.en}{reason}: {came_to.en}.",
    )


def field_malformed(field: str) -> Text:
    return Text(f"“{field}”不是“字段=值”的形式。", f"“{field}” is not of the form NAME=VALUE.")


def job_begun(job_id: str) -> Text:
    return Text(
        f"批量任务 {job_id} 已开始。用 xinyin job wait {job_id} 等待结果。",
        f"Job {job_id} has begun. Wait for it with xinyin job wait {job_id}.",
    )


def row_failed(*, number: int, problem: Text) -> Text:
    return Text(f"第 {number} 行：{problem.zh}", f"row {number}: {problem.en}")


def output_exists(path: str) -> Text:
    return Text(f"文件“{path}”已存在。可加 --force 覆盖。", f"“{path}” exists. Add --force.")


def enrolment_refused(code: str) -> Text:
    title = PROBLEMS[code].title if code in PROBLEMS else Text(code, code)
    return Text(
        f"未签发证书：{title.zh}。请核对您的角色后重新运行 xinyin enrol。",
        f"No certificate was issued: {title.en}. See which roles you have, then run xinyin enrol "
        "again.",
    )


def enrolment_waits(request: str) -> Text:
    return Text(
        f"尚未签发。长期证书须由登记人核对令牌后批准（申请 {request}），"
        "批准后请重新运行 xinyin enrol。",
        "No certificate yet. A registrar has to see your token and approve the request "
        f"({request}); run xinyin enrol again after that.",
    )


def server_has_another_name(name: str) -> Text:
    return Text(
        f"该服务自称 {name}。请用 --server {name}。",
        f"That server calls itself {name}. Use --server {name}.",
    )


def not_enrolled(authority: str) -> Text:
    return Text(
        f"没有用于机构 {authority} 的证书。先用 xinyin enrol --authority {authority} 申领，"
        "或用 --certificate 指明。",
        f"There is no certificate for the authority {authority}. Have one issued with xinyin enrol "
        f"--authority {authority}, or name it with --certificate.",
    )


def page_signed(*, request: str, identifier: str) -> Text:
    return Text(
        f"已签名：证照 {identifier}。用 xinyin request carry-out {request} 加盖印章。",
        f"Signed: licence {identifier}. xinyin request carry-out {request} puts the seal on.",
    )


def export_is_over(export_id: str) -> Text:
    return Text(
        f"导出 {export_id} 没有文件：已停止、取消或到期。请用 xinyin export show 查看原因，"
        "再重新导出。",
        f"Export {export_id} has no file: it was stopped or cancelled, or has expired. See why "
        "with xinyin export show, and export anew.",
    )


def export_asked(export_id: str) -> Text:
    return Text(
        f"服务器正在导出；可用 xinyin export fetch {export_id} --out 下载。",
        f"The server is writing it; fetch it with xinyin export fetch {export_id} --out.",
    )
