"""Annotations and fields without an appearance, which viewers draw by themselves.

They take font, size and place of the text from /DA, /DR, /Q and /Ff, of the form too.
"""

from collections.abc import Iterable

from pyhanko.pdf_utils import generic

from signing.inspection.changes.fields import Field
from signing.inspection.changes.pages import PageTree, annotations
from signing.inspection.changes.view import RevisionView, Value
from signing.inspection.objects import is_name

_MOST_ABOVE = 64
_CAPTIONS = ("/CA", "/RC", "/AC")


def drawn_fields(
    view: RevisionView, form: generic.DictionaryObject, fields: list[Field]
) -> frozenset[str]:
    """Return the names of fields that viewers draw."""
    needed = _asks_for_appearances(view, form)
    valued = {one.name for one in fields if one.kind != "/Sig" and _holds(view, one.dictionary)}
    return frozenset(
        one.name
        for one in fields
        if one.kind != "/Sig"
        and any(needed or not _has_appearance(view, widget) for _, widget in one.widgets)
        and (_is_below(one.name, valued) or any(_holds(view, held) for held in one.looks()))
    )


def draws_annotations(view: RevisionView, form: generic.DictionaryObject, tree: PageTree) -> bool:
    """Tell whether viewers draw text of any annotation on a page, a field's or not."""
    needed = _asks_for_appearances(view, form)
    return any(
        _is_drawn(view, view.follow(one), needed=needed)
        for page in tree.pages
        for one in annotations(view, page)
    )


def _is_drawn(view: RevisionView, annotation: Value, *, needed: bool) -> bool:
    if not isinstance(annotation, generic.DictionaryObject):
        return False
    subtype, bare = view.entry(annotation, "/Subtype"), not _has_appearance(view, annotation)
    if is_name(subtype, "/FreeText"):
        return bare
    return is_name(subtype, "/Widget") and (bare or needed) and _shows_text(view, annotation)


def _shows_text(view: RevisionView, widget: generic.DictionaryObject) -> bool:
    """Tell whether a widget, or what it inherits from (12.7.4.1), has something to be drawn."""
    held: Value = widget
    for _ in range(_MOST_ABOVE):
        if not isinstance(held, generic.DictionaryObject):
            return False
        if is_name(view.entry(held, "/FT"), "/Sig"):
            return False
        if _holds(view, held):
            return True
        held = view.entry(held, "/Parent")
    return True


def _is_below(name: str, valued: Iterable[str]) -> bool:
    return any(name == above or name.startswith(f"{above}.") for above in valued)


def _holds(view: RevisionView, node: generic.DictionaryObject) -> bool:
    """Tell whether a field or widget has a value, choices or a caption to be drawn."""
    value, looks = view.entry(node, "/V"), view.entry(node, "/MK")
    if isinstance(looks, generic.DictionaryObject) and any(one in looks for one in _CAPTIONS):
        return True
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        return bool(value.original_bytes)
    return value is not None or "/Opt" in node


def _has_appearance(view: RevisionView, widget: generic.DictionaryObject) -> bool:
    """Tell whether there is an appearance to be drawn: of several, the one for its state (/AS)."""
    looks = view.entry(widget, "/AP")
    normal = view.entry(looks, "/N") if isinstance(looks, generic.DictionaryObject) else None
    if isinstance(normal, generic.StreamObject) or not isinstance(normal, generic.DictionaryObject):
        return normal is not None
    state = view.entry(widget, "/AS")
    return isinstance(state, generic.NameObject) and str(state) in normal


def _asks_for_appearances(view: RevisionView, form: generic.DictionaryObject) -> bool:
    asked = view.entry(form, "/NeedAppearances")
    return asked is not None and bool(getattr(asked, "value", True))
