"""Inline images of a content: where they end, if all readers agree on it (ISO 32000-2 8.9.7).

Some readers look for the word that ends one, others count or decode its bytes. Where these would
not meet, what one takes for a picture another draws.
"""

import re
import zlib
from dataclasses import dataclass

from signing.intake.writing import OddFileError

_BLANK = b"\x00\t\n\f\r "
_PART = re.compile(
    rb"[\x00\t\n\f\r ]*(?:(?P<key>/[^\x00\t\n\f\r ()<>\[\]{}/%]+)|(?P<array>\[[^\[\]()%]*\])"
    rb"|(?P<dictionary><<[^<>()%]*>>)|(?P<data>ID[\x00\t\n\f\r ])"
    rb"|(?P<value>[^\x00\t\n\f\r ()<>\[\]{}/%]+))"
)
_END = re.compile(rb"[\x00\t\n\f\r ]EI(?=[\x00\t\n\f\r ]|\Z)")
_FLATE = frozenset({b"/Fl", b"/FlateDecode"})
_ASCII = {b"/A85": b"~>", b"/ASCII85Decode": b"~>", b"/AHx": b">", b"/ASCIIHexDecode": b">"}
_RUNS = frozenset({b"/RL", b"/RunLengthDecode"})
_RUN_END = 128
_COMPONENTS = {
    b"/G": 1, b"/DeviceGray": 1, b"/RGB": 3, b"/DeviceRGB": 3, b"/CMYK": 4, b"/DeviceCMYK": 4,
}  # fmt: skip
_LONG = {b"/W": b"/Width", b"/H": b"/Height", b"/BPC": b"/BitsPerComponent", b"/F": b"/Filter",
         b"/CS": b"/ColorSpace", b"/IM": b"/ImageMask", b"/L": b"/Length"}  # fmt: skip
_MOST_KEYS = 24
_MOST_BYTES = 4 * 1024 * 1024
_MOST_DECODED = 64 * 1024 * 1024


@dataclass(slots=True)
class InlineImages:
    """Inline images of one content so far."""

    count: int = 0
    ends: int = 0
    """Of words that end one, wherever they stand."""
    unsure: bool = False
    """Of one of them it is not known where it ends, but for the word: a reader that decodes it may
    go on beyond, so nothing that draws may follow."""

    colour: bytes = b""
    """The colour space of the last one, as it is written."""

    def check(self, data: bytes) -> None:
        """Look at a stream that was read. Raises `OddFileError` where readers may differ."""
        if self.count:
            self.ends += len(_END.findall(data))
        if self.unsure and (self.count > 1 or self.ends > 1):
            raise OddFileError("inline images")


def after_inline_image(data: bytes, at: int, images: InlineImages) -> int:
    """Return the end of an image whose dictionary begins at `at`. Raises `OddFileError`."""
    entries, start = _entries(data, at)
    images.count += 1
    images.colour = entries.get(b"/ColorSpace", b"")
    end = _END.search(data, start - 1)
    if end is None:
        raise OddFileError("an inline image")
    stop = _stop(data, start, entries)
    told = entries.get(b"/Length")
    if told is not None and told != b"%d" % ((end.start() if stop is None else stop) - start):
        raise OddFileError("an inline image")
    if stop is None:
        images.unsure = True
    elif end.start() < stop - 1 or data[stop : end.start()].strip(_BLANK):
        raise OddFileError("an inline image")
    return end.end()


def _entries(data: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Return an image's dictionary, keys in their long form, and where its data begins."""
    found: dict[bytes, bytes] = {}
    key: bytes | None = None
    for _ in range(2 * _MOST_KEYS):
        part = _PART.match(data, at)
        if part is None:
            break
        at = part.end()
        if part["data"] and key is None:
            return found, at
        whole = part[0].strip(_BLANK)
        if key is None:
            key = _LONG.get(whole, whole)
            if not part["key"] or key in found:
                break
        else:
            found[key], key = whole, None
    raise OddFileError("an inline image")


def _stop(data: bytes, start: int, entries: dict[bytes, bytes]) -> int | None:
    """Return the end of an image's data by itself; None where only decoding would tell."""
    names = re.findall(rb"/[^\x00\t\n\f\r /\[\]]+", entries.get(b"/Filter", b""))
    if not names:
        return _counted(start, entries)
    if names[0] in _ASCII:
        mark = _ASCII[names[0]]
        found = data.find(mark, start)
        return found + len(mark) if found >= 0 else None
    if names[0] in _RUNS:
        return _after_runs(data, start)
    return _inflated(data, start) if names[0] in _FLATE else None


def _after_runs(data: bytes, at: int) -> int | None:
    while at < len(data) and data[at] != _RUN_END:
        at += data[at] + 2 if data[at] < _RUN_END else 2
    return at + 1 if at < len(data) else None


def _counted(start: int, entries: dict[bytes, bytes]) -> int | None:
    try:
        wide, high = int(entries[b"/Width"]), int(entries[b"/Height"])
        if entries.get(b"/ImageMask") == b"true":
            bits = 1
        else:
            colours = _COMPONENTS.get(entries[b"/ColorSpace"], 0)
            bits = int(entries[b"/BitsPerComponent"]) * colours
    except (KeyError, ValueError):
        return None
    return start + (wide * bits + 7) // 8 * high if bits > 0 < wide and high > 0 else None


def _inflated(data: bytes, start: int) -> int | None:
    opened = zlib.decompressobj()
    held = data[start : start + _MOST_BYTES]
    left, decoded = held, 0
    try:
        while not opened.eof and decoded <= _MOST_DECODED:
            found = opened.decompress(left, _MOST_BYTES)
            left, decoded = opened.unconsumed_tail, decoded + len(found)
            if not found and not left:
                break
    except zlib.error as error:
        raise OddFileError("an inline image") from error
    return start + len(held) - len(opened.unused_data) if opened.eof else None
