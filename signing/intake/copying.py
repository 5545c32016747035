"""Objects of a foreign file written anew: what is reachable, each once, without what is refused.

Streams keep their encoding. One whose bytes hold a word by which a file is read from its end is
wrapped in one more layer of Flate, so that there is one %%EOF and no signature but ours.
"""

import io
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from signing.inspection.objects import target
from signing.intake.report import MOST_FINDINGS, Hazard, IntakeFinding
from signing.intake.rules import IntakeVerdict, entry, of_entry, of_object

Key = tuple[int, int]
"""Number and generation of an object."""
HEADER = b"%PDF-1.7\n%\xc2\xa5\xc2\xb1\xc3\xab\n"
_WORDS = re.compile(rb"%%EOF|/ByteRange|startxref|endobj|\bobj\b|/Contents <")
_FONTS = frozenset({"/Type1", "/TrueType", "/CIDFontType0", "/CIDFontType2", "/MMType1"})
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_DEEPEST = 64
_MOST_TOLD = 60


class TooMuchError(Exception):
    """The file is beyond a limit."""


class IntakeFindings:
    """Findings on a file so far; each thing once."""

    def __init__(self, *, clean: bool) -> None:
        self._clean = clean
        self._told: dict[IntakeFinding, None] = {}

    def note(self, verdict: IntakeVerdict, page: int) -> None:
        """Note what is refused, or taken out."""
        if verdict.hazard is None or len(self._told) >= MOST_FINDINGS:
            return
        detail = "".join(one for one in verdict.detail if one.isprintable())[:_MOST_TOLD]
        cleaned = self._clean and verdict.cleanable
        self._told.setdefault(IntakeFinding(verdict.hazard, page, detail, cleaned))

    def add(self, hazard: Hazard, page: int, detail: str, *, cleanable: bool = True) -> None:
        """Note one thing."""
        self.note(IntakeVerdict(hazard, detail, cleanable), page)

    def settle_layers(self) -> None:
        """Have every layer stand in the way: taking them out would change what is shown."""
        self._told = {
            IntakeFinding(one.hazard, one.page, one.detail)
            if one.hazard is Hazard.LAYERS
            else one: None
            for one in self._told
        }

    def __iter__(self) -> Iterator[IntakeFinding]:
        return iter(self._told)


class Copier:
    """Copies objects of one reader; numbers are given as they are met."""

    def __init__(self, findings: IntakeFindings, first: int, most: int) -> None:
        """Number from `first` on; at most `most` objects."""
        self._findings = findings
        self._next = first
        self._most = most
        self._numbers: dict[Key, int | None] = {}
        self._waiting: deque[tuple[generic.IndirectObject, int, int]] = deque()
        self.bodies: dict[int, bytes] = {}
        self.unembedded: dict[str, None] = {}

    def settle(self, key: Key, number: int | None) -> None:
        """Have references to an object lead to another one, or to nothing."""
        self._numbers[key] = number

    def reserve(self) -> int:
        """Return a number for an object that is written by the caller."""
        number, self._next = self._next, self._next + 1
        if number > self._most:
            raise TooMuchError
        return number

    def add(self, body: bytes) -> int:
        """Add an object that is ours."""
        number = self.reserve()
        self.bodies[number] = body
        return number

    def copy_waiting(self) -> None:
        """Copy everything that was referred to so far, and what that refers to."""
        while self._waiting:
            reference, number, page = self._waiting.popleft()
            self.bodies[number] = self._object(_look_up(reference), page)

    def value(self, raw: Any, page: int, depth: int = 0) -> bytes:
        """Return a direct value or a reference, as it is written; `null` for what is refused."""
        if depth > _DEEPEST:
            raise TooMuchError
        if isinstance(raw, generic.IndirectObject):
            return self._refer(raw, page)
        if isinstance(raw, generic.DictionaryObject):
            verdict = of_object(raw)
            if verdict is not None:
                self._findings.note(verdict, page)
                return b"null"
            return self.dictionary(raw, page, depth=depth)
        if isinstance(raw, generic.ArrayObject):
            parts = (self.value(one, page, depth + 1) for one in items(raw))
            return b"[" + b" ".join(parts) + b"]"
        buffer = io.BytesIO()
        raw.write_to_stream(buffer, None)
        return buffer.getvalue()

    def dictionary(
        self,
        raw: generic.DictionaryObject,
        page: int,
        *,
        without: Iterable[str] = (),
        more: Callable[[], dict[str, bytes]] = dict,
        depth: int = 0,
    ) -> bytes:
        """Return a dictionary without what is refused; `more` replaces entries."""
        self._note_font(raw)
        entries: dict[str, bytes] = {}
        left_out = frozenset(without)
        for key in list(raw.keys()):
            if key in left_out:
                continue
            verdict = of_entry(raw, key)
            if verdict is not None:
                self._findings.note(verdict, page)
                continue
            entries[key] = self.value(raw.raw_get(key), page, depth + 1)
        return write_dictionary({**entries, **more()})

    def stream(self, raw: generic.StreamObject, page: int, more: dict[str, bytes]) -> bytes:
        """Return a stream in its own encoding."""
        data = raw.encoded_data
        filters, parameters = self._layers(raw, page)
        if not filters or _WORDS.search(data):
            data = zlib.compress(data)
            filters, parameters = [b"/FlateDecode", *filters], [b"null", *parameters]
            if _WORDS.search(data):  # of five bytes or more in a row: not by chance
                raise PdfReadError("a stream that imitates a file's end")
        encoding = {"/Filter": b"[" + b" ".join(filters) + b"]"}
        if any(one != b"null" for one in parameters):
            encoding["/DecodeParms"] = b"[" + b" ".join(parameters) + b"]"
        head = self.dictionary(
            raw,
            page,
            without=("/Length", "/Filter", "/DecodeParms", "/DL"),
            more=lambda: {**encoding, **more, "/Length": b"%d" % len(data)},
        )
        return head + b"\nstream\n" + data + b"\nendstream"

    def _layers(self, raw: generic.StreamObject, page: int) -> tuple[list[bytes], list[bytes]]:
        """Return a stream's filters and their parameters, one for each."""
        names, listed = (_listed(entry(raw, key)) for key in ("/Filter", "/DecodeParms"))
        if not all(isinstance(one, generic.NameObject) for one in names):
            raise PdfReadError("a stream's filters")
        if "/Crypt" in names:
            self._findings.add(Hazard.ENCRYPTED, page, "/Crypt", cleanable=False)
        parameters = [self.value(one, page) for one in listed[: len(names)]]
        parameters += [b"null"] * (len(names) - len(parameters))
        return [name_of(str(one)) for one in names], parameters

    def _object(self, value: Any, page: int) -> bytes:
        if isinstance(value, generic.DictionaryObject):
            verdict = of_object(value)
            if verdict is not None:
                self._findings.note(verdict, page)
                return b"null"
        if isinstance(value, generic.StreamObject):
            return self.stream(value, page, {})
        return self.value(value, page)

    def _refer(self, raw: generic.IndirectObject, page: int) -> bytes:
        key = (raw.idnum, raw.generation)
        if key not in self._numbers:
            self._numbers[key] = number = self.reserve()
            self._waiting.append((raw, number, page))
        given = self._numbers[key]
        return b"null" if given is None else b"%d 0 R" % given

    def _note_font(self, raw: generic.DictionaryObject) -> None:
        name = entry(raw, "/BaseFont")
        if str(entry(raw, "/Subtype")) not in _FONTS or not isinstance(name, generic.NameObject):
            return
        found = entry(raw, "/FontDescriptor")
        held = any(entry(found, key) is not None for key in _FONT_FILES)
        if not held and len(self.unembedded) < _MOST_TOLD:
            self.unembedded.setdefault(str(name)[1:_MOST_TOLD])


def key_of(raw: Any) -> Key | None:
    """Return the key of what a raw value refers to; None where it stands there itself."""
    return (raw.idnum, raw.generation) if isinstance(raw, generic.IndirectObject) else None


def items(array: Any) -> list[Any]:
    """Return an array's items as they stand, references unresolved."""
    return list(list.__iter__(array))


def _listed(value: Any) -> list[Any]:
    """Return the values that stand alone or in an array, references followed."""
    if value is None:
        return []
    found = items(value) if isinstance(value, generic.ArrayObject) else [value]
    return [target(one) for one in found]


def name_of(text: str) -> bytes:
    """Return a name as it is written."""
    buffer = io.BytesIO()
    generic.NameObject(text).write_to_stream(buffer)
    return buffer.getvalue()


def write_dictionary(entries: dict[str, bytes]) -> bytes:
    """Return a dictionary of written values."""
    parts = [name_of(key) + b" " + value for key, value in entries.items()]
    return b"<< " + b" ".join(parts) + b" >>"


def write_file(bodies: dict[int, bytes], root: int, info: int) -> bytes:
    """Return a file of one revision: objects in order, a cross-reference table, one %%EOF."""
    output = bytearray(HEADER)
    offsets = []
    for number in range(1, len(bodies) + 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n" % number + bodies[number] + b"\nendobj\n"
    table = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for offset in offsets:
        output += b"%010d 00000 n \n" % offset
    output += b"trailer\n<< /Root %d 0 R /Info %d 0 R /Size %d >>\n" % (
        root,
        info,
        len(bodies) + 1,
    )
    output += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(output)


def _look_up(reference: generic.IndirectObject) -> Any:
    try:
        return target(reference)
    except KeyError:
        return generic.NullObject()
