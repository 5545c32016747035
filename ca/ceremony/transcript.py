"""The transcript of a ceremony: a text that people read and sign, and that checks itself.

Each entry names facts, one a line, then the SHA-256 of the entry before it (64 zeros in the first)
and its own SHA-256, taken over its lines in UTF-8 from its heading through `previous`. So the last
number stands for the whole text. Entries are only ever added. After the entry `closed` stands what
follows from the text: that number in short groups, and lines for the signatures.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ca.ceremony import messages
from ca.errors import TranscriptError
from ca.profiles.describe import Fact
from core.text import Text

HEADING: Final = "Xinyin ceremony transcript 1 · 信印密钥仪式记录 1"
MAX_BYTES: Final = 1024 * 1024
"""A ceremony of a hundred steps stays far below it."""
BEGUN, STARTED, DONE, CLOSED = "begun", "started", "done", "closed"
_RULE: Final = "-" * 72
_FIRST: Final = "0" * 64
_ENTRY = re.compile(r"Entry ([1-9][0-9]{0,4}) · ([a-z]{1,20})")
_FACT = re.compile(r"  ([a-z][a-z0-9-]{0,30}): (.+)")
_SIGNATURE_COLUMNS: Final = 44


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """One entry."""

    number: int
    kind: str
    facts: tuple[Fact, ...]
    previous: str
    """SHA-256 of the entry before it, hexadecimal."""

    @property
    def text(self) -> str:
        """Its lines, without its own hash."""
        lines = [f"Entry {self.number} · {self.kind}"]
        lines += [f"  {key}: {value}" for key, value in self.facts]
        return "\n".join([*lines, f"  previous: {self.previous}", ""])

    @property
    def sha256(self) -> str:
        """Hash that the next entry refers to, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def all(self, key: str) -> list[str]:
        """Return the values of a key, in order."""
        return [value for name, value in self.facts if name == key]

    def get(self, key: str) -> str | None:
        """Return the first value of a key."""
        return next(iter(self.all(key)), None)


class Transcript:
    """Entries in order; a value, changed only by `add`."""

    def __init__(self, entries: Sequence[TranscriptEntry] = ()) -> None:
        self._entries = list(entries)

    @property
    def entries(self) -> tuple[TranscriptEntry, ...]:
        """All entries."""
        return tuple(self._entries)

    @property
    def is_closed(self) -> bool:
        """True if nothing more may be added."""
        return bool(self._entries) and self._entries[-1].kind == CLOSED

    def add(self, kind: str, facts: Iterable[Fact]) -> TranscriptEntry:
        """Add an entry. Raises `TranscriptError` once it is closed."""
        if self.is_closed:
            raise _bad(messages.TRANSCRIPT_CLOSED)
        previous = self._entries[-1].sha256 if self._entries else _FIRST
        told = tuple((key, _one_line(value)) for key, value in facts)
        entry = TranscriptEntry(len(self._entries) + 1, kind, told, previous)
        self._entries.append(entry)
        return entry

    def to_text(self) -> str:
        """Return the whole text."""
        parts = [f"{HEADING}\n{_RULE}\n"]
        parts += [f"\n{entry.text}  sha256: {entry.sha256}\n" for entry in self._entries]
        if self.is_closed:
            parts.append(self._ending())
        return "".join(parts)

    @classmethod
    def parse(cls, data: bytes) -> "Transcript":
        """Read a transcript and check that every entry is as it was written.

        Raises `TranscriptError`.
        """
        if len(data) > MAX_BYTES:
            raise _bad(messages.transcript_too_large(MAX_BYTES))
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise _bad(messages.TRANSCRIPT_NOT_UTF8) from error
        transcript = cls()
        for block in text.split("\n\n"):
            if block.startswith("Entry "):
                transcript._take(block)  # our own
        # Whatever else was changed, added or left out shows in the text as a whole.
        if not transcript.entries or transcript.to_text() != text:
            raise _bad(messages.TRANSCRIPT_ALTERED)
        return transcript

    def _take(self, block: str) -> None:
        heading, *lines = block.rstrip("\n").split("\n")
        found = _ENTRY.fullmatch(heading)
        facts = [_FACT.fullmatch(line) for line in lines]
        if found is None or len(facts) < 2 or not all(facts):  # noqa: PLR2004 (the two hashes)
            raise _bad(messages.transcript_malformed(heading))
        told = [(fact[1], fact[2]) for fact in facts if fact is not None]
        entry = self.add(found[2], told[:-2])
        if str(entry.number) != found[1] or told[-2:] != [
            ("previous", entry.previous),
            ("sha256", entry.sha256),
        ]:
            raise _bad(messages.transcript_chain_broken(entry.number))

    def _ending(self) -> str:
        last = self._entries[-1]
        groups = [last.sha256[at : at + 4] for at in range(0, 64, 4)]
        lines = [
            "",
            _RULE,
            f"SHA-256 of entry {last.number}, which stands for the whole transcript.",
            "上述全部内容的 SHA-256 摘要值，请逐组核对：",
            "",
            f"    {' '.join(groups[:8])}",
            f"    {' '.join(groups[8:])}",
            "",
            "Signed by those present 在场人员签字：",
        ]
        for person in self._entries[0].all("present"):
            filler = " " * max(1, _SIGNATURE_COLUMNS - _width(person))
            lines += ["", f"  {person}{filler}____________________"]
        return "\n".join([*lines, ""])


def _one_line(value: str) -> str:
    """Refuse what would end a line or hide in one: people sign what they see."""
    if not value or value != value.strip() or not value.isprintable():
        raise _bad(messages.TRANSCRIPT_LINE_NOT_PRINTABLE)
    return value


def _width(text: str) -> int:
    """Columns that a text takes on a terminal (Unicode annex 11)."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _bad(text: Text) -> TranscriptError:
    return TranscriptError(messages.transcript_unusable(text))
