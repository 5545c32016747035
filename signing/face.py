"""Face of a licence: the input of rendering, independent of its source."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from core.text import Text

AUTHORITY = Text("发证机关", "Authority")
VALIDITY = Text("有效期限", "Validity")


class Orientation(StrEnum):
    """Orientation of the A4 page."""

    PORTRAIT = "portrait"
    """Higher than wide."""
    LANDSCAPE = "landscape"
    """Wider than high."""


@dataclass(frozen=True, slots=True)
class FaceField:
    """One labelled line of the face, already in words."""

    key: str
    label: Text
    value: str
    wide: bool = False
    """Long text (a business scope): takes the whole width and may wrap over several lines."""
    columns: tuple[Text, ...] = ()
    """Headings of a table; without them the value is no table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of the table, a cell for each column."""


@dataclass(frozen=True, slots=True)
class PageDesign:
    """One page of a licence that has several."""

    heading: Text | None = None
    """Below the title: 正本 or 副本."""
    orientation: Orientation | None = None
    """`landscape` or `portrait`; without it as the design has it."""
    fields: tuple[str, ...] = ()
    """Keys of the fields that it shows, in its order; without them it shows all."""
    photo: bool = True
    """Shows the photo, where the type has one."""
    statement: str | None = None
    """A sentence at its foot, in place of the design's."""
    statement_english: str | None = None
    """The same in English, where the design is bilingual."""


@dataclass(frozen=True, slots=True)
class FaceDesign:
    """Design of one licence type; the same for all its licences."""

    title: Text
    """Name of the licence, e.g. 食品经营许可证."""
    orientation: Orientation
    """Portrait or landscape."""
    colour: str
    """The type's colour, `#rrggbb`; border, title rule and background are tones of it."""
    statement: str | None = None
    """A sentence at the foot that the type prescribes."""
    authority_label: Text = AUTHORITY
    """What the form calls the body that grants it."""
    validity_label: Text = VALIDITY
    """What the form calls the term."""
    until_only: bool = False
    """The face names the last day alone (有效期至)."""
    without_term: bool = False
    """The face says nothing of the term: only where `[validity]` is `long_term`."""
    granted_label: Text | None = None
    """What the form calls the date of grant; without it the date stands by itself."""
    bilingual: bool = False
    """English stands below the Chinese of title, labels, dates and headings."""
    statement_english: str | None = None
    """The statement in English, where the design is bilingual."""
    continued: bool = False
    """What does not fit a page goes on a further one; without it such a licence is refused."""
    heading: Text | None = None
    """Below the title of the one page; pages have their own."""
    pages: tuple[PageDesign, ...] = ()
    """The pages in their order, such as main and duplicate copy, at most 8; without them there is
    one that shows everything. The first bears the seal; the others show its impression."""


@dataclass(frozen=True, slots=True)
class LicenceFace:
    """Everything on the page but the seal."""

    design: FaceDesign
    number_label: Text
    number: str
    identifier: str
    fields: tuple[FaceField, ...]
    authority: str
    granted_on: date
    valid_from: date
    valid_until: date | None
    """Last day of validity; None: long-term (长期)."""
    link: str
    """What the QR code holds: the licence's verification address."""
    photo: bytes | None = None
    """JPEG or PNG of the holder, where the type has one."""
    sample: bool = False
    """Print 样例 across the face (whatever a demo home makes)."""
    preview: bool = False
    """Print 未签章预览 across it, and leave the code and the links out."""

    def pages(self) -> tuple["LicenceFace", ...]:
        """Return the face of each page: what stands on it, and its own design."""
        return tuple(self._page(one) for one in self.design.pages) or (self,)

    def _page(self, page: PageDesign) -> "LicenceFace":
        by_key = {field.key: field for field in self.fields}
        own = self.design
        design = replace(
            own,
            orientation=page.orientation or own.orientation,
            heading=page.heading,
            statement=page.statement or own.statement,
            statement_english=page.statement_english if page.statement else own.statement_english,
            pages=(),
        )
        fields = tuple(by_key[key] for key in page.fields if key in by_key) or self.fields
        return replace(self, design=design, fields=fields, photo=self.photo if page.photo else None)

    def as_preview(self) -> "LicenceFace":
        """Return the face that is shown before a seal is used."""
        return replace(self, preview=True)


class Box(NamedTuple):
    """A rectangle on a page, in points from its lower left corner."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class RenderedLicence:
    """A licence's pages without their seal."""

    pdf: bytes
    """PDF 1.7 of one revision; ours are tagged (PDF/A-3a, PDF/UA-1), fonts embedded and subset."""
    seal_centre: tuple[float, float]
    """Where the seal's middle belongs, in points: over the authority's name and the date."""
    page: int = 0
    """The page that it stands on, the first one being 0."""
    seal_element: int | None = None
    """Number of the structure element that its own joins; None: the page is not tagged by us."""
    impression: int | None = None
    """Number of the form that further pages draw, which sealing fills with the seal's picture."""


@dataclass(frozen=True, slots=True)
class SealAppearance:
    """The round seal as a form XObject, vector only, made once per seal."""

    content: bytes
    """Content stream (ISO 32000-1 7.8), needing no font and no resources but those named."""
    diameter: float
    """In points; BBox is [0 0 diameter diameter]."""
    ext_gstate: tuple[tuple[str, float], ...] = ()
    """Names of graphics states the content uses, with their fill opacity (/ca)."""
    beside: float = 0.0
    """Room for words left and right of the seal, in points."""
    below: float = 0.0
    """Room for words below it."""
    turn: int = 0
    """The page's /Rotate, against which the seal is turned so that it stands upright."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of all that is drawn, the seal beginning at 0 0."""
        return -self.beside, -self.below, self.diameter + self.beside, self.diameter

    def around(self, centre: tuple[float, float]) -> tuple[float, float, float, float]:
        """Return the rectangle on the page of what is drawn with the seal's middle at `centre`."""
        half = self.diameter / 2
        left, bottom, right, top = (side - half for side in self.box)
        for _ in range(self.turn // 90):  # a quarter against the clock for each
            left, bottom, right, top = -top, left, -bottom, right
        x, y = centre
        return x + left, y + bottom, x + right, y + top
