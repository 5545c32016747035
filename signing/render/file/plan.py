"""Plan of a file: all that its objects depend on, apart from what its gaps are filled with.

Files of one design have mostly one plan, whatever their words: the structure, the marks in the
content that its elements stand for, links, pictures and fonts. It holds nothing of any holder.
"""

from dataclasses import dataclass
from typing import NamedTuple

from signing.render.geometry import PageShape
from signing.render.type.files import FontFile

BACKDROP, PHOTO, CODE, IMPRESSION = "Backdrop", "Photo", "Code", "Seal"
"""Pictures that pages draw: what lies beneath the words, the holder, the code, the seal's
impression."""


class Begun(NamedTuple):
    """A page begins."""

    shape: PageShape
    colour: str


class Added(NamedTuple):
    """An element becomes the last of its parent's."""

    tag: str
    parent: int
    attributes: str


class Marked(NamedTuple):
    """The page's next mark is an element's."""

    element: int


class Linked(NamedTuple):
    """The file's next link lies over what an element stands for."""

    element: int
    kind: str = "link"


class PictureDrawn(NamedTuple):
    """A picture is drawn."""

    picture: str


def backdrop_name(shape: PageShape) -> str:
    """Return the name of the picture beneath the words."""
    return BACKDROP if shape.width > shape.height else f"{BACKDROP}Portrait"


Step = Begun | Added | Marked | Linked | PictureDrawn


@dataclass(frozen=True, slots=True)
class FilePlan:
    """Steps in which a file's objects are made, and the fonts of its texts."""

    steps: tuple[Step, ...]
    fonts: tuple[FontFile, ...]


class PlannedElement(NamedTuple):
    """An element of the structure tree."""

    number: int
    """Of its file; that of the document is 0."""
    tag: str


class Planning:
    """Notes the steps of one file while its pages are drawn."""

    def __init__(self) -> None:
        self.top = PlannedElement(0, "Document")
        self._elements = 0
        self._marks = 0
        self.steps: list[Step] = []

    def begin_page(self, shape: PageShape, colour: str) -> None:
        """Begin a page."""
        self._marks = 0
        self.steps.append(Begun(shape, colour))

    def element(self, tag: str, parent: PlannedElement, attributes: str = "") -> PlannedElement:
        """Add an element of the page to the structure."""
        self._elements += 1
        self.steps.append(Added(tag, parent.number, attributes))
        return PlannedElement(self._elements, tag)

    def mark(self, element: PlannedElement) -> str:
        """Return the operator that begins content of an element."""
        self.steps.append(Marked(element.number))
        self._marks += 1
        return f"/{element.tag} << /MCID {self._marks - 1} >> BDC"
