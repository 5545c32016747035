"""Values written byte for byte (ISO 32000-2 7.3), and names read so that this is possible.

pyHanko decodes a name's bytes and encodes them again otherwise: two names become one, one becomes
another. Here each byte of a name is one character, and is written as one character or as `#` with
two digits. A name that holds a control character is refused: no honest one does, and readers differ
about them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

HEADER = b"%PDF-1.7\n%\xc2\xa5\xc2\xb1\xc3\xab\n"
_END_WORDS = (b"%%EOF", b"/ByteRange", b"startxref", b"endobj", b"/Contents <")
_OBJECT = re.compile(rb"[0-9][\x00\t\n\f\r ]+\Z|\A[\x00\t\n\f\r ]*\Z")
_WORD_FOLLOWS = re.compile(rb"[A-Za-z0-9]")
_LOOK_BACK = 64
_REGULAR = frozenset(range(0x21, 0x7F)) - frozenset(b"#()<>[]{}/%")
_LONGEST_NAME = 255
_LARGEST = 2**31
_LONGEST_NUMBER = 40
_ESCAPED = re.compile(rb"[^A-Za-z0-9 ]")
_ANY = re.compile(rb".", re.DOTALL)


class OddFileError(PdfReadError):
    """The file holds something that readers understand differently."""


class _Refusing:
    """Stands for a log in which pyHanko notes that a dictionary has a key twice."""

    @staticmethod
    def warning(*_said: object) -> None:
        """Refuse it: of two values readers take one or the other."""
        raise OddFileError("a key that stands twice")


@contextmanager
def exact_reading() -> Iterator[None]:
    """Have pyHanko read names byte for byte, and no key twice.

    It holds in the whole process, which is a fork of one file's own.
    """
    ours = {"_decode_name": read_name, "logger": _Refusing}
    usual = {name: vars(generic)[name] for name in ours}
    vars(generic).update(ours)
    try:
        yield
    finally:
        vars(generic).update(usual)


def read_name(written: bytes) -> generic.NameObject:
    """Return a name, its bytes given without the solidus, byte for byte. Raises `OddFileError`."""
    read = re.sub(rb"#(.{0,2})", _unescaped, written, flags=re.DOTALL)
    if len(read) > _LONGEST_NAME or any(one < 0x20 or one == 0x7F for one in read):  # noqa: PLR2004
        raise OddFileError("a name")
    return generic.NameObject("/" + read.decode("latin-1"))


def _unescaped(found: re.Match[bytes]) -> bytes:
    if not re.fullmatch(rb"[0-9A-Fa-f]{2}", found[1]):
        raise OddFileError("a name")
    return bytes.fromhex(found[1].decode())


def end_words(data: bytes) -> Iterator[int]:
    """Yield the ends of words by which a file is read from its end, or a signature is found."""
    for word in (*_END_WORDS, b"obj"):
        at = data.find(word)
        while at >= 0:
            end = at + len(word)
            if word != b"obj" or (
                _OBJECT.search(data[max(0, at - _LOOK_BACK) : at])
                and not _WORD_FOLLOWS.match(data, end)
            ):
                yield end
            at = data.find(word, end)


def has_end_word(data: bytes) -> bool:
    """Tell whether there is such a word."""
    return next(end_words(data), None) is not None


def name_of(text: str) -> bytes:
    """Return a name, read as above, as it is written."""
    held = text[1:].encode("latin-1")
    hide = has_end_word(b"/" + held)
    return b"/" + b"".join(
        bytes((one,)) if one in _REGULAR and not (hide and n == 0) else b"#%02X" % one
        for n, one in enumerate(held)
    )


def shown_name(text: str) -> str:
    """Return a name as people read it."""
    held = text.encode("latin-1", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return held.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text


def string_of(value: Any) -> bytes:
    """Return a string with the bytes that it had."""
    held = bytes(value.original_bytes)
    if has_end_word(held):
        return b"(" + _ANY.sub(_octal, held) + b")"
    return b"(" + _ESCAPED.sub(_octal, held) + b")"


def _octal(found: re.Match[bytes]) -> bytes:
    return b"\\%03o" % found[0][0]


def number_of(value: Any, places: int | None = None) -> bytes:
    """Return a number without an exponent; rounded where `places` are given."""
    if isinstance(value, int):
        if abs(value) >= _LARGEST:
            raise OddFileError("a number")
        return b"%d" % value
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) >= _LARGEST:
        raise OddFileError("a number")
    text = f"{exact:f}" if places is None else f"{exact:.{places}f}"
    if len(text) > _LONGEST_NUMBER:
        text = f"{exact:.20f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return (text if text not in {"-0", ""} else "0").encode()


def scalar_of(value: Any) -> bytes | None:
    """Return a value that is no array and no dictionary; None where it is one, or a reference."""
    if isinstance(value, generic.NameObject):
        return name_of(str(value))
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        return string_of(value)
    if isinstance(value, generic.NumberObject | generic.FloatObject):
        return number_of(value)
    if isinstance(value, generic.BooleanObject):
        return b"true" if value else b"false"
    return b"null" if isinstance(value, generic.NullObject) else None


def array_of(parts: list[bytes]) -> bytes:
    """Return an array of written values, without the spaces by which our own are told."""
    return b"[" + b" ".join(parts) + b"]"


def dictionary_of(entries: Mapping[str, bytes]) -> bytes:
    """Return a dictionary of written values."""
    parts = [name_of(key) + b" " + value for key, value in entries.items()]
    return b"<< " + b" ".join(parts) + b" >>"


def file_of(bodies: Mapping[int, bytes], root: int, info: int) -> bytes:
    """Return a file of one revision: objects in order, a cross-reference table, one %%EOF."""
    output = bytearray(HEADER)
    offsets = []
    for number in range(1, len(bodies) + 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n" % number + bodies[number] + b"\nendobj\n"
    table = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for offset in offsets:
        output += b"%010d 00000 n \n" % offset
    output += b"trailer\n<< /Root %d 0 R /Info %d 0 R /Size %d >>\n" % (
        root,
        info,
        len(bodies) + 1,
    )
    output += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(output)
