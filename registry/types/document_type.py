"""Types of official documents (公文): a type whose face is a page that somebody else made.

A document type is a licence type in all that the register does with it: its code, numbers, mandates
and states. What a licence's form decides is the same for all documents, and is filled in here.

Among the terms of a document stands who is to seal it after its issuer. They are data that its face
covers, so that journal and audit know them: who edits the record neither leaves one out nor adds
one unseen.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from registry.model import TypeKind

ISSUER: Final = "issuer"
ISSUER_CODE: Final = "issuer_code"
TITLE: Final = "title"
SOURCE: Final = "source"
"""SHA-256 of the file that was handed in."""
TERMS: Final = "terms"
"""Terms of its signing, as JSON: the place, the words under the seal, what may follow."""
LONGEST_TITLE: Final = 200
LONGEST_TERMS: Final = 4000
MOST_COUNTERSIGNERS: Final = 12
_ROUND: Final = ("countersigners", "ordered", "deadline")
_FORM: Final[dict[str, Any]] = {
    "validity": {"rule": "long_term"},
    "design": {"orientation": "portrait", "colour": "#8c1f1b"},
    "holder": {
        "name": ISSUER,
        "code": ISSUER_CODE,
        "licences": "many",
        "told_apart_by": [SOURCE],
    },
    "fields": [
        {
            "key": TITLE,
            "label": {"zh": "标题", "en": "Title"},
            "kind": "text",
            "max_length": LONGEST_TITLE,
            "wide": True,
            "public": True,
        },
        {
            "key": ISSUER,
            "label": {"zh": "发文机关", "en": "Issued by"},
            "kind": "text",
            "max_length": 128,
        },
        {
            "key": ISSUER_CODE,
            "label": {"zh": "发文机关代码", "en": "Issuer's code"},
            "kind": "code",
            "check": "uscc",
        },
        {
            "key": SOURCE,
            "label": {"zh": "原文件摘要（SHA-256）", "en": "Digest of the file signed (SHA-256)"},
            "kind": "text",
            "max_length": 64,
        },
        {
            "key": TERMS,
            "label": {"zh": "签章要求", "en": "Terms of signing"},
            "kind": "text",
            "max_length": LONGEST_TERMS,
            "on_face": False,
        },
    ],
    "reasons": {
        "ANNULLED": {"code": "03", "name": {"zh": "撤销", "en": "Annulled"}},
        "RECALLED": {"code": "06", "name": {"zh": "撤回", "en": "Recalled"}},
        "DEREGISTERED": {"code": "04", "name": {"zh": "废止", "en": "Repealed"}},
    },
}


def others_may_sign(data: Mapping[str, str]) -> bool:
    """Tell whether a record is of a document that was approved without certifying it, or that
    others are to seal.
    """
    try:
        terms = json.loads(data.get(TERMS, "{}"))
        return terms.get("approval") is True or bool(terms.get("countersigners"))
    except (ValueError, AttributeError):
        return False


def is_of_several(data: Mapping[str, str]) -> bool:
    """Tell whether a record is of a document that others seal; False where its terms are
    unreadable.
    """
    try:
        return bool(countersigning_of(data))
    except BadCountersignersError:
        return False


def with_form(raw: Any) -> Any:
    """Return a definition as it was read, with the form of documents where it is one.

    Raises `ValueError` where it states what is the same for all.
    """
    if not isinstance(raw, Mapping) or raw.get("kind") != TypeKind.DOCUMENT:
        return raw
    stated = sorted(_FORM.keys() & raw.keys())
    if stated:
        raise ValueError(f"kind “document” leaves out: {', '.join(stated)}")
    return {**_FORM, **raw}


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
    size: int = 0
    """The seal's diameter in hundredths of a point, where it is not the issuer's."""

    @property
    def outside(self) -> bool:
        """It signs with software of its own; what it signed is taken in."""
        return not self.authority


@dataclass(frozen=True, slots=True)
class SealRound:
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
        """Number of signatures of the complete document: the issuer's, and of each who signs
        elsewhere its own and that of who took it in.
        """
        return 1 + sum(2 if one.outside else 1 for one in self.signers)

    def to_terms(self) -> dict[str, Any]:
        """Return the round as it is kept among a document's terms; nothing where there is none."""
        if not self.signers:
            return {}
        listed = [{key: held for key, held in asdict(one).items() if held} for one in self.signers]
        day = None if self.deadline is None else self.deadline.isoformat()
        return dict(zip(_ROUND, (listed, self.ordered, day), strict=True))


def countersigning_in(terms: Mapping[str, Any]) -> SealRound:
    """Read a round from terms, and take it out of them. Raises `BadCountersignersError`."""
    try:
        listed = terms.get(_ROUND[0], [])
        day = terms.get(_ROUND[2])
        return SealRound(
            tuple(Countersigner(**one) for one in listed),
            terms.get(_ROUND[1], True) is True,
            None if day is None else date.fromisoformat(day),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise BadCountersignersError(str(error)) from error


def countersigning_of(data: Mapping[str, str]) -> SealRound:
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
    return {key: held for key, held in terms.items() if key not in _ROUND}


def seal_field(position: int) -> str:
    """Return the name of the field of the countersigner at a position, the first being 1."""
    return f"Seal{position + 1}"


def taken_field(position: int) -> str:
    """Return the name of the field of who takes in what that one signed elsewhere."""
    return f"Taken{position + 1}"
