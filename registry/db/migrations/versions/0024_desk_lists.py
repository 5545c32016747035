"""The holder's name beside each licence, and the indices that the desk's lists are read from"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
_LONGEST_NAME = 128
_LISTED = (
    "authority_id",
    "created_at",
    "identifier",
    "state",
    "valid_from",
    "valid_until",
    "type_code",
    "holder_name",
    "holder_code",
)
licences = sa.table(
    "licences",
    sa.column("identifier", sa.String),
    sa.column("holders", sa.JSON),
    sa.column("holder_name", sa.String),
)


def upgrade() -> None:
    # Without a copy of the table, to which others refer.
    op.add_column(
        "licences", sa.Column("holder_name", sa.String(length=_LONGEST_NAME), nullable=True)
    )
    _fill(op.get_bind())
    op.create_index("ix_licences_desk", "licences", list(_LISTED), unique=False)
    op.create_index("ix_licences_seal", "licences", ["seal_id", "state", "created_at"])


def _fill(connection: sa.Connection) -> None:
    column = licences.c
    query = sa.select(column.identifier, column.holders).order_by(column.identifier)
    change = (
        sa.update(licences)
        .where(column.identifier == sa.bindparam("of"))
        .values(holder_name=sa.bindparam("name"))
    )
    last = ""
    while rows := connection.execute(query.where(column.identifier > last).limit(_AT_ONCE)).all():
        last = rows[-1].identifier
        found = [
            {"of": row.identifier, "name": row.holders[0]["name"][:_LONGEST_NAME]}
            for row in rows
            if row.holders
        ]
        if found:
            connection.execute(change, found)


def downgrade() -> None:
    op.drop_index("ix_licences_seal", "licences")
    op.drop_index("ix_licences_desk", "licences")
    op.drop_column("licences", "holder_name")
