"""Exports that a server writes; indices of searches by state and by days"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=128), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("vouched", sa.JSON(), nullable=False),
        sa.Column("sought", sa.JSON(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("bodies", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_exports")),
        sa.UniqueConstraint("request_key", name=op.f("uq_exports_request_key")),
    )
    op.create_index("ix_exports_asked_by", "exports", ["asked_by"])
    op.create_index("ix_exports_state", "exports", ["state", "asked_at"])
    op.create_table(
        "export_parts",
        sa.Column("export_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.export_id"], name=op.f("fk_export_parts_export_id")
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name=op.f("pk_export_parts")),
    )
    keep_private(("exports", "export_parts"))
    op.drop_index("ix_licences_state", "licences")
    op.create_index("ix_licences_state", "licences", ["state", "identifier"])
    op.create_index("ix_search_entries_granted", "search_entries", ["granted_on", "entry"])


def downgrade() -> None:
    op.drop_index("ix_search_entries_granted", "search_entries")
    op.drop_index("ix_licences_state", "licences")
    op.create_index("ix_licences_state", "licences", ["state"])
    op.drop_table("export_parts")
    op.drop_index("ix_exports_state", "exports")
    op.drop_index("ix_exports_asked_by", "exports")
    op.drop_table("exports")
