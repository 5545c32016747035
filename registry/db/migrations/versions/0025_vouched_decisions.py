"""Vouchers of decisions, the end of an emergency, and when a provider's event failed"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column("grant_requests", sa.Column("vouched", sa.JSON(), nullable=True))
    op.add_column("security_events", sa.Column("tried_at", _INSTANT, nullable=True))
    op.add_column("break_glass", sa.Column("ended_at", _INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("security_events", "tried_at")
    op.drop_column("break_glass", "ended_at")
    op.drop_column("grant_requests", "vouched")
