"""Messages of `registry.answers` in Chinese and English."""

from datetime import date
from typing import Final

from core.text import Text, counted

FILE_NOT_PDF: Final = Text(
    "这不是 PDF 文件。请选择颁发机构发出的 PDF 文件；只有照片或纸质证照的，请扫描证照上的二维"
    "码，或按编号查询。",
    "This is not a PDF file. Choose the PDF that the authority gave out; if you have a photo "
    "or paper only, scan the QR code on it or look its number up.",
)
NUMBER_LOOKUP_FORBIDDEN: Final = Text(
    "此类证照的编号含有个人信息，不能按编号或标识查询。请扫描证照上的二维码或上传 PDF 文件。",
    "Numbers of this kind hold personal data, so neither they nor identifiers can be "
    "searched. Scan the licence's QR code or upload its PDF.",
)
PDF_DAMAGED: Final = Text(
    "PDF 文件已损坏，无法读取。请重新下载，或请对方重新提供。",
    "The PDF file is damaged and cannot be read. Download it again or ask for it again.",
)
PDF_ENCRYPTED: Final = Text(
    "文件已加密，须输入口令才能打开，无法核验。请提供不需要口令的原始 PDF 文件。",
    "The file is encrypted and needs a password, so it cannot be checked. Provide the "
    "original PDF, one that opens without.",
)
COMPARE_IN_HAND: Final = Text("请与手中的证照比对。", "Compare it with the licence in your hands.")


def field_not_public(*, field_label: Text, field_name: str) -> Text:
    return Text(
        f"“{field_label.zh}”不是公开信息，不能核验。请去掉 {field_name} 后重试。",
        f"“{field_label.en}” is not public and cannot be verified. Leave {field_name} out.",
    )


def licence_details_match(standing: Text) -> Text:
    return Text(f"信息一致，证照{standing.zh}。", f"Correct, and {standing.en}.")


def licence_number_ambiguous(identifiers: str) -> Text:
    return Text(
        f"此编号有多份证照，请用证照标识指明：{identifiers}。",
        f"Several records bear that number; name one by its identifier: {identifiers}.",
    )


def use_cause_required(max_characters: int) -> Text:
    return Text(
        f"须写明用途（use_cause，1 到 {max_characters} 字）。",
        f"State why you ask (use_cause, 1 to {counted(max_characters, 'character')}).",
    )


def taken_over_on(day: date, authority: str) -> Text:
    return Text(
        f"接收入库日期：{day}。颁发机构：{authority}。",
        f"Recorded on {day}. Authority: {authority}.",
    )


def contents_erased(day: date, *, by_rule: bool) -> Text:
    """Say that a licence was granted here and what it said was erased."""
    why = (
        Text("按照该类证照的留存期限", "under the retention rule of its type")
        if by_rule
        else Text("依照决定", "by a decision")
    )
    return Text(
        f"这份证照确由本平台颁发，其内容已于 {day.isoformat()} {why.zh}删除，"
        "只保留编号、状态和摘要值。",
        f"It was issued here; its contents were erased on {day.isoformat()} {why.en}, and only its "
        "number, state and digests are kept.",
    )
