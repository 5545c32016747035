"""Content of a request as its page shows it, whatever its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import public_text
from issuing_api.pages import messages
from issuing_api.pages.fields import content_rows
from issuing_api.pages.kinds import RequestKind, kind_of
from issuing_api.pages.labels import PAGE
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.batch_rows import BatchRow, RowCounts, RowState, SampleCause
from registry.desk.contents import BatchAsk, ChangeAsk, Content, GrantAsk, TypeAsk
from registry.desk.documents.asking import CLEAN
from registry.desk.documents.looking import RequestedFile
from registry.desk.documents.rounds import RoundView
from registry.desk.preview import Draft
from registry.licences.licences import ErasedError
from registry.model import ConflictError, Licence, NotFoundError
from registry.officers.model import OPEN, DeskRequest, DeskRequestState, Job
from registry.types.document_type import SOURCE, TITLE
from registry.types.licence_type import LicenceType

COUNTERSIGNING = "/issuing/countersigning"
ROWS = 50
"""Rows of a batch on one page."""
PAPER_PAGES = 10
"""Pages of a document on one page."""
_MOST_ROW = 7
"""Digits of a row's number."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a batch, its fields by label."""

    row: BatchRow
    fields: Sequence[tuple[Text, str]]

    @property
    def brief(self) -> list[str]:
        """Return the first values, by which people tell rows apart."""
        return [value for _, value in self.fields if value][:2]


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch with some of its rows."""

    counts: RowCounts
    job: Job | None
    rows: Sequence[ShownRow]
    state: RowState | None
    following: int | None
    """Number of the row after which the next page goes on."""
    terms: BatchAsk | None = None
    document: RoundView | None = None
    """Of another authority, on which a seal is asked for."""
    document_pages: int = 0
    led_to: str = "/issuing/licences"
    """Beginning of the addresses of what rows led to."""
    papers: "ShownPapers | None" = None
    samples: "Sequence[Sample]" = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A row whose page is looked at before a seal is used."""

    number: int
    cause: SampleCause
    draft: Draft | None
    trouble: Text | None = None
    """Why its page cannot be shown."""


@dataclass(frozen=True, slots=True)
class ShownPapers:
    """Files that a request asks to have sealed, and the pages of one of them."""

    files: Sequence[RequestedFile]
    chosen: RequestedFile
    first: int
    pages: Sequence[int]
    unseen: Text | None = None
    """Why a page of these is not shown to who decides."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Content of a request, for its page."""

    kind: RequestKind
    trouble: Text | None = None
    """Why some of it is not here."""
    ask: GrantAsk | None = None
    rows: Sequence[tuple[Text, str]] = ()
    draft: Draft | None = None
    change: ChangeAsk | None = None
    licence: Licence | None = None
    """Of the change."""
    batch: ShownBatch | None = None
    key: Mapping[str, Any] | None = None
    definition: TypeAsk | None = None

    @property
    def unseen(self) -> Text | None:
        """Return why a page of documents is not shown to who decides."""
        papers = None if self.batch is None else self.batch.papers
        return None if papers is None else papers.unseen


def shown_of(
    use: PageUse, visit: Visit, found: DeskRequest, licence_type: LicenceType | None
) -> Shown:
    """Return the content of a request that was found within reach."""
    kind = kind_of(found)
    shown = Shown(kind)
    if kind is RequestKind.BATCH:
        batch = batch_of(use, visit, found, licence_type)
        shown = Shown(kind, use.desk.batches.trouble_of(found, batch.job), batch=batch)
    elif found.state not in OPEN:
        return Shown(kind, messages.CONTENT_KEPT_NO_LONGER)
    if kind is RequestKind.OTHER or found.state not in OPEN:
        return shown
    try:
        if kind in (RequestKind.SEAL, RequestKind.KEY):
            return Shown(kind, key=use.keys.content(visit.standing, found.request_id))
        content = use.desk.any_content(visit.standing, found.request_id)
    except (ConflictError, NotFoundError) as error:
        return replace(shown, trouble=error.text)
    return _with(use, visit, found, shown, content, licence_type)


def _with(  # noqa: PLR0917  # each of another type
    use: PageUse,
    visit: Visit,
    found: DeskRequest,
    shown: Shown,
    content: Content,
    licence_type: LicenceType | None,
) -> Shown:
    match content:
        case GrantAsk():
            return _grant(use, visit, content, licence_type)
        case ChangeAsk():
            licence = use.sight(visit).licence(content.identifier)
            return replace(shown, change=content, licence=licence)
        case BatchAsk():
            assert shown.batch is not None
            papers = None if content.wishes is None else _papers(use, visit, found.state)
            samples = _samples(use, visit, found.request_id, licence_type)
            batch = replace(shown.batch, terms=content, papers=papers, samples=samples)
            return replace(shown, batch=batch)
        case TypeAsk():
            return replace(shown, definition=content)


def batch_of(
    use: PageUse, visit: Visit, found: DeskRequest, licence_type: LicenceType | None
) -> ShownBatch:
    """Return a batch with the rows that the address asks for."""
    request_id = found.request_id
    query = visit.request.query_params
    after = query.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) <= _MOST_ROW else 0
    state = next((one for one in RowState if one.value == query.get("row_state")), None)
    rows = use.desk.batches.rows(
        visit.standing, request_id, state=state, after=number, limit=ROWS + 1
    )
    counts, job = use.desk.batches.standing_of(request_id)
    following = rows[ROWS - 1].number if len(rows) > ROWS else None
    shown = [ShownRow(one, _fields(licence_type, one)) for one in rows[:ROWS]]
    batch = ShownBatch(counts, job, shown, state, following)
    return batch if found.document is None else _with_document(use, visit, batch, found.document)


def _with_document(use: PageUse, visit: Visit, batch: ShownBatch, document: str) -> ShownBatch:
    """Add the document on which a seal is asked for, where it can be looked at."""
    papers = use.desk.documents
    batch = replace(batch, led_to=COUNTERSIGNING)
    try:
        view = papers.rounds.find(visit.standing, document)
        return replace(batch, document=view, document_pages=papers.round_looks.pages(view))
    except (NotFoundError, ErasedError):
        return batch


def _papers(use: PageUse, visit: Visit, state: DeskRequestState) -> ShownPapers | None:
    """Return the files of the request that the address names, with the pages that it asks for.

    While it waits for a decision the pages are drawn here, before one is offered.
    """
    request_id = str(visit.request.path_params["request_id"])[:64]
    files = use.desk.documents.looks.request_files(visit.standing, request_id)
    kept = [one for one in files if one.kept]
    if not kept:
        return None
    query = visit.request.query_params
    chosen = next((one for one in kept if str(one.number) == query.get("file")), kept[0])
    asked = query.get("page", "")
    first = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_ROW else 1
    first = min(max(first, 1), chosen.pages)
    pages = range(first, min(first + PAPER_PAGES, chosen.pages + 1))
    waits, looks = state is DeskRequestState.WAITING, use.desk.documents.looks
    unseen = looks.unseen(visit.standing, request_id, chosen.number, pages) if waits else None
    return ShownPapers(files, chosen, first, pages, unseen)


def _samples(
    use: PageUse, visit: Visit, request_id: str, licence_type: LicenceType | None
) -> list[Sample]:
    """Return rows of a batch of licences with the pages that they would lead to."""
    if licence_type is None or licence_type.is_document:
        return []
    samples = []
    for number, cause in use.desk.batches.sampled(visit.standing, request_id).items():
        try:
            ask = use.desk.batches.row_ask(visit.standing, request_id, number)
            draft = use.previews.draft(visit.standing, ask)
        except XinyinError as error:  # a type that changed since: the approver must see why
            samples.append(Sample(number, cause, None, public_text(error)))
        else:
            samples.append(Sample(number, cause, draft))
    return samples


def _fields(licence_type: LicenceType | None, row: BatchRow) -> list[tuple[Text, str]]:
    if row.record is None:
        return []
    if licence_type is not None and licence_type.is_document:
        labels = ((TITLE, licence_type.label_of(TITLE)), (SOURCE, licence_type.label_of(SOURCE)))
        told = [(Text(label, label), row.record.get(key, "")) for key, label in labels]
        told.append((PAGE["doc_cleaned_row"], "✓" if row.record.get(CLEAN) else ""))
        return [(label, value) for label, value in told if value]
    if licence_type is None:
        return [(Text(name, name), value) for name, value in row.record.items()]
    found = content_rows(licence_type, GrantAsk(licence_type.code, row.record))
    return [(label, value) for label, value in found if value]


def _grant(use: PageUse, visit: Visit, ask: GrantAsk, licence_type: LicenceType | None) -> Shown:
    rows = [] if licence_type is None else content_rows(licence_type, ask)
    try:
        draft = use.previews.draft(visit.standing, ask)
    except XinyinError as error:  # a type that changed since: the approver must see why
        return Shown(RequestKind.LICENCE, public_text(error), ask, rows)
    return Shown(RequestKind.LICENCE, None, ask, rows, draft)
