"""Signing where the audit's chain ends, after going along what was added since the last time."""

from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from datetime import timedelta

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ca.recorder import AuditUnavailableError
from core.clock import Clock
from core.ids import KeyId
from keys.life import KeyRetiredError
from keys.model import KeyAlgorithm, KeyExistsError, KeyPurpose, KeyStore, Signer
from registry.audit import messages
from registry.audit.chain import NOTHING_BEFORE, ChainEnd, read_end
from registry.audit.heads import HeadAnchor, SignedHead
from registry.audit.walk import walk
from registry.db.database import Database
from registry.db.tables import audit_heads
from registry.model import RegistryError


class AuditAlteredError(RegistryError):
    """The chain does not follow from the last head: it is not signed over."""

    code = "audit_altered"


class HeadSigner:
    """Signs heads with the newest of the audit's keys; one per process."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        anchors: Sequence[HeadAnchor],
        clock: Clock,
        every: timedelta,
    ) -> None:
        self._database = database
        self._keys = keys
        self._anchors = tuple(anchors)
        self._clock = clock
        self._every = every

    def open_key(self) -> Signer:
        """Open the newest of the audit's keys that is not retired; one is made if there is none.

        Raises what the key store raises.
        """
        known = [one for one in self._keys.list_keys() if one.purpose is KeyPurpose.AUDIT]
        for one in sorted(known, key=lambda key: key.created_at, reverse=True):
            with suppress(KeyRetiredError):
                return self._keys.open(one.key_id, KeyPurpose.AUDIT)
        key_id = KeyId(f"audit-{len(known) + 1}")
        with suppress(KeyExistsError):  # another process was faster
            self._keys.generate(key_id, KeyPurpose.AUDIT, KeyAlgorithm.ECDSA_P256)
        return self._keys.open(key_id, KeyPurpose.AUDIT)

    def sign_if_due(self) -> SignedHead | None:
        """Sign if the last head is as old as the interval and events have come since.

        Raises what `sign` raises.
        """
        with self._database.reading() as connection:
            last = newest_head(connection)
        if last is not None and self._clock.now() - last.signed_at < self._every:
            return None
        return self.sign()

    def sign(self) -> SignedHead | None:
        """Sign where the chain ends now; None if no event has come since the last head.

        The head is outside the database before it is in it. Raises `AuditAlteredError` if what
        came since the last head does not follow from it, `AuditUnavailableError`, `StorageError`,
        and what the key store raises.
        """
        signer = self.open_key()  # first: a key that comes into use is an event too
        with self._database.snapshot() as connection:
            last = newest_head(connection)
            end = _checked_end(connection, last)
        if end.sequence == (0 if last is None else last.sequence):
            return None
        now = self._clock.now()
        unsigned = SignedHead(end.sequence, end.hash, now, signer.info.key_id, b"")
        signature = signer.sign(unsigned.statement())
        head = SignedHead(end.sequence, end.hash, now, signer.info.key_id, signature)
        for anchor in self._anchors:
            anchor.append(head)
        with self._database.writing() as connection:
            _insert(connection, head)
        return head


def newest_head(connection: Connection) -> SignedHead | None:
    """Return the newest head in the database."""
    query = select(audit_heads).order_by(audit_heads.c.sequence.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else head_of(row)


def stream_heads(connection: Connection) -> Generator[SignedHead, None, None]:
    """Yield all heads in the database, in order."""
    query = select(audit_heads).order_by(audit_heads.c.sequence)
    with connection.execute(query.execution_options(yield_per=500)) as result:
        yield from map(head_of, result)


def head_of(row: Row[tuple[object, ...]]) -> SignedHead:
    """Return a head from a row of its table."""
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return SignedHead(
        sequence=column["sequence"],
        hash=column["hash"],
        signed_at=column["signed_at"],
        key_id=KeyId(column["key_id"]),
        signature=column["signature"],
    )


def _checked_end(connection: Connection, last: SignedHead | None) -> ChainEnd:
    """Go along what came since the last head, which is checked no further here."""
    start = ChainEnd(0, NOTHING_BEFORE) if last is None else ChainEnd(last.sequence, last.hash)
    end = start
    with closing(walk(connection, start)) as steps:
        for step in steps:
            if step.finding is not None:
                raise AuditAlteredError(messages.broken_chain_not_signed(step.finding.text))
            end = step.end
    recorded = read_end(connection)
    if recorded is None:
        raise AuditUnavailableError(messages.CHAIN_END_MISSING)
    if recorded != end:
        raise AuditAlteredError(messages.CHAIN_END_MISMATCH)
    return end


def _insert(connection: Connection, head: SignedHead) -> None:
    """Two processes may sign the same end: the first one's head stands in the database."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    values = {
        "sequence": head.sequence,
        "hash": head.hash,
        "signed_at": head.signed_at,
        "key_id": head.key_id,
        "signature": head.signature,
    }
    connection.execute(insert(audit_heads).values(values).on_conflict_do_nothing())
