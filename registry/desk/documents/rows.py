"""Drafts and their files on record. A file's bytes are read by who seals or draws it, and by nobody
else.

Bytes, titles, what the intake found and the terms are sealed (`registry.privacy`): letters name
people as licences do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.ids import AuthorityId, Sha256, TypeCode
from registry.db.tables import document_drafts, document_files
from registry.desk.documents.found import FoundFile, found_of
from registry.desk.documents.wishes import SealWishes, wishes_of
from registry.privacy import places
from registry.privacy.codes import Privacy, privacy_of
from registry.privacy.records import read_content, read_file, sealed_content, sealed_file

_DRAFT = document_drafts.c
_FILE = document_files.c
_FACTS = [one for one in _FILE if one.name != "data"]


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """Files that somebody handed in, and how they are to be sealed."""

    draft_id: str
    authority_id: AuthorityId
    type_code: TypeCode
    made_by: str
    made_at: datetime
    lapses_at: datetime
    wishes: SealWishes
    request_id: str | None
    """None: it was not asked for yet."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft, without its bytes."""

    number: int
    name: str
    """Title that was said, or the file's own name."""
    sha256: Sha256
    size: int
    clean: bool
    """What must not be sealed is taken out, as somebody agreed to."""
    found: FoundFile

    @property
    def ready(self) -> bool:
        """Tell whether it can be sealed as it stands."""
        return self.clean or not self.found.findings


def add_draft(connection: Connection, draft: DocumentDraft) -> None:
    """Keep a draft."""
    values = {
        "draft_id": draft.draft_id,
        "authority_id": draft.authority_id,
        "type_code": draft.type_code,
        "made_by": draft.made_by,
        "made_at": draft.made_at,
        "lapses_at": draft.lapses_at,
        "wishes": _sealed_wishes(connection, draft.draft_id, draft.wishes),
    }
    connection.execute(insert(document_drafts).values(values))


def find_draft(
    connection: Connection, draft_id: str, *, lock: bool = False
) -> DocumentDraft | None:
    """Return a draft."""
    query = select(document_drafts).where(_DRAFT.draft_id == draft_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _draft(privacy_of(connection), row)


def draft_of_request(connection: Connection, request_id: str) -> DocumentDraft | None:
    """Return the draft that was asked for by a request."""
    query = select(document_drafts).where(_DRAFT.request_id == request_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _draft(privacy_of(connection), row)


def drafts_of(connection: Connection, actors: Sequence[str], now: datetime) -> list[DocumentDraft]:
    """Return the drafts of somebody that were not asked for, the newest first."""
    query = select(document_drafts).where(
        _DRAFT.made_by.in_(actors), _DRAFT.request_id.is_(None), _DRAFT.lapses_at > now
    )
    order = _DRAFT.made_at.desc(), _DRAFT.draft_id
    privacy = privacy_of(connection)
    return [_draft(privacy, row) for row in connection.execute(query.order_by(*order))]


def note_wishes(connection: Connection, draft_id: str, wishes: SealWishes) -> None:
    """Keep how the files of a draft are to be sealed."""
    values = {"wishes": _sealed_wishes(connection, draft_id, wishes)}
    connection.execute(update(document_drafts).where(_DRAFT.draft_id == draft_id).values(values))


def note_request(connection: Connection, draft_id: str, request_id: str) -> None:
    """Keep the request by which a draft was asked for."""
    this = update(document_drafts).where(_DRAFT.draft_id == draft_id)
    connection.execute(this.values(request_id=request_id))


def bytes_waiting(connection: Connection, authority_id: AuthorityId) -> int:
    """Return how many bytes an authority has handed in that are not sealed."""
    query = (
        select(func.coalesce(func.sum(_FILE.size), 0))
        .join(document_drafts, _DRAFT.draft_id == _FILE.draft_id)
        .where(_DRAFT.authority_id == authority_id, _FILE.data.is_not(None))
    )
    return int(connection.execute(query).scalar_one())


def add_file(connection: Connection, draft_id: str, file: DraftFile, data: bytes) -> None:
    """Keep a file of a draft that is locked."""
    privacy = privacy_of(connection)
    values = {
        "draft_id": draft_id,
        "number": file.number,
        "name": places.TITLE_SEALED,
        "sha256": file.sha256,
        "size": file.size,
        "clean": file.clean,
        "found": _sealed_facts(privacy, draft_id, file),
        "data": sealed_file(privacy, places.of_file(draft_id, file.number, "data"), data),
    }
    connection.execute(insert(document_files).values(values))


def files_of(connection: Connection, draft_id: str) -> list[DraftFile]:
    """Return the files of a draft, in their order."""
    query = select(*_FACTS).where(_FILE.draft_id == draft_id).order_by(_FILE.number)
    privacy = privacy_of(connection)
    return [_file(privacy, draft_id, row) for row in connection.execute(query)]


def change_file(connection: Connection, draft_id: str, file: DraftFile) -> None:
    """Write a file's title, and whether it is cleaned."""
    this = _FILE.draft_id == draft_id, _FILE.number == file.number
    facts = _sealed_facts(privacy_of(connection), draft_id, file)
    values = {"name": places.TITLE_SEALED, "found": facts, "clean": file.clean}
    connection.execute(update(document_files).where(*this).values(values))


def drop_file(connection: Connection, draft_id: str, number: int) -> None:
    """Forget a file."""
    this = _FILE.draft_id == draft_id, _FILE.number == number
    connection.execute(delete(document_files).where(*this))


def data_of(connection: Connection, draft_id: str, number: int) -> bytes | None:
    """Return the bytes of a file; None where they are not kept any more."""
    query = select(_FILE.data).where(_FILE.draft_id == draft_id, _FILE.number == number)
    kept: bytes | None = connection.execute(query).scalar_one_or_none()
    if kept is None:
        return None
    return read_file(privacy_of(connection), places.of_file(draft_id, number, "data"), kept)


def forget_data(connection: Connection, request_id: str, numbers: Sequence[int]) -> None:
    """Forget the bytes of files of a request that are sealed."""
    draft = select(_DRAFT.draft_id).where(_DRAFT.request_id == request_id).scalar_subquery()
    these = _FILE.draft_id == draft, _FILE.number.in_(numbers)
    connection.execute(update(document_files).where(*these).values(data=None))


def _sealed_wishes(connection: Connection, draft_id: str, wishes: SealWishes) -> dict[str, str]:
    place = places.of_wishes(draft_id)
    return sealed_content(privacy_of(connection), place, wishes.as_json())


def _sealed_facts(privacy: Privacy, draft_id: str, file: DraftFile) -> dict[str, str]:
    facts = {**file.found.as_json(), places.DRAFT_TITLE: file.name}
    return sealed_content(privacy, places.of_file(draft_id, file.number, "found"), facts)


def _draft(privacy: Privacy, row: Row[Any]) -> DocumentDraft:
    return DocumentDraft(
        row.draft_id,
        AuthorityId(row.authority_id),
        TypeCode(row.type_code),
        row.made_by,
        row.made_at,
        row.lapses_at,
        wishes_of(read_content(privacy, places.of_wishes(row.draft_id), row.wishes)),
        row.request_id,
    )


def _file(privacy: Privacy, draft_id: str, row: Row[Any]) -> DraftFile:
    kept = read_content(privacy, places.of_file(draft_id, row.number, "found"), row.found)
    name = kept.get(places.DRAFT_TITLE, row.name)
    return DraftFile(row.number, name, Sha256(row.sha256), row.size, row.clean, found_of(kept))
