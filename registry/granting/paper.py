"""Licences on paper whose place electronic ones take: same type, authority, number and holder."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from core.ids import LicenceNumber, TypeCode
from registry.accession.rows import Accession, find_paper
from registry.granting import messages
from registry.model import Application, ConflictError, Holder, LicenceState, NotFoundError


@dataclass(frozen=True, slots=True)
class PaperLicences:
    """Licences on paper of one authority and type, as they stand on a day."""

    connection: Connection
    type_code: TypeCode
    authority_uscc: str
    today: date

    def find(self, number: LicenceNumber, application: Application) -> str:
        """Return the name on record of the one whose place an application takes.

        Raises `NotFoundError`, `ConflictError`.
        """
        found = find_paper(self.connection, self.type_code, self.authority_uscc, number)
        if found is None:
            raise NotFoundError(messages.PAPER_NOT_FOUND)
        if found.replaced_by is not None:
            raise ConflictError(messages.paper_replaced(found.replaced_by))
        if found.effective_state(self.today) is not LicenceState.IN_FORCE:
            raise ConflictError(messages.PAPER_CLOSED)
        if not any(_is_holder(found, one) for one in application.holders):
            raise ConflictError(messages.PAPER_OF_ANOTHER_HOLDER)
        return found.accession_id


def _is_holder(found: Accession, holder: Holder) -> bool:
    """Tell whether a holder is the one on paper; a code that was never told says nothing."""
    known = found.holder
    if known is None:
        return False
    return known.name == holder.name and known.code in ("", holder.code)
