"""Tags of a file: its structure tree, as objects of ReportLab's kind.

What PDF/A-3a (ISO 19005-3 6.7) and PDF/UA-1 (ISO 14289-1 7) ask for: each mark on the page is an
element's, in the order in which it is read, or an artifact. Sealing adds the seal's field as bytes
(`signing.sealing.tags`), so the objects' form is fixed: the root ends with the parent tree and its
next key, and the elements and the parent tree end with their array.
"""

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject

from signing.render.file.objects import Literal, refer


class Page:
    """A page being drawn; its number is known once it is finished."""

    number = 0


class Element(PDFObject):
    """One element of the tree."""

    def __init__(
        self, document: PDFDocument, tag: str, parent: int, page: Page | None, more: str
    ) -> None:
        """`more` is the text of further entries."""
        self.tag = tag
        self.kids: list[str] = []
        self.number = refer(document, self)
        self._parent = parent
        self._page = page
        self._more = more

    def format(self, _document: PDFDocument) -> bytes:
        """Return the element's dictionary (ISO 32000-1 table 323)."""
        page = f" /Pg {self._page.number} 0 R" if self._page is not None else ""
        return (
            f"<< /S /{self.tag} /P {self._parent} 0 R{self._more}{page}"
            f" /K [ {' '.join(self.kids)} ] >>"
        ).encode("ascii")


class TagTree(PDFObject):
    """The tree of one file, below one element for the document."""

    def __init__(self, document: PDFDocument) -> None:
        self._document = document
        self._entries: list[str] = []
        self.top = Element(document, "Document", refer(document, self), None, "")

    def element(self, tag: str, parent: Element, page: Page, more: str = "") -> Element:
        """Add an element as the last of its parent's."""
        element = Element(self._document, tag, parent.number, page, more)
        parent.kids.append(f"{element.number} 0 R")
        return element

    def key(self, entry: str = "") -> int:
        """Return a key of the parent tree for `entry`, which says what a page's marks, or an
        annotation, belong to.
        """
        self._entries.append(entry)
        return len(self._entries) - 1

    def set_key(self, key: int, entry: str) -> None:
        """Give the entry of a key that had none."""
        self._entries[key] = entry

    def format(self, document: PDFDocument) -> bytes:
        """Return the root's dictionary (ISO 32000-1 table 322)."""
        entries = " ".join(f"{key} {entry}" for key, entry in enumerate(self._entries))
        index = refer(document, Literal(f"<< /Nums [ {entries} ] >>"))
        return (
            f"<< /Type /StructTreeRoot /K [ {self.top.number} 0 R ]"
            f" /ParentTree {index} 0 R /ParentTreeNextKey {len(self._entries)} >>"
        ).encode("ascii")
