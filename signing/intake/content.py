"""Content of pages, forms, patterns and glyphs: read as readers do, to see how it ends.

Nothing is drawn. What a content leaves open reaches into what is drawn after it: imprints of the
seal. So what can be closed is closed behind it; what readers understand differently is refused
(ISO 32000-2 7.8.2, 8.4.2, 8.9.7).
"""

import re
from dataclasses import dataclass, field

from signing.intake.inline_images import InlineImages, after_inline_image
from signing.intake.names import UsedNames
from signing.intake.writing import OddFileError

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
