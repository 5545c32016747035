"""Batches: a sheet is judged at once, asked for, decided, and carried out by a job.

Nothing is granted until every row is good and, where the type says so, a second person has approved
the very rows. The job grants them (`registry.desk.batch.jobs`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.ids import AuthorityId
from core.permits import Action, Permit
from core.text import Text
from registry.db.tables import licences
from registry.desk.batch import messages
from registry.desk.batch_rows import (
    AT_ONCE,
    BatchRow,
    RowContent,
    RowCounts,
    RowState,
    SampleCause,
    add_rows,
    asked_digests,
    batch_digest,
    count_rows,
    count_rows_of,
    digests_of,
    granted_parts,
    list_rows,
    photo_of,
    sampled_rows,
)
from registry.desk.contents import BatchAsk, GrantAsk, content_of, keep_content, only
from registry.desk.judging import (
    Judging,
    SheetAsk,
    batch_ask,
    definition_of,
    refuse_other_type,
    refuse_problems,
    refuse_undecided,
)
from registry.desk.orders import refuse_unsigned_type
from registry.desk.rights import CallerStanding, Rights
from registry.desk.vouching import vouched_of
from registry.granting.groups.granting import GroupGranting
from registry.granting.recognising import RecognisedRow, Recogniser, RowKind
from registry.importing.plans import Plan
from registry.licences.licences import select_licences
from registry.licences.printability import PageRenderer
from registry.model import ConflictError, NotFoundError
from registry.officers.approval_use import approval_of, begin_carrying_out, end_carrying_out
from registry.officers.jobs import (
    NewJob,
    add_job,
    count_under_way,
    job_of_request,
    jobs_of_requests,
)
from registry.officers.model import DeskRequest, DeskRequestState, Job
from registry.officers.request_rows import no_such_request
from registry.officers.requests import NewDeskRequest, bound_digest, earlier_request, make_request
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhotos, refuse_photos

MOST_UNDER_WAY = 5
"""Jobs of one authority at a time: the others' must come to their turn."""


class TooManyOpenError(ConflictError):
    """The authority has as many jobs under way as it may have."""


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """Rows of a sheet by their kind, as of now."""

    rows: int
    kinds: Counter[RowKind]
    recognised: tuple[RecognisedRow, ...] = ()
    """Rows that lead to no further licence: granted before, in force or not."""


@dataclass(frozen=True, slots=True)
class SheetParts:
    """Parts that looking at sheets needs; opened when the first comes."""

    recogniser: Callable[[], Recogniser]
    renderer: Callable[[], PageRenderer]
    public_url: str
    """To which licences' links lead."""
    groups: Callable[[], GroupGranting]
    """Granter of groups of rows, the same one each time."""
    count_row: Callable[[str], None] = lambda _: None
    """Told the outcome of each row that is done (`registry.desk.batch.working.outcome_of`)."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Takes sheets, and begins jobs."""

    rights: Rights
    catalogue: Catalogue
    parts: SheetParts
    read_photos: ReadPhotos = refuse_photos

    def check(self, standing: CallerStanding, ask: SheetAsk) -> BatchCheck:
        """Judge a sheet, and keep nothing. Raises as `ask`."""
        licence_type, permit = self._permitted(standing, ask)
        wanted, _, recognised = self._judge(licence_type, permit, ask)
        refuse_undecided(recognised, wanted)
        known = tuple(one for one in recognised if one.kind in (RowKind.GRANTED, RowKind.CLOSED))
        return BatchCheck(len(recognised), Counter(one.kind for one in recognised), known)

    def ask(self, standing: CallerStanding, ask: SheetAsk, request_key: str) -> DeskRequest:
        """Ask for a sheet's licences; the same key finds the same request.

        Raises `BadBatchError` with everything that is to be mended, `BadTableError`, `UsageError`,
        `NotFoundError`, `NotAllowedError`, `ConflictError`, `SignatureNeededError`.
        """
        licence_type, permit = self._permitted(standing, ask)
        wanted, checked, recognised = self._judge(licence_type, permit, ask)
        rows = [
            RowContent(
                record.number,
                record.values,
                one.application.photo,
                before=one.kind is RowKind.GRANTED,
            )
            for record, one in zip(checked.records, recognised, strict=True)
        ]
        with self.rights.database.reading() as connection:
            digest, older = asked_digests(connection, wanted, rows)
        new = NewDeskRequest(
            Action.GRANT,
            wanted.authority_id,
            digest,
            licence_type.code,
            request_key,
            type_sha256=definition_of(licence_type),
            rows=len(rows),
            older_digest=older,
        )
        now = self.rights.clock.now()
        with self.rights.database.reading() as connection:
            earlier = earlier_request(connection, new)
        if earlier is not None:
            return earlier
        refuse_undecided(recognised, wanted)
        with self.rights.database.writing() as connection:
            earlier = earlier_request(connection, new)
            if earlier is not None:
                return earlier
            made = make_request(connection, new, permit, now, self.rights.random)
            keep_content(connection, made, wanted)
            add_rows(connection, made.request_id, rows)
        return made

    def find(self, standing: CallerStanding, request_id: str) -> DeskRequest:
        """Return a batch within reach. Raises `NoSuchRequestError`, also for another request."""
        found = self.rights.sight(standing).request(request_id)
        if found.rows is None:
            raise no_such_request(request_id)
        return found

    def rows(
        self,
        standing: CallerStanding,
        request_id: str,
        *,
        state: RowState | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[BatchRow]:
        """Return rows of a batch within reach, and what became of each.

        Raises `NoSuchRequestError`.
        """
        self.rights.sight(standing).request(request_id, what="rows")
        with self.rights.database.reading() as connection:
            return list_rows(connection, request_id, state=state, after=after, limit=limit)

    def document_parts(self, request_id: str, size: int) -> list[int]:
        """Return the rows behind which each part of so many granted rows begins."""
        with self.rights.database.reading() as connection:
            return granted_parts(connection, request_id, size)

    def results(self, request_id: str) -> Iterator[tuple[BatchRow, str | None]]:
        """Yield all rows, and the number of the licence that each led to; who may see them is the
        caller's to judge.
        """
        after = 0
        while True:
            with self.rights.database.reading() as connection:
                rows = list_rows(connection, request_id, after=after, limit=AT_ONCE)
                named = [one.identifier for one in rows if one.identifier is not None]
                made = select_licences(connection, licences.c.identifier.in_(named))
            numbers = {one.identifier: one.number for one in made}
            for one in rows:
                yield one, None if one.identifier is None else numbers.get(one.identifier)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].number

    def sampled(self, standing: CallerStanding, request_id: str) -> dict[int, SampleCause]:
        """Return the rows whose pages are looked at before a seal is used.

        Raises `NoSuchRequestError`.
        """
        self.rights.sight(standing).request(request_id, what="rows")
        with self.rights.database.reading() as connection:
            return sampled_rows(connection, request_id)

    def photo(self, standing: CallerStanding, request_id: str, number: int) -> bytes | None:
        """Return a row's photo. Raises `NoSuchRequestError`."""
        self.rights.sight(standing).request(request_id, what="photo")
        with self.rights.database.reading() as connection:
            return photo_of(connection, request_id, number)

    def row_ask(self, standing: CallerStanding, request_id: str, number: int) -> GrantAsk:
        """Return the licence that a row asks for. Raises `NotFoundError`: also not any more."""
        found = self.find(standing, request_id)
        with self.rights.database.reading() as connection:
            if self.catalogue.find(connection, str(found.type_code)).is_document:
                raise NotFoundError(messages.NO_SUCH_ROW)  # its page is a file
        rows = self.rows(standing, request_id, after=number - 1, limit=1)
        row = rows[0] if rows and rows[0].number == number else None
        if row is None or row.record is None:
            raise NotFoundError(messages.NO_SUCH_ROW)
        photo = self.photo(standing, request_id, number) if row.has_photo else None
        return GrantAsk(str(found.type_code), row.record, found.authority_id, photo=photo)

    def standing_of(self, request_id: str) -> tuple[RowCounts, Job | None]:
        """Return how many rows of a batch are in which state, and its job."""
        with self.rights.database.reading() as connection:
            return count_rows(connection, request_id), job_of_request(connection, request_id)

    def progress_of(self, found: Iterable[DeskRequest]) -> dict[str, tuple[RowCounts, Job | None]]:
        """Return the same of those among requests that are batches and were carried out."""
        begun = [
            one.request_id
            for one in found
            if one.rows is not None and one.state is DeskRequestState.DONE
        ]
        if not begun:
            return {}
        with self.rights.database.reading() as connection:
            counts, known = count_rows_of(connection, begun), jobs_of_requests(connection, begun)
        return {one: (counts[one], known.get(one)) for one in begun}

    def trouble_of(self, found: DeskRequest, job: Job | None) -> Text | None:
        """Return the reason why nothing more comes of a batch that was carried out, if so."""
        gone = found.state is DeskRequestState.DONE and found.rows is not None and job is None
        return messages.JOB_GONE if gone else None

    def carry_out(self, standing: CallerStanding, request_id: str) -> Job:
        """Begin the job of a batch; begun before, return the same job.

        Raises `NoSuchRequestError`, `AlreadyDecidedError` where it is not approved and must be,
        `SecondPersonRequiredError`, `StepUpRequiredError` for many rows without a fresh sign-in,
        `TypeChangedError`, `TooManyOpenError`.
        """
        found = self.rights.sight(standing).request(request_id)
        now = self.rights.clock.now()
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, str(found.type_code))
            job = job_of_request(connection, request_id)
        terms = terms_of(licence_type, Action.GRANT)
        if job is not None:
            who = replace(terms, second_person=False)
            self.rights.permit(standing, Action.GRANT, found.authority_id, terms=who)
            return job
        if (trouble := self.trouble_of(found, job)) is not None:
            raise ConflictError(trouble)
        with self.rights.database.reading() as connection:
            approval = approval_of(connection, request_id, now, self.rights.deciders)
            ask = only(content_of(connection, found), BatchAsk)
            digests = digests_of(connection, request_id)
        refuse_other_type(found, licence_type)
        permit = self.rights.permit(
            standing,
            Action.GRANT,
            found.authority_id,
            terms=terms,
            digest=found.digest,
            approval=approval,
            count=len(digests),
        )
        digest = bound_digest(batch_digest(ask, list(digests.values())), found.type_sha256)
        alone = not terms.second_person
        new = NewJob(request_id, ask.authority_id, vouched_of(standing.identity, now))
        with self.rights.database.writing() as connection:
            job = job_of_request(connection, request_id)
            if job is not None:
                return job
            begun = begin_carrying_out(
                connection,
                request_id,
                digest,
                permit,
                now,
                deciders=self.rights.deciders,
                alone=alone,
            )
            if count_under_way(connection, ask.authority_id) >= MOST_UNDER_WAY:
                raise TooManyOpenError(messages.too_many_open(MOST_UNDER_WAY))
            made = add_job(connection, new, permit.actor, now, self.rights.random)
            end_carrying_out(connection, begun, permit, now)
        return made

    @property
    def _judging(self) -> Judging:
        return Judging(self.rights, self.catalogue, read_photos=self.read_photos)

    def _permitted(self, standing: CallerStanding, ask: SheetAsk) -> tuple[LicenceType, Permit]:
        """See that somebody may ask for it, before their file is opened."""
        licence_type, authority_id = self._judging.target(standing, ask.type_code, ask.authority_id)
        terms = terms_of(licence_type, Action.REQUEST)
        permit = self.rights.permit(standing, Action.REQUEST, authority_id, terms=terms)
        refuse_unsigned_type(licence_type, messages.SIGNED_ONE_BY_ONE)
        return licence_type, permit

    def _judge(
        self, licence_type: LicenceType, permit: Permit, ask: SheetAsk
    ) -> tuple[BatchAsk, Plan, Sequence[RecognisedRow]]:
        authority_id = AuthorityId(str(permit.authority_id))
        checked = self._judging.sheet(
            licence_type, authority_id, ask, self.parts.renderer(), self.parts.public_url
        )
        known = self.parts.recogniser().within(authority_id).recognise_all(checked.applications)
        wanted = batch_ask(ask, licence_type, authority_id)
        refuse_problems(checked, known, wanted)
        self._judging.refuse_unfit_paper(licence_type, authority_id, known)
        return wanted, checked, known
