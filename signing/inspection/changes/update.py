"""Judgement of one update: what its bytes are, then what its objects change."""

from collections.abc import Iterable

from signing.inspection.changes.agreement import demand_agreement
from signing.inspection.changes.annotations import compare_annotations
from signing.inspection.changes.catalogue import compare_catalogue, compare_trailer
from signing.inspection.changes.covering import covers_content
from signing.inspection.changes.dss import compare_dss
from signing.inspection.changes.finding import UnclearError, UpdateFinding, UpdateFindings
from signing.inspection.changes.form import FormComparison
from signing.inspection.changes.graph import Graph, references
from signing.inspection.changes.layout import UpdateLayout
from signing.inspection.changes.pages import PageTree, compare_pages, read_pages
from signing.inspection.changes.properties import compare_properties
from signing.inspection.changes.view import Comparison, Key, RevisionView, Value, children, key_of
from signing.inspection.objects import READ_ERRORS, raw
from signing.inspection.reader import SealedReader

_EXPLAINED_ROOTS = ("/DSS", "/Metadata", "/StructTreeRoot", "/Extensions")
_LEADING_AWAY = frozenset({"/P", "/Pg", "/Obj", "/Parent"})


class Update:
    """One update between two revisions whose bytes were read strictly."""

    def __init__(
        self, reader: SealedReader, revision: int, layout: UpdateLayout, graph: Graph
    ) -> None:
        self._reader = reader
        self._layout = layout
        self._views = RevisionView(reader, revision - 1), RevisionView(reader, revision)
        self._revision = revision
        self._findings = UpdateFindings()
        self._check_generations()
        self._written = layout.written | self._freed(graph)
        self._touched = graph.touched(*self._views, self._written)
        self._dirty = graph.leading_to(self._touched)

    def judge(self) -> UpdateFinding:
        """Return the finding; whatever cannot be read is unclear."""
        try:
            self._judge()
        except UnclearError as error:
            self._findings.doubt(str(error))
        except READ_ERRORS as error:
            self._findings.doubt(type(error).__name__)
        return self._findings.close()

    def _judge(self) -> None:
        old, new = self._views
        trees = read_pages(old), read_pages(new)
        comparison = Comparison(self._views, self._dirty, self._apart(trees))
        findings = self._findings
        compare_trailer(self._views, comparison, findings)
        pairs = compare_pages(*trees, comparison, findings)
        form = FormComparison(old, new, comparison, findings, self._ends_here)
        form.compare(trees)
        for pair in pairs:
            compare_annotations(self._views, pair, form, comparison, findings)
        if covers_content(self._views, pairs, form.added):
            findings.note("covers_content")
        compare_catalogue(self._views, comparison, findings)
        compare_properties(self._views, comparison, findings)
        compare_dss(self._views, comparison, findings)
        if findings.pages_silently_changed and not findings.signatures:
            findings.annotate("tags_changed")  # no widget was added that would need them
        if findings.innocent and not findings.pages_silently_changed:
            explained = self._explained(comparison)
            demand_agreement(self._reader, self._revision, explained, self._touched)

    def _check_generations(self) -> None:
        """Demand that a number keeps its generation: readers differ in what they make of others."""
        old = self._views[0]
        for number, generation in self._layout.written:
            if generation and (not old.has((number, generation)) or old.has((number, 0))):
                raise UnclearError("an object under another generation")

    def _freed(self, graph: Graph) -> frozenset[Key]:
        """Return the objects that the update frees. Numbers that nothing used do not count.

        Of an object that is still referred to, some readers go on to show the old version.
        """
        old, new = self._views
        found: set[Key] = set()
        for number, generation in self._layout.free:
            freed = number, generation - 1
            if old.has(freed):
                found.add(freed)
            elif any(old.has((number, other)) for other in (0, generation)):
                raise UnclearError("an object freed under another generation")
        if any(new.has(key) or graph.is_used(key) for key in found):
            raise UnclearError("an object freed and in use")
        return frozenset(found)

    def _apart(self, trees: tuple[PageTree, PageTree]) -> frozenset[tuple[Key | None, Key | None]]:
        pages = {(key, key) for key in trees[0].keys | trees[1].keys}
        roots = tuple(key_of(raw(view.trailer, "/Root")) for view in self._views)
        return frozenset({*pages, (roots[0], roots[1])})

    def _ends_here(self, end: int) -> bool:
        """Tell whether a signature that covers so many bytes was made in this update."""
        rest = self._reader.data[end : self._layout.end]
        return end <= self._layout.end and rest in (b"", b"\n", b"\r", b"\r\n")

    def _explained(self, comparison: Comparison) -> frozenset[Key]:
        """Return the written objects that were explained without pyHanko.

        Objects that say the same as before, with what they are made of now; validation data and
        metadata, which were compared by content; and what nothing in the document refers to.
        """
        old, new = self._views
        unchanged = {
            key
            for key in self._written
            if old.has(key)
            and (key not in self._touched or comparison.same(old.object(key), new.object(key)))
        }
        roots: list[Value] = [raw(new.root, name) for name in _EXPLAINED_ROOTS]
        roots.append(raw(new.trailer, "/Info"))
        roots += [new.object(key) for key in unchanged & self._touched]
        reached = _reached(new, roots, self._written)
        unreferenced = self._written - self._referenced()
        explained = unchanged | reached | unreferenced | self._layout.containers
        return frozenset(explained | self._freed_keys())

    def _referenced(self) -> set[Key]:
        """Return the written objects that replace others or that these lead to."""
        found: set[Key] = set()
        work = [key for key in self._written if self._views[0].has(key) or key in self._touched]
        work += filter(None, [key_of(raw(self._views[1].trailer, "/Root"))])
        while work:
            key = work.pop()
            if key in self._written and key not in found:
                found.add(key)
                work.extend(references(self._views[1], key))
        return found

    def _freed_keys(self) -> set[Key]:
        """Return the objects that the update lists and does not define, as pyHanko reads its free
        entries.
        """
        listed = self._reader.listed_in(self._revision)
        return {key for key in listed if not self._views[1].has(key)}


def _reached(view: RevisionView, roots: Iterable[Value], written: frozenset[Key]) -> set[Key]:
    """Return the written objects below some values, pages and widgets left out."""
    found: set[Key] = set()
    seen: set[Key] = set()
    work = list(roots)
    while work:
        value = work.pop()
        key = key_of(value)
        if key is not None:
            if key in seen:
                continue
            seen.add(key)
            found |= {key} & written
            value = view.follow(value)
        work.extend(held for name, held in children(value) if name not in _LEADING_AWAY)
    return found
