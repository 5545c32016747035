"""Seals that documents wait for, by authority, and last days that were moved"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_LICENCES = sa.table(
    "licences",
    sa.column("identifier", sa.String),
    sa.column("state", sa.String),
    sa.column("reason", sa.String),
    sa.column("data", sa.JSON),
)
_SIGNED = sa.table(
    "countersignatures",
    sa.column("identifier", sa.String),
    sa.column("position", sa.Integer),
    sa.column("state", sa.String),
)


def upgrade() -> None:
    awaited = op.create_table(
        "awaited_seals",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name="fk_awaited_seals_identifier_licences"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"],
            ["authorities.authority_id"],
            name="fk_awaited_seals_authority_id_authorities",
        ),
        sa.PrimaryKeyConstraint("identifier", "position", name="pk_awaited_seals"),
    )
    op.create_index("ix_awaited_seals_authority", "awaited_seals", ["authority_id", "identifier"])
    op.create_table(
        "round_days",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name="fk_round_days_identifier_licences"
        ),
        sa.PrimaryKeyConstraint("identifier", name="pk_round_days"),
    )
    op.create_index(
        "ix_countersignatures_authority", "countersignatures", ["authority_id", "settled_at"]
    )
    op.add_column("grant_requests", sa.Column("document", sa.String(length=160), nullable=True))
    rows = _awaited(op.get_bind())
    if rows:
        op.bulk_insert(awaited, rows)


def downgrade() -> None:
    op.drop_column("grant_requests", "document")
    op.drop_index("ix_countersignatures_authority", "countersignatures")
    op.drop_table("round_days")
    op.drop_index("ix_awaited_seals_authority", "awaited_seals")
    op.drop_table("awaited_seals")


def _awaited(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return the seals that documents wait for now, as their terms name them."""
    waits = sa.select(_LICENCES.c.identifier, _LICENCES.c.data).where(
        _LICENCES.c.state == "SUSPENDED", _LICENCES.c.reason == "AWAITING_SIGNATURES"
    )
    signed = {
        (one.identifier, one.position)
        for one in connection.execute(sa.select(_SIGNED).where(_SIGNED.c.state == "SIGNED"))
    }
    return [
        {"identifier": row.identifier, "position": position, "authority_id": authority}
        for row in connection.execute(waits)
        for position, authority in enumerate(_authorities(row.data), 1)
        if authority and (row.identifier, position) not in signed
    ]


def _authorities(data: Any) -> list[str]:
    try:
        listed = json.loads(data["terms"])["countersigners"]
        return [str(one.get("authority", "")) for one in listed]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []  # the record says so itself, wherever it is read
