"""Digests of requests under their keys; a salt for the digest of a licence's face"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = ("request_digest", "salt")


def upgrade() -> None:
    for name in _COLUMNS:  # without a copy of the table, to which others refer
        op.add_column("licences", sa.Column(name, sa.String(length=64), nullable=True))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("licences", name)
