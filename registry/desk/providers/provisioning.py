"""People whom a provider records before they sign in, and ends when they leave (SCIM 2.0).

Kept is what that needs: the name by which the provider finds them, its own id for them, and nothing
else of a person. Each provider sees those that it recorded, and nobody else's; whoever signed in
before becomes one of them when the provider records them. Recorded, they have no role.

`active` is the state of the identity. A provider that says so disables it as `xinyin officer
disable` does, and enables it again where it was itself that disabled it; no role comes back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, update

from core.errors import UsageError
from core.ids import IdentityId, Random
from identity.people.model import IdentityKind, Pin, actor_name
from identity.people.permits import provider_permit
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.tables import identities, provisioned
from registry.desk.providers import messages
from registry.desk.providers.word import ProviderWord
from registry.model import ConflictError, NotFoundError
from registry.officers.identities import NewIdentity, add_identity, find_pin
from registry.officers.model import IdentityState
from registry.officers.states import enable_identity

MAX_NAME = 255
_COLUMN = provisioned.c


class ChangedMeanwhileError(ConflictError):
    """Somebody else changed it since it was read."""


@dataclass(frozen=True, slots=True)
class ProvisionedPerson:
    """Somebody as a provider recorded them."""

    identity_id: IdentityId
    user_name: str
    external_id: str | None
    active: bool
    created_at: datetime
    changed_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """Facts of somebody, as a provider says them."""

    subject: str
    """In its tokens."""
    user_name: str
    external_id: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Provisioning:
    """People of one provider."""

    word: ProviderWord
    alias: str
    issuer: str
    random: Random
    why: str
    """Basis of what is recorded: by which client it was said."""

    def find(self, identity_id: str) -> ProvisionedPerson:
        """Return somebody whom this provider recorded. Raises `NotFoundError`."""
        with self.word.database.reading() as connection:
            return self._find(connection, identity_id)

    def search(
        self, condition: ColumnElement[bool] | None, *, start: int, count: int
    ) -> tuple[int, list[ProvisionedPerson]]:
        """Return how many fit, and a page of them by id; `start` counts from 0."""
        where = [identities.c.iss == self.issuer]
        if condition is not None:
            where.append(condition)
        joined = provisioned.join(identities)
        total = select(func.count()).select_from(joined).where(*where)
        page = _people().where(*where).order_by(_COLUMN.identity_id).offset(start).limit(count)
        with self.word.database.reading() as connection:
            number = connection.execute(total).scalar_one()
            return number, [_person(row) for row in connection.execute(page)] if count else []

    def add(self, said: PersonSaid) -> ProvisionedPerson:
        """Record somebody. Raises `ConflictError` for one on record, `NotAllowedError`."""
        _check(said)
        now, pin = self.word.clock.now(), Pin(self.issuer, said.subject)
        permit = provider_permit(self.alias)
        with self.word.database.writing() as connection:
            known, adopts = find_pin(connection, pin), True
            if known is None:
                new = NewIdentity(pin, IdentityKind.PERSON, said.user_name[:128])
                known = add_identity(connection, new, permit, now, self.random)
                adopts = False
            elif known.kind is not IdentityKind.PERSON:
                raise ConflictError(messages.PROVISIONED_ALREADY)
            values = {
                "identity_id": known.identity_id,
                "iss": self.issuer,
                "user_name": said.user_name,
                "user_key": said.user_name.casefold(),
                "external_id": said.external_id,
                "created_at": now,
                "changed_at": now,
                "version": 1,
            }
            if not insert_unless_there(connection, provisioned, values):
                raise ConflictError(messages.PROVISIONED_ALREADY)
            if adopts:  # they were here before: it may end them from now on by SCIM
                audit.record(
                    connection,
                    at=now,
                    actor=permit.actor,
                    action="identity.adopted",
                    subject=actor_name(known.identity_id),
                    basis=self.why,
                )
            if said.active and known.state is not IdentityState.ACTIVE:
                enable_identity(connection, known.identity_id, self.why, permit, now)
        if not said.active:
            self.word.disable(self.alias, pin, self.why)
        return self.find(known.identity_id)

    def change(
        self, identity_id: str, said: PersonSaid, *, version: int | None
    ) -> ProvisionedPerson:
        """Bring somebody to what is said of them now; the subject stays.

        Raises `NotFoundError`, `ChangedMeanwhileError`, `ConflictError`, `NotAllowedError`.
        """
        _check(said)
        with self.word.database.reading() as connection:
            before = self._find(connection, identity_id)
            pin = self._pin(connection, before.identity_id)
        if version not in {None, before.version}:
            raise ChangedMeanwhileError(messages.CHANGED_MEANWHILE)
        if not said.active:  # first: what is cut off must not leave them in use
            self.word.disable(self.alias, pin, self.why)
        now = self.word.clock.now()
        with self.word.database.writing() as connection:
            found = self._find(connection, identity_id)
            self._check_name(connection, found, said)
            if said.active and not found.active:
                permit = provider_permit(self.alias)
                enable_identity(connection, found.identity_id, self.why, permit, now)
            same = (_COLUMN.identity_id == identity_id, _COLUMN.version == before.version)
            changed = connection.execute(
                update(provisioned)
                .where(*same)
                .values(
                    user_name=said.user_name,
                    user_key=said.user_name.casefold(),
                    external_id=said.external_id,
                    changed_at=now,
                    version=_COLUMN.version + 1,
                )
            )
            if changed.rowcount != 1:
                raise ChangedMeanwhileError(messages.CHANGED_MEANWHILE)
        return self.find(identity_id)

    def remove(self, identity_id: str, *, version: int | None) -> None:
        """Disable somebody, and forget what the provider called them.

        Raises `NotFoundError`, `ChangedMeanwhileError`.
        """
        with self.word.database.reading() as connection:
            found = self._find(connection, identity_id)
            pin = self._pin(connection, found.identity_id)
        if version not in {None, found.version}:
            raise ChangedMeanwhileError(messages.CHANGED_MEANWHILE)
        self.word.disable(self.alias, pin, self.why)
        with self.word.database.writing() as connection:
            connection.execute(delete(provisioned).where(_COLUMN.identity_id == identity_id))

    def _find(self, connection: Connection, identity_id: str) -> ProvisionedPerson:
        this = (identities.c.iss == self.issuer, _COLUMN.identity_id == identity_id)
        row = connection.execute(_people().where(*this)).one_or_none()
        if row is None:
            raise NotFoundError(messages.NOT_PROVISIONED)
        return _person(row)

    def _pin(self, connection: Connection, identity_id: IdentityId) -> Pin:
        query = select(identities.c.sub).where(identities.c.identity_id == identity_id)
        return Pin(self.issuer, connection.execute(query).scalar_one())

    def _check_name(
        self, connection: Connection, found: ProvisionedPerson, said: PersonSaid
    ) -> None:
        taken = (
            _COLUMN.iss == self.issuer,
            _COLUMN.user_key == said.user_name.casefold(),
            _COLUMN.identity_id != found.identity_id,
        )
        if connection.execute(select(_COLUMN.identity_id).where(*taken)).first() is not None:
            raise ConflictError(messages.PROVISIONED_ALREADY)


ACTIVE = identities.c.state == IdentityState.ACTIVE
"""Condition of those in use."""


def _people() -> Select[Any]:
    return select(provisioned, identities.c.state).join_from(provisioned, identities)


def _person(row: Row[Any]) -> ProvisionedPerson:
    return ProvisionedPerson(
        IdentityId(row.identity_id),
        row.user_name,
        row.external_id,
        row.state == IdentityState.ACTIVE,
        row.created_at,
        row.changed_at,
        row.version,
    )


def _check(said: PersonSaid) -> None:
    for text in (said.subject, said.user_name, said.external_id):
        if text is not None and not (_fits(text) and _fits(text.casefold())):
            raise UsageError(messages.PROVISIONED_NAME_INVALID)


def _fits(text: str) -> bool:
    return 1 <= len(text) <= MAX_NAME and text.isprintable()
