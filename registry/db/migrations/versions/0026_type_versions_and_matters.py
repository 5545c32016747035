"""Every definition that a licence type has had, and the matters for which licences will do"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "licence_type_versions",
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["type_code"],
            ["licence_types.code"],
            name="fk_licence_type_versions_type_code",
        ),
        sa.PrimaryKeyConstraint("type_code", "version", name="pk_licence_type_versions"),
    )
    # Of earlier definitions the digest alone is known, from the audit.
    op.execute(
        "INSERT INTO licence_type_versions (type_code, version, source, recorded_at) "
        "SELECT code, 1, source, updated_at FROM licence_types"
    )
    op.create_table(
        "matters",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name="fk_matters_authority_id"
        ),
        sa.PrimaryKeyConstraint("code", name="pk_matters"),
    )
    op.create_index("ix_matters_authority_id", "matters", ["authority_id"])


def downgrade() -> None:
    op.drop_index("ix_matters_authority_id", "matters")
    op.drop_table("matters")
    op.drop_table("licence_type_versions")
