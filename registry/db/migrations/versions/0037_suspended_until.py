"""The last day of a suspension"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column("licences", sa.Column("suspended_until", sa.Date(), nullable=True))
    op.create_index("ix_licences_suspended_until", "licences", ["suspended_until"])


def downgrade() -> None:
    op.drop_index("ix_licences_suspended_until", "licences")
    op.drop_column("licences", "suspended_until")
