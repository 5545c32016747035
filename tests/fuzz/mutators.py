"""Mutators of PDFs: some know nothing of the format, some keep it readable on purpose.

Each takes a source of randomness, the bytes and a second file to take pieces from, and returns new
bytes. The same source in the same state makes the same mutant.
"""

import random
import re
from collections.abc import Callable

Mutator = Callable[[random.Random, bytes, bytes], bytes]

_NUMBER = re.compile(rb"\d{1,10}")
_NAME = re.compile(rb"/[A-Za-z][A-Za-z0-9.]{1,24}")
_OBJECT = re.compile(rb"(?m)^(\d{1,7}) (\d{1,5}) obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
_ROOT = re.compile(rb"/Root\s+(\d+ \d+ R)")
_SIZE = re.compile(rb"/Size\s+(\d+)")
_HEX = re.compile(rb"/Contents\s*<(30[0-9A-Fa-f]{62,})>")
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[[\d\s]+\]")
_EOF = b"%%EOF"
_NUMBERS = (b"0", b"1", b"-1", b"65535", b"2147483647", b"2147483648", b"4294967296", b"9" * 20)
_WORDS = (
    b"obj", b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref", b"%%EOF", b"R",
    b"null", b"true", b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b"%", b"/Prev", b"/XRefStm",
    b"/Encrypt", b"/Type /Sig", b"/DSS", b"/AcroForm", b"/ByteRange [0 1 2 3]", b"/Length 0",
)  # fmt: skip
_SHOWN = (
    b"/MediaBox [0 0 30 20]", b"/Rotate 90", b"/Contents 5 0 R", b"/Annots [7 0 R]", b"/V (x)",
    b"/AP << >>", b"/Rect [0 0 300 200]", b"/F 2", b"/NeedAppearances true", b"/Perms << >>",
    b"/Pages 3 0 R", b"/OCProperties << >>", b"/OpenAction << /S /JavaScript /JS (x) >>",
)  # fmt: skip


def _slice(source: random.Random, data: bytes, most: int = 2000) -> tuple[int, int]:
    start = source.randrange(len(data) + 1)
    return start, min(len(data), start + source.randint(1, most))


def _put(data: bytes, start: int, end: int, piece: bytes) -> bytes:
    return data[:start] + piece + data[end:]


# Knowing nothing of the format


def flip_bits(source: random.Random, data: bytes, other: bytes) -> bytes:
    forged = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 8))):
        if forged:
            forged[source.randrange(len(forged))] ^= 1 << source.randrange(8)
    return bytes(forged)


def overwrite(source: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _slice(source, data, 64)
    return _put(data, start, end, source.randbytes(end - start))


def delete(source: random.Random, data: bytes, other: bytes) -> bytes:
    return _put(data, *_slice(source, data), b"")


def insert(source: random.Random, data: bytes, other: bytes) -> bytes:
    at = source.randrange(len(data) + 1)
    piece = source.choice((source.randbytes(source.randint(1, 64)), b" ", b"\n", b"\0", b"%x\n"))
    return _put(data, at, at, piece)


def repeat(source: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _slice(source, data)
    at = source.randrange(len(data) + 1)
    return _put(data, at, at, data[start:end])


def splice(source: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _slice(source, data)
    return _put(data, start, end, other[slice(*_slice(source, other))])


def truncate(source: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: source.randrange(len(data) + 1)]


def append(source: random.Random, data: bytes, other: bytes) -> bytes:
    tail = (b"\n", b" " * 40, b"\0\0\0", b"%comment\n", b"x", b"\n%%EOF\n", b"<html>", other)
    return data + source.choice(tail)


# Token by token


def _replace_match(
    source: random.Random, data: bytes, pattern: re.Pattern[bytes], piece: Callable[[bytes], bytes]
) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    match = source.choice(found)
    return _put(data, match.start(), match.end(), piece(match.group()))


def change_number(source: random.Random, data: bytes, other: bytes) -> bytes:
    def changed(old: bytes) -> bytes:
        value = int(old) + source.choice((-1, 1, 2, 10, 1000))
        kept = b"%0*d" % (len(old), max(0, value))
        return source.choice((kept, kept, source.choice(_NUMBERS)))

    return _replace_match(source, data, _NUMBER, changed)


def change_name(source: random.Random, data: bytes, other: bytes) -> bytes:
    def changed(old: bytes) -> bytes:
        names = _NAME.findall(other) or [b"/X"]
        same = [name for name in names if len(name) == len(old)]
        return source.choice((source.choice(names), source.choice(same or names), old[:-1] + b"x"))

    return _replace_match(source, data, _NAME, changed)


def insert_word(source: random.Random, data: bytes, other: bytes) -> bytes:
    found = list(re.finditer(rb"\s", data))
    at = source.choice(found).start() if found else 0
    return _put(data, at, at, b" " + source.choice(_WORDS) + b" ")


def change_byte_range(source: random.Random, data: bytes, other: bytes) -> bytes:
    def changed(old: bytes) -> bytes:
        return change_number(source, old, other)

    return _replace_match(source, data, _BYTE_RANGE, changed)


def change_contents(source: random.Random, data: bytes, other: bytes) -> bytes:
    """Mutate the CMS in its hexadecimal form, its length kept so that nothing else moves."""
    found = list(_HEX.finditer(data))
    if not found:
        return data
    match = source.choice(found)
    digits = match.group(1)
    cms = bytearray.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    used = max(1, len(cms.rstrip(b"\0")))
    kind = source.randrange(5)
    if kind == 0:
        cms[source.randrange(used)] ^= 1 << source.randrange(8)
    elif kind == 1:  # a tag or length near the front
        cms[source.randrange(min(used, 80))] = source.choice((0, 0x30, 0x31, 0x80, 0x84, 0xFF))
    elif kind == 2:
        start = source.randrange(used)
        del cms[start : start + source.randint(1, 8)]
    elif kind == 3:  # in the room that is left
        cms[source.randrange(len(cms))] = source.randrange(256)
    else:
        theirs = _HEX.search(other)
        cms = bytearray.fromhex(theirs.group(1)[: len(digits) // 2 * 2].decode()) if theirs else cms
    text = cms[: len(digits) // 2].hex().encode().ljust(len(digits), b"0")
    if source.random() < 0.2:
        text = text.upper()
    return _put(data, match.start(1), match.end(1), text)


# Updates that a reader follows


def _changed_body(source: random.Random, body: bytes, other: bytes) -> bytes:
    """Change the inside of an object, often in a way that stays well-formed."""
    head, mark, stream = body.partition(b"stream")
    kind = source.randrange(7)
    if kind == 0:
        return body  # written again as it was
    if kind == 1 and b"<<" in head:
        at = head.index(b"<<") + 2
        head = _put(head, at, at, b" " + source.choice(_SHOWN) + b" ")
    elif kind == 2:
        head = change_number(source, head, other)
    elif kind == 3:
        head = change_name(source, head, other)
    elif kind == 4 and mark:
        return head + mark + flip_bits(source, stream, other)
    elif kind == 5:
        theirs = _OBJECT.findall(other)
        return source.choice(theirs)[2] if theirs else body
    else:
        head = source.choice((b" null ", b" << >> ", b" [] ", insert_word(source, head, other)))
    return head + mark + stream


def update(source: random.Random, data: bytes, other: bytes) -> bytes:
    """Append an update with right cross-references that writes some objects again, or new ones."""
    objects = _OBJECT.findall(data)
    starts, roots, sizes = _START.findall(data), _ROOT.findall(data), _SIZE.findall(data)
    if not (objects and starts and roots and sizes):
        return append(source, data, other)
    size = max(map(int, sizes))
    chosen: dict[int, bytes] = {}
    for _ in range(source.choice((1, 1, 2, 3))):
        number, _, body = source.choice(objects)
        target = int(number) if source.random() < 0.8 else size + len(chosen)
        chosen[target] = _changed_body(source, body, other)
    out, sections = bytearray(data), []
    if not out.endswith((b"\n", b"\r")):
        out += b"\n"
    for number, body in sorted(chosen.items()):
        sections.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj%bendobj\n" % (number, body)
    start = len(out)
    more = source.choice((b"", b"", b"", b"/Info 1 0 R ", b"/ID [<00> <00>] ", b"/X 1 "))
    out += b"xref\n" + b"".join(sections)
    out += b"trailer\n<< /Size %d /Root %b /Prev %b %b>>\nstartxref\n%d\n" % (
        max(size, *(number + 1 for number in chosen)), roots[-1], starts[-1], more, start,
    )  # fmt: skip
    return bytes(out + _EOF + source.choice((b"", b"\n", b"\r\n", b" \n")))


def drop_revision(source: random.Random, data: bytes, other: bytes) -> bytes:
    ends = [match.end() for match in re.finditer(rb"%%EOF\s?", data)]
    return data[: source.choice(ends)] if ends else data


def swap_objects(source: random.Random, data: bytes, other: bytes) -> bytes:
    """Exchange two objects' numbers where they stand."""
    found = list(re.finditer(rb"(?m)^\d{1,7} 0 obj", data))
    if len(found) < 2:
        return data
    first, second = sorted(source.sample(found, 2), key=lambda match: match.start())
    return (
        data[: first.start()] + second.group() + data[first.end() : second.start()]
        + first.group() + data[second.end() :]
    )  # fmt: skip


def break_stream(source: random.Random, data: bytes, other: bytes) -> bytes:
    found = list(_STREAM.finditer(data))
    if not found:
        return data
    at = source.choice(found).end()
    return _put(data, at, at + source.randint(1, 20), source.randbytes(source.randint(0, 20)))


MUTATORS: tuple[Mutator, ...] = (
    flip_bits, overwrite, delete, insert, repeat, splice, truncate, append,
    change_number, change_name, insert_word, change_byte_range, change_contents, change_contents,
    update, update, update, update, drop_revision, swap_objects, break_stream,
)  # fmt: skip
"""What keeps a file readable stands here several times: it gets furthest."""


def mutate(source: random.Random, data: bytes, other: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a mutant, one to three mutations deep, and what was done."""
    done = []
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        mutator = source.choice(MUTATORS)
        data = mutator(source, data, other)
        done.append(mutator.__name__)
    return data, tuple(done)
