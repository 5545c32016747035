"""Licence identifiers in a parsed document's properties, where our Sealer writes them.

The raw bytes are searched first (`signing.structure`), damaged or not; this finds what a tool that
saved the file again has compressed or written in UTF-16.
"""

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.objects import READ_ERRORS, raw, resolved, target
from signing.inspection.reader import SealedReader
from signing.structure import find_identifiers, find_written_identifiers


def identifiers_written(reader: SealedReader, known: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return `known` and what Info /Keywords and the XMP say, distinct, at most `most`."""
    found = dict.fromkeys(known)
    for source in (_keywords, _metadata):
        try:
            found.update(dict.fromkeys(source(reader)))
        except READ_ERRORS:
            continue
    return tuple(found)[:most]


def _keywords(reader: SealedReader) -> tuple[str, ...]:
    if "/Info" not in reader.trailer:
        return ()
    info = target(reader.trailer.raw_get("/Info"))
    if not isinstance(info, generic.DictionaryObject):
        return ()
    value = raw(info, "/Keywords")
    text = target(value) if value is not None else None
    if not isinstance(text, str):
        return ()
    return find_identifiers(text.encode("utf-8", "replace"))


def _metadata(reader: SealedReader) -> tuple[str, ...]:
    stream = resolved(reader.root, "/Metadata")
    if not isinstance(stream, generic.StreamObject):
        return ()
    return find_written_identifiers(stream.read_data(DecodePurpose.XMP_METADATA))
