"""The form before and after an update: further signatures, filled fields, and what else changed."""

from collections.abc import Callable

from pyhanko.pdf_utils import generic

from signing.inspection.changes.drawn import drawn_fields, draws_annotations
from signing.inspection.changes.fields import Field, matched, read_fields, value_of
from signing.inspection.changes.finding import UpdateFindings
from signing.inspection.changes.pages import PageTree
from signing.inspection.changes.view import Comparison, Key, RevisionView, key_of
from signing.inspection.changes.widgets import (
    AddedWidget,
    covered_end,
    flags,
    is_filled,
    is_timestamp,
    is_widget,
    rectangle,
    same_visibility,
    visible,
)
from signing.inspection.objects import raw

_APART = frozenset({"/P", "/Parent", "/Kids", "/V", "/F"})
_SILENT = frozenset(
    {"/Type", "/M", "/NM", "/StructParent", "/TU", "/TM", "/H", "/Ff", "/DR", "/DV", "/PMD"}
)
"""Entries that show nothing of a field that has its appearance."""
_DRAWING = frozenset({"/Ff", "/DR", "/DV"})
"""Those by which viewers draw a field that has none."""
_LOOK = frozenset({"/AP", "/AS", "/MK", "/DA", "/Q", "/BS", "/Border", "/C", "/DS"})
_VALUE = frozenset({"/V", "/I", "/RV", "/AS"})
_PLACE = frozenset({"/Rect", "/F", "/FT", "/T", "/A", "/AA", "/OC", "/Subtype"})
_ACTIONS = frozenset({"/A", "/AA"})
_PUSH_BUTTON = 1 << 16
_BY_FORM = frozenset({"/DA", "/DR", "/Q"})
_FORM_SILENT = frozenset({"/Fields", "/SigFlags"})


class FormComparison:
    """Compares the form of two revisions and keeps what the pages' comparison has to know."""

    def __init__(
        self,
        old: RevisionView,
        new: RevisionView,
        comparison: Comparison,
        findings: UpdateFindings,
        ends_here: Callable[[int], bool],
    ) -> None:
        self._old = old
        self._new = new
        self._comparison = comparison
        self._findings = findings
        self._ends_here = ends_here
        self.known_widgets: set[Key] = set()
        """Widgets of fields that existed: judged here, not among the annotations."""
        self.new_widgets: set[Key] = set()
        """Widgets of fields that were added."""
        self._drawn: frozenset[str] = frozenset()
        """Names of fields whose values viewers draw, by the form's entries and the field's."""
        self.added: list[AddedWidget] = []
        """Visible widgets of further signatures."""

    def compare(self, trees: tuple[PageTree, PageTree]) -> None:
        """Compare everything; `trees` are the pages before and after.

        Raises `UnclearError` and `READ_ERRORS`.
        """
        before = self._old.dictionary(self._old.root, "/AcroForm")
        after = self._new.dictionary(self._new.root, "/AcroForm")
        old, new = read_fields(self._old, before), read_fields(self._new, after)
        self._drawn = drawn_fields(self._old, before, old) | drawn_fields(self._new, after, new)
        self._form(before, after, trees)
        kept, removed, added = matched(old, new)
        for one, other in kept:
            self.known_widgets.update(key for key, _ in (*one.widgets, *other.widgets) if key)
            self._kept(one, other)
        for one in removed:
            self._removed(one)
        for other in added:
            self.new_widgets.update(key for key, _ in other.widgets if key)
            self._added(other)

    def _form(
        self,
        before: generic.DictionaryObject,
        after: generic.DictionaryObject,
        trees: tuple[PageTree, PageTree],
    ) -> None:
        """Compare the form's own entries: /DA may be added, /DR may grow.

        Not where a viewer draws text by them.
        """
        names = sorted({*map(str, before), *map(str, after)} - _FORM_SILENT)
        changed = [
            name for name in names if not self._comparison.same(raw(before, name), raw(after, name))
        ]
        for name in changed:
            self._form_entry(name, raw(before, name), raw(after, name))
        if _BY_FORM.isdisjoint(changed):
            return
        drawn = draws_annotations(self._old, before, trees[0])
        if self._drawn or drawn or draws_annotations(self._new, after, trees[1]):
            self._findings.doubt("what viewers draw by the form's entries", "field_changed")

    def _form_entry(
        self, name: str, one: generic.PdfObject | None, other: generic.PdfObject | None
    ) -> None:
        if name == "/XFA":
            self._findings.prove("field_changed", "the form's XFA")
        elif name == "/DR" and self._grown(one, other):
            return
        elif name not in ("/DA", "/Q", "/Type") or one is not None:
            self._findings.doubt(f"the form's {name}", "field_changed")

    def _grown(self, old: generic.PdfObject | None, new: generic.PdfObject | None) -> bool:
        """Tell whether resources kept all they had."""
        before, after = self._comparison.follow(old, new)
        if before is None:
            return True
        if self._comparison.same(before, after):
            return True
        if isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject):
            return True  # /ProcSet, which nobody reads (14.2)
        if isinstance(before, generic.StreamObject):
            return False
        if not isinstance(before, generic.DictionaryObject) or not isinstance(
            after, generic.DictionaryObject
        ):
            return False
        font = "/BaseFont" in before or "/Subtype" in before
        return not font and all(
            self._grown(raw(before, name), raw(after, name)) for name in map(str, before)
        )

    # Fields that existed

    def _kept(self, one: Field, other: Field) -> None:
        changed = self._changed(one, other)
        if one.kind == "/Sig" or other.kind == "/Sig":
            self._kept_signature(one, other, changed)
        elif changed:
            self._kept_value(one, other, changed)

    def _changed(self, one: Field, other: Field) -> set[str]:
        """Return the entries that differ between two versions of a field or of its widgets."""
        changed: set[str] = set()
        if not self._comparison.same(raw(one.dictionary, "/V"), raw(other.dictionary, "/V")):
            changed.add("/V")
        before = dict(one.widgets)
        after = dict(other.widgets)
        if before.keys() - after.keys():
            changed.add("/Rect")
        elif after.keys() - before.keys():
            self._findings.annotate("field_changed")
        silent = _SILENT - _DRAWING if one.name in self._drawn else _SILENT
        pairs = [(one.dictionary, other.dictionary)]
        pairs += [(widget, after[key]) for key, widget in before.items() if key in after]
        for left, right in pairs:
            for name in {*map(str, left), *map(str, right)} - _APART - silent:
                if not self._comparison.same(raw(left, name), raw(right, name)):
                    changed.add(name)
            if not same_visibility(flags(self._old, left), flags(self._new, right)):
                changed.add("/F")
        return changed

    def _kept_signature(self, one: Field, other: Field, changed: set[str]) -> None:
        was, now = value_of(self._old, one), value_of(self._new, other)
        if was is not None and "/ByteRange" in was:
            if now is None or "/ByteRange" not in now:
                self._findings.prove("signature_removed", one.name)
            elif "/V" in changed:
                self._findings.prove("field_changed", f"the signature in {one.name}")
            self._signed_look(one, other, changed - {"/V"})
        elif now is not None:
            self._filled_signature(one, other, now, changed)
        elif changed & (_LOOK | _PLACE):
            self._findings.annotate("field_changed")
        elif changed:
            self._findings.doubt(f"{one.name}: {sorted(changed)}", "field_changed")

    def _signed_look(self, one: Field, other: Field, changed: set[str]) -> None:
        """Judge changes of a signed field: nothing that can be seen of it may change."""
        seen = any(visible(self._old, widget) for _, widget in one.widgets) or any(
            visible(self._new, widget) for _, widget in other.widgets
        )
        shown = changed & (_LOOK | _PLACE)
        if shown and (seen or shown & _ACTIONS):
            self._findings.prove("field_changed", f"{one.name}: {sorted(shown)}")
        elif changed - _LOOK - {"/Rect", "/F"}:
            self._findings.doubt(f"{one.name}: {sorted(changed)}", "field_changed")

    def _filled_signature(
        self, one: Field, other: Field, value: generic.DictionaryObject, changed: set[str]
    ) -> None:
        if changed & _PLACE - {"/F"}:
            self._findings.doubt(f"{one.name}: {sorted(changed)}", "field_changed")
        if self._signature(other, value):
            self._findings.sign(one.name)

    def _kept_value(self, one: Field, other: Field, changed: set[str]) -> None:
        if changed & _PLACE:
            self._findings.prove("field_changed", f"{one.name}: {sorted(changed)}")
        elif changed & _VALUE:
            self._findings.fill(one.name)
        elif changed <= _LOOK and flags(self._old, one.dictionary, "/Ff") & _PUSH_BUTTON:
            self._findings.prove("field_changed", f"the picture of {one.name}")
        else:
            self._findings.doubt(f"{other.name}: {sorted(changed)}", "field_changed")

    def _removed(self, one: Field) -> None:
        value = value_of(self._old, one)
        if value is not None and "/ByteRange" in value:
            self._findings.prove("signature_removed", one.name)
        elif one.kind == "/Sig" or not one.widgets:
            self._findings.doubt(f"{one.name} was removed", "field_changed")
        else:
            self._findings.prove("field_changed", f"{one.name} was removed")

    # Fields that were added

    def _added(self, other: Field) -> None:
        value = value_of(self._new, other)
        if not all(is_widget(self._new, widget) for _, widget in other.widgets):
            self._findings.annotate("annotation_changed")
        if other.kind == "/Sig" and value is not None:
            self._signature(other, value)
        elif other.kind == "/Sig":
            self._prepared(other)
        elif other.kind or other.widgets:
            self._findings.annotate("field_changed")

    def _signature(self, other: Field, value: generic.DictionaryObject) -> bool:
        """Judge a signature that this update adds; tell whether it is one, and no timestamp."""
        end = covered_end(self._new, value)
        key = key_of(raw(other.dictionary, "/V"))
        shown = [(key, widget) for key, widget in other.widgets if visible(self._new, widget)]
        if end is None or not is_filled(self._new, value):
            self._prepared(other)
            return False
        self._refuse_actions(other)
        if not self._ends_here(end) or (key is not None and self._old.has(key)):
            self._findings.doubt(f"{other.name} holds no signature of this update")
            return False
        self._keep_places(shown)
        if is_timestamp(value) and not shown:
            self._findings.validation_data = True
            return False
        self._findings.signatures = True
        return True

    def _prepared(self, other: Field) -> None:
        """Judge a field for a signature that is not made yet: a picture over the page is none."""
        self._refuse_actions(other)
        for _, widget in other.widgets:
            if visible(self._new, widget) and ("/AP" in widget or "/MK" in widget):
                self._findings.annotate("field_changed")
        self._findings.signatures = True

    def _refuse_actions(self, other: Field) -> None:
        if any(name in widget for widget in other.looks() for name in _ACTIONS):
            self._findings.doubt(f"{other.name} has actions", "field_changed")

    def _keep_places(self, shown: list[tuple[Key | None, generic.DictionaryObject]]) -> None:
        for key, widget in shown:
            place = rectangle(self._new, widget)
            if place is not None:
                self.added.append(AddedWidget(key, key_of(raw(widget, "/P")), place))
