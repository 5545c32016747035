"""Recognises a scan: a PDF whose pages are pictures and show no text.

Scanners, phones, Ghostscript and Pillow make such files of a licence on paper. They cannot be
verified; whoever holds one is to bring the file itself, or scan its code.
"""

import re
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from signing.inspection.objects import READ_ERRORS, is_name, items, raw, resolved, target
from signing.inspection.reader import SealedReader

_MOST_PAGES = 8
_MOST_NODES = 64
"""Page tree nodes and form XObjects looked at."""
_MOST_CONTENT = 256 * 1024
"""Bytes of a page's content; that of a picture takes some hundred."""
_SHOWS_TEXT = re.compile(rb"[)>\]]\s*(?:Tj|TJ|'|\")(?![A-Za-z])")
_PAINTS = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do(?![A-Za-z])")
_INLINE_IMAGE = re.compile(rb"(?:^|\s)BI\s")


def is_scan(reader: SealedReader) -> bool:
    """Tell whether each page (of the first few) is a picture and nothing else."""
    try:
        pages = list(_pages(reader))
        return bool(pages) and all(_is_picture(page, inherited) for page, inherited in pages)
    except READ_ERRORS:
        return False


def _pages(
    reader: SealedReader,
) -> Iterator[tuple[generic.DictionaryObject, generic.PdfObject | None]]:
    """Yield the first pages, each with the resources that it inherits (ISO 32000-1 7.7.3.4)."""
    root = resolved(reader.root, "/Pages")
    waiting: list[tuple[generic.PdfObject | None, generic.PdfObject | None]] = [(root, None)]
    nodes = pages = 0
    while waiting and nodes < _MOST_NODES and pages < _MOST_PAGES:
        node, inherited = waiting.pop(0)
        nodes += 1
        if not isinstance(node, generic.DictionaryObject):
            continue
        own = resolved(node, "/Resources") or inherited
        kids = resolved(node, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            waiting[:0] = [(target(kid), own) for kid in items(kids)[:_MOST_PAGES]]
        else:
            pages += 1
            yield node, own


def _is_picture(page: generic.DictionaryObject, resources: generic.PdfObject | None) -> bool:
    return _shows_pictures(_content(page), resources, depth=2)


def _shows_pictures(content: bytes, resources: generic.PdfObject | None, depth: int) -> bool:
    """Tell whether a content stream paints images and shows no text."""
    if _SHOWS_TEXT.search(content):
        return False
    painted = [_xobject(resources, match[1]) for match in _PAINTS.finditer(content)]
    forms = [one for one in painted if one is not None and not _is_image(one)]
    if len(forms) > _MOST_PAGES or (forms and not depth):
        return False
    if not all(
        _shows_pictures(_data(form), resolved(form, "/Resources") or resources, depth - 1)
        for form in forms
    ):
        return False
    return bool(painted) or _INLINE_IMAGE.search(content) is not None


def _xobject(resources: generic.PdfObject | None, name: bytes) -> generic.StreamObject | None:
    if not isinstance(resources, generic.DictionaryObject):
        return None
    group = resolved(resources, "/XObject")
    if not isinstance(group, generic.DictionaryObject):
        return None
    found = resolved(group, "/" + name.decode("latin-1"))
    return found if isinstance(found, generic.StreamObject) else None


def _is_image(stream: generic.StreamObject) -> bool:
    return is_name(raw(stream, "/Subtype"), "/Image")


def _content(page: generic.DictionaryObject) -> bytes:
    value = resolved(page, "/Contents")
    parts = items(value) if isinstance(value, generic.ArrayObject) else [value]
    streams = [target(part) for part in parts[:_MOST_NODES] if part is not None]
    return b"\n".join(_data(one) for one in streams if isinstance(one, generic.StreamObject))


def _data(stream: generic.StreamObject) -> bytes:
    data: bytes = stream.read_data(DecodePurpose.GENERIC)
    return data[:_MOST_CONTENT]
