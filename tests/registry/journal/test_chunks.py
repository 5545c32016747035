"""The journal in chunks: together they are what it says, and damage ends it where it is."""

from pathlib import Path

import pytest

from core.clock import SystemClock
from registry.journal import chunks, journal
from registry.journal.chunks import ChunkChain, ChunkEnds, chunks_of, read_chunk
from registry.journal.journal import Journal, JournalError, JournalKind

ENTRIES = 12


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """A journal of several files."""
    monkeypatch.setattr(journal, "MAX_SEGMENT_BYTES", 900)
    made = Journal.start(tmp_path / "journal", "some-register", SystemClock())
    for number in range(ENTRIES - 1):
        made.append(JournalKind.MARK, {"scope": "编号" * (number % 3), "value": number})
    return made


def read(kept: Journal) -> tuple[list[int], bool]:
    """Return the numbers of the entries that hold, and whether something does not."""
    whole, found = ChunkChain(), list[int]()
    for chunk in chunks_of(kept):
        ends = ChunkEnds()
        entries = [one.sequence for one in read_chunk(chunk, ends)]
        if whole.joins(chunk, ends):
            found += entries
    assert whole.end.sequence == (found[-1] if found else 0)
    return found, whole.damaged


def told(kept: Journal) -> tuple[list[int], bool]:
    """Return the same, of one who reads it from its beginning."""
    found = list[int]()
    try:
        for one in kept.read():
            found.append(one.sequence)
    except JournalError:
        return found, True
    return found, False


@pytest.mark.parametrize("size", [50, 333, 10_000])
def test_chunks_of_any_size_are_the_journal(
    kept: Journal, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    assert len(kept.segments()) > 2
    assert read(kept) == (list(range(1, ENTRIES + 1)), False)
    last = kept.segments()[-1]
    whole = last.read_bytes()
    last.write_bytes(whole + b'{"at":"2026')
    assert read(kept) == (list(range(1, ENTRIES + 1)), False), "it was never acknowledged"
    for cut in range(0, len(whole), 61):
        last.write_bytes(whole[:cut])
        assert read(kept) == told(kept)
        last.write_bytes(whole[:cut] + bytes(40_000))
        assert read(kept) == told(kept), "blocks that were reserved, and never written"


@pytest.mark.parametrize("size", [90, 10_000])
def test_damage_ends_it_where_it_is(
    kept: Journal, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", size)
    for path in kept.segments():
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        damaged = [whole[:at] + b"x" + whole[at + 1 :] for at in range(0, len(whole), 97)]
        damaged += [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
        damaged += [b"".join([*lines[:at], lines[at], *lines[at:]]) for at in range(len(lines))]
        for one in damaged:
            path.write_bytes(one)
            assert read(kept) == told(kept), one
        path.write_bytes(b"x" * 40_000 + b"\n" + whole)
        assert read(kept) == (told(kept)[0], True)
        renamed = path.rename(path.with_name(path.name.replace(".", "1.")))
        assert read(kept) == told(kept)
        renamed.unlink()
        assert read(kept) == told(kept)
        path.write_bytes(whole)
    assert read(kept) == (list(range(1, ENTRIES + 1)), False)
