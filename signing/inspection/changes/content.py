"""Operators of a content stream, one after the other (ISO 32000-2 7.8.2)."""

import re
from collections.abc import Iterator

from signing.inspection.changes.finding import UnclearError

Operand = float | bytes | str | list["Operand"]
_MOST_OPERATORS = 100_000
_MOST_OPERANDS = 1024
_SPACE = re.compile(rb"(?:[\x00\t\n\f\r ]|%[^\r\n]*)+")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)")
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*")
_WORD = re.compile(rb"[^\x00\t\n\f\r ()<>\[\]{}/%]+")
_HEX = re.compile(rb"<[0-9A-Fa-f\x00\t\n\f\r ]*>")
_PAREN = re.compile(rb"\\.|[()]", re.DOTALL)
_INLINE_END = re.compile(rb"[\x00\t\n\f\r ]EI(?=[\x00\t\n\f\r ]|$)")


def operators(data: bytes) -> Iterator[tuple[str, list[Operand]]]:
    """Yield each operator with its operands. Raises `UnclearError` if there are too many."""
    operands: list[Operand] = []
    stack: list[list[Operand]] = []
    position, count = 0, 0
    while position < len(data):
        space = _SPACE.match(data, position)
        if space is not None:
            position = space.end()
            continue
        value, word, position = _token(data, position)
        count += 1
        if count > _MOST_OPERATORS or len(operands) > _MOST_OPERANDS:
            raise UnclearError("too much content")
        if word == "[":
            stack.append(operands)
            operands = []
        elif word == "]" and stack:
            held, operands = operands, stack.pop()
            operands.append(held)
        elif word is None:
            operands.append(value if value is not None else "")
        elif word == "BI":
            end = _INLINE_END.search(data, position)
            yield "EI", []
            position, operands = (len(data) if end is None else end.end()), []
        else:
            yield word, operands
            operands = []


def _token(data: bytes, position: int) -> tuple[Operand | None, str | None, int]:
    """Return an operand or a word, and where the next begins."""
    number = _NUMBER.match(data, position)
    if number is not None:
        return float(number.group()), None, number.end()
    first = data[position : position + 1]
    if first == b"(":
        end = _string_end(data, position)
        return data[position + 1 : end - 1], None, end
    for pattern in (_HEX, _NAME):
        found = pattern.match(data, position)
        if found is not None:
            text = found.group()
            held: Operand = text.decode("latin-1") if first == b"/" else _hexadecimal(text)
            return held, None, found.end()
    word = _WORD.match(data, position)
    if word is None:
        mark = first.decode("latin-1")
        return (None, mark, position + 1) if mark in "[]" else (None, None, position + 1)
    return None, word.group().decode("latin-1"), word.end()


def _hexadecimal(text: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", text)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _string_end(data: bytes, position: int) -> int:
    depth = 0
    for mark in _PAREN.finditer(data, position):
        if mark.group() == b"(":
            depth += 1
        elif mark.group() == b")":
            depth -= 1
        if not depth:
            return mark.end()
    return len(data)
