"""Shapes: what each kind of dictionary may hold, by the place at which it stands (ISO 32000-2).

A white list. What it does not name is left out unsaid: no reader draws it. What it names as a
hazard is told. Names in maps of resources are the author's own, and are no keys.

A line is keys with the rule of their values after a colon; without one: numbers, names, strings,
and arrays of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from signing.intake.report import Hazard


@dataclass(frozen=True, slots=True)
class Shape:
    """Keys of one kind of dictionary."""

    rules: Mapping[str, str]
    hazards: Mapping[str, Hazard] = field(default_factory=dict)
    content: bool = False
    """A stream of it holds drawing operators."""


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Rule of what a value may be; one of several things takes what there is."""

    scalar: bool = False
    each: str | None = None
    """PlaceRule of the items of an array."""
    shape: str | None = None
    """Of a dictionary."""
    stream: str | None = None
    """Shape of a stream."""
    mapped: str | None = None
    """PlaceRule of the values of a dictionary whose names are the author's own."""


_ACTIVE, _FILE, _AWAY = Hazard.ACTIVE, Hazard.ATTACHMENT, Hazard.EXTERNAL
_DRAWN = {"/OC": Hazard.LAYERS, "/OPI": _AWAY, "/AF": _FILE}


def _shape(
    keys: str, hazards: Mapping[str, Hazard] | None = None, *, content: bool = False
) -> Shape:
    pairs = (one.partition(":") for one in keys.split())
    rules = {f"/{key}": rule or "plain" for key, _, rule in pairs}
    return Shape(rules, hazards or {}, content)


SHAPES: Mapping[str, Shape] = {
    "resources": _shape(
        "ExtGState:states ColorSpace:colours Pattern:patterns Shading:shadings XObject:pictures"
        " Font:fonts ProcSet Properties:marks"
    ),
    "state": _shape(
        "Type LW LC LJ ML D RI Font:font_sized FL SM SA BM:blend SMask:softness CA ca AIS TK"
        " UseBlackPtComp TR:transfer TR2:transfer"
    ),
    "soft": _shape("Type S G:picture BC TR:functions"),
    "image": _shape(
        "Type Subtype Width Height ColorSpace:colour BitsPerComponent Intent ImageMask Mask:mask"
        " Decode Interpolate SMask:mask SMaskInData Matte Name StructParent ID",
        {**_DRAWN, "/Alternates": Hazard.ALTERNATE},
    ),
    "form": _shape(
        "Type Subtype FormType BBox Matrix Resources:resources Group:group Name StructParent"
        " StructParents",
        {**_DRAWN, "/Ref": _AWAY, "/PS": _ACTIVE, "/Subtype2": _ACTIVE},
        content=True,
    ),
    "group": _shape("Type S CS:colour I K"),
    "tiling": _shape(
        "Type PatternType PaintType TilingType BBox XStep YStep Resources:resources Matrix",
        content=True,
    ),
    "shaded": _shape("Type PatternType Shading:shading Matrix ExtGState:state"),
    "shading": _shape(
        "ShadingType ColorSpace:colour Background BBox AntiAlias Coords Domain Function:functions"
        " Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow"
    ),
    "function": _shape(
        "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N"
        " Functions:functions Bounds"
    ),
    "calibrated": _shape("WhitePoint BlackPoint Gamma Matrix Range"),
    "profile": _shape("N Alternate:colour Range"),
    "data": _shape(""),
    "font": _shape(
        "Type Subtype Name BaseFont FirstChar LastChar Widths FontDescriptor:described"
        " Encoding:encoding ToUnicode:to_unicode DescendantFonts:font CIDSystemInfo:collection"
        " DW W DW2 W2 CIDToGIDMap:glyphs"
    ),
    "type3": _shape(
        "Type Subtype Name FontBBox FontMatrix CharProcs:drawings Encoding:encoding FirstChar"
        " LastChar Widths FontDescriptor:described Resources:resources ToUnicode:to_unicode"
    ),
    "description": _shape(
        "Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent"
        " Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth FontFile:program"
        " FontFile2:program FontFile3:program CharSet CIDSet:data Style:panose Lang"
    ),
    "panose": _shape("Panose"),
    "program": _shape("Subtype Length1 Length2 Length3"),
    "collection": _shape("Registry Ordering Supplement"),
    "encoding": _shape("Type BaseEncoding Differences"),
    "character_map": _shape("Type CMapName CIDSystemInfo:collection WMode UseCMap:character_map"),
    "mark": _shape("Type MCID Lang ActualText Alt E BBox Attached Subtype", {"/AF": _FILE}),
    "decoding": _shape(
        "Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows"
        " EndOfBlock BlackIs1 DamagedRowsBeforeError ColorTransform JBIG2Globals:data"
    ),
    "tree": _shape(
        "Type K:element IDTree:parents ParentTree:parents ParentTreeNextKey RoleMap:names"
        " ClassMap:classes Namespaces:space",
        {"/AF": _FILE},
    ),
    "parents": _shape("Nums:element Names:element Kids:parents Limits"),
    "element": _shape(
        "Type S ID P:element Pg:page K:element A:attributes C R T Lang Alt E ActualText NS:space"
        " Phoneme PhoneticAlphabet Ref:element",
        {"/AF": _FILE},
    ),
    "attribute": _shape(
        "O NS:space P:properties Placement WritingMode BackgroundColor BorderColor BorderStyle"
        " BorderThickness Padding Color SpaceBefore SpaceAfter StartIndent EndIndent TextIndent"
        " TextAlign BBox Width Height BlockAlign InlineAlign TBorderStyle TPadding BaselineShift"
        " LineHeight TextPosition TextDecorationColor TextDecorationThickness TextDecorationType"
        " RubyAlign RubyPosition GlyphOrientationVertical ColumnCount ColumnGap ColumnWidths"
        " ListNumbering ContinuedList ContinuedFrom Role Checked checked Desc RowSpan ColSpan"
        " Headers Scope Summary Short Type Subtype"
    ),
    "property_item": _shape("N V F H"),
    "marked": _shape("Type MCID Pg:page Stm:picture"),
    "object": _shape("Type Pg:page Obj:object"),
    "space": _shape("Type NS RoleMapNS:role"),
    "outlines": _shape("Type First:outline Last:outline Count"),
    "outline": _shape(
        "Title Parent:outline_top Prev:outline Next:outline First:outline Last:outline Count"
        " Dest:destination A:action SE:element C F"
    ),
    "destination": _shape("D:destination"),
    "destinations": _shape("Names:destination_item Kids:destinations Limits"),
    "labels": _shape("Nums:label Kids:labels Limits"),
    "label": _shape("Type S P St"),
    "preferences": _shape("DisplayDocTitle Direction PrintScaling Duplex"),
    "marking": _shape("Marked UserProperties Suspects"),
    "intent": _shape(
        "Type S OutputCondition OutputConditionIdentifier RegistryName Info"
        " DestOutputProfile:profile",
        {"/DestOutputProfileRef": _AWAY},
    ),
}

RULES: Mapping[str, PlaceRule] = {
    "plain": PlaceRule(scalar=True, each="plain"),
    "resources": PlaceRule(shape="resources"),
    "states": PlaceRule(mapped="state"),
    "colours": PlaceRule(mapped="colour"),
    "patterns": PlaceRule(mapped="pattern"),
    "shadings": PlaceRule(mapped="shading"),
    "pictures": PlaceRule(mapped="picture"),
    "fonts": PlaceRule(mapped="font"),
    "marks": PlaceRule(mapped="mark"),
    "drawings": PlaceRule(mapped="drawing"),
    "drawing": PlaceRule(stream="data"),
    "state": PlaceRule(shape="state"),
    "font_sized": PlaceRule(each="font_or_size"),
    "plain_font": PlaceRule(shape="font"),
    "type3": PlaceRule(shape="type3"),
    "fonts_listed": PlaceRule(each="font"),
    "image": PlaceRule(stream="image"),
    "form": PlaceRule(stream="form"),
    "mark_list": PlaceRule(shape="mark"),
    "marked_content": PlaceRule(shape="marked"),
    "object_reference": PlaceRule(shape="object"),
    "element_itself": PlaceRule(shape="element"),
    "elements": PlaceRule(each="element"),
    "colour": PlaceRule(scalar=True),
    "content_part": PlaceRule(stream="data"),
    "softness": PlaceRule(scalar=True, shape="soft"),
    "functions": PlaceRule(scalar=True, each="functions", shape="function", stream="function"),
    "pattern": PlaceRule(shape="shaded", stream="tiling"),
    "shading": PlaceRule(shape="shading", stream="shading"),
    "mask": PlaceRule(scalar=True, each="plain", stream="image"),
    "group": PlaceRule(shape="group"),
    "calibrated": PlaceRule(shape="calibrated"),
    "profile": PlaceRule(stream="profile"),
    "lookup": PlaceRule(scalar=True, stream="data"),
    "described": PlaceRule(shape="description"),
    "program": PlaceRule(stream="program"),
    "panose": PlaceRule(shape="panose"),
    "data": PlaceRule(stream="data"),
    "collection": PlaceRule(shape="collection"),
    "encoding": PlaceRule(scalar=True, shape="encoding", stream="character_map"),
    "character_map": PlaceRule(scalar=True, stream="character_map"),
    "to_unicode": PlaceRule(scalar=True, stream="character_map"),
    "glyphs": PlaceRule(scalar=True, stream="data"),
    "decoding": PlaceRule(shape="decoding"),
    "tree": PlaceRule(shape="tree"),
    "parents": PlaceRule(each="parents", shape="parents"),
    "names": PlaceRule(mapped="plain"),
    "classes": PlaceRule(mapped="attributes"),
    "attributes": PlaceRule(scalar=True, each="attributes", shape="attribute"),
    "properties": PlaceRule(each="property_item"),
    "property_item": PlaceRule(shape="property_item"),
    "space": PlaceRule(each="space", shape="space"),
    "role": PlaceRule(mapped="role_item"),
    "role_item": PlaceRule(scalar=True, each="role_part"),
    "outlines": PlaceRule(shape="outlines"),
    "outline": PlaceRule(shape="outline"),
    "destination": PlaceRule(scalar=True, each="destination_item", shape="destination"),
    "destinations": PlaceRule(each="destinations", shape="destinations"),
    "named_destinations": PlaceRule(mapped="destination"),
    "labels": PlaceRule(each="labels", shape="labels"),
    "label": PlaceRule(scalar=True, each="label", shape="label"),
    "preferences": PlaceRule(shape="preferences"),
    "marking": PlaceRule(shape="marking"),
    "intents": PlaceRule(each="intent"),
    "intent": PlaceRule(shape="intent"),
}
"""Rules beside those that `signing.intake.copying` follows by hand."""
