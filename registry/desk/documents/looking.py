"""Pictures of pages that are to be sealed: for who hands them in, and for who decides.

A browser is never given the file: what it shows are dots that a confined process drew. A draft's
are its maker's; those of a request are whoever's that may read what it asks for.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from core.errors import XinyinError
from core.ids import LicenceIdentifier, Sha256
from core.permits import Action
from core.text import Text
from registry.desk.batch_rows import BatchRow, list_rows
from registry.desk.contents import BatchAsk, content_of, only
from registry.desk.documents import messages
from registry.desk.documents.asking import CLEAN, SAID, DocumentAsking
from registry.desk.documents.drafting import WIDE, DocumentParts
from registry.desk.documents.reach import DraftReach, numbered
from registry.desk.documents.rows import DraftFile, data_of, draft_of_request, files_of
from registry.desk.documents.wishes import wishes_of
from registry.desk.rights import CallerStanding, Rights
from registry.granting.document_orders import DocumentOrder, DocumentSample
from registry.licences.countersignatures import lock_open
from registry.model import ConflictError, NotFoundError
from registry.objects.store import sha256_of
from registry.officers.request_rows import find_request
from registry.types.catalogue import Catalogue
from registry.types.document_type import SOURCE, TITLE

_KEPT_BYTES: Final = 96 * 1024 * 1024
_KEPT_FILES: Final = 8
_KEPT_PICTURES: Final = 64
_Key = tuple[Sha256, bool, str]


class _Remembered:
    """Cache of what was looked at last, in memory: of a file page after page is asked for, and a
    picture that was drawn to see that it can be is asked for right after.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[_Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: _Key) -> bytes | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: _Key, pdf: bytes) -> None:
        with self._lock:
            self._held[key] = pdf
            self._held.move_to_end(key)
            while len(self._held) > self._most or sum(map(len, self._held.values())) > _KEPT_BYTES:
                self._held.popitem(last=False)


@dataclass(frozen=True, slots=True)
class RequestedFile:
    """A file that a request asks to have sealed."""

    number: int
    title: str
    sha256: str
    pages: int
    cleaned: bool
    kept: bool
    """Its pages can be looked at still."""
    row: BatchRow


@dataclass(frozen=True, slots=True)
class DocumentLooks:
    """Draws pages."""

    rights: Rights
    catalogue: Catalogue
    parts: DocumentParts
    _remembered: _Remembered = field(default_factory=lambda: _Remembered(_KEPT_FILES))
    _pictures: _Remembered = field(default_factory=lambda: _Remembered(_KEPT_PICTURES))

    def draft_page(
        self, standing: CallerStanding, draft_id: str, number: int, page: int, *, sealed: bool
    ) -> bytes:
        """Return a page of a draft as PNG; `sealed`: with the seal where it will stand.

        Raises `NotFoundError`, and as `DocumentAsking.sample`.
        """
        reach = DraftReach(self.rights, self.catalogue)
        with self.rights.database.reading() as connection:
            draft = reach.own(connection, standing, draft_id)
            file = numbered(files_of(connection, draft_id), number)
            data = data_of(connection, draft_id, number)
        if sealed and not file.ready:
            raise ConflictError(messages.NOT_YET_CLEAN)
        asking = DocumentAsking(self.rights, self.catalogue, self.parts)
        order = asking.order(standing, draft, file) if sealed else None
        return self._page(data, file, page, order, file.name)

    def request_files(self, standing: CallerStanding, request_id: str) -> list[RequestedFile]:
        """Return the files of a request within reach. Raises `NoSuchRequestError`."""
        self.rights.sight(standing).request(request_id, what="rows")
        with self.rights.database.reading() as connection:
            draft = draft_of_request(connection, request_id)
            files = [] if draft is None else files_of(connection, draft.draft_id)
            rows = list_rows(connection, request_id, limit=len(files) + 1)
        known = {one.number: one for one in files}
        return [
            RequestedFile(
                row.number,
                file.name,
                file.sha256,
                len(file.found.pages),
                file.clean,
                row.record is not None,
                row,
            )
            for row in rows
            if (file := known.get(row.number)) is not None
        ]

    def request_sample(
        self, standing: CallerStanding, request_id: str, number: int
    ) -> DocumentSample:
        """Return a file of a request as it will be sealed, and the pages on which the seal falls.

        Raises as `request_page`.
        """
        data, order, title, _ = self._requested(standing, request_id, number)
        return self.parts.signing().sample(data, order, title=title)

    def request_page(
        self, standing: CallerStanding, request_id: str, number: int, page: int, *, sealed: bool
    ) -> bytes:
        """Return a page that a request within reach asks to have sealed, as PNG.

        Raises `NoSuchRequestError`, `NotFoundError`, `ContentGoneError`, `NoPlaceError`.
        """
        data, order, title, file = self._requested(standing, request_id, number)
        return self._page(data, file, page, order if sealed else None, title)

    def refuse_unfit(self, connection: Connection, request_id: str) -> None:
        """Refuse an approval of files of which a page was not drawn when they were handed in, or of
        a further seal on a document that waits for none any more.

        Raises `ConflictError`.
        """
        document = find_request(connection, request_id).document
        if document is not None:
            try:
                lock_open(connection, LicenceIdentifier(document))
            except ConflictError as error:
                raise ConflictError(messages.ROUND_IS_OVER) from error
        draft = draft_of_request(connection, request_id)
        files = [] if draft is None else files_of(connection, draft.draft_id)
        unseen = [one.number for one in files if not one.found.drawn]
        if unseen:
            raise ConflictError(messages.pages_unseen(unseen[0]))

    def unseen(
        self, standing: CallerStanding, request_id: str, number: int, pages: Iterable[int]
    ) -> Text | None:
        """Draw pages that are about to be shown to who decides; return why one is not, if so."""
        with self.rights.database.reading() as connection:
            try:
                self.refuse_unfit(connection, request_id)
            except ConflictError as error:
                return error.text
        for page in pages:
            try:
                self.request_page(standing, request_id, number, page, sealed=True)
            except XinyinError as error:
                return messages.page_not_shown(page, error.text)
        return None

    def _requested(
        self, standing: CallerStanding, request_id: str, number: int
    ) -> tuple[bytes, DocumentOrder, str, DraftFile]:
        """Return a file by the word of what is approved, not of the draft."""
        found = self.rights.sight(standing).request(request_id, what="content")
        with self.rights.database.reading() as connection:
            ask = only(content_of(connection, found, carried_out=True), BatchAsk)
            draft = draft_of_request(connection, request_id)
            rows = list_rows(connection, request_id, after=number - 1, limit=1)
            if ask.wishes is None or draft is None or not rows or rows[0].number != number:
                raise NotFoundError(messages.NO_SUCH_FILE)
            file = numbered(files_of(connection, draft.draft_id), number)
            data = data_of(connection, draft.draft_id, number)
        record = rows[0].record
        if record is None or data is None or sha256_of(data) != record[SOURCE]:
            raise NotFoundError(messages.NO_SUCH_FILE)
        order = wishes_of(ask.wishes).order(
            ask.type_code,
            ask.authority_id,
            self.rights.permit(standing, Action.READ, ask.authority_id),
            title=record[SAID],
            clean=record[CLEAN] == "1",
        )
        return data, order, record[TITLE], file

    def _page(
        self,
        data: bytes | None,
        file: DraftFile,
        page: int,
        order: DocumentOrder | None,
        title: str,
    ) -> bytes:
        if data is None:
            raise NotFoundError(messages.NO_SUCH_FILE)
        if not 1 <= page <= len(file.found.pages):
            raise NotFoundError(messages.NO_SUCH_PAGE)
        clean = bool(file.found.findings) if order is None else order.clean
        named = "" if order is None else _named(order)
        key, its_page = (file.sha256, clean, named), (file.sha256, clean, f"{page} {named}")
        if (png := self._pictures.find(its_page)) is not None:
            return png
        pdf = self._remembered.find(key)
        if pdf is None:
            if order is None:
                pdf = self.parts.reader().take(data, clean=clean).pdf
            else:
                pdf = self.parts.signing().sample(data, order, title=title).pdf
            self._remembered.keep(key, pdf)
        png = self.parts.reader().picture(pdf, page, WIDE).png()
        self._pictures.keep(its_page, png)
        return png


def _named(order: DocumentOrder) -> str:
    return f"{order.type_name} {order.authority_id} {order.digest()}"
