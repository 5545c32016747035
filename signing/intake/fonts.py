"""Fonts' programs, in the file or not: without one each reader draws its own."""

import zlib
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.looking import entry, items, name_at

_SFNT = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf")
_HEADS = {
    "/FontFile": (b"%!", b"\x80\x01"),
    "/FontFile2": _SFNT,
    "/FontFile3": (b"\x01", *_SFNT),
}
_HEAD_BYTES = 16


def is_held(font: generic.DictionaryObject) -> bool:
    """Tell whether a font's program is there, and looks like one."""
    if name_at(font, "/Subtype") == "/Type0":
        listed = entry(font, "/DescendantFonts")
        return isinstance(listed, generic.ArrayObject) and bool(items(listed))
    found = entry(font, "/FontDescriptor")
    programs = [(entry(found, key), heads) for key, heads in _HEADS.items()]
    return any(_head(one).startswith(heads) for one, heads in programs if one is not None)


def _head(program: Any) -> bytes:
    if not isinstance(program, generic.StreamObject):
        return b""
    data = bytes(program.encoded_data)
    listed = entry(program, "/Filter")
    names = items(listed) if isinstance(listed, generic.ArrayObject) else [listed]
    if names in ([None], []):
        return data[:_HEAD_BYTES]
    if [str(one) for one in names] != ["/FlateDecode"]:
        return b"OTTO" if data else b""  # unusual, and not opened for a note
    try:
        return zlib.decompressobj().decompress(data, _HEAD_BYTES)
    except zlib.error:
        return b""
