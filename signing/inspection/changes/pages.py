"""Pages before and after an update: the same ones, in the same order, showing the same."""

from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UnclearError, UpdateFindings
from signing.inspection.changes.view import Comparison, Key, RevisionView, Value, key_of
from signing.inspection.objects import items, raw

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""ISO 32000-2 7.7.3.4."""
_SHOWN = frozenset(
    {"/Contents", *_INHERITED, "/UserUnit", "/Group", "/AA", "/VP", "/BoxColorInfo", "/Trans"}
)
_APART = frozenset({"/Annots", "/Parent", "/Type"})
_TAGGING = frozenset({"/StructParents", "/Tabs"})
"""What a page gains when a widget on it is tagged."""
_PRIVATE = frozenset({"/LastModified", "/PieceInfo", "/Metadata"})
"""What programs keep beside a page."""
_SILENT = _TAGGING | _PRIVATE
"""Entries that show nothing."""
_MOST_PAGES = 50_000
_MOST_DEPTH = 64


@dataclass(frozen=True, slots=True)
class InheritedPage:
    """A page with what it inherits."""

    key: Key
    dictionary: generic.DictionaryObject
    inherited: dict[str, generic.PdfObject]

    def entry(self, name: str) -> Value:
        """Return an entry, its own or an inherited one, references unresolved."""
        own = raw(self.dictionary, name)
        return self.inherited.get(name) if own is None else own


@dataclass(frozen=True, slots=True)
class PageTree:
    """All pages, in order, and the numbers of the tree's nodes."""

    pages: tuple[InheritedPage, ...]
    keys: frozenset[Key]


def read_pages(view: RevisionView) -> PageTree:
    """Walk the page tree. Raises `UnclearError` where it is none."""
    root = raw(view.root, "/Pages")
    pages: list[InheritedPage] = []
    seen: set[Key] = set()
    work: list[tuple[Value, dict[str, generic.PdfObject], int]] = [(root, {}, 0)]
    while work:
        reference, inherited, depth = work.pop()
        key = key_of(reference)
        if key is None or key in seen or depth > _MOST_DEPTH or len(seen) > _MOST_PAGES:
            raise UnclearError("a page tree that is none")
        seen.add(key)
        node = view.expect(reference, "a node of the page tree")
        if "/Kids" in node:
            own = {name: raw(node, name) for name in _INHERITED if name in node}
            passed = {**inherited, **{name: one for name, one in own.items() if one is not None}}
            work.extend((kid, passed, depth + 1) for kid in reversed(view.array(node, "/Kids")))
        else:
            pages.append(InheritedPage(key, node, inherited))
    return PageTree(tuple(pages), frozenset(seen))


def compare_pages(
    old: PageTree, new: PageTree, comparison: Comparison, findings: UpdateFindings
) -> list[tuple[InheritedPage, InheritedPage]]:
    """Compare pages and return those to be compared further, before and after."""
    if len(new.pages) > len(old.pages):
        findings.prove("page_added", "more pages")
    elif len(new.pages) < len(old.pages):
        findings.prove("page_removed", "fewer pages")
    if len(new.pages) != len(old.pages):
        kept = {page.key: page for page in new.pages}
        pairs = [(page, kept[page.key]) for page in old.pages if page.key in kept]
    else:
        pairs = list(zip(old.pages, new.pages, strict=True))
    for before, after in pairs:
        _compare(before, after, comparison, findings)
    return pairs


def _compare(
    before: InheritedPage, after: InheritedPage, comparison: Comparison, findings: UpdateFindings
) -> None:
    names = {*_INHERITED, *map(str, before.dictionary), *map(str, after.dictionary)}
    for name in names & _SILENT:
        if comparison.same(before.entry(name), after.entry(name)):
            continue
        if name in _PRIVATE:
            findings.annotate("page_data_changed")
        else:
            findings.pages_silently_changed = True
    for name in sorted(names - _APART - _SILENT):
        one, other = before.entry(name), after.entry(name)
        if comparison.same(one, other):
            continue
        if name == "/Resources" and _only_grown(one, other, comparison):
            findings.doubt("resources were added", "page_content_changed")
        elif name in _SHOWN:
            findings.prove("page_content_changed", f"{name} of page {before.key}")
        else:
            findings.doubt(f"{name} of page {before.key}", "page_content_changed")


def _only_grown(old: Value, new: Value, comparison: Comparison) -> bool:
    """Tell whether resources only gained names: what uses them, if anything, is not looked at."""
    before, after = comparison.follow(old, new)
    if before is None or not isinstance(after, generic.DictionaryObject):
        return before is None
    if not isinstance(before, generic.DictionaryObject):
        return False
    for kind in map(str, before):
        one, other = comparison.follow(raw(before, kind), raw(after, kind))
        if not _kept(one, other, comparison):
            return False
    return True


def _kept(old: Value, new: Value, comparison: Comparison) -> bool:
    if not isinstance(old, generic.DictionaryObject):
        return comparison.same(old, new)
    return isinstance(new, generic.DictionaryObject) and all(
        comparison.same(raw(old, name), raw(new, name)) for name in map(str, old)
    )


def annotations(view: RevisionView, page: InheritedPage) -> list[generic.PdfObject]:
    """Return a page's annotations, references unresolved."""
    value = view.follow(raw(page.dictionary, "/Annots"))
    if value is None:
        return []
    if not isinstance(value, generic.ArrayObject):
        raise UnclearError("/Annots is no array")
    return items(value)
