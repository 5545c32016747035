"""Marks of counters as a process knows them: what is appended is read before each answer.

What was marked before this process began is looked for in the newest segments alone, once for each
counter: a database is locked meanwhile. What is older shows when the audit is verified.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LOOK_BACK = 8
"""Segments of 8 MiB: some 240,000 entries, read within a tenth of a second."""
_KIND = b'"kind":"mark"'


class KnownMarks:
    """Not for several threads at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._place: tuple[Path, int] | None = None
        """The newest segment, and how far it was read."""
        self._ahead: dict[str, int] = {}
        """Marks after the place where this process began to read."""
        self._behind: dict[str, int] = {}
        """Marks that were looked for in what was there before."""

    def highest(self, scope: str, *, look_back: bool) -> int:
        """Return a counter's highest mark as far as it is known, else 0."""
        self._follow()
        if look_back and scope not in self._behind:
            self._behind[scope] = self._find(scope)
        return max(self._ahead.get(scope, 0), self._behind.get(scope, 0))

    def _follow(self) -> None:
        """Take note of what was appended."""
        segments = self._segments()
        if self._place is None or self._place[0] not in segments:
            newest = segments[-1]
            self._place = newest, newest.read_bytes().rfind(b"\n") + 1
            self._ahead.clear()
            self._behind.clear()
            return
        for path in segments[segments.index(self._place[0]) :]:
            start = self._place[1] if path == self._place[0] else 0
            if path.stat().st_size > start:
                with path.open("rb") as file:
                    file.seek(start)
                    added = file.read()
                whole = added[: added.rfind(b"\n") + 1]
                for scope, mark in _marks(whole, _KIND):
                    self._ahead[scope] = max(mark, self._ahead.get(scope, 0))
                start += len(whole)
            self._place = path, start

    def _find(self, scope: str) -> int:
        """Return the newest mark of a counter in the newest segments, else 0."""
        wanted = f'"scope":{json.dumps(scope, ensure_ascii=False)}'.encode()
        for path in reversed(self._segments()[-_LOOK_BACK:]):
            found = [mark for name, mark in _marks(path.read_bytes(), wanted) if name == scope]
            if found:
                return max(found)
        return 0

    def _segments(self) -> list[Path]:
        return sorted(self._directory.glob("journal-*.jsonl"))


def _marks(lines: bytes, wanted: bytes) -> Iterator[tuple[str, int]]:
    """Yield scope and value of the marks among a segment's lines that contain some octets."""
    at = lines.find(wanted)
    while at >= 0:
        start, stop = lines.rfind(b"\n", 0, at) + 1, lines.find(b"\n", at)
        stop = len(lines) if stop < 0 else stop
        with suppress(ValueError, KeyError, TypeError):  # a line that is damaged says nothing
            fields = json.loads(lines[start:stop])
            if fields["kind"] == "mark":
                yield str(fields["facts"]["scope"]), int(fields["facts"]["value"])
        at = lines.find(wanted, stop)
