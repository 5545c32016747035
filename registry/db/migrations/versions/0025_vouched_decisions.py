"""What the sign-in of who decided on a request said of them: an approval ends with their rights"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column("grant_requests", sa.Column("vouched", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("grant_requests", "vouched")
