"""DER (ITU-T X.690), written from the inside out; `ca.encoding.reading` reads it.

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
