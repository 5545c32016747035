"""Words of this room."""

from typing import Final

from core.text import Text

IN_FORCE: Final = Text(
    "证照仍有效或尚未办结，内容不能删除。请在其失效后再办。",
    "The licence is in force or its grant is not finished, so its contents cannot be erased. Do it "
    "once it has ended.",
)
BASIS_REQUIRED: Final = Text("请写明依据（500 字以内）。", "Say on what basis, in 500 characters.")
ALREADY_ERASED: Final = Text(
    "这份证照的内容已经删除。", "The contents of this licence were erased already."
)
NOTHING_LEFT_TO_CORRECT: Final = Text(
    "这份证照的内容已经删除，不再更正。",
    "The contents of this licence were erased; nothing is left to correct.",
)
NOT_TAKEN_OVER: Final = Text(
    "没有接收入库过这份证照。", "No licence was taken over under that name."
)
HOLD_UNCHANGED: Final = Text(
    "没有变化：请检查这份证照是否已在保全中，或已解除。",
    "Nothing to change: see whether the licence is on hold already, or no longer.",
)


def on_hold(basis: str) -> Text:
    return Text(
        f"这份证照正在保全（{basis}），内容不能删除。解除：xinyin licence hold --lift。",
        f"The licence is on hold ({basis}), so its contents must not be erased. To end that: "
        "xinyin licence hold --lift.",
    )
