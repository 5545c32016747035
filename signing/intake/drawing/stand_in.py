"""A typeface that PDFium draws with where a file does not hold its own: ours, from memory.

Chinese offices hand in files whose typefaces are expected on every machine. Where nothing may be
opened PDFium would draw nothing for them, and no word of such a file would be seen.
"""

import ctypes
from importlib.resources import files
from typing import Any

from pypdfium2 import raw

_FACE = "NotoSerifSC-Regular.ttf"
_WHOLE = 0
"""The table that stands for all of a font's data."""
_VERSION = 1
_KEPT: list[Any] = []
"""What native code refers to for as long as the process runs."""


def use_stand_in() -> None:
    """Have PDFium ask for no font of the system's, in the whole process."""
    if _KEPT:
        return
    data = (files("signing") / "fonts" / _FACE).read_bytes()
    kinds: dict[str, Any] = dict(raw.FPDF_SYSFONTINFO._fields_)

    def font_data(_info: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
        if table != _WHOLE:
            return 0
        if buffer and size >= len(data):
            ctypes.memmove(buffer, data, len(data))
        return len(data)

    calls = {
        "Release": lambda _info: None,
        "EnumFonts": lambda _info, _mapper: None,
        "MapFont": lambda *_asked: 1,
        "GetFont": lambda *_asked: 1,
        "GetFontData": font_data,
        "GetFaceName": lambda *_asked: 0,
        "GetFontCharset": lambda *_asked: 134,  # GB 2312
        "DeleteFont": lambda *_asked: None,
    }
    info = raw.FPDF_SYSFONTINFO(version=_VERSION)
    for name, call in calls.items():
        held = kinds[name](call)
        _KEPT.append(held)
        setattr(info, name, held)
    _KEPT.append(info)
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))
