"""Evidence files of requests for a correction: judged by their beginnings, and never opened here.

What strangers send is handed out as a download alone, to an officer who decides; nothing of it is
drawn, parsed or shown in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.licences.corrections import messages
from registry.licences.reasons import InvalidChangeError

MOST_FILES: Final = 3
MOST_BYTES: Final = 2 * 1024 * 1024
"""Octets of all files of a request: they come in one form."""
_KINDS: Final = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file."""

    content: bytes
    kind: str
    """Ending of the name under which it is handed out."""


def read_evidence(files: Sequence[bytes]) -> tuple[EvidenceFile, ...]:
    """Return files that may be kept. Raises `InvalidChangeError`."""
    if len(files) > MOST_FILES or sum(map(len, files)) > MOST_BYTES:
        raise InvalidChangeError(messages.evidence_too_large(MOST_FILES, MOST_BYTES // 1024**2))
    return tuple(EvidenceFile(one, _kind(one)) for one in files)


def _kind(content: bytes) -> str:
    found = next((kind for begins, kind in _KINDS.items() if content.startswith(begins)), None)
    if found is None:
        raise InvalidChangeError(messages.EVIDENCE_UNKNOWN)
    return found
