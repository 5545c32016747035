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
PAPER_OR_VERSION: Final = Text(
    "为原证照换发的新版本，不能同时取代纸质证照。请删去纸质证照编号。",
    "A new version takes the place of the licence before, and of none on paper. Leave out the "
    "number of the licence on paper.",
)
RECORD: Final = Text("申请内容", "the request")
SIGNATURE_NEEDED: Final = Text(
    "此类证照须由签发人本人签名后才能加盖印章。请用 xinyin request sign 签名。",
    "A licence of that type is sealed only after its officer signed it in person: xinyin request "
    "sign.",
)
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
SAY_CODES_COMPARED: Final = Text(
    "请对照原件：不符的，重新填写；各行都相符的，在申请时勾选“已对照原件”。",
    "Compare it with the original and correct it; where every such row is right, tick “compared "
    "with the originals” when you ask.",
)
SAY_SHEET: Final = Text(
    "请在申请时写明工作表名称。", "Give the name of the worksheet when you ask."
)
PHOTOS_IN_ARCHIVE: Final = Text(
    "请把照片另存为文件，放在一个 .zip 中一并提交，并在此填写文件名。",
    "Save the photos as files, send them in one .zip beside the sheet, and write the file's name "
    "here.",
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
NOT_A_KEY: Final = Text(
    "该申请不是申请印章或人员证书。",
    "That request is neither for a seal nor for an officer's certificate.",
)
NOT_A_LICENCE: Final = Text("该申请不是申请证照。", "That request is not for a licence.")
SEAL_HAS_ANOTHER_NAME: Final = Text(
    "该印章已登记为另一名称。换发证书时不要填写名称。",
    "That seal is on record under another name. Leave the name out to have it certified anew.",
)
NO_PHOTO_TO_KEEP: Final = Text(
    "没有可以沿用的照片：原证照没有照片，或另给了一张。",
    "There is no photo to keep: the licence has none, or another one is given.",
)


def rows_to_mend(count: int) -> Text:
    return Text(
        f"表中有 {count} 处需要更正，未颁发。请逐处更正后重新提交。",
        f"The sheet has {counted(count, 'thing')} to mend; nothing was granted. Mend "
        "them and send it again.",
    )


def too_many_rows(rows: int, most: int) -> Text:
    return Text(
        f"表中有 {rows:,} 行，一批最多 {most:,} 行。"
        "请拆成几张表，每张各提一次申请；也可请管理员在服务器上办理整张表。",
        f"Rows of the sheet: {rows:,}; of a batch: {most:,} at most. Split the sheet into several "
        "and send each by itself, or have the operator grant the whole sheet on the server.",
    )
