"""Messages of `registry.compromise` in Chinese and English."""

from typing import Final

from core.text import Text, counted

COMPROMISE_CASE_UNFINISHED: Final = Text(
    "此印章还有未办完的泄露处置，请先用 --resume 办完。",
    "An earlier case of this seal is unfinished; go on with it by --resume.",
)


def basis_required(max_characters: int) -> Text:
    return Text(
        f"须写明依据（1 到 {max_characters} 字）。",
        f"State the basis (1 to {counted(max_characters, 'character')}).",
    )
