"""CAs that are not ours and certified what we rely on"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_cas",
        sa.Column("ca_id", sa.String(length=64), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("tsa_url", sa.String(length=512), nullable=True),
        sa.Column("tsa_policy", sa.String(length=128), nullable=True),
        sa.Column("tsa_ca", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ca_id", name=op.f("pk_outside_cas")),
    )


def downgrade() -> None:
    op.drop_table("outside_cas")
