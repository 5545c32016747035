"""Messages of `cli.licences.documents` in Chinese and English."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from core.text import Text

ABOUT_TO_SEAL: Final = Text(
    "请打开预览查看。将按上述内容签章并登记。",
    "Look at the preview. It will be sealed and registered as said above.",
)
AGREE: Final = Text(
    "请打开预览查看。印章的位置、大小和文字是否正确，可以签发整个文件夹？",
    "Look at the preview. Are the seal's place and words right, and is the folder to be signed?",
)
KEY_OF_ONE_FILE: Final = Text(
    "--request-key 只用于单个文件。", "--request-key goes with a single file."
)
OTHER_SAMPLE: Final = Text(
    "这个代码不是当前预览的代码：文件夹、印章或签章要求已有变化。请重新查看预览。",
    "That is not the code of this preview: the folder, the seal or the terms are others now. Look "
    "at a new preview.",
)
OUT_NEEDED: Final = Text(
    "请用 --out 指定签发后的文件（或目录）。", "Say with --out where the signed file is to go."
)
YES_OF_ONE_FILE: Final = Text(
    "--yes 只用于单个文件；整个文件夹须先看预览，再加 --agree 代码。",
    "--yes goes with a single file; of a folder, look at the preview and give --agree CODE.",
)
SIGNING: Final = Text("签发", "Signing")
TYPE_NEEDED: Final = Text(
    "请用 --type 指定公文类型（短名或代码）。", "Say with --type which document type it is."
)
BASIS: Final = Text("依据", "Basis")
LICENCE_DOCUMENT_MISSING: Final = Text(
    "该证照尚未颁发完成，没有文件。请先运行 xinyin licence resume。",
    "The licence has no document yet. Run xinyin licence resume first.",
)
NO_MATCHING_DOCUMENT: Final = Text("没有符合条件的公文。", "No document fits.")
VERIFICATION_LINK: Final = Text("核验链接", "Link")
SAMPLE_IS_PICTURE: Final = Text(
    "服务器给出的预览是图像：请给 --sample 一个以 .png 结尾的文件名。",
    "A server's preview is a picture: give --sample a name that ends with .png.",
)


def documents_wait(request_id: str) -> Text:
    return Text(
        f"申请 {request_id} 已提交，尚未签章：由他人批准或签发后，用 xinyin job wait 取回。",
        f"Request {request_id} is made and nothing is sealed yet: once somebody else has approved "
        "or carried it out, fetch the files with xinyin job wait.",
    )


def documents_stopped(job_id: str, why: str) -> Text:
    return Text(
        f"任务 {job_id} 未完成（{why}）；已签章的有效，其余见 xinyin job show。",
        f"Job {job_id} is not done ({why}); what was sealed stands, and xinyin job show has the "
        "rest.",
    )


def agree_with(code: str) -> Text:
    return Text(
        f"尚未签发。确认预览无误后，再执行一次并加 --agree {code}。",
        f"Nothing is signed yet. Once the preview is agreed to, run it again with --agree {code}.",
    )


def changed_since_agreed(path: Path) -> Text:
    return Text(
        f"“{path}”已不是确认预览时的文件，未签发。请重新查看预览并确认。",
        f"“{path}” is not the file that the preview was agreed to with; it is not signed. Look at "
        "a new preview and agree to that.",
    )


ANY_ORDER: Final = Text("会签不分先后。", "They may seal it in any order.")
ROUND_COMPLETE: Final = Text(
    "全部单位已盖章，公文自现在起有效。",
    "All have sealed it: the document is in force from now on.",
)
SEALED_BEFORE: Final = Text(
    "此前已盖章，这次没有再盖。", "It bore that seal before; nothing was sealed now."
)
ALL_SEALED_BEFORE: Final = Text(
    "此前已全部签齐，这次没有再盖。", "All had sealed it before; nothing was sealed now."
)
DAY_UNREADABLE: Final = Text(
    "日期写作 年-月-日，例如 2026-12-31。", "Give the day as year-month-day, such as 2026-12-31."
)
DOCUMENT_OF_FILE_NEEDED: Final = Text(
    "与 --server 同用时，请用 --document 指明是哪份公文。",
    "With --server, name the document with --document.",
)
ROUND_HEADINGS: Final = (
    Text("编号", "number"),
    Text("标题", "title"),
    Text("发文机关", "issued by"),
    Text("等待", "awaited"),
    Text("期限", "last day"),
    Text("标识", "identifier"),
)
ONE_REFUSES: Final = Text(
    "--authority 与 --outside 只用一个。", "Give one of --authority and --outside."
)


def sealing_until(last: date, *, overdue: bool) -> Text:
    if overdue:
        return Text(
            f"会签期限（{last.isoformat()}）已过：请发文机关撤回后重新发起。",
            f"The last day for sealing it, {last.isoformat()}, has passed: its issuer may move "
            "that day, or withdraw it and begin anew.",
        )
    return Text(f"会签期限：{last.isoformat()}。", f"It is to be sealed by {last.isoformat()}.")


def awaited_since(when: str) -> Text:
    return Text(f"自 {when} 起", f"since {when}")


def signs_elsewhere(name: str) -> Text:
    return Text(f"{name}（在外签署）", f"{name} (signs elsewhere)")


def confirm_sealing(*, number: str, title: str, body: str) -> Text:
    whose = f"“{body}”的印章" if body else "印章"
    seal = f"with the seal of {body}" if body else "with the seal that is awaited"
    return Text(
        f"将在公文 {number}《{title}》上加盖{whose}并登记。",
        f"The document {number}, “{title}”, will be sealed {seal}, and registered.",
    )


def day_moved(number: str, day: date) -> Text:
    return Text(
        f"公文 {number} 的会签期限已改为 {day.isoformat()}。",
        f"The document {number} is to be sealed by {day.isoformat()} now.",
    )


def confirm_refusing(*, number: str, title: str) -> Text:
    return Text(
        f"将拒绝会签公文 {number}《{title}》，它不再能生效。",
        f"The document {number}, “{title}”, will be refused and can never come into force.",
    )


def round_refused(number: str) -> Text:
    return Text(
        f"已拒绝会签，公文 {number} 不再生效。",
        f"Refused: the document {number} will not come into force.",
    )


def round_begins(names: list[str]) -> Text:
    return Text(
        f"尚未生效，等待盖章：{'、'.join(names)}。",
        f"Not in force yet: it awaits the seal of {', '.join(names)}.",
    )


def round_goes_on(names: list[str]) -> Text:
    return Text(
        f"已盖章并登记，尚未生效，还差：{'、'.join(names)}。",
        f"Sealed and registered; not in force yet, for want of the seal of {', '.join(names)}.",
    )


def config_unreadable(*, path: Path, why: str) -> Text:
    return Text(f"选项文件“{path}”有误：{why}。", f"The options in “{path}” cannot be used: {why}.")


def confirm_ending(*, number: str, title: str, state: Text) -> Text:
    return Text(
        f"公文 {number}《{title}》将登记为“{state.zh}”。",
        f"The document {number}, “{title}”, will be on record as {state.en}.",
    )


def document_ended(*, number: str, state: Text) -> Text:
    return Text(f"公文 {number} {state.zh}。", f"Document {number}: {state.en}.")


def not_of_documents(named: str) -> Text:
    return Text(
        f"“{named}”不是公文。证照请用 xinyin licence。",
        f"“{named}” is no official document. For licences there is xinyin licence.",
    )


def document_reference(*, number: str, identifier: str) -> Text:
    return Text(
        f"已签发并登记：编号 {number}，标识 {identifier}",
        f"Signed and registered: number {number}, identifier {identifier}",
    )


def fonts_not_embedded(names: str) -> Text:
    return Text(
        f"注意：未嵌入的字体 {names}，在其他电脑上显示可能不同。建议导出时嵌入全部字体。",
        f"Note: fonts that are not embedded ({names}) may look different elsewhere. Embed all "
        "fonts when the file is exported.",
    )


def links_left_out(links: Sequence[Path]) -> Text:
    named = ", ".join(one.name for one in links[:5])
    return Text(
        f"文件夹中的 {len(links)} 个链接不签发（不跟随链接）：{named}",
        f"{len(links)} links of the folder are not followed, and not signed: {named}",
    )


def no_pdf_in(folder: Path) -> Text:
    return Text(f"文件夹“{folder}”中没有 PDF 文件。", f"There is no PDF in “{folder}”.")


def option_unusable(why: str) -> Text:
    return Text(
        f"签章选项有误（{why}）。--at 先写距左边、再写距上边的毫米数，中间加半角逗号；--at、"
        "--keyword、--field 只用一个。",
        f"The options of signing cannot be used ({why}). --at takes millimetres from the left, a "
        "comma, and from the top; give one of --at, --keyword and --field.",
    )


def output_in_the_way(path: Path) -> Text:
    return Text(
        f"“{path}”已存在且内容不同；要覆盖请加 --force。文件已签发并登记。",
        f"“{path}” is there already and differs; --force overwrites it. The document is signed "
        "and registered.",
    )


def sample_written(*, source: Path, path: Path, code: str) -> Text:
    return Text(
        f"“{source}”签章后的样子见预览“{path}”（未签章），代码 {code}。",
        f"“{path}” shows “{source}” as it will look (it is not signed); its code is {code}.",
    )


def taken_out(found: Text) -> Text:
    return Text(f"已清除：{found.zh}", f"Taken out: {found.en}")


def licence_list_truncated(limit: int) -> Text:
    return Text(
        f"只列出了前 {limit} 份；用 --limit 或条件查看其余。",
        f"Shown are only the first {limit}; use --limit or narrow the search.",
    )
