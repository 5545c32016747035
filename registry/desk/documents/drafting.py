"""Drafts: files are handed in, looked at by the intake, given their terms, and asked for.

A draft is its maker's alone until it is asked for; a day later it is gone. What is asked for is
what a sample showed: its code stands for the files' digests, their titles, the seal and the terms.
From then on it is a batch like any other (`registry.desk.batch`), whose rows are files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from core.errors import UsageError
from core.ids import AuthorityId
from registry.db.tables import document_drafts
from registry.desk.documents import messages
from registry.desk.documents.found import FoundFile, RefusedUploadError
from registry.desk.documents.reach import DraftReach, numbered, with_digest
from registry.desk.documents.rows import (
    DocumentDraft,
    DraftFile,
    add_draft,
    add_file,
    bytes_waiting,
    change_file,
    drafts_of,
    drop_file,
    files_of,
    note_wishes,
)
from registry.desk.documents.wishes import SealWishes
from registry.desk.judging import Judging
from registry.desk.rights import CallerStanding, Rights
from registry.granting.countersigning import Countersigning
from registry.granting.document_orders import NotADocumentTypeError
from registry.granting.document_titles import title_for
from registry.granting.documents import DocumentSigning
from registry.granting.messages import not_a_document_type
from registry.granting.taking_in import TakingIn
from registry.model import ConflictError
from registry.objects.store import sha256_of
from registry.officers.request_rows import forget_files
from registry.officers.rows import new_id
from registry.types.catalogue import Catalogue
from registry.types.document_type import LONGEST_TITLE
from signing.intake.drawing.page_pictures import PagePicture
from signing.intake.report import Hazard, IntakeFinding, TakenFile

KEPT: Final = timedelta(days=1)
"""Time in which a draft is to be asked for."""
WIDE: Final = 900
"""Dots of a picture across: what is printed small can be read."""
MOST_FILES: Final = 100
MOST_DRAFTS: Final = 20
"""Of one person, not yet asked for."""
MEGABYTE: Final = 1024 * 1024
MOST_TOGETHER: Final = 256 * MEGABYTE
MOST_WAITING: Final = 1024 * MEGABYTE
"""Of an authority, drafts and requests alike."""


class FileReader(Protocol):
    """Reader of files of others."""

    def take(self, data: bytes, *, clean: bool) -> TakenFile:
        """Return the file as it can be sealed, or why not."""
        ...

    def picture(self, data: bytes, page: int, wide: int) -> PagePicture:
        """Return a page as it is shown."""
        ...

    def undrawn(self, data: bytes, pages: int, wide: int) -> int | None:
        """Return the first page that cannot be drawn in time; None where all can be."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentParts:
    """Parts that documents need; opened when the first comes."""

    signing: Callable[[], DocumentSigning]
    reader: Callable[[], FileReader]
    countersigning: Callable[[], Countersigning]
    taking_in: Callable[[], TakingIn]


@dataclass(frozen=True, slots=True)
class DocumentDrafts:
    """Keeps drafts, and asks for them."""

    rights: Rights
    catalogue: Catalogue
    parts: DocumentParts

    @property
    def reach(self) -> DraftReach:
        """Reach of drafts."""
        return DraftReach(self.rights, self.catalogue)

    def begin(
        self, standing: CallerStanding, type_code: str, authority_id: AuthorityId | None
    ) -> DocumentDraft:
        """Begin a draft. Raises `NotFoundError`, `NotAllowedError`, `NotADocumentTypeError`."""
        licence_type, body = Judging(self.rights, self.catalogue).target(
            standing, type_code, authority_id
        )
        if not licence_type.is_document:
            raise NotADocumentTypeError(not_a_document_type(licence_type.slug))
        permit = self.reach.permit(standing, licence_type, body)
        now = self.rights.clock.now()
        draft = DocumentDraft(
            new_id(self.rights.random),
            body,
            licence_type.code,
            permit.actor.name,
            now,
            now + KEPT,
            SealWishes(),
            None,
        )
        with self.rights.database.writing() as connection:
            if len(drafts_of(connection, sorted(self.reach.behind(connection, standing)), now)) >= (
                MOST_DRAFTS
            ):
                raise ConflictError(messages.too_many_drafts(MOST_DRAFTS))
            add_draft(connection, draft)
        return draft

    def mine(self, standing: CallerStanding) -> list[DocumentDraft]:
        """Return the caller's drafts that were not asked for, the newest first."""
        with self.rights.database.reading() as connection:
            behind = sorted(self.reach.behind(connection, standing))
            found = drafts_of(connection, behind, self.rights.clock.now())
        return [one for one in found if standing.reach.includes(one.authority_id)]

    def find(
        self, standing: CallerStanding, draft_id: str
    ) -> tuple[DocumentDraft, list[DraftFile]]:
        """Return a draft of the caller's with its files. Raises `NotFoundError`."""
        with self.rights.database.reading() as connection:
            draft = self.reach.own(connection, standing, draft_id)
            return draft, files_of(connection, draft_id)

    def add(
        self,
        standing: CallerStanding,
        draft_id: str,
        data: bytes,
        *,
        name: str = "",
        clean: bool = False,
        offer: bool = False,
    ) -> DraftFile:
        """Take a file in; the same file is taken once.

        `offer`: one that could be cleaned is kept until somebody agrees to that. Raises
        `RefusedUploadError`, `NotFoundError`, `NotAllowedError`, `ConflictError`.
        """
        sha256 = sha256_of(data)
        with self.rights.database.reading() as connection:
            draft = self.reach.unasked(connection, standing, draft_id)
            known = with_digest(files_of(connection, draft_id), sha256)
            self._refuse_too_much(connection, draft, 0 if known else len(data), adds=not known)
        self.reach.permit(standing, self.reach.type_of(draft), draft.authority_id)
        if known is not None and (known.ready or not clean):
            return known
        if known is not None:
            return self.clean(standing, draft_id, known.number)
        found, clean = self._look(data, clean=clean, offer=offer)
        stem = "".join(one for one in name if one.isprintable()).strip()[:LONGEST_TITLE]
        title = title_for("", found.title, stem or messages.untitled(sha256[:8]).zh)
        found = replace(found, title=title)
        with self.rights.database.writing() as connection:
            draft = self.reach.unasked(connection, standing, draft_id, lock=True)
            files = files_of(connection, draft_id)
            if (known := with_digest(files, sha256)) is not None:
                return known
            self._refuse_too_much(connection, draft, len(data), adds=True)
            number = max((one.number for one in files), default=0) + 1
            file = DraftFile(number, title, sha256, len(data), clean, found)
            add_file(connection, draft_id, file, data)
        return file

    def clean(self, standing: CallerStanding, draft_id: str, number: int) -> DraftFile:
        """Agree that what must not be sealed is taken out of a file. Raises `NotFoundError`."""
        with self.rights.database.writing() as connection:
            self.reach.unasked(connection, standing, draft_id, lock=True)
            file = numbered(files_of(connection, draft_id), number)
            if not file.found.findings:
                return file
            file = replace(file, clean=True)
            change_file(connection, draft_id, file)
        return file

    def drop(self, standing: CallerStanding, draft_id: str, number: int | None = None) -> None:
        """Forget a file, or the draft with all. Raises `NotFoundError`, `ConflictError`."""
        with self.rights.database.writing() as connection:
            self.reach.unasked(connection, standing, draft_id, lock=True)
            if number is None:
                forget_files(connection, document_drafts.c.draft_id == draft_id)
                return
            numbered(files_of(connection, draft_id), number)
            drop_file(connection, draft_id, number)

    def choose(
        self,
        standing: CallerStanding,
        draft_id: str,
        wishes: SealWishes,
        titles: Mapping[int, str],
    ) -> DocumentDraft:
        """Say how the files are to be sealed, and what they are called.

        Raises `NotFoundError`, `UsageError`, `ConflictError`.
        """
        wishes.check()
        if any(not one.isprintable() or len(one) > LONGEST_TITLE for one in titles.values()):
            raise UsageError(messages.WISHES_UNUSABLE)
        with self.rights.database.writing() as connection:
            draft = self.reach.unasked(connection, standing, draft_id, lock=True)
            files = files_of(connection, draft_id)
            note_wishes(connection, draft_id, wishes)
            for number, title in titles.items():
                file = numbered(files, number)
                if title.strip() and title.strip() != file.name:
                    change_file(connection, draft_id, replace(file, name=title.strip()))
        return replace(draft, wishes=wishes)

    def _look(self, data: bytes, *, clean: bool, offer: bool) -> tuple[FoundFile, bool]:
        """Have the intake look at a file; return its facts, and whether it is cleaned."""
        reader = self.parts.reader()
        taken = reader.take(data, clean=False)
        if not taken.refused and taken.pdf:
            return _seen(reader, taken), False
        cleaned = reader.take(data, clean=True)
        cleanable = not cleaned.refused and bool(cleaned.pdf)
        if not cleanable or not (clean or offer):
            raise RefusedUploadError(taken.refused, cleanable=cleanable)
        return _seen(reader, cleaned), clean

    def _refuse_too_much(
        self, connection: Connection, draft: DocumentDraft, more: int, *, adds: bool
    ) -> None:
        files = files_of(connection, draft.draft_id)
        if adds and len(files) >= MOST_FILES:
            raise ConflictError(messages.too_many_files(MOST_FILES))
        if sum(one.size for one in files) + more > MOST_TOGETHER:
            raise ConflictError(messages.too_much_at_once(MOST_TOGETHER // MEGABYTE))
        if bytes_waiting(connection, draft.authority_id) + more > MOST_WAITING:
            raise ConflictError(messages.too_much_waiting(MOST_WAITING // MEGABYTE))


def _seen(reader: FileReader, taken: TakenFile) -> FoundFile:
    """Return the facts of a file, each page of which was drawn. Raises `RefusedUploadError`."""
    page = reader.undrawn(taken.pdf, len(taken.pages), WIDE)
    if page is not None:
        raise RefusedUploadError((IntakeFinding(Hazard.UNDRAWN, page, ""),), cleanable=False)
    return FoundFile.of(taken)
