"""The register of keys (`keys.life.KeyRegister`) in SQL: each method is its own transaction."""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from ca.issuers import IssuerState
from core.clock import Clock
from core.ids import AuthorityId, KeyId
from core.permits import Action, Actor, Permit
from keys import names
from keys.algorithms import size_of
from keys.life import (
    DOMAIN_OF,
    SIGNS_WHEN_RETIRED,
    KeyDomain,
    KeyLifeError,
    KeyRecord,
    KeyState,
)
from keys.model import KeyAlgorithm, KeyInfo, KeyPurpose
from keys.words import STATES
from registry.audit import events as audit
from registry.audit.chain import CA
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import certificates, issuers, key_records
from registry.db.turns import turn
from registry.facts.loss import refuse_with_loss
from registry.journal.journal import JournalKind
from registry.journal.mirroring import mirror_of
from registry.ledger import messages
from registry.ledger.key_journal import key_entry
from registry.ledger.key_life import OWN, assign_key, first_certified_at, owner_of_seal_key

_INTENDED = key_records.c.state == KeyState.INTENDED


class SqlKeyRegister:
    """Keys and their lives in the registry's database, each change an audit event."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def check_open(self) -> None:
        """Raise `UnacceptedLossError` while a restored register's loss is not accepted."""
        refuse_with_loss(self._database)

    def making(self) -> AbstractContextManager[None]:
        """Hold the turn of making keys; on SQLite the home's own lock does. See `turn`."""
        if self._database.engine.dialect.name == "sqlite":
            return nullcontext()
        return turn(self._database, "making keys", lambda: None)

    def find(self, key_id: KeyId) -> KeyRecord | None:
        """Return a key's record."""
        with self._database.reading() as connection:
            return _find(connection, key_id)

    def epoch(self) -> int:
        """Return how many keys have left use: it only grows."""
        gone = key_records.c.state.in_([KeyState.RETIRED, KeyState.DESTROYED])
        # Twice for one that was retired, then destroyed.
        query = select(
            func.count(key_records.c.retired_at) + func.count(key_records.c.destroyed_at)
        ).where(gone)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def list_records(self) -> list[KeyRecord]:
        """Return all records, by key id."""
        with self._database.reading() as connection:
            rows = connection.execute(select(key_records).order_by(key_records.c.key_id))
            return [_record(row) for row in rows]

    def intend(
        self, key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm, location: str
    ) -> None:
        """Record that a key is about to be made. Raises `KeyExistsError`."""
        with self._database.writing() as connection:
            known = _find(connection, key_id)
            if known is not None and known.state is not KeyState.INTENDED:
                raise names.exists(key_id)
            values = _identity(key_id, purpose, algorithm, location)
            if known is None:
                values |= {"state": KeyState.INTENDED, "intended_at": self._clock.now()}
                values["owner"] = None if DOMAIN_OF[purpose] is KeyDomain.ISSUING else OWN
                if insert_unless_there(connection, key_records, values):
                    return
                # Another process means to make it too: the store decides whose it is.
                values = _identity(key_id, purpose, algorithm, location)
                if not self._update(connection, key_id, values, _INTENDED):
                    raise names.exists(key_id)
            else:
                self._update(connection, key_id, values)

    def record_generated(self, info: KeyInfo, location: str) -> None:
        """Record a key that is there, whether it was INTENDED or is found unrecorded."""
        with self._database.writing() as connection:
            known = _find(connection, info.key_id)
            if known is not None and known.state is not KeyState.INTENDED:
                return
            spki_sha256 = hashlib.sha256(info.spki).hexdigest()
            certified_at = first_certified_at(connection, spki_sha256)
            values = _identity(info.key_id, info.purpose, info.algorithm, location) | {
                "spki_sha256": spki_sha256,
                "generated_at": _generated_at(info, known),
                "activated_at": certified_at,
                "state": KeyState.GENERATED if certified_at is None else KeyState.ACTIVE,
                "owner": (
                    owner_of_seal_key(connection, info.key_id)
                    if DOMAIN_OF[info.purpose] is KeyDomain.ISSUING
                    else OWN
                ),
            }
            if known is None:
                values["intended_at"] = self._clock.now()
                if not insert_unless_there(connection, key_records, values):
                    return  # another process found it at the same moment
            elif not self._update(connection, info.key_id, values, _INTENDED):
                return  # another process recorded it at the same moment
            self._audit(
                connection,
                "key.generated" if known is not None else "key.found",
                info.key_id,
                after={
                    "purpose": info.purpose,
                    "algorithm": info.algorithm,
                    "where": location,
                    "spki_sha256": spki_sha256,
                },
            )

    def assign(self, key_id: KeyId, owner: AuthorityId, permit: Permit) -> None:
        """Record that a key, certified by now, is an authority's."""
        actor = permit.require(Action.ENROL, Action.RUN_SERVICES, authority_id=owner)
        with self._database.writing() as connection:
            assign_key(connection, key_id, owner, self._clock.now())
            self._audit(connection, "key.assigned", key_id, actor=actor, after={"owner": owner})

    def activate(self, key_id: KeyId) -> None:
        """Record that a key is used, if it was not before. Raises `KeyLifeError`."""
        with self._database.writing() as connection:
            record = self._expect(connection, key_id, {KeyState.GENERATED, KeyState.ACTIVE})
            if record.state is KeyState.GENERATED:
                self._enter(connection, record, KeyState.ACTIVE, "activated")

    def retire(self, key_id: KeyId, basis: str, permit: Permit) -> None:
        """Record that a key signs nothing new. Raises `KeyLifeError`."""
        actor = permit.require(Action.MANAGE_KEY)
        with self._database.writing() as connection:
            record = self._expect(connection, key_id, {KeyState.GENERATED, KeyState.ACTIVE})
            self._check_no_active_ca(connection, record)
            self._enter(connection, record, KeyState.RETIRED, "retired", actor=actor, basis=basis)

    def destroy(self, key_id: KeyId, basis: str, permit: Permit) -> None:
        """Record that a key is to be deleted, before it is. Raises `KeyLifeError`."""
        actor = permit.require(Action.MANAGE_KEY)
        allowed = {KeyState.INTENDED, KeyState.GENERATED, KeyState.RETIRED}
        with self._database.writing() as connection:
            record = self._expect(connection, key_id, allowed)
            self._check_crls_are_over(connection, record)
            self._enter(
                connection, record, KeyState.DESTROYED, "destroyed", actor=actor, basis=basis
            )

    def _expect(self, connection: Connection, key_id: KeyId, states: set[KeyState]) -> KeyRecord:
        record = _find(connection, key_id)
        if record is None:
            raise names.not_found(key_id)
        if record.state not in states:
            wanted = "或".join(STATES[one].zh for one in sorted(states))
            raise KeyLifeError(
                messages.key_state_unsuitable(
                    key_id=key_id,
                    state_label=STATES[record.state],
                    wanted_zh=wanted,
                    state=record.state,
                    wanted_en=", ".join(sorted(states)),
                ),
                state=record.state,
            )
        return record

    def _check_no_active_ca(self, connection: Connection, record: KeyRecord) -> None:
        query = select(issuers.c.issuer).where(
            issuers.c.key_id == record.key_id, issuers.c.state == IssuerState.ACTIVE
        )
        issuer = connection.execute(query).scalar_one_or_none()
        if issuer is not None:
            raise KeyLifeError(messages.key_used_by_active_ca(issuer))

    def _check_crls_are_over(self, connection: Connection, record: KeyRecord) -> None:
        """A CA's key signs CRLs until its certificate ends (RFC 5280 5: who issues, tells)."""
        if record.purpose not in SIGNS_WHEN_RETIRED or record.spki_sha256 is None:
            return
        query = select(func.max(certificates.c.not_after)).where(
            certificates.c.spki_sha256 == record.spki_sha256
        )
        not_after = connection.execute(query).scalar_one()
        if not_after is not None and not_after > self._clock.now():
            raise KeyLifeError(messages.key_needed_for_crls(not_after))

    def _enter(
        self,
        connection: Connection,
        record: KeyRecord,
        state: KeyState,
        verb: str,
        *,
        actor: Actor = CA,
        basis: str | None = None,
    ) -> None:
        values = {"state": state, f"{verb}_at": self._clock.now()}
        before = key_records.c.state == record.state
        if not self._update(connection, record.key_id, values, before):
            raise KeyLifeError(messages.key_state_just_changed(record.key_id), state=record.state)
        if state in (KeyState.RETIRED, KeyState.DESTROYED):
            facts = key_entry(record.key_id, record.spki_sha256, state, self._clock.now())
            mirror_of(connection).tighten(JournalKind.KEY, facts)
        self._audit(
            connection,
            f"key.{verb}",
            record.key_id,
            actor=actor,
            basis=basis,
            before={"state": record.state},
            after={"state": state},
        )

    def _audit(
        self,
        connection: Connection,
        action: str,
        key_id: KeyId,
        *,
        actor: Actor = CA,
        basis: str | None = None,
        before: audit.Facts | None = None,
        after: audit.Facts | None = None,
    ) -> None:
        audit.record(
            connection,
            at=self._clock.now(),
            actor=actor,
            action=action,
            subject=f"key:{key_id}",
            basis=basis,
            before=before,
            after=after,
        )

    @staticmethod
    def _update(
        connection: Connection,
        key_id: KeyId,
        values: dict[str, object],
        *conditions: ColumnElement[bool],
    ) -> bool:
        this = update(key_records).where(key_records.c.key_id == key_id, *conditions)
        return connection.execute(this.values(values)).rowcount == 1


def _identity(
    key_id: KeyId, purpose: KeyPurpose, algorithm: KeyAlgorithm, location: str
) -> dict[str, object]:
    return {
        "key_id": key_id,
        "domain": DOMAIN_OF[purpose],
        "location": location,
        "purpose": purpose,
        "algorithm": algorithm,
        "size": size_of(algorithm),
    }


def _generated_at(info: KeyInfo, known: KeyRecord | None) -> datetime:
    """A token keeps whole seconds: nothing is made before it was intended."""
    return info.created_at if known is None else max(info.created_at, known.intended_at)


def _find(connection: Connection, key_id: KeyId) -> KeyRecord | None:
    query = select(key_records).where(key_records.c.key_id == key_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(row)


def _record(row: Row[tuple[object, ...]]) -> KeyRecord:
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return KeyRecord(
        key_id=KeyId(column["key_id"]),
        purpose=KeyPurpose(column["purpose"]),
        algorithm=KeyAlgorithm(column["algorithm"]),
        location=column["location"],
        state=KeyState(column["state"]),
        owner=column["owner"],
        spki_sha256=column["spki_sha256"],
        intended_at=column["intended_at"],
        generated_at=column["generated_at"],
        activated_at=column["activated_at"],
        retired_at=column["retired_at"],
        destroyed_at=column["destroyed_at"],
    )
