"""Grants that requests lead to: what an approved request asks for, and who may have it done.

The request is done in the transaction that takes the number, so that it leads to one licence
however often it is carried out. A licence that its officer signs is reserved first and sealed
later: until then its request is done, and it waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.ids import AuthorityId
from core.permits import Action, Permit
from core.text import Text
from registry.desk import messages
from registry.desk.contents import GrantAsk, OtherContentError, content_of, only
from registry.desk.judging import Judging, refuse_other_type
from registry.desk.rights import CallerStanding, Rights
from registry.granting.person_rows import waiting_for
from registry.granting.reservation import GrantRequest
from registry.licences.licences import find_by_request
from registry.model import ConflictError, Licence, LicenceState
from registry.officers.approval_use import approval_of, begin_carrying_out, end_carrying_out
from registry.officers.model import DeskRequest
from registry.officers.request_rows import forget_content
from registry.officers.requests import bound_digest
from registry.officers.terms import terms_of
from registry.types.catalogue import Catalogue
from registry.types.desk import SignsInPerson
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhoto, refuse_photo

REQUEST_KEY = "request:"
"""Beginning of the keys under which requests are granted; nobody else may use such a key."""


class SignatureNeededError(ConflictError):
    """The type wants its officer's own signature before the seal."""

    code = "signature_needed"


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """A grant that a request leads to, once."""

    request: GrantRequest
    licence_type: LicenceType
    within: Callable[[Connection], None]
    """To run first in the transaction that takes the number."""
    last: Callable[[Connection], None]
    """To run last in it: what it records."""

    def signed_by(self, signer: str) -> GrantRequest:
        """Return the grant as one that an officer, by their name as an actor, signs first."""
        return replace(self.request, signer=signer)


@dataclass(frozen=True, slots=True)
class Orders:
    """Makes grants of requests."""

    rights: Rights
    catalogue: Catalogue
    read_photo: ReadPhoto = refuse_photo

    def order(self, standing: CallerStanding, found: DeskRequest) -> DeskOrder:
        """Return the grant that an approved request asks for, if the caller may carry it out.

        Raises `AlreadyDecidedError` where it is not approved, `SecondPersonRequiredError`,
        `TypeChangedError`, `OtherContentError`.
        """
        request_id = found.request_id
        with self.rights.database.reading() as connection:
            approval = approval_of(
                connection, request_id, self.rights.clock.now(), self.rights.deciders
            )
            ask = only(content_of(connection, found), GrantAsk)
            licence_type = self.catalogue.find(connection, ask.type_code)
        refuse_other_type(found, licence_type)
        permit = self.rights.permit(
            standing,
            Action.GRANT,
            found.authority_id,
            terms=terms_of(licence_type, Action.GRANT),
            digest=found.digest,
            approval=approval,
        )
        request = Judging(self.rights, self.catalogue, self.read_photo).grant_request(
            licence_type, authority_of(found), ask, permit, key_of(request_id)
        )
        digest = bound_digest(request.digest(), found.type_sha256)
        begun: list[DeskRequest] = []

        def within(connection: Connection) -> None:
            at = self.rights.clock.now()
            deciders = self.rights.deciders
            begun.append(
                begin_carrying_out(connection, request_id, digest, permit, at, deciders=deciders)
            )
            forget_content(connection, request_id)

        def last(connection: Connection) -> None:
            end_carrying_out(connection, begun[-1], permit, self.rights.clock.now())

        return DeskOrder(request, licence_type, within, last)

    def done(self, found: DeskRequest) -> Licence:
        """Return the licence that a request led to: granted, or waiting for its officer.

        Raises `ConflictError` where there is none, `OtherContentError` for another request.
        """
        _refuse_other(found)
        with self.rights.database.reading() as connection:
            done = led_to(connection, found)
            if done is None or done.state is LicenceState.VOID:
                raise ConflictError(messages.GRANT_UNFINISHED)
            pending = done.state is LicenceState.PENDING
            if pending and waiting_for(connection, done.identifier) is None:
                raise ConflictError(messages.GRANT_UNFINISHED)
        return done

    def waiting(self, found: DeskRequest) -> Licence | None:
        """Return the licence of a request that is reserved and not sealed.

        Raises `OtherContentError` for a request that asks for something else.
        """
        _refuse_other(found)
        with self.rights.database.reading() as connection:
            licence = led_to(connection, found)
        return licence if licence is not None and licence.state is LicenceState.PENDING else None

    def permit_to_seal(self, standing: CallerStanding, found: DeskRequest) -> Permit:
        """Return leave to seal what was reserved for a request.

        The second person's approval was used up when the licence was reserved.
        """
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, str(found.type_code))
        terms = replace(terms_of(licence_type, Action.GRANT), second_person=False)
        return self.rights.permit(standing, Action.GRANT, found.authority_id, terms=terms)


def led_to(connection: Connection, found: DeskRequest) -> Licence | None:
    """Return the licence for which a request's key was used."""
    return find_by_request(connection, authority_of(found), key_of(found.request_id), None)


def asks_for_other(found: DeskRequest) -> bool:
    """Tell whether a request asks for something else than one licence."""
    return found.action is not Action.GRANT or found.rows is not None


def authority_of(found: DeskRequest) -> AuthorityId:
    """Return the authority that would grant."""
    assert found.authority_id is not None  # as `ask` made it
    return found.authority_id


def key_of(request_id: str) -> str:
    """Return the key under which a request is granted: once, whoever carries it out."""
    return f"{REQUEST_KEY}{request_id}"


def refuse_unsigned_type(licence_type: LicenceType, why: Text = messages.SIGNATURE_NEEDED) -> None:
    """Raise `SignatureNeededError` for a type that nobody seals before its officer signed."""
    if licence_type.desk.signs is SignsInPerson.MUST:
        raise SignatureNeededError(why)


def _refuse_other(found: DeskRequest) -> None:
    if asks_for_other(found):
        raise OtherContentError(messages.OTHER_KIND_OF_REQUEST)
