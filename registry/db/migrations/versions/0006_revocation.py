"""CRLs in shards; seals' keys that fell into other hands"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("crls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shard", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("changes", sa.BigInteger(), nullable=False, server_default="0")
        )
    op.create_table(
        "compromises",
        sa.Column("compromise_id", _IDENTITY, autoincrement=True, nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reseal", sa.Boolean(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("judged_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["seal_id"], ["seals.seal_id"], name=op.f("fk_compromises_seal_id")
        ),
        sa.PrimaryKeyConstraint("compromise_id", name=op.f("pk_compromises")),
    )
    op.create_index(op.f("ix_compromises_seal_id"), "compromises", ["seal_id"])
    op.create_index(
        "uq_compromises_unfinished",
        "compromises",
        ["seal_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "compromised_licences",
        sa.Column("compromise_id", _IDENTITY, nullable=False),
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("proven_at", _INSTANT, nullable=True),
        sa.Column("judged_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["compromise_id"],
            ["compromises.compromise_id"],
            name=op.f("fk_compromised_licences_compromise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["identifier"],
            ["licences.identifier"],
            name=op.f("fk_compromised_licences_identifier"),
        ),
        sa.PrimaryKeyConstraint(
            "compromise_id", "identifier", name=op.f("pk_compromised_licences")
        ),
    )
    op.create_index(
        op.f("ix_compromised_licences_identifier"), "compromised_licences", ["identifier"]
    )


def downgrade() -> None:
    op.drop_table("compromised_licences")
    op.drop_table("compromises")
    with op.batch_alter_table("crls", schema=None) as batch_op:
        batch_op.drop_column("changes")
        batch_op.drop_column("shard")
