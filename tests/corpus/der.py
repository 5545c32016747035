"""DER and BER written by hand, so that what other software writes oddly can be written so."""

from collections.abc import Iterable
from datetime import datetime


def length(count: int) -> bytes:
    """Return the definite length octets (X.690 8.1.3, 10.1)."""
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return an element with a definite length."""
    body = b"".join(parts)
    return bytes([tag]) + length(len(body)) + body


def indefinite(tag: int, *parts: bytes) -> bytes:
    """Return an element with the indefinite length (X.690 8.1.3.6): BER, never DER."""
    return bytes([tag, 0x80]) + b"".join(parts) + b"\x00\x00"


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    """Return a SET OF in DER's order (X.690 11.6)."""
    return tlv(0x31, *sorted(parts))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    octets = bytearray()
    for arc in (first * 40 + second, *rest):
        groups, left = [arc & 0x7F], arc >> 7
        while left:
            groups.append(left & 0x7F | 0x80)
            left >>= 7
        octets += bytes(reversed(groups))
    return tlv(0x06, bytes(octets))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def boolean(*, value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\x00")


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]), value)


def explicit(number: int, *parts: bytes) -> bytes:
    """Return a constructed element of the context class."""
    return tlv(0xA0 | number, *parts)


def utc_time(at: datetime) -> bytes:
    return tlv(0x17, f"{at:%y%m%d%H%M%SZ}".encode())


def general_time(at: datetime) -> bytes:
    return tlv(0x18, f"{at:%Y%m%d%H%M%SZ}".encode())


NULL = b"\x05\x00"


def header(data: bytes) -> tuple[int, int]:
    """Return the lengths of header and content of the element that `data` begins with."""
    first = data[1]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    return 2 + count, int.from_bytes(data[2 : 2 + count], "big")


def content(data: bytes) -> bytes:
    """Return the content of one element with a definite length."""
    start, size = header(data)
    return data[start : start + size]


def elements(data: bytes) -> list[bytes]:
    """Return the elements, one after the other, that `data` holds."""
    found = []
    while data:
        start, size = header(data)
        found.append(data[: start + size])
        data = data[start + size :]
    return found
