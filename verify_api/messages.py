"""Messages of `verify_api` in Chinese and English."""

from typing import Final

from core.text import Text

FILE_NOT_FOUND: Final = Text("没有这个文件。", "There is no such file.")
LICENCE_QUERY_EMPTY: Final = Text(
    "请输入证照上印的编号、标识或链接。",
    "Enter the number, identifier or link printed on the licence.",
)
NO_LICENCE_FOR_LINK: Final = Text(
    "本平台没有这个链接对应的证照的登记信息。请检查链接是否完整；若它来自证照上的二维码，请勿"
    "据此办理，并向证照所载颁发机构核实。",
    "No licence is on record for this link. Check that the link is complete; if it came from "
    "the QR code on a licence, do not accept that licence before you have asked the "
    "authority.",
)
NO_REGISTERED_PART: Final = Text(
    "这份文件中没有登记的部分。请选择刚才核验的那份文件。",
    "There is no registered part in this file. Choose the file that you verified.",
)
REQUEST_BODY_INVALID: Final = Text(
    "请求正文不符合接口文档，见 errors。", "The body does not fit the interface; see errors."
)
