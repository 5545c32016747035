"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text

CA_ELSEWHERE: Final = Text(
    "本服务进程没有签发CA的密钥。请由操作员在签发CA所在处运行 xinyin request carry-out。",
    "This process does not have the CA's key. Let the operator run xinyin request carry-out where "
    "the CA is.",
)
CHALLENGE_NOT_GOOD: Final = Text(
    "登录质询不存在、已用过或已过期。请重新运行 xinyin enrol。",
    "The challenge is unknown, was used, or is too old. Run xinyin enrol again.",
)
CONTENT_CHANGED: Final = Text(
    "该申请的内容已不是提出时的内容，不能办理。请联系管理员。",
    "What that request asks for is not what was asked. Nothing is done with it; ask an "
    "administrator.",
)
CONTENT_GONE: Final = Text(
    "该申请已结束，其内容不再保存。", "That request has ended, and what it asked for is not kept."
)
ENROLMENT_LAPSED: Final = Text(
    "申领证书的登录已过期，未签发证书。请重新运行 xinyin enrol。",
    "The sign-in for this certificate is too long ago; none was issued. Run xinyin enrol again.",
)
EVIDENCE_UNREADABLE: Final = Text(
    "申领证书的材料无法读取。", "The evidence for this certificate cannot be read."
)
GRANT_UNFINISHED: Final = Text(
    "该申请已执行，但证照未颁发完成，或已作废。请用 xinyin licence list 查看。",
    "That request was carried out, but its licence is not finished yet, or was made void. Look "
    "with xinyin licence list.",
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
NO_DOCUMENT: Final = Text("该证照没有文件。", "That licence has no document.")
NO_SUCH_ENROLMENT: Final = Text("没有这项证书申领。", "There is no such enrolment.")
NOT_YOUR_AUTHORITY: Final = Text(
    "您所在的机构不颁发这种证照。请核对证照类型。",
    "Your authority does not grant this type of licence. Look at the type again.",
)
PHOTO_NOT_NAMED: Final = Text(
    "附有照片，但申请内容的照片字段为空。请填写照片字段，或不附照片。",
    "There is a photo, but the record's field for it is empty. Fill in that field, or send no "
    "photo.",
)
POSSESSION_NOT_PROVEN: Final = Text(
    "没有证明持有该密钥：其签名与本次申领不符。",
    "It is not proven that you hold this key: its signature is not for this enrolment.",
)
SEAL_HAS_ANOTHER_NAME: Final = Text(
    "该印章已登记为另一名称。换发证书时不要填写名称。",
    "That seal is on record under another name. Leave the name out to have it certified anew.",
)
RECORD: Final = Text("申请内容", "the request")
