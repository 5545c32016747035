"""Classes of the updates after a signature, and whether the signature permits them.

What an update does is judged once for all signatures (`signing.inspection.changes`); here it is
held against one signature's permissions: DocMDP (ISO 32000-2 12.8.2.2), FieldMDP and /Lock
(12.8.2.4, 12.7.5.5).

Three answers are kept apart. `content_changed` needs proof, in an update that was read strictly: an
object that a page showed is another one, or the certification forbids what was added. What is
explained to the last object gets its class. Everything else is `unclear`.

Under P=1 the standard exempts the DSS and document timestamps alone (table 257). A changed ModDate
or Producer in the same update is what every maker's archiving leaves behind and shows nothing: it
is noted (`info_changed`) and harmless. In an update that brings no validation data it is a change
that P=1 forbids.
"""

import logging
import re
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.inspection.changes.finding import UnclearError, UpdateFinding
from signing.inspection.changes.history import History
from signing.inspection.changes.locks import Lock, lock_of
from signing.inspection.objects import READ_ERRORS, raw
from signing.inspection.reader import SealedReader
from signing.report import Coverage, LaterChanges
from signing.structure import find_byte_ranges

_log = logging.getLogger(__name__)
_END = re.compile(rb"startxref[\x00\t\n\f\r ]+(\d{1,12})[\x00\t\n\f\r ]+%%EOF(?:\r\n|\r|\n)?")
_END_WINDOW = 256
_WHITE_SPACE = b"\x00\t\n\f\r "
_MOST_WHITE_SPACE = 1024
_PARTLY = frozenset({"structure_unclear"})


@dataclass(frozen=True, slots=True)
class Review:
    """Coverage of a signature and the additions after it."""

    coverage: Coverage
    later_changes: LaterChanges | None
    """None where nothing was judged."""
    notes: frozenset[str] = frozenset()


class Reviewer:
    """Reviews the updates of one file; each is looked at once, however many signatures."""

    def __init__(self, reader: SealedReader) -> None:
        self._reader = reader
        self._firsts: dict[int, int | None] = {}
        self._history: History | None = None

    def review(self, signature: EmbeddedPdfSignature, covered_length: int) -> Review:
        """Judge everything after `covered_length`."""
        data = self._reader.data
        if covered_length == len(data):
            return Review(Coverage.WHOLE_FILE, LaterChanges.NONE)
        first = self._first_later_revision(covered_length)
        if first is None or not self._stood_before(signature, first):
            return Review(Coverage.PART, LaterChanges.UNCLEAR, _PARTLY)
        rest = data[covered_length:]
        if len(rest) < _MOST_WHITE_SPACE and not rest.strip(_WHITE_SPACE):
            return Review(Coverage.REVISION, LaterChanges.NONE, frozenset({"eol_after_eof"}))
        if first == self._total:
            notes = frozenset({"garbage_after_eof", "structure_unclear"})
            return Review(Coverage.REVISION, LaterChanges.UNCLEAR, notes)
        try:
            found = self._found(first)
            permission, lock = signature.docmdp_level, lock_of(signature)
        except (UnclearError, *READ_ERRORS) as error:
            _log.info("unclear: %s", type(error).__name__)
            return Review(Coverage.REVISION, LaterChanges.UNCLEAR, _PARTLY)
        return _permitted(found, permission, lock)

    @property
    def _total(self) -> int:
        return int(self._reader.xrefs.total_revisions)

    def _found(self, first: int) -> list[UpdateFinding]:
        history = self._history
        if history is None:
            history = self._history = History(self._reader, self._starts())
        found = [history.finding(revision) for revision in range(first, self._total)]
        return [*found, history.trailing()]

    def _starts(self) -> dict[int, int]:
        """Return the revisions before which a signature ends, and where it does."""
        found: dict[int, int] = {}
        for byte_range in find_byte_ranges(self._reader.data):
            first = self._first_later_revision(byte_range.end)
            if first is not None and first < self._total:
                found[first] = byte_range.end
        return found

    def _stood_before(self, signature: EmbeddedPdfSignature, first: int) -> bool:
        """Tell whether the signature dictionary stands in the bytes that it covers."""
        value = raw(signature.sig_field, "/V")
        if not isinstance(value, generic.IndirectObject):
            return True  # in the field, whose versions are compared
        reference = generic.Reference(value.idnum, value.generation, self._reader)
        introduced: int = self._reader.xrefs.get_introducing_revision(reference)
        return introduced < first

    def _first_later_revision(self, covered_length: int) -> int | None:
        """Return the number of revisions within the covered bytes; None if these are no whole."""
        if covered_length not in self._firsts:
            self._firsts[covered_length] = self._count_within(covered_length)
        return self._firsts[covered_length]

    def _count_within(self, covered_length: int) -> int | None:
        sections = [self._reader.xrefs.get_xref_container_info(r) for r in range(self._total)]
        first = sum(section.start_location < covered_length for section in sections)
        if not first or any(s.end_location > covered_length for s in sections[:first]):
            return None
        if any(section.start_location < covered_length for section in sections[first:]):
            return None
        window = max(0, covered_length - _END_WINDOW)
        ends = list(_END.finditer(self._reader.data, window, covered_length))
        if not ends or self._reader.data[ends[-1].end() : covered_length].strip(_WHITE_SPACE):
            return None
        return first if int(ends[-1].group(1)) == sections[first - 1].declared_startxref else None


def _permitted(found: list[UpdateFinding], permission: MDPPerm | None, lock: Lock | None) -> Review:
    """Hold what was found against what one signature permits."""
    notes = frozenset[str]().union(*(one.notes for one in found))
    proof = frozenset[str]().union(*(one.proof for one in found))
    unclear = frozenset[str]().union(*(one.unclear for one in found))
    if any(_forbidden(one, permission) or _locked(one, lock) for one in found):
        proof |= {"docmdp_violated"}
    if proof:
        return Review(Coverage.REVISION, LaterChanges.CONTENT_CHANGED, notes | proof)
    if unclear:
        return Review(Coverage.REVISION, LaterChanges.UNCLEAR, notes | unclear)
    return Review(Coverage.REVISION, _class_of(found), notes)


def _forbidden(one: UpdateFinding, permission: MDPPerm | None) -> bool:
    """Tell whether DocMDP forbids what an update does (ISO 32000-2 table 257)."""
    if permission is MDPPerm.NO_CHANGES:
        silent = one.cosmetic and not one.validation_data
        return one.signatures or one.annotated or bool(one.filled) or silent
    return permission is MDPPerm.FILL_FORMS and one.annotated


def _locked(one: UpdateFinding, lock: Lock | None) -> bool:
    return lock is not None and any(lock.holds(name) for name in one.filled | one.signed)


def _class_of(found: list[UpdateFinding]) -> LaterChanges:
    if any(one.annotated for one in found):
        return LaterChanges.PERMITTED
    if any(one.filled for one in found):
        return LaterChanges.FORM_FILL
    if any(one.signatures for one in found):
        return LaterChanges.SIGNATURES
    return LaterChanges.VALIDATION_DATA
