"""Measure BER values, and bring them into definite lengths (ITU-T X.690).

RFC 5652 5.1 allows BER for all of a CMS but the signed attributes; ISO 32000-2 12.8.3.3.1 and ETSI
EN 319 142-1 ask for DER. Only what is encoded with an indefinite length (8.1.3.6) or as a string in
pieces (8.7.3.2) is written anew; everything else keeps its bytes, so that what was signed as it
stood is verified as it stands.
"""

from dataclasses import dataclass

_INDEFINITE = 0x80
_LONG_FORM = 0x80
_CONSTRUCTED = 0x20
_TAG_NUMBER = 0x1F
_OCTET_STRING = 0x04
_END = b"\x00\x00"
_MOST_DEPTH = 48
"""A signed timestamp with its certificates nests some 20 deep."""
_MOST_VALUES = 200_000
"""A CRL of 1 MiB holds some 100,000."""
_SHALLOW = 3
"""ContentInfo, its explicit tag, SignedData (RFC 5652 3, 5.1): their lengths must be the shortest
in DER; what lies deeper was encoded by others, such as certificates."""


class BerError(ValueError):
    """The bytes are no BER value, or are beyond what is looked at."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The first value of some bytes."""

    definite: bytes
    """The value with definite lengths throughout."""
    length: int
    """Bytes that it takes as it stands."""
    is_der: bool
    """False: it has indefinite or overlong lengths, or strings in pieces."""


def measure(raw: bytes) -> Measured:
    """Return the value at the start of `raw`. Raises `BerError`."""
    reader = _Reader(raw)
    definite, end = reader.value(0, len(raw), 0)
    return Measured(definite, end, reader.is_der)


def children(value: bytes) -> list[bytes]:
    """Split the contents of a value of definite length. Raises `BerError`."""
    start, end = _bounds(value, 0, len(value))
    if end is None or end != len(value):
        raise BerError("not one value of definite length")
    return split(value[start:])


def split(contents: bytes) -> list[bytes]:
    """Split concatenated values of definite length. Raises `BerError`."""
    found, position = [], 0
    while position < len(contents):
        _, end = _bounds(contents, position, len(contents))
        if end is None:
            raise BerError("indefinite length")
        found.append(contents[position:end])
        position = end
    return found


def header(tag: int, length: int) -> bytes:
    """Return a tag octet and a length in its shortest form (10.1)."""
    if length < _LONG_FORM:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(octets))) + octets


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._values = 0
        self.is_der = True

    def value(self, position: int, limit: int, depth: int) -> tuple[bytes, int]:
        """Return the value at `position` in definite lengths, and where it ends."""
        self._values += 1
        if depth > _MOST_DEPTH or self._values > _MOST_VALUES:
            raise BerError("nested too deep or too many values")
        start, end = _bounds(self._raw, position, limit)
        tag = self._raw[position]
        if end is None:
            return self._indefinite(position, start, limit, depth)
        whole = self._raw[position:end]
        if depth < _SHALLOW and start - position > len(header(tag, end - start)):
            self.is_der = False
        if not tag & _CONSTRUCTED:
            return whole, end
        try:
            pieces = self._pieces(start, end, depth)
        except BerError:
            if depth < _SHALLOW:
                raise
            return whole, end  # no values within; what reads it will say so
        if tag == _OCTET_STRING | _CONSTRUCTED:
            return self._joined(pieces), end
        body = b"".join(pieces)
        if body == self._raw[start:end]:
            return whole, end
        return _retagged(whole, body), end

    def _indefinite(self, position: int, start: int, limit: int, depth: int) -> tuple[bytes, int]:
        self.is_der = False
        pieces, here = [], start
        while self._raw[here : here + 2] != _END:
            piece, here = self.value(here, limit, depth + 1)
            pieces.append(piece)
        if self._raw[position] == _OCTET_STRING | _CONSTRUCTED:
            return self._joined(pieces), here + 2
        return _retagged(self._raw[position:start], b"".join(pieces)), here + 2

    def _pieces(self, start: int, end: int, depth: int) -> list[bytes]:
        pieces, here = [], start
        while here < end:
            piece, here = self.value(here, end, depth + 1)
            pieces.append(piece)
        return pieces

    def _joined(self, pieces: list[bytes]) -> bytes:
        """Return an OCTET STRING in one piece (8.7.3.2)."""
        self.is_der = False
        body = bytearray()
        for piece in pieces:
            if piece[0] != _OCTET_STRING:
                raise BerError("a string of other pieces")
            start, _ = _bounds(piece, 0, len(piece))
            body += piece[start:]
        return header(_OCTET_STRING, len(body)) + body


def _retagged(head: bytes, body: bytes) -> bytes:
    """Return `body` under the identifier octets at the start of `head`."""
    tag = head[: _tag_length(head, 0)]
    return tag[:-1] + header(tag[-1], len(body)) + body


def _tag_length(raw: bytes, position: int) -> int:
    """Return how many identifier octets there are (8.1.2). Raises `BerError`."""
    if raw[position] & _TAG_NUMBER != _TAG_NUMBER:
        return 1
    for count in range(1, 5):
        if position + count >= len(raw):
            break
        if raw[position + count] < _LONG_FORM:
            return count + 1
    raise BerError("no tag")


def _bounds(raw: bytes, position: int, limit: int) -> tuple[int, int | None]:
    """Return start and end of the contents; None as end of an indefinite length (8.1.3)."""
    if position >= limit:
        raise BerError("nothing there")
    start = position + _tag_length(raw, position) + 1
    if start > limit:
        raise BerError("cut off")
    first = raw[start - 1]
    if first == _INDEFINITE:
        if not raw[position] & _CONSTRUCTED:
            raise BerError("a primitive value of indefinite length")
        return start, None
    if first < _LONG_FORM:
        size = first
    else:
        count = first & 0x7F
        octets = raw[start : start + count]
        start += count
        size = int.from_bytes(octets)
        if len(octets) < count or count > 8:  # noqa: PLR2004 — 64 bits
            raise BerError("no length")
    if start + size > limit:
        raise BerError("cut off")
    return start, start + size
