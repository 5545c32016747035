"""A PDF written byte by byte: its objects as they stand, and updates in every known manner."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

_TOKEN = re.compile(
    rb"\s*(?:(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f\s]*>)|(?P<string>\()"
    rb"|(?P<ref>\d+\s+\d+\s+R\b)|(?P<name>/[^\s/<>\[\]()%]*)|(?P<word>[^\s/<>\[\]()%]+))"
)
_REFERENCE = re.compile(rb"\s*(\d+)\s+(\d+)\s+R\s*")


def _string_end(data: bytes, start: int) -> int:
    """Return where the literal string ends that begins at `start` (ISO 32000-1 7.3.4.2)."""
    depth, position = 0, start
    while True:
        byte = data[position : position + 1]
        if byte == b"\\":
            position += 1
        depth += {b"(": 1, b")": -1}.get(byte, 0)
        position += 1
        if depth == 0:
            return position


def _value_end(data: bytes, start: int) -> int:
    """Return where the value ends that begins at `start`."""
    depth, position = 0, start
    while True:
        found = _TOKEN.match(data, position)
        if found is None:
            raise ValueError(data[position : position + 40])
        position = found.end()
        if found["string"]:
            position = _string_end(data, found.start("string"))
        depth += 1 if found["open"] else -1 if found["close"] else 0
        if depth == 0:
            return position


def entries(body: bytes) -> dict[str, bytes]:
    """Return a dictionary's (or a stream's) entries, the values as they stand."""
    position = body.index(b"<<") + 2
    found: dict[str, bytes] = {}
    while body[position:].lstrip()[:2] != b">>":
        key_end = _value_end(body, position)
        key = body[position:key_end].strip().decode("latin-1")
        position = _value_end(body, key_end)
        found[key] = body[key_end:position].strip()
    return found


def dictionary(of: Mapping[str, bytes]) -> bytes:
    """Return a dictionary as it is written."""
    inside = b" ".join(key.encode("latin-1") + b" " + value for key, value in of.items())
    return b"<< " + inside + b" >>"


def edited(body: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return a dictionary or stream with entries set, or removed where None."""
    found: dict[str, bytes | None] = {**entries(body), **changes}
    made = dictionary({key: value for key, value in found.items() if value is not None})
    at = body.find(b"stream")
    return made if at < 0 else made + b"\n" + body[at:]


def stream(data: bytes, extra: bytes = b"", *, packed: bool = False) -> bytes:
    """Return a stream object's body."""
    filtered = b"/Filter /FlateDecode " if packed else b""
    data = zlib.compress(data) if packed else data
    return b"<< %s%s /Length %d >>\nstream\n%s\nendstream" % (filtered, extra, len(data), data)


def referred(value: bytes) -> int:
    """Return the number of the object that a reference names."""
    found = _REFERENCE.fullmatch(value)
    if found is None:
        raise ValueError(value[:40])
    return int(found[1])


def is_reference(value: bytes) -> bool:
    return _REFERENCE.fullmatch(value) is not None


def ref(number: int) -> bytes:
    return b"%d 0 R" % number


class Layout(StrEnum):
    """How cross-references are written."""

    TABLE = "table"
    STREAM = "stream"
    HYBRID = "hybrid"
    """A table, and a stream named by /XRefStm (ISO 32000-1 7.5.8.4)."""


@dataclass(frozen=True, slots=True)
class Section:
    """How one revision is written; what is not given is written as everybody writes it."""

    layout: Layout = Layout.TABLE
    between: bytes = b""
    """Before each object."""
    before_references: bytes = b""
    after_trailer: bytes = b""
    tail: bytes = b"\n"
    """After %%EOF."""
    eof: bytes = b"%%EOF"
    trailer: Mapping[str, bytes | None] = field(default_factory=dict)
    """Entries set, or left out where None."""
    start: int | None = None
    """What startxref says; the truth by default."""
    start_shift: int = 0
    offsets: Mapping[int, int] = field(default_factory=dict)
    """Offsets that entries state instead of the true ones (table only)."""
    free: tuple[int, ...] = ()
    entry_end: bytes = b" \n"
    packed: tuple[int, ...] = ()
    """Objects that go into an object stream (layouts stream and hybrid)."""
    generations: Mapping[int, int] = field(default_factory=dict)
    keyword: bytes = b"obj"
    compressed: bool = True
    """Whether streams of cross-references and of objects are."""
    table: bytes | None = None
    """A table's text that replaces the true one, from `xref` to before `trailer`."""
    first_free: bool = False
    """Whether the table of an update repeats entry 0."""


PLAIN = Section()


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF's bytes and its current objects."""

    data: bytes
    objects: Mapping[int, bytes]
    trailer: Mapping[str, bytes]
    start: int
    """Where its last cross-references begin."""

    @property
    def size(self) -> int:
        return int(self.trailer["/Size"])

    @property
    def root(self) -> int:
        return referred(self.trailer["/Root"])

    @property
    def info(self) -> int:
        return referred(self.trailer["/Info"])

    @property
    def pages(self) -> int:
        return referred(self.of(self.root)["/Pages"])

    @property
    def page(self) -> int:
        """The first page."""
        return self.page_at(0)

    def page_at(self, index: int) -> int:
        kids = re.findall(rb"(\d+) 0 R", self.of(self.pages)["/Kids"])
        return int(kids[index])

    @property
    def content(self) -> int:
        """The first page's (first) content stream."""
        return int(re.findall(rb"(\d+) 0 R", self.of(self.page)["/Contents"])[0])

    @property
    def form(self) -> int:
        """The interactive form, where it is an object of its own."""
        return referred(self.of(self.root)["/AcroForm"])

    @property
    def widget(self) -> int:
        """The first signature field, merged with its widget."""
        return next(number for number in self.fields if b"/Sig" in self.objects[number])

    @property
    def fields(self) -> list[int]:
        form = self.of(self.root)["/AcroForm"]
        held = entries(self.objects[referred(form)] if is_reference(form) else form)
        return [int(one) for one in re.findall(rb"(\d+) 0 R", held["/Fields"])]

    @property
    def signature(self) -> int:
        """The first signature's dictionary."""
        return referred(self.of(self.widget)["/V"])

    @property
    def font(self) -> int:
        """The font that the first page calls /F1."""
        held = self.resolved(entries(self.of(self.page)["/Resources"])["/Font"])
        return referred(entries(held)["/F1"])

    def resolved(self, value: bytes) -> bytes:
        return self.objects[referred(value)] if is_reference(value) else value

    def of(self, number: int) -> dict[str, bytes]:
        """Return the entries of an object."""
        return entries(self.objects[number])

    def set(self, number: int, **changes: bytes | None) -> dict[int, bytes]:
        """Return an object with entries set (the keyword `Rect` is the key /Rect)."""
        return {number: edited(self.objects[number], {f"/{key}": v for key, v in changes.items()})}

    def update(self, objects: Mapping[int, bytes], section: Section = PLAIN) -> "Pdf":
        """Return the PDF with one more revision."""
        before = self.data if self.data.endswith(b"\n") else self.data + b"\n"
        trailer = {
            **{key: self.trailer[key] for key in ("/Root", "/Info", "/ID") if key in self.trailer},
            "/Prev": b"%d" % self.start,
        }
        return write(before, {**self.objects}, objects, trailer, section, size=self.size)

    def with_annotation(self, number: int, page: int | None = None) -> dict[int, bytes]:
        """Return the object that makes a page show one more annotation."""
        page = self.page if page is None else page
        held = self.of(page).get("/Annots", b"[]")
        if is_reference(held):
            return {referred(held): self.objects[referred(held)][:-1] + b" %d 0 R]" % number}
        return self.set(page, Annots=held[:-1] + b" %d 0 R]" % number)


def new(
    objects: Mapping[int, bytes],
    trailer: Mapping[str, bytes],
    section: Section = PLAIN,
    header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
) -> Pdf:
    """Return a PDF of one revision."""
    return write(header, {}, objects, trailer, section)


def write(
    before: bytes,
    known: dict[int, bytes],
    objects: Mapping[int, bytes],
    trailer: Mapping[str, bytes],
    section: Section = PLAIN,
    *,
    size: int = 1,
) -> Pdf:
    """Append a revision to `before`."""
    out = bytearray(before)
    places: dict[int, tuple[int, int, int]] = {}
    packed = [n for n in section.packed if n in objects]
    size = max([size, *(number + 1 for number in (*objects, *section.free))])
    for number, body in objects.items():
        if number not in packed:
            out += section.between
            generation = section.generations.get(number, 0)
            places[number] = (1, section.offsets.get(number, len(out)), generation)
            out += b"%d %d %s\n%s\nendobj\n" % (number, generation, section.keyword, body)
    if packed:
        places[size] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (size, _object_stream(objects, packed, section))
        places.update({number: (2, size, index) for index, number in enumerate(packed)})
        size += 1
    places.update(dict.fromkeys(section.free, (0, 0, 1)))
    out += section.before_references
    kept = {**known, **objects}
    is_first = "/Prev" not in trailer
    if is_first:
        places[0] = (0, 0, 65535)
    start = len(out)
    if section.layout is not Layout.TABLE:
        size += 1
    ends = {"/Size": b"%d" % size, **trailer}
    if section.layout is Layout.STREAM:
        places[size - 1] = (1, start, 0)
        out += _reference_stream(size - 1, places, _ends(ends, section), section)
    else:
        shown = dict(places)
        if section.layout is Layout.HYBRID:
            hidden = {n: place for n, place in places.items() if place[0] == 2}
            out += _reference_stream(size - 1, hidden, {"/Size": ends["/Size"]}, section)
            ends["/XRefStm"] = b"%d" % start
            start = len(out)
            shown = {n: place for n, place in places.items() if n not in hidden}
        if section.first_free:
            shown[0] = (0, 0, 65535)
        text = _table(shown, section) if section.table is None else section.table
        out += text + b"trailer\n" + dictionary(_ends(ends, section)) + b"\n"
    out += section.after_trailer
    said = start + section.start_shift if section.start is None else section.start
    out += b"startxref\n%d\n%s%s" % (said, section.eof, section.tail)
    return Pdf(bytes(out), kept, ends, start)


def _ends(ends: Mapping[str, bytes], section: Section) -> dict[str, bytes]:
    found = {**ends, **section.trailer}
    return {key: value for key, value in found.items() if value is not None}


def _table(places: Mapping[int, tuple[int, int, int]], section: Section) -> bytes:
    out, run = [b"xref\n"], []
    for number in sorted(places):
        run.append(number)
        if number + 1 not in places:
            out.append(b"%d %d\n" % (run[0], len(run)))
            for one in run:
                kind, offset, generation = places[one]
                mark = b"f" if kind == 0 else b"n"
                out.append(b"%010d %05d %s" % (offset, generation, mark) + section.entry_end)
            run = []
    return b"".join(out)


def _reference_stream(
    number: int,
    places: Mapping[int, tuple[int, int, int]],
    ends: Mapping[str, bytes],
    section: Section,
) -> bytes:
    rows, index, run = [], [], []
    for one in sorted(places):
        kind, offset, generation = places[one]
        rows.append(bytes([kind]) + offset.to_bytes(4, "big") + generation.to_bytes(2, "big"))
        run.append(one)
        if one + 1 not in places:
            index.append(b"%d %d" % (run[0], len(run)))
            run = []
    extra = b"/Type /XRef /W [1 4 2] /Index [%s] %s" % (
        b" ".join(index),
        dictionary(ends)[3:-3],
    )
    body = stream(b"".join(rows), extra, packed=section.compressed)
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


def _object_stream(objects: Mapping[int, bytes], packed: list[int], section: Section) -> bytes:
    heads, bodies, position = [], [], 0
    for number in packed:
        heads.append(b"%d %d" % (number, position))
        bodies.append(objects[number] + b"\n")
        position += len(bodies[-1])
    head = b" ".join(heads) + b"\n"
    extra = b"/Type /ObjStm /N %d /First %d" % (len(packed), len(head))
    return stream(head + b"".join(bodies), extra, packed=section.compressed)


def load(data: bytes) -> Pdf:
    """Read a PDF that has tables alone, such as our own licences."""
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    objects: dict[int, bytes] = {}
    ends: dict[str, bytes] = {}
    place: int | None = start
    while place is not None:
        table, _, rest = data[place:].partition(b"trailer")
        found = entries(rest)
        ends = {**found, **ends}
        for number, offset in _offsets(table):
            objects.setdefault(number, _body(data, offset))
        place = int(found["/Prev"]) if "/Prev" in found else None
    ends.pop("/Prev", None)
    return Pdf(data, objects, ends, start)


def _offsets(table: bytes) -> list[tuple[int, int]]:
    words, found = table.split()[1:], []
    while words:
        first, count = int(words[0]), int(words[1])
        rows = words[2 : 2 + 3 * count]
        for index in range(count):
            offset, _, mark = rows[3 * index : 3 * index + 3]
            if mark == b"n":
                found.append((first + index, int(offset)))
        words = words[2 + 3 * count :]
    return found


def _body(data: bytes, offset: int) -> bytes:
    """Return the body of the object at an offset; a stream's length is believed where direct."""
    start = data.index(b"obj", offset) + 3
    end = data.index(b"endobj", start)
    opened = data.find(b"stream", start, end)
    if opened > 0:
        length = int(re.findall(rb"/Length (\d+)", data[start:opened])[-1])
        end = data.index(b"endobj", opened + length)
    return data[start:end].strip(b"\r\n ")


def rewritten(pdf: Pdf, data: bytes) -> Pdf:
    """Return the same description with other bytes."""
    return replace(pdf, data=data)
