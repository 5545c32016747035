"""Each revision carries the event that registered it, and what was judged of its signatures"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REGISTERING = ("licence.granted", "archive.renewed")
_COLUMNS = ("event", "signed_digest", "judgement", "judged_at", "policy")
_AT_ONCE = 500


def upgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("signed_digest", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("judgement", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("policy", sa.String(length=64), nullable=True))
        batch_op.create_index("ix_revisions_event", ["event"])
        batch_op.create_index("ix_revisions_signed_digest", ["signed_digest"])
    _bind(op.get_bind())


def _bind(connection: sa.Connection) -> None:
    """Bind what was registered before to the events that say so; what no event bears out stays
    without one, and is not vouched for.

    An event named the digest of the longest revision alone. A sealed revision with an archive
    revision from the same grant is bound through that one.
    """
    events = sa.table(
        "audit_events",
        sa.column("sequence", _NUMBER),
        sa.column("action", sa.String),
        sa.column("subject", sa.String),
        sa.column("after", sa.JSON),
    )
    query = (
        sa.select(events.c.sequence, events.c.subject, events.c.after)
        .where(events.c.action.in_(_REGISTERING))
        .order_by(events.c.sequence)
        .limit(_AT_ONCE)
    )
    last = 0
    while rows := connection.execute(query.where(events.c.sequence > last)).all():
        for row in rows:
            last = row.sequence
            if isinstance(row.after, dict) and isinstance(row.after.get("sha256"), str):
                _bind_one(connection, row.sequence, row.subject, row.after["sha256"])


def _bind_one(connection: sa.Connection, event: int, identifier: str, sha256: str) -> None:
    column: Any = revisions.c
    named = sa.select(column.registered_at).where(
        column.identifier == identifier, column.sha256 == sha256, column.event.is_(None)
    )
    registered_at = connection.execute(named).scalar_one_or_none()
    if registered_at is not None:
        connection.execute(
            sa.update(revisions)
            .where(column.identifier == identifier, column.registered_at == registered_at)
            .values(event=event)
        )


revisions = sa.table(
    "revisions",
    sa.column("identifier", sa.String),
    sa.column("sha256", sa.String),
    sa.column("registered_at", sa.DateTime(timezone=True)),
    sa.column("event", _NUMBER),
)


def downgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index("ix_revisions_signed_digest")
        batch_op.drop_index("ix_revisions_event")
        for column in _COLUMNS:
            batch_op.drop_column(column)
