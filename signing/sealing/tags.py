"""Tags of a sealed page: the seal's field joins the structure tree that rendering wrote.

The tree is taken as bytes of a form that is our renderer's own (`signing.render.file.tagging`):
parsed and written again it would cost more than all the rest of sealing's additions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from signing.pdf_syntax import text

_TREE = re.compile(rb"/StructTreeRoot (\d{1,7}) 0 R")
_INDEX = re.compile(rb"/ParentTree (\d{1,7}) 0 R /ParentTreeNextKey (\d{1,7}) >>\Z")
_END = b" ] >>"


@dataclass(frozen=True, slots=True)
class TreePlaces:
    """Places at which a file's structure tree grows."""

    tree: int
    """Number of the tree's root."""
    index: int
    """Number of the parent tree."""
    next_key: int
    """The first key that the parent tree does not have."""


def find_tags(root: bytes, read: Callable[[int], bytes]) -> TreePlaces | None:
    """Find the tree of a page that our renderer tagged; None: it is not tagged.

    `read` returns an object's bytes by its number, nothing where there is none.
    """
    tree = _TREE.search(root)
    if tree is None:
        return None
    number = int(tree[1])
    index = _INDEX.search(read(number))
    if index is None or not read(int(index[1])).endswith(_END):
        return None
    return TreePlaces(number, int(index[1]), int(index[2]))


def grown(array: bytes, addition: str) -> bytes | None:
    """Return a dictionary that ends with an array, longer by `addition`; None: it is none."""
    if not array.endswith(_END):
        return None
    return array[: -len(_END)] + f" {addition}".encode("ascii") + _END


def with_next_key(tree: bytes, key: int) -> bytes:
    """Return the tree's root with another first free key."""
    return _INDEX.sub(rb"/ParentTree \1 0 R /ParentTreeNextKey %d >>" % key, tree)


def form_element(parent: int, page: str, widget: str, words: str) -> str:
    """Return the element of a field's widget (ISO 14289-1 7.18.4)."""
    return (
        f"<< /Type /StructElem /S /Form /P {parent} 0 R /Pg {page} /Alt {text(words)}"
        f" /K << /Type /OBJR /Obj {widget} /Pg {page} >> >>"
    )
