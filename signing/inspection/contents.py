"""The strict look at a signature's /ByteRange and /Contents.

ISO 32000-1 12.8.1: the byte range covers the whole file except the /Contents string. ETSI EN
319 142-1 5.2: the string is a DER-encoded SignedData, filled up with zeros.
"""

import re
from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from signing.inspection.objects import items
from signing.inspection.objects import raw as raw_entry
from signing.inspection.reader import Gap, SealedReader

_SEQUENCE = 0x30
_LONG_FORM = 0x80
_TAGS = frozenset({_SEQUENCE, 0x04})
"""SEQUENCE (a CMS) and OCTET STRING (adbe.x509.rsa_sha1)."""
_LOWER = re.compile(rb"[a-f]")
_UPPER = re.compile(rb"[A-F]")


@dataclass(frozen=True, slots=True)
class Contents:
    """What /ByteRange and /Contents are, and what is wrong with them."""

    der: bytes
    """The first DER value in /Contents, or empty."""
    covered_length: int
    """Bytes from the start of the file to the end of the covered range, within the file."""
    flaw: str | None
    """Machine code: `byte_range`, `contents_gap`, `contents_der`, `contents_padding`."""
    mixed_case: bool = False
    """The hexadecimal digits are partly capitals: the same bytes, but no writer does that."""


def read_contents(
    reader: SealedReader, reference: generic.Reference | None, dictionary: generic.DictionaryObject
) -> Contents:
    """Judge the frame of one signature."""
    raw = _contents_bytes(dictionary)
    length = _der_length(raw)
    der = raw[:length] if length else b""
    numbers = _byte_range(dictionary)
    size = len(reader.data)
    if numbers is None:
        return Contents(der, 0, "byte_range")
    start, first, second, last = numbers
    end = second + last
    if start != 0 or not 0 < first < second <= end <= size:
        return Contents(der, min(max(end, 0), size), "byte_range")
    gap = reader.gap_of(reference) if reference is not None else None
    digits = reader.data[first:second]
    mixed = _LOWER.search(digits) is not None and _UPPER.search(digits) is not None
    return Contents(der, end, _flaw(raw, length, gap, (first, second)), mixed)


def _flaw(raw: bytes, length: int, gap: Gap | None, expected: Gap) -> str | None:
    if gap != expected:
        return "contents_gap"
    if not length:
        return "contents_der"
    if raw.count(0, length) != len(raw) - length:
        return "contents_padding"
    return None


def _contents_bytes(dictionary: generic.DictionaryObject) -> bytes:
    value = raw_entry(dictionary, "/Contents")
    if isinstance(value, generic.ByteStringObject | generic.TextStringObject):
        return bytes(value.original_bytes)
    return b""


def _byte_range(dictionary: generic.DictionaryObject) -> tuple[int, int, int, int] | None:
    """Return the four numbers of /ByteRange, or None where it is anything else."""
    value = raw_entry(dictionary, "/ByteRange")
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:  # noqa: PLR2004
        return None
    numbers = items(value)
    plain = [int(n) for n in numbers if isinstance(n, generic.NumberObject) and n >= 0]
    if len(plain) != len(numbers):
        return None
    a, b, c, d = plain
    return a, b, c, d


def _der_length(raw: bytes) -> int:
    """Return the length of the CMS at the start of `raw`, or 0 if it is not DER.

    The outer frames (ContentInfo, its explicit tag, SignedData; RFC 5652 3 and 5.1) must fit into
    each other exactly: parsers pass over what stands between.
    """
    outer = _frame(raw, 0)
    if outer is None or raw[0] not in _TAGS:
        return 0
    start, end = outer
    if raw[0] != _SEQUENCE:
        return end
    identifier = _frame(raw, start)
    tagged = _frame(raw, identifier[1]) if identifier else None
    inner = _frame(raw, tagged[0]) if tagged else None
    fits = tagged is not None and inner is not None and tagged[1] == inner[1] == end
    return end if fits else 0


def _frame(raw: bytes, position: int) -> tuple[int, int] | None:
    """Return where a value's contents start and end (X.690 8.1.3, 10.1); None if not DER."""
    head = raw[position : position + 6]
    if len(head) < 2:  # noqa: PLR2004 — tag and length
        return None
    if head[1] < _LONG_FORM:
        start, size = position + 2, head[1]
    else:
        count = head[1] & 0x7F
        length = head[2 : 2 + count]
        size = int.from_bytes(length)
        if not 1 <= count <= 4 or len(length) < count:  # noqa: PLR2004 — up to 4 GiB
            return None
        if size < _LONG_FORM or length[0] == 0:
            return None  # not the shortest form
        start = position + 2 + count
    return (start, start + size) if start + size <= len(raw) else None
