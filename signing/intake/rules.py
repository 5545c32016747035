"""Rules of what may be sealed: a white list for the catalogue and pages, a black list below them.

ISO 32000-2: 12.6 (actions), 8.11 (optional content), 7.11 (file specifications), 8.10.4 (reference
XObjects), 14.11.7 (OPI), 8.9.5.4 (alternate images).
"""

from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.report import Hazard

CATALOGUE = (
    "/Lang",
    "/MarkInfo",
    "/StructTreeRoot",
    "/Outlines",
    "/PageLabels",
    "/PageLayout",
    "/ViewerPreferences",
    "/OutputIntents",
    "/Dests",
)
"""Entries that are taken over as they are."""
PAGE = (
    "/BleedBox",
    "/TrimBox",
    "/ArtBox",
    "/Group",
    "/StructParents",
    "/Tabs",
    "/UserUnit",
)
"""Entries of a page, beside those that it may inherit, its content and its annotations."""
INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_IN_CATALOGUE = {
    "/AA": Hazard.ACTIVE,
    "/AF": Hazard.ATTACHMENT,
    "/Collection": Hazard.ATTACHMENT,
    "/Perms": Hazard.SIGNED,
}
_IN_NAMES = {
    "/JavaScript": Hazard.ACTIVE,
    "/Renditions": Hazard.ACTIVE,
    "/AlternatePresentations": Hazard.ACTIVE,
    "/Templates": Hazard.ACTIVE,
    "/Pages": Hazard.ACTIVE,
    "/EmbeddedFiles": Hazard.ATTACHMENT,
}
_SILENT = frozenset({"/PieceInfo", "/Metadata", "/Thumb"})
"""Nothing of them is shown: they are left out without a word."""
_KEYS = {
    "/AA": Hazard.ACTIVE,
    "/JS": Hazard.ACTIVE,
    "/OC": Hazard.LAYERS,
    "/OPI": Hazard.EXTERNAL,
    "/AF": Hazard.ATTACHMENT,
    "/EF": Hazard.ATTACHMENT,
    "/Alternates": Hazard.ALTERNATE,
}
_ACTIONS = {
    **dict.fromkeys(
        (
            "/JavaScript",
            "/Launch",
            "/SubmitForm",
            "/ResetForm",
            "/ImportData",
            "/Hide",
            "/Rendition",
            "/Trans",
            "/GoTo3DView",
            "/Movie",
            "/Sound",
            "/RichMediaExecute",
        ),
        Hazard.ACTIVE,
    ),
    "/SetOCGState": Hazard.LAYERS,
    **dict.fromkeys(("/GoToR", "/GoToE", "/Thread"), Hazard.EXTERNAL),
}
_NAMED = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_TYPES = {
    "/OCG": Hazard.LAYERS,
    "/OCMD": Hazard.LAYERS,
    "/Filespec": Hazard.ATTACHMENT,
    "/EmbeddedFile": Hazard.ATTACHMENT,
}


@dataclass(frozen=True, slots=True)
class IntakeVerdict:
    """Judgement of one entry or object: it is left out, and told unless there is no hazard."""

    hazard: Hazard | None
    detail: str = ""
    cleanable: bool = True


def in_catalogue(key: str) -> IntakeVerdict | None:
    """Judge an entry of the catalogue that is not taken over; None: it is left out unsaid."""
    hazard = _IN_CATALOGUE.get(key)
    return None if hazard is None else IntakeVerdict(hazard, key, hazard is not Hazard.SIGNED)


def in_names(key: str) -> IntakeVerdict | None:
    """Judge an entry of the catalogue's name trees, likewise."""
    hazard = _IN_NAMES.get(key)
    return None if hazard is None else IntakeVerdict(hazard, f"/Names {key}")


def of_entry(owner: generic.DictionaryObject, key: str) -> IntakeVerdict | None:
    """Judge an entry of any other dictionary; None: it is taken over."""
    if key in _SILENT:
        return IntakeVerdict(None)
    if key in _KEYS:
        return IntakeVerdict(_KEYS[key], key)
    is_stream = isinstance(owner, generic.StreamObject)
    if is_stream and key in {"/F", "/FFilter", "/FDecodeParms"}:
        return IntakeVerdict(Hazard.EXTERNAL, f"stream {key}", cleanable=False)
    if is_stream and key == "/Ref":
        return IntakeVerdict(Hazard.EXTERNAL, key)
    return None


def of_object(value: generic.DictionaryObject) -> IntakeVerdict | None:
    """Judge a dictionary by what it is; None: it is taken over."""
    kind = _name(value, "/Type")
    if kind in _TYPES:
        return IntakeVerdict(_TYPES[kind], kind)
    if _name(value, "/Subtype") == "/PS":
        return IntakeVerdict(Hazard.ACTIVE, "/PS", cleanable=False)
    if kind == "/StructElem" or "/P" in value:
        return None  # a structure element's /S is its kind
    return _of_action(value)


def _of_action(value: generic.DictionaryObject) -> IntakeVerdict | None:
    does = _name(value, "/S")
    if does in _ACTIONS:
        return IntakeVerdict(_ACTIONS[does], does)
    if does == "/Named" and "/N" in value and _name(value, "/N") not in _NAMED:
        return IntakeVerdict(Hazard.ACTIVE, f"{does} {_name(value, '/N')}")
    if does == "/URI" and not _is_web(value):
        return IntakeVerdict(Hazard.ACTIVE, "/URI")
    return None


def _is_web(value: generic.DictionaryObject) -> bool:
    address = entry(value, "/URI")
    text = address.decode("latin-1") if isinstance(address, bytes) else str(address)
    return text.lower().startswith(_SCHEMES) or ":" not in text.partition("/")[0]


def entry(owner: Any, key: str) -> Any:
    """Return an entry with its reference followed; None where there is none, or no dictionary."""
    found = dict.get(owner, key) if isinstance(owner, generic.DictionaryObject) else None
    return None if found is None else found.get_object()


def _name(value: generic.DictionaryObject, key: str) -> str:
    found = entry(value, key)
    return str(found) if isinstance(found, generic.NameObject) else ""
