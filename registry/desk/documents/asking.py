"""Asking for drafts: a sample is shown, agreed to by its code, and asked for as a batch."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from core.canonical import canonical_json
from core.permits import Action
from registry.bodies.authorities import mandated_seal
from registry.desk.batch_rows import RowContent, add_rows, asked_digests
from registry.desk.contents import BatchAsk, keep_content
from registry.desk.documents import messages
from registry.desk.documents.drafting import DocumentParts
from registry.desk.documents.reach import DraftReach, numbered
from registry.desk.documents.rows import DocumentDraft, DraftFile, data_of, files_of, note_request
from registry.desk.judging import definition_of
from registry.desk.orders import refuse_unsigned_type
from registry.desk.rights import CallerStanding, Rights
from registry.granting.document_orders import DocumentOrder, DocumentSample
from registry.licences.licences import CLOSED
from registry.model import ConflictError, Licence, NotFoundError
from registry.officers.model import DeskRequest
from registry.officers.requests import NewDeskRequest, earlier_request, make_request
from registry.types.catalogue import Catalogue
from registry.types.document_type import SOURCE, TITLE

MOST_TRIED: Final = 20
"""Files whose places are looked for before they are asked for; the rest by the job."""
CLEAN: Final = "clean"
SAID: Final = "said"
"""Fields of a row, beside the type's own: whether it is cleaned, and the title if somebody said
one."""
_CODE: Final = 32


@dataclass(frozen=True, slots=True)
class DocumentAsking:
    """Shows samples, and asks for what was agreed to."""

    rights: Rights
    catalogue: Catalogue
    parts: DocumentParts

    def code(self, draft: DocumentDraft, files: list[DraftFile]) -> str:
        """Return the code that stands for files, titles, seal and terms together."""
        with self.rights.database.reading() as connection:
            return self._code(connection, draft, files)

    def sample(self, standing: CallerStanding, draft_id: str, number: int) -> DocumentSample:
        """Return a file as it will be sealed.

        Raises `NotFoundError`, `NoPlaceError`, `RefusedFileError`, and as `_ready`.
        """
        with self.rights.database.reading() as connection:
            draft = self.reach.own(connection, standing, draft_id)
            file = numbered(files_of(connection, draft_id), number)
            data = data_of(connection, draft_id, number)
        if data is None:
            raise NotFoundError(messages.NO_SUCH_FILE)
        if not file.ready:
            raise ConflictError(messages.NOT_YET_CLEAN)
        return self.parts.signing().sample(data, self.order(standing, draft, file), title=file.name)

    def sealed_before(
        self, standing: CallerStanding, draft: DocumentDraft, files: list[DraftFile]
    ) -> dict[int, Licence]:
        """Return the documents that files led to before, by their numbers."""
        signing = self.parts.signing()
        known = {
            one.number: signing.find_signed(one.sha256, self.order(standing, draft, one))
            for one in files
        }
        return {number: one for number, one in known.items() if one is not None}

    def ask(
        self, standing: CallerStanding, draft_id: str, code: str, request_key: str
    ) -> DeskRequest:
        """Ask for what a sample showed; the same key, or the same draft, finds the same request.

        Raises `NotFoundError`, `ConflictError` where it is not what the sample showed,
        `NoPlaceError`, `NotAllowedError`, `SignatureNeededError`.
        """
        with self.rights.database.reading() as connection:
            draft = self.reach.own(connection, standing, draft_id)
            files = files_of(connection, draft_id)
        licence_type = self.reach.type_of(draft)
        permit = self.reach.permit(standing, licence_type, draft.authority_id)
        refuse_unsigned_type(licence_type)
        if draft.request_id is not None:
            return self.rights.sight(standing).request(draft.request_id)
        if not files:
            raise ConflictError(messages.NOTHING_HANDED_IN)
        if not all(one.ready for one in files):
            raise ConflictError(messages.NOT_YET_CLEAN)
        if self.code(draft, files) != code.strip().lower():
            raise ConflictError(messages.OTHER_SAMPLE)
        for one in files[:MOST_TRIED]:
            self.sample(standing, draft_id, one.number)
        before = self.sealed_before(standing, draft, files)
        wanted = BatchAsk(
            draft.type_code,
            draft.authority_id,
            draft.wishes.basis,
            draft.wishes.level,
            wishes=draft.wishes.as_json(),
        )
        rows = [_row(one, before.get(one.number)) for one in files]
        with self.rights.database.reading() as connection:
            digest, older = asked_digests(connection, wanted, rows)
        new = NewDeskRequest(
            Action.GRANT,
            draft.authority_id,
            digest,
            licence_type.code,
            request_key,
            type_sha256=definition_of(licence_type),
            rows=len(rows),
            older_digest=older,
        )
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            draft = self.reach.own(connection, standing, draft_id, lock=True)
            if draft.request_id is not None:
                return self.rights.sight(standing).request(draft.request_id)
            files = files_of(connection, draft_id)
            if self._code(connection, draft, files) != code.strip().lower():
                raise ConflictError(messages.OTHER_SAMPLE)
            earlier = earlier_request(connection, new)
            if earlier is not None:
                return earlier
            made = make_request(connection, new, permit, now, self.rights.random)
            keep_content(connection, made, wanted)
            add_rows(connection, made.request_id, rows)
            note_request(connection, draft_id, made.request_id)
        return made

    def order(
        self, standing: CallerStanding, draft: DocumentDraft, file: DraftFile
    ) -> DocumentOrder:
        """Return the order for a file of a draft. Raises `NotAllowedError`."""
        permit = self.reach.permit(standing, self.reach.type_of(draft), draft.authority_id)
        return draft.wishes.order(
            draft.type_code, draft.authority_id, permit, title=said_of(file), clean=file.clean
        )

    @property
    def reach(self) -> DraftReach:
        """Reach of drafts."""
        return DraftReach(self.rights, self.catalogue)

    def _code(self, connection: Connection, draft: DocumentDraft, files: list[DraftFile]) -> str:
        seal = mandated_seal(connection, draft.type_code, draft.authority_id)
        agreed = {
            "type": draft.type_code,
            "seal": hashlib.sha256(seal.certificate).hexdigest(),
            "wishes": draft.wishes.as_json(),
            "files": [[one.number, one.name, one.sha256, one.clean] for one in files],
        }
        return hashlib.sha256(canonical_json(agreed)).hexdigest()[:_CODE]


def said_of(file: DraftFile) -> str:
    """Return the title where somebody said one; empty where it is the file's own."""
    return "" if file.name == file.found.title else file.name


def _row(file: DraftFile, before: Licence | None) -> RowContent:
    record = {
        TITLE: file.name,
        SOURCE: file.sha256,
        SAID: said_of(file),
        CLEAN: "1" if file.clean else "",
    }
    standing = before is not None and before.state not in CLOSED
    return RowContent(file.number, record, None, before=standing)
