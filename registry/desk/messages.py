"""Messages of `registry.desk` in Chinese and English."""

from typing import Final

from core.text import Text

CONTENT_GONE: Final = Text(
    "该申请已结束，其内容不再保存。", "That request has ended, and what it asked for is not kept."
)
GRANT_UNFINISHED: Final = Text(
    "该申请已执行，但证照未颁发完成，或已作废。请用 xinyin licence list 查看。",
    "That request was carried out, but its licence is not finished yet, or was made void. Look "
    "with xinyin licence list.",
)
IDENTIFIER_TO_COME: Final = Text("（签发后生成）", "(made at granting)")
NO_DOCUMENT: Final = Text("该证照没有文件。", "That licence has no document.")
NOT_YOUR_AUTHORITY: Final = Text(
    "您所在的机构不颁发这种证照。请核对证照类型。",
    "Your authority does not grant this type of licence. Look at the type again.",
)
NUMBER_TO_COME: Final = Text("（签发时编号）", "(given at granting)")
PHOTO_NOT_NAMED: Final = Text(
    "附有照片，但申请内容的照片字段为空。请填写照片字段，或不附照片。",
    "There is a photo, but the record's field for it is empty. Fill in that field, or send no "
    "photo.",
)
RECORD: Final = Text("申请内容", "the request")
