"""Streams of a foreign file: their encoding kept, or opened where what they hold must be judged.

A word by which a file is read from its end can stand in a stream by chance, where it holds a
picture, or on purpose. Such a stream is wrapped in one more layer of Flate, of blocks that are
stored as they are and cut within each such word. So there is one %%EOF and no signature but ours.
"""

import struct
import zlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.filters import ASCII85Decode, ASCIIHexDecode, FlateDecode
from pyhanko.pdf_utils.misc import PdfReadError

from signing.inspection.objects import target
from signing.intake.writing import OddFileError, end_words, has_end_word

FILTERS = frozenset(
    {
        "/ASCIIHexDecode",
        "/ASCII85Decode",
        "/LZWDecode",
        "/FlateDecode",
        "/RunLengthDecode",
        "/CCITTFaxDecode",
        "/JBIG2Decode",
        "/DCTDecode",
        "/JPXDecode",
    }
)
_BLOCK = 65_535
_MOST_BLOCKS = 100_000
_CLEAR, _END, _FIRST = 256, 257, 258
_WIDEST = 12
_RUN_END = 128
_MOST_LAYERS = 4


class Opener:
    """Decodes streams within a budget for the whole file."""

    def __init__(self, most: int) -> None:
        """Decode at most `most` bytes in all."""
        self._left = most

    def open(self, raw: generic.StreamObject) -> bytes:
        """Return the data that a stream holds. Raises `OddFileError`, `PdfReadError`."""
        data: bytes = raw.encoded_data
        if not data:
            return data
        names, parameters = layers_of(raw)
        for name, given in zip(names, parameters, strict=True):
            data = self._decoded(name, data, given)
        return data

    def _decoded(self, name: str, data: bytes, given: Any) -> bytes:
        most, values = self._left, dict(given) if isinstance(given, dict) else {}
        found: bytes
        match name:
            case "/FlateDecode" if int(values.get("/Predictor", 1)) == 1:
                found = _inflated(data, most)
            case "/FlateDecode":
                found = FlateDecode().decode_bounded(data, values, most)
            case "/ASCIIHexDecode":
                found = ASCIIHexDecode().decode_bounded(data, {}, most)
            case "/ASCII85Decode":
                found = ASCII85Decode().decode_bounded(data, {}, most)
            case "/LZWDecode":
                early = values.get("/EarlyChange", 1)
                if int(values.get("/Predictor", 1)) != 1:
                    raise OddFileError("/LZWDecode")
                found = unlzw(data, int(early), most)
            case "/RunLengthDecode":
                found = _run_lengths(data, most)
            case _:
                raise OddFileError(name)
        self._left -= len(found)
        return found


def layers_of(raw: generic.StreamObject) -> tuple[list[str], list[Any]]:
    """Return a stream's filters and their parameters, one for each. Raises `OddFileError`."""
    names, given = (_listed(raw, key) for key in ("/Filter", "/DecodeParms"))
    if not all(isinstance(one, generic.NameObject) and one in FILTERS for one in names):
        raise OddFileError("/Filter")
    if len(given) > len(names) or len(names) > _MOST_LAYERS:
        raise OddFileError("/DecodeParms")
    return [str(one) for one in names], given + [None] * (len(names) - len(given))


def is_crypt(raw: generic.StreamObject) -> bool:
    """Tell whether a stream is encrypted by itself."""
    return any(one == "/Crypt" for one in _listed(raw, "/Filter"))


def _listed(raw: generic.StreamObject, key: str) -> list[Any]:
    held = dict.get(raw, key)
    if held is None:
        return []
    value = target(held)
    if isinstance(value, generic.NullObject):
        return []
    if isinstance(value, generic.ArrayObject):
        return [target(one) for one in list.__iter__(value)]
    return [value]


def wrapped(data: bytes, *, encoded: bool) -> tuple[bytes, bool]:
    """Return a stream's data without such words, and whether a layer of Flate was added."""
    if encoded and not has_end_word(data):
        return data, False
    packed = zlib.compress(data)
    if has_end_word(packed):
        packed = _stored(data)
    if has_end_word(packed):
        raise OddFileError("a stream that imitates a file's end")
    return packed, True


def _stored(data: bytes) -> bytes:
    """Return Flate data of stored blocks (RFC 1951 3.2.4), each ending within such a word."""
    cuts = {0, len(data), *range(_BLOCK // 2, len(data), _BLOCK // 2)}
    for end in end_words(data):
        cuts.add(end - 2)
        if len(cuts) > _MOST_BLOCKS:
            raise OddFileError("a stream that imitates a file's end")
    places = sorted(cuts)
    output = bytearray(b"\x78\x01")
    for start, stop in pairwise(places):
        output += struct.pack("<BHH", stop == len(data), stop - start, (stop - start) ^ 0xFFFF)
        output += data[start:stop]
    return bytes(output + struct.pack(">I", zlib.adler32(data)))


def _inflated(data: bytes, most: int) -> bytes:
    """Return data that Flate packed; its checksum may be missing, as some makers leave it out."""
    opened = zlib.decompressobj()
    found = opened.decompress(data, most + 1)
    if len(found) > most or opened.unconsumed_tail:
        raise PdfReadError("Flate")
    return found + opened.flush()


def unlzw(data: bytes, early: int, most: int) -> bytes:
    """Return data that LZW packed (ISO 32000-2 7.4.4). Raises `PdfReadError`."""
    table: list[bytes] = []
    output = bytearray()
    bits, held, width = 0, 0, 9
    before = b""
    for byte in data:
        bits, held = (bits << 8) | byte, held + 8
        if held < width:
            continue
        held -= width
        code, bits = bits >> held, bits & ((1 << held) - 1)
        if code == _END:
            break
        if code == _CLEAR:
            table, width, before = [bytes((n,)) for n in range(256)] + [b"", b""], 9, b""
            continue
        if not table:
            table = [bytes((n,)) for n in range(256)] + [b"", b""]
        if code > len(table) or (code == len(table) and not before):
            raise PdfReadError("LZW")
        entry = table[code] if code < len(table) else before + before[:1]
        output += entry
        if len(output) > most:
            raise PdfReadError("LZW")
        if before:
            table.append(before + entry[:1])
        before = entry
        if len(table) + early >= 1 << width and width < _WIDEST:
            width += 1
    return bytes(output)


def _run_lengths(data: bytes, most: int) -> bytes:
    output = bytearray()
    at = 0
    while at < len(data) and data[at] != _RUN_END:
        length = data[at]
        if length < _RUN_END:
            output += data[at + 1 : at + 2 + length]
            at += 2 + length
        else:
            output += data[at + 1 : at + 2] * (257 - length)
            at += 2
        if len(output) > most:
            raise PdfReadError("RunLength")
    return bytes(output)


def filters_written(names: list[str], parameters: list[bytes], name_of: Any) -> Mapping[str, bytes]:
    """Return the entries of a stream's dictionary that say how it is encoded."""
    found = {"/Filter": b"[" + b" ".join(name_of(one) for one in names) + b"]"}
    if any(one != b"null" for one in parameters):
        found["/DecodeParms"] = b"[" + b" ".join(parameters) + b"]"
    return found
