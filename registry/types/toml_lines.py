"""Lines of a TOML document: on which one each key and each element of a list stands.

tomllib tells of values alone. What is scanned here it has read before, so that nothing needs to
be judged: strings, brackets and comments are told apart, and no more.
"""

import re
from collections.abc import Mapping
from typing import Final

Path = tuple[str | int, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"[^,\]}\n#]*")


def lines_of(source: str) -> Mapping[Path, int]:
    """Return the line (from 1 on) of each key and element; `source` is TOML that tomllib reads."""
    scan = _Scan(source)
    scan.document()
    return scan.lines


def line_at(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of `path`, or of what holds it; 0 where that is the whole document."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


class _Scan:
    """One walk through the text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._counts: dict[Path, int] = {}
        """Elements of each list of tables so far."""
        self.lines: dict[Path, int] = {}

    def document(self) -> None:
        """Note every line."""
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._source):
            if self._source[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        line = self._line()
        many = self._source.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._dotted()
        self._at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            self.lines.setdefault(path, line)
            path = self._last(path)
        path = (*path, keys[-1])
        if many:
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            self.lines.setdefault(path, line)
            path = (*path, number)
        else:
            path = self._last(path)
        self.lines.setdefault(path, line)
        return path

    def _last(self, path: Path) -> Path:
        """Return the last element of a list of tables, other tables as they are."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._dotted():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._at += 1  # =
        self._skip(_SPACE)
        self._value(path)

    def _dotted(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            if self._source[self._at] in "\"'":
                keys.append(self._skip(_STRING)[1:-1])
            else:
                keys.append(self._skip(_BARE))
            self._skip(_SPACE)
            if self._source[self._at] != ".":
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        first = self._source[self._at]
        if first == "[":
            self._inside("]", path)
        elif first == "{":
            self._inside("}", path)
        elif first in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_PLAIN)

    def _inside(self, end: str, path: Path) -> None:
        """Walk through a list or an inline table."""
        self._at += 1
        number = 0
        self._skip(_BLANK)
        while self._source[self._at] != end:
            if end == "]":
                element = (*path, number)
                self.lines[element] = self._line()
                self._value(element)
                number += 1
            else:
                self._pair(path)
            self._skip(_BLANK)
            if self._source[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._source, self._at)
        if match is None:
            raise AssertionError(f"no TOML at {self._at}")
        self._at = match.end()
        return match.group()

    def _line(self) -> int:
        return self._source.count("\n", 0, self._at) + 1
