"""Content of pages, forms, patterns and glyphs: read as readers do, to see how it ends.

Nothing is drawn. What a content leaves open reaches into what is drawn after it: imprints of the
seal. So what can be closed is closed behind it; what readers understand differently is refused
(ISO 32000-2 7.8.2, 8.4.2, 8.9.7).

Names of resources that it uses must each stand in its own dictionary (7.8.3). Where one does not,
some readers take what the page has under that name, or the form around it; others take nothing, or
a font of their own. Property lists are left out: what hides something by them, a layer, is refused
wherever it stands.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from signing.intake.inline_images import InlineImages, after_inline_image
from signing.intake.looking import entry, is_dictionary
from signing.intake.writing import OddFileError, read_name

_REGULAR = rb"[^\x00\t\n\f\r ()<>\[\]{}/%]"
_BLANK = rb"[\x00\t\n\f\r ]"
_OFTEN = (
    rb"m|l|c|v|y|h|re|S|s|f|F|f\*|B|B\*|b|b\*|n|W|W\*|w|J|j|M|d|i|g|G|rg|RG|k|K|cs|CS|sc|SC|scn"
    rb"|SCN|cm|gs|sh|Tc|Tw|Tz|TL|Tf|Tr|Ts|Td|TD|Tm|T\*|Tj|TJ|Do"
)
"""Operators that open and close nothing."""
_TOKENS = (
    rb"|(?P<word>" + _REGULAR + rb"++)"
    rb"|(?P<name>/" + _REGULAR + rb"*+)"
    rb"|(?P<hex><[0-9A-Fa-f\x00\t\n\f\r ]*+>)"
    rb"|(?P<open><<|\[)|(?P<shut>>>|\])"
    rb"|(?P<text>\()|(?P<note>%[^\r\n]*+)"
)
_NUMBER = rb"[+\-]?+(?:[0-9]{1,9}+(?:\.[0-9]{0,40}+)?+|\.[0-9]{1,40}+)(?!" + _REGULAR + rb")"
"""Others (`1-2`, `--1`, `1e2`, beyond 32 bits) each reader understands in its own way."""
_TOKEN = re.compile(rb"(?P<dull>(?:" + _BLANK + rb"++|" + _NUMBER + rb")++)" + _TOKENS)
_TOP_TOKEN = re.compile(
    rb"(?P<dull>(?:"
    + _BLANK
    + rb"++|"
    + _NUMBER
    + rb"|(?:"
    + _OFTEN
    + rb")(?!"
    + _REGULAR
    + rb"))++)"
    + _TOKENS
)
"""Outside arrays and dictionaries: whole runs of such operators are passed over."""
_TEXT_PART = re.compile(rb"[^()\\]+|\\.|\(|\)", re.DOTALL)
_ODD_NUMBER = frozenset(b"0123456789.+-")
_CLOSERS = frozenset({b"Q", b"ET", b"EMC"})
_VALUES = frozenset({b"true", b"false", b"null"})
_PATH = frozenset({b"m", b"l", b"c", b"v", b"y", b"h", b"re"})
_PAINT = frozenset({b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"n"})
_DEEPEST = 256
_NEAR, _SHORT = 16, 16
_KINDS = {
    b"Do": "/XObject",
    b"gs": "/ExtGState",
    b"Tf": "/Font",
    b"sh": "/Shading",
    b"cs": "/ColorSpace",
    b"CS": "/ColorSpace",
    b"sc": "/Pattern",
    b"SC": "/Pattern",
    b"scn": "/Pattern",
    b"SCN": "/Pattern",
}
"""Of the last two pairs: some readers take a pattern's name with `sc` as well."""
_DEVICES = frozenset({b"/DeviceGray", b"/DeviceRGB", b"/DeviceCMYK", b"/Pattern"})
_INLINE = _DEVICES | {b"/G", b"/RGB", b"/CMYK", b"/I", b"/Indexed"}
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*")
_OPERATOR = re.compile(rb"[A-Za-z]+")
_MOST_OPERANDS = 32
_MOST_NAMES = 20_000


@dataclass(slots=True)
class UsedNames:
    """Names that a content uses, by the kind of resource."""

    used: dict[tuple[str, str], None] = field(default_factory=dict)
    _waiting: list[bytes] = field(default_factory=list)
    """Operands of an operator to come."""

    def meet(self, name: bytes, *, within: bool = False) -> None:
        """Note a name, unless it is within an array or a dictionary. Raises `OddFileError`."""
        if within:
            return
        self._waiting.append(name)
        if len(self._waiting) > _MOST_OPERANDS:
            raise OddFileError("content")

    def operate(self, run: bytes) -> None:
        """Note the first operator of a run: it takes all names that wait."""
        if not self._waiting:
            return
        found = _OPERATOR.search(run)
        if found is None and not run.strip(b"'\""):
            self._waiting.clear()
        if found is None:
            return
        kind = _KINDS.get(found[0])
        for name in self._waiting if kind else ():
            if kind != "/ColorSpace" or name not in _DEVICES:
                self._use(str(kind), name)
        self._waiting.clear()

    def colour(self, value: bytes) -> None:
        """Note the colour space of an inline image."""
        for name in _NAME.findall(value):
            if name not in _INLINE:
                self._use("/ColorSpace", name)

    def _use(self, kind: str, name: bytes) -> None:
        self.used[kind, str(read_name(name[1:]))] = None
        if len(self.used) > _MOST_NAMES:
            raise OddFileError("content")

    def missing(self, resources: Any) -> list[tuple[str, str]]:
        """Return those that a dictionary of resources does not have."""
        held = resources if is_dictionary(resources) else None
        return [(kind, name) for kind, name in self.used if entry(entry(held, kind), name) is None]


@dataclass(slots=True)
class ContentState:
    """State of a content: all that it has begun and not ended."""

    depth: int = 0
    """Of saved graphics states."""
    marks: int = 0
    nesting: int = 0
    text: bool = False
    path: bool = False
    images: InlineImages = field(default_factory=InlineImages)
    names: UsedNames = field(default_factory=UsedNames)

    def tail(self) -> bytes:
        """Return the operators that end what was begun."""
        parts = [b"n"] if self.path else []
        parts += [b"ET"] if self.text else []
        return b" ".join(parts + [b"EMC"] * self.marks + [b"Q"] * self.depth)


def follow(data: bytes, state: ContentState) -> None:
    """Read one stream of a content. Raises `OddFileError`."""
    at, end = 0, len(data)
    while at < end:
        found = (_TOKEN if state.nesting else _TOP_TOKEN).match(data, at)
        if found is None:
            raise OddFileError("content")
        at = found.end()
        match found.lastgroup:
            case "dull":
                _note_path(found[0], state)
                state.names.operate(found[0])
            case "name":
                state.names.meet(found[0], within=state.nesting > 0)
            case "open" | "shut":
                state.nesting += 1 if found.lastgroup == "open" else -1
            case "text":
                at = _after_text(data, at)
            case "word" if found[0] == b"BI" and not state.nesting:
                at = after_inline_image(data, at, state.images)
                state.names.colour(state.images.colour)
            case "word" if found[0] not in _VALUES:
                _operate(found[0], state)
        if not 0 <= state.nesting <= _DEEPEST:
            raise OddFileError("content")
    state.images.check(data)


def _operate(operator: bytes, state: ContentState) -> None:
    if operator[0] in _ODD_NUMBER:
        raise OddFileError("a number")
    if state.nesting:
        raise OddFileError("content")
    if state.images.unsure and operator not in _CLOSERS:
        raise OddFileError("inline images")
    state.names.operate(operator)
    state.depth += (operator == b"q") - (operator == b"Q")
    match operator:
        case b"BT" | b"ET":
            state.text = operator == b"BT"
        case b"BMC" | b"BDC":
            state.marks += 1
        case b"EMC":
            state.marks = max(0, state.marks - 1)
    if not 0 <= state.depth <= _DEEPEST or state.marks > _DEEPEST:
        raise OddFileError("q/Q")


def _note_path(run: bytes, state: ContentState) -> None:
    """Note whether a run of operators leaves a path open: its last one of that kind tells."""
    if state.images.unsure and run.upper() != run.lower():
        raise OddFileError("inline images")
    for most in (_NEAR, -1):
        for word in reversed(run.rsplit(None, most)[-most if most > 0 else 0 :]):
            if word in _PATH or word in _PAINT:
                state.path = word in _PATH
                return
        if len(run) < _SHORT:
            return


def _after_text(data: bytes, at: int) -> int:
    depth = 1
    while depth:
        found = _TEXT_PART.match(data, at)
        if found is None:
            raise OddFileError("content")
        at = found.end()
        depth += (found[0] == b"(") - (found[0] == b")")
    return at
