"""Layers (optional content, ISO 32000-2 8.11): taken out where all are always shown."""

from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.findings import IntakeFindings
from signing.intake.looking import entry, is_dictionary, items, look_up, name_at
from signing.intake.report import Hazard

_UNSURE = ("/OCMD", "/SetOCGState")


def judge_layers(root: generic.DictionaryObject, findings: IntakeFindings) -> None:
    """Have layers stand in the way unless all of them are always shown."""
    layers = entry(root, "/OCProperties")
    if layers is None:
        if findings.has(Hazard.LAYERS):
            findings.settle_layers()
        return
    findings.add(Hazard.LAYERS, 0, "/OCProperties")
    if findings.has(Hazard.LAYERS, *_UNSURE) or not _is_plain(layers):
        findings.settle_layers()


def _is_plain(layers: Any) -> bool:
    usual = entry(layers, "/D")
    if not is_dictionary(usual) or name_at(usual, "/BaseState") not in {"", "/ON"}:
        return False
    if bool(entry(usual, "/OFF")) or bool(entry(usual, "/AS")):
        return False
    listed = entry(layers, "/OCGs")
    if not isinstance(listed, generic.ArrayObject):
        return False
    return all(_is_shown(look_up(one)) for one in items(listed))


def _is_shown(layer: Any) -> bool:
    """Tell whether nothing about a layer says that it is shown at times only."""
    usage = entry(layer, "/Usage")
    states = (
        name_at(entry(usage, f"/{one}"), f"/{one}State") for one in ("View", "Print", "Export")
    )
    intent = entry(layer, "/Intent")
    intents = items(intent) if isinstance(intent, generic.ArrayObject) else [intent]
    return (
        entry(usage, "/Zoom") is None
        and any(one is None or str(one) == "/View" for one in intents)
        and not any(one not in {"", "/ON"} for one in states)
    )
