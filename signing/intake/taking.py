"""Taking a foreign PDF in: judged whole, and written anew with nothing but what its pages show."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.objects import READ_ERRORS, target
from signing.intake import rules
from signing.intake.annotations import JudgedAnnotation, Painted, judge, page_box, walk_up
from signing.intake.copying import (
    Copier,
    IntakeFindings,
    Key,
    TooMuchError,
    items,
    key_of,
    write_dictionary,
    write_file,
)
from signing.intake.painting import paint
from signing.intake.report import EmptyField, Hazard, PageBox, TakenFile
from signing.intake.rules import entry
from signing.limits import Limits

MOST_PAGES = 5_000
_CATALOGUE, _PAGES, _INFO, _FIRST = 1, 2, 3, 4
_DEEPEST = 64


@dataclass(slots=True)
class _Page:
    """A page to be written."""

    number: int
    """Of its object."""
    place: int
    """From 1."""
    raw: generic.DictionaryObject
    inherited: dict[str, Any]
    kept: list[Any]
    painted: list[Painted]

    def get(self, key: str) -> Any:
        """Return an entry, or what the page inherits for it."""
        if key in self.raw:
            return self.raw[key]
        found = self.inherited.get(key)
        return None if found is None else target(found)


def take(data: bytes, limits: Limits, *, clean: bool) -> TakenFile:
    """Return the file as it can be sealed, or why not. Never raises for what the bytes are."""
    findings = IntakeFindings(clean=clean)
    try:
        return _Taking(_open(data, strict=True), findings, limits).run()
    except TooMuchError:
        findings.add(Hazard.LIMIT, 0, "", cleanable=False)
    except READ_ERRORS:
        if clean:
            return _take_leniently(data, limits)
        findings.add(Hazard.DAMAGED, 0, "")
    return TakenFile(tuple(findings))


def _take_leniently(data: bytes, limits: Limits) -> TakenFile:
    """Take in what a forgiving reader makes of a damaged file; it is told that it was damaged."""
    findings = IntakeFindings(clean=True)
    findings.add(Hazard.DAMAGED, 0, "")
    try:
        return _Taking(_open(data, strict=False), findings, limits).run()
    except TooMuchError:
        findings.add(Hazard.LIMIT, 0, "", cleanable=False)
    except READ_ERRORS:
        findings = IntakeFindings(clean=False)
        findings.add(Hazard.DAMAGED, 0, "", cleanable=False)
    return TakenFile(tuple(findings))


def _open(data: bytes, *, strict: bool) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(data), strict=strict)


class _Taking:
    """One file on its way."""

    def __init__(self, reader: PdfFileReader, findings: IntakeFindings, limits: Limits) -> None:
        self._reader = reader
        self._findings = findings
        self._copier = Copier(findings, _FIRST, limits.objects)
        self._pages: list[_Page] = []
        self._fields: list[EmptyField] = []
        self._boxes: list[PageBox] = []

    def run(self) -> TakenFile:
        """Return the result. Raises `TooMuchError` and what pyHanko raises."""
        if self._reader.encrypted:
            self._findings.add(Hazard.ENCRYPTED, 0, "/Encrypt", cleanable=False)
            return TakenFile(tuple(self._findings))
        root = self._reader.root
        self._collect(root)
        for page in self._pages:
            self._judge_annotations(page)
        self._judge_form(root)
        catalogue = self._catalogue(root)
        for page in self._pages:
            self._copier.bodies[page.number] = self._write_page(page)
        self._copier.copy_waiting()
        self._judge_layers(root)
        told = tuple(self._findings)
        if any(not one.cleaned for one in told):
            return TakenFile(told)
        bodies = self._copier.bodies
        kids = b" ".join(b"%d 0 R" % page.number for page in self._pages)
        bodies[_CATALOGUE] = catalogue
        bodies[_PAGES] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(self._pages))
        bodies[_INFO] = b"<< >>"
        return TakenFile(
            told,
            pdf=write_file(bodies, _CATALOGUE, _INFO),
            pages=tuple(self._boxes),
            fields=tuple(self._fields),
            title=self._title(),
            unembedded=tuple(self._copier.unembedded),
        )

    def _collect(self, root: generic.DictionaryObject) -> None:
        """Find the pages in their order; their tree becomes flat."""
        for raw, page, inherited in _leaves(root.raw_get("/Pages"), self._copier):
            if len(self._pages) == MOST_PAGES:
                raise TooMuchError
            number = self._copier.reserve()
            key = key_of(raw)
            if key is not None:
                self._copier.settle(key, number)
            place = len(self._pages) + 1
            found = _Page(number, place, page, inherited, [], [])
            box = page_box(found.get)
            if box is None:
                raise PdfReadError("a page without its size")
            self._boxes.append(box)
            self._pages.append(found)
        if not self._pages:
            raise PdfReadError("no pages")

    def _judge_annotations(self, page: _Page) -> None:
        """Decide which annotations stay; references to the others lead to nothing."""
        listed = entry(page.raw, "/Annots")
        raws = items(listed) if isinstance(listed, generic.ArrayObject) else []
        for raw in raws:
            one = raw.get_object()
            if not isinstance(one, generic.DictionaryObject):
                continue
            judged = judge(one, page.place)
            if judged.keep:
                page.kept.append(raw)
                continue
            self._drop(raw, one, judged, page)

    def _drop(
        self, raw: Any, one: generic.DictionaryObject, judged: JudgedAnnotation, page: _Page
    ) -> None:
        for above in (key_of(raw), *(key_of(_raw(up, "/Parent")) for up in walk_up(one))):
            if above is not None:
                self._copier.settle(above, None)
        if judged.verdict is not None:
            self._findings.note(judged.verdict, page.place)
        if judged.field is not None:
            self._fields.append(judged.field)
        if judged.painted is not None:
            page.painted.append(judged.painted)

    def _judge_form(self, root: generic.DictionaryObject) -> None:
        form = entry(root, "/AcroForm")
        if not isinstance(form, generic.DictionaryObject):
            return
        if "/XFA" in form:
            fixed = "/NeedsRendering" not in root and bool(entry(form, "/Fields"))
            self._findings.add(Hazard.XFA, 0, "/XFA", cleanable=fixed)
        changing = any(one.hazard is Hazard.FORM for one in self._findings)
        if changing and bool(entry(form, "/NeedAppearances")):
            self._findings.add(Hazard.FORM, 0, "/NeedAppearances", cleanable=False)
        if self._has_signature(form):
            self._findings.add(Hazard.SIGNED, 0, "/AcroForm", cleanable=False)

    def _has_signature(self, form: generic.DictionaryObject) -> bool:
        """Tell whether a signature stands in a field, shown on a page or not."""
        waiting, seen = [entry(form, "/Fields")], 0
        while waiting:
            listed = waiting.pop()
            for one in map(target, items(listed) if isinstance(listed, list) else ()):
                seen += 1
                if seen > MOST_PAGES:
                    raise TooMuchError
                if isinstance(one, generic.DictionaryObject):
                    kind = next((up["/FT"] for up in walk_up(one) if "/FT" in up), None)
                    if kind == "/Sig" and "/V" in one:
                        return True
                    waiting.append(entry(one, "/Kids"))
        return False

    def _catalogue(self, root: generic.DictionaryObject) -> bytes:
        entries = {"/Type": b"/Catalog", "/Pages": b"%d 0 R" % _PAGES}
        for key in list(root.keys()):
            if key in rules.CATALOGUE or (key == "/OpenAction" and self._opens_a_page(root)):
                entries[key] = self._copier.value(root.raw_get(key), 0)
            elif key == "/OpenAction":
                self._findings.add(Hazard.ACTIVE, 0, "/OpenAction")
            elif key == "/Names":
                entries |= self._names(root)
            elif (verdict := rules.in_catalogue(key)) is not None:
                self._findings.note(verdict, 0)
        return write_dictionary(entries)

    @staticmethod
    def _opens_a_page(root: generic.DictionaryObject) -> bool:
        does = root["/OpenAction"]
        return not isinstance(does, generic.DictionaryObject) or (
            entry(does, "/S") == "/GoTo" and "/Next" not in does
        )

    def _names(self, root: generic.DictionaryObject) -> dict[str, bytes]:
        names = root["/Names"]
        for key in list(names.keys()):
            verdict = rules.in_names(key)
            if verdict is not None:
                self._findings.note(verdict, 0)
        if "/Dests" not in names:
            return {}
        return {"/Names": b"<< /Dests " + self._copier.value(names.raw_get("/Dests"), 0) + b" >>"}

    def _judge_layers(self, root: generic.DictionaryObject) -> None:
        """Have layers stand in the way unless all of them are always shown."""
        layers = entry(root, "/OCProperties")
        if not isinstance(layers, generic.DictionaryObject):
            if any(one.hazard is Hazard.LAYERS for one in self._findings):
                self._findings.settle_layers()
            return
        self._findings.add(Hazard.LAYERS, 0, "/OCProperties")
        usual = entry(layers, "/D")
        plain = isinstance(usual, generic.DictionaryObject) and not (
            str(entry(usual, "/BaseState") or "/ON") != "/ON"
            or bool(entry(usual, "/OFF"))
            or bool(entry(usual, "/AS"))
        )
        told = [one for one in self._findings if one.hazard is Hazard.LAYERS]
        if not plain or any(one.detail in {"/OCMD", "/SetOCGState"} for one in told):
            self._findings.settle_layers()

    def _write_page(self, page: _Page) -> bytes:
        copier, place = self._copier, page.place
        entries = {"/Type": b"/Page", "/Parent": b"%d 0 R" % _PAGES}
        if "/AA" in page.raw:
            self._findings.add(Hazard.ACTIVE, place, "/AA")
        if "/AF" in page.raw:
            self._findings.add(Hazard.ATTACHMENT, place, "/AF")
        for key in (*rules.INHERITED, *rules.PAGE, "/Contents"):
            raw = page.raw.raw_get(key) if key in page.raw else page.inherited.get(key)
            if raw is not None:
                entries[key] = copier.value(raw, place)
        entries.setdefault("/Resources", b"<< >>")
        if page.kept:
            parts = b" ".join(self._referred(one, place) for one in page.kept)
            entries["/Annots"] = b"[" + parts + b"]"
        if page.painted:
            entries |= paint(copier, page.raw, page.get("/Resources"), page.painted, place)
        return write_dictionary(entries)

    def _referred(self, raw: Any, place: int) -> bytes:
        """Return a reference to an annotation: one that stands in the list becomes an object."""
        written = self._copier.value(raw, place)
        if key_of(raw) is not None:
            return written
        return b"%d 0 R" % self._copier.add(written)

    def _title(self) -> str:
        try:
            info = self._reader.trailer["/Info"]
            text = str(info["/Title"]) if "/Title" in info else ""
        except READ_ERRORS:
            return ""
        return "".join(one for one in text if one.isprintable()).strip()[:200]


def _leaves(
    top: Any, copier: Copier
) -> Iterator[tuple[Any, generic.DictionaryObject, dict[str, Any]]]:
    """Yield each page as it is referred to, itself, and what it inherits; loops are refused."""
    waiting: list[tuple[Any, dict[str, Any], int]] = [(top, {}, 0)]
    seen: set[Key] = set()
    while waiting:
        raw, inherited, depth = waiting.pop()
        key = key_of(raw)
        if depth > _DEEPEST or (key is not None and key in seen):
            raise PdfReadError("the tree of pages")
        if key is not None:
            seen.add(key)
        node = raw.get_object()
        if not isinstance(node, generic.DictionaryObject):
            raise PdfReadError("the tree of pages")
        if "/Kids" not in node:
            yield raw, node, inherited
            continue
        if key is not None:
            copier.settle(key, _PAGES)
        here = {**inherited, **{k: node.raw_get(k) for k in rules.INHERITED if k in node}}
        waiting += [(one, here, depth + 1) for one in reversed(items(node["/Kids"]))]


def _raw(owner: generic.DictionaryObject, key: str) -> Any:
    return owner.raw_get(key) if key in owner else None
