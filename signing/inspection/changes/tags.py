"""The structure tree before and after an update.

Writers tag the widget of a further signature as a form element (ISO 32000-2 14.8.4.7.2); such
elements may be added, those that were there stay as they are.
"""

from pyhanko.pdf_utils import generic

from signing.inspection.changes.view import Comparison, RevisionView, Value, key_of
from signing.inspection.objects import items, raw

_INDEX = frozenset({"/K", "/ParentTree", "/ParentTreeNextKey"})
"""The kids, and an index of what they hold."""
_LINKS = frozenset({"/K", "/P", "/Pg", "/Obj"})
_MOST_ELEMENTS = 200_000

_Pair = tuple[Value, Value]


def only_forms_added(views: tuple[RevisionView, RevisionView], comparison: Comparison) -> bool:
    """Tell whether the structure tree only gained elements of form fields."""
    old, new = (view.entry(view.root, "/StructTreeRoot") for view in views)
    if not isinstance(old, generic.DictionaryObject):
        return old is None and isinstance(new, generic.DictionaryObject)
    if not isinstance(new, generic.DictionaryObject):
        return False
    if not comparison.same(old, new, _INDEX):
        return False
    work: list[_Pair] = [(raw(old, "/K"), raw(new, "/K"))]
    for _ in range(_MOST_ELEMENTS):
        if not work:
            return True
        more = _kids(views, comparison, work.pop())
        if more is None:
            return False
        work.extend(more)
    return False


def _kids(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, pair: _Pair
) -> list[_Pair] | None:
    """Return the kids left to compare; None if more than form elements were added."""
    before, after = _list(views[0], pair[0]), _list(views[1], pair[1])
    if len(after) < len(before):
        return None
    if not all(_is_form(views[1], one) for one in after[len(before) :]):
        return None
    left: list[_Pair] = []
    for one, other in zip(before, after, strict=False):
        key = key_of(one)
        if key is not None and key == key_of(other) and not comparison.is_dirty(key):
            continue
        if not comparison.same(*_without_links(views, one, other)):
            return None
        element, later = comparison.follow(one, other)
        if isinstance(element, generic.DictionaryObject) and isinstance(
            later, generic.DictionaryObject
        ):
            left.append((raw(element, "/K"), raw(later, "/K")))
    return left


def _without_links(
    views: tuple[RevisionView, RevisionView], one: Value, other: Value
) -> tuple[Value, Value]:
    """Return two elements without what leads to their parents, kids, pages and widgets."""
    pair = []
    for view, value in zip(views, (one, other), strict=True):
        found = view.follow(value)
        if isinstance(found, generic.DictionaryObject):
            found = generic.DictionaryObject(  # type: ignore[no-untyped-call]
                {name: dict.__getitem__(found, name) for name in found if name not in _LINKS}
            )
        pair.append(found)
    return pair[0], pair[1]


def _list(view: RevisionView, value: Value) -> list[generic.PdfObject]:
    found = view.follow(value)
    if isinstance(found, generic.ArrayObject):
        return items(found)
    return [] if value is None else [value]


def _is_form(view: RevisionView, value: Value) -> bool:
    """Tell whether an added element is a form's and holds nothing but widgets."""
    element = view.follow(value)
    if not isinstance(element, generic.DictionaryObject):
        return False
    held = [view.follow(kid) for kid in _list(view, raw(element, "/K"))]
    return str(view.entry(element, "/S")) == "/Form" and all(
        isinstance(kid, generic.DictionaryObject) and "/Obj" in kid for kid in held
    )
