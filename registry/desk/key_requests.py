"""Requests for keys: an authority's seal, or an officer's certificate for years.

A seal gets its certificate when a registrar of its authority asked for it and a second registrar,
or an administrator, approved that very thing: seal, name, authority, and which certificate it
replaces. What decides on these is shown here; they are decided as every request is.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.canonical import canonical_json
from core.clock import Clock
from core.ids import AuthorityId, SealId
from core.permits import Action, Permit, Role
from identity.people.model import Terms
from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, find_seal, no_such_seal
from registry.bodies.seal_making import SealMaker
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import request_contents
from registry.desk import messages
from registry.desk.rights import CallerStanding, Rights
from registry.model import ConflictError, NotFoundError, Seal
from registry.officers.approval_use import Deciders, approval_of, carry_out, refuse_void
from registry.officers.model import OPEN, DeskRequest, DeskRequestState
from registry.officers.request_rows import refuse_decided
from registry.officers.requests import NewDeskRequest, make_request

SEAL = "seal"
"""Kind of a request's content."""
KEY_ACTIONS = (Action.MANAGE_SEAL, Action.ENROL_OWN)
_REGISTRARS = Terms(frozenset({Role.REGISTRAR}))


@dataclass(frozen=True, slots=True)
class SealAsk:
    """A seal that is to be made, or to get another key and certificate."""

    seal_id: SealId
    authority_id: AuthorityId
    name: str = ""
    """Of a new special seal, below the star."""


@dataclass(frozen=True, slots=True)
class KeyRequests:
    """Carries requests for seals through; one per process."""

    rights: Rights
    seal_maker: Callable[[], SealMaker]
    certifies: bool
    """This process has the CA's key."""

    def ask_seal(
        self, standing: CallerStanding, ask: SealAsk, request_key: str | None
    ) -> DeskRequest:
        """Ask for a seal, or for another certificate of one that is there.

        Raises `NotAllowedError`, `ConflictError`, and what the names on its ring raise.
        """
        permit = self.rights.permit(standing, Action.REQUEST, ask.authority_id, terms=_REGISTRARS)
        with self.rights.database.writing() as connection:
            content = _seal_content(connection, ask)
            new = NewDeskRequest(
                Action.MANAGE_SEAL,
                ask.authority_id,
                key_digest(content),
                request_key=request_key,
            )
            made = make_request(
                connection, new, permit, self.rights.clock.now(), self.rights.random
            )
            if made.state in OPEN:
                values = {"request_id": made.request_id, "content": content, "photo": None}
                insert_unless_there(connection, request_contents, values)
        return made

    def content(self, standing: CallerStanding, request_id: str) -> Mapping[str, Any]:
        """Return the content of a request within reach.

        Raises `NoSuchRequestError`, `NotFoundError` for one of another kind, `ConflictError` where
        it ended.
        """
        found = self.rights.sight(standing).request(request_id, what="content")
        with self.rights.database.reading() as connection:
            return key_content(connection, found)

    def make_seal(self, standing: CallerStanding, request_id: str) -> Seal:
        """Make the seal that was asked for and approved, or give it another certificate; once.

        Raises `NoSuchRequestError`, `SecondPersonRequiredError`, `StepUpRequiredError`,
        `AlreadyDecidedError`, `ConflictError` where the CA's key is another process's, and as
        `SealMaker`.
        """
        found = self.rights.sight(standing).request(request_id)
        with self.rights.database.reading() as connection:
            now, deciders = self.rights.clock.now(), self.rights.deciders
            approval = approval_of(connection, request_id, now, deciders)
        permit = self.rights.permit(
            standing,
            Action.MANAGE_SEAL,
            found.authority_id,
            digest=found.digest,
            approval=approval,
        )
        if not self.certifies:
            raise ConflictError(messages.CA_ELSEWHERE)
        return make_asked_seal(
            self.rights.database,
            self.seal_maker(),
            self.rights.clock,
            (found, permit),
            self.rights.deciders,
        )


def make_asked_seal(
    database: Database,
    maker: SealMaker,
    clock: Clock,
    what: tuple[DeskRequest, Permit],
    deciders: Deciders,
) -> Seal:
    """Make the seal of an approved request, at whoever's permit; raises as `KeyRequests.make_seal`.

    The request is done in the transaction that records the seal. Cut off before, the same key and
    certificate are found again.
    """
    found, permit = what
    with database.reading() as connection:
        if found.state is not DeskRequestState.APPROVED:
            refuse_decided(found)
        refuse_void(connection, found, clock.now(), deciders)
        content = key_content(connection, found)
    if content["kind"] != SEAL:
        raise NotFoundError(messages.NOT_A_KEY)

    def within(connection: Connection) -> None:
        now, whose = clock.now(), found.request_id
        carry_out(connection, whose, found.digest, permit, now, deciders=deciders)

    seal_id, name = SealId(content["seal"]), str(content["name"])
    if content["replaces"] is None:
        return maker.make(seal_id, AuthorityId(content["authority"]), name, permit, within=within)
    return maker.renew(seal_id, permit, replaces=str(content["replaces"]), within=within)


def key_content(connection: Connection, found: DeskRequest) -> Mapping[str, Any]:
    """Return the content of an open request for a key, as its digest says."""
    if found.action not in KEY_ACTIONS:
        raise NotFoundError(messages.NOT_A_KEY)
    query = select(request_contents.c.content).where(
        request_contents.c.request_id == found.request_id
    )
    content: Mapping[str, Any] | None = connection.execute(query).scalar_one_or_none()
    if content is None or found.state not in OPEN:
        raise ConflictError(messages.CONTENT_GONE)
    if key_digest(content) != found.digest:
        raise ConflictError(messages.KEY_CONTENT_CHANGED)
    return content


def key_digest(content: Mapping[str, Any]) -> str:
    """Return the digest (hex) of what is asked for; a name beside it binds nothing."""
    asked = {key: value for key, value in content.items() if key != "shown_as"}
    return hashlib.sha256(canonical_json(asked)).hexdigest()


def _seal_content(connection: Connection, ask: SealAsk) -> dict[str, str | None]:
    """Return the content of a request for a seal, which must be possible."""
    owner = find_authority(connection, ask.authority_id)
    try:
        seal = find_seal(connection, ask.seal_id)
    except NotFoundError:
        seal = None
    if seal is not None and seal.authority_id != ask.authority_id:
        raise no_such_seal(ask.seal_id)
    if seal is not None and ask.name not in ("", seal.name):
        raise ConflictError(messages.SEAL_HAS_ANOTHER_NAME)
    name = ask.name if seal is None else seal.name
    appearance_of(owner, name)  # before anybody is asked to approve it
    replaces = None if seal is None else hashlib.sha256(seal.certificate).hexdigest()
    return {
        "kind": SEAL,
        "seal": ask.seal_id,
        "authority": ask.authority_id,
        "body": owner.name,
        "uscc": owner.uscc,
        "name": name,
        "replaces": replaces,
    }
