"""Words on what is to be sealed, before it is."""

from collections.abc import Mapping
from typing import Any

from core.text import Text
from registry.granting.document_orders import ToBeSealed


def to_be_sealed(sealed: ToBeSealed) -> Text:
    told = [(one.name, one.page, one.left, one.top) for one in sealed.others]
    return _with_others(_first_seal(sealed), told)


def _with_others(first: Text, others: list[tuple[str, int, float, float]]) -> Text:
    """Add who is to seal it after, a line for each."""
    if not others:
        return first
    zh = "".join(
        f"\n    {name}：第 {page} 页，中心距左边 {left:.0f} 毫米、距上边 {top:.0f} 毫米"
        for name, page, left, top in others
    )
    en = "".join(
        f"\n    {name}: page {page}, middle {left:.0f} mm from the left and {top:.0f} mm from the "
        "top"
        for name, page, left, top in others
    )
    return Text(f"{first.zh}\n  之后会签：{zh}", f"{first.en}\n  To be sealed then by:{en}")


def _first_seal(sealed: ToBeSealed) -> Text:
    return Text(
        f"  标题：{sealed.title}\n  种类：{sealed.type_name.zh}（编号在签章时给出）\n"
        f"  页数：{sealed.pages}\n  印章：{sealed.seal}（{sealed.authority}）\n"
        f"  位置：第 {sealed.page} 页，中心距左边 {sealed.left:.0f} 毫米、距上边 "
        f"{sealed.top:.0f} 毫米",
        f"  Title: {sealed.title}\n  Kind: {sealed.type_name.en} (the number is given on sealing)\n"
        f"  Pages: {sealed.pages}\n  Seal: {sealed.seal} ({sealed.authority})\n"
        f"  Place: page {sealed.page}, middle {sealed.left:.0f} mm from the left and "
        f"{sealed.top:.0f} mm from the top",
    )


def sealed_there(sample: Mapping[str, Any]) -> Text:
    """Return the facts of a server's sample in words."""
    place = sample["place"]
    others = [
        (str(one["name"]), int(one["page"]), float(one["left_mm"]), float(one["top_mm"]))
        for one in sample.get("countersigners", [])
    ]
    return _with_others(_first_seal_there(sample, place), others)


def _first_seal_there(sample: Mapping[str, Any], place: Mapping[str, Any]) -> Text:
    return Text(
        f"  标题：{sample['title']}\n  页数：{sample['pages']}\n"
        f"  印章：{sample['seal']}（{sample['authority']}）\n"
        f"  位置：第 {place['page']} 页，中心距左边 {place['left_mm']:.0f} 毫米、距上边 "
        f"{place['top_mm']:.0f} 毫米",
        f"  Title: {sample['title']}\n  Pages: {sample['pages']}\n"
        f"  Seal: {sample['seal']} ({sample['authority']})\n"
        f"  Place: page {place['page']}, middle {place['left_mm']:.0f} mm from the left and "
        f"{place['top_mm']:.0f} mm from the top",
    )


def sealing_needs_yes(sealed: ToBeSealed, code: str) -> Text:
    what = to_be_sealed(sealed)
    return Text(
        f"将签章并登记，此操作不能恢复，尚未签发：\n{what.zh}\n确认请加 --yes；先看预览的，用 "
        f"--sample 写出预览，再加 --agree {code}。标题不对的，用 --title 指定。",
        f"Nothing is signed yet; this would be sealed and registered, which cannot be undone:\n"
        f"{what.en}\nAdd --yes to do it; to look first, write a preview with --sample and give "
        f"--agree {code}. Give another title with --title.",
    )
