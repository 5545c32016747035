"""What follows the bytes that a signature covers, and whether all of it is explained.

Explained is a chain of whole incremental updates (ISO 32000-1 7.5.6) in which each byte belongs to
an object that the update's cross-references list, to those, to the trailer, or is white space; and
each of which changes nothing but validation data and timestamps (`signing.inspection.updates`).
pyHanko's difference analysis must agree; alone it lets pass garbage after %%EOF, a changed Info
dictionary and form filling.

A changed ModDate or Producer is what other makers' archive timestamps leave behind. It is noted
(`info_changed`) and harmless, except under a certification that forbids every change (P=1): there
the standard exempts the DSS and timestamps only (ISO 32000-2 table 257).
"""

import logging
import re
from dataclasses import dataclass

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.objects import READ_ERRORS
from signing.inspection.reader import SealedReader
from signing.inspection.updates import UnexplainedError, Update
from signing.report import Coverage, LaterChanges

_log = logging.getLogger(__name__)
_END = re.compile(rb"startxref[\x00\t\n\f\r ]+(\d{1,12})[\x00\t\n\f\r ]+%%EOF(?:\r\n|\r|\n)?")
_END_WINDOW = 64
_EOL = (b"\n", b"\r\n", b"\r")
_WHITE_SPACE = b"\x00\t\n\f\r "


@dataclass(frozen=True, slots=True)
class Review:
    """How much a signature covers and what was added after it."""

    coverage: Coverage
    later_changes: LaterChanges | None
    """None where nothing was judged."""
    notes: frozenset[str] = frozenset()


class Reviewer:
    """Reviews the updates of one file; each is looked at once, however many signatures."""

    def __init__(self, reader: SealedReader) -> None:
        self._reader = reader
        self._updates: dict[int, frozenset[str] | UnexplainedError] = {}

    def review(self, signature: EmbeddedPdfSignature, covered_length: int) -> Review:
        """Judge everything after `covered_length`."""
        data = self._reader.data
        if covered_length == len(data):
            return Review(Coverage.WHOLE_FILE, LaterChanges.NONE)
        first = self._first_later_revision(covered_length)
        if first is None or signature.signed_revision >= first:
            return Review(Coverage.PART, LaterChanges.CONTENT_CHANGED)
        if data[covered_length:] in _EOL and data.endswith(b"%%EOF", 0, covered_length):
            return Review(Coverage.REVISION, LaterChanges.NONE, frozenset({"eol_after_eof"}))
        try:
            notes = self._explain(signature, first, covered_length)
        except UnexplainedError as error:
            _log.info("unexplained: %s", error)
            notes = frozenset({"garbage_after_eof"}) if first == self._total else frozenset()
            return Review(Coverage.REVISION, LaterChanges.CONTENT_CHANGED, notes)
        except READ_ERRORS as error:
            _log.info("unexplained: %s", type(error).__name__)
            return Review(Coverage.REVISION, LaterChanges.CONTENT_CHANGED)
        return Review(Coverage.REVISION, LaterChanges.VALIDATION_DATA, notes)

    @property
    def _total(self) -> int:
        return int(self._reader.xrefs.total_revisions)

    def _first_later_revision(self, covered_length: int) -> int | None:
        """Return the number of revisions within the covered bytes; None if these are no whole."""
        sections = [self._reader.xrefs.get_xref_container_info(r) for r in range(self._total)]
        first = sum(section.start_location < covered_length for section in sections)
        if not first or any(s.end_location > covered_length for s in sections[:first]):
            return None
        if any(section.start_location < covered_length for section in sections[first:]):
            return None
        window = max(0, covered_length - _END_WINDOW)
        ends = list(_END.finditer(self._reader.data, window, covered_length))
        if not ends or ends[-1].end() != covered_length:
            return None
        return first if int(ends[-1].group(1)) == sections[first - 1].declared_startxref else None

    def _explain(
        self, signature: EmbeddedPdfSignature, first: int, covered_length: int
    ) -> frozenset[str]:
        notes: set[str] = set()
        position = covered_length
        for revision in range(first, self._total):
            position = _tile(self._reader, revision, position)
            notes |= self._update(revision)
        if position != len(self._reader.data):
            raise UnexplainedError("bytes after the last %%EOF")
        permission = signature.docmdp_level
        if notes and permission is MDPPerm.NO_CHANGES:
            raise UnexplainedError(f"{sorted(notes)} under a certification without changes")
        result = DEFAULT_DIFF_POLICY.review_file(
            self._reader,
            first - 1,
            field_mdp_spec=signature.fieldmdp,
            doc_mdp=permission,
        )
        if not isinstance(result, DiffResult) or (
            result.modification_level > ModificationLevel.LTA_UPDATES
        ):
            raise UnexplainedError("difference analysis disagrees")
        return frozenset(notes)

    def _update(self, revision: int) -> frozenset[str]:
        found = self._updates.get(revision)
        if found is None:
            try:
                found = Update(self._reader, revision).explain()
            except UnexplainedError as error:
                found = error
            self._updates[revision] = found
        if isinstance(found, UnexplainedError):
            raise found
        return found


def _tile(reader: SealedReader, revision: int, start: int) -> int:
    """Return where an update ends that begins at `start`, every byte accounted for."""
    meta = reader.xrefs.get_xref_container_info(revision)
    data = reader.xrefs.get_xref_data(revision)
    start_of_xref = meta.declared_startxref
    position = start
    for number, (generation, offset) in sorted(
        data.standard_xrefs.items(), key=lambda entry: entry[1][1]
    ):
        if offset == start_of_xref:
            continue  # a cross-reference stream lists itself
        _only_white_space(reader, position, offset)
        position = reader.object_end(number, generation, offset)
    _only_white_space(reader, position, start_of_xref)
    if meta.stream_ref is not None:
        reference = meta.stream_ref
        position = reader.object_end(reference.idnum, reference.generation, start_of_xref)
    else:
        if not reader.data.startswith(b"xref", start_of_xref):
            raise UnexplainedError("no cross-references where startxref says")
        position = reader.trailer_end(meta.end_location)
    return _after_eof(reader, position, start_of_xref)


def _after_eof(reader: SealedReader, position: int, startxref: int) -> int:
    end = _END.search(reader.data, position)
    if end is None or int(end.group(1)) != startxref:
        raise UnexplainedError("no startxref where it should stand")
    _only_white_space(reader, position, end.start())
    return end.end()


def _only_white_space(reader: SealedReader, start: int, end: int) -> None:
    if end < start or reader.data[start:end].strip(_WHITE_SPACE):
        raise UnexplainedError(f"bytes {start}..{end} belong to nothing")
