"""Documents on record, within reach: a licence is none."""

from dataclasses import dataclass

from core.ids import TypeCode
from registry.desk.rights import CallerStanding, Rights
from registry.granting.rounds import progress_or_none
from registry.licences.countersignatures import RoundProgress
from registry.licences.licences import no_such_licence
from registry.model import Licence
from registry.types.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class DocumentRecords:
    """Finds documents."""

    rights: Rights
    catalogue: Catalogue

    def codes(self, wanted: str | None = None) -> tuple[TypeCode, ...]:
        """Return the codes of the document types; of the one alone that is named, if it is one."""
        with self.rights.database.reading() as connection:
            kinds = [one for one in self.catalogue.list_types(connection) if one.is_document]
        return tuple(one.code for one in kinds if wanted in (None, one.code, one.slug))

    def progress(self, found: Licence) -> RoundProgress | None:
        """Return the round of a document that was found; None where nobody else is to seal it."""
        with self.rights.database.reading() as connection:
            return progress_or_none(connection, found)

    def find(self, standing: CallerStanding, identifier: str) -> Licence:
        """Return a document. Raises `NoSuchLicenceError`, also for a licence."""
        found = self.rights.sight(standing).licence(identifier)
        with self.rights.database.reading() as connection:
            if not self.catalogue.find(connection, found.type_code).is_document:
                raise no_such_licence()
        return found
