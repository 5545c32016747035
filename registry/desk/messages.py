"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text, counted

CERTIFICATE_NAMES_NO_ISSUER: Final = Text(
    "您的证书没有载明认定您身份的服务，或与当前登录的不同，不能用于本人签名。请重新申领证书。",
    "Your certificate does not name the identity service that vouched for you, or names another "
    "than the one you signed in by; it cannot sign in person. Have one issued anew.",
)
CONTENT_GONE: Final = Text(
    "该申请已结束，其内容不再保存。", "That request has ended, and what it asked for is not kept."
)
GRANT_UNFINISHED: Final = Text(
    "该申请已执行，但证照未颁发完成，或已作废。请用 xinyin licence list 查看。",
    "That request was carried out, but its licence is not finished yet, or was made void. Look "
    "with xinyin licence list.",
)
NOTHING_TO_SIGN: Final = Text(
    "该申请没有待签名的证照：尚未开始签名，或已办完。",
    "Nothing of that request waits for a signature: signing was not begun, or is over.",
)
NOT_SIGNED_IN_PERSON: Final = Text(
    "此类证照不由本人签名。", "Licences of that type are not signed in person."
)
NOT_YOUR_CERTIFICATE: Final = Text(
    "这张证书不是颁发给您、用于该机构的有效证书。请用 xinyin enrol 申领。",
    "That is no certificate issued to you for that authority and good now. Have one issued with "
    "xinyin enrol.",
)
NO_DOCUMENT: Final = Text("该证照没有文件。", "That licence has no document.")
NOT_YOUR_AUTHORITY: Final = Text(
    "您所在的机构不颁发这种证照。请核对证照类型。",
    "Your authority does not grant this type of licence. Look at the type again.",
)
PHOTO_NOT_NAMED: Final = Text(
    "附有照片，但申请内容的照片字段为空。请填写照片字段，或不附照片。",
    "There is a photo, but the record's field for it is empty. Fill in that field, or send no "
    "photo.",
)
RECORD: Final = Text("申请内容", "the request")
SIGNED_ONE_BY_ONE: Final = Text(
    "此类证照须由签发人逐份本人签名后才能加盖印章，不能批量颁发。请逐份提出申请。",
    "Licences of that type are each signed in person by their officer before the seal, so that "
    "none is granted by a batch. Ask for each by itself.",
)
SIGNATURE_NEEDED: Final = Text(
    "此类证照须由签发人本人签名后才能加盖印章。请用 xinyin request sign 签名。",
    "A licence of that type is sealed only after its officer signed it in person: xinyin request "
    "sign.",
)
ACKNOWLEDGED_BY_ANOTHER: Final = Text(
    "应急凭据的使用须由他人确认。",
    "A use of the emergency credential is for others to acknowledge.",
)
ENDED_BY_ANOTHER: Final = Text(
    "应急会话须由他人结束；本人可以退出登录。",
    "An emergency is for others to end; whoever is in it signs out.",
)
CHANGED_MEANWHILE: Final = Text(
    "该人员在读取之后已被更改，未作改动。请重新读取后再改。",
    "It was changed since it was read, so nothing was done. Read it again first.",
)
FILTER_UNUSABLE: Final = Text(
    "该筛选条件不可用。可按 userName、externalId、id（eq、ne、co、sw、ew、pr）"
    "和 active（eq、ne、pr）筛选，最多 20 个条件。",
    "That filter cannot be used. Filter by userName, externalId, id (eq, ne, co, sw, ew, pr) and "
    "active (eq, ne, pr), by 20 conditions at most.",
)
NOT_PROVISIONED: Final = Text(
    "此身份服务没有登记过该人员。", "That identity provider recorded nobody of that id."
)
PROVISIONED_ALREADY: Final = Text(
    "该标识或用户名已登记。", "That subject or user name is on record already."
)
PROVISIONED_NAME_INVALID: Final = Text(
    "userName、externalId 各为 1 到 255 个可显示的字符。",
    "userName and externalId have 1 to 255 printable characters each.",
)
LEAVING_UNFINISHED: Final = Text(
    "已停用的身份还有未能结束的事项，系统会自动重试。",
    "Something of an identity that was disabled could not be ended just now; it is tried again.",
)
IDENTIFIER_TO_COME: Final = Text("（签发后生成）", "(made at granting)")
LOGIN_UNUSABLE: Final = Text(
    "账户名须为 1 至 64 个可见字符，不含空格。",
    "An account's name has 1 to 64 visible characters, none of them a space.",
)
NOT_A_LOCAL_IDENTITY: Final = Text(
    "该人员不是本地账户的人员，由其身份服务登录。",
    "That officer has no local account: they sign in with their identity provider.",
)
NO_SUCH_ACCOUNT: Final = Text("没有这个账户。", "There is no such account.")
NUMBER_TO_COME: Final = Text("（签发时编号）", "(given at granting)")
APPROVAL_OF_OTHER_TYPE: Final = Text(
    "提出申请后，证照类型的定义已更改，原批准不再有效。请重新提出申请。",
    "The licence type was changed since this was asked for, so no approval of it counts. Make the "
    "request again.",
)
BASIS_NEEDED: Final = Text(
    "更正、变更或延续已颁发的证照须写明依据（basis）。",
    "Correcting, replacing or renewing granted licences needs a legal basis (basis).",
)
KEY_CONTENT_CHANGED: Final = Text(
    "该申请的内容已不是提出时的内容，不能办理。请联系管理员。",
    "What that request asks for is not what was asked. Nothing is done with it; ask an "
    "administrator.",
)
CONTENT_CHANGED: Final = Text(
    "批量申请的内容与批准的不同，已停止。请重新提出申请。",
    "The batch is not what was approved, so it was stopped. Ask for it again.",
)
JOB_GONE: Final = Text(
    "该批量申请已执行，但任务已不在（登记库已从备份恢复）。请用同一张表重新提出；已颁发的不会重复颁发。",
    "That batch was carried out, but its job is gone: the register was restored from a backup. Ask "
    "for it again with the same sheet; nothing is granted twice.",
)
SAY_CHANGED: Final = Text(
    "请在申请时选定：跳过、更正、变更或延续。",
    "Choose when you ask: skip, correct, replace or renew.",
)
SAY_FURTHER: Final = Text(
    "若是它的变更，请删去该行，对原证照申请变更；确需再颁发一份，请在申请时选定“再发一份”。",
    "If the row is a change of it, take the row out and change that licence; to grant one more, "
    "say so when you ask.",
)
SAY_HIDDEN: Final = Text(
    "请在申请时选定：包括在内，或不包括。", "Choose when you ask: include them, or leave them out."
)
SAY_SHEET: Final = Text(
    "请在申请时写明工作表名称。", "Give the name of the worksheet when you ask."
)
PHOTOS_IN_ARCHIVE: Final = Text(
    "请把照片另存为文件，放在一个 .zip 中一并提交，并在此填写文件名。",
    "Save the photos as files, send them in one .zip beside the sheet, and write the file's name "
    "here.",
)
NOTHING_LEFT: Final = Text("该批量任务没有未办的行。", "That job has no rows left to be granted.")
NO_SUCH_ROW: Final = Text(
    "没有这一行，或其内容不再保存。",
    "There is no such row, or what it said is not kept any more.",
)
NO_ROWS: Final = Text("表中没有可颁发的行。", "The sheet has no rows to grant.")
OTHER_KIND_OF_REQUEST: Final = Text(
    "该申请是另一类申请（颁发、变更或批量），请用对应的操作。",
    "That request is of another kind (a grant, a change, a batch). Use what is made for it.",
)
CA_ELSEWHERE: Final = Text(
    "本服务进程没有签发CA的密钥。请由操作员在签发CA所在处运行 xinyin request carry-out。",
    "This process does not have the CA's key. Let the operator run xinyin request carry-out where "
    "the CA is.",
)
CHALLENGE_NOT_GOOD: Final = Text(
    "登录质询不存在、已用过或已过期。请重新运行 xinyin enrol。",
    "The challenge is unknown, was used, or is too old. Run xinyin enrol again.",
)
ENROLMENT_LAPSED: Final = Text(
    "申领证书的登录已过期，未签发证书。请重新运行 xinyin enrol。",
    "The sign-in for this certificate is too long ago; none was issued. Run xinyin enrol again.",
)
EVIDENCE_UNREADABLE: Final = Text(
    "申领证书的材料无法读取。", "The evidence for this certificate cannot be read."
)
KEY_BEING_CERTIFIED: Final = Text(
    "正在为此密钥签发证书。请稍候再试。",
    "This key is being certified just now. Wait a little before you try again.",
)
KEY_UNREADABLE: Final = Text(
    "公钥无法读取。须为 DER 编码的 SubjectPublicKeyInfo。",
    "The public key cannot be read: it is a SubjectPublicKeyInfo in DER.",
)
LEFT_MEANWHILE: Final = Text(
    "签发期间身份已停用或调离，证书未交付。",
    "The officer was disabled or left meanwhile, so the certificate was not handed out.",
)
NAME_DIFFERS: Final = Text(
    "身份服务给出的姓名与登记的不符，未签发证书。请联系管理员。",
    "The identity provider's name for this person is not the one on record, so no certificate was "
    "issued. Ask an administrator.",
)
NAME_MISSING: Final = Text(
    "身份服务没有给出姓名，不能签发证书。请让管理员为申领证书的客户端开放 name。",
    "The identity provider names nobody, so no certificate can be issued. Let its administrator "
    "give the client for enrolments the claim name.",
)
NOT_AN_OFFICERS_PROFILE: Final = Text(
    "人员只能申领 officer 或 officer-short 证书。",
    "Officers enrol for the profiles officer and officer-short alone.",
)
NOT_A_KEY: Final = Text(
    "该申请不是申请印章或人员证书。",
    "That request is neither for a seal nor for an officer's certificate.",
)
NOT_A_LICENCE: Final = Text("该申请不是申请证照。", "That request is not for a licence.")
NO_SUCH_ENROLMENT: Final = Text("没有这项证书申领。", "There is no such enrolment.")
POSSESSION_NOT_PROVEN: Final = Text(
    "没有证明持有该密钥：其签名与本次申领不符。",
    "It is not proven that you hold this key: its signature is not for this enrolment.",
)
SEAL_HAS_ANOTHER_NAME: Final = Text(
    "该印章已登记为另一名称。换发证书时不要填写名称。",
    "That seal is on record under another name. Leave the name out to have it certified anew.",
)


def reconcile_stopped(*, known: int, gone: int) -> Text:
    return Text(
        f"名单会停用在用的 {known} 人中的 {gone} 人，超过限度，未停用任何人。请核对身份服务的名单；"
        "确属离开的，用 xinyin officer reconcile --most 人数 办理。",
        f"By that list {gone} of {known} people in use would be disabled, which is too many, so "
        "nobody was. Look at the provider's list; if they did leave, use xinyin officer reconcile "
        "--most NUMBER.",
    )


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


def row_content_changed(number: int) -> Text:
    return Text(
        f"第 {number} 行的内容与批准的不同，未颁发。",
        f"Row {number} is not what was approved, so it was not granted.",
    )


def rows_to_mend(count: int) -> Text:
    return Text(
        f"表中有 {count} 处需要更正，未颁发。请逐处更正后重新提交。",
        f"The sheet has {counted(count, 'thing')} to mend; nothing was granted. Mend "
        "them and send it again.",
    )


def too_many_open(most: int) -> Text:
    return Text(
        f"本机构已有 {most} 个未完成的批量任务。请等其中一个完成或取消。",
        f"Your authority has {counted(most, 'job')} under way. Wait for one to finish, or cancel "
        "one.",
    )


def too_many_rows(most: int) -> Text:
    return Text(
        f"一批最多 {most} 行。请拆分表格。",
        f"A batch has {counted(most, 'row')} at most. Split the sheet.",
    )


def too_many_to_export(most: int) -> Text:
    return Text(
        f"符合条件的证照超过 {most} 份，不能一次导出。请缩小范围，或由运维人员在本机导出。",
        f"Too many were found to export at once: the limit is {most}. "
        "Narrow the search, or ask the operator to export them.",
    )


NOTHING_GRANTED: Final = Text("没有颁发记录。", "Nothing was granted.")


def months_described(*, first: str, last: str, count: int, best: str, most: int) -> Text:
    return Text(
        f"{first} 至 {last} 共颁发 {count:,} 份，最多的是 {best}，{most:,} 份。"
        "各月数量见旁边的表格。",
        f"Granted from {first} to {last}: {count:,}; most in {best}: {most:,}. "
        "The table beside it has each month.",
    )
