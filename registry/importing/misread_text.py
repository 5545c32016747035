"""Texts in other encodings (Big5, Shift-JIS) that GB18030 reads without a fault, as nonsense.

They come out as rare ideographs, kana, Cyrillic letters and private characters, all of two bytes in
GB18030. Texts of any of China's languages hold few of these. EUC-KR and EUC-JP give common
ideographs: they are known by their headings alone.
"""

from collections import Counter
from typing import Final

_FEW: Final = 3
"""Different odd characters that any short text may hold."""
_SHARE: Final = 3
"""One in so many is too many: Big5 and Shift-JIS come to more than half, names to a fiftieth."""
_LETTERS: Final = range(0xA4, 0xA9 + 1)
"""Rows of GB 2312 with kana, Greek, Cyrillic, Bopomofo and box drawing."""
_FIRST_LEVEL: Final = range(0xA1, 0xC6 + 1)
"""Lead bytes of Big5's punctuation and common ideographs."""
_PAIR: Final = 2


def is_misread(text: str) -> bool:
    """Tell whether a text that was read as GB18030 is likely in another encoding."""
    counts = Counter(one for one in text if not one.isascii())
    odd = [count for one, count in counts.items() if _is_odd(one)]
    return len(odd) >= _FEW and sum(odd) * _SHARE > counts.total()


def _is_odd(character: str) -> bool:
    if len(character.encode("gb18030")) != _PAIR:
        return False
    lead = _lead(character, "gb2312")
    if lead is not None:
        return lead in _LETTERS
    return _lead(character, "big5") not in _FIRST_LEVEL


def _lead(character: str, encoding: str) -> int | None:
    try:
        return character.encode(encoding)[0]
    except UnicodeEncodeError:
        return None
