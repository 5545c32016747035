"""DER (ITU-T X.690), written from the inside out and read strictly.

For the two answers whose speed matters, OCSP and timestamps: everything static is encoded once, and
what changes is put around it without decoding anything again.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = b"\x05\x00"
OBJECT_IDENTIFIER = 0x06
ENUMERATED = 0x0A
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31
TRUE = b"\x01\x01\xff"
_LONG_FORM = 0x80
_MAX_LENGTH_OCTETS = 4
"""4 GiB: far above every request that is let in."""
_MULTI_BYTE_TAG = 0x1F


class DerError(ValueError):
    """The bytes are not DER, or not what was expected of them."""


def tlv(tag: int, *contents: bytes) -> bytes:
    """Encode a value: identifier octet, definite length, contents joined."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def context(number: int, *contents: bytes) -> bytes:
    """Encode a constructed context-specific value, such as an EXPLICIT tag."""
    return tlv(0xA0 | number, *contents)


def sequence(*members: bytes) -> bytes:
    """Encode a SEQUENCE."""
    return tlv(SEQUENCE, *members)


def set_of(members: Iterable[bytes]) -> bytes:
    """Encode a SET OF, its members in ascending order (X.690 11.6)."""
    return tlv(SET, *sorted(members))


def integer(value: int) -> bytes:
    """Encode an INTEGER in the fewest octets (X.690 8.3.2)."""
    bits = (value if value >= 0 else ~value).bit_length()
    return tlv(INTEGER, value.to_bytes(bits // 8 + 1, signed=True))


def octets(content: bytes) -> bytes:
    """Encode an OCTET STRING."""
    return tlv(OCTET_STRING, content)


def bits(content: bytes) -> bytes:
    """Encode a BIT STRING of whole octets."""
    return tlv(BIT_STRING, b"\0", content)


def oid(dotted: str) -> bytes:
    """Encode an OBJECT IDENTIFIER from dotted decimal."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, *(_arc(arc) for arc in (first * 40 + second, *rest)))


def _arc(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def generalized_time(instant: datetime, *, milliseconds: bool = False) -> bytes:
    """Encode a GeneralizedTime in UTC; fractions without trailing zeros (X.690 11.7)."""
    instant = instant.astimezone(UTC)
    text = f"{instant:%Y%m%d%H%M%S}"
    if milliseconds and instant.microsecond >= 1000:  # noqa: PLR2004 (microseconds a millisecond)
        text += f".{instant.microsecond // 1000:03}".rstrip("0")
    return tlv(GENERALIZED_TIME, text.encode() + b"Z")


_FIRST_GENERALIZED_YEAR = 2050


def time(instant: datetime) -> bytes:
    """Encode a Time: UTCTime through 2049, GeneralizedTime after (RFC 5280 4.1.2.5)."""
    year, month, day, hour, minute, second, *_ = instant.utctimetuple()
    if year >= _FIRST_GENERALIZED_YEAR:
        return generalized_time(instant)
    # A CRL has as many of these as entries; strftime takes twice as long.
    return b"\x17\x0d%02d%02d%02d%02d%02d%02dZ" % (year % 100, month, day, hour, minute, second)


class Element:
    """One value as it was read; its bytes are copied when they are asked for."""

    __slots__ = ("_body", "_data", "_end", "_start", "tag")

    def __init__(self, tag: int, data: bytes, start: int, body: int, end: int) -> None:
        self.tag = tag
        """The identifier octet."""
        self._data = data
        self._start = start
        self._body = body
        self._end = end

    @property
    def content(self) -> bytes:
        """What is inside."""
        return self._data[self._body : self._end]

    @property
    def encoded(self) -> bytes:
        """With tag and length."""
        return self._data[self._start : self._end]

    def members(self) -> "Reader":
        """Return a reader of what is inside."""
        return Reader(self._data, self._body, self._end)


class Reader:
    """Reads values one after another. Every method raises `DerError`."""

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._position = start
        self._end = len(data) if end is None else end

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._position == self._end

    @property
    def position(self) -> int:
        """Where the next value begins."""
        return self._position

    def next(self, tag: int) -> Element:
        """Read a value that must have this identifier octet."""
        element = self._read()
        if element.tag != tag:
            raise DerError(f"got tag {element.tag:#x}, expected {tag:#x}")
        return element

    def optional(self, tag: int) -> Element | None:
        """Read a value if it has this identifier octet."""
        if self._position == self._end or self._data[self._position] != tag:
            return None
        return self._read()

    def finish(self) -> None:
        """Make sure that nothing follows."""
        if self._position != self._end:
            raise DerError("trailing data")

    def _read(self) -> Element:
        data, start = self._data, self._position
        if self._end - start < 2:  # noqa: PLR2004 (tag and length)
            raise DerError("truncated")
        tag, length = data[start], data[start + 1]
        if tag & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
            raise DerError("tag number above 30")
        body = start + 2
        if length >= _LONG_FORM:
            count = length - _LONG_FORM
            length = int.from_bytes(data[body : min(body + count, self._end)])
            body += count
            # Shortest form only; no indefinite lengths (X.690 10.1).
            minimal = length >= _LONG_FORM and length >> (8 * (count - 1)) if count else False
            if not minimal or count > _MAX_LENGTH_OCTETS:
                raise DerError("length not in its shortest form")
        end = body + length
        if end > self._end:
            raise DerError("truncated")
        self._position = end
        return Element(tag, data, start, body, end)


def read_one(data: bytes, tag: int) -> Element:
    """Read the single value that `data` is. Raises `DerError`."""
    reader = Reader(data)
    element = reader.next(tag)
    reader.finish()
    return element


def read_integer(element: Element) -> int:
    """Return an INTEGER's value. Raises `DerError` unless it is in its shortest form."""
    content = element.content
    padded = len(content) > 1 and (
        (content[0] == 0 and content[1] < _LONG_FORM)
        or (content[0] == 0xFF and content[1] >= _LONG_FORM)  # noqa: PLR2004 (sign octet)
    )
    if not content or padded:
        raise DerError("integer not in its shortest form")
    return int.from_bytes(content, signed=True)


def read_null(algorithm: Reader) -> None:
    """Read a digest algorithm's parameters, NULL or absent (RFC 5754 2), to the end.

    What is read here is echoed in answers: nothing else may ride along. Raises `DerError`.
    """
    null = algorithm.optional(NULL[0])
    if null is not None and null.encoded != NULL:
        raise DerError("parameters where none belong")
    algorithm.finish()
