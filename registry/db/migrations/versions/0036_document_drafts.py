"""Files handed in to be sealed, kept until they are"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "document_drafts",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("lapses_at", _INSTANT, nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"],
            ["authorities.authority_id"],
            name=op.f("fk_document_drafts_authority_id"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["grant_requests.request_id"],
            name=op.f("fk_document_drafts_request_id"),
        ),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_document_drafts")),
        sa.UniqueConstraint("request_id", name=op.f("uq_document_drafts_request_id")),
    )
    op.create_index("ix_document_drafts_made_by", "document_drafts", ["made_by"])
    op.create_table(
        "document_files",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["document_drafts.draft_id"],
            name=op.f("fk_document_files_draft_id"),
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_document_files")),
    )
    keep_private(("document_drafts", "document_files"))


def downgrade() -> None:
    op.drop_table("document_files")
    op.drop_index("ix_document_drafts_made_by", "document_drafts")
    op.drop_table("document_drafts")
