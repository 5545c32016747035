"""Batches that are asked for, and the jobs that carry them out"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = ("batch_rows", "jobs")
_INSTANT = sa.DateTime(timezone=True)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    op.add_column("grant_requests", _text("type_sha256", 64, nullable=True))
    op.add_column("grant_requests", sa.Column("rows", sa.Integer(), nullable=True))
    op.create_index(
        "ix_grant_requests_requested_at", "grant_requests", ["requested_at", "request_id"]
    )
    op.create_table(
        "batch_rows",
        _text("request_id", 32),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _text("digest", 64, nullable=True),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        _text("state", 16),
        _text("identifier", 128, nullable=True),
        _text("code", 64, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["grant_requests.request_id"], name=op.f("fk_batch_rows_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name=op.f("pk_batch_rows")),
    )
    op.create_table(
        "jobs",
        _text("job_id", 32),
        _text("request_id", 32),
        _text("authority_id", 64),
        _text("state", 16),
        _text("why", 64, nullable=True),
        _text("carried_by", 128),
        sa.Column("vouched", sa.JSON(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["grant_requests.request_id"], name=op.f("fk_jobs_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_jobs_authority_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("request_id", name=op.f("uq_jobs_request_id")),
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "asked_at"])
    op.create_index("ix_jobs_carried_by", "jobs", ["carried_by"])
    keep_private(_TABLES)


def downgrade() -> None:
    op.drop_table("jobs")
    op.drop_table("batch_rows")
    op.drop_index("ix_grant_requests_requested_at", "grant_requests")
    op.drop_column("grant_requests", "rows")
    op.drop_column("grant_requests", "type_sha256")
