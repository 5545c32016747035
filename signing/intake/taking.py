"""Taking a foreign PDF in: judged whole, and written anew with nothing but what its pages show.

What was written is taken in again, by another fork (`signing.intake.intake`): it must come out byte
for byte, with nothing found in it.
"""

import hashlib
import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.objects import READ_ERRORS
from signing.intake import rules
from signing.intake.annotations import judge
from signing.intake.copying import Copier, TooMuchError
from signing.intake.findings import IntakeFindings, IntakeVerdict
from signing.intake.forms import judge_form
from signing.intake.layers import judge_layers
from signing.intake.looking import entry, is_dictionary, items, key_of, look_up, name_at
from signing.intake.pages import TakenPage, collect_pages, write_page
from signing.intake.report import EmptyField, Hazard, TakenFile
from signing.intake.streams import Opener
from signing.intake.writing import (
    OddFileError,
    array_of,
    dictionary_of,
    exact_reading,
    file_of,
)
from signing.limits import Limits

_CATALOGUE, _PAGES, _INFO, _FIRST = 1, 2, 3, 4


def take(data: bytes, limits: Limits, *, clean: bool) -> TakenFile:
    """Return the file as it can be sealed, or why not. Never raises for what the bytes are."""
    with exact_reading():
        taken = _take(data, limits, clean=clean, strict=True)
        if clean and _only_damaged(taken):
            taken = _take(data, limits, clean=clean, strict=False)
    return taken


def _take(data: bytes, limits: Limits, *, clean: bool, strict: bool) -> TakenFile:
    """Take a file in; what a forgiving reader makes of a damaged one is told to be damaged."""
    findings = IntakeFindings(clean=clean)
    if not strict:
        findings.add(Hazard.DAMAGED, 0, "")
    try:
        return _Taking(data, findings, limits, strict=strict).run()
    except TooMuchError:
        findings.add(Hazard.LIMIT, 0, "", cleanable=False)
    except OddFileError as error:
        findings.add(Hazard.DAMAGED, 0, str(error), cleanable=False)
    except READ_ERRORS:
        findings.add(Hazard.DAMAGED, 0, "", cleanable=False)
    return TakenFile(findings.told())


def _only_damaged(taken: TakenFile) -> bool:
    """Tell whether a file could not be read, and nothing is known against it."""
    refused = taken.refused
    return bool(refused) and all(one.hazard is Hazard.DAMAGED and not one.detail for one in refused)


class _Taking:
    """One file on its way."""

    def __init__(
        self, data: bytes, findings: IntakeFindings, limits: Limits, *, strict: bool
    ) -> None:
        self._reader = PdfFileReader(io.BytesIO(data), strict=strict)
        self._reader.strict = True  # forgiving where objects lie, not in what they are
        self._findings = findings
        opener, mark = Opener(limits.decoded_bytes), hashlib.sha256(data).hexdigest()[:32]
        self._copier = Copier(findings, _FIRST, limits.objects, opener, mark)
        self._pages: list[TakenPage] = []
        self._fields: list[EmptyField] = []

    def run(self) -> TakenFile:
        """Return the result. Raises `TooMuchError` and what pyHanko raises."""
        if self._reader.encrypted:
            self._findings.add(Hazard.ENCRYPTED, 0, "/Encrypt", cleanable=False)
            return TakenFile(self._findings.told())
        root, copier = self._reader.root, self._copier
        self._pages = collect_pages(root, copier)
        for page in self._pages:
            self._judge_annotations(page)
        judge_form(root, self._findings)
        catalogue = self._catalogue(root)
        for page in self._pages:
            copier.bodies[page.number] = write_page(copier, page, _PAGES)
        copier.copy_waiting()
        judge_layers(root, self._findings)
        if self._findings.refuses:
            return TakenFile(self._findings.told())
        kids = array_of([b"%d 0 R" % page.number for page in self._pages])
        pages = {"/Type": b"/Pages", "/Kids": kids, "/Count": b"%d" % len(self._pages)}
        copier.bodies |= {
            _CATALOGUE: catalogue,
            _PAGES: dictionary_of(pages),
            _INFO: dictionary_of({}),
        }
        return TakenFile(
            self._findings.told(),
            pdf=file_of(copier.bodies, _CATALOGUE, _INFO),
            pages=tuple(page.box for page in self._pages),
            fields=tuple(self._fields),
            title=self._title(),
            unembedded=tuple(copier.unembedded),
        )

    def _judge_annotations(self, page: TakenPage) -> None:
        """Decide which annotations stay; references to the others lead to nothing."""
        listed = entry(page.raw, "/Annots")
        for raw in items(listed) if isinstance(listed, generic.ArrayObject) else []:
            one = look_up(raw)
            if isinstance(one, generic.NullObject):
                continue
            if not is_dictionary(one):
                raise OddFileError("/Annots")
            judged = judge(one, page.place, page.box.turn)
            for verdict in judged.verdicts:
                self._findings.note(verdict, page.place)
            if judged.painted is not None:
                page.painted.append(judged.painted)
            if judged.field is not None:
                self._fields.append(judged.field)
            if judged.keep:
                self._keep(raw, one, page)

    def _keep(self, raw: Any, link: generic.DictionaryObject, page: TakenPage) -> None:
        number = self._copier.reserve()
        key = key_of(raw)
        if key is not None:
            self._copier.settle(key, "object", number)
        page.links.append((number, link))

    def _catalogue(self, root: generic.DictionaryObject) -> bytes:
        entries = {"/Type": b"/Catalog", "/Pages": b"%d 0 R" % _PAGES}
        for key in root:
            raw = root.raw_get(key)
            if isinstance(look_up(raw), generic.NullObject):
                continue
            if key == "/Lang":
                entries[key] = self._copier.value(look_up(raw), "plain", 0)
            elif key in rules.CATALOGUE:
                entries[key] = self._tree(raw, rules.CATALOGUE[key])
            elif key == "/PageLayout" and str(look_up(raw)) in rules.LAYOUTS:
                entries[key] = self._copier.value(look_up(raw), "plain", 0)
            elif key == "/OpenAction":
                entries |= self._opening(raw)
            elif key == "/Names":
                entries |= self._names(look_up(raw))
            elif key in rules.IN_CATALOGUE:
                hazard = rules.IN_CATALOGUE[key]
                self._findings.add(hazard, 0, key, cleanable=hazard is not Hazard.SIGNED)
        return dictionary_of(entries)

    def _tree(self, raw: Any, rule: str) -> bytes:
        written = self._copier.apart(raw, rule, 0)
        key, number = key_of(raw), int(written.split()[0])
        within = {"tree": "element_itself", "outlines": "outline_top"}.get(rule)
        if key is not None and within is not None:
            self._copier.settle(key, within, number)
        return written

    def _opening(self, raw: Any) -> dict[str, bytes]:
        """Return the catalogue's entry that opens a page; all else that it may do is told."""
        value = look_up(raw)
        if isinstance(value, generic.ArrayObject):
            return {"/OpenAction": self._copier.apart(raw, "destination", 0)}
        found = rules.action_of(value)
        if isinstance(found, IntakeVerdict) or found[0] != "/D":
            kind = name_at(value, "/S")
            self._findings.add(Hazard.ACTIVE, 0, f"/OpenAction {kind}".strip())
            return {}
        return {"/OpenAction": self._copier.apart(found[1], "destination", 0)}

    def _names(self, names: Any) -> dict[str, bytes]:
        for key in names:
            if key in rules.IN_NAMES and entry(names, key) is not None:
                self._findings.add(rules.IN_NAMES[key], 0, f"/Names {key}")
        if entry(names, "/Dests") is None:
            return {}
        places = self._copier.apart(names.raw_get("/Dests"), "destinations", 0)
        return {"/Names": dictionary_of({"/Dests": places})}

    def _title(self) -> str:
        try:
            text = str(entry(look_up(self._reader.trailer["/Info"]), "/Title") or "")
        except READ_ERRORS:
            return ""
        return "".join(one for one in text if one.isprintable()).strip()[:200]
