"""PDF objects as bytes (ISO 32000-1 7.3): written, and taken apart no deeper than sealing needs."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from signing import pdf_syntax
from signing.errors import UnsuitablePageError
from signing.sealing import messages

_SPACE = rb"[\x00\t\n\f\r ]*"
_VALUE = re.compile(
    _SPACE + rb"(?:(<<|\[)|(>>|\])"
    rb"|(\d+" + _SPACE + rb"[\x00\t\n\f\r ]\d+" + _SPACE + rb"[\x00\t\n\f\r ]R"
    rb"(?![^\x00\t\n\f\r ()<>\[\]{}/%])"
    rb"|/[^\x00\t\n\f\r ()<>\[\]{}/%]*|<[0-9A-Fa-f\x00\t\n\f\r ]*>|\((?:[^()\\]|\\.)*\)"
    rb"|[^\x00\t\n\f\r ()<>\[\]{}/%]+))",
    re.DOTALL,
)
"""The beginning of a dictionary or an array, its end, or any other value, a reference whole. A
comment is none, nor a string with brackets that are not escaped: who writes our pages writes
neither."""
_REFERENCE = re.compile(rb"(\d{1,7}) 0 R")
_REFERENCES = re.compile(rb"\[" + _SPACE + rb"(?:\d{1,7} 0 R" + _SPACE + rb")*\]")
_DEEPEST = 32
_LONGEST_KEPT = 4096


def unsuitable(why: str) -> UnsuitablePageError:
    """Return the error of a page that is not written as our renderer and the intake write it."""
    return UnsuitablePageError(messages.page_structure_unsuitable(why))


def entries(dictionary: bytes) -> dict[str, bytes]:
    """Return the entries of a dictionary, keys without their solidus, values as they stand.

    Pages of one form have many a dictionary in common: each is taken apart once. Raises
    `UnsuitablePageError`.
    """
    return dict(_kept(dictionary) if len(dictionary) < _LONGEST_KEPT else _taken_apart(dictionary))


@lru_cache(maxsize=128)
def _kept(dictionary: bytes) -> dict[str, bytes]:
    return _taken_apart(dictionary)


def _taken_apart(dictionary: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    start = _VALUE.match(dictionary)
    if start is None or start[1] != b"<<":
        raise unsuitable("no dictionary")
    at = start.end()
    while (key := _next(dictionary, at))[2] != b">>":
        if key[3] is None or not key[3].startswith(b"/"):
            raise unsuitable("no key")
        name, at = key[3][1:].decode("latin-1"), key.end()
        end = _end_of_value(dictionary, at)
        if name in found:
            raise unsuitable("a key that stands twice")
        found[name], at = dictionary[at:end].strip(b"\0\t\n\f\r "), end
    if dictionary[key.end() :].strip(b"\0\t\n\f\r "):
        raise unsuitable("more than a dictionary")
    return found


def _next(data: bytes, at: int) -> re.Match[bytes]:
    found = _VALUE.match(data, at)
    if found is None:
        raise unsuitable("no value")
    return found


def _end_of_value(data: bytes, at: int) -> int:
    depth = 0
    while True:
        one = _next(data, at)
        at = one.end()
        if one[1] is not None:
            depth += 1
        elif one[2] is not None:
            depth -= 1
        if depth < 0 or depth > _DEEPEST:
            raise unsuitable("brackets")
        if depth == 0:
            return at


def dictionary_of(held: Mapping[str, bytes]) -> bytes:
    """Return a dictionary, an entry on each line."""
    lines = [b"/%b %b\n" % (key.encode("latin-1"), value) for key, value in held.items()]
    return b"<<\n%b>>" % b"".join(lines)


def number_in(reference: bytes) -> int:
    """Return the number of the object referred to. Raises `UnsuitablePageError`."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise unsuitable("no reference")
    return int(found[1])


def references_in(array: bytes) -> list[int]:
    """Return the numbers in an array of references. Raises `UnsuitablePageError`."""
    if not _REFERENCES.fullmatch(array):
        raise unsuitable("no references")
    return [int(number) for number in _REFERENCE.findall(array)]


def references_of(numbers: Iterable[int]) -> bytes:
    """Return an array of references, as `signing.seal_check.archive_form` expects it."""
    return b"[ %b]" % b"".join(b"%d 0 R " % number for number in numbers)


def reference(number: int) -> str:
    """Return an indirect reference (7.3.10) to an object of generation 0."""
    return f"{number} 0 R"


def array(targets: Iterable[str]) -> str:
    """Return an array of what is written already (7.3.6)."""
    return f"[{' '.join(targets)}]"


def stream(data: bytes, held: Mapping[str, str] | None = None) -> bytes:
    """Return a stream as it is."""
    return pdf_syntax.stream(data, _written(held or {}))


def flate_stream(data: bytes, held: Mapping[str, str]) -> bytes:
    """Return a stream, deflated as small as it gets: for what is made once."""
    return pdf_syntax.flate(data, _written(held))


def _written(held: Mapping[str, str]) -> str:
    return " ".join(f"/{key} {value}" for key, value in held.items())
