"""What one incremental update may change after a signature: validation data and timestamps.

A white list (ISO 32000-2 12.8.2.2.2 and 12.8.4.3, ETSI EN 319 142-1 5.4): the catalogue's /DSS,
/AcroForm and /Extensions; the document security store; a document timestamp with its invisible
field; and the page's /Annots gaining that field. Every object of the update must be accounted for.
"""

import re
from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils import generic

from signing.inspection.objects import dictionary, is_name, items, raw, resolved, same, target
from signing.inspection.reader import SealedReader

Key = tuple[int, int]

_INFO_KEYS = frozenset({"/ModDate", "/Producer"})
_DSS_LISTS = {"/Certs", "/OCSPs", "/CRLs"}
_VRI_LISTS = {"/Cert", "/OCSP", "/CRL"}
_WIDGET_KEYS = {"/Type", "/Subtype", "/FT", "/T", "/TU", "/V", "/F", "/Ff", "/Rect", "/P"}
_STAMP_KEYS = {"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M", "/V"}
_TRAILER_KEYS = {"/Prev", "/Size", "/ID", "/Info"}
_EXTENSIONS = {"/ESIC", "/ADBE", "/ISO_", "/Type"}
_XMP_TIMES = re.compile(rb"<(xmp:ModifyDate|xmp:MetadataDate|pdf:Producer)>[^<]*</\1>")


class UnexplainedError(Exception):
    """The update changes what nothing may change; the text says what, for logs."""


class Update:
    """One update between two revisions."""

    def __init__(self, reader: SealedReader, revision: int) -> None:
        # Any: pyHanko leaves most of the resolver's methods without types.
        self._old: Any = reader.get_historical_resolver(revision - 1)
        self._new: Any = reader.get_historical_resolver(revision)
        self._reader = reader
        self._revision = revision
        new: Any = self._new  # a resolver without types
        references = new.explicit_refs_in_revision()
        self._written: set[Key] = {(ref.idnum, ref.generation) for ref in references}
        self._replaced: set[Key] = {
            (ref.idnum, ref.generation)
            for ref in references
            if reader.xrefs.get_historical_ref(ref, revision - 1) is not None
        }
        self._explained: set[Key] = set()

    def explain(self) -> frozenset[str]:
        """Return notes on what is harmless. Raises `UnexplainedError`."""
        if self._new.refs_freed_in_revision():
            raise UnexplainedError("objects were freed")
        notes = set(self._trailer())
        notes.update(self._catalogue())
        self._containers()
        left = self._written - self._explained
        if left:
            raise UnexplainedError(f"objects without an explanation: {sorted(left)[:8]}")
        return frozenset(notes)

    # Accounting

    def _take(self, value: generic.PdfObject | None, *, may_replace: bool = True) -> None:
        """Account for the object behind a reference, if this update wrote it."""
        if not isinstance(value, generic.IndirectObject):
            return
        key = (value.idnum, value.generation)
        if key in self._replaced and not may_replace:
            raise UnexplainedError(f"object {key} was replaced")
        self._explained.add(key)

    def _unchanged(self, old: generic.PdfObject | None, new: generic.PdfObject | None) -> bool:
        """Tell whether an entry is the same, including what it refers to directly."""
        if not same(old, new):
            return False
        if isinstance(new, generic.IndirectObject):
            return (new.idnum, new.generation) not in self._written
        return True

    def _differing(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> set[str]:
        keys = {*map(str, old), *map(str, new)}
        return {key for key in keys if not same(raw(old, key), raw(new, key))}

    # Trailer and catalogue

    def _trailer(self) -> Iterable[str]:
        old, new = self._old.trailer_view, self._new.trailer_view
        differing = self._differing(old, new) - _TRAILER_KEYS
        if differing:
            raise UnexplainedError(f"trailer entries {sorted(differing)}")
        old_id, new_id = raw(old, "/ID"), raw(new, "/ID")
        if not self._unchanged(old_id, new_id) and _first(old_id) != _first(new_id):
            raise UnexplainedError("the file's identifier")
        return self._info(raw(old, "/Info"), raw(new, "/Info"))

    def _info(self, old: Any, new: Any) -> Iterable[str]:
        if self._unchanged(old, new):
            return ()
        # References in pyHanko's trailer views lead to the newest revision, not to their own.
        was = self._old.get_object(old.reference) if _key(old) else None
        now = self._new.get_object(new.reference) if _key(new) else None
        if not isinstance(now, generic.DictionaryObject):
            raise UnexplainedError("the document's information")
        before = was if isinstance(was, generic.DictionaryObject) else _empty()
        if self._differing(before, now) - _INFO_KEYS:
            raise UnexplainedError("the document's information")
        self._take(new)
        return ("info_changed",)

    def _catalogue(self) -> Iterable[str]:
        old, new = self._old.root, self._new.root
        differing = self._differing(old, new)
        allowed = {"/DSS", "/AcroForm", "/Extensions", "/Metadata", "/Version"}
        if differing - allowed:
            raise UnexplainedError(f"catalogue entries {sorted(differing - allowed)}")
        self._take(raw(self._new.trailer_view, "/Root"))
        if not self._unchanged(raw(old, "/DSS"), raw(new, "/DSS")) or "/DSS" in new:
            self._dss(resolved(old, "/DSS"), new)
        self._extensions(new)
        self._form(old, new)
        return self._metadata(old, new, changed_version="/Version" in differing)

    def _metadata(
        self,
        old: generic.DictionaryObject,
        new: generic.DictionaryObject,
        *,
        changed_version: bool,
    ) -> Iterable[str]:
        """Allow times and producer in XMP, and a later version (stock pyHanko writes both)."""
        notes = ["version_changed"] if changed_version else []
        before, after = raw(old, "/Metadata"), raw(new, "/Metadata")
        if self._unchanged(before, after):
            return notes
        was, now = resolved(old, "/Metadata"), resolved(new, "/Metadata")
        if not isinstance(was, generic.StreamObject) or not isinstance(now, generic.StreamObject):
            raise UnexplainedError("the XMP metadata")
        if _XMP_TIMES.sub(b"", was.data) != _XMP_TIMES.sub(b"", now.data):
            raise UnexplainedError("the XMP metadata")
        self._take(after)
        return [*notes, "info_changed"]

    def _extensions(self, new: generic.DictionaryObject) -> None:
        extensions = resolved(new, "/Extensions")
        if isinstance(extensions, generic.DictionaryObject):
            old = resolved(self._old.root, "/Extensions")
            before = old if isinstance(old, generic.DictionaryObject) else _empty()
            if self._differing(before, extensions) - _EXTENSIONS:
                raise UnexplainedError("developer extensions")
        self._take(raw(new, "/Extensions"))

    # The document security store

    def _dss(self, old: generic.PdfObject | None, root: generic.DictionaryObject) -> None:
        new = resolved(root, "/DSS")
        if not isinstance(new, generic.DictionaryObject):
            raise UnexplainedError("the DSS was removed")
        before = old if isinstance(old, generic.DictionaryObject) else _empty()
        if set(map(str, new)) - {*_DSS_LISTS, "/VRI", "/Type"}:
            raise UnexplainedError("foreign entries in the DSS")
        self._take(raw(root, "/DSS"))
        for key in _DSS_LISTS:
            self._streams(resolved(before, key), new, key)
        vri = resolved(new, "/VRI")
        if isinstance(vri, generic.DictionaryObject):
            self._take(raw(new, "/VRI"))
            self._vri(resolved(before, "/VRI"), vri)

    def _vri(self, old: generic.PdfObject | None, new: generic.DictionaryObject) -> None:
        before = old if isinstance(old, generic.DictionaryObject) else _empty()
        for key in map(str, new):
            entry = resolved(new, key)
            if not isinstance(entry, generic.DictionaryObject):
                raise UnexplainedError("foreign entries in /VRI")
            if set(map(str, entry)) - {*_VRI_LISTS, "/Type", "/TU", "/TS"}:
                raise UnexplainedError("foreign entries in /VRI")
            self._take(raw(new, key))
            was = resolved(before, key)
            base = was if isinstance(was, generic.DictionaryObject) else _empty()
            for name in _VRI_LISTS:
                self._streams(resolved(base, name), entry, name)
            self._take(raw(entry, "/TS"), may_replace=False)

    def _streams(
        self, old: generic.PdfObject | None, owner: generic.DictionaryObject, key: str
    ) -> None:
        """Account for a list of streams; it may grow, its streams may not be replaced."""
        new = resolved(owner, key)
        if not isinstance(new, generic.ArrayObject):
            if isinstance(old, generic.ArrayObject) and old:
                raise UnexplainedError(f"{key} was removed from the DSS")
            return
        self._take(raw(owner, key))
        now = items(new)
        for item in now:
            if not isinstance(target(item), generic.StreamObject):
                raise UnexplainedError(f"{key} holds something else than streams")
            self._take(item, may_replace=False)
        if isinstance(old, generic.ArrayObject):
            kept = {_key(item) for item in now}
            if any(_key(item) not in kept for item in items(old)):
                raise UnexplainedError(f"{key} lost validation data")

    # The form and the timestamp's field

    def _form(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        before, after = resolved(old, "/AcroForm"), resolved(new, "/AcroForm")
        if not isinstance(before, generic.DictionaryObject):
            if after is not None:
                raise UnexplainedError("a form was added")
            return
        if not isinstance(after, generic.DictionaryObject):
            raise UnexplainedError("the form was removed")
        if self._differing(before, after) - {"/Fields", "/SigFlags"}:
            raise UnexplainedError("the form")
        self._take(raw(new, "/AcroForm"))
        was, now = resolved(before, "/Fields"), resolved(after, "/Fields")
        added = _appended(was, now)
        self._take(raw(after, "/Fields"))
        for field in added:
            self._timestamp_field(field)

    def _timestamp_field(self, reference: generic.PdfObject) -> None:
        field = target(reference)
        if not isinstance(reference, generic.IndirectObject) or not isinstance(
            field, generic.DictionaryObject
        ):
            raise UnexplainedError("a field that is no object")
        rectangle = resolved(field, "/Rect")
        invisible = isinstance(rectangle, generic.ArrayObject) and not any(
            isinstance(side, generic.NumberObject | generic.FloatObject) and float(str(side))
            for side in items(rectangle)
        )
        kinds = is_name(raw(field, "/FT"), "/Sig") and is_name(raw(field, "/Subtype"), "/Widget")
        if set(map(str, field)) - _WIDGET_KEYS or not invisible or not kinds:
            raise UnexplainedError("a field that is not an invisible timestamp's")
        value = resolved(field, "/V")
        if not isinstance(value, generic.DictionaryObject) or not _is_timestamp(value):
            raise UnexplainedError("a field that is not a timestamp's")
        self._take(reference, may_replace=False)
        self._take(raw(field, "/V"), may_replace=False)
        self._page(raw(field, "/P"), reference)

    def _page(self, page: generic.PdfObject | None, widget: generic.IndirectObject) -> None:
        """Let the page's /Annots gain the widget, and nothing else."""
        if not isinstance(page, generic.IndirectObject):
            return
        was = self._old.get_object(page.reference)
        now = self._new.get_object(page.reference)
        if not isinstance(was, generic.DictionaryObject) or not isinstance(
            now, generic.DictionaryObject
        ):
            raise UnexplainedError("the timestamp's page")
        if self._differing(was, now) - {"/Annots"}:
            raise UnexplainedError("a page")
        added = _appended(resolved(was, "/Annots"), resolved(now, "/Annots"))
        if any(_key(item) != _key(widget) for item in added):
            raise UnexplainedError("annotations")
        self._take(page)
        self._take(raw(now, "/Annots"))

    # What holds the objects

    def _containers(self) -> None:
        """Account for cross-reference streams and object streams, which must be new."""
        meta = self._reader.xrefs.get_xref_container_info(self._revision)
        if meta.stream_ref is not None:
            self._explained.add((meta.stream_ref.idnum, meta.stream_ref.generation))
        data = self._reader.xrefs.get_xref_data(self._revision)
        if data.hybrid is not None:
            raise UnexplainedError("hybrid cross-references")
        for number in data.obj_streams_used:
            listed = sum(ref.obj_stream_id == number for ref in data.xrefs_in_objstm.values())
            stream = self._new.get_object(generic.Reference(number, 0, self._new))
            count = raw(stream, "/N") if isinstance(stream, generic.StreamObject) else None
            if (number, 0) in self._replaced or (number, 0) not in self._written:
                raise UnexplainedError("an object stream of another revision")
            if not isinstance(count, generic.NumberObject) or int(count) != listed:
                raise UnexplainedError("an object stream with unlisted objects")
            self._explained.add((number, 0))


def _empty() -> generic.DictionaryObject:
    return dictionary({})


def _key(value: generic.PdfObject) -> Key | None:
    if isinstance(value, generic.IndirectObject):
        return value.idnum, value.generation
    return None


def _first(value: generic.PdfObject | None) -> bytes | None:
    """Return the part of a file's identifier that never changes (ISO 32000-1 14.4)."""
    if not isinstance(value, generic.ArrayObject) or not value:
        return None
    return getattr(items(value)[0], "original_bytes", None)


def _appended(
    old: generic.PdfObject | None, new: generic.PdfObject | None
) -> list[generic.PdfObject]:
    """Return what was appended to an array. Raises `UnexplainedError` if more was done to it."""
    before = items(old) if isinstance(old, generic.ArrayObject) else []
    after = items(new) if isinstance(new, generic.ArrayObject) else []
    if len(after) < len(before) or not all(
        same(was, now) for was, now in zip(before, after, strict=False)
    ):
        raise UnexplainedError("an array was rearranged")
    return after[len(before) :]


def _is_timestamp(value: generic.DictionaryObject) -> bool:
    return (
        is_name(raw(value, "/Type"), "/DocTimeStamp")
        and is_name(raw(value, "/SubFilter"), "/ETSI.RFC3161")
        and not set(map(str, value)) - _STAMP_KEYS
        and not any(isinstance(item, generic.IndirectObject) for item in value.values())
    )
