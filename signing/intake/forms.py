"""The form of a foreign file: whether it changes, and whether somebody signed."""

from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.annotations import walk_up
from signing.intake.copying import TooMuchError
from signing.intake.findings import IntakeFindings
from signing.intake.looking import entry, is_dictionary, items, look_up
from signing.intake.report import Hazard
from signing.intake.rules import real_name
from signing.intake.writing import OddFileError

_MOST_FIELDS = 5_000


def judge_form(root: generic.DictionaryObject, findings: IntakeFindings) -> None:
    """Judge the form as a whole, after its fields on pages."""
    form = entry(root, "/AcroForm")
    if form is None:
        return
    if not is_dictionary(form):
        raise OddFileError("/AcroForm")
    if entry(form, "/XFA") is not None:
        fixed = entry(root, "/NeedsRendering") is None and bool(entry(form, "/Fields"))
        findings.add(Hazard.XFA, 0, "/XFA", cleanable=fixed)
    if findings.has(Hazard.FORM) and bool(entry(form, "/NeedAppearances")):
        findings.add(Hazard.FORM, 0, "/NeedAppearances", cleanable=False)
    if _has_signature(form):
        findings.add(Hazard.SIGNED, 0, "/AcroForm", cleanable=False)


def _has_signature(form: generic.DictionaryObject) -> bool:
    """Tell whether a signature stands in a field, shown on a page or not."""
    waiting: list[Any] = [entry(form, "/Fields")]
    seen = 0
    while waiting:
        listed = waiting.pop()
        for one in map(look_up, items(listed) if isinstance(listed, generic.ArrayObject) else ()):
            seen += 1
            if seen > _MOST_FIELDS:
                raise TooMuchError
            if is_dictionary(one):
                kinds = (real_name(up, "/FT") for up in walk_up(one))
                if next(filter(None, kinds), "") == "/Sig" and entry(one, "/V") is not None:
                    return True
                waiting.append(entry(one, "/Kids"))
    return False
