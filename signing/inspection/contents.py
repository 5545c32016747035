"""The strict look at a signature's /ByteRange and /Contents.

ISO 32000-1 12.8.1: the byte range covers the whole file except the /Contents string. ETSI EN
319 142-1 5.2: the string is a DER-encoded SignedData, filled up with zeros.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils import generic
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from signing.inspection.ber import BerError, children, measure
from signing.inspection.objects import items, raw, target
from signing.inspection.reader import SealedReader

_SEQUENCE = 0x30
_LOWER = re.compile(rb"[a-f]")
_UPPER = re.compile(rb"[A-F]")
_HEX_STRING = re.compile(rb"<[0-9A-Fa-f\x00\t\n\f\r ]*>")
_WHITE_SPACE = b"\x00\t\n\f\r "
_OBJECT = re.compile(rb"\bobj\b|\bstream\b|\btrailer\b|\bstartxref\b")
Range = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """/ByteRange and /Contents of a signature, and their faults."""

    raw: bytes
    """The first value in /Contents as it stands, or empty where there is none."""
    der: bytes
    """The same with definite lengths throughout."""
    numbers: Range | None
    """/ByteRange, where it is four plain numbers."""
    covered_length: int
    """Bytes from the start of the file to the end of the covered range, within the file."""
    flaw: str | None = None
    """Machine code: `byte_range`, `contents_gap`, `malformed_signature`."""
    notes: frozenset[str] = frozenset()
    """What is odd and harmless: `cms_ber`, `contents_rest`, `contents_brackets`,
    `contents_spaced`."""
    hidden: bool = False
    """Between the covered bytes stand objects beside /Contents: nobody signed them."""
    mixed_case: bool = False
    """The hexadecimal digits are partly capitals: the same bytes, but no writer does that."""

    def digest_of(self, data: bytes) -> Callable[[str], bytes]:
        """Return the function that computes the digest of the covered bytes of the file `data`."""
        found: dict[str, bytes] = {}

        def compute(name: str) -> bytes:
            if name not in found:
                assert self.numbers is not None
                start, first, second, last = self.numbers
                hasher = hashes.Hash(get_pyca_cryptography_hash(name))
                view = memoryview(data)
                hasher.update(view[start : start + first])
                hasher.update(view[second : second + last])
                found[name] = hasher.finalize()
            return found[name]

        return compute


def contents_bytes(dictionary: generic.DictionaryObject) -> bytes:
    """Return the string in /Contents, never decrypted (ISO 32000-1 7.6.1); empty if none is."""
    if "/Contents" not in dictionary:
        return b""
    value = dictionary.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if isinstance(value, generic.IndirectObject):
        value = target(value)
    if isinstance(value, generic.ByteStringObject | generic.TextStringObject):
        return bytes(value.original_bytes)
    return b""


def read_contents(
    reader: SealedReader, reference: generic.Reference | None, dictionary: generic.DictionaryObject
) -> Contents:
    """Judge the frame of one signature."""
    string = contents_bytes(dictionary)
    value, der, flaw, notes = _cms(string)
    numbers = _byte_range(dictionary)
    size = len(reader.data)
    if numbers is None:
        return Contents(value, der, None, 0, "byte_range", notes)
    start, first, second, last = numbers
    end = second + last
    if start != 0 or not 0 < first < second <= end <= size:
        return Contents(value, der, numbers, min(end, size), "byte_range", notes)
    gap = reader.data[first:second]
    known = reader.gap_of(reference) if reference is not None else None
    mixed = _LOWER.search(gap) is not None and _UPPER.search(gap) is not None
    if known != (first, second):
        how = _string_in(reader.data, first, second, string)
        if how is None:
            hidden = _OBJECT.search(gap) is not None
            return Contents(value, der, numbers, end, "contents_gap", notes, hidden)
        notes |= how
    return Contents(value, der, numbers, end, flaw, notes, mixed_case=mixed)


def _string_in(data: bytes, first: int, second: int, string: bytes) -> frozenset[str] | None:
    """Return notes where the bytes left out are the string and no more; None where they are not.

    For what the quick reader does not know: a direct dictionary, an encrypted file, white space
    within the string or around it, or brackets that were signed along.
    """
    gap, notes = data[first:second], frozenset[str]()
    if data[first - 1 : first] == b"<" and data[second : second + 1] == b">":
        gap, notes = b"<" + gap + b">", frozenset({"contents_brackets"})
    gap = gap.strip(_WHITE_SPACE)
    if _HEX_STRING.fullmatch(gap) is None:
        return None
    digits = gap[1:-1].translate(None, _WHITE_SPACE)
    if len(digits) < len(gap) - 2:
        notes |= {"contents_spaced"}
    digits += b"0" * (len(digits) % 2)
    return notes if bytes.fromhex(digits.decode("ascii")) == string else None


def _cms(string: bytes) -> tuple[bytes, bytes, str | None, frozenset[str]]:
    """Return the CMS as it stands and in definite lengths, its flaw, and notes."""
    try:
        found = measure(string)
        if not _frames_fit(found.definite):
            return b"", b"", "malformed_signature", frozenset()
    except (BerError, IndexError):
        return b"", b"", "malformed_signature", frozenset()
    notes = set()
    if not found.is_der:
        notes.add("cms_ber")
    if string.count(0, found.length) != len(string) - found.length:
        notes.add("contents_rest")
    return string[: found.length], found.definite, None, frozenset(notes)


def _frames_fit(definite: bytes) -> bool:
    """Tell whether the outer frames (ContentInfo, its explicit tag, SignedData; RFC 5652 3 and 5.1)
    fit into each other exactly: parsers pass over what stands between.
    """
    if definite[0] != _SEQUENCE:
        return True  # adbe.x509.rsa_sha1 holds an OCTET STRING
    outer = children(definite)
    return len(outer) == 2 and len(children(outer[1])) == 1  # noqa: PLR2004 — type and content


def _byte_range(dictionary: generic.DictionaryObject) -> Range | None:
    """Return the four numbers of /ByteRange, or None where it is anything else."""
    value = raw(dictionary, "/ByteRange")
    if isinstance(value, generic.IndirectObject):
        value = target(value)
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:  # noqa: PLR2004
        return None
    numbers = items(value)
    plain = [int(n) for n in numbers if isinstance(n, generic.NumberObject) and n >= 0]
    if len(plain) != len(numbers):
        return None
    a, b, c, d = plain
    return a, b, c, d
