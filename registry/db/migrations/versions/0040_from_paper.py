"""Licences on paper that electronic ones took the place of"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None

_SET = sa.text("from_paper IS NOT NULL")


def upgrade() -> None:
    op.add_column("licences", sa.Column("from_paper", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_licences_from_paper",
        "licences",
        ["from_paper"],
        sqlite_where=_SET,
        postgresql_where=_SET,
    )


def downgrade() -> None:
    op.drop_index("ix_licences_from_paper", "licences")
    op.drop_column("licences", "from_paper")
