"""Messages of `registry.desk.documents` in Chinese and English."""

from typing import Final

from core.text import Text, counted

NO_SUCH_DRAFT: Final = Text(
    "没有这份待签文件，或已过期。", "There is no such draft, or its time is over."
)
NO_SUCH_FILE: Final = Text(
    "没有这个文件，或其内容不再保存。", "There is no such file, or it is not kept any more."
)
NO_SUCH_PAGE: Final = Text("没有这一页。", "There is no such page.")
NOTHING_HANDED_IN: Final = Text("还没有可以签章的文件。", "No file to be sealed was handed in yet.")
NOT_YET_CLEAN: Final = Text(
    "还有文件须先清理或移除。", "A file has to be cleaned or taken out first."
)
ASKED_ALREADY: Final = Text(
    "这些文件已经提交，不能再改。", "That was asked for already and can be changed no more."
)
OTHER_SAMPLE: Final = Text(
    "内容与所同意的样张不同，未提交。请重新查看样张。",
    "It is not what the sample showed any more, so nothing was asked for. Look at it again.",
)
WISHES_UNUSABLE: Final = Text("签章要求有误。", "The terms of sealing cannot be used.")
ONE_WAY_TO_PLACE: Final = Text(
    "位置只能用坐标、文字、签名域中的一种指定。",
    "Place the seal by a point, by words or by a field: by one of them.",
)
FILE_CHANGED: Final = Text(
    "文件与批准的不同，未签章。", "The file is not what was approved, so it was not sealed."
)
FILE_GONE: Final = Text(
    "文件已不再保存，未签章。", "The file is not kept any more, so it was not sealed."
)
LEFT_FORCE: Final = Text(
    "此前已签章，该文件现已失效，不会再签。确需重签，请填写“重签批次”。",
    "It was sealed before and left force, so that it is not sealed again; to have it sealed anew, "
    "name a batch that seals anew.",
)
SEALED_OTHERWISE: Final = Text(
    "此前已按其他要求签章。需要原文件的，请在公文列表中下载；确需重签，请先撤回原件，再填写“重签批次”。",
    "It was sealed before, on other terms: that is in the list of documents. To have it sealed "
    "anew, withdraw it first, then name a batch that seals anew.",
)


def pages_unseen(number: int) -> Text:
    return Text(
        f"第 {number} 个文件收下时未逐页画成图像，不能批准：请退回，由提交人重新上传。",
        f"Not all pages of file {number} could be drawn when it was handed in, so that it must "
        "not be approved. Reject the request, and have the file handed in again.",
    )


def page_not_shown(page: int, why: Text) -> Text:
    return Text(
        f"第 {page} 页现在无法显示，暂不能批准。{why.zh}",
        f"Page {page} cannot be shown just now, so approving is not offered. {why.en}",
    )


ROUND_IS_OVER: Final = Text(
    "这份公文不在等待会签：已经签齐、被拒绝或被撤回。",
    "This document does not wait for seals: all have sealed it, somebody refused, or it was "
    "withdrawn.",
)
ROUND_OVERDUE: Final = Text(
    "会签期限已过，不能再申请。请与发文机关联系，延长期限。",
    "The last day for sealing has passed, so nothing was asked for. Ask its issuer to move that "
    "day.",
)
SEALED_ALREADY: Final = Text("本机关已在这份公文上盖章。", "Your authority has sealed it already.")
NOT_ASKED: Final = Text(
    "这份公文没有请本机关会签。", "Your authority is not asked to seal this document."
)


def too_many_countersigners(most: int) -> Text:
    return Text(f"会签单位最多 {most} 个。", f"At most {counted(most, 'countersigner')}.")


def not_its_turn(name: str) -> Text:
    return Text(
        f"还没有轮到本机关：先由“{name}”盖章。",
        f"It is not your authority's turn yet: {name} has to seal it first.",
    )


def several_of_yours(ids: list[str]) -> Text:
    return Text(
        f"您所在的多个机关都待盖章，请指明是哪一个：{'、'.join(ids)}。",
        f"Several of your authorities are to seal it; say which one: {', '.join(ids)}.",
    )


def untitled(digest: str) -> Text:
    return Text(f"未命名公文 {digest}", f"Untitled {digest}")


def file_refused(count: int) -> Text:
    return Text(
        f"文件未收下：有 {count} 处内容不能签章。",
        f"The file was not taken: {counted(count, 'thing')} in it cannot be sealed.",
    )


def can_be_cleaned(count: int) -> Text:
    return Text(
        f"文件未收下：有 {count} 处内容不能签章，但可以清理；同意清理的，请再次提交并注明。",
        f"The file was not taken: {counted(count, 'thing')} in it cannot be sealed, but can be "
        "taken out; send it again and say so if you agree.",
    )


def too_many_files(most: int) -> Text:
    return Text(
        f"一次最多 {most} 个文件。", f"At most {counted(most, 'file')} can be handed in at once."
    )


def too_much_at_once(megabytes: int) -> Text:
    return Text(
        f"一次的文件合计不能超过 {megabytes} MB。",
        f"The files of one draft may have {megabytes} MB together.",
    )


def too_much_waiting(megabytes: int) -> Text:
    return Text(
        f"本机构待签的文件已满 {megabytes} MB。请先办理或移除一些。",
        f"Your authority has {megabytes} MB of files waiting. Deal with some, or take them out.",
    )


def too_many_drafts(most: int) -> Text:
    return Text(
        f"您有 {most} 份尚未提交的待签文件。请先提交或移除一些。",
        f"You have {counted(most, 'draft')} that you did not ask for. Ask for some, or take them "
        "out.",
    )
