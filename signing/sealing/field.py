"""Signature fields of a page that is sealed for the first time, and what is in their dictionaries.

What is added to files that were signed before is `signing.sealing.archive`'s.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from pyhanko.sign.fields import MDPPerm

from signing.face import RenderedLicence, SealAppearance
from signing.pdf_syntax import dictionary, text
from signing.sealing.objects import (
    flate_stream,
    reference,
    references_in,
    references_of,
    stream,
)
from signing.sealing.signed_file import (
    CONTENTS,
    MakeCms,
    Room,
    SignedFile,
    UnsignedRevision,
    sign_revision,
    with_room,
)
from signing.sealing.writer import SealWriter

SEAL_FIELD = "Seal"
PERSON_FIELD = "Officer"
ARCHIVE_FIELD = "Archive"
TAKEN_FIELD = "Taken"
"""Of who takes in what was signed elsewhere; invisible."""
_TURNED = {90: "[0 1 -1 0 0 0]", 180: "[-1 0 0 -1 0 0]", 270: "[0 -1 1 0 0 0]"}
"""Against the clock: a page's /Rotate turns with it."""
_EXTENSION = (
    b"<<\n/ESIC <<\n/Type /DeveloperExtensions\n/BaseVersion /1.7\n/ExtensionLevel 1\n>>\n>>"
)
"""ETSI EN 319 142-1 5.6."""
_LOCKED_AND_PRINTED = 0b10000100
"""Annotation flags (ISO 32000-1 table 165). PDF/A wants Print set and Hidden not (ISO 19005-3
6.3.2), also where there is nothing to see."""
_PLACES = 4
"""Decimal places of a rectangle."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Contents of a signature dictionary (ISO 32000-1 table 252)."""

    name: str
    reason: str
    location: str
    at: datetime
    changes: MDPPerm | None
    """What may follow: NO_CHANGES (P=1), or FILL_FORMS (P=2) where a document timestamp or the seal
    will. None: not a certification, which only a file's first signature may be."""


@dataclass(frozen=True, slots=True)
class PlacedSeal:
    """Place of a seal, its looks, and what is read aloud there."""

    rendered: RenderedLicence
    appearance: SealAppearance
    words: str


@dataclass(frozen=True, slots=True)
class PreparedField:
    """A field that stands empty for a signature to come."""

    name: str
    page: int
    """The first one being 0."""
    box: tuple[float, float, float, float] | None
    """None: nothing is to be seen of it."""
    words: str


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A page whose seal has just been made, and what a further revision has to know of it."""

    file: SignedFile
    writer: SealWriter
    form: "_Form"


@dataclass(frozen=True, slots=True)
class _Field:
    """An empty field to be added."""

    name: str
    page: int
    """Number of its page's object."""
    box: tuple[float, ...] | None
    words: str = ""
    picture: str = ""
    """Reference to its appearance."""


class _Form:
    """The form of a page that had none, while its fields are added."""

    def __init__(self, writer: SealWriter) -> None:
        self._writer = writer
        self.number = writer.add(b"")
        self.fields: list[int] = []
        self.listed: dict[int, tuple[int, list[int]]] = {}
        """Of a page's object: the object of its annotations, and what they are."""
        writer.set_in_catalogue("Extensions", _EXTENSION.decode("ascii"))
        writer.set_in_catalogue("AcroForm", reference(self.number))

    def own_annotations(self, page: int) -> None:
        """Give a page an array of its own, so that later fields leave the page object alone."""
        if page not in self.listed:
            held = self._writer.dictionary(page)
            links = references_in(self._writer.follow(held.get("Annots", b"[]")))
            number = self._writer.add(b"")
            held["Annots"] = reference(number).encode()
            self.listed[page] = number, links

    def add(self, field: _Field, further: str = "") -> int:
        """Add a field with its widget; return its number."""
        number = self._writer.add(_written(field, further).encode("ascii"))
        self.own_annotations(field.page)
        self.listed[field.page][1].append(number)
        self.fields.append(number)
        return number

    def complete(self, number: int, further: str) -> None:
        """Add entries to a field's dictionary."""
        held = self._writer.read(number)
        self._writer.replace(number, held[: -len(b">>")] + further.encode("ascii") + b">>")

    def close(self) -> None:
        """Write form and annotations."""
        self._writer.replace(self.number, form_of(self.fields))
        for number, annotations in self.listed.values():
            self._writer.replace(number, references_of(annotations))


def form_of(fields: Iterable[int]) -> bytes:
    """Return a form with signatures, to which one may only append (ISO 32000-1 table 219)."""
    return b"<<\n/Fields %b\n/SigFlags 3\n>>" % references_of(fields)


def fill_seal(
    writer: SealWriter,
    place: PlacedSeal,
    *,
    statement: Statement,
    room: Room,
    make_cms: MakeCms,
    others: tuple[PreparedField, ...] = (),
) -> SealedPage:
    """Add the visible field with its certification signature.

    `others`: fields that are to be filled later. They are there before the first signature, so
    that filling them changes what a certification with P=2 lets be changed, and adds nothing.
    Raises `SealTooLargeError`, `UnsuitablePageError`.
    """
    form = _Form(writer)
    picture = reference(writer.add(appearance_stream(place.appearance)))
    seal = _add_seal_field(writer, form, place, picture)
    for one in others:
        form.own_annotations(writer.page(one.page))
    for one in others:
        form.add(_empty(writer, one))
    if place.rendered.impression is not None:
        writer.replace(place.rendered.impression, _impression(place.appearance, picture))
    revision = _first_revision(writer, form, seal, statement)
    return SealedPage(sign_revision(revision, room, make_cms), writer, form)


def prepare_for_person(
    writer: SealWriter, place: PlacedSeal, *, statement: Statement, room: Room
) -> bytes:
    """Add the seal's field, empty, and the person's with room for a signature; return the file.

    The seal's place is there before the person signs, so that sealing fills a field and adds
    nothing: a certification with P=2 allows that, and readers say so.
    """
    form = _Form(writer)
    box = place.appearance.around(place.rendered.seal_centre)
    _add_seal_field(writer, form, place, _nothing_to_see(writer, box))
    own = form.add(_Field(PERSON_FIELD, writer.page(0), None))
    return with_room(_first_revision(writer, form, own, statement), room)


def _first_revision(
    writer: SealWriter, form: _Form, field: int, statement: Statement
) -> UnsignedRevision:
    """Give a field its signature, and return the file up to that."""
    number = writer.size
    form.complete(field, f"/V {reference(number)}\n")
    form.close()
    if statement.changes is not None:
        writer.set_in_catalogue("Perms", f"<<\n/DocMDP {reference(number)}\n>>")
    body = writer.body()
    return UnsignedRevision(
        body=body.data + b"%d 0 obj\n" % number + CONTENTS,
        entries=signature_entries(statement),
        table=writer.table((*body.offsets, len(body.data))),
    )


def timestamp_field(name: str, page: int, stamp: int) -> bytes:
    """Return the invisible field of a document timestamp that is the object `stamp`."""
    field = _Field(name, page, None)
    return _written(field, f"/V {reference(stamp)}\n").encode("ascii")


def signature_entries(statement: Statement) -> bytes:
    """Return the entries of a seal's signature dictionary after /ByteRange."""
    said = [
        "/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n",
        f"/M (D:{statement.at.astimezone(UTC):%Y%m%d%H%M%S}Z)\n/Name {text(statement.name)}\n",
    ]
    if statement.location:
        said.append(f"/Location {text(statement.location)}\n")
    if statement.reason:
        said.append(f"/Reason {text(statement.reason)}\n")
    if statement.changes is not None:
        said.append(
            "/Reference [ <<\n/Type /SigRef\n/TransformMethod /DocMDP\n/TransformParams <<\n"
            f"/Type /TransformParams\n/V /1.2\n/P {statement.changes.value}\n>>\n>> ]\n"
        )
    return "".join((*said, ">>")).encode("ascii")


def _add_seal_field(writer: SealWriter, form: _Form, place: PlacedSeal, picture: str) -> int:
    """Add the seal's field, empty, and let its widget join the structure tree."""
    page = writer.page(place.rendered.page)
    box = place.appearance.around(place.rendered.seal_centre)
    seal = form.add(_Field(SEAL_FIELD, page, box, place.words, picture))
    parent = place.rendered.seal_element
    if parent is not None:
        key = writer.tag_widget(seal, page, parent, place.words)
        if key is not None:
            form.complete(seal, f"/StructParent {key}\n")
    return seal


def _empty(writer: SealWriter, one: PreparedField) -> _Field:
    picture = "" if one.box is None else _nothing_to_see(writer, one.box)
    return _Field(one.name, writer.page(one.page), one.box, one.words, picture)


def _nothing_to_see(writer: SealWriter, box: tuple[float, ...]) -> str:
    """Add the appearance of an empty field, which PDF/A wants of whatever takes up room."""
    left, bottom, right, top = box
    return reference(
        writer.add(
            stream(
                b"",
                {
                    "Type": "/XObject",
                    "Subtype": "/Form",
                    "BBox": f"[0 0 {_measure(right - left)} {_measure(top - bottom)}]",
                    "Resources": "<< >>",
                },
            )
        )
    )


def _written(field: _Field, further: str) -> str:
    """Return a signature field that is its own widget (ISO 32000-1 12.7.4.5, 12.5.6.19)."""
    box = " ".join(map(_measure, field.box)) if field.box else "0 0 0 0"
    said = [
        f"<<\n/FT /Sig\n/T {text(field.name)}\n/Type /Annot\n/Subtype /Widget\n",
        f"/F {_LOCKED_AND_PRINTED}\n/Rect [ {box} ]\n/P {reference(field.page)}\n",
    ]
    if field.words:
        said.append(f"/TU {text(field.words)}\n")
    if field.picture:
        said.append(f"/AP << /N {field.picture} >>\n")
    return "".join((*said, further, ">>"))


def _measure(value: float) -> str:
    return f"{value:.{_PLACES}f}".rstrip("0").rstrip(".")


def shown(picture: str) -> str:
    """Return the appearances of a widget (ISO 32000-1 12.5.5)."""
    return dictionary({"N": picture})


def _impression(appearance: SealAppearance, picture: str) -> bytes:
    """Return a form that draws the seal's picture around the origin."""
    half = appearance.diameter / 2
    return stream(
        f"1 0 0 1 {-half:g} {-half:g} cm /Picture Do".encode("ascii"),
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": f"[{-half:g} {-half:g} {half:g} {half:g}]",
            "Resources": dictionary({"XObject": dictionary({"Picture": picture})}),
        },
    )


@lru_cache(maxsize=16)
def appearance_stream(appearance: SealAppearance) -> bytes:
    """Return the seal's picture as a form XObject, compressed once per seal."""
    states = {
        name: dictionary({"Type": "/ExtGState", "ca": f"{opacity:g}", "CA": f"{opacity:g}"})
        for name, opacity in appearance.ext_gstate
    }
    entries = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": f"[{' '.join(f'{side:g}' for side in appearance.box)}]",
        "Resources": dictionary({"ExtGState": dictionary(states)}),
    }
    if appearance.turn:
        entries["Matrix"] = _TURNED[appearance.turn]
    return flate_stream(appearance.content, entries)
