"""Protections: the basis of each archived document's proof, so that it can be renewed in time"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protections",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("certificate_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suite", sa.String(length=32), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name=op.f("fk_protections_identifier")
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_protections")),
    )
    op.create_index(
        "ix_protections_certificate_until", "protections", ["certificate_until", "identifier"]
    )
    op.create_index("ix_protections_suite", "protections", ["suite"])
    # Documents from before are read when they are first looked at: until then nothing is claimed
    # for them beyond the day on which they were registered.
    op.execute(
        "INSERT INTO protections (identifier, sequence, certificate_until, suite) "
        "SELECT identifier, MAX(sequence), MAX(registered_at), 'unread' "
        "FROM revisions GROUP BY identifier"
    )


def downgrade() -> None:
    op.drop_table("protections")
