"""Signatures of officers in person, beside the seal"""

import sqlalchemy as sa
from alembic import op

from registry.db.migrations.private_tables import keep_private

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("licences", sa.Column("signer", sa.String(length=128), nullable=True))
    op.create_table(
        "person_signatures",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("page_sha256", sa.String(length=64), nullable=False),
        sa.Column("prepared_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("cms", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name=op.f("fk_person_signatures_identifier")
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_person_signatures")),
    )
    keep_private(("person_signatures",))


def downgrade() -> None:
    op.drop_table("person_signatures")
    op.drop_column("licences", "signer")
