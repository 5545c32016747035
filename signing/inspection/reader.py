"""pyHanko's reader with a quick way to read /Contents.

pyHanko reads hexadecimal strings one digit at a time, which takes a third of a validation and
grows with the room reserved. A signature's /Contents is known beforehand (the gap of a
/ByteRange), so the object that holds it is parsed with a short placeholder in the gap's place, and
the decoded gap is put back. The override is `_read_object` of a subclass; nothing is patched.
"""

import hashlib
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.objects import raw
from signing.structure import Limits

_MIB = 1024 * 1024
_HEX_STRING = re.compile(rb"<[0-9A-Fa-f]*>")
Gap = tuple[int, int]


def decode_limits(limits: Limits) -> DecodeLimits:
    """Return pyHanko's decoding limits, tightened to what validation needs to read."""
    whole = limits.decoded_bytes
    return DecodeLimits(
        per_stream=StreamDecodeLimits(max_ratio=200, ratio_floor=4 * _MIB, max_output_size=whole),
        per_purpose={
            DecodePurpose.OBJECT_STREAM: _at_most(16 * _MIB),
            DecodePurpose.XREF_STREAM: _at_most(8 * _MIB),
            DecodePurpose.XMP_METADATA: _at_most(_MIB),
            DecodePurpose.CERTIFICATE: _at_most(64 * 1024),
            DecodePurpose.OCSP_RESPONSE: _at_most(_MIB),
            DecodePurpose.CRL: _at_most(32 * _MIB),
        },
        document_budget=DocumentDecodeBudget(base_allowance=whole, max_ratio=1),
    )


def _at_most(size: int) -> StreamDecodeLimits:
    return StreamDecodeLimits(max_ratio=200, ratio_floor=_MIB, max_output_size=size)


class SealedReader(PdfFileReader):
    """A strict reader that knows where /Contents strings stand."""

    def __init__(self, data: bytes, gaps: Iterable[Gap], limits: Limits) -> None:
        self.data = data
        self._gaps = sorted(gap for gap in set(gaps) if _is_hex_string(data, gap, limits))
        self._placeholder = hashlib.sha256(data).digest()
        self.contents_gaps: dict[tuple[int, int, int], Gap] = {}
        """Where the /Contents of a signature dictionary stands: (number, generation, offset)."""
        super().__init__(BytesIO(data), strict=True, decode_limits=decode_limits(limits))

    def _read_object(
        self,
        ref: generic.Reference,
        marker: Any,
        never_decrypt: bool = False,  # noqa: FBT001, FBT002 — pyHanko's signature
        as_metadata_stream: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        if isinstance(marker, int):
            for gap in self._gaps:
                if marker < gap[0] and self.data.find(b"endobj", marker, gap[0]) < 0:
                    read = self._read_signature_dictionary(ref, marker, gap)
                    if read is not None:
                        return read
        return super()._read_object(
            ref, marker, never_decrypt=never_decrypt, as_metadata_stream=as_metadata_stream
        )

    def _read_signature_dictionary(
        self, ref: generic.Reference, marker: int, gap: Gap
    ) -> generic.DictionaryObject | None:
        """Parse the object at `marker` with the gap filled in; None if it is not its /Contents."""
        tail = self.data.find(b"endobj", gap[1])
        if tail < 0:
            return None
        placeholder = b"<" + self._placeholder.hex().encode() + b">"
        stream = BytesIO(
            self.data[marker : gap[0]] + placeholder + self.data[gap[1] : tail + 6] + b"\n."
        )
        whole, self.stream = self.stream, stream
        try:
            obj = super()._read_object(ref, 0, never_decrypt=True)
        finally:
            self.stream = whole
        if not isinstance(obj, generic.DictionaryObject):
            return None
        contents = raw(obj, "/Contents")
        if getattr(contents, "original_bytes", None) != self._placeholder:
            return None
        value = bytes.fromhex(self.data[gap[0] + 1 : gap[1] - 1].decode("ascii"))
        obj[generic.NameObject("/Contents")] = generic.ByteStringObject(value)
        self.contents_gaps[(ref.idnum, ref.generation, marker)] = gap
        return obj

    def gap_of(self, ref: generic.Reference) -> Gap | None:
        """Return where the /Contents of the signature dictionary `ref` stands, if it is known."""
        marker = self.xrefs[ref]
        if not isinstance(marker, int):
            return None
        return self.contents_gaps.get((ref.idnum, ref.generation, marker))


def _is_hex_string(data: bytes, gap: Gap, limits: Limits) -> bool:
    start, end = gap
    if not (0 < start < end <= len(data)) or end - start > 2 * limits.contents_bytes + 2:
        return False
    return (end - start) % 2 == 0 and _HEX_STRING.fullmatch(data, start, end) is not None
