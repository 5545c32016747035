"""Requests of officers: made, decided by a second person, and carried out.

1. *ask*: the record is judged; request and content are kept in one transaction.
2. *decide*: a second person sees what is asked for, approves or rejects; nobody their own.
3. *carry out*: who may use the seal has it granted. The request is done in the transaction that
   takes the number: it leads to one licence, and a crash after that leaves a pending grant.

What is asked for is kept only until then: it holds personal data. An approval is good for that
content and for the definition that its type had, and for nothing else.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from core.errors import NotAllowedError, UsageError
from core.ids import LicenceIdentifier, Sha256
from core.permits import Action, Permit
from identity.people.rights_check import StepUpRequiredError
from registry.desk import messages
from registry.desk.batch.batches import Batches, SheetParts
from registry.desk.batch.jobs import Jobs
from registry.desk.batch.working import JobWorker
from registry.desk.changing import Changing
from registry.desk.contents import ChangeAsk, Content, GrantAsk, content_of, keep_content, only
from registry.desk.documents.papers import Papers
from registry.desk.exports.asked import Exports
from registry.desk.exports.working import ExportWorker
from registry.desk.forgetting import forget_what_is_over
from registry.desk.judging import Judging, definition_of
from registry.desk.orders import Orders, asks_for_other, refuse_unsigned_type
from registry.desk.packages import Packages
from registry.desk.rights import CallerStanding, Rights
from registry.desk.vouching import vouched_of
from registry.granting.granting import Granted, Granting
from registry.licences.licences import LicenceChange, revisions_of
from registry.model import Licence, LicenceState, NotFoundError, Reason
from registry.objects.documents import handed_out
from registry.officers.approval_use import find_void, reopen_void
from registry.officers.closing import CARRIED_OUT_BY_ROLE, close_request
from registry.officers.identities import refuse_ended
from registry.officers.model import DeskRequest, DeskRequestState
from registry.officers.request_rows import deciding_action
from registry.officers.requests import (
    NewDeskRequest,
    approve_request,
    earlier_request,
    make_request,
    reject_request,
    withdraw_request,
)
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhoto, ReadPhotos, refuse_photo, refuse_photos

KEPT_PHOTO_NAME = "photo"
"""By which a record names the photo that is kept."""
_REOPENED_AT_ONCE = 20
"""Requests in one transaction, for whose length SQLite's other writers wait."""


@dataclass(frozen=True)
class Desk:
    """Carries requests through; one per process."""

    rights: Rights
    catalogue: Catalogue
    granting: Callable[[], Granting]
    sheets: SheetParts | None = None
    """None: it takes no batches."""
    papers: Papers | None = None
    """None: it takes no documents of others."""
    packages: Packages | None = None
    """None: it packs nothing for an archive."""
    exports_kept: timedelta = timedelta(days=3)
    read_photo: ReadPhoto = refuse_photo
    read_photos: ReadPhotos = refuse_photos

    @cached_property
    def judging(self) -> Judging:
        """Judges what is asked for."""
        return Judging(self.rights, self.catalogue, self.read_photo)

    @cached_property
    def orders(self) -> Orders:
        """Makes grants of requests."""
        return Orders(self.rights, self.catalogue, self.read_photo)

    @cached_property
    def changing(self) -> Changing:
        """Changes the states of licences."""
        return Changing(self.rights, self.catalogue)

    @cached_property
    def batches(self) -> Batches:
        """Takes sheets."""
        assert self.sheets is not None
        return Batches(self.rights, self.catalogue, self.sheets, self.read_photos)

    @cached_property
    def jobs(self) -> Jobs:
        """Shows and moves jobs."""
        return Jobs(self.rights, self.catalogue)

    @cached_property
    def exports(self) -> Exports:
        """Takes orders for exports."""
        return Exports(self.rights, self.exports_kept)

    @cached_property
    def export_worker(self) -> ExportWorker:
        """Writes exports."""
        return ExportWorker(self.rights)

    @cached_property
    def worker(self) -> JobWorker:
        """Works on jobs."""
        assert self.sheets is not None
        files = None if self.papers is None else self.papers.files
        recogniser = self.sheets.recogniser
        return JobWorker(
            self.rights,
            self.catalogue,
            self.sheets.groups,
            recogniser,
            files,
            self.sheets.count_row,
            read_photo=self.read_photo,
        )

    @property
    def documents(self) -> Papers:
        """Takes documents."""
        assert self.papers is not None
        return self.papers

    def ask(self, standing: CallerStanding, ask: GrantAsk, request_key: str | None) -> DeskRequest:
        """Ask for a licence; the same key finds the same request.

        Raises `RowProblems`, `NotFoundError`, `NotAllowedError`, `ConflictError`.
        """
        licence_type, authority_id = self.judging.target(standing, ask.type_code, ask.authority_id)
        terms = terms_of(licence_type, Action.REQUEST)
        permit = self.rights.permit(standing, Action.REQUEST, authority_id, terms=terms)
        request = self.judging.grant_request(licence_type, authority_id, ask, permit)
        new = NewDeskRequest(
            Action.GRANT,
            authority_id,
            request.digest(),
            licence_type.code,
            request_key,
            type_sha256=definition_of(licence_type),
        )
        with self.rights.database.reading() as connection:
            again = earlier_request(connection, new) is not None
        if not again:
            self.judging.refuse_unfit_version(standing, licence_type, request)
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            made = make_request(connection, new, permit, now, self.rights.random)
            keep_content(connection, made, _by_code(ask, licence_type))
        return made

    def photo(self, standing: CallerStanding, identifier: str) -> bytes | None:
        """Return the photo of a licence within reach; None where it has none, or is a document."""
        licence = self.rights.sight(standing).licence(identifier, what="photo")
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        if licence_type.photo_field is None:
            return None
        return self.granting().photo(licence.identifier)

    def keeping_photo(self, standing: CallerStanding, ask: GrantAsk) -> GrantAsk:
        """Return a request with the photo of the licence that it replaces.

        Raises `UsageError` where there is none, or another is given.
        """
        assert ask.replaces is not None
        photo = self.photo(standing, ask.replaces)
        if photo is None or ask.photo is not None:
            raise UsageError(messages.NO_PHOTO_TO_KEEP)
        with self.rights.database.reading() as connection:
            rule = self.catalogue.find(connection, ask.type_code).photo_field
        assert rule is not None  # or there is no photo
        named = {rule.key: KEPT_PHOTO_NAME}
        record = {key: value for key, value in ask.record.items() if key != rule.label.zh}
        return replace(ask, photo=photo, record={**record, **named})

    def content(self, standing: CallerStanding, request_id: str) -> GrantAsk:
        """Return the licence that a request within reach asks for.

        Raises `NoSuchRequestError`, `ContentGoneError`, `OtherContentError`.
        """
        return only(self.any_content(standing, request_id), GrantAsk)

    def any_content(self, standing: CallerStanding, request_id: str) -> Content:
        """Return the content of a request within reach: a licence, a change, a batch.

        Raises `NoSuchRequestError`, `ContentGoneError`.
        """
        found = self.rights.sight(standing).request(request_id, what="content")
        with self.rights.database.reading() as connection:
            return content_of(connection, found)

    def approve(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Approve; raises as `registry.officers.requests.approve_request`, and `ConflictError` for
        documents of which a page was not drawn, or that wait for no seals any more.
        """
        permit, deciders = self._deciding(standing, request_id), self.rights.deciders
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            vouched = vouched_of(standing.identity, now)
            self.documents.looks.refuse_unfit(connection, request_id)
            return approve_request(
                connection, request_id, reason, permit, now, deciders=deciders, vouched=vouched
            )

    def reject(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Reject; raises as `registry.officers.requests.reject_request`."""
        permit = self._deciding(standing, request_id)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            return reject_request(
                connection, request_id, reason, permit, now, deciders=self.rights.deciders
            )

    def close(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Close what was approved and will not be carried out.

        For who may decide on it or carry it out; raises as
        `registry.officers.closing.close_request`.
        """
        found = self.rights.sight(standing).request(request_id)
        permit, alone = self._closing(standing, found)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            return close_request(connection, request_id, reason, permit, now, alone=alone)

    def withdraw(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Withdraw; raises as `registry.officers.requests.withdraw_request`."""
        found = self.rights.sight(standing).request(request_id)
        permit = self.rights.permit(standing, Action.REQUEST, found.authority_id)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            return withdraw_request(connection, request_id, reason, permit, now)

    def carry_out(self, standing: CallerStanding, request_id: str) -> Granted:
        """Grant what was asked for and approved; carried out before, return the same licence.

        Raises `NoSuchRequestError`, `AlreadyDecidedError` where it is not approved,
        `SecondPersonRequiredError`, `TypeChangedError`, `SignatureNeededError` and
        `AwaitsSignatureError` where its officer has to sign first, and as `Granting.grant`.
        """
        found = self.rights.sight(standing).request(request_id)
        if found.state is DeskRequestState.DONE and not asks_for_other(found):
            return self._carried_out(standing, found)
        order = self.orders.order(standing, found)
        refuse_unsigned_type(order.licence_type)
        return self.granting().grant(order.request, order.within, order.last)

    def _carried_out(self, standing: CallerStanding, found: DeskRequest) -> Granted:
        """Return the licence that a request led to; put the seal on one that its officer signed."""
        done = self.orders.done(found)
        if done.state is not LicenceState.PENDING:
            return self.granting().granted(done.identifier)
        permit = self.orders.permit_to_seal(standing, found)
        return self.granting().finished(done.identifier, permit)

    def grant(self, standing: CallerStanding, ask: GrantAsk, request_key: str) -> Granted:
        """Grant at once, where the type needs no second person; the same key finds the same.

        Raises `SecondPersonRequiredError` where it needs one, and as `ask` and `Granting.grant`.
        """
        licence_type, authority_id = self.judging.target(standing, ask.type_code, ask.authority_id)
        for action in (Action.REQUEST, Action.GRANT):
            terms = terms_of(licence_type, action)
            permit = self.rights.permit(standing, action, authority_id, terms=terms)
        refuse_unsigned_type(licence_type)
        request = self.judging.grant_request(licence_type, authority_id, ask, permit, request_key)
        if ask.replaces is not None:
            self.rights.sight(standing).licence(ask.replaces)  # out of reach there is none
        return self.granting().grant(
            request,
            lambda connection: refuse_ended(connection, permit.actor),
        )

    def change(
        self,
        standing: CallerStanding,
        identifier: LicenceIdentifier,
        change: LicenceChange,
        *,
        reason: Reason | None,
        basis: str,
        document_number: str | None = None,
        until: date | None = None,
    ) -> Licence:
        """Change a licence's state at once; raises as `Changing.change`."""
        ask = ChangeAsk(identifier, change, reason, basis, document_number, until)
        return self.changing.change(standing, ask)

    def digests(self, found: Collection[LicenceIdentifier]) -> Mapping[LicenceIdentifier, Sha256]:
        """Return the digests of documents as they are handed out, of licences within reach."""
        with self.rights.database.reading() as connection:
            known = revisions_of(connection, found)
        return {one: handed_out(those).sha256 for one, those in known.items()}

    def document(self, standing: CallerStanding, identifier: str) -> Granted:
        """Return a licence within reach with its document.

        Raises `NoSuchLicenceError`, `NotFoundError` where none was made yet, or none any more.
        """
        licence = self.rights.sight(standing).licence(identifier, what="document")
        if licence.state in (LicenceState.PENDING, LicenceState.VOID):
            raise NotFoundError(messages.NO_DOCUMENT)
        return self.granting().granted(licence.identifier)

    def forget_lapsed(self) -> None:
        """Let requests lapse that nobody decided in time, and forget what is over; let those wait
        for another decision whose approval counts no more.
        """
        with self.rights.database.writing() as connection:
            forget_what_is_over(connection, self.rights.clock.now())
        with self.rights.database.reading() as connection:
            void = find_void(connection, self.rights.clock.now(), self.rights.deciders)
        for start in range(0, len(void), _REOPENED_AT_ONCE):
            some = void[start : start + _REOPENED_AT_ONCE]
            with self.rights.database.writing() as connection:
                reopen_void(connection, some, self.rights.clock.now(), self.rights.deciders)

    def _closing(self, standing: CallerStanding, found: DeskRequest) -> tuple[Permit, bool]:
        """Return leave to close a request, and whether it could be carried out unapproved."""
        action = deciding_action(found.action)
        try:
            return self.rights.permit(standing, action, found.authority_id), False
        except StepUpRequiredError:
            raise
        except NotAllowedError:
            if found.action not in CARRIED_OUT_BY_ROLE:
                raise
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, str(found.type_code))
        terms = terms_of(licence_type, found.action)
        # Nothing is granted or changed by it, so that nobody else need have approved it.
        who = replace(terms, second_person=False)
        permit = self.rights.permit(standing, found.action, found.authority_id, terms=who)
        return permit, found.rows is not None and not terms.second_person

    def _deciding(self, standing: CallerStanding, request_id: str) -> Permit:
        found = self.rights.sight(standing).request(request_id)
        return self.rights.permit(standing, deciding_action(found.action), found.authority_id)


def _by_code(ask: GrantAsk, licence_type: LicenceType) -> GrantAsk:
    return replace(ask, type_code=licence_type.code)
