"""Requests of officers: made, decided by a second person, and carried out.

1. *ask*: the record is judged; the request and what it asks for are kept in one transaction.
2. *decide*: a second person sees what is asked for, approves or rejects; nobody their own.
3. *carry out*: who may use the seal has it granted. The request is done in the transaction that
   takes the number, so that it leads to one licence however often it is carried out, and a crash
   after that leaves a pending grant, which is finished by itself.

What is asked for is kept only until then: it holds personal data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, select

from core.clock import civil_date
from core.errors import NotAllowedError, UsageError
from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action, Permit
from identity.people.model import Terms
from registry.bodies.authorities import mandated_seal, no_such_authority
from registry.db.conflicts import insert_unless_there
from registry.db.tables import grant_requests, request_contents
from registry.desk import messages
from registry.desk.rights import CallerStanding, Rights
from registry.granting.granting import Granted, Granting
from registry.granting.person_rows import waiting_for
from registry.granting.reservation import GrantRequest
from registry.importing.records import judge_record
from registry.licences.licences import LicenceChange, change_state, find_by_request
from registry.model import ConflictError, Licence, LicenceState, NotFoundError, Reason
from registry.officers.identities import refuse_ended
from registry.officers.model import DeskRequest, DeskRequestState
from registry.officers.request_rows import approval_of, lapse_due
from registry.officers.requests import (
    NewDeskRequest,
    approve_request,
    carry_out,
    make_request,
    reject_request,
    withdraw_request,
)
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.desk import SignsInPerson
from registry.types.licence_type import LicenceType
from signing.levels import PadesLevel

REQUEST_KEY = "request:"
"""Beginning of the keys under which requests are granted; nobody else may use such a key."""
_OPEN = (DeskRequestState.WAITING, DeskRequestState.APPROVED)


class ContentGoneError(ConflictError):
    """The content of a request is not kept any more: it ended."""


class SignatureNeededError(ConflictError):
    """The type wants its officer's own signature before the seal."""

    code = "signature_needed"


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """A grant that a request leads to, once."""

    request: GrantRequest
    licence_type: LicenceType
    within: Callable[[Connection], None]
    """To run in the transaction that takes the number."""

    def signed_by(self, signer: str) -> GrantRequest:
        """Return the grant as one that an officer, by their name as an actor, signs first."""
        return replace(self.request, signer=signer)


@dataclass(frozen=True, slots=True)
class GrantAsk:
    """A licence that somebody asks for."""

    type_code: str
    """Code or short name of the type."""
    record: Mapping[str, str]
    """Fields by key or Chinese label."""
    authority_id: AuthorityId | None = None
    """None where one authority alone grants the type."""
    basis: str | None = None
    photo: bytes | None = None
    level: PadesLevel = PadesLevel.B_LT


@dataclass(frozen=True, slots=True)
class Desk:
    """Carries requests through; one per process."""

    rights: Rights
    catalogue: Catalogue
    granting: Callable[[], Granting]

    def ask(self, standing: CallerStanding, ask: GrantAsk, request_key: str | None) -> DeskRequest:
        """Ask for a licence; the same key finds the same request.

        Raises `RowProblems`, `NotFoundError`, `NotAllowedError`, `ConflictError`.
        """
        licence_type, authority_id = self._target(standing, ask)
        terms = terms_of(licence_type, Action.REQUEST)
        permit = self.rights.permit(standing, Action.REQUEST, authority_id, terms=terms)
        digest = self._grant_request(licence_type, authority_id, ask, permit).digest()
        new = NewDeskRequest(Action.GRANT, authority_id, digest, licence_type.code, request_key)
        content = {
            "type": licence_type.code,
            "record": dict(ask.record),
            "basis": ask.basis,
            "level": ask.level.value,
        }
        with self.rights.database.writing() as connection:
            made = make_request(
                connection, new, permit, self.rights.clock.now(), self.rights.random
            )
            if made.state in _OPEN:
                values = {"request_id": made.request_id, "content": content, "photo": ask.photo}
                insert_unless_there(connection, request_contents, values)
        return made

    def content(self, standing: CallerStanding, request_id: str) -> GrantAsk:
        """Return the content of a request within reach.

        Raises `NoSuchRequestError`, `ContentGoneError`.
        """
        found = self.rights.sight(standing).request(request_id, what="content")
        with self.rights.database.reading() as connection:
            return _content(connection, found)

    def approve(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Approve; raises as `registry.officers.requests.approve_request`."""
        permit = self._deciding(standing, request_id)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            return approve_request(connection, request_id, reason, permit, now)

    def reject(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Reject; raises as `registry.officers.requests.reject_request`."""
        permit = self._deciding(standing, request_id)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            rejected = reject_request(connection, request_id, reason, permit, now)
            _forget(connection, request_id)
            return rejected

    def withdraw(self, standing: CallerStanding, request_id: str, reason: str) -> DeskRequest:
        """Withdraw; raises as `registry.officers.requests.withdraw_request`."""
        found = self.rights.sight(standing).request(request_id)
        permit = self.rights.permit(standing, Action.REQUEST, found.authority_id)
        with self.rights.database.writing() as connection:
            now = self.rights.clock.now()
            withdrawn = withdraw_request(connection, request_id, reason, permit, now)
            _forget(connection, request_id)
            return withdrawn

    def carry_out(self, standing: CallerStanding, request_id: str) -> Granted:
        """Grant what was asked for and approved; carried out before, return the same licence.

        Raises `NoSuchRequestError`, `AlreadyDecidedError` where it is not approved,
        `SecondPersonRequiredError`, and as `Granting.grant`.
        """
        found = self.rights.sight(standing).request(request_id)
        if found.state is DeskRequestState.DONE:
            return self._carried_out(standing, found)
        order = self.order(standing, found)
        refuse_unsigned_type(order.licence_type)
        return self.granting().grant(order.request, order.within)

    def _carried_out(self, standing: CallerStanding, found: DeskRequest) -> Granted:
        """Return the licence that a request led to; put the seal on one that its officer signed."""
        with self.rights.database.reading() as connection:
            key = key_of(found.request_id)
            done = find_by_request(connection, _authority_of(found), key, found.digest)
            if done is None or done.state is LicenceState.VOID:
                raise ConflictError(messages.GRANT_UNFINISHED)
            pending = done.state is LicenceState.PENDING
            if pending and waiting_for(connection, done.identifier) is None:
                raise ConflictError(messages.GRANT_UNFINISHED)
            licence_type = self.catalogue.find(connection, done.type_code)
        if not pending:
            return self.granting().granted(done.identifier)
        # The second person's approval was used up when the licence was reserved.
        terms = Terms(terms_of(licence_type, Action.GRANT).roles)
        permit = self.rights.permit(standing, Action.GRANT, found.authority_id, terms=terms)
        return self.granting().resume(done.identifier, permit)

    def order(self, standing: CallerStanding, found: DeskRequest) -> DeskOrder:
        """Return the grant that an approved request asks for, if the caller may carry it out.

        Raises as `carry_out`.
        """
        request_id = found.request_id
        with self.rights.database.reading() as connection:
            approval = approval_of(connection, request_id, self.rights.clock.now())
            ask = _content(connection, found)
            licence_type = self.catalogue.find(connection, ask.type_code)
        permit = self.rights.permit(
            standing,
            Action.GRANT,
            found.authority_id,
            terms=terms_of(licence_type, Action.GRANT),
            digest=found.digest,
            approval=approval,
        )
        request = self._grant_request(
            licence_type, _authority_of(found), ask, permit, key_of(request_id)
        )

        def within(connection: Connection) -> None:
            carry_out(connection, request_id, request.digest(), permit, self.rights.clock.now())
            _forget(connection, request_id)

        return DeskOrder(request, licence_type, within)

    def grant(self, standing: CallerStanding, ask: GrantAsk, request_key: str) -> Granted:
        """Grant at once, where the type needs no second person; the same key finds the same.

        Raises `SecondPersonRequiredError` where it needs one, and as `ask` and `Granting.grant`.
        """
        licence_type, authority_id = self._target(standing, ask)
        for action in (Action.REQUEST, Action.GRANT):
            terms = terms_of(licence_type, action)
            permit = self.rights.permit(standing, action, authority_id, terms=terms)
        refuse_unsigned_type(licence_type)
        return self.granting().grant(
            self._grant_request(licence_type, authority_id, ask, permit, request_key),
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
    ) -> Licence:
        """Suspend, reinstate or cancel a licence within reach.

        Raises `NoSuchLicenceError`, `NotAllowedError`, and as `change_state`.
        """
        licence = self.rights.sight(standing).licence(identifier)
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, licence.type_code)
        permit = self.rights.permit(
            standing,
            Action.CHANGE_LICENCE,
            licence.authority_id,
            terms=terms_of(licence_type, Action.CHANGE_LICENCE),
        )
        now = self.rights.clock.now()
        with self.rights.database.writing() as connection:
            refuse_ended(connection, permit.actor)
            return change_state(
                connection,
                identifier,
                change,
                reason=reason,
                basis=basis,
                permit=permit,
                at=now,
            )

    def document(self, standing: CallerStanding, identifier: str) -> Granted:
        """Return a licence within reach with its document.

        Raises `NoSuchLicenceError`, `NotFoundError` where none was made yet, or none any more.
        """
        licence = self.rights.sight(standing).licence(identifier, what="document")
        if licence.state in (LicenceState.PENDING, LicenceState.VOID):
            raise NotFoundError(messages.NO_DOCUMENT)
        return self.granting().granted(licence.identifier)

    def forget_lapsed(self) -> None:
        """Let requests lapse that nobody decided in time, and forget what ended ones asked for."""
        with self.rights.database.writing() as connection:
            lapse_due(connection, self.rights.clock.now())
            open_ones = select(grant_requests.c.request_id).where(grant_requests.c.state.in_(_OPEN))
            connection.execute(
                delete(request_contents).where(request_contents.c.request_id.not_in(open_ones))
            )

    def _deciding(self, standing: CallerStanding, request_id: str) -> Permit:
        found = self.rights.sight(standing).request(request_id)
        return self.rights.permit(standing, Action.DECIDE, found.authority_id)

    def _target(self, standing: CallerStanding, ask: GrantAsk) -> tuple[LicenceType, AuthorityId]:
        """Return the type, and the authority that would grant it; out of reach there is none."""
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, ask.type_code)
            if ask.authority_id is not None and not standing.reach.includes(ask.authority_id):
                raise no_such_authority(ask.authority_id)
            seal = mandated_seal(connection, licence_type.code, ask.authority_id)
        if not standing.reach.includes(seal.authority_id):
            raise NotAllowedError(messages.NOT_YOUR_AUTHORITY)
        return licence_type, seal.authority_id

    def _grant_request(
        self,
        licence_type: LicenceType,
        authority_id: AuthorityId,
        ask: GrantAsk,
        permit: Permit,
        request_key: str | None = None,
    ) -> GrantRequest:
        today = civil_date(self.rights.clock.now(), self.rights.zone)

        def load_photo(name: str) -> bytes:
            del name
            return ask.photo or b""

        application = judge_record(
            licence_type, ask.record, load_photo, today=today, source=messages.RECORD.zh
        )
        if ask.photo is not None and application.photo is None:
            raise UsageError(messages.PHOTO_NOT_NAMED)
        return GrantRequest(
            application,
            permit,
            basis=ask.basis,
            authority_id=authority_id,
            level=ask.level,
            request_key=request_key,
        )


def _content(connection: Connection, found: DeskRequest) -> GrantAsk:
    query = select(request_contents).where(request_contents.c.request_id == found.request_id)
    row = connection.execute(query).one_or_none()
    if row is None or found.state not in _OPEN:
        raise ContentGoneError(messages.CONTENT_GONE)
    kept = row.content
    return GrantAsk(
        kept["type"],
        kept["record"],
        found.authority_id,
        kept["basis"],
        row.photo,
        PadesLevel(kept["level"]),
    )


def _authority_of(found: DeskRequest) -> AuthorityId:
    assert found.authority_id is not None  # as `ask` made it
    return found.authority_id


def refuse_unsigned_type(licence_type: LicenceType) -> None:
    """Raise `SignatureNeededError` for a type that nobody seals before its officer signed."""
    if licence_type.desk.signs is SignsInPerson.MUST:
        raise SignatureNeededError(messages.SIGNATURE_NEEDED)


def key_of(request_id: str) -> str:
    """Return the key under which a request is granted: once, whoever carries it out."""
    return f"{REQUEST_KEY}{request_id}"


def _forget(connection: Connection, request_id: str) -> None:
    this = request_contents.c.request_id == request_id
    connection.execute(delete(request_contents).where(this))
