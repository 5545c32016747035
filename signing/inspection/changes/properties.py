"""XMP metadata and the Info dictionary: which entries bind (ISO 16684-1, ISO 32000-2 14.3).

Titles, creators, descriptions and rights are the signer's words; dates, producers, identifiers of
the copy and its history are what every tool rewrites. Serialisation (prefixes, attributes or
elements, order) never binds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.changes.finding import UnclearError, UpdateFindings
from signing.inspection.changes.view import Comparison, RevisionView, Value
from signing.inspection.objects import raw

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_DC = "http://purl.org/dc/elements/1.1/ "
_XMP = "http://ns.adobe.com/xap/1.0/ "
_PDF = "http://ns.adobe.com/pdf/1.3/ "
_XML_LANG = "http://www.w3.org/XML/1998/namespace lang"
_SILENT = frozenset(
    {_XMP + name for name in ("ModifyDate", "MetadataDate", "CreateDate", "CreatorTool")}
    | {_PDF + name for name in ("Producer", "PDFVersion", "Trapped")}
    | {_DC + name for name in ("format", "date")}
)
_SILENT_SPACES = ("http://ns.adobe.com/xap/1.0/mm/ ", "http://www.aiim.org/pdfa/ns/id/ ")
_BINDING_SPACES = (_DC, "http://ns.adobe.com/xap/1.0/rights/ ")
_BINDING = frozenset({_PDF + "Keywords"})
_INFO_BINDING = ("/Title", "/Author", "/Subject", "/Keywords")
_INFO_SILENT = ("/ModDate", "/CreationDate", "/Producer", "/Creator", "/Trapped")
_MOST_NODES = 20_000
_MOST_DEPTH = 64

Tree = tuple[Any, ...]


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    kids: list["_Node"] = field(default_factory=list)


def compare_properties(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    """Compare both. Raises `UnclearError` and `READ_ERRORS`."""
    _compare_info(views, comparison, findings)
    before, after = raw(views[0].root, "/Metadata"), raw(views[1].root, "/Metadata")
    if comparison.same(before, after):
        return
    findings.cosmetic = True
    findings.note("info_changed")
    was, now = views[0].follow(before), views[1].follow(after)
    if was is None:
        _compare_with_info(views[1], _properties(now), findings)
    elif now is None:
        findings.doubt("the XMP metadata was removed", "properties_changed")
    else:
        _compare_xmp(_properties(was), _properties(now), findings)


def _compare_info(
    views: tuple[RevisionView, RevisionView], comparison: Comparison, findings: UpdateFindings
) -> None:
    before, after = raw(views[0].trailer, "/Info"), raw(views[1].trailer, "/Info")
    if comparison.same(before, after):
        return
    old, new = (view.dictionary(view.trailer, "/Info") for view in views)
    findings.cosmetic = True
    findings.note("info_changed")
    others = {*map(str, old), *map(str, new)} - {*_INFO_BINDING, *_INFO_SILENT}
    for name in sorted(others):
        if not comparison.same(raw(old, name), raw(new, name)):
            findings.doubt(f"{name} of the information", "properties_changed")
    for name in _INFO_BINDING:
        was, now = _text(views[0], old, name), _text(views[1], new, name)
        if was == now:
            continue
        if now is not None:
            findings.prove("properties_changed", name)
        elif "/Metadata" not in views[1].root:
            findings.doubt(f"{name} was removed", "properties_changed")


def _text(view: RevisionView, info: generic.DictionaryObject, name: str) -> str | bytes | None:
    """Return an entry as text, however it is encoded."""
    value = view.entry(info, name)
    if isinstance(value, generic.ByteStringObject):
        return bytes(value)
    return None if value is None else str(value)


def _compare_xmp(
    old: Mapping[str, Tree], new: Mapping[str, Tree], findings: UpdateFindings
) -> None:
    for name in old.keys() | new.keys():
        if old.get(name) == new.get(name) or _silent(name):
            continue
        if name in old and _binding(name):
            findings.prove("properties_changed", name)
        else:
            findings.doubt(name, "properties_changed")


def _compare_with_info(
    view: RevisionView, new: Mapping[str, Tree], findings: UpdateFindings
) -> None:
    """Judge XMP where there was none: it may say again what the Info dictionary says."""
    info = view.dictionary(view.trailer, "/Info")
    said = {str(view.entry(info, name) or "") for name in _INFO_BINDING}
    for name, values in new.items():
        if not _silent(name) and not set(_texts(values)) <= said:
            findings.doubt(name, "properties_changed")


def _silent(name: str) -> bool:
    return name in _SILENT or name.startswith(_SILENT_SPACES)


def _binding(name: str) -> bool:
    return name in _BINDING or name.startswith(_BINDING_SPACES)


def _texts(tree: Tree) -> list[str]:
    found: list[str] = []
    work: list[Any] = [tree]
    while work:
        one = work.pop()
        if isinstance(one, tuple):
            _, _, text, kids = one
            found.extend(filter(None, (text,)))
            work.extend(kids)
    return found


def _properties(stream: Value) -> dict[str, Tree]:
    """Return the properties of an XMP packet, each in a form that serialisation does not change."""
    if not isinstance(stream, generic.StreamObject):
        raise UnclearError("XMP metadata that is no stream")
    reader: Any = stream
    root = _parse(reader.read_data(DecodePurpose.XMP_METADATA))
    found: dict[str, Tree] = {}
    for description in _descriptions(root):
        for name, text in description.attributes.items():
            if not name.startswith(_RDF) and name != _XML_LANG:
                _put(found, name, ("", (), text.strip(), ()))
        for kid in description.kids:
            tag, attributes, text, kids = _tree(kid)
            _put(found, tag, ("", attributes, text, kids))
    return found


def _put(found: dict[str, Tree], name: str, value: Tree) -> None:
    if name in found and not _silent(name):
        raise UnclearError("an XMP property given twice")
    found[name] = value


def _descriptions(root: _Node) -> list[_Node]:
    """Return the rdf:Description elements; the packet's wrapper may be left out."""
    rdf = (
        root
        if root.tag == _RDF + "RDF"
        else next((kid for kid in root.kids if kid.tag == _RDF + "RDF"), None)
    )
    if rdf is None or any(kid.tag != _RDF + "Description" for kid in rdf.kids):
        raise UnclearError("XMP metadata that is no RDF")
    return rdf.kids


def _tree(node: _Node) -> Tree:
    """Return an element as a value: what is unordered is sorted, a resource is a structure."""
    attributes = dict(node.attributes)
    kids = [_tree(kid) for kid in node.kids]
    attributes.pop(_RDF + "parseType", None)
    while len(kids) == 1 and kids[0][0] == _RDF + "Description":
        _, inner, _, kids_below = kids[0]
        attributes.update(dict(inner))
        kids = list(kids_below)
    attributes.pop(_RDF + "about", None)
    if node.tag != _RDF + "Seq" and node.tag != _RDF + "Alt":
        kids.sort()
    return node.tag, tuple(sorted(attributes.items())), "".join(node.text).strip(), tuple(kids)


def _parse(data: bytes) -> _Node:
    """Parse XML without a document type, which is where entities come from; bounded."""
    parser = expat.ParserCreate(namespace_separator=" ")
    top = _Node("", {})
    stack = [top]
    count = 0

    def refuse(*_: object) -> None:
        raise UnclearError("XMP metadata with a document type")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_NODES or len(stack) > _MOST_DEPTH:
            raise UnclearError("too much XMP metadata")
        node = _Node(tag, attributes)
        stack[-1].kids.append(node)
        stack.append(node)

    def characters(text: str) -> None:
        stack[-1].text.append(text)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: stack.pop()
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(data.rstrip(b"\0"), True)
    except expat.ExpatError as error:
        raise UnclearError("XMP metadata that is no XML") from error
    if len(top.kids) != 1:
        raise UnclearError("XMP metadata without a root")
    return top.kids[0]
