"""A PDF file of one revision, put together object by object (ISO 32000-1 7.5)."""

_HEADER = b"%PDF-1.7\n%\xc2\xa5\xc2\xb1\xc3\xab\n"
"""PDF/A-3 is 1.7 (ISO 19005-3 6.1.2), and a sealed file cannot be raised later. The comment marks
the file as binary (7.5.2)."""


class PdfFile:
    """Objects by number, from 1 on; all of generation 0."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        """Return the number of an object that `put` will fill."""
        self._objects.append(b"")
        return len(self._objects)

    def put(self, number: int, content: bytes | str) -> None:
        """Fill an object."""
        self._objects[number - 1] = content.encode() if isinstance(content, str) else content

    def add(self, content: bytes | str) -> int:
        """Add an object; return its number."""
        self._objects.append(content.encode() if isinstance(content, str) else content)
        return len(self._objects)

    def write(self, root: int, info: int, identifier: bytes) -> bytes:
        """Return the file; `identifier` becomes both halves of /ID (14.4)."""
        parts, place = [_HEADER], len(_HEADER)
        table = [b"0000000000 65535 f \n"]
        for number, content in enumerate(self._objects, start=1):
            assert content, f"object {number} was never filled"
            piece = b"%d 0 obj\n%b\nendobj\n" % (number, content)
            table.append(b"%010d 00000 n \n" % place)
            parts.append(piece)
            place += len(piece)
        digits = identifier.hex().encode()
        parts += (
            b"xref\n0 %d\n" % len(table),
            *table,
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [ <%b> <%b> ] >>\n"
            % (len(table), root, info, digits, digits),
            b"startxref\n%d\n%%%%EOF\n" % place,
        )
        return b"".join(parts)
