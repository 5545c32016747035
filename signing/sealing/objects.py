"""PDF objects written as bytes (ISO 32000-1 7.3), where a tree of pyHanko's would gain nothing."""

from typing import BinaryIO

from pyhanko.pdf_utils.generic import IndirectObject, PdfObject

from signing import pdf_syntax


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


def stream(data: bytes, entries: dict[str, str] | None = None) -> RawObject:
    """Return a stream as it is."""
    return RawObject(pdf_syntax.stream(data, _entries(entries or {})))


def flate_stream(data: bytes, entries: dict[str, str]) -> RawObject:
    """Return a stream, deflated as small as it gets: for what is made once."""
    return RawObject(pdf_syntax.flate(data, _entries(entries)))


def _entries(entries: dict[str, str]) -> str:
    return " ".join(f"/{key} {value}" for key, value in entries.items())
