"""Printability of licences before they are granted: what no page can show is found in the plan.

By the page's own measures: a page that may not hold its fields is laid out; nothing is drawn, and
no number is taken.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol

from core.ids import LicenceIdentifier, LicenceNumber, LinkToken
from registry.licences import messages
from registry.licences.links import link_of
from registry.model import Application, Authority, Licence, LicenceState
from registry.types.faces import face_of
from registry.types.licence_type import LicenceType
from registry.types.numbering import NumberKind
from registry.types.row_problems import FieldProblem
from signing.face import LicenceFace
from signing.render.errors import FieldTooLongError, MissingGlyphError

_SERIAL: Final = "999999999"
_TOKEN: Final = LinkToken("0" * 27)
_NEVER: Final = datetime.fromtimestamp(0, UTC)


class PageRenderer(Protocol):
    """Renderer that knows what its pages hold."""

    def refuse_unfit(self, face: LicenceFace) -> None:
        """Raise what laying a face out would raise."""
        ...


@dataclass(frozen=True, slots=True)
class Printability:
    """Judges the pages of a type, as one authority would grant them."""

    page: PageRenderer
    licence_type: LicenceType
    authority: Authority
    public_url: str
    today: date

    def problem(self, application: Application) -> FieldProblem | None:
        """Return why no page can hold a row; None where one can."""
        try:
            self.page.refuse_unfit(self.face(application))
        except (MissingGlyphError, FieldTooLongError) as error:
            return FieldProblem(application.source, self._column(error), error.text, error.code)
        return None

    def _column(self, error: MissingGlyphError | FieldTooLongError) -> str:
        """Return the column at fault; empty where the page says more than the row does."""
        label = str(error.details.get("field", ""))
        return label if label in self.licence_type.columns else ""

    def preview(self, application: Application) -> LicenceFace:
        """Return the face as it is shown before a seal is used, without what comes at granting."""
        number = application.number or LicenceNumber(messages.NUMBER_TO_COME.zh)
        identifier = LicenceIdentifier(messages.IDENTIFIER_TO_COME.zh)
        licence = self._licence(application, number, identifier)
        face = face_of(self.licence_type, licence, f"{self.public_url}/", application.photo)
        return face.as_preview()

    def face(self, application: Application) -> LicenceFace:
        """Return the face as wide as it may become, with the longest number."""
        kind = self.licence_type
        number = application.number
        if number is None and kind.number.kind is not NumberKind.GIVEN:
            number = kind.number.write(kind.fields, application.data, 1)
        code = f"{application.type_code}.{self.authority.uscc}.{_SERIAL}.001.X"
        identifier = LicenceIdentifier(f"1.2.156.3005.2.{code}")
        licence = self._licence(application, number or LicenceNumber(""), identifier)
        return face_of(kind, licence, link_of(self.public_url, licence), application.photo)

    def _licence(
        self, application: Application, number: LicenceNumber, identifier: LicenceIdentifier
    ) -> Licence:
        return Licence(
            identifier=identifier,
            number=number,
            type_code=application.type_code,
            type_name=self.licence_type.name,
            authority_id=self.authority.authority_id,
            authority_name=self.authority.name,
            state=LicenceState.PENDING,
            reason=None,
            basis=None,
            holders=application.holders,
            data=application.data,
            granted_on=self.today,
            valid_from=application.valid_from,
            valid_until=application.valid_until,
            link_token=_TOKEN,
            replaces=None,
            replaced_by=None,
            sample=False,
            created_at=_NEVER,
        )
