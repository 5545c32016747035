"""The document of record that a licence's state rests on"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column("licences", sa.Column("document_number", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("licences", "document_number")
