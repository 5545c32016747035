"""Tags of a page: the structure tree, and the marks in the content that its elements stand for.

What PDF/A-3a (ISO 19005-3 6.7) and PDF/UA-1 (ISO 14289-1 7) ask for: each mark on the page is an
element's, in the order in which it is read, or an artifact. Sealing adds the seal's field as bytes
(`signing.sealing_tags`), so the objects' form is fixed: the root ends with the parent tree and its
next key, and the elements and the parent tree end with their array.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from signing.render.pdf_file import PdfFile


class Element:
    """One element of the tree."""

    __slots__ = ("attributes", "kids", "number", "page", "parent", "tag")

    def __init__(self, number: int, tag: str, parent: int, page: int, attributes: str) -> None:
        self.number = number
        self.tag = tag
        self.parent = parent
        self.page = page
        self.attributes = attributes
        self.kids: list[str] = []

    def write(self) -> str:
        """Return the element's dictionary (ISO 32000-1 table 323)."""
        return (
            f"<< /S /{self.tag} /P {self.parent} 0 R{self.attributes} /Pg {self.page} 0 R"
            f" /K [ {' '.join(self.kids)} ] >>"
        )


class TagTree:
    """The tree of one file, below one element for the document."""

    def __init__(self, file: PdfFile, first_page: int) -> None:
        self._file = file
        self.root = file.reserve()
        self._index = file.reserve()
        self._elements: list[Element] = []
        self._entries: list[str] = []
        self.document = self._new("Document", self.root, first_page, "")

    def element(self, tag: str, parent: Element, page: int, attributes: str = "") -> Element:
        """Add an element as the last of its parent's."""
        element = self._new(tag, parent.number, page, attributes)
        parent.kids.append(f"{element.number} 0 R")
        return element

    def key(self, entry: str) -> int:
        """Return a key of the parent tree for `entry`, which says what a page's marks, or an
        annotation, belong to.
        """
        self._entries.append(entry)
        return len(self._entries) - 1

    def reserve_key(self) -> int:
        """Return a key whose entry `set_key` gives."""
        return self.key("")

    def set_key(self, key: int, entry: str) -> None:
        """Give the entry of a key."""
        self._entries[key] = entry

    def write(self) -> None:
        """Write all elements into the file."""
        for element in self._elements:
            self._file.put(element.number, element.write())
        entries = " ".join(f"{key} {entry}" for key, entry in enumerate(self._entries))
        self._file.put(self._index, f"<< /Nums [ {entries} ] >>")
        self._file.put(
            self.root,
            f"<< /Type /StructTreeRoot /K [ {self.document.number} 0 R ]"
            f" /ParentTree {self._index} 0 R /ParentTreeNextKey {len(self._entries)} >>",
        )

    def _new(self, tag: str, parent: int, page: int, attributes: str) -> Element:
        element = Element(self._file.reserve(), tag, parent, page, attributes)
        self._elements.append(element)
        return element


class MarkedContent:
    """Content stream of one page, all of it marked."""

    def __init__(self, structure: TagTree, page: int) -> None:
        self.page = page
        self.key = structure.reserve_key()
        self._structure = structure
        self._operators: list[str] = []
        self._owners: list[str] = []

    def artifact(self, *operators: str) -> None:
        """Draw what has no meaning of its own (ISO 32000-1 14.8.2.2)."""
        self._operators += ("/Artifact BMC", *operators, "EMC")

    def plain(self, operators: str) -> None:
        """Add operators that mark nothing."""
        self._operators.append(operators)

    @contextmanager
    def marked(self, element: Element) -> Iterator[list[str]]:
        """Collect operators of what an element stands for, as the next of its kids."""
        mark = len(self._owners)
        self._owners.append(f"{element.number} 0 R")
        element.kids.append(str(mark))
        self._operators.append(f"/{element.tag} << /MCID {mark} >> BDC")
        yield self._operators
        self._operators.append("EMC")

    def finish(self) -> bytes:
        """Return the content; the parent tree learns whose its marks are."""
        self._structure.set_key(self.key, f"[ {' '.join(self._owners)} ]")
        return "\n".join(self._operators).encode("ascii")
