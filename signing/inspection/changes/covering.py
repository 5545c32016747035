"""Detection of a further visible signature over something that the page showed before."""

from signing.inspection.changes.finding import UnclearError
from signing.inspection.changes.pages import InheritedPage, annotations
from signing.inspection.changes.painted import painted
from signing.inspection.changes.view import Key, RevisionView, key_of
from signing.inspection.changes.widgets import AddedWidget, Rectangle, rectangle, visible
from signing.inspection.objects import READ_ERRORS

_TOUCHING = 1.0
"""Points by which neighbours may overlap."""


def covers_content(
    views: tuple[RevisionView, RevisionView],
    pairs: list[tuple[InheritedPage, InheritedPage]],
    added: list[AddedWidget],
) -> bool:
    """Tell whether one of the added widgets covers something, or where that cannot be said."""
    shown: dict[Key, list[Rectangle]] = {}
    for widget in added:
        for before, after in pairs:
            if not _is_on(views[1], widget, after):
                continue
            if before.key not in shown:
                try:
                    shown[before.key] = _shown(views[0], before, widget.key)
                except (UnclearError, *READ_ERRORS):
                    return True
            if any(_overlap(widget.rectangle, box) for box in shown[before.key]):
                return True
    return False


def _is_on(view: RevisionView, widget: AddedWidget, page: InheritedPage) -> bool:
    """Tell whether a widget is on a page: among its annotations, or by its own word (/P)."""
    if widget.page == page.key:
        return True
    return widget.key is not None and any(
        key_of(one) == widget.key for one in annotations(view, page)
    )


def _shown(view: RevisionView, page: InheritedPage, itself: Key | None) -> list[Rectangle]:
    found = painted(view, page)
    for one in annotations(view, page):
        annotation = view.expect(one, "an annotation")
        place = rectangle(view, annotation)
        seen = place is not None and visible(view, annotation) and "/AP" in annotation
        if place is not None and seen and key_of(one) != itself:
            found.append(place)
    return found


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] + _TOUCHING < other[2]
        and other[0] + _TOUCHING < one[2]
        and one[1] + _TOUCHING < other[3]
        and other[1] + _TOUCHING < one[3]
    )
