"""Requests to correct what a licence says, and their evidence"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.String(length=32), nullable=False),
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=True),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=128), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("receipt_sha256", sa.String(length=64), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("corrected_by", sa.String(length=128), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("correction_id", name="pk_corrections"),
        sa.UniqueConstraint("receipt_sha256", name="uq_corrections_receipt_sha256"),
        sa.UniqueConstraint("request_key", name="uq_corrections_request_key"),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name="fk_corrections_identifier_licences"
        ),
        sa.ForeignKeyConstraint(
            ["corrected_by"], ["licences.identifier"], name="fk_corrections_corrected_by_licences"
        ),
    )
    op.create_index("ix_corrections_identifier", "corrections", ["identifier"])
    op.create_index("ix_corrections_state", "corrections", ["state", "due_on"])
    op.create_index("ix_corrections_asked", "corrections", ["asked_at", "correction_id"])
    op.create_table(
        "correction_files",
        sa.Column("correction_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("correction_id", "number", name="pk_correction_files"),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.correction_id"],
            name="fk_correction_files_correction_id_corrections",
        ),
    )


def downgrade() -> None:
    op.drop_table("correction_files")
    for name in ("ix_corrections_asked", "ix_corrections_state", "ix_corrections_identifier"):
        op.drop_index(name, "corrections")
    op.drop_table("corrections")
