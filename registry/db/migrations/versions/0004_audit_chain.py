"""A chain through the audit events, those that are there included; its signed heads"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_AT_ONCE = 1000


def upgrade() -> None:
    chain = op.create_table(
        "audit_chain",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_heads")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.alter_column("event_id", new_column_name="sequence", existing_type=_NUMBER)
        batch_op.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_audit_events_at"), ["at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_events ALTER COLUMN sequence DROP DEFAULT")
        op.execute("DROP SEQUENCE audit_events_event_id_seq")
    sequence, end = _chain_up(op.get_bind())
    op.bulk_insert(chain, [{"chain": 1, "sequence": sequence, "hash": end}])
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)


def _chain_up(connection: sa.Connection) -> tuple[int, str]:
    """Number the events that are there without gaps, and chain them as registry/audit/chain.py does
    (as it did when this was written: a migration must not change with the code).
    """
    events = sa.table("audit_events", sa.column("sequence", _NUMBER), sa.column("hash", sa.String))
    sequence, previous = 0, "0" * 64
    for old, values in _read(connection):
        sequence += 1
        named = values | {"sequence": sequence, "previous": previous}
        text = json.dumps(named, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            events.update().where(events.c.sequence == old).values(sequence=sequence, hash=previous)
        )
    return sequence, previous


def _read(connection: sa.Connection) -> Iterator[tuple[int, dict[str, object]]]:
    names = ("actor", "action", "subject", "basis")
    events = sa.table(
        "audit_events",
        sa.column("sequence", _NUMBER),
        sa.column("at", _INSTANT),
        sa.column("authority_id", sa.String),
        *(sa.column(name, sa.String) for name in names),
        sa.column("before", sa.JSON),
        sa.column("after", sa.JSON),
    )
    last = -1
    query = sa.select(events).order_by(events.c.sequence).limit(_AT_ONCE)
    while rows := connection.execute(query.where(events.c.sequence > last)).mappings().all():
        for row in rows:
            last = row["sequence"]
            at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
            values = {name: row[name] for name in (*names, "before", "after")}
            values["authority"] = row["authority_id"]
            values["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
            yield last, values


def downgrade() -> None:
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_at"))
        batch_op.drop_column("hash")
        batch_op.alter_column("sequence", new_column_name="event_id", existing_type=_NUMBER)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE audit_events_event_id_seq OWNED BY audit_events.event_id")
        op.execute(
            "ALTER TABLE audit_events ALTER COLUMN event_id "
            "SET DEFAULT nextval('audit_events_event_id_seq')"
        )
        op.execute(
            "SELECT setval('audit_events_event_id_seq', "
            "(SELECT coalesce(max(event_id), 0) + 1 FROM audit_events), false)"
        )
    op.drop_table("audit_heads")
    op.drop_table("audit_chain")
