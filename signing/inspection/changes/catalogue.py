"""The catalogue and the trailer before and after an update."""

import re

from pyhanko.pdf_utils import generic

from signing.inspection.changes.finding import UpdateFindings
from signing.inspection.changes.tags import only_forms_added
from signing.inspection.changes.view import Comparison, RevisionView, children
from signing.inspection.objects import items, raw

_ELSEWHERE = frozenset({"/DSS", "/AcroForm", "/Metadata", "/Pages", "/Type"})
"""Entries with a comparison of their own."""
_SHOWN = frozenset({"/OpenAction", "/AA", "/OCProperties", "/Collection", "/NeedsRendering"})
"""What decides on what is shown, or acts."""
_TAGS = frozenset({"/StructTreeRoot", "/MarkInfo", "/Lang"})
_USAGE_RIGHTS = frozenset({"/UR", "/UR3"})
_VERSION = re.compile(r"/[12]\.\d")
_EXTENSION = frozenset({"/Type", "/BaseVersion", "/ExtensionLevel", "/URL", "/ExtensionRevision"})


def compare_trailer(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    """Compare the trailers: entries that readers do not know bind nothing (LibreOffice's)."""
    old, new = views[0].trailer, views[1].trailer
    if not comparison.same(raw(old, "/Encrypt"), raw(new, "/Encrypt")):
        findings.doubt("the encryption")
    if _first(views[0], raw(old, "/ID")) != _first(views[1], raw(new, "/ID")):
        findings.note("identifier_changed")


def compare_catalogue(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    """Compare what no other comparison looks at."""
    old, new = views[0].root, views[1].root
    for name in sorted({*map(str, old), *map(str, new)} - _ELSEWHERE):
        one, other = raw(old, name), raw(new, name)
        if comparison.same(one, other):
            continue
        if name == "/Version":
            _version(views, findings)
        elif name == "/Extensions":
            _extensions(views[1], findings)
        elif name == "/Perms":
            _permissions(views, comparison, findings)
        elif name in _TAGS:
            if name != "/StructTreeRoot" or not only_forms_added(views, comparison):
                findings.annotate("tags_changed")
        elif name == "/Names":
            _names(views, comparison, findings)
        elif name in _SHOWN:
            findings.prove("catalogue_changed", name)
        else:
            findings.doubt(f"{name} of the catalogue", "catalogue_changed")


def _first(view: RevisionView, value: generic.PdfObject | None) -> bytes | None:
    """Return the part of a file's identifier that never changes (ISO 32000-2 14.4)."""
    array = view.follow(value)
    if not isinstance(array, generic.ArrayObject) or not array:
        return None
    return getattr(view.follow(items(array)[0]), "original_bytes", None)


def _version(views: tuple[RevisionView, RevisionView], findings: UpdateFindings) -> None:
    value = views[1].entry(views[1].root, "/Version")
    if value is not None and not _VERSION.fullmatch(str(value)):
        findings.doubt("/Version", "catalogue_changed")
    findings.cosmetic = True
    findings.note("version_changed")


def _extensions(view: RevisionView, findings: UpdateFindings) -> None:
    """Demand that developer extensions (7.12) hold names and levels only."""
    for prefix, held in children(view.follow(raw(view.root, "/Extensions"))):
        if prefix == "/Type":
            continue
        one = view.follow(held)
        for each in items(one) if isinstance(one, generic.ArrayObject) else [one]:
            level = view.follow(each)
            known = (
                isinstance(level, generic.DictionaryObject) and set(map(str, level)) <= _EXTENSION
            )
            if not known:
                findings.doubt("/Extensions", "catalogue_changed")


def _permissions(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    """Compare /Perms: usage rights bind nothing, a certification may not be taken away."""
    old, new = (view.dictionary(view.root, "/Perms") for view in views)
    for name in sorted({*map(str, old), *map(str, new)} - _USAGE_RIGHTS):
        one, other = raw(old, name), raw(new, name)
        if comparison.same(one, other):
            continue
        if one is None:
            findings.doubt(f"{name} was added to /Perms", "catalogue_changed")
        else:
            findings.prove("catalogue_changed", f"{name} of /Perms")


def _names(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    old, new = (view.dictionary(view.root, "/Names") for view in views)
    for name in sorted({*map(str, old), *map(str, new)}):
        if comparison.same(raw(old, name), raw(new, name)):
            continue
        if name in ("/JavaScript", "/AP"):
            findings.prove("catalogue_changed", f"{name} of /Names")
        else:
            findings.doubt(f"{name} of /Names", "catalogue_changed")
