"""Licences taken over, by a package from another register or from paper"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accessions",
        sa.Column("accession_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("identifier", sa.String(length=128), nullable=True),
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("type_name_zh", sa.String(length=128), nullable=False),
        sa.Column("type_name_en", sa.String(length=128), nullable=False),
        sa.Column("authority_name", sa.String(length=128), nullable=False),
        sa.Column("authority_uscc", sa.String(length=18), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("holders", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("handed_out_sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("stated_sha256", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("accession_id", name="pk_accessions"),
    )
    for column in ("identifier", "number", "document_sha256", "handed_out_sha256"):
        op.create_index(f"ix_accessions_{column}", "accessions", [column])


def downgrade() -> None:
    for column in ("handed_out_sha256", "document_sha256", "number", "identifier"):
        op.drop_index(f"ix_accessions_{column}", "accessions")
    op.drop_table("accessions")
