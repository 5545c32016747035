"""Rules of what may be sealed: white lists for the catalogue, pages, actions and colours.

ISO 32000-2: 12.6 (actions), 8.11 (optional content), 8.6 (colour spaces), 11.3.5 (blend modes),
10.5 (transfer functions).
"""

from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.findings import IntakeVerdict
from signing.intake.looking import entry, is_dictionary, items, look_up, name_at, raw_entry
from signing.intake.report import Hazard
from signing.intake.writing import OddFileError

CATALOGUE = {
    "/Lang": "plain",
    "/MarkInfo": "marking",
    "/StructTreeRoot": "tree",
    "/Outlines": "outlines",
    "/PageLabels": "labels",
    "/ViewerPreferences": "preferences",
    "/OutputIntents": "intents",
    "/Dests": "named_destinations",
}
"""Entries that are taken over, and their rules."""
LAYOUTS = frozenset(
    {"/SinglePage", "/OneColumn", "/TwoColumnLeft", "/TwoColumnRight", "/TwoPageLeft",
     "/TwoPageRight"}
)  # fmt: skip
INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
IN_CATALOGUE = {
    "/AA": Hazard.ACTIVE,
    "/AF": Hazard.ATTACHMENT,
    "/Collection": Hazard.ATTACHMENT,
    "/Perms": Hazard.SIGNED,
}
IN_NAMES = {
    "/JavaScript": Hazard.ACTIVE,
    "/Renditions": Hazard.ACTIVE,
    "/AlternatePresentations": Hazard.ACTIVE,
    "/Templates": Hazard.ACTIVE,
    "/Pages": Hazard.ACTIVE,
    "/EmbeddedFiles": Hazard.ATTACHMENT,
}
_KINDS_OF_ACTIONS = {
    "/SetOCGState": Hazard.LAYERS,
    "/GoToR": Hazard.EXTERNAL,
    "/GoToE": Hazard.EXTERNAL,
    "/Thread": Hazard.EXTERNAL,
}
_SCHEMES = (b"http://", b"https://", b"mailto:", b"tel:")
_BLENDS = frozenset(
    (
        "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten",
        "/ColorDodge", "/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion",
        "/Hue", "/Saturation", "/Color", "/Luminosity",
    )
)  # fmt: skip
_FONTS = frozenset({"/Type0", "/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"})
_FAMILIES: dict[str, tuple[str, ...]] = {
    "/DeviceGray": (),
    "/DeviceRGB": (),
    "/DeviceCMYK": (),
    "/CalGray": ("calibrated",),
    "/CalRGB": ("calibrated",),
    "/CalCMYK": ("calibrated",),
    "/Lab": ("calibrated",),
    "/ICCBased": ("profile",),
    "/Indexed": ("colour", "plain", "lookup"),
    "/Pattern": ("colour",),
    "/Separation": ("plain", "colour", "functions"),
    "/DeviceN": ("plain", "colour", "functions"),
}
_DEVICES = frozenset({"/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/Pattern"})
_DEFAULTS = frozenset({"/DefaultGray", "/DefaultRGB", "/DefaultCMYK"})
_ELEMENTS = {"/MCR": "marked_content", "/OBJR": "object_reference"}


def chosen(raw: Any, rule: str) -> "str | IntakeVerdict":
    """Return the rule of a value whose kind decides on it, or why it must not be."""
    choose = _CHOICES.get(rule)
    if choose is None:
        return rule
    value = look_up(raw)
    return "plain" if isinstance(value, generic.NullObject) else choose(value)


def real_name(owner: generic.DictionaryObject, key: str) -> str:
    """Return a name that stands there itself; empty where there is none. Raises `OddFileError`."""
    found = raw_entry(owner, key)
    if found is None:
        return ""
    if not isinstance(found, generic.NameObject):
        raise OddFileError(key)
    return str(found)


def _picture(value: Any) -> "str | IntakeVerdict":
    if not isinstance(value, generic.StreamObject):
        raise OddFileError("/XObject")
    kind = real_name(value, "/Subtype")
    if kind == "/PS":
        return IntakeVerdict(Hazard.ACTIVE, "/PS", cleanable=False)
    if kind not in {"/Image", "/Form"}:
        raise OddFileError("/Subtype")
    return "image" if kind == "/Image" else "form"


def _font(value: Any) -> str:
    if isinstance(value, generic.ArrayObject):
        return "fonts_listed"
    kind = real_name(value, "/Subtype") if is_dictionary(value) else ""
    if kind != "/Type3" and kind not in _FONTS:
        raise OddFileError("/Font")
    return "type3" if kind == "/Type3" else "plain_font"


def _mark(value: Any) -> "str | IntakeVerdict":
    kind = name_at(value, "/Type")
    return IntakeVerdict(Hazard.LAYERS, kind) if kind in {"/OCG", "/OCMD"} else "mark_list"


def _element(value: Any) -> str:
    if is_dictionary(value):
        return _ELEMENTS.get(name_at(value, "/Type"), "element_itself")
    return "elements" if isinstance(value, generic.ArrayObject) else "plain"


def _destination(value: Any) -> str:
    if is_dictionary(value):
        return "destination" if "/D" in value else "page"
    return "destination" if isinstance(value, generic.ArrayObject) else "plain"


def _blend(value: Any) -> "str | IntakeVerdict":
    listed = items(value) if isinstance(value, generic.ArrayObject) else [value]
    known = bool(listed) and all(isinstance(one, str) and one in _BLENDS for one in listed)
    return "plain" if known else IntakeVerdict(Hazard.DIFFERS, "/BM", cleanable=False)


def _transfer(value: Any) -> "str | IntakeVerdict":
    if isinstance(value, generic.NameObject) and value in {"/Identity", "/Default"}:
        return "plain"
    return IntakeVerdict(Hazard.DIFFERS, "/TR", cleanable=False)


_CHOICES: "dict[str, Callable[[Any], str | IntakeVerdict]]" = {
    "picture": _picture,
    "font": _font,
    "font_or_size": lambda value: _font(value) if is_dictionary(value) else "plain",
    "mark": _mark,
    "mask": lambda value: "image" if isinstance(value, generic.StreamObject) else "mask",
    "element": _element,
    "role_part": lambda value: "space" if is_dictionary(value) else "plain",
    "destination_item": _destination,
    "blend": _blend,
    "transfer": _transfer,
}


def colour_rules(value: generic.ArrayObject) -> "tuple[str, ...] | IntakeVerdict":
    """Return the rules of a colour space's parts, or why it must not be."""
    parts = items(value)
    family = parts[0] if parts else None
    if not isinstance(family, generic.NameObject) or family not in _FAMILIES:
        raise OddFileError("/ColorSpace")
    if family in {"/Separation", "/DeviceN"} and len(parts) > 1:
        inks = look_up(parts[1])
        names = items(inks) if isinstance(inks, generic.ArrayObject) else [inks]
        if all(look_up(one) == "/None" for one in names):
            return IntakeVerdict(Hazard.DIFFERS, f"{family} /None", cleanable=False)
    return ("plain", *_FAMILIES[str(family)])


def named_colour(name: str, value: Any) -> IntakeVerdict | None:
    """Judge a colour space by its name: some readers see one that stands for a device's, some not.

    A calibrated one may (ISO 32000-2 8.6.5.6): makers of PDF/A write them.
    """
    family = items(value)[:1] if isinstance(value, generic.ArrayObject) else []
    calibrated = family and str(family[0]) in {"/ICCBased", "/CalGray", "/CalRGB"}
    if name in _DEVICES or (name in _DEFAULTS and not calibrated):
        return IntakeVerdict(Hazard.DIFFERS, f"/ColorSpace {name}", cleanable=False)
    return None


def action_of(does: Any) -> "tuple[str, Any] | IntakeVerdict":
    """Return the key and the raw value of what an action leads to, or why it must not be."""
    kind = name_at(does, "/S")
    if not is_dictionary(does) or not kind:
        return IntakeVerdict(Hazard.ACTIVE, "/A")
    if entry(does, "/Next") is not None:
        return IntakeVerdict(Hazard.ACTIVE, "/Next")
    if kind == "/GoTo" and "/D" in does:
        return "/D", does.raw_get("/D")
    if kind == "/URI":
        address = entry(does, "/URI")
        held = getattr(address, "original_bytes", b"")
        if bytes(held).lower().startswith(_SCHEMES) and all(one > 0x20 for one in held):  # noqa: PLR2004
            return "/URI", address
    return IntakeVerdict(_KINDS_OF_ACTIONS.get(kind, Hazard.ACTIVE), kind)
