"""Sealing of the files of a batch, one after the other, by the worker that has its job.

What is sealed is what was approved: a row's digest is the approved one, and the file's bytes have
the digest that the row names. A file is sealed once, by its digest, so that what was begun before a
crash is finished under its number (`registry.granting.documents`).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from core.errors import XinyinError
from core.ids import LicenceIdentifier, Sha256
from registry.db.database import Database
from registry.desk.batch_rows import RowContent
from registry.desk.contents import BatchAsk
from registry.desk.documents import messages
from registry.desk.documents.asking import CLEAN, SAID
from registry.desk.documents.rows import data_of, draft_of_request, forget_data
from registry.desk.documents.wishes import SealWishes, wishes_of
from registry.granting.batches import BatchOrder, BatchStoppedError, RowOutcome
from registry.granting.countersigning import Countersigning
from registry.granting.document_orders import DocumentOrder, SignedOtherwiseError
from registry.granting.documents import DocumentSigning
from registry.granting.granting import Granted
from registry.licences.licences import CLOSED
from registry.model import ConflictError
from registry.objects.store import sha256_of
from registry.types.document_type import SOURCE, TITLE

DOCUMENT: Final = "document"
POSITION: Final = "position"
"""Fields of a row of a request to countersign: which document, and at which place of its round."""
FILES_AT_ONCE: Final = 5
"""Between two looks at the rights: each may take seconds."""


class FileGoneError(ConflictError):
    """The bytes of a file are not kept any more, or are others than what was approved."""


@dataclass(frozen=True, slots=True)
class FileSealing:
    """Seals files of requests."""

    database: Database
    signing: Callable[[], DocumentSigning]
    countersigning: Callable[[], Countersigning]

    def countersign(self, row: RowContent, order: BatchOrder, since: datetime) -> RowOutcome:
        """Put the authority's seal on a document of another; an error of its own is the outcome.

        `since`: when the job was asked for; what bore the seal before then is not this job's.
        Raises `BatchStoppedError`.
        """
        source = f"row {row.number}"
        try:
            made = self.countersigning().countersign(
                LicenceIdentifier(row.record[DOCUMENT]),
                order.permit,
                order.authority_id,
                position=int(row.record[POSITION]),
                within=order.within,
            )
        except BatchStoppedError:
            raise
        except XinyinError as error:
            return RowOutcome(source, None, error)
        step = made.progress.steps[int(row.record[POSITION]) - 1]
        before = made.repeated and step.settled_at is not None and step.settled_at < since
        return RowOutcome(source, Granted(made.licence, made.pdf, made.sha256, before), None)

    def seal(
        self, request_id: str, row: RowContent, ask: BatchAsk, order: BatchOrder
    ) -> RowOutcome:
        """Seal a file whose row is as it was approved; an error of its own is the outcome.

        Raises `BatchStoppedError`.
        """
        source = f"row {row.number}"
        assert ask.wishes is not None
        try:
            with self.database.reading() as connection:
                draft = draft_of_request(connection, request_id)
                held = None if draft is None else data_of(connection, draft.draft_id, row.number)
            if held is None:
                raise FileGoneError(messages.FILE_GONE)
            if sha256_of(held) != row.record[SOURCE]:
                raise FileGoneError(messages.FILE_CHANGED)
            wishes = wishes_of(ask.wishes)
            wanted = wishes.order(
                ask.type_code,
                ask.authority_id,
                order.permit,
                title=row.record[SAID],
                clean=row.record[CLEAN] == "1",
            )
            granted = self._sealed(held, wanted, wishes, row, order)
        except BatchStoppedError:
            raise
        except SignedOtherwiseError as error:
            error.text = messages.SEALED_OTHERWISE
            return RowOutcome(source, None, error)
        except XinyinError as error:
            return RowOutcome(source, None, error)
        return RowOutcome(source, granted, None)

    def _sealed(
        self,
        data: bytes,
        wanted: DocumentOrder,
        wishes: SealWishes,
        row: RowContent,
        order: BatchOrder,
    ) -> Granted:
        signing = self.signing()
        known = signing.find_signed(Sha256(row.record[SOURCE]), wanted)
        key = None
        if known is not None and known.state in CLOSED and known.replaced_by is None:
            if not wishes.anew:
                raise ConflictError(messages.LEFT_FORCE, identifier=known.identifier)
            said = f"document:{wanted.type_name}:{wishes.anew}:{row.record[SOURCE]}"
            key = hashlib.sha256(said.encode()).hexdigest()
        title = row.record[TITLE]
        signed = signing.sign(data, wanted, title=title, request_key=key, within=order.within)
        return signed.granted


def forget_sealed(connection: Connection, request_id: str, numbers: Sequence[int]) -> None:
    """Forget the bytes of files that are sealed: what was sealed of them is stored."""
    if numbers:
        forget_data(connection, request_id, numbers)
