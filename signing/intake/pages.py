"""Pages of a foreign file: found in their order, and written with what belongs to them."""

from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.annotations import Painted, page_box, rectangle
from signing.intake.content import ContentState, follow
from signing.intake.copying import Copier, TooMuchError
from signing.intake.findings import IntakeVerdict
from signing.intake.looking import (
    Key,
    entry,
    is_dictionary,
    items,
    key_of,
    look_up,
    make_dictionary,
    raw_entry,
)
from signing.intake.report import Hazard, PageBox
from signing.intake.rules import INHERITED, action_of, real_name
from signing.intake.writing import OddFileError, array_of, dictionary_of, number_of, scalar_of

MOST_PAGES = 5_000
_MOST_NODES = 20_000
_DEEPEST = 64
_PLACES = 6
"""Decimals of a page's size: none that is written needs an exponent."""
_FURTHER_BOXES = ("/BleedBox", "/TrimBox", "/ArtBox")
_TABS = frozenset({"/R", "/C", "/S", "/A", "/W"})
_HAZARDS = {"/AA": Hazard.ACTIVE, "/AF": Hazard.ATTACHMENT}
_PAINTED = "/XinyinPainted"
_EOL = frozenset(b"\r\n")


@dataclass(slots=True)
class TakenPage:
    """A page to be written."""

    number: int
    """Of its object."""
    place: int
    """From 1."""
    raw: generic.DictionaryObject
    inherited: dict[str, Any]
    box: PageBox
    links: list[tuple[int, generic.DictionaryObject]] = field(default_factory=list)
    painted: list[Painted] = field(default_factory=list)

    def get(self, key: str) -> Any:
        """Return an entry, or what the page inherits for it."""
        return _get(self.raw, self.inherited, key)


def _get(raw: generic.DictionaryObject, inherited: dict[str, Any], key: str) -> Any:
    found = entry(raw, key)
    if found is not None or key not in inherited:
        return found
    value = look_up(inherited[key])
    return None if isinstance(value, generic.NullObject) else value


def collect_pages(root: generic.DictionaryObject, copier: Copier) -> list[TakenPage]:
    """Find the pages in their order; their tree becomes flat. Raises `OddFileError`."""
    found: list[TakenPage] = []
    waiting: list[tuple[Any, dict[str, Any], int]] = [(raw_entry(root, "/Pages"), {}, 0)]
    seen: set[Key] = set()
    nodes = 0
    while waiting:
        raw, inherited, depth = waiting.pop()
        key = key_of(raw)
        node = None if raw is None else look_up(raw)
        nodes += 1
        if depth > _DEEPEST or not is_dictionary(node) or (key is not None and key in seen):
            raise OddFileError("/Pages")
        if key is not None:
            seen.add(key)
        if real_name(node, "/Type") not in {"", "/Pages" if "/Kids" in node else "/Page"}:
            raise OddFileError("/Pages")
        if "/Kids" in node:
            here = {**inherited, **{one: node.raw_get(one) for one in INHERITED if one in node}}
            kids = items(entry(node, "/Kids"))
            waiting += [(one, here, depth + 1) for one in reversed(kids)]
        else:
            number, place = copier.reserve(), len(found) + 1
            if key is not None:
                copier.settle(key, "page", number)
            box = page_box(lambda one, n=node, i=inherited: _get(n, i, one))  # type: ignore[misc]
            found.append(TakenPage(number, place, node, inherited, box))
        if len(found) > MOST_PAGES or nodes + len(waiting) > _MOST_NODES:
            raise TooMuchError
    if not found:
        raise OddFileError("/Pages")
    return found


def write_page(copier: Copier, page: TakenPage, parent: int) -> bytes:
    """Return a page; what is not a number or a word is an object of its own."""
    for key, hazard in _HAZARDS.items():
        if entry(page.raw, key) is not None:
            copier.findings.add(hazard, page.place, key)
    entries = {"/Type": b"/Page", "/Parent": b"%d 0 R" % parent, **_sizes(page)}
    if entry(page.raw, "/Group") is not None:
        entries["/Group"] = copier.apart(page.raw.raw_get("/Group"), "group", page.place)
    content, resources = _content(page, copier.mark)
    entries["/Resources"] = copier.apart(resources, "resources", page.place)
    state = ContentState()
    ended = _ended(copier, content, state)
    copier.judge_names(state, look_up(resources), page.place)
    written = [copier.apart(one, "content_part", page.place) for one in ended]
    if written:
        entries["/Contents"] = array_of(written)
    if page.links:
        entries["/Annots"] = array_of([b"%d 0 R" % number for number, _ in page.links])
    for number, link in page.links:
        copier.bodies[number] = write_link(copier, link, page.place)
    return dictionary_of(entries)


def _sizes(page: TakenPage) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    for key in ("/MediaBox", "/CropBox", *_FURTHER_BOXES):
        box = page.get(key) if key in INHERITED else entry(page.raw, key)
        if box is not None:
            entries[key] = _box(box, key)
    if page.box.turn:
        entries["/Rotate"] = b"%d" % page.box.turn
    for key in ("/UserUnit", "/StructParents"):
        value = entry(page.raw, key)
        if isinstance(value, generic.NumberObject | generic.FloatObject):
            entries[key] = number_of(value, _PLACES if key == "/UserUnit" else None)
    if str(entry(page.raw, "/Tabs")) in _TABS:
        entries["/Tabs"] = scalar_of(entry(page.raw, "/Tabs")) or b"null"
    return entries


def _box(value: Any, key: str) -> bytes:
    if rectangle(value) is None:
        raise OddFileError(key)
    return array_of([number_of(look_up(one), _PLACES) for one in items(value)])


def _content(page: TakenPage, mark: str) -> tuple[list[Any], Any]:
    """Return the parts of a page's content and its resources, appearances painted over it.

    Its own content is enclosed then, so that what it leaves of the graphics state does not matter.
    Appearances have names with a mark that no content can know.
    """
    held = entry(page.raw, "/Contents")
    parts: list[Any] = []
    if isinstance(held, generic.ArrayObject):
        parts = items(held)
    elif isinstance(held, generic.StreamObject):
        parts = [page.raw.raw_get("/Contents")]
    elif held is not None:
        raise OddFileError("/Contents")
    parts = [one for one in parts if not isinstance(look_up(one), generic.NullObject)]
    found = page.get("/Resources")
    if not is_dictionary(found):
        found = make_dictionary({})
    if not page.painted:
        own = page.raw if is_dictionary(entry(page.raw, "/Resources")) else page.inherited
        return parts, dict.get(own, "/Resources", found)
    forms = _raw(entry(found, "/XObject"))
    steps = []
    for n, one in enumerate(page.painted):
        name = f"{_PAINTED}{mark}{n}"
        forms[name] = one.form
        matrix = b" ".join(b"%.4f" % m for m in one.matrix)
        steps.append(b"q %s cm %s Do Q" % (matrix, name.encode()))
    more = make_dictionary({**_raw(found), "/XObject": make_dictionary(forms)})
    return [_part(b"q\n"), *parts, _part(b"\nQ " + b" ".join(steps))], more


def _ended(copier: Copier, parts: list[Any], state: ContentState) -> list[Any]:
    """Return the parts of a content and, where it leaves something open, what ends it.

    Each part is read by itself, so a line ends between two: some readers would go on within a
    number or a word, all of them within a comment.
    """
    found: list[Any] = []
    before = b"\n"
    for one in parts:
        value = look_up(one)
        if not isinstance(value, generic.StreamObject):
            raise OddFileError("/Contents")
        data = copier.opener.open(value)
        follow(data, state)
        if data:
            if _EOL.isdisjoint((before[-1], data[0])):
                found.append(_part(b"\n"))
            before = data
        found.append(one)
    if state.nesting:
        raise OddFileError("content")
    if state.images.unsure:  # the seal's imprint is drawn after it
        raise OddFileError("inline images")
    tail = state.tail()
    return [*found, _part(b"\n" + tail)] if tail else found


def _part(data: bytes) -> generic.StreamObject:
    make: Any = generic.StreamObject  # untyped
    part: generic.StreamObject = make({}, encoded_data=data)
    return part


def _raw(owner: Any) -> dict[Any, Any]:
    return {key: owner.raw_get(key) for key in owner} if is_dictionary(owner) else {}


def write_link(copier: Copier, link: generic.DictionaryObject, page: int) -> bytes:
    """Return a link written anew: it leads somewhere and draws nothing."""
    entries = {
        "/Type": b"/Annot",
        "/Subtype": b"/Link",
        "/Rect": _box(entry(link, "/Rect"), "/Rect"),
    }
    corners = entry(link, "/QuadPoints")
    if isinstance(corners, generic.ArrayObject):
        entries["/QuadPoints"] = array_of([number_of(look_up(one)) for one in items(corners)])
    entries |= {"/Border": b"[0 0 0]", "/F": b"4"}
    words = entry(link, "/Contents")
    if isinstance(words, generic.TextStringObject | generic.ByteStringObject):
        entries["/Contents"] = scalar_of(words) or b"()"
    key = entry(link, "/StructParent")
    if isinstance(key, generic.NumberObject):
        entries["/StructParent"] = number_of(key)
    does = entry(link, "/A")
    if does is None:
        entries["/Dest"] = copier.value(look_up(link.raw_get("/Dest")), "destination", page)
    elif not isinstance(action_of(does), IntakeVerdict):
        entries["/A"] = copier.value(does, "action", page)
    return dictionary_of(entries)
