"""Who is to seal an official document after its issuer, as its terms on record say.

The terms are among the data that a document's face covers, so that journal and audit know them: who
edits the record neither leaves one out nor adds one unseen.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from registry.types.document_type import TERMS

MOST_COUNTERSIGNERS: Final = 12
_KEYS: Final = ("countersigners", "ordered", "deadline")


class BadCountersignersError(ValueError):
    """The terms on record say nothing readable of who is to seal."""


@dataclass(frozen=True, slots=True)
class Countersigner:
    """A body that is to seal a document, and where."""

    name: str
    authority: str = ""
    """Id of an authority here; empty for one that signs elsewhere."""
    certificate: str = ""
    """SHA-256 of the certificate of one that signs elsewhere, lower-case hex; or …"""
    uscc: str = ""
    """… its unified social credit code, which its certificate has to name."""
    page: int = 0
    """The first one being 0."""
    x: int = 0
    y: int = 0
    """Of the seal's middle, in the page's own coordinates, in hundredths of a point."""
    turn: int = 0
    """The page's /Rotate."""

    @property
    def outside(self) -> bool:
        """It signs with software of its own; what it signed is taken in."""
        return not self.authority


@dataclass(frozen=True, slots=True)
class Countersigning:
    """The round of a document."""

    signers: tuple[Countersigner, ...] = ()
    ordered: bool = True
    """One after the other as they are listed; else as they come."""
    deadline: date | None = None
    """Its last day."""

    def __bool__(self) -> bool:
        return bool(self.signers)

    @property
    def seals(self) -> int:
        """How many signatures the complete document has: the issuer's, and of each who signs
        elsewhere its own and that of who took it in.
        """
        return 1 + sum(2 if one.outside else 1 for one in self.signers)

    def to_terms(self) -> dict[str, Any]:
        """Return the round as it is kept among a document's terms; nothing where there is none."""
        if not self.signers:
            return {}
        listed = [{key: held for key, held in asdict(one).items() if held} for one in self.signers]
        day = None if self.deadline is None else self.deadline.isoformat()
        return dict(zip(_KEYS, (listed, self.ordered, day), strict=True))


def countersigning_in(terms: Mapping[str, Any]) -> Countersigning:
    """Read a round from terms, and take it out of them. Raises `BadCountersignersError`."""
    try:
        listed = terms.get(_KEYS[0], [])
        day = terms.get(_KEYS[2])
        return Countersigning(
            tuple(Countersigner(**one) for one in listed),
            terms.get(_KEYS[1], True) is True,
            None if day is None else date.fromisoformat(day),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise BadCountersignersError(str(error)) from error


def countersigning_of(data: Mapping[str, str]) -> Countersigning:
    """Return the round of a document on record. Raises `BadCountersignersError`."""
    try:
        terms = json.loads(data.get(TERMS, "{}"))
    except ValueError as error:
        raise BadCountersignersError(str(error)) from error
    if not isinstance(terms, dict):
        raise BadCountersignersError(TERMS)
    return countersigning_in(terms)


def without_countersigning(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms without what they say of a round."""
    return {key: held for key, held in terms.items() if key not in _KEYS}


def seal_field(position: int) -> str:
    """Return the name of the field of the countersigner at a position, the first being 1."""
    return f"Seal{position + 1}"


def taken_field(position: int) -> str:
    """Return the name of the field of who takes in what that one signed elsewhere."""
    return f"Taken{position + 1}"
