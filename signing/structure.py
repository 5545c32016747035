"""Cheap looks at the raw bytes, before any parser sees them; robust to one flipped bit.

A sealed file bears several independent traces of its signature (/ByteRange, /Type /Sig, the
subfilter), so no single flipped bit can make it pass for a file that never was signed.
"""

import re
from dataclasses import dataclass

from signing.limits import DEFAULT_LIMITS, Limits

HEADER_WINDOW = 1024
"""ISO 32000-1 annex H.3.4, note 13: the header may stand anywhere in the first 1024 bytes."""


_WS = rb"[\x00\t\n\f\r ]*"
_TRACES = re.compile(
    rb"/ByteRange|/Type" + _WS + rb"/(?:Sig|DocTimeStamp)(?![A-Za-z])"
    rb"|/(?:ETSI\.(?:CAdES|RFC3161)|adbe\.(?:pkcs7|x509))"
)
_STRONG = re.compile(rb"/ByteRange|/Type" + _WS + rb"/(?:Sig|DocTimeStamp)(?![A-Za-z])")
_WEAK = re.compile(rb"ByteRange|ETSI\.CAdES|/SigFlags|/FT" + _WS + rb"/Sig(?![A-Za-z])")
_BYTE_RANGE = re.compile(
    rb"/ByteRange" + _WS + rb"\[" + _WS + rb"(\d{1,12})[\x00\t\n\f\r ]+(\d{1,12})"
    rb"[\x00\t\n\f\r ]+(\d{1,12})[\x00\t\n\f\r ]+(\d{1,12})" + _WS + rb"\]"
)
_DOT = rb"(?:\.|\\056)"
"""A dot; some writers escape it in literal strings (ISO 32000-1 table 3)."""
_IDENTIFIER = re.compile(
    rb"(?<![0-9.])"
    + _DOT.join([b"1", b"2", b"156", b"3005", b"2"])
    + rb"(?:"
    + _DOT
    + rb"[0-9A-Z]{1,64}){3,6}"
)
_KEYWORDS = re.compile(rb"/Keywords" + _WS + rb"\(((?:[^()\\]|\\.){0,512})", re.DOTALL)
"""Info /Keywords as a literal string (ISO 32000-1 table 317)."""
_XMP = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"<dc:identifier>([^<\"']{0,512})",
        rb"<pdf:Keywords>([^<\"']{0,512})",
        rb"pdf:Keywords=[\"']([^<\"']{0,512})",
        rb"<dc:subject>(.{0,2048}?)</dc:subject>",
    )
)
"""The same in XMP (ISO 16684-1 8.3; ISO 19005-3 6.6.3). One by one: a pattern that begins with
plain text is looked for ten times as fast as a choice of several."""
_ENCRYPT = re.compile(rb"/Encrypt[\x00\t\n\f\r ]+\d+[\x00\t\n\f\r ]+\d+[\x00\t\n\f\r ]+R")
_MOST_WRITTEN = 64
"""What damaged or hostile bytes may make us keep; the report is bounded again."""
_EOF = re.compile(rb"%%EOF(\r\n|\r|\n)?")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A /ByteRange as it stands in the raw bytes."""

    position: int
    numbers: tuple[int, int, int, int]

    @property
    def gap(self) -> tuple[int, int]:
        """Expected range of the string of /Contents, from `<` to after `>`."""
        return self.numbers[0] + self.numbers[1], self.numbers[2]

    @property
    def end(self) -> int:
        """Bytes from the start of the file to the end of the covered range."""
        return self.numbers[2] + self.numbers[3]


@dataclass(frozen=True, slots=True)
class RawFacts:
    """Findings on the raw bytes."""

    has_header: bool
    traces: bool
    strong_traces: bool
    """/ByteRange or /Type /Sig: a signature dictionary stands or stood here."""
    any_traces: bool
    """Also weaker ones (a signature field, /SigFlags, a licence identifier)."""
    encrypt_reference: bool
    identifiers: tuple[str, ...]
    byte_ranges: tuple[ByteRange, ...]
    revision_ends: tuple[int, ...]
    exceeded: str | None
    """Machine code of the first limit that the bytes exceed."""


def look(data: bytes, limits: Limits = DEFAULT_LIMITS) -> RawFacts:
    """Look at `data` without parsing it; linear in its length."""
    if len(data) > limits.file_bytes:
        return _too_large(data)
    byte_ranges = find_byte_ranges(data)
    identifiers = find_written_identifiers(data)[: limits.identifiers]
    traces = _TRACES.search(data) is not None
    return RawFacts(
        has_header=_has_header(data),
        traces=traces,
        strong_traces=_STRONG.search(data) is not None,
        any_traces=traces or _IDENTIFIER.search(data) is not None or _WEAK.search(data) is not None,
        encrypt_reference=_ENCRYPT.search(data) is not None,
        identifiers=identifiers,
        byte_ranges=byte_ranges[: limits.signatures],
        revision_ends=_revision_ends(data, byte_ranges, limits.revision_ends),
        exceeded=_exceeded(data, byte_ranges, limits),
    )


def find_byte_ranges(data: bytes) -> tuple[ByteRange, ...]:
    """Return every /ByteRange in `data`, in order; linear in its length."""
    return tuple(ByteRange(match.start(), _numbers(match)) for match in _BYTE_RANGE.finditer(data))


def _numbers(match: re.Match[bytes]) -> tuple[int, int, int, int]:
    a, b, c, d = (int(group) for group in match.groups())
    return a, b, c, d


def _has_header(data: bytes) -> bool:
    return data.find(b"%PDF-", 0, HEADER_WINDOW) >= 0


def _too_large(data: bytes) -> RawFacts:
    return RawFacts(_has_header(data), False, False, False, False, (), (), (), "limit_size")


def find_written_identifiers(data: bytes) -> tuple[str, ...]:
    """Return the distinct licence identifiers where our Sealer writes them, in order.

    Those are Info /Keywords and their like in XMP (`signing.sealing.properties`); whoever merely
    cites an identifier, in a text or an annotation, makes no licence of ours.
    """
    found: dict[str, None] = {}
    for pattern in (_KEYWORDS, *_XMP):
        for match in pattern.finditer(data):
            found.update(dict.fromkeys(find_identifiers(match[1])))
            if len(found) > _MOST_WRITTEN:
                return tuple(found)
    return tuple(found)


def find_identifiers(data: bytes) -> tuple[str, ...]:
    """Return distinct licence identifiers (GB/T 36904) as written, in order."""
    found = (match.group().replace(b"\\056", b".") for match in _IDENTIFIER.finditer(data))
    return tuple(dict.fromkeys(one.decode("ascii") for one in found))


def _revision_ends(data: bytes, byte_ranges: tuple[ByteRange, ...], most: int) -> tuple[int, ...]:
    """Return the lengths at which a revision may end: signatures' ends first, then each %%EOF."""
    ends: dict[int, None] = {}
    for byte_range in byte_ranges:
        if 0 < byte_range.end <= len(data):
            ends[byte_range.end] = None
    for match in _EOF.finditer(data):
        ends[match.end()] = None
        ends[match.start() + 5] = None
        if len(ends) >= 2 * most:
            break
    return tuple(sorted(list(ends)[:most]))


def _exceeded(data: bytes, byte_ranges: tuple[ByteRange, ...], limits: Limits) -> str | None:
    """Return the code of the first count that is beyond its limit."""
    if len(byte_ranges) > limits.signatures:
        return "limit_signatures"
    if any(_holds_too_much(data, one, limits.contents_bytes) for one in byte_ranges):
        return "limit_contents"
    for mark in (b"%%EOF", b"startxref", b"trailer"):
        if data.count(mark) > limits.revisions + 1:  # a linearised file has one more
            return "limit_revisions"
    if data.count(b"/FT") > limits.fields:
        return "limit_fields"
    if data.count(b" obj") > limits.objects:
        return "limit_objects"
    return None


def _holds_too_much(data: bytes, byte_range: ByteRange, most: int) -> bool:
    """Tell whether a /Contents string is longer than is read."""
    start, end = byte_range.gap
    return end - start > 2 * most + 2 and end <= len(data) and data[start : start + 1] == b"<"
