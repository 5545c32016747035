"""Beginnings of a file that may be a registered revision, by their digests: no parser."""

import hashlib

from core.ids import Sha256

MAX_ENDS = 128
"""Candidate lengths digested at most: two for each %%EOF, hence 64 revisions."""
_EOF = b"%%EOF"


def beginnings(data: bytes) -> list[tuple[int, Sha256]]:
    """Return length and SHA-256 of each beginning of `data`, but all, that may be a revision.

    A revision ends after %%EOF, with or without an end of line. What stands before the first byte
    that was added to a registered file is ours, so that a bound on their number hides nothing.
    """
    view, running, done = memoryview(data), hashlib.sha256(), 0
    found: list[tuple[int, Sha256]] = []
    for end in _ends(data):
        running.update(view[done:end])
        done = end
        found.append((end, Sha256(running.copy().hexdigest())))
    return found


def _ends(data: bytes) -> list[int]:
    ends: set[int] = set()
    start = data.find(_EOF)
    while start >= 0 and len(ends) < MAX_ENDS:
        end = start + len(_EOF)
        ends.add(end)
        if data.startswith(b"\r\n", end):
            ends.update((end + 1, end + 2))
        elif data[end : end + 1] in (b"\r", b"\n"):
            ends.add(end + 1)
        start = data.find(_EOF, end)
    return sorted(ends - {len(data)})
