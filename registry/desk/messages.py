"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text

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
SIGNATURE_NEEDED: Final = Text(
    "此类证照须由签发人本人签名后才能加盖印章。请用 xinyin request sign 签名。",
    "A licence of that type is sealed only after its officer signed it in person: xinyin request "
    "sign.",
)
