"""Orders to sign official documents, what comes of them, and why they are refused."""

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

from core.canonical import canonical_json
from core.ids import AuthorityId, Sha256
from core.permits import Permit
from core.text import Text
from registry.granting import messages
from registry.granting.granting import Granted
from registry.model import ConflictError, RegistryError
from signing.intake.messages import HAZARDS, REMEDIES
from signing.intake.places import FurtherPlace, PlaceAsked, hazard_text
from signing.intake.report import Hazard, IntakeFinding
from signing.levels import PadesLevel

_MOST_TOLD = 20


class NotADocumentTypeError(RegistryError):
    """The type is of licences."""

    code = "usage"


class SignedOtherwiseError(ConflictError):
    """The file was signed before, on other terms."""


class RefusedFileError(RegistryError):
    """The file holds what must not be signed."""

    code = "refused_file"

    def __init__(self, findings: tuple[IntakeFinding, ...]) -> None:
        super().__init__(messages.file_refused(_refusals(findings)))
        self.findings = findings


class CaptionPart(StrEnum):
    """Words that may stand under a seal."""

    NAME = "name"
    DATE = "date"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class CountersignerAsked:
    """A body that is to seal a document after its issuer, and where."""

    place: PlaceAsked
    authority_id: AuthorityId | None = None
    """None: it signs elsewhere, and is named by what follows."""
    name: str = ""
    certificate: str = ""
    """SHA-256 of its signing certificate, lower-case hex."""
    uscc: str = ""
    """Its unified social credit code, which its certificate has to name."""

    def said(self) -> dict[str, object]:
        """Return the order as a digest covers it."""
        return {
            "authority": self.authority_id or "",
            "name": self.name,
            "certificate": self.certificate,
            "uscc": self.uscc,
            "place": _said(self.place),
        }


@dataclass(frozen=True, slots=True)
class RoundAsked:
    """Round of seals after the issuer's."""

    signers: tuple[CountersignerAsked, ...] = ()
    ordered: bool = True
    """One after the other as they are listed."""
    deadline: date | None = None
    """Its last day."""

    def __bool__(self) -> bool:
        return bool(self.signers)

    def said(self) -> dict[str, object]:
        """Return the order as a digest covers it."""
        return {
            "signers": [one.said() for one in self.signers],
            "ordered": self.ordered,
            "deadline": self.deadline and self.deadline.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """Terms on which a file, or each of a folder, is to be signed."""

    type_name: str
    permit: Permit
    authority_id: AuthorityId | None = None
    level: PadesLevel = PadesLevel.B_LT
    place: PlaceAsked = field(default_factory=PlaceAsked)
    caption: tuple[CaptionPart, ...] = ()
    reason: str = ""
    further: tuple[FurtherPlace, ...] = ()
    """Where the same seal is drawn besides."""
    edge: bool = False
    """One seal is drawn across the edges of all pages (骑缝章)."""
    approval: bool = False
    """It approves and does not certify: others may sign after it."""
    clean: bool = False
    title: str = ""
    """As it was said; empty: the file's own where it is plausible, else its name."""
    basis: str | None = None
    round: RoundAsked = field(default_factory=RoundAsked)
    """Who is to seal it after its issuer."""

    def digest(self) -> str:
        """Return the SHA-256 (hex) of all that decides on what the signed file is."""
        place = _said(self.place)
        said: dict[str, object] = {
            "level": self.level,
            "place": place,
            "caption": list(self.caption),
            "reason": self.reason,
            "clean": self.clean,
            "further": [f"{one.page} {one.left:.2f} {one.top:.2f}" for one in self.further],
            "edge": self.edge,
            "approval": self.approval,
        }
        if self.title:
            said["title"] = self.title
        if self.round:
            said["round"] = self.round.said()
        return hashlib.sha256(canonical_json(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signed document, and what was taken out of the file before."""

    granted: Granted
    source: Sha256
    cleaned: tuple[IntakeFinding, ...] = ()
    unembedded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SealToCome:
    """Seal of a countersigner, and where it will stand."""

    name: str
    page: int
    """From 1."""
    left: float
    top: float
    """Of its middle, in millimetres."""


@dataclass(frozen=True, slots=True)
class ToBeSealed:
    """Facts to which somebody agrees before a document is sealed."""

    title: str
    type_name: Text
    authority: str
    seal: str
    pages: int
    page: int
    """Of the seal, from 1."""
    left: float
    top: float
    """Of its middle, in millimetres."""
    falls_on: tuple[int, ...] = ()
    """Pages on which a seal is seen, from 1."""
    others: tuple[SealToCome, ...] = ()
    """Of those who are to seal it after."""


@dataclass(frozen=True, slots=True)
class DocumentSample:
    """A preview of the first document, and what is agreed to by naming its code."""

    pdf: bytes
    code: str
    findings: tuple[IntakeFinding, ...]
    sealed: ToBeSealed


def _said(asked: PlaceAsked) -> dict[str, object]:
    place = asdict(asked)
    if asked.point is not None:
        place["point"] = [f"{one:.2f}" for one in asked.point]
    return place


def _refusals(findings: tuple[IntakeFinding, ...]) -> list[Text]:
    """Return the findings, a line for each, with the remedy once for each hazard."""
    lines, seen = list[Text](), set[Hazard]()
    for one in findings[:_MOST_TOLD]:
        lines.append(told(one))
        if one.hazard not in seen:
            seen.add(one.hazard)
            lines.append(messages.to_mend(REMEDIES[one.hazard]))
    if len(findings) > _MOST_TOLD:
        lines.append(messages.and_more(len(findings) - _MOST_TOLD))
    return lines


def told(finding: IntakeFinding) -> Text:
    """Return a finding in words."""
    return hazard_text(HAZARDS[finding.hazard], finding.page, finding.detail)
