"""pyHanko's reader with a quick way to read /Contents and other hexadecimal strings.

pyHanko reads hexadecimal strings one digit at a time, which takes a third of a validation and
grows with the room reserved. A signature's /Contents is known beforehand (the gap of a
/ByteRange), so the object that holds it is parsed with a short placeholder in the gap's place, and
the decoded gap is put back. Shorter strings of plain digits are read at once, to the same result;
this is the one place where the library's reading is changed.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfReadError, PdfStrictReadError, skip_over_whitespace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header

from signing.inspection.objects import READ_ERRORS, raw
from signing.limits import Limits

_MIB = 1024 * 1024
_HEX_STRING = re.compile(rb"<[0-9A-Fa-f]*>")
_USUAL_STRING = 2048
"""Bytes of a hexadecimal string that is read at once."""
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
    """A reader that knows where /Contents strings stand; strict unless told otherwise."""

    def __init__(
        self, data: bytes, gaps: Iterable[Gap], limits: Limits, *, strict: bool = True
    ) -> None:
        _read_digits_at_once()
        self.data = data
        self._gaps = sorted(gap for gap in set(gaps) if _is_hex_string(data, gap, limits))
        self._placeholder = hashlib.sha256(data).digest()
        self._placeholder_string = b"<" + self._placeholder.hex().encode() + b">"
        self.contents_gaps: dict[tuple[int, int, int], Gap] = {}
        """Where the /Contents of a signature dictionary stands: (number, generation, offset)."""
        self._open(BytesIO(data), decode_limits(limits), strict=strict)
        if "/Encrypt" in self.trailer:
            self._gaps = []  # pyHanko must know which strings of the dictionary to decrypt

    def _open(self, stream: BytesIO, limits: DecodeLimits, *, strict: bool) -> None:
        """Read strictly, but for cross-references that list dead numbers as free (Acrobat's).

        Objects are read strictly in any case, and the cross-references of updates once more.
        """
        try:
            super().__init__(stream, strict=strict, decode_limits=limits)
        except PdfStrictReadError:
            super().__init__(stream, strict=False, decode_limits=limits)
            self.strict = True

    @property
    def encrypt_dict(self) -> generic.DictionaryObject | None:
        """The encryption dictionary (ISO 32000-1 7.6.1), direct or not; what is none encrypts
        nothing.
        """
        if "/Encrypt" not in self.trailer:
            return None
        entry = self.trailer.raw_get("/Encrypt", decrypt=generic.EncryptedObjAccess.RAW)
        if isinstance(entry, generic.IndirectObject):
            if self.xrefs[entry.reference] is None:
                return None  # an object that is not there is null (7.3.10)
            found: Any = self.get_object(entry.reference, never_decrypt=True)  # type: ignore[no-untyped-call]
            return found if isinstance(found, generic.DictionaryObject) else None
        return entry if isinstance(entry, generic.DictionaryObject) else None

    def unlock(self) -> bool:
        """Tell whether the file can be read without a password; decrypt it where need be.

        ISO 32000-1 7.6.3.1: readers try the empty user password first.
        """
        try:
            handler = self.security_handler
            if handler is None:
                return True
            if not isinstance(handler, StandardSecurityHandler):
                return False
            return self.decrypt("").status is not AuthStatus.FAILED
        except READ_ERRORS:
            return False

    def _read_object(
        self,
        ref: generic.Reference,
        marker: Any,
        never_decrypt: bool = False,  # noqa: FBT001, FBT002 — pyHanko's signature
        as_metadata_stream: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        gap = self._gap_within(marker) if isinstance(marker, int) else None
        if gap is not None:
            read = self._read_signature_dictionary(ref, marker, gap)
            if read is not None:
                return read
        return super()._read_object(
            ref, marker, never_decrypt=never_decrypt, as_metadata_stream=as_metadata_stream
        )

    def _gap_within(self, offset: int) -> Gap | None:
        """Return the gap in the object at `offset`, if it holds one."""
        for gap in self._gaps:
            if offset < gap[0]:
                return gap if self.data.find(b"endobj", offset, gap[0]) < 0 else None
        return None

    def _squeezed(self, offset: int, gap: Gap) -> BytesIO | None:
        """Return the object at `offset` with a placeholder in the gap's place."""
        tail = self.data.find(b"endobj", gap[1])
        if tail < 0:
            return None
        after = self.data[gap[1] : tail + 6]
        return BytesIO(self.data[offset : gap[0]] + self._placeholder_string + after + b"\n.")

    def _read_signature_dictionary(
        self, ref: generic.Reference, marker: int, gap: Gap
    ) -> generic.DictionaryObject | None:
        """Parse the object at `marker` with the gap filled in; None if it is not its /Contents."""
        stream = self._squeezed(marker, gap)
        if stream is None:
            return None
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

    def object_end(self, number: int, generation: int, offset: int) -> int:
        """Return the end of the object at `offset`, after `endobj`.

        Raises `PdfReadError` if it is not that object.
        """
        gap = self._gap_within(offset)
        stream = self._squeezed(offset, gap) if gap else None
        start, removed = 0, 0
        if gap is None or stream is None:
            stream, start = self.stream, offset
        else:
            removed = gap[1] - gap[0] - len(self._placeholder_string)
        stream.seek(start)
        read_header: Any = read_object_header  # untyped
        if read_header(stream, strict=True) != (number, generation):
            raise PdfReadError("another object stands there")
        generic.read_object(stream, generic.Reference(number, generation, self))
        skip_over_whitespace(stream)
        if stream.read(6) != b"endobj":
            raise PdfReadError("the object does not end there")
        end: int = stream.tell()
        return end if stream is self.stream else offset + end + removed

    def listed_in(self, revision: int) -> set[tuple[int, int]]:
        """Return the number and generation of each object that a revision lists."""
        data = self.xrefs.get_xref_data(revision)
        listed = set(data.explicit_refs_in_revision)
        if data.hybrid is not None:
            listed |= data.hybrid.xref_data.explicit_refs_in_revision
        return listed

    def trailer_end(self, offset: int) -> int:
        """Return the end of the trailer dictionary at `offset`."""
        self.stream.seek(offset)
        holder: Any = generic.TrailerReference  # untyped
        generic.DictionaryObject.read_from_stream(self.stream, holder(self))
        return int(self.stream.tell())

    def gap_of(self, ref: generic.Reference) -> Gap | None:
        """Return the place of the /Contents of the signature dictionary `ref`, if it is known."""
        marker = self.xrefs[ref]
        if not isinstance(marker, int):
            return None
        return self.contents_gaps.get((ref.idnum, ref.generation, marker))


@cache
def _read_digits_at_once() -> None:
    changed: Any = generic
    original = changed.read_hex_string_from_stream

    def read(stream: BinaryIO) -> Any:
        start = stream.tell()
        found = _HEX_STRING.match(stream.read(_USUAL_STRING))
        stream.seek(start if found is None else start + found.end())
        if found is None:
            return original(stream)
        digits = found.group()[1:-1].decode("ascii")
        return generic.pdf_string(bytes.fromhex(digits + "0" * (len(digits) % 2)))

    changed.read_hex_string_from_stream = read


def _is_hex_string(data: bytes, gap: Gap, limits: Limits) -> bool:
    start, end = gap
    if not (0 < start < end <= len(data)) or end - start > 2 * limits.contents_bytes + 2:
        return False
    return (end - start) % 2 == 0 and _HEX_STRING.fullmatch(data, start, end) is not None
