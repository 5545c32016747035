"""Parts of a page before it is drawn: blocks of texts, links, and what is made of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from signing.face import Box, LicenceFace
from signing.render.body import PlacedField
from signing.render.design.colours import Palette, palette
from signing.render.geometry import PageShape, shape_of
from signing.render.setting import PlacedText
from signing.render.type.typefaces import Fonts

KEPT = 256
"""Blocks of one kind that a process keeps: what is the same on the pages of a type on a day."""


class Block(NamedTuple):
    """A named part of the page and what it takes up."""

    name: str
    texts: tuple[PlacedText, ...] = ()
    part: PlacedField | None = None
    """Of a field."""
    kept: Box | None = None
    """Room for what is no text."""

    @property
    def box(self) -> Box:
        """Extent of all that it holds."""
        boxes = [text.box for text in self.texts]
        if self.kept is not None:
            boxes.append(self.kept)
        if self.part is not None and self.part.table is not None:
            boxes.append(self.part.table.box)
        return around(boxes)


Blocks = Mapping[str, list[Block]]
"""By the part of their names ahead of a colon; of a name that the page does not have, none."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A part of the page that opens an address."""

    box: Box
    address: str


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page before it is drawn."""

    shape: PageShape
    tones: Palette
    blocks: tuple[Block, ...]
    """None of them overlaps another; the seal stands over `authority` alone."""
    rule: float
    """Height of the ornament under the title."""
    qr: Box
    small_print: Box
    """What the printed address and the identifier take up."""
    links: tuple[PageLink, ...]
    photo: Box | None
    seal_centre: tuple[float, float]

    @property
    def texts(self) -> tuple[PlacedText, ...]:
        """All texts of the page."""
        return tuple(text for block in self.blocks for text in block.texts)

    def by_kind(self) -> Blocks:
        """Return the blocks by what they are."""
        kinds: defaultdict[str, list[Block]] = defaultdict(list)
        for block in self.blocks:
            kinds[block.name.partition(":")[0]].append(block)
        return kinds


class PageDraft:
    """Collects texts and blocks of one page."""

    def __init__(self, face: LicenceFace, fonts: Fonts, counted: str) -> None:
        """`counted` says which page of how many it is; empty where it is the only one."""
        self.counted = counted
        self.shape = shape_of(face.design.orientation)
        self.tones = palette(face.design.colour)
        self.fonts = fonts
        self.blocks: list[Block] = []

    @property
    def width(self) -> float:
        """Of what may be written on."""
        return self.shape.margin.x2 - self.shape.margin.x1

    def add(self, name: str, texts: list[PlacedText]) -> Box:
        """Put texts on the page as one block; return what they take up."""
        block = Block(name, tuple(texts))
        self.put(block)
        return block.box

    def add_part(self, part: PlacedField) -> None:
        """Put a field on the page."""
        self.blocks.append(Block(f"field:{part.name}", part.texts, part))

    def put(self, *blocks: Block) -> None:
        """Put blocks on the page."""
        self.blocks += blocks

    def keep(self, name: str, box: Box) -> Box:
        """Keep room for a block."""
        self.blocks.append(Block(name, kept=box))
        return box


def around(boxes: list[Box]) -> Box:
    """Return the smallest box that holds all."""
    if len(boxes) == 1:
        return boxes[0]
    return Box(
        min(box.x1 for box in boxes),
        min(box.y1 for box in boxes),
        max(box.x2 for box in boxes),
        max(box.y2 for box in boxes),
    )
