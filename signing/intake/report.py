"""Findings on a file that is to be sealed, and what was made of it: no parser is needed for these.

What is sealed is what is shown. So a file is refused where something in it may act, hide, change or
come from elsewhere; `clean` takes out what can be taken out without changing what the pages show.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MOST_FINDINGS = 200
_MOST_TEXT = 1000
_MOST_PAGES = 20_000


class Hazard(StrEnum):
    """Kinds of what must not be sealed."""

    ACTIVE = "active_content"
    """Scripts, actions, sound and moving pictures."""
    LAYERS = "hidden_layers"
    EXTERNAL = "external_reference"
    ENCRYPTED = "encrypted"
    FORM = "changing_form"
    XFA = "xfa_form"
    ATTACHMENT = "attachment"
    ANNOTATION = "annotation"
    """Comments and marks, which readers show, hide and print as they like."""
    ALTERNATE = "alternate_picture"
    DIFFERS = "shown_differently"
    """Colours and overlays that readers show each in its own way."""
    BORROWED = "missing_resource"
    """A font, picture or colour by a name that its place does not know: readers guess."""
    SIGNED = "signed_already"
    UNDRAWN = "undrawable_page"
    """A page of which no picture can be made in time: nobody could be shown what they approve."""
    DAMAGED = "damaged"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class IntakeFinding:
    """One thing that must not be sealed, and where it is."""

    hazard: Hazard
    page: int
    """From 1; 0: of the document as a whole."""
    detail: str
    """As the file names it, e.g. `/OpenAction /JavaScript`."""
    cleaned: bool = False
    """It was taken out."""


@dataclass(frozen=True, slots=True)
class PageBox:
    """The part of a page that is shown, in its own coordinates, and its turn clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int = 0


@dataclass(frozen=True, slots=True)
class EmptyField:
    """A signature field that nobody signed; its place may be used."""

    name: str
    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file as it can be sealed, or why it cannot."""

    findings: tuple[IntakeFinding, ...]
    pdf: bytes = b""
    """Of one revision, in the form that `signing.sealing.writer` takes; empty where refused."""
    pages: tuple[PageBox, ...] = ()
    fields: tuple[EmptyField, ...] = ()
    title: str = ""
    unembedded: tuple[str, ...] = ()
    """Fonts that each reader replaces by its own."""

    @property
    def refused(self) -> tuple[IntakeFinding, ...]:
        """Findings that stand in the way."""
        return tuple(one for one in self.findings if not one.cleaned)


def encode(taken: TakenFile) -> bytes:
    """Return the result as a length, JSON and the file's bytes."""
    values = {
        "findings": [asdict(one) for one in taken.findings],
        "pages": [asdict(one) for one in taken.pages],
        "fields": [asdict(one) for one in taken.fields],
        "title": taken.title,
        "unembedded": list(taken.unembedded),
    }
    head = json.dumps(values).encode()
    return struct.pack(">I", len(head)) + head + taken.pdf


def decode(data: bytes) -> TakenFile:
    """Read what `encode` wrote. Raises `ValueError` for anything else: it ate hostile bytes."""
    try:
        (length,) = struct.unpack_from(">I", data)
        values = json.loads(data[4 : 4 + length])
        pages = tuple(PageBox(**_numbers(one)) for one in _some(values["pages"]))
        fields = tuple(
            EmptyField(_text(one.pop("name")), **_numbers(one)) for one in _some(values["fields"])
        )
        return TakenFile(
            findings=tuple(_finding(one) for one in _some(values["findings"])),
            pdf=data[4 + length :],
            pages=pages,
            fields=fields,
            title=_text(values["title"]),
            unembedded=tuple(_text(one) for one in _some(values["unembedded"])),
        )
    except (KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise ValueError("not a result") from error


def _finding(one: dict[str, Any]) -> IntakeFinding:
    hazard, page, cleaned = Hazard(one["hazard"]), one["page"], one["cleaned"]
    if type(page) is not int or type(cleaned) is not bool:
        raise ValueError("not a result")
    return IntakeFinding(hazard, page, _text(one["detail"]), cleaned)


def _numbers(one: dict[str, Any]) -> dict[str, Any]:
    for key, value in one.items():
        whole = key in ("turn", "page")
        if type(value) is not int and (whole or type(value) is not float):
            raise ValueError("not a result")
        if not abs(value) < 1e7:  # noqa: PLR2004  # no page is so large; NaN is refused too
            raise ValueError("not a result")
    return one


def _some(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST_PAGES:
        raise ValueError("not a result")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT or not value.isprintable():
        raise ValueError("not a result")
    return value
