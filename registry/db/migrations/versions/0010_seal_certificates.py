"""Certificates that a seal had before its present one"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal_certificates",
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["seal_id"], ["seals.seal_id"], name=op.f("fk_seal_certificates_seal_id")
        ),
        sa.PrimaryKeyConstraint("certificate_sha256", name=op.f("pk_seal_certificates")),
    )
    with op.batch_alter_table("seal_certificates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_certificates_seal_id"), ["seal_id"], unique=False)


def downgrade() -> None:
    op.drop_table("seal_certificates")
