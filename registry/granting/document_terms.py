"""Terms on which an official document is signed, kept with its record and covered by its face."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.canonical import canonical_json
from registry.granting import messages
from registry.model import Licence, RegistryError
from registry.types.document_type import (
    TERMS,
    TITLE,
    SealRound,
    countersigning_in,
    seal_field,
    taken_field,
    without_countersigning,
)
from signing.face import RenderedLicence, SealAppearance
from signing.sealing.caption import with_caption
from signing.sealing.field import PreparedField


class BadTermsError(RegistryError):
    """The terms on record are none that this version writes."""

    code = "unreadable_record"


@dataclass(frozen=True, slots=True)
class DocumentTerms:
    """Place of the seal, and the words that go with it."""

    page: int
    """The first one being 0."""
    x: int
    y: int
    """Of the seal's middle, in the page's own coordinates, in hundredths of a point."""
    turn: int = 0
    """The page's /Rotate."""
    caption: tuple[str, ...] = ()
    """Words under the seal, a line each."""
    reason: str = ""
    """As readers show it; empty: the type's name."""
    approval: bool = False
    """It does not certify."""
    asked: str = ""
    """Digest of the options that were given: the same file signed otherwise is told apart."""
    round: SealRound = field(default_factory=SealRound)
    """Who is to seal it after its issuer."""

    def to_text(self) -> str:
        """Return the terms as they are kept."""
        kept = asdict(replace(self, round=SealRound()))
        del kept["round"]
        return canonical_json(kept | self.round.to_terms()).decode()

    def empty_fields(self, seal: SealAppearance) -> tuple[PreparedField, ...]:
        """Return the fields that stand empty for those who are to seal it, in their order."""
        found: list[PreparedField] = []
        for position, one in enumerate(self.round.signers, 1):
            wide = one.size / 100 if one.size else seal.diameter
            its = replace(seal, diameter=wide, turn=one.turn)
            place = its.around((one.x / 100, one.y / 100))
            words = messages.place_of_seal(one.name)
            said = f"{words.zh} {words.en}"
            found.append(PreparedField(seal_field(position), one.page, place, said))
            if one.outside:
                found.append(PreparedField(taken_field(position), self.page, None, said))
        return tuple(found)

    @property
    def centre(self) -> tuple[float, float]:
        """The seal's middle, in points."""
        return self.x / 100, self.y / 100

    def rendered(self, page: bytes) -> RenderedLicence:
        """Return the page with the seal's place on it."""
        return RenderedLicence(page, self.centre, self.page)

    def appearance(self, seal: SealAppearance) -> SealAppearance:
        """Return the seal as it stands there. Raises `MissingGlyphError`, `FieldTooLongError`."""
        return replace(with_caption(seal, self.caption), turn=self.turn)


def terms_of(licence: Licence) -> DocumentTerms:
    """Return the terms of a document on record. Raises `BadTermsError`."""
    try:
        values: dict[str, Any] = json.loads(licence.data[TERMS])
        asked = countersigning_in(values)
        kept = without_countersigning(values)
        return DocumentTerms(**{**kept, "caption": tuple(values["caption"]), "round": asked})
    except (ValueError, TypeError, KeyError) as error:
        raise BadTermsError(messages.TERMS_UNREADABLE, identifier=licence.identifier) from error


def title_of(licence: Licence) -> str:
    """Return a document's title."""
    return licence.data.get(TITLE, "")
