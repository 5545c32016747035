"""Messages of `registry.desk.enrolment` in Chinese and English."""

from typing import Final

from core.text import Text

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
NO_SUCH_ENROLMENT: Final = Text("没有这项证书申领。", "There is no such enrolment.")
POSSESSION_NOT_PROVEN: Final = Text(
    "没有证明持有该密钥：其签名与本次申领不符。",
    "It is not proven that you hold this key: its signature is not for this enrolment.",
)
