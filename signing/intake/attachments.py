"""A file within a PDF, found by its name where our Sealer writes it (ISO 32000-2 7.11.4)."""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.objects import READ_ERRORS
from signing.intake.looking import entry, items, look_up
from signing.intake.streams import Opener

MOST_BYTES = 1024 * 1024
_MOST_NAMES = 64


def read_attachment(data: bytes, name: str) -> bytes | None:
    """Return the file of that name; None unless there is exactly one, and all of it is readable."""
    try:
        found = [one for told, one in _attached(data) if told == name]
    except READ_ERRORS:
        return None
    return found[0] if len(found) == 1 else None


def _attached(data: bytes) -> list[tuple[str, bytes]]:
    opener = Opener(MOST_BYTES)
    names = entry(entry(PdfFileReader(io.BytesIO(data)).root, "/Names"), "/EmbeddedFiles")
    listed = entry(names, "/Names")
    pairs = items(listed)[: 2 * _MOST_NAMES] if isinstance(listed, generic.ArrayObject) else []
    found = []
    for told, raw in zip(pairs[::2], pairs[1::2], strict=False):
        file = entry(entry(look_up(raw), "/EF"), "/F")
        if isinstance(file, generic.StreamObject):
            found.append((str(look_up(told)), opener.open(file)))
    return found
