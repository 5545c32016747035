"""Reach of drafts: whose they are, and what may still be done with them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.ids import AuthorityId, Sha256
from core.permits import Action, Permit
from registry.desk.documents import messages
from registry.desk.documents.rows import DocumentDraft, DraftFile, find_draft
from registry.desk.rights import CallerStanding, Rights
from registry.model import ConflictError, NotFoundError
from registry.officers.identities import people_behind
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class DraftReach:
    """Finds drafts for who made them: there are none for anybody else."""

    rights: Rights
    catalogue: Catalogue

    def type_of(self, draft: DocumentDraft) -> LicenceType:
        """Return the type of a draft."""
        with self.rights.database.reading() as connection:
            return self.catalogue.find(connection, draft.type_code)

    def permit(
        self, standing: CallerStanding, licence_type: LicenceType, authority_id: AuthorityId
    ) -> Permit:
        """Return leave to ask for a document. Raises `NotAllowedError`."""
        terms = terms_of(licence_type, Action.REQUEST)
        return self.rights.permit(standing, Action.REQUEST, authority_id, terms=terms)

    def behind(self, connection: Connection, standing: CallerStanding) -> frozenset[str]:
        """Return everybody who is the caller, by their names as actors."""
        return people_behind(connection, standing.actor.name)

    def own(
        self, connection: Connection, standing: CallerStanding, draft_id: str, *, lock: bool = False
    ) -> DocumentDraft:
        """Return a draft of the caller's. Raises `NotFoundError`, also for anybody else's."""
        found = find_draft(connection, draft_id, lock=lock)
        late = found is not None and found.request_id is None
        if (
            found is None
            or found.made_by not in self.behind(connection, standing)
            or not standing.reach.includes(found.authority_id)
            or (late and found.lapses_at <= self.rights.clock.now())
        ):
            raise NotFoundError(messages.NO_SUCH_DRAFT)
        return found

    def unasked(
        self, connection: Connection, standing: CallerStanding, draft_id: str, *, lock: bool = False
    ) -> DocumentDraft:
        """Return a draft that was not asked for yet. Raises as `own`, and `ConflictError`."""
        found = self.own(connection, standing, draft_id, lock=lock)
        if found.request_id is not None:
            raise ConflictError(messages.ASKED_ALREADY)
        return found


def numbered(files: list[DraftFile], number: int) -> DraftFile:
    """Return a file by its number. Raises `NotFoundError`."""
    for one in files:
        if one.number == number:
            return one
    raise NotFoundError(messages.NO_SUCH_FILE)


def with_digest(files: list[DraftFile], sha256: Sha256) -> DraftFile | None:
    """Return the file that has these bytes, if it was handed in."""
    return next((one for one in files if one.sha256 == sha256), None)
