"""Objects of a foreign file written anew: what its pages need, by the rules of where it stands.

The same object in two places of different rules is written twice, once by each.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.content import ContentState, follow
from signing.intake.findings import IntakeFindings, IntakeVerdict
from signing.intake.fonts import is_held
from signing.intake.looking import Key, detail_of, entry, is_dictionary, items, look_up, name_at
from signing.intake.report import Hazard
from signing.intake.rules import action_of, chosen, colour_rules, named_colour
from signing.intake.shapes import RULES, SHAPES, Shape
from signing.intake.streams import Opener, filters_written, is_crypt, layers_of, wrapped
from signing.intake.writing import (
    OddFileError,
    array_of,
    dictionary_of,
    name_of,
    scalar_of,
    shown_name,
)

_ELSEWHERE = frozenset({"/F", "/FFilter", "/FDecodeParms"})
_SETTLED = frozenset({"page", "object", "outline_top"})
"""Rules of references alone, to what has its number already."""
_DEEPEST = 64
_MOST_FONTS = 60


class TooMuchError(Exception):
    """The file is beyond a limit."""


class Copier:
    """Copies objects of one reader; numbers are given as they are met."""

    def __init__(
        self, findings: IntakeFindings, first: int, most: int, opener: Opener, mark: str
    ) -> None:
        """Number from `first` on; at most `most` objects. `mark` is in names that are ours."""
        self.findings = findings
        self._next = first
        self._most = most
        self.opener = opener
        self.mark = mark
        self._numbers: dict[tuple[Key, str], int | None] = {}
        self._waiting: deque[tuple[Any, str, int, int]] = deque()
        self.bodies: dict[int, bytes] = {}
        self.unembedded: dict[str, None] = {}

    def settle(self, key: Key, rule: str, number: int | None) -> None:
        """Have references to an object lead to another one, or to nothing, where a rule holds."""
        self._numbers[key, rule] = number

    def reserve(self) -> int:
        """Return a number for an object that is written by the caller."""
        number, self._next = self._next, self._next + 1
        if number > self._most:
            raise TooMuchError
        return number

    def apart(self, raw: Any, rule: str, page: int) -> bytes:
        """Return a reference to a value, which becomes an object where it stands there itself."""
        if isinstance(raw, generic.IndirectObject):
            return self._refer(raw, rule, page)
        number = self.reserve()
        self._waiting.append((raw, rule, number, page))
        return b"%d 0 R" % number

    def copy_waiting(self) -> None:
        """Copy everything that was referred to so far, and what that refers to."""
        while self._waiting:
            raw, rule, number, page = self._waiting.popleft()
            self.bodies[number] = self.value(look_up(raw), rule, page)

    def value(self, raw: Any, rule: str, page: int, depth: int = 0) -> bytes:
        """Return a value as it is written where a rule holds; `null` for what is left out."""
        if depth > _DEEPEST:
            raise TooMuchError
        fitting = chosen(raw, rule)
        if isinstance(fitting, IntakeVerdict):
            self.findings.note(fitting, page)
            return b"null"
        if fitting == "action":
            return self._action(raw, page)
        if isinstance(raw, generic.IndirectObject):
            known = fitting in _SETTLED
            return self._known(raw, fitting, page) if known else self._refer(raw, fitting, page)
        if isinstance(raw, generic.NullObject) or fitting in _SETTLED:
            return b"null"
        return self._by_rule(raw, fitting, page, depth)

    def _map(self, raw: generic.DictionaryObject, rule: str, page: int, depth: int) -> bytes:
        """Return a dictionary whose names are the author's own."""
        entries: dict[str, bytes] = {}
        for key in raw:
            verdict = named_colour(key, look_up(raw.raw_get(key))) if rule == "colour" else None
            if verdict is not None:
                self.findings.note(verdict, page)
                continue
            written = self.value(raw.raw_get(key), rule, page, depth + 1)
            if written != b"null":
                entries[key] = written
        return dictionary_of(entries)

    def _colour(self, raw: generic.ArrayObject, page: int, depth: int) -> bytes:
        rules = colour_rules(raw)
        if isinstance(rules, IntakeVerdict):
            self.findings.note(rules, page)
            return b"null"
        pairs = zip(items(raw), rules, strict=False)
        return array_of([self.value(one, each, page, depth + 1) for one, each in pairs])

    def _by_rule(self, raw: Any, name: str, page: int, depth: int) -> bytes:
        rule = RULES[name]
        if isinstance(raw, generic.StreamObject):
            if rule.stream is not None and not depth:  # within another only pyHanko reads one
                return self.stream(raw, SHAPES[rule.stream], page)
        elif isinstance(raw, generic.DictionaryObject):
            if rule.shape is not None:
                return self.dictionary(raw, SHAPES[rule.shape], page, depth)
            if rule.mapped is not None:
                return self._map(raw, rule.mapped, page, depth)
        elif isinstance(raw, generic.ArrayObject):
            if name == "colour":
                return self._colour(raw, page, depth)
            if rule.each is not None:
                return array_of([self.value(i, rule.each, page, depth + 1) for i in items(raw)])
        elif rule.scalar:
            return scalar_of(raw) or b"null"
        raise OddFileError(name)

    def dictionary(
        self,
        raw: generic.DictionaryObject,
        shape: Shape,
        page: int,
        depth: int = 0,
        more: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """Return a dictionary with what its shape has, and `more`."""
        self._note_font(raw, shape)
        if shape is SHAPES["type3"]:
            self._follow_glyphs(raw, page)
        entries: dict[str, bytes] = {}
        for key in raw:
            if key in shape.hazards:
                value = look_up(raw.raw_get(key))
                if not isinstance(value, generic.NullObject):
                    self.findings.add(shape.hazards[key], page, detail_of(key, value))
            elif key in shape.rules:
                held, rule = raw.raw_get(key), shape.rules[key]
                entries[key] = (
                    self.apart(held, rule, page)
                    if shape is SHAPES["resources"]  # so that names are never parsed again
                    else self.value(held, rule, page, depth + 1)
                )
        held = {key: value for key, value in entries.items() if value != b"null"}
        return dictionary_of({**held, **(more or {})})

    def stream(self, raw: generic.StreamObject, shape: Shape, page: int) -> bytes:
        """Return a stream in its own encoding."""
        if is_crypt(raw):
            self.findings.add(Hazard.ENCRYPTED, page, "/Crypt", cleanable=False)
            return b"null"
        if not _ELSEWHERE.isdisjoint(raw):
            self.findings.add(Hazard.EXTERNAL, page, "stream /F", cleanable=False)
            return b"null"
        names, given = layers_of(raw)
        if shape.content:
            self._follow(raw, entry(raw, "/Resources"), page)
        parameters = [
            b"null" if one is None else self.value(one, "decoding", page) for one in given
        ]
        data, added = wrapped(raw.encoded_data, encoded=bool(names))
        if added:
            names, parameters = ["/FlateDecode", *names], [b"null", *parameters]
        encoding = filters_written(names, parameters, name_of)
        head = self.dictionary(raw, shape, page, more={**encoding, "/Length": b"%d" % len(data)})
        return head + b"\nstream\n" + data + b"\nendstream"

    def _follow(self, raw: generic.StreamObject, resources: Any, page: int) -> None:
        """Judge the content of a form, a pattern or a glyph: it must end as it began."""
        state = ContentState()
        follow(self.opener.open(raw), state)
        if state.depth or state.nesting:
            raise OddFileError("q/Q")
        self.judge_names(state, resources, page)

    def _follow_glyphs(self, font: generic.DictionaryObject, page: int) -> None:
        """Judge the glyphs of a font of drawings, which share its resources."""
        drawings = entry(font, "/CharProcs")
        for key in drawings if is_dictionary(drawings) else ():
            glyph = look_up(drawings.raw_get(key))
            if isinstance(glyph, generic.StreamObject) and not is_crypt(glyph):
                self._follow(glyph, entry(font, "/Resources"), page)

    def judge_names(self, state: ContentState, resources: Any, page: int) -> None:
        """Note each resource that a content uses and its own dictionary lacks."""
        for kind, name in state.names.missing(resources):
            self.findings.add(Hazard.BORROWED, page, f"{kind} {shown_name(name)}", cleanable=False)

    def _refer(self, raw: generic.IndirectObject, rule: str, page: int) -> bytes:
        key = (raw.idnum, raw.generation), rule
        if key not in self._numbers:
            self._numbers[key] = number = self.reserve()
            self._waiting.append((raw, rule, number, page))
        given = self._numbers[key]
        return b"null" if given is None else b"%d 0 R" % given

    def _known(self, raw: generic.IndirectObject, rule: str, page: int) -> bytes:
        """Return a reference to what was settled for a rule."""
        key = (raw.idnum, raw.generation)
        if (key, rule) in self._numbers:
            return self._refer(raw, rule, page)
        if rule == "outline_top":
            return self._refer(raw, "outline", page)
        if rule == "object" and isinstance(look_up(raw), generic.StreamObject):
            return self.value(raw, "picture", page)
        return b"null"

    def _action(self, raw: Any, page: int) -> bytes:
        written = action_of(look_up(raw))
        if isinstance(written, IntakeVerdict):
            self.findings.note(written, page)
            return b"null"
        key, value = written
        if key == "/URI":
            address = scalar_of(value) or b"()"
            return dictionary_of({"/Type": b"/Action", "/S": b"/URI", "/URI": address})
        place = self.value(value, "destination", page, 1)
        return dictionary_of({"/Type": b"/Action", "/S": b"/GoTo", "/D": place})

    def _note_font(self, raw: generic.DictionaryObject, shape: Shape) -> None:
        if shape is not SHAPES["font"] or is_held(raw):
            return
        if len(self.unembedded) < _MOST_FONTS:
            name = shown_name(name_at(raw, "/BaseFont")[1:_MOST_FONTS]) or "?"
            self.unembedded.setdefault("".join(one for one in name if one.isprintable()))
        else:
            self.unembedded.setdefault("…")
