"""Seals that follow the first one on a document"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "countersignatures",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=True),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("claim", sa.String(length=64), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["identifier"],
            ["licences.identifier"],
            name="fk_countersignatures_identifier_licences",
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"],
            ["authorities.authority_id"],
            name="fk_countersignatures_authority_id_authorities",
        ),
        sa.ForeignKeyConstraint(
            ["seal_id"], ["seals.seal_id"], name="fk_countersignatures_seal_id_seals"
        ),
        sa.PrimaryKeyConstraint("identifier", "position", name="pk_countersignatures"),
    )
    op.create_index("ix_countersignatures_seal", "countersignatures", ["seal_id"])


def downgrade() -> None:
    op.drop_index("ix_countersignatures_seal", "countersignatures")
    op.drop_table("countersignatures")
