"""Findings of the intake on a file that was handed in, as they are kept and told at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.text import Text
from registry.desk.documents import messages
from registry.granting.document_orders import told
from registry.model import RegistryError
from signing.intake.messages import REMEDIES
from signing.intake.report import Hazard, IntakeFinding, PageBox, TakenFile

_OPTION: Final = "--"
_TITLE: Final = 200


class RefusedUploadError(RegistryError):
    """The file holds what must not be sealed; `cleanable` tells whether that can be taken out."""

    code = "refused_file"

    def __init__(self, findings: tuple[IntakeFinding, ...], *, cleanable: bool) -> None:
        said = messages.can_be_cleaned if cleanable else messages.file_refused
        super().__init__(said(len(findings)))
        self.findings = findings
        self.cleanable = cleanable


@dataclass(frozen=True, slots=True)
class FoundFile:
    """Facts about a file that was taken in."""

    findings: tuple[IntakeFinding, ...]
    """What is taken out of it."""
    pages: tuple[PageBox, ...]
    title: str
    """By which it goes unless somebody says another."""
    fields: tuple[str, ...]
    """Names of its empty signature fields."""
    unembedded: tuple[str, ...]
    drawn: bool = False
    """Each of its pages was drawn once: who approves can be shown them."""

    @classmethod
    def of(cls, taken: TakenFile) -> "FoundFile":
        """Return the facts of a file that can be sealed, whose pages were drawn."""
        fields = tuple(one.name for one in taken.fields)
        title = taken.title[:_TITLE]
        return cls(taken.findings, taken.pages, title, fields, taken.unembedded, drawn=True)

    def as_json(self) -> dict[str, object]:
        """Return them as they are kept."""
        return {
            "findings": [[one.hazard.value, one.page, one.detail] for one in self.findings],
            "pages": [[one.left, one.bottom, one.right, one.top, one.turn] for one in self.pages],
            "title": self.title,
            "fields": list(self.fields),
            "unembedded": list(self.unembedded),
            "drawn": self.drawn,
        }


def found_of(kept: Mapping[str, Any]) -> FoundFile:
    """Return the facts as `as_json` wrote them."""
    return FoundFile(
        tuple(
            IntakeFinding(Hazard(h), page, said, cleaned=True) for h, page, said in kept["findings"]
        ),
        tuple(PageBox(*one) for one in kept["pages"]),
        kept["title"],
        tuple(kept["fields"]),
        tuple(kept["unembedded"]),
        kept.get("drawn", False),
    )


def finding_words(finding: IntakeFinding) -> Text:
    """Return a finding in words: the thing, and its place."""
    return told(finding)


def remedy_words(hazard: Hazard) -> Text:
    """Return the remedy where the file was made; the desk has no options."""
    remedy = REMEDIES[hazard]
    zh = "；".join(one for one in remedy.zh.split("；") if "--clean" not in one)
    en = "; ".join(one for one in remedy.en.split("; ") if "--clean" not in one)
    zh, en = zh.replace("（加 --approval）", ""), en.replace(" with --approval", "")
    assert _OPTION not in zh + en
    return Text(zh, en)
