"""Appearances of annotations painted on their page, where they were shown, so that they stay."""

from collections.abc import Sequence
from typing import Any

from pyhanko.pdf_utils import generic

from signing.intake.annotations import Painted
from signing.intake.copying import Copier, items
from signing.intake.rules import entry

_NAME = "XinyinPainted"


def paint(
    copier: Copier,
    page: generic.DictionaryObject,
    resources: Any,
    painted: Sequence[Painted],
    place: int,
) -> dict[str, bytes]:
    """Return resources and content of a page (from 1) with the appearances over it.

    Its own content is enclosed, so that what it leaves of the graphics state does not matter.
    """
    before = copier.add(_stream(b"q"))
    steps = b" ".join(
        b"q %s cm /%s%d Do Q" % (b" ".join(b"%.4f" % m for m in one.matrix), _NAME.encode(), n)
        for n, one in enumerate(painted)
    )
    after = copier.add(_stream(b"Q " + steps))
    content = entry(page, "/Contents")
    if isinstance(content, generic.ArrayObject):
        parts = items(content)
    else:
        parts = [] if content is None else [page.raw_get("/Contents")]
    middle = b" ".join(copier.value(one, place) for one in parts)
    return {
        "/Resources": _resources(copier, resources, painted, place),
        "/Contents": b"[%d 0 R %s %d 0 R]" % (before, middle, after),
    }


def _resources(copier: Copier, resources: Any, painted: Sequence[Painted], place: int) -> bytes:
    names = {f"/{_NAME}{n}": copier.value(one.form, place) for n, one in enumerate(painted)}
    forms = copier.dictionary(_own(entry(resources, "/XObject")), place, more=lambda: names)
    return copier.dictionary(_own(resources), place, more=lambda: {"/XObject": forms})


def _own(found: Any) -> generic.DictionaryObject:
    empty: Any = generic.DictionaryObject  # untyped
    return found if isinstance(found, generic.DictionaryObject) else empty()


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
