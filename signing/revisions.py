"""What follows the bytes that a signature covers, and whether all of it is explained."""

from dataclasses import dataclass

from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.reader import SealedReader
from signing.report import Coverage, LaterChanges


@dataclass(frozen=True, slots=True)
class Review:
    """How much a signature covers and what was added after it."""

    coverage: Coverage
    later_changes: LaterChanges
    notes: frozenset[str] = frozenset()


def review_changes(
    reader: SealedReader, signature: EmbeddedPdfSignature, covered_length: int
) -> Review:
    """Judge everything after `covered_length`."""
    if covered_length == len(reader.data):
        return Review(Coverage.WHOLE_FILE, LaterChanges.NONE)
    return Review(Coverage.REVISION, LaterChanges.UNEXPLAINED)
