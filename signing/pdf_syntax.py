"""PDF syntax written by hand (ISO 32000-1 7.3), for the page and for what sealing adds to it."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zlib import compress

SMALLEST = 9
"""zlib's level for what is made once."""


def dictionary(entries: dict[str, str]) -> str:
    """Return a dictionary (7.3.7); keys without their solidus, values as they stand."""
    return f"<< {' '.join(f'/{key} {value}' for key, value in entries.items())} >>"


_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\U0010ffff/%]*")
"""Nothing that could be taken for a key or a keyword of the file."""


def text(value: str) -> str:
    """Return a text string (7.9.2.2): literal where it is plain, else UTF-16BE in hexadecimal."""
    if _PLAIN.fullmatch(value):
        return "(" + re.sub(r"([\\()])", r"\\\1", value) + ")"
    return f"<FEFF{value.encode('utf-16-be').hex().upper()}>"


@lru_cache(maxsize=8)
def date(instant: datetime) -> str:
    """Return a date in UTC (7.9.4)."""
    return f"(D:{instant.astimezone(UTC):%Y%m%d%H%M%S}Z)"


def stream(data: bytes, entries: str = "") -> bytes:
    """Return a stream as it is (7.3.8), its data on lines of their own (ISO 19005-3 6.1.7.1).

    `entries` is the text of its dictionary but for /Length.
    """
    head = f"<< {entries} /Length {len(data)} >>" if entries else f"<< /Length {len(data)} >>"
    return b"%b\nstream\n%b\nendstream" % (head.encode("ascii"), data)


def flate(data: bytes, entries: str = "", level: int = SMALLEST) -> bytes:
    """Return a stream of `data`, deflated."""
    return stream(compress(data, level), f"{entries} /Filter /FlateDecode".strip())
