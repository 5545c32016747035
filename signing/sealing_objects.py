"""PDF objects written as bytes (ISO 32000-1 7.3), where a tree of pyHanko's would gain nothing."""

import re
from datetime import UTC, datetime
from typing import BinaryIO
from zlib import compress

from pyhanko.pdf_utils.generic import IndirectObject, PdfObject


class RawObject(PdfObject):
    """An object whose bytes are final."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def write_to_stream(
        self,
        stream: BinaryIO,
        handler: object = None,  # noqa: ARG002 (encryption; nothing of ours is)
        container_ref: object = None,  # noqa: ARG002
    ) -> None:
        """Write the bytes."""
        stream.write(self.data)


def reference(target: IndirectObject) -> str:
    """Return an indirect reference (7.3.10)."""
    return f"{target.idnum} {target.generation} R"


def array(targets: list[IndirectObject]) -> str:
    """Return an array of references (7.3.6)."""
    return f"[{' '.join(map(reference, targets))}]"


def dictionary(entries: dict[str, str]) -> str:
    """Return a dictionary (7.3.7); keys without their solidus, values as they stand."""
    return f"<< {' '.join(f'/{key} {value}' for key, value in entries.items())} >>"


def text(value: str) -> str:
    """Return a text string (7.9.2.2): literal where it is ASCII, else UTF-16BE in hexadecimal."""
    if value.isascii():
        return "(" + re.sub(r"([\\()])", r"\\\1", value) + ")"
    return f"<FEFF{value.encode('utf-16-be').hex().upper()}>"


def date(instant: datetime) -> str:
    """Return a date in UTC (7.9.4)."""
    return f"(D:{instant.astimezone(UTC):%Y%m%d%H%M%S}Z)"


def stream(data: bytes, entries: dict[str, str] | None = None) -> RawObject:
    """Return a stream as it is (7.3.8), its data on lines of their own (ISO 19005-3 6.1.7.1)."""
    head = dictionary({**(entries or {}), "Length": str(len(data))})
    return RawObject(head.encode("ascii") + b"\nstream\n" + data + b"\nendstream")


def flate_stream(data: bytes, entries: dict[str, str]) -> RawObject:
    """Return a stream, deflated as small as it gets: for what is made once."""
    return stream(compress(data, 9), {**entries, "Filter": "/FlateDecode"})
