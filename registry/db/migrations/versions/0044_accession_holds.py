"""Holds of licences that were taken over, as of those that were granted here"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accessions", sa.Column("hold", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("accessions", "hold")
